/* SPDX-License-Identifier: MIT */
/*
 * The one quantity to follow is `ahead` = given out - counted by the total:
 *
 *        total rises           a packet's distance is given out
 *   ahead ------> less      ahead ------> more
 *
 *   ahead < -slack   the total knows of more than was given out: give the difference
 *   ahead > +slack   more was given out than counted: hold back until the total has caught up.
 *                    If it does not move for 10 s, it is frozen: give out what was held back, and
 *                    go by speed until it moves
 *
 * slack is 0 (tight) or two lumps (loose). A total that moves backward or faster than anyone runs
 * was reset: this packet counts by speed and the new total is the new reference.
 */
#include <math.h>
#include "lib/sensor/limits.h"
#include "lib/sensor/odometer.h"

#define FROZEN_USEC (10 * SENSOR_SECOND_USEC)

/* Packets are delivered in bunches: two counts 1 s apart can arrive 10 ms apart. */
#define JITTER_S 2.0

/* Loose following: at least two counts of 1 m; before the first step of the total nothing is known
 * of its lumps (a Urevo counts hundredths of a mile and shows them as 10, 30, 40 m). */
#define SLACK_MIN_M 2.0
#define SLACK_MAX_M 50.0

/* A debt this large is not a lump but metres that the total will never count. */
#define FORGIVE_M 50.0

/* Speed and total both in metres agree better than this, whatever their calibration; a total in
 * other units (0.1 m, 10 m) does not. Judged when enough has been seen, if the speed moved at all. */
#define TRUST_AFTER_M     200.0
#define TRUST_SPEED_MIN_M 20.0
#define TRUST_RATIO_MAX   2.5

void odometer_init(struct odometer *o, double unit_m, uint32_t mask)
{
    *o = (struct odometer){ .unit_m = unit_m, .mask = mask };
}

void odometer_forget(struct odometer *o)
{
    odometer_init(o, o->unit_m, o->mask);
}

static void give_up_holding(struct odometer *o)
{
    o->held_m = 0;
    o->held_usec = 0;
}

/* Speed alone. What it gives is a debt to the total, should that speak again. */
static double feed_by_speed(struct odometer *o, const struct odometer_input *in)
{
    double metres = in->by_speed_m + o->held_m;
    give_up_holding(o);
    o->since_usec += in->elapsed_usec;
    o->since_m += in->by_speed_m;
    o->ahead_m += metres;
    return metres;
}

static void note_total(struct odometer *o, const struct odometer_input *in)
{
    o->total = in->total;
    o->since_usec = 0;
    o->since_m = 0;
}

static double feed_first(struct odometer *o, const struct odometer_input *in)
{
    o->has_total = true;
    note_total(o, in);
    o->ahead_m = 0;
    return in->by_speed_m;
}

/* Nothing given out is taken back, nothing counted before is lost. */
static double feed_reset(struct odometer *o, const struct odometer_input *in)
{
    double metres = in->by_speed_m + o->held_m + fmax(0, -o->ahead_m);
    give_up_holding(o);
    o->frozen = false;
    o->ahead_m = 0;
    return metres;
}

static void judge(struct odometer *o, double by_speed_m, double moved_m, bool gap)
{
    double more_m, less_m;

    if (gap) /* the speed knows nothing of the dropout: not comparable */
        return;
    o->by_speed_m += by_speed_m;
    o->by_total_m += moved_m;
    more_m = fmax(o->by_speed_m, o->by_total_m);
    less_m = fmin(o->by_speed_m, o->by_total_m);
    if (more_m >= TRUST_AFTER_M && o->by_speed_m >= TRUST_SPEED_MIN_M)
        o->mistrusted = more_m > TRUST_RATIO_MAX * less_m;
    if (o->mistrusted) /* what was held back for such a total was run */
        o->held_m = fmax(0, o->by_speed_m - by_speed_m - (o->by_total_m - moved_m) - o->ahead_m);
}

static void note_moved(struct odometer *o, double moved_m, bool gap)
{
    if (!gap && (o->lump_m <= 0 || moved_m < o->lump_m))
        o->lump_m = moved_m;
    if (o->ahead_m > FORGIVE_M)
        o->ahead_m = 0;
    o->frozen = false;
    give_up_holding(o);
}

static double slack_m_of(const struct odometer *o, bool tight)
{
    if (tight)
        return 0;
    if (o->lump_m <= 0)
        return SLACK_MAX_M;
    return fmin(SLACK_MAX_M, fmax(SLACK_MIN_M, 2 * o->lump_m));
}

/* Withheld metres wait for the total; when it stays silent for too long they are given out. */
static double hold_back(struct odometer *o, const struct odometer_input *in, double metres)
{
    uint64_t elapsed_usec =
        in->elapsed_usec < SENSOR_HOLD_USEC ? in->elapsed_usec : SENSOR_HOLD_USEC;

    o->held_m += in->by_speed_m - metres;
    o->held_usec += elapsed_usec;
    if (o->held_usec < FROZEN_USEC)
        return metres;
    metres += o->held_m;
    give_up_holding(o);
    o->frozen = true;
    return metres;
}

static double follow(struct odometer *o, const struct odometer_input *in, bool moved)
{
    double slack_m = slack_m_of(o, in->tight);
    double ahead_m = o->ahead_m + in->by_speed_m;
    double metres = in->by_speed_m;

    if (ahead_m < -slack_m)
        metres += -slack_m - ahead_m;
    else if (ahead_m > slack_m && !o->frozen)
        metres = fmax(0, metres - (ahead_m - slack_m));
    if (!moved && metres < in->by_speed_m)
        metres = hold_back(o, in, metres);
    o->ahead_m += metres;
    return metres;
}

/* What the speed of the held seconds does not explain was run meanwhile. Of a pod each metre counts, so that
 * half of that speed all the time is enough, of who slows down; in less the runner may have stood. */
static bool is_spanned(const struct odometer_input *in, double metres)
{
    double half_m = in->by_speed_m * (double)in->elapsed_usec / SENSOR_HOLD_USEC / 2;

    return metres > in->by_speed_m || (in->tight && metres > half_m);
}

double odometer_feed(struct odometer *o, const struct odometer_input *in, bool *ret_bridged)
{
    double moved_m, metres, by_speed_m = o->since_m + in->by_speed_m;
    uint64_t since_usec;
    bool gap;

    *ret_bridged = false;
    if (!in->has_total || o->mistrusted)
        return feed_by_speed(o, in);
    if (!o->has_total)
        return feed_first(o, in);
    moved_m = (double)((in->total - o->total) & o->mask) * o->unit_m;
    since_usec = o->since_usec + in->elapsed_usec;
    gap = since_usec > SENSOR_HOLD_USEC;
    note_total(o, in);
    if (moved_m > SENSOR_SPEED_MAX_M_S * ((double)since_usec / 1e6 + JITTER_S))
        return feed_reset(o, in);
    judge(o, by_speed_m, moved_m, gap);
    if (o->mistrusted)
        return feed_by_speed(o, in);
    o->ahead_m -= moved_m;
    if (moved_m > 0)
        note_moved(o, moved_m, gap);
    metres = follow(o, in, moved_m > 0);
    *ret_bridged = gap && moved_m > 0 && is_spanned(in, metres);
    return metres;
}
