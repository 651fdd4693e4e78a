/* SPDX-License-Identifier: MIT */
#pragma once
/* Copies of the database, when somebody asks for one, and each night if the configuration does (Backup=). */
#include <systemd/sd-event.h>
#include "daemon/store/backup.h"
#include "daemon/timekeeper.h"
#include "daemon/worker.h"
#include "lib/conf.h"

struct backups;

struct backups_parts { /* borrowed, outlive us */
    sd_event *event;
    const struct conf *conf;
    struct worker *worker;
    const struct timekeeper *timekeeper;
    const char *state_dir;
};

int backups_new(struct backups **ret, const struct backups_parts *parts);
void backups_set_conf(struct backups *backups, const struct conf *conf);
/* `done` runs once, on the loop, with what was made, or why it was not; not when the call fails. -EAGAIN: nobody knows
 * what time it is, which is its name; -EBUSY: one is being made. */
typedef void (*backups_done)(void *userdata, int result, const struct backup *made);
int backups_make(struct backups *backups, backups_done done, void *userdata);
/* A sentence while the nights leave no copy, or NULL. */
const char *backups_problem(const struct backups *backups);
struct backups *backups_free(struct backups *backups); /* after the worker is gone */
