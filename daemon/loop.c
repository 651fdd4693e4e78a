/* SPDX-License-Identifier: MIT */
/*
 * sd_event_loop() asks nobody how long a handler took, so its three steps are taken here:
 *
 *     prepare ──> wait ──> dispatch one source ──┐
 *        ^          idle       the stall         │
 *        └───────────────────────────────────────┘
 *
 * A process has one loop as it has one clock, so the figure is the process's too.
 */
#include "daemon/loop.h"

#include "daemon/clock.h"

static uint64_t longest_usec;

static int dispatch(sd_event *event)
{
    uint64_t begun_usec = clock_machine_usec(), took_usec;
    int r = sd_event_dispatch(event);

    took_usec = clock_machine_usec() - begun_usec;
    if (took_usec > longest_usec)
        longest_usec = took_usec;
    return r;
}

static int run_once(sd_event *event)
{
    int r = sd_event_prepare(event);

    if (r == 0) /* nothing waits yet */
        r = sd_event_wait(event, UINT64_MAX);
    return r > 0 ? dispatch(event) : r;
}

int loop_run(sd_event *event)
{
    int code = 0, r = 0;

    while (r >= 0 && sd_event_get_state(event) != SD_EVENT_FINISHED)
        r = run_once(event);
    if (r >= 0)
        r = sd_event_get_exit_code(event, &code);
    return r < 0 ? r : code;
}

uint64_t loop_stall_usec(void)
{
    return longest_usec;
}
