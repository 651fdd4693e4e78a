/* SPDX-License-Identifier: MIT */
#include "daemon/noted.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/clock.h"
#include "daemon/log.h"

/* A file of the same run may begin so much before it, and count in its place. */
#define SAME_RUN_USEC (INT64_C(86400) * 1000000)

struct view { /* of a runner, by the place in the configuration */
    struct noted *noted;
    char runner[CONF_ID_MAX];
    bool known, looking, again;
    int64_t start_usec; /* of the one that is told */
    struct payload_note told;
};

struct noted {
    struct noted_parts parts;
    struct view views[CONF_RUNNERS_MAX];
    char said_of[SESSION_ID_MAX]; /* last, and it may be open: */
    struct note said;
};

static size_t place_of(const struct view *view)
{
    return (size_t)(view - view->noted->views);
}

/* ---- telling ------------------------------------------------------------------------------------- */

static void tell(struct view *view)
{
    const struct noted_parts *parts = &view->noted->parts;

    publisher_note(parts->publisher, &parts->conf->runners[place_of(view)], &view->told);
}

static void take(struct view *view, const struct payload_session *session, const struct note *note)
{
    payload_note_init(&view->told);
    view->start_usec = session ? session->start_usec : 0;
    if (session) {
        memcpy(view->told.session, session->id, sizeof(view->told.session));
        memcpy(view->told.day, session->day, sizeof(view->told.day));
        view->told.note = *note;
    }
    view->known = true;
    tell(view);
}

/* ---- looking ------------------------------------------------------------------------------------- */

/* The one that is open, or that ended and waits for a date or for room: as `session note` finds it. */
static bool find_in_hand(const struct view *view, struct payload_session *ret)
{
    const struct sessions *sessions = view->noted->parts.sessions;
    size_t slot = sessions_slot_of_runner(sessions, place_of(view));

    return (slot != TRACKER_NONE && sessions_summary(sessions, slot, clock_now_usec(), ret)) ||
           (sessions_last(sessions, view->runner, ret) && ret->state != SESSION_DISCARDED &&
            sessions_has_in_hand(sessions, ret->id));
}

static bool take_in_hand(struct view *view)
{
    const struct noted *noted = view->noted;
    struct payload_session session;
    struct note note;

    if (!find_in_hand(view, &session))
        return false;
    note_init(&note);
    if (strcmp(noted->said_of, session.id) == 0)
        note = noted->said;
    else if (view->known && strcmp(view->told.session, session.id) == 0)
        note = view->told.note; /* said before something was said of another */
    take(view, &session, &note);
    return true;
}

static bool is_configured(const struct view *view)
{
    return place_of(view) < view->noted->parts.conf->n_runners;
}

static void look(struct view *view);

static void on_found(void *userdata, int result, const struct store_session *row)
{
    struct view *view = userdata;

    view->looking = false;
    if (view->again || !is_configured(view))
        look(view);
    else if (take_in_hand(view))
        return;
    else if (result == 0)
        take(view, &row->session, &row->note);
    else if (result == -ENOENT)
        take(view, NULL, NULL);
    else
        log_warning("What was said of the last session of %s cannot be read", view->runner);
}

static void look(struct view *view)
{
    view->again = view->looking; /* it may have been asked before what is new */
    if (view->looking || !is_configured(view) || take_in_hand(view))
        return;
    view->looking = store_find_latest(view->noted->parts.store, view->runner, on_found, view) >= 0;
}

void noted_look(struct noted *noted, size_t runner)
{
    look(&noted->views[runner]);
}

void noted_look_all(struct noted *noted)
{
    for (size_t i = 0; i < noted->parts.conf->n_runners; i++)
        look(&noted->views[i]);
}

void noted_take(struct noted *noted, const struct store_session *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t runner = conf_find_runner(noted->parts.conf, rows[i].session.runner);

        if (runner < noted->parts.conf->n_runners &&
            (rows[i].session.start_usec == 0 ||
             rows[i].session.start_usec + SAME_RUN_USEC >= noted->views[runner].start_usec))
            look(&noted->views[runner]);
    }
}

void noted_change(struct noted *noted, const char *id, const struct note *note)
{
    snprintf(noted->said_of, sizeof(noted->said_of), "%s", id);
    noted->said = *note;
    for (size_t i = 0; i < noted->parts.conf->n_runners; i++)
        if (strcmp(noted->views[i].told.session, id) == 0) {
            noted->views[i].told.note = *note;
            tell(&noted->views[i]);
        }
}

/* ---- life ---------------------------------------------------------------------------------------- */

/* A question that is under way was of somebody else, maybe: it is asked again. */
static void set_runner(struct view *view, const struct conf_runner *runner,
                       const struct view before[static CONF_RUNNERS_MAX])
{
    bool looking = view->looking;
    struct noted *noted = view->noted;

    *view = (struct view){ .noted = noted };
    payload_note_init(&view->told);
    for (size_t i = 0; i < CONF_RUNNERS_MAX; i++)
        if (before[i].known && strcmp(before[i].runner, runner->id) == 0)
            *view = before[i];
    memcpy(view->runner, runner->id, sizeof(view->runner));
    view->looking = view->again = looking;
}

void noted_set_conf(struct noted *noted, const struct conf *conf)
{
    struct view before[CONF_RUNNERS_MAX];

    memcpy(before, noted->views, sizeof(before));
    noted->parts.conf = conf;
    for (size_t i = 0; i < conf->n_runners; i++) {
        set_runner(&noted->views[i], &conf->runners[i], before);
        if (noted->views[i].known)
            tell(&noted->views[i]);
    }
    noted_look_all(noted);
}

int noted_new(struct noted **ret, const struct noted_parts *parts)
{
    struct noted *noted = calloc(1, sizeof(*noted));

    if (!noted)
        return -ENOMEM;
    noted->parts = *parts;
    for (size_t i = 0; i < CONF_RUNNERS_MAX; i++)
        noted->views[i].noted = noted;
    *ret = noted;
    noted_set_conf(noted, parts->conf);
    return 0;
}

struct noted *noted_free(struct noted *noted)
{
    free(noted);
    return NULL;
}
