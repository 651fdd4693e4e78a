/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * A file goes to another runner, whole: its copy is renamed into their folder, which says from then on whose
 * it is, and is read once more with their settings. One at a time, while no other file is on its way.
 *
 *   said_give (worker) --> wait for the queue --> intake --> rows, events --> store
 *                                                  |                            |
 *   said_give back (worker) <----------------------+--- not now ----------------+
 *
 * A kill behind the first step is made good at the next start, which finds a copy that has no row.
 */
#include "daemon/import/intake.h"
#include "daemon/import/tell.h"
#include "daemon/store/store.h"

struct handover;

struct handover_parts { /* borrowed, outlive it */
    struct intake_parts intake;
    struct tell *tell;
    /* The copy is where it belongs; or the file is through, or it failed. */
    void (*ready)(void *userdata);
    /* A result, before it is told: to be noted. */
    void (*on_result)(void *userdata, const struct result *result);
    void *userdata;
};

/* `done`: once, when it is stored, with how many sessions; or -errno, -ENOENT: there is no copy of it that
 * can be read, now or later. After any other, the copy is where it was. */
typedef void (*handover_done)(void *userdata, int result, size_t n_sessions);
int handover_new(struct handover **ret, const struct handover_parts *parts, const char *hash,
                 const char *from, const char *to, handover_done done, void *userdata);
bool handover_is_ready(const struct handover *handover); /* to be read. NULL never is */
/* Reads it, if it is ready to be read. True: it is busy with that. NULL never is. */
bool handover_go_on(struct handover *handover);
bool handover_is_busy(const struct handover *handover);
bool handover_is_over(const struct handover *handover);
/* Any time: what is under way ends without `done`. */
struct handover *handover_free(struct handover *handover);
