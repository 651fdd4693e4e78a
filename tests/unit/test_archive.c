/* SPDX-License-Identifier: MIT */
/* What is stored, as it is given away: each question is answered once and in time, and the parts are the
 * parts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

#include "daemon/archive/archive.h"
#include "daemon/clock.h"
#include "disk_fixture.h"
#include "fake_clock.h"
#include "lib/base64.h"

#define SECOND UINT64_C(1000000)
#define HASH   "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define BYTES  100000 /* of a file: three parts */

static struct fixture {
    struct disk_fixture disk;
    struct store *store;
    struct archive *archive;
    struct conf conf;
    int answers;
    struct archived last;
    char code[32], argument[32], message[200];
    char *text; /* all parts so far */
    size_t length;
    int n_days; /* of the log, from day 0 on; < 0: it was not read whole */
} f;

/* ---- the log, in the place of the real one ------------------------------------------------------- */

bool training_days(const struct training *training, const char *runner, int32_t from, int32_t to,
                   size_t most, struct training_day *ret, size_t *ret_n, size_t *ret_all)
{
    *ret_n = *ret_all = 0;
    for (int32_t day = from > 0 ? from : 0; day < f.n_days && day <= to; day++) {
        if (*ret_all < most)
            ret[(*ret_n)++] =
                (struct training_day){ .day = day,
                                       .figures = { .runs = 1, .distance_m = day, .load = NAN } };
        ++*ret_all;
    }
    return f.n_days >= 0;
}

/* ---- asking -------------------------------------------------------------------------------------- */

static int setup(void **state)
{
    struct archive_parts parts = { .conf = &f.conf };

    memset(&f, 0, sizeof(f));
    disk_fixture_init(&f.disk);
    assert_return_code(store_open(&f.store, f.disk.worker, f.disk.dir, clock_wall_usec()), 0);
    conf_init(&f.conf);
    f.conf.n_runners = 1;
    f.conf.runners[0].publish_heart_rate = true;
    snprintf(f.conf.runners[0].id, sizeof(f.conf.runners[0].id), "anna");
    snprintf(f.conf.gateway, sizeof(f.conf.gateway), "hall");
    parts.event = f.disk.event;
    parts.worker = f.disk.worker;
    parts.store = f.store;
    parts.state_dir = f.disk.dir;
    assert_return_code(archive_new(&f.archive, &parts), 0);
    return 0;
}

static int teardown(void **state)
{
    archive_stop(f.archive);
    f.disk.worker = worker_free(f.disk.worker);
    f.archive = archive_free(f.archive);
    f.store = store_free(f.store);
    disk_fixture_done(&f.disk);
    free(f.text);
    return 0;
}

static void keep_text(const struct archived *answer)
{
    size_t length = strlen(answer->text);

    f.text = realloc(f.text, f.length + length + 1);
    assert_non_null(f.text);
    if (answer->base64) {
        assert_true(base64_decode(answer->text, (uint8_t *)f.text + f.length, &length));
        f.length += length;
    } else {
        memcpy(f.text + f.length, answer->text, length);
        f.length += length;
    }
    f.text[f.length] = '\0';
    assert_true(strlen(answer->text) <= ARCHIVED_PART_MAX);
}

static void on_answer(void *userdata, const struct archived *answer)
{
    f.answers++;
    f.last = *answer;
    snprintf(f.code, sizeof(f.code), "%s", answer->code ? answer->code : "");
    snprintf(f.argument, sizeof(f.argument), "%s", answer->argument ? answer->argument : "");
    snprintf(f.message, sizeof(f.message), "%s", answer->message ? answer->message : "");
    if (answer->text)
        keep_text(answer);
}

static struct archived_question question(enum archived_what what)
{
    struct archived_question ret = { .what = what, .limit = 10 };

    if (what != ARCHIVED_SESSION && what != ARCHIVED_LIST)
        snprintf(ret.runner, sizeof(ret.runner), "anna");
    return ret;
}

static void ask(const struct archived_question *asked)
{
    archive_ask(f.archive, asked, on_answer, NULL);
    disk_fixture_settle(&f.disk);
}

/* All parts; how many. */
static int ask_all(struct archived_question asked)
{
    int n = 0;

    do {
        ask(&asked);
        assert_int_equal(f.answers, ++n);
        assert_string_equal(f.code, "");
        memcpy(asked.cursor, f.last.next, sizeof(asked.cursor));
    } while (asked.cursor[0]);
    return n;
}

static void put(const char *id, const char *runner, const char *file)
{
    struct store_session row;

    store_session_init(&row);
    snprintf(row.session.id, sizeof(row.session.id), "%s", id);
    snprintf(row.session.runner, sizeof(row.session.runner), "%s", runner);
    snprintf(row.file, sizeof(row.file), "%s", file);
    row.session.state = SESSION_ENDED;
    row.session.kind = SESSION_RUN;
    row.session.start_usec = FAKE_WALL_USEC;
    row.session.trimp = 55;
    snprintf(row.session.source.heart_rate, sizeof(row.session.source.heart_rate), "%s",
             file[0] ? "file" : "strap");
    assert_return_code(store_put_session(f.store, &row, NULL, 0, NULL, NULL), 0);
}

/* ---- once, and in time --------------------------------------------------------------------------- */

static void test_a_disk_that_takes_its_time_is_not_waited_for_and_answers_nobody_then(void **state)
{
    struct archived_question asked = question(ARCHIVED_LIST);

    archive_ask(f.archive, &asked, on_answer, NULL);
    fake_clock_advance(14 * SECOND);
    assert_int_equal(f.answers, 0);
    archive_ask(f.archive, &asked, on_answer, NULL);
    fake_clock_advance(SECOND);
    assert_int_equal(f.answers, 1);
    assert_string_equal(f.code, "unavailable");
    disk_fixture_settle(&f.disk);
    assert_int_equal(f.answers, 2); /* the second, and the first no more */
    assert_string_equal(f.code, "");
}

static void test_who_waits_when_we_stop_is_told_and_nobody_later(void **state)
{
    struct archived_question list = question(ARCHIVED_LIST), one = question(ARCHIVED_SESSION);

    put("a", "anna", HASH);
    snprintf(one.id, sizeof(one.id), "a");
    archive_ask(f.archive, &list, on_answer, NULL);
    archive_ask(f.archive, &one, on_answer, NULL);
    archive_stop(f.archive);
    assert_int_equal(f.answers, 2);
    assert_string_equal(f.message, "strided is stopping");
    disk_fixture_settle(&f.disk);
    assert_int_equal(f.answers, 2);
}

static void test_too_many_at_once_are_refused(void **state)
{
    struct archived_question asked = question(ARCHIVED_LIST);
    int n = 0;

    while (f.answers == 0 && n++ < 1000)
        archive_ask(f.archive, &asked, on_answer, NULL);
    assert_string_equal(f.code, "busy");
    assert_true(n > 8 && n < 1000);
    disk_fixture_settle(&f.disk);
    assert_int_equal(f.answers, n);
    assert_string_equal(f.code, "");
}

static void test_a_cursor_that_is_none_is_said_to_be_none(void **state)
{
    static const char *const cursors[] = { "x",
                                           "0",
                                           "0.",
                                           "0.0",
                                           "0.0.0",
                                           "-1.0.0.",
                                           "0.-1.0.",
                                           "10.0.0.",
                                           "0.0.-0.",
                                           "1.1.1.1",
                                           "0.0.0.no-such-session",
                                           "9999999999999999.0.0.",
                                           "0.9999999999999999.0." };

    for (size_t i = 0; i < sizeof(cursors) / sizeof(cursors[0]); i++) {
        struct archived_question asked = question(ARCHIVED_SESSIONS);

        f.answers = 0;
        snprintf(asked.cursor, sizeof(asked.cursor), "%s", cursors[i]);
        ask(&asked);
        assert_int_equal(f.answers, 1);
        if (strcmp(f.code, "bad_argument") != 0 || strcmp(f.argument, "cursor") != 0)
            fail_msg("'%s': %s %s", cursors[i], f.code, f.argument);
    }
}

/* ---- documents ----------------------------------------------------------------------------------- */

static void test_days_come_in_parts_that_are_the_whole(void **state)
{
    struct archived_question asked = question(ARCHIVED_DAYS);
    json_t *json;

    f.n_days = 1000;
    assert_int_equal(ask_all(asked), 8); /* of 128 */
    assert_true(f.last.n == 1000 && f.last.of == 1000);
    assert_string_equal(f.last.name, "strided-anna-days.json");
    json = json_loads(f.text, 0, NULL);
    assert_int_equal(json_array_size(json_object_get(json, "days")), 1000);
    assert_string_equal(json_string_value(json_object_get(json, "gateway")), "hall");
    for (size_t i = 0; i < 1000; i++) {
        const json_t *day = json_array_get(json_object_get(json, "days"), i);

        assert_true(json_number_value(json_object_get(day, "distance_m")) == (double)i);
        assert_true(json_is_null(json_object_get(day, "trimp")));
    }
    json_decref(json);
}

static void test_days_as_a_table_between_two_of_them(void **state)
{
    struct archived_question asked = question(ARCHIVED_DAYS);

    f.n_days = 40;
    asked.csv = true;
    snprintf(asked.from, sizeof(asked.from), "1970-01-31");
    snprintf(asked.to, sizeof(asked.to), "1970-02-01");
    assert_int_equal(ask_all(asked), 1);
    assert_string_equal(f.text,
                        "day,runs,walks,others,distance_m,moving_s,longest_run_m,downhill_drop_m,"
                        "downhill_distance_m,ascent_m,trimp,walked_m,walked_s,walked_drop_m\r\n"
                        "1970-01-31,1,0,0,30,0,0,0,0,0,,0,0,0\r\n"
                        "1970-02-01,1,0,0,31,0,0,0,0,0,,0,0,0\r\n");
}

/* Where nothing was said that is null, and an empty cell. */
static void test_what_was_said_of_a_run_goes_with_it(void **state)
{
    static const struct note said = { .effort = 7.5,
                                      .surface = "trail",
                                      .shoes = "blue, \"old\" ones" };
    struct archived_question asked = question(ARCHIVED_SESSIONS);
    const json_t *sessions;
    json_t *json;

    put("a", "anna", "");
    put("b", "anna", "");
    assert_return_code(store_put_note(f.store, "b", &said, NULL, NULL), 0);
    assert_int_equal(ask_all(asked), 1);
    json = json_loads(f.text, 0, NULL);
    sessions = json_object_get(json, "sessions");
    assert_int_equal(json_array_size(sessions), 2);
    for (size_t i = 0; i < 2; i++) {
        const json_t *session = json_array_get(sessions, i);
        bool is_noted = strcmp(json_string_value(json_object_get(session, "id")), "b") == 0;

        assert_int_equal(json_is_null(json_object_get(session, "effort")), !is_noted);
        assert_int_equal(json_is_null(json_object_get(session, "surface")), !is_noted);
        assert_int_equal(json_is_null(json_object_get(session, "shoes")), !is_noted);
        if (!is_noted)
            continue;
        assert_true(json_number_value(json_object_get(session, "effort")) == 7.5);
        assert_string_equal(json_string_value(json_object_get(session, "surface")), "trail");
        assert_string_equal(json_string_value(json_object_get(session, "shoes")),
                            "blue, \"old\" ones");
    }
    json_decref(json);
    f.answers = 0;
    f.length = 0;
    asked.csv = true;
    assert_int_equal(ask_all(asked), 1);
    assert_non_null(strstr(f.text, ",effort,surface,shoes\r\n"));
    assert_non_null(strstr(f.text, ",7.5,trail,\"blue, \"\"old\"\" ones\"\r\n"));
    assert_non_null(strstr(f.text, ",,,\r\n"));
}

static void test_nothing_is_a_whole_document_too(void **state)
{
    static const enum archived_what all[] = { ARCHIVED_SESSIONS, ARCHIVED_DAYS,
                                              ARCHIVED_EVERYTHING };

    for (size_t i = 0; i < 3; i++) {
        struct archived_question asked = question(all[i]);
        json_t *json;

        f.answers = 0;
        f.length = 0;
        (void)ask_all(asked);
        json = json_loads(f.text, 0, NULL);
        assert_non_null(json);
        assert_string_equal(json_string_value(json_object_get(json, "runner")), "anna");
        json_decref(json);
    }
}

static void test_a_log_that_was_not_read_whole_is_not_given_away_as_one(void **state)
{
    struct archived_question asked = question(ARCHIVED_DAYS);

    f.n_days = -1;
    ask(&asked);
    assert_string_equal(f.code, "unavailable");
}

static void test_a_heart_that_stays_here_is_in_no_document(void **state)
{
    put("a", "anna", "");
    f.conf.runners[0].max_heart_rate_bpm = 187;
    for (int hide = 0; hide < 2; hide++) {
        struct archived_question asked = question(ARCHIVED_EVERYTHING);

        asked.hide_heart = hide;
        f.answers = 0;
        f.length = 0;
        (void)ask_all(asked);
        assert_int_equal(strstr(f.text, "\"trimp\":55") == NULL, hide);
        assert_int_equal(strstr(f.text, "187") == NULL, hide);
        assert_int_equal(strstr(f.text, "\"heart_rate\":\"strap\"") == NULL, hide);
        assert_non_null(strstr(f.text, "\"id\":\"a\""));
    }
}

/* ---- the file of a session ----------------------------------------------------------------------- */

static void write_copy(uint8_t seed)
{
    static uint8_t bytes[BYTES];
    gzFile file;

    for (size_t i = 0; i < BYTES; i++)
        bytes[i] = (uint8_t)((i * 31 + i / 251) ^ seed);
    memcpy(bytes + 8, ".FIT", 4);
    (void)mkdir(disk_path(&f.disk, "imported"), 0700);
    (void)mkdir(disk_path(&f.disk, "imported/anna"), 0700);
    file = gzopen(disk_path(&f.disk, "imported/anna/" HASH ".gz"), "w");
    assert_int_equal(gzwrite(file, bytes, BYTES), BYTES);
    assert_int_equal(gzclose(file), Z_OK);
}

static struct archived_question of_file(void)
{
    struct archived_question asked = question(ARCHIVED_SESSION);

    snprintf(asked.id, sizeof(asked.id), "a");
    return asked;
}

static void test_the_file_of_a_session_in_parts(void **state)
{
    put("a", "anna", HASH);
    write_copy(1);
    assert_int_equal(ask_all(of_file()), 3);
    assert_int_equal(f.length, BYTES);
    assert_memory_equal(f.text + 8, ".FIT", 4);
    assert_int_equal((uint8_t)f.text[99999], (uint8_t)((99999 * 31 + 99999 / 251) ^ 1));
    assert_string_equal(f.last.name, "strided-anna-a.fit");
    assert_string_equal(f.last.format, "fit");
    assert_true(f.last.n == BYTES && f.last.of == BYTES);
}

static void test_what_is_held_goes_on_after_its_copy_went_and_not_for_ever(void **state)
{
    struct archived_question asked = of_file();

    put("a", "anna", HASH);
    write_copy(1);
    ask(&asked);
    assert_int_equal(remove(disk_path(&f.disk, "imported/anna/" HASH ".gz")), 0);
    memcpy(asked.cursor, f.last.next, sizeof(asked.cursor));
    ask(&asked);
    assert_string_equal(f.code, "");
    memcpy(asked.cursor, f.last.next, sizeof(asked.cursor));
    fake_clock_advance(61 * SECOND);
    ask(&asked);
    assert_string_equal(f.code, "unavailable");
    assert_non_null(strstr(f.message, "gone"));
    assert_int_equal(disk_count(&f.disk, "exported*"), 0);
}

static void test_parts_of_two_files_are_not_mixed(void **state)
{
    struct archived_question asked = of_file();

    put("a", "anna", HASH);
    write_copy(1);
    ask(&asked);
    memcpy(asked.cursor, f.last.next, sizeof(asked.cursor));
    fake_clock_advance(61 * SECOND);
    write_copy(2);
    ask(&asked);
    assert_string_equal(f.code, "bad_argument");
    assert_string_equal(f.argument, "cursor");
}

static void test_a_copy_that_is_none_is_no_file(void **state)
{
    struct archived_question asked = of_file();

    put("a", "anna", HASH);
    write_copy(1);
    disk_write(&f.disk, "imported/anna/" HASH ".gz", "no gzip", 7);
    ask(&asked);
    assert_string_equal(f.code, "unavailable");
    disk_write(&f.disk, "imported/anna/" HASH ".gz", "", 0);
    ask(&asked);
    assert_string_equal(f.code, "unavailable");
    put("b", "anna", ""); /* and there is no recording of it */
    snprintf(asked.id, sizeof(asked.id), "b");
    ask(&asked);
    assert_string_equal(f.code, "unavailable");
    assert_non_null(strstr(f.message, "no recording"));
}

static void test_whose_session_it_is_and_whether_it_may_leave(void **state)
{
    struct archived_question asked = of_file();

    put("a", "anna", HASH);
    put("n", "", HASH);
    write_copy(1);
    snprintf(asked.runner, sizeof(asked.runner), "ben");
    ask(&asked);
    assert_string_equal(f.argument, "runner");
    asked.runner[0] = '\0';
    asked.hide_heart = asked.not_nobodys = true; /* to the broker */
    ask(&asked);
    assert_string_equal(f.code, "");
    f.conf.runners[0].publish_heart_rate = false;
    ask(&asked);
    assert_string_equal(f.code, "bad_argument");
    assert_non_null(strstr(f.message, "PublishHeartRate"));
    snprintf(asked.id, sizeof(asked.id), "n");
    ask(&asked);
    assert_string_equal(f.argument, "id");
    for (size_t i = 0; i < 2; i++) {
        snprintf(asked.id, sizeof(asked.id), "%s", i ? "../a" : "no-such");
        ask(&asked);
        assert_string_equal(f.code, "not_found");
    }
}

#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_a_disk_that_takes_its_time_is_not_waited_for_and_answers_nobody_then),
        T(test_who_waits_when_we_stop_is_told_and_nobody_later),
        T(test_too_many_at_once_are_refused),
        T(test_a_cursor_that_is_none_is_said_to_be_none),
        T(test_days_come_in_parts_that_are_the_whole),
        T(test_days_as_a_table_between_two_of_them),
        T(test_what_was_said_of_a_run_goes_with_it),
        T(test_nothing_is_a_whole_document_too),
        T(test_a_log_that_was_not_read_whole_is_not_given_away_as_one),
        T(test_a_heart_that_stays_here_is_in_no_document),
        T(test_the_file_of_a_session_in_parts),
        T(test_what_is_held_goes_on_after_its_copy_went_and_not_for_ever),
        T(test_parts_of_two_files_are_not_mixed),
        T(test_a_copy_that_is_none_is_no_file),
        T(test_whose_session_it_is_and_whether_it_may_leave),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
