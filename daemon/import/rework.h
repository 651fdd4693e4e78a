/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * Files that came in before are read again, from their kept copies, when the same bytes would come to
 * something else now: the reader is another, or what it is told of the runner (MaxHeartRate=,
 * FileAltitude=, ...), or the sessions that their steps are compared with (an older file came later, a
 * session was discarded).
 *
 *   wanted --> ask the store for the next --> intake_again --> rows, in place of what they were --+
 *                ^                                                                               |
 *                +-------------------------------------------------------------------------------+
 *
 * One after the other, while there is nothing else to do: each row says what it was read with, so a kill
 * at any moment is gone on from. Nothing is told of a file; what was told stays, and the rules are
 * looked at once at the end, as after any late history. A run belongs to the day it was counted on.
 */
#include "daemon/import/intake.h"
#include "daemon/store/store.h"

struct rework_callbacks {
    bool (*may_begin)(void *userdata); /* nothing else is under way */
    void (*on_idle)(void *userdata);   /* another may begin, whoever it is */
    /* What one came to, in place of what it was; it is on its way into the store. */
    void (*on_result)(void *userdata, const struct result *result);
    void (*on_end)(void *userdata); /* of all of them, when there were any */
};

struct rework {
    struct intake_parts parts; /* with an end of our own */
    struct store *store;
    const struct rework_callbacks *callbacks;
    void *userdata;
    bool wanted, once_more, asking, stale, stopping;
    int64_t at;              /* the place before the next row */
    struct intake *intake;   /* under way */
    struct store_import was; /* of that one */
    bool settings;           /* of that one */
    size_t n_files, n_lost, n_failed;
};

/* Of a rework that is all 0; all are borrowed. */
void rework_init(struct rework *rework, const struct intake_parts *parts, struct store *store,
                 const struct rework_callbacks *callbacks, void *userdata);
/* Something has changed: all of them are looked at, from the first on. */
void rework_want(struct rework *rework);
bool rework_is_busy(const struct rework *rework); /* one is being read */
void rework_go_on(struct rework *rework);
/* Its sessions were changed by somebody else: what is being made of it is of the old ones. It is read
 * when the next is asked for. */
void rework_forget(struct rework *rework, const char *hash);
void rework_stop(struct rework *rework);
