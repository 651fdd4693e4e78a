/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * Text in the columns of a terminal: a wide character takes two of them, a combining one none. What
 * is printed may have come from outside (the name that a sensor gives itself, that of a file): it
 * never moves a cursor or turns a line round.
 */
#include <stdbool.h>
#include <stddef.h>

int text_columns(const char *text);
/* Bytes of the longest beginning of it that takes no more than so many columns. */
size_t text_beginning(const char *text, int columns);
/* As it may be printed: every byte that is of no character, and every character that a terminal
 * would obey, a '?', as is what the terminal's character set lacks; in no more than so many columns
 * (0: any), the end of a longer one an ellipsis. To be freed; NULL: no memory. */
char *text_fit(const char *text, int columns);
/* The next line of a text whose lines have so many columns at most: ret_bytes of it at ret_line; *text
 * moves behind it. A word that is longer has a line of its own. false: there is no more. */
bool text_line(const char **text, int columns, const char **ret_line, size_t *ret_bytes);
/* All lines of it, cleaned as by text_fit(), each behind so many blanks, the first one behind `lead`;
 * columns: of all that, 0: any. */
void text_print(const char *text, int columns, int indent, const char *lead);
