/* SPDX-License-Identifier: MIT */
#include "daemon/sensors/powercycle.h"

#include <stddef.h>

#define SECOND     1000000ULL
#define OFF_USEC   SECOND
#define AGAIN_USEC (10 * SECOND)
#define CALM_USEC  (24 * 3600 * SECOND) /* not stuck for so long: the next time is a first time */

/* After the first cycle in a row, the second … */
static const uint64_t pauses_usec[] = { 600 * SECOND, 3600 * SECOND, 6 * 3600 * SECOND };
#define PAUSES (sizeof pauses_usec / sizeof *pauses_usec)

static void note(struct powercycle *cycle, const struct powercycle_view *view, uint64_t now_usec)
{
    if (view->stuck)
        cycle->stuck_usec = now_usec;
    else if (cycle->cycles > 0 && now_usec - cycle->stuck_usec >= CALM_USEC)
        cycle->cycles = 0;
}

static enum powercycle_step consider(struct powercycle *cycle, const struct powercycle_view *view,
                                     uint64_t now_usec)
{
    bool due = view->stuck && view->present && view->powered && !view->stopping &&
               now_usec >= cycle->not_before_usec;
    if (due && view->busy)
        return POWERCYCLE_STEP_NONE;
    cycle->hindered = due && view->shared;
    if (!due || view->shared)
        return POWERCYCLE_STEP_NONE;
    size_t i = cycle->cycles < PAUSES ? cycle->cycles : PAUSES - 1;
    cycle->not_before_usec = now_usec + pauses_usec[i];
    cycle->cycles++;
    cycle->phase = POWERCYCLE_ENDING;
    return POWERCYCLE_STEP_OFF;
}

static enum powercycle_step switch_on(struct powercycle *cycle, const struct powercycle_view *view,
                                      uint64_t now_usec)
{
    if (now_usec < cycle->on_usec && !view->stopping)
        return POWERCYCLE_STEP_NONE;
    if (view->powered) { /* it never went off, or somebody was quicker */
        cycle->phase = POWERCYCLE_AT_REST;
        return POWERCYCLE_STEP_NONE;
    }
    cycle->on_usec = now_usec + AGAIN_USEC;
    if (!view->present)
        return POWERCYCLE_STEP_NONE;
    cycle->phase = POWERCYCLE_BEGINNING;
    return POWERCYCLE_STEP_ON;
}

enum powercycle_step powercycle_step(struct powercycle *cycle, const struct powercycle_view *view,
                                     uint64_t now_usec)
{
    note(cycle, view, now_usec);
    switch (cycle->phase) {
    case POWERCYCLE_AT_REST:
        return consider(cycle, view, now_usec);
    case POWERCYCLE_OFF:
        return switch_on(cycle, view, now_usec);
    case POWERCYCLE_ENDING:
    case POWERCYCLE_BEGINNING:
        break;
    }
    return POWERCYCLE_STEP_NONE;
}

uint64_t powercycle_deadline(const struct powercycle *cycle)
{
    return cycle->phase == POWERCYCLE_OFF ? cycle->on_usec : UINT64_MAX;
}

void powercycle_switched(struct powercycle *cycle, bool ok, uint64_t now_usec)
{
    if (cycle->phase == POWERCYCLE_BEGINNING && ok) {
        cycle->phase = POWERCYCLE_AT_REST;
        return;
    }
    cycle->on_usec = now_usec + (cycle->phase == POWERCYCLE_ENDING ? OFF_USEC : AGAIN_USEC);
    cycle->phase = POWERCYCLE_OFF;
}

void powercycle_lost(struct powercycle *cycle, uint64_t now_usec)
{
    if (cycle->phase == POWERCYCLE_AT_REST)
        return;
    cycle->phase = POWERCYCLE_OFF;
    cycle->on_usec = now_usec;
}
