/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * The hills of a session, from whatever says anything about them: one engine for live figures, for the
 * final ones (the recording once more, with filters that look ahead as well) and for files.
 *
 *   points -> source ->  height -> track -> smooth ---> turns -> ascent, descent
 *             (who is    (metres)  (1 Hz)   (5 s, 15 s)   \ (not of satellites)
 *              believed)                                   -> grade -----+-> stretch -> downhill
 *                    \-> grade (percent: a belt's, a person's) ----------+-> effort -> pace, knee
 *                            \-> climb -> ascent, descent
 *
 * A change of source ends the lines that were begun: nothing is drawn from one measure to another.
 * Memory is this struct, no matter how many points. What nobody measured is NAN, never 0: a run
 * without any height has no descent that is known, and one of satellites alone an ascent of low
 * quality and no downhill.
 */
#include "lib/metrics/climb.h"
#include "lib/metrics/smooth.h"
#include "lib/terrain/effort.h"
#include "lib/terrain/grade.h"
#include "lib/terrain/route.h"
#include "lib/terrain/source.h"
#include "lib/terrain/stretch.h"
#include "lib/terrain/track.h"
#include "lib/terrain/turns.h"

#define TERRAIN_WALK_M_S 2.0 /* slower than this and ... */
#define TERRAIN_WALK_SPM 140 /* ... not at this cadence is walking, where no sensor says */

struct terrain_settings {
    bool live; /* figures at every moment from the past alone; else at the end, from both sides */
    bool indoors;              /* no height is believed */
    const struct route *route; /* borrowed, ended; NULL: none */
    double route_from_m;       /* where it begins, of the distance fed */
    struct knee_reference own; /* NAN: not known, and then there is no index */
    /* Of a barometer's heights; closing.h. 0: none. */
    double drift_m_s;
    int64_t drift_from_usec;
};

struct terrain_point {
    int64_t t_usec; /* on any axis */
    double metres;  /* since the point before; NAN, negative: none */
    double steps;   /* since the point before; NAN: not known */
    bool walking;   /* terrain_is_walking, or what a sensor says */
    bool hushed;    /* the steps are not all of them: who counts them was silent */
    bool indoors;   /* from here on: no height is believed */
    struct terrain_says says;
};

struct terrain_figures {
    enum terrain_source source; /* of most of the way with one */
    double source_m[TERRAIN_SOURCES];
    bool low_quality;              /* the source errs by metres: do not compare */
    double distance_m;             /* fed */
    double altitude_m;             /* of it, the distance whose downhill is known */
    double ascent_m, descent_m;    /* NAN: no height at all */
    struct stretch_total downhill; /* all NAN where altitude_m is 0 */
    double steep_share;            /* of the drop; NAN where there is none */
    double graded_speed_m_s;       /* on the level, at the same cost */
    double knee_steps;             /* KNEE_LABEL */
};

struct terrain {
    struct terrain_settings settings;
    struct terrain_chooser chooser;
    bool any;
    int64_t t_usec;
    double steps;            /* of all points */
    struct terrain_row here; /* the last point; its altitude is what grades climbed */
    enum terrain_source line;
    double height_m; /* as the line was told it last; NAN: not yet, or it needs none */
    int64_t height_usec;
    struct track track;
    struct smooth smooth;
    struct terrain_row waiting[SMOOTH_DELAY + 1]; /* for their smoothed altitude */
    size_t n_in, n_out;
    struct grade grade;
    struct turns fine, coarse;
    struct climb climb;
    struct stretch stretch;
    struct effort effort;
    bool row_known, last_known;
    double row_m;            /* distance of the last row of the track */
    struct terrain_row last; /* with its grade */
    double source_m[TERRAIN_SOURCES];
};

/* A point of which nothing is known but its time. */
struct terrain_point terrain_point(int64_t t_usec);
/* NAN: not known. Who is slow walks, unless a cadence says that they run. */
bool terrain_is_walking(double speed_m_s, double cadence_spm);

/* No indoors, no route, nothing known of the runner. */
struct terrain_settings terrain_settings(bool live);
void terrain_init(struct terrain *terrain, const struct terrain_settings *settings);
/* Points in order of time; of one that is not later than the one before only metres and steps are
 * taken. */
void terrain_feed(struct terrain *terrain, const struct terrain_point *point);
/* All points were fed: the rest of the lines is drawn. No point may follow. */
void terrain_end(struct terrain *terrain);

void terrain_figures(const struct terrain *terrain, struct terrain_figures *ret);
/* Rise over run where the runner is, and who says so; NAN and TERRAIN_NONE: nobody. Live only. */
double terrain_grade(const struct terrain *terrain, enum terrain_source *ret_source);
