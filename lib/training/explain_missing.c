/* SPDX-License-Identifier: MIT */
/* What is not known: why there is no verdict, and what of the reference is left out though there is. */
#include <stdio.h>
#include <string.h>
#include "lib/training/explain_private.h"

#define COVERED 0.8 /* outing_altitude_covers, day_total_descent_known */

static int percent(double share)
{
    return isnan(share) ? 0
                        : (int)floor(share * 100); /* down: 79.9 % is not the 80 % that it takes */
}

static const char *untold(const struct explainer *explainer)
{
    return explainer->rule->unit == RULE_UNIT_SECONDS
               ? "a session in it does not tell how long it was"
               : "a session in it does not tell how far it was";
}

static void write_history(struct explainer *explainer, int needed)
{
    explain_add_missing(explainer, "%d of the %d days on record that it takes",
                        explainer->out->verdict.week.history_days, needed);
}

/* A part of the log, of which some or all is not known. */
static void write_block(struct explainer *explainer, const char *name,
                        const struct week_block *block, const char *so)
{
    char from[PEN_MAX], to[PEN_MAX], text[96];

    if (block->known)
        return;
    snprintf(text, sizeof(text), "%s", untold(explainer));
    if (block->coverage < COVERED)
        snprintf(text, sizeof(text), "%d %% of the distance has altitude, and it takes 80 %%",
                 percent(block->coverage));
    explain_add_missing(explainer, "%s, %s to %s: %s%s", name, pen_day(block->from, from),
                        pen_day(block->to, to), text, so);
}

/* ---- Weeks */

static void write_weeks(struct explainer *explainer)
{
    const struct verdict *verdict = &explainer->out->verdict;
    const struct week_blocks *week = &verdict->week;
    size_t known = 0;

    if (week->history_days < WEEK_HISTORY_DAYS) {
        write_history(explainer, WEEK_HISTORY_DAYS);
        return;
    }
    write_block(explainer, "W0", &week->now,
                verdict_word_judges(verdict->word)
                    ? "; what is known of it is counted"
                    : "; what is not known may be more than is left");
    for (size_t i = 0; i < week->n_before; i++) {
        char name[24];

        known += week->before[i].known;
        snprintf(name, sizeof(name), "W%zu", i + 1);
        write_block(explainer, name, &week->before[i], "; it is left out of R");
    }
    if (week->n_before < WEEK_BEFORE)
        explain_add_missing(explainer, "%zu of the 4 weeks before are on record", week->n_before);
    if (known < 2 && known < week->n_before)
        explain_add_missing(explainer, "%zu of the weeks before %s known, and it takes 2", known,
                            known == 1 ? "is" : "are");
}

/* ---- Runs */

static void write_run(struct explainer *explainer, const struct explain_run *run, const char *which)
{
    bool by_height = explainer->rule->spike == SPIKE_DROP_M && run->coverage < COVERED;
    char day[PEN_MAX];

    if (run->known)
        return;
    pen_day(run->day, day);
    if (by_height)
        explain_add_missing(explainer, "%s of %s: %d %% of its distance has altitude", which, day,
                            percent(run->coverage));
    else
        explain_add_missing(explainer, "%s of %s: it does not tell how far it was", which, day);
}

static void write_runs(struct explainer *explainer)
{
    const struct explanation *out = explainer->out;
    const struct verdict *verdict = &out->verdict;
    const struct explain_input *run = &out->inputs[0], *longest = &out->inputs[1];

    if (!verdict->any_longest || (verdict->longest.known && !(verdict->longest.total > 0)))
        explain_add_missing(explainer, "%s",
                            explainer->rule->spike == SPIKE_DROP_M
                                ? "a descent in the 30 times 24 hours before, to compare with"
                                : "a run in the 30 times 24 hours before, to compare with");
    if (run->n_runs)
        write_run(explainer, &out->runs[run->first_run], "the run");
    if (!verdict->any_longest || verdict->longest.known)
        return;
    if (explainer->rule->spike == SPIKE_DROP_M && verdict->longest.coverage < COVERED)
        explain_add_missing(explainer,
                            "of the 30 times 24 hours before, %d %% of the distance has altitude, "
                            "and it takes 80 %%",
                            percent(verdict->longest.coverage));
    for (size_t i = longest->n_runs; i > 0; i--)
        write_run(explainer, &out->runs[longest->first_run + i - 1], "the one");
}

/* ---- The others */

static void write_break(struct explainer *explainer)
{
    const struct verdict *verdict = &explainer->out->verdict;

    if (verdict->word == VERDICT_INSUFFICIENT_HISTORY)
        write_history(explainer, verdict->week.now.to - verdict->before.to + VERDICT_BREAK_DAYS);
    write_block(explainer, "W0", &verdict->week.now, "");
    if (!(verdict->before.total > 0)) /* else there was no break, whatever is not known */
        write_block(explainer, "before", &verdict->before, "");
}

static void write_loads(struct explainer *explainer)
{
    const struct verdict *verdict = &explainer->out->verdict;
    char day[PEN_MAX];

    if (verdict->week.history_days < VERDICT_LOAD_DAYS)
        write_history(explainer, VERDICT_LOAD_DAYS);
    for (int i = 0; i < VERDICT_LOAD_DAYS; i++)
        if (isnan(verdict->load[i]))
            explain_add_missing(explainer, "%s: a session has no heart load",
                                pen_day(explainer->out->days[i].day, day));
    if (verdict->word == VERDICT_OK && isnan(verdict->value))
        explain_add_missing(explainer, "a heart load in the last 7 days");
}

void explain_write_missing(struct explainer *explainer)
{
    switch (explainer->rule->family) {
    case RULE_OF_WEEK:
    case RULE_OF_BASE:
        write_weeks(explainer);
        break;
    case RULE_OF_RUN:
        write_runs(explainer);
        break;
    case RULE_OF_BREAK:
        write_break(explainer);
        break;
    case RULE_OF_MONOTONY:
        write_loads(explainer);
        break;
    }
}
