/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * Files that were seen and are not through. One is whole when it looked the same for a while and
 * nobody who writes it is heard of: what a copy stalls for, or a phone that walks out of the house,
 * cannot be told from the end otherwise.
 */
#include "daemon/import/folder.h"

#define WAITING_STABLE_USEC UINT64_C(3000000)
/* A writer that is not heard of for so long is gone. */
#define WAITING_WRITING_USEC UINT64_C(600000000)
#define WAITING_WRITERS_MAX  64

struct waiting_file {
    struct folder_file file;
    uint64_t since_usec, seen_usec; /* it looks like this since; and when it was last looked at */
};

struct waiting {
    struct waiting_file *files;
    size_t n;
    struct {
        uint64_t key; /* of watch and name */
        uint64_t at_usec;
    } writers[WAITING_WRITERS_MAX];
    size_t n_writers;
};

/* What was found now takes the place of what was known; takes the files over. */
int waiting_look(struct waiting *waiting, const struct folder_file *files, size_t n,
                 uint64_t now_usec);
/* A file is written to, or is closed, moved or gone. */
void waiting_note_writer(struct waiting *waiting, const char *runner, const char *name,
                         bool writing, uint64_t now_usec);
void waiting_forget_writers(struct waiting *waiting);
/* A file that is whole; false: none is. */
bool waiting_take(struct waiting *waiting, uint64_t now_usec, struct folder_file *ret);
void waiting_clear(struct waiting *waiting);
