/* SPDX-License-Identifier: MIT */
/*
 * Who scans on the adapter. bluetoothd tells that somebody does, and strided whether it does itself; the
 * two answers are of different moments, and a burst of strided's own may begin or end between them. So
 * strided is asked before and after, and a stranger is one who was there twice while it said no.
 */
#include <poll.h>
#include <stdio.h>
#include "daemon/clock.h"
#include "daemon/doctor/private.h"

#define AGAIN_MS      400
#define PATIENCE_USEC (UINT64_C(5500000)) /* longer than a burst */
#define TIMES         2

enum look { LOOK_UNKNOWN, LOOK_FREE, LOOK_OURS, LOOK_OTHER };

/* False: it does not say. */
static bool ask_strided(struct doctor *doctor, bool *ret)
{
    json_t *status = NULL;
    const json_t *scanning = NULL;

    if (doctor_ask(doctor, "status", NULL, &status) >= 0)
        scanning = json_object_get(status, "scanning");
    *ret = json_is_true(scanning);
    bool told = json_is_boolean(scanning);
    json_decref(status);
    return told;
}

static bool ask_bluetoothd(struct doctor *doctor, const struct objects_adapter *adapter, bool *ret)
{
    char path[64];
    json_t *properties = NULL;

    snprintf(path, sizeof(path), "/org/bluez/%s", adapter->name);
    if (doctor_bus_properties(doctor, "org.bluez", path, "org.bluez.Adapter1", &properties) < 0)
        return false;
    *ret = json_is_true(json_object_get(properties, "Discovering"));
    json_decref(properties);
    return true;
}

static enum look look_once(struct doctor *doctor, const struct objects_adapter *adapter)
{
    bool before, anybody, after;

    if (!ask_strided(doctor, &before) || !ask_bluetoothd(doctor, adapter, &anybody) ||
        !ask_strided(doctor, &after))
        return LOOK_UNKNOWN;
    if (!anybody)
        return LOOK_FREE;
    return before || after ? LOOK_OURS : LOOK_OTHER;
}

/* Through a burst of strided's own, if there is one at this moment. */
static enum look look(struct doctor *doctor, const struct objects_adapter *adapter)
{
    uint64_t deadline_usec = clock_machine_usec() + PATIENCE_USEC;
    enum look found = look_once(doctor, adapter);

    for (int others = found == LOOK_OTHER;
         (found == LOOK_OURS || found == LOOK_OTHER) && others < TIMES;
         others = found == LOOK_OTHER ? others + 1 : 0) {
        if (clock_machine_usec() >= deadline_usec)
            return LOOK_OURS;
        (void)poll(NULL, 0, AGAIN_MS);
        found = look_once(doctor, adapter);
    }
    return found;
}

void doctor_look_discovery(struct doctor *doctor)
{
    const struct objects_adapter *adapter = doctor_adapter(doctor);
    enum look found;

    if (!adapter || !adapter->powered) {
        doctor_say(doctor, DISCOVERY_SKIPPED, NULL, "there is no adapter that is on");
        return;
    }
    found = !adapter->discovering ? LOOK_FREE
            : doctor->has_owner   ? look(doctor, adapter)
                                  : LOOK_OTHER;
    switch (found) {
    case LOOK_FREE:
        doctor_say(doctor, DISCOVERY_FREE, NULL, "nobody but strided scans on %s", adapter->name);
        break;
    case LOOK_OTHER:
        doctor_say(doctor, DISCOVERY_OTHER, NULL,
                   "another program scans on %s, which takes air time from the sensors",
                   adapter->name);
        break;
    case LOOK_OURS:
        doctor_say(doctor, DISCOVERY_SKIPPED, NULL,
                   "strided looks for sensors on %s: whether others do as well does not show",
                   adapter->name);
        break;
    case LOOK_UNKNOWN:
        doctor_say(doctor, DISCOVERY_SKIPPED, NULL,
                   "somebody scans on %s, and whether that is strided is not known here",
                   adapter->name);
        break;
    }
}
