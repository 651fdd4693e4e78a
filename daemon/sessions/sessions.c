/* SPDX-License-Identifier: MIT */
#include "daemon/sessions/sessions.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "daemon/clock.h"
#include "daemon/log.h"
#include "daemon/recording/recovery.h"
#include "daemon/render.h"
#include "daemon/util.h"
#include "daemon/zone.h"

#define UNDATED_MAX                                                                                \
    32 /* results that wait for a clock; more in one boot without one are not kept back */

struct kept { /* what stands beside a slot of the tracker */
    char id[SESSION_ID_MAX];
    struct recording_file *file;
    bool told_open;  /* on_open(true) was said */
    bool told_start; /* the event of its start was put */
    bool old;        /* it was over when it was read back: its end may have been told before */
    size_t runner;
};

struct undated { /* a session that ended while nobody knew the time */
    struct store_session row;
    bool old, told_start;          /* as of its slot */
    uint64_t begin_usec, end_usec; /* boottime */
};

struct sessions {
    struct sessions_parts parts;
    const struct sessions_callbacks *callbacks;
    void *userdata;
    struct tracker *tracker;
    struct told *told;                    /* those the store has not answered yet */
    struct zone *zones[CONF_RUNNERS_MAX]; /* of the runners, by index; NULL: UTC */
    struct kept kept[TRACKER_SLOTS_MAX];
    struct undated undated[UNDATED_MAX];
    size_t n_undated;
    struct payload_session last[CONF_RUNNERS_MAX]; /* of each runner, open or not */
    size_t n_last;
    struct clock_timer *timer;
    uint64_t armed_usec; /* CLOCK_NEVER: not */
};

/* ---- events and results ----------------------------------------------------------------------- */

struct told { /* an event on its way into the store */
    struct sessions *sessions;
    struct told *next;
    char session[SESSION_ID_MAX];
    struct store_event event;
};

static size_t find_slot(const struct sessions *sessions, const char *id)
{
    for (size_t i = 0; i < TRACKER_SLOTS_MAX; i++)
        if (tracker_session(sessions->tracker, i) && strcmp(sessions->kept[i].id, id) == 0)
            return i;
    return TRACKER_NONE;
}

static void free_told(struct told *told)
{
    struct told **at = &told->sessions->told;

    while (*at && *at != told)
        at = &(*at)->next;
    if (*at)
        *at = told->next;
    free(told->event.body);
    free(told);
}

static void on_committed(void *userdata, int result)
{
    struct told *told = userdata;
    size_t slot = find_slot(told->sessions, told->session);

    if (result < 0)
        log_warning_errno(result, "Event %s is kept in memory only: %m", told->event.id);
    else if (told->event.kind == EVENT_SESSION_START && slot != TRACKER_NONE)
        tracker_told(told->sessions->tracker, clock_now_usec(), slot);
    told->sessions->callbacks->on_event(told->sessions->userdata, &told->event);
    free_told(told);
}

static struct told *tell(struct sessions *sessions, enum event_kind kind,
                         const struct payload_session *summary)
{
    struct told *told = calloc(1, sizeof(*told));

    if (!told)
        return NULL;
    told->sessions = sessions;
    told->next = sessions->told;
    sessions->told = told;
    memcpy(told->session, summary->id, sizeof(told->session));
    told->event.kind = kind;
    told->event.at_usec = kind == EVENT_SESSION_START ? summary->start_usec : summary->end_usec;
    /* the same session tells the same thing under the same id, however often it is told */
    snprintf(told->event.id, sizeof(told->event.id), "%.32s-%s", summary->id,
             kind == EVENT_SESSION_START ? "start"
             : kind == EVENT_RETRACTED   ? "gone"
                                         : "end");
    memcpy(told->event.runner, summary->runner, sizeof(told->event.runner));
    told->event.body = render_payload(CONTRACT_SESSION, summary);
    if (!told->event.body) {
        free_told(told);
        return NULL;
    }
    return told;
}

/* A result that is worked out again long after (a database that was set aside) is no news. */
#define NEWS_USEC (INT64_C(86400) * 1000000)

static bool is_news(const struct payload_session *session)
{
    return !session->end_usec || clock_wall_usec() - session->end_usec < NEWS_USEC;
}

static void put_told(struct sessions *sessions, const struct store_session *row, bool news)
{
    enum event_kind kind =
        row->session.state == SESSION_DISCARDED ? EVENT_RETRACTED : EVENT_SESSION_END;
    struct told *told = news ? tell(sessions, kind, &row->session) : NULL;
    int r;

    r = store_put_session(sessions->parts.store, row, told ? &told->event : NULL, told ? 1 : 0,
                          told ? on_committed : NULL, told);
    if (r < 0)
        log_error_errno(r, "Failed to store the result of %s: %m", row->session.id);
    if (r < 0 && told)
        on_committed(told, r);
}

/* old: derived anew from a recording of an earlier run of ours */
static void put_result(struct sessions *sessions, const struct store_session *row, bool old)
{
    put_told(sessions, row, row->session.runner[0] && (!old || is_news(&row->session)));
}

static void put_start(struct sessions *sessions, const struct payload_session *summary)
{
    struct told *told = tell(sessions, EVENT_SESSION_START, summary);
    int r;

    if (!told)
        return;
    r = store_put_events(sessions->parts.store, &told->event, 1, on_committed, told);
    if (r < 0)
        on_committed(told, r);
}

/* The local day a session belongs to is the one it started on, by its runner's zone, for ever. */
static void date(const struct sessions *sessions, struct payload_session *session,
                 int *ret_utc_offset_s)
{
    const struct conf *conf = sessions->parts.conf;
    int64_t utc_s = session->start_usec / 1000000;
    struct tz utc;
    const struct tz *tz = &utc;

    *ret_utc_offset_s = 0;
    if (!session->start_usec)
        return;
    tz_init_utc(&utc);
    for (size_t i = 0; i < conf->n_runners; i++)
        if (strcmp(conf->runners[i].id, session->runner) == 0 && sessions->zones[i])
            tz = zone_tz(sessions->zones[i]);
    tz_day_text(tz, utc_s, session->day);
    *ret_utc_offset_s = tz_offset_s(tz, utc_s);
}

static void load_zones(struct sessions *sessions)
{
    const struct conf *conf = sessions->parts.conf;

    for (size_t i = 0; i < CONF_RUNNERS_MAX; i++) {
        int r;

        sessions->zones[i] = zone_free(sessions->zones[i]);
        if (i >= conf->n_runners)
            continue;
        r = zone_load(&sessions->zones[i], conf->runners[i].time_zone);
        if (r != ZONE_OK)
            log_warning("%s: the time zone '%s' can't be used%s; days are counted in UTC",
                        conf->runners[i].id, conf->runners[i].time_zone,
                        r == ZONE_E_UNKNOWN ? " (this machine has none of that name)" : "");
    }
}

static void summarise(const struct sessions *sessions, size_t slot, uint64_t now_usec,
                      struct store_session *ret)
{
    const struct session *session = tracker_session(sessions->tracker, slot);

    *ret = (struct store_session){ 0 };
    session_summary(session, now_usec, &ret->session);
    memcpy(ret->session.id, sessions->kept[slot].id, sizeof(ret->session.id));
    date(sessions, &ret->session, &ret->utc_offset_s);
    memcpy(ret->reason, session->why, sizeof(ret->reason));
}

static void note_last(struct sessions *sessions, const struct payload_session *summary)
{
    size_t i = 0;

    if (!summary->runner[0])
        return;
    while (i < sessions->n_last && strcmp(sessions->last[i].runner, summary->runner) != 0)
        i++;
    if (i == CONF_RUNNERS_MAX)
        i = 0; /* more runners came and went than there can be: the first is long gone */
    else if (i == sessions->n_last)
        sessions->n_last++;
    sessions->last[i] = *summary;
}

static void show(struct sessions *sessions, const struct payload_session *summary)
{
    note_last(sessions, summary);
    sessions->callbacks->on_session(sessions->userdata, summary);
}

bool sessions_last(const struct sessions *sessions, const char *runner, struct payload_session *ret)
{
    for (size_t i = 0; i < sessions->n_last; i++)
        if (strcmp(sessions->last[i].runner, runner) == 0) {
            *ret = sessions->last[i];
            return true;
        }
    return false;
}

/* ---- what the tracker says -------------------------------------------------------------------- */

static void on_axis(void *userdata, uint64_t now_usec, struct record *ret)
{
    struct sessions *sessions = userdata;

    memcpy(ret->axis.boot_id, clock_boot_id(), 32);
    ret->axis.wall_usec = clock_wall_usec();
    ret->axis.clock = timekeeper_state(sessions->parts.timekeeper);
}

static bool is_taken(const struct sessions *sessions, const char *id)
{
    return recorder_has(sessions->parts.recorder, id) ||
           store_session_ended(sessions->parts.store, id);
}

/* Two of one second, or of one time told twice by a clock that was set back, are two. */
static void make_id(const struct sessions *sessions, size_t slot, char ret[SESSION_ID_MAX])
{
    time_t seconds = (time_t)(clock_wall_usec() / 1000000);
    struct tm utc;
    char when[32];

    if (timekeeper_state(sessions->parts.timekeeper) == CLOCK_UNSET)
        snprintf(when, sizeof(when), "boot%.8s-%" PRIu64, clock_boot_id(),
                 clock_now_usec() / 1000000);
    else
        strftime(when, sizeof(when), "%Y%m%dT%H%M%SZ", gmtime_r(&seconds, &utc));
    snprintf(ret, SESSION_ID_MAX, "%s-%zu", when, slot);
    for (unsigned again = 2; is_taken(sessions, ret) && again < 1000; again++)
        snprintf(ret, SESSION_ID_MAX, "%s-%zu.%u", when, slot, again);
}

static void on_opened(void *userdata, size_t slot)
{
    struct sessions *sessions = userdata;
    struct kept *kept = &sessions->kept[slot];
    static const char header[] = RECORDING_HEADER "\n";

    *kept = (struct kept){ .runner = TRACKER_NONE };
    make_id(sessions, slot, kept->id);
    if (recorder_open(sessions->parts.recorder, kept->id, &kept->file) >= 0)
        recorder_append(kept->file, header, strlen(header));
}

static void on_record(void *userdata, size_t slot, const struct record *record)
{
    struct sessions *sessions = userdata;
    struct kept *kept = &sessions->kept[slot];
    char line[RECORDING_LINE_MAX];
    size_t length = recording_format(record, line, sizeof(line));

    if (kept->file && length)
        recorder_append(kept->file, line, length);
}

static void tell_open(struct sessions *sessions, size_t slot, uint64_t now_usec)
{
    struct kept *kept = &sessions->kept[slot];
    size_t runner = TRACKER_NONE;

    for (size_t i = 0; i < sessions->parts.conf->n_runners; i++)
        if (tracker_slot_of_runner(sessions->tracker, i) == slot)
            runner = i;
    if (kept->told_open || runner == TRACKER_NONE)
        return;
    kept->told_open = true;
    kept->runner = runner;
    sessions->callbacks->on_open(sessions->userdata, runner, true, now_usec);
}

/* Once a session, when it has a runner and a date. */
static void maybe_put_start(struct sessions *sessions, size_t slot,
                            const struct payload_session *summary)
{
    struct kept *kept = &sessions->kept[slot];

    if (kept->told_start || !kept->told_open || !summary->start_usec ||
        tracker_session(sessions->tracker, slot)->told)
        return;
    kept->told_start = true;
    put_start(sessions, summary);
}

/* "session ID: STATE DETAIL", with fields that a person can filter the journal by. */
static void log_session(const struct store_session *row, const char *before, const char *detail,
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

static void on_changed(void *userdata, size_t slot)
{
    struct sessions *sessions = userdata;
    uint64_t now_usec = clock_now_usec();
    struct store_session row;

    summarise(sessions, slot, now_usec, &row);
    tell_open(sessions, slot, now_usec);
    log_session(&row, row.session.runner[0] ? " for " : "", row.session.runner, "");
    maybe_put_start(sessions, slot, &row.session);
    show(sessions, &row.session);
}

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

static void close_result(struct sessions *sessions, size_t slot)
{
    const struct session *session = tracker_session(sessions->tracker, slot);
    uint64_t now_usec = clock_now_usec();
    struct kept *kept = &sessions->kept[slot];
    struct store_session row;
    /* of another boot without a clock nothing will ever tell when it was */
    bool this_boot = strcmp(session->axis.boot_id, clock_boot_id()) == 0, dateless;

    summarise(sessions, slot, now_usec, &row);
    log_session(&row, " (", row.reason, ")");
    dateless = !row.session.start_usec && this_boot;
    if (dateless && sessions->n_undated < UNDATED_MAX)
        keep_undated(sessions, slot, &row);
    else
        put_result(sessions, &row, kept->old);
    show(sessions, &row.session);
    if (kept->told_open)
        sessions->callbacks->on_open(sessions->userdata, kept->runner, false, now_usec);
}

/* ---- two recordings into one ------------------------------------------------------------------ */

static void feed(struct sessions *sessions, size_t slot, const struct recovered *recovered)
{
    for (size_t i = 0; i < recovered->n; i++)
        tracker_restore_feed(sessions->tracker, slot, &recovered->records[i]);
}

static int reread(struct sessions *sessions, size_t slot)
{
    _cleanup_free_ char *text = NULL;
    _cleanup_(recovered_done) struct recovered recovered = { 0 };
    size_t length;
    int r;

    r = recorder_read(sessions->parts.recorder, sessions->kept[slot].id, &text, &length);
    if (r >= 0)
        r = recovered_read(&recovered, text, length);
    if (r < 0)
        return log_error_errno(r, "Failed to read back session %s: %m", sessions->kept[slot].id);
    tracker_rebuild(sessions->tracker, slot);
    feed(sessions, slot, &recovered);
    return 0;
}

/* The recording whose lines another took in stays as it is, with a result that says so: it is not
 * to be taken for a session that waits to be closed. */
static void put_merged(struct sessions *sessions, const char *id, const char *into)
{
    struct store_session row = { 0 };
    int r;

    payload_session_init(&row.session);
    snprintf(row.session.id, sizeof(row.session.id), "%s", id);
    row.session.state = SESSION_DISCARDED;
    snprintf(row.reason, sizeof(row.reason), "merged into %.40s", into);
    r = store_put_session(sessions->parts.store, &row, NULL, 0, NULL, NULL);
    if (r < 0)
        log_error_errno(r, "Failed to store that %s was merged: %m", id);
}

/* Sensor numbers are per file: the merged lines get numbers of their own behind those in use. */
static void append_renumbered(struct sessions *sessions, size_t into,
                              const struct recovered *recovered)
{
    const struct session *session = tracker_session(sessions->tracker, into);
    int base = 0;

    for (int i = 0; i < RECORDING_SENSORS_MAX; i++)
        if (session->sensors[i].declared)
            base = i + 1;
    for (size_t i = 0; i < recovered->n; i++) {
        struct record record = recovered->records[i];

        if (record.type == RECORD_RUNNER || record.type == RECORD_AXIS || record.type == RECORD_END)
            continue;
        record.sensor += base;
        if (record.sensor < RECORDING_SENSORS_MAX)
            on_record(sessions, into, &record);
    }
}

static int merge(struct sessions *sessions, size_t slot, size_t into)
{
    struct kept *from = &sessions->kept[slot];
    _cleanup_free_ char *text = NULL;
    _cleanup_(recovered_done) struct recovered recovered = { 0 };
    struct record merged = { .type = RECORD_MERGED, .t_usec = clock_now_usec() };
    size_t length;
    int r;

    r = recorder_read(sessions->parts.recorder, from->id, &text, &length);
    if (r >= 0)
        r = recovered_read(&recovered, text, length);
    if (r >= 0 && recovered.boots > 1)
        r = -EXDEV; /* times of two boots do not compare with those of the other recording */
    if (r < 0)
        return log_error_errno(r, "Failed to read back session %s: %m", from->id);
    memcpy(merged.merged, from->id, sizeof(merged.merged));
    on_record(sessions, into, &merged);
    append_renumbered(sessions, into, &recovered);
    return reread(sessions, into);
}

static void merge_and_close(struct sessions *sessions, size_t slot, size_t into)
{
    if (merge(sessions, slot, into) >= 0) { /* else it stays what it is: nobody's, and whole */
        log_info("session %s: its lines are in %s now", sessions->kept[slot].id,
                 sessions->kept[into].id);
        put_merged(sessions, sessions->kept[slot].id, sessions->kept[into].id);
    }
    recorder_close(TAKE_PTR(sessions->kept[slot].file), NULL, NULL);
}

static void on_closed(void *userdata, size_t slot, size_t merged_into)
{
    struct sessions *sessions = userdata;

    if (merged_into == slot) {
        (void)reread(sessions, slot);
        return;
    }
    if (merged_into != TRACKER_NONE) {
        merge_and_close(sessions, slot, merged_into);
        return;
    }
    close_result(sessions, slot);
    if (sessions->kept[slot].file)
        recorder_close(TAKE_PTR(sessions->kept[slot].file), NULL, NULL);
}

static void on_moved(void *userdata, size_t sensor, uint64_t now_usec)
{
    struct sessions *sessions = userdata;

    sessions->callbacks->on_moved(sessions->userdata, sensor, now_usec);
}

static void on_learnt(void *userdata, size_t sensor)
{
    struct sessions *sessions = userdata;
    const struct conf_sensor *conf = &sessions->parts.conf->sensors[sensor];
    const struct stream *stream = tracker_stream(sessions->tracker, sensor);
    struct store_sensor row = { .decided_usec = clock_wall_usec() };
    int r;

    snprintf(row.name, sizeof(row.name), "%s", conf->name);
    snprintf(row.address, sizeof(row.address), "%s", conf->address);
    snprintf(row.cadence_unit, sizeof(row.cadence_unit), "%s", pod_unit_name(stream_unit(stream)));
    snprintf(row.evidence, sizeof(row.evidence), "%s", stream_evidence(stream));
    log_notice("%s: its cadence counts %s (%s)", row.name, row.cadence_unit, row.evidence);
    r = store_put_sensor(sessions->parts.store, &row);
    if (r < 0)
        log_warning_errno(r, "Failed to keep what %s counts: %m", row.name);
    sessions->callbacks->on_learnt(sessions->userdata, sensor);
}

static const struct tracker_output output = {
    .axis = on_axis,
    .opened = on_opened,
    .record = on_record,
    .changed = on_changed,
    .closed = on_closed,
    .moved = on_moved,
    .learnt = on_learnt,
};

/* ---- life ------------------------------------------------------------------------------------- */

static void rearm(struct sessions *sessions, uint64_t now_usec)
{
    uint64_t next_usec = tracker_next(sessions->tracker, now_usec);

    /* a session that runs is looked at each second: not a timer set anew with each packet */
    if (next_usec >= sessions->armed_usec)
        return;
    sessions->armed_usec = next_usec;
    clock_timer_set(sessions->timer, next_usec);
}

static void on_timer(void *userdata, uint64_t now_usec)
{
    struct sessions *sessions = userdata;

    sessions->armed_usec = CLOCK_NEVER;
    tracker_tick(sessions->tracker, now_usec);
    rearm(sessions, now_usec);
}

static void preset_units(struct sessions *sessions)
{
    const struct conf *conf = sessions->parts.conf;
    size_t n;
    const struct store_sensor *rows = store_sensors(sessions->parts.store, &n);

    for (size_t row = 0; row < n; row++)
        for (size_t i = 0; i < conf->n_sensors; i++)
            if (strcmp(conf->sensors[i].name, rows[row].name) == 0 &&
                strcmp(conf->sensors[i].address, rows[row].address) == 0 &&
                conf->sensors[i].cadence_unit == CONF_CADENCE_AUTO)
                tracker_preset_unit(sessions->tracker, i,
                                    pod_unit_from_name(rows[row].cadence_unit), rows[row].evidence);
}

static void read_last(struct sessions *sessions)
{
    size_t n;
    const struct store_session *rows = store_last_sessions(sessions->parts.store, &n);

    for (size_t i = 0; i < n; i++)
        note_last(sessions, &rows[i].session);
}

int sessions_new(struct sessions **ret, const struct sessions_parts *parts,
                 const struct sessions_callbacks *callbacks, void *userdata)
{
    struct sessions *sessions = calloc(1, sizeof(*sessions));
    int r;

    if (!sessions)
        return -ENOMEM;
    *sessions = (struct sessions){
        .parts = *parts, .callbacks = callbacks, .userdata = userdata, .armed_usec = CLOCK_NEVER
    };
    sessions->tracker = calloc(1, tracker_size());
    r = sessions->tracker
            ? clock_timer_new(&sessions->timer, parts->event, CLOCK_NEVER, on_timer, sessions)
            : -ENOMEM;
    if (r < 0) {
        sessions_free(sessions);
        return r;
    }
    tracker_init(sessions->tracker, parts->conf, &output, sessions);
    preset_units(sessions);
    load_zones(sessions);
    read_last(sessions);
    *ret = sessions;
    return 0;
}

struct sessions *sessions_free(struct sessions *sessions)
{
    if (!sessions)
        return NULL;
    sessions_flush(sessions);
    clock_timer_unref(sessions->timer);
    while (sessions->told) /* a disk that takes nothing never answered, and the store goes next */
        free_told(sessions->told);
    for (size_t i = 0; i < CONF_RUNNERS_MAX; i++)
        zone_free(sessions->zones[i]);
    free(sessions->tracker);
    free(sessions);
    return NULL;
}

void sessions_flush(struct sessions *sessions)
{
    for (size_t i = 0; i < TRACKER_SLOTS_MAX; i++)
        if (sessions->kept[i].file)
            recorder_close(TAKE_PTR(sessions->kept[i].file), NULL, NULL);
}

void sessions_set_conf(struct sessions *sessions, const struct conf *conf)
{
    tracker_set_conf(sessions->tracker, conf);
    sessions->parts.conf = conf;
    load_zones(sessions);
    for (size_t i = 0; i < TRACKER_SLOTS_MAX; i++)
        sessions->kept[i].told_open = false;
    for (size_t i = 0; i < TRACKER_SLOTS_MAX; i++)
        if (tracker_session(sessions->tracker, i))
            tell_open(sessions, i, clock_now_usec());
    preset_units(sessions);
}

/* ---- recovery --------------------------------------------------------------------------------- */

static bool is_merged_elsewhere(char (*merged)[SESSION_ID_MAX], size_t n, const char *id)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(merged[i], id) == 0)
            return true;
    return false;
}

static int read_recording(struct sessions *sessions, const char *id, struct recovered *ret)
{
    _cleanup_free_ char *text = NULL;
    size_t length;
    int r;

    r = recorder_read(sessions->parts.recorder, id, &text, &length);
    if (r >= 0)
        r = recovered_read(ret, text, length);
    if (r < 0)
        return log_error_errno(r, "Failed to read the recording %s: %m", id);
    return 0;
}

/* Which recordings did this one take in? Known before any is recovered: the one taken in may have
 * begun before or after the one that took it. */
static void see_merged(struct sessions *sessions, const char *id, char (*merged)[SESSION_ID_MAX],
                       size_t *n_merged)
{
    _cleanup_(recovered_done) struct recovered recovered = { 0 };

    if (read_recording(sessions, id, &recovered) < 0)
        return;
    for (size_t i = 0; i < recovered.n; i++)
        if (recovered.records[i].type == RECORD_MERGED && *n_merged < TRACKER_SLOTS_MAX) {
            memcpy(merged[(*n_merged)++], recovered.records[i].merged, SESSION_ID_MAX);
            if (!store_session_ended(sessions->parts.store, recovered.records[i].merged))
                put_merged(sessions, recovered.records[i].merged, id);
        }
}

/* An unreadable store says nothing of what it holds: whatever has an end is taken for done. */
static bool is_done(const struct sessions *sessions, size_t slot)
{
    return tracker_session(sessions->tracker, slot)->over && !store_was_read(sessions->parts.store);
}

static int recover_one(struct sessions *sessions, const char *id, uint64_t now_usec)
{
    _cleanup_(recovered_done) struct recovered recovered = { 0 };
    size_t slot;
    int r;

    r = read_recording(sessions, id, &recovered);
    if (r < 0)
        return r;
    if (recovered.bad)
        log_warning("Recording %s: %zu lines could not be read and are left out", id,
                    recovered.bad);
    slot = tracker_restore(sessions->tracker);
    if (slot == TRACKER_NONE)
        return -ENOBUFS;
    sessions->kept[slot] = (struct kept){ .runner = TRACKER_NONE };
    snprintf(sessions->kept[slot].id, SESSION_ID_MAX, "%s", id);
    feed(sessions, slot, &recovered);
    sessions->kept[slot].old = tracker_session(sessions->tracker, slot)->over;
    /* without a beginning it was killed while its first lines were written */
    if (!tracker_session(sessions->tracker, slot)->begun || is_done(sessions, slot)) {
        tracker_free_slot(sessions->tracker, slot);
        return 0;
    }
    r = recorder_open(sessions->parts.recorder, id, &sessions->kept[slot].file);
    tracker_restored(sessions->tracker, slot, now_usec);
    return r;
}

static int compare_ids(const void *a, const void *b)
{
    return strcmp(a, b);
}

int sessions_recover(struct sessions *sessions, uint64_t now_usec)
{
    char merged[TRACKER_SLOTS_MAX][SESSION_ID_MAX];
    _cleanup_free_ char(*ids)[SESSION_ID_MAX] = NULL;
    size_t n = 0, n_merged = 0;
    int r;

    r = recorder_list(sessions->parts.recorder, &ids, &n);
    if (r < 0)
        return log_error_errno(r, "Failed to list the recordings: %m");
    if (n)
        qsort(ids, n, sizeof(*ids), compare_ids);
    for (size_t i = 0; i < n; i++)
        if (!store_session_ended(sessions->parts.store, ids[i]))
            see_merged(sessions, ids[i], merged, &n_merged);
    for (size_t i = 0; i < n; i++)
        if (!store_session_ended(sessions->parts.store, ids[i]) &&
            !is_merged_elsewhere(merged, n_merged, ids[i]))
            (void)recover_one(sessions, ids[i], now_usec);
    rearm(sessions, now_usec);
    return 0;
}

/* ---- in --------------------------------------------------------------------------------------- */

void sessions_notification(struct sessions *sessions, uint64_t now_usec, size_t sensor,
                           uint16_t uuid, const uint8_t *bytes, size_t length)
{
    tracker_notification(sessions->tracker, now_usec, sensor, uuid, bytes, length);
    rearm(sessions, now_usec);
}

void sessions_link(struct sessions *sessions, uint64_t now_usec, size_t sensor, bool up)
{
    tracker_link(sessions->tracker, now_usec, sensor, up);
}

/* Now it is known when it was: what ended without a date gets it and is told. */
static void date_the_undated(struct sessions *sessions, uint64_t now_usec)
{
    int64_t boot_at = clock_wall_usec() - (int64_t)now_usec;

    for (size_t i = 0; i < sessions->n_undated; i++) {
        struct undated *undated = &sessions->undated[i];

        undated->row.session.start_usec = boot_at + (int64_t)undated->begin_usec;
        undated->row.session.end_usec = boot_at + (int64_t)undated->end_usec;
        date(sessions, &undated->row.session, &undated->row.utc_offset_s);
        if (!undated->told_start && undated->row.session.runner[0])
            put_start(sessions, &undated->row.session);
        put_result(sessions, &undated->row, undated->old);
        show(sessions, &undated->row.session);
    }
    sessions->n_undated = 0;
}

void sessions_clock_changed(struct sessions *sessions, uint64_t now_usec)
{
    struct payload_session summary;

    tracker_clock_set(sessions->tracker, now_usec);
    if (timekeeper_state(sessions->parts.timekeeper) == CLOCK_UNSET)
        return;
    date_the_undated(sessions, now_usec);
    for (size_t slot = 0; slot < TRACKER_SLOTS_MAX; slot++)
        if (sessions_summary(sessions, slot, now_usec, &summary))
            maybe_put_start(sessions, slot, &summary);
}

int sessions_start(struct sessions *sessions, uint64_t now_usec, size_t runner)
{
    int r = tracker_start(sessions->tracker, now_usec, runner);

    rearm(sessions, now_usec);
    return r;
}

static size_t find_open(const struct sessions *sessions, size_t runner, const char *id)
{
    if (!id[0])
        return runner == TRACKER_NONE ? TRACKER_NONE
                                      : tracker_slot_of_runner(sessions->tracker, runner);
    return find_slot(sessions, id);
}

/* ---- a session that ended is discarded --------------------------------------------------------- */

#define DISCARDED_WHY "discarded by command"

/* Into the recording first: a database that is lost is made again from these lines. */
static void record_discarded(struct sessions *sessions, uint64_t now_usec, const char *id)
{
    struct record record = { .type = RECORD_END, .t_usec = now_usec };
    struct recording_file *file;
    char line[RECORDING_LINE_MAX];
    size_t length;
    int r;

    record.end.how = RECORD_END_DISCARDED;
    snprintf(record.end.why, sizeof(record.end.why), "%s", DISCARDED_WHY);
    length = recording_format(&record, line, sizeof(line));
    r = recorder_open(sessions->parts.recorder, id, &file);
    if (r < 0) {
        log_warning_errno(r, "Recording %s does not say that it was discarded: %m", id);
        return;
    }
    recorder_append(file, line, length);
    recorder_close(file, NULL, NULL);
}

/* A result that still waits for its date waits on, as discarded. */
static bool discard_undated(struct sessions *sessions, const char *id)
{
    for (size_t i = 0; i < sessions->n_undated; i++)
        if (strcmp(sessions->undated[i].row.session.id, id) == 0) {
            sessions->undated[i].row.session.state = SESSION_DISCARDED;
            snprintf(sessions->undated[i].row.reason, sizeof(sessions->undated[i].row.reason), "%s",
                     DISCARDED_WHY);
            return true;
        }
    return false;
}

static void discard_result(struct sessions *sessions, const struct payload_session *session)
{
    struct store_session row = { .session = *session };

    /* the day stays the one it was counted on, whatever the zone is now */
    date(sessions, &row.session, &row.utc_offset_s);
    memcpy(row.session.day, session->day, sizeof(row.session.day));
    snprintf(row.reason, sizeof(row.reason), "%s", DISCARDED_WHY);
    put_told(sessions, &row, true);
}

static int discard_ended(struct sessions *sessions, uint64_t now_usec, const char *id)
{
    for (size_t i = 0; i < sessions->n_last; i++) {
        struct payload_session session = sessions->last[i];

        if (strcmp(session.id, id) != 0 || session.state != SESSION_ENDED)
            continue;
        session.state = SESSION_DISCARDED;
        log_info("session %s: discarded (it had ended)", id);
        record_discarded(sessions, now_usec, id);
        if (!discard_undated(sessions, id))
            discard_result(sessions, &session);
        show(sessions, &session);
        return TRACKER_OK;
    }
    return TRACKER_E_NONE;
}

int sessions_stop(struct sessions *sessions, uint64_t now_usec, size_t runner, const char *id,
                  bool discard)
{
    size_t slot = find_open(sessions, runner, id);

    if (slot == TRACKER_NONE)
        return discard && id[0] ? discard_ended(sessions, now_usec, id) : TRACKER_E_NONE;
    return tracker_end(sessions->tracker, now_usec, slot, discard,
                       discard ? DISCARDED_WHY : "stopped by command");
}

int sessions_incline(struct sessions *sessions, uint64_t now_usec, size_t runner, double percent)
{
    return tracker_incline(sessions->tracker, now_usec, runner, percent);
}

/* ---- reading ---------------------------------------------------------------------------------- */

bool sessions_live(const struct sessions *sessions, size_t slot, uint64_t now_usec,
                   struct payload_live *ret, size_t *ret_runner)
{
    const struct session *session = tracker_session(sessions->tracker, slot);

    if (!session)
        return false;
    session_live(session, now_usec, ret);
    ret->clock = timekeeper_state(sessions->parts.timekeeper);
    ret->t_usec = ret->clock == CLOCK_UNSET ? 0 : clock_wall_usec();
    memcpy(ret->session, sessions->kept[slot].id, sizeof(ret->session));
    *ret_runner = sessions->kept[slot].told_open ? sessions->kept[slot].runner : TRACKER_NONE;
    return true;
}

bool sessions_summary(const struct sessions *sessions, size_t slot, uint64_t now_usec,
                      struct payload_session *ret)
{
    struct store_session row;

    if (!tracker_session(sessions->tracker, slot))
        return false;
    summarise(sessions, slot, now_usec, &row);
    *ret = row.session;
    return true;
}

size_t sessions_slot_of_runner(const struct sessions *sessions, size_t runner)
{
    return tracker_slot_of_runner(sessions->tracker, runner);
}

const struct tracker *sessions_tracker(const struct sessions *sessions)
{
    return sessions->tracker;
}

void sessions_describe_sensor(const struct sessions *sessions, size_t sensor,
                              struct payload_sensor *payload)
{
    struct tracker_counts counts = tracker_counts(sessions->tracker, sensor);
    const struct stream *stream = tracker_stream(sessions->tracker, sensor);

    payload->malformed = (double)counts.malformed;
    payload->truncated = (double)counts.truncated;
    snprintf(payload->cadence_unit, sizeof(payload->cadence_unit), "%s",
             pod_unit_name(stream_unit(stream)));
    if (!payload->kind[0])
        snprintf(payload->kind, sizeof(payload->kind), "%s", stream_kind(stream));
    if (timekeeper_state(sessions->parts.timekeeper) == CLOCK_UNSET)
        payload->last_seen_usec = 0;
}
