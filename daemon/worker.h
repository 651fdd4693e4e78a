/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * One thread for what may wait for a disk: fdatasync, SQLite commits, later importing. Jobs run in
 * the order given; each job's `done` runs on the loop afterwards, in the same order. The job owns
 * what it points at between post and done: the loop does not touch it.
 */
#include <systemd/sd-event.h>

struct worker;
struct worker_job {
    int (*run)(void *data);               /* on the thread; returns 0 or -errno */
    void (*done)(void *data, int result); /* on the loop; frees data; may be NULL */
    void *data;
};
int worker_new(struct worker **ret, sd_event *event);
sd_event *worker_event(const struct worker *worker); /* the loop it was made for; borrowed */
int worker_post(struct worker *worker, const struct worker_job *job);
/* Runs what was posted to its end, calls the dones, joins the thread. */
struct worker *worker_free(struct worker *worker);
