/* SPDX-License-Identifier: MIT */
/*
 * The best session counts, and with it nothing that is the same as it; of the rest the best counts,
 * and so on. That a session is the same as one that is itself not counted means nothing: a long one
 * that was replaced by its middle does not take the run an hour later with it.
 */
#include "lib/training/duplicate.h"

#include <string.h>

bool duplicate_is_same(const struct duplicate_session *a, const struct duplicate_session *b)
{
    int64_t from = a->start_usec > b->start_usec ? a->start_usec : b->start_usec;
    int64_t until = a->end_usec < b->end_usec ? a->end_usec : b->end_usec;
    int64_t of_a = a->end_usec - a->start_usec, of_b = b->end_usec - b->start_usec;
    int64_t shorter = of_a < of_b ? of_a : of_b;

    return until > from && 2 * (until - from) >= shorter;
}

int duplicate_compare(const struct duplicate_session *a, const struct duplicate_session *b)
{
    const int order[] = {
        a->on_foot - b->on_foot,
        a->distance - b->distance,
        a->grade - b->grade,
        a->heart_rate - b->heart_rate,
        a->cadence - b->cadence,
        a->drop - b->drop,
        (a->n_samples > b->n_samples) - (a->n_samples < b->n_samples),
        (a->start_usec < b->start_usec) - (a->start_usec > b->start_usec),
    };

    for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
        if (order[i])
            return order[i];
    return strcmp(b->id, a->id);
}

static size_t find_best_left(const struct duplicate_session *sessions, size_t n, const size_t *ret)
{
    size_t best = n;

    for (size_t i = 0; i < n; i++)
        if (ret[i] == n && (best == n || duplicate_compare(&sessions[i], &sessions[best]) > 0))
            best = i;
    return best;
}

void duplicate_choose(const struct duplicate_session *sessions, size_t n, size_t *ret)
{
    for (size_t i = 0; i < n; i++)
        ret[i] = n; /* not decided */
    for (size_t best; (best = find_best_left(sessions, n, ret)) < n;) {
        ret[best] = best;
        for (size_t i = 0; i < n; i++)
            if (ret[i] == n && duplicate_is_same(&sessions[i], &sessions[best]))
                ret[i] = best;
    }
}
