/* SPDX-License-Identifier: MIT */
#pragma once
#include <jansson.h>
#include <systemd/sd-bus.h>

#define ASK_FAILURE_MAX 300

/* Asks the daemon that runs on this machine, over D-Bus, and waits for its answer: the whole of it
 * ({status, data, error, transaction}), a new reference. 0, or EXIT_UNREACHABLE, which was said on
 * stderr. */
int ask(const char *verb, const json_t *arguments, json_t **ret);

/* The same, and each second in which nothing came `tick` is called: 0 to wait on, else how the program ends. */
typedef int (*ask_tick)(void *userdata);
int ask_patiently(const char *verb, const json_t *arguments, ask_tick tick, void *userdata,
                  json_t **ret);

/* The same in parts, for who cannot wait. -errno. */
int ask_request(sd_bus *bus, const char *verb, const json_t *arguments, sd_bus_message **ret);
/* NULL: what came is no JSON. A new reference. */
json_t *ask_read(sd_bus_message *answer);
/* Why there is no answer, as a sentence. */
void ask_failure(const sd_bus_error *error, int r, char ret[ASK_FAILURE_MAX]);
