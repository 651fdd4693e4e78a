/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * Sensors that are bound by command. What is said is written to assigned.conf of the state folder, which
 * is read before all other files, so that theirs win; and then the whole configuration is taken anew, as
 * by a reload. It is checked first, by the code that reads it: what would not hold is not written.
 * The files are read on the loop, as by a reload; the worker writes.
 */
#include "daemon/binding.h"
#include "daemon/worker.h"

struct bindings;

struct bindings_parts {      /* borrowed, outlive us */
    const char *config_file; /* NULL: the default place */
    const char *state_dir;
    struct worker *worker;
    int (*reload)(void *userdata); /* < 0: the configuration before stays in force */
    void *userdata;
};

int bindings_new(struct bindings **ret, const struct bindings_parts *parts);
void bindings_change(struct bindings *bindings, const struct binding *what, binding_done done,
                     void *userdata);
/* Whoever waits is told that we stop; what is being written holds after the next start. */
void bindings_stop(struct bindings *bindings);
struct bindings *bindings_free(struct bindings *bindings); /* after the worker is gone */
