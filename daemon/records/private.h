/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What the files behind records.h share. Each calls only those below it:
 *   records.c  start, end, who waits for what
 *   lines.c    what comes in, as lines
 *   disk.c     lines to the file, by the worker
 */
#include "daemon/clock.h"
#include "daemon/records/records.h"
#include "lib/recording.h"

#define RECORDS_WAITING_MAX (1u << 20) /* bytes in memory, while the disk does not answer */

enum records_state {
    RECORDS_IDLE,
    RECORDS_OPENING, /* the file is being made; lines wait already */
    RECORDS_RUNNING,
    RECORDS_CLOSING, /* the last lines are on their way */
};

struct waiter {
    record_done done; /* NULL: nobody waits */
    void *userdata;
};

struct records {
    struct records_parts parts;
    struct clock_timer *timer;
    enum records_state state;
    struct record_answer now;
    uint64_t from_usec, until_usec;
    int fd; /* the worker's between a job and its done */

    char *waiting; /* lines for the disk */
    size_t length, room;
    bool writing; /* a job is under way */
    bool stopping;

    int number[CONF_SENSORS_MAX]; /* in the file, by index in conf; -1: not heard in it */
    int n_numbers;
    bool up[CONF_SENSORS_MAX]; /* whether anything is recorded or not */
    struct waiter start, stop;
};

/* lines.c */
void records_begin_lines(struct records *records, uint64_t now_usec);
void records_put_axis(struct records *records, uint64_t now_usec);

/* disk.c */
/* Both: < 0: no memory for it. done, on the loop: 0 or why not. */
int records_open(struct records *records, void (*done)(struct records *records, int result));
/* What waits goes to the file; last: and that is all, it is synced and closed. */
int records_write(struct records *records, bool last,
                  void (*done)(struct records *records, int result));
/* false: it has no room. */
bool records_put(struct records *records, const char *line, size_t length);
