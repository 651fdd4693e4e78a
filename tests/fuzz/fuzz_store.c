/* SPDX-License-Identifier: MIT */
/*
 * Any values in any column of the database (store_rows.h). What is read of it is in its ranges or is
 * left out and counted; and all that is made of it is made: what is shown of a last session, events
 * that still wait for the broker, the choice among sessions that are the same run, the training log
 * with its verdicts, files to be read again.
 */
#include <jansson.h>
#include <math.h>
#include <string.h>
#include "daemon/import/choice.h"
#include "daemon/import/past.h"
#include "daemon/log.h"
#include "daemon/recording/disk.h"
#include "daemon/render.h"
#include "daemon/store/columns.h"
#include "daemon/store/private.h"
#include "daemon/training/training.h"
#include "daemon/util.h"
#include "lib/contract.h"
#include "require.h"
#include "store_rows.h"
#include "tests/unit/fake_clock.h"

static struct db db; /* the connection, for as long as we run */
static struct store store;
static struct conf conf;
static struct timekeeper *timekeeper;

/* ---- what holds of each row -------------------------------------------------------------------- */

static void check_text(const char *text, size_t size)
{
    size_t length = strnlen(text, size);

    require(length < size && text_is_plain(text, length));
}
#define CHECK_TEXT(array) check_text(array, sizeof(array))

static void check_time(int64_t usec)
{
    require(usec >= 0 && usec <= TIME_MAX_USEC);
}

static void check_json(char *text)
{
    json_t *json = text ? json_loads(text, JSON_REJECT_DUPLICATES, NULL) : NULL;

    require(json_is_object(json));
    json_decref(json);
    free(text);
}

static void check_session(const struct store_session *row)
{
    const struct payload_session *s = &row->session;

    require(session_row_is_valid(row) && recording_id_is_valid(s->id));
    require(session_kind_name(s->kind) || s->kind == (enum session_kind) - 1);
    CHECK_TEXT(s->id);
    CHECK_TEXT(s->runner);
    CHECK_TEXT(row->reason);
    CHECK_TEXT(row->device);
    CHECK_TEXT(row->instead);
    check_time(s->start_usec);
    check_time(s->end_usec);
    check_json(render_payload(CONTRACT_SESSION, s));
}

static void check_event(const struct store_event *row)
{
    struct payload_event payload = { .at_usec = row->at_usec,
                                     .kind = row->kind,
                                     .body = row->body };

    CHECK_TEXT(row->id);
    CHECK_TEXT(row->runner);
    require(row->id[0] && event_kind_name(row->kind) && row->tries >= 0);
    check_time(row->at_usec);
    memcpy(payload.id, row->id, sizeof(payload.id));
    memcpy(payload.runner, row->runner, sizeof(payload.runner));
    check_json(render_event(&payload));
}

static void check_rest(void)
{
    for (size_t i = 0; i < store.sensors.n; i++) {
        require(text_is_address(store.sensors.rows[i].address));
        CHECK_TEXT(store.sensors.rows[i].name);
        CHECK_TEXT(store.sensors.rows[i].evidence);
    }
    for (size_t i = 0; i < store.releases.n; i++) {
        require(text_is_address(store.releases.rows[i].address));
        CHECK_TEXT(store.releases.rows[i].name);
        CHECK_TEXT(store.releases.rows[i].boot_id);
    }
    for (size_t i = 0; i < store.verdicts.n; i++) {
        CHECK_TEXT(store.verdicts.rows[i].runner);
        CHECK_TEXT(store.verdicts.rows[i].rule);
        check_time(store.verdicts.rows[i].since_usec);
        check_time(store.verdicts.rows[i].run_end_usec);
    }
    for (size_t i = 0; i < store.unjudged.n; i++)
        require(unjudged_is_valid(&store.unjudged.rows[i]));
    for (size_t i = 0; i < store.levels.n; i++)
        require(level_row_is_valid(&store.levels.rows[i]));
}

/* ---- reading, as at a start -------------------------------------------------------------------- */

static void read_all(void)
{
    int64_t wall_usec = clock_wall_usec();

    require(session_table_read(&store.db, &store.sessions, &store.bad) == SQLITE_OK);
    store.bad_sessions = store.bad;
    require(event_table_read(&store.db, &store.events, &store.bad) == SQLITE_OK);
    require(sensor_table_read(&store.db, &store.sensors, &store.bad) == SQLITE_OK);
    require(release_table_read(&store.db, &store.releases, &store.bad) == SQLITE_OK);
    require(verdict_table_read(&store.db, &store.verdicts, &store.bad) == SQLITE_OK);
    require(unjudged_table_read(&store.db, &store.unjudged, &store.bad) == SQLITE_OK);
    require(level_table_read(&store.db, wall_usec, &store.levels, &store.bad) == SQLITE_OK);
    require(answer_table_read(&store.db, &store.answers, wall_usec, clock_now_usec(), &store.bad) ==
            SQLITE_OK);
    store.was_read = true;
}

static void forget_all(void)
{
    for (struct put *put = store.queue.first, *next; put; put = next) {
        next = put->next;
        put_free(put);
    }
    session_table_free(&store.sessions);
    event_table_free(&store.events);
    sensor_table_free(&store.sensors);
    release_table_free(&store.releases);
    verdict_table_free(&store.verdicts);
    unjudged_table_free(&store.unjudged);
    level_table_free(&store.levels);
    answer_table_free(&store.answers);
}

/* ---- what is made of it ------------------------------------------------------------------------ */

struct past_makers {
    struct training *training;
    struct choice *choice;
};

static void on_past(void *userdata, const struct store_session *row)
{
    const struct past_makers *makers = userdata;

    check_session(row);
    require(choice_load(makers->choice, row) >= 0);
    training_take_past(makers->training, row);
}

static void on_week(void *userdata, size_t runner, const struct payload_week *week)
{
    check_json(render_payload(CONTRACT_WEEK, week));
}

static void on_alert(void *userdata, size_t runner, const struct payload_alert *alert)
{
    check_json(render_payload(CONTRACT_ALERT, alert));
}

static void on_event(void *userdata, const struct store_event *event)
{
    check_event(event);
}

static bool no_open_session(void *userdata, size_t runner, struct store_session *ret)
{
    return false;
}

static void check_choices(struct choice *choice)
{
    struct store_choice changes[CHOICE_CHANGES_MAX];
    size_t n = choice_decide(choice, "anna", 0, TIME_MAX_USEC, changes);

    require(n <= CHOICE_CHANGES_MAX);
    for (size_t i = 0; i < n; i++) {
        require(recording_id_is_valid(changes[i].id));
        require(strcmp(changes[i].id, changes[i].instead) != 0);
        require(strcmp(choice_instead(choice, changes[i].id), changes[i].instead) == 0);
    }
    n = choice_decide(choice, "anna", 0, TIME_MAX_USEC, changes);
    require(n == 0); /* what is chosen stays chosen */
}

static void make_log(void)
{
    static const struct training_callbacks callbacks = { on_week, on_alert, on_event,
                                                         no_open_session };
    const struct training_parts parts = { NULL, &conf, &store, timekeeper };
    struct past_makers makers;
    struct load load;
    char day[11];

    require(choice_new(&makers.choice) >= 0);
    require(training_new(&makers.training, &parts, &callbacks, NULL) >= 0);
    store.queue.busy = false; /* else nobody may read */
    bool whole = store_read_sessions(&store, on_past, &makers);
    store.queue.busy = true;
    require(whole);
    training_end_past(makers.training, whole);
    training_start(makers.training);
    for (size_t i = 0; i < conf.n_runners; i++)
        (void)training_load(makers.training, i, &load, day);
    check_choices(makers.choice);
    training_free(makers.training);
    choice_free(makers.choice);
}

static void on_import(void *userdata, const struct store_import *row)
{
    require(import_row_is_valid(row));
    past_note(userdata, row);
}

static void make_list(void)
{
    static struct past past;
    struct choice *choice;

    past = (struct past){ .n_shown = 0 };
    require(choice_new(&choice) >= 0);
    store_each_import(&store, on_import, &past);
    json_t *list = past_list(&past, choice);
    require(list && json_array_size(list) <= PAST_SHOWN_MAX);
    json_decref(list);
    past_done(&past);
    choice_free(choice);
}

static bool has_copy(void *where, const char *runner, const char *hash)
{
    require(text_is_topic_level(runner) && text_is_hash(hash)); /* a path is made of them */
    return (hash[0] & 1) != 0;
}

static void on_outdated(void *userdata, int error, const struct store_outdated *outdated)
{
    require(!outdated->found || import_row_is_valid(&outdated->import));
    for (size_t i = 0; outdated->found && i < outdated->n_sessions; i++)
        check_session(&outdated->sessions[i]);
    require(!outdated->found || isnan(outdated->own.cadence_spm) || outdated->own.cadence_spm > 0);
}

static void look_for_outdated(void)
{
    const struct store_reader readers[] = { { "anna", 8 }, { "ben", 8 } };
    const struct store_outdated_question question = {
        .readers = readers, .n_readers = 2, .has_copy = has_copy, .done = on_outdated
    };
    struct put *put;

    require(outdated_make_put(&put, &question) >= 0);
    put->result = put->apply(&store.db, put->rows);
    put->committed(put->userdata, put->result);
    put_free(put);
}

/* ---- the target -------------------------------------------------------------------------------- */

static void run_sql(const char *sql)
{
    require(sqlite3_exec(db.sqlite, sql, NULL, NULL, NULL) == SQLITE_OK);
}

/* How many rows are taken. */
static size_t run(const uint8_t *at, size_t length)
{
    struct bytes bytes = bytes_of(at, length);
    size_t n;

    run_sql("BEGIN");
    store_rows_add(&db, &bytes);
    store = (struct store){ .db = db, .queue = { .db = &store.db, .busy = true } };
    store.queue.end = &store.queue.first;
    read_all();
    n = store.sessions.n_last + store.events.n + store.sensors.n + store.releases.n +
        store.verdicts.n + store.unjudged.n + store.levels.n + store.answers.n;
    for (size_t i = 0; i < store.sessions.n_last; i++)
        check_session(&store.sessions.last[i]);
    for (size_t i = 0; i < store.events.n; i++)
        check_event(&store.events.rows[i]);
    check_rest();
    make_log();
    make_list();
    look_for_outdated();
    forget_all();
    run_sql("ROLLBACK");
    return n;
}

static void on_clock(void *userdata, uint64_t now_usec)
{
}

/* And the rows that are said to be good are. */
static void begin(void)
{
    static const uint8_t good[] = { 0, 0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8, 0, 9, 0 };

    log_set_max_level(LOG_EMERG);
    store_rows_open(&db);
    require(session_row_prepare(&db) == SQLITE_OK && event_table_prepare(&db) == SQLITE_OK);
    require(verdict_table_prepare(&db) == SQLITE_OK && import_table_prepare(&db) == SQLITE_OK);
    require(unjudged_table_prepare(&db) == SQLITE_OK && level_table_prepare(&db) == SQLITE_OK);
    conf_init(&conf);
    conf.n_runners = 2;
    strcpy(conf.runners[0].id, "anna");
    strcpy(conf.runners[1].id, "ben");
    strcpy(conf.runners[0].time_zone, "UTC");
    strcpy(conf.runners[1].time_zone, "UTC");
    fake_clock_set_wall(
        INT64_C(2208992400000000)); /* after the good run, and after we were built */
    require(timekeeper_new(&timekeeper, NULL, 0, on_clock, NULL) >= 0);
    timekeeper_set_bus(timekeeper, NULL);
    require(run(good, sizeof(good)) == 8 && store.bad.n == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    if (!db.sqlite)
        begin();
    (void)run(bytes, length);
    return 0;
}
