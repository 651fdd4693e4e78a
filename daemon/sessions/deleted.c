/* SPDX-License-Identifier: MIT */
/*
 * A session that a person deletes: it counts for nothing at once, and its row goes with what it is made of. Until
 * then it may come back as it was.
 */
#include "daemon/sessions/private.h"

#include <inttypes.h>
#include <stdio.h>
#include "daemon/clock.h"
#include "daemon/log.h"
#include "lib/digest.h"

int64_t sessions_now_usec(const struct sessions *sessions)
{
    return timekeeper_state(sessions->parts.timekeeper) == CLOCK_UNSET ? 0 : clock_wall_usec();
}

/* There and back are two, as often as it is said. */
static void make_news(const struct sessions *sessions, enum event_kind kind,
                      const struct store_session *row, struct news *ret)
{
    *ret = (struct news){ .kind = kind, .session = row->session };
    ret->at_usec = sessions_said_at_usec(sessions, &row->session);
    snprintf(ret->id, sizeof(ret->id), "%s-%016" PRIx64,
             kind == EVENT_RETRACTED ? "deleted" : "undeleted",
             digest_text(row->session.id) ^ (uint64_t)ret->at_usec);
}

int sessions_delete_stored(struct sessions *sessions, const struct store_session *stored,
                           store_committed done, void *userdata)
{
    bool told = stored->session.state != SESSION_DISCARDED && stored->session.runner[0];
    struct store_session row = *stored;
    struct news gone;
    int r;

    if (!store_has_room_for(sessions->parts.store, 1))
        return -ENOBUFS;
    log_info("session %s: deleted; for a day it can come back", row.session.id);
    row.session.state = SESSION_DISCARDED;
    row.instead[0] = '\0';
    snprintf(row.reason, sizeof(row.reason), STORE_DELETED);
    make_news(sessions, EVENT_RETRACTED, &row, &gone);
    r = sessions_put_news(sessions, &row, &gone, told, done, userdata);
    if (r < 0)
        return r;
    sessions_forget_level(sessions, row.session.id);
    sessions_show_lost(sessions, &row.session);
    return r;
}

static void on_level(void *userdata, int result, const struct store_level *level)
{
    if (result >= 0)
        sessions_take_level(userdata, level);
    else if (result != -ENOENT)
        log_warning_errno(result, "How a session that is not deleted any more was run on the level "
                                  "is no example before the next start: %m");
}

static void work_out_level(struct sessions *sessions, const struct store_session *row)
{
    struct session_local local = { 0 };
    struct store_session again;
    struct level level;

    level_init(&level);
    if (sessions_rework(sessions, row->session.id, &again, &level, &local) < 0)
        return;
    sessions_note_level(sessions, &row->session, &level);
    sessions_put_level(sessions, &row->session, &level);
}

/* How it was run on the level is an example for later ones again; of a file it stays in the store, and is asked for
 * behind its row. Until the answer nobody deletes it once more: the next correction waits for this one. */
static void take_level_again(struct sessions *sessions, const struct store_session *row)
{
    int r = 0;

    if (!row->session.runner[0] || row->session.state != SESSION_ENDED)
        return;
    if (row->file[0])
        r = store_find_level(sessions->parts.store, row->session.id, on_level, sessions);
    else
        work_out_level(sessions, row);
    if (r < 0)
        on_level(sessions, r, NULL);
}

int sessions_put_again(struct sessions *sessions, const struct store_session *row,
                       store_committed done, void *userdata)
{
    bool told = row->session.state == SESSION_ENDED && row->session.runner[0];
    struct news back;
    int r;

    if (!store_has_room_for(sessions->parts.store, 1))
        return -ENOBUFS;
    log_info("session %s: it is not deleted any more", row->session.id);
    make_news(sessions, EVENT_SESSION_END, row, &back);
    store_gather(sessions->parts.store);
    r = sessions_put_news(sessions, row, &back, told, done, userdata);
    if (r >= 0)
        take_level_again(sessions, row);
    store_send(sessions->parts.store);
    if (r >= 0 && !row->file[0] && row->session.runner[0]) /* a file's is not its runner's last */
        sessions_show_unless_later(sessions, &row->session);
    return r;
}

int sessions_make_again(struct sessions *sessions, const char *id, struct store_session *ret)
{
    struct session_local local = { 0 };
    struct level level;
    int r;

    level_init(&level);
    r = sessions_rework(sessions, id, ret, &level, &local);
    if (r >= 0)
        sessions_date(sessions, &local, &ret->session, &ret->utc_offset_s);
    return r;
}
