/* SPDX-License-Identifier: MIT */
#pragma once
/* What stridectl was called with: options, wherever they stood, and the words. */
#include <stdbool.h>
#include "daemon/commands/table.h"
#include "daemon/stridectl/export.h"
#include "daemon/stridectl/terminal.h"

struct options {
    const char *runner, *html, *from; /* NULL: not given */
    bool as_json, full;
    struct export_to to;
    enum terminal_when colour;
};

/* Looks at stdout by what was said of it (terminal_begin()). -1, and the words that are left, the verb first, up to
 * NULL, in an array to be freed; else how the program ends, which was said. */
int options_read(int argc, char **argv, struct options *ret, char ***ret_gathered,
                 char ***ret_words);
/* Whether each of them is for this verb, else that is said: none is passed over. */
bool options_go_with(const struct options *options, const struct command *command);
/* How wide a text is to be for stderr or stdout. */
int options_columns(int fd);
