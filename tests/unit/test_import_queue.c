/* SPDX-License-Identifier: MIT */
/* The way of all files: what was refused on it is tried again, and nothing goes it while nobody knows what
 * went it before. The folder, the copies, the reading and the store are played here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "daemon/import/after.h"
#include "daemon/import/asked.h"
#include "daemon/import/intake.h"
#include "daemon/import/kept.h"
#include "daemon/import/lookout.h"
#include "daemon/import/queue.h"
#include "fake_clock.h"

#define MINUTE_USEC UINT64_C(60000000)
#define MOMENT      INT64_C(1700000000000000)

struct intake {
    const struct intake_parts *parts;
    struct folder_file file;
    bool kept, lacks_days;
    struct result result;
};

static struct {
    struct conf conf;
    struct choice *choice;
    struct queue *queue;
    sd_event *event;
    const struct lookout_callbacks *lookout;
    bool whole; /* what came in before can be read */
    bool unset; /* the clock is */
    int64_t made_usec;
    int refuses; /* the store: -errno */
    bool full;   /* its queue is */
    int n_files, n_kept;
    struct intake intake;
    bool reading, in_folder; /* what is read is the folder's */
    void (*renamed)(void *userdata, int result);
    void *renamed_userdata;
    int n_given, given; /* told so often, and what */
    void (*found)(void *userdata);
    void *found_userdata;
    char said[400]; /* in order: what was begun, stored, settled, told */
} f;

static void say(const char *word)
{
    size_t at = strlen(f.said);

    snprintf(f.said + at, sizeof(f.said) - at, "%s%s", at ? " " : "", word);
}

static void assert_said(const char *expected)
{
    assert_string_equal(f.said, expected);
    f.said[0] = '\0';
}

/* ---- the folder ---------------------------------------------------------------------------------- */

int lookout_new(struct lookout **ret, sd_event *event, struct worker *worker,
                const struct conf *conf, const struct lookout_callbacks *callbacks, void *userdata)
{
    f.lookout = callbacks;
    return 0;
}

struct lookout *lookout_free(struct lookout *lookout)
{
    return NULL;
}

void lookout_set_conf(struct lookout *lookout, const struct conf *conf)
{
}

void lookout_stop(struct lookout *lookout)
{
}

bool lookout_take(struct lookout *lookout, struct folder_file *ret)
{
    if (f.n_files == 0)
        return false;
    f.n_files--;
    *ret = (struct folder_file){ .runner = "anna", .name = "run.fit" };
    return true;
}

size_t lookout_waiting(const struct lookout *lookout)
{
    return f.n_files;
}

bool lookout_is_idle(const struct lookout *lookout)
{
    return f.n_files == 0;
}

void lookout_settle(struct lookout *lookout, const struct folder_file *file)
{
    say("settle");
}

void lookout_leave(struct lookout *lookout, const struct folder_file *file)
{
}

void lookout_gather(struct lookout *lookout)
{
}

void lookout_order(struct lookout *lookout)
{
}

void lookout_deny(struct lookout *lookout, const struct folder_file *file, int error)
{
}

void lookout_postpone(struct lookout *lookout, const struct folder_file *file, const char *why)
{
    say("postpone");
    if (why[0])
        say(why);
}

void lookout_note_silence(struct lookout *lookout, bool silent)
{
}

/* It is there again when the next look is over. */
void lookout_retry(struct lookout *lookout, uint64_t in_usec)
{
    say("retry");
    f.n_files++;
}

const char *lookout_problem(const struct lookout *lookout)
{
    return NULL;
}

int after_import(struct worker *worker, const char *path, const struct folder_file *file,
                 const char *hash, enum conf_after what)
{
    return 0;
}

/* ---- the copies ---------------------------------------------------------------------------------- */

uint64_t kept_key(const char *hash, const char *runner)
{
    return (uint64_t)hash[0];
}

int kept_find(struct kept **ret, struct worker *worker, const char *state_dir,
              const struct conf *conf, const struct keys *known, void (*found)(void *userdata),
              void *userdata)
{
    say("find");
    f.found = found;
    f.found_userdata = userdata;
    return 0;
}

bool kept_take(struct kept *kept, struct kept_file *ret)
{
    *ret = (struct kept_file){ .runner = "anna", .hash = "a" };
    return f.n_kept > 0 && f.n_kept-- > 0;
}

void kept_put_back(struct kept *kept)
{
    f.n_kept++;
}

size_t kept_left(const struct kept *kept)
{
    return (size_t)f.n_kept;
}

bool kept_has(void *state_dir, const char *runner, const char *hash)
{
    return true;
}

struct kept *kept_free(struct kept *kept)
{
    return NULL;
}

int __wrap_said_give(struct worker *worker, const char *state_dir, const char *hash,
                     const char *from, const char *to, void (*done)(void *userdata, int result),
                     void *userdata);

int __wrap_said_give(struct worker *worker, const char *state_dir, const char *hash,
                     const char *from, const char *to, void (*done)(void *userdata, int result),
                     void *userdata)
{
    if (strcmp(from, "ben") == 0)
        say("back");
    f.renamed = done;
    f.renamed_userdata = userdata;
    return 0;
}

/* ---- the reading --------------------------------------------------------------------------------- */

static int begin_reading(struct intake **ret, const struct intake_parts *parts, const char *what)
{
    assert_false(f.reading);
    f.reading = true;
    f.intake.parts = parts;
    *ret = &f.intake;
    say(what);
    return 0;
}

int intake_file(struct intake **ret, const struct intake_parts *parts, const char *owner,
                const char *folder, const struct folder_file *file)
{
    f.intake = (struct intake){ .file = *file };
    return begin_reading(ret, parts, "file");
}

void intake_insist(struct intake *intake)
{
    say("insist");
}

/* ---- who waits for a file ------------------------------------------------------------------------ */

struct asked {
    bool begun, left; /* left: who asked was told that it takes longer */
    struct folder_file file;
    void (*found)(void *finder);
    void *finder;
};

static struct asked asked;

int asked_new(struct asked **ret, struct worker *worker, const struct asked_where *where,
              void (*found)(void *finder), void *finder,
              void (*done)(void *userdata, const struct asked_answer *answer), void *userdata)
{
    assert_string_equal(where->folder, "/in");
    assert_string_equal(where->runner, "anna");
    assert_true(where->only);
    asked = (struct asked){ .found = found, .finder = finder };
    snprintf(asked.file.name, sizeof(asked.file.name), "%s", where->name);
    *ret = &asked;
    return 0;
}

struct asked *asked_free(struct asked *one)
{
    return NULL;
}

bool asked_again(struct asked *one, const char *name)
{
    return one->left && strcmp(one->file.name, name) == 0;
}

const struct folder_file *asked_file(const struct asked *one)
{
    return one && one->file.size && !one->begun ? &one->file : NULL;
}

void asked_begun(struct asked *one)
{
    one->begun = true;
}

void asked_answer(struct asked *one, const struct asked_answer *answer)
{
    say(answer->known ? "answered:known" : answer->result ? "answered:result" : "answered");
}

void asked_refuse(struct asked *one, const char *code, const char *message, const char *allowed)
{
    say(code);
}

int intake_kept(struct intake **ret, const struct intake_parts *parts, const struct kept_file *kept)
{
    f.intake = (struct intake){ .kept = true };
    return begin_reading(ret, parts, "kept");
}

int intake_again(struct intake **ret, const struct intake_parts *parts,
                 const struct store_outdated *was)
{
    return begin_reading(ret, parts, "again");
}

int intake_given(struct intake **ret, const struct intake_parts *parts,
                 const struct kept_file *kept, const char *from)
{
    return begin_reading(ret, parts, "given");
}

bool intake_lacks_days(const struct intake *intake)
{
    return intake->lacks_days;
}

bool intake_is_reading(const struct intake *intake)
{
    return intake && f.in_folder;
}

const struct folder_file *intake_found(const struct intake *intake)
{
    return intake->kept ? NULL : &intake->file;
}

const char *intake_hash(const struct intake *intake)
{
    return intake->result.import.hash;
}

void intake_unread(const struct intake *intake, char ret[COPY_UNREAD_MAX])
{
    snprintf(ret, COPY_UNREAD_MAX, "%s.discarded", intake_hash(intake));
}

const struct result *intake_result(const struct intake *intake)
{
    return &intake->result;
}

struct intake *intake_free(struct intake *intake)
{
    if (intake)
        f.reading = false;
    return NULL;
}

static struct store_session a_run(const char *id)
{
    struct store_session row;

    store_session_init(&row);
    snprintf(row.session.id, sizeof(row.session.id), "%s", id);
    snprintf(row.session.runner, sizeof(row.session.runner), "anna");
    row.session.state = SESSION_ENDED;
    row.session.start_usec = MOMENT;
    row.session.end_usec = MOMENT + 3600000000;
    return row;
}

/* As intake.c: an hour's run, and which of two counts is chosen at the very end. */
static void end_reading(void)
{
    struct result *result = &f.intake.result;

    assert_true(f.reading);
    result_init(result, &f.intake.file, "anna", "a", MOMENT);
    result->import.verdict = STORE_IMPORTED;
    result->import.n_sessions = (int)(result->n_sessions = 1);
    result->sessions[0] = a_run("20231114T221320Z-file-0");
    result->sessions[0].session.distance_m = 10000;
    assert_return_code(result_choose(result, f.choice), 0);
    f.intake.parts->done(f.intake.parts->userdata, INTAKE_OK, 0);
}

static void end_reading_with(enum intake_outcome outcome, int error)
{
    assert_true(f.reading);
    f.intake.parts->done(f.intake.parts->userdata, outcome, error);
}

/* ---- the store ----------------------------------------------------------------------------------- */

bool store_past_is_whole(const struct store *store)
{
    return f.whole;
}

int64_t store_made_usec(const struct store *store)
{
    return f.made_usec;
}

void store_note_clock(struct store *store)
{
    f.made_usec = MOMENT;
}

void store_each_import(struct store *store,
                       void (*visit)(void *userdata, const struct store_import *import),
                       void *userdata)
{
}

bool store_has_room(const struct store *store)
{
    return !f.full;
}

const char *store_why(const struct store *store, int error)
{
    return strerrordesc_np(-error);
}

void store_gather(struct store *store)
{
}

void store_send(struct store *store)
{
}

int store_put_import(struct store *store, const struct store_imported *imported,
                     store_committed committed, void *userdata)
{
    char text[32];

    if (f.refuses)
        return f.refuses;
    snprintf(text, sizeof(text), "put+%zu", imported->n_choices);
    say(text);
    committed(userdata, 0);
    return 0;
}

int store_put_choices(struct store *store, const struct store_choice *choices, size_t n)
{
    assert_int_equal(n, 1);
    say(choices[0].instead[0] ? "displaced" : "counts");
    return 0;
}

int store_forget_reading(struct store *store, const char *hash)
{
    say("forgotten");
    return 0;
}

int store_find_outdated(struct store *store, const struct store_outdated_question *question)
{
    return -ENOBUFS;
}

/* ---- the rest of the daemon ---------------------------------------------------------------------- */

enum clock_state timekeeper_state(const struct timekeeper *timekeeper)
{
    return f.unset ? CLOCK_UNSET : CLOCK_SYNCED;
}

static void on_event(void *userdata, const struct store_event *event)
{
    say("told");
}

static void on_sessions(void *userdata, const struct store_session *rows, size_t n,
                        const struct store_choice *choices, size_t n_choices)
{
    char text[32];

    snprintf(text, sizeof(text), "sessions:%zu+%zu", n, n_choices);
    say(text);
}

static void on_all_corrected(void *userdata)
{
    say("corrected");
}

static void on_level(void *userdata, const struct payload_session *session,
                     const struct level *level)
{
}

static void on_health(void *userdata)
{
}

static const struct import_callbacks callbacks = {
    .on_event = on_event,
    .on_sessions = on_sessions,
    .on_all_corrected = on_all_corrected,
    .on_level = on_level,
    .on_health = on_health,
};

static int begin(void **state)
{
    memset(&f, 0, sizeof(f));
    f.whole = true;
    f.conf.n_runners = 1;
    snprintf(f.conf.runners[0].id, sizeof(f.conf.runners[0].id), "anna");
    snprintf(f.conf.import_folder, sizeof(f.conf.import_folder), "/in");
    assert_return_code(sd_event_new(&f.event), 0);
    return choice_new(&f.choice);
}

static void start(void)
{
    const struct import_parts parts = { .event = f.event, .conf = &f.conf, .state_dir = "/state" };

    assert_int_equal(queue_new(&f.queue, &parts, f.choice, &callbacks, NULL), 0);
    queue_read_past(f.queue);
    if (f.found)
        f.found(f.found_userdata);
}

static int end(void **state)
{
    f.queue = queue_free(f.queue);
    choice_free(f.choice);
    f.event = sd_event_unref(f.event);
    assert_int_equal(fake_clock_armed(), 0);
    return 0;
}

/* ---- situations ---------------------------------------------------------------------------------- */

static void test_a_file_goes_its_way(void **state)
{
    f.n_files = 1;
    start();
    end_reading();
    assert_said("find file put+0 settle told sessions:1+0 settle");
    assert_true(f.lookout->takes(f.queue));
}

/* An error is no answer: else each of ten years' copies would be made, and told, as if it were new. */
static void test_nothing_is_read_while_nobody_knows_what_came_in_before(void **state)
{
    f.whole = false;
    f.n_files = f.n_kept = 1;
    start();
    assert_said("");
    assert_non_null(strstr(queue_problem(f.queue), "until the next start"));
    assert_false(f.lookout->takes(f.queue));
    queue_clock_changed(f.queue);
    queue_set_conf(f.queue, &f.conf);
    fake_clock_advance(10 * MINUTE_USEC);
    assert_said("");
    assert_int_equal(queue_give(f.queue, "a", "anna", "ben", NULL, NULL), -EIO);
}

static void test_no_problem_where_nothing_is_to_be_imported(void **state)
{
    f.whole = false;
    f.conf.import_folder[0] = '\0';
    start();
    assert_null(queue_problem(f.queue));
}

/* Besides, the run was recorded too, and what the store has of that is as before. */
static void refuse_once(const char *first, const char *again, const char *then)
{
    const struct store_session live = a_run("20231114T221320Z-anna");

    assert_return_code(choice_put(f.choice, &live), 0);
    f.refuses = -ENOBUFS;
    start();
    end_reading();
    assert_said(first);
    assert_string_equal(choice_instead(f.choice, live.session.id), "");
    queue_go_on(f.queue); /* nor does another, which would not fare better */
    assert_said("");
    f.refuses = 0;
    fake_clock_advance(MINUTE_USEC);
    assert_said(again);
    end_reading();
    assert_said(then);
    assert_string_equal(choice_instead(f.choice, live.session.id), "20231114T221320Z-file-0");
}

static void test_a_file_that_the_store_refuses_is_tried_again(void **state)
{
    f.n_files = 1;
    refuse_once("find file retry", "file", "put+1 settle told sessions:1+1 settle");
}

/* Its days are in the rows, and come beside it when it is read again. */
static void test_a_copy_that_is_there_again_without_days_is_read_again(void **state)
{
    for (int i = 0; i < 2; i++) {
        f.n_files = 1;
        if (i == 0)
            start();
        else
            queue_go_on(f.queue);
        f.said[0] = '\0';
        f.intake.lacks_days = i == 1;
        result_init(&f.intake.result, &f.intake.file, "anna", "a", MOMENT);
        end_reading_with(INTAKE_E_KNOWN, 0);
        assert_int_equal(strstr(f.said, "forgotten") != NULL, i == 1);
    }
}

/* Nothing is copied and read to be thrown away. */
static void test_nothing_is_begun_while_the_store_has_no_room(void **state)
{
    f.full = true;
    f.n_files = f.n_kept = 1;
    start();
    assert_said("find");
    assert_int_equal(queue_give(f.queue, "a", "anna", "ben", NULL, NULL), -ENOBUFS);
    fake_clock_advance(MINUTE_USEC);
    assert_said("");
    f.full = false;
    queue_go_on(f.queue);
    assert_said("");
    fake_clock_advance(MINUTE_USEC);
    assert_said("file");
}

static void test_a_kept_copy_that_the_store_refuses_is_tried_again(void **state)
{
    f.n_kept = 2;
    refuse_once("find kept", "kept", "put+1 told sessions:1+1 kept");
}

/* One that was refused chose nothing, and takes back nothing that is stored. */
static void test_a_refusal_that_is_not_stored_takes_no_other_choice_back(void **state)
{
    const struct store_session live = a_run("20231114T221320Z-anna");

    assert_return_code(choice_put(f.choice, &live), 0);
    f.n_files = 1;
    start();
    end_reading();
    f.refuses = -ENOBUFS;
    f.n_files = 1;
    queue_go_on(f.queue);
    result_init(&f.intake.result, &f.intake.file, "anna", "b", MOMENT);
    result_refuse(&f.intake.result, "Refused: %s", "it is no run");
    end_reading_with(INTAKE_OK, 0);
    assert_string_equal(choice_instead(f.choice, live.session.id), "20231114T221320Z-file-0");
}

static void on_given(void *userdata, int result, size_t n_sessions)
{
    f.n_given++;
    f.given = result;
}

static void give(void)
{
    assert_return_code(queue_give(f.queue, "a", "anna", "ben", on_given, NULL), 0);
}

/* Its copy is in the state folder. */
static void test_a_file_is_given_while_the_import_folder_hangs(void **state)
{
    f.n_files = 1;
    start();
    give();
    assert_said("find file");
    f.in_folder = true;
    f.renamed(f.renamed_userdata, 0);
    assert_said("retry given");
    f.in_folder = false;
    end_reading();
    assert_int_equal(f.n_given, 1);
    assert_said("put+0 told sessions:1+0 file"); /* and the other is not forgotten */
}

static void test_a_file_is_given_after_the_one_that_is_read(void **state)
{
    f.n_files = 1;
    start();
    give();
    f.renamed(f.renamed_userdata, 0);
    assert_said("find file");
    end_reading();
    assert_said("put+0 settle told sessions:1+0 settle given");
}

static void test_a_file_is_given_during_a_pause(void **state)
{
    f.n_files = 1;
    start();
    end_reading_with(INTAKE_E_DISK, -ENOSPC);
    assert_said("find file retry");
    give();
    f.renamed(f.renamed_userdata, 0);
    assert_said("given");
    end_reading();
    assert_int_equal(f.n_given, 1);
}

/* Where its copy is gone, what is known of it is given; else nothing is. */
static void test_a_file_that_cannot_be_given_stays_where_it_was(void **state)
{
    static const struct {
        enum intake_outcome outcome;
        int error, told;
    } rows[] = {
        { INTAKE_E_FAILED, COPY_E_DAMAGED, -ENOENT },
        { INTAKE_E_FAILED, -ENOENT, -ENOENT },
        { INTAKE_E_FAILED, -EIO, -EIO },
        { INTAKE_E_DISK, -EACCES, -EACCES },
        { INTAKE_E_DISK, -ENOENT, -EIO }, /* the folder of the copies is gone */
    };

    start();
    assert_said("find");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        bool gone = rows[i].told == -ENOENT;

        f.n_given = 0;
        give();
        f.renamed(f.renamed_userdata, 0);
        end_reading_with(rows[i].outcome, rows[i].error);
        assert_said(gone ? "given" : "given back");
        if (!gone) {
            assert_int_equal(f.n_given, 0);
            assert_int_equal(queue_give(f.queue, "a", "anna", "ben", on_given, NULL), -EBUSY);
            f.renamed(f.renamed_userdata, 0);
        }
        assert_int_equal(f.n_given, 1);
        assert_int_equal(f.given, rows[i].told);
    }
}

static void test_a_file_whose_reading_is_refused_is_given_as_far_as_it_is_known(void **state)
{
    static const struct {
        bool passes;
        int told;
    } rows[] = { { false, -ENOENT }, { true, -EAGAIN } };

    start();
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        give();
        f.renamed(f.renamed_userdata, 0);
        result_init(&f.intake.result, &f.intake.file, "ben", "a", MOMENT);
        result_refuse(&f.intake.result, "Refused: %s", "it is no run");
        f.intake.result.import.passes = rows[i].passes;
        end_reading_with(INTAKE_OK, 0);
        if (rows[i].passes)
            f.renamed(f.renamed_userdata, 0);
        assert_int_equal(f.given, rows[i].told);
    }
}

static void test_a_file_that_is_given_and_not_stored_goes_back(void **state)
{
    start();
    give();
    f.renamed(f.renamed_userdata, 0);
    f.refuses = -ENOMEM;
    end_reading();
    assert_said("find given back");
    f.renamed(f.renamed_userdata, 0);
    assert_int_equal(f.given, -ENOMEM);
}

/* Before that it was begun at some time of long ago. */
static void test_when_the_database_was_begun_is_known_with_the_clock(void **state)
{
    f.unset = true;
    f.made_usec = 5;
    f.n_files = 1;
    start();
    assert_said("find");
    assert_int_equal(f.made_usec, 5);
    f.unset = false;
    queue_clock_changed(f.queue);
    assert_said("file");
    assert_int_equal(f.intake.parts->made_usec, MOMENT);
}

static void test_a_disk_that_refuses_the_copy_is_tried_again(void **state)
{
    f.n_files = 1;
    start();
    end_reading_with(INTAKE_E_DISK, -ENOSPC);
    assert_said("find file retry");
    assert_non_null(strstr(queue_problem(f.queue), "less than 64 MB are free"));
    fake_clock_advance(MINUTE_USEC);
    end_reading();
    assert_said("file put+0 settle told sessions:1+0 settle");
    assert_null(queue_problem(f.queue));
}

static void refuse_the_disk(void)
{
    end_reading_with(INTAKE_E_DISK, -EACCES);
    assert_non_null(queue_problem(f.queue));
}

/* An idle folder says nothing of a disk that refused a copy, which waits still. */
static void test_a_disk_that_refuses_a_kept_copy_is_said_until_it_is_read(void **state)
{
    f.n_kept = 1;
    start();
    refuse_the_disk();
    f.lookout->on_looked(f.queue);
    assert_non_null(queue_problem(f.queue));
    fake_clock_advance(MINUTE_USEC);
    end_reading();
    assert_null(queue_problem(f.queue));
}

static void test_whoever_wanted_room_is_gone(void **state)
{
    f.n_files = 1;
    start();
    refuse_the_disk();
    f.n_files = 0;
    f.lookout->on_looked(f.queue);
    assert_non_null(queue_problem(f.queue)); /* it may be found again */
    fake_clock_advance(MINUTE_USEC);
    f.lookout->on_looked(f.queue);
    assert_null(queue_problem(f.queue));
}

static void test_without_a_folder_no_disk_refuses_a_file(void **state)
{
    f.n_files = 1;
    start();
    refuse_the_disk();
    f.n_files = 0;
    f.conf.import_folder[0] = '\0';
    queue_set_conf(f.queue, &f.conf);
    assert_null(queue_problem(f.queue));
}

static void find_asked(void)
{
    asked.file.size = 5;
    asked.found(asked.finder);
}

static void test_a_file_that_somebody_waits_for_goes_first(void **state)
{
    f.n_files = 2;
    start();
    assert_said("find file");
    assert_int_equal(queue_ask(f.queue, "anna", "run.gpx", NULL, NULL), 0);
    find_asked(); /* and waits until the other is through */
    assert_said("");
    f.n_files = 1;
    end_reading_with(INTAKE_E_CHANGED, 0);
    assert_said("file insist");
    assert_int_equal(queue_ask(f.queue, "anna", "other.gpx", NULL, NULL), -EBUSY);
    f.n_files = 0;
    result_init(&f.intake.result, &f.intake.file, "anna", "abc", MOMENT);
    end_reading_with(INTAKE_E_KNOWN, 0);
    assert_non_null(strstr(f.said, "answered:known"));
}

static void test_who_was_told_that_it_takes_longer_may_wait_on(void **state)
{
    start();
    assert_int_equal(queue_ask(f.queue, "anna", "run.gpx", NULL, NULL), 0);
    find_asked();
    assert_said("find file insist");
    assert_int_equal(queue_ask(f.queue, "anna", "run.gpx", NULL, NULL), -EBUSY); /* one waits */
    asked.left = true;
    assert_int_equal(queue_ask(f.queue, "ben", "run.gpx", NULL, NULL), -EBUSY);
    assert_int_equal(queue_ask(f.queue, "anna", "other.gpx", NULL, NULL), -EBUSY);
    assert_int_equal(queue_ask(f.queue, "anna", "run.gpx", NULL, NULL), 0);
    assert_said(""); /* it is not begun once more */
    end_reading_with(INTAKE_E_CHANGED, 0);
    assert_non_null(strstr(f.said, "unavailable"));
}

static void test_who_waits_for_a_file_is_told_why_it_was_not_read(void **state)
{
    start();
    assert_int_equal(queue_ask(f.queue, "anna", "run.gpx", NULL, NULL), 0);
    find_asked();
    end_reading_with(INTAKE_E_CHANGED, 0);
    assert_int_equal(queue_ask(f.queue, "anna", "run.gpx", NULL, NULL), 0);
    find_asked();
    end_reading_with(INTAKE_E_UNREADABLE, -EACCES);
    assert_non_null(strstr(f.said, "file insist unavailable"));
    f.unset = true;
    assert_int_equal(queue_ask(f.queue, "anna", "run.gpx", NULL, NULL), -EAGAIN);
    f.unset = false;
    f.whole = false;
    assert_int_equal(queue_ask(f.queue, "anna", "run.gpx", NULL, NULL), -EAGAIN);
}

/* It lies in the state folder; whoever looks for it is to know its name. */
static void test_a_note_that_cannot_be_read_is_named(void **state)
{
    f.n_files = 1;
    start();
    result_init(&f.intake.result, &f.intake.file, "anna", "abc", MOMENT);
    end_reading_with(INTAKE_E_UNSAID, -EACCES);
    assert_said("find file postpone imported/abc.discarded in the state folder cannot be read: "
                "Permission denied");
}

/* The disk refused what was chosen of a recorded run, and took the run: both have counted since. */
static void test_a_run_that_counts_twice_is_found_at_the_start(void **state)
{
    struct store_session live = a_run("20231114T221320Z-anna");
    struct store_session file = a_run("20231114T221320Z-file-0");

    file.session.distance_m = 10000;
    assert_return_code(choice_load(f.choice, &live), 0);
    assert_return_code(choice_load(f.choice, &file), 0);
    start();
    assert_said("find displaced sessions:0+1 corrected");
    assert_string_equal(choice_instead(f.choice, live.session.id), file.session.id);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_file_goes_its_way),
        TEST(test_a_file_that_somebody_waits_for_goes_first),
        TEST(test_who_was_told_that_it_takes_longer_may_wait_on),
        TEST(test_who_waits_for_a_file_is_told_why_it_was_not_read),
        TEST(test_nothing_is_read_while_nobody_knows_what_came_in_before),
        TEST(test_no_problem_where_nothing_is_to_be_imported),
        TEST(test_a_file_that_the_store_refuses_is_tried_again),
        TEST(test_a_copy_that_is_there_again_without_days_is_read_again),
        TEST(test_nothing_is_begun_while_the_store_has_no_room),
        TEST(test_a_kept_copy_that_the_store_refuses_is_tried_again),
        TEST(test_a_refusal_that_is_not_stored_takes_no_other_choice_back),
        TEST(test_a_file_is_given_while_the_import_folder_hangs),
        TEST(test_a_file_is_given_after_the_one_that_is_read),
        TEST(test_a_file_is_given_during_a_pause),
        TEST(test_a_file_that_cannot_be_given_stays_where_it_was),
        TEST(test_a_file_whose_reading_is_refused_is_given_as_far_as_it_is_known),
        TEST(test_a_file_that_is_given_and_not_stored_goes_back),
        TEST(test_when_the_database_was_begun_is_known_with_the_clock),
        TEST(test_a_disk_that_refuses_the_copy_is_tried_again),
        TEST(test_a_disk_that_refuses_a_kept_copy_is_said_until_it_is_read),
        TEST(test_whoever_wanted_room_is_gone),
        TEST(test_without_a_folder_no_disk_refuses_a_file),
        TEST(test_a_note_that_cannot_be_read_is_named),
        TEST(test_a_run_that_counts_twice_is_found_at_the_start),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
