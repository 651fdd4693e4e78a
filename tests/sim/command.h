/* SPDX-License-Identifier: MIT */
#pragma once
/* What the commands of one table share: command.c (radio, sensors, the table) and command_machine.c
 * (bluetoothd, the adapter, the clock). */
#include <stdbool.h>
#include <stddef.h>

struct sim;
struct sensor;

struct request {
    struct sim *sim;
    struct sensor *sensor; /* of commands that name one */
    int n;                 /* arguments after it */
    char **words;
    char *answer;
    size_t size;
};

__attribute__((format(printf, 2, 3))) int ok(struct request *q, const char *format, ...);
int done(struct request *q); /* ok, with nothing to tell */
__attribute__((format(printf, 2, 3))) int error(struct request *q, const char *format, ...);
/* Argument i, when it is there and a number in the range. */
bool number(const struct request *q, int i, double low, double high, double *ret);

int cmd_kill_name(struct request *q);
int cmd_stop(struct request *q);
int cmd_start(struct request *q);
int cmd_service(struct request *q);
int cmd_adapter(struct request *q);
int cmd_clock(struct request *q);
int cmd_quit(struct request *q);
