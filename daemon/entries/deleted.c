/* SPDX-License-Identifier: MIT */
#include "daemon/entries/deleted_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/array.h"
#include "daemon/clock.h"
#include "daemon/log.h"
#include "daemon/util.h"

#define LOOK_USEC  UINT64_C(3600000000) /* at those whose day is over */
#define AGAIN_USEC UINT64_C(60000000)   /* while something is to be done again */
#define AT_ONCE    16                   /* done again; the others at the next look */

struct held {
    struct deleted_session session;
    bool unsettled;   /* not all of it is done, or nobody knows: of before this start */
    bool going;       /* for good */
    bool coming_back; /* what is under way, or was cut off, is not to be undone by the day's end */
    bool unread_is_said; /* that its recording cannot be read */
    uint64_t since_usec; /* it is; 0: from before this start on */
};

struct deleted {
    struct deleted_parts parts;
    char *state_dir;
    struct held *all;
    size_t n;
    struct change *changes; /* on the worker */
    struct clock_timer *timer;
};

enum change_kind {
    CHANGE_READ,
    CHANGE_KEEP,
    CHANGE_ASIDE,
    CHANGE_BACK,
    CHANGE_FORGET,
    CHANGE_REMOVE,
};

struct change {
    struct deleted *deleted;
    struct change *next;
    enum change_kind kind;
    const char *state_dir; /* the deleted's, which outlives the worker */
    struct deleted_session session;
    bool whole;
    bool dated;                   /* of CHANGE_KEEP: it is held already */
    struct deleted_session *read; /* of CHANGE_READ */
    size_t n_read, n_bad;
    int unread; /* why its recording was not, or not to its end; 0: it was, or there is none */
    deleted_done done;
    void *userdata;
};

static size_t find(const struct deleted *deleted, const char *id)
{
    size_t i = 0;

    while (i < deleted->n && strcmp(deleted->all[i].session.id, id) != 0)
        i++;
    return i;
}

const struct deleted_session *deleted_find(const struct deleted *deleted, const char *id)
{
    size_t i = find(deleted, id);

    return i < deleted->n && !deleted->all[i].going ? &deleted->all[i].session : NULL;
}

static int hold(struct deleted *deleted, const struct deleted_session *session, uint64_t since_usec)
{
    size_t i = find(deleted, session->id);
    struct held *held = i < deleted->n ? &deleted->all[i] : ARRAY_ADD(deleted->all, deleted->n);

    if (!held)
        return -ENOMEM;
    *held = (struct held){ .session = *session, .unsettled = true, .since_usec = since_usec };
    return 0;
}

static void let_go(struct deleted *deleted, const char *id)
{
    size_t i = find(deleted, id);

    if (i < deleted->n)
        deleted->all[i] = deleted->all[--deleted->n];
}

/* ---- on the worker ----------------------------------------------------------------------------- */

static struct papers papers_of(const struct change *change)
{
    return (struct papers){ .state_dir = change->state_dir, .folder = DELETED_FOLDER };
}

static int take(void *userdata, const char *id, const char *text)
{
    struct change *change = userdata;
    struct deleted_session session, *read;

    if (!deleted_parse(&session, id, text)) {
        change->n_bad++;
        return 0;
    }
    read = ARRAY_ADD(change->read, change->n_read);
    if (!read)
        return -ENOMEM;
    *read = session;
    return 0;
}

static int keep(struct change *change)
{
    const struct papers papers = papers_of(change);
    char text[PAPER_TEXT_MAX];
    int r;

    deleted_format(&change->session, text);
    r = paper_write(&papers, change->session.id, text);
    return r == 0 && !change->session.file[0]
               ? deleted_put_aside(change->state_dir, change->session.id, &change->unread)
               : r;
}

static int run(void *data)
{
    struct change *change = data;
    const struct papers papers = papers_of(change);

    switch (change->kind) {
    case CHANGE_READ:
        return paper_each(&papers, take, change);
    case CHANGE_KEEP:
        return keep(change);
    case CHANGE_ASIDE:
        return deleted_put_aside(change->state_dir, change->session.id, &change->unread);
    case CHANGE_BACK:
        return deleted_put_back(change->state_dir, change->session.id, &change->unread);
    case CHANGE_FORGET:
        return paper_remove(&papers, change->session.id);
    case CHANGE_REMOVE:
        return deleted_remove(change->state_dir, &change->session, change->whole, &change->unread);
    }
    return -EINVAL;
}

/* ---- on the loop ------------------------------------------------------------------------------- */

static void unlink_and_free(struct change *change)
{
    struct change **at = &change->deleted->changes;

    while (*at != change)
        at = &(*at)->next;
    *at = change->next;
    free(change->read);
    free(change);
}

static void arm(struct deleted *deleted)
{
    bool again = false;

    for (size_t i = 0; i < deleted->n; i++)
        again = again || (deleted->all[i].unsettled && !deleted->all[i].coming_back);
    clock_timer_set(deleted->timer, deleted->n == 0
                                        ? CLOCK_NEVER
                                        : clock_now_usec() + (again ? AGAIN_USEC : LOOK_USEC));
}

static void have_read(struct change *change, int result)
{
    struct deleted *deleted = change->deleted;

    if (result < 0)
        log_warning_errno(result, "Not all that was deleted can be read: %m");
    if (change->n_bad > 0)
        log_warning("%zu texts in " DELETED_FOLDER "/ cannot be understood, and are left alone",
                    change->n_bad);
    for (size_t i = 0; i < change->n_read; i++)
        (void)hold(deleted, &change->read[i], 0);
    if (deleted->n > 0)
        clock_timer_set(deleted->timer, clock_now_usec());
}

static void have_removed(struct change *change, int result)
{
    struct deleted *deleted = change->deleted;
    size_t i = find(deleted, change->session.id);

    if (result < 0) {
        log_warning_errno(result, "What session %s was made of is not taken away yet: %m",
                          change->session.id);
        if (i < deleted->n)
            deleted->all[i].going = false;
        return;
    }
    log_info("session %s: deleted a day ago, and gone for good", change->session.id);
    let_go(deleted, change->session.id);
}

/* It may be done again each minute. */
static void say_unread(struct deleted *deleted, const struct change *change)
{
    size_t i = find(deleted, change->session.id);

    if (!change->unread || (i < deleted->n && deleted->all[i].unread_is_said))
        return;
    log_warning_errno(
        change->unread,
        "Recording %s cannot be read; others that it took in are left where they are: %m",
        change->session.id);
    if (i < deleted->n)
        deleted->all[i].unread_is_said = true;
}

static void on_changed(void *data, int result)
{
    struct change *change = data;
    struct deleted *deleted = change->deleted;

    if (change->kind == CHANGE_KEEP && result >= 0 && !change->dated)
        result = hold(deleted, &change->session, clock_now_usec());
    say_unread(deleted, change);
    if (change->kind == CHANGE_READ)
        have_read(change, result);
    else if (change->kind == CHANGE_REMOVE)
        have_removed(change, result);
    else if (change->kind == CHANGE_FORGET && result >= 0)
        let_go(deleted, change->session.id);
    if (change->kind != CHANGE_READ)
        arm(deleted);
    if (change->done)
        change->done(change->userdata, result);
    unlink_and_free(change);
}

static int post(struct deleted *deleted, const struct change *what)
{
    struct change *change = malloc(sizeof(*change));
    const struct worker_job job = { run, on_changed, change };
    int r;

    if (!change)
        return -ENOMEM;
    *change = *what;
    change->deleted = deleted;
    change->state_dir = deleted->state_dir;
    r = worker_post(deleted->parts.worker, &job);
    if (r < 0) {
        free(change);
        return r;
    }
    change->next = deleted->changes;
    deleted->changes = change;
    return 0;
}

static int post_id(struct deleted *deleted, enum change_kind kind, const char *id,
                   deleted_done done, void *userdata)
{
    struct change change = { .kind = kind, .done = done, .userdata = userdata };

    snprintf(change.session.id, sizeof(change.session.id), "%s", id);
    return post(deleted, &change);
}

int deleted_keep(struct deleted *deleted, const struct deleted_session *session, deleted_done done,
                 void *userdata)
{
    const struct deleted_session *held = deleted_find(deleted, session->id);
    struct change change = { .session = *session, .done = done, .userdata = userdata };

    if (held)
        return post_id(deleted, CHANGE_ASIDE, session->id, done, userdata);
    change.kind = CHANGE_KEEP;
    return post(deleted, &change);
}

int deleted_bring_back(struct deleted *deleted, const char *id, deleted_done done, void *userdata)
{
    return post_id(deleted, CHANGE_BACK, id, done, userdata);
}

int deleted_forget(struct deleted *deleted, const char *id, deleted_done done, void *userdata)
{
    return post_id(deleted, CHANGE_FORGET, id, done, userdata);
}

void deleted_comes_back(struct deleted *deleted, const char *id, bool does)
{
    size_t i = find(deleted, id);

    if (i < deleted->n)
        deleted->all[i].coming_back = does;
}

void deleted_settled(struct deleted *deleted, const char *id)
{
    size_t i = find(deleted, id);

    if (i == deleted->n)
        return;
    deleted->all[i].unsettled = false;
    clock_timer_set(deleted->timer, clock_now_usec()); /* its day may be over by now */
}

/* ---- whose day is over ------------------------------------------------------------------------- */

/* With one that is not going: it may come back yet, and needs the file then. */
static bool shares_its_file(const struct deleted *deleted, const struct deleted_session *session)
{
    for (size_t i = 0; session->file[0] && i < deleted->n; i++)
        if (!deleted->all[i].going && strcmp(deleted->all[i].session.file, session->file) == 0 &&
            strcmp(deleted->all[i].session.id, session->id) != 0)
            return true;
    return false;
}

/* Its row is gone; or it stays, as others of its file do; or there is none yet, and it is tried again. */
static void on_purged(void *userdata, int result, bool whole)
{
    struct change *purge = userdata;
    struct deleted *deleted = purge->deleted;
    size_t i = find(deleted, purge->session.id);
    struct change change = { .kind = CHANGE_REMOVE, .session = purge->session, .whole = whole };

    if (result < 0 || post(deleted, &change) < 0)
        if (i < deleted->n)
            deleted->all[i].going = false; /* at the next look */
    unlink_and_free(purge);
}

static void purge(struct deleted *deleted, struct held *held)
{
    struct change *change = calloc(1, sizeof(*change));

    if (!change)
        return;
    *change =
        (struct change){ .deleted = deleted, .next = deleted->changes, .session = held->session };
    deleted->changes = change;
    held->going = true;
    if (store_purge_session(deleted->parts.store, held->session.id, held->session.file,
                            shares_its_file(deleted, &held->session), on_purged, change) < 0) {
        held->going = false;
        unlink_and_free(change);
    }
}

/* Of one that was deleted while nobody knew the time, the day begins now. */
static void date(struct deleted *deleted, struct held *held, int64_t wall_usec)
{
    struct change change = { .kind = CHANGE_KEEP, .dated = true };

    held->session.at_usec = wall_usec;
    change.session = held->session;
    (void)post(deleted, &change);
}

/* A day by both clocks: one that was behind and is set would take it away at once. */
static bool is_over(const struct held *held, int64_t wall_usec, uint64_t now_usec)
{
    return !held->going && !held->coming_back && (!held->unsettled || held->session.file[0]) &&
           wall_usec - held->session.at_usec >= DELETED_KEPT_USEC &&
           (held->since_usec == 0 || now_usec - held->since_usec >= (uint64_t)DELETED_KEPT_USEC);
}

static void look_at_the_day(struct deleted *deleted)
{
    int64_t wall_usec = clock_wall_usec();

    if (timekeeper_state(deleted->parts.timekeeper) == CLOCK_UNSET)
        return;
    for (size_t i = 0; i < deleted->n; i++)
        if (deleted->all[i].session.at_usec == 0 && !deleted->all[i].coming_back)
            date(deleted, &deleted->all[i], wall_usec);
        else if (is_over(&deleted->all[i], wall_usec, clock_now_usec()))
            purge(deleted, &deleted->all[i]);
}

static void on_timer(void *userdata, uint64_t now_usec)
{
    struct deleted *deleted = userdata;
    size_t n = 0;

    for (size_t i = 0; i < deleted->n && n < AT_ONCE; i++)
        if (deleted->all[i].unsettled && !deleted->all[i].coming_back) {
            struct deleted_session session = deleted->all[i].session;

            n++;
            deleted->parts.on_found(deleted->parts.userdata, &session);
        }
    look_at_the_day(deleted);
    arm(deleted);
}

void deleted_clock_changed(struct deleted *deleted)
{
    if (deleted)
        look_at_the_day(deleted);
}

/* ---- life -------------------------------------------------------------------------------------- */

int deleted_new(struct deleted **ret, const struct deleted_parts *parts)
{
    struct deleted *deleted = calloc(1, sizeof(*deleted));
    int r;

    if (!deleted)
        return -ENOMEM;
    deleted->parts = *parts;
    deleted->state_dir = strdup(parts->state_dir);
    r = deleted->state_dir
            ? clock_timer_new(&deleted->timer, parts->event, CLOCK_NEVER, on_timer, deleted)
            : -ENOMEM;
    if (r >= 0)
        r = post(deleted, &(struct change){ .kind = CHANGE_READ });
    if (r < 0)
        deleted_free(deleted);
    else
        *ret = deleted;
    return r;
}

struct deleted *deleted_free(struct deleted *deleted)
{
    if (!deleted)
        return NULL;
    while (deleted->changes) /* of a disk that never answered */
        unlink_and_free(deleted->changes);
    clock_timer_unref(deleted->timer);
    free(deleted->all);
    free(deleted->state_dir);
    free(deleted);
    return NULL;
}
