/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * The entries of the registry, one a retained topic, as they stand in the order they are sent in: by
 * rank, then by age.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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

struct topics_entries {
    struct entry **items; /* each stays where it is for as long as it is kept */
    size_t n, n_allocated;
};

struct entry *topics_entries_find(const struct topics_entries *entries, const char *path);
struct entry *topics_entries_of_cookie(const struct topics_entries *entries, uint64_t cookie);
/* One that was not found; without a payload yet. NULL: no memory, and nothing has changed. */
struct entry *topics_entries_add(struct topics_entries *entries, const char *path, enum rank rank,
                                 int qos);
void topics_entries_forget(struct topics_entries *entries, struct entry *entry);
void topics_entries_done(struct topics_entries *entries);

bool entry_says(const struct entry *entry, const void *payload, size_t length);
/* payload: its own from here on. To be sent anew, however often it was refused. */
void entry_take(struct entry *entry, void *payload, size_t length);
void entry_clear(struct entry *entry); /* the same with none; nothing if it has none */
