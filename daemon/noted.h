/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What a runner says of the latest session, as the broker keeps it: of the one that `session note` means when
 * none is named, from a file, too, so that who enters it elsewhere sees what holds. The store is asked
 * whenever another may have become the latest. Of one that is still open only what was said since the
 * start is known: no row of it is there to be read.
 */
#include "daemon/broker/publisher.h"
#include "daemon/sessions/sessions.h"
#include "daemon/store/store.h"

struct noted;

struct noted_parts { /* borrowed, outlive us */
    const struct conf *conf;
    const struct sessions *sessions;
    struct store *store;
    struct publisher *publisher;
};

int noted_new(struct noted **ret, const struct noted_parts *parts);
struct noted *noted_free(struct noted *noted); /* after the worker is gone */
/* What was told of those who stay is said again at once, and then looked at anew. */
void noted_set_conf(struct noted *noted, const struct conf *conf);

/* Of each runner: after a start, or when any session may have gone or come. */
void noted_look_all(struct noted *noted);
/* One was opened, or ended. */
void noted_look(struct noted *noted, size_t runner);
/* These came in; what is older than the latest changes nothing. */
void noted_take(struct noted *noted, const struct store_session *rows, size_t n);
/* It was said of this session just now, and is on the disk. */
void noted_change(struct noted *noted, const char *id, const struct note *note);
