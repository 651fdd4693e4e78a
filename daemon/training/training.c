/* SPDX-License-Identifier: MIT */
#include "daemon/training/training.h"

#include <errno.h>
#include <string.h>
#include "daemon/clock.h"
#include "daemon/log.h"
#include "daemon/training/private.h"
#include "daemon/util.h"

#define DAY_S        86400
#define USEC_PER_SEC INT64_C(1000000)

/* ---- From the store -------------------------------------------------------------------------- */

void training_take_past(struct training *training, const struct store_session *row)
{
    struct athlete *athlete;
    struct outing outing;

    training_mark_told(training, row->session.id,
                       training_is_outing(row, &outing) ? row->session.runner : "");
    if (training_hold_past(training, row) || !training_is_outing(row, &outing))
        return;
    athlete = training_add_athlete(training, row->session.runner);
    if (!athlete || (row->instead[0] ? logbook_add_aside(&athlete->book, row->session.id, &outing)
                                     : logbook_add(&athlete->book, row->session.id, &outing)) != 0)
        training->complete = false;
}

static void take_announced(struct training *training, const struct store_verdict *row)
{
    struct athlete *athlete = training_add_athlete(training, row->runner);
    enum rule_id rule = rule_by_name(row->rule);

    if (athlete && rule != RULES && !training_read_told(athlete, rule, row))
        (void)training_read_announced(&athlete->announced[rule], row);
}

static void read_verdicts(struct training *training)
{
    size_t n;
    const struct store_verdict *rows = store_verdicts(training->parts.store, &n);

    for (size_t i = 0; i < n; i++)
        take_announced(training, &rows[i]);
}

void training_end_past(struct training *training, bool whole)
{
    training->complete = training->complete && whole;
    if (!training->complete)
        log_warning("The training log could not be read whole: nothing is judged by it");
}

/* ---- Midnight -------------------------------------------------------------------------------- */

/* The first second of the athlete's next day: wherever the zone's clocks jump to then. */
static int64_t next_day_s(const struct athlete *athlete, int64_t now_s)
{
    int64_t today_s = now_s, later_s = now_s + 2 * DAY_S;
    int32_t today = training_today(athlete, now_s);

    while (later_s - today_s > 1) {
        int64_t middle_s = today_s + (later_s - today_s) / 2;

        if (training_today(athlete, middle_s) > today)
            later_s = middle_s;
        else
            today_s = middle_s;
    }
    return later_s;
}

/* For the midnight after wall_usec, which is looked at before the clock the timer goes by: it may ring
 * late, never early. */
static void arm(struct training *training, int64_t wall_usec)
{
    const struct conf *conf = training->parts.conf;
    uint64_t now_usec = clock_now_usec();
    int64_t next_s = INT64_MAX;

    for (size_t i = 0; i < conf->n_runners; i++) {
        const struct athlete *athlete = training_athlete(training, conf->runners[i].id);
        int64_t day_s = athlete ? next_day_s(athlete, wall_usec / USEC_PER_SEC) : INT64_MAX;

        next_s = day_s < next_s ? day_s : next_s;
    }
    clock_timer_set(training->midnight,
                    next_s == INT64_MAX ? CLOCK_NEVER
                                        : now_usec + (uint64_t)(next_s * USEC_PER_SEC - wall_usec));
}

/* Who has another day than when they were judged, or was not judged yet. */
static void judge_days(struct training *training, int64_t now_s)
{
    const struct conf *conf = training->parts.conf;

    for (size_t i = 0; i < conf->n_runners; i++) {
        const struct athlete *athlete = training_athlete(training, conf->runners[i].id);

        if (athlete && (!athlete->judged || training_today(athlete, now_s) != athlete->today))
            training_judge(training, i, ANNOUNCE_MIDNIGHT, JUDGE_CHANGE);
    }
    training_tell_all(training);
}

/* One look at the clock for both: a midnight between two of them would be nobody's. */
static void look_at_the_day(struct training *training)
{
    int64_t wall_usec = clock_wall_usec();

    training_judge_held(training); /* first: without them a week might be taken for over */
    judge_days(training, wall_usec / USEC_PER_SEC);
    arm(training, wall_usec);
}

static void on_midnight(void *userdata, uint64_t now_usec)
{
    look_at_the_day(userdata);
}

void training_clock_changed(struct training *training)
{
    look_at_the_day(training);
}

/* ---- Life ------------------------------------------------------------------------------------ */

int training_new(struct training **ret, const struct training_parts *parts,
                 const struct training_callbacks *callbacks, void *userdata)
{
    struct training *training = calloc(1, sizeof(*training));
    int r;

    if (!training)
        return -ENOMEM;
    *training = (struct training){
        .parts = *parts, .callbacks = callbacks, .userdata = userdata, .complete = true
    };
    r = clock_timer_new(&training->midnight, parts->event, CLOCK_NEVER, on_midnight, training);
    if (r >= 0)
        r = training_load_athletes(training);
    if (r < 0) {
        training_free(training);
        return r;
    }
    read_verdicts(training);
    training_read_unjudged(training);
    *ret = training;
    return 0;
}

struct training *training_free(struct training *training)
{
    if (!training)
        return NULL;
    training_free_telling(training);
    training_free_held(training);
    clock_timer_unref(training->midnight);
    training_free_athletes(training);
    free(training);
    return NULL;
}

void training_start(struct training *training)
{
    training->started = true;
    look_at_the_day(training);
}

void training_set_conf(struct training *training, const struct conf *conf)
{
    training->parts.conf = conf;
    if (training_load_athletes(training) < 0)
        log_error("Out of memory: not every runner of the new configuration is judged");
    arm(training, clock_wall_usec());
}

void training_say_all(struct training *training)
{
    training_judge_held(training); /* of those who are configured now */
    for (size_t i = 0; i < training->parts.conf->n_runners; i++)
        training_judge(training, i, ANNOUNCE_MIDNIGHT, JUDGE_CHANGE);
    training_tell_all(training);
}

/* ---- In -------------------------------------------------------------------------------------- */

void training_choose(struct training *training, const char *runner,
                     const struct store_choice *choices, size_t n)
{
    struct athlete *athlete = training_athlete(training, runner);

    for (size_t i = 0; i < n; i++)
        training_choose_held(training, &choices[i]);
    for (size_t i = 0; athlete && i < n; i++)
        if (logbook_choose(&athlete->book, choices[i].id, !choices[i].instead[0]) < 0)
            training->complete = false;
}

/* ---- While a session is open ------------------------------------------------------------------ */

void training_beat(struct training *training, size_t runner, bool minute)
{
    training_judge(training, runner, ANNOUNCE_MIDNIGHT, minute ? JUDGE_MINUTE : JUDGE_BEAT);
    training_tell_all(training);
}

static double left_of(const struct athlete *athlete, enum rule_id rule)
{
    return athlete->settings.rule[rule].enable ? athlete->verdicts[rule].left : NAN;
}

void training_fill_left(const struct training *training, size_t runner, struct payload_live *live)
{
    const struct athlete *athlete =
        training_athlete(training, training->parts.conf->runners[runner].id);

    if (!athlete || !athlete->judged)
        return;
    live->left_today.distance_m = left_of(athlete, RULE_WEEKLY_DISTANCE);
    live->left_today.moving_s = left_of(athlete, RULE_WEEKLY_TIME);
    live->left_today.downhill_drop_m = left_of(athlete, RULE_WEEKLY_DOWNHILL);
    live->left_today.run_distance_m = left_of(athlete, RULE_SPIKE_DISTANCE);
    live->left_today.run_descent_m = left_of(athlete, RULE_SPIKE_DESCENT);
}
