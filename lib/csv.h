/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * Rows of comma-separated values as RFC 4180 has them: CRLF behind each, and quotes around a cell that
 * has a comma, a quote or a line end in it. "Not known" is an empty cell.
 *
 * A spreadsheet takes a text that begins with = + - @ (or a tab, or a line end) for a formula, and a
 * formula can run programs. Texts come from files and recorders of others: before such a one stands a
 * single quote, which a spreadsheet takes for "this is text". Numbers are no texts.
 */
#include <stdbool.h>
#include <stddef.h>

struct csv {
    char *text; /* the caller's, `size` bytes; no NUL behind it */
    size_t size, length;
    bool begun; /* the row has a cell */
    bool full;  /* something had no room: what there is of the row is no good */
};

void csv_text(struct csv *csv, const char *text); /* NULL and "": not known */
/* What is a number already, or a word of ours: it stands as it is. */
void csv_word(struct csv *csv, const char *word);
void csv_end_row(struct csv *csv);
