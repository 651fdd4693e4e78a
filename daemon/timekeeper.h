/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * How far the wall clock is to be trusted. Most Pis have no battery clock: after a power
 * cut they wake in the past until NTP answers. Sessions run all the same; only what carries a date
 * waits.
 *
 *   synced   timedate1 says NTPSynchronized (kept for the rest of the boot)
 *   rtc      the kernel set the clock from a battery clock (/sys/class/rtc/rtc0/hctosys)
 *   assumed  no timedate1 to be had, or none that answered in two minutes, and it is later than the
 *            build and than what was stored
 *   unset    none of these; or timedate1 was not heard yet; or, unless synced, 20 years after the build
 */
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>
#include "lib/payload.h"

enum timedate { TIMEDATE_UNHEARD, TIMEDATE_ABSENT, TIMEDATE_NO, TIMEDATE_YES };

struct clock_facts {
    enum timedate timedate;
    bool battery; /* it was set from a battery clock */
    int64_t wall_usec;
    int64_t build_usec, newest_usec; /* it can't be earlier than these; 0: nothing is stored */
};
enum clock_state clock_judge(const struct clock_facts *facts);
/* What is known after another answer, or none in time (unheard): a yes stands, and one who is gone takes
 * no answer back. */
enum timedate timedate_learn(enum timedate before, enum timedate answer);

struct timekeeper;

/* The handler runs when the state changes, the wall clock was set, or the state is settled. */
int timekeeper_new(struct timekeeper **ret, sd_event *event, int64_t newest_usec,
                   void (*handler)(void *userdata, uint64_t now_usec), void *userdata);
struct timekeeper *timekeeper_free(struct timekeeper *timekeeper);
/* The system bus came or went, or there is none (NULL); takes a reference. */
void timekeeper_set_bus(struct timekeeper *timekeeper, sd_bus *bus);
enum clock_state timekeeper_state(const struct timekeeper *timekeeper);
/* False: it may soon be more than unset, timedate1 has not been heard. */
bool timekeeper_is_settled(const struct timekeeper *timekeeper);
