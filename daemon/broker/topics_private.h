/* SPDX-License-Identifier: MIT */
#pragma once
/* What the files behind topics.h share: topics.c keeps the retained ones, as topics_entries.h has them,
 * topics_passing.c sends what is not kept, topics_sweep.c clears what is over. */
#include "daemon/broker/topics.h"
#include "daemon/broker/topics_entries.h"
#include "daemon/broker/topics_own.h"

struct topics {
    struct topics_callbacks callbacks;
    void *userdata;
    char root[64], gateway[64];
    struct topics_entries entries;
    size_t n_away;
    uint64_t last_cookie;
    uint64_t repeat_at_usec;
    uint64_t announced_from_usec; /* no path is before: one was cleared just now */
    bool online, mute, sweeping, spoken;
    struct topics_own own;
};

void topics_send_due(struct topics *topics, uint64_t now_usec);

static inline bool topics_may_publish(const struct topics *topics)
{
    return topics->online && !topics->mute;
}
