/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What the files behind store.h share; each uses those below it only:
 *   store.c      life, and what was read at open
 *   changes.c    what is to be changed, copied and handed to the queue
 *   lookup.c     one result, read while the loop runs
 *   paging.c     some rows of a table, likewise
 *   purge.c      one that goes for good
 *   problem.c    what is wrong, in one sentence
 * Below them: queue.h (the worker's turn), tables.h (one file a table; outdated.c asks several),
 * columns.h (a row's values) and db.h (the file, in db.c, migrate.c, aside.c and code.c).
 */
#include "daemon/store/queue.h"
#include "daemon/store/store.h"
#include "daemon/store/tables.h"

struct store {
    struct db db;
    struct queue queue;

    struct session_table sessions;
    struct event_table events;
    struct sensor_table sensors;
    struct release_table releases;
    struct verdict_table verdicts;
    struct unjudged_table unjudged;
    struct level_table levels;
    struct note_table notes;
    struct answer_table answers;
    struct lookup *lookups; /* not answered yet */
    struct paging *pagings; /* likewise */
    struct purge *purges;   /* the same */
    unsigned n_asked;       /* questions for what was said */
    bool was_read, partly_read;
    int64_t made_usec, newest_usec;
    uint64_t opened_usec;
    bool made_is_sure, made_is_put;    /* since when the clock is known */
    bool is_new;                       /* begun by this run */
    bool clock_is_known;               /* in this life */
    int n_aside;                       /* that were set aside before this one was begun */
    struct bad_rows bad, bad_sessions; /* of all tables; of which sessions */

    enum db_state state; /* as it was after the last job */
    char aside[sizeof(((struct db *)NULL)->aside)];
    int found_version;

    char problem[PAYLOAD_TEXT_MAX];
    void (*on_problem)(void *userdata);
    void *on_problem_userdata;
};

/* problem.c: after each job, loss and row that is not valid; told when the sentence is another one.
 * userdata is the store. */
void store_look_for_problem(void *userdata);

/* lookup.c, purge.c: those that a disk never answered */
void store_free_lookups(struct store *store);
/* paging.c: likewise */
void store_free_pagings(struct store *store);
void store_free_purges(struct store *store);
