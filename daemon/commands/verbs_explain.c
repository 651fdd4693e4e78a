/* SPDX-License-Identifier: MIT */
/* explain: a rule's word with all that went into it. */
#include "daemon/commands/verbs_private.h"

#include <math.h>
#include "daemon/util.h"
#include "lib/civil.h"

/* ---- values ------------------------------------------------------------------------------------- */

static json_t *number(double value)
{
    return isfinite(value) ? json_real(round(value * 1000) / 1000) : json_null();
}

static json_t *percent(double share)
{
    return isfinite(share) ? json_integer((json_int_t)floor(share * 100)) : json_null();
}

static json_t *day(int32_t value)
{
    int year, month, of_month;

    civil_from_days(value, &year, &month, &of_month);
    return json_sprintf("%04d-%02d-%02d", year, month, of_month);
}

/* ---- what went in ------------------------------------------------------------------------------- */

static json_t *days_of(const struct explanation *explanation, const struct explain_input *input)
{
    json_t *list = json_array();

    for (size_t i = 0; i < input->n_days; i++) {
        const struct explain_day *one = &explanation->days[input->first_day + i];

        json_array_append_new(list, json_pack("{s:o, s:o, s:b, s:b}", "day", day(one->day), "value",
                                              number(one->value), "known", one->known, "live",
                                              one->live));
    }
    return list;
}

static json_t *runs_of(const struct explanation *explanation, const struct explain_input *input)
{
    json_t *list = json_array();

    for (size_t i = 0; i < input->n_runs; i++) {
        const struct explain_run *run = &explanation->runs[input->first_run + i];

        json_array_append_new(
            list, json_pack("{s:o, s:o, s:o, s:o, s:b, s:o}", "day", day(run->day), "start",
                            verbs_moment(run->start_s * 1000000), "end",
                            verbs_moment(run->end_s * 1000000), "value", number(run->value),
                            "known", run->known, "coverage_pct", percent(run->coverage)));
    }
    return list;
}

static json_t *input_json(const struct explanation *explanation, const struct explain_input *input)
{
    return json_pack(
        "{s:s, s:s, s:o, s:s, s:b, s:b, s:o, s:o, s:o, s:o, s:o, s:i}", "name", input->name, "what",
        input->what, "value", number(input->value), "unit", input->unit, "known", input->known,
        "counts", input->counts, "coverage_pct", percent(input->coverage), "from",
        input->of_days ? day(input->from) : json_null(), "to",
        input->of_days ? day(input->to) : json_null(), "days", days_of(explanation, input), "runs",
        runs_of(explanation, input), "runs_in_all", (int)input->all_runs);
}

/* What the values are of, for whoever shows them: the unit alone does not tell. */
static const char *quantity(enum rule_unit unit)
{
    static const char *const names[] = {
        [RULE_UNIT_NONE] = "number",
        [RULE_UNIT_METRES_FAR] = "distance",
        [RULE_UNIT_METRES_HIGH] = "height",
        [RULE_UNIT_SECONDS] = "time",
    };

    return names[unit];
}

static json_t *inputs_of(const struct explanation *explanation)
{
    json_t *list = json_array();

    for (size_t i = 0; i < explanation->n_inputs; i++)
        json_array_append_new(list, input_json(explanation, &explanation->inputs[i]));
    return list;
}

/* ---- what came of it ---------------------------------------------------------------------------- */

static json_t *lines(const char (*texts)[EXPLAIN_TEXT_MAX], size_t n)
{
    json_t *list = json_array();

    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, json_string(texts[i]));
    return list;
}

static json_t *doctor(void)
{
    json_t *list = json_array();

    for (size_t i = 0; rule_doctor(i); i++)
        json_array_append_new(list, json_string(rule_doctor(i)));
    return list;
}

static json_t *text_or_null(const char *text)
{
    return text[0] ? json_string(text) : json_null();
}

static void explain(json_t *told, const struct explanation *explanation,
                    const struct payload_alert *alert)
{
    const struct rule *rule = rule_get(explanation->verdict.rule);
    char letter = explanation->verdict.evidence;

    json_object_set_new(told, "alert", verbs_payload_json(CONTRACT_ALERT, alert));
    json_object_set_new(told, "title", json_string(rule->title));
    json_object_set_new(told, "measure", json_string(rule->measure));
    json_object_set_new(told, "reference", json_string(rule->reference));
    json_object_set_new(told, "quantity", json_string(quantity(rule->unit)));
    json_object_set_new(told, "inputs", inputs_of(explanation));
    json_object_set_new(told, "formula", text_or_null(explanation->formula));
    json_object_set_new(told, "steps", lines(explanation->steps, explanation->n_steps));
    json_object_set_new(told, "why", text_or_null(explanation->why));
    json_object_set_new(told, "missing", lines(explanation->missing, explanation->n_missing));
    json_object_set_new(told, "source", json_string(rule->source));
    json_object_set_new(told, "evidence", json_sprintf("%c", letter));
    json_object_set_new(told, "evidence_means", json_string(rule_evidence_means(letter)));
    json_object_set_new(told, "not_means", json_string(rule->not_means));
    json_object_set_new(told, "doctor", doctor());
}

void verbs_fail_off(struct command_answer *answer)
{
    verbs_fail(answer, "unavailable", "rule", "This rule is off for this runner",
               "one that is on: Enable=yes in its [Rule]");
}

void verbs_run_explain(void *context, const json_t *arguments, struct command_answer *answer)
{
    const struct verbs *verbs = context;
    enum rule_id rule = rule_by_name(verbs_text(arguments, "rule")); /* the table knows them all */
    _cleanup_free_ struct explanation *explanation = malloc(sizeof(*explanation));
    struct payload_alert alert;
    size_t runner;

    if (!explanation) {
        verbs_fail(answer, "no_memory", NULL, "Out of memory", NULL);
        return;
    }
    if (!verbs_which_runner(verbs, arguments, answer, &runner))
        return;
    if (!conf_rule_is_on(verbs->conf, &verbs->conf->runners[runner], rule))
        verbs_fail_off(answer);
    else if (training_explain(verbs->training, runner, rule, explanation, &alert)) {
        json_t *told = verbs_of_runner(verbs, runner);

        explain(told, explanation, &alert);
        command_answer_data(answer, told);
    } else {
        verbs_fail_unjudged(answer);
    }
}
