/* SPDX-License-Identifier: MIT */
/* The store on a good disk: what is put is there after a restart, a kill, in order, and synced. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "close.h"
#include "daemon/store/store.h"
#include "daemon/store/tables.h"
#include "daemon/util.h"
#include "disk_fixture.h"
#include "fake_clock.h"

#define HOUR 3600000000LL

/* SQLite's syncs come by here: counted, and held up where a test wants a slow card. */
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t gate_changed = PTHREAD_COND_INITIALIZER;
static bool gate_shut, gate_reached;
static int n_syncs;

static int pass_gate(long call, int fd)
{
    pthread_mutex_lock(&gate);
    n_syncs++;
    gate_reached = true;
    pthread_cond_broadcast(&gate_changed);
    while (gate_shut)
        pthread_cond_wait(&gate_changed, &gate);
    pthread_mutex_unlock(&gate);
    return (int)syscall(call, fd);
}

int fdatasync(int fd)
{
    return pass_gate(SYS_fdatasync, fd);
}

int fsync(int fd)
{
    return pass_gate(SYS_fsync, fd);
}

static int count_syncs(void)
{
    pthread_mutex_lock(&gate);
    int n = n_syncs;
    pthread_mutex_unlock(&gate);
    return n;
}

/* ---- fixture ------------------------------------------------------------------------------- */

struct fixture {
    struct disk_fixture disk;
    struct store *store;
    int committed, last_result;
    int syncs_at_put;
};

static void start_at(struct fixture *f, int64_t wall_usec)
{
    if (!f->disk.worker)
        assert_return_code(worker_new(&f->disk.worker, f->disk.event), 0);
    assert_return_code(store_open(&f->store, f->disk.worker, f->disk.dir, wall_usec), 0);
}

static void stop(struct fixture *f)
{
    f->disk.worker = worker_free(f->disk.worker);
    f->store = store_free(f->store);
}

static void restart(struct fixture *f)
{
    stop(f);
    start_at(f, clock_wall_usec());
    assert_null(store_problem(f->store));
    assert_true(store_was_read(f->store));
}

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    assert_non_null(f);
    disk_fixture_init(&f->disk);
    start_at(f, clock_wall_usec());
    assert_null(store_problem(f->store));
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    stop(f);
    assert_int_equal(fake_clock_armed(), 0);
    disk_fixture_done(&f->disk);
    free(f);
    return 0;
}

static void on_committed(void *userdata, int result)
{
    struct fixture *f = userdata;
    f->committed++;
    f->last_result = result;
}

static struct store_session a_session(const char *id, const char *runner)
{
    struct store_session row;
    store_session_init(&row);
    row.utc_offset_s = 7200;
    snprintf(row.reason, sizeof(row.reason), "ten idle minutes");
    struct payload_session *s = &row.session;
    snprintf(s->id, sizeof(s->id), "%s", id);
    snprintf(s->runner, sizeof(s->runner), "%s", runner);
    s->state = SESSION_ENDED;
    return row;
}

static struct store_event an_event(const char *id, const char *body)
{
    struct store_event event = { .kind = EVENT_SESSION_END, .runner = "anna", .at_usec = 5 };
    snprintf(event.id, sizeof(event.id), "%s", id);
    event.body = (char *)body;
    return event;
}

static void put_session(struct fixture *f, const char *id, const char *runner)
{
    struct store_session row = a_session(id, runner);
    assert_return_code(store_put_session(f->store, &row, NULL, 0, on_committed, f), 0);
}

static void put_event(struct fixture *f, const char *id)
{
    struct store_event event = an_event(id, "{}");
    assert_return_code(store_put_events(f->store, &event, 1, on_committed, f), 0);
}

static void assert_events(struct fixture *f, const char *ids)
{
    char all[1024] = "";
    size_t n;
    const struct store_event *events = store_events(f->store, &n);
    for (size_t i = 0; i < n; i++)
        snprintf(all + strlen(all), sizeof(all) - strlen(all), "%s%s", i ? " " : "", events[i].id);
    assert_string_equal(all, ids);
}

/* ---- what is put is there ------------------------------------------------------------------ */

static void test_an_empty_store(void **state)
{
    struct fixture *f = *state;
    size_t n = 7;

    store_events(f->store, &n);
    assert_int_equal(n, 0);
    store_last_sessions(f->store, &n);
    assert_int_equal(n, 0);
    store_sensors(f->store, &n);
    assert_int_equal(n, 0);
    assert_false(store_session_ended(f->store, "x"));
    assert_null(store_answer(f->store, "x"));
    struct stat st;
    assert_return_code(stat(disk_path(&f->disk, "strided.db"), &st), 0);
    assert_int_equal(st.st_mode & 0137, 0);
}

static void test_a_session_comes_back_as_it_was(void **state)
{
    struct fixture *f = *state;
    struct store_session row = a_session("20260101T060000Z-anna", "anna");
    struct payload_session *s = &row.session;

    s->kind = SESSION_RUN;
    snprintf(s->day, sizeof(s->day), "2028-02-29");
    s->start_usec = 1767247200000000;
    s->end_usec = 1767250800000001;
    s->elapsed_s = 3600.25;
    s->distance_m = 10000.1;
    s->steps = 0; /* known to be none */
    s->zone_s[4] = 12.5;
    snprintf(s->source.distance, sizeof(s->source.distance), "belt");
    snprintf(s->source.heart_rate, sizeof(s->source.heart_rate), "strap");
    assert_return_code(store_put_session(f->store, &row, NULL, 0, on_committed, f), 0);
    assert_true(store_session_ended(f->store, s->id));
    restart(f);
    assert_int_equal(f->committed, 1);
    assert_int_equal(f->last_result, 0);

    size_t n;
    const struct store_session *back = store_last_sessions(f->store, &n);
    assert_int_equal(n, 1);
    assert_true(store_session_ended(f->store, s->id));
    assert_false(store_session_ended(f->store, "20260101T060000Z-ann"));
    const struct payload_session *b = &back->session;
    assert_string_equal(b->id, s->id);
    assert_string_equal(b->runner, "anna");
    assert_string_equal(b->day, "2028-02-29");
    assert_string_equal(back->reason, "ten idle minutes");
    assert_int_equal(back->utc_offset_s, 7200);
    assert_int_equal(b->kind, SESSION_RUN);
    assert_int_equal(b->state, SESSION_ENDED);
    assert_true(b->start_usec == s->start_usec && b->end_usec == s->end_usec);
    assert_true(b->elapsed_s == 3600.25 && b->distance_m == 10000.1 && b->zone_s[4] == 12.5);
    assert_true(b->steps == 0);
    assert_true(isnan(b->moving_s) && isnan(b->zone_s[0]) && isnan(b->gaps_s)); /* not 0 */
    assert_string_equal(b->source.distance, "belt");
    assert_string_equal(b->source.cadence, "");
    assert_string_equal(b->source.heart_rate, "strap");
}

static void test_every_figure_has_a_column_of_its_own(void **state)
{
    struct fixture *f = *state;
    struct store_session row = a_session("all", "");
    struct payload_session *s = &row.session;
    double *figures[] = { &s->elapsed_s,
                          &s->moving_s,
                          &s->distance_m,
                          &s->steps,
                          &s->cadence_mean_spm,
                          &s->cadence_max_spm,
                          &s->zone_s[0],
                          &s->zone_s[1],
                          &s->zone_s[2],
                          &s->zone_s[3],
                          &s->zone_s[4],
                          &s->heart_rate_mean_bpm,
                          &s->trimp,
                          &s->edwards,
                          &s->heart_rate_max_bpm,
                          &s->hills.ascent_m,
                          &s->hills.drop_m,
                          &s->gaps_s,
                          &s->hills.altitude_m,
                          &s->hills.downhill_m,
                          &s->hills.knee_load_steps,
                          &s->hills.downhill_s,
                          &s->hills.downhill_steps,
                          &s->hills.steep_pct,
                          &s->hills.pace_s_per_km,
                          &s->hills.coverage_pct };
    for (size_t i = 0; i < ELEMENTSOF(figures); i++)
        *figures[i] = (double)i + 0.5;
    snprintf(s->source.cadence, sizeof(s->source.cadence), "pod");
    snprintf(s->hills.source, sizeof(s->hills.source), "barometer");
    assert_return_code(store_put_session(f->store, &row, NULL, 0, NULL, NULL), 0);
    restart(f);
    size_t n;
    const struct store_session *back = store_last_sessions(f->store, &n);
    assert_int_equal(n, 1);
    for (size_t i = 0; i < ELEMENTSOF(figures); i++) {
        size_t at = (size_t)((char *)figures[i] - (char *)&row);
        assert_true(*(const double *)((const char *)back + at) == (double)i + 0.5);
    }
    assert_string_equal(back->session.source.cadence, "pod");
    assert_string_equal(back->session.hills.source, "barometer");
}

static void on_level(void *userdata, int result, const struct store_level *level)
{
    struct store_level *ret = userdata;

    assert_int_equal(level == NULL, result < 0);
    *ret = level ? *level : (struct store_level){ .start_usec = result };
}

/* As it is behind all that was put before: of one that was deleted and came back, too. */
static void test_how_one_was_run_on_the_level_is_asked_for(void **state)
{
    struct fixture *f = *state;
    struct store_level row = { .id = "a", .runner = "anna", .start_usec = clock_wall_usec() };
    struct store_session session = a_session("a", "anna");
    struct store_level found[5] = { 0 };

    level_init(&row.level);
    level_add(&row.level, 2.75, 168, 12.5);
    assert_return_code(store_find_level(f->store, "a", on_level, &found[0]), 0);
    put_session(f, "a", "anna");
    assert_return_code(store_put_level(f->store, &row), 0);
    assert_return_code(store_find_level(f->store, "a", on_level, &found[1]), 0);
    session.session.state = SESSION_DISCARDED;
    assert_return_code(store_put_session(f->store, &session, NULL, 0, NULL, NULL), 0);
    assert_return_code(store_find_level(f->store, "a", on_level, &found[2]), 0);
    session.session.state = SESSION_ENDED;
    assert_return_code(store_put_session(f->store, &session, NULL, 0, NULL, NULL), 0);
    assert_return_code(store_find_level(f->store, "a", on_level, &found[3]), 0);
    snprintf(session.session.runner, sizeof(session.session.runner), "ben");
    assert_return_code(store_put_session(f->store, &session, NULL, 0, NULL, NULL), 0);
    assert_return_code(store_find_level(f->store, "a", on_level, &found[4]), 0);
    assert_int_equal(store_find_level(f->store, "../a", on_level, found), -EINVAL);
    assert_string_equal(found[1].id, ""); /* never from inside the call */
    disk_fixture_settle(&f->disk);
    for (size_t i = 0; i < ELEMENTSOF(found); i++) {
        print_message("  %zu\n", i);
        if (i % 2 == 0) {
            assert_int_equal(found[i].start_usec, -ENOENT);
            continue;
        }
        assert_string_equal(found[i].id, "a");
        assert_string_equal(found[i].runner, "anna");
        assert_int_equal(found[i].start_usec, row.start_usec);
        assert_close(found[i].level.seconds, 12.5, 1e-6);
    }
}

/* That of one that was discarded, or given to another runner, or is long ago, is no example any more. */
static void test_how_sessions_were_run_on_the_level(void **state)
{
    struct fixture *f = *state;
    static const char *const ids[] = { "new", "old", "gone", "given" };
    struct store_level row = { .runner = "anna" };
    struct store_session gone = a_session("gone", "anna");
    struct store_session given = a_session("given", "ben");
    size_t n;

    level_init(&row.level);
    level_add(&row.level, 2.75, 168, 12.5);
    level_add(&row.level, 3.05, 172.4, 1800);
    for (size_t i = 0; i < ELEMENTSOF(ids); i++) {
        int64_t ago_usec = strcmp(ids[i], "old") == 0 ? 91 * INT64_C(86400000000) : 0;

        put_session(f, ids[i], "anna");
        snprintf(row.id, sizeof(row.id), "%s", ids[i]);
        row.start_usec = clock_wall_usec() - ago_usec;
        assert_return_code(store_put_level(f->store, &row), 0);
    }
    gone.session.state = SESSION_DISCARDED;
    assert_return_code(store_put_session(f->store, &gone, NULL, 0, NULL, NULL), 0);
    assert_return_code(store_put_session(f->store, &given, NULL, 0, NULL, NULL), 0);
    restart(f);
    const struct store_level *back = store_levels(f->store, &n);
    assert_int_equal(n, 1);
    assert_string_equal(back->id, "new");
    assert_string_equal(back->runner, "anna");
    assert_close(back->level.seconds, 1812.5, 1e-6);
    assert_close(level_speed_m_s(&back->level), level_speed_m_s(&row.level), 1e-6);
    assert_close(level_cadence_spm(&back->level, 3), level_cadence_spm(&row.level, 3), 1e-6);
    row.level.seconds = NAN;
    assert_int_equal(store_put_level(f->store, &row), -EINVAL);
    stop(f); /* a clock of decades ahead makes none of them old */
    start_at(f, clock_wall_usec() + 40 * 366 * INT64_C(86400000000));
    (void)store_levels(f->store, &n);
    assert_int_equal(n, 1);
}

static void test_the_newest_of_each_runner(void **state)
{
    struct fixture *f = *state;
    static const char *const rows[][2] = { { "a1", "anna" }, { "b1", "ben" },  { "a2", "anna" },
                                           { "n1", "" },     { "a3", "anna" }, { "b2", "ben" } };
    size_t n;

    for (size_t i = 0; i < ELEMENTSOF(rows); i++)
        put_session(f, rows[i][0], rows[i][1]);
    put_session(f, "a1", "anna"); /* computed again: keeps its place */
    restart(f);
    const struct store_session *last = store_last_sessions(f->store, &n);
    assert_int_equal(n, 3);
    assert_string_equal(last[0].session.id, "b2");
    assert_string_equal(last[1].session.id, "a3");
    assert_string_equal(last[2].session.id, "n1");
    for (size_t i = 0; i < ELEMENTSOF(rows); i++)
        assert_true(store_session_ended(f->store, rows[i][0]));
}

/* ---- the latest moment that is known ------------------------------------------------------- */

static void put_session_at(struct fixture *f, const char *id, const char *runner,
                           enum session_state session_state, int64_t end_usec)
{
    struct store_session row = a_session(id, runner);

    row.session.state = session_state;
    row.session.start_usec = end_usec ? end_usec - HOUR : 0;
    row.session.end_usec = end_usec;
    assert_return_code(store_put_session(f->store, &row, NULL, 0, NULL, NULL), 0);
}

static void put_event_at(struct fixture *f, const char *id, enum event_kind kind,
                         const char *session, int64_t at_usec)
{
    char body[64] = "";
    struct store_event event = an_event(id, body);

    snprintf(body, sizeof(body), "{\"id\":\"%s\"}", session);
    event.kind = kind;
    event.at_usec = at_usec;
    assert_return_code(store_put_events(f->store, &event, 1, NULL, NULL), 0);
}

static void assert_newest(struct fixture *f, int64_t usec)
{
    restart(f);
    assert_int_equal(store_newest_usec(f->store), usec);
}

static void test_the_latest_moment_is_of_the_last_session_of_a_runner_or_of_an_event(void **state)
{
    struct fixture *f = *state;

    assert_newest(f, 0);
    put_session_at(f, "a1", "anna", SESSION_ENDED, 90 * HOUR);
    put_session_at(f, "b1", "ben", SESSION_ENDED, 20 * HOUR);
    assert_newest(f, 90 * HOUR);
    put_session_at(f, "a2", "anna", SESSION_ENDED, 10 * HOUR); /* the clock was set right */
    assert_newest(f, 20 * HOUR);
    put_event_at(f, "a3-start", EVENT_SESSION_START, "a3", 30 * HOUR);
    put_event_at(f, "a2-end", EVENT_SESSION_END, "a2", 10 * HOUR);
    assert_newest(f, 30 * HOUR);
    put_session_at(f, "b2", "ben", SESSION_ENDED, 0); /* undated */
    put_session_at(f, "a3", "anna", SESSION_ENDED, 31 * HOUR);
    assert_newest(f, 31 * HOUR);
}

/* Who discards what a clock that was ahead has dated lets the right time be believed. */
static void test_what_is_discarded_is_no_latest_moment(void **state)
{
    struct fixture *f = *state;

    put_session_at(f, "a1", "anna", SESSION_ENDED, 10 * HOUR);
    put_session_at(f, "a2", "anna", SESSION_ENDED, 80 * HOUR);
    put_session_at(f, "a3", "anna", SESSION_ENDED, 90 * HOUR);
    put_event_at(f, "a3-start", EVENT_SESSION_START, "a3", 89 * HOUR);
    put_event_at(f, "a3-end", EVENT_SESSION_END, "a3", 90 * HOUR);
    put_event_at(f, "alert-1", EVENT_ALERT, "", 90 * HOUR);
    assert_newest(f, 90 * HOUR);
    put_session_at(f, "a3", "anna", SESSION_DISCARDED, 90 * HOUR);
    put_event_at(f, "a3-gone", EVENT_RETRACTED, "a3", 90 * HOUR);
    assert_newest(f, 80 * HOUR);
    put_session_at(f, "a2", "anna", SESSION_DISCARDED, 80 * HOUR);
    assert_newest(f, 10 * HOUR);
    put_session_at(f, "a1", "anna", SESSION_DISCARDED, 10 * HOUR);
    assert_newest(f, 0);
}

static void test_events_keep_their_order_marks_and_bodies(void **state)
{
    struct fixture *f = *state;
    struct store_event two[] = { an_event("e2", "{\"a\":\"\xc3\xa4\"}"), an_event("e3", "{}") };
    struct store_session row = a_session("s", "anna");

    put_event(f, "e1");
    assert_return_code(store_put_session(f->store, &row, two, 2, on_committed, f), 0);
    put_event(f, "e4");
    put_event(f, "e1"); /* the same fact again: stays as and where it is */
    assert_return_code(store_delete_event(f->store, "e3"), 0);
    assert_return_code(store_delete_event(f->store, "never put"), 0);
    assert_return_code(store_mark_event(f->store, "e2", 3, true), 0);
    restart(f);
    assert_int_equal(f->committed, 4);
    assert_events(f, "e1 e2 e4");
    size_t n;
    const struct store_event *events = store_events(f->store, &n);
    assert_string_equal(events[1].body, "{\"a\":\"\xc3\xa4\"}");
    assert_int_equal(events[1].tries, 3);
    assert_true(events[1].refused);
    assert_false(events[0].refused);
    assert_int_equal(events[1].kind, EVENT_SESSION_END);
    assert_string_equal(events[1].runner, "anna");
    assert_int_equal(events[1].at_usec, 5);
    /* the rows read may be put again: they are copied before they go */
    assert_return_code(store_put_events(f->store, events, n, NULL, NULL), 0);
    store_events(f->store, &n);
    assert_int_equal(n, 0);
    restart(f);
    assert_events(f, "e1 e2 e4");
}

static void test_more_events_than_are_kept_lose_the_oldest_alerts_last(void **state)
{
    struct fixture *f = *state;
    enum { TOO_MANY = STORE_EVENTS_MAX + 5 };
    struct store_event *events = calloc(TOO_MANY, sizeof(*events));

    assert_non_null(events);
    for (int i = 0; i < TOO_MANY; i++) {
        char id[40];
        snprintf(id, sizeof(id), "e%d", i);
        events[i] = an_event(id, "{}");
        events[i].kind = i < 2 ? EVENT_ALERT : EVENT_SENSOR;
    }
    assert_return_code(store_put_events(f->store, events, TOO_MANY, on_committed, f), 0);
    free(events);
    restart(f);
    size_t n;
    const struct store_event *back = store_events(f->store, &n);
    assert_int_equal(n, STORE_EVENTS_MAX);
    assert_string_equal(back[0].id, "e0");
    assert_string_equal(back[1].id, "e1");
    assert_string_equal(back[2].id, "e7");
}

static void test_releases_by_name_and_address(void **state)
{
    struct fixture *f = *state;
    struct store_release pod = { "pod",   "AA:BB:CC:DD:EE:01", "0123456789abcdef0123456789abcdef",
                                 1000000, 1900000000000000,    3600000000 };
    struct store_release bad[] = { pod, pod, pod, pod };
    size_t n;

    assert_return_code(store_put_release(f->store, &pod), 0);
    pod.until_usec = 0;
    pod.until_boot_usec = 2000000;
    assert_return_code(store_put_release(f->store, &pod), 0);
    snprintf(bad[0].boot_id, sizeof(bad[0].boot_id), "this one");
    bad[1].until_boot_usec = -1;
    bad[2].length_usec = INT64_MAX;
    bad[3].address[0] = '\0';
    for (size_t i = 0; i < ELEMENTSOF(bad); i++)
        assert_int_equal(store_put_release(f->store, &bad[i]), -EINVAL);
    restart(f);
    const struct store_release *releases = store_releases(f->store, &n);
    assert_int_equal(n, 1);
    assert_string_equal(releases[0].name, pod.name);
    assert_string_equal(releases[0].address, pod.address);
    assert_string_equal(releases[0].boot_id, pod.boot_id);
    assert_int_equal(releases[0].until_boot_usec, 2000000);
    assert_int_equal(releases[0].until_usec, 0);
    assert_int_equal(releases[0].length_usec, 3600000000);
}

static void test_sensors_by_name_and_address(void **state)
{
    struct fixture *f = *state;
    struct store_sensor pod = { "pod", "AA:BB:CC:DD:EE:01", "strides", "88 a minute at 3 m/s", 77 };
    struct store_sensor new_pod = { "pod", "AA:BB:CC:DD:EE:02", "", "", 0 };
    size_t n;

    assert_return_code(store_put_sensor(f->store, &new_pod), 0);
    assert_return_code(store_put_sensor(f->store, &pod), 0);
    snprintf(pod.cadence_unit, sizeof(pod.cadence_unit), "steps");
    assert_return_code(store_put_sensor(f->store, &pod), 0);
    restart(f);
    const struct store_sensor *sensors = store_sensors(f->store, &n);
    assert_int_equal(n, 2);
    assert_string_equal(sensors[0].address, "AA:BB:CC:DD:EE:01");
    assert_string_equal(sensors[0].cadence_unit, "steps");
    assert_string_equal(sensors[0].evidence, "88 a minute at 3 m/s");
    assert_int_equal(sensors[0].decided_usec, 77);
    assert_string_equal(sensors[1].cadence_unit, "");
    assert_int_equal(sensors[1].decided_usec, 0);
}

static void collect_id(void *userdata, const struct store_session *row)
{
    strcat(userdata, row->session.id);
    strcat(userdata, isnan(row->session.hills.altitude_m) ? "? " : " ");
}

static void test_every_result_is_read_in_the_order_they_ended(void **state)
{
    struct fixture *f = *state;
    struct store_session b1 = a_session("b1", "ben");
    char ids[64] = "";

    assert_true(store_read_sessions(f->store, collect_id, ids));
    assert_string_equal(ids, "");
    put_session(f, "a2", "anna");
    b1.session.hills.altitude_m = 0;
    assert_return_code(store_put_session(f->store, &b1, NULL, 0, NULL, NULL), 0);
    put_session(f, "a1", "anna");
    put_session(f, "a2", "anna"); /* computed again: keeps its place */
    restart(f);
    assert_true(store_read_sessions(f->store, collect_id, ids));
    assert_string_equal(ids, "a2? b1 a1? ");
}

static int put_judged(struct fixture *f, const struct store_verdict *rows, size_t n,
                      const struct store_event *events, size_t n_events)
{
    return store_put_judged(
        f->store,
        &(struct store_judged){
            .verdicts = rows, .n_verdicts = n, .events = events, .n_events = n_events },
        on_committed, f);
}

static void test_what_was_said_of_a_rule_stands_with_the_event_that_says_it(void **state)
{
    struct fixture *f = *state;
    struct store_verdict rows[] = {
        { "anna", "weekly_time", "caution", "warning", 1, 2, 0, 0 },
        { "anna", "spike_distance", "ok", "ok", 0, 0, 3, 4 },
    };
    struct store_event event = an_event("alert-1", "{\"news\":\"crossed\"}");
    size_t n;

    event.kind = EVENT_ALERT;
    assert_return_code(put_judged(f, rows, 2, &event, 1), 0);
    rows[0] = (struct store_verdict){ "anna", "weekly_time", "ok", "warning", 0, 2, 0, 0 };
    assert_return_code(put_judged(f, rows, 1, NULL, 0), 0);
    restart(f);
    const struct store_verdict *back = store_verdicts(f->store, &n);
    assert_int_equal(n, 2);
    assert_memory_equal(&back[0], &rows[1], sizeof(rows[1])); /* in order of their key */
    assert_memory_equal(&back[1], &rows[0], sizeof(rows[0]));
    assert_events(f, "alert-1");
}

/* Beside what is so of the rule, run by run; of what was taken back it is known that it was said. */
static void test_what_was_said_of_a_run_stands_until_it_is_taken_back(void **state)
{
    struct fixture *f = *state;
    struct store_verdict rows[] = {
        { "anna", "spike_distance", "ok", "ok", 0, 0, 3, 4, "" },
        { "anna", "spike_distance", "warning", "warning", 0, 8, 6, 7, "00000000000000ff" },
        { "anna", "spike_distance", "caution", "caution", 0, 9, 1, 2, "0123456789abcdef" },
    };
    struct store_event event = an_event("alert-1", "{\"news\":\"retracted\"}");
    size_t n;

    assert_return_code(put_judged(f, rows, 3, NULL, 0), 0);
    restart(f);
    const struct store_verdict *back = store_verdicts(f->store, &n);
    assert_int_equal(n, 3);
    assert_memory_equal(&back[0], &rows[0], sizeof(rows[0]));
    assert_memory_equal(&back[1], &rows[2], sizeof(rows[2])); /* the latest first */
    assert_memory_equal(&back[2], &rows[1], sizeof(rows[1]));
    rows[1] = (struct store_verdict){ "anna", "spike_distance",  "ok", "warning", 0, 8, 6,
                                      7,      "00000000000000ff" };
    assert_return_code(put_judged(f, &rows[1], 1, &event, 1), 0);
    restart(f);
    back = store_verdicts(f->store, &n);
    assert_int_equal(n, 3);
    assert_memory_equal(&back[1], &rows[2], sizeof(rows[2]));
    assert_memory_equal(&back[2], &rows[1], sizeof(rows[1]));
    assert_events(f, "alert-1");
}

/* Neither without the other. */
static void test_a_verdict_that_is_refused_says_nothing(void **state)
{
    struct fixture *f = *state;
    const struct store_verdict good = { "anna", "weekly_time", "caution", "ok", 1, 2, 0, 0 };
    struct store_verdict bad[] = { good, good, good, good, good, good };
    struct store_event event = an_event("alert-1", "{}"), broken = an_event("alert-2", "[");
    size_t n;

    snprintf(bad[0].runner, sizeof(bad[0].runner), "a/b");
    snprintf(bad[1].rule, sizeof(bad[1].rule), "%s", "");
    snprintf(bad[2].standing, sizeof(bad[2].standing), "alarm");
    snprintf(bad[3].level, sizeof(bad[3].level), "%s", "");
    bad[4].said_usec = -1;
    snprintf(bad[5].session, sizeof(bad[5].session), "0123");
    for (size_t i = 0; i < ELEMENTSOF(bad); i++) {
        const struct store_verdict two[] = { good, bad[i] };
        assert_int_equal(put_judged(f, two, 2, &event, 1), -EINVAL);
    }
    assert_int_equal(put_judged(f, &good, 1, &broken, 1), -EINVAL);
    restart(f);
    assert_int_equal(f->committed, 0);
    store_verdicts(f->store, &n);
    assert_int_equal(n, 0);
    assert_events(f, "");
}

static void test_answers_are_given_again_for_a_day(void **state)
{
    struct fixture *f = *state;
    int64_t wall = clock_wall_usec();

    assert_return_code(store_put_answer(f->store, "t1", "{\"status\":\"ok\"}", wall), 0);
    assert_string_equal(store_answer(f->store, "t1"), "{\"status\":\"ok\"}");
    assert_null(store_answer(f->store, "t2"));
    fake_clock_advance(23 * HOUR);
    restart(f);
    assert_string_equal(store_answer(f->store, "t1"), "{\"status\":\"ok\"}");
    fake_clock_advance(HOUR - 1);
    assert_non_null(store_answer(f->store, "t1"));
    fake_clock_advance(1);
    assert_null(store_answer(f->store, "t1"));
    restart(f);
    assert_null(store_answer(f->store, "t1"));

    /* a clock that was set back meanwhile forgets nothing early, and nothing stays for ever */
    assert_return_code(store_put_answer(f->store, "t3", "{}", clock_wall_usec()), 0);
    stop(f);
    start_at(f, 1000);
    assert_non_null(store_answer(f->store, "t3"));
    fake_clock_advance(24 * HOUR);
    assert_null(store_answer(f->store, "t3"));
}

/* Dated by a clock that was two days behind, they would be too old once it is right. */
static void test_answers_keep_their_age_when_the_clock_is_set(void **state)
{
    const int64_t right = clock_wall_usec(), behind = right - 48 * HOUR;
    struct fixture *f = *state;

    fake_clock_set_wall(behind);
    restart(f);
    assert_return_code(store_put_answer(f->store, "t1", "{}", clock_wall_usec()), 0);
    restart(f); /* an own restart before NTP answers makes no difference */
    assert_return_code(store_put_answer(f->store, "t2", "{}", clock_wall_usec()), 0);
    fake_clock_advance(10 * HOUR);
    fake_clock_set_wall(right + 10 * HOUR);
    assert_return_code(store_clock_set(f->store, clock_wall_usec()), 0);
    restart(f);
    assert_non_null(store_answer(f->store, "t1"));
    assert_non_null(store_answer(f->store, "t2"));
    fake_clock_advance(14 * HOUR - 1);
    restart(f);
    assert_non_null(store_answer(f->store, "t1"));
    fake_clock_advance(1);
    restart(f);
    assert_null(store_answer(f->store, "t1"));
    assert_null(store_answer(f->store, "t2"));
}

/* What is put before we are told that the clock was set throws nothing out that is not old. */
static void test_answers_outlive_the_first_one_of_a_clock_that_was_set(void **state)
{
    const int64_t right = clock_wall_usec();
    struct fixture *f = *state;

    fake_clock_set_wall(right - 48 * HOUR);
    restart(f);
    assert_return_code(store_put_answer(f->store, "t1", "{}", clock_wall_usec()), 0);
    fake_clock_set_wall(right);
    assert_return_code(store_put_answer(f->store, "t2", "{}", clock_wall_usec()), 0);
    restart(f);
    assert_non_null(store_answer(f->store, "t1"));
    assert_non_null(store_answer(f->store, "t2"));
}

/* It was dated by a clock that was right, before the power cut after which ours is behind. */
static void test_an_answer_of_what_is_still_to_come_keeps_its_date(void **state)
{
    const int64_t right = clock_wall_usec();
    struct fixture *f = *state;

    assert_return_code(store_put_answer(f->store, "t1", "{}", right), 0);
    for (int boot = 1; boot <= 3; boot++) {
        stop(f);
        fake_clock_reboot();
        fake_clock_set_wall(right - 48 * HOUR);
        start_at(f, clock_wall_usec());
        fake_clock_set_wall(right + boot * 10 * HOUR);
        assert_return_code(store_clock_set(f->store, clock_wall_usec()), 0);
    }
    restart(f);
    assert_null(store_answer(f->store, "t1"));
}

/* A put of nothing would wake the disk all the same. */
static void test_where_no_answer_is_dated_nothing_is_put(void **state)
{
    struct answer_table table = { 0 };
    struct put *put = NULL;

    assert_int_equal(answer_table_make_dates(&put, &table, 5 * HOUR, HOUR), 0);
    assert_null(put);
    assert_int_equal(answer_table_remember(&table, "t1", "{}", HOUR), 0);
    assert_int_equal(answer_table_make_dates(&put, &table, 5 * HOUR, HOUR), 0); /* too old */
    assert_null(put);
    assert_int_equal(answer_table_make_dates(&put, &table, 5 * HOUR, HOUR - 1), 0);
    assert_non_null(put);
    put_free(put);
    answer_table_free(&table);
}

static void test_answers_are_bounded(void **state)
{
    struct fixture *f = *state;

    for (int i = 0; i < 600; i++) {
        char transaction[16];
        snprintf(transaction, sizeof(transaction), "t%d", i);
        assert_return_code(store_put_answer(f->store, transaction, "{}", clock_wall_usec()), 0);
    }
    for (int again = 0; again < 2; again++) {
        assert_null(store_answer(f->store, "t87"));
        assert_non_null(store_answer(f->store, "t88"));
        assert_non_null(store_answer(f->store, "t599"));
        restart(f);
    }
}

/* ---- bad input ----------------------------------------------------------------------------- */

static void test_rows_out_of_range_are_refused_and_nothing_is_written(void **state)
{
    struct fixture *f = *state;
    static const char *const bodies[] = { NULL, "",           "[]",   "{",
                                          "1",  "{\"a\":1}x", "{\n}", "{\"\xff\":1}" };
    static const char *const days[] = { "2026-02-29", "2026-13-01", "2026-1-01", "x", "20260101" };
    static const char *const addresses[] = { "", "aa:bb:cc:dd:ee:ff", "AA:BB:CC:DD:EE",
                                             "AA:BB:CC:DD:EE:0" };

    for (size_t i = 0; i < ELEMENTSOF(bodies); i++) {
        struct store_event event = an_event("e", bodies[i]);
        assert_int_equal(store_put_events(f->store, &event, 1, on_committed, f), -EINVAL);
        struct store_session row = a_session("s", "anna");
        assert_int_equal(store_put_session(f->store, &row, &event, 1, on_committed, f), -EINVAL);
        assert_false(store_session_ended(f->store, "s"));
    }
    struct store_event bad[] = { an_event("", "{}"), an_event("e", "{}"), an_event("e", "{}"),
                                 an_event("e", "{}"), an_event("e", "{}") };
    snprintf(bad[1].runner, sizeof(bad[1].runner), "a/b");
    bad[2].at_usec = -1;
    bad[3].tries = -1;
    bad[4].kind = (enum event_kind)99;
    for (size_t i = 0; i < ELEMENTSOF(bad); i++)
        assert_int_equal(store_put_events(f->store, &bad[i], 1, on_committed, f), -EINVAL);
    for (size_t i = 0; i < ELEMENTSOF(days); i++) {
        struct store_session row = a_session("s", "anna");
        snprintf(row.session.day, sizeof(row.session.day), "%s", days[i]);
        assert_int_equal(store_put_session(f->store, &row, NULL, 0, NULL, NULL), -EINVAL);
    }
    struct store_session rows[6];
    for (size_t i = 0; i < ELEMENTSOF(rows); i++)
        rows[i] = a_session(i == 0 ? "../s" : "s", i == 1 ? "Anna" : "anna");
    rows[2].session.distance_m = INFINITY;
    rows[3].session.steps = -1;
    rows[4].session.start_usec = 10, rows[4].session.end_usec = 9;
    rows[5].utc_offset_s = 100000;
    for (size_t i = 0; i < ELEMENTSOF(rows); i++)
        assert_int_equal(store_put_session(f->store, &rows[i], NULL, 0, NULL, NULL), -EINVAL);
    for (size_t i = 0; i < ELEMENTSOF(addresses); i++) {
        struct store_sensor sensor = { .name = "pod" };
        snprintf(sensor.address, sizeof(sensor.address), "%s", addresses[i]);
        assert_int_equal(store_put_sensor(f->store, &sensor), -EINVAL);
    }
    assert_int_equal(store_put_answer(f->store, "", "{}", 1), -EINVAL);
    assert_int_equal(store_put_answer(f->store, "t", "", 1), -EINVAL);
    assert_int_equal(store_delete_event(f->store, ""), -EINVAL);
    assert_int_equal(store_mark_event(f->store, "e", -1, false), -EINVAL);
    restart(f);
    assert_int_equal(f->committed, 0);
    size_t n;
    store_last_sessions(f->store, &n);
    assert_int_equal(n, 0);
    assert_events(f, "");
}

/* ---- the disk ------------------------------------------------------------------------------ */

static void check_synced(void *userdata, int result)
{
    struct fixture *f = userdata;
    assert_int_equal(result, 0);
    assert_true(count_syncs() > f->syncs_at_put);
    f->committed++;
}

static void test_what_is_told_as_committed_is_synced(void **state)
{
    struct fixture *f = *state;

    for (int i = 0; i < 5; i++) {
        char id[16];
        snprintf(id, sizeof(id), "e%d", i);
        struct store_event event = an_event(id, "{}");
        f->syncs_at_put = count_syncs();
        assert_return_code(store_put_events(f->store, &event, 1, check_synced, f), 0);
        assert_int_equal(f->committed, i); /* not from inside the call */
        disk_fixture_settle(&f->disk);
        assert_int_equal(f->committed, i + 1);
    }
}

static void shut_gate(bool shut)
{
    pthread_mutex_lock(&gate);
    gate_shut = shut;
    gate_reached = false;
    pthread_cond_broadcast(&gate_changed);
    pthread_mutex_unlock(&gate);
}

static void wait_for_sync(void)
{
    pthread_mutex_lock(&gate);
    while (!gate_reached)
        pthread_cond_wait(&gate_changed, &gate);
    pthread_mutex_unlock(&gate);
}

static void test_a_slow_card_holds_up_nobody_and_what_waits_shares_a_sync(void **state)
{
    struct fixture *f = *state;

    shut_gate(true);
    put_event(f, "first");
    wait_for_sync(); /* the worker hangs in it; all that follows runs all the same */
    for (int i = 0; i < 100; i++) {
        char id[16];
        snprintf(id, sizeof(id), "e%d", i);
        put_event(f, id);
    }
    assert_int_equal(f->committed, 0);
    int before = count_syncs();
    shut_gate(false);
    disk_fixture_settle(&f->disk);
    assert_int_equal(f->committed, 101);
    assert_true(count_syncs() - before <= 3);
    restart(f);
    size_t n;
    store_events(f->store, &n);
    assert_int_equal(n, 101);
}

/* ---- kill -9 ------------------------------------------------------------------------------- */

struct child {
    struct store *store;
    int told;
    uint32_t next, committed;
};

static void child_put(struct child *c);

static void child_committed(void *userdata, int result)
{
    struct child *c = userdata;
    if (result < 0 || write(c->told, &c->committed, sizeof(c->committed)) < 0)
        _exit(1);
    c->committed++;
    child_put(c);
}

static void child_put(struct child *c)
{
    char id[40];
    snprintf(id, sizeof(id), "k%u", c->next++);
    struct store_session row = a_session(id, "anna");
    struct store_event event = an_event(id, "{\"why\":\"killed\"}");
    if (store_put_session(c->store, &row, &event, 1, child_committed, c) < 0)
        _exit(1);
}

static _Noreturn void put_until_killed(struct fixture *f, int told)
{
    struct child c = { .told = told };
    struct worker *worker;
    sd_event *event;

    if (sd_event_new(&event) < 0 || worker_new(&worker, event) < 0 ||
        store_open(&c.store, worker, f->disk.dir, 1) < 0 || store_problem(c.store))
        _exit(1);
    for (int i = 0; i < 4; i++)
        child_put(&c);
    sd_event_loop(event);
    _exit(1);
}

static void kill_one(struct fixture *f, unsigned after)
{
    uint32_t committed = 0, i;
    int fds[2], status;

    assert_return_code(pipe(fds), 0);
    pid_t child = fork();
    assert_return_code(child, 0);
    if (child == 0)
        put_until_killed(f, fds[1]);
    close(fds[1]);
    while (committed < after && read(fds[0], &i, sizeof(i)) == sizeof(i))
        committed = i + 1;
    for (volatile unsigned spin = 0; spin < after * 997 % 60000; spin++) /* not always behind one */
        ;
    assert_return_code(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    while (read(fds[0], &i, sizeof(i)) == sizeof(i))
        committed = i + 1;
    close(fds[0]);

    start_at(f, clock_wall_usec());
    assert_null(store_problem(f->store));
    size_t n;
    const struct store_event *events = store_events(f->store, &n);
    assert_in_range(n, committed, committed + 4);
    for (size_t k = 0; k < n; k++) { /* each with its fact, none without */
        char id[40];
        snprintf(id, sizeof(id), "k%zu", k);
        assert_string_equal(events[k].id, id);
        assert_true(store_session_ended(f->store, id));
    }
    char id[40];
    snprintf(id, sizeof(id), "k%zu", n);
    assert_false(store_session_ended(f->store, id));
    stop(f);
    assert_return_code(unlink(disk_path(&f->disk, "strided.db")), 0);
}

static void test_a_killed_process_loses_nothing_that_was_told_as_committed(void **state)
{
    struct fixture *f = *state;
    unsigned seed = 7;

    stop(f); /* fork with one thread only */
    assert_return_code(unlink(disk_path(&f->disk, "strided.db")), 0);
    for (int i = 0; i < 20; i++)
        kill_one(f, (unsigned)rand_r(&seed) % 60);
}

#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_an_empty_store),
        T(test_a_session_comes_back_as_it_was),
        T(test_every_figure_has_a_column_of_its_own),
        T(test_how_sessions_were_run_on_the_level),
        T(test_how_one_was_run_on_the_level_is_asked_for),
        T(test_the_newest_of_each_runner),
        T(test_the_latest_moment_is_of_the_last_session_of_a_runner_or_of_an_event),
        T(test_what_is_discarded_is_no_latest_moment),
        T(test_events_keep_their_order_marks_and_bodies),
        T(test_more_events_than_are_kept_lose_the_oldest_alerts_last),
        T(test_sensors_by_name_and_address),
        T(test_releases_by_name_and_address),
        T(test_every_result_is_read_in_the_order_they_ended),
        T(test_what_was_said_of_a_rule_stands_with_the_event_that_says_it),
        T(test_what_was_said_of_a_run_stands_until_it_is_taken_back),
        T(test_a_verdict_that_is_refused_says_nothing),
        T(test_answers_are_given_again_for_a_day),
        T(test_answers_keep_their_age_when_the_clock_is_set),
        T(test_answers_outlive_the_first_one_of_a_clock_that_was_set),
        T(test_an_answer_of_what_is_still_to_come_keeps_its_date),
        T(test_where_no_answer_is_dated_nothing_is_put),
        T(test_answers_are_bounded),
        T(test_rows_out_of_range_are_refused_and_nothing_is_written),
        T(test_what_is_told_as_committed_is_synced),
        T(test_a_slow_card_holds_up_nobody_and_what_waits_shares_a_sync),
        T(test_a_killed_process_loses_nothing_that_was_told_as_committed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
