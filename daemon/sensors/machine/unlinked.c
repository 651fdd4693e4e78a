/* SPDX-License-Identifier: MIT */
/*
 * The states without a link: ABSENT, SEEN, WAITING, RELEASED. All we know of the sensor is what was
 * heard in the air; that nothing was heard counts only for whole scan bursts of ours.
 */
#include <stdio.h>
#include "daemon/sensors/machine/private.h"

/* ---- absent, seen, waiting ---- */

static const char *why_not(const struct sensor *x, uint64_t now_usec)
{
    if (sensor_is_wanted(x, now_usec))
        return sensor_grace_is_over(x, now_usec) ? "heard; wanted, connects when it is heard again"
                                                 : "heard; left to others until Grace is over";
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

/* A link that we did not make, at our start or because it is wanted: at once, or when it comes to be
 * wanted, for a sensor that somebody has connected does not advertise any more. */
static bool is_to_be_adopted(const struct sensor *x, const struct sensor_event *event,
                             uint64_t now_usec)
{
    if (event->kind != SENSOR_EV_LINK_FOUND)
        return sensor_adoption_usec(x, now_usec) <= now_usec;
    return !x->closing && x->retry_usec <= now_usec &&
           (event->flag || sensor_is_wanted(x, now_usec));
}

static uint32_t adopt(struct sensor *x, uint64_t now_usec)
{
    x->adopted = true;
    x->link_usec = now_usec;
    sensor_set_state(x, SENSOR_CONNECTING, "takes over the link that was found", now_usec);
    return sensor_begin_proof(x, now_usec);
}

static void check_stopped(struct sensor *x, uint64_t now_usec)
{
    bool wanted = sensor_is_wanted(x, now_usec);
    /* that it was heard since it is wanted, and was left alone, is what Grace does */
    bool grace = x->state == SENSOR_SEEN && x->heard_usec >= x->wanted_usec;
    if (wanted && x->quiet_bursts >= QUIET_BURSTS)
        sensor_set_state(x, SENSOR_ABSENT,
                         grace ? "adverts stopped during Grace: perhaps connected elsewhere"
                               : "adverts stopped: out of range, asleep, or connected elsewhere",
                         now_usec);
    else if (!wanted && now_usec - x->heard_usec >= STALE_USEC)
        sensor_set_state(x, SENSOR_ABSENT, "not heard for a minute", now_usec);
}

uint32_t sensor_on_absent(struct sensor *x, const struct sensor_event *event, uint64_t now_usec)
{
    if (is_to_be_adopted(x, event, now_usec))
        return adopt(x, now_usec);
    if (event->kind == SENSOR_EV_ADVERT)
        consider(x, now_usec);
    return 0;
}

uint32_t sensor_on_seen(struct sensor *x, const struct sensor_event *event, uint64_t now_usec)
{
    if (is_to_be_adopted(x, event, now_usec))
        return adopt(x, now_usec);
    if (event->kind == SENSOR_EV_ADVERT) {
        consider(x, now_usec);
    } else if (event->kind == SENSOR_EV_TICK || event->kind == SENSOR_EV_BURST) {
        sensor_set_state(x, SENSOR_SEEN, why_not(x, now_usec), now_usec);
        check_stopped(x, now_usec);
    }
    return 0;
}

static void check_waiting(struct sensor *x, uint64_t now_usec)
{
    if (sensor_is_wanted(x, now_usec))
        check_stopped(x, now_usec);
    else if (x->heard_usec != 0)
        sensor_set_state(x, SENSOR_SEEN, why_not(x, now_usec), now_usec);
    else
        sensor_set_state(x, SENSOR_ABSENT, "no longer wanted", now_usec);
}

uint32_t sensor_on_waiting(struct sensor *x, const struct sensor_event *event, uint64_t now_usec)
{
    if (is_to_be_adopted(x, event, now_usec))
        return adopt(x, now_usec);
    if (event->kind == SENSOR_EV_TURN) {
        x->step = SENSOR_DIALLING;
        x->adopted = false;
        x->turns++;
        x->turn_usec = now_usec;
        sensor_set_state(x, SENSOR_CONNECTING, "connecting", now_usec);
        return SENSOR_DO_CONNECT;
    }
    if (event->kind == SENSOR_EV_TICK || event->kind == SENSOR_EV_BURST)
        check_waiting(x, now_usec);
    return 0;
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

/* A link that is found now is another program's: not ours to take or to cut before that is over. */
uint32_t sensor_on_released(struct sensor *x, const struct sensor_event *event, uint64_t now_usec)
{
    if (event->kind == SENSOR_EV_TICK || event->kind == SENSOR_EV_BURST)
        check_return(x, now_usec);
    return x->state == SENSOR_ABSENT ? sensor_on_absent(x, event, now_usec) : 0;
}
