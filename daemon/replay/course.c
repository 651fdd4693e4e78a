/* SPDX-License-Identifier: MIT */
#include "daemon/replay/course.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include "daemon/replay/devices.h"
#include "lib/training/session.h"
#include "lib/tz.h"

#define SECOND_USEC UINT64_C(1000000)
#define MINUTE_USEC (60 * SECOND_USEC)

struct course {
    struct session session;
    struct devices devices;
    struct print *print;
    const char *id;
    uint64_t every_usec, t_usec;
    uint64_t next_usec, next_live_usec, next_minute_usec; /* 0: nothing was heard yet */
    enum clock_state clock;
    enum session_state state; /* as it was said last */
    bool begun;
};

void course_name(int64_t wall_usec, size_t slot, char ret[SESSION_ID_MAX])
{
    time_t seconds = (time_t)(wall_usec / 1000000);
    struct tm utc;
    char when[32] = "undated";

    if (wall_usec > 0 && gmtime_r(&seconds, &utc))
        strftime(when, sizeof(when), "%Y%m%dT%H%M%SZ", &utc);
    snprintf(ret, SESSION_ID_MAX, "%s-%zu", when, slot);
}

void course_date(const struct session *session, const char *id, struct payload_session *payload)
{
    int64_t utc_s = payload->start_usec / 1000000;
    int32_t offset_s;
    struct tz utc;

    snprintf(payload->id, sizeof(payload->id), "%s", id);
    if (!payload->start_usec)
        return;
    if (!session_local_offset(&session->local, payload->runner, payload->start_usec, &offset_s))
        offset_s = 0;
    tz_init_utc(&utc);
    tz_day_text(&utc, utc_s + offset_s, payload->day);
}

/* ---- what it came to --------------------------------------------------------------------------- */

void course_tell_result(struct print *print, const struct recovered *recovered, const char *id,
                        uint64_t t_usec)
{
    static struct session final;
    struct payload_session summary;
    struct record record;

    session_init_final(&final);
    for (size_t i = 0; i < recovered->n; i++) {
        recovered_get(recovered, i, &record);
        session_apply(&final, &record);
    }
    session_tick(&final, t_usec);
    session_summary(&final, t_usec, &summary);
    if (!print->text)
        course_date(&final, id, &summary);
    print_session(print, &summary, true);
    if (final.over)
        print_event(print, final.discarded ? EVENT_RETRACTED : EVENT_SESSION_END, &summary);
}

/* ---- times -------------------------------------------------------------------------------------- */

/* A session is asked by the time of its latest boot; the seconds here pass on the axis of the recording,
 * also while the machine was off. */
static uint64_t on_its_boot(const struct course *course, uint64_t axis_usec)
{
    int64_t t_usec = (int64_t)axis_usec - course->session.axis.shift_usec;

    return t_usec > 0 ? (uint64_t)t_usec : 0;
}

/* ---- while it went on -------------------------------------------------------------------------- */

static void say_live(struct course *course, uint64_t t_usec)
{
    struct payload_live live;

    session_live(&course->session, on_its_boot(course, t_usec), &live);
    if (!course->print->text) {
        live.clock = course->clock;
        live.t_usec =
            live.clock == CLOCK_UNSET ? 0 : recording_axis_wall(&course->session.axis, t_usec);
        snprintf(live.session, sizeof(live.session), "%s", course->id);
    }
    if (course->print->text || course->session.begun)
        print_live(course->print, course->session.runner.id, &live);
}

static void say_session(struct course *course, uint64_t t_usec)
{
    struct payload_session summary;

    session_summary(&course->session, on_its_boot(course, t_usec), &summary);
    course_date(&course->session, course->id, &summary);
    print_session(course->print, &summary, false);
    if (!course->begun)
        print_event(course->print, EVENT_SESSION_START, &summary);
    course->begun = true;
    course->state = session_state(&course->session);
}

/* Its end is said with its result. */
static void look(struct course *course, uint64_t t_usec)
{
    const struct session *session = &course->session;

    if (session->begun && !session->over && !course->print->text &&
        (!course->begun || session_state(session) != course->state))
        say_session(course, t_usec);
}

static void second(struct course *course, uint64_t t_usec)
{
    session_tick(&course->session, on_its_boot(course, t_usec));
    look(course, t_usec);
    if (t_usec >= course->next_live_usec) {
        say_live(course, t_usec);
        course->next_live_usec += course->every_usec;
    }
    if (t_usec < course->next_minute_usec)
        return;
    course->next_minute_usec += MINUTE_USEC;
    if (course->begun && !course->session.over)
        say_session(course, t_usec);
}

static uint64_t skip(uint64_t next_usec, uint64_t step_usec, uint64_t t_usec)
{
    return next_usec > t_usec ? next_usec
                              : next_usec + ((t_usec - next_usec) / step_usec + 1) * step_usec;
}

/* Nothing is said while the machine is off. */
static void boot(struct course *course, uint64_t t_usec)
{
    if (!course->next_usec)
        return;
    course->next_usec = skip(course->next_usec, SECOND_USEC, t_usec);
    course->next_live_usec = skip(course->next_live_usec, course->every_usec, t_usec);
    course->next_minute_usec = skip(course->next_minute_usec, MINUTE_USEC, t_usec);
}

static void pass_time(struct course *course, uint64_t t_usec)
{
    if (!course->next_usec) {
        course->next_usec = t_usec + SECOND_USEC;
        course->next_live_usec = t_usec + course->every_usec;
        course->next_minute_usec = t_usec + MINUTE_USEC;
    }
    if (t_usec > course->next_usec + 2 * SESSION_IDLE_USEC) /* a file may say so of years */
        boot(course, t_usec);
    for (; t_usec >= course->next_usec && !course->session.over; course->next_usec += SECOND_USEC)
        second(course, course->next_usec);
    course->t_usec = t_usec;
}

static void play_record(struct course *course, const struct record *record)
{
    uint64_t t_usec = recording_axis_time(&course->session.axis, record->t_usec);

    if (record->type == RECORD_NOTIFICATION || record->type == RECORD_LINK)
        pass_time(course, t_usec);
    devices_feed(&course->devices, record);
    if (record->type == RECORD_AXIS)
        course->clock = record->axis.clock;
    session_apply(&course->session, record);
    if (record->type == RECORD_AXIS)
        boot(course, recording_axis_time(&course->session.axis, record->t_usec));
    look(course, course->t_usec);
}

void course_play(struct print *print, const struct recovered *recovered, const char *id,
                 uint64_t every_usec)
{
    static struct course course;
    struct record record;

    course = (struct course){ .print = print, .id = id, .every_usec = every_usec };
    session_init(&course.session);
    devices_init(&course.devices, print);
    for (size_t i = 0; i < recovered->n; i++) {
        recovered_get(recovered, i, &record);
        play_record(&course, &record);
    }
    devices_end(&course.devices);
    course_tell_result(print, recovered, id, on_its_boot(&course, course.t_usec));
}
