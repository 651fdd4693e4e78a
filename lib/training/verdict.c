/* SPDX-License-Identifier: MIT */
#include "lib/training/verdict.h"
#include "lib/training/verdict_descent.h"

/* ---- A week against the four before it */

static void judge_week(const struct week_place *place, const struct rule_settings *settings,
                       const struct rule *rule, struct verdict *ret)
{
    const struct rule_setting *setting = &settings->rule[ret->rule];
    const struct week_limits limits = { setting->caution, setting->warning, setting->floor };
    struct week_verdict week;

    week_blocks_read(place, rule->week, settings->window, &ret->week);
    week_judge(&ret->week, &limits, &week);
    ret->word = week.word;
    ret->value = ret->week.now.total;
    ret->coverage = ret->week.now.coverage;
    ret->reference = week.reference;
    ret->limit = week.limit;
    ret->warning_limit = week.warning_limit;
    ret->most = week.most;
    ret->mean = week.mean;
    ret->left = week.left;
    ret->ratio = week.ratio;
    ret->at_least = week.at_least;
    ret->clears = week.clears;
}

/* ---- A run against the longest before it */

static void compare_run(const struct week_place *place, const struct rule_setting *setting,
                        const struct rule *rule, const struct spike_run *run, int64_t start_s,
                        struct verdict *ret)
{
    const struct spike_limits limits = { setting->warning, setting->floor };
    struct spike_verdict spike;

    ret->run = *run;
    ret->before_s = start_s;
    ret->any_longest = spike_longest_before(place, rule->spike, start_s, &ret->longest);
    spike_judge(run->total, run->known, ret->any_longest ? &ret->longest : NULL, &limits, &spike);
    ret->word = spike.word;
    ret->bin = spike.bin;
    ret->reference = spike.reference;
    ret->limit = spike.limit;
    ret->left = spike.left;
    ret->ratio = spike.ratio;
    ret->at_least = spike.at_least;
    ret->clears = spike.word == VERDICT_OK || spike.word == VERDICT_NO_BASELINE;
}

static void set_subject(const struct spike_run *run, struct verdict *ret)
{
    ret->value = run->total;
    ret->start_s = run->start_s;
    ret->end_s = run->end_s;
}

/* What is told of a run that is over, today's or yesterday's: a file often comes the next
 * morning. */
static void judge_run(const struct week_place *place, const struct rule_setting *setting,
                      const struct rule *rule, int64_t now_s, struct verdict *ret)
{
    struct spike_run run = { .known = true, .total = NAN };
    bool any = spike_run_latest(place, rule->spike, place->today - 1, &run);

    if (any)
        set_subject(&run, ret);
    else
        run = (struct spike_run){ .known = true, .total = NAN };
    compare_run(place, setting, rule, &run, any ? run.start_s : now_s, ret);
}

/* ---- All */

/* A person's own limit may lie below what was studied; a study's letter is not for that. */
static char evidence(const struct rule *rule, const struct verdict *verdict)
{
    if (verdict->word != VERDICT_WARNING)
        return rule->caution_evidence;
    if (rule->studied_above > 0 && !(verdict->ratio > rule->studied_above * WEEK_ROUNDING))
        return 'C';
    return rule->warning_evidence;
}

static void begin(enum rule_id id, struct verdict *ret)
{
    *ret = (struct verdict){ .rule = id,
                             .value = NAN,
                             .reference = NAN,
                             .limit = NAN,
                             .left = NAN,
                             .ratio = NAN,
                             .coverage = NAN,
                             .warning_limit = NAN,
                             .most = NAN,
                             .mean = NAN,
                             .deviation = NAN,
                             .bin = SPIKE_NO_BASELINE };
}

static void judge(const struct week_place *place, const struct rule_settings *settings,
                  int64_t now_s, enum rule_id id, struct verdict *ret)
{
    const struct rule_setting *setting = &settings->rule[id];
    const struct rule *rule = rule_get(id);

    begin(id, ret);
    switch (rule->family) {
    case RULE_OF_WEEK:
        judge_week(place, settings, rule, ret);
        break;
    case RULE_OF_RUN:
        judge_run(place, setting, rule, now_s, ret);
        break;
    case RULE_OF_BREAK:
        verdict_of_break(place, setting, ret);
        break;
    case RULE_OF_BASE:
        verdict_of_base(place, settings, ret);
        break;
    case RULE_OF_MONOTONY:
        verdict_of_monotony(place, setting, ret);
        break;
    }
    ret->evidence = evidence(rule, ret);
}

/* Today is not over: until its run is run, seven rolling days are six, and who runs each Sunday would
 * be well below the usual each Sunday morning. What stands is over when seven whole days say so. */
static bool is_over(const struct week_place *place, const struct rule_settings *settings,
                    enum rule_id id)
{
    const struct week_place yesterday = { place->ledger, place->live, place->today - 1,
                                          place->week_start };
    enum rule_family family = rule_get(id)->family;
    struct verdict verdict;

    if (settings->window != WEEK_ROLLING || (family != RULE_OF_WEEK && family != RULE_OF_BASE))
        return true;
    judge(&yesterday, settings, 0, id, &verdict);
    return verdict.clears;
}

void verdict_judge(const struct ledger *ledger, const struct outing *live,
                   const struct rule_settings *settings, const struct verdict_time *time,
                   enum rule_id id, struct verdict *ret)
{
    const struct week_place place = { ledger, live, time->today, time->week_start };

    judge(&place, settings, time->now_s, id, ret);
    ret->clears = ret->clears && is_over(&place, settings, id);
}

void verdict_judge_outing(const struct ledger *ledger, const struct outing *outing,
                          const struct rule_settings *settings, enum rule_id id,
                          struct verdict *ret)
{
    const struct week_place place = { ledger, NULL, outing->day, 0 };
    const struct rule *rule = rule_get(id);
    struct spike_run run;

    begin(id, ret);
    ret->word = VERDICT_NO_BASELINE;
    if (rule->family == RULE_OF_RUN && spike_run_of(&place, rule->spike, outing, &run)) {
        set_subject(&run, ret);
        compare_run(&place, &settings->rule[id], rule, &run, run.start_s, ret);
    }
    ret->evidence = evidence(rule, ret);
}

void verdict_judge_no_run(const struct ledger *ledger, int64_t start_s,
                          const struct rule_settings *settings, enum rule_id id,
                          struct verdict *ret)
{
    const struct week_place place = { .ledger = ledger };
    const struct spike_run none = { .known = true, .total = NAN };

    begin(id, ret);
    compare_run(&place, &settings->rule[id], rule_get(id), &none, start_s, ret);
    ret->evidence = evidence(rule_get(id), ret);
}
