/* SPDX-License-Identifier: MIT */
/*
 * Sessions that came in and are not judged yet. Usually that is a moment: what comes in is held, put
 * into the log and judged. But nothing is judged while the clock is unset, before the log is read, or
 * for a runner who is not configured; and a process that was killed leaves sessions in the store that
 * it did not judge any more (store_unjudged). All of them are held here, out of the log, and judged
 * when that can be as if they came in then: what is news by then is told, and all of it once.
 *
 * Those that come together are in the log before the first of them is judged: what is so between two
 * of them is no news.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/array.h"
#include "daemon/clock.h"
#include "daemon/log.h"
#include "daemon/training/private.h"
#include "lib/digest.h"

#define USEC_PER_SEC INT64_C(1000000)

struct held {
    char runner[CONF_ID_MAX];  /* to whose log it came, or whose it left; "": nobody's */
    struct store_session row;  /* as it is now */
    bool found;                /* the row is known: it was put, or read; else it is not to be had */
    bool due;                  /* judged with those that are judged now */
    size_t n_known;            /* sessions in the log before it came */
    enum announce_cause cause; /* HISTORY: nothing is raised by it */
};

bool training_is_outing(const struct store_session *row, struct outing *ret)
{
    return row->session.state == SESSION_ENDED && row->session.runner[0] &&
           outing_of_session(row, ret);
}

/* ---- Held -------------------------------------------------------------------------------------- */

static struct held *add(struct training *training, const char *runner, const char *id)
{
    struct held *added = ARRAY_ADD(training->held, training->n_held);

    if (!added) {
        training->complete = false; /* not judged by half a log */
        log_error("Out of memory: nothing is judged any more");
        return NULL;
    }
    snprintf(added->runner, sizeof(added->runner), "%s", runner);
    snprintf(added->row.session.id, sizeof(added->row.session.id), "%s", id);
    return added;
}

/* What came in stays news when it is read again before it was judged. */
static void set_row(struct held *held, const struct store_session *row)
{
    bool news = held->found && !held->row.rebuilt;

    held->row = *row;
    held->row.rebuilt = row->rebuilt && !news;
    held->found = true;
}

/* All that are held of this session, and whether it is for this runner. */
static bool fill(struct training *training, const struct store_session *row, const char *runner)
{
    bool any = false;

    for (size_t i = 0; i < training->n_held; i++) {
        struct held *held = &training->held[i];

        if (strcmp(held->row.session.id, row->session.id) != 0)
            continue;
        set_row(held, row);
        any = any || strcmp(held->runner, runner) == 0;
    }
    return any;
}

void training_read_unjudged(struct training *training)
{
    size_t n;
    const struct store_unjudged *rows = store_unjudged(training->parts.store, &n);

    for (size_t i = 0; i < n; i++)
        (void)add(training, rows[i].runner, rows[i].id);
}

bool training_hold_past(struct training *training, const struct store_session *row)
{
    return fill(training, row, row->session.runner);
}

static void hold(struct training *training, const struct store_session *row)
{
    if (!training->complete) /* it is judged by the next start that can read the log */
        return;
    if (!fill(training, row, row->session.runner) &&
        add(training, row->session.runner, row->session.id))
        (void)fill(training, row, row->session.runner);
}

void training_choose_held(struct training *training, const struct store_choice *choice)
{
    for (size_t i = 0; i < training->n_held; i++)
        if (strcmp(training->held[i].row.session.id, choice->id) == 0)
            memcpy(training->held[i].row.instead, choice->instead, sizeof(choice->instead));
}

void training_each_unjudged(const struct training *training,
                            void (*visit)(void *userdata, const struct store_session *row),
                            void *userdata)
{
    for (size_t i = 0; i < training->n_held; i++) {
        const struct held *held = &training->held[i];

        if (held->found && strcmp(held->runner, held->row.session.runner) == 0)
            visit(userdata, &held->row);
    }
}

void training_free_held(struct training *training)
{
    free(training->held);
}

/* ---- Into the log ------------------------------------------------------------------------------ */

static bool is_configured(const struct training *training, const char *runner)
{
    const struct conf *conf = training->parts.conf;

    return conf_find_runner(conf, runner) < conf->n_runners;
}

static void note_cause(struct athlete *athlete, enum announce_cause cause, const char *id)
{
    if (!athlete->due || cause < athlete->cause) { /* a run says more than a walk or history */
        athlete->cause = cause;
        athlete->because = digest_text(id);
    }
    athlete->due = true;
}

static void note_loss(struct athlete *athlete, const struct store_session *row)
{
    if (!athlete->lost)
        athlete->lost_id = digest_text(row->session.id);
    athlete->lost = true;
    training_doubt_told(athlete, row);
}

/* To whom it was counted it is gone, whoever has it now: what was said because of it is taken back. */
static void take_away(struct training *training, const struct store_session *row,
                      const char *but_of)
{
    const char *id = row->session.id;

    for (size_t i = 0; i < training->n_athletes; i++) {
        struct athlete *athlete = training->athletes[i];
        struct logbook *book = &athlete->book;

        if (strcmp(book->runner, but_of) == 0 || !logbook_knows(book, id))
            continue;
        if (logbook_remove(book, id) == 0)
            note_loss(athlete, row);
        if (is_configured(training, book->runner))
            training_tell_judged(training, book->runner, id);
    }
}

bool training_put(struct training *training, const struct store_session *row,
                  const struct outing *outing)
{
    struct athlete *athlete = training_athlete(training, row->session.runner);
    int r = row->instead[0] ? logbook_put_aside(&athlete->book, row->session.id, outing)
                            : logbook_put(&athlete->book, row->session.id, outing);

    if (r == 0)
        return true;
    training->complete = false; /* not judged by half a log */
    log_error("The training log of %s has no room for %s: nothing is judged any more",
              row->session.runner, row->session.id);
    return false;
}

static enum announce_cause cause_of(const struct athlete *athlete, const struct store_session *row,
                                    const struct outing *outing)
{
    return row->instead[0] || row->rebuilt
               ? ANNOUNCE_HISTORY
               : announce_cause_of(outing->kind, outing->day,
                                   training_today(athlete, clock_wall_usec() / USEC_PER_SEC));
}

/* In its runner's log and in no other. */
static void enter(struct training *training, struct held *held, const struct outing *outing)
{
    const char *runner = held->row.session.runner, *id = held->row.session.id;
    struct athlete *athlete = training_athlete(training, runner);

    if (!training_put(training, &held->row, outing))
        return;
    training_mark_told(training, id, runner);
    take_away(training, &held->row, runner);
    held->cause = cause_of(athlete, &held->row, outing);
    note_cause(athlete, held->cause, id);
}

/* It was discarded, is nobody's, or has no date. */
static void leave(struct training *training, const struct held *held)
{
    const char *runner = held->row.session.runner, *id = held->row.session.id;
    struct athlete *athlete = training_athlete(training, runner);

    training_mark_told(training, id, "");
    take_away(training, &held->row, "");
    /* it is in no log yet when it was discarded while it ran: gone it is all the same; one without a
     * runner was merged into another, whose result tells of it */
    if (held->row.session.state == SESSION_DISCARDED && athlete)
        note_loss(athlete, &held->row);
}

static void enter_or_leave(struct training *training, struct held *held)
{
    const struct payload_session *session = &held->row.session;
    struct athlete *athlete = training_athlete(training, held->runner);
    struct outing outing;

    held->cause = ANNOUNCE_HISTORY;
    if (!held->found) /* all rows were read by now */
        return training_tell_judged(training, held->runner, session->id);
    if (strcmp(held->runner, session->runner) != 0 && athlete)
        note_loss(athlete, &held->row); /* it is somebody else's now, for whom it is held as well */
    else if (strcmp(held->runner, session->runner) == 0 && training_is_outing(&held->row, &outing))
        enter(training, held, &outing);
    else if (strcmp(held->runner, session->runner) == 0)
        leave(training, held);
    if (held->runner[0] && !held->row.rebuilt)
        training_tell_judged(training, held->runner, session->id);
}

/* ---- Judged ------------------------------------------------------------------------------------ */

static bool is_due(struct training *training, const struct held *held)
{
    return !held->found || !held->runner[0] ||
           (is_configured(training, held->runner) && training_athlete(training, held->runner));
}

static size_t find_due(struct training *training)
{
    size_t n = 0;

    for (size_t i = 0; i < training->n_held; i++) {
        struct held *held = &training->held[i];
        const struct athlete *athlete = training_athlete(training, held->runner);

        held->due = is_due(training, held);
        held->n_known = athlete ? athlete->book.n_ids : 0;
        n += held->due;
    }
    return n;
}

/* What is gone first: what it leaves behind is what the rest comes to. */
static void judge_one(struct training *training, struct athlete *athlete)
{
    size_t runner = conf_find_runner(training->parts.conf, athlete->book.runner);
    uint64_t because = athlete->because;

    if (athlete->lost && runner < training->parts.conf->n_runners) {
        athlete->because = athlete->lost_id;
        training_judge(training, runner, ANNOUNCE_DISCARDED, JUDGE_CHANGE);
        athlete->because = because;
    }
    if (athlete->due && runner < training->parts.conf->n_runners)
        training_judge(training, runner, athlete->cause, JUDGE_CHANGE);
    athlete->lost = athlete->due = false;
    athlete->because = 0;
}

/* After all that came with it: the latest run is spoken of already. */
static void tell_if_late(struct training *training, const struct held *held)
{
    const struct store_session *row = &held->row;
    const struct athlete *athlete = training_athlete(training, held->runner);
    struct outing outing;

    if (!athlete || row->instead[0] || strcmp(held->runner, row->session.runner) != 0 ||
        !training_is_outing(row, &outing) ||
        !logbook_is_new(&athlete->book, row->session.id, &outing, held->n_known))
        return;
    training_judge_late_run(training, held->runner, &outing, held->cause);
}

static void forget_due(struct training *training)
{
    size_t n = 0;

    for (size_t i = 0; i < training->n_held; i++)
        if (!training->held[i].due)
            training->held[n++] = training->held[i];
    training->n_held = n;
    if (n > 0)
        return;
    free(training->held); /* after a start these may have been many */
    training->held = NULL;
}

void training_judge_held(struct training *training)
{
    if (!training_may_judge(training) || find_due(training) == 0)
        return;
    for (size_t i = 0; i < training->n_held; i++)
        if (training->held[i].due)
            enter_or_leave(training, &training->held[i]);
    for (size_t i = 0; i < training->n_athletes; i++)
        judge_one(training, training->athletes[i]);
    for (size_t i = 0; i < training->n_held; i++)
        if (training->held[i].due)
            tell_if_late(training, &training->held[i]);
    forget_due(training);
    training_tell_all(training);
}

void training_sessions(struct training *training, const struct store_session *rows, size_t n)
{
    for (size_t i = 0; i < n; i++)
        hold(training, &rows[i]);
    training_judge_held(training);
}

void training_session(struct training *training, const struct store_session *result)
{
    training_sessions(training, result, 1);
}
