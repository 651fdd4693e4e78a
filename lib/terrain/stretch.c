/* SPDX-License-Identifier: MIT */
#include "lib/terrain/stretch.h"

void stretch_init(struct stretch *stretch)
{
    *stretch = (struct stretch){ .total.steps = NAN };
}

static double sum_of_known(double a, double b)
{
    return isnan(a) ? b : isnan(b) ? a : a + b;
}

static void start(struct stretch *stretch, const struct terrain_row *row)
{
    stretch->open = true;
    stretch->first = stretch->last = *row;
    stretch->here = (struct stretch_total){ 0 };
}

/* The grade between two rows; the last row of a stretch may have none. */
static double grade_between(const struct terrain_row *a, const struct terrain_row *b)
{
    return isnan(b->grade) ? a->grade : (a->grade + b->grade) / 2;
}

static void go_on(struct stretch *stretch, const struct terrain_row *row)
{
    double drop_m = stretch->last.altitude_m - row->altitude_m;

    if (grade_between(&stretch->last, row) <= STRETCH_STEEP)
        stretch->here.steep_m += drop_m;
    if (row->walking)
        stretch->here.walked_m += drop_m;
    stretch->here.time_s += terrain_moving_s(&stretch->last, row);
    stretch->last = *row;
}

struct stretch_total stretch_total(const struct stretch *stretch)
{
    const struct terrain_row *first = &stretch->first, *last = &stretch->last;
    double drop_m = first->altitude_m - last->altitude_m;
    double distance_m = last->distance_m - first->distance_m;
    struct stretch_total total = stretch->total;

    if (!stretch->open || drop_m < STRETCH_DROP_M || distance_m < STRETCH_DISTANCE_M)
        return total;
    total.n++;
    total.drop_m += drop_m;
    total.distance_m += distance_m;
    total.time_s += stretch->here.time_s;
    total.steps = sum_of_known(total.steps, last->steps - first->steps);
    total.steep_m += fmax(0, fmin(drop_m, stretch->here.steep_m));
    total.walked_m += fmax(0, fmin(drop_m, stretch->here.walked_m));
    return total;
}

void stretch_part(struct stretch *stretch)
{
    stretch->total = stretch_total(stretch);
    stretch->open = false;
}

void stretch_feed(struct stretch *stretch, const struct terrain_row *row)
{
    if (!stretch->open) {
        if (row->grade <= STRETCH_ENTER) /* false for NAN */
            start(stretch, row);
        return;
    }
    go_on(stretch, row);
    if (!(row->grade <= STRETCH_LEAVE))
        stretch_part(stretch);
}
