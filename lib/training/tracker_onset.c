/* SPDX-License-Identifier: MIT */
/*
 * Nobody says that a run begins. Steps do, once they go on for a while, and where no sensor tells of
 * them a heart that works; whoever was told to stop has to stand still first.
 */
#include "lib/training/tracker_onset.h"
#include "lib/training/tracker_course.h"
#include "lib/training/tracker_shared.h"

#define STEP_GAP_USEC   (5 * UINT64_C(1000000))
#define EFFORT_GAP_USEC (10 * UINT64_C(1000000))

/* ---- told to stop ----------------------------------------------------------------------------- */

static void see_still(struct hold *hold, bool moving, uint64_t now_usec)
{
    /* who stands: no need to wait for the first word */
    if (moving || hold->still_usec > now_usec)
        hold->still_usec = now_usec;
}

static void let_go(struct hold *hold, uint64_t now_usec)
{
    if (hold->on && now_usec >= hold->still_usec + MOTION_PAUSE_USEC)
        hold->on = false;
}

void tracker_onset_stilled(struct tracker *tracker, size_t sensor, uint64_t now_usec)
{
    size_t runner = tracker_owner(tracker, sensor);

    let_go(&tracker->sensors[sensor].hold, now_usec);
    if (runner != TRACKER_NONE)
        let_go(&tracker->runners[runner].hold, now_usec);
}

/* A shared belt is nobody's once its session is closed, and still moves. */
static bool is_held(const struct tracker *tracker, size_t sensor)
{
    size_t runner = tracker_owner(tracker, sensor);

    return tracker->sensors[sensor].hold.on ||
           (runner != TRACKER_NONE && tracker->runners[runner].hold.on);
}

/* ---- what was seen ---------------------------------------------------------------------------- */

static void see_motion(struct tracker *tracker, size_t sensor, bool moving, uint64_t now_usec)
{
    struct tracked_sensor *s = &tracker->sensors[sensor];
    size_t runner = tracker_owner(tracker, sensor);

    onset_feed(&s->steps, moving, now_usec, STEP_GAP_USEC);
    see_still(&s->hold, moving, now_usec);
    if (runner != TRACKER_NONE)
        see_still(&tracker->runners[runner].hold, moving, now_usec);
    if (moving)
        tracker->output->moved(tracker->userdata, sensor, now_usec);
}

/* Above this a strap alone is taken for exercise. An estimate of the highest heart rate from age is off
 * by 10 bpm and more: no session is opened on a guess. */
static bool is_effort(const struct tracker *tracker, size_t runner, int heart_rate_bpm)
{
    const struct conf_runner *conf = &tracker->conf->runners[runner];

    return heart_load_is_effort(heart_rate_bpm, conf->max_heart_rate_bpm,
                                conf->rest_heart_rate_bpm);
}

static void see_effort(struct tracker *tracker, size_t sensor, bool effort, uint64_t t_usec)
{
    struct tracked_runner *runner = &tracker->runners[tracker_owner(tracker, sensor)];

    if (!effort)
        runner->effort_spent = false;
    effort = effort && !runner->effort_spent;
    onset_feed(&runner->effort, effort, t_usec, EFFORT_GAP_USEC);
    if (effort)
        tracker->output->strained(tracker->userdata, sensor, t_usec);
}

void tracker_onset_see(struct tracker *tracker, size_t sensor, const struct sample *sample)
{
    size_t runner = tracker_owner(tracker, sensor);

    if (sample->has & SAMPLE_MOVING)
        see_motion(tracker, sensor, sample->moving, sample->t_usec);
    if (runner != TRACKER_NONE && sample->has & SAMPLE_HEART_RATE)
        see_effort(tracker, sensor, is_effort(tracker, runner, sample->heart_rate_bpm),
                   sample->t_usec);
}

/* Does any sensor that could tell movement speak for this runner? Then the heart need not. */
static bool motion_streams(const struct tracker *tracker, size_t runner, uint64_t now_usec)
{
    for (size_t i = 0; i < tracker->conf->n_sensors; i++) {
        const struct tracked_sensor *s = &tracker->sensors[i];

        if (tracker_owner(tracker, i) == runner && s->steps.seen_usec &&
            now_usec <= s->steps.seen_usec + TRACKER_STREAM_USEC)
            return true;
    }
    return false;
}

/* ---- starting by itself ----------------------------------------------------------------------- */

/* What the session before counted is not counted again. */
static uint64_t not_before_the_last(const struct tracker *tracker, size_t runner, uint64_t t_usec)
{
    uint64_t ended = runner == TRACKER_NONE ? 0 : tracker->runners[runner].ended_usec;

    return t_usec > ended ? t_usec : ended + 1; /* the step it ended with is its own */
}

static void start_by_steps(struct tracker *tracker, size_t sensor, uint64_t now_usec)
{
    struct tracked_sensor *s = &tracker->sensors[sensor];
    size_t runner = tracker_owner(tracker, sensor), slot;
    bool shared = runner == TRACKER_NONE;
    uint64_t begin_usec = s->steps.since_usec;

    if (!onset_reached(&s->steps, TRACKER_START_USEC, now_usec, STEP_GAP_USEC))
        return;
    /* it was another's until a moment ago, and moved all the while */
    if (begin_usec < s->counted_usec)
        begin_usec = s->counted_usec;
    begin_usec = not_before_the_last(tracker, runner, begin_usec);
    slot = tracker_open(tracker, now_usec, runner, shared ? sensor : TRACKER_NONE, begin_usec,
                        "motion");
    if (shared && slot != TRACKER_NONE)
        tracker_shared_opened(tracker, sensor, begin_usec);
}

static void start_by_heart(struct tracker *tracker, size_t runner, uint64_t now_usec)
{
    const struct onset *effort = &tracker->runners[runner].effort;

    if (onset_reached(effort, TRACKER_EFFORT_USEC, now_usec, EFFORT_GAP_USEC) &&
        !motion_streams(tracker, runner, now_usec))
        tracker_open(tracker, now_usec, runner, TRACKER_NONE,
                     not_before_the_last(tracker, runner, effort->since_usec), "heart_rate");
}

void tracker_onset_start(struct tracker *tracker, size_t sensor, uint64_t now_usec)
{
    size_t runner = tracker_owner(tracker, sensor);

    /* stillness is told by time passing, so ask before this packet's own movement counts */
    if (is_held(tracker, sensor))
        return;
    start_by_steps(tracker, sensor, now_usec);
    if (runner != TRACKER_NONE && tracker_slot_of_runner(tracker, runner) == TRACKER_NONE)
        start_by_heart(tracker, runner, now_usec);
}
