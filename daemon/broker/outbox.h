/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * Events on their way to the broker: what is in the store's table `events`, in memory, in the order
 * it was committed. Each runner has a lane of its own with one row on its way at a time, so that
 * their events arrive in order and no runner waits for another. A row goes out again under the same
 * id until the broker has acknowledged it.
 *
 * Does nothing by itself: no timer, no clock, no broker, no store. The owner hands in the time and
 * what happens, and gets what to do by callbacks. Of what is here a callback may call outbox_run, which
 * then does its work when the callback is over, and whatever only asks.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "daemon/broker/mqtt.h"
#include "daemon/store/store.h"

#define OUTBOX_COOKIE     0x4f00000000000000ULL /* high byte of the cookies given to send */
#define OUTBOX_TRIES      3                     /* refusals until a row is marked and skipped */
#define OUTBOX_RETRY_USEC (5 * 1000000ULL)      /* between two tries of a refused row */
#define OUTBOX_NEVER      UINT64_MAX
#define OUTBOX_NOT_TOLD   1 /* of send: it is nobody's business any more, and gone */

struct outbox;

struct outbox_callbacks {
    /* 0: on its way, outbox_answer comes. OUTBOX_NOT_TOLD: as if delivered. -ENOTCONN, -ENOBUFS or any
     * other: tried again later. */
    int (*send)(void *userdata, const struct store_event *event, uint64_t cookie);
    void (*on_delivered)(void *userdata, const char *id); /* store_delete_event */
    /* event->tries went up, event->refused may be set: store_mark_event */
    void (*on_refused)(void *userdata, const struct store_event *event, int reason);
    void (*on_dropped)(void *userdata, const char *id); /* over the bounds: store_delete_event */
};

int outbox_new(struct outbox **ret, const struct outbox_callbacks *callbacks, void *userdata);
struct outbox *outbox_free(struct outbox *outbox);

/* Rows are copied. At start, those the store had: how long they wait, their dates alone tell. */
int outbox_load(struct outbox *outbox, const struct store_event *events, size_t n);
/* Later, each after its commit, whatever its date. wall_usec 0: unknown. */
int outbox_add(struct outbox *outbox, const struct store_event *events, size_t n, int64_t wall_usec,
               uint64_t now_usec);
void outbox_set_online(struct outbox *outbox, bool online, uint64_t now_usec);
/* While the clock is unset nothing dated may leave: rows wait. */
void outbox_hold(struct outbox *outbox, bool hold, uint64_t now_usec);
static inline bool outbox_owns(uint64_t cookie)
{
    return (cookie & 0xff00000000000000ULL) == OUTBOX_COOKIE;
}
void outbox_answer(struct outbox *outbox, uint64_t cookie, enum mqtt_result result, int reason,
                   uint64_t now_usec);
/* Sends what is due and drops what is too old. From within a callback: after it, by the time of the call that
 * the callback came from. */
void outbox_run(struct outbox *outbox, int64_t wall_usec, uint64_t now_usec);
uint64_t outbox_next_usec(const struct outbox *outbox); /* when outbox_run has something to do */

size_t outbox_waiting(const struct outbox *outbox); /* not delivered and not marked as refused */
size_t outbox_refused(const struct outbox *outbox); /* marked: tried once more over each new link */
uint64_t outbox_dropped(const struct outbox *outbox);
