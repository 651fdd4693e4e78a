/* SPDX-License-Identifier: MIT */
/*
 * Runs that their runners tell: when that was, by the zone they have now, and into the store and the log of days.
 * Nothing is recorded of them, so whoever keeps what was told has it on the disk before it comes here.
 */
#include "daemon/sessions/private.h"

#include <stdio.h>
#include "daemon/clock.h"
#include "daemon/log.h"

#define DAY_S        INT64_C(86400)
#define NOON_MIN     720
#define USEC_PER_SEC INT64_C(1000000)
#define FUTURE_USEC  (60 * USEC_PER_SEC) /* who logs it at its end may round the minute up */

/* The first moment that their clocks show this, or would have shown it but for an hour that was left out. */
static int64_t moment_of(const struct sessions *sessions, const char *runner, int64_t day,
                         int minutes, int32_t *ret_offset_s)
{
    int64_t local_s = day * DAY_S + 60 * minutes;
    int64_t first_s = local_s - sessions_offset_s(sessions, runner, local_s - DAY_S), second_s;

    *ret_offset_s = sessions_offset_s(sessions, runner, first_s);
    second_s = local_s - *ret_offset_s;
    return sessions_offset_s(sessions, runner, second_s) == *ret_offset_s ? second_s : first_s;
}

/* As much of the day as there has been has to hold it. */
static enum sessions_logged date_untimed(const struct sessions *sessions, int64_t now_usec,
                                         struct logged_run *run)
{
    int64_t moving_usec = (int64_t)(run->moving_s * 1e6), latest_usec = now_usec - moving_usec;
    int32_t offset_s;
    int64_t midnight_s = moment_of(sessions, run->runner, run->day, 0, &offset_s);
    int64_t noon_s = moment_of(sessions, run->runner, run->day, NOON_MIN, &run->utc_offset_s);

    if (latest_usec < midnight_s * USEC_PER_SEC)
        return SESSIONS_LOGGED_E_FUTURE;
    run->start_usec = noon_s * USEC_PER_SEC;
    if (run->start_usec <= latest_usec)
        return SESSIONS_LOGGED_OK;
    run->start_usec = latest_usec / USEC_PER_SEC * USEC_PER_SEC;
    run->utc_offset_s = sessions_offset_s(sessions, run->runner, run->start_usec / USEC_PER_SEC);
    return SESSIONS_LOGGED_OK;
}

enum sessions_logged sessions_date_logged(const struct sessions *sessions, struct logged_run *run)
{
    int64_t now_usec = clock_wall_usec();

    if (timekeeper_state(sessions->parts.timekeeper) == CLOCK_UNSET)
        return SESSIONS_LOGGED_E_CLOCK;
    run->said_usec = now_usec;
    if (run->start_min == LOGGED_NO_START)
        return date_untimed(sessions, now_usec, run);
    run->start_usec = USEC_PER_SEC * moment_of(sessions, run->runner, run->day, run->start_min,
                                               &run->utc_offset_s);
    return run->start_usec + (int64_t)(run->moving_s * 1e6) > now_usec + FUTURE_USEC
               ? SESSIONS_LOGGED_E_FUTURE
               : SESSIONS_LOGGED_OK;
}

int sessions_put_logged(struct sessions *sessions, const struct store_session *row,
                        store_committed done, void *userdata)
{
    struct news news = { .kind = EVENT_SESSION_END, .session = row->session };
    bool tell = !row->rebuilt && row->session.state == SESSION_ENDED;

    if (!store_has_room_for(sessions->parts.store, 1))
        return -ENOBUFS;
    log_info("session %s: logged by hand", row->session.id);
    news.at_usec = sessions_said_at_usec(sessions, &row->session);
    snprintf(news.id, sizeof(news.id), "%.32s-end", row->session.id);
    return sessions_put_news(sessions, row, &news, tell, done, userdata);
}
