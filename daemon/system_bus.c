/* SPDX-License-Identifier: MIT */
#include "daemon/system_bus.h"

#include "daemon/clock.h"
#include "daemon/log.h"
#include "daemon/util.h"

#define AGAIN_USEC (5 * UINT64_C(1000000))

struct system_bus {
    sd_event *event; /* borrowed */
    sd_bus *bus;
    sd_bus_slot *disconnected;
    struct clock_timer *again;
    bool said; /* the failure was logged */
    system_bus_handler handler;
    void *userdata;
};

static void drop(struct system_bus *system_bus)
{
    system_bus->disconnected = sd_bus_slot_unref(system_bus->disconnected);
    system_bus->bus = sd_bus_close_unref(system_bus->bus);
}

static int on_disconnected(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
    struct system_bus *system_bus = userdata;

    log_warning("The system bus is gone");
    system_bus->handler(system_bus->userdata, NULL, 0);
    /* the bus is in the middle of telling us: dropped when the timer comes */
    clock_timer_set(system_bus->again, clock_now_usec() + AGAIN_USEC / 5);
    system_bus->said = true;
    return 0;
}

static int connect_bus(struct system_bus *system_bus)
{
    _cleanup_(sd_bus_close_unrefp) sd_bus *bus = NULL;
    int r;

    r = sd_bus_open_system(&bus);
    if (r >= 0)
        r = sd_bus_attach_event(bus, system_bus->event, SD_EVENT_PRIORITY_NORMAL);
    if (r >= 0) /* a local match: no round trip, nothing blocks */
        r = sd_bus_match_signal(bus, &system_bus->disconnected, NULL, "/org/freedesktop/DBus/Local",
                                "org.freedesktop.DBus.Local", "Disconnected", on_disconnected,
                                system_bus);
    if (r < 0)
        return r;
    system_bus->bus = TAKE_PTR(bus);
    return 0;
}

static void say_none(struct system_bus *system_bus, int error)
{
    log_warning_errno(error, "No system bus: %m. No sensor can be reached until there is one");
    system_bus->said = true;
    system_bus->handler(system_bus->userdata, NULL, error);
}

static void on_again(void *userdata, uint64_t now_usec)
{
    struct system_bus *system_bus = userdata;
    int r;

    drop(system_bus);
    r = connect_bus(system_bus);
    if (r < 0) {
        if (!system_bus->said)
            say_none(system_bus, r);
        clock_timer_set(system_bus->again, now_usec + AGAIN_USEC);
        return;
    }
    if (system_bus->said)
        log_info("The system bus is there");
    system_bus->said = false;
    system_bus->handler(system_bus->userdata, system_bus->bus, 0);
}

int system_bus_new(struct system_bus **ret, sd_event *event, system_bus_handler handler,
                   void *userdata)
{
    struct system_bus *system_bus = calloc(1, sizeof(*system_bus));
    int r;

    if (!system_bus)
        return -ENOMEM;
    *system_bus = (struct system_bus){ .event = event, .handler = handler, .userdata = userdata };
    r = clock_timer_new(&system_bus->again, event, 0, on_again, system_bus);
    if (r < 0) {
        free(system_bus);
        return r;
    }
    *ret = system_bus;
    return 0;
}

struct system_bus *system_bus_free(struct system_bus *system_bus)
{
    if (!system_bus)
        return NULL;
    clock_timer_unref(system_bus->again);
    if (system_bus->bus)
        sd_bus_flush(system_bus->bus);
    drop(system_bus);
    free(system_bus);
    return NULL;
}
