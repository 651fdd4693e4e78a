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
    *counter = (struct counter){ .rank = rank, .leader = COUNTER_NOBODY };
}

static bool fresh(const struct counter_voice *voice, uint64_t t_usec)
{
    return voice->ever && t_usec <= voice->seen_usec + COUNTER_FRESH_USEC;
}

/* Of one rank the first in the recording is the better one. */
static int best_of(const struct counter *counter, bool behind, uint64_t t_usec)
{
    int best = COUNTER_NOBODY;

    for (int i = 0; i < COUNTER_SENSORS; i++) {
        const struct counter_voice *voice = &counter->voices[i];

        if (fresh(voice, t_usec) && voice->behind == behind &&
            (best == COUNTER_NOBODY ||
             counter->rank[voice->source] < counter->rank[counter->voices[best].source]))
            best = i;
    }
    return best;
}

int counter_best(const struct counter *counter, uint64_t t_usec)
{
    int best = best_of(counter, false, t_usec);

    return best != COUNTER_NOBODY ? best : best_of(counter, true, t_usec);
}

static double candidate(const struct counter_voice *voice)
{
    return voice->mark.total + voice->sum - voice->mark.sum;
}

static struct counter_mark now_of(const struct counter *counter, const struct counter_voice *voice)
{
    return (struct counter_mark){ .total = counter->total, .sum = voice->sum };
}

static bool outranks(const struct counter *counter, int a, int b)
{
    int rank_a = counter->rank[counter->voices[a].source];
    int rank_b = counter->rank[counter->voices[b].source];

    return rank_a != rank_b ? rank_a < rank_b : a < b;
}

/* Whoever ranks below and was heard since is in step with the total from here on. One that is silent
 * is not: it may come back with all of it. */
static void mark(struct counter *counter, int by)
{
    for (int i = 0; i < COUNTER_SENSORS; i++) {
        struct counter_voice *voice = &counter->voices[i];

        if (!voice->spoke || outranks(counter, i, by))
            continue;
        voice->mark = now_of(counter, voice);
        voice->spoke = voice->behind = false;
    }
}

/* What it lacks of the total, it has not counted: it goes on from where it came back. */
static void catch_up(struct counter_voice *voice)
{
    voice->mark = voice->back;
    voice->behind = false;
}

static bool may_count(const struct counter *counter, int sensor, enum sample_source source)
{
    return sensor >= 0 && sensor < COUNTER_SENSORS && counter->rank[source];
}

static void touch(struct counter_voice *voice, enum sample_source source, uint64_t t_usec)
{
    voice->source = source;
    voice->ever = true;
    voice->seen_usec = t_usec;
}

void counter_touch(struct counter *counter, int sensor, enum sample_source source, uint64_t t_usec)
{
    if (may_count(counter, sensor, source))
        touch(&counter->voices[sensor], source, t_usec);
}

void counter_expect(struct counter *counter, int sensor)
{
    struct counter_voice *voice;

    if (sensor < 0 || sensor >= COUNTER_SENSORS)
        return;
    voice = &counter->voices[sensor];
    if (!voice->ever && !voice->expected)
        voice->mark = now_of(counter, voice);
    voice->expected = true;
}

static void hear(struct counter *counter, struct counter_voice *voice, double delta, bool silent,
                 uint64_t t_usec)
{
    voice->sum += delta;
    voice->spoke = true;
    if (silent && candidate(voice) < counter->total) {
        voice->behind = true;
        voice->back_usec = t_usec;
        voice->back = now_of(counter, voice);
    } else if (voice->behind && candidate(voice) >= counter->total) {
        voice->behind = false;
    } else if (voice->behind && t_usec > voice->back_usec + COUNTER_FRESH_USEC) {
        catch_up(voice);
    }
}

double counter_feed(struct counter *counter, int sensor, enum sample_source source, double delta,
                    uint64_t t_usec)
{
    struct counter_voice *voice;
    double before = counter->total;
    bool silent;

    if (!may_count(counter, sensor, source) || !(delta >= 0))
        return 0;
    voice = &counter->voices[sensor];
    if (!voice->ever && !voice->expected) /* what it counted before is not ours */
        voice->mark = now_of(counter, voice);
    silent = !fresh(voice, t_usec);
    touch(voice, source, t_usec);
    hear(counter, voice, delta, silent, t_usec);
    if (counter_best(counter, t_usec) != sensor)
        return 0;
    if (voice->behind) /* there is nobody else */
        catch_up(voice);
    counter->any = true;
    counter->total = fmax(counter->total, candidate(voice));
    counter->active = source;
    counter->leader = sensor;
    mark(counter, sensor);
    return counter->total - before;
}
