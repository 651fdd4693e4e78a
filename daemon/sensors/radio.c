/* SPDX-License-Identifier: MIT */
/*
 * Bursts of 4 s, each 30 s while a wanted sensor is missing, each 5 s for
 * five minutes after a sign of life of one. For a person they follow each other without a pause: who
 * asks for two seconds would else be answered out of it. A burst that a Connect cuts short proves
 * nothing about who is silent, so only whole ones are reported.
 */
#include "daemon/sensors/radio.h"

#include <stdio.h>

#define SECOND          1000000ULL
#define BURST_USEC      (4 * SECOND)
#define FAST_USEC       (5 * SECOND)
#define SLOW_USEC       (30 * SECOND)
#define STUCK_FAILURES  5
#define WEDGED_FAILURES 8 /* after three minutes or more of backoff */
#define BACKOFF_TOP     (60 * SECOND)

static uint32_t next_random(uint32_t *seed) /* xorshift32 */
{
    uint32_t x = *seed != 0 ? *seed : 1;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    return *seed = x;
}

uint64_t radio_backoff_usec(unsigned failures, uint32_t *seed)
{
    uint64_t base = SECOND / 4;
    if (failures == 0)
        return 0;
    for (unsigned i = 1; i < failures && base < BACKOFF_TOP; i++)
        base *= 4;
    if (base > BACKOFF_TOP)
        base = BACKOFF_TOP;
    return base - base / 5 + next_random(seed) % (2 * (base / 5) + 1);
}

void radio_init(struct radio *radio, uint32_t seed)
{
    *radio = (struct radio){ .seed = seed };
}

void radio_reset(struct radio *radio)
{
    *radio = (struct radio){ .seed = radio->seed, .person_until_usec = radio->person_until_usec };
}

static enum radio_need whole_need(const struct radio *radio, enum radio_need need)
{
    return radio->person_until_usec != 0 ? RADIO_NEED_FAST : need;
}

static uint64_t due_usec(const struct radio *radio, enum radio_need need)
{
    if (radio->person_until_usec != 0)
        return radio->not_before_usec;
    uint64_t period_usec = need == RADIO_NEED_FAST ? FAST_USEC : SLOW_USEC;
    uint64_t due = radio->started_usec == 0 ? 0 : radio->started_usec + period_usec;
    return due > radio->not_before_usec ? due : radio->not_before_usec;
}

static enum radio_step stop(struct radio *radio, bool whole)
{
    radio->scan = RADIO_STOPPING;
    radio->whole = whole;
    return RADIO_STEP_STOP;
}

enum radio_step radio_step(struct radio *radio, enum radio_need need, enum radio_ready ready,
                           bool dialling, uint64_t now_usec)
{
    need = whole_need(radio, need);
    switch (radio->scan) {
    case RADIO_OFF:
        if (dialling)
            return RADIO_STEP_NONE;
        if (ready != RADIO_READY_NONE)
            return RADIO_STEP_GRANT;
        if (need == RADIO_NEED_NONE || now_usec < due_usec(radio, need))
            return RADIO_STEP_NONE;
        radio->scan = RADIO_STARTING;
        radio->started_usec = now_usec;
        return RADIO_STEP_START;
    case RADIO_ON:
        if (now_usec - radio->started_usec >= BURST_USEC)
            return stop(radio, true);
        return ready == RADIO_READY_NOW || need == RADIO_NEED_NONE ? stop(radio, false)
                                                                   : RADIO_STEP_NONE;
    case RADIO_STARTING:
    case RADIO_STOPPING:
        break;
    }
    return RADIO_STEP_NONE;
}

uint64_t radio_deadline(const struct radio *radio, enum radio_need need, bool dialling)
{
    uint64_t deadline = UINT64_MAX;
    need = whole_need(radio, need);
    if (radio->scan == RADIO_ON)
        deadline = radio->started_usec + BURST_USEC;
    else if (radio->scan == RADIO_OFF && !dialling && need != RADIO_NEED_NONE)
        deadline = due_usec(radio, need);
    if (radio->person_until_usec != 0 && radio->person_until_usec < deadline)
        deadline = radio->person_until_usec;
    return deadline;
}

void radio_started(struct radio *radio, bool ok, const char *error, uint64_t now_usec)
{
    radio->scan = ok ? RADIO_ON : RADIO_OFF;
    radio->started_usec = now_usec; /* the reply may come late: the burst counts from it */
    if (ok) {
        radio->failures = 0;
        radio->not_before_usec = 0;
        return;
    }
    radio->failures++;
    snprintf(radio->error, sizeof radio->error, "%s", error);
    radio->not_before_usec = now_usec + radio_backoff_usec(radio->failures, &radio->seed);
    radio->started_usec = 0;
}

bool radio_stopped(struct radio *radio, uint64_t now_usec)
{
    bool whole = radio->whole && radio->scan == RADIO_STOPPING;
    radio->scan = RADIO_OFF;
    radio->whole = false;
    return whole;
}

bool radio_is_stuck(const struct radio *radio)
{
    return radio->failures >= STUCK_FAILURES;
}

bool radio_is_wedged(const struct radio *radio)
{
    return radio->failures >= WEDGED_FAILURES;
}

size_t radio_pick(const uint64_t *places, size_t n)
{
    size_t best = SIZE_MAX;
    for (size_t i = 0; i < n; i++)
        if (places[i] != 0 && (best == SIZE_MAX || places[i] < places[best]))
            best = i;
    return best;
}

uint64_t radio_place(uint64_t turn_usec, bool again_and_again)
{
    return (again_and_again ? UINT64_C(1) << 63 : 0) + turn_usec + 1;
}
