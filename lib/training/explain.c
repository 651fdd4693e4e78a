/* SPDX-License-Identifier: MIT */
#include "lib/training/explain.h"

#include <stdarg.h>
#include <stdio.h>
#include "lib/training/explain_private.h"
#include "lib/training/verdict_descent.h"

/* ---- What went in ----------------------------------------------------------------------------- */

static const char *unit_of(const struct rule *rule)
{
    if (rule->unit == RULE_UNIT_NONE)
        return "";
    return rule->unit == RULE_UNIT_SECONDS ? "s" : "m";
}

__attribute__((format(printf, 4, 5))) static struct explain_input *
add(struct explainer *explainer, const char *name, const char *unit, const char *what, ...)
{
    struct explanation *out = explainer->out;
    struct explain_input *input =
        &out->inputs[out->n_inputs < EXPLAIN_INPUTS_MAX ? out->n_inputs++ : out->n_inputs - 1];
    va_list ap;

    *input = (struct explain_input){
        .unit = unit, .value = NAN, .coverage = NAN, .known = true, .counts = true
    };
    snprintf(input->name, sizeof(input->name), "%s", name);
    va_start(ap, what);
    vsnprintf(input->what, sizeof(input->what), what, ap);
    va_end(ap);
    return input;
}

/* Nothing measured of what there was is not 0. */
static double measured(const struct week_block *block)
{
    return block->total == 0 && !block->known ? (double)NAN : block->total;
}

static void add_day(struct explainer *explainer, struct explain_input *input, int32_t day,
                    const struct week_block *block)
{
    const struct outing *live = explainer->place->live;
    struct explanation *out = explainer->out;

    if (out->n_days == EXPLAIN_DAYS_MAX)
        return;
    input->n_days++;
    out->days[out->n_days++] = (struct explain_day){ .day = day,
                                                     .value = measured(block),
                                                     .known = block->known,
                                                     .live = live && live->day == day };
}

static void add_block(struct explainer *explainer, const char *name, const char *what,
                      const struct week_block *block, bool counts)
{
    struct explain_input *input = add(explainer, name, unit_of(explainer->rule), "%s", what);

    input->value = measured(block);
    input->known = block->known;
    input->counts = counts;
    input->coverage = block->coverage;
    input->of_days = true;
    input->from = block->from;
    input->to = block->to;
    input->first_day = explainer->out->n_days;
    for (int32_t day = block->from; day <= block->to; day++) {
        struct week_block one = week_block_read(explainer->place, explainer->rule->week, day, day);

        add_day(explainer, input, day, &one);
    }
}

static void add_weeks(struct explainer *explainer)
{
    static const char *const names[WEEK_BEFORE] = { "W1", "W2", "W3", "W4" };
    const struct week_blocks *week = &explainer->out->verdict.week;
    bool calendar = explainer->settings->window == WEEK_CALENDAR;

    add_block(explainer, "W0", calendar ? "this calendar week so far" : "the last 7 days",
              &week->now, true);
    for (size_t i = 0; i < week->n_before; i++)
        add_block(explainer, names[i], calendar ? "a calendar week before" : "7 days before that",
                  &week->before[i], week->before[i].known);
}

static void add_settings(struct explainer *explainer)
{
    const double values[RULE_KEYS] = { [RULE_KEY_CAUTION] = explainer->setting->caution,
                                       [RULE_KEY_WARNING] = explainer->setting->warning,
                                       [RULE_KEY_FLOOR] = explainer->setting->floor };

    for (enum rule_key key = 0; key < RULE_KEYS; key++)
        if (!isnan(values[key]))
            add(explainer, rule_key_name(key),
                key == RULE_KEY_FLOOR ? unit_of(explainer->rule) : "", "%s= in [Rule %s]",
                rule_key_name(key), explainer->rule->id)
                ->value = values[key];
}

/* ---- Runs */

static struct explain_run shown_run(const struct spike_run *run)
{
    return (struct explain_run){ .start_s = run->start_s,
                                 .end_s = run->end_s,
                                 .day = run->day,
                                 .value = run->total == 0 && !run->known ? (double)NAN : run->total,
                                 .coverage = run->coverage,
                                 .known = run->known };
}

static void add_run(struct explainer *explainer)
{
    const struct verdict *verdict = &explainer->out->verdict;
    struct explain_input *input =
        add(explainer, "run", unit_of(explainer->rule), "%s",
            verdict->start_s ? "the latest, today or yesterday, with its restarts"
                             : "none today or yesterday: the next one");
    struct explanation *out = explainer->out;

    if (!verdict->start_s)
        return;
    input->value = shown_run(&verdict->run).value;
    input->known = verdict->run.known;
    input->coverage = explainer->rule->spike == SPIKE_DROP_M ? verdict->run.coverage : (double)NAN;
    input->first_run = out->n_runs;
    input->n_runs = input->all_runs = 1;
    out->runs[out->n_runs++] = shown_run(&verdict->run);
}

static void add_longest(struct explainer *explainer)
{
    const struct verdict *verdict = &explainer->out->verdict;
    struct explanation *out = explainer->out;
    struct spike_run runs[EXPLAIN_RUNS_MAX - 1];
    struct explain_input *input =
        add(explainer, "longest", unit_of(explainer->rule), "%s", explainer->rule->reference);
    size_t n = spike_runs_before(explainer->place, explainer->rule->spike, verdict->before_s, runs,
                                 EXPLAIN_RUNS_MAX - 1, &input->all_runs);

    if (verdict->any_longest) {
        input->value = shown_run(&verdict->longest).value;
        input->known = input->counts = verdict->longest.known;
        if (explainer->rule->spike == SPIKE_DROP_M)
            input->coverage = verdict->longest.coverage;
    }
    input->first_run = out->n_runs;
    input->n_runs = n;
    for (size_t i = 0; i < n; i++)
        out->runs[out->n_runs++] = shown_run(&runs[i]);
}

/* ---- Uphill */

static void add_uphill_run(struct explainer *explainer, struct explain_input *input,
                           const struct outing *outing)
{
    struct explanation *out = explainer->out;

    if (!verdict_is_uphill(outing, explainer->place->today))
        return;
    input->all_runs++;
    if (out->n_runs == EXPLAIN_RUNS_MAX)
        return;
    input->n_runs++;
    out->runs[out->n_runs++] = (struct explain_run){ .start_s = outing->start_s,
                                                     .end_s = outing_end_s(outing),
                                                     .day = outing->day,
                                                     .value = outing->ascent_mm / 1000.0,
                                                     .coverage = NAN,
                                                     .known = true };
}

static void add_uphill(struct explainer *explainer)
{
    const struct ledger *ledger = explainer->place->ledger;
    int32_t today = explainer->place->today, from = today - (VERDICT_BASE_DAYS - 1);
    struct explain_input *input =
        add(explainer, "uphill", "", "runs of %d m of ascent or more in %d days",
            (int)(VERDICT_BASE_MM / 1000), VERDICT_BASE_DAYS);

    input->value = explainer->out->verdict.uphill_runs;
    input->of_days = true;
    input->from = from;
    input->to = today;
    input->first_run = explainer->out->n_runs;
    for (size_t i = ledger_outing_from(ledger, from);
         i < ledger->n_outings && ledger->outings[i].day <= today; i++)
        add_uphill_run(explainer, input, &ledger->outings[i]);
    if (explainer->place->live)
        add_uphill_run(explainer, input, explainer->place->live);
}

/* ---- Heart load */

static void add_loads(struct explainer *explainer)
{
    const struct verdict *verdict = &explainer->out->verdict;
    struct explain_input *input = add(explainer, "load", "", "heart load of each of seven days");

    input->of_days = true;
    input->to = explainer->place->today;
    input->from = input->to - (VERDICT_LOAD_DAYS - 1);
    for (int i = 0; i < VERDICT_LOAD_DAYS; i++) {
        const struct week_block block = { .total = isnan(verdict->load[i]) ? 0 : verdict->load[i],
                                          .known = !isnan(verdict->load[i]) };

        input->known = input->known && block.known;
        add_day(explainer, input, input->from + i, &block);
    }
}

static void add_inputs(struct explainer *explainer)
{
    switch (explainer->rule->family) {
    case RULE_OF_WEEK:
        add_weeks(explainer);
        break;
    case RULE_OF_RUN:
        add_run(explainer);
        add_longest(explainer);
        break;
    case RULE_OF_BREAK:
        add_block(explainer, "W0", "the last 7 days", &explainer->out->verdict.week.now, true);
        add_block(explainer, "before", "the 35 days before the first descent of W0",
                  &explainer->out->verdict.before, true);
        break;
    case RULE_OF_BASE:
        add_weeks(explainer);
        add_uphill(explainer);
        break;
    case RULE_OF_MONOTONY:
        add_loads(explainer);
        break;
    }
    add_settings(explainer);
}

void explain_verdict(const struct ledger *ledger, const struct outing *live,
                     const struct rule_settings *settings, const struct verdict_time *time,
                     enum rule_id id, enum conf_units units, struct explanation *ret)
{
    const struct week_place place = { ledger, live, time->today, time->week_start };
    struct explainer explainer = { .place = &place,
                                   .settings = settings,
                                   .setting = &settings->rule[id],
                                   .rule = rule_get(id),
                                   .pen = { .unit = rule_get(id)->unit, .units = units },
                                   .out = ret };

    *ret = (struct explanation){ 0 };
    verdict_judge(ledger, live, settings, time, id, &ret->verdict);
    add_inputs(&explainer);
    explain_write_steps(&explainer);
    explain_write_missing(&explainer);
    ret->decimals = explainer.pen.decimals;
}
