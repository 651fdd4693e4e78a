/* SPDX-License-Identifier: MIT */
#include "lib/terrain/terrain.h"

struct terrain_point terrain_point(int64_t t_usec)
{
    struct terrain_point point = { .t_usec = t_usec, .metres = NAN, .steps = NAN };

    terrain_says_nothing(&point.says);
    return point;
}

bool terrain_is_walking(double speed_m_s, double cadence_spm)
{
    return speed_m_s < TERRAIN_WALK_M_S && !(cadence_spm >= TERRAIN_WALK_SPM);
}

struct terrain_settings terrain_settings(bool live)
{
    return (struct terrain_settings){ .live = live, .own = { NAN, NAN, 1 } };
}

/* ---- lines ----------------------------------------------------------------------------------- */

static void begin_line(struct terrain *terrain)
{
    if (terrain->settings.live)
        smooth_init_live(&terrain->smooth);
    else
        smooth_init_final(&terrain->smooth);
    grade_init(&terrain->grade, terrain->settings.live);
    terrain->n_in = terrain->n_out = 0;
    terrain->row_known = terrain->last_known = false;
}

void terrain_init(struct terrain *terrain, const struct terrain_settings *settings)
{
    *terrain = (struct terrain){ .settings = *settings, .here.grade = NAN, .height_m = NAN };
    terrain_chooser_init(&terrain->chooser, settings->indoors);
    track_init(&terrain->track);
    turns_init(&terrain->fine, TURNS_FINE_M);
    turns_init(&terrain->coarse, TURNS_COARSE_M);
    climb_init(&terrain->climb);
    stretch_init(&terrain->stretch);
    effort_init(&terrain->effort, &settings->own);
    begin_line(terrain);
}

/* ---- from a row with its grade --------------------------------------------------------------- */

static void take_graded(struct terrain *terrain, const struct terrain_row *row)
{
    stretch_feed(&terrain->stretch, row);
    if (terrain->last_known)
        effort_feed(&terrain->effort, &terrain->last, row);
    terrain->last = *row;
    terrain->last_known = true;
}

static void take_grades(struct terrain *terrain)
{
    struct terrain_row row;

    while (grade_take(&terrain->grade, &row))
        take_graded(terrain, &row);
}

/* ---- from a height to its grade -------------------------------------------------------------- */

static void take_smoothed(struct terrain *terrain, double altitude_m)
{
    struct terrain_row row = terrain->waiting[terrain->n_out++ % (SMOOTH_DELAY + 1)];

    row.altitude_m = altitude_m;
    if (!terrain_source_is_fine(terrain->line)) {
        turns_feed(&terrain->coarse, altitude_m);
        return;
    }
    turns_feed(&terrain->fine, altitude_m);
    grade_feed(&terrain->grade, &row);
    take_grades(terrain);
}

static void take_row(struct terrain *terrain, const struct terrain_row *row)
{
    double altitude_m;

    if (terrain->row_known)
        terrain->source_m[terrain->line] += row->distance_m - terrain->row_m;
    terrain->row_known = true;
    terrain->row_m = row->distance_m;
    terrain->waiting[terrain->n_in++ % (SMOOTH_DELAY + 1)] = *row;
    if (smooth_feed(&terrain->smooth, row->altitude_m, &altitude_m))
        take_smoothed(terrain, altitude_m);
}

/* The line goes no further: what waits for rows to come is told without them. */
static void end_line(struct terrain *terrain)
{
    double altitude_m;

    while (smooth_flush(&terrain->smooth, &altitude_m))
        take_smoothed(terrain, altitude_m);
    grade_end(&terrain->grade);
    take_grades(terrain);
    stretch_part(&terrain->stretch);
    effort_part(&terrain->effort);
    begin_line(terrain);
}

static void take_rows(struct terrain *terrain)
{
    struct terrain_row row;
    enum track_step step;

    while ((step = track_take(&terrain->track, &row)) != TRACK_NONE) {
        if (step == TRACK_PART)
            end_line(terrain);
        else
            take_row(terrain, &row);
    }
}

static double drift_m(const struct terrain *terrain, int64_t t_usec)
{
    bool drifts = terrain->line == TERRAIN_BAROMETER || terrain->line == TERRAIN_ELEVATION;

    if (!drifts || terrain->settings.drift_m_s == 0)
        return 0;
    return terrain->settings.drift_m_s *
           ((double)t_usec - (double)terrain->settings.drift_from_usec) / 1e6;
}

static void feed_height(struct terrain *terrain, const struct terrain_point *point,
                        double altitude_m)
{
    const struct track_point place = {
        .t_usec = point->t_usec,
        .distance_m = terrain->here.distance_m,
        .steps = terrain->here.steps,
        .altitude_m = altitude_m - drift_m(terrain, point->t_usec),
        .walking = point->walking,
        .hushed = point->hushed,
    };

    if (!isnan(altitude_m)) {
        terrain->height_m = altitude_m;
        terrain->height_usec = point->t_usec;
    }
    track_feed(&terrain->track, &place);
    take_rows(terrain);
}

/* ---- from a grade ---------------------------------------------------------------------------- */

/* The grade was that of all the way since the last row: a change of it happened there. */
static void feed_grade(struct terrain *terrain, const struct terrain_row *before, double grade)
{
    struct terrain_row from = terrain->last_known ? terrain->last : *before;
    struct terrain_row to = terrain->here;
    double metres = to.distance_m - from.distance_m;

    if (!(metres > 0))
        return;
    terrain->source_m[terrain->line] += metres;
    climb_feed(&terrain->climb, metres, grade);
    from.grade = to.grade = grade;
    to.altitude_m = from.altitude_m + metres * grade / sqrt(1 + grade * grade);
    terrain->here.altitude_m = to.altitude_m;
    stretch_feed(&terrain->stretch, &from);
    terrain->last = from;
    terrain->last_known = true;
    take_graded(terrain, &to);
}

/* ---- points ---------------------------------------------------------------------------------- */

static double known_or_0(double value)
{
    return value > 0 && isfinite(value) ? value : 0;
}

/* The sum of steps goes on where a sensor counts again; a place where none does says so. */
static void move_on(struct terrain *terrain, const struct terrain_point *point)
{
    terrain->here.t_s = (double)point->t_usec / 1e6;
    terrain->here.distance_m += known_or_0(point->metres);
    terrain->steps += known_or_0(point->steps);
    terrain->here.steps = point->steps >= 0 ? terrain->steps : NAN;
    terrain->here.walking = point->walking;
    terrain->here.hushed = point->hushed;
    terrain->chooser.indoors |= point->indoors;
}

static double says(const struct terrain *terrain, const struct terrain_point *point,
                   enum terrain_source source)
{
    if (source == TERRAIN_ROUTE && terrain->settings.route)
        return route_altitude_m(terrain->settings.route,
                                terrain->here.distance_m - terrain->settings.route_from_m);
    return point->says.value[source];
}

static enum terrain_source choose(struct terrain *terrain, const struct terrain_point *point)
{
    struct terrain_says all;

    for (int i = 0; i < TERRAIN_SOURCES; i++)
        all.value[i] = says(terrain, point, (enum terrain_source)i);
    return terrain_choose(&terrain->chooser, terrain->here.t_s, &all);
}

static void change_line(struct terrain *terrain, enum terrain_source source)
{
    end_line(terrain);
    turns_part(&terrain->fine);
    turns_part(&terrain->coarse);
    track_part(&terrain->track);
    terrain->line = source;
    terrain->height_m = NAN;
}

void terrain_feed(struct terrain *terrain, const struct terrain_point *point)
{
    struct terrain_row before = terrain->here;
    bool late = terrain->any && point->t_usec <= terrain->t_usec;
    enum terrain_source source;

    if (late) {
        terrain->here.distance_m += known_or_0(point->metres);
        terrain->steps += known_or_0(point->steps);
        return;
    }
    move_on(terrain, point);
    if (!terrain->any)
        before = terrain->here;
    terrain->any = true;
    terrain->t_usec = point->t_usec;
    source = choose(terrain, point);
    if (source != terrain->line)
        change_line(terrain, source);
    if (source == TERRAIN_NONE)
        return;
    if (terrain_source_is_height(source))
        feed_height(terrain, point, says(terrain, point, source));
    else
        feed_grade(terrain, &before, says(terrain, point, source) / 100);
}

void terrain_end(struct terrain *terrain)
{
    end_line(terrain);
}
