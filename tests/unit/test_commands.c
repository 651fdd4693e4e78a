/* SPDX-License-Identifier: MIT */
/* Requests and their answers, with a context that only remembers what was run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/broker/topics.h"
#include "daemon/commands/commands.h"
#include "daemon/commands/verbs.h"
#include "lib/contract.h"

/* ---- memory that is short where we say so ------------------------------------------------------ */

static bool no_memory;

char *__real_strdup(const char *text);
char *__wrap_strdup(const char *text);
char *__wrap_strdup(const char *text)
{
    return no_memory ? NULL : __real_strdup(text);
}

/* ---- the desk ------------------------------------------------------------------------------------ */

struct desk {
    struct commands *commands;
    int ran;
    bool later; /* handlers answer when finish() is called */
    struct command_answer *open;
    char transaction[256], kept[512];
    char answer[4096];
    int answers;
};

static void run(void *context, const struct command *command, const json_t *arguments,
                struct command_answer *answer)
{
    struct desk *desk = context;

    desk->ran++;
    if (desk->later)
        desk->open = answer;
    else
        command_answer_data(answer, json_pack("{s:s}", "verb", command->verb));
}

static const char *answered(void *context, const char *transaction)
{
    struct desk *desk = context;

    return desk->kept[0] && strcmp(desk->transaction, transaction) == 0 ? desk->kept : NULL;
}

static void keep(void *context, const char *transaction, const char *answer)
{
    struct desk *desk = context;

    snprintf(desk->transaction, sizeof(desk->transaction), "%s", transaction);
    snprintf(desk->kept, sizeof(desk->kept), "%s", answer);
}

static void on_reply(void *userdata, const char *json)
{
    struct desk *desk = userdata;

    desk->answers++;
    snprintf(desk->answer, sizeof(desk->answer), "%s", json);
}

static int setup(void **state)
{
    struct desk *desk = calloc(1, sizeof(*desk));
    struct commands_parts parts = { desk, run, answered, keep };

    *state = desk;
    return commands_new(&desk->commands, &parts);
}

static int teardown(void **state)
{
    struct desk *desk = *state;

    commands_free(desk->commands);
    free(desk);
    return 0;
}

static void ask(struct desk *desk, enum command_door door, const char *verb, const char *payload,
                size_t length)
{
    desk->answer[0] = '\0';
    assert_int_equal(commands_request(desk->commands, door, verb, payload, length, on_reply, desk),
                     0);
}

/* "ok", or "CODE ARGUMENT"; every error has a message. */
static void outcome(const struct desk *desk, char ret[80])
{
    json_t *json = json_loads(desk->answer, 0, NULL);
    json_t *error = json_object_get(json, "error");
    const char *argument = json_string_value(json_object_get(error, "argument"));

    assert_non_null(json);
    assert_int_equal(json_object_size(json), 4);
    if (json_is_null(error)) {
        snprintf(ret, 80, "%s", json_string_value(json_object_get(json, "status")));
    } else {
        assert_non_null(json_string_value(json_object_get(error, "message")));
        snprintf(ret, 80, "%s %s", json_string_value(json_object_get(error, "code")),
                 argument ? argument : "-");
    }
    json_decref(json);
}

static const struct row {
    const char *verb, *payload, *expected;
} rows[] = {
    { "status", "", "ok" },
    { "status", "{}", "ok" },
    { "status", "{\"a\":1}", "unknown_argument a" },
    { "dance", "{}", "unknown_verb -" },
    { "scan", "{\"seconds\":60}", "ok" },
    { "scan", "{\"seconds\":60.0}", "ok" },
    { "scan", "{\"seconds\":61}", "bad_argument seconds" },
    { "scan", "{\"seconds\":0}", "bad_argument seconds" },
    { "scan", "{\"seconds\":1.5}", "bad_argument seconds" },
    { "scan", "{\"seconds\":\"5\"}", "bad_argument seconds" },
    { "scan", "{\"seconds\":null}", "bad_argument seconds" },
    { "scan", "{\"seconds\":99999999999999999999}", "bad_json -" },
    { "session", "{}", "missing_argument do" },
    { "session", "{\"do\":\"start\"}", "ok" },
    { "session", "{\"do\":\"START\"}", "bad_argument do" },
    { "session", "{\"do\":\"start\",\"do\":\"stop\"}", "bad_json -" },
    { "session", "{\"do\":\"start\",\"runner\":\"\"}", "bad_argument runner" },
    { "session", "{\"do\":\"start\",\"runner\":\"a\\u0000b\"}", "bad_json -" },
    { "incline", "{\"percent\":null}", "ok" },
    { "incline", "{\"percent\":-45}", "ok" },
    { "incline", "{\"percent\":45.01}", "bad_argument percent" },
    { "release", "{\"sensor\":[[[1]]]}", "bad_argument sensor" },
    { "release", "{\"sensor\":[[[[1]]]]}", "too_deep -" },
    { "release", "{\"sensor\":\"[[[[[[\"}", "ok" },
    { "release", "{\"sensor\":\"\\\"[[[[[[\"}", "ok" },
    { "status",
      "{\"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
      "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9z\xc3\xa9"
      "\xc3\xa9\":1}",
      "unknown_argument \xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
      "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9" },
    { "status", "{\"\xff\":1}", "bad_json -" },
    { "status", "[]", "bad_json -" },
    { "status", "{", "bad_json -" },
    { "status", "{\"transaction\":\"\"}", "bad_argument transaction" },
    { "status", "{\"transaction\":7}", "bad_argument transaction" },
    { "status", "{\"transaction\":\"a\\nb\"}", "bad_argument transaction" },
    { "status", "{\"transaction\":\"\x7f\"}", "bad_argument transaction" },
    { "status", "{\"transaction\":\"\xc3\xa9\"}", "ok" },
};

static void requests_are_held_to_their_row(void **state)
{
    struct desk *desk = *state;

    commands_set_policy(desk->commands, CONF_COMMANDS_ALL);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char got[80];
        int before = desk->ran;

        ask(desk, COMMAND_DOOR_MQTT, rows[i].verb, rows[i].payload, strlen(rows[i].payload));
        outcome(desk, got);
        if (strcmp(got, rows[i].expected) != 0)
            fail_msg("%s %s: %s, expected %s", rows[i].verb, rows[i].payload, got,
                     rows[i].expected);
        assert_int_equal(desk->ran - before, strcmp(got, "ok") == 0);
    }
}

static void a_request_has_its_bound(void **state)
{
    struct desk *desk = *state;
    char *payload = calloc(1, COMMAND_REQUEST_MAX + 2), got[80];

    memset(payload, ' ', COMMAND_REQUEST_MAX + 1);
    memcpy(payload, "{}", 2);
    ask(desk, COMMAND_DOOR_BUS, "status", payload, COMMAND_REQUEST_MAX);
    outcome(desk, got);
    assert_string_equal(got, "ok");
    ask(desk, COMMAND_DOOR_BUS, "status", payload, COMMAND_REQUEST_MAX + 1);
    outcome(desk, got);
    assert_string_equal(got, "too_large -");
    free(payload);
}

static void the_policy_limits_mqtt_alone(void **state)
{
    static const struct {
        enum conf_commands policy;
        enum command_door door;
        const char *payload, *expected;
    } cases[] = {
        { CONF_COMMANDS_SAFE, COMMAND_DOOR_MQTT, "{\"do\":\"stop\"}", "ok" },
        { CONF_COMMANDS_SAFE, COMMAND_DOOR_MQTT, "{\"do\":\"discard\"}", "forbidden -" },
        { CONF_COMMANDS_SAFE, COMMAND_DOOR_MQTT, "{\"do\":\"assign\"}", "forbidden -" },
        { CONF_COMMANDS_NONE, COMMAND_DOOR_MQTT, "{\"do\":\"stop\"}", "forbidden -" },
        { CONF_COMMANDS_ALL, COMMAND_DOOR_MQTT, "{\"do\":\"discard\"}", "ok" },
        { CONF_COMMANDS_NONE, COMMAND_DOOR_BUS, "{\"do\":\"discard\"}", "ok" },
        { CONF_COMMANDS_ALL, COMMAND_DOOR_MQTT, "{\"do\":\"assign\"}", "ok" },
    };
    struct desk *desk = *state;
    char got[80];

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        commands_set_policy(desk->commands, cases[i].policy);
        ask(desk, cases[i].door, "session", cases[i].payload, strlen(cases[i].payload));
        outcome(desk, got);
        assert_string_equal(got, cases[i].expected);
    }
}

#define WITH  "{\"transaction\":\"t\"}"
#define ORDER "{\"do\":\"start\",\"transaction\":\"t\"}"

static void a_transaction_is_done_once(void **state)
{
    struct desk *desk = *state;
    char first[4096], got[80];

    desk->later = true;
    ask(desk, COMMAND_DOOR_BUS, "session", ORDER, strlen(ORDER));
    assert_int_equal(desk->answers, 0);
    ask(desk, COMMAND_DOOR_BUS, "session", ORDER, strlen(ORDER)); /* while it is under way */
    outcome(desk, got);
    assert_string_equal(got, "busy transaction");
    command_answer_data(desk->open, json_object());
    memcpy(first, desk->answer, sizeof(first));
    ask(desk, COMMAND_DOOR_BUS, "session", ORDER, strlen(ORDER));
    assert_string_equal(desk->answer, first);
    assert_int_equal(desk->ran, 1);
    assert_int_equal(desk->answers, 3);
}

/* What was told once may be private by now; and who asks often pushes out nothing that was done. */
static void what_only_tells_is_told_as_it_is_now(void **state)
{
    static const char *const telling[] = { "status", "sensors", "scan", "week", "load", "imports" };
    static const char explain[] = "{\"rule\":\"monotony\",\"transaction\":\"t\"}";
    struct desk *desk = *state;

    ask(desk, COMMAND_DOOR_BUS, "session", ORDER, strlen(ORDER));
    assert_int_equal(desk->ran, 1);
    for (size_t i = 0; i <= sizeof(telling) / sizeof(telling[0]); i++)
        for (int n = 1; n <= 2; n++) {
            bool last = i == sizeof(telling) / sizeof(telling[0]);
            const char *payload = last ? explain : WITH;

            ask(desk, COMMAND_DOOR_BUS, last ? "explain" : telling[i], payload, strlen(payload));
            assert_int_equal(desk->ran, 1 + 2 * i + n);
        }
    ask(desk, COMMAND_DOOR_BUS, "session", ORDER, strlen(ORDER));
    assert_int_equal(desk->ran, 15);
    assert_string_equal(desk->answer, desk->kept);
}

/* It takes its time, and one of it is enough. */
static void what_only_tells_is_not_begun_twice_at_once(void **state)
{
    struct desk *desk = *state;
    char got[80];

    desk->later = true;
    ask(desk, COMMAND_DOOR_BUS, "scan", WITH, strlen(WITH));
    ask(desk, COMMAND_DOOR_BUS, "scan", WITH, strlen(WITH));
    outcome(desk, got);
    assert_string_equal(got, "busy transaction");
    assert_int_equal(desk->ran, 1);
}

/* Else it would be done again when it comes again. */
static void a_transaction_that_cannot_be_kept_is_not_begun(void **state)
{
    struct desk *desk = *state;
    char got[80];

    no_memory = true;
    ask(desk, COMMAND_DOOR_BUS, "status", WITH, strlen(WITH));
    no_memory = false;
    outcome(desk, got);
    assert_string_equal(got, "no_memory -");
    assert_int_equal(desk->ran, 0);
}

static void another_request_of_the_same_number_is_not_the_same(void **state)
{
    static const char *const requests[][2] = {
        { "sensors", WITH },
        { "release", "{\"sensor\":\"pod\",\"transaction\":\"t\"}" },
        { "release", "{\"sensor\":\"strap\",\"transaction\":\"t\"}" },
    };
    static const char turned[] = "{\"transaction\":\"t\",\"sensor\":\"strap\"}";
    struct desk *desk = *state;

    for (int i = 0; i < 3; i++) {
        ask(desk, COMMAND_DOOR_BUS, requests[i][0], requests[i][1], strlen(requests[i][1]));
        assert_int_equal(desk->ran, i + 1);
    }
    /* the last one again, its arguments in another order */
    ask(desk, COMMAND_DOOR_BUS, "release", turned, strlen(turned));
    assert_int_equal(desk->ran, 3);
}

static void an_error_may_be_tried_again(void **state)
{
    struct command_error error = { .code = "busy", .message = "Not now" };
    struct desk *desk = *state;

    desk->later = true;
    for (int i = 1; i <= 2; i++) {
        ask(desk, COMMAND_DOOR_BUS, "session", ORDER, strlen(ORDER));
        command_answer_error(desk->open, &error);
        assert_int_equal(desk->ran, i);
    }
    assert_string_equal(desk->kept, "");
}

static void who_stops_does_no_more_and_says_so(void **state)
{
    struct desk *desk = *state;
    char got[80];

    ask(desk, COMMAND_DOOR_BUS, "session", ORDER, strlen(ORDER));
    commands_stop(desk->commands);
    for (int door = COMMAND_DOOR_MQTT; door <= COMMAND_DOOR_BUS; door++) {
        ask(desk, (enum command_door)door, "scan", WITH, strlen(WITH));
        outcome(desk, got);
        assert_string_equal(got, "unavailable -");
    }
    ask(desk, COMMAND_DOOR_BUS, "session", ORDER, strlen(ORDER)); /* done before: so it is told */
    outcome(desk, got);
    assert_string_equal(got, "ok");
    ask(desk, COMMAND_DOOR_BUS, "dance", "", 0);
    outcome(desk, got);
    assert_string_equal(got, "unknown_verb -");
    assert_int_equal(desk->ran, 1);
}

static void who_is_freed_answers_no_more(void **state)
{
    struct desk *desk = *state;

    desk->later = true;
    ask(desk, COMMAND_DOOR_BUS, "scan", "", 0);
    desk->commands = commands_free(desk->commands);
    assert_int_equal(desk->answers, 0);
}

static void every_row_has_somebody_who_does_it(void **state)
{
    for (const struct command *c = command_table; c->verb; c++)
        if (!verbs_has(c->verb))
            fail_msg("nobody does %s", c->verb);
    assert_false(verbs_has("dance"));
}

static void every_schema_of_a_topic_is_a_kind_of_the_contract(void **state)
{
    for (int topic = 0; topic < TOPIC_COUNT; topic++) {
        const char *schema = topics_table[topic].schema;
        bool found = !schema;

        for (int kind = 0; kind < CONTRACT_KINDS && schema; kind++)
            found = found || strcmp(contract_kind_name(kind), schema) == 0;
        if (!found)
            fail_msg("%s: no kind is called %s", topics_table[topic].pattern, schema);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(requests_are_held_to_their_row, setup, teardown),
        cmocka_unit_test_setup_teardown(a_request_has_its_bound, setup, teardown),
        cmocka_unit_test_setup_teardown(the_policy_limits_mqtt_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(a_transaction_is_done_once, setup, teardown),
        cmocka_unit_test_setup_teardown(what_only_tells_is_told_as_it_is_now, setup, teardown),
        cmocka_unit_test_setup_teardown(what_only_tells_is_not_begun_twice_at_once, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_transaction_that_cannot_be_kept_is_not_begun, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(another_request_of_the_same_number_is_not_the_same, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(an_error_may_be_tried_again, setup, teardown),
        cmocka_unit_test_setup_teardown(who_stops_does_no_more_and_says_so, setup, teardown),
        cmocka_unit_test_setup_teardown(who_is_freed_answers_no_more, setup, teardown),
        cmocka_unit_test(every_row_has_somebody_who_does_it),
        cmocka_unit_test(every_schema_of_a_topic_is_a_kind_of_the_contract),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
