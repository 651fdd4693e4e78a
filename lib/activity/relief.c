/* SPDX-License-Identifier: MIT */
#include <string.h>
#include "lib/activity/relief.h"
#include "lib/activity/totals.h"

#define HOLD_S 30.0 /* a cadence that is older says nothing of the steps since */

struct relief_settings relief_settings(void)
{
    return (struct relief_settings){ .own = { NAN, NAN, 1 } };
}

void relief_init(struct relief *relief, const struct outline *outline,
                 const struct relief_settings *settings)
{
    struct terrain_settings nothing = terrain_settings(false);

    memset(relief, 0, sizeof(*relief));
    relief->outline = outline;
    relief->settings = *settings;
    relief->session = -1;
    terrain_init(&relief->terrain, &nothing);
    for (int i = 0; i < ACTIVITY_PARTS_MAX; i++)
        terrain_figures(&relief->terrain, &relief->sessions[i].figures);
}

/* ---- sessions -------------------------------------------------------------------------------- */

static void close_session(struct relief *relief)
{
    struct relief_session *session;

    if (relief->session < 0)
        return;
    session = &relief->sessions[relief->session];
    terrain_end(&relief->terrain);
    terrain_figures(&relief->terrain, &session->figures);
    session->level = relief->terrain.effort.level;
    session->over = true;
    relief->session = -1;
}

static void open_session(struct relief *relief, int i)
{
    struct terrain_settings settings = terrain_settings(false);

    close_session(relief);
    settings.indoors = relief->outline->sessions[i].stated.indoors;
    settings.own = relief->settings.own;
    if (relief->settings.ends)
        settings.drift_m_s = ends_drift_m_s(relief->settings.ends, i, &settings.drift_from_usec);
    terrain_init(&relief->terrain, &settings);
    relief->session = i;
    relief->sessions[i].heard = true;
    relief->last_usec = ACTIVITY_NO_TIME;
}

/* ---- samples --------------------------------------------------------------------------------- */

static double metres_since(struct relief *relief, const struct activity_fact *fact)
{
    if (fact->part != relief->part)
        relief->farthest_m = 0;
    relief->part = fact->part;
    if (isnan(fact->sample.distance_m))
        return NAN;
    return totals_covered_m(relief->farthest_m, fact->sample.distance_m, &relief->farthest_m);
}

static double steps_since(const struct relief *relief, const struct activity_fact *fact, double s)
{
    double spm = fact->sample.cycles_per_min * relief->outline->steps_per_cycle;
    enum activity_sport sport = relief->outline->sessions[relief->session].stated.sport;

    if (s > HOLD_S || activity_class_of(sport) == ACTIVITY_CLASS_OTHER)
        return NAN;
    return spm * s / 60;
}

static bool walks(const struct relief *relief, const struct activity_fact *fact, double metres,
                  double s)
{
    enum activity_sport sport = relief->outline->sessions[relief->session].stated.sport;
    double speed_m_s = isnan(fact->sample.speed_m_s) ? metres / s : fact->sample.speed_m_s;

    return activity_class_of(sport) == ACTIVITY_CLASS_WALK ||
           terrain_is_walking(speed_m_s,
                              fact->sample.cycles_per_min * relief->outline->steps_per_cycle);
}

static enum terrain_source heights_of(const struct relief *relief)
{
    if (relief->outline->barometer || relief->settings.barometric)
        return TERRAIN_BAROMETER;
    return relief->outline->route ? TERRAIN_ROUTE : TERRAIN_GPS;
}

static enum terrain_source grades_of(const struct relief *relief)
{
    return relief->terrain.settings.indoors ? TERRAIN_BELT : TERRAIN_FILE;
}

static void feed(struct relief *relief, const struct activity_fact *fact)
{
    bool first = relief->last_usec == ACTIVITY_NO_TIME;
    double s = first ? 0 : (double)(fact->t_usec - relief->last_usec) / 1e6;
    double metres = metres_since(relief, fact);
    struct terrain_point point = terrain_point(fact->t_usec);

    /* the way to the first sample of a session is none of it that has an altitude */
    point.metres = first ? 0 : metres;
    point.steps = steps_since(relief, fact, s);
    point.walking = walks(relief, fact, metres, s);
    point.says.value[heights_of(relief)] = fact->sample.altitude_m;
    point.says.value[grades_of(relief)] = fact->sample.grade_pct;
    terrain_feed(&relief->terrain, &point);
    relief->last_usec = fact->t_usec;
}

static void hear(void *context, const struct activity_fact *fact)
{
    struct relief *relief = context;
    int i;

    if (fact->type != ACTIVITY_SAMPLE || !outline_believes(relief->outline, fact))
        return;
    i = outline_session_at(relief->outline, fact->part, fact->t_usec);
    if (i < 0)
        return;
    if (relief->sessions[i].over || (i == relief->session && fact->t_usec < relief->last_usec)) {
        relief->n_late++;
        return;
    }
    if (i != relief->session)
        open_session(relief, i);
    feed(relief, fact);
}

struct activity_sink relief_sink(struct relief *relief)
{
    return (struct activity_sink){ hear, relief };
}

void relief_finish(struct relief *relief)
{
    close_session(relief);
}
