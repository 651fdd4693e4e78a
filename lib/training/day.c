/* SPDX-License-Identifier: MIT */
#include "lib/training/day.h"

static void grow(uint32_t *sum, uint32_t by)
{
    *sum = by > UINT32_MAX - *sum ? UINT32_MAX : *sum + by;
}

static void count(uint16_t *n, bool one_more)
{
    if (one_more && *n < UINT16_MAX)
        ++*n;
}

void day_init(struct day *day, int32_t number)
{
    *day = (struct day){ .day = number };
}

static void add_part(struct day_part *part, const struct outing *outing)
{
    grow(&part->distance_mm, outing->distance_mm);
    grow(&part->moving_ms, outing->moving_ms);
    grow(&part->load_centi, outing->load_centi);
    grow(&part->altitude_mm, outing->altitude_mm);
    grow(&part->drop_mm, outing->drop_mm);
    grow(&part->downhill_mm, outing->downhill_mm);
    grow(&part->slopes_mm, outing->has & OUTING_DOWNHILL ? outing->altitude_mm : 0);
    count(&part->outings, true);
    count(&part->with_load, outing->has & OUTING_LOAD);
    count(&part->with_distance, outing->has & OUTING_DISTANCE);
    count(&part->with_moving, outing->has & OUTING_MOVING);
}

void day_add(struct day *day, const struct outing *outing)
{
    switch ((enum outing_kind)outing->kind) {
    case OUTING_RUN:
        add_part(&day->run, outing);
        break;
    case OUTING_WALK:
        add_part(&day->walk, outing);
        break;
    case OUTING_OTHER:
    case OUTING_KINDS:
        grow(&day->other_load_centi, outing->load_centi);
        count(&day->other_outings, true);
        count(&day->other_with_load, outing->has & OUTING_LOAD);
        break;
    }
}

static void total_add_part(struct day_total *total, const struct day_part *part)
{
    total->drop_mm += part->drop_mm;
    total->downhill_mm += part->downhill_mm;
    total->altitude_mm += part->altitude_mm;
    total->slopes_mm += part->slopes_mm;
    total->terrain_mm += part->distance_mm;
    total->load_centi += part->load_centi;
    total->outings += part->outings;
    total->with_load += part->with_load;
}

static void count_part(struct day_count *count, const struct day_part *part)
{
    count->outings += part->outings;
    count->with_distance += part->with_distance;
    count->with_moving += part->with_moving;
}

static void total_add_walked(struct day_total *total, const struct day_part *walk)
{
    total->walked.distance_mm += walk->distance_mm;
    total->walked.moving_ms += walk->moving_ms;
    total->walked.drop_mm += walk->drop_mm;
    total->walked.downhill_mm += walk->downhill_mm;
    total->walked.altitude_mm += walk->altitude_mm;
    total->walked.slopes_mm += walk->slopes_mm;
    count_part(&total->walked.count, walk);
}

void day_total_add(struct day_total *total, const struct day *day)
{
    total->distance_mm += day->run.distance_mm;
    total->moving_ms += day->run.moving_ms;
    count_part(&total->ran, &day->run);
    total_add_part(total, &day->run);
    total_add_part(total, &day->walk);
    total_add_walked(total, &day->walk);
    total->load_centi += day->other_load_centi;
    total->outings += day->other_outings;
    total->with_load += day->other_with_load;
}

bool day_total_distance_known(const struct day_total *total)
{
    return total->ran.with_distance == total->ran.outings;
}

bool day_total_moving_known(const struct day_total *total)
{
    return total->ran.with_moving == total->ran.outings;
}

static bool walks_are_measured(const struct day_total *total)
{
    return total->walked.count.with_distance == total->walked.count.outings;
}

bool day_total_descent_known(const struct day_total *total)
{
    return day_total_distance_known(total) && walks_are_measured(total) &&
           outing_altitude_covers(total->altitude_mm, total->terrain_mm);
}

bool day_total_downhill_known(const struct day_total *total)
{
    return day_total_descent_known(total) &&
           outing_altitude_covers(total->slopes_mm, total->terrain_mm);
}

static double told(uint64_t thousandths, uint32_t with, uint32_t outings)
{
    return outings && !with ? NAN : (double)thousandths / 1000;
}

void day_total_walked(const struct day_total *total, struct day_walked *ret)
{
    const struct day_count *count = &total->walked.count;
    bool whole = walks_are_measured(total) &&
                 outing_altitude_covers(total->walked.altitude_mm, total->walked.distance_mm);
    bool measured = whole || total->walked.drop_mm > 0;

    ret->distance_m = told(total->walked.distance_mm, count->with_distance, count->outings);
    ret->moving_s = told(total->walked.moving_ms, count->with_moving, count->outings);
    ret->drop_m = measured ? (double)total->walked.drop_mm / 1000 : NAN;
    measured =
        (whole && outing_altitude_covers(total->walked.slopes_mm, total->walked.distance_mm)) ||
        total->walked.downhill_mm > 0;
    ret->downhill_m = measured ? (double)total->walked.downhill_mm / 1000 : NAN;
}
