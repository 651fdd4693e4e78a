/* SPDX-License-Identifier: MIT */
/* Its time, its course and its state; what is recorded comes in by session_record.c. */
#include "lib/training/session_private.h"

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

uint64_t session_on_axis(const struct session *session, uint64_t t_usec)
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

void session_advance(struct session *session, uint64_t axis_usec)
{
    if (axis_usec > session->now_usec)
        session->now_usec = axis_usec;
}

/* ---- course ----------------------------------------------------------------------------------- */

uint64_t session_last_active(const struct session *session)
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
    return off_axis(session, session_last_active(session));
}

uint64_t session_began(const struct session *session)
{
    return off_axis(session, session->begin_usec);
}

uint64_t session_ended(const struct session *session)
{
    return off_axis(session, session->end_usec);
}

bool session_local_offset(const struct session_local *local, const char *runner, int64_t start_usec,
                          int32_t *ret_s)
{
    int64_t moved_s = start_usec / 1000000 - local->start_s;

    if (!local->runner[0] || strcmp(local->runner, runner) != 0 || moved_s > RECORDING_LOCAL_S ||
        moved_s < -RECORDING_LOCAL_S)
        return false;
    *ret_s = local->offset_s;
    return true;
}

uint64_t session_idle_at(const struct session *session)
{
    if (!session->begun || session->over)
        return SESSION_NEVER;
    return off_axis(session, session_last_active(session) + SESSION_IDLE_USEC);
}

void session_tick(struct session *session, uint64_t t_usec)
{
    if (session->over)
        return;
    session_advance(session, session_on_axis(session, t_usec));
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
