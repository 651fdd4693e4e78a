/* SPDX-License-Identifier: MIT */
#include "daemon/import/waiting.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "lib/digest.h"

static bool is_same_place(const struct folder_file *a, const struct folder_file *b)
{
    return strcmp(a->name, b->name) == 0 && strcmp(a->runner, b->runner) == 0;
}

static bool looks_the_same(const struct folder_file *a, const struct folder_file *b)
{
    return a->size == b->size && a->mtime_nsec == b->mtime_nsec && a->inode == b->inode;
}

static const struct waiting_file *find(const struct waiting *waiting,
                                       const struct folder_file *file)
{
    for (size_t i = 0; i < waiting->n; i++)
        if (is_same_place(&waiting->files[i].file, file))
            return &waiting->files[i];
    return NULL;
}

int waiting_look(struct waiting *waiting, const struct folder_file *files, size_t n,
                 uint64_t now_usec)
{
    struct waiting_file *all = calloc(n ? n : 1, sizeof(*all));

    if (!all)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++) {
        const struct waiting_file *before = find(waiting, &files[i]);
        bool same = before && looks_the_same(&before->file, &files[i]);
        all[i] = (struct waiting_file){ .file = files[i],
                                        .since_usec = same ? before->since_usec : now_usec,
                                        .seen_usec = now_usec };
    }
    free(waiting->files);
    waiting->files = all;
    waiting->n = n;
    return 0;
}

static uint64_t key_of(const char *runner, const char *name)
{
    return digest_word(digest_word(DIGEST_OF_NOTHING, runner), name);
}

/* The one there is no room for is told by its looks alone. */
void waiting_note_writer(struct waiting *waiting, const char *runner, const char *name,
                         bool writing, uint64_t now_usec)
{
    uint64_t key = key_of(runner, name);
    size_t i = 0;

    while (i < waiting->n_writers && waiting->writers[i].key != key)
        i++;
    if (writing && i < WAITING_WRITERS_MAX) {
        waiting->writers[i].key = key;
        waiting->writers[i].at_usec = now_usec;
        waiting->n_writers += i == waiting->n_writers;
    } else if (!writing && i < waiting->n_writers) {
        waiting->writers[i] = waiting->writers[--waiting->n_writers];
    }
}

void waiting_forget_writers(struct waiting *waiting)
{
    waiting->n_writers = 0;
}

static bool is_written_to(const struct waiting *waiting, const struct folder_file *file,
                          uint64_t now_usec)
{
    uint64_t key = key_of(file->runner, file->name);

    for (size_t i = 0; i < waiting->n_writers; i++)
        if (waiting->writers[i].key == key)
            return now_usec - waiting->writers[i].at_usec < WAITING_WRITING_USEC;
    return false;
}

bool waiting_take(struct waiting *waiting, uint64_t now_usec, struct folder_file *ret)
{
    for (size_t i = 0; i < waiting->n; i++) {
        const struct waiting_file *file = &waiting->files[i];
        if (file->seen_usec - file->since_usec < WAITING_STABLE_USEC ||
            is_written_to(waiting, &file->file, now_usec))
            continue;
        *ret = file->file;
        waiting->n--;
        memmove(&waiting->files[i], &waiting->files[i + 1],
                (waiting->n - i) * sizeof(*waiting->files));
        return true;
    }
    return false;
}

void waiting_clear(struct waiting *waiting)
{
    free(waiting->files);
    *waiting = (struct waiting){ 0 };
}
