/* SPDX-License-Identifier: MIT */
/* One record after the other: who runs, with which sensors, what they said, and when it began and ended. */
#include "lib/training/session_private.h"

#include <string.h>

/* ---- who runs, and with what ----------------------------------------------------------------- */
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
    heart_load_set_profile(&session->heart_then, &profile); /* it may be the heart of the end */
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

/* ---- what a sensor said ---------------------------------------------------------------------- */
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
    uint64_t axis_usec = session_on_axis(session, record->t_usec);
    struct sample sample;
    bool has_sample = false;

    if (!stream)
        return;
    stream_feed(stream, record->notification.uuid, record->notification.bytes,
                record->notification.length, axis_usec, &sample, &has_sample);
    if (axis_usec <= session->begin_usec)
        stream_forget_steps(stream);
    session_advance(session, axis_usec);
    if (has_sample)
        session_hear(session, &sample, record->sensor, axis_usec);
}

static void apply_link(struct session *session, const struct record *record)
{
    struct stream *stream = stream_of(session, record);

    if (stream)
        stream_link(stream, record->up, session_on_axis(session, record->t_usec));
}

static void apply_unit(struct session *session, const struct record *record)
{
    struct stream *stream = stream_of(session, record);

    if (stream)
        stream_set_unit(stream, pod_unit_from_conf(record->unit.unit), record->unit.evidence);
}

/* ---- what was said of the ground ------------------------------------------------------------- */
static void apply_incline(struct session *session, const struct record *record)
{
    ground_set(&session->ground, TERRAIN_INCLINE, record->incline_pct,
               session_on_axis(session, record->t_usec));
}

static void apply_route(struct session *session, const struct record *record)
{
    struct route_place places[RECORDING_PLACES_MAX];

    for (size_t i = 0; i < record->route.n; i++)
        places[i] = (struct route_place){ record->route.places[i].distance_dm / 10.0,
                                          record->route.places[i].altitude_dm / 10.0 };
    ground_follow(&session->ground, places, record->route.n,
                  session_on_axis(session, record->t_usec));
}

static void apply_own(struct session *session, const struct record *record)
{
    struct knee_reference own = { record->own.cadence_spm, record->own.speed_m_s, 1 };

    ground_set_own(&session->ground, &own);
}

/* ---- course ---------------------------------------------------------------------------------- */
static void apply_axis(struct session *session, const struct record *record)
{
    recording_axis_feed(&session->axis, record);
    session_advance(session, session_on_axis(session, record->t_usec));
    if (session->begun) /* by another date its runner is of another age */
        use_profile(session);
}

static void apply_begin(struct session *session, const struct record *record)
{
    uint64_t axis_usec = session_on_axis(session, record->t_usec);

    session->asked |= strcmp(record->end.why, SESSION_BY_COMMAND) == 0;
    if (session->begun && axis_usec >= session->begin_usec)
        return; /* of two that were put into one, the earlier start is the start */
    session->begun = true;
    session->begin_usec = axis_usec;
    memcpy(session->why, record->end.why, sizeof(session->why));
    session_advance(session, session->begin_usec);
    use_profile(session);
    session->heart.started = false; /* nothing was summed yet: silence from here on is missing */
    heart_load_tick(&session->heart, axis_usec);
    session->heart_then = session->heart;
}

static void apply_told(struct session *session, const struct record *record)
{
    session->told = true;
}

/* One that is given to another has another day, and its own again once it is given back. */
static void apply_local(struct session *session, const struct record *record)
{
    struct session_local *local = &session->local;

    if (strcmp(record->local.runner, session->runner.id) != 0)
        return;
    memcpy(local->runner, record->local.runner, sizeof(local->runner));
    local->start_s = record->local.start_s;
    local->offset_s = record->local.offset_s;
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
    session->end_usec = record->end.how == RECORD_END_IDLE
                            ? session_last_active(session)
                            : session_on_axis(session, record->t_usec);
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

/* ---- whichever it is ------------------------------------------------------------------------- */
static void (*const appliers[])(struct session *session, const struct record *record) = {
    [RECORD_AXIS] = apply_axis,
    [RECORD_RUNNER] = apply_runner,
    [RECORD_SENSOR] = apply_declared,
    [RECORD_BEGIN] = apply_begin,
    [RECORD_NOTIFICATION] = apply_notification,
    [RECORD_LINK] = apply_link,
    [RECORD_UNIT] = apply_unit,
    [RECORD_INCLINE] = apply_incline,
    [RECORD_ROUTE] = apply_route,
    [RECORD_OWN] = apply_own,
    [RECORD_TOLD] = apply_told,
    [RECORD_LOCAL] = apply_local,
    [RECORD_JOINED] = NULL,
    [RECORD_MERGED] = NULL, /* whose lines went into this one changes no figure */
    [RECORD_END] = apply_end,
};

void session_apply(struct session *session, const struct record *record)
{
    if (session->over && record->type == RECORD_END && record->end.how == RECORD_END_DISCARDED)
        apply_discarded(session, record);
    /* a clock set later still dates it */
    if (session->over && record->type != RECORD_AXIS && record->type != RECORD_LOCAL)
        return;
    if (appliers[record->type])
        appliers[record->type](session, record);
}
