/* SPDX-License-Identifier: MIT */
/*
 * The words of the enums, and what stands in a payload nobody has filled. Each initialiser is let
 * loose on memory full of rubbish: a number it forgets is then no NAN, and a text or time not empty.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "lib/contract.h"
#include "lib/payload.h"

#define RUBBISH 0x5a

/* ---- words ---- */

static const char *clock_word(int i)
{
    return clock_state_name((enum clock_state)i);
}

static const char *kind_word(int i)
{
    return session_kind_name((enum session_kind)i);
}

static const char *session_word(int i)
{
    return session_state_name((enum session_state)i);
}

static const char *sensor_word(int i)
{
    return sensor_state_name((enum sensor_state)i);
}

static const char *event_word(int i)
{
    return event_kind_name((enum event_kind)i);
}

static const struct {
    const char *label;
    const char *(*word)(int i);
    int last;
} enums[] = {
    { "clock", clock_word, CLOCK_SYNCED },           { "session kind", kind_word, SESSION_OTHER },
    { "session", session_word, SESSION_UNASSIGNED }, { "sensor", sensor_word, SENSOR_UNAVAILABLE },
    { "event", event_word, EVENT_RETRACTED },
};

static void test_each_value_has_a_word_of_its_own(void **state)
{
    for (size_t e = 0; e < sizeof enums / sizeof *enums; e++)
        for (int i = 0; i <= enums[e].last; i++) {
            print_message("%s %d\n", enums[e].label, i);
            assert_non_null(enums[e].word(i));
            assert_string_not_equal(enums[e].word(i), "");
            for (int j = 0; j < i; j++)
                assert_string_not_equal(enums[e].word(i), enums[e].word(j));
        }
}

static void test_what_is_no_value_has_no_word(void **state)
{
    for (size_t e = 0; e < sizeof enums / sizeof *enums; e++) {
        print_message("%s\n", enums[e].label);
        assert_null(enums[e].word(enums[e].last + 1));
        assert_null(enums[e].word(-1));
        assert_null(enums[e].word(INT32_MAX));
        assert_null(enums[e].word(INT32_MIN));
    }
}

/* ---- nothing known ---- */

static bool is_unknown_number(const char *at)
{
    double value;
    memcpy(&value, at, sizeof value);
    return isnan(value);
}

static bool are_unknown_numbers(const char *at, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!is_unknown_number(at + i * sizeof(double)))
            return false;
    return true;
}

static bool is_unknown(const struct contract_row *row, const char *payload)
{
    const char *at = payload + row->offset;
    size_t n;
    int64_t t_usec;
    switch (row->type) {
    case CONTRACT_NUMBER:
        return is_unknown_number(at);
    case CONTRACT_NUMBERS:
        return are_unknown_numbers(at, row->count);
    case CONTRACT_STRING:
    case CONTRACT_WORD:
        return *at == '\0';
    case CONTRACT_TIME_S:
    case CONTRACT_TIME_MS:
        memcpy(&t_usec, at, sizeof t_usec);
        return t_usec == 0;
    case CONTRACT_STRINGS:
    case CONTRACT_NUMBER_MAP:
    case CONTRACT_OBJECTS:
        memcpy(&n, payload + row->n_offset, sizeof n);
        return n == 0;
    case CONTRACT_GROUP:
        for (n = 0; n < row->n_rows; n++)
            if (!is_unknown(&row->rows[n], at))
                return false;
        return true;
    case CONTRACT_BOOL: /* has no value for it at all */
    case CONTRACT_ENUM: /* has no one value for it: by name, below */
    case CONTRACT_NESTED:
    case CONTRACT_OBJECT:
        break;
    }
    return true;
}

static void assert_unknown(enum contract_kind kind, const void *payload)
{
    size_t n;
    const struct contract_row *rows = contract_rows(kind, &n);
    assert_int_not_equal(n, 0);
    for (size_t i = 0; i < n; i++) {
        print_message("%s: %s\n", contract_kind_name(kind), rows[i].path);
        assert_true(is_unknown(&rows[i], payload));
    }
}

static void test_what_nobody_filled_is_not_known(void **state)
{
    static struct payload_live live;
    static struct payload_session session;
    static struct payload_sensor sensor;
    static struct payload_health health;
    memset(&live, RUBBISH, sizeof live);
    memset(&session, RUBBISH, sizeof session);
    memset(&sensor, RUBBISH, sizeof sensor);
    memset(&health, RUBBISH, sizeof health);
    payload_live_init(&live);
    payload_session_init(&session);
    payload_sensor_init(&sensor);
    payload_health_init(&health);
    static struct payload_week week;
    static struct payload_alert alert;
    static struct payload_note note;
    memset(&note, RUBBISH, sizeof note);
    payload_note_init(&note);
    assert_unknown(CONTRACT_NOTE, &note);
    memset(&week, RUBBISH, sizeof week);
    memset(&alert, RUBBISH, sizeof alert);
    payload_week_init(&week);
    payload_alert_init(&alert);
    assert_null(rule_get(alert.rule));
    assert_null(verdict_word_name(alert.verdict));
    assert_null(verdict_word_name(week.measures.moving_s.verdict));
    assert_unknown(CONTRACT_WEEK, &week);
    assert_unknown(CONTRACT_ALERT, &alert);
    assert_unknown(CONTRACT_LIVE, &live);
    assert_unknown(CONTRACT_SESSION, &session);
    assert_unknown(CONTRACT_SENSOR, &sensor);
    assert_unknown(CONTRACT_HEALTH, &health);
    assert_int_equal(live.clock, CLOCK_UNSET);
    assert_null(session_state_name(live.state));
    assert_null(session_kind_name(session.kind));
    assert_null(session_state_name(session.state));
    assert_int_equal(sensor.state, SENSOR_ABSENT);
    assert_int_equal(health.clock, CLOCK_UNSET);
}

static void test_problems_are_kept_as_long_as_there_is_room(void **state)
{
    static struct payload_health health;

    payload_health_init(&health);
    payload_health_add(&health, "%s", ""); /* all is well */
    assert_int_equal(health.n_problems, 0);
    for (int i = 0; i < HEALTH_PROBLEMS_MAX + 2; i++)
        payload_health_add(&health, "problem %d", i);
    assert_int_equal(health.n_problems, HEALTH_PROBLEMS_MAX);
    assert_string_equal(health.problems[0], "problem 0");
    assert_string_equal(health.problems[HEALTH_PROBLEMS_MAX - 1], "problem 15");
}

static void test_a_problem_that_is_too_long_is_cut(void **state)
{
    static struct payload_health health;

    payload_health_init(&health);
    payload_health_add(&health, "%*s", 2 * PAYLOAD_TEXT_MAX, "x");
    payload_health_add(&health, "next");
    assert_int_equal(strlen(health.problems[0]), PAYLOAD_TEXT_MAX - 1);
    assert_string_equal(health.problems[1], "next");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_value_has_a_word_of_its_own),
        cmocka_unit_test(test_what_is_no_value_has_no_word),
        cmocka_unit_test(test_what_nobody_filled_is_not_known),
        cmocka_unit_test(test_problems_are_kept_as_long_as_there_is_room),
        cmocka_unit_test(test_a_problem_that_is_too_long_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
