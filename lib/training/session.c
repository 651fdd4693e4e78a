/* SPDX-License-Identifier: MIT */
#include "lib/training/session.h"

#include <string.h>

static void init(struct session *session, bool final)
{
    *session = (struct session){ 0 };
    session->runner.mass_kg = NAN;
    session->runner.live_incline_pct = NAN;
    session->heart_rate_bpm = NAN;
    counter_init(&session->distance, counter_rank_distance);
    counter_init(&session->steps, counter_rank_cadence);
    window_init(&session->speed_m_s, SESSION_SPEED_WINDOW_USEC);
    gait_init(&session->gait);
    gauges_init(&session->gauges);
    heart_load_init(&session->heart, &(struct heart_profile){ 0 });
    ground_init(&session->ground, final);
}

void session_init(struct session *session)
{
    init(session, false);
}

void session_init_final(struct session *session)
{
    init(session, true);
}

/* ---- time ------------------------------------------------------------------------------------- */

static uint64_t on_axis(const struct session *session, uint64_t t_usec)
{
    return recording_axis_time(&session->axis, t_usec);
}

/* Back to the boot of the latest A line; what was before it is its very start. */
static uint64_t off_axis(const struct session *session, uint64_t axis_usec)
{
    int64_t t;

    if (axis_usec == SESSION_NEVER)
        return axis_usec;
    t = (int64_t)axis_usec - session->axis.shift_usec;
    return t < 0 ? 0 : (uint64_t)t;
}

static void advance(struct session *session, uint64_t axis_usec)
{
    if (axis_usec > session->now_usec)
        session->now_usec = axis_usec;
}

/* ---- course ----------------------------------------------------------------------------------- */

static uint64_t last_activity(const struct session *session)
{
    uint64_t last = session->begin_usec;

    if (session->motion.moved && session->motion.moved_usec > last)
        last = session->motion.moved_usec;
    if (!session->motion.moved && session->last_effort_usec > last)
        last = session->last_effort_usec;
    return last;
}

uint64_t session_last_activity(const struct session *session)
{
    return off_axis(session, last_activity(session));
}

uint64_t session_began(const struct session *session)
{
    return off_axis(session, session->begin_usec);
}

uint64_t session_ended(const struct session *session)
{
    return off_axis(session, session->end_usec);
}

uint64_t session_idle_at(const struct session *session)
{
    if (!session->begun || session->over)
        return SESSION_NEVER;
    return off_axis(session, last_activity(session) + SESSION_IDLE_USEC);
}

void session_tick(struct session *session, uint64_t t_usec)
{
    if (session->over)
        return;
    advance(session, on_axis(session, t_usec));
    motion_tick(&session->motion, session->now_usec);
}

enum session_state session_state(const struct session *session)
{
    if (session->over)
        return session->discarded      ? SESSION_DISCARDED
               : session->runner.id[0] ? SESSION_ENDED
                                       : SESSION_UNASSIGNED;
    if (!session->runner.id[0])
        return SESSION_UNASSIGNED;
    return session->motion.paused ? SESSION_PAUSED : SESSION_RUNNING;
}

enum session_kind session_kind(const struct session *session)
{
    if (session->motion.moved)
        return motion_is_walk(&session->motion) ? SESSION_WALK : SESSION_RUN;
    return session->last_heart_sample_usec ? SESSION_HEART_RATE : SESSION_OTHER;
}

/* ---- facts: motion ---------------------------------------------------------------------------- */

/* What was held back while the unit was undecided comes in one lump, for all the movement since it was
 * last told. */
static void add_steps(struct session *session, const struct sample *sample, uint64_t axis_usec)
{
    uint64_t seen = session->steps.source[sample->source].seen_usec;
    bool held_back = sample->has & SAMPLE_UNIT_DECIDED;
    double steps = counter_feed(&session->steps, sample->source, sample->steps, axis_usec);

    if (!held_back)
        ground_step(&session->ground, steps);
    if (session->steps.active == sample->source)
        gait_steps(&session->gait, steps, motion_moving_s(&session->motion, axis_usec),
                   held_back || (seen && axis_usec <= seen + SAMPLE_HOLD_USEC));
}

static bool is_best(const struct counter *counter, const struct sample *sample, uint64_t axis_usec)
{
    return counter_best(counter, axis_usec) == sample->source;
}

static void see_moving(struct session *session, const struct sample *sample, double metres,
                       uint64_t axis_usec)
{
    bool best = is_best(&session->distance, sample, axis_usec) ||
                counter_best(&session->distance, axis_usec) == SAMPLE_SOURCE_NONE;

    if (motion_feed(&session->motion, sample, best, metres, session->begin_usec, axis_usec))
        session->heart_then = session->heart;
}

static void apply_motion(struct session *session, const struct sample *sample, uint64_t axis_usec)
{
    bool counts = axis_usec > session->begin_usec;
    double metres = 0;

    if (sample->has & SAMPLE_DISTANCE) {
        if (counts)
            metres =
                counter_feed(&session->distance, sample->source, sample->distance_m, axis_usec);
        else
            counter_touch(&session->distance, sample->source, axis_usec);
    }
    ground_cover(&session->ground, metres);
    if (sample->has & SAMPLE_SPEED && is_best(&session->distance, sample, axis_usec)) {
        window_feed(&session->speed_m_s, sample->speed_m_s, axis_usec);
        gait_speed(&session->gait, sample->speed_m_s, axis_usec);
    }
    if (sample->has & SAMPLE_MOVING)
        see_moving(session, sample, metres, axis_usec);
    if (sample->has & SAMPLE_STEPS) {
        if (counts)
            add_steps(session, sample, axis_usec);
        else
            counter_touch(&session->steps, sample->source, axis_usec);
    }
    if (sample->has & SAMPLE_CADENCE && is_best(&session->steps, sample, axis_usec))
        gait_cadence(&session->gait, sample->cadence_spm, session->begin_usec, axis_usec);
}

/* ---- facts: heart ----------------------------------------------------------------------------- */

static void see_effort(struct session *session, uint64_t axis_usec)
{
    session->last_effort_usec = axis_usec;
    if (!session->motion.moved)
        session->heart_then = session->heart;
}

static void apply_heart(struct session *session, const struct sample *sample, uint64_t axis_usec)
{
    double bpm = sample->has & SAMPLE_HEART_RATE ? sample->heart_rate_bpm : NAN;
    const struct conf_runner *runner = &session->runner;

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
        session->steps.any && counter_best(&session->steps, axis_usec) != SAMPLE_SOURCE_NONE;

    ground_pass(&session->ground, axis_usec, steps_known,
                terrain_is_walking(speed_m_s, cadence_spm));
}

/* ---- records ---------------------------------------------------------------------------------- */

static struct stream *stream_of(struct session *session, const struct record *record)
{
    if (record->sensor < 0 || record->sensor >= RECORDING_SENSORS_MAX ||
        !session->sensors[record->sensor].declared)
        return NULL;
    return &session->sensors[record->sensor].stream;
}

static void apply_notification(struct session *session, const struct record *record)
{
    struct stream *stream = stream_of(session, record);
    uint64_t axis_usec = on_axis(session, record->t_usec);
    struct sample sample;
    bool has_sample = false;

    if (!stream)
        return;
    stream_feed(stream, record->notification.uuid, record->notification.bytes,
                record->notification.length, axis_usec, &sample, &has_sample);
    if (axis_usec <= session->begin_usec)
        stream_forget_steps(stream);
    advance(session, axis_usec);
    if (!has_sample)
        return;
    if (session->begun && axis_usec > session->begin_usec)
        ground_begin(&session->ground, session->begin_usec);
    ground_hear(&session->ground, &sample, record->sensor, axis_usec);
    if (sample.has & (SAMPLE_HEART_RATE | SAMPLE_NO_CONTACT | SAMPLE_RR))
        apply_heart(session, &sample, axis_usec);
    if (sample.has &
        (SAMPLE_MOVING | SAMPLE_SPEED | SAMPLE_DISTANCE | SAMPLE_STEPS | SAMPLE_CADENCE))
        apply_motion(session, &sample, axis_usec);
    pass_ground(session, axis_usec);
    gauges_feed(&session->gauges, &sample, axis_usec);
}

static void apply_declared(struct session *session, const struct record *record)
{
    struct session_sensor *sensor;

    if (record->sensor < 0 || record->sensor >= RECORDING_SENSORS_MAX)
        return;
    sensor = &session->sensors[record->sensor];
    *sensor = (struct session_sensor){ .declared = true };
    memcpy(sensor->conf.name, record->declared.name, sizeof(sensor->conf.name));
    memcpy(sensor->conf.address, record->declared.address, sizeof(sensor->conf.address));
    sensor->conf.cadence_unit = record->declared.unit;
    sensor->conf.factor = record->declared.factor;
    /* configured or decided on an earlier day: to the session it is given either way */
    stream_init(&sensor->stream, &sensor->conf, POD_UNIT_UNDECIDED);
    if (record->declared.pod)
        stream_expect(&sensor->stream, GATT_RSC_MEASUREMENT);
    if (record->declared.strap)
        stream_expect(&sensor->stream, GATT_HEART_RATE_MEASUREMENT);
    if (record->declared.belt)
        stream_expect(&sensor->stream, GATT_TREADMILL_DATA);
}

/* The year counts only for an estimate of the highest heart rate from age. */
static void use_profile(struct session *session)
{
    const struct conf_runner *runner = &session->runner;
    int64_t wall_usec = recording_axis_wall(&session->axis, session->begin_usec);
    struct heart_profile profile = {
        .sex = runner->sex,
        .max_bpm = runner->max_heart_rate_bpm,
        .rest_bpm = runner->rest_heart_rate_bpm,
    };

    if (wall_usec > 0)
        profile.age_years = heart_age_years(runner->birth_year, wall_usec);
    heart_load_set_profile(&session->heart, &profile);
}

static void apply_runner(struct session *session, const struct record *record)
{
    struct conf_runner *runner = &session->runner;

    memcpy(runner->id, record->runner.id, sizeof(runner->id));
    runner->sex = record->runner.sex;
    runner->birth_year = record->runner.birth_year;
    runner->max_heart_rate_bpm = record->runner.max_heart_rate_bpm;
    runner->rest_heart_rate_bpm = record->runner.rest_heart_rate_bpm;
    runner->mass_kg = record->runner.mass_kg;
    runner->live_incline_pct = record->runner.incline_pct;
    ground_set(&session->ground, TERRAIN_CONFIGURED, record->runner.incline_pct, session->now_usec);
    use_profile(session);
}

static void apply_route(struct session *session, const struct record *record)
{
    struct route_place places[RECORDING_PLACES_MAX];

    for (size_t i = 0; i < record->route.n; i++)
        places[i] = (struct route_place){ record->route.places[i].distance_dm / 10.0,
                                          record->route.places[i].altitude_dm / 10.0 };
    ground_follow(&session->ground, places, record->route.n, on_axis(session, record->t_usec));
}

static void apply_begin(struct session *session, const struct record *record)
{
    uint64_t axis_usec = on_axis(session, record->t_usec);

    session->asked |= strcmp(record->end.why, SESSION_BY_COMMAND) == 0;
    if (session->begun && axis_usec >= session->begin_usec)
        return; /* of two that were put into one, the earlier start is the start */
    session->begun = true;
    session->begin_usec = axis_usec;
    memcpy(session->why, record->end.why, sizeof(session->why));
    advance(session, session->begin_usec);
    use_profile(session);
    session->heart.started = false; /* nothing was summed yet: silence from here on is missing */
    heart_load_tick(&session->heart, axis_usec);
    session->heart_then = session->heart;
}

/* The last ten idle minutes are not part of the session, nor is what the heart did in them. */
static void end_heart(struct session *session, enum record_end how)
{
    if (how == RECORD_END_IDLE)
        session->heart = session->heart_then;
    heart_load_tick(&session->heart, session->end_usec);
}

static void apply_end(struct session *session, const struct record *record)
{
    session->over = true;
    session->how = record->end.how;
    session->discarded = record->end.how == RECORD_END_DISCARDED;
    session->end_usec = record->end.how == RECORD_END_IDLE ? last_activity(session)
                                                           : on_axis(session, record->t_usec);
    if (session->end_usec < session->begin_usec)
        session->end_usec = session->begin_usec;
    end_heart(session, record->end.how);
    ground_end(&session->ground);
    memcpy(session->why, record->end.why, sizeof(session->why));
}

/* What ended may be discarded later; when it ended stays. */
static void apply_discarded(struct session *session, const struct record *record)
{
    session->discarded = true;
    memcpy(session->why, record->end.why, sizeof(session->why));
}

void session_apply(struct session *session, const struct record *record)
{
    struct stream *stream;

    if (session->over && record->type == RECORD_END && record->end.how == RECORD_END_DISCARDED)
        apply_discarded(session, record);
    if (session->over && record->type != RECORD_AXIS) /* a clock set later still dates it */
        return;
    switch (record->type) {
    case RECORD_AXIS:
        recording_axis_feed(&session->axis, record);
        advance(session, on_axis(session, record->t_usec));
        break;
    case RECORD_RUNNER:
        apply_runner(session, record);
        break;
    case RECORD_SENSOR:
        apply_declared(session, record);
        break;
    case RECORD_BEGIN:
        apply_begin(session, record);
        break;
    case RECORD_NOTIFICATION:
        apply_notification(session, record);
        break;
    case RECORD_LINK:
        if ((stream = stream_of(session, record)))
            stream_link(stream, record->up, on_axis(session, record->t_usec));
        break;
    case RECORD_UNIT:
        if ((stream = stream_of(session, record)))
            stream_set_unit(stream, pod_unit_from_conf(record->unit.unit), record->unit.evidence);
        break;
    case RECORD_INCLINE:
        ground_set(&session->ground, TERRAIN_INCLINE, record->incline_pct,
                   on_axis(session, record->t_usec));
        break;
    case RECORD_ROUTE:
        apply_route(session, record);
        break;
    case RECORD_OWN:
        ground_set_own(&session->ground, &(struct knee_reference){ record->own.cadence_spm,
                                                                   record->own.speed_m_s, 1 });
        break;
    case RECORD_TOLD:
        session->told = true;
        break;
    case RECORD_MERGED:
        break;
    case RECORD_END:
        apply_end(session, record);
        break;
    }
}
