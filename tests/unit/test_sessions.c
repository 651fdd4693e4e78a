/* SPDX-License-Identifier: MIT */
/* Sessions beside a store that answers when the test says so, or never; recordings are real files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/fit.h"
#include "daemon/recording/recovery.h"
#include "daemon/sessions/private.h"
#include "daemon/util.h"
#include "disk_fixture.h"
#include "fake_clock.h"
#include "lib/civil.h"

#define S        UINT64_C(1000000)
#define PUTS_MAX 128

struct put {                      /* what the store was given */
    char session[SESSION_ID_MAX]; /* "": an event alone */
    enum session_state state;
    char event[40], runner[32];     /* "": a row alone */
    char more[40], more_runner[32]; /* of the event beside it */
    struct store_session row;
    int64_t at_usec;
    int transaction;
    store_committed committed;
    void *userdata;
};

static struct {
    struct disk_fixture disk;
    struct conf conf;
    struct recorder *recorder;
    struct sessions *sessions;
    /* the store */
    struct put puts[PUTS_MAX];
    size_t n_puts;
    struct store_session last;   /* what it was given last */
    struct store_session result; /* what was said of it */
    int results;
    int gathering; /* what is put then is one transaction */
    int transaction;
    int refusal; /* what a put returns at once */
    size_t room; /* puts, before it has none */
    int refused; /* so often: each is a change lost to it */
    struct store_level levels[4];
    size_t n_levels;
    store_level_found level_found;
    void *level_finder;
    char level_asked[SESSION_ID_MAX];
    int64_t newest_usec;
    bool dateless; /* the store: the clock was never known to it */
    int64_t made_usec;
    bool is_new; /* it was begun at this start */
    /* the clock's keeper */
    enum clock_state clock;
    bool settled;
    /* what was told */
    char events[PUTS_MAX][40];
    size_t n_events;
    int opened, closed, asked;
    char asked_for[SESSION_ID_MAX]; /* what the last command was done to */
} f;

/* ---- what is on the disk, as the worker comes by ------------------------------------------------- */

static atomic_int syncs_fail;        /* errno; 0: they do not */
static atomic_llong synced_bytes;    /* of a recording, at its last sync */
static atomic_llong committed_bytes; /* of them, when an event was committed last */

int __real_fdatasync(int fd);
int __wrap_fdatasync(int fd);

int __wrap_fdatasync(int fd)
{
    struct stat st;

    if (syncs_fail) {
        errno = syncs_fail;
        return -1;
    }
    if (fstat(fd, &st) == 0)
        synced_bytes = st.st_size;
    return __real_fdatasync(fd);
}

static int writes_fail; /* errno of each to a file; 0: they do not */

ssize_t __real_write(int fd, const void *bytes, size_t length);
ssize_t __wrap_write(int fd, const void *bytes, size_t length);

ssize_t __wrap_write(int fd, const void *bytes, size_t length)
{
    struct stat st;

    if (writes_fail == 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
        return __real_write(fd, bytes, length);
    errno = writes_fail;
    return -1;
}

static int reads_fail; /* what recorder_read says; 0: it is asked */

int __real_recorder_read(struct recorder *recorder, const char *session_id, char **ret,
                         size_t *ret_length);
int __wrap_recorder_read(struct recorder *recorder, const char *session_id, char **ret,
                         size_t *ret_length);

int __wrap_recorder_read(struct recorder *recorder, const char *session_id, char **ret,
                         size_t *ret_length)
{
    return reads_fail ? reads_fail : __real_recorder_read(recorder, session_id, ret, ret_length);
}

/* A page of one file that the disk does not give any more. */
static ino_t bad_file; /* 0: none */
static off64_t bad_from, bad_to;

ssize_t __real_pread64(int fd, void *bytes, size_t length, off64_t at);
ssize_t __wrap_pread64(int fd, void *bytes, size_t length, off64_t at);
ssize_t __wrap___pread64_chk(int fd, void *bytes, size_t length, off64_t at, size_t room);

ssize_t __wrap_pread64(int fd, void *bytes, size_t length, off64_t at)
{
    struct stat st;

    if (bad_file == 0 || fstat(fd, &st) < 0 || st.st_ino != bad_file || at >= bad_to)
        return __real_pread64(fd, bytes, length, at);
    if (at >= bad_from) {
        errno = EIO;
        return -1;
    }
    if ((off64_t)length > bad_from - at)
        length = (size_t)(bad_from - at);
    return __real_pread64(fd, bytes, length, at);
}

/* As a build that is fortified calls it. */
ssize_t __wrap___pread64_chk(int fd, void *bytes, size_t length, off64_t at, size_t room)
{
    assert_true(length <= room);
    return __wrap_pread64(fd, bytes, length, at);
}

static int refuses_many; /* what recorder_append_all says; 0: it is asked */

int __real_recorder_append_all(struct recording_file *file, const char *lines, size_t length);
int __wrap_recorder_append_all(struct recording_file *file, const char *lines, size_t length);

int __wrap_recorder_append_all(struct recording_file *file, const char *lines, size_t length)
{
    return refuses_many ? refuses_many : __real_recorder_append_all(file, lines, length);
}

/* A worker that is done with each job before the loop goes on. */
static bool worker_is_fast;

int __real_worker_post(struct worker *worker, const struct worker_job *job);
int __wrap_worker_post(struct worker *worker, const struct worker_job *job);

static int run_post(void *data)
{
    return sem_post(data);
}

int __wrap_worker_post(struct worker *worker, const struct worker_job *job)
{
    sem_t through;
    int r = __real_worker_post(worker, job);

    if (r < 0 || !worker_is_fast)
        return r;
    assert_int_equal(sem_init(&through, 0, 0), 0);
    r = __real_worker_post(worker, &(struct worker_job){ .run = run_post, .data = &through });
    assert_int_equal(r, 0);
    assert_int_equal(sem_wait(&through), 0);
    return sem_destroy(&through);
}

static int run_commit(void *data)
{
    committed_bytes = synced_bytes;
    return 0;
}

/* ---- the store and the keeper, in the place of the real ones ------------------------------------ */

static int take_room(void)
{
    int r = f.refusal < 0 ? f.refusal : f.room == 0 ? -ENOBUFS : 0;

    f.refused += r < 0;
    f.room -= r >= 0;
    return r;
}

static int put(const struct store_session *row, const struct store_event *events, size_t n,
               store_committed committed, void *userdata)
{
    struct put *at = &f.puts[f.n_puts];
    int r;

    assert_true(n <= 2);
    r = take_room();
    if (r < 0)
        return r;
    assert_true(f.n_puts < PUTS_MAX);
    if (f.gathering == 0)
        f.transaction++;
    *at =
        (struct put){ .transaction = f.transaction, .committed = committed, .userdata = userdata };
    if (row) {
        memcpy(at->session, row->session.id, sizeof(at->session));
        at->state = row->session.state;
        f.last = at->row = *row;
    }
    if (n) {
        memcpy(at->event, events->id, sizeof(at->event));
        memcpy(at->runner, events->runner, sizeof(at->runner));
        at->at_usec = events->at_usec;
        assert_non_null(events->body);
    }
    if (n > 1) {
        memcpy(at->more, events[1].id, sizeof(at->more));
        memcpy(at->more_runner, events[1].runner, sizeof(at->more_runner));
    }
    f.n_puts++;
    return 0;
}

/* No later row of the same session was put. */
static bool store_stands(const struct store_session *row, size_t from)
{
    for (size_t i = from + 1; i < f.n_puts; i++)
        if (strcmp(f.puts[i].session, row->session.id) == 0)
            return false;
    return true;
}

int store_put_session(struct store *store, const struct store_session *session,
                      const struct store_event *events, size_t n_events, store_committed committed,
                      void *userdata)
{
    assert_int_equal(worker_post(f.disk.worker, &(struct worker_job){ .run = run_commit }), 0);
    return put(session, events, n_events, committed, userdata);
}

int store_put_events(struct store *store, const struct store_event *events, size_t n_events,
                     store_committed committed, void *userdata)
{
    assert_int_equal(worker_post(f.disk.worker, &(struct worker_job){ .run = run_commit }), 0);
    return put(NULL, events, n_events, committed, userdata);
}

bool store_has_room_for(const struct store *store, size_t n)
{
    return f.refusal != -ENOBUFS && n <= f.room;
}

bool store_session_ended(const struct store *store, const char *id)
{
    for (size_t i = 0; i < f.n_puts; i++)
        if (strcmp(f.puts[i].session, id) == 0)
            return true;
    return false;
}

void store_gather(struct store *store)
{
    if (f.gathering++ == 0)
        f.transaction++;
}

void store_send(struct store *store)
{
    f.gathering--;
}

int64_t store_made_usec(const struct store *store)
{
    return f.made_usec;
}

bool store_is_dated(const struct store *store)
{
    return !f.dateless;
}

bool store_is_new(const struct store *store)
{
    return f.is_new;
}

int64_t store_newest_usec(const struct store *store)
{
    return f.newest_usec;
}

int store_find_last(struct store *store, const char *runner, store_found found, void *userdata)
{
    const struct store_session *row = NULL;

    for (size_t i = 0; i < f.n_puts; i++)
        if (strcmp(f.puts[i].row.session.runner, runner) == 0 && store_stands(&f.puts[i].row, i))
            row = &f.puts[i].row;
    found(userdata, row ? 0 : -ENOENT, row);
    return 0;
}

bool store_was_read(const struct store *store)
{
    return true;
}

const struct store_session *store_last_sessions(const struct store *store, size_t *ret_n)
{
    *ret_n = f.last.session.id[0] != 0;
    return &f.last;
}

const struct store_sensor *store_sensors(const struct store *store, size_t *ret_n)
{
    *ret_n = 0;
    return NULL;
}

const char *store_why(const struct store *store, int error)
{
    return strerrordesc_np(-error);
}

int store_put_sensor(struct store *store, const struct store_sensor *sensor)
{
    return 0;
}

const struct store_level *store_levels(const struct store *store, size_t *ret_n)
{
    *ret_n = f.n_levels;
    return f.levels;
}

int store_put_level(struct store *store, const struct store_level *level)
{
    int r = take_room();

    assert_true(f.n_levels < ELEMENTSOF(f.levels));
    if (r >= 0)
        f.levels[f.n_levels++] = *level;
    return r;
}

/* It answers when the test says so. */
int store_find_level(struct store *store, const char *id, store_level_found found, void *userdata)
{
    int r = take_room();

    assert_true(f.gathering > 0); /* behind its row */
    if (r >= 0) {
        f.level_found = found;
        f.level_finder = userdata;
        snprintf(f.level_asked, sizeof(f.level_asked), "%s", id);
    }
    return r;
}

enum clock_state timekeeper_state(const struct timekeeper *timekeeper)
{
    return f.clock;
}

bool timekeeper_is_settled(const struct timekeeper *timekeeper)
{
    return f.settled;
}

static void answer(size_t i, int result)
{
    store_committed committed = f.puts[i].committed;

    assert_non_null(committed);
    f.puts[i].committed = NULL;
    committed(f.puts[i].userdata, result);
}

/* ---- what is told ------------------------------------------------------------------------------- */

static void on_session(void *userdata, const struct payload_session *summary)
{
}

static void on_result(void *userdata, const struct store_session *result)
{
    assert_true(f.gathering > 0);
    f.results++;
    f.result = *result;
}

static void on_event(void *userdata, const struct store_event *event)
{
    assert_true(f.n_events < PUTS_MAX);
    memcpy(f.events[f.n_events++], event->id, sizeof(event->id));
}

static void on_open(void *userdata, size_t runner, bool open, bool asked, uint64_t now_usec)
{
    f.opened += open;
    f.closed += !open;
    f.asked += asked;
}

static void on_moved(void *userdata, size_t sensor, uint64_t now_usec)
{
}

static void on_strained(void *userdata, size_t sensor, uint64_t now_usec)
{
}

static const struct sessions_callbacks callbacks = {
    .on_session = on_session,
    .on_result = on_result,
    .on_event = on_event,
    .on_moved = on_moved,
    .on_strained = on_strained,
    .on_open = on_open,
};

static void begin(void)
{
    struct sessions_parts parts = { .event = f.disk.event,
                                    .conf = &f.conf,
                                    .recorder = f.recorder };

    assert_int_equal(sessions_new(&f.sessions, &parts, &callbacks, NULL), 0);
    assert_int_equal(sessions_recover(f.sessions, clock_now_usec()), 0);
}

static int setup(void **state)
{
    memset(&f, 0, sizeof(f));
    syncs_fail = reads_fail = refuses_many = writes_fail = 0;
    bad_file = 0;
    disk_fixture_init(&f.disk);
    f.conf.n_runners = 1;
    strcpy(f.conf.runners[0].id, "anna");
    strcpy(f.conf.runners[0].time_zone, "UTC");
    f.conf.runners[0].mass_kg = f.conf.runners[0].live_incline_pct = NAN;
    f.clock = CLOCK_SYNCED;
    f.settled = true;
    f.room = SIZE_MAX;
    fake_clock_set_wall(FAKE_WALL_USEC);
    assert_int_equal(recorder_new(&f.recorder, f.disk.event, f.disk.worker, f.disk.dir), 0);
    begin();
    return 0;
}

static int teardown(void **state)
{
    f.sessions = sessions_free(f.sessions);
    disk_fixture_settle(&f.disk);
    f.recorder = recorder_free(f.recorder);
    disk_fixture_done(&f.disk);
    return 0;
}

static void start(void)
{
    assert_int_equal(sessions_start(f.sessions, clock_now_usec(), 0, f.asked_for), TRACKER_OK);
}

static void stop(void)
{
    fake_clock_advance(30 * S);
    assert_int_equal(sessions_stop(f.sessions, clock_now_usec(), 0, "", false, f.asked_for),
                     TRACKER_OK);
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), n = strlen(end);

    return length > n && strcmp(text + length - n, end) == 0;
}

/* ---- the tests ---------------------------------------------------------------------------------- */

static void test_an_event_goes_out_when_it_is_in_the_store(void **state)
{
    start();
    assert_int_equal(f.n_puts, 1);
    assert_string_equal(f.puts[0].session, "");
    assert_string_equal(f.puts[0].runner, "anna");
    assert_int_equal(f.n_events, 0);
    answer(0, 0);
    assert_int_equal(f.n_events, 1);
    assert_true(ends_with(f.events[0], "-start"));
    stop();
    assert_int_equal(f.n_puts, 2); /* the result, and the event in the same commit */
    assert_int_equal(f.puts[1].state, SESSION_ENDED);
    assert_true(ends_with(f.puts[1].event, "-end"));
    assert_int_equal(f.results, 1); /* said at once: it counts, whatever becomes of the disk */
    assert_int_equal(f.result.session.state, SESSION_ENDED);
    assert_string_equal(f.result.session.runner, "anna");
    assert_int_equal(f.n_events, 1);
    answer(1, 0);
    assert_int_equal(f.n_events, 2);
    assert_int_equal(f.opened, 1);
    assert_int_equal(f.closed, 1);
    assert_int_equal(f.asked, 1);
}

/* A power cut after that leaves a session that was told of. */
static void test_a_start_is_told_when_its_recording_is_on_the_disk(void **state)
{
    _cleanup_free_ char *text = NULL;
    size_t length;

    worker_is_fast = true;
    start();
    worker_is_fast = false;
    assert_int_equal(recorder_read(f.recorder, f.asked_for, &text, &length), 0);
    assert_non_null(strstr(text, "\nG "));
    disk_fixture_settle(&f.disk);
    assert_int_equal(committed_bytes, length);
}

static void on_done(void *userdata, int result)
{
    *(int *)userdata = result;
}

/* The bytes of it that end with the n-th end in it. */
static long long bytes_to_end(const char *id, int n)
{
    _cleanup_free_ char *text = NULL;
    const char *at;
    size_t length;

    assert_int_equal(recorder_read(f.recorder, id, &text, &length), 0);
    at = text;
    for (int i = 0; i < n; i++) {
        at = strstr(at, "\nE ");
        assert_non_null(at);
        at++;
    }
    return strchr(at, '\n') + 1 - text;
}

/* Nor of its end, from which the same result is to be made again. */
static void test_an_end_is_stored_when_its_recording_is_on_the_disk(void **state)
{
    worker_is_fast = true;
    start();
    worker_is_fast = false;
    stop();
    disk_fixture_settle(&f.disk);
    assert_true(committed_bytes >= bytes_to_end(f.asked_for, 1));
}

/* Its end is on its way to the disk still. */
static void test_what_is_said_of_one_that_is_over_is_stored_when_it_is_on_the_disk(void **state)
{
    int done = 1;

    worker_is_fast = true;
    start();
    stop();
    worker_is_fast = false;
    assert_int_equal(
        sessions_discard_stored(f.sessions, clock_now_usec(), &f.puts[1].row, on_done, &done), 0);
    disk_fixture_settle(&f.disk);
    assert_true(committed_bytes >= bytes_to_end(f.puts[1].session, 2));
}

static void test_a_store_that_answers_after_the_session_is_gone(void **state)
{
    start();
    stop();
    answer(1, 0); /* in any order: each is its own */
    answer(0, 0);
    assert_int_equal(f.n_events, 2);
    assert_true(ends_with(f.events[0], "-end"));
    assert_true(ends_with(f.events[1], "-start"));
}

/* The sanitizers say whether what was not answered was let go. */
static void test_a_store_that_never_answers(void **state)
{
    start();
    stop();
    start();
    assert_int_equal(f.n_puts, 3);
    f.sessions = sessions_free(f.sessions);
    assert_int_equal(f.n_events, 0);
}

static void test_some_answers_and_then_none(void **state)
{
    start();
    stop();
    start();
    answer(1, 0); /* from the middle of those that wait */
    f.sessions = sessions_free(f.sessions);
    assert_int_equal(f.n_events, 1);
}

static void test_what_the_store_refuses_is_told_all_the_same(void **state)
{
    start();
    answer(0, -EROFS);
    assert_int_equal(f.n_events, 1);
    f.refusal = -EINVAL; /* for good */
    stop();
    assert_int_equal(f.n_puts, 1);
    assert_int_equal(f.n_events, 2);
    assert_true(ends_with(f.events[1], "-end"));
}

static void test_a_result_that_there_is_no_room_for_waits_with_what_tells_of_it(void **state)
{
    char first[SESSION_ID_MAX];

    f.refusal = -ENOBUFS;
    start();
    stop();
    memcpy(first, f.asked_for, sizeof(first));
    f.n_events = 0;                 /* of its start */
    assert_int_equal(f.results, 1); /* it counts */
    fake_clock_advance(200 * S);
    assert_int_equal(f.n_puts, 0);
    assert_int_equal(f.refused, 1); /* its start; what waits is not lost */
    f.refusal = 0;
    start();
    stop(); /* behind the one before, by which their runner's last is known */
    assert_int_equal(f.n_puts, 1);
    assert_true(ends_with(f.puts[0].event, "-start"));
    fake_clock_advance(60 * S);
    assert_int_equal(f.n_puts, 3);
    assert_string_equal(f.puts[1].session, first);
    assert_true(ends_with(f.puts[1].event, "-end"));
    assert_string_equal(f.puts[2].session, f.asked_for);
    assert_int_equal(f.n_events, 0); /* not before it is on the disk */
    answer(1, 0);
    assert_int_equal(f.n_events, 1);
    assert_true(ends_with(f.events[0], "-end"));
    assert_int_equal(f.results, 2);
    fake_clock_advance(200 * S);
    assert_int_equal(f.n_puts, 3);
}

static void restart(bool reboot);

static void test_results_that_there_never_is_room_for_are_made_again_at_the_next_start(void **state)
{
    enum { MANY = UNSTORED_MAX + 4 };

    f.refusal = -ENOBUFS;
    for (int i = 0; i < MANY; i++) {
        start();
        stop();
    }
    assert_int_equal(f.n_puts, 0);
    f.refusal = 0;
    restart(false);
    assert_int_equal(f.n_puts, MANY);
    for (int i = 0; i < MANY; i++)
        assert_true(ends_with(f.puts[i].event, "-end"));
}

static void test_what_waits_for_room_is_tried_once_more_at_a_stop(void **state)
{
    f.refusal = -ENOBUFS;
    start();
    stop();
    f.refusal = 0;
    sessions_flush(f.sessions);
    assert_int_equal(f.n_puts, 1);
    assert_true(ends_with(f.puts[0].event, "-end"));
}

static void test_nothing_dated_leaves_before_the_clock_is_set(void **state)
{
    f.clock = CLOCK_UNSET;
    fake_clock_set_wall((int64_t)(5000 * S));
    start();
    stop();
    assert_int_equal(f.n_puts, 0);
    fake_clock_advance(60 * S);
    fake_clock_set_wall(FAKE_WALL_USEC);
    f.clock = CLOCK_SYNCED;
    sessions_clock_changed(f.sessions, clock_now_usec());
    assert_int_equal(f.n_puts, 2);
    assert_true(ends_with(f.puts[0].event, "-start"));
    assert_int_equal(f.puts[0].at_usec, FAKE_WALL_USEC - (int64_t)(90 * S));
    assert_true(ends_with(f.puts[1].event, "-end"));
    assert_int_equal(f.puts[1].at_usec, FAKE_WALL_USEC - (int64_t)(60 * S));
}

/* Killed between them, the start would be told once more, of another moment. */
static void test_what_is_dated_is_one_transaction_with_its_start(void **state)
{
    f.clock = CLOCK_UNSET;
    fake_clock_set_wall((int64_t)(5000 * S));
    start();
    stop();
    start();
    stop();
    fake_clock_set_wall(FAKE_WALL_USEC);
    f.clock = CLOCK_SYNCED;
    sessions_clock_changed(f.sessions, clock_now_usec());
    assert_int_equal(f.n_puts, 4);
    assert_int_equal(f.puts[0].transaction, f.puts[1].transaction);
    assert_int_equal(f.puts[2].transaction, f.puts[3].transaction);
    sessions_clock_changed(f.sessions, clock_now_usec());
    assert_int_equal(f.n_puts, 4);
}

/* Nor where there is room for the start alone. */
static void test_what_is_dated_waits_for_room_with_its_start(void **state)
{
    f.clock = CLOCK_UNSET;
    fake_clock_set_wall((int64_t)(5000 * S));
    start();
    stop();
    fake_clock_set_wall(FAKE_WALL_USEC);
    f.clock = CLOCK_SYNCED;
    f.room = 1;
    sessions_clock_changed(f.sessions, clock_now_usec());
    assert_int_equal(f.n_puts, 0);
    assert_int_equal(f.n_events, 0);
    assert_int_equal(f.refused, 0);
    f.room = 2;
    fake_clock_advance(60 * S);
    assert_int_equal(f.n_puts, 2);
    assert_true(ends_with(f.puts[0].event, "-start"));
    assert_int_equal(f.puts[0].at_usec, FAKE_WALL_USEC - (int64_t)(30 * S));
    assert_true(ends_with(f.puts[1].event, "-end"));
    assert_int_equal(f.puts[0].transaction, f.puts[1].transaction);
    fake_clock_advance(200 * S);
    assert_int_equal(f.n_puts, 2);
}

/* What the disk did not take for a moment does not wait for a worker that may never come back. */
static void test_a_stop_writes_what_waits_before_all_else(void **state)
{
    char name[128];
    size_t length;

    assert_return_code(rmdir(disk_path(&f.disk, "sessions")), 0);
    disk_write(&f.disk, "sessions", "", 0); /* not to be had */
    start();
    assert_return_code(unlink(disk_path(&f.disk, "sessions")), 0);
    sessions_flush(f.sessions);
    snprintf(name, sizeof(name), "sessions/%s.rec", f.asked_for);
    _cleanup_free_ char *text = disk_read(&f.disk, name, &length);
    assert_non_null(strstr(text, "\nG "));
}

static void check_recording_ends_with(const char *id, enum record_end how)
{
    _cleanup_(recovered_done) struct recovered recovered = { 0 };
    struct record record, last = { .type = RECORD_AXIS };
    char *text;
    size_t length;

    assert_int_equal(recorder_read(f.recorder, id, &text, &length), 0);
    assert_int_equal(recovered_read(&recovered, text, length), 0);
    for (size_t i = 0; i < recovered.n; i++) {
        recovered_get(&recovered, i, &record);
        if (record.type == RECORD_END)
            last = record;
    }
    assert_int_equal(last.type, RECORD_END);
    assert_int_equal(last.end.how, how);
}

static void test_a_session_of_any_age_can_be_discarded(void **state)
{
    struct store_session row;
    int done = 1;

    start();
    stop();
    row = f.puts[1].row;
    start();
    stop(); /* and another since */
    fake_clock_advance(3600 * S);
    assert_int_equal(sessions_stop(f.sessions, clock_now_usec(), 0, row.session.id, true,
                                   f.asked_for), /* the store has it */
                     TRACKER_E_NONE);
    assert_string_equal(f.asked_for, f.puts[3].session);
    assert_int_equal(sessions_discard_stored(f.sessions, clock_now_usec(), &row, on_done, &done),
                     0);
    assert_int_equal(f.n_puts, 5);
    assert_string_equal(f.puts[4].session, row.session.id);
    assert_int_equal(f.puts[4].state, SESSION_DISCARDED);
    assert_true(ends_with(f.puts[4].event, "-gone"));
    assert_int_equal(f.puts[4].at_usec, f.puts[3].at_usec + (int64_t)(3600 * S));
    assert_int_equal(f.result.session.state, SESSION_DISCARDED);
    assert_string_equal(f.puts[4].row.session.day, row.session.day);
    check_recording_ends_with(row.session.id, RECORD_END_DISCARDED);
    assert_int_equal(done, 1); /* not before it is on the disk */
    answer(4, 0);
    assert_int_equal(done, 0);
}

static void test_one_of_two_that_wait_for_a_date_is_discarded(void **state)
{
    char ids[2][SESSION_ID_MAX];
    struct payload_session last;

    f.clock = CLOCK_UNSET;
    fake_clock_set_wall((int64_t)(5000 * S));
    for (size_t i = 0; i < 2; i++) {
        start();
        stop();
        memcpy(ids[i], f.asked_for, sizeof(ids[i]));
    }
    strcpy(f.asked_for, "untouched");
    assert_int_equal(sessions_stop(f.sessions, clock_now_usec(), 0, "nobody's", true, f.asked_for),
                     TRACKER_E_NONE);
    assert_string_equal(f.asked_for, "untouched");
    assert_int_equal(sessions_stop(f.sessions, clock_now_usec(), 0, ids[0], true, f.asked_for),
                     TRACKER_OK);
    assert_string_equal(f.asked_for, ids[0]);
    assert_int_equal(sessions_stop(f.sessions, clock_now_usec(), 0, ids[0], true, f.asked_for),
                     TRACKER_E_NONE); /* it is already */
    assert_true(sessions_last(f.sessions, "anna", &last));
    assert_string_equal(last.id, ids[1]);
    check_recording_ends_with(ids[0], RECORD_END_DISCARDED);
    check_recording_ends_with(ids[1], RECORD_END_TOLD);
    f.clock = CLOCK_SYNCED;
    fake_clock_set_wall(FAKE_WALL_USEC);
    sessions_clock_changed(f.sessions, clock_now_usec());
    assert_true(sessions_last(f.sessions, "anna", &last));
    assert_string_equal(last.id, ids[1]);
    assert_int_equal(last.state, SESSION_ENDED);
}

static void add_ben(void)
{
    f.conf.n_runners = 2;
    strcpy(f.conf.runners[1].id, "ben");
    strcpy(f.conf.runners[1].time_zone, "Pacific/Auckland");
    f.conf.runners[1].mass_kg = f.conf.runners[1].live_incline_pct = NAN;
    f.conf.runners[1].sex = CONF_SEX_MALE;
    f.conf.runners[1].max_heart_rate_bpm = 200;
    f.conf.runners[1].rest_heart_rate_bpm = 60;
    sessions_set_conf(f.sessions, &f.conf);
}

/* A person says it while the store has no room: nothing of it is told but that it is gone. */
static void test_one_of_two_that_wait_for_room_is_discarded(void **state)
{
    char ids[2][SESSION_ID_MAX];
    struct payload_session last;
    int results;

    add_ben();
    f.refusal = -ENOBUFS;
    for (size_t i = 0; i < 2; i++) {
        start();
        stop();
        memcpy(ids[i], f.asked_for, sizeof(ids[i]));
    }
    f.n_events = 0; /* of their starts */
    results = f.results;
    for (size_t i = 0; i < 2; i++)
        assert_true(sessions_has_in_hand(f.sessions, ids[i]));
    strcpy(f.asked_for, "untouched");
    assert_int_equal(sessions_stop(f.sessions, clock_now_usec(), 1, ids[0], true, f.asked_for),
                     SESSIONS_E_ANOTHERS);
    assert_string_equal(f.asked_for, "untouched");
    assert_int_equal(sessions_stop(f.sessions, clock_now_usec(), 0, ids[0], true, f.asked_for),
                     TRACKER_OK);
    assert_string_equal(f.asked_for, ids[0]);
    assert_int_equal(sessions_stop(f.sessions, clock_now_usec(), 0, ids[0], true, f.asked_for),
                     TRACKER_E_NONE); /* it is already */
    assert_int_equal(f.results, results + 1);
    assert_int_equal(f.result.session.state, SESSION_DISCARDED);
    assert_true(sessions_last(f.sessions, "anna", &last));
    assert_string_equal(last.id, ids[1]);
    check_recording_ends_with(ids[0], RECORD_END_DISCARDED);
    f.refusal = 0;
    fake_clock_advance(60 * S);
    assert_int_equal(f.n_puts, 2);
    assert_string_equal(f.puts[0].session, ids[0]);
    assert_int_equal(f.puts[0].state, SESSION_DISCARDED);
    assert_true(ends_with(f.puts[0].event, "-gone"));
    assert_string_equal(f.puts[1].session, ids[1]);
    assert_true(ends_with(f.puts[1].event, "-end"));
    assert_false(sessions_has_in_hand(f.sessions, ids[0]));
}

static void test_a_session_is_given_to_another_runner(void **state)
{
    struct payload_session last;
    char id[SESSION_ID_MAX];
    int done = 1;

    add_ben();
    start();
    stop();
    start();
    stop();
    memcpy(id, f.puts[3].session, sizeof(id));
    assert_int_equal(sessions_give(f.sessions, &f.puts[3].row, 1, on_done, &done), 0);
    assert_int_equal(f.n_puts, 5);
    assert_string_equal(f.puts[4].session, id);
    assert_string_equal(f.puts[4].row.session.runner, "ben");
    assert_int_equal(f.puts[4].state, SESSION_ENDED);
    assert_true(ends_with(f.puts[4].event, "-gone"));
    assert_string_equal(f.puts[4].runner, "anna");
    assert_true(ends_with(f.puts[4].more, "-end"));
    assert_string_equal(f.puts[4].more_runner, "ben");
    assert_string_not_equal(f.puts[4].more, f.puts[3].event); /* which may still wait to be sent */
    assert_string_equal(f.result.session.runner, "ben");
    assert_true(sessions_last(f.sessions, "ben", &last));
    assert_string_equal(last.id, id);
    assert_true(sessions_last(f.sessions, "anna", &last)); /* the one before */
    assert_string_equal(last.id, f.puts[1].session);
    answer(4, 0);
    assert_int_equal(done, 0);
    assert_int_equal(f.n_events, 2);
}

/* The day, too: in the middle of the night of one it is the other's next noon. */
static void test_a_session_that_was_given_is_made_again_from_its_recording(void **state)
{
    struct store_session given;
    int done = 1;

    add_ben();
    start();
    stop();
    assert_int_equal(sessions_give(f.sessions, &f.puts[1].row, 1, on_done, &done), 0);
    given = f.puts[2].row;
    assert_int_not_equal(given.utc_offset_s, f.puts[1].row.utc_offset_s);
    f.sessions = sessions_free(f.sessions);
    disk_fixture_settle(&f.disk);
    f.n_puts = 0; /* the database is gone */
    memset(&f.last, 0, sizeof(f.last));
    begin();
    assert_int_equal(f.n_puts, 1);
    assert_string_equal(f.puts[0].session, given.session.id);
    assert_string_equal(f.puts[0].row.session.runner, "ben");
    assert_string_equal(f.puts[0].row.session.day, given.session.day);
    assert_int_equal(f.puts[0].row.session.start_usec, given.session.start_usec);
    assert_int_equal(f.puts[0].state, SESSION_ENDED);
}

/* Of a recording that is gone only what does not depend on the runner stays known. */
static void test_a_session_without_its_recording_is_given_as_far_as_it_is_known(void **state)
{
    struct store_session row;
    char id[SESSION_ID_MAX] = "20200101T000000Z-0";
    int done = 1;

    add_ben();
    store_session_init(&row);
    memcpy(row.session.id, id, sizeof(id));
    snprintf(row.session.runner, sizeof(row.session.runner), "anna");
    row.session.state = SESSION_ENDED;
    row.session.start_usec = FAKE_WALL_USEC;
    row.session.end_usec = FAKE_WALL_USEC + (int64_t)(60 * S);
    row.session.distance_m = 5000;
    row.session.trimp = row.session.zone_s[2] = 50;
    assert_int_equal(sessions_give(f.sessions, &row, 1, on_done, &done), 0);
    assert_true(f.puts[0].row.session.distance_m == 5000);
    assert_true(isnan(f.puts[0].row.session.trimp) && isnan(f.puts[0].row.session.zone_s[2]));
    assert_string_equal(f.puts[0].row.session.runner, "ben");
    assert_false(recorder_has(f.recorder, id));
}

static struct logged_run told_run(int year, int month, int day, int start_min)
{
    struct logged_run run;

    logged_init(&run);
    strcpy(run.runner, "anna");
    run.day = civil_to_days(year, month, day);
    run.start_min = start_min;
    run.distance_m = 5000;
    run.moving_s = 1800;
    return run;
}

/* It is 2026-01-01T00:00:00Z. */
static void test_a_run_that_is_told_is_dated_where_its_runner_is(void **state)
{
    static const struct {
        const char *zone;
        int year, month, day, start_min, result;
        int64_t utc_s;
        int32_t offset_s;
    } rows[] = {
        { "UTC", 2025, 12, 31, 450, SESSIONS_LOGGED_OK, 1767166200, 0 },
        { "Europe/Berlin", 2025, 7, 1, 450, SESSIONS_LOGGED_OK, 1751347800, 7200 },
        { "Europe/Berlin", 2025, 10, 26, 150, SESSIONS_LOGGED_OK, 1761438600,
          7200 }, /* twice: the first */
        { "Europe/Berlin", 2025, 3, 30, 150, SESSIONS_LOGGED_OK, 1743298200,
          7200 }, /* never: as if */
        { "Pacific/Kiritimati", 2026, 1, 1, 450, SESSIONS_LOGGED_OK, 1767202200, 50400 },
        { "Pacific/Kiritimati", 2026, 1, 1, 820, SESSIONS_LOGGED_E_FUTURE, 0, 0 },
        { "Pacific/Niue", 2026, 1, 1, 0, SESSIONS_LOGGED_E_FUTURE, 0, 0 },
        { "UTC", 2025, 12, 31, 1411, SESSIONS_LOGGED_OK, 1767223860,
          0 }, /* the minute is rounded */
        { "UTC", 2025, 12, 31, 1412, SESSIONS_LOGGED_E_FUTURE, 0, 0 },
        { "UTC", 2025, 12, 30, LOGGED_NO_START, SESSIONS_LOGGED_OK, 1767096000, 0 },
        { "UTC", 2026, 1, 1, LOGGED_NO_START, SESSIONS_LOGGED_E_FUTURE, 0, 0 },
        { "Pacific/Niue", 2025, 12, 31, LOGGED_NO_START, SESSIONS_LOGGED_OK, 1767222000, -39600 },
        { "Asia/Tokyo", 2026, 1, 1, LOGGED_NO_START, SESSIONS_LOGGED_OK, 1767223800, 32400 },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct logged_run run =
            told_run(rows[i].year, rows[i].month, rows[i].day, rows[i].start_min);
        int r;

        strcpy(f.conf.runners[0].time_zone, rows[i].zone);
        sessions_set_conf(f.sessions, &f.conf);
        r = sessions_date_logged(f.sessions, &run);
        if (r != rows[i].result ||
            (r == SESSIONS_LOGGED_OK &&
             (run.start_usec != rows[i].utc_s * 1000000 || run.utc_offset_s != rows[i].offset_s)))
            fail_msg("row %zu: %d, %lld %d", i, r, (long long)run.start_usec / 1000000,
                     run.utc_offset_s);
    }
    f.clock = CLOCK_UNSET;
    struct logged_run run = told_run(2025, 12, 30, 450);
    assert_int_equal(sessions_date_logged(f.sessions, &run), SESSIONS_LOGGED_E_CLOCK);
}

static void test_a_run_that_is_told_is_put_with_its_end_or_not_at_all(void **state)
{
    struct store_session row;
    int done = 1;

    store_session_init(&row);
    strcpy(row.session.id, "hand-20260101T000000Z");
    strcpy(row.session.runner, "anna");
    strcpy(row.session.source.distance, STORE_BY_HAND);
    row.session.state = SESSION_ENDED;
    f.room = 0;
    assert_int_equal(sessions_put_logged(f.sessions, &row, on_done, &done), -ENOBUFS);
    assert_int_equal(f.n_puts, 0);
    f.room = SIZE_MAX;
    assert_int_equal(sessions_put_logged(f.sessions, &row, on_done, &done), 0);
    assert_int_equal(f.n_puts, 1);
    assert_string_equal(f.puts[0].event, "hand-20260101T000000Z-end");
    row.rebuilt = true;
    assert_int_equal(sessions_put_logged(f.sessions, &row, on_done, &done), 0);
    assert_string_equal(f.puts[1].event, "");
    add_ben();
    row.rebuilt = false;
    strcpy(row.session.day, "2025-12-30");
    assert_int_equal(sessions_give(f.sessions, &row, 1, on_done, &done), 0);
    assert_string_equal(f.puts[2].row.session.runner, "ben");
    assert_string_equal(f.puts[2].row.session.day, "2025-12-30"); /* as it was told */
}

/* Whoever said it hears that it failed, and says it again: until then it is as it was. */
static void test_what_was_said_of_one_that_is_over_is_so_when_there_is_room_for_it(void **state)
{
    struct store_session row;
    struct payload_session last;
    int done = 1, results;

    add_ben();
    start();
    stop();
    row = f.puts[1].row;
    results = f.results;
    f.refusal = -ENOBUFS;
    assert_int_equal(sessions_discard_stored(f.sessions, clock_now_usec(), &row, on_done, &done),
                     -ENOBUFS);
    assert_int_equal(sessions_give(f.sessions, &row, 1, on_done, &done), -ENOBUFS);
    assert_int_equal(f.results, results);
    assert_int_equal(f.n_events, 0);
    assert_true(sessions_last(f.sessions, "anna", &last));
    assert_int_equal(last.state, SESSION_ENDED);
    assert_false(sessions_last(f.sessions, "ben", &last));
    f.refusal = 0;
    assert_int_equal(sessions_discard_stored(f.sessions, clock_now_usec(), &row, on_done, &done),
                     0);
    assert_int_equal(f.results, results + 1);
    answer(2, 0);
    assert_int_equal(f.n_events, 1);
    assert_int_equal(done, 0);
}

/* The sanitizers say whether what was not answered was let go. */
static void test_a_store_that_never_says_that_it_was_given(void **state)
{
    int done = 1;

    add_ben();
    start();
    stop();
    assert_int_equal(sessions_give(f.sessions, &f.puts[1].row, 1, on_done, &done), 0);
    f.sessions = sessions_free(f.sessions);
    assert_int_equal(done, 1);
}

static void test_a_session_discarded_before_it_is_dated_gets_both_dates(void **state)
{
    struct payload_session ended;

    f.clock = CLOCK_UNSET;
    fake_clock_set_wall((int64_t)(5000 * S));
    start();
    stop();
    assert_true(sessions_last(f.sessions, "anna", &ended));
    fake_clock_advance(100 * S);
    assert_int_equal(sessions_stop(f.sessions, clock_now_usec(), 0, ended.id, true, f.asked_for),
                     TRACKER_OK);
    assert_int_equal(f.n_puts, 0);
    fake_clock_advance(60 * S);
    fake_clock_set_wall(FAKE_WALL_USEC);
    f.clock = CLOCK_SYNCED;
    sessions_clock_changed(f.sessions, clock_now_usec());
    assert_int_equal(f.n_puts, 2);
    assert_true(ends_with(f.puts[1].event, "-gone"));
    assert_int_equal(f.puts[1].at_usec, FAKE_WALL_USEC - (int64_t)(60 * S));
    assert_true(sessions_last(f.sessions, "anna", &ended));
    assert_int_equal(ended.end_usec, FAKE_WALL_USEC - (int64_t)(160 * S));
}

static void restart(bool reboot)
{
    sessions_free(f.sessions);
    disk_fixture_settle(&f.disk);
    fake_clock_advance(20 * S);
    if (reboot)
        fake_clock_reboot();
    begin();
}

static bool is_open(void)
{
    return sessions_slot_of_runner(f.sessions, 0) != TRACKER_NONE;
}

/* A pod on a foot, every second. */
static void run_for(int seconds)
{
    static const uint8_t packet[] = { 0, 0, 3, 170 }; /* 3 m/s, 170 a minute */

    for (int i = 0; i < seconds; i++) {
        fake_clock_advance(S);
        sessions_notification(f.sessions, clock_now_usec(), 0, GATT_RSC_MEASUREMENT, packet,
                              sizeof(packet));
    }
}

static void test_who_was_told_to_stop_and_walks_on_is_left_alone_after_a_restart(void **state)
{
    f.conf.n_sensors = 1;
    strcpy(f.conf.sensors[0].name, "pod");
    f.conf.sensors[0].factor = 1;
    f.conf.sensors[0].cadence_unit = CONF_CADENCE_STEPS;
    sessions_set_conf(f.sessions, &f.conf);
    run_for(30);
    assert_true(is_open());
    stop();
    assert_false(is_open());
    restart(false);
    run_for(30);
    assert_false(is_open());
    fake_clock_advance(30 * S); /* a still moment: the next run is one */
    run_for(30);
    assert_true(is_open());
}

/* Killed before its result was stored; since then the machine has lost the time. */
static void test_an_end_is_news_whatever_an_unset_clock_says(void **state)
{
    static const int64_t wall_usec[] = { (int64_t)(5000 * S),
                                         FAKE_WALL_USEC + INT64_C(40) * 366 * 86400 * 1000000 };

    for (size_t i = 0; i < ELEMENTSOF(wall_usec); i++) {
        f.clock = CLOCK_SYNCED;
        fake_clock_set_wall(FAKE_WALL_USEC + (int64_t)(i * 3600 * S));
        start();
        stop();
        f.n_puts = 0;
        f.clock = CLOCK_UNSET;
        fake_clock_set_wall(wall_usec[i]);
        restart(true);
        assert_true(f.n_puts > 0);
        assert_true(ends_with(f.puts[0].event, "-end"));
    }
}

/* One of long before what the store has: it was made again, and told in its time. */
static void test_an_end_of_long_ago_is_no_news_without_a_clock(void **state)
{
    start();
    stop();
    f.n_puts = 0;
    f.newest_usec = FAKE_WALL_USEC + INT64_C(10) * 86400 * 1000000;
    f.clock = CLOCK_UNSET;
    fake_clock_set_wall((int64_t)(5000 * S));
    restart(true);
    assert_int_equal(f.n_puts, 1);
    assert_string_equal(f.puts[0].event, "");
}

/* The database was lost: the one that was begun now has known no clock, so whatever has a date was in another. */
static void test_an_end_of_a_database_before_is_no_news_without_a_clock(void **state)
{
    start();
    stop();
    f.n_puts = 0;
    f.dateless = true;
    f.clock = CLOCK_UNSET;
    fake_clock_set_wall((int64_t)(5000 * S));
    restart(true);
    assert_int_equal(f.n_puts, 1);
    assert_string_equal(f.puts[0].event, "");
    assert_true(f.puts[0].row.rebuilt);
}

/* Of what was run on the level, an hour: enough to compare with. */
static void test_what_steps_are_compared_with_outlasts_an_unset_clock(void **state)
{
    static const int64_t wall_usec[] = { (int64_t)(5000 * S),
                                         FAKE_WALL_USEC + INT64_C(40) * 366 * 86400 * 1000000 };
    struct knee_reference own;

    f.n_levels = 1;
    f.levels[0] = (struct store_level){ .id = "before", .start_usec = FAKE_WALL_USEC };
    strcpy(f.levels[0].runner, "anna");
    level_init(&f.levels[0].level);
    level_add(&f.levels[0].level, 3.0, 170, 3600);
    f.clock = CLOCK_UNSET;
    restart(false);
    for (size_t i = 0; i < ELEMENTSOF(wall_usec); i++) {
        fake_clock_set_wall(wall_usec[i]);
        assert_true(sessions_reference(f.sessions, "anna", FAKE_WALL_USEC + 1, &own));
    }
}

static void test_what_was_begun_in_this_boot_goes_on_at_once(void **state)
{
    start();
    f.settled = false;
    f.clock = CLOCK_UNSET;
    restart(false);
    assert_true(is_open());
}

/* Nothing changes any more of a clock that is known when the daemon starts. */
static void test_what_ended_without_a_date_gets_it_at_a_start_that_knows_the_time(void **state)
{
    f.clock = CLOCK_UNSET;
    fake_clock_set_wall((int64_t)(5000 * S));
    start();
    stop();
    assert_int_equal(f.n_puts, 0);
    fake_clock_set_wall(FAKE_WALL_USEC);
    f.clock = CLOCK_RTC;
    restart(false);
    assert_int_equal(f.n_puts, 2);
    assert_true(ends_with(f.puts[0].event, "-start"));
    assert_true(ends_with(f.puts[1].event, "-end"));
    assert_int_equal(f.puts[1].row.session.end_usec, FAKE_WALL_USEC);
    restart(false);
    assert_int_equal(f.n_puts, 2);
}

static const struct put *row_of(const char *id);

/* The first of its recording, or the last. */
static void test_one_with_a_page_that_cannot_be_read_goes_on(void **state)
{
    for (int last = 0; last < 2; last++) {
        char name[SESSION_ID_MAX + 32];
        struct payload_session session;
        struct stat st;

        print_message("  %s\n", last ? "the last" : "the first");
        f.conf.n_sensors = 1;
        strcpy(f.conf.sensors[0].name, "pod");
        f.conf.sensors[0].factor = 1;
        f.conf.sensors[0].cadence_unit = CONF_CADENCE_STEPS;
        sessions_set_conf(f.sessions, &f.conf);
        start();
        run_for(600);
        f.sessions = sessions_free(f.sessions);
        disk_fixture_settle(&f.disk);
        snprintf(name, sizeof(name), "sessions/%s.rec", f.asked_for);
        assert_return_code(stat(disk_path(&f.disk, name), &st), 0);
        bad_file = st.st_ino;
        bad_from = last ? st.st_size / 4096 * 4096 : 0;
        bad_to = last ? INT64_MAX : 4096;
        fake_clock_advance(20 * S);
        begin();
        assert_true(is_open());
        run_for(60);
        disk_fixture_settle(&f.disk);
        stop();
        assert_non_null(row_of(f.asked_for));
        session = row_of(f.asked_for)->row.session;
        assert_string_equal(session.runner, "anna");
        assert_in_range(session.distance_m, 1200, 2100); /* of 1980 */
        assert_int_equal(disk_count(&f.disk, "sessions/*.other"), last);
        teardown(state);
        setup(state);
    }
}

static void test_what_was_begun_before_goes_on_when_the_clock_is_settled(void **state)
{
    start();
    f.settled = false;
    f.clock = CLOCK_UNSET;
    restart(true);
    assert_false(is_open());
    assert_true(sessions_is_reading(f.sessions, f.asked_for));
    assert_false(sessions_is_reading(f.sessions, "nobody's"));
    sessions_clock_changed(f.sessions, clock_now_usec()); /* set, but timedate1 was not heard */
    assert_false(is_open());
    f.settled = true;
    f.clock = CLOCK_SYNCED;
    sessions_clock_changed(f.sessions, clock_now_usec());
    assert_true(is_open());
    assert_false(sessions_is_reading(f.sessions, f.asked_for));
    assert_int_equal(f.opened, 2);
    assert_int_equal(f.asked, 2);
    stop();
    assert_true(ends_with(f.puts[f.n_puts - 1].event, "-end"));
}

static void test_what_was_begun_before_ends_when_no_clock_tells_the_time_between(void **state)
{
    start();
    f.settled = false;
    f.clock = CLOCK_UNSET;
    restart(true);
    assert_int_equal(f.n_puts, 1);
    f.settled = true; /* timedate1 said no */
    sessions_clock_changed(f.sessions, clock_now_usec());
    assert_false(is_open());
    assert_int_equal(f.n_puts, 2);
    assert_int_equal(f.puts[1].state, SESSION_ENDED);
}

static void test_an_older_session_makes_way_for_one_begun_while_the_clock_settles(void **state)
{
    char id[SESSION_ID_MAX];

    start();
    f.settled = false;
    f.clock = CLOCK_UNSET;
    restart(true);
    start();
    snprintf(id, sizeof(id), "%.32s", f.puts[0].event);
    *strrchr(id, '-') = '\0';
    f.settled = true;
    f.clock = CLOCK_SYNCED;
    sessions_clock_changed(f.sessions, clock_now_usec());
    assert_true(is_open());
    assert_true(store_session_ended(NULL, id));
}

/* ---- the heart ---------------------------------------------------------------------------------- */

static void beat_for(int seconds, uint8_t bpm)
{
    const uint8_t packet[] = { 0, bpm };

    for (int i = 0; i < seconds; i++) {
        fake_clock_advance(S);
        sessions_notification(f.sessions, clock_now_usec(), 0, 0x2a37, packet, sizeof(packet));
    }
}

static void test_a_maximum_that_is_beaten_is_a_problem_until_the_session_ends(void **state)
{
    char sentence[PAYLOAD_TEXT_MAX] = "untouched";

    f.conf.runners[0].max_heart_rate_bpm = 185;
    f.conf.runners[0].rest_heart_rate_bpm = 50;
    f.conf.runners[0].publish_heart_rate = true;
    f.conf.n_sensors = 1;
    strcpy(f.conf.sensors[0].name, "strap");
    f.conf.sensors[0].factor = 1;
    sessions_set_conf(f.sessions, &f.conf);
    start();
    beat_for(60, 184);
    assert_false(sessions_problem(f.sessions, 0, sentence));
    assert_string_equal(sentence, "untouched");
    beat_for(20, 191);
    assert_true(sessions_problem(f.sessions, 0, sentence));
    assert_non_null(strstr(sentence, "185"));
    assert_non_null(strstr(sentence, "[Runner anna]"));
    f.conf.runners[0].publish_heart_rate = false;
    assert_false(sessions_problem(f.sessions, 0, sentence));
    f.conf.runners[0].publish_heart_rate = true;
    stop();
    assert_false(sessions_problem(f.sessions, 0, sentence));
}

/* The database is gone, the recordings are there. */
static void lose_results(void)
{
    f.n_puts = 0;
}

static size_t rows_put(void)
{
    size_t n = 0;

    for (size_t i = 0; i < f.n_puts; i++)
        n += f.puts[i].session[0] != '\0';
    return n;
}

static void make_sessions(int n)
{
    for (int i = 0; i < n; i++) {
        start();
        stop();
        disk_fixture_settle(&f.disk);
        lose_results();
        f.n_events = 0;
    }
}

static void test_a_long_backlog_is_read_while_the_daemon_works(void **state)
{
    struct payload_session last;
    char oldest[SESSION_ID_MAX], newest[SESSION_ID_MAX];
    int turns = 0;

    make_sessions(1);
    memcpy(oldest, f.asked_for, sizeof(oldest));
    make_sessions(59);
    assert_true(sessions_last(f.sessions, "anna", &last));
    snprintf(newest, sizeof(newest), "%s", last.id);
    restart(false);
    assert_int_equal(rows_put(), 48); /* what may be open is not kept waiting */
    assert_false(sessions_is_reading(f.sessions, newest));
    assert_true(sessions_is_reading(f.sessions, oldest)); /* and nobody is told that it is not */
    while (fake_clock_armed() && turns++ < 1000) {
        assert_true(sessions_is_reading(f.sessions, oldest) != store_session_ended(NULL, oldest));
        fake_clock_advance(1);
    }
    assert_int_equal(rows_put(), 60);
    assert_false(sessions_is_reading(f.sessions, oldest));
    assert_true(sessions_last(f.sessions, "anna", &last));
    assert_string_equal(last.id, newest); /* and not the last that was read */
}

static void test_a_stop_in_the_middle_of_a_backlog_goes_on_at_the_next_start(void **state)
{
    make_sessions(60);
    restart(false);
    assert_int_equal(rows_put(), 48);
    restart(false);
    assert_int_equal(rows_put(), 60); /* a dozen are left, which are read at once */
}

/* Every line that says whose it is, since when and with what, where it stood first. */
static void rot_what_declares(const char *id)
{
    char name[SESSION_ID_MAX + 32];
    size_t length, cursor = 0, line_length, rotten = 0;
    const char *line;

    snprintf(name, sizeof(name), "sessions/%s.rec", id);
    _cleanup_free_ char *text = disk_read(&f.disk, name, &length);
    while (recording_next_line(text, length, &cursor, &line, &line_length))
        if (recording_has_copies(line[0])) {
            text[line - text + 2] ^= 0x80;
            rotten++;
        }
    assert_true(rotten >= 6); /* of two boots */
    disk_write(&f.disk, name, text, length);
}

static void test_a_database_is_made_again_from_a_recording_whose_first_lines_rotted(void **state)
{
    struct store_session before, after;

    f.conf.n_sensors = 1;
    strcpy(f.conf.sensors[0].name, "pod");
    f.conf.sensors[0].factor = 1;
    f.conf.sensors[0].cadence_unit = CONF_CADENCE_STEPS;
    sessions_set_conf(f.sessions, &f.conf);
    run_for(200);
    restart(true);
    run_for(100);
    stop();
    before = f.last;
    rot_what_declares(before.session.id);
    lose_results();
    restart(false);
    after = f.last;
    assert_int_equal(rows_put(), 1);
    assert_string_equal(after.session.id, before.session.id);
    assert_string_equal(after.session.runner, "anna");
    assert_int_equal(after.session.start_usec, before.session.start_usec);
    assert_int_equal(after.session.end_usec, before.session.end_usec);
    assert_true(before.session.distance_m > 800);
    assert_memory_equal(&after.session.distance_m, &before.session.distance_m, sizeof(double));
    assert_memory_equal(&after.session.moving_s, &before.session.moving_s, sizeof(double));
    assert_memory_equal(&after.session.steps, &before.session.steps, sizeof(double));
    assert_memory_equal(&after.session.cadence_mean_spm, &before.session.cadence_mean_spm,
                        sizeof(double));
}

/* ---- a runner who moves ------------------------------------------------------------------------- */

#define EAST   "Pacific/Kiritimati" /* 14 hours before UTC */
#define WEST   "Pacific/Niue"       /* 11 behind it: it never has the same day */
#define HOUR_S 3600

static void move_to(size_t runner, const char *zone)
{
    strcpy(f.conf.runners[runner].time_zone, zone);
    sessions_set_conf(f.sessions, &f.conf);
}

static void check_day(const struct store_session *row, const char *day, int hours)
{
    assert_string_equal(row->session.day, day);
    assert_int_equal(row->utc_offset_s, hours * HOUR_S);
}

/* What is shown of the one that is open. */
static void check_day_so_far(const char *day, int hours)
{
    struct store_session row;

    assert_true(sessions_result(f.sessions, sessions_slot_of_runner(f.sessions, 0),
                                clock_now_usec(), &row));
    check_day(&row, day, hours);
}

static const struct store_session *last_row(void)
{
    for (size_t i = f.n_puts; i-- > 0;)
        if (f.puts[i].session[0])
            return &f.puts[i].row;
    fail_msg("no row was put");
    return NULL;
}

static void test_who_moves_while_a_session_is_open_ends_it_on_the_day_it_began(void **state)
{
    for (int how = 0; how < 4; how++) { /* it goes on, is read back, in the next boot, too late */
        move_to(0, EAST);
        start();
        check_day_so_far("2026-01-01", 14);
        move_to(0, WEST);
        check_day_so_far("2026-01-01", 14);
        if (how > 0 && how < 3)
            restart(how == 2);
        if (how == 3) {
            fake_clock_advance(3600 * S);
            restart(true);
        } else {
            assert_true(is_open());
            check_day_so_far("2026-01-01", 14);
            stop();
        }
        check_day(last_row(), "2026-01-01", 14);
        start();
        stop();
        check_day(last_row(), "2025-12-31", -11);
        fake_clock_set_wall(FAKE_WALL_USEC);
    }
}

static void test_a_day_that_was_told_after_the_start_holds(void **state)
{
    f.clock = CLOCK_UNSET;
    fake_clock_set_wall((int64_t)(5000 * S));
    move_to(0, EAST);
    start();
    f.clock = CLOCK_SYNCED;
    fake_clock_set_wall(FAKE_WALL_USEC);
    sessions_clock_changed(f.sessions, clock_now_usec());
    move_to(0, WEST);
    stop();
    check_day(last_row(), "2026-01-01", 14);
}

/* Its zone is that of the moment it began after all: here it is summer then. */
static void test_a_start_that_another_clock_tells_is_dated_anew(void **state)
{
    f.clock = CLOCK_ASSUMED;
    move_to(0, "Europe/Berlin");
    start();
    check_day_so_far("2026-01-01", 1);
    f.clock = CLOCK_SYNCED;
    fake_clock_set_wall(FAKE_WALL_USEC + INT64_C(181) * 86400 * 1000000);
    sessions_clock_changed(f.sessions, clock_now_usec());
    check_day_so_far("2026-07-01", 2);
    move_to(0, WEST);
    stop();
    check_day(last_row(), "2026-07-01", 2);
    lose_results();
    restart(false);
    check_day(last_row(), "2026-07-01", 2);
}

static void test_a_database_made_again_after_a_move_has_the_same_days(void **state)
{
    move_to(0, EAST);
    start();
    stop();
    check_day(last_row(), "2026-01-01", 14);
    lose_results();
    move_to(0, WEST);
    restart(false);
    assert_int_equal(rows_put(), 1);
    check_day(last_row(), "2026-01-01", 14);
    f.conf.n_runners = 0; /* nor does it hang on who is there still */
    lose_results();
    restart(false);
    assert_int_equal(rows_put(), 1);
    check_day(last_row(), "2026-01-01", 14);
}

static void give_last(size_t runner)
{
    struct store_session row = *last_row();
    int done = 1;

    assert_int_equal(sessions_give(f.sessions, &row, runner, on_done, &done), 0);
    answer(f.n_puts - 1, 0);
}

/* The day of each is that of their zone when it became theirs. */
static void test_who_has_moved_gets_a_session_back_on_its_day(void **state)
{
    add_ben();
    move_to(0, EAST);
    move_to(1, "UTC");
    start();
    stop();
    move_to(0, WEST);
    give_last(1);
    check_day(last_row(), "2026-01-01", 0);
    move_to(1, WEST);
    lose_results();
    restart(false);
    assert_string_equal(last_row()->session.runner, "ben");
    check_day(last_row(), "2026-01-01", 0);
    give_last(0);
    check_day(last_row(), "2026-01-01", 14);
    give_last(1);
    check_day(last_row(), "2026-01-01", 0);
    lose_results();
    restart(false);
    check_day(last_row(), "2026-01-01", 0);
}

static size_t count_lines(const char *id, char letter, bool rot)
{
    char name[SESSION_ID_MAX + 32];
    size_t length, cursor = 0, line_length, n = 0;
    const char *line;

    snprintf(name, sizeof(name), "sessions/%s.rec", id);
    _cleanup_free_ char *text = disk_read(&f.disk, name, &length);
    while (recording_next_line(text, length, &cursor, &line, &line_length))
        if (line[0] == letter) {
            if (rot)
                text[line - text + 2] ^= 0x80;
            n++;
        }
    if (rot)
        disk_write(&f.disk, name, text, length);
    return n;
}

/* As one is that an older strided made: what its row says of the day is not lost with who had it. */
static void test_an_older_recording_is_given_back_on_its_day(void **state)
{
    add_ben();
    move_to(0, EAST);
    start();
    stop();
    disk_fixture_settle(&f.disk);
    assert_int_equal(count_lines(f.asked_for, 'Z', true), 1);
    move_to(0, WEST);
    give_last(1);
    give_last(0);
    check_day(last_row(), "2026-01-01", 14);
    lose_results();
    restart(false);
    check_day(last_row(), "2026-01-01", 14);
}

/* As one is that an older strided began: from now on it has the day that it gets now. */
static void test_an_open_recording_without_a_zone_gets_that_of_today(void **state)
{
    move_to(0, EAST);
    start();
    sessions_flush(f.sessions);
    disk_fixture_settle(&f.disk);
    assert_int_equal(count_lines(f.asked_for, 'Z', true), 1);
    move_to(0, WEST);
    restart(false);
    check_day_so_far("2025-12-31", -11);
    move_to(0, EAST);
    restart(false);
    check_day_so_far("2025-12-31", -11);
    stop();
    check_day(last_row(), "2025-12-31", -11);
    disk_fixture_settle(&f.disk);
    assert_int_equal(count_lines(f.asked_for, 'Z', false), 2);
}

/* ---- dated after its end ------------------------------------------------------------------------- */

static void add_pod(void)
{
    f.conf.n_sensors = 1;
    strcpy(f.conf.sensors[0].name, "pod");
    f.conf.sensors[0].factor = 1;
    f.conf.sensors[0].cadence_unit = CONF_CADENCE_STEPS;
    sessions_set_conf(f.sessions, &f.conf);
}

static void run_undated(void)
{
    f.clock = CLOCK_UNSET;
    fake_clock_set_wall((int64_t)(5000 * S));
    start();
    run_for(120);
    stop();
    assert_int_equal(rows_put(), 0);
    fake_clock_advance(60 * S);
}

static void know_the_time(void)
{
    fake_clock_set_wall(FAKE_WALL_USEC);
    f.clock = CLOCK_SYNCED;
    sessions_clock_changed(f.sessions, clock_now_usec());
}

/* Another is begun in its place. */
static void lose_database(void)
{
    lose_results();
    f.made_usec = clock_wall_usec();
    restart(true);
}

static void check_is_made_again(const struct store_session *before)
{
    lose_database();
    assert_int_equal(f.n_puts, 1);
    assert_string_equal(f.puts[0].event, "");
    assert_true(f.puts[0].row.rebuilt);
    assert_int_equal(f.puts[0].row.session.start_usec, before->session.start_usec);
    assert_int_equal(f.puts[0].row.session.end_usec, before->session.end_usec);
    assert_float_equal(f.puts[0].row.session.distance_m, before->session.distance_m, 1e-9);
}

static void check_is_a_fit_file(const char *id)
{
    FILE *file = tmpfile();

    assert_non_null(file);
    assert_int_equal(fit_print(f.disk.dir, id, file), 0);
    assert_true(ftell(file) > 500);
    fclose(file);
}

static void test_what_was_dated_after_its_end_keeps_its_date_without_the_database(void **state)
{
    for (int again = 0; again < 2; again++) { /* it waited; it was read back */
        struct store_session row;

        print_message("  %d\n", again);
        add_pod();
        move_to(0, EAST);
        run_undated();
        if (again) {
            fake_clock_set_wall(FAKE_WALL_USEC);
            f.clock = CLOCK_RTC;
            restart(false);
        } else {
            know_the_time();
        }
        assert_int_equal(rows_put(), 1);
        row = *last_row();
        assert_in_range(row.session.end_usec, 1, FAKE_WALL_USEC);
        check_day(&row, "2026-01-01", 14);
        disk_fixture_settle(&f.disk);
        check_is_a_fit_file(row.session.id);
        move_to(0, WEST);
        check_is_made_again(&row);
        check_day(&f.puts[0].row, "2026-01-01", 14);
        teardown(state);
        setup(state);
    }
}

/* Its row does not wait for that. */
static void test_a_date_that_there_is_no_room_for_comes_to_the_recording_later(void **state)
{
    struct store_session row;

    add_pod();
    run_undated();
    disk_fixture_settle(&f.disk);
    writes_fail = ENOSPC;
    know_the_time();
    assert_int_equal(rows_put(), 1);
    row = *last_row();
    assert_int_equal(count_lines(row.session.id, 'A', false), 1);
    writes_fail = 0;
    fake_clock_advance(60 * S);
    disk_fixture_settle(&f.disk);
    assert_int_equal(count_lines(row.session.id, 'A', false), 2);
    check_is_made_again(&row);
}

static void test_who_is_killed_while_a_date_is_stored_tells_start_and_end(void **state)
{
    run_undated();
    know_the_time();
    lose_results(); /* they did not come to the disk */
    f.made_usec = 1;
    restart(false);
    assert_int_equal(f.n_puts, 2);
    assert_true(ends_with(f.puts[0].event, "-start"));
    assert_true(ends_with(f.puts[1].event, "-end"));
    assert_int_equal(f.puts[0].transaction, f.puts[1].transaction);
    assert_int_equal(f.puts[0].at_usec, f.puts[1].row.session.start_usec);
}

/* Of 40 years, without a maximum: 180 is estimated. */
static void add_strap_of_anna(void)
{
    f.conf.runners[0].birth_year = 2026 - 40;
    f.conf.runners[0].rest_heart_rate_bpm = 50;
    f.conf.n_sensors = 1;
    strcpy(f.conf.sensors[0].name, "strap");
    f.conf.sensors[0].factor = 1;
    sessions_set_conf(f.sessions, &f.conf);
}

/* No heart keeps exactly one rate. */
static void exert(int seconds)
{
    for (int i = 0; i < seconds; i++)
        beat_for(1, 150 + i % 2);
}

static void check_heart(const struct payload_session *session, double zone_4_s)
{
    assert_float_equal(session->zone_s[3], zone_4_s, 10); /* a strap is believed after a moment */
    assert_float_equal(session->edwards, zone_4_s * 4 / 60, 1);
    assert_false(isnan(session->trimp) || isnan(session->edwards) || isnan(session->zone_s[3]));
}

/* Zones hang on the age, and that on the date: what was heard before is counted too, in whichever way the
 * date comes, and a database that is made again has the same. */
static void test_zones_by_age_are_those_of_the_whole_session_once_the_clock_is_set(void **state)
{
    static const char *const when[] = { "while it runs", "at a restart while it runs",
                                        "after its end", "at a restart after its end" };

    for (size_t i = 0; i < ELEMENTSOF(when); i++) {
        const bool open = i < 2, again = i % 2;
        struct payload_session session;
        struct payload_live live;
        size_t runner;

        print_message("  %s\n", when[i]);
        add_strap_of_anna();
        f.clock = CLOCK_UNSET;
        fake_clock_set_wall((int64_t)(5000 * S));
        start();
        exert(300);
        if (!open)
            stop();
        if (again) {
            fake_clock_set_wall(FAKE_WALL_USEC);
            f.clock = CLOCK_RTC;
            restart(false);
        } else {
            know_the_time();
        }
        if (open) {
            assert_true(sessions_summary(f.sessions, sessions_slot_of_runner(f.sessions, 0),
                                         clock_now_usec(), &session));
            exert(200);
            assert_true(sessions_live(f.sessions, sessions_slot_of_runner(f.sessions, 0),
                                      clock_now_usec(), &live, &runner));
            assert_float_equal(live.zone, 4, 0);
            stop();
        }
        session = last_row()->session;
        check_heart(&session, open ? 500 : 300);
        lose_database();
        assert_float_equal(last_row()->session.zone_s[3], session.zone_s[3], 1e-9);
        assert_float_equal(last_row()->session.edwards, session.edwards, 1e-9);
        assert_float_equal(last_row()->session.trimp, session.trimp, 1e-9);
        teardown(state);
        setup(state);
    }
}

/* No clock ever told when it was: it is told in the next boot, and once. */
static void test_one_without_a_date_is_told_once_whatever_becomes_of_the_database(void **state)
{
    run_undated();
    f.made_usec = 1;
    restart(true);
    assert_int_equal(f.n_puts, 1);
    assert_true(ends_with(f.puts[0].event, "-end"));
    assert_int_equal(f.puts[0].row.session.end_usec, 0);
    f.is_new = true;
    lose_database();
    assert_int_equal(f.n_puts, 1);
    assert_string_equal(f.puts[0].event, "");
    assert_true(f.puts[0].row.rebuilt);
}

/* ---- a belt for everybody ------------------------------------------------------------------------ */

static void open_the_hall(void)
{
    static const char *const names[] = { "pod", "belt" };

    f.conf.n_sensors = 2;
    for (size_t i = 0; i < 2; i++) {
        snprintf(f.conf.sensors[i].name, sizeof(f.conf.sensors[i].name), "%s", names[i]);
        snprintf(f.conf.sensors[i].address, sizeof(f.conf.sensors[i].address),
                 "C0:DE:00:00:00:0%zu", i);
        f.conf.sensors[i].factor = 1;
        f.conf.sensors[i].cadence_unit = CONF_CADENCE_STEPS;
    }
    f.conf.sensors[1].runner = CONF_RUNNER_AUTO;
    add_ben();
}

static void belt_for(int seconds, bool with_pod)
{
    static const uint8_t packet[] = { 0x00, 0x00, 0xe8, 0x03 }; /* 10 km/h */

    for (int i = 0; i < seconds; i++) {
        fake_clock_advance(S);
        sessions_notification(f.sessions, clock_now_usec(), 1, GATT_TREADMILL_DATA, packet,
                              sizeof(packet));
        if (with_pod)
            sessions_notification(f.sessions, clock_now_usec(), 0, GATT_RSC_MEASUREMENT,
                                  (const uint8_t[]){ 0, 0, 3, 170 }, 4);
    }
}

/* Whose session is open; "": nobody's. NULL: there is none. */
static const char *open_one(const char *runner, struct payload_session *ret)
{
    for (size_t i = 0; i < TRACKER_SLOTS_MAX; i++)
        if (sessions_summary(f.sessions, i, clock_now_usec(), ret) &&
            strcmp(ret->runner, runner) == 0)
            return ret->id;
    return NULL;
}

static size_t count_open(void)
{
    struct payload_session summary;
    size_t n = 0;

    for (size_t i = 0; i < TRACKER_SLOTS_MAX; i++)
        n += sessions_summary(f.sessions, i, clock_now_usec(), &summary);
    return n;
}

static const struct put *row_of(const char *id)
{
    const struct put *found = NULL;

    for (size_t i = 0; i < f.n_puts; i++)
        if (strcmp(f.puts[i].session, id) == 0)
            found = &f.puts[i];
    return found;
}

struct hall {
    char belt[SESSION_ID_MAX], anna[SESSION_ID_MAX]; /* ids */
    char *belt_text, *anna_text;
    size_t belt_length, anna_length, anna_before; /* her own, before it was merged */
    double distance_m;                            /* of both together */
};

static char *read_recording(const char *id, size_t *ret_length)
{
    char name[SESSION_ID_MAX + 32];

    snprintf(name, sizeof(name), "sessions/%s.rec", id);
    return disk_read(&f.disk, name, ret_length);
}

static void write_recording(const char *id, const char *text, size_t length)
{
    char name[SESSION_ID_MAX + 32];

    snprintf(name, sizeof(name), "sessions/%s.rec", id);
    disk_write(&f.disk, name, text, length);
}

/* To the second before its two minutes are over. */
static void run_until_it_is_found_out(struct hall *ret)
{
    struct payload_session session;

    open_the_hall();
    belt_for(25, false);
    belt_for(94, true);
    assert_non_null(open_one("", &session));
    memcpy(ret->belt, session.id, sizeof(ret->belt));
    assert_non_null(open_one("anna", &session));
    memcpy(ret->anna, session.id, sizeof(ret->anna));
    ret->belt_text = read_recording(ret->belt, &ret->belt_length);
    free(read_recording(ret->anna, &ret->anna_before));
}

static void find_it_out(struct hall *ret)
{
    struct payload_session session;

    for (int i = 0; i < 10 && open_one("", &session); i++) {
        free(ret->belt_text);
        free(read_recording(ret->anna, &ret->anna_before));
        ret->belt_text = read_recording(ret->belt, &ret->belt_length);
        belt_for(1, false);
    }
    assert_null(open_one("", &session));
    assert_non_null(open_one("anna", &session));
    ret->distance_m = session.distance_m;
    assert_in_range(ret->distance_m, 300, 345);
    ret->anna_text = read_recording(ret->anna, &ret->anna_length);
}

static void hall_done(struct hall *hall)
{
    free(hall->belt_text);
    free(hall->anna_text);
}

static void die(void)
{
    f.sessions = sessions_free(f.sessions);
    disk_fixture_settle(&f.disk);
}

/* As its sensor of that number. */
static size_t belt_packets(const char *id, int number)
{
    _cleanup_(recovered_done) struct recovered recovered = { 0 };
    size_t length, n = 0;
    char *text = read_recording(id, &length);

    assert_int_equal(recovered_read(&recovered, text, length), 0);
    for (size_t i = 0; i < recovered.n; i++) {
        struct record record;

        recovered_get(&recovered, i, &record);
        n += record.type == RECORD_NOTIFICATION && record.sensor == number &&
             record.notification.uuid == GATT_TREADMILL_DATA;
    }
    return n;
}

/* Nobody's, it waits for its date, or for room. */
static void test_one_that_is_nobodys_and_waits_is_discarded(void **state)
{
    for (int room = 0; room < 2; room++) {
        struct payload_session session;

        print_message("  %s\n", room ? "for room" : "for its date");
        if (!room) {
            f.clock = CLOCK_UNSET;
            fake_clock_set_wall((int64_t)(5000 * S));
        }
        open_the_hall();
        belt_for(120, false);
        assert_non_null(open_one("", &session));
        f.refusal = room ? -ENOBUFS : 0;
        assert_int_equal(sessions_stop(f.sessions, clock_now_usec(), TRACKER_NONE, session.id,
                                       false, f.asked_for),
                         TRACKER_OK);
        assert_true(sessions_has_in_hand(f.sessions, session.id));
        assert_int_equal(
            sessions_stop(f.sessions, clock_now_usec(), 0, session.id, true, f.asked_for),
            SESSIONS_E_ANOTHERS);
        assert_int_equal(sessions_stop(f.sessions, clock_now_usec(), TRACKER_NONE, session.id, true,
                                       f.asked_for),
                         TRACKER_OK);
        f.refusal = 0;
        know_the_time();
        fake_clock_advance(60 * S);
        assert_int_equal(f.n_puts, 1);
        assert_string_equal(f.puts[0].session, session.id);
        assert_string_equal(f.puts[0].event, "");
        assert_int_equal(f.puts[0].state, SESSION_DISCARDED);
        check_recording_ends_with(session.id, RECORD_END_DISCARDED);
        teardown(state);
        setup(state);
    }
}

static void test_a_merge_that_was_cut_is_done_again(void **state)
{
    _cleanup_(hall_done) struct hall hall = { 0 };
    struct payload_session session;
    size_t packets;

    run_until_it_is_found_out(&hall);
    find_it_out(&hall);
    die();
    hall.anna_length = (size_t)(strstr(strstr(hall.anna_text, "\nM "), " *") - hall.anna_text) + 7;
    packets = belt_packets(hall.belt, 0);
    assert_in_range(packets, 118, 122);
    for (size_t cut = hall.anna_before; cut <= hall.anna_length; cut += 61) {
        for (int again = 0; again < 2; again++) { /* killed once more right after it */
            if (!again) {
                write_recording(hall.anna, hall.anna_text, cut);
                write_recording(hall.belt, hall.belt_text, hall.belt_length);
            }
            lose_results();
            f.n_events = 0;
            if (cut % 2 && !again) /* by a power cut */
                fake_clock_reboot();
            begin();
            assert_non_null(open_one("anna", &session));
            if (cut > hall.anna_before)
                assert_int_equal(count_open(), 1);
            if (count_open() == 1)
                assert_int_equal(belt_packets(hall.anna, 1), packets);
            if (count_open() == 1) /* but for the last second */
                assert_true(fabs(session.distance_m - hall.distance_m) < 3.5);
            disk_fixture_settle(&f.disk);
            if (count_open() == 1) {
                assert_int_equal(row_of(hall.belt)->state, SESSION_DISCARDED);
                assert_non_null(strstr(row_of(hall.belt)->row.reason, hall.anna));
            }
            die();
        }
    }
    lose_results();
    begin();
}

/* Of what was never synced a power cut may leave the end and take the middle. Later it has rotted, and is as
 * good as it gets. */
static void test_a_merge_that_lost_its_middle_is_done_again(void **state)
{
    _cleanup_(hall_done) struct hall hall = { 0 };
    struct payload_session session;
    size_t packets;

    run_until_it_is_found_out(&hall);
    find_it_out(&hall);
    die();
    packets = belt_packets(hall.anna, 1);
    memset(hall.anna_text + hall.anna_before + 1000, 0, 512);
    for (int known = 0; known < 2; known++) {
        write_recording(hall.anna, hall.anna_text, hall.anna_length);
        write_recording(hall.belt, hall.belt_text, hall.belt_length);
        if (!known)
            lose_results();
        begin();
        assert_non_null(open_one("anna", &session));
        assert_int_equal(count_open(), 1);
        if (known)
            assert_in_range(belt_packets(hall.anna, 1), packets - 20, packets - 8);
        else
            assert_int_equal(belt_packets(hall.anna, 1), packets);
        disk_fixture_settle(&f.disk);
        assert_non_null(strstr(row_of(hall.belt)->row.reason, hall.anna));
        die();
    }
    begin();
}

static void test_a_merge_that_is_refused_changes_nothing(void **state)
{
    for (int refused = 0; refused < 2; refused++) {
        _cleanup_(hall_done) struct hall hall = { 0 };
        struct payload_session session;
        size_t length;

        run_until_it_is_found_out(&hall);
        reads_fail = refused ? 0 : -EIO;
        refuses_many = refused ? -ENOBUFS : 0;
        belt_for(10, true);
        reads_fail = refuses_many = 0;
        assert_non_null(open_one("", &session));
        assert_string_equal(session.id, hall.belt);
        assert_true(session.distance_m > 350);
        disk_fixture_settle(&f.disk);
        assert_null(row_of(hall.belt));
        _cleanup_free_ char *text = read_recording(hall.anna, &length);
        assert_null(strstr(text, hall.belt));
        restart(false);
        assert_int_equal(count_open(), 2);
        if (refused)
            break;
        teardown(state);
        setup(state);
    }
}

static void test_a_person_is_told_that_a_merge_is_refused(void **state)
{
    _cleanup_(hall_done) struct hall hall = { 0 };
    struct payload_session session;

    run_until_it_is_found_out(&hall);
    restart(true); /* times of two boots do not compare */
    assert_non_null(open_one("", &session));
    strcpy(f.asked_for, "untouched");
    assert_int_equal(sessions_give_open(f.sessions, clock_now_usec(), hall.belt, 0, f.asked_for),
                     TRACKER_E_REFUSED);
    assert_string_equal(f.asked_for, "untouched");
    assert_int_equal(count_open(), 2);
}

/* A power cut before that leaves two sessions, and not one that lacks the other's metres. */
static void test_what_was_merged_is_stored_as_such_when_it_is_on_the_disk(void **state)
{
    _cleanup_(hall_done) struct hall hall = { 0 };

    run_until_it_is_found_out(&hall);
    disk_fixture_settle(&f.disk);
    syncs_fail = EIO;
    find_it_out(&hall);
    disk_fixture_settle(&f.disk);
    assert_null(row_of(hall.belt));
    syncs_fail = 0;
    for (int i = 0; i < 4 && !row_of(hall.belt); i++) {
        belt_for(5, true);
        disk_fixture_settle(&f.disk);
    }
    assert_non_null(row_of(hall.belt));
    assert_int_equal(row_of(hall.belt)->state, SESSION_DISCARDED);
    disk_fixture_settle(&f.disk);
    check_recording_ends_with(hall.belt, RECORD_END_DISCARDED);
}

/* Of the rows of both the store never has only hers. */
static void test_who_ends_before_it_is_on_the_disk_has_it_stored_with_the_result(void **state)
{
    _cleanup_(hall_done) struct hall hall = { 0 };
    const struct put *belt, *anna;

    run_until_it_is_found_out(&hall);
    find_it_out(&hall);
    stop();
    belt = row_of(hall.belt);
    anna = row_of(hall.anna);
    assert_non_null(belt);
    assert_non_null(anna);
    assert_true(belt < anna);
    assert_in_range(anna->row.session.distance_m, 300, 345);
    disk_fixture_settle(&f.disk);
    assert_ptr_equal(row_of(hall.belt), belt); /* once */
}

/* Not of the belt alone, either: its metres are in hers. */
static void test_what_was_merged_waits_for_room_with_the_result(void **state)
{
    _cleanup_(hall_done) struct hall hall = { 0 };
    const struct put *belt, *anna;

    run_until_it_is_found_out(&hall);
    find_it_out(&hall);
    f.room = 1;
    stop();
    assert_null(row_of(hall.belt));
    assert_null(row_of(hall.anna));
    assert_int_equal(f.refused, 0);
    f.room = SIZE_MAX;
    fake_clock_advance(60 * S);
    belt = row_of(hall.belt);
    anna = row_of(hall.anna);
    assert_non_null(belt);
    assert_non_null(anna);
    assert_int_equal(belt->transaction, anna->transaction);
    disk_fixture_settle(&f.disk);
    assert_ptr_equal(row_of(hall.belt), belt); /* once */
}

/* As an example for later ones it counts at once. */
static void test_how_it_was_run_on_the_level_waits_for_room_with_the_result(void **state)
{
    struct level level;

    f.conf.runners[0].live_incline_pct = 0;
    open_the_hall();
    belt_for(200, true);
    f.refusal = -ENOBUFS;
    f.refused = 0;
    stop();
    assert_int_equal(f.n_levels, 0);
    assert_int_equal(f.refused, 0);
    assert_int_equal(f.sessions->n_levels, 1);
    f.refusal = 0;
    fake_clock_advance(60 * S);
    assert_int_equal(f.n_levels, 1);
    assert_string_equal(f.levels[0].id, f.asked_for);
    level = f.levels[0].level;
    assert_true(level.seconds > 0);
    assert_int_equal(f.puts[f.n_puts - 1].state, SESSION_ENDED);
}

static void assert_recorded(const char *id, const char *text)
{
    size_t length;
    _cleanup_free_ char *now = NULL;

    disk_fixture_settle(&f.disk);
    assert_int_equal(recorder_read(f.recorder, id, &now, &length), 0);
    assert_int_equal(length, strlen(text));
    assert_memory_equal(now, text, length);
}

/* Else a database that is lost is made again as nobody was told that it is. */
static void test_what_is_refused_is_not_recorded(void **state)
{
    struct store_session row;
    size_t length;
    int done = 1;
    char *text;

    add_ben();
    start();
    stop();
    row = f.puts[1].row;
    disk_fixture_settle(&f.disk);
    text = read_recording(row.session.id, &length);
    for (size_t room = 0; room < 2; room++) {
        f.room = room;
        assert_int_equal(sessions_give(f.sessions, &row, 1, on_done, &done), -ENOBUFS);
        assert_recorded(row.session.id, text);
    }
    f.room = 0;
    assert_int_equal(sessions_discard_stored(f.sessions, clock_now_usec(), &row, on_done, &done),
                     -ENOBUFS);
    assert_recorded(row.session.id, text);
    assert_int_equal(done, 1);
    free(text);
}

/* As long as it is not so, it is theirs, and an example. */
static void test_what_is_refused_changes_no_example(void **state)
{
    struct store_session row;
    int done = 1;

    f.conf.runners[0].live_incline_pct = 0;
    open_the_hall();
    f.conf.runners[1].live_incline_pct = 0;
    belt_for(200, true);
    stop();
    row = row_of(f.asked_for)->row;
    assert_int_equal(f.sessions->n_levels, 1);
    f.n_levels = 0;
    f.refusal = -ENOBUFS;
    assert_int_equal(sessions_give(f.sessions, &row, 1, on_done, &done), -ENOBUFS);
    assert_int_equal(f.sessions->n_levels, 1);
    assert_string_equal(f.sessions->levels[0].runner, "anna");
    f.refusal = 0;
    f.room = 1;
    assert_int_equal(sessions_give(f.sessions, &row, 1, on_done, &done), -ENOBUFS);
    assert_int_equal(f.n_levels, 0);
    f.room = 2;
    assert_int_equal(sessions_give(f.sessions, &row, 1, on_done, &done), 0);
    assert_string_equal(f.sessions->levels[0].runner, "ben");
    assert_int_equal(f.n_levels, 1);
    assert_string_equal(f.levels[0].runner, "ben");
    f.room = 0;
    assert_int_equal(sessions_discard_stored(f.sessions, clock_now_usec(), &row, on_done, &done),
                     -ENOBUFS);
    assert_int_equal(f.sessions->n_levels, 1);
    f.room = 1;
    assert_int_equal(sessions_discard_stored(f.sessions, clock_now_usec(), &row, on_done, &done),
                     0);
    assert_int_equal(f.sessions->n_levels, 0);
}

/* It is undone: later ones are compared with it again, without a start in between. */
static void test_one_that_comes_back_is_an_example_again(void **state)
{
    struct store_session row;
    int done = 1;

    f.conf.runners[0].live_incline_pct = 0;
    open_the_hall();
    belt_for(200, true);
    stop();
    row = row_of(f.asked_for)->row;
    assert_int_equal(f.sessions->n_levels, 1);
    f.n_levels = 0;
    assert_int_equal(sessions_delete_stored(f.sessions, &row, on_done, &done), 0);
    assert_int_equal(f.sessions->n_levels, 0);
    assert_int_equal(sessions_put_again(f.sessions, &row, on_done, &done), 0);
    assert_int_equal(f.sessions->n_levels, 1);
    assert_string_equal(f.sessions->levels[0].id, row.session.id);
    assert_string_equal(f.sessions->levels[0].runner, "anna");
    assert_true(f.sessions->levels[0].level.seconds > 0);
    assert_int_equal(f.n_levels, 1); /* as it is stored */
    assert_true(f.levels[0].level.seconds == f.sessions->levels[0].level.seconds);
    assert_string_equal(f.level_asked, "");
    row.session.state = SESSION_DISCARDED; /* as it was before it was deleted */
    assert_int_equal(sessions_delete_stored(f.sessions, &row, on_done, &done), 0);
    assert_int_equal(sessions_put_again(f.sessions, &row, on_done, &done), 0);
    assert_int_equal(f.sessions->n_levels, 0);
}

static void test_one_of_a_file_that_comes_back_is_an_example_again(void **state)
{
    struct store_level level = { .id = "f", .runner = "anna", .start_usec = FAKE_WALL_USEC };
    struct knee_reference own;
    struct store_session row;
    int done = 1;

    store_session_init(&row);
    strcpy(row.session.id, "f");
    strcpy(row.session.runner, "anna");
    strcpy(row.session.day, "2026-01-01");
    memset(row.file, 'a', sizeof(row.file) - 1);
    row.session.state = SESSION_ENDED;
    row.session.start_usec = level.start_usec;
    level_init(&level.level);
    level_add(&level.level, 3.0, 170, 3600);
    sessions_note_level(f.sessions, &row.session, &level.level);
    assert_true(sessions_reference(f.sessions, "anna", FAKE_WALL_USEC + 1, &own));
    for (int known = 1; known >= 0; known--) {
        assert_int_equal(sessions_delete_stored(f.sessions, &row, on_done, &done), 0);
        assert_false(sessions_reference(f.sessions, "anna", FAKE_WALL_USEC + 1, &own));
        f.level_asked[0] = '\0';
        assert_int_equal(sessions_put_again(f.sessions, &row, on_done, &done), 0);
        assert_string_equal(f.level_asked, "f");
        f.level_found(f.level_finder, known ? 0 : -ENOENT, known ? &level : NULL);
        assert_int_equal(sessions_reference(f.sessions, "anna", FAKE_WALL_USEC + 1, &own), known);
        assert_int_equal(f.sessions->n_levels, known);
    }
    f.level_found(f.level_finder, 0, &level); /* once, however often it is told */
    f.level_found(f.level_finder, 0, &level);
    assert_int_equal(f.sessions->n_levels, 1);
    level.start_usec -= 100 * INT64_C(86400000000); /* LEVEL_KEPT_DAYS are over */
    f.level_found(f.level_finder, 0, &level);
    assert_int_equal(f.sessions->n_levels, 0);
    f.level_asked[0] = '\0';
    row.session.state = SESSION_DISCARDED; /* as it was before it was deleted */
    assert_int_equal(sessions_put_again(f.sessions, &row, on_done, &done), 0);
    assert_string_equal(f.level_asked, "");
    row.session.state = SESSION_ENDED;
    f.room = 1; /* for its row alone: it comes back all the same */
    assert_int_equal(sessions_put_again(f.sessions, &row, on_done, &done), 0);
    assert_string_equal(f.level_asked, "");
}

/* The recording of the belt says so itself. */
static void test_a_row_that_was_refused_is_put_at_the_next_start(void **state)
{
    _cleanup_(hall_done) struct hall hall = { 0 };

    run_until_it_is_found_out(&hall);
    f.refusal = -ENOBUFS;
    find_it_out(&hall);
    disk_fixture_settle(&f.disk);
    assert_null(row_of(hall.belt));
    f.refusal = 0;
    stop();
    assert_non_null(row_of(hall.anna)); /* whose recording is read no more */
    restart(false);
    disk_fixture_settle(&f.disk);
    assert_int_equal(count_open(), 0);
    assert_int_equal(row_of(hall.belt)->state, SESSION_DISCARDED);
    assert_non_null(strstr(row_of(hall.belt)->row.reason, hall.anna));
}

static void set_written(const char *id, time_t at_s)
{
    const struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, { .tv_sec = at_s } };
    char name[SESSION_ID_MAX + 32];

    snprintf(name, sizeof(name), "sessions/%s.rec", id);
    assert_return_code(utimensat(AT_FDCWD, disk_path(&f.disk, name), times, 0), 0);
}

/* Copied back from somewhere, they are in any order: hers first (3), or the belt's, or both later (1). */
static void test_a_merge_is_found_among_many_recordings(void **state)
{
    static const struct {
        bool cut, says_so; /* hers; the belt's */
        time_t anna_s, belt_s;
    } rows[] = {
        { true, false, 3, 1 },  { false, false, 3, 1 }, { true, false, 1, 3 },
        { false, false, 1, 3 }, { false, true, 1, 3 },  { true, false, 1, 1 },
        { false, false, 1, 1 }, { true, true, 1, 3 }, /* says so, though it rotted in hers */
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        _cleanup_(hall_done) struct hall hall = { 0 };
        size_t cut;
        int turns = 0;

        print_message("  row %zu\n", i);
        run_until_it_is_found_out(&hall);
        find_it_out(&hall);
        stop();
        disk_fixture_settle(&f.disk);
        lose_results();
        make_sessions(60);
        die();
        cut = rows[i].cut ? hall.anna_before + 2000 : hall.anna_length;
        write_recording(hall.anna, hall.anna_text, cut);
        if (!rows[i].says_so)
            write_recording(hall.belt, hall.belt_text, hall.belt_length);
        set_written(hall.anna, rows[i].anna_s * INT64_C(1000000000));
        set_written(hall.belt, rows[i].belt_s * INT64_C(1000000000));
        lose_results();
        begin();
        while (fake_clock_armed() && turns++ < 1000) {
            fake_clock_advance(1);
            disk_fixture_settle(&f.disk);
        }
        assert_non_null(row_of(hall.anna));
        assert_non_null(row_of(hall.belt));
        assert_int_equal(row_of(hall.belt)->state, SESSION_DISCARDED);
        assert_non_null(strstr(row_of(hall.belt)->row.reason, hall.anna));
        assert_in_range(row_of(hall.anna)->row.session.distance_m, 300, 345);
        teardown(state);
        setup(state);
    }
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_an_event_goes_out_when_it_is_in_the_store),
        T(test_a_start_is_told_when_its_recording_is_on_the_disk),
        T(test_an_end_is_stored_when_its_recording_is_on_the_disk),
        T(test_what_is_said_of_one_that_is_over_is_stored_when_it_is_on_the_disk),
        T(test_a_store_that_answers_after_the_session_is_gone),
        T(test_a_store_that_never_answers),
        T(test_some_answers_and_then_none),
        T(test_what_the_store_refuses_is_told_all_the_same),
        T(test_a_result_that_there_is_no_room_for_waits_with_what_tells_of_it),
        T(test_results_that_there_never_is_room_for_are_made_again_at_the_next_start),
        T(test_an_end_is_news_whatever_an_unset_clock_says),
        T(test_an_end_of_long_ago_is_no_news_without_a_clock),
        T(test_an_end_of_a_database_before_is_no_news_without_a_clock),
        T(test_what_steps_are_compared_with_outlasts_an_unset_clock),
        T(test_what_waits_for_room_is_tried_once_more_at_a_stop),
        T(test_nothing_dated_leaves_before_the_clock_is_set),
        T(test_what_is_dated_is_one_transaction_with_its_start),
        T(test_what_is_dated_waits_for_room_with_its_start),
        T(test_what_ended_without_a_date_gets_it_at_a_start_that_knows_the_time),
        T(test_a_stop_writes_what_waits_before_all_else),
        T(test_a_session_discarded_before_it_is_dated_gets_both_dates),
        T(test_a_session_of_any_age_can_be_discarded),
        T(test_one_of_two_that_wait_for_a_date_is_discarded),
        T(test_one_of_two_that_wait_for_room_is_discarded),
        T(test_one_that_is_nobodys_and_waits_is_discarded),
        T(test_a_session_is_given_to_another_runner),
        T(test_a_session_that_was_given_is_made_again_from_its_recording),
        T(test_a_session_without_its_recording_is_given_as_far_as_it_is_known),
        T(test_what_was_said_of_one_that_is_over_is_so_when_there_is_room_for_it),
        T(test_a_store_that_never_says_that_it_was_given),
        T(test_who_was_told_to_stop_and_walks_on_is_left_alone_after_a_restart),
        T(test_what_was_begun_in_this_boot_goes_on_at_once),
        T(test_one_with_a_page_that_cannot_be_read_goes_on),
        T(test_what_was_begun_before_goes_on_when_the_clock_is_settled),
        T(test_what_was_begun_before_ends_when_no_clock_tells_the_time_between),
        T(test_an_older_session_makes_way_for_one_begun_while_the_clock_settles),
        T(test_a_maximum_that_is_beaten_is_a_problem_until_the_session_ends),
        T(test_a_database_is_made_again_from_a_recording_whose_first_lines_rotted),
        T(test_a_long_backlog_is_read_while_the_daemon_works),
        T(test_a_stop_in_the_middle_of_a_backlog_goes_on_at_the_next_start),
        T(test_a_run_that_is_told_is_dated_where_its_runner_is),
        T(test_a_run_that_is_told_is_put_with_its_end_or_not_at_all),
        T(test_who_moves_while_a_session_is_open_ends_it_on_the_day_it_began),
        T(test_a_day_that_was_told_after_the_start_holds),
        T(test_a_start_that_another_clock_tells_is_dated_anew),
        T(test_a_database_made_again_after_a_move_has_the_same_days),
        T(test_who_has_moved_gets_a_session_back_on_its_day),
        T(test_an_older_recording_is_given_back_on_its_day),
        T(test_an_open_recording_without_a_zone_gets_that_of_today),
        T(test_what_was_dated_after_its_end_keeps_its_date_without_the_database),
        T(test_a_date_that_there_is_no_room_for_comes_to_the_recording_later),
        T(test_who_is_killed_while_a_date_is_stored_tells_start_and_end),
        T(test_zones_by_age_are_those_of_the_whole_session_once_the_clock_is_set),
        T(test_one_without_a_date_is_told_once_whatever_becomes_of_the_database),
        T(test_a_merge_that_was_cut_is_done_again),
        T(test_a_merge_that_lost_its_middle_is_done_again),
        T(test_a_merge_that_is_refused_changes_nothing),
        T(test_a_person_is_told_that_a_merge_is_refused),
        T(test_what_was_merged_is_stored_as_such_when_it_is_on_the_disk),
        T(test_who_ends_before_it_is_on_the_disk_has_it_stored_with_the_result),
        T(test_what_was_merged_waits_for_room_with_the_result),
        T(test_how_it_was_run_on_the_level_waits_for_room_with_the_result),
        T(test_what_is_refused_is_not_recorded),
        T(test_what_is_refused_changes_no_example),
        T(test_one_that_comes_back_is_an_example_again),
        T(test_one_of_a_file_that_comes_back_is_an_example_again),
        T(test_a_row_that_was_refused_is_put_at_the_next_start),
        T(test_a_merge_is_found_among_many_recordings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
