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

static enum sample_source best_of(const struct counter *counter, bool behind, uint64_t t_usec)
{
    enum sample_source best = SAMPLE_SOURCE_NONE;

    for (int s = 0; s < COUNTER_SOURCES; s++)
        if (counter->rank[s] && fresh(counter, (enum sample_source)s, t_usec) &&
            counter->source[s].behind == behind &&
            (best == SAMPLE_SOURCE_NONE || counter->rank[s] < counter->rank[best]))
            best = (enum sample_source)s;
    return best;
}

enum sample_source counter_best(const struct counter *counter, uint64_t t_usec)
{
    enum sample_source best = best_of(counter, false, t_usec);

    return best != SAMPLE_SOURCE_NONE ? best : best_of(counter, true, t_usec);
}

static double candidate(const struct counter_source *source)
{
    return source->mark.total + source->sum - source->mark.sum;
}

static struct counter_mark now_of(const struct counter *counter,
                                  const struct counter_source *source)
{
    return (struct counter_mark){ .total = counter->total, .sum = source->sum };
}

/* Whoever ranks below and was heard since is in step with the total from here on. One that is silent
 * is not: it may come back with all of it. */
static void mark(struct counter *counter, enum sample_source by)
{
    for (int s = 0; s < COUNTER_SOURCES; s++) {
        struct counter_source *source = &counter->source[s];

        if (counter->rank[s] < counter->rank[by] || !source->spoke)
            continue;
        source->mark = now_of(counter, source);
        source->spoke = source->behind = false;
    }
}

/* What it lacks of the total, it has not counted: it goes on from where it came back. */
static void catch_up(struct counter_source *source)
{
    source->mark = source->back;
    source->behind = false;
}

void counter_touch(struct counter *counter, enum sample_source source, uint64_t t_usec)
{
    if (!counter->rank[source])
        return;
    counter->source[source].ever = true;
    counter->source[source].seen_usec = t_usec;
}

static void hear(struct counter *counter, struct counter_source *source, double delta, bool silent,
                 uint64_t t_usec)
{
    source->sum += delta;
    source->spoke = true;
    if (silent && candidate(source) < counter->total) {
        source->behind = true;
        source->back_usec = t_usec;
        source->back = now_of(counter, source);
    } else if (source->behind && candidate(source) >= counter->total) {
        source->behind = false;
    } else if (source->behind && t_usec > source->back_usec + COUNTER_FRESH_USEC) {
        catch_up(source);
    }
}

double counter_feed(struct counter *counter, enum sample_source by, double delta, uint64_t t_usec)
{
    struct counter_source *source = &counter->source[by];
    double before = counter->total;
    bool silent;

    if (!counter->rank[by] || !(delta >= 0))
        return 0;
    if (!source->ever) /* what it counted before is not ours */
        source->mark = now_of(counter, source);
    silent = !fresh(counter, by, t_usec);
    counter_touch(counter, by, t_usec);
    hear(counter, source, delta, silent, t_usec);
    if (counter_best(counter, t_usec) != by)
        return 0;
    if (source->behind) /* there is nobody else */
        catch_up(source);
    counter->any = true;
    counter->total = fmax(counter->total, candidate(source));
    counter->active = by;
    mark(counter, by);
    return counter->total - before;
}
