/* SPDX-License-Identifier: MIT */
/* What is said of a request that may not act: each mistake in its words, with what is allowed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/commands/check.h"
#include "lib/conf_key.h"
#include "lib/utf8.h"

static const struct command_error untouched = { .code = "untouched" };

/* The request through all three checks, as commands.c does it. Whether it may act. */
static bool check(const char *verb, const char *payload, size_t length, struct command_error *error)
{
    const struct command *command;
    char *copy = malloc(length ? length : 1); /* exactly as long: a read past it is seen */
    json_t *arguments = NULL;
    bool good = false;

    memcpy(copy, payload, length);
    *error = untouched;
    command = check_verb(verb, error);
    if (command)
        arguments = check_parse(copy, length, error);
    if (arguments)
        good = check_arguments(command, arguments, error);
    json_decref(arguments);
    free(copy);
    return good;
}

static const struct row {
    const char *verb, *payload;
    const char *code, *argument, *message, *allowed; /* code NULL: it may act */
} rows[] = {
    { "status", "", NULL, NULL, NULL, NULL },
    { "status", "{\"transaction\":\"a\"}", NULL, NULL, NULL, NULL },
    { "scan", "{\"seconds\":1}", NULL, NULL, NULL, NULL },
    { "scan", "{\"seconds\":6e1}", NULL, NULL, NULL, NULL },
    { "incline", "{\"percent\":null}", NULL, NULL, NULL, NULL },
    { "incline", "{\"percent\":-45.0}", NULL, NULL, NULL, NULL },
    { "release", "{\"sensor\":\"pod\",\"for_s\":86400}", NULL, NULL, NULL, NULL },
    { "", "", "unknown_verb", NULL, "There is no command ''",
      "status sensors scan assign replace forget release session incline route import "
      "imports log-run sessions week history alerts acknowledge snooze explain load export "
      "delete record backup schema" },
    { "Status", "", "unknown_verb", NULL, "There is no command 'Status'",
      "status sensors scan assign replace forget release session incline route import "
      "imports log-run sessions week history alerts acknowledge snooze explain load export "
      "delete record backup schema" },
    { "status", "{\"now\":1}", "unknown_argument", "now", "status takes no argument 'now'",
      "no arguments" },
    { "release", "{\"Sensor\":\"pod\"}", "unknown_argument", "Sensor",
      "release takes no argument 'Sensor'", "sensor for_s" },
    { "release", "{}", "missing_argument", "sensor", "release needs 'sensor'",
      "text of 1 to 31 bytes" },
    { "release", "{\"sensor\":null}", "bad_argument", "sensor",
      "release: 'sensor' has a value that is not allowed: null", "text of 1 to 31 bytes" },
    { "release", "{\"sensor\":\"12345678901234567890123456789012\"}", "bad_argument", "sensor",
      "release: 'sensor' has a value that is not allowed: "
      "\"12345678901234567890123456789012\"",
      "text of 1 to 31 bytes" },
    { "release", "{\"sensor\":\"pod\",\"for_s\":86401}", "bad_argument", "for_s",
      "release: 'for_s' has a value that is not allowed: 86401", "a whole number from 1 to 86400" },
    { "scan", "{\"seconds\":1e300}", "bad_argument", "seconds",
      "scan: 'seconds' has a value that is not allowed: 1e300", "a whole number from 1 to 60" },
    { "scan", "{\"seconds\":-1}", "bad_argument", "seconds",
      "scan: 'seconds' has a value that is not allowed: -1", "a whole number from 1 to 60" },
    { "scan", "{\"seconds\":true}", "bad_argument", "seconds",
      "scan: 'seconds' has a value that is not allowed: true", "a whole number from 1 to 60" },
    { "incline", "{\"percent\":\"steep\"}", "bad_argument", "percent",
      "incline: 'percent' has a value that is not allowed: \"steep\"",
      "a number from -45 to 45, or null" },
    { "route", "{\"file\":null}", NULL, NULL, NULL, NULL },
    { "route", "{}", "missing_argument", "file", "route needs 'file'",
      "text of 1 to 127 bytes, or null" },
    { "route", "{\"file\":\"\"}", "bad_argument", "file",
      "route: 'file' has a value that is not allowed: \"\"", "text of 1 to 127 bytes, or null" },
    { "session", "{\"do\":\"pause\"}", "bad_argument", "do",
      "session: 'do' has a value that is not allowed: \"pause\"",
      "start | stop | discard | assign | note" },
    { "session", "{\"runner\":\"anna\"}", "missing_argument", "do", "session needs 'do'",
      "start | stop | discard | assign | note" },
    { "session", "{\"do\":\"start\",\"id\":\"a\"}", "bad_argument", "id",
      "session takes no 'id' with do=start",
      "with do=stop, with do=discard, with do=assign, with do=note" },
    { "session", "{\"do\":\"stop\",\"id\":\"a\"}", NULL, NULL, NULL, NULL },
    { "history", "{\"weeks\":520}", NULL, NULL, NULL, NULL },
    { "history", "{\"weeks\":521}", "bad_argument", "weeks",
      "history: 'weeks' has a value that is not allowed: 521", "a whole number from 1 to 520" },
    { "sessions", "{\"from\":\"2026-02-28\",\"limit\":200}", NULL, NULL, NULL, NULL },
    { "sessions", "{\"limit\":0}", "bad_argument", "limit",
      "sessions: 'limit' has a value that is not allowed: 0", "a whole number from 1 to 200" },
    { "export", "{}", "missing_argument", "what", "export needs 'what'",
      "session | sessions | days | everything" },
    { "schema", "{\"payload\":\"now\"}", "bad_argument", "payload",
      "schema: 'payload' has a value that is not allowed: \"now\"",
      "info | health | sensor | live | session | week | note | alert | notice | import | event | "
      "response" },
    { "session", "{\"do\":\"note\",\"surface\":null,\"effort\":0.5}", NULL, NULL, NULL, NULL },
    { "session", "{\"do\":\"note\",\"surface\":\"lava\"}", "bad_argument", "surface",
      "session: 'surface' has a value that is not allowed: \"lava\"",
      "road | track | trail | grass | sand | treadmill | other | null" },
    { "session", "{\"do\":\"stop\",\"effort\":1}", "bad_argument", "effort",
      "session takes no 'effort' with do=stop", "with do=note" },
    { "assign",
      "{\"address\":\"c0:de:00:00:00:01\",\"runner\":\"auto\",\"name\":\"pod\","
      "\"kind\":\"pod\"}",
      NULL, NULL, NULL, NULL },
    { "assign", "{\"runner\":\"anna\"}", "missing_argument", "address", "assign needs 'address'",
      "text of 1 to 31 bytes" },
    { "assign", "{\"address\":\"c0:de:00:00:00:01\",\"kind\":\"shoe\"}", "bad_argument", "kind",
      "assign: 'kind' has a value that is not allowed: \"shoe\"",
      "pod | strap | treadmill | power | location | barometer" },
    { "replace", "{\"sensor\":\"pod\"}", "missing_argument", "address", "replace needs 'address'",
      "text of 1 to 31 bytes" },
    { "forget", "{\"sensor\":\"pod\",\"address\":\"c0:de:00:00:00:01\"}", "unknown_argument",
      "address", "forget takes no argument 'address'", "sensor" },
    { "record", "{\"do\":\"start\",\"minutes\":240}", NULL, NULL, NULL, NULL },
    { "record", "{\"do\":\"start\",\"minutes\":241}", "bad_argument", "minutes",
      "record: 'minutes' has a value that is not allowed: 241", "a whole number from 1 to 240" },
    { "record", "{\"do\":\"stop\",\"sensor\":\"pod\"}", "bad_argument", "sensor",
      "record takes no 'sensor' with do=stop", "with do=start" },
    { "status", "7", "bad_json", NULL, "The request is no JSON", "a JSON object, or nothing" },
    { "status", "[1]", "bad_json", NULL, "The request is JSON, but no object",
      "a JSON object, or nothing" },
    { "status", "{\"a\":", "bad_json", NULL,
      "The request is no JSON: ", "a JSON object, or nothing" },
    { "status", " ", "bad_json", NULL, "The request is no JSON: ", "a JSON object, or nothing" },
    { "status", "{} {}", "bad_json", NULL,
      "The request is no JSON: ", "a JSON object, or nothing" },
    { "status", "[[[[[", "too_deep", NULL, "The request is nested too deeply", "at most 4 levels" },
};

static void hold(const struct row *row, bool good, const struct command_error *error)
{
    if (good != !row->code)
        fail_msg("%s %s: %s %s", row->verb, row->payload, error->code, error->message);
    if (good) {
        assert_memory_equal(error, &untouched, sizeof(untouched));
        return;
    }
    if (strcmp(error->code, row->code) != 0 || strcmp(error->allowed, row->allowed) != 0 ||
        strncmp(error->message, row->message, strlen(row->message)) != 0)
        fail_msg("%s %s: %s, \"%s\", allowed \"%s\"", row->verb, row->payload, error->code,
                 error->message, error->allowed);
    assert_string_equal(error->argument, row->argument ? row->argument : "");
}

static void test_each_mistake_is_said_with_what_is_allowed(void **state)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct command_error error;
        bool good = check(rows[i].verb, rows[i].payload, strlen(rows[i].payload), &error);

        hold(&rows[i], good, &error);
    }
}

/* Every argument of the table says in words what it takes, and none of it is cut. */
static void test_every_argument_has_its_words(void **state)
{
    for (const struct command *c = command_table; c->verb; c++)
        for (const struct command_argument *a = c->arguments; a->name; a++) {
            struct command_error error;
            char payload[100];

            snprintf(payload, sizeof(payload), "{\"%s\":{}}", a->name);
            assert_false(check(c->verb, payload, strlen(payload), &error));
            assert_string_equal(error.code, "bad_argument");
            assert_string_equal(error.argument, a->name);
            assert_in_range(strlen(error.allowed), 1, sizeof(error.allowed) - 2);
            assert_in_range(strlen(error.message), 1, sizeof(error.message) - 2);
        }
}

/* The name of one that there is not is somebody else's text. */
static void test_an_argument_that_there_is_not_is_named(void **state)
{
    static const struct {
        const char *payload, *argument;
    } cases[] = {
        { "{\"\":1}", "" },
        { "{\"a b\":1}", "a b" },
        { "{\"a\\u001b[2Jb\\u007f\\n\":1}", "a?[2Jb??" },
        { "{\"1234567890123456789012345678901\":1}", "1234567890123456789012345678901" },
        { "{\"12345678901234567890123456789012\":1}", "1234567890123456789012345678901" },
        { "{\"123456789012345678901234567890\xc3\xa9\":1}", "123456789012345678901234567890" },
        { "{\"12345678901234567890123456789\xc3\xa9z\":1}",
          "12345678901234567890123456789\xc3\xa9" },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct command_error error;

        assert_false(check("status", cases[i].payload, strlen(cases[i].payload), &error));
        assert_string_equal(error.code, "unknown_argument");
        assert_string_equal(error.argument, cases[i].argument);
    }
}

static void test_a_long_word_is_cut_between_two_characters(void **state)
{
    static const char *const characters[] = { "x", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x8f\x83" };

    for (size_t i = 0; i < sizeof(characters) / sizeof(characters[0]); i++)
        for (int before = 0; before < 4; before++) {
            struct command_error error;
            char verb[400];
            size_t length = (size_t)snprintf(verb, sizeof(verb), "%.*s", before, "abc");

            while (length + 5 < 300)
                length +=
                    (size_t)snprintf(verb + length, sizeof(verb) - length, "%s", characters[i]);
            assert_null(check_verb(verb, &error));
            for (size_t at = 0; error.message[at];) {
                size_t step = utf8_character(error.message + at, strlen(error.message + at));

                if (step == 0)
                    fail_msg("half a character in %s", error.message);
                at += step;
            }
            assert_in_range(strlen(error.message), 50, 70);
        }
}

static void test_a_word_that_is_no_text_is_not_repeated(void **state)
{
    struct command_error error;

    assert_null(check_verb("ab\xff\x80 cd", &error));
    assert_string_equal(error.message, "There is no command 'ab'");
}

static void test_a_brace_in_a_text_is_no_level(void **state)
{
    static const struct {
        const char *payload;
        bool deep;
    } cases[] = {
        { "{\"a\":\"{{{{{{\"}", false },        { "{\"a\":\"\\\"{{{{{{\"}", false },
        { "{\"a\":\"\\\\\",\"b\":[[[[", true }, { "{\"a\":[[[", false },
        { "]]]]]][[[[[[[[[[[", true },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct command_error error;

        check("status", cases[i].payload, strlen(cases[i].payload), &error);
        if ((strcmp(error.code, "too_deep") == 0) != cases[i].deep)
            fail_msg("%s: %s", cases[i].payload, error.code);
    }
}

/* Bytes of a request with one or two of them changed: no reading past the end, an error is complete. */
static void test_torn_and_spoilt_requests_are_refused_in_words(void **state)
{
    static const char whole[] = "{\"do\":\"stop\",\"runner\":\"\xc3\xa9\\u0041\",\"id\":\"a\"}";
    char spoilt[sizeof(whole)];
    uint32_t random = 7;

    for (int i = 0; i < 20000; i++) {
        struct command_error error;
        size_t length = i < (int)sizeof(whole) ? (size_t)i : sizeof(whole) - 1;

        memcpy(spoilt, whole, sizeof(whole));
        for (int n = i < (int)sizeof(whole) ? 0 : 1 + i % 2; n > 0; n--) {
            random = random * 1664525 + 1013904223;
            spoilt[(random >> 8) % (sizeof(whole) - 1)] = (char)(random >> 24);
        }
        if (!check("session", spoilt, length, &error) && (!error.message[0] || !error.allowed[0]))
            fail_msg("%s: %s, allowed %s", error.code, error.message, error.allowed);
    }
}

/* Said here once more, by hand: who adds a verb, or loses a word of its row, decides it anew. */
static void test_what_safe_leaves_to_others_over_mqtt(void **state)
{
    static const char *const safe[] = {
        "status", "sensors",     "scan",    "release",  "session", "incline",
        "route",  "imports",     "log-run", "sessions", "week",    "history",
        "alerts", "acknowledge", "snooze",  "explain",  "load",    "schema",
    };
    static const char *const session_safe[] = { "start", "stop", "note" };
    static const char *const session_not[] = { "discard", "assign" };
    const struct command *session = command_find("session");
    size_t n = 0;

    for (const struct command *c = command_table; c->verb; c++)
        n += !c->unsafe;
    assert_int_equal(n, sizeof(safe) / sizeof(safe[0]));
    for (size_t i = 0; i < n; i++) {
        const struct command *c = command_find(safe[i]);

        assert_non_null(c);
        assert_false(c->unsafe);
        assert_true(c == session || !c->unsafe_do);
    }
    for (size_t i = 0; i < 3; i++)
        assert_false(command_is_unsafe(session, session_safe[i]));
    for (size_t i = 0; i < 2; i++)
        assert_true(command_is_unsafe(session, session_not[i]));
}

/* Where a person looks what the default keeps out. */
static void test_the_configuration_names_all_that_is_not_safe(void **state)
{
    const char *help = NULL;
    char name[40];

    for (size_t i = 0; i < conf_n_keys; i++)
        if (strcmp(conf_keys[i].key, "Commands") == 0)
            help = conf_keys[i].help;
    assert_non_null(help);
    for (const struct command *c = command_table; c->verb; c++) {
        snprintf(name, sizeof(name), " %s,", c->verb);
        assert_int_equal(strstr(help, name) != NULL, c->unsafe);
        for (size_t i = 0; c->unsafe_do && c->unsafe_do[i]; i++)
            assert_non_null(strstr(strstr(help, c->verb), c->unsafe_do[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_configuration_names_all_that_is_not_safe),
        cmocka_unit_test(test_each_mistake_is_said_with_what_is_allowed),
        cmocka_unit_test(test_every_argument_has_its_words),
        cmocka_unit_test(test_an_argument_that_there_is_not_is_named),
        cmocka_unit_test(test_a_long_word_is_cut_between_two_characters),
        cmocka_unit_test(test_a_word_that_is_no_text_is_not_repeated),
        cmocka_unit_test(test_a_brace_in_a_text_is_no_level),
        cmocka_unit_test(test_torn_and_spoilt_requests_are_refused_in_words),
        cmocka_unit_test(test_what_safe_leaves_to_others_over_mqtt),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
