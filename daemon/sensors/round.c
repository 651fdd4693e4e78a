/* SPDX-License-Identifier: MIT */
/*
 * Everything that happens only leaves a mark (a machine's state, an open session) and wakes the one
 * timer; the round that follows looks at all sensors together: who runs with whom, who may connect
 * next, whether to scan, when to look again. So callbacks may call back in, and no order of events
 * matters within one turn of the loop.
 */
#include <errno.h>
#include <string.h>
#include "daemon/log.h"
#include "daemon/sensors/set.h"

#define STARTING_USEC   2000000ULL /* a bluetoothd that has just started may not answer at once */
#define NO_ADAPTER_USEC 10000000ULL
#define TURNS_AT_ONCE   2 /* in vain: after these it no longer cuts a scan short */

/* ---- deadlines ---- */

static bool is_tick_due(const struct link *link, const struct sensor_company *company,
                        uint64_t now_usec)
{
    const struct sensor_company *was = &link->machine.company;
    return link->machine.deadline_usec <= now_usec || was->session_open != company->session_open ||
           was->session_asked != company->session_asked ||
           was->mover_streams != company->mover_streams ||
           company->links < link->machine.full_links || link->machine.state == SENSOR_RELEASED;
}

static void tick_links(struct sensors *sensors, struct house *house, uint64_t now_usec)
{
    sensors_look_around(sensors, house, now_usec);
    for (size_t i = 0; i < sensors->n_links; i++) {
        struct link *link = sensors->links[i];
        struct sensor_company company = sensors_company_of(sensors, house, link);
        bool due = is_tick_due(link, &company, now_usec);
        link->machine.company = company;
        if (due)
            link_feed_kind(link, SENSOR_EV_TICK, now_usec);
    }
}

/* ---- the radio ---- */

static enum radio_need need_of(const struct sensors *sensors, uint64_t now_usec)
{
    enum radio_need need = RADIO_NEED_NONE;
    for (size_t i = 0; i < sensors->n_links && !sensors->stopping; i++) {
        enum sensor_scan scan = sensor_scan(&sensors->links[i]->machine, now_usec);
        if (scan == SENSOR_SCAN_FAST)
            return RADIO_NEED_FAST;
        if (scan == SENSOR_SCAN_SLOW)
            need = RADIO_NEED_SLOW;
    }
    return need;
}

static bool is_dialling(const struct sensors *sensors)
{
    for (size_t i = 0; i < sensors->n_links; i++)
        if (sensor_is_dialling(&sensors->links[i]->machine))
            return true;
    return sensors->stopping;
}

static struct link *head_of_queue(const struct sensors *sensors, uint64_t now_usec)
{
    uint64_t places[CONF_SENSORS_MAX];
    for (size_t i = 0; i < sensors->n_links; i++) {
        const struct sensor *x = &sensors->links[i]->machine;
        places[i] =
            sensor_is_ready(x, now_usec) ? radio_place(x->turn_usec, x->turns >= TURNS_AT_ONCE) : 0;
    }
    size_t head = radio_pick(places, sensors->n_links);
    return head == SIZE_MAX ? NULL : sensors->links[head];
}

static void on_discovery_started(void *userdata, uint64_t cookie, const struct bluez_reply *reply)
{
    struct sensors *sensors = userdata;
    uint64_t now_usec = clock_now_usec();
    if (cookie != sensors->radio_epoch)
        return;
    bool ok = reply->outcome == BLUEZ_DONE || reply->outcome == BLUEZ_IN_PROGRESS;
    if (!ok)
        sensors->filter_set = false; /* anew from the start, next time */
    if (!ok && sensors->radio.failures == 0)
        log_warning("Scanning did not start: %s", reply->text);
    radio_started(&sensors->radio, ok, reply->text, now_usec);
    sensors_wake(sensors, now_usec);
}

static void start_discovery(struct sensors *sensors, uint64_t now_usec)
{
    int r = bluez_discover(sensors->bluez, true, on_discovery_started, sensors->radio_epoch);
    if (r < 0)
        radio_started(&sensors->radio, false, strerror(-r), now_usec);
}

static void on_filter_set(void *userdata, uint64_t cookie, const struct bluez_reply *reply)
{
    struct sensors *sensors = userdata;
    if (cookie != sensors->radio_epoch)
        return;
    sensors->filter_set = reply->outcome == BLUEZ_DONE;
    start_discovery(sensors, clock_now_usec()); /* unfiltered is better than not at all */
}

static void on_discovery_stopped(void *userdata, uint64_t cookie, const struct bluez_reply *reply)
{
    struct sensors *sensors = userdata;
    uint64_t now_usec = clock_now_usec();
    if (cookie != sensors->radio_epoch)
        return;
    if (radio_stopped(&sensors->radio, now_usec))
        for (size_t i = 0; i < sensors->n_links; i++)
            link_feed_kind(sensors->links[i], SENSOR_EV_BURST, now_usec);
    sensors_wake(sensors, now_usec);
}

static void do_step(struct sensors *sensors, enum radio_step step, struct link *head,
                    uint64_t now_usec)
{
    int r = 0;
    switch (step) {
    case RADIO_STEP_START:
        r = sensors->filter_set
                ? -EALREADY
                : bluez_set_filter(sensors->bluez, on_filter_set, sensors->radio_epoch);
        if (r < 0)
            start_discovery(sensors, now_usec);
        return;
    case RADIO_STEP_STOP:
        r = bluez_discover(sensors->bluez, false, on_discovery_stopped, sensors->radio_epoch);
        if (r < 0)
            radio_stopped(&sensors->radio, now_usec);
        return;
    case RADIO_STEP_GRANT:
        link_feed_kind(head, SENSOR_EV_TURN, now_usec);
        return;
    case RADIO_STEP_NONE:
        return;
    }
}

/* Returns when the radio wants to be asked again. */
static uint64_t run_radio(struct sensors *sensors, uint64_t now_usec)
{
    if (bluez_status(sensors->bluez) != BLUEZ_READY)
        return CLOCK_NEVER;
    for (;;) {
        struct link *head = sensors->stopping ? NULL : head_of_queue(sensors, now_usec);
        enum radio_need need = need_of(sensors, now_usec);
        bool dialling = is_dialling(sensors);
        enum radio_ready ready = !head ? RADIO_READY_NONE
                                 : head->machine.turns >= TURNS_AT_ONCE
                                     ? RADIO_READY_AFTER_THE_BURST
                                     : RADIO_READY_NOW;
        enum radio_step step = radio_step(&sensors->radio, need, ready, dialling, now_usec);
        if (step == RADIO_STEP_NONE)
            return radio_deadline(&sensors->radio, need, dialling);
        do_step(sensors, step, head, now_usec);
    }
}

/* ---- the round ---- */

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* While there is nothing to be done we do not rely on a signal to say that there is: on a slow machine
 * a bluetoothd that had just restarted was seen with an adapter that its first answer did not have. */
static uint64_t ask_period(enum bluez_status status)
{
    switch (status) {
    case BLUEZ_STARTING:
        return STARTING_USEC;
    case BLUEZ_NO_ADAPTER:
    case BLUEZ_ADAPTER_OFF:
    case BLUEZ_ADAPTER_BLOCKED:
        return NO_ADAPTER_USEC;
    case BLUEZ_NO_BUS:
    case BLUEZ_NO_DAEMON:
    case BLUEZ_READY:
        break;
    }
    return CLOCK_NEVER;
}

static uint64_t ask_again(struct sensors *sensors, uint64_t now_usec)
{
    uint64_t period_usec = ask_period(bluez_status(sensors->bluez));
    if (period_usec == CLOCK_NEVER)
        return CLOCK_NEVER;
    if (now_usec - sensors->started_usec >= period_usec) {
        sensors->started_usec = now_usec;
        bluez_retry(sensors->bluez);
        bluez_ask(sensors->bluez);
    }
    return sensors->started_usec + period_usec;
}

void sensors_on_timer(void *userdata, uint64_t now_usec)
{
    struct sensors *sensors = userdata;
    struct house house;
    sensors->armed_usec = CLOCK_NEVER;
    sensors->begun = true;
    tick_links(sensors, &house, now_usec);
    uint64_t next = sensors_mend(sensors, now_usec); /* first: it needs a radio that is at rest */
    next = earlier(next, run_radio(sensors, now_usec));
    next = earlier(next, ask_again(sensors, now_usec));
    next = earlier(next, house.belt_until_usec);
    for (size_t i = 0; i < sensors->n_links; i++) {
        link_show(sensors->links[i]);
        next = earlier(next, sensors->links[i]->machine.deadline_usec);
        next = earlier(next, link_show_usec(sensors->links[i]));
    }
    if (sensors->stop_handler)
        next = earlier(next, sensors->stop_usec);
    sensors_check_requests(sensors, now_usec);
    sensors_say_unavailable(sensors);
    sensors_show_health(sensors);
    sensors_wake(sensors, next > now_usec ? next : now_usec + 1000);
}
