/* SPDX-License-Identifier: MIT */
/* What the rules say of a runner, for who asks: as it stands in the topics of the broker. */
#include "daemon/commands/verbs_private.h"

void verbs_fail_unjudged(struct command_answer *answer)
{
    verbs_fail(answer, "unavailable", NULL, "The training log or the date is not known", NULL);
}

json_t *verbs_of_runner(const struct verbs *verbs, size_t runner)
{
    return json_pack("{s:s, s:s}", "runner", verbs->conf->runners[runner].id, "units",
                     verbs->conf->units == CONF_UNITS_IMPERIAL ? "imperial" : "metric");
}

void verbs_run_week(void *context, const json_t *arguments, struct command_answer *answer)
{
    const struct verbs *verbs = context;
    struct payload_week week;
    json_t *told;
    size_t runner;

    if (!verbs_which_runner(verbs, arguments, answer, &runner))
        return;
    if (!training_week(verbs->training, runner, &week)) {
        verbs_fail_unjudged(answer);
        return;
    }
    told = verbs_of_runner(verbs, runner);
    json_object_set_new(told, "week", verbs_payload_json(CONTRACT_WEEK, &week));
    command_answer_data(answer, told);
}
