/* SPDX-License-Identifier: MIT */
/*
 * The states without a link: ABSENT, SEEN, WAITING, RELEASED. All we know of the sensor is what was
 * heard in the air; that nothing was heard counts only for whole scan bursts of ours.
 */
#include <stdio.h>
#include "daemon/sensors/sensor_private.h"

#define QUIET_BURSTS 3

/* ---- absent, seen, waiting ---- */

static const char *why_not(const struct sensor *x, uint64_t now_usec)
{
    if (sensor_is_wanted(x, now_usec))
        return "heard; left to others until Grace is over";
    return x->connect == CONF_CONNECT_ON_REQUEST ? "heard; waits for a session to be started"
                                                 : "heard; waits for its runner to run";
}

/* Where an advert leads. */
static void consider(struct sensor *x, uint64_t now_usec)
{
    if (sensor_is_wanted(x, now_usec) && sensor_grace_is_over(x, now_usec))
        sensor_set_state(x, SENSOR_WAITING, "heard; its turn comes", now_usec);
    else
        sensor_set_state(x, SENSOR_SEEN, why_not(x, now_usec), now_usec);
}

static uint32_t adopt(struct sensor *x, const struct sensor_event *event, uint64_t now_usec)
{
    if (x->closing || !(event->flag || sensor_is_wanted(x, now_usec)))
        return 0;
    x->step = SENSOR_PROVING;
    x->replied_usec = x->link_usec = now_usec;
    sensor_set_state(x, SENSOR_CONNECTING, "takes over the link that was found", now_usec);
    return SENSOR_DO_PROVE;
}

uint32_t sensor_on_absent(struct sensor *x, const struct sensor_event *event, uint64_t now_usec)
{
    switch (event->kind) {
    case SENSOR_EV_ADVERT:
        consider(x, now_usec);
        return 0;
    case SENSOR_EV_LINK_FOUND:
        return adopt(x, event, now_usec);
    case SENSOR_EV_TICK:
    case SENSOR_EV_BURST:
    case SENSOR_EV_LINK_DOWN:
        return 0;
    case SENSOR_EV_AVAILABLE:
    case SENSOR_EV_UNAVAILABLE:
    case SENSOR_EV_RELEASE:
    case SENSOR_EV_TURN:
    case SENSOR_EV_CONNECT_REPLY:
    case SENSOR_EV_PROVEN:
    case SENSOR_EV_UNPROVEN:
    case SENSOR_EV_SUBSCRIBED:
    case SENSOR_EV_REFUSED:
    case SENSOR_EV_PACKET:
    case SENSOR_EV_SERVICES_LOST:
        break;
    }
    return sensor_bug(x, event);
}

static void check_stopped(struct sensor *x, uint64_t now_usec)
{
    bool wanted = sensor_is_wanted(x, now_usec);
    if (wanted && x->quiet_bursts >= QUIET_BURSTS)
        sensor_set_state(x, SENSOR_ABSENT,
                         x->state == SENSOR_WAITING
                             ? "adverts stopped: out of range, asleep, or connected elsewhere"
                             : "adverts stopped during Grace: perhaps connected elsewhere",
                         now_usec);
    else if (!wanted && now_usec - x->heard_usec >= STALE_USEC)
        sensor_set_state(x, SENSOR_ABSENT, "not heard for a minute", now_usec);
}

uint32_t sensor_on_seen(struct sensor *x, const struct sensor_event *event, uint64_t now_usec)
{
    switch (event->kind) {
    case SENSOR_EV_ADVERT:
        consider(x, now_usec);
        return 0;
    case SENSOR_EV_TICK:
    case SENSOR_EV_BURST:
        sensor_set_state(x, SENSOR_SEEN, why_not(x, now_usec), now_usec);
        check_stopped(x, now_usec);
        return 0;
    case SENSOR_EV_LINK_FOUND:
        return adopt(x, event, now_usec);
    case SENSOR_EV_LINK_DOWN:
        return 0;
    case SENSOR_EV_AVAILABLE:
    case SENSOR_EV_UNAVAILABLE:
    case SENSOR_EV_RELEASE:
    case SENSOR_EV_TURN:
    case SENSOR_EV_CONNECT_REPLY:
    case SENSOR_EV_PROVEN:
    case SENSOR_EV_UNPROVEN:
    case SENSOR_EV_SUBSCRIBED:
    case SENSOR_EV_REFUSED:
    case SENSOR_EV_PACKET:
    case SENSOR_EV_SERVICES_LOST:
        break;
    }
    return sensor_bug(x, event);
}

uint32_t sensor_on_waiting(struct sensor *x, const struct sensor_event *event, uint64_t now_usec)
{
    switch (event->kind) {
    case SENSOR_EV_TURN:
        x->step = SENSOR_DIALLING;
        sensor_set_state(x, SENSOR_CONNECTING, "connecting", now_usec);
        return SENSOR_DO_CONNECT;
    case SENSOR_EV_TICK:
    case SENSOR_EV_BURST:
        if (!sensor_is_wanted(x, now_usec) && x->heard_usec != 0)
            sensor_set_state(x, SENSOR_SEEN, why_not(x, now_usec), now_usec);
        else if (!sensor_is_wanted(x, now_usec))
            sensor_set_state(x, SENSOR_ABSENT, "no longer wanted", now_usec);
        else
            check_stopped(x, now_usec);
        return 0;
    case SENSOR_EV_LINK_FOUND:
        return adopt(x, event, now_usec);
    case SENSOR_EV_ADVERT:
    case SENSOR_EV_LINK_DOWN:
        return 0;
    case SENSOR_EV_AVAILABLE:
    case SENSOR_EV_UNAVAILABLE:
    case SENSOR_EV_RELEASE:
    case SENSOR_EV_CONNECT_REPLY:
    case SENSOR_EV_PROVEN:
    case SENSOR_EV_UNPROVEN:
    case SENSOR_EV_SUBSCRIBED:
    case SENSOR_EV_REFUSED:
    case SENSOR_EV_PACKET:
    case SENSOR_EV_SERVICES_LOST:
        break;
    }
    return sensor_bug(x, event);
}

/* ---- released ---- */

static void check_return(struct sensor *x, uint64_t now_usec)
{
    char reason[PAYLOAD_TEXT_MAX];
    const char *why;
    if (x->released_until_usec > now_usec)
        return;
    if (!x->let_go) {
        sensor_set_state(x, SENSOR_ABSENT, "the release is over", now_usec);
    } else if (sensor_may_return(x, now_usec, &why)) {
        x->let_go = false;
        snprintf(reason, sizeof reason, "free to come back: %s", why);
        sensor_set_state(x, SENSOR_ABSENT, reason, now_usec);
    }
}

uint32_t sensor_on_released(struct sensor *x, const struct sensor_event *event, uint64_t now_usec)
{
    switch (event->kind) {
    case SENSOR_EV_TICK:
    case SENSOR_EV_BURST:
        check_return(x, now_usec);
        return 0;
    case SENSOR_EV_ADVERT:
    case SENSOR_EV_LINK_FOUND: /* another program's link: not ours to take or to cut */
    case SENSOR_EV_LINK_DOWN:
        return 0;
    case SENSOR_EV_AVAILABLE:
    case SENSOR_EV_UNAVAILABLE:
    case SENSOR_EV_RELEASE:
    case SENSOR_EV_TURN:
    case SENSOR_EV_CONNECT_REPLY:
    case SENSOR_EV_PROVEN:
    case SENSOR_EV_UNPROVEN:
    case SENSOR_EV_SUBSCRIBED:
    case SENSOR_EV_REFUSED:
    case SENSOR_EV_PACKET:
    case SENSOR_EV_SERVICES_LOST:
        break;
    }
    return sensor_bug(x, event);
}
