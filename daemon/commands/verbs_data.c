/* SPDX-License-Identifier: MIT */
/* What is kept of a runner, summed up; and what the payloads look like that tell of it. */
#include "daemon/commands/verbs_private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/broker/schema.h"
#include "daemon/util.h"
#include "lib/civil.h"

#define WEEKS_UNLESS_SAID 12

/* ---- history ------------------------------------------------------------------------------------ */

static json_t *tenths(double value)
{
    return isfinite(value) ? json_real(round(value * 10) / 10) : json_null();
}

static json_t *day_json(int32_t number)
{
    int year, month, day;

    civil_from_days(number, &year, &month, &day);
    return json_sprintf("%04d-%02d-%02d", year, month, day);
}

static json_t *week_json(const struct history_week *week, bool heart)
{
    const struct history *figures = &week->figures;
    char label[HISTORY_LABEL_MAX];

    history_week_label(week->start, label);
    return json_pack(
        "{s:s, s:o, s:o, s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "week", label, "start",
        day_json(week->start), "end", day_json(week->start + 6), "runs", (int)figures->runs,
        "distance_m", tenths(figures->distance_m), "moving_s", tenths(figures->moving_s),
        "downhill_drop_m", tenths(figures->drop_m), "downhill_distance_m",
        tenths(figures->downhill_m), "ascent_m", tenths(figures->ascent_m), "longest_run_m",
        tenths(figures->longest_run_m), "trimp", tenths(heart ? figures->load : NAN), "walked_m",
        tenths(figures->walked_m), "walked_drop_m", tenths(figures->walked_drop_m));
}

/* An answer that leaves over MQTT tells no more of a heart than the topics do. */
static bool tells_heart(const struct conf_runner *runner, const struct command_answer *answer)
{
    return runner->publish_heart_rate || command_answer_door(answer) != COMMAND_DOOR_MQTT;
}

static json_t *history_json(const struct conf *conf, const struct conf_runner *runner,
                            const char *day, json_t *weeks)
{
    return json_pack("{s:s, s:s, s:s, s:o}", "runner", runner->id, "units",
                     conf->units == CONF_UNITS_IMPERIAL ? "imperial" : "metric", "day", day,
                     "weeks", weeks);
}

void verbs_run_history(void *context, const json_t *arguments, struct command_answer *answer)
{
    const struct verbs *verbs = context;
    size_t most = (size_t)verbs_number(arguments, "weeks", WEEKS_UNLESS_SAID), runner, n = 0;
    _cleanup_free_ struct history_week *weeks = calloc(most, sizeof(*weeks));
    json_t *list;
    char day[11] = "";

    if (!verbs_which_runner(verbs, arguments, answer, &runner))
        return;
    if (!weeks || !training_history(verbs->training, runner, most, weeks, &n, day)) {
        verbs_fail(answer, weeks ? "unavailable" : "no_memory", NULL,
                   weeks ? "The training log or the date is not known" : "Out of memory", NULL);
        return;
    }
    list = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(
            list, week_json(&weeks[i], tells_heart(&verbs->conf->runners[runner], answer)));
    command_answer_data(answer,
                        history_json(verbs->conf, &verbs->conf->runners[runner], day, list));
}

/* ---- schema ------------------------------------------------------------------------------------- */

static json_t *all_payloads(void)
{
    json_t *list = json_array();

    for (enum contract_kind kind = 0; kind < CONTRACT_KINDS; kind++)
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:s}", "payload", contract_kind_name(kind), "topic",
                            contract_kind_topic(kind), "about", contract_kind_description(kind)));
    return json_pack("{s:o}", "payloads", list);
}

static json_t *schema_json(enum contract_kind kind)
{
    _cleanup_free_ char *text = schema_payload(kind);
    json_t *schema = text ? json_loads(text, 0, NULL) : NULL;

    return schema ? json_pack("{s:s, s:o}", "payload", contract_kind_name(kind), "schema", schema)
                  : NULL;
}

void verbs_run_schema(void *context, const json_t *arguments, struct command_answer *answer)
{
    const char *name = verbs_text(arguments, "payload"); /* the table knows them all */
    enum contract_kind kind = 0;
    json_t *data;

    while (kind < CONTRACT_KINDS && strcmp(contract_kind_name(kind), name) != 0)
        kind++;
    data = kind < CONTRACT_KINDS ? schema_json(kind) : all_payloads();
    if (data)
        command_answer_data(answer, data);
    else
        verbs_fail(answer, "no_memory", NULL, "Out of memory", NULL);
}
