/* SPDX-License-Identifier: MIT */
/*
 * A device heard by the scan: how it comes into being, its RSSI, and how one that nobody connected to,
 * or whose link ended, is forgotten 30 s after it was heard last.
 */
#include "tests/sim/random.h"
#include "tests/sim/sim.h"

static void on_temporary(void *userdata, uint64_t now_usec)
{
    struct device *d = userdata;

    if (!d->kept)
        (void)device_remove(d);
}

/* ---- to be heard ---------------------------------------------------------------------------- */

static void device_heard(struct device *d)
{
    d->rssi_dbm = d->sensor->rssi_dbm + (int)random_between(&d->sim->random, -2.5, 2.5);
    d->has_rssi = true;
    if (!d->object) {
        device_export(d);
        object_announce(d->object);
    } else {
        OBJECT_CHANGED(d->object, &device_interface, "RSSI");
    }
    if (!d->kept)
        clock_timer_set(d->temporary_timer, clock_now_usec() + DEVICE_TEMPORARY_USEC);
}

/* A scan reports a device with its next advert, then not again until the scan restarts. */
static void on_hear(void *userdata, uint64_t now_usec)
{
    struct device *d = userdata;

    if (!d->sim->adapter.discovering || !d->sensor->advertising)
        return;
    if (discovery_wants(&d->sim->adapter, d))
        device_heard(d);
    clock_timer_set(d->hear_timer, now_usec + LINK_DUPLICATES_USEC);
}

static void listen_for_advert(struct device *d)
{
    bool hears = d->sim->adapter.discovering && d->sensor->advertising;

    double high_ms = d->sensor->interval_s > 0 ? d->sensor->interval_s * 1000 : 150;

    clock_timer_set(d->hear_timer, hears
                                       ? clock_now_usec() + random_usec(&d->sim->random, 5, high_ms)
                                       : CLOCK_NEVER);
}

void device_on_advertising(struct device *d)
{
    listen_for_advert(d);
    connect_reconsider(d);
}

void device_on_discovering(struct device *d)
{
    listen_for_advert(d);
    if (!d->sim->adapter.discovering && d->has_rssi) {
        d->has_rssi = false;
        OBJECT_CHANGED(d->object, &device_interface, "RSSI");
    }
    connect_reconsider(d);
}

int hear_init(struct device *d)
{
    int r = clock_timer_new(&d->temporary_timer, d->sim->event, CLOCK_NEVER, on_temporary, d);

    return r < 0 ? r : clock_timer_new(&d->hear_timer, d->sim->event, CLOCK_NEVER, on_hear, d);
}
