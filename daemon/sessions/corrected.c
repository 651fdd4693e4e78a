/* SPDX-License-Identifier: MIT */
/*
 * What a person says of a session that is over: that it counts for nothing, or whose it is after all. Where the
 * store has no room for that it is refused, and stands nowhere. Its recording says so first, as a database that is
 * lost is made again from it; then the row, with what is told of it, in one transaction; and whoever said it is
 * answered when that is on the disk.
 */
#include "daemon/sessions/private.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "daemon/clock.h"
#include "daemon/log.h"
#include "lib/digest.h"

/* ---- into the recording ------------------------------------------------------------------------ */

static void record_discarded(struct sessions *sessions, uint64_t now_usec, const char *id)
{
    struct record record = { .type = RECORD_END, .t_usec = now_usec };

    record.end.how = RECORD_END_DISCARDED;
    snprintf(record.end.why, sizeof(record.end.why), "%s", DISCARDED_WHY);
    sessions_record_late(sessions, id, &record, 1);
}

/* Whoever had it may get it back: on the day it has, which their zone may not say any more. */
static bool make_day_of(const struct store_session *stored, struct record *ret)
{
    const struct payload_session *session = &stored->session;

    if (!session->runner[0] || session->start_usec < 1000000)
        return false;
    *ret = (struct record){ .type = RECORD_LOCAL };
    memcpy(ret->local.runner, session->runner, sizeof(ret->local.runner));
    ret->local.start_s = session->start_usec / 1000000;
    ret->local.offset_s = stored->utc_offset_s;
    return true;
}

static void record_given(struct sessions *sessions, const struct store_session *stored,
                         const struct conf_runner *runner)
{
    const struct payload_session *session = &stored->session;
    struct record records[3] = { { .type = RECORD_RUNNER }, { .type = RECORD_OWN } };
    struct knee_reference own = { NAN, NAN, 1 };

    (void)sessions_reference(sessions, runner->id, session->start_usec, &own);
    records[0].runner.sex = runner->sex;
    records[0].runner.birth_year = runner->birth_year;
    records[0].runner.max_heart_rate_bpm = runner->max_heart_rate_bpm;
    records[0].runner.rest_heart_rate_bpm = runner->rest_heart_rate_bpm;
    records[0].runner.mass_kg = runner->mass_kg;
    records[0].runner.incline_pct = runner->live_incline_pct;
    memcpy(records[0].runner.id, runner->id, sizeof(records[0].runner.id));
    records[1].own.cadence_spm = own.cadence_spm;
    records[1].own.speed_m_s = own.speed_m_s;
    sessions_record_late(sessions, session->id, records, make_day_of(stored, &records[2]) ? 3 : 2);
}

/* While nobody knows the time, the latest that is known to be before it. */
int64_t sessions_said_at_usec(const struct sessions *sessions,
                              const struct payload_session *session)
{
    return timekeeper_state(sessions->parts.timekeeper) == CLOCK_UNSET ? session->end_usec
                                                                       : clock_wall_usec();
}

/* ---- it counts for nothing --------------------------------------------------------------------- */

void sessions_say_discarded(struct sessions *sessions, uint64_t now_usec, struct store_session *row)
{
    log_info("session %s: discarded (it had ended)", row->session.id);
    row->session.state = SESSION_DISCARDED;
    row->instead[0] = '\0';
    snprintf(row->reason, sizeof(row->reason), "%s", DISCARDED_WHY);
    if (!row->file[0])
        record_discarded(sessions, now_usec, row->session.id);
}

int sessions_discard_stored(struct sessions *sessions, uint64_t now_usec,
                            const struct store_session *stored, store_committed done,
                            void *userdata)
{
    struct store_session row = *stored;
    struct news gone = { .kind = EVENT_RETRACTED };
    int r;

    if (!store_has_room_for(sessions->parts.store, 1)) /* nothing is recorded of what is refused */
        return -ENOBUFS;
    sessions_say_discarded(sessions, now_usec, &row);
    gone.session = row.session;
    gone.at_usec = sessions_said_at_usec(sessions, &row.session);
    snprintf(gone.id, sizeof(gone.id), "%.32s-gone", row.session.id);
    r = sessions_put_news(sessions, &row, &gone, row.session.runner[0] != 0, done, userdata);
    if (r < 0)
        return r;
    sessions_forget_level(sessions, row.session.id);
    if (!row.file[0]) /* a file's is not its runner's last */
        sessions_show_unless_later(sessions, &row.session);
    return r;
}

/* ---- it is another's --------------------------------------------------------------------------- */

/* Of a recording that is gone, what depends on who ran is not known any more. */
static void forget_what_was_theirs(struct payload_session *session)
{
    session->trimp = session->edwards = session->hills.knee_load_steps = NAN;
    for (size_t i = 0; i < 5; i++)
        session->zone_s[i] = NAN;
}

/* What depends on the runner is worked out as theirs, the day as well: by their zone as it is when the
 * session becomes theirs, or as their recorded line says if it was theirs before. They may move later. */
static void keep_given_day(struct sessions *sessions, const struct session_local *local,
                           const struct payload_session *session)
{
    struct record record;

    if (sessions_make_local(sessions, local, session->runner, session->start_usec, &record))
        sessions_record_late(sessions, session->id, &record, 1);
}

static void work_out(struct sessions *sessions, const struct store_session *stored,
                     const struct conf_runner *runner, struct store_session *ret,
                     struct level *ret_level)
{
    struct session_local local = { 0 };
    int r;

    level_init(ret_level);
    if (store_session_is_by_hand(stored)) { /* its day is the one that was said */
        *ret = *stored;
        snprintf(ret->session.runner, sizeof(ret->session.runner), "%s", runner->id);
        return;
    }
    r = sessions_rework(sessions, stored->session.id, ret, ret_level, &local);
    if (r < 0) {
        *ret = *stored;
        forget_what_was_theirs(&ret->session);
    }
    if (!ret->session.start_usec) { /* dated after its end by a strided of before */
        ret->session.start_usec = stored->session.start_usec;
        ret->session.end_usec = stored->session.end_usec;
    }
    ret->session.state = SESSION_ENDED;
    ret->instead[0] = '\0';
    snprintf(ret->session.runner, sizeof(ret->session.runner), "%s", runner->id);
    sessions_date(sessions, &local, &ret->session, &ret->utc_offset_s);
    if (r >= 0)
        keep_given_day(sessions, &local, &ret->session);
}

static void name_news(struct news *news, const char *word, const char *session, const char *from,
                      const char *to)
{
    uint64_t key = digest_word(digest_word(digest_word(DIGEST_OF_NOTHING, session), from), to);

    key ^= (uint64_t)news->at_usec; /* back and forth are four */
    snprintf(news->id, sizeof(news->id), "given-%016" PRIx64 "-%s", key, word);
}

static size_t make_news(const struct sessions *sessions, const struct payload_session *lost,
                        const struct payload_session *got, struct news ret[2])
{
    size_t n = 0;

    if (lost->runner[0]) {
        ret[n] = (struct news){ .kind = EVENT_RETRACTED, .session = *lost };
        ret[n++].session.state = SESSION_DISCARDED; /* to this runner it is */
    }
    ret[n++] = (struct news){ .kind = EVENT_SESSION_END, .session = *got };
    for (size_t i = 0; i < n; i++) {
        ret[i].at_usec = sessions_said_at_usec(sessions, got);
        name_news(&ret[i], ret[i].kind == EVENT_RETRACTED ? "gone" : "end", got->id, lost->runner,
                  got->runner);
    }
    return n;
}

/* The row with how it was run on the level. */
static int put_given(struct sessions *sessions, const struct store_session *row,
                     const struct level *level, const struct news *news, size_t n,
                     store_committed done, void *userdata)
{
    int r;

    store_gather(sessions->parts.store);
    r = sessions_put_news(sessions, row, news, n, done, userdata);
    if (r >= 0) {
        sessions_note_level(sessions, &row->session, level);
        sessions_put_level(sessions, &row->session, level);
    }
    store_send(sessions->parts.store);
    return r;
}

int sessions_give(struct sessions *sessions, const struct store_session *stored, size_t runner,
                  store_committed done, void *userdata)
{
    const struct conf_runner *conf = &sessions->parts.conf->runners[runner];
    struct payload_session lost = stored->session;
    struct store_session row;
    struct level level;
    struct news news[2];
    size_t n;
    int r;

    if (!store_has_room_for(sessions->parts.store, 2)) /* both, or nothing, in the recording too */
        return -ENOBUFS;
    log_info("session %s: given to %s%s%s", lost.id, conf->id, lost.runner[0] ? " by " : "",
             lost.runner);
    if (!store_session_is_by_hand(stored))
        record_given(sessions, stored, conf);
    work_out(sessions, stored, conf, &row, &level);
    n = make_news(sessions, &lost, &row.session, news);
    r = put_given(sessions, &row, &level, news, n, done, userdata);
    if (r >= 0 && !row.file[0]) { /* a file's is not its runner's last */
        sessions_show_lost(sessions, &lost);
        sessions_show_unless_later(sessions, &row.session);
    }
    return r;
}
