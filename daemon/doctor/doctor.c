/* SPDX-License-Identifier: MIT */
/*
 * The order. First what the others hang on (configuration, bus, service, strided's own view), then what may
 * hang begins, each in a process of its own, and while that looks, the rest is asked; so all of it is done
 * in some 16 s, if everything that can hang does. Findings come in the order of the table.
 */
#include "daemon/doctor/doctor.h"

#include <stdio.h>
#include <string.h>
#include "daemon/clock.h"
#include "daemon/doctor/private.h"
#include "daemon/util.h"

#define APART_USEC (9 * UINT64_C(1000000))

/* ---- what may hang ---- */

struct aparts {
    struct apart *folder, *import, *broker;
    uint64_t deadline_usec;
};

static void begin_aparts(struct doctor *doctor, struct aparts *aparts)
{
    aparts->folder = apart_begin(doctor, doctor_look_folder);
    aparts->import = apart_begin(doctor, doctor_look_import);
    aparts->broker = apart_begin(doctor, doctor_look_broker);
    aparts->deadline_usec = clock_machine_usec() + APART_USEC;
}

/* The first that it owes is where it hangs; of those behind it nothing is known. */
static void say_stuck(struct doctor *doctor, const enum doctor_line *lines, size_t n,
                      const char *what)
{
    for (size_t i = 0; i < n; i++)
        if (doctor_is_silent(doctor, doctor_lines[lines[i]].check))
            doctor_say(doctor, lines[i], NULL, "%s does not answer within %d s", what,
                       (int)(APART_USEC / 1000000));
}

static void end_aparts(struct doctor *doctor, const struct aparts *aparts)
{
    static const enum doctor_line folder[] = { DISK_STUCK, DATABASE_SKIPPED, RECORDINGS_SKIPPED };
    static const enum doctor_line import[] = { IMPORT_STUCK };
    static const enum doctor_line broker[] = { BROKER_STUCK,           TLS_SKIPPED,
                                               LOGIN_SKIPPED,          TOPICS_SKIPPED,
                                               HOME_ASSISTANT_SKIPPED, NAME_SKIPPED };

    (void)apart_end(doctor, aparts->folder, aparts->deadline_usec);
    say_stuck(doctor, folder, ELEMENTSOF(folder), doctor->places.state_dir);
    (void)apart_end(doctor, aparts->import, aparts->deadline_usec);
    say_stuck(doctor, import, ELEMENTSOF(import), "the import folder");
    (void)apart_end(doctor, aparts->broker, aparts->deadline_usec);
    say_stuck(doctor, broker, ELEMENTSOF(broker), "the broker, or who knows its name,");
}

/* ---- all of it ---- */

static void run(struct doctor *doctor)
{
    struct aparts aparts;

    doctor->bus_error = doctor_bus_open(&doctor->bus);
    doctor_ask_service(doctor);
    doctor_look_config(doctor);
    doctor_look_bus(doctor);
    doctor_look_service(doctor);
    doctor_look_daemon(doctor);
    begin_aparts(doctor, &aparts);
    doctor_look_bluetoothd(doctor);
    doctor_look_adapter(doctor);
    doctor_look_discovery(doctor);
    doctor_look_sensors(doctor);
    doctor_look_links(doctor);
    doctor_look_wifi(doctor);
    doctor_look_clock(doctor);
    end_aparts(doctor, &aparts);
    doctor_look_problems(doctor);
}

static void done(struct doctor *doctor)
{
    config_password_free(doctor->password);
    config_free(doctor->config);
    json_decref(doctor->unit);
    json_decref(doctor->unit_service);
    json_decref(doctor->status);
    json_decref(doctor->sensors);
    sd_bus_flush_close_unref(doctor->bus);
}

static bool failed(const struct doctor *doctor)
{
    for (size_t i = 0; i < CHECKS; i++)
        if (doctor->said[i][DOCTOR_FAIL])
            return true;
    return false;
}

bool doctor_run(const struct doctor_places *places,
                void (*tell)(void *userdata, const struct doctor_finding *finding), void *userdata)
{
    static struct doctor doctor; /* its objects are too much for a small stack */
    bool well;

    doctor = (struct doctor){ .places = *places, .tell = tell, .userdata = userdata };
    run(&doctor);
    well = !failed(&doctor);
    done(&doctor);
    return well;
}
