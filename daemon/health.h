/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * How the gateway fares: what is wrong, asked of every part, goes to systemd's STATUS= and to the
 * `health` topic: each minute, and soon after a change that somebody is waiting to hear of.
 */
#include "daemon/backups.h"
#include "daemon/broker/publisher.h"
#include "daemon/import/import.h"
#include "daemon/recording/recorder.h"
#include "daemon/sensors/sensors.h"
#include "daemon/sessions/sessions.h"
#include "daemon/store/store.h"
#include "daemon/timekeeper.h"

struct health;

struct health_parts { /* borrowed, outlive us */
    sd_event *event;
    const struct conf *conf;
    const char *left_out; /* what is not used of what commands bound; "": nothing */
    const struct timekeeper *timekeeper;
    const struct sensors *sensors;
    const struct sessions *sessions;
    const struct store *store;
    const struct recorder *recorder;
    const struct import *import;
    const struct backups *backups;
    struct publisher *publisher;
};

/* on_due runs before what is said because it is time, not because of a change. */
int health_new(struct health **ret, const struct health_parts *parts,
               void (*on_due)(void *userdata), void *userdata);
struct health *health_free(struct health *health);
void health_set_conf(struct health *health, const struct conf *conf, const char *left_out);
void health_fill(const struct health *health, struct payload_health *ret);
/* NULL: the parts are not all there yet, and it will be asked of them anyway. */
void health_changed(struct health *health);
/* Nothing is said from here on: the gateway stops. */
void health_hush(struct health *health);
