/* SPDX-License-Identifier: MIT */
/* What every state's handler does to a sensor: enter a state, prove a link, end it. Nothing in here asks which
 * state it is in. */
#include <stdio.h>
#include "daemon/log.h"
#include "daemon/sensors/machine/private.h"

#define FAILURES_LOUD 3
#define MUTE_END_USEC (5 * SECOND)
#define MUTE_ENDS     2

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

uint32_t sensor_begin_proof(struct sensor *x, uint64_t now_usec)
{
    x->step = SENSOR_PROVING;
    x->replied_usec = x->asked_usec = now_usec;
    return SENSOR_DO_PROVE;
}

/* bluetoothd throws the switches by itself when the sensor is back, and reads nothing before. */
static uint32_t forget_subscriptions(const struct sensor *x)
{
    return x->read_first ? SENSOR_DO_REMOVE : 0;
}

/* Our side of the link's end; BlueZ's follows with LINK_DOWN. */
uint32_t sensor_hang_up(struct sensor *x, uint64_t now_usec)
{
    uint32_t actions = SENSOR_DO_DISCONNECT | forget_subscriptions(x);
    if (x->usable) {
        actions |= SENSOR_DO_LINK_DOWN;
        x->ours_usec = now_usec;
    }
    x->usable = false;
    x->closing = true;
    x->stray = false; /* what was pending is cancelled with it */
    x->closing_usec = now_usec;
    x->heard_usec = 0; /* only an advert after this counts */
    x->quiet_bursts = 0;
    return actions;
}

void sensor_let_go(struct sensor *x, const char *why, uint64_t now_usec)
{
    x->let_go = true;
    x->let_go_why = why;
    sensor_set_state(x, SENSOR_RELEASED, why, now_usec);
    if (x->foreign >= FOREIGN_SURE)
        snprintf(x->problem, sizeof x->problem,
                 "%s has nothing that can be read: no heart rate, no running cadence, no treadmill "
                 "data; its maker's own app may know it",
                 x->name);
}

/* There are straps that end the link when their switch is thrown and was not read before (Topeak
 * PanoBike). */
uint32_t sensor_check_mute_end(struct sensor *x, uint64_t now_usec)
{
    if (channels_have_spoken(&x->channels) || now_usec - x->replied_usec >= MUTE_END_USEC) {
        x->mute_ends = 0;
        return forget_subscriptions(x);
    }
    if (++x->mute_ends % MUTE_ENDS != 0)
        return 0;
    x->read_first = !x->read_first;
    sensor_set_state(x, SENSOR_ABSENT,
                     x->read_first
                         ? "it ends the link when it is subscribed to: it is read first"
                         : "it ends the link though it is read first: looking for it anew",
                     now_usec);
    return SENSOR_DO_REMOVE;
}
