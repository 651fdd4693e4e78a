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
    struct store_event event;
};

static void free_telling(struct telling *telling)
{
    struct telling **at = &telling->tell->first;

    while (*at && *at != telling)
        at = &(*at)->next;
    if (*at)
        *at = telling->next;
    free(telling->event.body);
    free(telling);
}

static void on_committed(void *userdata, int result)
{
    struct telling *telling = userdata;
    const struct tell *tell = telling->tell;

    if (result < 0)
        log_error("The import of %s is not stored: %s", telling->event.id,
                  store_why(tell->store, result));
    else if (telling->taken)
        tell->callbacks->on_stored(tell->userdata, &telling->file, telling->hash);
    if (telling->event.runner[0])
        tell->callbacks->on_event(tell->userdata, &telling->event);
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
    if (result_event(result, &telling->event) < 0) {
        free(telling);
        return NULL;
    }
    telling->next = tell->first;
    tell->first = telling;
    return telling;
}

int tell_result(struct tell *tell, const struct result *result, const struct folder_file *file)
{
    struct telling *telling = new_telling(tell, result, file);
    int r;

    if (!telling)
        return -ENOMEM;
    r = store_put_import(tell->store,
                         &(struct store_imported){ .import = &result->import,
                                                   .sessions = result->sessions,
                                                   .n_sessions = result->n_sessions,
                                                   .levels = result->levels,
                                                   .n_levels = result->n_sessions,
                                                   .choices = result->choices,
                                                   .n_choices = result->n_choices,
                                                   .events = &telling->event,
                                                   .n_events = 1 },
                         on_committed, telling);
    if (r < 0)
        free_telling(telling);
    return r;
}

void tell_done(struct tell *tell)
{
    while (tell->first)
        free_telling(tell->first);
}
