/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What a person reads or types with the help of a shell, made from the rows that the programs go by:
 * the man pages and the completion. Only the build runs this (pages.c).
 */
#include <stdio.h>
#include "daemon/commands/table.h"
#include "daemon/pages/troff.h"
#include "daemon/program.h"

struct page {
    const char *file; /* "strided.8" */
    void (*write)(struct troff *to);
};

/* man_strided.c, man_stridectl.c, man_replay.c, man_conf.c */
void man_write_strided(struct troff *to);
void man_write_stridectl(struct troff *to);
void man_write_replay(struct troff *to);
void man_write_conf(struct troff *to);

/* man_program.c: what the pages of all programs have */
void man_head(struct troff *to, const char *name, int section, const char *purpose);
void man_synopsis(struct troff *to, const struct program *program, const char *words);
void man_options(struct troff *to, const struct program *program);
void man_statuses(struct troff *to, const struct program *program);
/* In the middle of a line of text: the first letter of a sentence, the end of one. */
void man_sentence(const char *text, char *ret, size_t size);

/* completion.c: what stands in the place of @ROWS@ in the shell's file */
void completion_write_stridectl_bash(FILE *to);
void completion_write_stridectl_zsh(FILE *to);
void completion_write_strided_bash(FILE *to);
void completion_write_strided_zsh(FILE *to);
