/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * A file that has its name when it is whole, and not before: who interrupts us, or a full disk, leaves what was there
 * as it was. What is no file (a pipe, a terminal, /dev/null) is written into as it stands.
 */
#include <stdbool.h>
#include <stdio.h>

struct outfile {
    FILE *out;                 /* NULL: not open */
    char path[4096];           /* its name, when it is whole; "": standard output */
    char under_way[4096 + 16]; /* and until then; "": there is none */
    bool force;                /* it may take another's place */
};

/* path "-": standard output. Each ends with an exit status, and has said why it is not 0. */
int outfile_open(struct outfile *file, const char *path, bool force);
int outfile_write(struct outfile *file, const void *bytes, size_t length);
int outfile_finish(struct outfile *file);
/* What was not finished is gone. */
void outfile_let_go(struct outfile *file);
