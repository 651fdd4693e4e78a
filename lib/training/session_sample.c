/* SPDX-License-Identifier: MIT */
/*
 * What a sensor said goes into the sums: each metre and step once, the heart as its load, the ground as
 * hills. What is shown of now is taken along.
 */
#include "lib/training/session_private.h"

/* ---- facts: motion ---------------------------------------------------------------------------- */

/* How much is the session's own of what a sensor counted since its word before, which may be one of those
 * of before the session began. */
static double own_share(const struct session *session, const struct counter *counter, int sensor,
                        uint64_t axis_usec)
{
    uint64_t seen_usec = counter->voices[sensor].seen_usec;

    if (!seen_usec || seen_usec >= session->begin_usec)
        return 1;
    return (double)(axis_usec - session->begin_usec) / (double)(axis_usec - seen_usec);
}

/* What was held back while the unit was undecided comes in one lump, for all the movement since it was
 * last told. */
static void add_steps(struct session *session, const struct sample *sample, int sensor,
                      uint64_t axis_usec)
{
    uint64_t seen = session->steps.voices[sensor].seen_usec;
    bool held_back = sample->has & SAMPLE_UNIT_DECIDED;
    double own_steps = sample->steps * own_share(session, &session->steps, sensor, axis_usec);
    double steps = counter_feed(&session->steps, sensor, sample->source, own_steps, axis_usec);

    bool whole = held_back || (seen && axis_usec <= seen + SAMPLE_HOLD_USEC);

    if (!held_back)
        ground_step(&session->ground, steps);
    if (session->steps.leader != sensor)
        return;
    if (!whole)
        ground_hush(&session->ground);
    gait_steps(&session->gait, steps,
               motion_moving_s(&session->motion, axis_usec) - session->motion.late_s, whole);
}

/* Who is believed of the cadence may be another than who tells the speed. */
static double cadence_of(const struct session *session, const struct sample *sample, int sensor,
                         uint64_t axis_usec)
{
    double own_spm = sample->has & SAMPLE_CADENCE ? sample->cadence_spm : NAN;
    double mean_spm = window_mean(&session->gait.cadence_spm, axis_usec);
    bool leads = counter_best(&session->steps, axis_usec) == sensor && !isnan(own_spm);

    return leads || isnan(mean_spm) ? own_spm : mean_spm;
}

static void see_moving(struct session *session, const struct sample *sample, int sensor,
                       double metres, uint64_t axis_usec)
{
    int leader = counter_best(&session->distance, axis_usec);
    struct motion_word word = { .sample = sample,
                                .sensor = sensor,
                                .best = leader == sensor || leader == COUNTER_NOBODY,
                                .metres = metres,
                                .cadence_spm = cadence_of(session, sample, sensor, axis_usec) };

    if (motion_feed(&session->motion, &word, session->begin_usec, axis_usec))
        session->heart_then = session->heart;
}

static void apply_motion(struct session *session, const struct sample *sample, int sensor,
                         uint64_t axis_usec)
{
    bool counts = axis_usec > session->begin_usec;
    double metres = 0;

    if (sample->has & SAMPLE_DISTANCE) {
        if (counts)
            metres = counter_feed(&session->distance, sensor, sample->source,
                                  sample->distance_m *
                                      own_share(session, &session->distance, sensor, axis_usec),
                                  axis_usec);
        else
            counter_touch(&session->distance, sensor, sample->source, axis_usec);
        if (sample->distance_m > 0 || (sample->has & SAMPLE_MOVING && sample->moving))
            counter_moves(&session->distance, sensor, axis_usec);
        if (counter_best(&session->distance, axis_usec) == sensor)
            ground_cover(&session->ground, metres, axis_usec);
    }
    if (sample->has & SAMPLE_SPEED && counter_best(&session->distance, axis_usec) == sensor &&
        !motion_is_beside(&session->motion, sample, sensor, axis_usec)) {
        window_feed(&session->speed_m_s, sample->speed_m_s, axis_usec);
        gait_speed(&session->gait, sample->speed_m_s, axis_usec);
    }
    if (sample->has & SAMPLE_MOVING)
        see_moving(session, sample, sensor, metres, axis_usec);
    if (sample->has & SAMPLE_STEPS) {
        if (counts)
            add_steps(session, sample, sensor, axis_usec);
        else
            counter_touch(&session->steps, sensor, sample->source, axis_usec);
        if (sample->steps > 0)
            counter_moves(&session->steps, sensor, axis_usec);
    } else if (counts) {
        counter_expect(&session->steps, sensor);
    }
    if (sample->has & SAMPLE_CADENCE && counter_best(&session->steps, axis_usec) == sensor)
        gait_cadence(&session->gait, sample->cadence_spm, session->begin_usec, axis_usec);
}

/* ---- facts: heart ----------------------------------------------------------------------------- */

static void see_effort(struct session *session, uint64_t axis_usec)
{
    session->last_effort_usec = axis_usec;
    if (!session->motion.moved)
        session->heart_then = session->heart;
}

/* One that is worn tells a rate. While it does, a second is not asked: the strap on the table ticks on
 * without one, and of two that differ a rate to and fro would be neither. */
static bool is_asked(const struct session *session, int sensor, uint64_t axis_usec)
{
    return sensor == session->heart_sensor || isnan(session->heart_rate_bpm) ||
           axis_usec > session->heart_rate_usec + COUNTER_FRESH_USEC;
}

static void apply_heart(struct session *session, const struct sample *sample, int sensor,
                        uint64_t axis_usec)
{
    double bpm = sample->has & SAMPLE_HEART_RATE ? sample->heart_rate_bpm : NAN;
    const struct conf_runner *runner = &session->runner;

    if (!is_asked(session, sensor, axis_usec))
        return;
    session->heart_sensor = sensor;
    session->heart_rate_bpm = bpm;
    session->heart_rate_usec = axis_usec;
    if (axis_usec < session->begin_usec)
        return;
    heart_load_feed(&session->heart, bpm, axis_usec);
    if (isnan(bpm))
        return;
    session->last_heart_sample_usec = axis_usec;
    if (heart_load_is_effort(bpm, runner->max_heart_rate_bpm, runner->rest_heart_rate_bpm))
        see_effort(session, axis_usec);
}

/* ---- facts: the ground ------------------------------------------------------------------------ */

static void pass_ground(struct session *session, uint64_t axis_usec)
{
    double speed_m_s = window_mean(&session->speed_m_s, axis_usec);
    double cadence_spm = window_mean(&session->gait.cadence_spm, axis_usec);
    bool steps_known =
        session->steps.any && counter_best(&session->steps, axis_usec) != COUNTER_NOBODY;

    ground_pass(&session->ground, axis_usec, steps_known,
                terrain_is_walking(speed_m_s, cadence_spm));
}

static void hear_ground(struct session *session, const struct sample *sample, int sensor,
                        uint64_t axis_usec)
{
    int leader = counter_best(&session->distance, axis_usec);

    ground_hear(&session->ground, sample, sensor, leader == sensor || leader == COUNTER_NOBODY,
                axis_usec);
}

/* ---- all of it -------------------------------------------------------------------------------- */

void session_hear(struct session *session, const struct sample *sample, int sensor,
                  uint64_t axis_usec)
{
    if (session->begun && axis_usec > session->begin_usec)
        ground_begin(&session->ground, session->begin_usec);
    hear_ground(session, sample, sensor, axis_usec);
    if (sample->has & (SAMPLE_HEART_RATE | SAMPLE_NO_CONTACT | SAMPLE_RR))
        apply_heart(session, sample, sensor, axis_usec);
    if (sample->has &
        (SAMPLE_MOVING | SAMPLE_SPEED | SAMPLE_DISTANCE | SAMPLE_STEPS | SAMPLE_CADENCE))
        apply_motion(session, sample, sensor, axis_usec);
    pass_ground(session, axis_usec);
    gauges_feed(&session->gauges, sample, axis_usec);
}
