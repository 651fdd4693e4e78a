/* SPDX-License-Identifier: MIT */
#include "lib/training/facts.h"

#include <math.h>
#include <string.h>

#define SECOND_USEC       1000000
#define SUB_SPORT_BELT    1 /* FIT's number for a treadmill */
#define SUB_SPORT_GENERIC 0

/* ---- how it ended ----------------------------------------------------------------------------- */

/* Returns when that was, on the axis; 0 of what is nothing that was heard. */
static uint64_t apply(struct session *session, const struct facts_source *source, size_t i)
{
    struct record record;

    source->get(source->context, i, &record);
    session_apply(session, &record);
    return record.type == RECORD_NOTIFICATION ? recording_axis_time(&session->axis, record.t_usec)
                                              : 0;
}

/* Who told most of the heights. */
static enum terrain_source heights_of(const struct terrain_figures *figures)
{
    enum terrain_source most = TERRAIN_NONE;

    for (int i = TERRAIN_NONE + 1; i < TERRAIN_SOURCES; i++)
        if (terrain_source_is_height((enum terrain_source)i) && figures->source_m[i] > 0 &&
            (most == TERRAIN_NONE || figures->source_m[i] > figures->source_m[most]))
            most = (enum terrain_source)i;
    return most;
}

enum facts_result facts_of_records(struct facts *ret, const struct facts_source *source,
                                   struct session *scratch)
{
    struct facts facts = { .source = *source };
    struct terrain_figures figures;

    session_init_final(scratch);
    for (size_t i = 0; i < source->n; i++)
        (void)apply(scratch, source, i);
    if (!scratch->begun || !scratch->over)
        return FACTS_E_OPEN;
    if (session_state(scratch) != SESSION_ENDED)
        return FACTS_E_GONE;
    session_summary(scratch, 0, &facts.summary);
    if (!facts.summary.start_usec)
        return FACTS_E_DATE;
    terrain_figures(&scratch->ground.terrain, &figures);
    facts.descent_m = figures.descent_m;
    facts.heights = heights_of(&figures);
    facts.indoors = scratch->ground.terrain.chooser.indoors ||
                    strcmp(facts.summary.source.distance, "belt") == 0;
    facts.begin_usec = scratch->begin_usec;
    facts.end_usec = scratch->end_usec;
    facts.offset_usec = facts.summary.start_usec - (int64_t)facts.begin_usec;
    *ret = facts;
    return FACTS_OK;
}

/* ---- what is told ----------------------------------------------------------------------------- */

static int64_t wall_of(const struct facts *facts, uint64_t axis_usec)
{
    return (int64_t)axis_usec + facts->offset_usec;
}

/* A height is of the second it was told in: none was invented for those of silence. */
static double height_of(const struct facts *facts, const struct session *session,
                        uint64_t axis_usec)
{
    const struct terrain *terrain = &session->ground.terrain;
    uint64_t into_usec = (uint64_t)wall_of(facts, axis_usec) % SECOND_USEC;

    if (terrain->line == TERRAIN_NONE || terrain->line != facts->heights ||
        terrain->height_usec + (int64_t)into_usec < (int64_t)axis_usec)
        return NAN;
    return terrain->height_m;
}

/* What was worked out from heights is for those who have them. */
static double grade_of(const struct session *session, uint64_t axis_usec)
{
    enum terrain_source source;
    double percent = ground_grade_pct(&session->ground, axis_usec, &source);

    return terrain_source_is_height(source) ? NAN : percent;
}

static struct activity_fact sample_of(const struct facts *facts, const struct session *session,
                                      uint64_t axis_usec)
{
    struct activity_fact fact = activity_fact(ACTIVITY_SAMPLE, wall_of(facts, axis_usec));
    struct payload_live live;

    session_live(session, 0, &live);
    fact.sample.distance_m = live.distance_m;
    fact.sample.speed_m_s = live.speed_m_s;
    fact.sample.cycles_per_min = live.cadence_spm / 2; /* FIT's are those of one foot */
    fact.sample.heart_rate_bpm = live.heart_rate_bpm;
    fact.sample.power_w = live.power_w;
    fact.sample.temperature_c = live.temperature_c;
    fact.sample.altitude_m = height_of(facts, session, axis_usec);
    fact.sample.grade_pct = grade_of(session, axis_usec);
    return fact;
}

static void tell_timer(const struct facts *facts, const struct activity_sink *sink, bool running,
                       uint64_t axis_usec)
{
    struct activity_fact fact = activity_fact(ACTIVITY_TIMER, wall_of(facts, axis_usec));

    fact.running = running;
    activity_emit(sink, &fact);
}

/* Whence the heights are, where that says that they are good. */
static void tell_device(const struct facts *facts, const struct activity_sink *sink)
{
    struct activity_fact fact = activity_fact(ACTIVITY_DEVICE, wall_of(facts, facts->begin_usec));

    fact.device.barometer =
        facts->heights == TERRAIN_BAROMETER || facts->heights == TERRAIN_ELEVATION;
    fact.device.route = facts->heights == TERRAIN_ROUTE;
    if (fact.device.barometer || fact.device.route)
        activity_emit(sink, &fact);
}

static bool is_within(const struct facts *facts, const struct session *session, uint64_t axis_usec)
{
    return session->begun && !session->over && axis_usec >= facts->begin_usec &&
           axis_usec <= facts->end_usec;
}

/* What was so as each second of the wall ended: the last one has all the metres. The time is that of
 * the packet: a recording that begins with what was heard before it began starts with a later one. */
static void tell_samples(const struct facts *facts, const struct activity_sink *sink,
                         struct session *session)
{
    struct activity_fact next, last;
    bool any = false;

    session_init(session);
    for (size_t i = 0; i < facts->source.n; i++) {
        uint64_t axis_usec = apply(session, &facts->source, i);

        if (!is_within(facts, session, axis_usec))
            continue;
        next = sample_of(facts, session, axis_usec);
        if (any && next.t_usec < last.t_usec) /* two sensors' packets may be late to each other */
            next.t_usec = last.t_usec;
        if (any && next.t_usec / SECOND_USEC != last.t_usec / SECOND_USEC)
            activity_emit(sink, &last);
        last = next;
        any = true;
    }
    if (any)
        activity_emit(sink, &last);
}

static enum activity_sport sport_of(enum session_kind kind)
{
    switch (kind) {
    case SESSION_RUN:
        return ACTIVITY_SPORT_RUNNING;
    case SESSION_WALK:
        return ACTIVITY_SPORT_WALKING;
    case SESSION_HEART_RATE:
    case SESSION_OTHER:
        break;
    }
    return ACTIVITY_SPORT_OTHER;
}

static void tell_lap(const struct facts *facts, const struct activity_sink *sink)
{
    const struct payload_session *summary = &facts->summary;
    struct activity_fact fact = activity_fact(ACTIVITY_LAP, summary->end_usec);

    fact.lap.start_usec = summary->start_usec;
    fact.lap.elapsed_s = summary->elapsed_s;
    fact.lap.timer_s = isnan(summary->moving_s) ? summary->elapsed_s : summary->moving_s;
    fact.lap.distance_m = summary->distance_m;
    fact.lap.ascent_m = summary->hills.ascent_m;
    fact.lap.descent_m = facts->descent_m;
    activity_emit(sink, &fact);
}

static void tell_session(const struct facts *facts, const struct activity_sink *sink)
{
    const struct payload_session *summary = &facts->summary;
    struct activity_fact fact = activity_fact(ACTIVITY_SESSION, summary->start_usec);
    struct activity_session *session = &fact.session;

    session->sport = sport_of(summary->kind);
    session->indoors = facts->indoors;
    session->sub_sport = session->indoors ? SUB_SPORT_BELT : SUB_SPORT_GENERIC;
    session->elapsed_s = summary->elapsed_s;
    session->timer_s = isnan(summary->moving_s) ? summary->elapsed_s : summary->moving_s;
    session->distance_m = summary->distance_m;
    session->heart_rate_mean_bpm = summary->heart_rate_mean_bpm;
    session->heart_rate_max_bpm = summary->heart_rate_max_bpm;
    session->cycles_mean_per_min = summary->cadence_mean_spm / 2;
    session->cycles = summary->steps / 2;
    session->ascent_m = summary->hills.ascent_m;
    session->descent_m = facts->descent_m;
    activity_emit(sink, &fact);
}

void facts_tell(const struct facts *facts, const struct activity_sink *sink,
                struct session *scratch)
{
    tell_device(facts, sink);
    tell_timer(facts, sink, true, facts->begin_usec);
    tell_samples(facts, sink, scratch);
    tell_timer(facts, sink, false, facts->end_usec);
    tell_lap(facts, sink);
    tell_session(facts, sink);
}
