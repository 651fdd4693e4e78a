/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * The sensors that a person had let go ('release pod 3600'), kept over a restart of ours or of the
 * machine. In one boot its own clock tells how much is left; after another start the wall clock does,
 * as soon as it is known. Until then, or if it was not known when it was asked for, we stay away for
 * the whole length anew, once in that boot: rather too long than too short, since somebody else has the
 * sensor. One that was seen to end is over in every boot.
 */
#include <systemd/sd-event.h>
#include "daemon/clock.h"
#include "daemon/sensors/sensors.h"
#include "daemon/store/store.h"
#include "daemon/timekeeper.h"
#include "lib/conf.h"

struct releases {
    sd_event *event; /* all borrowed */
    const struct conf *conf;
    struct sensors *sensors;
    struct store *store;
    const struct timekeeper *timekeeper;
    struct release {
        struct store_release row;
        bool guessed; /* how much is left; to be known with the clock */
    } * rows;
    size_t n;
    struct clock_timer *timer; /* for the first that ends */
};

/* What is left of one; 0: it is over, as it is for good if its length is 0. *ret_guessed: the wall clock is needed to say. */
uint64_t release_left_usec(const struct store_release *row, const char *boot_id, uint64_t now_usec,
                           bool clock_known, int64_t wall_usec, bool *ret_guessed);

/* As they were when we ended; once, before the sensors have a bus. */
void releases_restore(struct releases *releases, uint64_t now_usec);
/* By clock_now_usec: when that of this sensor ends, or ended; 0: it is not let go. */
uint64_t releases_until_usec(const struct releases *releases, const struct conf_sensor *sensor);
/* A person asks: lets go and keeps that. Answers as sensors_release(). */
int releases_release(struct releases *releases, size_t sensor, uint64_t for_usec,
                     uint64_t now_usec);
/* The wall clock was set, or is known now. */
void releases_clock_changed(struct releases *releases, uint64_t now_usec);
void releases_done(struct releases *releases);
