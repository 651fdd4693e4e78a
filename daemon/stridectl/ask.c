/* SPDX-License-Identifier: MIT */
#include "daemon/stridectl/ask.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "daemon/commands/control.h"
#include "daemon/commands/table.h"
#include "daemon/stridectl/stridectl.h"
#include "daemon/util.h"

/* Scans take up to a minute; the daemon answers everything else at once. */
#define ANSWER_USEC (90 * UINT64_C(1000000))
#define TICK_USEC   UINT64_C(1000000)

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

static int open_bus(sd_bus **ret)
{
    int r = sd_bus_open_system(ret);

    if (r >= 0)
        return 0;
    fprintf(stderr, "stridectl: no system bus: %s\n", strerror(-r));
    return EXIT_UNREACHABLE;
}

static int fail(const sd_bus_error *error, int r)
{
    char failure[ASK_FAILURE_MAX];

    ask_failure(error, r, failure);
    fprintf(stderr, "stridectl: %s\n", failure);
    return EXIT_UNREACHABLE;
}

static int take(sd_bus_message *answer, json_t **ret)
{
    *ret = ask_read(answer);
    if (*ret)
        return 0;
    fprintf(stderr, "stridectl: the answer is no JSON\n");
    return EXIT_UNREACHABLE;
}

int ask(const char *verb, const json_t *arguments, json_t **ret)
{
    _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
    _cleanup_bus_message_ sd_bus_message *request = NULL, *answer = NULL;
    _cleanup_bus_error_ sd_bus_error error = SD_BUS_ERROR_NULL;
    int r = open_bus(&bus);

    if (r)
        return r;
    r = ask_request(bus, verb, arguments, &request);
    if (r >= 0)
        r = sd_bus_call(bus, request, ANSWER_USEC, &error, &answer);
    return r < 0 ? fail(&error, r) : take(answer, ret);
}

static int on_answer(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
    sd_bus_message **answer = userdata;

    *answer = sd_bus_message_ref(message);
    return 0;
}

/* Until it is answered: 0, how to end, or -errno. */
static int wait_for(sd_bus *bus, sd_bus_message *const *answer, ask_tick tick, void *userdata)
{
    int r = 0, end = 0;

    while (r >= 0 && !*answer && end == 0) {
        r = sd_bus_process(bus, NULL);
        if (r != 0)
            continue;
        r = sd_bus_wait(bus, TICK_USEC);
        if (r == -EINTR)
            r = 0;
        if (r == 0)
            end = tick(userdata);
    }
    return r < 0 ? r : end;
}

int ask_patiently(const char *verb, const json_t *arguments, ask_tick tick, void *userdata,
                  json_t **ret)
{
    _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
    _cleanup_bus_message_ sd_bus_message *request = NULL, *answer = NULL;
    int r = open_bus(&bus);

    if (r)
        return r;
    r = ask_request(bus, verb, arguments, &request);
    if (r >= 0)
        r = sd_bus_call_async(bus, NULL, request, on_answer, &answer, ANSWER_USEC);
    if (r >= 0)
        r = wait_for(bus, &answer, tick, userdata);
    if (r > 0)
        return r;
    if (r < 0)
        return fail(&SD_BUS_ERROR_NULL, r);
    if (sd_bus_message_get_error(answer))
        return fail(sd_bus_message_get_error(answer), -sd_bus_message_get_errno(answer));
    return take(answer, ret);
}
