/* SPDX-License-Identifier: MIT */
#include "daemon/entries/logged.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "daemon/array.h"
#include "daemon/entries/paper.h"
#include "daemon/log.h"
#include "daemon/util.h"
#include "lib/sha256.h"
#include "lib/tz.h"

struct reading { /* of all that were kept; the worker's until it is done */
    struct logged *logged;
    struct papers papers;
    struct logged_run *all;
    size_t n, n_bad;
};

struct logged {
    struct logged_parts parts;
    char *state_dir;
    struct changing *changing; /* not answered yet */
    bool reading;
};

struct changing {
    struct logged *logged;
    struct changing *next;
    struct papers papers;
    struct logged_run run; /* as it is said; else: */
    char id[SESSION_ID_MAX], runner[CONF_ID_MAX];
    int64_t discarded_usec;
    bool restored;
    logged_done done;
    void *userdata;
};

static struct papers papers_of(const struct logged *logged)
{
    return (struct papers){ .state_dir = logged->state_dir, .folder = LOGGED_FOLDER };
}

/* ---- its row ----------------------------------------------------------------------------------- */

static bool is_taken(const struct logged *logged, const char *id)
{
    if (store_session_ended(logged->parts.store, id))
        return true;
    for (const struct changing *changing = logged->changing; changing; changing = changing->next)
        if (strcmp(changing->run.id, id) == 0)
            return true;
    return false;
}

void logged_make_id(const struct logged *logged, int64_t now_usec, char ret[SESSION_ID_MAX])
{
    time_t seconds = (time_t)(now_usec / 1000000);
    struct tm utc;
    char when[32];

    strftime(when, sizeof(when), "%Y%m%dT%H%M%SZ", gmtime_r(&seconds, &utc));
    snprintf(ret, SESSION_ID_MAX, "hand-%s", when);
    for (unsigned again = 2; is_taken(logged, ret) && again < 1000; again++)
        snprintf(ret, SESSION_ID_MAX, "hand-%s.%u", when, again);
}

/* It is of no recording, so it is somebody's file, and of nobody's import. */
static void set_file(const char *id, char ret[STORE_HASH_MAX])
{
    uint8_t hash[SHA256_BYTES];
    struct sha256 sha;

    sha256_init(&sha);
    sha256_add(&sha, id, strlen(id));
    sha256_end(&sha, hash);
    sha256_text(hash, ret);
}

/* Where a person tells the descent, it is that of the whole way. */
static void set_hills(const struct logged_run *run, struct payload_session *session)
{
    session->hills.ascent_m = run->ascent_m;
    session->hills.drop_m = run->downhill_drop_m;
    if (isnan(run->downhill_drop_m))
        return;
    session->hills.altitude_m = run->distance_m;
    session->hills.coverage_pct = 100;
}

void logged_row(const struct logged_run *run, struct store_session *ret)
{
    struct payload_session *session = &ret->session;
    struct tz utc;

    store_session_init(ret);
    tz_init_utc(&utc);
    snprintf(session->id, sizeof(session->id), "%s", run->id);
    snprintf(session->runner, sizeof(session->runner), "%s", run->runner);
    session->kind = run->kind;
    session->state = run->discarded_usec ? SESSION_DISCARDED : SESSION_ENDED;
    tz_day_text(&utc, run->day * 86400, session->day);
    session->start_usec = run->start_usec;
    session->end_usec = run->start_usec + (int64_t)(run->moving_s * 1e6);
    session->elapsed_s = session->moving_s = run->moving_s;
    session->distance_m = run->distance_m;
    set_hills(run, session);
    snprintf(session->source.distance, sizeof(session->source.distance), STORE_BY_HAND);
    ret->utc_offset_s = run->utc_offset_s;
    snprintf(ret->reason, sizeof(ret->reason), "%s",
             run->discarded_usec                 ? "discarded by command"
             : run->start_min == LOGGED_NO_START ? STORE_BY_HAND_UNTIMED
                                                 : "logged by hand");
    set_file(run->id, ret->file);
}

/* ---- what was kept ----------------------------------------------------------------------------- */

static int take(void *userdata, const char *id, const char *text)
{
    struct reading *reading = userdata;
    struct logged_run run, *kept;

    if (!logged_parse(&run, id, text)) {
        reading->n_bad++;
        return 0;
    }
    kept = ARRAY_ADD(reading->all, reading->n);
    if (!kept)
        return -ENOMEM;
    *kept = run;
    return 0;
}

static int run_read(void *data)
{
    struct reading *reading = data;

    return paper_each(&reading->papers, take, reading);
}

/* What was told by another database is no news to this one. */
static bool is_rebuilt(const struct store *store, const struct logged_run *run)
{
    return run->said_usec < store_made_usec(store);
}

static size_t put_missing(const struct logged *logged, const struct reading *reading)
{
    struct store *store = logged->parts.store;
    struct store_session row;
    size_t n = 0;

    for (size_t i = 0; i < reading->n; i++) {
        if (!store_was_read(store) || store_session_ended(store, reading->all[i].id))
            continue;
        logged_row(&reading->all[i], &row);
        row.rebuilt = is_rebuilt(store, &reading->all[i]);
        logged->parts.on_missing(logged->parts.userdata, &row);
        n++;
    }
    return n;
}

static void on_read(void *data, int result)
{
    struct reading *reading = data;
    struct logged *logged = reading->logged;
    size_t n;

    logged->reading = false;
    if (result < 0)
        log_warning_errno(result, "Not all runs that were logged by hand can be read: %m");
    if (reading->n_bad > 0)
        log_warning("%zu texts in " LOGGED_FOLDER "/ are no runs, and are left as they are",
                    reading->n_bad);
    n = put_missing(logged, reading);
    if (n > 0)
        log_notice("The database did not have %zu runs that were logged by hand: it does again", n);
    free(reading->all);
    free(reading);
}

static int read_all(struct logged *logged)
{
    struct reading *reading = calloc(1, sizeof(*reading));
    const struct worker_job job = { run_read, on_read, reading };
    int r;

    if (!reading)
        return -ENOMEM;
    *reading = (struct reading){ .logged = logged, .papers = papers_of(logged) };
    r = worker_post(logged->parts.worker, &job);
    if (r < 0)
        free(reading);
    logged->reading = r >= 0;
    return r;
}

/* ---- what is said ------------------------------------------------------------------------------ */

static void unlink_and_free(struct changing *changing)
{
    struct changing **at = &changing->logged->changing;

    while (*at != changing)
        at = &(*at)->next;
    *at = changing->next;
    free(changing);
}

static void on_changed(void *data, int result)
{
    struct changing *changing = data;

    changing->done(changing->userdata, result);
    unlink_and_free(changing);
}

static int write_run(const struct changing *changing, const struct logged_run *run)
{
    char text[LOGGED_TEXT_MAX];

    _Static_assert(LOGGED_TEXT_MAX <= PAPER_TEXT_MAX, "it fits");
    logged_format(run, text);
    return paper_write(&changing->papers, run->id, text);
}

static int run_keep(void *data)
{
    const struct changing *changing = data;

    return write_run(changing, &changing->run);
}

/* One whose text is gone is a row alone: that says it then. */
static int run_change(void *data)
{
    const struct changing *changing = data;
    char text[PAPER_TEXT_MAX];
    struct logged_run run;
    int r = paper_read(&changing->papers, changing->id, text);

    if (r < 0)
        return r == -ENOENT ? 0 : r;
    if (!logged_parse(&run, changing->id, text))
        return -EBADMSG;
    if (changing->discarded_usec)
        run.discarded_usec = changing->discarded_usec;
    if (changing->restored)
        run.discarded_usec = 0;
    if (changing->runner[0])
        memcpy(run.runner, changing->runner, sizeof(run.runner));
    return write_run(changing, &run);
}

static int post(struct logged *logged, const struct changing *what, int (*run)(void *data))
{
    struct changing *changing = malloc(sizeof(*changing));
    const struct worker_job job = { run, on_changed, changing };
    int r;

    if (!changing)
        return -ENOMEM;
    *changing = *what;
    changing->logged = logged;
    changing->papers = papers_of(logged);
    r = worker_post(logged->parts.worker, &job);
    if (r < 0) {
        free(changing);
        return r;
    }
    changing->next = logged->changing;
    logged->changing = changing;
    return 0;
}

int logged_keep(struct logged *logged, const struct logged_run *run, logged_done done,
                void *userdata)
{
    return post(logged, &(struct changing){ .run = *run, .done = done, .userdata = userdata },
                run_keep);
}

int logged_discard(struct logged *logged, const char *id, int64_t at_usec, logged_done done,
                   void *userdata)
{
    struct changing what = { .discarded_usec = at_usec, .done = done, .userdata = userdata };

    snprintf(what.id, sizeof(what.id), "%s", id);
    return post(logged, &what, run_change);
}

int logged_give(struct logged *logged, const char *id, const char *runner, logged_done done,
                void *userdata)
{
    struct changing what = { .done = done, .userdata = userdata };

    snprintf(what.id, sizeof(what.id), "%s", id);
    snprintf(what.runner, sizeof(what.runner), "%s", runner);
    return post(logged, &what, run_change);
}

int logged_restore(struct logged *logged, const char *id, logged_done done, void *userdata)
{
    struct changing what = { .restored = true, .done = done, .userdata = userdata };

    snprintf(what.id, sizeof(what.id), "%s", id);
    return post(logged, &what, run_change);
}

/* A disk that is read-only refuses it of what is not there as well. */
static int run_forget(void *data)
{
    const struct changing *changing = data;
    char text[PAPER_TEXT_MAX];
    int r = paper_remove(&changing->papers, changing->id);

    return r == -EROFS && paper_read(&changing->papers, changing->id, text) == -ENOENT ? 0 : r;
}

int logged_forget(struct logged *logged, const char *id, logged_done done, void *userdata)
{
    struct changing what = { .done = done, .userdata = userdata };

    snprintf(what.id, sizeof(what.id), "%s", id);
    return post(logged, &what, run_forget);
}

int logged_read_again(struct logged *logged)
{
    return logged->reading ? 0 : read_all(logged);
}

/* ---- life -------------------------------------------------------------------------------------- */

bool logged_is_reading(const struct logged *logged)
{
    return logged->reading;
}

int logged_new(struct logged **ret, const struct logged_parts *parts)
{
    struct logged *logged = calloc(1, sizeof(*logged));
    int r;

    if (!logged)
        return -ENOMEM;
    logged->parts = *parts;
    logged->state_dir = strdup(parts->state_dir);
    r = logged->state_dir ? read_all(logged) : -ENOMEM;
    if (r < 0)
        logged_free(logged);
    else
        *ret = logged;
    return r;
}

struct logged *logged_free(struct logged *logged)
{
    if (!logged)
        return NULL;
    while (logged->changing) /* of a disk that never answered */
        unlink_and_free(logged->changing);
    free(logged->state_dir);
    free(logged);
    return NULL;
}
