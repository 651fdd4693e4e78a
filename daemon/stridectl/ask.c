/* SPDX-License-Identifier: MIT */
#include "daemon/stridectl/ask.h"

#include <stdio.h>
#include <string.h>
#include "daemon/commands/control.h"
#include "daemon/commands/table.h"
#include "daemon/stridectl/stridectl.h"
#include "daemon/util.h"

/* Scans take up to a minute; the daemon answers everything else at once. */
#define ANSWER_USEC (90 * UINT64_C(1000000))

void ask_failure(const sd_bus_error *error, int r, char ret[ASK_FAILURE_MAX])
{
    if (sd_bus_error_has_name(error, SD_BUS_ERROR_ACCESS_DENIED))
        snprintf(ret, ASK_FAILURE_MAX,
                 "not allowed. Run it as root or as a member of group strided.");
    else if (sd_bus_error_has_name(error, SD_BUS_ERROR_SERVICE_UNKNOWN) ||
             sd_bus_error_has_name(error, SD_BUS_ERROR_NAME_HAS_NO_OWNER))
        snprintf(ret, ASK_FAILURE_MAX, "strided does not run (systemctl status strided).");
    else
        snprintf(ret, ASK_FAILURE_MAX, "no answer: %s",
                 error->message ? error->message : strerror(-r));
}

int ask_request(sd_bus *bus, const char *verb, const json_t *arguments, sd_bus_message **ret)
{
    _cleanup_bus_message_ sd_bus_message *request = NULL;
    _cleanup_free_ char *text = json_dumps(arguments, JSON_COMPACT);
    char method[32];
    int r;

    command_method_name(verb, method, sizeof(method));
    r = sd_bus_message_new_method_call(bus, &request, CONTROL_NAME, CONTROL_PATH, CONTROL_INTERFACE,
                                       method);
    if (r >= 0)
        r = sd_bus_message_append(request, "s", text ? text : "{}");
    if (r >= 0)
        *ret = TAKE_PTR(request);
    return r;
}

json_t *ask_read(sd_bus_message *answer)
{
    const char *json;

    return sd_bus_message_read(answer, "s", &json) < 0 ? NULL : json_loads(json, 0, NULL);
}

int ask(const char *verb, const json_t *arguments, json_t **ret)
{
    _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
    _cleanup_bus_message_ sd_bus_message *request = NULL, *answer = NULL;
    _cleanup_bus_error_ sd_bus_error error = SD_BUS_ERROR_NULL;
    char failure[ASK_FAILURE_MAX];
    int r;

    r = sd_bus_open_system(&bus);
    if (r < 0) {
        fprintf(stderr, "stridectl: no system bus: %s\n", strerror(-r));
        return EXIT_UNREACHABLE;
    }
    r = ask_request(bus, verb, arguments, &request);
    if (r >= 0)
        r = sd_bus_call(bus, request, ANSWER_USEC, &error, &answer);
    if (r < 0) {
        ask_failure(&error, r, failure);
        fprintf(stderr, "stridectl: %s\n", failure);
        return EXIT_UNREACHABLE;
    }
    *ret = ask_read(answer);
    if (!*ret) {
        fprintf(stderr, "stridectl: the answer is no JSON\n");
        return EXIT_UNREACHABLE;
    }
    return 0;
}
