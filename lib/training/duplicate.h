/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * The same run twice: from watch and phone, or from a file and live. It counts once, whichever came
 * first: what is chosen depends on the sessions alone, never on the order they came in.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct duplicate_session {
    const char *id; /* only to tell two apart that are alike in all else */
    int64_t start_usec, end_usec;
    bool on_foot;  /* a run or a walk: what counts for nothing takes no run's place */
    bool distance; /* it says how far: a strap alone cannot stand for a run */
    bool grade;    /* measured incline, or altitude of a barometer */
    bool heart_rate, cadence;
    bool drop; /* its descent is known, if only because the belt is said to be level */
    uint64_t n_samples;
};

/* One body can't be out twice: they share at least half of the shorter one's time. */
bool duplicate_is_same(const struct duplicate_session *a, const struct duplicate_session *b);
/* Above 0: a tells more of the run than b. Never 0 for two ids. */
int duplicate_compare(const struct duplicate_session *a, const struct duplicate_session *b);
/* ret[i]: the session that counts in place of i; i itself where it counts. */
void duplicate_choose(const struct duplicate_session *sessions, size_t n, size_t *ret);
