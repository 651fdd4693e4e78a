/* SPDX-License-Identifier: MIT */
#pragma once
/* A sorted set of 64-bit keys: 8 bytes for each of ten years' files, and sessions, in place of its
 * name. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct keys {
    uint64_t *all;
    size_t n, room;
    bool gathering;
};

int keys_add(struct keys *keys, uint64_t key);     /* 0, also when it is there; -ENOMEM */
void keys_remove(struct keys *keys, uint64_t key); /* also when it is not there */
bool keys_has(const struct keys *keys, uint64_t key);
/* In between what is added stands in no order, and is not to be looked for: of thousands that come at
 * once each would have moved half of those there are. */
void keys_gather(struct keys *keys);
void keys_order(struct keys *keys);
int keys_copy(struct keys *ret, const struct keys *keys);
void keys_free(struct keys *keys);
