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
#include "daemon/import/child.h"
#include "daemon/import/kept.h"
#include "daemon/import/lookout.h"
#include "daemon/import/name.h"
#include "daemon/import/past.h"
#include "daemon/import/result.h"
#include "daemon/import/tell.h"
#include "daemon/log.h"
#include "daemon/util.h"
#include "daemon/zone.h"

struct import {
    struct import_parts parts;
    const struct import_callbacks *callbacks;
    void *userdata;
    bool stopping;

    struct zone *zones[CONF_RUNNERS_MAX];
    struct lookout *lookout;
    struct choice *choice;
    struct past past;

    struct route_file *route; /* asked for */
    void (*route_done)(void *userdata, const struct route_answer *answer);
    void *route_userdata;

    struct kept *kept;       /* copies to be read again */
    struct folder_file file; /* being read */
    bool reopened;           /* it is a kept copy; the name of the file is forgotten */
    char owner[CONF_ID_MAX]; /* whose it is */
    struct copy *copy;
    struct child *child;
    struct result *result;
    struct tell tell;
    char disk_problem[PAYLOAD_TEXT_MAX]; /* of the state folder */
};

static void begin_next(struct import *import);

static const struct conf_runner *runner_of(const struct import *import, const char *id)
{
    const struct conf *conf = import->parts.conf;

    for (size_t i = 0; i < conf->n_runners; i++)
        if (strcmp(conf->runners[i].id, id) == 0)
            return &conf->runners[i];
    return NULL;
}

const char *import_problem(const struct import *import)
{
    return import->disk_problem[0] ? import->disk_problem : lookout_problem(import->lookout);
}

/* ---- a file is through ------------------------------------------------------------------------- */

static void end_file(struct import *import)
{
    import->child = child_free(import->child);
    import->copy = copy_free(import->copy);
    free(import->result);
    import->result = NULL;
}

static void next_file(struct import *import)
{
    end_file(import);
    begin_next(import);
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

static void finish(struct import *import)
{
    int r = tell_result(&import->tell, import->result, import->reopened ? NULL : &import->file);

    if (r < 0) {
        log_error_errno(r, "Failed to store the import of %s: %m", import->result->import.name);
    } else {
        result_log(import->result);
        past_note(&import->past, &import->result->import);
        if (import->result->n_sessions > 0)
            import->callbacks->on_sessions(import->userdata, import->result->sessions,
                                           import->result->n_sessions, import->result->choices,
                                           import->result->n_choices);
    }
    lookout_settle(import->lookout, &import->file);
    next_file(import);
}

/* ---- the verdict ------------------------------------------------------------------------------- */

static int new_result(struct import *import, const char *hash)
{
    struct store_import *row;

    import->result = calloc(1, sizeof(*import->result));
    if (!import->result)
        return -ENOMEM;
    row = &import->result->import;
    row->size = import->file.size;
    row->mtime_nsec = import->file.mtime_nsec;
    row->at_usec = clock_wall_usec();
    snprintf(row->hash, sizeof(row->hash), "%s", hash);
    snprintf(row->runner, sizeof(row->runner), "%s", import->owner);
    import_name_text(import->file.name, row->name, sizeof(row->name));
    return 0;
}

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
    end_file(import);
    lookout_retry(import->lookout, LOOKOUT_RESCAN_USEC / 10);
}

static void on_kept(void *userdata, int result)
{
    struct import *import = userdata;

    if (import->stopping)
        return end_file(import);
    if (result != 0)
        return disk_failed(import, result < 0 ? result : copy_error(import->copy));
    say_disk(import, "");
    finish(import);
}

static void take(struct import *import, const struct report *report)
{
    const struct conf *conf = import->parts.conf;
    const struct conf_runner *runner = runner_of(import, import->owner);
    struct zone *zone = runner ? import->zones[runner - conf->runners] : NULL;
    struct tz utc;
    int r;

    tz_init_utc(&utc);
    result_take(import->result, report, zone ? zone_tz(zone) : &utc);
    r = result_choose(import->result, import->choice);
    if (r >= 0)
        r = copy_keep(import->copy, on_kept, import);
    if (r < 0) {
        log_error_errno(r, "Failed to import %s: %m", import->result->import.name);
        next_file(import);
    }
}

static void on_read(void *userdata, enum child_result outcome, const union child_said *said)
{
    static const char *const reasons[] = {
        [CHILD_E_KILLED] = "Refused: reading it took more memory or time than a run can need",
        [CHILD_E_SLOW] = "Refused: reading it took too long",
        [CHILD_E_FAILED] = "Refused: the process that was to read it failed",
        [CHILD_E_NONSENSE] = "Refused: what was read from it makes no sense",
    };
    struct import *import = userdata;
    const struct report *report = said ? &said->report : NULL;

    if (outcome == CHILD_OK && report_is_taken(report))
        return take(import, report);
    result_refuse(import->result, "%s", outcome == CHILD_OK ? report->reason : reasons[outcome]);
    finish(import);
}

static int read_copy(struct import *import)
{
    const struct conf_runner *runner = runner_of(import, import->owner);
    struct orders orders = { .errand = ERRAND_ACTIVITY, .newest_usec = clock_wall_usec() };
    _cleanup_close_ int fd = copy_open(import->copy);

    if (fd < 0)
        return fd;
    if (runner) {
        orders.barometric = runner->file_altitude == CONF_ALTITUDE_BAROMETRIC;
        orders.runner = (struct exertion_runner){ runner->sex, runner->max_heart_rate_bpm,
                                                  runner->rest_heart_rate_bpm, runner->birth_year };
    }
    return child_start(&import->child, import->parts.event, fd, &orders, on_read, import);
}

/* Known, of somebody else, or to be read. */
static void judge_content(struct import *import)
{
    const char *hash = copy_hash(import->copy);
    int r;

    if (past_knows(&import->past, hash, import->owner)) {
        if (!import->reopened && past_is_taken(&import->past, hash))
            on_stored(import, &import->file, hash);
        lookout_settle(import->lookout, &import->file);
        return next_file(import);
    }
    r = new_result(import, hash);
    if (r >= 0 && past_is_taken(&import->past, hash)) {
        result_refuse(import->result, "Refused: the same file was imported for another runner");
        return finish(import);
    }
    if (r >= 0)
        r = read_copy(import);
    if (r < 0) {
        log_error_errno(r, "Failed to read %s: %m", import->file.name);
        next_file(import);
    }
}

/* Whose it is must be known for a row; it is refused again after the next start, if it still lies
 * there. */
static void refuse_unowned(struct import *import, const char *reason)
{
    if (new_result(import, "") >= 0) {
        result_refuse(import->result, "Refused: %s", reason);
        result_log(import->result);
        past_show(&import->past, &import->result->import);
    }
    lookout_settle(import->lookout, &import->file);
    next_file(import);
}

/* What was not read has no content to be known by: its looks stand for it. */
static void refuse_large(struct import *import)
{
    const struct folder_file *file = &import->file;
    uint64_t looks = folder_file_key(file->runner, file->name, file->size, file->mtime_nsec);
    char hash[SHA256_TEXT_MAX];
    uint8_t bytes[SHA256_BYTES];
    struct sha256 sha;

    sha256_init(&sha);
    sha256_add(&sha, &looks, sizeof(looks));
    sha256_end(&sha, bytes);
    sha256_text(bytes, hash);
    if (new_result(import, hash) < 0)
        return next_file(import);
    result_refuse(import->result, "Refused: it is larger than %d MB", (int)(COPY_SIZE_MAX >> 20));
    finish(import);
}

/* Nothing is told of it: the file itself may still come. */
static void skip_kept(struct import *import, int result)
{
    log_warning("The kept copy %s/%s cannot be read again: %s", import->owner, import->file.name,
                result == COPY_E_DAMAGED ? "it is not what it was" : strerrordesc_np(-result));
    next_file(import);
}

static void on_copied(void *userdata, int result)
{
    struct import *import = userdata;

    if (import->stopping)
        return end_file(import);
    if (result == COPY_OK)
        return judge_content(import);
    if (result == COPY_E_DISK)
        return disk_failed(import, copy_error(import->copy));
    if (result == COPY_E_LARGE)
        return refuse_large(import);
    if (result == COPY_E_DAMAGED || (result < 0 && import->reopened))
        return skip_kept(import, result);
    if (result < 0 && result != -ENOENT)
        lookout_deny(import->lookout, &import->file, result);
    next_file(import); /* it changes, or is gone: the next look tells */
}

/* A file in the folder itself is the only runner's. */
static bool find_owner(struct import *import)
{
    const struct conf *conf = import->parts.conf;

    snprintf(import->owner, sizeof(import->owner), "%s",
             import->file.runner[0] ? import->file.runner
             : conf->n_runners == 1 ? conf->runners[0].id
                                    : "");
    if (import->owner[0])
        return true;
    refuse_unowned(import, conf->n_runners == 0
                               ? "no runner is configured"
                               : "it lies in the folder itself, and there are several runners: it "
                                 "belongs in the subfolder of one");
    return false;
}

static bool may_begin(const struct import *import)
{
    return !import->stopping && !import->copy &&
           timekeeper_state(import->parts.timekeeper) != CLOCK_UNSET;
}

static int begin_kept(struct import *import, const struct kept_file *kept)
{
    import->reopened = true;
    import->file = (struct folder_file){ 0 };
    snprintf(import->owner, sizeof(import->owner), "%s", kept->runner);
    snprintf(import->file.runner, sizeof(import->file.runner), "%s", kept->runner);
    snprintf(import->file.name, sizeof(import->file.name), "%s.gz", kept->hash);
    return copy_reopen(&import->copy, import->parts.worker, import->parts.state_dir, import->owner,
                       kept->hash, on_copied, import);
}

static int begin_file(struct import *import)
{
    import->reopened = false;
    return copy_begin(&import->copy, import->parts.worker, import->parts.state_dir, import->owner,
                      import->parts.conf->import_folder, &import->file, on_copied, import);
}

static void begin_next(struct import *import)
{
    struct kept_file kept;
    int r = 0;

    if (!may_begin(import))
        return;
    if (lookout_take(import->lookout, &import->file))
        r = find_owner(import) ? begin_file(import) : 0;
    else if (lookout_is_idle(import->lookout) && kept_take(import->kept, &kept))
        r = begin_kept(import,
                       &kept); /* last: it has no name left, and its file may still be found */
    if (r < 0)
        log_error_errno(r, "Failed to copy %s: %m", import->file.name);
}

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

static void load_session(void *userdata, const struct store_session *session)
{
    struct import *import = userdata;

    (void)choice_load(import->choice, session);
}

static void load_zones(struct import *import)
{
    const struct conf *conf = import->parts.conf;

    for (size_t i = 0; i < CONF_RUNNERS_MAX; i++) {
        import->zones[i] = zone_free(import->zones[i]);
        if (i < conf->n_runners)
            (void)zone_load(&import->zones[i], conf->runners[i].time_zone);
    }
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

void import_set_conf(struct import *import, const struct conf *conf)
{
    import->parts.conf = conf;
    load_zones(import);
    lookout_set_conf(import->lookout, conf);
}

void import_clock_changed(struct import *import)
{
    begin_next(import);
}

static void begin_more(void *userdata)
{
    begin_next(userdata);
}

static bool is_busy(void *userdata)
{
    const struct import *import = userdata;

    return import->copy;
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
    load_zones(import);
    r = choice_new(&import->choice);
    if (r >= 0)
        r = lookout_new(&import->lookout, parts->event, parts->worker, parts->conf,
                        &lookout_callbacks, import);
    if (r < 0)
        return r;
    if (!store_read_sessions(parts->store, load_session, import))
        log_warning("Not every session is known: the same run may be counted twice");
    store_each_import(parts->store, load_import, import);
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
    import->child = child_free(import->child);
}

struct import *import_free(struct import *import)
{
    if (!import)
        return NULL;
    end_file(import);
    kept_free(import->kept);
    tell_done(&import->tell);
    for (size_t i = 0; i < CONF_RUNNERS_MAX; i++)
        zone_free(import->zones[i]);
    lookout_free(import->lookout);
    past_done(&import->past);
    choice_free(import->choice);
    free(import);
    return NULL;
}
