/* SPDX-License-Identifier: MIT */
#include "daemon/import/keys.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FNV_PRIME UINT64_C(0x100000001b3)

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

uint64_t key_text(uint64_t key, const char *text)
{
    for (; *text; text++)
        key = (key ^ (unsigned char)*text) * FNV_PRIME;
    return (key ^ 0x100) * FNV_PRIME; /* no byte: where one text ends */
}

uint64_t key_number(uint64_t key, int64_t number)
{
    for (int i = 0; i < 8; i++)
        key = (key ^ (uint8_t)((uint64_t)number >> (8 * i))) * FNV_PRIME;
    return key;
}
