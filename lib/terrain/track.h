/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * Points as they come, whenever they come, become a profile with a row each second, which is what the
 * filters are made for. Between two points lies a straight line.
 *
 *   points   x       x x        x   ?  x                    x       ?  jumps by more than 3 m/s: left
 *   rows     | | | | | | | | | | | | | |     (part)         |          out; five of them that agree are
 *            seconds from the first point of the part                  a door or a new calibration: the
 *                                                                      level is moved, nothing climbed
 * A part ends, so that nothing is drawn across, where 30 s pass without a point, or more way between
 * two points than anyone runs. Whoever stands does not climb: seconds with less than 2.5 m in the last
 * five are left out, and what the air pressure did meanwhile (8 m an hour in a front, and lifts) is
 * taken out of all that follows.
 */
#include <stddef.h>
#include <stdint.h>
#include "lib/terrain/row.h"

#define TRACK_GAP_S      30.0 /* ours: a watch that writes what changes writes every 10 s */
#define TRACK_CLIMB_M_S  3.0
#define TRACK_RUN_M_S    12.5 /* the fastest ever was 12.4 */
#define TRACK_LUMP_M     50.0 /* distance may come in lumps */
#define TRACK_STAND_M_S  0.5
#define TRACK_STAND_ROWS 5
#define TRACK_JUMPS      5

enum track_step {
    TRACK_NONE, /* until the next point */
    TRACK_ROW,
    TRACK_PART, /* the next row does not join on to the one before */
};

struct track_point {
    int64_t t_usec;
    double distance_m, steps, altitude_m;
    bool walking, hushed;
};

/* The level before and after standing: means of the first and the last rows of it. */
struct track_stand {
    double m[TRACK_STAND_ROWS]; /* distances of the last rows */
    size_t rows;                /* of the part */
    size_t n;                   /* rows standing; 0: on the way */
    double first_m;             /* sum of the first */
    double last_m[TRACK_STAND_ROWS];
    double lift_m; /* of all standing so far: not climbed */
};

struct track {
    bool any, parted;
    struct track_point from, to; /* rows are made between these; levels moved */
    int64_t begin_usec;          /* of the part */
    uint64_t due;                /* seconds of the part that were made */
    struct track_point jump;     /* the last one left out, as it came */
    int n_jumps;                 /* that agree with each other */
    double level_m;              /* what altitudes are too high by */
    struct track_stand stand;
};

void track_init(struct track *track);
/* A point with an altitude. distance_m and steps count from the start and never fall (steps may be
 * NAN). Points that are not later than the one before are left out. After each, track_take until
 * TRACK_NONE. */
void track_feed(struct track *track, const struct track_point *point);
enum track_step track_take(struct track *track, struct terrain_row *ret);
/* What comes next is another measure of altitude. */
void track_part(struct track *track);
