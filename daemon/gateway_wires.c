/* SPDX-License-Identifier: MIT */
#include "daemon/gateway_private.h"

#include <stdio.h>
#include "daemon/clock.h"
#include "daemon/log.h"

void gateway_on_health(void *userdata)
{
    struct gateway *gateway = userdata;

    if (gateway->ready)
        health_changed(gateway->health);
}

/* ---- sensors to sessions --------------------------------------------------------------------- */

static void on_notification(void *userdata, size_t sensor, uint16_t uuid, const uint8_t *bytes,
                            size_t length, uint64_t now_usec)
{
    struct gateway *gateway = userdata;

    if (gateway->records)
        records_notification(gateway->records, now_usec, sensor, uuid, bytes, length);
    sessions_notification(gateway->sessions, now_usec, sensor, uuid, bytes, length);
}

static void on_link(void *userdata, size_t sensor, bool up, uint64_t now_usec)
{
    struct gateway *gateway = userdata;

    if (gateway->records)
        records_link(gateway->records, now_usec, sensor, up);
    sessions_link(gateway->sessions, now_usec, sensor, up);
}

static void on_sensor(void *userdata, size_t sensor)
{
    struct gateway *gateway = userdata;

    if (!gateway->ready)
        return;
    retained_say_sensor(&gateway->retained, sensor);
    health_changed(gateway->health);
}

void gateway_on_health_due(void *userdata)
{
    struct gateway *gateway = userdata;

    retained_say_bad_packets(&gateway->retained);
}

static uint64_t released_until(void *userdata, const struct conf_sensor *sensor)
{
    const struct gateway *gateway = userdata;

    return releases_until_usec(&gateway->releases, sensor);
}

const struct sensors_callbacks gateway_sensors_callbacks = {
    .on_notification = on_notification,
    .on_link = on_link,
    .on_change = on_sensor,
    .on_health = gateway_on_health,
    .released_until = released_until,
};

/* ---- sessions to publisher ------------------------------------------------------------------- */

static void on_session(void *userdata, const struct payload_session *summary)
{
    struct gateway *gateway = userdata;

    publisher_session(gateway->publisher, summary);
    live_wake(gateway->live);
}

/* Each to whose they are: of a session that goes to another runner they are of both. */
static void choose(struct gateway *gateway, const struct store_choice *choices, size_t n)
{
    for (size_t i = 0; i < n; i++)
        training_choose(gateway->training, choices[i].runner, &choices[i], 1);
}

/* Which session is the latest may be another now. */
static void look_at_notes(struct gateway *gateway, const struct store_session *rows, size_t n)
{
    if (gateway->noted)
        noted_take(gateway->noted, rows, n);
}

void gateway_on_noted(void *userdata, const char *id, const struct note *note)
{
    struct gateway *gateway = userdata;

    if (id)
        noted_change(gateway->noted, id, note);
    else
        noted_look_all(gateway->noted);
}

static void on_result(void *userdata, const struct store_session *result)
{
    struct gateway *gateway = userdata;
    struct store_session row = *result;
    struct store_choice choices[CHOICE_CHANGES_MAX];
    size_t n = import_choose(gateway->import, result, choices);

    snprintf(row.instead, sizeof(row.instead), "%s",
             import_instead(gateway->import, row.session.id));
    choose(gateway, choices, n);
    training_session(gateway->training, &row);
    look_at_notes(gateway, &row, 1);
}

static void on_event(void *userdata, const struct store_event *event)
{
    struct gateway *gateway = userdata;

    publisher_event(gateway->publisher, event);
}

static void on_moved(void *userdata, size_t sensor, uint64_t now_usec)
{
    struct gateway *gateway = userdata;

    sensors_note_motion(gateway->sensors, sensor, now_usec);
}

static void on_strained(void *userdata, size_t sensor, uint64_t now_usec)
{
    struct gateway *gateway = userdata;

    sensors_note_effort(gateway->sensors, sensor, now_usec);
}

static void on_open(void *userdata, size_t runner, bool open, bool asked, uint64_t now_usec)
{
    struct gateway *gateway = userdata;

    sensors_note_session(gateway->sensors, runner, open, asked, now_usec);
    if (!open)
        live_over(gateway->live, runner);
    if (gateway->noted)
        noted_look(gateway->noted, runner);
}

static bool counts(void *userdata, const char *id)
{
    const struct gateway *gateway = userdata;

    return !gateway->import || !import_instead(gateway->import, id)[0];
}

const struct sessions_callbacks gateway_sessions_callbacks = {
    .on_session = on_session,
    .on_result = on_result,
    .on_event = on_event,
    .on_moved = on_moved,
    .on_strained = on_strained,
    .on_learnt = on_sensor,
    .on_open = on_open,
    .counts = counts,
};

/* ---- the training log ------------------------------------------------------------------------ */

static const struct conf_runner *runner_at(const struct gateway *gateway, size_t runner)
{
    return &conf_of(gateway)->runners[runner];
}

static void on_week(void *userdata, size_t runner, const struct payload_week *week)
{
    struct gateway *gateway = userdata;

    publisher_week(gateway->publisher, runner_at(gateway, runner), week);
}

static void on_alert(void *userdata, size_t runner, const struct payload_alert *alert)
{
    struct gateway *gateway = userdata;

    publisher_alert(gateway->publisher, runner_at(gateway, runner), alert);
}

static bool open_session(void *userdata, size_t runner, struct store_session *ret)
{
    struct gateway *gateway = userdata;
    size_t slot = sessions_slot_of_runner(gateway->sessions, runner);

    return slot != TRACKER_NONE &&
           sessions_result(gateway->sessions, slot, clock_now_usec(), ret) &&
           (ret->session.state == SESSION_RUNNING || ret->session.state == SESSION_PAUSED) &&
           !import_has(gateway->import, ret);
}

const struct training_callbacks gateway_training_callbacks = {
    .on_week = on_week,
    .on_alert = on_alert,
    .on_event = on_event,
    .open_session = open_session,
};

/* ---- files ----------------------------------------------------------------------------------- */

static void on_file(void *userdata, const struct store_session *rows, size_t n,
                    const struct store_choice *choices, size_t n_choices)
{
    struct gateway *gateway = userdata;

    choose(gateway, choices, n_choices);
    training_sessions(gateway->training, rows, n);
    look_at_notes(gateway, rows, n);
}

static void on_corrected(void *userdata, const struct store_session *rows, size_t n,
                         const struct store_choice *choices, size_t n_choices)
{
    struct gateway *gateway = userdata;

    training_choose(gateway->training, rows[0].session.runner, choices, n_choices);
    training_correct(gateway->training, rows, n);
    if (gateway->noted) /* whoever had one of them has another latest now */
        noted_look_all(gateway->noted);
}

static void on_all_corrected(void *userdata)
{
    struct gateway *gateway = userdata;

    training_corrected(gateway->training);
}

static void on_level(void *userdata, const struct payload_session *session,
                     const struct level *level)
{
    struct gateway *gateway = userdata;

    sessions_note_level(gateway->sessions, session, level);
}

static bool on_reference(void *userdata, const char *runner, int64_t at_usec,
                         struct knee_reference *ret)
{
    const struct gateway *gateway = userdata;

    return sessions_reference(gateway->sessions, runner, at_usec, ret);
}

const struct import_callbacks gateway_import_callbacks = {
    .on_event = on_event,
    .on_sessions = on_file,
    .on_corrected = on_corrected,
    .on_all_corrected = on_all_corrected,
    .on_level = on_level,
    .reference = on_reference,
    .on_health = gateway_on_health,
};

/* ---- the past --------------------------------------------------------------------------------- */

void gateway_on_past(void *userdata, const struct store_session *row)
{
    struct gateway *gateway = userdata;

    import_take_past(gateway->import, row);
    training_take_past(gateway->training, row);
}

/* Of one that was recorded it is another transaction which of two counts; a file's is its own. */
void gateway_on_unjudged(void *userdata, const struct store_session *row)
{
    struct gateway *gateway = userdata;
    struct store_choice choices[CHOICE_CHANGES_MAX];
    size_t n = row->file[0] ? 0 : import_choose(gateway->import, row, choices);

    training_choose(gateway->training, row->session.runner, choices, n);
}

static void on_logged_put(void *userdata, int result)
{
}

void gateway_on_logged(void *userdata, const struct store_session *row)
{
    struct gateway *gateway = userdata;
    int r = sessions_put_logged(gateway->sessions, row, on_logged_put, gateway);

    if (r < 0)
        log_warning_errno(r, "Session %s is put after the next start: %m", row->session.id);
}

static void on_deleted_again(void *userdata, const struct correction_answer *answer)
{
}

void gateway_on_deleted(void *userdata, const struct deleted_session *session)
{
    struct gateway *gateway = userdata;
    struct correction what = { .kind = CORRECTION_DELETE, .again = true };

    snprintf(what.id, sizeof(what.id), "%s", session->id);
    corrections_make(gateway->corrections, &what, on_deleted_again, gateway);
}

/* ---- publisher to commands ------------------------------------------------------------------- */

static void on_request(void *userdata, const char *verb, const char *payload, size_t length,
                       void (*reply)(void *answer, const char *json), void *answer)
{
    struct gateway *gateway = userdata;

    doors_request(gateway->doors, verb, payload, length, reply, answer);
}

static const struct payload_sensor *get_sensor(void *userdata, size_t sensor)
{
    const struct gateway *gateway = userdata;

    return gateway->sensors ? sensors_get(gateway->sensors, sensor) : NULL;
}

static void on_connected(void *userdata)
{
    struct gateway *gateway = userdata;

    if (!gateway->ready || gateway->stopping)
        return;
    retained_say_figures(&gateway->retained, clock_now_usec());
    health_changed(gateway->health);
}

const struct publisher_callbacks gateway_publisher_callbacks = {
    .on_connected = on_connected,
    .sensor = get_sensor,
    .on_request = on_request,
    .on_health = gateway_on_health,
};

/* ---- the world around ------------------------------------------------------------------------ */

void gateway_on_bus(void *userdata, sd_bus *bus, int error)
{
    struct gateway *gateway = userdata;

    timekeeper_set_bus(gateway->timekeeper, bus);
    doors_set_bus(gateway->doors, bus);
    (void)sensors_set_bus(gateway->sensors, bus, error);
}

void gateway_on_clock(void *userdata, uint64_t now_usec)
{
    struct gateway *gateway = userdata;

    publisher_clock(gateway->publisher, timekeeper_state(gateway->timekeeper));
    (void)store_clock_set(gateway->store, clock_wall_usec());
    sessions_clock_changed(gateway->sessions, now_usec);
    releases_clock_changed(&gateway->releases, now_usec);
    training_clock_changed(gateway->training);
    import_clock_changed(gateway->import);
    deleted_clock_changed(gateway->deleted);
    if (gateway->records)
        records_clock_changed(gateway->records, now_usec);
    health_changed(gateway->health);
}
