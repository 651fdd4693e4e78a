/* SPDX-License-Identifier: MIT */
/*
 * sd_event_loop() asks nobody how long it was away, so its three steps are taken here:
 *
 *     prepare ──> wait ──> dispatch one source ──> prepare ──> ...
 *                 idle    └────── the stall ───────────┘
 *
 * What is ready meanwhile is seen by the next wait, or, where something is to be done at once, by the
 * prepare that finds that. Several sources that are ready together take their turns: the figure knows
 * each turn, not their sum.
 * A process has one loop as it has one clock, so the figure is the process's too.
 */
#include "daemon/loop.h"

#include "daemon/clock.h"

static uint64_t longest_usec;

static void note(uint64_t took_usec)
{
    if (took_usec > longest_usec)
        longest_usec = took_usec;
}

/* turned_usec: when it turned to what is ready, which ends where it waits */
static int run_once(sd_event *event, uint64_t *turned_usec)
{
    int r = sd_event_prepare(event);
    uint64_t now_usec = clock_machine_usec();

    note(now_usec - *turned_usec);
    if (r == 0) { /* nothing waits yet */
        r = sd_event_wait(event, UINT64_MAX);
        now_usec = clock_machine_usec();
    }
    *turned_usec = now_usec;
    return r > 0 ? sd_event_dispatch(event) : r;
}

int loop_run(sd_event *event)
{
    uint64_t turned_usec = clock_machine_usec();
    int code = 0, r = 0;

    while (r >= 0 && sd_event_get_state(event) != SD_EVENT_FINISHED)
        r = run_once(event, &turned_usec);
    note(clock_machine_usec() - turned_usec);
    if (r >= 0)
        r = sd_event_get_exit_code(event, &code);
    return r < 0 ? r : code;
}

uint64_t loop_stall_usec(void)
{
    return longest_usec;
}
