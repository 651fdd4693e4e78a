/* SPDX-License-Identifier: MIT */
#include "lib/terrain/track.h"

void track_init(struct track *track)
{
    *track = (struct track){ 0 };
}

static double seconds(int64_t from_usec, int64_t to_usec)
{
    return (double)((uint64_t)to_usec - (uint64_t)from_usec) / 1e6; /* to is not before from */
}

/* The air moved on while the runner did not: noise has gone out of it by the means. */
static void walk_off(struct track_stand *stand)
{
    double last_m = 0;

    if (stand->n >= 2 * TRACK_STAND_ROWS) {
        for (size_t i = 0; i < TRACK_STAND_ROWS; i++)
            last_m += stand->last_m[i];
        stand->lift_m += (last_m - stand->first_m) / TRACK_STAND_ROWS;
    }
    stand->n = 0;
    stand->first_m = 0;
}

/* ---- points ---------------------------------------------------------------------------------- */

static void begin_part(struct track *track, const struct track_point *point)
{
    walk_off(&track->stand);
    track->parted = track->any;
    track->any = true;
    track->from = track->to = *point;
    track->begin_usec = point->t_usec;
    track->due = 0;
    track->n_jumps = 0;
    track->stand = (struct track_stand){ .lift_m = track->stand.lift_m };
}

/* Two points within a second differ by what one of them is wrong. */
static bool climbs_too_fast(const struct track_point *a, const struct track_point *b)
{
    double s = fmax(1, seconds(a->t_usec, b->t_usec));

    return fabs(b->altitude_m - a->altitude_m) > TRACK_CLIMB_M_S * s;
}

/* A step of 10 m is no climb after four seconds either, where points up there came in between. */
static bool jumps(const struct track *track, const struct track_point *point)
{
    double from_level_m = fabs(point->altitude_m - track->to.altitude_m);
    double from_jump_m = fabs(point->altitude_m - track->jump.altitude_m);

    return climbs_too_fast(&track->to, point) || (track->n_jumps > 0 && from_jump_m < from_level_m);
}

/* Whether so many in a row agree that it is the level that jumped. */
static bool level_moved(struct track *track, const struct track_point *point)
{
    bool agrees = track->n_jumps > 0 && !climbs_too_fast(&track->jump, point);

    track->n_jumps = agrees ? track->n_jumps + 1 : 1;
    track->jump = *point;
    return track->n_jumps >= TRACK_JUMPS;
}

static bool is_gap(const struct track_point *a, const struct track_point *b)
{
    double s = seconds(a->t_usec, b->t_usec), metres = b->distance_m - a->distance_m;

    return s > TRACK_GAP_S || metres > TRACK_RUN_M_S * s + TRACK_LUMP_M;
}

/* What lies between the last point and this one was not climbed. */
static void take_out(struct track *track, struct track_point *point)
{
    track->level_m += point->altitude_m - track->to.altitude_m;
    point->altitude_m = track->to.altitude_m;
}

static void go_on(struct track *track, const struct track_point *point)
{
    track->n_jumps = 0;
    track->from = track->to;
    track->to = *point;
}

/* Who did not get on between two points did not climb either. */
static void cross_gap(struct track *track, struct track_point *point)
{
    double s = seconds(track->to.t_usec, point->t_usec);

    if (point->distance_m - track->to.distance_m < TRACK_STAND_M_S * s)
        take_out(track, point);
    begin_part(track, point);
}

void track_feed(struct track *track, const struct track_point *point)
{
    struct track_point here = *point;

    if (!isfinite(point->altitude_m) || !isfinite(point->distance_m))
        return;
    here.altitude_m -= track->level_m;
    if (!track->any) {
        begin_part(track, &here);
    } else if (here.t_usec <= track->to.t_usec || here.distance_m < track->to.distance_m) {
        return;
    } else if (is_gap(&track->to, &here)) {
        cross_gap(track, &here);
    } else if (!jumps(track, &here)) {
        go_on(track, &here);
    } else if (level_moved(track, &here)) {
        take_out(track, &here);
        go_on(track, &here);
    }
}

void track_part(struct track *track)
{
    /* what was taken out so far was out of another measure */
    *track = (struct track){ 0 };
}

/* ---- rows ------------------------------------------------------------------------------------ */

static double between(double from, double to, double share)
{
    return share >= 1 ? to : from + (to - from) * share;
}

static struct terrain_row row_at(const struct track *track, int64_t t_usec)
{
    const struct track_point *from = &track->from, *to = &track->to;
    double s = seconds(from->t_usec, to->t_usec);
    double share = s > 0 ? seconds(from->t_usec, t_usec) / s : 1;

    return (struct terrain_row){
        .t_s = (double)t_usec / 1e6,
        .distance_m = between(from->distance_m, to->distance_m, share),
        .altitude_m = between(from->altitude_m, to->altitude_m, share),
        .steps = between(from->steps, to->steps, share),
        .grade = NAN,
        .walking = to->walking,
        .hushed = to->hushed,
    };
}

/* Whether this row is one of a runner who stands. */
static bool stands(struct track_stand *stand, const struct terrain_row *row)
{
    double *five_ago_m = &stand->m[stand->rows % TRACK_STAND_ROWS];
    bool known = stand->rows >= TRACK_STAND_ROWS;
    double metres = row->distance_m - *five_ago_m;

    *five_ago_m = row->distance_m;
    stand->rows++;
    if (!known || metres >= TRACK_STAND_M_S * TRACK_STAND_ROWS) {
        walk_off(stand);
        return false;
    }
    if (stand->n < TRACK_STAND_ROWS)
        stand->first_m += row->altitude_m;
    stand->last_m[stand->n++ % TRACK_STAND_ROWS] = row->altitude_m;
    return true;
}

static bool is_due(const struct track *track, int64_t *ret_t_usec)
{
    uint64_t due_usec = track->due * UINT64_C(1000000);

    if (!track->any || due_usec > (uint64_t)track->to.t_usec - (uint64_t)track->begin_usec)
        return false;
    *ret_t_usec = track->begin_usec + (int64_t)due_usec;
    return true;
}

enum track_step track_take(struct track *track, struct terrain_row *ret)
{
    int64_t t_usec;

    if (track->parted) {
        track->parted = false;
        return TRACK_PART;
    }
    while (is_due(track, &t_usec)) {
        struct terrain_row row = row_at(track, t_usec);

        track->due++;
        if (stands(&track->stand, &row))
            continue;
        *ret = row;
        ret->altitude_m -= track->stand.lift_m;
        return TRACK_ROW;
    }
    return TRACK_NONE;
}
