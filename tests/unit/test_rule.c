/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include "lib/payload.h"
#include "lib/training/rule.h"
#include "close.h"

static void test_every_rule_has_its_name_its_letter_and_its_reasons(void **state)
{
    static const char *const ids[] = {
        "weekly_distance", "weekly_time",   "weekly_downhill", "weekly_downhill_distance",
        "spike_distance",  "spike_descent", "first_descent",   "uphill_base",
        "monotony",
    };

    assert_int_equal(sizeof(ids) / sizeof(ids[0]), RULES);
    for (enum rule_id i = 0; i < RULES; i++) {
        const struct rule *rule = rule_get(i);

        assert_string_equal(rule->id, ids[i]);
        assert_int_equal(rule_by_name(ids[i]), i);
        assert_non_null(strchr("ABCD", rule->caution_evidence));
        assert_non_null(strchr("ABCD", rule->warning_evidence));
        assert_true(rule->title && rule->measure && rule->reference && rule->source);
    }
    assert_null(rule_get(RULES));
    assert_int_equal(rule_by_name("weekly"), RULES);
    assert_int_equal(rule_by_name(""), RULES);
}

/* Only what a study measured may carry its letter. */
static void test_the_letters_are_those_of_the_evidence(void **state)
{
    for (enum rule_id i = 0; i < RULES; i++) {
        const struct rule *rule = rule_get(i);

        assert_int_equal(rule->caution_evidence == 'A', i == RULE_SPIKE_DISTANCE);
        assert_int_equal(rule->warning_evidence == 'B', i == RULE_WEEKLY_DISTANCE);
        assert_int_not_equal(rule->caution_evidence, 'B');
        if (rule->walking && i != RULE_UPHILL_BASE && i != RULE_MONOTONY) /* all of descent */
            assert_true(rule->caution_evidence == 'D' && rule->warning_evidence == 'D');
    }
}

static void test_defaults_are_in_range_and_in_order(void **state)
{
    struct rule_settings settings;

    rule_settings_init(&settings);
    assert_int_equal(rule_settings_disordered(&settings), RULES);
    assert_int_equal(settings.notify_at, VERDICT_CAUTION);
    assert_int_equal(settings.remind_every_usec, 604800000000);
    assert_false(settings.rule[RULE_MONOTONY].enable);
    assert_false(settings.rule[RULE_WEEKLY_DOWNHILL_DISTANCE].notify);
    assert_true(settings.rule[RULE_WEEKLY_DOWNHILL_DISTANCE].enable);
    for (enum rule_id i = 0; i < RULES; i++) {
        const struct rule_setting *rule = &settings.rule[i];
        const double defaults[RULE_KEYS] = { rule->caution, rule->warning, rule->floor };

        for (enum rule_key key = 0; key < RULE_KEYS; key++) {
            double min, max;

            if (rule_key_range(i, key, &min, &max))
                assert_true(defaults[key] >= min && defaults[key] <= max);
            else
                assert_true(isnan(defaults[key]));
        }
    }
}

static void test_bad_values_are_refused_and_change_nothing(void **state)
{
    static const struct {
        const char *label;
        enum rule_id id;
        enum rule_key key;
        double value;
        bool taken;
    } rows[] = {
        { "a milder limit", RULE_WEEKLY_DOWNHILL, RULE_KEY_CAUTION, 1.20, true },
        { "no floor", RULE_WEEKLY_DOWNHILL, RULE_KEY_FLOOR, 0, true },
        { "below the reference", RULE_WEEKLY_DOWNHILL, RULE_KEY_CAUTION, 0.9, false },
        { "no number", RULE_WEEKLY_DOWNHILL, RULE_KEY_WARNING, NAN, false },
        { "endless", RULE_WEEKLY_DOWNHILL, RULE_KEY_WARNING, INFINITY, false },
        { "percent", RULE_WEEKLY_DOWNHILL, RULE_KEY_WARNING, 130, false },
        { "negative floor", RULE_WEEKLY_DISTANCE, RULE_KEY_FLOOR, -1, false },
        { "a key the rule has not", RULE_SPIKE_DISTANCE, RULE_KEY_CAUTION, 1.1, false },
        { "a floor of monotony", RULE_MONOTONY, RULE_KEY_FLOOR, 1, false },
        { "a rule there is not", RULES, RULE_KEY_FLOOR, 1, false },
        { "a key there is not", RULE_WEEKLY_DISTANCE, RULE_KEYS, 1, false },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct rule_settings settings, before;

        print_message("%s\n", rows[i].label);
        rule_settings_init(&settings);
        before = settings;
        assert_int_equal(rule_settings_set(&settings, rows[i].id, rows[i].key, rows[i].value),
                         rows[i].taken);
        assert_int_equal(memcmp(&settings, &before, sizeof(settings)) != 0, rows[i].taken);
    }
}

static void test_a_warning_below_its_caution_is_found(void **state)
{
    struct rule_settings settings;

    rule_settings_init(&settings);
    assert_true(rule_settings_set(&settings, RULE_WEEKLY_TIME, RULE_KEY_CAUTION, 1.5));
    assert_int_equal(rule_settings_disordered(&settings), RULE_WEEKLY_TIME);
    assert_true(rule_settings_set(&settings, RULE_WEEKLY_TIME, RULE_KEY_WARNING, 1.5));
    assert_int_equal(rule_settings_disordered(&settings), RULES);
}

/* Each of what sends a runner to a doctor, whatever the figures say. */
static void test_what_a_doctor_is_for_is_said_whole(void **state)
{
    static const char *const all[] = { "4 to 6 weeks",   "at rest",   "at night", "swelling",
                                       "calf",           "gives way", "unstable", "locks",
                                       "race or season", "accident",  "fever" };

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        if (!strstr(RULE_DOCTOR, all[i]))
            fail_msg("not a word of: %s", all[i]);
    for (enum rule_id id = 0; id < RULES; id++) { /* and none of it is cut off */
        const struct rule *rule = rule_get(id);
        size_t n = strlen(rule->measure) + strlen(rule->reference) + strlen(rule->source);

        assert_true(n + strlen(RULE_DOCTOR) + 40 < PAYLOAD_EXPLAIN_MAX);
    }
}

/* What `explain` says of them: only what is compared in height is left out for want of it. */
static void test_only_descents_are_said_to_need_altitude(void **state)
{
    for (enum rule_id id = 0; id < RULES; id++) {
        const struct rule *rule = rule_get(id);

        if (rule->family == RULE_OF_WEEK || rule->family == RULE_OF_BASE)
            assert_int_equal(strstr(rule->reference, "altitude") != NULL,
                             week_measure_needs_altitude(rule->week));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_rule_has_its_name_its_letter_and_its_reasons),
        cmocka_unit_test(test_the_letters_are_those_of_the_evidence),
        cmocka_unit_test(test_defaults_are_in_range_and_in_order),
        cmocka_unit_test(test_bad_values_are_refused_and_change_nothing),
        cmocka_unit_test(test_a_warning_below_its_caution_is_found),
        cmocka_unit_test(test_what_a_doctor_is_for_is_said_whole),
        cmocka_unit_test(test_only_descents_are_said_to_need_altitude),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
