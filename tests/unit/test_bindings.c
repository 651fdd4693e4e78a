/* SPDX-License-Identifier: MIT */
/* Sensors bound by command: what is written into assigned.conf, and what is not. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <systemd/sd-event.h>
#include <unistd.h>
#include <cmocka.h>
#include "config_fixture.h"
#include "daemon/bindings/bindings.h"
#include "daemon/util.h"

#define HEAD                                                                                       \
    "# Sensors that were bound by `stridectl assign`. strided writes this file; what is said of "  \
    "a\n"                                                                                          \
    "# sensor in /etc/strided wins.\n"
#define RUNNERS "[Runner anna]\n[Runner ben]\n"
#define A1      "C0:DE:00:00:00:01"
#define A2      "C0:DE:00:00:00:02"
#define POD     "[Sensor pod]\nAddress=" A1 "\nRunner=anna\n"

static struct {
    sd_event *event;
    struct worker *worker;
    struct bindings *bindings;
    struct binding_answer answer;
    int answers, reloads, reload_result;
} f;

static int reload(void *userdata)
{
    f.reloads++;
    return f.reload_result;
}

static int set_up(void **state)
{
    memset(&f, 0, sizeof(f));
    assert_int_equal(config_fixture_set_up(state), 0);
    assert_true(sd_event_new(&f.event) >= 0);
    assert_int_equal(worker_new(&f.worker, f.event), 0);
    const struct bindings_parts parts = { .config_file = fixture.file,
                                          .state_dir = fixture.state_dir,
                                          .worker = f.worker,
                                          .reload = reload };
    return bindings_new(&f.bindings, &parts);
}

static int tear_down(void **state)
{
    worker_free(f.worker);
    bindings_free(f.bindings);
    sd_event_unref(f.event);
    return config_fixture_tear_down(state);
}

static void on_done(void *userdata, const struct binding_answer *answer)
{
    f.answers++;
    f.answer = *answer;
}

static void say(enum binding_kind kind, const char *sensor, const char *address, const char *runner)
{
    struct binding what = { .kind = kind, .what = "pod" };
    int before = f.answers;

    snprintf(what.sensor, sizeof(what.sensor), "%s", sensor);
    snprintf(what.address, sizeof(what.address), "%s", address);
    snprintf(what.runner, sizeof(what.runner), "%s", runner);
    bindings_change(f.bindings, &what, on_done, NULL);
    while (f.answers == before)
        assert_true(sd_event_run(f.event, 10 * UINT64_C(1000000)) > 0);
    assert_int_equal(f.answers, before + 1);
}

static void assigned_is(const char *text)
{
    _cleanup_free_ char *there = NULL;
    size_t length;

    assert_int_equal(config_read_assigned(fixture.state_dir, &there, &length), 0);
    assert_string_equal(there, text);
}

static const struct row {
    const char *label, *file, *assigned;
    enum binding_kind kind;
    const char *sensor, *address, *runner;
    const char *after;  /* assigned.conf; NULL: as before */
    const char *answer; /* "SENSOR ADDRESS RUNNER", or "CODE ARGUMENT" */
    const char *message, *allowed;
} rows[] = {
    { "the first", RUNNERS, "", BINDING_ASSIGN, "", A1, "anna",
      HEAD "\n[Sensor pod-01]\nAddress=" A1 "\nRunner=anna\n", "pod-01 " A1 " anna", NULL, NULL },
    { "another", RUNNERS, POD, BINDING_ASSIGN, "strap", A2, "auto",
      POD "\n[Sensor strap]\nAddress=" A2 "\nRunner=auto\n", "strap " A2 " auto", NULL, NULL },
    { "its short name is taken", RUNNERS "[Sensor pod-02]\nAddress=C0:DE:00:00:07:02\n", "",
      BINDING_ASSIGN, "", A2, "ben", HEAD "\n[Sensor pod-0002]\nAddress=" A2 "\nRunner=ben\n",
      "pod-0002 " A2 " ben", NULL, NULL },
    { "it is another's now", RUNNERS, "# left\n" POD "Factor=1.02\n", BINDING_ASSIGN, "", A1, "ben",
      "# left\n[Sensor pod]\nAddress=" A1 "\nRunner=ben\nFactor=1.02\n", "pod " A1 " ben", NULL,
      NULL },
    { "auto, of the only one there is", "[Runner anna]\n", POD, BINDING_ASSIGN, "pod", A1, "auto",
      "[Sensor pod]\nAddress=" A1 "\nRunner=auto\n", "pod " A1 " anna", NULL, NULL },
    { "of a section that is damaged nothing stays", RUNNERS,
      "[Sensor pod]\nFactr=3\n[Sensor strap]\nAddress=" A2 "\nRunner=ben\n", BINDING_ASSIGN, "pod",
      A1, "anna", "[Sensor strap]\nAddress=" A2 "\nRunner=ben\n\n" POD, "pod " A1 " anna", NULL,
      NULL },

    { "the device has a name already", RUNNERS, POD, BINDING_ASSIGN, "foot", A1, "anna", NULL,
      "already address", A1 " is pod already: %s:2 says so", "forget pod first" },
    { "the device has a name in a file", RUNNERS POD, "", BINDING_ASSIGN, "", A1, "ben", NULL,
      "already address", A1 " is pod already: %s:4 says so",
      "a change of that line, and systemctl reload strided" },
    { "the name is another's", RUNNERS, POD, BINDING_ASSIGN, "pod", A2, "ben", NULL, "already name",
      "pod is " A1 ": %s:2 says so", "another name; or replace, for a new device in its place" },
    { "the name is another's in a file", RUNNERS POD, "", BINDING_ASSIGN, "pod", A2, "ben", NULL,
      "already name", "pod is " A1 ": %s:4 says so", "another name, or a change of that line" },
    { "nobody is called so", RUNNERS, POD, BINDING_ASSIGN, "x", A2, "carl", NULL, "unavailable -",
      "With that it would not hold: %s:7: Runner=carl of [Sensor x] is no runner",
      "strided --check-config shows what the files say" },
    { "the files are not sound as they are", RUNNERS "[Gateway]\nUnits=x\n", POD, BINDING_ASSIGN,
      "x", A2, "ben", NULL, "unavailable -",
      "With that it would not hold: %s:4: Units=x is not allowed",
      "strided --check-config shows what the files say" },

    { "a new device", RUNNERS, "[Sensor pod]\nFactor=1.02\nAddress=" A1 "\nRunner=ben\n",
      BINDING_REPLACE, "pod", A2, "", "[Sensor pod]\nAddress=" A2 "\nFactor=1.02\nRunner=ben\n",
      "pod " A2 " ben", NULL, NULL },
    { "in the place of nobody", RUNNERS, POD, BINDING_REPLACE, "strap", A2, "", NULL,
      "not_found sensor", "There is no such sensor", "pod" },
    { "of one that is another's", RUNNERS "[Sensor strap]\nAddress=" A2 "\n", POD, BINDING_REPLACE,
      "pod", A2, "", NULL, "already address", A2 " is strap already: %s:4 says so",
      "a change of that line, and systemctl reload strided" },
    { "of what a file binds", RUNNERS POD, "", BINDING_REPLACE, "pod", A2, "", NULL,
      "configured sensor", "pod is bound by %s:4, which no command changes",
      "a change of that line, and systemctl reload strided" },

    { "no more", RUNNERS, "# mine\n" POD "[Sensor strap]\nAddress=" A2 "\n", BINDING_FORGET, "pod",
      "", "", "# mine\n[Sensor strap]\nAddress=" A2 "\n", "pod " A1 " ", NULL, NULL },
    { "the last", RUNNERS, POD, BINDING_FORGET, "pod", "", "", "", "pod " A1 " ", NULL, NULL },
    { "one that is damaged", RUNNERS, "[Sensor pod]\nAddress=x\n", BINDING_FORGET, "pod", "", "",
      "", "pod  ", NULL, NULL },
    { "nobody", RUNNERS, "", BINDING_FORGET, "pod", "", "", NULL, "not_found sensor",
      "There is no such sensor", "no sensor is bound by command" },
    { "one of a file", RUNNERS POD, "", BINDING_FORGET, "pod", "", "", NULL, "configured sensor",
      "pod is bound by %s:4, which no command changes",
      "a change of that line, and systemctl reload strided" },
    { "what a file needs", RUNNERS "[Sensor pod]\nFactor=1.1\n", POD, BINDING_FORGET, "pod", "", "",
      NULL, "unavailable -", "With that it would not hold: %s:3: [Sensor pod] has no Address=",
      "strided --check-config shows what the files say" },
};

static void check_refusal(const struct row *row)
{
    char said[100], message[400];
    const char *in_file = strstr(row->file, "[Sensor") || strstr(row->file, "Units")
                              ? fixture.file
                              : at("state/assigned.conf");

    snprintf(said, sizeof(said), "%s %s", f.answer.code,
             f.answer.argument ? f.answer.argument : "-");
    assert_string_equal(said, row->answer);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(message, sizeof(message), row->message, in_file);
#pragma GCC diagnostic pop
    if (strncmp(f.answer.message, message, strlen(message)) != 0)
        fail_msg("%s\nnot %s", f.answer.message, message);
    assert_string_equal(f.answer.allowed, row->allowed);
}

static void test_what_is_said_is_written_or_refused_with_a_reason(void **state)
{
    for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
        const struct row *row = &rows[i];
        int reloads = f.reloads;
        char said[100];

        print_message("%s\n", row->label);
        put("x.conf", row->file);
        put("state/assigned.conf", row->assigned);
        say(row->kind, row->sensor, row->address, row->runner);
        assigned_is(row->after ? row->after : row->assigned);
        assert_int_equal(f.reloads, reloads + (row->after != NULL));
        if (!row->after) {
            check_refusal(row);
            continue;
        }
        if (f.answer.code)
            fail_msg("%s: %s", f.answer.code, f.answer.message);
        snprintf(said, sizeof(said), "%s %s %s", f.answer.sensor, f.answer.address,
                 f.answer.runner);
        assert_string_equal(said, row->answer);
        assert_string_equal(f.answer.file, at("state/assigned.conf"));
        assert_string_equal(f.answer.over_file, "");
    }
}

static void test_the_answer_says_which_line_wins(void **state)
{
    put("x.conf", RUNNERS "[Sensor pod]\nRunner=ben\n");
    put("state/assigned.conf", "");
    say(BINDING_ASSIGN, "pod", A1, "anna");
    assert_null(f.answer.code);
    assert_string_equal(f.answer.runner, "ben");
    assert_string_equal(f.answer.over_file, fixture.file);
    assert_int_equal(f.answer.over_line, 4);
    assert_int_equal(f.answer.line, 5);
}

static void test_what_was_there_before_is_told(void **state)
{
    put("x.conf", RUNNERS);
    put("state/assigned.conf", POD);
    say(BINDING_REPLACE, "pod", A2, "");
    assert_string_equal(f.answer.was, A1);
}

static void test_a_disk_that_does_not_take_it_changes_nothing(void **state)
{
    put("x.conf", RUNNERS);
    put("state/assigned.conf", POD);
    assert_int_equal(mkdir(at("state/assigned.conf.new"), 0700), 0); /* in the way of the new one */
    say(BINDING_FORGET, "pod", "", "");
    assert_string_equal(f.answer.code, "unavailable");
    assert_non_null(strstr(f.answer.message, "could not be written: Is a directory"));
    assert_int_equal(f.reloads, 0);
    assigned_is(POD);
}

static void test_a_reload_that_fails_is_told(void **state)
{
    put("x.conf", RUNNERS);
    f.reload_result = -EINVAL;
    say(BINDING_ASSIGN, "pod", A1, "anna");
    assert_string_equal(f.answer.code, "unavailable");
    assert_non_null(strstr(f.answer.message, "the one before stays in force"));
}

static void test_one_at_a_time_and_none_is_left_waiting_at_the_end(void **state)
{
    struct binding what = {
        .kind = BINDING_ASSIGN, .sensor = "pod", .address = A1, .runner = "anna"
    };

    put("x.conf", RUNNERS);
    bindings_change(f.bindings, &what, on_done, NULL);
    assert_int_equal(f.answers, 0);
    bindings_change(f.bindings, &what, on_done, NULL);
    assert_string_equal(f.answer.code, "busy");
    bindings_stop(f.bindings);
    assert_int_equal(f.answers, 2);
    assert_string_equal(f.answer.code, "unavailable");
    f.worker = worker_free(f.worker); /* what is under way is done, and nobody is told again */
    assert_int_equal(f.answers, 2);
    assert_int_equal(f.reloads, 0);
    assigned_is(HEAD "\n" POD);
}

#define WITH_ALL(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_ALL(test_what_is_said_is_written_or_refused_with_a_reason),
        WITH_ALL(test_the_answer_says_which_line_wins),
        WITH_ALL(test_what_was_there_before_is_told),
        WITH_ALL(test_a_disk_that_does_not_take_it_changes_nothing),
        WITH_ALL(test_a_reload_that_fails_is_told),
        WITH_ALL(test_one_at_a_time_and_none_is_left_waiting_at_the_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
