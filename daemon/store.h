/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What is kept besides the recordings: session results, event rows not yet delivered, what was
 * learnt of a sensor, answered transactions. SQLite (WAL) on the worker; one file a table under
 * store/. Reads happen once, at open; afterwards the loop's own memory is the truth and the store
 * follows it.
 *
 * A database that is damaged is set aside (renamed with a suffix, never deleted) and begun anew; a
 * newer one than we know is left alone and the daemon runs without a store. Both are said by
 * store_problem() and never stop the service.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "daemon/worker.h"
#include "lib/payload.h"

#define STORE_EVENTS_MAX   10000                       /* rows; DESIGN 4.7 */
#define STORE_EVENTS_USEC  (90ULL * 86400 * 1000000)   /* 90 days */

struct store;

struct store_event { /* one row of `events`: a fact told once to a runner's subscribers */
    char id[40];     /* stable over every try */
    enum event_kind kind;
    char runner[32]; /* "" = nobody's (unassigned) */
    int64_t at_usec; /* UTC */
    char *body;      /* JSON object; owned by the row */
    int tries;       /* refusals so far */
    bool refused;    /* marked: refused three times, holds up nobody */
};

struct store_sensor { /* what was learnt of a device, kept by sensor name and address */
    char name[32];
    char address[18];
    char cadence_unit[8]; /* steps, strides */
    char evidence[160];
    int64_t decided_usec;
};

struct store_session {
    struct payload_session session;
    int utc_offset_s;
    char reason[64]; /* why it ended */
};

int store_open(struct store **ret, struct worker *worker, const char *state_dir, int64_t wall_usec);
struct store *store_free(struct store *store); /* after worker_free: all writes are through */
const char *store_problem(const struct store *store); /* plain sentence or NULL; may change later */
void store_on_problem(struct store *store, void (*handler)(void *userdata), void *userdata);

/* What was read at open; borrowed, until the first put of the same table */
const struct store_event *store_events(const struct store *store, size_t *ret_n);
const struct store_session *store_last_sessions(const struct store *store, size_t *ret_n); /* newest per runner */
const struct store_sensor *store_sensors(const struct store *store, size_t *ret_n);
bool store_session_ended(const struct store *store, const char *id); /* a result row stands already */

/*
 * Writes; each call is one transaction on the worker, in order. `committed` (may be NULL) runs on the
 * loop with 0 or -errno. Arguments are copied.
 */
typedef void (*store_committed)(void *userdata, int result);
int store_put_session(struct store *store, const struct store_session *session,
                      const struct store_event *events, size_t n_events,
                      store_committed committed, void *userdata);
int store_put_events(struct store *store, const struct store_event *events, size_t n_events,
                     store_committed committed, void *userdata);
int store_delete_event(struct store *store, const char *id);
int store_mark_event(struct store *store, const char *id, int tries, bool refused);
int store_put_sensor(struct store *store, const struct store_sensor *sensor);
/* Transactions answered in the last 24 h (DESIGN 4.9): the answer is kept to be given again. */
const char *store_answer(const struct store *store, const char *transaction); /* NULL: never seen */
int store_put_answer(struct store *store, const char *transaction, const char *answer, int64_t wall_usec);
