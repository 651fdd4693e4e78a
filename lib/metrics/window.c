/* SPDX-License-Identifier: MIT */
#include "lib/metrics/window.h"

#include <math.h>

void window_init(struct window *window, uint64_t span_usec)
{
    *window = (struct window){ .span_usec = span_usec };
}

void window_feed(struct window *window, double value, uint64_t t_usec)
{
    uint64_t index = t_usec / WINDOW_SLOT_USEC;
    uint64_t place = index % WINDOW_SLOTS;

    if (!isfinite(value))
        return;
    if (window->slot[place].index != index + 1) {
        window->slot[place].index = index + 1;
        window->slot[place].sum = 0;
        window->slot[place].n = 0;
    }
    window->slot[place].sum += value;
    window->slot[place].n++;
    if (t_usec > window->last_usec)
        window->last_usec = t_usec;
}

double window_mean(const struct window *window, uint64_t t_usec)
{
    uint64_t now = t_usec / WINDOW_SLOT_USEC, slots = window->span_usec / WINDOW_SLOT_USEC;
    double sum = 0;
    int n = 0;

    if (!window->last_usec || t_usec > window->last_usec + WINDOW_HOLD_USEC)
        return NAN;
    for (int i = 0; i < WINDOW_SLOTS; i++) {
        uint64_t index = window->slot[i].index;

        /* the open slot of now, and as many before it as the span has */
        if (index && index <= now + 1 && index + slots > now + 1) {
            sum += window->slot[i].sum / window->slot[i].n;
            n++;
        }
    }
    return n ? sum / n : NAN;
}
