/* SPDX-License-Identifier: MIT */
/*
 * How a session ended: its row in the store with the event that tells of it, the wait of a result
 * that nobody can date yet, and what waits so, or for room in the store, may be discarded meanwhile.
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

static void keep_undated(struct sessions *sessions, size_t slot, const struct store_session *row,
                         const struct level *level)
{
    const struct session *session = tracker_session(sessions->tracker, slot);

    sessions->undated[sessions->n_undated++] = (struct undated){
        .row = *row,
        .old = sessions->kept[slot].old,
        .told_start = session->told || sessions->kept[slot].told_start,
        .begin_usec = session_began(session),
        .end_usec = session_ended(session),
        .level = *level,
        .zones_by_age = session->runner.birth_year && !session->runner.max_heart_rate_bpm,
    };
}

static void date(struct sessions *sessions, struct undated *undated, int64_t boot_at)
{
    static const struct session_local nothing_said; /* nobody knew the moment */

    undated->row.session.start_usec = boot_at + (int64_t)undated->begin_usec;
    undated->row.session.end_usec = boot_at + (int64_t)undated->end_usec;
    sessions_date(sessions, &nothing_said, &undated->row.session, &undated->row.utc_offset_s);
}

/* Its recording says it first, as a database that is lost is made again from it. What the disk does not take
 * now waits there, and the result does not. */
static void record_date(struct sessions *sessions, const struct undated *undated, uint64_t now_usec,
                        int64_t boot_at)
{
    static const struct session_local nothing_said;
    const struct payload_session *session = &undated->row.session;
    struct record records[2] = { { .type = RECORD_AXIS, .t_usec = now_usec } };
    size_t n = 1;

    memcpy(records[0].axis.boot_id, clock_boot_id(), sizeof(records[0].axis.boot_id) - 1);
    records[0].axis.wall_usec = boot_at + (int64_t)now_usec;
    records[0].axis.clock = timekeeper_state(sessions->parts.timekeeper);
    n += sessions_make_local(sessions, &nothing_said, session->runner, session->start_usec,
                             &records[1]);
    sessions_record_late(sessions, session->id, records, n);
}

/* Its recording tells now how old its runner was. */
static void put_into_zones(struct sessions *sessions, struct undated *undated)
{
    struct payload_session *session = &undated->row.session;
    struct store_session whole;
    struct session_local local;
    struct level level;

    if (!undated->zones_by_age ||
        sessions_rework(sessions, session->id, &whole, &level, &local) < 0)
        return;
    memcpy(session->zone_s, whole.session.zone_s, sizeof(session->zone_s));
    session->edwards = whole.session.edwards;
    session->trimp = whole.session.trimp;
}

/* In one transaction: killed between the start and the result, it would be dated once more, and its start
 * told of another moment. */
static void put_dated(struct sessions *sessions, const struct undated *undated, int64_t boot_at)
{
    struct beside beside = { .start = !undated->told_start && undated->row.session.runner[0],
                             .level = undated->level };

    sessions_note_level(sessions, &undated->row.session, &undated->level);
    if (undated->discarded_usec)
        sessions_put_discarded(sessions, &undated->row, &beside,
                               boot_at + (int64_t)undated->discarded_usec);
    else
        sessions_put_result(sessions, &undated->row, &beside, undated->old);
}

/* Now it is known when it was: what ended without a date gets it and is told. */
void sessions_date_the_undated(struct sessions *sessions, uint64_t now_usec)
{
    int64_t boot_at = clock_wall_usec() - (int64_t)now_usec;

    for (size_t i = 0; i < sessions->n_undated; i++) {
        struct undated *undated = &sessions->undated[i];

        date(sessions, undated, boot_at);
        record_date(sessions, undated, now_usec, boot_at);
        put_into_zones(sessions, undated);
        put_dated(sessions, undated, boot_at);
        if (undated->old)
            sessions_show_unless_later(sessions, &undated->row.session);
        else
            sessions_show(sessions, &undated->row.session);
    }
    sessions->n_undated = 0;
}

/* Read back, it was dated by its recording, and by nothing that is stored: its start was not told either. */
static bool was_dated_after_its_end(const struct session *session)
{
    return session->axis.dated && session->axis.boot_usec > session_ended(session);
}

void sessions_close_result(struct sessions *sessions, size_t slot)
{
    const struct session *session = tracker_session(sessions->tracker, slot);
    uint64_t now_usec = clock_now_usec();
    struct kept *kept = &sessions->kept[slot];
    struct beside beside = { 0 };
    struct store_session row;
    /* of another boot without a clock nothing will ever tell when it was */
    bool this_boot = strcmp(session->axis.boot_id, clock_boot_id()) == 0, dateless;

    beside.start = was_dated_after_its_end(session) && kept->old && !session->told;
    sessions_summarise(sessions, slot, now_usec, &row);
    sessions_finalise(sessions, slot, now_usec, &row, &beside.level);
    sessions_note_level(sessions, &row.session, &beside.level);
    sessions_log(&row, " (", row.reason, ")");
    sessions_log_heart(sessions, slot);
    dateless = !row.session.start_usec && this_boot;
    if (dateless && sessions->n_undated < UNDATED_MAX)
        keep_undated(sessions, slot, &row, &beside.level);
    else
        sessions_put_result(sessions, &row, &beside, kept->old);
    if (kept->old)
        sessions_show_unless_later(sessions, &row.session);
    else
        sessions_show(sessions, &row.session);
    if (kept->told_open)
        sessions->callbacks->on_open(sessions->userdata, kept->runner, false, false, now_usec);
}

/* ---- a session whose result waits is discarded --------------------------------------------------- */

static size_t find_undated(const struct sessions *sessions, const char *id)
{
    size_t i = 0;

    while (i < sessions->n_undated && strcmp(sessions->undated[i].row.session.id, id) != 0)
        i++;
    return i;
}

static size_t find_unstored(const struct sessions *sessions, const char *id)
{
    size_t i = 0;

    while (i < sessions->n_unstored && strcmp(sessions->unstored[i].row.session.id, id) != 0)
        i++;
    return i;
}

bool sessions_has_in_hand(const struct sessions *sessions, const char *id)
{
    return find_undated(sessions, id) < sessions->n_undated ||
           find_unstored(sessions, id) < sessions->n_unstored ||
           sessions_find_slot(sessions, id) != TRACKER_NONE;
}

bool sessions_waiting(const struct sessions *sessions, size_t i, struct payload_session *ret)
{
    if (i < sessions->n_undated)
        *ret = sessions->undated[i].row.session;
    else if (i - sessions->n_undated < sessions->n_unstored)
        *ret = sessions->unstored[i - sessions->n_undated].row.session;
    return i < sessions->n_undated + sessions->n_unstored;
}

bool sessions_whose_in_hand(const struct sessions *sessions, const char *id,
                            char ret_runner[CONF_ID_MAX])
{
    size_t i = find_undated(sessions, id), k = find_unstored(sessions, id);
    size_t slot = sessions_find_slot(sessions, id);
    struct store_session row;

    if (slot != TRACKER_NONE)
        sessions_summarise(sessions, slot, clock_now_usec(), &row);
    else if (i < sessions->n_undated)
        row = sessions->undated[i].row;
    else if (k < sessions->n_unstored)
        row = sessions->unstored[k].row;
    else
        return false;
    memcpy(ret_runner, row.session.runner, CONF_ID_MAX);
    return true;
}

/* Without dates nothing else tells which of two is the later one. */
static bool is_later_shown(const struct sessions *sessions, const struct payload_session *session)
{
    struct payload_session last;

    return sessions_last(sessions, session->runner, &last) && strcmp(last.id, session->id) != 0;
}

/* Its end was not told: that it is gone is told in its place. */
static void retract_unstored(struct sessions *sessions, struct unstored *unstored)
{
    unstored->news = unstored->row.session.runner[0] != 0;
    unstored->beside.level.seconds = 0; /* it is no example */
    unstored->at_usec = sessions_said_at_usec(sessions, &unstored->row.session);
    store_gather(sessions->parts.store);
    sessions->callbacks->on_result(sessions->userdata, &unstored->row);
    store_send(sessions->parts.store);
}

/* A result that still waits for its date, or for room, waits on, as discarded. */
int sessions_discard_waiting(struct sessions *sessions, uint64_t now_usec, size_t runner,
                             const char *id, char ret_id[SESSION_ID_MAX])
{
    size_t i = find_undated(sessions, id), k = find_unstored(sessions, id);
    struct undated *undated = i < sessions->n_undated ? &sessions->undated[i] : NULL;
    struct unstored *unstored = k < sessions->n_unstored ? &sessions->unstored[k] : NULL;
    struct store_session *row = undated ? &undated->row : unstored ? &unstored->row : NULL;

    if (!row || row->session.state == SESSION_DISCARDED)
        return TRACKER_E_NONE;
    if (runner != TRACKER_NONE &&
        strcmp(row->session.runner, sessions->parts.conf->runners[runner].id) != 0)
        return SESSIONS_E_ANOTHERS;
    sessions_say_discarded(sessions, now_usec, row);
    sessions_forget_level(sessions, id);
    if (undated)
        undated->discarded_usec = now_usec;
    else
        retract_unstored(sessions, unstored);
    if (!is_later_shown(sessions, &row->session))
        sessions_show(sessions, &row->session);
    memcpy(ret_id, row->session.id, SESSION_ID_MAX);
    return TRACKER_OK;
}
