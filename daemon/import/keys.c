/* SPDX-License-Identifier: MIT */
#include "daemon/import/keys.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The place of the key, or where it belongs. */
static size_t find(const struct keys *keys, uint64_t key)
{
    size_t low = 0, high = keys->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (keys->all[middle] < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool keys_has(const struct keys *keys, uint64_t key)
{
    size_t i = find(keys, key);

    return i < keys->n && keys->all[i] == key;
}

int keys_add(struct keys *keys, uint64_t key)
{
    size_t i = find(keys, key);

    if (i < keys->n && keys->all[i] == key)
        return 0;
    if (keys->n == keys->room) {
        size_t room = keys->room ? keys->room * 2 : 64;
        uint64_t *grown = reallocarray(keys->all, room, sizeof(*grown));
        if (!grown)
            return -ENOMEM;
        keys->all = grown;
        keys->room = room;
    }
    memmove(keys->all + i + 1, keys->all + i, (keys->n - i) * sizeof(*keys->all));
    keys->all[i] = key;
    keys->n++;
    return 0;
}

int keys_copy(struct keys *ret, const struct keys *keys)
{
    *ret = (struct keys){ .n = keys->n, .room = keys->n };
    if (keys->n == 0)
        return 0;
    ret->all = reallocarray(NULL, keys->n, sizeof(*ret->all));
    if (!ret->all) {
        *ret = (struct keys){ 0 };
        return -ENOMEM;
    }
    memcpy(ret->all, keys->all, keys->n * sizeof(*ret->all));
    return 0;
}

void keys_free(struct keys *keys)
{
    free(keys->all);
    *keys = (struct keys){ 0 };
}
