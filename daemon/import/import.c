/* SPDX-License-Identifier: MIT */
#include "daemon/import/import.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/clock.h"
#include "daemon/import/name.h"
#include "daemon/import/promise.h"
#include "daemon/import/queue.h"
#include "daemon/import/said.h"
#include "daemon/log.h"
#include "daemon/util.h"

/* As long as a disk may take to wake up and a share to be reached by another way. */
#define SILENT_USEC UINT64_C(60000000)

struct import {
    struct import_parts parts;
    struct choice *choice;
    struct queue *queue;

    struct route_file *route; /* asked for */
    void (*route_done)(void *userdata, const struct route_answer *answer);
    void *route_userdata;

    void (*asked_done)(void *userdata, const struct import_answer *answer);
    void *asked_userdata;
    struct promise promise; /* which file is asked for; and the answer, when it takes longer */
};

/* ---- sessions that were recorded --------------------------------------------------------------- */

/* The row was written as one that counts: what was chosen of it is to be written again. */
static size_t renew(const struct import *import, const char *id,
                    struct store_choice changes[CHOICE_CHANGES_MAX], size_t n)
{
    const char *instead = choice_instead(import->choice, id);

    for (size_t i = 0; i < n; i++)
        if (strcmp(changes[i].id, id) == 0)
            return n;
    if (!instead[0] || n == CHOICE_CHANGES_MAX)
        return n;
    snprintf(changes[n].id, sizeof(changes[n].id), "%s", id);
    snprintf(changes[n].instead, sizeof(changes[n].instead), "%s", instead);
    snprintf(changes[n].runner, sizeof(changes[n].runner), "%s", choice_runner(import->choice, id));
    return n + 1;
}

size_t import_choose(struct import *import, const struct store_session *session,
                     struct store_choice ret[CHOICE_CHANGES_MAX])
{
    const struct payload_session *s = &session->session;
    char before[CONF_ID_MAX];
    size_t n;

    queue_session_changed(import->queue, session);
    snprintf(before, sizeof(before), "%s", choice_runner(import->choice, s->id));
    if (choice_put(import->choice, session) < 0)
        return 0;
    n = choice_decide_for(import->choice, before, s, ret);
    for (size_t i = 0; i < n; i++)
        log_info("session %s: %s%s", ret[i].id,
                 ret[i].instead[0] ? "not counted, the same is counted as " : "counted",
                 ret[i].instead);
    n = renew(import, s->id, ret, n);
    if (n > 0)
        (void)store_put_choices(import->parts.store, ret, n);
    return n;
}

const char *import_instead(const struct import *import, const char *id)
{
    return choice_instead(import->choice, id);
}

bool import_has(const struct import *import, const struct store_session *open)
{
    return choice_has(import->choice, open);
}

/* ---- what a person says of those that came in -------------------------------------------------- */

int import_discard(struct import *import, const struct store_session *session,
                   void (*done)(void *userdata, int result), void *userdata)
{
    const struct import_parts *parts = &import->parts;
    struct said_session said = { .at_usec = clock_wall_usec() };

    if (timekeeper_state(parts->timekeeper) == CLOCK_UNSET)
        said.at_usec = 0;
    memcpy(said.id, session->session.id, sizeof(said.id));
    return said_discard(parts->worker, parts->state_dir, session->file, &said, done, userdata);
}

int import_restore(struct import *import, const char *hash, const char *id,
                   void (*done)(void *userdata, int result), void *userdata)
{
    return said_restore(import->parts.worker, import->parts.state_dir, hash, id, done, userdata);
}

int import_give(struct import *import, const struct store_session *session, const char *to,
                void (*done)(void *userdata, int result, size_t n_sessions), void *userdata)
{
    return queue_give(import->queue, session->file, session->session.runner, to, done, userdata);
}

/* ---- a file that is asked for ------------------------------------------------------------------ */

static json_t *sessions_json(const struct import *import, const char *hash)
{
    _cleanup_free_ struct store_session *rows = calloc(ACTIVITY_PARTS_MAX, sizeof(*rows));
    size_t n = rows ? choice_rows_of_file(import->choice, hash, import->promise.runner, rows,
                                          ACTIVITY_PARTS_MAX)
                    : 0;
    json_t *list = json_array();

    for (size_t i = 0; i < n; i++) {
        const char *instead = choice_instead(import->choice, rows[i].session.id);

        json_array_append_new(list,
                              json_pack("{s:s, s:b, s:s?}", "id", rows[i].session.id, "counts",
                                        !instead[0], "instead", instead[0] ? instead : NULL));
    }
    return list;
}

/* As in the list of files, but for one that came in before. */
static json_t *asked_json(const struct import *import, const struct asked_answer *answer)
{
    const struct store_import *row = answer->result ? &answer->result->import : NULL;
    char name[FOLDER_NAME_MAX];

    import_name_text(import->promise.name, name, sizeof(name));
    return json_pack("{s:s, s:s, s:s, s:s?, s:o}", "runner", import->promise.runner, "file", name,
                     "verdict",
                     answer->known ? "known"
                     : row         ? store_outcome_name(row->verdict)
                                   : "known",
                     "reason", row && row->reason[0] ? row->reason : NULL, "sessions",
                     sessions_json(import, answer->hash));
}

/* They were told that it takes longer, and did not ask again yet. What failed is tried again when they do. */
static void keep_answer(struct import *import, const struct asked_answer *answer)
{
    if (!answer->code)
        promise_keep(&import->promise, asked_json(import, answer), clock_now_usec());
}

static void on_asked(void *userdata, const struct asked_answer *answer)
{
    struct import *import = userdata;
    struct import_answer told = { .code = answer->code,
                                  .argument = answer->argument,
                                  .message = answer->message,
                                  .allowed = answer->allowed };

    if (!import->asked_done)
        return keep_answer(import, answer);
    if (!answer->code)
        told.data = asked_json(import, answer);
    import->asked_done(import->asked_userdata, &told);
    import->asked_done = NULL;
}

/* It needs no folder, which may be silent by now. */
static bool tell_kept(struct import *import, const struct asked_where *where,
                      void (*done)(void *userdata, const struct import_answer *answer),
                      void *userdata)
{
    json_t *data = promise_take(&import->promise, where, clock_now_usec());

    if (data)
        done(userdata, &(struct import_answer){ .data = data });
    return data;
}

int import_now(struct import *import, const char *runner, const char *name,
               void (*done)(void *userdata, const struct import_answer *answer), void *userdata)
{
    const struct asked_where where = { .folder = import->parts.conf->import_folder,
                                       .runner = runner,
                                       .name = name };
    int r;

    if (!where.folder[0])
        return -ENOENT;
    if (tell_kept(import, &where, done, userdata))
        return 0;
    if (worker_is_silent(import->parts.folder_worker))
        return -ETIMEDOUT;
    if (import->asked_done)
        return -EBUSY;
    r = queue_ask(import->queue, runner, name, on_asked, import);
    if (r < 0)
        return r;
    promise_begin(&import->promise, &where);
    import->asked_done = done;
    import->asked_userdata = userdata;
    return 0;
}

/* ---- a route that is asked for ----------------------------------------------------------------- */

static void on_route(void *userdata, const struct route_answer *answer)
{
    struct import *import = userdata;

    import->route_done(import->route_userdata, answer);
    import->route = route_file_free(import->route);
}

int import_route(struct import *import, const char *runner, const char *name,
                 void (*done)(void *userdata, const struct route_answer *answer), void *userdata)
{
    const struct route_where where = { import->parts.conf->import_folder, runner, name };

    if (!import->parts.conf->import_folder[0])
        return -ENOENT;
    if (worker_is_silent(import->parts.folder_worker))
        return -ETIMEDOUT;
    if (import->route)
        return -EBUSY;
    import->route_done = done;
    import->route_userdata = userdata;
    return route_file_read(&import->route, import->parts.folder_worker, &where, on_route, import);
}

/* ---- a folder that does not answer ------------------------------------------------------------- */

static void on_silence(void *userdata, bool silent)
{
    const struct import *import = userdata;

    queue_on_silence(import->queue, silent);
}

/* ---- life -------------------------------------------------------------------------------------- */

void import_take_past(struct import *import, const struct store_session *session)
{
    (void)choice_load(import->choice, session);
}

static void import_freep(struct import **import)
{
    import_free(*import);
}

int import_new(struct import **ret, const struct import_parts *parts,
               const struct import_callbacks *callbacks, void *userdata)
{
    _cleanup_(import_freep) struct import *import = calloc(1, sizeof(*import));
    int r;

    if (!import)
        return -ENOMEM;
    import->parts = *parts;
    r = choice_new(&import->choice);
    if (r >= 0)
        r = queue_new(&import->queue, parts, import->choice, callbacks, userdata);
    if (r >= 0)
        r = worker_watch(parts->folder_worker, SILENT_USEC, on_silence, import);
    if (r < 0)
        return r;
    queue_read_past(import->queue);
    *ret = TAKE_PTR(import);
    return 0;
}

void import_set_conf(struct import *import, const struct conf *conf)
{
    import->parts.conf = conf;
    queue_set_conf(import->queue, conf);
}

void import_clock_changed(struct import *import)
{
    queue_clock_changed(import->queue);
}

const char *import_problem(const struct import *import)
{
    return queue_problem(import->queue);
}

json_t *import_list(const struct import *import)
{
    return queue_list(import->queue);
}

size_t import_waiting(const struct import *import)
{
    return queue_waiting(import->queue);
}

void import_stop(struct import *import)
{
    const struct route_answer stopping = { .code = "unavailable",
                                           .message = "strided is stopping",
                                           .allowed = "the same again once it is back" };

    if (!import)
        return;
    if (import->route)
        on_route(import, &stopping);
    if (import->asked_done)
        on_asked(import, &(struct asked_answer){ .code = "unavailable",
                                                 .message = "strided is stopping",
                                                 .allowed = "the same again once it is back" });
    queue_stop(import->queue);
}

struct import *import_free(struct import *import)
{
    if (!import)
        return NULL;
    queue_free(import->queue);
    choice_free(import->choice);
    promise_done(&import->promise);
    free(import);
    return NULL;
}
