/* SPDX-License-Identifier: MIT */
/* Whether bluetoothd is there and answers, or why not, and what its version is known for. */
#include <stdio.h>
#include <string.h>
#include "daemon/doctor/bluez_version.h"
#include "daemon/doctor/private.h"
#include "daemon/util.h"

#define GOOD_VERSION "5.66 of Debian 12, 5.82 of Debian 13"

/* ---- its version ---- */

static bool find_version(const struct doctor *doctor, char *ret, size_t size)
{
    static const char *const programs[] = { "/usr/libexec/bluetooth/bluetoothd",
                                            "/usr/lib/bluetooth/bluetoothd",
                                            "/usr/sbin/bluetoothd" };
    char path[4096];

    doctor_path(doctor, "/var/lib/dpkg/status", path, sizeof(path));
    if (bluez_version_of_dpkg(path, ret, size))
        return true;
    for (size_t i = 0; i < ELEMENTSOF(programs); i++) {
        doctor_path(doctor, programs[i], path, sizeof(path));
        if (bluez_version_of_program(path, ret, size))
            return true;
    }
    return false;
}

static void say_version(struct doctor *doctor, const char *version, unsigned major, unsigned minor)
{
    char beside[DOCTOR_FOUND_MAX - 120] = "";
    const struct bluez_bug *bug;
    bool hurts = false;

    for (size_t i = 0; (bug = bluez_bug_of(major, minor, i)); i++) {
        size_t length = strlen(beside);

        if (bug->hurts)
            doctor_say(doctor, BLUETOOTHD_BUG, GOOD_VERSION, "%s of bluez: %s (%s)", version,
                       bug->what, bug->source);
        else
            snprintf(beside + length, sizeof(beside) - length, "; known of it: %s", bug->what);
        hurts |= bug->hurts;
    }
    if (!hurts)
        doctor_say(doctor, BLUETOOTHD_RUNS, NULL, "it answers, version %s%s", version, beside);
}

static void say_it_answers(struct doctor *doctor)
{
    char version[64];
    unsigned major, minor;

    if (find_version(doctor, version, sizeof(version)) &&
        bluez_version_parse(version, &major, &minor))
        say_version(doctor, version, major, minor);
    else
        doctor_say(doctor, BLUETOOTHD_RUNS, NULL,
                   "it answers; its version is not told by dpkg nor by itself");
}

/* ---- why it is not there ---- */

static void say_none(struct doctor *doctor)
{
    const char *load = doctor->bluetooth_load, *active = doctor->bluetooth_active;

    if (strcmp(load, "masked") == 0)
        doctor_say(doctor, BLUETOOTHD_MASKED, NULL, "it does not run: bluetooth.service is masked");
    else if (strcmp(load, "not-found") == 0)
        doctor_say(doctor, BLUETOOTHD_MISSING, NULL, "it is not installed");
    else if (strcmp(active, "failed") == 0)
        doctor_say(doctor, BLUETOOTHD_FAILED, NULL, "it crashed, or could not start");
    else if (strcmp(active, "inactive") == 0)
        doctor_say(doctor, BLUETOOTHD_STOPPED, NULL, "it is stopped");
    else
        doctor_say(doctor, BLUETOOTHD_NONE, NULL, "it does not run");
}

void doctor_look_bluetoothd(struct doctor *doctor)
{
    _cleanup_bus_message_ sd_bus_message *reply = NULL;

    if (!doctor->bus) {
        doctor_say(doctor, BLUETOOTHD_SKIPPED, NULL, "there is no system bus to ask it on");
        return;
    }
    if (!doctor_bus_has(doctor, "org.bluez")) {
        say_none(doctor);
        return;
    }
    if (doctor_bus_call(doctor, "org.bluez", "/", "org.freedesktop.DBus.ObjectManager",
                        "GetManagedObjects", false, NULL, &reply, NULL) >= 0 &&
        objects_read(&doctor->objects, reply) >= 0)
        say_it_answers(doctor);
    else
        doctor_say(doctor, BLUETOOTHD_SILENT, NULL, "it is on the bus, and does not answer");
}
