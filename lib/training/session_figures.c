/* SPDX-License-Identifier: MIT */
/*
 * The figures of a session: as they are shown while it runs, and as its result says them. Whatever is
 * not known is absent.
 */
#include "lib/training/session.h"

#include <math.h>
#include <string.h>
#include "lib/metrics/cost.h"
#include "lib/metrics/pace.h"

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

static void fill_source(const struct session *session, struct payload_source *ret)
{
    name_source(ret->distance,
                session->distance.any ? session->distance.active : SAMPLE_SOURCE_NONE);
    name_source(ret->cadence, session->steps.any ? session->steps.active : SAMPLE_SOURCE_NONE);
    name_source(ret->heart_rate,
                session->last_heart_sample_usec ? SAMPLE_SOURCE_STRAP : SAMPLE_SOURCE_NONE);
}

static double elapsed_s(const struct session *session, uint64_t axis_usec)
{
    uint64_t until = session->over ? session->end_usec : axis_usec;

    return until > session->begin_usec ? (double)(until - session->begin_usec) / SECOND : 0;
}

static void live_motion(const struct session *session, uint64_t axis_usec, struct payload_live *ret)
{
    ret->speed_m_s = window_mean(&session->speed_m_s, axis_usec);
    ret->cadence_spm = window_mean(&session->gait.cadence_spm, axis_usec);
    ret->step_length_m = window_mean(&session->gait.step_length_m, axis_usec);
    ret->pace_s_per_km = pace_s_per_km(ret->speed_m_s);
}

/* For a load of all of it, and not of what is known. */
static bool heart_is_whole(const struct session *session)
{
    return heart_load_is_whole(heart_of(session),
                               session->motion.moved ? session->motion.moving_s : NAN);
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
    if (session->over && !heart_is_whole(session)) /* its last word is the total */
        return;
    ret->trimp = heart_load_trimp(heart_of(session));
    ret->edwards = heart_load_edwards(heart_of(session));
}

/* Below the speed of a pace there is none for the hill either. */
static void live_grade(const struct session *session, uint64_t axis_usec, struct payload_live *ret)
{
    enum terrain_source now;

    ret->grade_pct = ground_grade_pct(&session->ground, axis_usec, &now);
    if (now != TERRAIN_NONE)
        strncpy(ret->hills.source, terrain_source_name(now), sizeof(ret->hills.source) - 1);
    if (!isnan(ret->pace_s_per_km))
        ret->hills.pace_s_per_km = pace_s_per_km(ret->speed_m_s * cost_ratio(ret->grade_pct / 100));
}

/* What the hills come to so far. Where nobody knows the grade of this place, what is said is where
 * most of it is from. */
static void hills_so_far(const struct session *session, struct hills *ret)
{
    struct terrain_figures figures;

    terrain_figures(&session->ground.terrain, &figures);
    hills_of_figures(ret, &figures);
    if (!session->distance.any)
        ret->altitude_m = NAN;
}

void session_live(const struct session *session, uint64_t t_usec, struct payload_live *ret)
{
    uint64_t axis_usec = figures_at(session, t_usec);

    payload_live_init(ret);
    ret->state = session_state(session);
    ret->elapsed_s = elapsed_s(session, axis_usec);
    if (session->motion.moved)
        ret->moving_s = session->motion.moving_s;
    if (session->distance.any)
        ret->distance_m = session->distance.total;
    if (session->steps.any)
        ret->steps = session->steps.total;
    hills_so_far(session, &ret->hills);
    ret->hills.pace_s_per_km = NAN; /* that of the whole way is none of a moment */
    if (!session->over) {
        live_motion(session, axis_usec, ret);
        ret->power_w = gauges_power_w(&session->gauges, axis_usec);
        ret->temperature_c = gauges_temperature_c(&session->gauges, axis_usec);
        live_grade(session, axis_usec, ret);
    }
    live_heart(session, session->over ? UINT64_MAX / 2 : axis_usec, ret);
    fill_source(session, &ret->source);
}

static void summary_heart(const struct session *session, struct payload_session *ret)
{
    const struct heart_load *heart = heart_of(session);

    ret->heart_rate_mean_bpm = heart_load_mean_bpm(heart);
    ret->heart_rate_max_bpm = heart_load_max_bpm(heart);
    for (int i = 0; i < 5; i++)
        ret->zone_s[i] = heart_load_zone_s(heart, i);
    if (!heart_is_whole(session))
        return;
    ret->trimp = heart_load_trimp(heart);
    ret->edwards = heart_load_edwards(heart);
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
    hills_so_far(session, &ret->hills);
    fill_source(session, &ret->source);
}
