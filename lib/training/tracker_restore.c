/* SPDX-License-Identifier: MIT */
/*
 * After a crash, a power cut or a restart: the recordings that have no end are read back, and each
 * goes on or ends. Also after two recordings were put into one.
 */
#include <string.h>
#include "lib/training/tracker_course.h"
#include "lib/training/tracker_shared.h"

size_t tracker_restore(struct tracker *tracker)
{
    return tracker_take_slot(tracker, TRACKER_NONE, TRACKER_NONE);
}

void tracker_restore_feed(struct tracker *tracker, size_t slot, const struct record *record)
{
    session_apply(&tracker->slots[slot].session, record);
}

void tracker_rebuild(struct tracker *tracker, size_t slot)
{
    session_init(&tracker->slots[slot].session);
}

/* Another session has the sensor, or is this runner's. */
static bool another_has(const struct tracker *tracker, size_t slot, size_t runner, size_t sensor)
{
    size_t has = tracker_slot_of_sensor(tracker, sensor);

    return (has != TRACKER_NONE && has != slot) ||
           tracker_other_of_runner(tracker, slot, runner) != TRACKER_NONE;
}

static void tie_shared(struct tracker *tracker, size_t slot, size_t sensor)
{
    struct slot *s = &tracker->slots[slot];
    uint64_t begin_usec = session_began(&s->session);

    if (s->runner != TRACKER_NONE) { /* its runner was found */
        if (tracker_is_shared(tracker, sensor) && !another_has(tracker, slot, s->runner, sensor))
            tracker->sensors[sensor].owner = s->runner;
        return;
    }
    s->shared = sensor;
    tracker_shared_opened(tracker, sensor, begin_usec);
    /* whoever spoke while nobody listened can't be known: the two minutes are over */
    if (s->session.now_usec > s->session.begin_usec + TRACKER_SHARED_USEC)
        tracker->sensors[sensor].undecided_until_usec = 0;
}

static void tie_sensors(struct tracker *tracker, size_t slot)
{
    tracker_tie_numbers(tracker, slot);
    for (size_t i = 0; i < tracker->conf->n_sensors; i++)
        if (tracker->slots[slot].number[i] >= 0)
            tie_shared(tracker, slot, i);
    tracker_untie_changed(tracker, slot);
}

/* Now, on the axis of its recording. The time between its last fact and now can be told when it is one
 * boot, or both clocks are trusted; otherwise false. */
static bool now_on_its_axis(struct tracker *tracker, const struct session *session,
                            uint64_t now_usec, uint64_t *ret_axis_usec)
{
    struct recording_axis axis = session->axis;
    struct record record = { .type = RECORD_AXIS, .t_usec = now_usec };

    tracker->output->axis(tracker->userdata, now_usec, &record);
    recording_axis_feed(&axis, &record);
    *ret_axis_usec = recording_axis_time(&axis, now_usec);
    return axis.known;
}

/* ---- told to stop ----------------------------------------------------------------------------- */

/*
 * Whoever was told to stop gets no new session before a still moment. A recording says that and when
 * somebody was told, but not whether they stood still since: nothing is recorded after the end. So
 * whoever was told within the ten minutes that end a session anyway is taken to be still moving, and
 * the sensors have a minute to be connected again: their silence until then is no standing still.
 */
#define RECONNECT_USEC (60 * UINT64_C(1000000))

/* Who has begun another since, by a person's word, has the belt for it. */
static void hold_sensors(struct tracker *tracker, size_t slot, size_t runner, uint64_t still_usec)
{
    tracker_tie_numbers(tracker, slot);
    for (size_t i = 0; i < tracker->conf->n_sensors; i++)
        if (tracker->slots[slot].number[i] >= 0 && !another_has(tracker, slot, runner, i))
            tracker_hold_sensor(tracker, i, runner, still_usec);
}

/* What was counted until then is not counted again, nor given to them with a belt. */
static void recall_end(struct tracked_runner *runner, uint64_t ended_ago_usec, uint64_t now_usec)
{
    uint64_t ended_usec = now_usec > ended_ago_usec ? now_usec - ended_ago_usec : 0;

    if (ended_usec > runner->ended_usec)
        runner->ended_usec = ended_usec;
}

static void recall_stop(struct tracker *tracker, size_t slot, uint64_t now_usec)
{
    const struct session *session = &tracker->slots[slot].session;
    size_t runner = tracker_find_runner(tracker->conf, session->runner.id);
    uint64_t axis_usec;

    if (!session->over || session->how == RECORD_END_IDLE ||
        !now_on_its_axis(tracker, session, now_usec, &axis_usec) ||
        axis_usec > session->end_usec + SESSION_IDLE_USEC)
        return;
    hold_sensors(tracker, slot, runner, now_usec + RECONNECT_USEC);
    if (runner == TRACKER_NONE)
        return;
    tracker_hold_runner(tracker, runner, now_usec + RECONNECT_USEC);
    recall_end(&tracker->runners[runner],
               axis_usec > session->end_usec ? axis_usec - session->end_usec : 0, now_usec);
}

void tracker_recall(struct tracker *tracker, size_t slot, uint64_t now_usec)
{
    recall_stop(tracker, slot, now_usec);
    tracker_free_slot(tracker, slot);
}

/* ---- goes on, or ends ------------------------------------------------------------------------- */

/* On the axis of its own boot, so that it keeps the date that its recording gives it. */
static void close_on_its_axis(struct tracker *tracker, size_t slot, const char *why)
{
    struct slot *s = &tracker->slots[slot];
    size_t runner = s->runner;

    tracker_close(tracker, slot, session_last_activity(&s->session), RECORD_END_IDLE, why);
    if (runner != TRACKER_NONE) /* those times say nothing in this boot */
        tracker->runners[runner] = (struct tracked_runner){ 0 };
}

/* Another began for its runner, or of nobody's on its belt, before it could be read back: that is the one
 * that goes on. */
static bool is_superseded(struct tracker *tracker, size_t slot)
{
    const struct slot *s = &tracker->slots[slot];

    if (s->session.runner.id[0])
        return tracker_other_of_runner(tracker, slot, s->runner) != TRACKER_NONE;
    tracker_tie_numbers(tracker, slot);
    for (size_t i = 0; i < tracker->conf->n_sensors; i++)
        if (s->number[i] >= 0 && another_has(tracker, slot, TRACKER_NONE, i))
            return true;
    return false;
}

static void go_on(struct tracker *tracker, size_t slot, uint64_t now_usec)
{
    struct slot *s = &tracker->slots[slot];
    bool known_runner = s->runner != TRACKER_NONE || !s->session.runner.id[0];

    tracker_emit_axis(tracker, slot, now_usec);
    session_tick(&s->session, now_usec);
    if (known_runner)
        tie_sensors(tracker, slot);
    if (!known_runner)
        tracker_close(tracker, slot, now_usec, RECORD_END_IDLE,
                      "its runner is not configured any more");
    else if (now_usec >= session_idle_at(&s->session))
        tracker_close(tracker, slot, now_usec, RECORD_END_IDLE, "ten idle minutes");
    else
        tracker->output->changed(tracker->userdata, slot);
}

void tracker_restored(struct tracker *tracker, size_t slot, uint64_t now_usec)
{
    struct slot *s = &tracker->slots[slot];
    uint64_t axis_usec;

    s->runner = tracker_find_runner(tracker->conf, s->session.runner.id);
    s->shown = session_state(&s->session);
    if (s->session.over) { /* ended, but its result was not stored any more */
        tracker->output->closed(tracker->userdata, slot);
        tracker_recall(tracker, slot, now_usec);
    } else if (is_superseded(tracker, slot)) {
        close_on_its_axis(tracker, slot, "restart, and another has begun");
    } else if (!now_on_its_axis(tracker, &s->session, now_usec, &axis_usec)) {
        close_on_its_axis(tracker, slot, "restart, and no clock to tell how long");
    } else {
        go_on(tracker, slot, now_usec);
    }
}
