/* SPDX-License-Identifier: MIT */
#include "lib/terrain/grade.h"

void grade_init(struct grade *grade, bool live)
{
    grade->live = live;
    grade->over = false;
    grade->fed = grade->next = grade->oldest = 0;
}

static struct terrain_row *at(struct grade *grade, size_t i)
{
    return &grade->ring[i % GRADE_ROWS];
}

void grade_feed(struct grade *grade, const struct terrain_row *row)
{
    struct terrain_row *place = at(grade, grade->fed);
    double before_m = grade->fed > 0 ? at(grade, grade->fed - 1)->distance_m : -INFINITY;

    if (grade->fed - grade->oldest == GRADE_ROWS)
        grade->oldest++;
    *place = *row;
    place->distance_m = fmax(before_m, row->distance_m);
    grade->fed++;
}

void grade_end(struct grade *grade)
{
    grade->over = true;
}

/* Slope of the rows [first, last] around one of them, so that no digit is lost on far distances. */
static double slope(struct grade *grade, size_t first, size_t last, const struct terrain_row *here)
{
    double n = (double)(last - first + 1), mean_x = 0, mean_y = 0, sum_xx = 0, sum_xy = 0;

    for (size_t i = first; i <= last; i++) {
        mean_x += (at(grade, i)->distance_m - here->distance_m) / n;
        mean_y += (at(grade, i)->altitude_m - here->altitude_m) / n;
    }
    for (size_t i = first; i <= last; i++) {
        double x = at(grade, i)->distance_m - here->distance_m - mean_x;

        sum_xx += x * x;
        sum_xy += x * (at(grade, i)->altitude_m - here->altitude_m - mean_y);
    }
    return fmax(-GRADE_MAX, fmin(GRADE_MAX, sum_xy / sum_xx));
}

static bool ready(struct grade *grade)
{
    size_t waiting = grade->fed - grade->next;
    double reach_m = grade->live ? 0 : GRADE_SPAN_M / 2;

    if (waiting == 0)
        return false;
    return grade->live || grade->over || waiting >= GRADE_ROWS / 2 ||
           at(grade, grade->fed - 1)->distance_m - at(grade, grade->next)->distance_m > reach_m;
}

bool grade_take(struct grade *grade, struct terrain_row *ret)
{
    double behind_m = grade->live ? GRADE_SPAN_M : GRADE_SPAN_M / 2;
    struct terrain_row *here = at(grade, grade->next);
    size_t last = grade->next;

    if (!ready(grade))
        return false;
    while (here->distance_m - at(grade, grade->oldest)->distance_m > behind_m)
        grade->oldest++;
    while (!grade->live && last + 1 < grade->fed &&
           at(grade, last + 1)->distance_m - here->distance_m <= GRADE_SPAN_M / 2)
        last++;
    *ret = *here;
    ret->grade =
        at(grade, last)->distance_m - at(grade, grade->oldest)->distance_m < GRADE_SPAN_MIN_M
            ? NAN
            : slope(grade, grade->oldest, last, here);
    grade->next++;
    return true;
}
