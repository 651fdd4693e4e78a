/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * A man page in man(7)'s macros, piece by piece. Texts are plain but for two marks: what stands
 * between backticks is to be typed as it is (bold, its hyphens those of a keyboard), and {NAME} is to
 * be replaced by the reader (italic). All else comes out as it was put in, whatever troff would make
 * of it.
 */
#include <stdbool.h>
#include <stdio.h>

struct troff {
    FILE *to;
    bool headed; /* a title came last: what follows needs no distance to it */
};

struct troff_title {
    const char *name;    /* "strided.conf" */
    int section;         /* 5 */
    const char *date;    /* "2026-11-22" */
    const char *source;  /* "strided 0.1.0" */
    const char *purpose; /* in half a line, behind the name */
};
void troff_head(struct troff *to, const struct troff_title *title);
void troff_section(struct troff *to, const char *title);
void troff_subsection(struct troff *to, const char *title);
void troff_paragraph(struct troff *to, const char *text);
/* A term of a list, and what it means. */
void troff_item(struct troff *to, const char *term, const char *text);
/* What belongs to the item before: what is between the two is set in by one step. */
void troff_inner_begin(struct troff *to);
void troff_inner_end(struct troff *to);
/* Lines as they are, for an example. Marks are not known in it. */
void troff_example(struct troff *to, const char *lines);
