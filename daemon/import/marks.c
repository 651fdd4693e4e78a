/* SPDX-License-Identifier: MIT */
#include "daemon/import/marks.h"

void marks_add(struct marks *marks, enum mark mark, const struct folder_file *file)
{
    uint64_t key = folder_file_key(file->runner, file->name, file->size, file->mtime_nsec);

    (void)keys_add(&marks->of[mark], key);
}

void marks_forget(struct marks *marks, enum mark mark)
{
    keys_free(&marks->of[mark]);
}

static int add_all(struct keys *keys, const struct keys *more)
{
    int r = 0;

    for (size_t i = 0; r >= 0 && i < more->n; i++)
        r = keys_add(keys, more->all[i]);
    return r;
}

int marks_copy(struct keys *ret, const struct marks *marks)
{
    int r = keys_copy(ret, &marks->of[MARK_SETTLED]);

    if (r >= 0)
        r = add_all(ret, &marks->of[MARK_DENIED]);
    return r < 0 ? r : add_all(ret, &marks->of[MARK_LEFT]);
}

void marks_done(struct marks *marks)
{
    for (enum mark mark = 0; mark < MARKS; mark++)
        marks_forget(marks, mark);
}
