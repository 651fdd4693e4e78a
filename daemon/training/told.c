/* SPDX-License-Identifier: MIT */
/*
 * What was said of one run. What stands of a rule is the latest run's, and passes by itself; what was
 * said of any run is to be found again when that one is discarded, given to another, or never was: it
 * is kept by the session, beside the verdicts, and taken back once. That it was taken back is kept
 * as well, so that the same said again is another message. After STORE_TOLD_USEC nothing is taken back,
 * and is forgotten only where there is much of it: the clock may be ahead, and set right again.
 *
 * A session that is gone may live on in another, as the same run from the file of a watch: taken back
 * is what no outing of those hours bears out.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/array.h"
#include "daemon/clock.h"
#include "daemon/log.h"
#include "daemon/training/private.h"
#include "lib/digest.h"

#define USEC_PER_SEC INT64_C(1000000)
#define DAY_S        86400

static bool is_of_a_run(enum rule_id rule)
{
    enum rule_family family = rule_get(rule)->family;

    return family == RULE_OF_RUN || family == RULE_OF_BREAK;
}

/* ---- Kept -------------------------------------------------------------------------------------- */

static struct told *find(const struct athlete *athlete, const struct told *like)
{
    for (size_t i = 0; i < athlete->n_told; i++)
        if (athlete->told[i].rule == like->rule && athlete->told[i].session == like->session)
            return &athlete->told[i];
    return NULL;
}

static bool keep(struct athlete *athlete, const struct told *told)
{
    struct told *place = find(athlete, told);

    if (!place)
        place = ARRAY_ADD(athlete->told, athlete->n_told);
    if (!place) {
        log_error("Out of memory: what %s is told of a run is not found again",
                  athlete->book.runner);
        return false;
    }
    *place = *told;
    return true;
}

static bool is_old(const struct told *told, int64_t now_s)
{
    return now_s - told->said_s > (int64_t)(STORE_TOLD_USEC / USEC_PER_SEC);
}

static struct told *oldest(const struct athlete *athlete)
{
    struct told *ret = &athlete->told[0];

    for (size_t i = 1; i < athlete->n_told; i++)
        if (athlete->told[i].said_s < ret->said_s)
            ret = &athlete->told[i];
    return ret;
}

/* By the clock alone it would be all of it, if that is ahead. */
static void forget_old(struct athlete *athlete, int64_t now_s)
{
    while (athlete->n_told > STORE_TOLD_MAX) {
        struct told *told = oldest(athlete);

        if (!is_old(told, now_s))
            return;
        *told = athlete->told[--athlete->n_told];
    }
}

static bool stands(const struct told *told)
{
    return told->word != VERDICT_OK;
}

static void write_row(const struct athlete *athlete, const struct told *told,
                      enum verdict_word standing, struct store_verdict *ret)
{
    *ret = (struct store_verdict){ .said_usec = told->said_s * USEC_PER_SEC,
                                   .run_start_usec = told->start_s * USEC_PER_SEC,
                                   .run_end_usec = told->end_s * USEC_PER_SEC };
    memcpy(ret->runner, athlete->book.runner, sizeof(ret->runner));
    snprintf(ret->rule, sizeof(ret->rule), "%s", rule_get(told->rule)->id);
    snprintf(ret->standing, sizeof(ret->standing), "%s", verdict_word_name(standing));
    snprintf(ret->level, sizeof(ret->level), "%s", verdict_word_name(standing));
    snprintf(ret->session, sizeof(ret->session), "%016" PRIx64, told->session);
}

bool training_read_told(struct athlete *athlete, enum rule_id rule, const struct store_verdict *row)
{
    struct told told = { .session = strtoull(row->session, NULL, 16),
                         .start_s = row->run_start_usec / USEC_PER_SEC,
                         .end_s = row->run_end_usec / USEC_PER_SEC,
                         .said_s = row->said_usec / USEC_PER_SEC,
                         .rule = (uint8_t)rule,
                         .word = VERDICT_OK };

    if (!row->session[0])
        return false;
    while (told.word < VERDICT_WARNING && strcmp(row->standing, verdict_word_name(told.word)) != 0)
        told.word++;
    (void)keep(athlete, &told);
    return true;
}

/* ---- Said -------------------------------------------------------------------------------------- */

/* The last part of the run that was judged; of first descents, the latest outing that has one. */
static bool is_said_of(const struct verdict *verdict, const struct outing *outing)
{
    if (rule_get(verdict->rule)->family == RULE_OF_BREAK)
        return outing->drop_mm > 0;
    return outing->start_s >= verdict->start_s && outing->start_s <= verdict->end_s;
}

static bool find_session(const struct athlete *athlete, const struct live *live,
                         const struct verdict *verdict, struct told *ret)
{
    const struct ledger *ledger = &athlete->book.ledger;
    const struct outing *outing = live ? &live->outing : NULL;
    size_t i = ledger->n_outings;

    ret->session = live ? live->digest : 0;
    while ((!outing || !is_said_of(verdict, outing)) && i > 0) {
        outing = &ledger->outings[--i];
        ret->session = logbook_id(&athlete->book, outing);
    }
    if (!outing || !is_said_of(verdict, outing))
        return false;
    ret->start_s = verdict->start_s ? verdict->start_s : outing->start_s;
    ret->end_s = verdict->end_s ? verdict->end_s : outing_end_s(outing);
    return true;
}

bool training_note_told(struct athlete *athlete, const struct live *live,
                        const struct verdict *verdict, struct store_verdict *ret)
{
    struct told told = { .rule = (uint8_t)verdict->rule,
                         .word = (uint8_t)verdict->word,
                         .said_s = clock_wall_usec() / USEC_PER_SEC };

    forget_old(athlete, told.said_s);
    if (!is_of_a_run(verdict->rule) || !find_session(athlete, live, verdict, &told) ||
        !keep(athlete, &told))
        return false;
    write_row(athlete, &told, told.word, ret);
    return true;
}

bool training_is_told(const struct athlete *athlete, const struct verdict *verdict,
                      int64_t *ret_before_s)
{
    struct told like = { .rule = (uint8_t)verdict->rule };
    const struct told *told =
        find_session(athlete, NULL, verdict, &like) ? find(athlete, &like) : NULL;

    *ret_before_s = told ? told->said_s : 0;
    return told && told->word >= verdict->word;
}

/* ---- Gone -------------------------------------------------------------------------------------- */

void training_mark_told(struct training *training, const char *id, const char *runner)
{
    uint64_t session = digest_text(id);

    for (size_t i = 0; i < training->n_athletes; i++) {
        struct athlete *athlete = training->athletes[i];

        for (size_t k = 0; k < athlete->n_told; k++)
            if (athlete->told[k].session == session)
                athlete->told[k].gone = strcmp(athlete->book.runner, runner) != 0;
    }
}

static bool overlaps(const struct told *told, const struct outing *outing)
{
    return outing->start_s <= told->end_s + SPIKE_RESTART_S &&
           outing_end_s(outing) + SPIKE_RESTART_S >= told->start_s;
}

/* A run may be of several sessions, and what was said of it is kept by the last of them. */
void training_doubt_told(struct athlete *athlete, const struct store_session *row)
{
    struct outing outing;

    if (!outing_of_session(row, &outing))
        return;
    for (size_t i = 0; i < athlete->n_told; i++)
        if (rule_get(athlete->told[i].rule)->family == RULE_OF_RUN &&
            overlaps(&athlete->told[i], &outing))
            athlete->told[i].gone = true;
}

static bool holds(const struct athlete *athlete, const struct verdict *verdict)
{
    return announce_late_run(&athlete->settings, verdict, ANNOUNCE_RUN) != ANNOUNCE_NOTHING;
}

enum fate {
    FATE_STAYS,
    FATE_HOLDS,     /* its own session bears it out, whatever else is gone */
    FATE_MOVED,     /* another outing of the same hours bears it out: *told is of that one now */
    FATE_FORGOTTEN, /* other sessions bear it out, which have the rule's state; or nobody wants it */
    FATE_OVER,      /* what is so without it: *verdict */
};

static enum fate fate_of_run(const struct athlete *athlete, const struct live *live,
                             struct told *told, struct verdict *verdict)
{
    const struct ledger *ledger = &athlete->book.ledger;
    int32_t day = (int32_t)(told->start_s / DAY_S) - 2; /* local days are up to 14 h off UTC's */

    if (live && overlaps(told, &live->outing))
        return FATE_STAYS; /* until it has ended */
    verdict_judge_no_run(ledger, told->start_s, &athlete->settings, told->rule, verdict);
    for (size_t i = ledger_outing_from(ledger, day);
         i < ledger->n_outings && ledger->outings[i].day <= day + 5; i++) {
        if (!overlaps(told, &ledger->outings[i]))
            continue;
        verdict_judge_outing(ledger, &ledger->outings[i], &athlete->settings, told->rule, verdict);
        if (!holds(athlete, verdict))
            continue;
        if (told->session == logbook_id(&athlete->book, &ledger->outings[i]))
            return FATE_HOLDS;
        told->session = logbook_id(&athlete->book, &ledger->outings[i]);
        told->gone = false;
        return FATE_MOVED;
    }
    return FATE_OVER;
}

static enum fate fate_of(const struct athlete *athlete, const struct live *live, struct told *told,
                         struct verdict *verdict)
{
    const struct rule_setting *setting = &athlete->settings.rule[told->rule];

    if (!told->gone || !stands(told) || is_old(told, clock_wall_usec() / USEC_PER_SEC))
        return FATE_STAYS;
    if (!setting->enable || !setting->notify)
        return FATE_FORGOTTEN;
    if (rule_get(told->rule)->family == RULE_OF_RUN)
        return fate_of_run(athlete, live, told, verdict);
    *verdict = athlete->verdicts[told->rule];
    return holds(athlete, verdict) ? FATE_FORGOTTEN : FATE_OVER;
}

/* The rule's own state has taken it back: it was the run that was last spoken of. */
static bool is_taken_back(const struct told *told, const struct announce *before)
{
    return rule_get(told->rule)->family == RULE_OF_BREAK
               ? told->gone
               : told->start_s <= before->end_s && told->end_s >= before->start_s;
}

size_t training_forget_told(struct athlete *athlete, const struct announce before[RULES],
                            const enum announce_news news[RULES],
                            struct store_verdict rows[static RULES])
{
    size_t n = 0;

    for (size_t i = 0; i < athlete->n_told && n < RULES; i++) {
        struct told *told = &athlete->told[i];

        if (!stands(told) || news[told->rule] != ANNOUNCE_RETRACTED ||
            !is_taken_back(told, &before[told->rule]))
            continue;
        write_row(athlete, told, VERDICT_OK, &rows[n++]);
        told->word = VERDICT_OK;
    }
    return n;
}

static void settle(struct training *training, struct athlete *athlete, const struct live *live,
                   const struct told *kept)
{
    struct told told = *kept, over = *kept;
    struct store_verdict row;
    struct verdict verdict;
    enum fate fate = fate_of(athlete, live, &told, &verdict);

    if (fate == FATE_HOLDS)
        find(athlete, kept)->gone = false;
    if (fate == FATE_STAYS || fate == FATE_HOLDS)
        return;
    over.word = VERDICT_OK;
    (void)keep(athlete, &over);
    write_row(athlete, &over, VERDICT_OK, &row);
    if (fate == FATE_OVER)
        training_tell_of_run(training, athlete, &verdict, ANNOUNCE_RETRACTED, kept->word, &row,
                             kept->said_s);
    else
        training_tell_row(training, &row);
    if (fate != FATE_MOVED || !keep(athlete, &told))
        return;
    write_row(athlete, &told, told.word, &row);
    training_tell_row(training, &row);
}

void training_retract_told(struct training *training, struct athlete *athlete,
                           const struct live *live)
{
    for (size_t i = 0; i < athlete->n_told; i++) {
        const struct told told = athlete->told[i];

        settle(training, athlete, live, &told);
    }
}
