/* SPDX-License-Identifier: MIT */
/* What every state's handler does to a sensor: enter a state, end a link. Nothing in here asks which
 * state it is in. */
#include <stdio.h>
#include "daemon/log.h"
#include "daemon/sensors/machine/private.h"

#define FAILURES_LOUD 3

static void say(const struct sensor *x, int level, enum sensor_state new, const char *reason)
{
    char sensor_field[48], state_field[32];
    snprintf(sensor_field, sizeof sensor_field, "SENSOR=%s", x->name);
    snprintf(state_field, sizeof state_field, "STATE=%s", sensor_state_name(new));
    const char *const fields[] = { sensor_field, state_field, NULL };
    log_full(level, fields, "%s: %s -> %s (%s)", x->name, sensor_state_name(x->state),
             sensor_state_name(new), reason);
}

void sensor_set_state(struct sensor *x, enum sensor_state new, const char *reason,
                      uint64_t now_usec)
{
    bool retry = new == SENSOR_WAITING || new == SENSOR_CONNECTING || new == SENSOR_SEEN ||
                 new == SENSOR_ABSENT;
    int level = retry && x->failures > FAILURES_LOUD ? LOG_DEBUG : LOG_INFO;
    if (new != x->state) {
        say(x, level, new, reason);
        x->since_usec = now_usec;
    }
    /* what was wrong with one that is not there, or was let go, is no longer so */
    if (new == SENSOR_ABSENT || new == SENSOR_RELEASED || new == SENSOR_UNAVAILABLE)
        x->problem[0] = '\0';
    if (new == SENSOR_ABSENT) {
        x->heard_usec = x->run_usec = 0;
        x->quiet_bursts = 0;
    }
    x->lacks = false;
    x->state = new;
    if (reason != x->reason)
        snprintf(x->reason, sizeof x->reason, "%s", reason);
}

void sensor_set_reason(struct sensor *x, const char *reason)
{
    say(x, LOG_INFO, x->state, reason);
    snprintf(x->reason, sizeof x->reason, "%s", reason);
}

/* Our side of the link's end; BlueZ's follows with LINK_DOWN. */
uint32_t sensor_hang_up(struct sensor *x, uint64_t now_usec)
{
    uint32_t actions = SENSOR_DO_DISCONNECT;
    if (x->usable) {
        actions |= SENSOR_DO_LINK_DOWN;
        x->ours_usec = now_usec;
    }
    x->usable = false;
    x->closing = true;
    x->closing_usec = now_usec;
    x->heard_usec = 0; /* only an advert after this counts */
    x->quiet_bursts = 0;
    return actions;
}
