/* SPDX-License-Identifier: MIT */
#include "daemon/replay/watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/replay/course.h"
#include "daemon/replay/devices.h"
#include "daemon/util.h"
#include "lib/training/tracker.h"

#define SECOND_USEC UINT64_C(1000000)
#define MINUTE_USEC (60 * SECOND_USEC)
/* In so much silence every session has ended; more of it says nothing, and a file may say years. */
#define SILENCE_USEC (3 * SESSION_IDLE_USEC)

/* Lines of one session, as the daemon would have recorded it. */
struct slot {
    char id[SESSION_ID_MAX];
    FILE *lines;
    char *text;
    size_t length;
    bool told_start;
};

struct watch {
    struct print *print;
    struct conf conf;
    int index[RECORDING_SENSORS_MAX]; /* in conf, of the sensor of that number; -1: not declared */
    struct recording_axis axis;
    char boot_id[33]; /* all of it is told as of the first */
    enum clock_state clock;
    struct tracker *tracker;
    struct devices devices;
    struct slot slots[TRACKER_SLOTS_MAX];
    uint64_t t_usec, next_live_usec, next_minute_usec, every_usec;
    int n_sessions;
};

bool watch_is_meant(const struct recovered *recovered)
{
    for (size_t i = 0; i < recovered->n; i++)
        if (recovered_letter(recovered, i) == 'G')
            return false;
    return true;
}

/* ---- whose, and with what ---------------------------------------------------------------------- */

static int take_runner(struct conf *conf, const struct record *record)
{
    size_t i = conf_find_runner(conf, record->runner.id);
    struct conf_runner *runner = &conf->runners[i];

    if (!record->runner.id[0] || i == CONF_RUNNERS_MAX)
        return CONF_RUNNER_AUTO;
    conf->n_runners += i == conf->n_runners;
    *runner = (struct conf_runner){ .sex = record->runner.sex,
                                    .birth_year = record->runner.birth_year,
                                    .max_heart_rate_bpm = record->runner.max_heart_rate_bpm,
                                    .rest_heart_rate_bpm = record->runner.rest_heart_rate_bpm,
                                    .mass_kg = record->runner.mass_kg,
                                    .live_incline_pct = record->runner.incline_pct,
                                    .publish_heart_rate = true };
    memcpy(runner->id, record->runner.id, sizeof(runner->id));
    return (int)i;
}

static void take_sensor(struct watch *watch, const struct record *record, int runner)
{
    struct conf *conf = &watch->conf;
    struct conf_sensor *sensor = &conf->sensors[conf->n_sensors];

    if (record->sensor < 0 || record->sensor >= RECORDING_SENSORS_MAX ||
        watch->index[record->sensor] >= 0)
        return;
    *sensor = (struct conf_sensor){ .runner = runner,
                                    .runner_given = true,
                                    .cadence_unit = record->declared.unit,
                                    .factor = record->declared.factor };
    memcpy(sensor->name, record->declared.name, sizeof(sensor->name));
    memcpy(sensor->address, record->declared.address, sizeof(sensor->address));
    watch->index[record->sensor] = (int)conf->n_sensors++;
}

/* A sensor is of the runner whose line stands above its own. */
static void read_conf(struct watch *watch, const struct recovered *recovered)
{
    int runner = CONF_RUNNER_AUTO;
    struct record record;

    conf_init(&watch->conf);
    memset(watch->index, 0xff, sizeof(watch->index));
    for (size_t i = 0; i < recovered->n; i++) {
        recovered_get(recovered, i, &record);
        if (record.type == RECORD_RUNNER)
            runner = take_runner(&watch->conf, &record);
        else if (record.type == RECORD_SENSOR)
            take_sensor(watch, &record, runner);
    }
    for (size_t i = 0; i < watch->conf.n_sensors && watch->conf.n_runners == 1; i++)
        watch->conf.sensors[i].runner = 0; /* there is nobody else whose it could be */
}

/* ---- what the tracker says --------------------------------------------------------------------- */

static void on_axis(void *userdata, uint64_t now_usec, struct record *ret)
{
    const struct watch *watch = userdata;
    int64_t wall_usec = recording_axis_wall(&watch->axis, now_usec);

    memcpy(ret->axis.boot_id, watch->boot_id, sizeof(ret->axis.boot_id));
    ret->axis.wall_usec = wall_usec > 0 ? wall_usec : 0;
    ret->axis.clock = watch->clock;
}

static bool on_own(void *userdata, size_t runner, struct record *ret)
{
    return false;
}

static void on_opened(void *userdata, size_t index)
{
    struct watch *watch = userdata;
    struct slot *slot = &watch->slots[index];

    *slot = (struct slot){ 0 };
    course_name(recording_axis_wall(&watch->axis, watch->t_usec), index, slot->id);
    slot->lines = open_memstream(&slot->text, &slot->length);
    watch->print->no_memory |= !slot->lines;
    if (slot->lines)
        fputs(RECORDING_HEADER "\n", slot->lines);
    watch->n_sessions++;
}

static void on_record(void *userdata, size_t index, const struct record *record)
{
    struct watch *watch = userdata;
    char line[RECORDING_LINE_MAX];
    size_t length = recording_format(record, line, sizeof(line));

    if (watch->slots[index].lines)
        fwrite(line, 1, length, watch->slots[index].lines);
}

static void on_changed(void *userdata, size_t index)
{
    struct watch *watch = userdata;
    struct slot *slot = &watch->slots[index];
    const struct session *session = tracker_session(watch->tracker, index);
    struct payload_session summary;

    if (session->over) /* that is said with its result */
        return;
    session_summary(session, watch->t_usec, &summary);
    course_date(session, slot->id, &summary);
    print_session(watch->print, &summary, false);
    if (summary.runner[0] && !slot->told_start)
        print_event(watch->print, EVENT_SESSION_START, &summary);
    slot->told_start |= summary.runner[0] != '\0';
}

static int read_slot(struct slot *slot, struct recovered *ret)
{
    char *copy;

    if (!slot->lines || fflush(slot->lines) != 0)
        return -ENOMEM;
    copy = malloc(slot->length + 1);
    if (!copy)
        return -ENOMEM;
    memcpy(copy, slot->text, slot->length + 1);
    return recovered_read(ret, copy, slot->length);
}

static void close_slot(struct slot *slot)
{
    if (slot->lines)
        fclose(slot->lines);
    free(slot->text);
    *slot = (struct slot){ 0 };
}

static void on_closed(void *userdata, size_t index)
{
    struct watch *watch = userdata;
    struct slot *slot = &watch->slots[index];
    _cleanup_(recovered_done) struct recovered recovered = { 0 };

    if (read_slot(slot, &recovered) < 0)
        watch->print->no_memory = true;
    else
        course_tell_result(watch->print, &recovered, slot->id, watch->t_usec);
    close_slot(slot);
}

static void on_reordered(void *userdata, size_t index)
{
    struct watch *watch = userdata;
    _cleanup_(recovered_done) struct recovered recovered = { 0 };
    struct record record;

    if (read_slot(&watch->slots[index], &recovered) < 0) {
        watch->print->no_memory = true;
        return;
    }
    tracker_rebuild(watch->tracker, index);
    for (size_t i = 0; i < recovered.n; i++) {
        recovered_get(&recovered, i, &record);
        tracker_restore_feed(watch->tracker, index, &record);
    }
}

static bool on_merge(void *userdata, size_t index, size_t into)
{
    return false; /* a shared belt's stays a session of its own here, and nobody's */
}

static void on_sensor(void *userdata, size_t sensor)
{
}

static void on_moment(void *userdata, size_t sensor, uint64_t now_usec)
{
}

static const struct tracker_output output = {
    .axis = on_axis,
    .own = on_own,
    .opened = on_opened,
    .record = on_record,
    .changed = on_changed,
    .closed = on_closed,
    .reordered = on_reordered,
    .merge = on_merge,
    .moved = on_moment,
    .strained = on_moment,
    .learnt = on_sensor,
};

/* ---- time -------------------------------------------------------------------------------------- */

static void say_live(struct watch *watch, uint64_t t_usec)
{
    for (size_t i = 0; i < TRACKER_SLOTS_MAX; i++) {
        const struct session *session = tracker_session(watch->tracker, i);
        struct payload_live live;

        if (!session)
            continue;
        session_live(session, t_usec, &live);
        live.clock = watch->clock;
        live.t_usec = live.clock == CLOCK_UNSET ? 0 : recording_axis_wall(&watch->axis, t_usec);
        snprintf(live.session, sizeof(live.session), "%s", watch->slots[i].id);
        print_live(watch->print, session->runner.id, &live);
    }
}

static void say_sessions(struct watch *watch)
{
    for (size_t i = 0; i < TRACKER_SLOTS_MAX; i++)
        if (tracker_session(watch->tracker, i))
            on_changed(watch, i);
}

/* What is due at this moment. */
static void moment(struct watch *watch, uint64_t at_usec)
{
    watch->t_usec = at_usec;
    tracker_tick(watch->tracker, at_usec);
    if (at_usec >= watch->next_live_usec) {
        say_live(watch, at_usec);
        watch->next_live_usec += watch->every_usec;
    }
    if (at_usec >= watch->next_minute_usec) {
        say_sessions(watch);
        watch->next_minute_usec += MINUTE_USEC;
    }
}

static uint64_t next_moment(const struct watch *watch)
{
    uint64_t due_usec = tracker_next(watch->tracker, watch->t_usec);

    due_usec = due_usec < watch->next_live_usec ? due_usec : watch->next_live_usec;
    due_usec = due_usec < watch->next_minute_usec ? due_usec : watch->next_minute_usec;
    return due_usec > watch->t_usec ? due_usec : watch->t_usec + SECOND_USEC;
}

static void begin_at(struct watch *watch, uint64_t t_usec)
{
    watch->t_usec = t_usec;
    watch->next_live_usec = t_usec + watch->every_usec;
    watch->next_minute_usec = t_usec + MINUTE_USEC;
}

static void pass_time(struct watch *watch, uint64_t t_usec)
{
    if (!watch->next_live_usec)
        begin_at(watch, t_usec);
    if (t_usec > watch->t_usec + SILENCE_USEC) {
        pass_time(watch, watch->t_usec + SILENCE_USEC);
        begin_at(watch, t_usec);
        tracker_tick(watch->tracker, t_usec);
    }
    for (uint64_t at; (at = next_moment(watch)) <= t_usec;)
        moment(watch, at);
    watch->t_usec = t_usec;
}

static void play_record(struct watch *watch, const struct record *record)
{
    uint64_t t_usec;
    int sensor;

    if (record->type == RECORD_AXIS) {
        recording_axis_feed(&watch->axis, record);
        if (!watch->boot_id[0])
            memcpy(watch->boot_id, watch->axis.boot_id, sizeof(watch->boot_id));
        watch->clock = record->axis.clock;
    }
    t_usec = recording_axis_time(&watch->axis, record->t_usec);
    if (record->type == RECORD_AXIS && watch->t_usec > 0)
        tracker_clock_set(watch->tracker, t_usec);
    if ((record->type != RECORD_NOTIFICATION && record->type != RECORD_LINK) ||
        record->sensor < 0 || record->sensor >= RECORDING_SENSORS_MAX)
        return;
    sensor = watch->index[record->sensor];
    if (sensor < 0)
        return;
    pass_time(watch, t_usec);
    if (record->type == RECORD_LINK)
        tracker_link(watch->tracker, t_usec, (size_t)sensor, record->up);
    else
        tracker_notification(watch->tracker, t_usec, (size_t)sensor, record->notification.uuid,
                             record->notification.bytes, record->notification.length);
}

/* What is open when the recording ends is told as far as it is known. */
static void end(struct watch *watch)
{
    for (size_t i = 0; i < TRACKER_SLOTS_MAX; i++)
        if (tracker_session(watch->tracker, i))
            on_closed(watch, i);
}

int watch_play(struct print *print, const struct recovered *recovered, uint64_t every_usec)
{
    _cleanup_free_ struct watch *watch = calloc(1, sizeof(*watch));
    _cleanup_free_ struct tracker *tracker = calloc(1, tracker_size());
    struct record record;

    if (!watch || !tracker)
        return -ENOMEM;
    watch->print = print;
    watch->every_usec = every_usec;
    watch->tracker = tracker;
    read_conf(watch, recovered);
    devices_init(&watch->devices, print);
    tracker_init(tracker, &watch->conf, &output, watch);
    for (size_t i = 0; i < recovered->n; i++) {
        recovered_get(recovered, i, &record);
        play_record(watch, &record);
        devices_feed(&watch->devices, &record);
    }
    devices_end(&watch->devices);
    end(watch);
    return watch->n_sessions;
}
