/* SPDX-License-Identifier: MIT */
#include "daemon/keys.h"

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

static int make_room(struct keys *keys)
{
    size_t room = keys->room ? keys->room * 2 : 64;
    uint64_t *grown;

    if (keys->n < keys->room)
        return 0;
    grown = reallocarray(keys->all, room, sizeof(*grown));
    if (!grown)
        return -ENOMEM;
    keys->all = grown;
    keys->room = room;
    return 0;
}

int keys_add(struct keys *keys, uint64_t key)
{
    size_t i = keys->gathering ? keys->n : find(keys, key);
    int r;

    if (i < keys->n && keys->all[i] == key)
        return 0;
    r = make_room(keys);
    if (r < 0)
        return r;
    memmove(keys->all + i + 1, keys->all + i, (keys->n - i) * sizeof(*keys->all));
    keys->all[i] = key;
    keys->n++;
    return 0;
}

void keys_remove(struct keys *keys, uint64_t key)
{
    size_t i = find(keys, key);

    if (i == keys->n || keys->all[i] != key)
        return;
    memmove(keys->all + i, keys->all + i + 1, (keys->n - i - 1) * sizeof(*keys->all));
    keys->n--;
}

void keys_gather(struct keys *keys)
{
    keys->gathering = true;
}

static int compare(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

void keys_order(struct keys *keys)
{
    size_t n = 0;

    keys->gathering = false;
    if (keys->n > 1)
        qsort(keys->all, keys->n, sizeof(*keys->all), compare);
    for (size_t i = 0; i < keys->n; i++)
        if (n == 0 || keys->all[n - 1] != keys->all[i])
            keys->all[n++] = keys->all[i];
    keys->n = n;
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
