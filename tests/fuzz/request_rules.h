/* SPDX-License-Identifier: MIT */
#pragma once
/* What the command table says of a request, read a second time: what is done has to be within it. */
#include <jansson.h>
#include <stdbool.h>
#include "daemon/commands/table.h"

void request_check_arguments(const struct command *command, const json_t *arguments);
/* Of those that Commands=safe allows. */
bool request_is_safe(const struct command *command, const json_t *arguments);
