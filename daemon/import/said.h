/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What a person said of files that came in, kept beside their copies, as the database may be lost: which
 * of a file's sessions count for nothing; and whose it is, which is where its copy lies.
 *
 *   imported/<runner>/<hash>.gz     the copy; given to another runner, it is renamed into their folder
 *   imported/<hash>.discarded       "<session> <microseconds, UTC>", a line for each
 *   imported/<hash>.deleted         all of them, for good: daemon/entries/deleted.h writes it
 */
#include <stdbool.h>
#include "daemon/worker.h"
#include "lib/activity/activity.h"
#include "lib/conf.h"
#include "lib/payload.h"
#include "lib/sha256.h"

struct said {
    struct said_session {
        char id[SESSION_ID_MAX];
        int64_t at_usec; /* 0: nobody knew the time */
    } discarded[ACTIVITY_PARTS_MAX];
    size_t n_discarded;
    char keeper[CONF_ID_MAX]; /* another runner than was asked for, who has the copy; "": nobody */
    int64_t kept_usec; /* the copy of the one who was asked for is of then; 0: they have none */
    bool deleted;      /* for good: it does not come in again */
    int error;         /* -errno: something was said that cannot be read */
};

/* NULL: nothing was said of it. */
const struct said_session *said_of(const struct said *said, const char *id);
/* "its session ID was discarded on DAY", for as many as there is room; a day of UTC. */
void said_words(const struct said *said, char *ret, size_t size);

/* On the worker. A line that is rotten says nothing; but see `error`. */
void said_read(struct said *ret, const char *state_dir, const char *hash, const char *owner);

/* Both are on the disk when `done` runs, on the loop; it does not run when the call fails. What was said before
 * and cannot be read, or understood, stays as it is: -errno, or the line. */
int said_discard(struct worker *worker, const char *state_dir, const char *hash,
                 const struct said_session *session, void (*done)(void *userdata, int result),
                 void *userdata);
/* It was not said after all; nor is it when it never was. */
int said_restore(struct worker *worker, const char *state_dir, const char *hash, const char *id,
                 void (*done)(void *userdata, int result), void *userdata);
/* -ENOENT: there is no copy of it. Given already is given. */
int said_give(struct worker *worker, const char *state_dir, const char *hash, const char *from,
              const char *to, void (*done)(void *userdata, int result), void *userdata);
