/* SPDX-License-Identifier: MIT */
#pragma once
/* What the files behind topics.h share: topics.c keeps the retained ones, topics_passing.c sends what
 * is not kept. */
#include "daemon/broker/topics.h"
#include "daemon/broker/topics_own.h"

struct topics {
    struct topics_callbacks callbacks;
    void *userdata;
    char root[64], gateway[64];
    struct entry **entries; /* by rank, then by age */
    size_t n_entries, n_allocated;
    size_t n_away;
    uint64_t last_cookie;
    uint64_t repeat_at_usec;
    bool online, mute;
    struct topics_own own;
};

static inline bool topics_may_publish(const struct topics *topics)
{
    return topics->online && !topics->mute;
}
