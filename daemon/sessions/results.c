/* SPDX-License-Identifier: MIT */
/*
 * How a session ended: its row in the store with the event that tells of it, the wait of a result
 * that nobody can date yet, and a result that is discarded after all.
 */
#include "daemon/sessions/private.h"

#include <stdio.h>
#include <string.h>
#include "daemon/clock.h"
#include "daemon/log.h"

/* "session ID: STATE DETAIL", with fields that a person can filter the journal by. */
void sessions_log(const struct store_session *row, const char *before, const char *detail,
                  const char *after)
{
    const char *state = session_state_name(row->session.state);
    char session_field[sizeof("SESSION=") + sizeof(row->session.id)], state_field[32];
    const char *const fields[] = { session_field, state_field, NULL };

    snprintf(session_field, sizeof(session_field), "SESSION=%s", row->session.id);
    snprintf(state_field, sizeof(state_field), "STATE=%s", state);
    log_full(LOG_INFO, fields, "session %s: %s%s%s%s", row->session.id, state, before, detail,
             after);
}

/* ---- the end ----------------------------------------------------------------------------------- */

static void keep_undated(struct sessions *sessions, size_t slot, const struct store_session *row)
{
    const struct session *session = tracker_session(sessions->tracker, slot);

    sessions->undated[sessions->n_undated++] = (struct undated){
        .row = *row,
        .old = sessions->kept[slot].old,
        .told_start = session->told || sessions->kept[slot].told_start,
        .begin_usec = session_began(session),
        .end_usec = session_ended(session),
    };
}

void sessions_close_result(struct sessions *sessions, size_t slot)
{
    const struct session *session = tracker_session(sessions->tracker, slot);
    uint64_t now_usec = clock_now_usec();
    struct kept *kept = &sessions->kept[slot];
    struct store_session row;
    /* of another boot without a clock nothing will ever tell when it was */
    bool this_boot = strcmp(session->axis.boot_id, clock_boot_id()) == 0, dateless;

    sessions_summarise(sessions, slot, now_usec, &row);
    sessions_finalise(sessions, slot, now_usec, &row);
    sessions_log(&row, " (", row.reason, ")");
    sessions_log_heart(sessions, slot);
    dateless = !row.session.start_usec && this_boot;
    if (dateless && sessions->n_undated < UNDATED_MAX)
        keep_undated(sessions, slot, &row);
    else
        sessions_put_result(sessions, &row, kept->old);
    if (kept->old)
        sessions_show_unless_later(sessions, &row.session);
    else
        sessions_show(sessions, &row.session);
    if (kept->told_open)
        sessions->callbacks->on_open(sessions->userdata, kept->runner, false, false, now_usec);
}

/* Now it is known when it was: what ended without a date gets it and is told. */
void sessions_date_the_undated(struct sessions *sessions, uint64_t now_usec)
{
    int64_t boot_at = clock_wall_usec() - (int64_t)now_usec;

    for (size_t i = 0; i < sessions->n_undated; i++) {
        struct undated *undated = &sessions->undated[i];

        undated->row.session.start_usec = boot_at + (int64_t)undated->begin_usec;
        undated->row.session.end_usec = boot_at + (int64_t)undated->end_usec;
        sessions_date(sessions, &undated->row.session, &undated->row.utc_offset_s);
        if (!undated->told_start && undated->row.session.runner[0])
            sessions_put_start(sessions, &undated->row.session);
        if (undated->discarded_usec)
            sessions_put_discarded(sessions, &undated->row,
                                   boot_at + (int64_t)undated->discarded_usec);
        else
            sessions_put_result(sessions, &undated->row, undated->old);
        if (undated->old)
            sessions_show_unless_later(sessions, &undated->row.session);
        else
            sessions_show(sessions, &undated->row.session);
    }
    sessions->n_undated = 0;
}

/* ---- a session that ended is discarded --------------------------------------------------------- */

/* A result that still waits for its date waits on, as discarded. */
static bool discard_undated(struct sessions *sessions, uint64_t now_usec, const char *id)
{
    for (size_t i = 0; i < sessions->n_undated; i++)
        if (strcmp(sessions->undated[i].row.session.id, id) == 0) {
            sessions->undated[i].row.session.state = SESSION_DISCARDED;
            sessions->undated[i].discarded_usec = now_usec;
            snprintf(sessions->undated[i].row.reason, sizeof(sessions->undated[i].row.reason), "%s",
                     DISCARDED_WHY);
            return true;
        }
    return false;
}

static void discard_result(struct sessions *sessions, const struct payload_session *session)
{
    struct store_session row;

    store_session_init(&row);
    row.session = *session;
    /* the day stays the one it was counted on, whatever the zone is now */
    sessions_date(sessions, &row.session, &row.utc_offset_s);
    memcpy(row.session.day, session->day, sizeof(row.session.day));
    snprintf(row.reason, sizeof(row.reason), "%s", DISCARDED_WHY);
    /* an event has a time: while nobody knows it, the latest that is known to be before it */
    sessions_put_discarded(sessions, &row,
                           timekeeper_state(sessions->parts.timekeeper) == CLOCK_UNSET
                               ? session->end_usec
                               : clock_wall_usec());
}

bool sessions_has_in_hand(const struct sessions *sessions, const char *id)
{
    for (size_t i = 0; i < sessions->n_undated; i++)
        if (strcmp(sessions->undated[i].row.session.id, id) == 0)
            return true;
    return sessions_find_slot(sessions, id) != TRACKER_NONE;
}

int sessions_discard_ended(struct sessions *sessions, uint64_t now_usec, size_t runner,
                           const char *id, char ret_id[SESSION_ID_MAX])
{
    for (size_t i = 0; i < sessions->n_last; i++) {
        struct payload_session session = sessions->last[i];

        if (strcmp(session.id, id) != 0 || session.state != SESSION_ENDED)
            continue;
        if (runner != TRACKER_NONE &&
            strcmp(session.runner, sessions->parts.conf->runners[runner].id) != 0)
            return SESSIONS_E_ANOTHERS;
        session.state = SESSION_DISCARDED;
        log_info("session %s: discarded (it had ended)", id);
        sessions_forget_level(sessions, id);
        sessions_record_discarded(sessions, now_usec, id);
        if (!discard_undated(sessions, now_usec, id))
            discard_result(sessions, &session);
        sessions_show_unless_later(sessions, &session);
        memcpy(ret_id, session.id, SESSION_ID_MAX);
        return TRACKER_OK;
    }
    return TRACKER_E_NONE;
}
