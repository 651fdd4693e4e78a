/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * One local day of one runner: what the sessions that began on it come to, as far as sums over days are
 * made of it; ten years of them are in memory. Always made from the outings of the day, never corrected
 * by hand: a sum that stopped at its largest number cannot be taken away from.
 *
 * Running stands apart from walking. A hike of 25 km must not silence the distance rules for a
 * month, but the knee brakes on its descent as it does on a run's.
 */
#include <stddef.h>
#include "lib/training/outing.h"

struct day_part {
    uint32_t distance_mm, moving_ms, load_centi;
    uint32_t altitude_mm, drop_mm, downhill_mm;
    uint32_t slopes_mm; /* of the way with altitude, that of which the downhill distance is known */
    uint16_t outings, with_load, with_distance, with_moving; /* with: that told it */
};

struct day {
    int32_t day;
    struct day_part run, walk;
    uint32_t other_load_centi;
    uint16_t other_outings, other_with_load;
};

/* A sum over days, wide enough for any number of them. */
struct day_total {
    uint64_t distance_mm, moving_ms;  /* running */
    uint64_t drop_mm, downhill_mm;    /* running and walking */
    uint64_t altitude_mm, terrain_mm; /* running and walking: with altitude, of so much distance */
    uint64_t slopes_mm;               /* likewise, and its downhill distance is known */
    uint64_t load_centi;              /* everything */
    uint32_t outings, with_load;      /* everything */
    struct day_count {
        uint32_t outings, with_distance, with_moving;
    } ran;
    struct {
        uint64_t distance_mm, moving_ms, drop_mm, downhill_mm, altitude_mm, slopes_mm;
        struct day_count count;
    } walked;
};

void day_init(struct day *day, int32_t number);
/* Sums stop at the largest number rather than begin again. */
void day_add(struct day *day, const struct outing *outing);
void day_total_add(struct day_total *total, const struct day *day);
/* Walks and hikes alone; what none of them told, and a descent of which nothing was measured, is NAN. */
struct day_walked {
    double distance_m, moving_s, drop_m, downhill_m;
};
void day_total_walked(const struct day_total *total, struct day_walked *ret);
/* Every run told it. */
bool day_total_distance_known(const struct day_total *total);
bool day_total_moving_known(const struct day_total *total);
/* False where less than 80 % of the way had altitude, or nobody knows how far it was. */
bool day_total_descent_known(const struct day_total *total);
/* The same of the distance downhill, which one who tells a descent by hand does not know. */
bool day_total_downhill_known(const struct day_total *total);
