/* SPDX-License-Identifier: MIT */
/*
 * The figures of a session: as they are shown while it runs, and as its result says them. Whatever is
 * not known is absent.
 */
#include "lib/training/session.h"

#include <math.h>
#include <string.h>
#include "lib/metrics/cost.h"

#define SECOND 1000000.0

/* A time on the axis, and none that the session is past. */
static uint64_t figures_at(const struct session *session, uint64_t t_usec)
{
    uint64_t axis_usec = recording_axis_time(&session->axis, t_usec);

    return axis_usec > session->now_usec ? axis_usec : session->now_usec;
}

/* Until the runner goes on, nobody knows whether the run is over, and what the heart does on the sofa
 * is no part of a run: the sums stand still meanwhile, and take the pause in when it was one. A sum
 * that grew in the pause and fell back at the end would be a new meter to Home Assistant. */
static const struct heart_load *heart_of(const struct session *session)
{
    return session->motion.paused && !session->over ? &session->heart_then : &session->heart;
}

static void name_source(char ret[12], enum sample_source source)
{
    static const char *const names[] = {
        [SAMPLE_SOURCE_NONE] = "",
        [SAMPLE_SOURCE_POD] = "pod",
        [SAMPLE_SOURCE_STRAP] = "strap",
        [SAMPLE_SOURCE_BELT] = "belt",
        [SAMPLE_SOURCE_POWER] = "power",
        [SAMPLE_SOURCE_BAROMETER] = "barometer",
        [SAMPLE_SOURCE_LOCATION] = "location",
        [SAMPLE_SOURCE_CONFIGURED] = "configured",
    };

    strncpy(ret, names[source], 11);
    ret[11] = '\0';
}

static void fill_source(const struct session *session, enum terrain_source grade,
                        struct payload_source *ret)
{
    name_source(ret->distance,
                session->distance.any ? session->distance.active : SAMPLE_SOURCE_NONE);
    name_source(ret->cadence, session->steps.any ? session->steps.active : SAMPLE_SOURCE_NONE);
    strncpy(ret->grade, terrain_source_name(grade), sizeof(ret->grade) - 1);
    name_source(ret->heart_rate,
                session->last_heart_sample_usec ? SAMPLE_SOURCE_STRAP : SAMPLE_SOURCE_NONE);
}

static double elapsed_s(const struct session *session, uint64_t axis_usec)
{
    uint64_t until = session->over ? session->end_usec : axis_usec;

    return until > session->begin_usec ? (double)(until - session->begin_usec) / SECOND : 0;
}

/* Below 0.5 m/s a pace is over half an hour a kilometre: standing, not running slowly. And up a wall
 * nobody's effort is that of 20 m/s on the level. */
static double pace_of(double speed_m_s)
{
    return speed_m_s >= 0.5 && speed_m_s <= 20 ? 1000.0 / speed_m_s : NAN;
}

static void live_motion(const struct session *session, uint64_t axis_usec, struct payload_live *ret)
{
    ret->speed_m_s = window_mean(&session->speed_m_s, axis_usec);
    ret->cadence_spm = window_mean(&session->gait.cadence_spm, axis_usec);
    ret->step_length_m = window_mean(&session->gait.step_length_m, axis_usec);
    ret->pace_s_per_km = pace_of(ret->speed_m_s);
}

static void live_heart(const struct session *session, uint64_t axis_usec, struct payload_live *ret)
{
    if (!isnan(session->heart_rate_bpm) &&
        axis_usec <= session->heart_rate_usec + COUNTER_FRESH_USEC) {
        ret->heart_rate_bpm = session->heart_rate_bpm;
        ret->heart_rate_reserve_pct =
            heart_load_reserve_pct(&session->heart, session->heart_rate_bpm);
        ret->zone = heart_load_zone(&session->heart, session->heart_rate_bpm);
    }
    ret->trimp = heart_load_trimp(heart_of(session));
    ret->edwards = heart_load_edwards(heart_of(session));
}

/* Below the speed of a pace there is none for the hill either. */
static void live_grade(const struct session *session, uint64_t axis_usec, struct payload_live *ret,
                       enum terrain_source *ret_source)
{
    ret->grade_pct = ground_grade_pct(&session->ground, axis_usec, ret_source);
    if (!isnan(ret->pace_s_per_km))
        ret->grade_adjusted_pace_s_per_km =
            pace_of(ret->speed_m_s * cost_ratio(ret->grade_pct / 100));
}

static double percent(double share)
{
    return 100 * share;
}

/* Returns where most of it is from: what is said when nobody knows the grade of this place. */
static enum terrain_source live_hills(const struct session *session, struct payload_live *ret)
{
    struct terrain_figures figures;

    terrain_figures(&session->ground.terrain, &figures);
    ret->ascent_m = figures.ascent_m;
    ret->downhill_drop_m = figures.downhill.drop_m;
    ret->downhill_distance_m = figures.downhill.distance_m;
    ret->downhill_time_s = figures.downhill.time_s;
    ret->downhill_steps = figures.downhill.steps;
    ret->downhill_steep_pct = percent(figures.steep_share);
    ret->knee_load_steps = figures.knee_steps;
    return figures.source;
}

void session_live(const struct session *session, uint64_t t_usec, struct payload_live *ret)
{
    uint64_t axis_usec = figures_at(session, t_usec);
    enum terrain_source now = TERRAIN_NONE, mostly;

    payload_live_init(ret);
    ret->state = session_state(session);
    ret->elapsed_s = elapsed_s(session, axis_usec);
    if (session->motion.moved)
        ret->moving_s = session->motion.moving_s;
    if (session->distance.any)
        ret->distance_m = session->distance.total;
    if (session->steps.any)
        ret->steps = session->steps.total;
    if (!session->over) {
        live_motion(session, axis_usec, ret);
        ret->power_w = gauges_power_w(&session->gauges, axis_usec);
        ret->temperature_c = gauges_temperature_c(&session->gauges, axis_usec);
        live_grade(session, axis_usec, ret, &now);
    }
    live_heart(session, session->over ? UINT64_MAX / 2 : axis_usec, ret);
    mostly = live_hills(session, ret);
    fill_source(session, now == TERRAIN_NONE ? mostly : now, &ret->source);
}

static void summary_heart(const struct session *session, struct payload_session *ret)
{
    const struct heart_load *heart = heart_of(session);

    ret->heart_rate_mean_bpm = heart_load_mean_bpm(heart);
    ret->heart_rate_max_bpm = heart_load_max_bpm(heart);
    for (int i = 0; i < 5; i++)
        ret->zone_s[i] = heart_load_zone_s(heart, i);
    ret->trimp = heart_load_trimp(heart);
    ret->edwards = heart_load_edwards(heart);
}

static enum terrain_source summary_hills(const struct session *session, struct payload_session *ret)
{
    struct terrain_figures figures;

    terrain_figures(&session->ground.terrain, &figures);
    ret->ascent_m = figures.ascent_m;
    ret->downhill_drop_m = figures.downhill.drop_m;
    ret->downhill_distance_m = figures.downhill.distance_m;
    ret->downhill_time_s = figures.downhill.time_s;
    ret->downhill_steps = figures.downhill.steps;
    ret->downhill_steep_pct = percent(figures.steep_share);
    ret->grade_adjusted_pace_s_per_km = pace_of(figures.graded_speed_m_s);
    ret->knee_load_steps = figures.knee_steps;
    if (figures.distance_m > 0)
        ret->altitude_coverage_pct = percent(fmin(1, figures.altitude_m / figures.distance_m));
    return figures.source;
}

void session_summary(const struct session *session, uint64_t t_usec, struct payload_session *ret)
{
    uint64_t axis_usec = figures_at(session, t_usec);

    payload_session_init(ret);
    memcpy(ret->runner, session->runner.id, sizeof(ret->runner));
    ret->kind = session_kind(session);
    ret->state = session_state(session);
    ret->start_usec = recording_axis_wall(&session->axis, session->begin_usec);
    if (session->over)
        ret->end_usec = recording_axis_wall(&session->axis, session->end_usec);
    ret->elapsed_s = elapsed_s(session, axis_usec);
    if (session->motion.moved) {
        ret->moving_s = session->motion.moving_s;
        ret->gaps_s = session->motion.gaps_s;
    }
    if (session->distance.any)
        ret->distance_m = session->distance.total;
    if (session->steps.any)
        ret->steps = session->steps.total;
    ret->cadence_mean_spm = gait_mean_spm(&session->gait);
    if (session->gait.max_spm > 0)
        ret->cadence_max_spm = session->gait.max_spm;
    summary_heart(session, ret);
    fill_source(session, summary_hills(session, ret), &ret->source);
}

double session_altitude_m(const struct session *session)
{
    struct terrain_figures figures;

    terrain_figures(&session->ground.terrain, &figures);
    return session->distance.any ? figures.altitude_m : NAN;
}
