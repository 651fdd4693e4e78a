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

static bool stands(const struct counter_voice *voice, uint64_t t_usec)
{
    return !voice->moved_usec || t_usec >= voice->moved_usec + COUNTER_STAND_USEC;
}

/* Of one rank the first in the recording is the better one. */
static bool outranks(const struct counter *counter, int a, int b)
{
    int rank_a = counter->rank[counter->voices[a].source];
    int rank_b = counter->rank[counter->voices[b].source];

    return rank_a != rank_b ? rank_a < rank_b : a < b;
}

/* It was silent, and may bring yet what another told meanwhile. */
static bool waits(const struct counter_voice *voice)
{
    return voice->behind && voice->back_silent;
}

static bool is_better(const struct counter *counter, int a, int b, uint64_t t_usec)
{
    const struct counter_voice *voice_a = &counter->voices[a], *voice_b = &counter->voices[b];

    if (waits(voice_a) != waits(voice_b))
        return waits(voice_b);
    if (stands(voice_a, t_usec) != stands(voice_b, t_usec))
        return stands(voice_b, t_usec);
    if (voice_a->behind != voice_b->behind)
        return voice_b->behind;
    return outranks(counter, a, b);
}

int counter_best(const struct counter *counter, uint64_t t_usec)
{
    int best = COUNTER_NOBODY;

    for (int i = 0; i < COUNTER_SENSORS; i++)
        if (fresh(&counter->voices[i], t_usec) &&
            (best == COUNTER_NOBODY || is_better(counter, i, best, t_usec)))
            best = i;
    return best;
}

static double candidate(const struct counter_voice *voice)
{
    return voice->mark.total + voice->sum - voice->mark.sum;
}

static struct counter_mark now_of(const struct counter *counter, const struct counter_voice *voice)
{
    return (struct counter_mark){ .total = counter->total, .sum = voice->sum };
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
        voice->mark = voice->last = now_of(counter, voice);
    voice->expected = true;
}

static void come_back(struct counter_voice *voice, bool silent, struct counter_mark from,
                      uint64_t t_usec)
{
    voice->behind = true;
    voice->back_silent = silent;
    voice->back_usec = t_usec;
    voice->back = from;
}

/* What one that stood counted for a gap is no part of it: it told 0 until its latest word. */
static void moves(struct counter *counter, struct counter_voice *voice, uint64_t t_usec)
{
    if (stands(voice, t_usec) && !voice->behind && candidate(voice) < counter->total)
        come_back(voice, false, voice->last, t_usec);
    voice->moved_usec = t_usec;
}

void counter_moves(struct counter *counter, int sensor, uint64_t t_usec)
{
    if (sensor >= 0 && sensor < COUNTER_SENSORS && counter->voices[sensor].ever)
        moves(counter, &counter->voices[sensor], t_usec);
}

static void hear(struct counter *counter, struct counter_voice *voice, double delta, bool silent,
                 uint64_t t_usec)
{
    voice->sum += delta;
    voice->spoke = true;
    if (silent && candidate(voice) < counter->total)
        come_back(voice, true, now_of(counter, voice), t_usec);
    else if (voice->behind && candidate(voice) >= counter->total)
        voice->behind = false;
    else if (voice->behind && t_usec > voice->back_usec + COUNTER_FRESH_USEC)
        catch_up(voice);
    if (delta > 0)
        moves(counter, voice, t_usec);
}

static void lead(struct counter *counter, int sensor)
{
    struct counter_voice *voice = &counter->voices[sensor];

    if (voice->behind) /* there is nobody else */
        catch_up(voice);
    counter->any = true;
    counter->total = fmax(counter->total, candidate(voice));
    counter->active = voice->source;
    counter->leader = sensor;
    mark(counter, sensor);
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
        voice->mark = voice->last = now_of(counter, voice);
    silent = !fresh(voice, t_usec);
    touch(voice, source, t_usec);
    hear(counter, voice, delta, silent, t_usec);
    if (counter_best(counter, t_usec) == sensor)
        lead(counter, sensor);
    voice->last = now_of(counter, voice);
    return counter->total - before;
}
