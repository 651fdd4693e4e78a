/* SPDX-License-Identifier: MIT */
#pragma once
/* What a person typed after a verb, as the arguments that its row takes. */
#include <jansson.h>
#include "daemon/commands/table.h"

/* NAME=VALUE anywhere; a bare word is the next argument of the row that is not given yet. Whether its
 * value is allowed is for the daemon to say. 0, or -1 when the row has no place for it, which was
 * said on stderr. */
int words_take(const struct command *command, json_t *arguments, const char *word);
