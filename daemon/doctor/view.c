/* SPDX-License-Identifier: MIT */
/* What the strided that runs here says of itself: two answers, which the other checks then look into. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "daemon/commands/control.h"
#include "daemon/commands/table.h"
#include "daemon/doctor/private.h"
#include "daemon/util.h"

int doctor_ask(struct doctor *doctor, const char *verb, sd_bus_error *ret_error, json_t **ret)
{
    _cleanup_bus_message_ sd_bus_message *reply = NULL;
    char method[32];
    const char *text;
    json_t *answer;
    int r;

    command_method_name(verb, method, sizeof(method));
    r = doctor_bus_call(doctor, CONTROL_NAME, CONTROL_PATH, CONTROL_INTERFACE, method, false,
                        ret_error, &reply, "s", "{}");
    if (r >= 0)
        r = sd_bus_message_read(reply, "s", &text);
    if (r < 0)
        return r;
    answer = json_loads(text, 0, NULL);
    *ret = json_incref(json_object_get(answer, "data"));
    json_decref(answer);
    if (json_is_object(*ret))
        return 0;
    json_decref(*ret);
    *ret = NULL;
    return -EBADMSG;
}

static void say_answer(struct doctor *doctor)
{
    const char *version = json_string_value(json_object_get(doctor->status, "version"));

    if (version && strcmp(version, STRIDED_VERSION) != 0)
        doctor_say(doctor, DAEMON_OTHER, NULL, "strided %s still runs, and %s is installed",
                   version, STRIDED_VERSION);
    else
        doctor_say(doctor, DAEMON_ANSWERS, NULL, "strided %s answers", version ? version : "?");
}

static void say_no_answer(struct doctor *doctor, const sd_bus_error *error, int r)
{
    if (sd_bus_error_has_name(error, SD_BUS_ERROR_ACCESS_DENIED))
        doctor_say(doctor, DAEMON_SKIPPED, NULL,
                   "its view is for root and group strided: what it sees is missing below");
    else
        doctor_say(doctor, DAEMON_SILENT, NULL, "it does not answer: %s",
                   error->message ? error->message : strerror(-r));
}

void doctor_look_daemon(struct doctor *doctor)
{
    _cleanup_bus_error_ sd_bus_error error = SD_BUS_ERROR_NULL;
    int r;

    if (!doctor->bus) {
        doctor_say(doctor, DAEMON_SKIPPED, NULL, "there is no system bus to ask it on");
        return;
    }
    if (!doctor->has_owner && doctor->unit_runs) {
        doctor_say(doctor, DAEMON_UNNAMED, NULL,
                   "the service runs, and is not on the bus as " CONTROL_NAME);
        return;
    }
    if (!doctor->has_owner) {
        doctor_say(doctor, DAEMON_SKIPPED, NULL, "it does not run: what it sees is missing below");
        return;
    }
    r = doctor_ask(doctor, "status", &error, &doctor->status);
    if (r >= 0)
        r = doctor_ask(doctor, "sensors", &error, &doctor->sensors);
    if (r >= 0)
        say_answer(doctor);
    else
        say_no_answer(doctor, &error, r);
}
