/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What stdout is: how wide, whether it takes colours, and whether its character set has blocks and
 * ellipses. Looked at once, in the beginning; `watch` looks again when its size changes.
 */
#include <stdbool.h>

enum terminal_when { TERMINAL_AUTO, TERMINAL_ALWAYS, TERMINAL_NEVER };

struct terminal {
    int columns; /* 0: no end, as of a file or a pipe */
    bool colour, utf8;
};

enum terminal_ink {
    TERMINAL_PLAIN,
    TERMINAL_BOLD,
    TERMINAL_DIM,
    TERMINAL_GREEN,
    TERMINAL_YELLOW,
    TERMINAL_RED,
};

/* Colours by `colour`: by default on a terminal that is not dumb, unless NO_COLOR is set to
 * something. The width is that of COLUMNS, else of the terminal. Sets the locale's character set. */
void terminal_begin(enum terminal_when colour);
const struct terminal *terminal(void);
/* In the place of what was found: columns that changed, `--full`, or a test's. */
void terminal_set(const struct terminal *terminal);
/* Columns of the terminal on this descriptor; 0: it is none. */
int terminal_columns(int fd);
/* The same, but for COLUMNS of the environment, which goes before. */
int terminal_columns_wanted(int fd);
/* Columns for what is drawn as wide as there is room: where there is no end, 80. */
int terminal_room(void);

/* What to print before a text of this ink, and behind it; "" without colours. */
const char *terminal_ink(enum terminal_ink ink);
const char *terminal_end(enum terminal_ink ink);
/* The ink of a state or a verdict, plain for any other word. */
enum terminal_ink terminal_ink_of(const char *word);
