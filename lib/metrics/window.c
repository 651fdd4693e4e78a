/* SPDX-License-Identifier: MIT */
#include "lib/metrics/window.h"

#include <math.h>

#define HOLD_SLOTS (WINDOW_HOLD_USEC / WINDOW_SLOT_USEC)

void window_init(struct window *window, uint64_t span_usec)
{
    if (span_usec > WINDOW_SPAN_MAX_USEC)
        span_usec = WINDOW_SPAN_MAX_USEC;
    *window = (struct window){ .span_usec = span_usec };
}

void window_feed(struct window *window, double value, uint64_t t_usec)
{
    uint64_t index = t_usec / WINDOW_SLOT_USEC;
    uint64_t place = index % WINDOW_SLOTS;

    /* an earlier time could fall on the place of a later slot, a turn of the ring ago */
    if (!isfinite(value) || (window->any && t_usec < window->last_usec))
        return;
    if (window->slot[place].index != index + 1) {
        window->slot[place].index = index + 1;
        window->slot[place].sum = 0;
        window->slot[place].n = 0;
    }
    window->slot[place].sum += value;
    window->slot[place].n++;
    window->any = true;
    window->last_usec = t_usec;
}

/* How many slots a value speaks for: those since the one before, as far as they are in the span. */
static uint64_t weight(uint64_t index, uint64_t before, bool has_before, uint64_t first)
{
    uint64_t since = has_before && index - before <= HOLD_SLOTS ? index - before : 1;
    uint64_t inside = index - first + 1;

    return since < inside ? since : inside;
}

/* Walks the span, and the hold before it for what precedes its first value. */
static double weigh(const struct window *window, uint64_t t_usec, double *ret_slots)
{
    uint64_t now = t_usec / WINDOW_SLOT_USEC, span = window->span_usec / WINDOW_SLOT_USEC;
    uint64_t first = now + 1 > span ? now + 1 - span : 0;
    uint64_t index = first > HOLD_SLOTS ? first - HOLD_SLOTS : 0, before = 0;
    bool has_before = false;
    double sum = 0, slots = 0;

    for (; index <= now; index++) {
        uint64_t place = index % WINDOW_SLOTS;

        if (window->slot[place].index != index + 1)
            continue;
        if (index >= first) {
            double w = (double)weight(index, before, has_before, first);

            sum += w * window->slot[place].sum / window->slot[place].n;
            slots += w;
        }
        before = index;
        has_before = true;
    }
    *ret_slots = slots;
    return sum;
}

static bool is_silent(const struct window *window, uint64_t t_usec)
{
    return !window->any ||
           (t_usec > window->last_usec && t_usec - window->last_usec > WINDOW_HOLD_USEC);
}

double window_mean(const struct window *window, uint64_t t_usec)
{
    double slots, sum;

    if (is_silent(window, t_usec))
        return NAN;
    sum = weigh(window, t_usec, &slots);
    return slots > 0 ? sum / slots : NAN;
}

double window_covered_s(const struct window *window, uint64_t t_usec)
{
    double slots;

    if (is_silent(window, t_usec))
        return 0;
    weigh(window, t_usec, &slots);
    return slots * (double)WINDOW_SLOT_USEC / 1e6;
}
