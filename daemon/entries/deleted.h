/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * Sessions that are to go for good. For a day what they are made of stays, so that it can be undone; then it is
 * really taken away. A text, deleted/ID of the state folder, says so from the first moment on: what a kill cut off is
 * done again at the next start, and a lost database has no part in it.
 *
 *   a recording            goes to deleted/.recordings/, out of sight of whoever reads recordings back
 *   a run by hand, a file  stay where they are: they say themselves that they count for nothing
 *
 * A runner's own files are never touched: imported/HASH.deleted says that one which comes again is not wanted.
 */
#include "daemon/store/store.h"
#include "daemon/timekeeper.h"
#include "daemon/worker.h"

#define DELETED_FOLDER    "deleted"
#define DELETED_KEPT_USEC (86400 * INT64_C(1000000))

struct deleted_session {
    char id[SESSION_ID_MAX];
    int64_t at_usec; /* UTC; 0: nobody knew the time */
    enum session_state was;
    char reason[64];           /* as its row had it */
    char runner[32];           /* "": nobody's */
    char file[STORE_HASH_MAX]; /* "": it was recorded */
    bool by_hand;
};

struct deleted;

struct deleted_parts { /* borrowed, outlive us */
    sd_event *event;
    struct worker *worker;
    struct store *store;
    const struct timekeeper *timekeeper;
    const char *state_dir;
    /* One of before this start: whatever a kill cut off is to be done again. deleted_settled() says that it is. */
    void (*on_found)(void *userdata, const struct deleted_session *session);
    void *userdata;
};

int deleted_new(struct deleted **ret, const struct deleted_parts *parts);
void deleted_clock_changed(struct deleted *deleted);
/* NULL: it is not, or is already gone. Until the next call. */
const struct deleted_session *deleted_find(const struct deleted *deleted, const char *id);
/* `done` runs once, on the loop, when it is on the disk, or with why it is not; not when the call fails. */
typedef void (*deleted_done)(void *userdata, int result);
/* From now on it is one, unsettled. One that is stays as it is, but for its recording, which goes aside in any case. */
int deleted_keep(struct deleted *deleted, const struct deleted_session *session, deleted_done done,
                 void *userdata);
/* All of it is done: what was asked, or cut off by a kill. Until then it is done again, each minute. */
void deleted_settled(struct deleted *deleted, const char *id);
/* Until it is forgotten, or does not after all, nothing is done to it. */
void deleted_comes_back(struct deleted *deleted, const char *id, bool does);
/* Its recording is back where it was; then, that it is none any more. */
int deleted_bring_back(struct deleted *deleted, const char *id, deleted_done done, void *userdata);
int deleted_forget(struct deleted *deleted, const char *id, deleted_done done, void *userdata);
struct deleted *deleted_free(struct deleted *deleted); /* after the worker is gone */
