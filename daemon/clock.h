/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * The one place that reads clocks and arms timers (a symbol test holds the rest of the daemon to
 * that). clock.c is the real one; the test binary links tests/sim/clock.c in its place, which runs
 * at x1 to x3600, jumps, and has a settable wall clock.
 *
 * Logic runs on CLOCK_BOOTTIME microseconds ("now_usec"); wall time is a mapping for what is stored
 * and published.
 */
#include <stdint.h>
#include <systemd/sd-event.h>
#include "lib/payload.h"

#define CLOCK_NEVER UINT64_MAX

uint64_t clock_now_usec(void); /* CLOCK_BOOTTIME */
int64_t clock_wall_usec(void); /* UTC, microseconds since the epoch, whatever its trust */
uint64_t
clock_machine_usec(void);        /* for what we ourselves take: CLOCK_MONOTONIC, never simulated */
const char *clock_boot_id(void); /* 32 hex digits, for the life of the process */

/*
 * A one-shot timer. Starts armed for at_usec (CLOCK_NEVER: disarmed). The handler gets now_usec; it
 * re-arms with clock_timer_set. The owner unrefs by clock_timer_unref (NULL is fine, returns NULL).
 */
struct clock_timer;
typedef void (*clock_timer_handler)(void *userdata, uint64_t now_usec);
int clock_timer_new(struct clock_timer **ret, sd_event *event, uint64_t at_usec,
                    clock_timer_handler handler, void *userdata);
void clock_timer_set(struct clock_timer *timer, uint64_t at_usec);
struct clock_timer *clock_timer_unref(struct clock_timer *timer);
static inline void clock_timer_unrefp(struct clock_timer **timer)
{
    clock_timer_unref(*timer);
}

/* Calls the handler whenever the wall clock was set (timerfd cancel-on-set), until unref'd. */
int clock_watch_new(struct clock_timer **ret, sd_event *event, clock_timer_handler handler,
                    void *userdata);
