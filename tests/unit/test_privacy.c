/* SPDX-License-Identifier: MIT */
/* What is hidden of a runner who keeps the heart rate private: exactly the keys that Home Assistant is
 * not told of either, in every payload that could carry them. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/broker/privacy.h"
#include "daemon/render.h"

/* Counts the leaves that are of the heart; none of them may have a value, all others as before. */
static int check(json_t *before, json_t *after, const char *prefix)
{
    const char *key;
    json_t *value;
    int n = 0;

    assert_int_equal(json_object_size(before), json_object_size(after));
    json_object_foreach(before, key, value)
    {
        json_t *now = json_object_get(after, key);
        char path[128];

        snprintf(path, sizeof(path), "%s%s%s", prefix, prefix[0] ? "." : "", key);
        assert_non_null(now);
        if (privacy_is_heart(path)) {
            n++;
            assert_false(json_is_null(value)); /* or the test would prove nothing of it */
            assert_true(json_is_null(now) || json_is_array(now));
            assert_int_equal(json_array_size(value), json_array_size(now));
            for (size_t i = 0; i < json_array_size(now); i++)
                assert_true(json_is_null(json_array_get(now, i)));
        } else if (json_is_object(value)) {
            n += check(value, now, path);
        } else if (!json_equal(value, now)) {
            fail_msg("%s changed", path);
        }
    }
    return n;
}

static json_t *rendered(enum contract_kind kind, const void *payload)
{
    char *text = render_payload(kind, payload);
    json_t *json = json_loads(text, 0, NULL);

    assert_non_null(json);
    free(text);
    return json;
}

static struct payload_session a_session(void)
{
    struct payload_session session;

    payload_session_init(&session);
    strcpy(session.id, "20261121T034000Z-0");
    strcpy(session.runner, "anna");
    session.moving_s = session.distance_m = session.elapsed_s = 600;
    session.heart_rate_mean_bpm = session.heart_rate_max_bpm = 150;
    session.trimp = session.edwards = 12;
    for (int i = 0; i < 5; i++)
        session.zone_s[i] = 120;
    strcpy(session.source.heart_rate, "strap");
    strcpy(session.source.distance, "pod");
    return session;
}

static void test_live_keeps_nothing_of_the_heart_and_all_else(void **state)
{
    struct payload_live live;
    json_t *before, *after;

    payload_live_init(&live);
    live.cadence_spm = 170;
    live.speed_m_s = 3;
    live.heart_rate_bpm = 150;
    live.heart_rate_reserve_pct = 70;
    live.zone = 3;
    live.trimp = live.edwards = 10;
    live.rr_artefact_pct = 1;
    live.dfa_alpha1 = 0.8;
    strcpy(live.source.heart_rate, "strap");
    strcpy(live.source.cadence, "pod");
    before = rendered(CONTRACT_LIVE, &live);
    privacy_hide_live(&live);
    after = rendered(CONTRACT_LIVE, &live);
    assert_int_equal(check(before, after, ""), 8);
    json_decref(before);
    json_decref(after);
}

static void test_a_session_and_the_body_of_its_event_hide_the_same(void **state)
{
    struct payload_session session = a_session();
    char *body = render_payload(CONTRACT_SESSION, &session), *text;
    json_t *before = rendered(CONTRACT_SESSION, &session), *after, *event;

    privacy_hide_session(&session);
    after = rendered(CONTRACT_SESSION, &session);
    assert_int_equal(check(before, after, ""), 6);
    text = privacy_hide_body(body);
    assert_non_null(text);
    event = json_loads(text, 0, NULL);
    assert_true(json_equal(event, after));
    assert_int_equal(check(before, event, ""), 6);
    free(body);
    free(text);
    json_decref(before);
    json_decref(after);
    json_decref(event);
}

static void test_a_body_that_is_no_object_is_not_passed_on(void **state)
{
    static const char *const rows[] = {
        "", "null", "[1]", "{", "{\"a\":1}x", "\"heart_rate_bpm\""
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_null(privacy_hide_body(rows[i]));
}

static char *a_notice(enum rule_id rule)
{
    struct payload_notice notice = { .news = "crossed" };

    payload_alert_init(&notice.alert);
    notice.alert.rule = rule;
    notice.alert.verdict = VERDICT_CAUTION;
    notice.alert.value = 2.31;
    return render_payload(CONTRACT_NOTICE, &notice);
}

/* Not one key of it names the heart. */
static void test_an_alert_of_a_rule_about_the_heart_is_of_the_heart_as_a_whole(void **state)
{
    static const char *const others[] = { "",
                                          "{",
                                          "{}",
                                          "[]",
                                          "{\"alert\":7}",
                                          "{\"alert\":{\"rule\":9}}",
                                          "{\"alert\":{\"rule\":\"of_thumb\"}}",
                                          "{\"rule\":\"monotony\"}" };

    for (enum rule_id rule = 0; rule < RULES; rule++) {
        char *body = a_notice(rule);

        assert_int_equal(privacy_is_heart_notice(body), rule == RULE_MONOTONY);
        free(body);
    }
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        assert_false(privacy_is_heart_notice(others[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_live_keeps_nothing_of_the_heart_and_all_else),
        cmocka_unit_test(test_a_session_and_the_body_of_its_event_hide_the_same),
        cmocka_unit_test(test_a_body_that_is_no_object_is_not_passed_on),
        cmocka_unit_test(test_an_alert_of_a_rule_about_the_heart_is_of_the_heart_as_a_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
