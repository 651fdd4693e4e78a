/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * The control socket: one command a line, one line of answer ("ok ..." or "error ..."). control.c has
 * the socket, command.c the table of commands.
 */
#include <stdbool.h>
#include <stddef.h>

#define CONTROL_ANSWER_MAX 4096

struct sim;

/* Listens on a unix socket at `path`; control_free removes it. */
int control_new(struct sim *sim, const char *path);
void control_free(struct sim *sim);
void control_not_ready(struct sim *sim);
void control_ready(struct sim *sim); /* org.bluez is up: those who wait for it are answered */

enum command_result { COMMAND_ANSWERED, COMMAND_WAITS };
/* `line` is taken apart. */
enum command_result command_run(struct sim *sim, char *line, char *answer, size_t size);
