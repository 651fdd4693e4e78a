/* SPDX-License-Identifier: MIT */
#include "daemon/import/tell.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/log.h"

struct telling {
    struct tell *tell;
    struct telling *next;
    struct folder_file file;
    bool taken; /* and `file` is one */
    char hash[STORE_HASH_MAX];
    struct store_event events[1 + ACTIVITY_PARTS_MAX]; /* the first is that of the file; or none */
    size_t n_events;
    size_t n_sessions;
    void (*done)(void *userdata, int result, size_t n_sessions); /* NULL: nobody waits */
    void *userdata;
};

static void free_telling(struct telling *telling)
{
    struct telling **at = &telling->tell->first;

    while (*at && *at != telling)
        at = &(*at)->next;
    if (*at)
        *at = telling->next;
    for (size_t i = 0; i < telling->n_events; i++)
        free(telling->events[i].body);
    free(telling);
}

static void on_committed(void *userdata, int result)
{
    struct telling *telling = userdata;
    const struct tell *tell = telling->tell;

    if (result < 0)
        log_error("The import of %s is not stored: %s", telling->hash,
                  store_why(tell->store, result));
    else if (telling->taken)
        tell->callbacks->on_stored(tell->userdata, &telling->file, telling->hash);
    for (size_t i = 0; i < telling->n_events; i++)
        if (telling->events[i].runner[0])
            tell->callbacks->on_event(tell->userdata, &telling->events[i]);
    if (telling->done)
        telling->done(telling->userdata, result, telling->n_sessions);
    free_telling(telling);
}

static struct telling *new_telling(struct tell *tell, const struct result *result,
                                   const struct folder_file *file)
{
    struct telling *telling = calloc(1, sizeof(*telling));

    if (!telling)
        return NULL;
    telling->tell = tell;
    telling->taken = file && result->import.verdict != STORE_REFUSED;
    if (file)
        telling->file = *file;
    memcpy(telling->hash, result->import.hash, sizeof(telling->hash));
    for (size_t i = 0; i < result->n_sessions - result->n_left; i++)
        telling->n_sessions += !store_session_is_deleted(&result->sessions[i]);
    if (!result->rebuilt && result_event(result, &telling->events[0]) < 0) {
        free(telling);
        return NULL;
    }
    telling->n_events = !result->rebuilt;
    for (size_t i = 0; result->from[0] && i < result->n_sessions; i++)
        telling->n_events += result_gone(result, i, &telling->events[telling->n_events]);
    telling->next = tell->first;
    tell->first = telling;
    return telling;
}

static int put(struct telling *telling, const struct result *result)
{
    struct store_imported imported = result_rows(result);
    char given[STORE_REASON_MAX];
    int r;

    result_given(result, given);
    imported.from = result->from;
    imported.given = given;
    imported.events = telling->events;
    imported.n_events = telling->n_events;
    r = store_put_import(telling->tell->store, &imported, on_committed, telling);
    if (r < 0)
        free_telling(telling);
    return r;
}

int tell_result(struct tell *tell, const struct result *result, const struct folder_file *file)
{
    struct telling *telling = new_telling(tell, result, file);

    return telling ? put(telling, result) : -ENOMEM;
}

int tell_given(struct tell *tell, const struct result *result,
               void (*done)(void *userdata, int result, size_t n_sessions), void *userdata)
{
    struct telling *telling = new_telling(tell, result, NULL);

    if (!telling)
        return -ENOMEM;
    telling->done = done;
    telling->userdata = userdata;
    return put(telling, result);
}

void tell_done(struct tell *tell)
{
    while (tell->first)
        free_telling(tell->first);
}
