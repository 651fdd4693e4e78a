/* SPDX-License-Identifier: MIT */
/* strided.service as systemd sees it, and the bus over which it says so. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "daemon/commands/control.h"
#include "daemon/doctor/private.h"
#include "daemon/util.h"

#define SYSTEMD     "org.freedesktop.systemd1"
#define UNIT        "strided.service"
#define EXIT_CONFIG 78 /* as daemon/main.c ends */
#define EXIT_TAKEN  75

static const char *text(const json_t *properties, const char *key)
{
    const char *value = json_string_value(json_object_get(properties, key));

    return value ? value : "";
}

static json_int_t number(const json_t *properties, const char *key)
{
    return json_integer_value(json_object_get(properties, key));
}

/* ---- asking ---- */

static void ask_properties(struct doctor *doctor, const char *path)
{
    (void)doctor_bus_properties(doctor, SYSTEMD, path, SYSTEMD ".Unit", &doctor->unit);
    (void)doctor_bus_properties(doctor, SYSTEMD, path, SYSTEMD ".Service", &doctor->unit_service);
}

/* What follows an option in the unit's command line; NULL: it is not there. */
static const char *option_of(const json_t *service, const char *option)
{
    const json_t *command = json_array_get(json_object_get(service, "ExecStart"), 0);
    const json_t *word, *argv = json_array_get(command, 1);
    size_t i, length = strlen(option);

    json_array_foreach(argv, i, word)
    {
        const char *said = json_string_value(word);

        if (said && strcmp(said, option) == 0)
            return json_string_value(json_array_get(argv, i + 1));
        if (said && strncmp(said, option, length) == 0 && said[length] == '=')
            return said + length + 1;
    }
    return NULL;
}

/* Where nobody says otherwise, what the service is told is looked at. */
static void take_places(struct doctor *doctor)
{
    const char *config = option_of(doctor->unit_service, "--config");
    const char *state = option_of(doctor->unit_service, "--state-dir");
    const char *user = text(doctor->unit_service, "User"); /* a drop-in may name another */

    if (config && !doctor->places.config_file)
        doctor->places.config_file = config;
    if (state && doctor->places.state_dir == doctor_here.state_dir)
        doctor->places.state_dir = state;
    if (user[0] && doctor->places.user == doctor_here.user)
        doctor->places.user = user;
}

static void take_unit(struct doctor *doctor, const char *name, const char *load, const char *active,
                      const char *sub, const char *path)
{
    if (strcmp(name, UNIT) != 0) {
        snprintf(doctor->bluetooth_load, sizeof(doctor->bluetooth_load), "%s", load);
        snprintf(doctor->bluetooth_active, sizeof(doctor->bluetooth_active), "%s", active);
        return;
    }
    doctor->unit_runs = strcmp(active, "active") == 0 || strcmp(active, "reloading") == 0;
    if (strcmp(load, "not-found") != 0)
        ask_properties(doctor, path);
    take_places(doctor);
    if (!doctor->unit)
        doctor->unit =
            json_pack("{s:s, s:s, s:s}", "LoadState", load, "ActiveState", active, "SubState", sub);
}

void doctor_ask_service(struct doctor *doctor)
{
    _cleanup_bus_message_ sd_bus_message *reply = NULL;
    const char *name, *load, *active, *sub, *path;
    int r = doctor_bus_call(doctor, SYSTEMD, "/org/freedesktop/systemd1", SYSTEMD ".Manager",
                            "ListUnitsByNames", false, NULL, &reply, "as", 2, "bluetooth.service",
                            UNIT);

    doctor->has_owner = doctor_bus_has(doctor, CONTROL_NAME);
    if (r >= 0)
        r = sd_bus_message_enter_container(reply, 'a', "(ssssssouso)");
    doctor->systemd = r >= 0;
    while (r >= 0 && (r = sd_bus_message_read(reply, "(ssssssouso)", &name, NULL, &load, &active,
                                              &sub, NULL, &path, NULL, NULL, NULL)) > 0)
        take_unit(doctor, name, load, active, sub, path);
}

/* ---- the bus ---- */

void doctor_look_bus(struct doctor *doctor)
{
    int r = doctor->bus_error;

    if (r >= 0)
        doctor_say(doctor, BUS_THERE, NULL, "it answers");
    else if (r == -ETIMEDOUT)
        doctor_say(doctor, BUS_SILENT, NULL, "it takes connections and does not answer");
    else
        doctor_say(doctor, BUS_NONE, NULL, "there is none (%s): Bluetooth cannot be reached",
                   strerror(-r));
}

/* ---- the service ---- */

static void say_running(struct doctor *doctor)
{
    time_t since = (time_t)(number(doctor->unit, "ActiveEnterTimestamp") / 1000000);
    json_int_t restarts = number(doctor->unit_service, "NRestarts");
    char day[32] = "";
    struct tm tm;

    if (since > 0 && localtime_r(&since, &tm))
        strftime(day, sizeof(day), " since %Y-%m-%d %H:%M", &tm);
    if (restarts > 0)
        doctor_say(doctor, SERVICE_RESTARTED, NULL,
                   "it runs%s, and ended by itself %lld time%s before that", day,
                   (long long)restarts, restarts == 1 ? "" : "s");
    else
        doctor_say(doctor, SERVICE_RUNS, NULL, "it runs%s", day);
    if (strcmp(text(doctor->unit, "UnitFileState"), "disabled") == 0)
        doctor_say(doctor, SERVICE_DISABLED, NULL, "it is not started at boot");
    if (json_is_true(json_object_get(doctor->unit, "NeedDaemonReload")))
        doctor_say(doctor, SERVICE_OLD_UNIT, NULL, "its unit file changed since systemd read it");
}

/* Why it ended; also between two tries. */
static void say_ended(struct doctor *doctor, enum doctor_line otherwise)
{
    const char *result = text(doctor->unit_service, "Result");
    json_int_t status = number(doctor->unit_service, "ExecMainStatus");

    if (strcmp(result, "start-limit-hit") == 0)
        doctor_say(doctor, SERVICE_LIMIT, NULL,
                   "it failed so often that systemd starts it no more");
    else if (strcmp(result, "exit-code") == 0 && status == EXIT_CONFIG)
        doctor_say(doctor, SERVICE_CONFIG, NULL,
                   "it stays down over mistakes in the configuration");
    else if (strcmp(result, "exit-code") == 0 && status == EXIT_TAKEN)
        doctor_say(doctor, SERVICE_TAKEN, NULL, "it waits: another strided uses its state folder");
    else
        doctor_say(doctor, otherwise, NULL, "%s (%s, status %lld)",
                   otherwise == SERVICE_AGAIN ? "it ends again and again, and is started anew"
                                              : "it failed",
                   result[0] ? result : "no reason told", (long long)status);
}

static void say_state(struct doctor *doctor)
{
    const char *load = text(doctor->unit, "LoadState"), *sub = text(doctor->unit, "SubState");
    const char *active = text(doctor->unit, "ActiveState");

    if (doctor->unit_runs)
        say_running(doctor);
    else if (doctor->has_owner)
        doctor_say(doctor, SERVICE_BY_HAND, NULL, "strided runs, and not as a service");
    else if (strcmp(load, "not-found") == 0)
        doctor_say(doctor, SERVICE_NONE, NULL, "strided.service is not installed");
    else if (strcmp(load, "masked") == 0)
        doctor_say(doctor, SERVICE_MASKED, NULL, "it is masked: nothing may start it");
    else if (strcmp(active, "failed") == 0)
        say_ended(doctor, SERVICE_FAILED);
    else if (strcmp(sub, "auto-restart") == 0)
        say_ended(doctor, SERVICE_AGAIN);
    else if (strcmp(active, "inactive") == 0)
        doctor_say(doctor, SERVICE_STOPPED, NULL, "it is stopped");
    else
        doctor_say(doctor, SERVICE_STARTING, NULL, "it is %s", active);
}

void doctor_look_service(struct doctor *doctor)
{
    if (doctor->unit)
        say_state(doctor);
    else
        doctor_say(doctor, SERVICE_SKIPPED, NULL, "%s",
                   doctor->bus ? "systemd does not answer" : "there is no system bus to ask");
}
