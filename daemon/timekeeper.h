/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * How far the wall clock is to be trusted (DESIGN 4.5). Most Pis have no battery clock: after a power
 * cut they wake in the past until NTP answers. Sessions run all the same; only what carries a date
 * waits.
 *
 *   synced   timedate1 says NTPSynchronized (kept for the rest of the boot)
 *   rtc      the kernel set the clock from a battery clock (/sys/class/rtc/rtc0/hctosys)
 *   assumed  no timedate1 to ask, and it is later than the build and than what was stored
 *   unset    none of these
 */
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>
#include "lib/payload.h"

struct timekeeper;

/* The handler runs when the state changes or the wall clock was set. newest_usec: the newest wall
 * time in the store, 0 = none. */
int timekeeper_new(struct timekeeper **ret, sd_event *event, int64_t newest_usec,
                   void (*handler)(void *userdata, uint64_t now_usec), void *userdata);
struct timekeeper *timekeeper_free(struct timekeeper *timekeeper);
/* The system bus came or went (NULL); takes a reference. */
void timekeeper_set_bus(struct timekeeper *timekeeper, sd_bus *bus);
enum clock_state timekeeper_state(const struct timekeeper *timekeeper);
