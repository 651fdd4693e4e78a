/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * A request against its row of the command table, before anything acts. What is wrong is said in
 * words, with what would be allowed; `transaction` is no argument of a row and is passed over.
 */
#include "daemon/commands/commands.h"

void command_error_set(struct command_error *error, const char *code, const char *argument,
                       const char *format, ...) __attribute__((format(printf, 4, 5)));

const struct command *check_verb(const char *verb, struct command_error *error); /* NULL: unknown */
json_t *check_parse(const char *payload, size_t length, struct command_error *error); /* NULL: no */
bool check_arguments(const struct command *command, json_t *arguments, struct command_error *error);
