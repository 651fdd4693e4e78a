/* SPDX-License-Identifier: MIT */
/*
 * When a link is wanted. The watch comes first: nothing is connected before its adverts
 * went unanswered for Grace, and a sensor that nobody runs with is let go, once, and then left alone
 * until it has been quiet or there is a reason to come back. So a strap that is worn all day costs one
 * connection at most.
 */
#include "daemon/bluez/text.h"
#include "daemon/sensors/machine/private.h"
#include "lib/gatt/gatt.h"

#define OURS_USEC (300 * SECOND) /* a link lost so lately is taken back without Grace */
#define TRIED_USEC                                                                                 \
    (120 * SECOND) /* nor is one that we called on so lately, and that failed, left anew */
#define LIFE_USEC       (300 * SECOND) /* scan fast for so long after a sign of life */
#define QUIET_USEC      (60 * SECOND)
#define FRESH_USEC      (20 * SECOND) /* an advert worth connecting to; others' scans: each 10.24 s */
#define SCAN_AHEAD_USEC (5 * SECOND)
#define IDLE_USEC       (300 * SECOND)
#define CUT_USEC        (60 * SECOND) /* of silence, then the link is made anew; doubles */
#define CUT_DOUBLINGS   3

enum gatt_kind sensor_kind(uint32_t services)
{
    const struct gatt_characteristic *row;
    enum gatt_kind kind = GATT_KIND_NONE;

    for (size_t i = 0; (row = gatt_at(i)); i++)
        if (services & bluez_service_bit(row->service) && row->kind > kind)
            kind = row->kind;
    return kind;
}

/* What tells that somebody runs is taken when it wakes; the others wait until it has. */
static enum conf_connect connect_rule(const struct sensor *x)
{
    if (x->connect != CONF_CONNECT_UNSET)
        return x->connect;
    switch (sensor_kind(x->services)) {
    case GATT_KIND_STRAP:
    case GATT_KIND_POWER:
    case GATT_KIND_BAROMETER:
    case GATT_KIND_LOCATION:
        return CONF_CONNECT_WITH;
    case GATT_KIND_POD:
    case GATT_KIND_BELT:
    case GATT_KIND_NONE:
        break;
    }
    return CONF_CONNECT_AUTO;
}

bool sensor_is_wanted(const struct sensor *x, uint64_t now_usec)
{
    if (x->released_until_usec > now_usec)
        return false;
    switch (connect_rule(x)) {
    case CONF_CONNECT_WITH:
        return x->company.session_open || x->company.mover_streams;
    case CONF_CONNECT_ON_REQUEST:
        return x->company.session_asked;
    case CONF_CONNECT_UNSET:
    case CONF_CONNECT_AUTO:
        break;
    }
    return true;
}

/* Grace counts from when the adverts began or we began to want it, whichever is later: a strap that
 * was worn since the morning is still the watch's for Grace after the run begins. */
bool sensor_grace_is_over(const struct sensor *x, uint64_t now_usec)
{
    uint64_t from = x->run_usec > x->wanted_usec ? x->run_usec : x->wanted_usec;
    bool was_ours = x->ours_usec != 0 && now_usec - x->ours_usec < OURS_USEC;
    /* bluetoothd forgets what could not be connected: heard again, it is no newcomer */
    bool was_tried = x->tried_usec != 0 && now_usec - x->tried_usec < TRIED_USEC;
    return was_ours || was_tried || now_usec - from >= x->grace_usec;
}

uint64_t sensor_adoption_usec(const struct sensor *x, uint64_t now_usec)
{
    if (!x->linked || x->closing || !sensor_is_wanted(x, now_usec))
        return SENSOR_NEVER;
    return x->retry_usec > now_usec ? x->retry_usec : now_usec;
}

/* A treadmill has no battery to be saved, and advertises all day: once let go it would never fall quiet,
 * and nothing but itself tells that somebody runs on it. */
static uint64_t idle_usec(const struct sensor *x)
{
    if (x->idle_usec != 0)
        return x->idle_usec;
    return sensor_kind(x->services) == GATT_KIND_BELT ? SENSOR_NEVER : IDLE_USEC;
}

uint64_t sensor_idle_deadline(const struct sensor *x)
{
    uint64_t from = x->link_usec, idle = idle_usec(x);
    if (connect_rule(x) == CONF_CONNECT_ON_REQUEST && !x->company.session_asked)
        return from; /* no longer asked for, be it since before the link came */
    if (x->company.session_open)
        return SENSOR_NEVER;
    if (x->company.motion_usec > from)
        from = x->company.motion_usec;
    if (x->company.session_end_usec > from)
        from = x->company.session_end_usec;
    if (x->effort_usec >
        from) /* heart beats alone are no activity; an effort is, before it is a session */
        from = x->effort_usec;
    return idle == SENSOR_NEVER ? SENSOR_NEVER : from + idle;
}

uint64_t sensor_cut_usec(const struct sensor *x)
{
    unsigned doublings = x->silent_turns < CUT_DOUBLINGS ? x->silent_turns : CUT_DOUBLINGS;
    enum gatt_kind kind = sensor_kind(x->services);

    /* A treadmill that stands may well say nothing, and it has no battery to be saved; a thermometer
     * speaks when it has become warmer. */
    return kind == GATT_KIND_BELT || kind == GATT_KIND_BAROMETER ? SENSOR_NEVER
                                                                 : CUT_USEC << doublings;
}

/* One that another program holds is quiet for that reason, and not away. */
bool sensor_may_return(const struct sensor *x, uint64_t now_usec, const char **ret_why)
{
    uint64_t heard = x->heard_usec > x->since_usec ? x->heard_usec : x->since_usec;
    bool of_use = x->foreign < FOREIGN_SURE;
    if (x->linked && x->retry_usec > now_usec) /* another program's, and it was in vain */
        return false;
    if (of_use && x->company.session_open)
        *ret_why = "a session is open";
    else if (of_use && x->company.motion_usec > x->since_usec)
        *ret_why = "the runner moves";
    else if (!x->linked && x->quiet_bursts >= QUIET_BURSTS && now_usec - heard >= QUIET_USEC)
        *ret_why = "it was quiet for a minute";
    else
        return false;
    return true;
}

bool sensor_is_ready(const struct sensor *x, uint64_t now_usec)
{
    return x->state == SENSOR_WAITING && !x->closing && now_usec >= x->retry_usec &&
           x->heard_usec != 0 && now_usec - x->heard_usec < FRESH_USEC;
}

bool sensor_is_dialling(const struct sensor *x)
{
    return x->state == SENSOR_CONNECTING && x->step != SENSOR_SUBSCRIBING;
}

static enum sensor_scan pace(const struct sensor *x, uint64_t now_usec)
{
    bool lively = x->life_usec != 0 && now_usec - x->life_usec < LIFE_USEC;
    return lively ? SENSOR_SCAN_FAST : SENSOR_SCAN_SLOW;
}

enum sensor_scan sensor_scan(const struct sensor *x, uint64_t now_usec)
{
    switch (x->state) {
    case SENSOR_ABSENT:
    case SENSOR_SEEN:
        return sensor_is_wanted(x, now_usec) ? pace(x, now_usec) : SENSOR_SCAN_NONE;
    case SENSOR_WAITING:
        return x->retry_usec > now_usec + SCAN_AHEAD_USEC ? SENSOR_SCAN_NONE : pace(x, now_usec);
    case SENSOR_RELEASED: /* to hear whether it falls quiet; its adverts are no call to hurry */
        return x->let_go && sensor_is_wanted(x, now_usec) ? SENSOR_SCAN_SLOW : SENSOR_SCAN_NONE;
    case SENSOR_CONNECTING:
    case SENSOR_STREAMING:
    case SENSOR_SILENT:
    case SENSOR_UNAVAILABLE:
        break;
    }
    return SENSOR_SCAN_NONE;
}
