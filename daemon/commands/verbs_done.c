/* SPDX-License-Identifier: MIT */
/* Verbs that do something at once: the answer says what was done. */
#include "daemon/commands/verbs_private.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "daemon/clock.h"

static void no_such_sensor(const struct conf *conf, struct command_answer *answer)
{
    char allowed[COMMAND_ALLOWED_MAX] = "no sensor is configured";
    size_t length = 0;

    for (size_t i = 0; i < conf->n_sensors && length < sizeof(allowed); i++)
        length += (size_t)snprintf(allowed + length, sizeof(allowed) - length, "%s%s",
                                   i ? " | " : "", conf->sensors[i].name);
    verbs_fail(answer, "not_found", "sensor", "There is no such sensor", allowed);
}

void verbs_run_release(void *context, const json_t *arguments, struct command_answer *answer)
{
    const struct verbs *verbs = context;
    const char *name = verbs_text(arguments, "sensor");
    uint64_t for_usec = (uint64_t)verbs_number(arguments, "for_s", 3600) * 1000000;
    size_t sensor = conf_find_sensor(verbs->conf, name);

    if (sensor == verbs->conf->n_sensors)
        no_such_sensor(verbs->conf, answer);
    else if (verbs->release(verbs->userdata, sensor, for_usec) < 0)
        verbs_fail(answer, "unavailable", "sensor", "It can't be let go now", NULL);
    else
        command_answer_data(answer, json_pack("{s:s, s:I}", "sensor", name, "for_s",
                                              (json_int_t)(for_usec / 1000000)));
}

void verbs_run_incline(void *context, const json_t *arguments, struct command_answer *answer)
{
    const struct verbs *verbs = context;
    double percent = verbs_number(arguments, "percent", NAN);
    size_t runner;

    if (!verbs_which_runner(verbs, arguments, answer, &runner))
        return;
    if (sessions_incline(verbs->sessions, clock_now_usec(), runner, percent) != TRACKER_OK)
        verbs_fail(answer, "not_found", "runner", "No session of this runner is open", NULL);
    else
        command_answer_data(answer, json_pack("{s:s, s:o}", "runner",
                                              verbs->conf->runners[runner].id, "percent",
                                              isnan(percent) ? json_null() : json_real(percent)));
}
