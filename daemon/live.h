/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * The second hand: while a session is open, `live` each second, `now` each tenth of these, before
 * which the rules judge the run so far, and the summary each minute.
 */
#include "daemon/broker/publisher.h"
#include "daemon/sessions/sessions.h"
#include "daemon/training/training.h"

struct live;

struct live_parts { /* borrowed, outlive us */
    sd_event *event;
    const struct conf *conf;
    const struct sessions *sessions;
    struct training *training;
    struct publisher *publisher;
};

int live_new(struct live **ret, const struct live_parts *parts);
struct live *live_free(struct live *live);
void live_set_conf(struct live *live, const struct conf *conf);
/* A session may be open: the first `live` comes at once. */
void live_wake(struct live *live);
/* The runner's session is over, and about to close. */
void live_over(struct live *live, size_t runner);
