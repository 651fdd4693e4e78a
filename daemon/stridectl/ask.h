/* SPDX-License-Identifier: MIT */
#pragma once
#include <jansson.h>

/* Asks the daemon that runs on this machine, over D-Bus, and waits for its answer: the whole of it
 * ({status, data, error, transaction}), a new reference. 0, or EXIT_UNREACHABLE, which was said on
 * stderr. */
int ask(const char *verb, const json_t *arguments, json_t **ret);
