/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * A thread for what may wait for a disk. The daemon has two: one for its own disk (fdatasync, SQLite
 * commits, kept copies), and one for a folder that is somebody else's and may not answer for ever. Jobs
 * run in the order given; each job's `done` runs on the loop afterwards, in the same order. The job owns
 * what it points at between post and done: the loop does not touch it.
 */
#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

struct worker;
struct worker_job {
    int (*run)(void *data);               /* on the thread; returns 0 or -errno */
    void (*done)(void *data, int result); /* on the loop; frees data; may be NULL */
    void *data;
};
int worker_new(struct worker **ret, sd_event *event);
/* What the thread is called, at most 15 letters. */
void worker_set_name(struct worker *worker, const char *name);
sd_event *worker_event(const struct worker *worker); /* the loop it was made for; borrowed */
int worker_post(struct worker *worker, const struct worker_job *job);
/* From a job of many parts: one of them came back, so it does not hang. Elsewhere it does nothing. */
void worker_step(void);
/* It is silent when jobs are to be done, and for so long (or less than twice that, if one did get on) none
 * came back or got on; until one comes back. `on_change` is told of both, on the loop, before that job's done. -errno: there is no timer to be had. */
int worker_watch(struct worker *worker, uint64_t limit_usec,
                 void (*on_change)(void *userdata, bool silent), void *userdata);
bool worker_is_silent(const struct worker *worker);
/* Runs what was posted to its end, calls the dones, joins the thread. */
struct worker *worker_free(struct worker *worker);
/*
 * The same of a thread that may hang: waits limit_ms of real time for the job that runs, no longer. The
 * jobs behind it do not run, and are done with -ECANCELED. false: it did not come back; the thread and
 * the job's data are left to the end of the process, and that job is never done.
 */
bool worker_leave(struct worker *worker, int limit_ms);
