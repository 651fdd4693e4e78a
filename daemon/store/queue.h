/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * Puts between the loop and the worker. One job is under way at a time and takes all that waits, so
 * what comes during a slow fsync shares the next one. A disk that refuses gets the same puts again,
 * in the same order, each 5 s, later each minute.
 */
#include "daemon/clock.h"
#include "daemon/store/db.h"
#include "daemon/worker.h"

struct queue {
    struct worker *worker; /* borrowed; gone before queue_done */
    struct db *db;         /* the worker's while busy */
    struct clock_timer *retry;
    bool backing_off;
    unsigned gathering; /* what is added waits */
    uint64_t delay_usec;

    bool busy;
    struct put *under_way; /* the worker's while busy */
    int64_t wall_usec;
    struct put *first, **end;
    size_t n, bytes; /* waiting and under way */

    int error;                         /* of the last job; 0 = it went well */
    size_t lost;                       /* puts there was no room for */
    void (*on_result)(void *userdata); /* after each job and each loss, before any `committed` */
    void *userdata;
};

int queue_init(struct queue *queue, struct db *db, struct worker *worker,
               void (*on_result)(void *userdata), void *userdata);
bool queue_has_room(const struct queue *queue, size_t bytes);
/* So many puts, which have so many bytes together. */
bool queue_has_room_for(const struct queue *queue, size_t n, size_t bytes);
/* Takes the put over; -ENOBUFS: no room, nothing will come of it. */
int queue_add(struct queue *queue, struct put *put);
/* The same of one that is put again when there is room: -ENOBUFS is no loss. */
int queue_try(struct queue *queue, struct put *put);
/* Until each is sent, what is added waits for the rest, to be one job. */
void queue_gather(struct queue *queue);
void queue_send(struct queue *queue);
/* The database is to be opened again, also when nothing waits. */
void queue_retry_later(struct queue *queue, int error);
/* A last try, without the worker; no `committed` runs. */
void queue_done(struct queue *queue);
