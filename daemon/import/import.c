/* SPDX-License-Identifier: MIT */
/*
 * One file at a time, from folder to store:
 *
 *   look (worker) -> waiting -> copy (worker) -> child -> rows -> keep (worker) -> store -> After=
 *        ^                        |known                                  (commits while the next
 *        +--- inotify, the clock  +-> through                              file is on its way)
 *
 * The order at the end is what a kill at any moment must not break: the copy is on the disk before
 * the row says so, and the row is before the file may go. A kill before the row does the file once
 * more, under the same names; after it, the content is known.
 */
#include "daemon/import/import.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "daemon/clock.h"
#include "daemon/import/after.h"
#include "daemon/import/intake.h"
#include "daemon/import/kept.h"
#include "daemon/import/lookout.h"
#include "daemon/import/owners.h"
#include "daemon/import/past.h"
#include "daemon/import/result.h"
#include "daemon/import/tell.h"
#include "daemon/log.h"
#include "daemon/util.h"

struct import {
    struct import_parts parts;
    const struct import_callbacks *callbacks;
    void *userdata;
    bool stopping;

    struct owners owners;
    struct lookout *lookout;
    struct choice *choice;
    struct past past;

    struct route_file *route; /* asked for */
    void (*route_done)(void *userdata, const struct route_answer *answer);
    void *route_userdata;

    struct kept *kept; /* copies to be read again */
    struct intake_parts intake_parts;
    struct intake *intake; /* under way */
    struct tell tell;
    char disk_problem[PAYLOAD_TEXT_MAX]; /* of the state folder */
};

static void begin_next(struct import *import);

const char *import_problem(const struct import *import)
{
    return import->disk_problem[0] ? import->disk_problem : lookout_problem(import->lookout);
}

/* ---- to the store ------------------------------------------------------------------------------ */

static void on_event(void *userdata, const struct store_event *event)
{
    const struct import *import = userdata;

    import->callbacks->on_event(import->userdata, event);
}

static void on_stored(void *userdata, const struct folder_file *file, const char *hash)
{
    struct import *import = userdata;
    enum conf_after what = import->parts.conf->import_after;

    lookout_settle(import->lookout, file);
    if (what != CONF_AFTER_KEEP && !import->stopping)
        (void)after_import(import->parts.worker, import->parts.conf->import_folder, file, hash,
                           what);
}

static const struct tell_callbacks tell_callbacks = {
    .on_event = on_event,
    .on_stored = on_stored,
};

static void store_result(struct import *import, const struct result *result)
{
    int r = tell_result(&import->tell, result, intake_found(import->intake));

    if (r < 0) {
        log_error_errno(r, "Failed to store the import of %s: %m", result->import.name);
        return;
    }
    result_log(result);
    past_note(&import->past, &result->import);
    if (result->n_sessions > 0)
        import->callbacks->on_sessions(import->userdata, result->sessions, result->n_sessions,
                                       result->choices, result->n_choices);
}

/* ---- a file is through ------------------------------------------------------------------------- */

static void say_disk(struct import *import, const char *text)
{
    if (strcmp(import->disk_problem, text) == 0)
        return;
    snprintf(import->disk_problem, sizeof(import->disk_problem), "%s", text);
    if (text[0])
        log_warning("%s", text);
    import->callbacks->on_health(import->userdata);
}

static void disk_failed(struct import *import, int error)
{
    char text[PAYLOAD_TEXT_MAX];

    snprintf(text, sizeof(text), "Files cannot be imported: the copies in the state folder: %s",
             strerrordesc_np(-error));
    say_disk(import, text);
    lookout_retry(import->lookout, LOOKOUT_RESCAN_USEC / 10);
}

static void have_result(struct import *import)
{
    const struct result *result = intake_result(import->intake);
    const struct folder_file *file = intake_found(import->intake);

    if (result->import.verdict != STORE_REFUSED)
        say_disk(import, ""); /* it was kept */
    store_result(import, result);
    if (file)
        lookout_settle(import->lookout, file);
}

/* It may have come back, or lies there since a time when no file was to go. */
static void have_known(struct import *import)
{
    const struct folder_file *file = intake_found(import->intake);
    const char *hash = intake_hash(import->intake);

    if (file && past_is_taken(&import->past, hash))
        on_stored(import, file, hash);
    else if (file)
        lookout_settle(import->lookout, file);
}

static void on_intake(void *userdata, enum intake_outcome outcome, int error)
{
    struct import *import = userdata;

    switch (outcome) {
    case INTAKE_OK:
        have_result(import);
        break;
    case INTAKE_E_KNOWN:
        have_known(import);
        break;
    case INTAKE_E_UNREADABLE:
        lookout_deny(import->lookout, intake_found(import->intake), error);
        break;
    case INTAKE_E_DISK:
        disk_failed(import, error);
        break;
    case INTAKE_E_CHANGED: /* the next look tells */
    case INTAKE_E_FAILED:
        break;
    }
    import->intake = intake_free(import->intake);
    if (outcome != INTAKE_E_DISK)
        begin_next(import);
}

/* ---- the next one ------------------------------------------------------------------------------ */

/* Whose it is must be known for a row; it is refused again after the next start, if it still lies
 * there. */
static void refuse_unowned(struct import *import, const struct folder_file *file, const char *why)
{
    _cleanup_free_ struct result *result = calloc(1, sizeof(*result));

    if (result) {
        result_init(result, file, "", "", clock_wall_usec());
        result_refuse(result, "Refused: %s", why);
        result_log(result);
        past_show(&import->past, &result->import);
    }
    lookout_settle(import->lookout, file);
}

/* NULL: there is none. */
static const char *take_owned(struct import *import, struct folder_file *ret)
{
    const char *owner = NULL, *why = NULL;

    while (!owner && lookout_take(import->lookout, ret)) {
        owner = owners_of(&import->owners, ret, &why);
        if (!owner)
            refuse_unowned(import, ret, why);
    }
    return owner;
}

static bool may_begin(const struct import *import)
{
    return !import->stopping && !import->intake &&
           timekeeper_state(import->parts.timekeeper) != CLOCK_UNSET;
}

/* A kept copy comes last: it has no name left, and its file may still be found. */
static void begin_next(struct import *import)
{
    struct folder_file file;
    struct kept_file kept;
    const char *name = file.name, *owner;
    int r = 0;

    if (!may_begin(import))
        return;
    owner = take_owned(import, &file);
    if (owner) {
        r = intake_file(&import->intake, &import->intake_parts, owner,
                        import->parts.conf->import_folder, &file);
    } else if (lookout_is_idle(import->lookout) && kept_take(import->kept, &kept)) {
        r = intake_kept(&import->intake, &import->intake_parts, &kept);
        name = kept.hash;
    }
    if (r < 0)
        log_error_errno(r, "Failed to copy %s: %m", name);
}

static void begin_more(void *userdata)
{
    begin_next(userdata);
}

static bool is_busy(void *userdata)
{
    const struct import *import = userdata;

    return import->intake;
}

static void on_problem(void *userdata)
{
    const struct import *import = userdata;

    import->callbacks->on_health(import->userdata);
}

static const struct lookout_callbacks lookout_callbacks = {
    .busy = is_busy,
    .on_looked = begin_more,
    .on_problem = on_problem,
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
    return n + 1;
}

size_t import_choose(struct import *import, const struct store_session *session,
                     struct store_choice ret[CHOICE_CHANGES_MAX])
{
    const struct payload_session *s = &session->session;
    size_t n;

    if (choice_put(import->choice, session) < 0)
        return 0;
    n = choice_decide(import->choice, s->runner, s->start_usec, s->end_usec, ret);
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

/* ---- life -------------------------------------------------------------------------------------- */

void import_take_past(struct import *import, const struct store_session *session)
{
    (void)choice_load(import->choice, session);
}

/* A row says how its file looked; with After=keep it need not be read to know it again. */
static void settle_row(struct import *import, const struct store_import *row)
{
    struct folder_file file = { .size = row->size, .mtime_nsec = row->mtime_nsec };

    if (import->parts.conf->import_after != CONF_AFTER_KEEP && row->verdict != STORE_REFUSED)
        return; /* to be moved or deleted, if that was not done yet */
    snprintf(file.runner, sizeof(file.runner), "%s", row->runner);
    snprintf(file.name, sizeof(file.name), "%s", row->name);
    lookout_settle(import->lookout, &file);
    if (import->parts.conf->n_runners == 1) { /* or it lay in the folder itself */
        file.runner[0] = '\0';
        lookout_settle(import->lookout, &file);
    }
}

static void load_import(void *userdata, const struct store_import *row)
{
    struct import *import = userdata;

    past_note(&import->past, row);
    settle_row(import, row);
}

/* Of ten years' files each would have moved half of those that were there. */
static void load_imports(struct import *import)
{
    past_gather(&import->past);
    lookout_gather(import->lookout);
    store_each_import(import->parts.store, load_import, import);
    lookout_order(import->lookout);
    past_order(&import->past);
}

void import_set_conf(struct import *import, const struct conf *conf)
{
    import->parts.conf = conf;
    owners_set_conf(&import->owners, conf);
    lookout_set_conf(import->lookout, conf);
}

void import_clock_changed(struct import *import)
{
    begin_next(import);
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
    import->callbacks = callbacks;
    import->userdata = userdata;
    import->tell =
        (struct tell){ .store = parts->store, .callbacks = &tell_callbacks, .userdata = import };
    owners_set_conf(&import->owners, parts->conf);
    r = choice_new(&import->choice);
    import->intake_parts = (struct intake_parts){
        .event = parts->event,
        .worker = parts->worker,
        .state_dir = parts->state_dir,
        .past = &import->past,
        .choice = import->choice,
        .owners = &import->owners,
        .done = on_intake,
        .userdata = import,
    };
    if (r >= 0)
        r = lookout_new(&import->lookout, parts->event, parts->worker, parts->conf,
                        &lookout_callbacks, import);
    if (r < 0)
        return r;
    load_imports(import);
    r = kept_find(&import->kept, parts->worker, parts->state_dir, parts->conf, &import->past.known,
                  begin_more, import);
    if (r < 0)
        log_warning_errno(r, "Kept copies that the database does not know are not looked for: %m");
    *ret = TAKE_PTR(import);
    return 0;
}

json_t *import_list(const struct import *import)
{
    return past_list(&import->past);
}

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

    if (import->route)
        return -EBUSY;
    if (!import->parts.conf->import_folder[0])
        return -ENOENT;
    import->route_done = done;
    import->route_userdata = userdata;
    return route_file_read(&import->route, import->parts.worker, &where, on_route, import);
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
    import->stopping = true;
    lookout_stop(import->lookout);
    import->intake = intake_free(import->intake);
}

struct import *import_free(struct import *import)
{
    if (!import)
        return NULL;
    intake_free(import->intake);
    kept_free(import->kept);
    tell_done(&import->tell);
    owners_done(&import->owners);
    lookout_free(import->lookout);
    past_done(&import->past);
    choice_free(import->choice);
    free(import);
    return NULL;
}
