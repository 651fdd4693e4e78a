/* SPDX-License-Identifier: MIT */
/*
 * What is wrong with the database, in one sentence for people. The database itself is the worker's
 * once the loop runs; what the loop knows of it is a copy taken between two jobs.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon/store/private.h"

/* The first that holds: what a person should do something about comes first. */
static void render_problem(const struct store *store, char *text, size_t size)
{
    const struct queue *queue = &store->queue;

    if (queue->error != 0 && queue->lost > 0)
        snprintf(text, size,
                 "The database " DB_NAME
                 " cannot be written (%s); %zu changes wait, %zu were lost.",
                 strerrordesc_np(-queue->error), queue->n, queue->lost);
    else if (queue->error != 0)
        snprintf(text, size,
                 "The database " DB_NAME " cannot be written (%s); %zu changes wait in memory.",
                 strerrordesc_np(-queue->error), queue->n);
    else if (store->state == DB_NEWER)
        snprintf(text, size,
                 "The database " DB_NAME " is a newer strided's (version %d, known up to %d):"
                 " left alone; results and events are in memory only.",
                 store->found_version, db_newest_version());
    else if (queue->lost > 0)
        snprintf(text, size, "%zu changes of the database were lost while it could not be written.",
                 queue->lost);
    else if (store->aside[0])
        snprintf(text, size, "The database was damaged: set aside as %s and begun anew.",
                 store->aside);
    else if (store->bad.n > 0)
        snprintf(text, size, "The database " DB_NAME " has %zu %s not valid and skipped.",
                 store->bad.n, store->bad.n == 1 ? "row that is" : "rows that are");
    else
        text[0] = '\0';
}

void store_look_for_problem(void *userdata)
{
    struct store *store = userdata;
    char text[sizeof(store->problem)];

    if (!store->queue.busy) { /* else the worker may be at it */
        store->state = store->db.state;
        store->found_version = store->db.found_version;
        memcpy(store->aside, store->db.aside, sizeof(store->aside));
    }
    render_problem(store, text, sizeof(text));
    if (strcmp(text, store->problem) == 0)
        return;
    memcpy(store->problem, text, sizeof(store->problem));
    if (store->on_problem)
        store->on_problem(store->on_problem_userdata);
}

const char *store_problem(const struct store *store)
{
    return store->problem[0] ? store->problem : NULL;
}

const char *store_why(const struct store *store, int error)
{
    return error == -EROFS && store->state == DB_NEWER ? store->problem : strerrordesc_np(-error);
}

void store_on_problem(struct store *store, void (*handler)(void *userdata), void *userdata)
{
    store->on_problem = handler;
    store->on_problem_userdata = userdata;
}
