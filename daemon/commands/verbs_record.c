/* SPDX-License-Identifier: MIT */
/* Recordings besides sessions: begun, ended, looked at. */
#include "daemon/commands/verbs_private.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define MINUTES 10 /* unless it is said */

static json_t *seconds(bool known, uint64_t usec)
{
    return known ? json_integer((json_int_t)(usec / 1000000)) : json_null();
}

static json_t *record_json(const struct record_answer *now)
{
    bool any = now->file[0] != '\0';

    return json_pack(
        "{s:b, s:s?, s:s?, s:o, s:o, s:I, s:I, s:I, s:I, s:I, s:s?}", "recording", now->recording,
        "file", any ? now->file : NULL, "sensor", now->sensor[0] ? now->sensor : NULL, "elapsed_s",
        seconds(any, now->elapsed_usec), "left_s", seconds(now->recording, now->left_usec),
        "sensors", (json_int_t)now->n_sensors, "packets", (json_int_t)now->packets, "link_changes",
        (json_int_t)now->link_changes, "bytes", (json_int_t)now->bytes, "lost",
        (json_int_t)now->lost, "ended", now->ended);
}

static void on_done(void *userdata, const struct record_answer *now)
{
    struct command_answer *answer = userdata;

    if (now->code)
        verbs_fail(answer, now->code, now->argument, now->message,
                   now->allowed[0] ? now->allowed : NULL);
    else
        command_answer_data(answer, record_json(now));
}

void verbs_run_record(void *context, const json_t *arguments, struct command_answer *answer)
{
    const struct verbs *verbs = context;
    const char *what = verbs_text(arguments, "do");
    struct record_request request = { .wish = RECORD_WISH_STATUS };

    if (strcmp(what, "start") == 0)
        request.wish = RECORD_WISH_START;
    else if (strcmp(what, "stop") == 0)
        request.wish = RECORD_WISH_STOP;
    snprintf(request.sensor, sizeof(request.sensor), "%s", verbs_text(arguments, "sensor"));
    request.minutes = (unsigned)verbs_number(arguments, "minutes", MINUTES);
    verbs->record(verbs->userdata, &request, on_done, answer);
}
