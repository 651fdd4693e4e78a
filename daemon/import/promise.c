/* SPDX-License-Identifier: MIT */
#include "daemon/import/promise.h"

#include <stdio.h>
#include <string.h>
#include "daemon/util.h"

void promise_done(struct promise *promise)
{
    json_decref(TAKE_PTR(promise->data));
}

void promise_begin(struct promise *promise, const struct asked_where *where)
{
    promise_done(promise);
    snprintf(promise->folder, sizeof(promise->folder), "%s", where->folder);
    snprintf(promise->runner, sizeof(promise->runner), "%s", where->runner);
    snprintf(promise->name, sizeof(promise->name), "%s", where->name);
}

void promise_keep(struct promise *promise, json_t *data, uint64_t now_usec)
{
    promise_done(promise);
    promise->data = data;
    promise->until_usec = now_usec + PROMISE_USEC;
}

json_t *promise_take(struct promise *promise, const struct asked_where *where, uint64_t now_usec)
{
    if (now_usec >= promise->until_usec)
        promise_done(promise);
    if (strcmp(promise->folder, where->folder) != 0 ||
        strcmp(promise->runner, where->runner) != 0 || strcmp(promise->name, where->name) != 0)
        return NULL;
    return TAKE_PTR(promise->data);
}
