/* SPDX-License-Identifier: MIT */
/* What is done about a bluetoothd that crashed and an adapter that is stuck. When, is decided in
 * revival.c and powercycle.c; the other stages of recovery are each sensor's own. */
#include <stdio.h>
#include <string.h>
#include "daemon/bluez/service.h"
#include "daemon/log.h"
#include "daemon/sensors/set.h"

/* ---- bluetoothd ---- */

static void clean_words(char ret[100], const char *text)
{
    bluez_text(ret, 100, text, strlen(text));
}

/* The sensors' reason is the one that holds now. */
static void tell_why(struct sensors *sensors, uint64_t now_usec)
{
    char text[PAYLOAD_TEXT_MAX];
    sensors_unavailable_text(sensors, text, sizeof text);
    struct sensor_event event = { .kind = SENSOR_EV_UNAVAILABLE, .text = text };
    for (size_t i = 0; i < sensors->n_links && text[0] != '\0'; i++)
        link_feed(sensors->links[i], &event, now_usec);
    sensors_wake(sensors, now_usec);
}

static void on_started(void *userdata, uint64_t cookie, const struct bluez_reply *reply)
{
    struct sensors *sensors = userdata;
    uint64_t now_usec = clock_now_usec();
    char words[100];
    clean_words(words, reply->text);
    revival_started(&sensors->revival, reply->outcome == BLUEZ_DONE ? NULL : words, now_usec);
    tell_why(sensors, now_usec);
}

static void on_service(void *userdata, uint64_t cookie, const struct bluez_reply *reply)
{
    struct sensors *sensors = userdata;
    uint64_t now_usec = clock_now_usec();
    enum revival_unit unit = REVIVAL_UNKNOWN;
    const char *load, *active;
    if (reply->outcome == BLUEZ_DONE && bluez_read_service(reply->message, &load, &active) >= 0)
        unit = revival_unit(load, active);
    if (revival_told(&sensors->revival, unit, now_usec)) {
        log_notice("bluetoothd crashed: starting it again, try %u", sensors->revival.starts);
        int r = bluez_start_service(sensors->bluez, on_started);
        if (r < 0)
            revival_started(&sensors->revival, strerror(-r), now_usec);
    }
    tell_why(sensors, now_usec);
}

/* At each change, not only at each round: one that comes and is gone again within a round takes the
 * answers with it. */
void sensors_mend_status(struct sensors *sensors, uint64_t now_usec)
{
    bool away = bluez_status(sensors->bluez) == BLUEZ_NO_DAEMON && !sensors->stopping;
    revival_set_away(&sensors->revival, away, now_usec);
}

static uint64_t revive(struct sensors *sensors, uint64_t now_usec)
{
    sensors_mend_status(sensors, now_usec);
    if (revival_is_due(&sensors->revival, now_usec) &&
        bluez_ask_service(sensors->bluez, on_service) < 0)
        revival_told(&sensors->revival, REVIVAL_UNKNOWN, now_usec);
    return revival_deadline(&sensors->revival);
}

/* ---- the adapter ---- */

/* Every sensor that calls has been tried, forgotten and tried again in vain. */
static bool all_fail(const struct sensors *sensors)
{
    bool any = false;
    for (size_t i = 0; i < sensors->n_links; i++) {
        const struct sensor *x = &sensors->links[i]->machine;
        if (x->state != SENSOR_WAITING)
            continue;
        if (!sensor_is_past_help(x))
            return false;
        any = true;
    }
    return any;
}

static bool is_any_usable(const struct sensors *sensors)
{
    for (size_t i = 0; i < sensors->n_links; i++)
        if (sensors->links[i]->machine.usable)
            return true;
    return false;
}

static bool is_any_connecting(const struct sensors *sensors)
{
    for (size_t i = 0; i < sensors->n_links; i++)
        if (sensors->links[i]->machine.state == SENSOR_CONNECTING)
            return true;
    return false;
}

/* While we do not scan: one that goes on is somebody else's. */
static bool is_shared(const struct sensors *sensors, const struct bluez_adapter *adapter)
{
    const struct bluez_device *device;
    size_t state = 0;
    if (adapter->discovering || adapter->instances > 0)
        return true;
    while ((device = bluez_next(sensors->bluez, &state)))
        if (device->connected)
            return true;
    return false;
}

static const struct bluez_adapter *cycled_adapter(const struct sensors *sensors)
{
    return sensors->cycle.phase == POWERCYCLE_AT_REST
               ? bluez_adapter(sensors->bluez)
               : bluez_find_adapter(sensors->bluez, sensors->cycled);
}

static void on_switched(void *userdata, uint64_t cookie, const struct bluez_reply *reply)
{
    struct sensors *sensors = userdata;
    uint64_t now_usec = clock_now_usec();
    bool off = sensors->cycle.phase == POWERCYCLE_ENDING;
    if (reply->outcome != BLUEZ_DONE)
        log_warning("The adapter %s does not switch %s: %s", sensors->cycled, off ? "off" : "on",
                    reply->text);
    powercycle_switched(&sensors->cycle, reply->outcome == BLUEZ_DONE, now_usec);
    sensors_wake(sensors, now_usec);
}

static void do_switch(struct sensors *sensors, const struct bluez_adapter *adapter, bool on,
                      uint64_t now_usec)
{
    if (!on) {
        memcpy(sensors->cycled, adapter->address, sizeof sensors->cycled);
        log_warning(
            "The Bluetooth adapter %s seems to be stuck (%s): switching it off and on, since "
            "nobody else uses it",
            adapter->address,
            radio_is_wedged(&sensors->radio) ? sensors->radio.error : "no connection succeeds");
    }
    if (bluez_power(sensors->bluez, adapter, on, on_switched, 0) < 0)
        powercycle_switched(&sensors->cycle, false, now_usec);
}

static uint64_t unstick(struct sensors *sensors, uint64_t now_usec)
{
    const struct bluez_adapter *adapter = cycled_adapter(sensors);
    struct powercycle_view view = {
        .present = adapter,
        .powered = adapter && adapter->powered,
        .stuck = !is_any_usable(sensors) && (radio_is_wedged(&sensors->radio) || all_fail(sensors)),
        .shared = adapter && is_shared(sensors, adapter),
        .busy = sensors->radio.scan != RADIO_OFF || is_any_connecting(sensors),
        .stopping = sensors->stopping,
    };
    enum powercycle_step step = powercycle_step(&sensors->cycle, &view, now_usec);
    if (step != POWERCYCLE_STEP_NONE)
        do_switch(sensors, adapter, step == POWERCYCLE_STEP_ON, now_usec);
    return powercycle_deadline(&sensors->cycle);
}

uint64_t sensors_mend(struct sensors *sensors, uint64_t now_usec)
{
    uint64_t revival_usec = revive(sensors, now_usec), cycle_usec = unstick(sensors, now_usec);
    return revival_usec < cycle_usec ? revival_usec : cycle_usec;
}
