/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What people say of sessions that are over, done one after the other: a session may be of any age, so its
 * row is read first, and what was recorded is the sessions' to change, what came in as a file the import's. How one
 * was is noted of an open one as well.
 * Whoever said it is answered when it is on the disk; a disk that takes its time is not waited for longer
 * than a person would.
 */
#include <systemd/sd-event.h>
#include "daemon/correction.h"
#include "daemon/entries/deleted.h"
#include "daemon/entries/logged.h"
#include "daemon/entries/notes.h"
#include "daemon/import/import.h"
#include "daemon/sessions/sessions.h"
#include "daemon/store/store.h"

struct corrections;

struct corrections_parts { /* borrowed, outlive us */
    sd_event *event;
    const struct conf *conf;
    struct sessions *sessions;
    struct import *import;
    struct notes *notes;
    struct logged *logged;
    struct deleted *deleted;
    struct store *store;
};

int corrections_new(struct corrections **ret, const struct corrections_parts *parts);
void corrections_set_conf(struct corrections *corrections, const struct conf *conf);
void corrections_make(struct corrections *corrections, const struct correction *what,
                      correction_done done, void *userdata);
/* Whoever waits is told that we stop; what is under way may still come to the disk. */
void corrections_stop(struct corrections *corrections);
struct corrections *
corrections_free(struct corrections *corrections); /* after the worker is gone */
