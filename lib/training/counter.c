/* SPDX-License-Identifier: MIT */
#include "lib/training/counter.h"

#include <math.h>

const uint8_t counter_rank_distance[COUNTER_SOURCES] = {
    [SAMPLE_SOURCE_BELT] = 1,
    [SAMPLE_SOURCE_POD] = 2,
    [SAMPLE_SOURCE_STRAP] = 3,
};
const uint8_t counter_rank_cadence[COUNTER_SOURCES] = {
    [SAMPLE_SOURCE_POD] = 1,
    [SAMPLE_SOURCE_STRAP] = 2,
    [SAMPLE_SOURCE_BELT] = 3,
};

void counter_init(struct counter *counter, const uint8_t *rank)
{
    *counter = (struct counter){ .rank = rank };
}

static bool fresh(const struct counter *counter, enum sample_source s, uint64_t t_usec)
{
    return counter->source[s].ever && t_usec <= counter->source[s].seen_usec + COUNTER_FRESH_USEC;
}

enum sample_source counter_best(const struct counter *counter, uint64_t t_usec)
{
    enum sample_source best = SAMPLE_SOURCE_NONE;

    for (int s = 0; s < COUNTER_SOURCES; s++)
        if (counter->rank[s] && fresh(counter, (enum sample_source)s, t_usec) &&
            (best == SAMPLE_SOURCE_NONE || counter->rank[s] < counter->rank[best]))
            best = (enum sample_source)s;
    return best;
}

/* Whoever ranks below is in step with the total from here on. */
static void mark(struct counter *counter, enum sample_source by)
{
    for (int s = 0; s < COUNTER_SOURCES; s++)
        if (counter->rank[s] >= counter->rank[by]) {
            counter->source[s].mark_total = counter->total;
            counter->source[s].mark_sum = counter->source[s].sum;
        }
}

void counter_touch(struct counter *counter, enum sample_source source, uint64_t t_usec)
{
    if (!counter->rank[source])
        return;
    counter->source[source].ever = true;
    counter->source[source].seen_usec = t_usec;
}

double counter_feed(struct counter *counter, enum sample_source source, double delta,
                    uint64_t t_usec)
{
    double before = counter->total, candidate;

    if (!counter->rank[source] || !(delta >= 0))
        return 0;
    if (!counter->source[source].ever) { /* what it counted before is not ours */
        counter->source[source].mark_total = counter->total;
        counter->source[source].mark_sum = counter->source[source].sum;
    }
    counter_touch(counter, source, t_usec);
    counter->source[source].sum += delta;
    if (counter_best(counter, t_usec) != source)
        return 0;
    counter->any = true;
    candidate = counter->source[source].mark_total + counter->source[source].sum -
                counter->source[source].mark_sum;
    counter->total = fmax(counter->total, candidate);
    counter->active = source;
    mark(counter, source);
    return counter->total - before;
}
