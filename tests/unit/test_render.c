/* SPDX-License-Identifier: MIT */
/* What is published: unknown is null, keys are constant, and nothing impossible gets out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "daemon/render.h"

static char *text;
static json_t *parsed;

/* Parses what was rendered; the result is valid until the next call. */
static json_t *read_back(char *rendered)
{
    json_decref(parsed);
    free(text);
    text = rendered;
    assert_non_null(rendered);
    parsed = json_loads(rendered, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(parsed);
    return parsed;
}

static json_t *at(json_t *object, const char *path)
{
    char key[64];
    const char *dot = strchr(path, '.');

    if (!dot)
        return json_object_get(object, path);
    snprintf(key, sizeof(key), "%.*s", (int)(dot - path), path);
    return json_object_get(json_object_get(object, key), dot + 1);
}

static void test_nothing_known_is_null_and_never_zero(void **state)
{
    struct payload_live live;
    size_t n;
    const struct contract_row *rows = contract_rows(CONTRACT_LIVE, &n);

    payload_live_init(&live);
    json_t *json = read_back(render_payload(CONTRACT_LIVE, &live));
    for (size_t i = 0; i < n; i++) {
        print_message("%s\n", rows[i].path);
        if (strcmp(rows[i].path, "clock") == 0)
            assert_string_equal(json_string_value(at(json, rows[i].path)), "unset");
        else
            assert_true(json_is_null(at(json, rows[i].path)));
    }
}

static void test_the_keys_are_the_same_whatever_is_known(void **state)
{
    struct payload_live live;
    size_t n;
    const struct contract_row *rows = contract_rows(CONTRACT_LIVE, &n);

    payload_live_init(&live);
    for (size_t known = 0; known < n; known++) {
        if (rows[known].type == CONTRACT_NUMBER)
            *(double *)(void *)((char *)&live + rows[known].offset) = rows[known].min;
        json_t *json = read_back(render_payload(CONTRACT_LIVE, &live));
        for (size_t i = 0; i < n; i++)
            assert_non_null(at(json, rows[i].path));
        assert_int_equal(json_object_size(json), 33); /* 31 of its own, left_today and source */
    }
}

static void test_numbers_are_rounded_to_their_row(void **state)
{
    struct payload_live live;

    payload_live_init(&live);
    live.heart_rate_bpm = 149.5;
    live.speed_m_s = 3.14159;
    live.grade_pct = -0.01;
    live.distance_m = 5000;
    live.left_today.distance_m = 1234.5;
    read_back(render_payload(CONTRACT_LIVE, &live));
    assert_non_null(strstr(text, "\"heart_rate_bpm\":150,"));
    assert_non_null(strstr(text, "\"speed_m_s\":3.14,"));
    assert_non_null(strstr(text, "\"grade_pct\":0.0,"));
    assert_non_null(strstr(text, "\"distance_m\":5000.0,"));
    assert_non_null(strstr(text, "\"left_today\":{\"distance_m\":1235,"));
}

static void test_impossible_numbers_become_null_and_are_counted(void **state)
{
    static const double rows[] = { 0, 29.4, 240.6, -1, INFINITY, -INFINITY, 1e300 };
    struct payload_live live;

    payload_live_init(&live);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint64_t before = render_refused();
        live.heart_rate_bpm = rows[i];
        json_t *json = read_back(render_payload(CONTRACT_LIVE, &live));
        assert_true(json_is_null(at(json, "heart_rate_bpm")));
        assert_int_equal(render_refused(), before + 1);
        assert_string_equal(render_refused_key(), "heart_rate_bpm");
    }
    live.heart_rate_bpm = 29.6; /* 30 as published */
    uint64_t before = render_refused();
    assert_int_equal(
        json_integer_value(at(read_back(render_payload(CONTRACT_LIVE, &live)), "heart_rate_bpm")),
        30);
    assert_int_equal(render_refused(), before);
}

static void test_what_must_be_known_and_is_not_is_counted(void **state)
{
    struct payload_session session;
    uint64_t before = render_refused();

    payload_session_init(&session); /* id, kind and state missing */
    json_t *json = read_back(render_payload(CONTRACT_SESSION, &session));
    assert_true(json_is_null(at(json, "id")));
    assert_true(json_is_null(at(json, "kind")));
    assert_int_equal(render_refused(), before + 3);
}

static void test_times(void **state)
{
    static const struct {
        int64_t usec;
        const char *ms, *s; /* NULL: null */
    } rows[] = {
        { 1772349300123456, "2026-03-01T07:15:00.123Z", "2026-03-01T07:15:00Z" },
        { 1, "1970-01-01T00:00:00.000Z", "1970-01-01T00:00:00Z" },
        { 4102444800000000, "2100-01-01T00:00:00.000Z", "2100-01-01T00:00:00Z" }, /* past 2038 */
        { 0, NULL, NULL },
        { -1, NULL, NULL },
        { INT64_MAX, NULL, NULL },
    };
    struct payload_live live;
    struct payload_sensor sensor = { .name = "pod" };

    payload_live_init(&live);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        live.t_usec = sensor.last_seen_usec = rows[i].usec;
        const char *ms =
            json_string_value(at(read_back(render_payload(CONTRACT_LIVE, &live)), "t"));
        assert_true(rows[i].ms ? ms && strcmp(ms, rows[i].ms) == 0 : !ms);
        const char *s =
            json_string_value(at(read_back(render_payload(CONTRACT_SENSOR, &sensor)), "last_seen"));
        assert_true(rows[i].s ? s && strcmp(s, rows[i].s) == 0 : !s);
    }
}

static void test_texts_of_devices(void **state)
{
    static const struct {
        const char *label, *model, *published;
    } rows[] = {
        { "quotes and backslashes", "a\"b\\c", "a\"b\\c" },
        { "control characters", "a\n\x01\x7F", "a\n\x01\x7F" },
        { "UTF-8", "Größe 厨房 🏃", "Größe 厨房 🏃" },
        { "not UTF-8", "a\xFF\xC3", "a\xEF\xBF\xBD\xEF\xBF\xBD" },
        { "surrogates", "\xED\xA0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD" },
    };
    struct payload_sensor sensor;

    payload_sensor_init(&sensor);
    strcpy(sensor.name, "pod");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        print_message("%s\n", rows[i].label);
        strcpy(sensor.model, rows[i].model);
        json_t *json = read_back(render_payload(CONTRACT_SENSOR, &sensor));
        assert_string_equal(json_string_value(at(json, "model")), rows[i].published);
    }
    memset(sensor.model, 'x', sizeof(sensor.model)); /* no NUL: what is behind is not read */
    json_t *json = read_back(render_payload(CONTRACT_SENSOR, &sensor));
    assert_int_equal(json_string_length(at(json, "model")), sizeof(sensor.model) - 1);
}

static void test_a_word_that_is_none_is_refused(void **state)
{
    struct payload_sensor sensor;
    uint64_t before = render_refused();

    payload_sensor_init(&sensor);
    strcpy(sensor.name, "pod");
    strcpy(sensor.kind, "shoe");
    sensor.state = (enum sensor_state)99;
    json_t *json = read_back(render_payload(CONTRACT_SENSOR, &sensor));
    assert_true(json_is_null(at(json, "kind")));
    assert_true(json_is_null(at(json, "state")));
    assert_int_equal(render_refused(), before + 2);
}

static void test_lists_and_maps_of_health(void **state)
{
    static struct payload_health health;

    payload_health_init(&health);
    json_t *json = read_back(render_payload(CONTRACT_HEALTH, &health));
    assert_int_equal(json_object_size(at(json, "signal_dbm")), 0);
    assert_int_equal(json_array_size(at(json, "unknown")), 0);
    assert_int_equal(json_array_size(at(json, "problems")), 0);

    for (size_t i = 0; i < 256; i++) {
        snprintf(health.signal[i].name, sizeof(health.signal[i].name), "s%zu", i);
        health.signal[i].dbm = -60;
    }
    health.n_signal = 256;
    strcpy(health.unknown[0].address, "C0:DE:00:00:00:09");
    health.unknown[0].signal_dbm = -70;
    health.n_unknown = 1;
    strcpy(health.problems[0], "one");
    strcpy(health.problems[1], "two");
    health.n_problems = 2;
    json = read_back(render_payload(CONTRACT_HEALTH, &health));
    assert_int_equal(json_integer_value(at(json, "signal_dbm.s255")), -60);
    assert_int_equal(json_object_size(at(json, "signal_dbm")), 256);
    json_t *unknown = json_array_get(at(json, "unknown"), 0);
    assert_int_equal(json_integer_value(at(unknown, "signal_dbm")), -70);
    assert_true(json_is_null(at(unknown, "name")));
    assert_string_equal(json_string_value(json_array_get(at(json, "problems"), 1)), "two");
}

static void test_events(void **state)
{
    char body[] = " {\"a\" : [1, 148.8]} ", torn[] = "{\"a\":", list[] = "[1]",
         twice[] = "{\"a\":1,\"a\":2}";
    struct payload_event event = {
        .id = "e-1", .kind = EVENT_SESSION_END, .at_usec = 1000000, .body = body
    };

    read_back(render_event(&event));
    assert_string_equal(text,
                        "{\"id\":\"e-1\",\"at\":\"1970-01-01T00:00:01.000Z\","
                        "\"kind\":\"session_end\",\"runner\":null,\"body\":{\"a\":[1,148.8]}}");
    char *const bad[] = { torn, list, twice };
    for (size_t i = 0; i < 3; i++) {
        event.body = bad[i];
        assert_null(render_event(&event));
    }
}

static void test_responses(void **state)
{
    static const struct payload_error error = { .code = "unknown_runner",
                                                .argument = "runner",
                                                .message = "No such runner.",
                                                .allowed = "anna" };
    json_t *data = json_pack("{s:f}", "n", 22.8);

    read_back(render_response(data, NULL, "t"));
    assert_string_equal(text, "{\"status\":\"ok\",\"data\":{\"n\":22.8},\"error\":null,"
                              "\"transaction\":\"t\"}");
    read_back(render_response(data, &error, NULL)); /* an error is never dressed up with data */
    assert_string_equal(
        text, "{\"status\":\"error\",\"data\":null,\"error\":{\"code\":\"unknown_runner\","
              "\"argument\":\"runner\",\"message\":\"No such runner.\",\"allowed\":\"anna\"},"
              "\"transaction\":null}");
    char longest[129]; /* as long as a request's may be */
    memset(longest, 't', sizeof(longest) - 1);
    longest[128] = '\0';
    read_back(render_response(NULL, NULL, longest));
    assert_non_null(strstr(text, longest));
    json_decref(data);
}

static int tear_down(void **state)
{
    json_decref(parsed);
    free(text);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_known_is_null_and_never_zero),
        cmocka_unit_test(test_the_keys_are_the_same_whatever_is_known),
        cmocka_unit_test(test_numbers_are_rounded_to_their_row),
        cmocka_unit_test(test_impossible_numbers_become_null_and_are_counted),
        cmocka_unit_test(test_what_must_be_known_and_is_not_is_counted),
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_texts_of_devices),
        cmocka_unit_test(test_a_word_that_is_none_is_refused),
        cmocka_unit_test(test_lists_and_maps_of_health),
        cmocka_unit_test(test_events),
        cmocka_unit_test(test_responses),
    };
    return cmocka_run_group_tests(tests, NULL, tear_down);
}
