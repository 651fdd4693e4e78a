/* SPDX-License-Identifier: MIT */
#include "lib/metrics/smooth.h"

#include <math.h>

/* Outside of the series nothing is known: it is one long hole before and behind. */
static void init(struct smooth *smooth, bool live)
{
    *smooth = (struct smooth){ .live = live };
    for (size_t i = 0; i < SMOOTH_MEDIAN; i++)
        smooth->median[i] = NAN;
    for (size_t i = 0; i < SMOOTH_MEAN; i++)
        smooth->mean[i] = NAN;
}

void smooth_init_final(struct smooth *smooth)
{
    init(smooth, false);
}

void smooth_init_live(struct smooth *smooth)
{
    init(smooth, true);
}

/* The value `back` places before the latest of a ring whose latest is at `at`. */
static double look_back(const double *ring, size_t size, size_t at, size_t back)
{
    return ring[(at + size - back) % size];
}

/* What a window holds, oldest first or by pairs: `ret` has room for `size`. */
static size_t gather(const struct smooth *smooth, const double *ring, size_t size, size_t at,
                     double *ret)
{
    size_t n = 0, half = size / 2;
    double centre = look_back(ring, size, at, smooth->live ? 0 : half);

    if (isnan(centre))
        return 0;
    ret[n++] = centre;
    for (size_t d = 1; d < (smooth->live ? size : half + 1); d++) {
        double before = look_back(ring, size, at, smooth->live ? d : half + d);
        double after = smooth->live ? before : look_back(ring, size, at, half - d);

        if (isnan(before) || isnan(after))
            continue;
        ret[n++] = before;
        if (!smooth->live)
            ret[n++] = after;
    }
    return n;
}

/* Insertion sort: five values, and half of them in order. */
static double median_of(double *values, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        double value = values[i];
        size_t j = i;

        for (; j > 0 && values[j - 1] > value; j--)
            values[j] = values[j - 1];
        values[j] = value;
    }
    if (n == 0)
        return NAN;
    return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

static double mean_of(const double *values, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += values[i];
    return n > 0 ? sum / (double)n : NAN;
}

static double push(struct smooth *smooth, double value)
{
    double window[SMOOTH_MEAN];
    size_t at = smooth->seen % SMOOTH_MEDIAN, n;

    smooth->median[at] = isfinite(value) ? value : NAN;
    n = gather(smooth, smooth->median, SMOOTH_MEDIAN, at, window);
    value = median_of(window, n);
    at = smooth->seen % SMOOTH_MEAN;
    smooth->mean[at] = value;
    n = gather(smooth, smooth->mean, SMOOTH_MEAN, at, window);
    smooth->seen++;
    return mean_of(window, n);
}

bool smooth_feed(struct smooth *smooth, double value, double *ret)
{
    double smoothed = push(smooth, value);

    smooth->fed++;
    if (!smooth->live && smooth->seen <= SMOOTH_DELAY)
        return false;
    smooth->taken++;
    *ret = smoothed;
    return true;
}

bool smooth_flush(struct smooth *smooth, double *ret)
{
    double smoothed;

    if (smooth->taken == smooth->fed)
        return false;
    /* a series shorter than the delay: the first is still on its way to the centre */
    do
        smoothed = push(smooth, NAN);
    while (smooth->seen <= SMOOTH_DELAY);
    smooth->taken++;
    *ret = smoothed;
    return true;
}
