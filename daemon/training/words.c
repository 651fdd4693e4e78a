/* SPDX-License-Identifier: MIT */
/* A verdict as it is published: figures, the sentence, and null for what no verdict holds. */
#include <stdio.h>
#include <string.h>
#include "daemon/clock.h"
#include "daemon/training/private.h"
#include "lib/civil.h"
#include "lib/training/sentence.h"

_Static_assert(PAYLOAD_SENTENCE_MAX >= SENTENCE_MAX, "every sentence fits");

void training_write_day(char ret[11], int32_t number)
{
    int year, month, day;

    civil_from_days(number, &year, &month, &day);
    if (year >= 0 && year <= 9999)
        snprintf(ret, 11, "%04u-%02u-%02u", (unsigned)year % 10000, (unsigned)month % 100,
                 (unsigned)day % 100);
}

static void write_evidence(char ret[2], const struct verdict *verdict)
{
    ret[0] = verdict_word_judges(verdict->word) ? verdict->evidence : '\0';
    ret[1] = '\0';
}

/* A descent of which nothing was measured is not known, not 0. */
static bool is_measured(const struct verdict *verdict)
{
    return verdict->coverage != 0 && !(verdict->at_least && verdict->value == 0);
}

/* ---- The week ------------------------------------------------------------------------------- */

static void fill_verdict(const struct verdict *verdict, struct payload_measure *ret)
{
    ret->reference = verdict->reference;
    ret->limit = verdict->limit;
    ret->left_today = verdict->left;
    ret->ratio = verdict->ratio;
    ret->verdict = verdict->word;
    write_evidence(ret->evidence, verdict);
}

static void fill_measure(const struct verdict *verdict, bool enabled, struct payload_measure *ret)
{
    if (is_measured(verdict)) {
        ret->total = verdict->value;
        ret->frees_tomorrow = verdict->week.frees_tomorrow;
        ret->calendar_total = verdict->week.calendar_total;
    }
    ret->coverage_pct = verdict->coverage * 100;
    training_write_day(ret->calendar_week, verdict->week.calendar_start);
    if (enabled)
        fill_verdict(verdict, ret);
}

static void fill_walked(const struct day_walked *walked, struct payload_week *ret)
{
    ret->walked.distance_m = walked->distance_m;
    ret->walked.moving_s = walked->moving_s;
    ret->walked.downhill_drop_m = walked->drop_m;
    ret->walked.downhill_distance_m = walked->downhill_m;
}

void training_week_words(const struct athlete *athlete, const struct conf_runner *runner,
                         int64_t wall_usec, struct payload_week *ret)
{
    struct payload_measure *const measures[WEEK_MEASURES] = {
        [WEEK_DISTANCE_M] = &ret->measures.distance_m,
        [WEEK_MOVING_S] = &ret->measures.moving_s,
        [WEEK_DROP_M] = &ret->measures.downhill_drop_m,
        [WEEK_DOWNHILL_M] = &ret->measures.downhill_distance_m,
    };

    payload_week_init(ret);
    ret->t_usec = wall_usec;
    training_write_day(ret->day, athlete->today);
    memcpy(ret->time_zone, runner->time_zone, sizeof(ret->time_zone));
    snprintf(ret->notify_at, sizeof(ret->notify_at), "%s",
             verdict_word_name(athlete->settings.notify_at));
    fill_walked(&athlete->walked, ret);
    for (enum rule_id rule = 0; rule < RULES; rule++)
        if (rule_get(rule)->family == RULE_OF_WEEK)
            fill_measure(&athlete->verdicts[rule], athlete->settings.rule[rule].enable,
                         measures[rule_get(rule)->week]);
}

/* ---- One rule ------------------------------------------------------------------------------- */

static const char *unit_of(enum rule_unit unit)
{
    if (unit == RULE_UNIT_NONE)
        return "";
    return unit == RULE_UNIT_SECONDS ? "s" : "m";
}

void training_alert_words(const struct athlete *athlete, enum conf_units units, enum rule_id id,
                          struct payload_alert *ret)
{
    const struct verdict *verdict = &athlete->verdicts[id];
    const struct rule *rule = rule_get(id);

    payload_alert_init(ret);
    ret->rule = id;
    ret->verdict = verdict->word;
    ret->since_usec = athlete->announced[id].since_s * 1000000;
    if (is_measured(verdict))
        ret->value = verdict->value;
    ret->reference = verdict->reference;
    ret->limit = verdict->limit;
    ret->left_today = verdict->left;
    ret->ratio = verdict->ratio;
    ret->coverage_pct = verdict->coverage * 100;
    snprintf(ret->unit, sizeof(ret->unit), "%s", unit_of(rule->unit));
    write_evidence(ret->evidence, verdict);
    (void)sentence_write(ret->sentence, verdict, &athlete->settings, units);
    snprintf(ret->explain, sizeof(ret->explain), "Measured: %s. Compared with: %s. %s %s",
             rule->measure, rule->reference, rule->source, RULE_DOCTOR);
}

/* ---- What is told on request ---------------------------------------------------------------- */

static const struct athlete *judged(const struct training *training, size_t runner)
{
    const struct athlete *athlete =
        training_athlete(training, training->parts.conf->runners[runner].id);

    return athlete && athlete->judged ? athlete : NULL;
}

bool training_week(const struct training *training, size_t runner, struct payload_week *ret)
{
    const struct athlete *athlete = judged(training, runner);

    if (athlete)
        training_week_words(athlete, &training->parts.conf->runners[runner], clock_wall_usec(),
                            ret);
    return athlete;
}

bool training_alert(const struct training *training, size_t runner, enum rule_id rule,
                    struct payload_alert *ret)
{
    const struct athlete *athlete = judged(training, runner);

    if (!athlete || !athlete->settings.rule[rule].enable)
        return false;
    training_alert_words(athlete, training->parts.conf->units, rule, ret);
    return true;
}

/* Whose log was read whole, and which day it is for them; NULL: nobody knows. */
static const struct athlete *dated(const struct training *training, size_t runner,
                                   int32_t *ret_today)
{
    const struct athlete *athlete =
        training_athlete(training, training->parts.conf->runners[runner].id);

    if (!athlete || !training->complete ||
        timekeeper_state(training->parts.timekeeper) == CLOCK_UNSET)
        return NULL;
    *ret_today = training_today(athlete, clock_wall_usec() / 1000000);
    return athlete;
}

bool training_load(const struct training *training, size_t runner, struct load *ret,
                   char ret_day[11])
{
    int32_t today;
    const struct athlete *athlete = dated(training, runner, &today);

    if (!athlete)
        return false;
    load_read(&athlete->book.ledger, today, ret);
    training_write_day(ret_day, today);
    return true;
}

bool training_history(const struct training *training, size_t runner, size_t most,
                      struct history_week *ret, size_t *ret_n, char ret_day[11])
{
    int32_t today;
    const struct athlete *athlete = dated(training, runner, &today);

    if (!athlete)
        return false;
    *ret_n = history_weeks(&athlete->book.ledger, today, most, ret);
    training_write_day(ret_day, today);
    return true;
}

bool training_days(const struct training *training, const char *runner, int32_t from, int32_t to,
                   size_t most, struct training_day *ret, size_t *ret_n, size_t *ret_all)
{
    const struct athlete *athlete = training_athlete(training, runner);
    const struct ledger *ledger = athlete ? &athlete->book.ledger : NULL;
    size_t i, all = 0;

    if (!training->complete)
        return false;
    i = ledger ? ledger_outing_from(ledger, from) : 0;
    while (ledger && i < ledger->n_outings && ledger->outings[i].day <= to) {
        struct day day;

        i = ledger_read_day(ledger, i, &day);
        if (all++ >= most)
            continue;
        ret[all - 1].day = day.day;
        history_of_days(ledger, day.day, day.day, &ret[all - 1].figures);
    }
    *ret_n = all < most ? all : most;
    *ret_all = all;
    return true;
}
