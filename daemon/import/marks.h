/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * Which files a look need not find, and until when: each is known by what can be seen without reading
 * it, so that one which is changed is another, and is found.
 */
#include "daemon/import/folder.h"

enum mark {
    MARK_SETTLED, /* through, for as long as the folder is the same */
    MARK_DENIED,  /* could not be read, or kept: not tried again before the next event */
    MARK_LEFT,    /* nobody's, as the configuration is */
    MARKS,
};

struct marks {
    struct keys of[MARKS];
};

/* Without memory the file is found, and read, once more. */
void marks_add(struct marks *marks, enum mark mark, const struct folder_file *file);
void marks_forget(struct marks *marks, enum mark mark);
/* All of them as one set, which is the caller's to free, also after -ENOMEM. */
int marks_copy(struct keys *ret, const struct marks *marks);
void marks_done(struct marks *marks);
