/* SPDX-License-Identifier: MIT */
/* The formula of each family of rules with the numbers in it, from what the engine found. */
#include <stdio.h>
#include <string.h>
#include "lib/metrics/monotony.h"
#include "lib/training/explain_private.h"

#define FORMULA(explainer, ...) snprintf((explainer)->out->formula, EXPLAIN_TEXT_MAX, __VA_ARGS__)
#define WHY(explainer, ...)     snprintf((explainer)->out->why, EXPLAIN_TEXT_MAX, __VA_ARGS__)

static const char *figure(const struct explainer *explainer, double value, char ret[PEN_MAX])
{
    return pen_figure(&explainer->pen, value, ret);
}

static void add_text(char ret[EXPLAIN_TEXT_MAX], const char *before, const char *text)
{
    size_t length = strlen(ret);

    snprintf(ret + length, EXPLAIN_TEXT_MAX - length, "%s%s", length ? before : "", text);
}

/* Prints so that the numbers say what the word says. limit: the end of ok; warning: of caution. */
static void sharpen(struct explainer *explainer, double limit, double warning)
{
    const struct verdict *verdict = &explainer->out->verdict;
    struct pen_pair pairs[] = {
        { verdict->value, limit, verdict->word != VERDICT_OK },
        { verdict->value, warning, verdict->word == VERDICT_WARNING },
    };

    pen_sharpen(&explainer->pen, pairs, verdict_word_judges(verdict->word) ? 2 : 0);
}

static void write_word(struct explainer *explainer, const char *name, double limit, double warning)
{
    const struct verdict *verdict = &explainer->out->verdict;
    const char *least = verdict->at_least ? "at least " : "";
    char value[PEN_MAX], ok[PEN_MAX], caution[PEN_MAX];

    figure(explainer, verdict->value, value);
    figure(explainer, limit, ok);
    figure(explainer, warning, caution);
    if (verdict->word == VERDICT_OK)
        explain_add_step(explainer, "%s = %s%s <= %s: ok", name, least, value, ok);
    else if (verdict->word == VERDICT_CAUTION)
        explain_add_step(explainer, "%s = %s%s > %s, <= %s: caution", name, least, value, ok,
                         caution);
    else
        explain_add_step(explainer, "%s = %s%s > %s: warning", name, least, value, caution);
}

/* ---- Sums */

/* What of an input was there at all. */
static void write_sum(struct explainer *explainer, const struct explain_input *input)
{
    char sum[EXPLAIN_TEXT_MAX] = "", text[PEN_MAX];
    size_t n = 0;

    for (size_t i = 0; i < input->n_days; i++) {
        double value = explainer->out->days[input->first_day + i].value;

        if (!(value > 0))
            continue;
        add_text(sum, " + ", figure(explainer, value, text));
        n++;
    }
    if (n > 1)
        explain_add_step(explainer, "%s = %s = %s", input->name, sum,
                         figure(explainer, input->value, text));
}

/* R, of the weeks that are known. */
static void write_reference(struct explainer *explainer)
{
    const struct verdict *verdict = &explainer->out->verdict;
    char sum[EXPLAIN_TEXT_MAX] = "", text[PEN_MAX], mean[PEN_MAX], most[PEN_MAX], times[PEN_MAX];
    size_t n = 0;

    for (size_t i = 0; i < verdict->week.n_before; i++)
        if (verdict->week.before[i].known) {
            add_text(sum, " + ", figure(explainer, verdict->week.before[i].total, text));
            n++;
        }
    figure(explainer, verdict->mean, mean);
    figure(explainer, verdict->most, most);
    figure(explainer, WEEK_MEAN_FACTOR * verdict->mean, times);
    explain_add_step(explainer, "mean = (%s) / %zu = %s", sum, n, mean);
    explain_add_step(explainer, "R = min(%s, %s x %g) = min(%s, %s) = %s", most, mean,
                     WEEK_MEAN_FACTOR, most, times, figure(explainer, verdict->reference, text));
}

/* The end of something: a multiple of the reference, and at least the floor more. */
static void write_limit(struct explainer *explainer, const char *name, double factor, double limit)
{
    double reference = explainer->out->verdict.reference, floor = explainer->setting->floor;
    char r[PEN_MAX], more[PEN_MAX], product[PEN_MAX], sum[PEN_MAX], end[PEN_MAX], times[PEN_MAX];

    figure(explainer, reference, r);
    figure(explainer, floor, more);
    explain_add_step(explainer, "%s = max(%s x %s, %s + %s) = max(%s, %s) = %s", name, r,
                     pen_factor(factor, times), r, more,
                     figure(explainer, factor * reference, product),
                     figure(explainer, reference + floor, sum), figure(explainer, limit, end));
}

/* "167 m against 117 m x 1.10 = 128.7 m, at least 117 m + 50 m = 167 m: ok" */
static void write_formula(struct explainer *explainer, double factor)
{
    const struct verdict *verdict = &explainer->out->verdict;
    double reference = verdict->reference, floor = explainer->setting->floor;
    char value[PEN_MAX], r[PEN_MAX], more[PEN_MAX], product[PEN_MAX], sum[PEN_MAX], times[PEN_MAX];

    figure(explainer, reference, r);
    FORMULA(explainer, "%s%s against %s x %s = %s, at least %s + %s = %s: %s",
            verdict->at_least ? "at least " : "",
            isnan(verdict->value) ? "none yet" : figure(explainer, verdict->value, value), r,
            pen_factor(factor, times), figure(explainer, factor * reference, product), r,
            figure(explainer, floor, more), figure(explainer, reference + floor, sum),
            verdict_word_name(verdict->word));
}

/* Which of the two makes the limit that is spoken of. */
static void write_why(struct explainer *explainer, double factor, const char *usual)
{
    double reference = explainer->out->verdict.reference, floor = explainer->setting->floor;
    char more[PEN_MAX], times[PEN_MAX], r[PEN_MAX];

    figure(explainer, reference, r);
    pen_factor(factor, times);
    figure(explainer, floor, more);
    if (reference + floor >= factor * reference)
        WHY(explainer,
            "The floor makes the limit: %s more than %s is as much as %s times it, or more. %s",
            more, r, times, usual);
    else
        WHY(explainer, "The factor makes the limit: %s times %s is above %s more. %s", times, r,
            more, usual);
}

/* Said of what was done after nothing: any of it is a caution. */
static void write_after_none(struct explainer *explainer, const char *none)
{
    const struct verdict *verdict = &explainer->out->verdict;
    char value[PEN_MAX], zero[PEN_MAX], floor[PEN_MAX];

    figure(explainer, explainer->setting->floor, floor);
    explain_add_step(explainer, "caution up to = %s", floor);
    write_word(explainer, "W0", 0, explainer->setting->floor);
    FORMULA(explainer, "%s%s against %s, and up to %s for a caution: %s",
            verdict->at_least ? "at least " : "", figure(explainer, verdict->value, value),
            figure(explainer, 0, zero), floor, verdict_word_name(verdict->word));
    WHY(explainer, "%s: any is a caution, and more than the floor of %s a warning.", none, floor);
}

/* ---- The families ----------------------------------------------------------------------------- */

static void steps_of_week(struct explainer *explainer)
{
    const struct verdict *verdict = &explainer->out->verdict;
    const struct rule_setting *setting = explainer->setting;
    bool none = verdict->reference == 0, warns = verdict->word == VERDICT_WARNING;
    const char *usual =
        verdict->most <= WEEK_MEAN_FACTOR * verdict->mean
            ? "R is the most of the weeks before."
            : "R is 1.3 times the mean of the weeks before, for their most is above "
              "that: one big week is no measure for the next.";

    sharpen(explainer, none ? 0 : verdict->limit, verdict->warning_limit);
    write_sum(explainer, &explainer->out->inputs[0]);
    if (!verdict_word_judges(verdict->word))
        return;
    write_reference(explainer);
    if (none) {
        write_after_none(explainer, "There was none in the weeks before");
        return;
    }
    write_limit(explainer, "ok up to", setting->caution, verdict->limit);
    write_limit(explainer, "caution up to", setting->warning, verdict->warning_limit);
    write_word(explainer, "W0", verdict->limit, verdict->warning_limit);
    write_formula(explainer, warns ? setting->warning : setting->caution);
    write_why(explainer, warns ? setting->warning : setting->caution, usual);
}

static void steps_of_run(struct explainer *explainer)
{
    const struct verdict *verdict = &explainer->out->verdict;
    double factor = explainer->setting->warning;

    sharpen(explainer, verdict->limit, verdict->limit);
    if (!verdict_word_judges(verdict->word))
        return;
    write_limit(explainer, "ok up to", factor, verdict->limit);
    if (!isnan(verdict->value))
        write_word(explainer, "run", verdict->limit, verdict->limit);
    write_formula(explainer, factor);
    write_why(explainer, factor,
              "There is no caution below it: what is above the limit is one group.");
}

static void steps_of_break(struct explainer *explainer)
{
    const struct verdict *verdict = &explainer->out->verdict;
    char before[PEN_MAX], zero[PEN_MAX];

    sharpen(explainer, verdict->reference, verdict->warning_limit);
    write_sum(explainer, &explainer->out->inputs[0]);
    if (!verdict_word_judges(verdict->word))
        return;
    if (verdict->reference == 0) {
        write_after_none(explainer, "There was none in the 35 days before the first of them");
        return;
    }
    pen_sharpen(&explainer->pen, &(struct pen_pair){ verdict->before.total, 0, true }, 1);
    figure(explainer, verdict->before.total, before);
    figure(explainer, 0, zero);
    explain_add_step(explainer, "before = %s > %s: no break, ok", before, zero);
    FORMULA(explainer, "%s in the 35 days before, more than %s: no break, ok", before, zero);
    WHY(explainer,
        "There is no limit: descents of the 35 days before mean that there was no break.");
}

static void steps_of_base(struct explainer *explainer)
{
    const struct verdict *verdict = &explainer->out->verdict;
    char value[PEN_MAX], floor[PEN_MAX], r[PEN_MAX], limit[PEN_MAX];
    bool judges = verdict_word_judges(verdict->word), enough = judges && isnan(verdict->limit);

    sharpen(explainer, verdict->limit, NAN);
    write_sum(explainer, &explainer->out->inputs[0]);
    if (!judges)
        return;
    if (enough) {
        explain_add_step(explainer, "uphill = %d >= %d: ok", verdict->uphill_runs,
                         VERDICT_BASE_RUNS);
        FORMULA(explainer, "%d runs uphill, at least %d: ok", verdict->uphill_runs,
                VERDICT_BASE_RUNS);
        WHY(explainer, "There is no limit: as many runs uphill as are asked for were run.");
        return;
    }
    write_reference(explainer);
    figure(explainer, explainer->setting->floor, floor);
    figure(explainer, verdict->reference, r);
    figure(explainer, verdict->limit, limit);
    figure(explainer, verdict->value, value);
    explain_add_step(explainer, "uphill = %d < %d", verdict->uphill_runs, VERDICT_BASE_RUNS);
    explain_add_step(explainer, "ok up to = max(%s, %s) = %s", floor, r, limit);
    explain_add_step(explainer, "W0 = %s%s %s %s: %s", verdict->at_least ? "at least " : "", value,
                     verdict->word == VERDICT_OK ? "<=" : ">", limit,
                     verdict_word_name(verdict->word));
    FORMULA(explainer, "%s%s against the more of %s and %s = %s, with %d of %d runs uphill: %s",
            verdict->at_least ? "at least " : "", value, floor, r, limit, verdict->uphill_runs,
            VERDICT_BASE_RUNS, verdict_word_name(verdict->word));
    WHY(explainer, "%s",
        explainer->setting->floor >= verdict->reference
            ? "The floor makes the limit: what is usual is below it."
            : "What is usual makes the limit: it is no new descent.");
}

static void steps_of_monotony(struct explainer *explainer)
{
    const struct verdict *verdict = &explainer->out->verdict;
    char list[EXPLAIN_TEXT_MAX] = "", mean[PEN_MAX], deviation[PEN_MAX], value[PEN_MAX],
         mark[PEN_MAX];
    double sum = 0;

    sharpen(explainer, explainer->setting->caution, NAN);
    if (!verdict_word_judges(verdict->word) || isnan(verdict->value))
        return;
    for (int i = 0; i < VERDICT_LOAD_DAYS; i++) {
        add_text(list, ", ", figure(explainer, verdict->load[i], value));
        sum += verdict->load[i];
    }
    figure(explainer, sum / VERDICT_LOAD_DAYS, mean);
    figure(explainer, verdict->deviation, deviation);
    figure(explainer, verdict->value, value);
    figure(explainer, explainer->setting->caution, mark);
    explain_add_step(explainer, "mean = mean(%s) = %s", list, mean);
    explain_add_step(explainer, "deviation = sd(%s) = %s", list, deviation);
    explain_add_step(explainer, "monotony = min(%s / %s, %g) = %s", mean, deviation, MONOTONY_MAX,
                     value);
    explain_add_step(explainer, "monotony = %s %s %s: %s", value,
                     verdict->word == VERDICT_OK ? "<=" : ">", mark,
                     verdict_word_name(verdict->word));
    FORMULA(explainer, "%s / %s = %s (at most %g) against %s: %s", mean, deviation, value,
            MONOTONY_MAX, mark, verdict_word_name(verdict->word));
    WHY(explainer, "The mark is Caution= in [Rule monotony].");
}

void explain_write_steps(struct explainer *explainer)
{
    switch (explainer->rule->family) {
    case RULE_OF_WEEK:
        steps_of_week(explainer);
        break;
    case RULE_OF_RUN:
        steps_of_run(explainer);
        break;
    case RULE_OF_BREAK:
        steps_of_break(explainer);
        break;
    case RULE_OF_BASE:
        steps_of_base(explainer);
        break;
    case RULE_OF_MONOTONY:
        steps_of_monotony(explainer);
        break;
    }
}
