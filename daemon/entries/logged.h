/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * Runs that were entered by hand (lib/logged.h): each is a text, logged/ID of the state folder, before it is a row,
 * and what is said of it later goes there first, too. At start those that the database has not are put again.
 */
#include "daemon/store/store.h"
#include "daemon/worker.h"
#include "lib/logged.h"

#define LOGGED_FOLDER "logged"

struct logged;

struct logged_parts { /* borrowed, outlive us */
    struct worker *worker;
    struct store *store;
    const char *state_dir;
    /* One that the database has not; it is to be put. */
    void (*on_missing)(void *userdata, const struct store_session *row);
    void *userdata;
};

int logged_new(struct logged **ret, const struct logged_parts *parts);
/* Until then what the database has not may be on its way. */
bool logged_is_reading(const struct logged *logged);
/* An id that no session has; now_usec: UTC. */
void logged_make_id(const struct logged *logged, int64_t now_usec, char ret[SESSION_ID_MAX]);
/* The row that it comes to. */
void logged_row(const struct logged_run *run, struct store_session *ret);
/* `done` runs once, on the loop, when it is on the disk, or with why it is not; not when the call fails. */
typedef void (*logged_done)(void *userdata, int result);
int logged_keep(struct logged *logged, const struct logged_run *run, logged_done done,
                void *userdata);
/* One that was kept counts for nothing, as was said then (UTC, above 0); or is this runner's. */
int logged_discard(struct logged *logged, const char *id, int64_t at_usec, logged_done done,
                   void *userdata);
int logged_give(struct logged *logged, const char *id, const char *runner, logged_done done,
                void *userdata);
/* It counts again. */
int logged_restore(struct logged *logged, const char *id, logged_done done, void *userdata);
/* It was never said; also of one that was not kept. */
int logged_forget(struct logged *logged, const char *id, logged_done done, void *userdata);
/* Those that the database has not are put, once more. */
int logged_read_again(struct logged *logged);
struct logged *logged_free(struct logged *logged); /* after the worker is gone */
