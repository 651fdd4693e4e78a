/* SPDX-License-Identifier: MIT */
#pragma once
/* Sentences in lines of 80 columns, broken at blanks, but not between a number and its unit. */

struct wrap {
    int column, indent; /* where it is, and where the next line begins */
};

/* One word, on the line or on the next; it may have blanks in it. */
void wrap_word(struct wrap *line, const char *word, int length);
/* One more text on the line, and on the next ones. */
void wrap_text(struct wrap *line, const char *text);
/* A text behind what the first line begins with; the next lines are indented. Ends the last one. */
void wrap_print(const char *first, int indent, const char *text);
