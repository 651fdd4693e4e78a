/* SPDX-License-Identifier: MIT */
/* What the rules say of a runner, for who asks: as it stands in the topics of the broker. */
#include "daemon/commands/verbs_private.h"

/* ---- week --------------------------------------------------------------------------------------- */

static void fail_unjudged(struct command_answer *answer)
{
    verbs_fail(answer, "unavailable", NULL, "The training log or the date is not known", NULL);
}

/* Units are of a terminal: the figures here are metric. */
static json_t *told(const struct verbs *verbs, size_t runner, const char *what, json_t *payload)
{
    return json_pack("{s:s, s:s, s:o}", "runner", verbs->conf->runners[runner].id, "units",
                     verbs->conf->units == CONF_UNITS_IMPERIAL ? "imperial" : "metric", what,
                     payload);
}

void verbs_run_week(void *context, const json_t *arguments, struct command_answer *answer)
{
    const struct verbs *verbs = context;
    struct payload_week week;
    size_t runner;

    if (!verbs_which_runner(verbs, arguments, answer, &runner))
        return;
    if (training_week(verbs->training, runner, &week))
        command_answer_data(answer,
                            told(verbs, runner, "week", verbs_payload_json(CONTRACT_WEEK, &week)));
    else
        fail_unjudged(answer);
}

/* ---- explain ------------------------------------------------------------------------------------ */

static bool is_on(const struct verbs *verbs, size_t runner, enum rule_id rule)
{
    return conf_rule_is_on(verbs->conf, &verbs->conf->runners[runner], rule);
}

void verbs_run_explain(void *context, const json_t *arguments, struct command_answer *answer)
{
    const struct verbs *verbs = context;
    enum rule_id rule = rule_by_name(verbs_text(arguments, "rule")); /* the table knows them all */
    struct payload_alert alert;
    size_t runner;

    if (!verbs_which_runner(verbs, arguments, answer, &runner))
        return;
    if (!is_on(verbs, runner, rule))
        verbs_fail(answer, "unavailable", "rule", "This rule is off for this runner",
                   "one that is on: Enable=yes in its [Rule]");
    else if (training_alert(verbs->training, runner, rule, &alert))
        command_answer_data(
            answer, told(verbs, runner, "alert", verbs_payload_json(CONTRACT_ALERT, &alert)));
    else
        fail_unjudged(answer);
}
