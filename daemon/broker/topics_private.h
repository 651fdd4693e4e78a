/* SPDX-License-Identifier: MIT */
#pragma once
/* What the files behind topics.h share: topics.c keeps the retained ones, topics_passing.c sends what
 * is not kept, topics_sweep.c clears what is over. */
#include "daemon/broker/topics.h"
#include "daemon/broker/topics_own.h"

enum rank { RANK_PATH, RANK_STATE, RANK_STATUS };

struct entry {
    char *path;
    void *payload; /* NULL: cleared */
    size_t length;
    enum rank rank;
    int qos;
    bool dirty;
    bool swept;      /* not set again since topics_sweep_begin */
    uint64_t cookie; /* 0: not on its way */
    int refusals;
    uint64_t wait_until_usec;
};

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

struct entry *topics_find(const struct topics *topics, const char *path);
struct entry *topics_add(struct topics *topics, const char *path, enum rank rank, int qos);
void topics_clear_entry(struct entry *entry); /* NULL: nothing */
void topics_send_due(struct topics *topics, uint64_t now_usec);

static inline bool topics_may_publish(const struct topics *topics)
{
    return topics->online && !topics->mute;
}
