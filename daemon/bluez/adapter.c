/* SPDX-License-Identifier: MIT */
/* Which adapter is ours, and whether there is anything to be done with it. */
#include <string.h>
#include "daemon/bluez/private.h"

static bool adapter_is_wanted(const char *wanted, const struct bluez_adapter *adapter)
{
    const char *name = strrchr(adapter->path, '/') + 1;
    return wanted[0] == '\0' || strcmp(wanted, name) == 0 ||
           strcasecmp(wanted, adapter->address) == 0;
}

/* The one in use stays in use while it is powered; else the first powered; else the first. */
static const struct bluez_adapter *choose_adapter(const struct bluez *bluez, const char *wanted)
{
    const struct bluez_adapter *best = NULL;
    int best_score = -1;
    for (size_t i = 0; i < bluez->tree.n_adapters; i++) {
        const struct bluez_adapter *a = &bluez->tree.adapters[i];
        int score = a->powered * 2 + (strcmp(a->path, bluez->adapter_path) == 0);
        bool better =
            score > best_score || (score == best_score && strcmp(a->path, best->path) < 0);
        if (adapter_is_wanted(wanted, a) && better) {
            best = a;
            best_score = score;
        }
    }
    return best;
}

const struct bluez_adapter *bluez_adapter(const struct bluez *bluez)
{
    for (size_t i = 0; i < bluez->tree.n_adapters; i++)
        if (strcmp(bluez->tree.adapters[i].path, bluez->adapter_path) == 0)
            return &bluez->tree.adapters[i];
    return NULL;
}

const struct bluez_adapter *bluez_find_adapter(const struct bluez *bluez, const char *address)
{
    for (size_t i = 0; i < bluez->tree.n_adapters; i++)
        if (strcmp(bluez->tree.adapters[i].address, address) == 0)
            return &bluez->tree.adapters[i];
    return NULL;
}

static enum bluez_status find_status(const struct bluez *bluez)
{
    const struct bluez_adapter *adapter = bluez_adapter(bluez);
    if (!bluez->bus)
        return BLUEZ_NO_BUS;
    if (bluez->installed < BLUEZ_MATCHES || !bluez->owner_known)
        return BLUEZ_STARTING;
    if (bluez->owner[0] == '\0')
        return BLUEZ_NO_DAEMON;
    if (!bluez->answered)
        return BLUEZ_STARTING;
    if (!adapter)
        return BLUEZ_NO_ADAPTER;
    if (adapter->powered)
        return BLUEZ_READY;
    return adapter->blocked ? BLUEZ_ADAPTER_BLOCKED : BLUEZ_ADAPTER_OFF;
}

/* Looks at adapter and status anew; tells if either is another one than before. */
void bluez_refresh(struct bluez *bluez)
{
    const struct bluez_adapter *adapter = choose_adapter(bluez, bluez->wanted_adapter);
    const char *path = adapter ? adapter->path : "";
    bool other = strcmp(path, bluez->adapter_path) != 0;
    if (other)
        memcpy(bluez->adapter_path, path, strlen(path) + 1);
    enum bluez_status status = find_status(bluez);
    if (!other && status == bluez->status)
        return;
    bluez->status = status;
    bluez->callbacks.on_status(bluez->userdata);
}

enum bluez_status bluez_status(const struct bluez *bluez)
{
    return bluez->status;
}

bool bluez_would_leave(const struct bluez *bluez, const char *wanted)
{
    const struct bluez_adapter *adapter = bluez_adapter(bluez);
    return adapter && choose_adapter(bluez, wanted) != adapter;
}

void bluez_set_adapter(struct bluez *bluez, const char *wanted)
{
    size_t length = strnlen(wanted, sizeof bluez->wanted_adapter - 1);
    memcpy(bluez->wanted_adapter, wanted, length);
    bluez->wanted_adapter[length] = '\0';
    bluez_refresh(bluez);
}
