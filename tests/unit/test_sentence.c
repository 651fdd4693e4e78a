/* SPDX-License-Identifier: MIT */
/*
 * Every sentence that a rule can lead to is held to two lists: it has the form of a pattern that
 * may be said, and it has no word that may not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/training/figure.h"
#include "lib/training/sentence.h"
#include "forbidden.h"
#include "training_log.h"

#define PATTERNS_MAX 64
#define N_FORBIDDEN  (sizeof(forbidden) / sizeof(forbidden[0]))

static regex_t allowed[PATTERNS_MAX], not_allowed[N_FORBIDDEN];
static size_t n_allowed;
static unsigned used[PATTERNS_MAX];

/* ---- Both lists */

#define FIGURE "([0-9]+(\\.[0-9])? (km|mi|m|ft)|([0-9]+ h )?[0-9]+ min|[0-9]+\\.[0-9])"

static const struct {
    const char *name, *form;
} braces[] = {
    { "{title}", "(Running distance|Running time|Descent|Downhill distance)" },
    { "{window}", "(in the last 7 days|this calendar week)" },
    { "{value}", "(not known|(at least )?" FIGURE ")" },
    { "{reference}", FIGURE },
    { "{left}", FIGURE },
    { "{limit}", FIGURE },
    { "{ascent}", FIGURE },
    { "{change}", "((about [+-][0-9]|about [+-]1[0-9]|[+-][2-9][0-9]|\\+[1-9][0-9]{2}|-100) %|"
                  "more than 10 times as much)" },
    { "{basis}", "(" FIGURE "( more)?|[0-9]+(\\.[0-9]+)? %)" },
    { "{coverage}", "[0-9]{1,2} %" },
    { "{runs}", "(1 run|[02-9] runs|[1-9][0-9]+ runs)" },
    { "{evidence}", "[ABCD]" },
};

static size_t form_of(const char *text, const char **ret)
{
    static char letter[3];

    for (size_t i = 0; i < sizeof(braces) / sizeof(braces[0]); i++)
        if (strncmp(text, braces[i].name, strlen(braces[i].name)) == 0) {
            *ret = braces[i].form;
            return strlen(braces[i].name);
        }
    if (*text == '{')
        fail_msg("no form for %s", text);
    snprintf(letter, sizeof(letter), strchr("().+?*[]^$|\\", *text) ? "\\%c" : "%c", *text);
    *ret = letter;
    return 1;
}

static void compile(const char *text, regex_t *ret)
{
    char expression[4096] = "^";

    while (*text) {
        const char *form;

        text += form_of(text, &form);
        assert_true(strlen(expression) + strlen(form) + 2 < sizeof(expression));
        strcat(expression, form);
    }
    strcat(expression, "$");
    assert_int_equal(regcomp(ret, expression, REG_EXTENDED | REG_NOSUB), 0);
}

static int compile_lists(void **state)
{
    const struct sentence_pattern *pattern;

    for (n_allowed = 0; (pattern = sentence_pattern_get(n_allowed)) != NULL; n_allowed++) {
        assert_true(n_allowed < PATTERNS_MAX);
        compile(pattern->text, &allowed[n_allowed]);
    }
    for (size_t i = 0; i < N_FORBIDDEN; i++)
        assert_int_equal(
            regcomp(&not_allowed[i], forbidden[i], REG_EXTENDED | REG_NOSUB | REG_ICASE), 0);
    return 0;
}

static int free_lists(void **state)
{
    for (size_t i = 0; i < n_allowed; i++)
        regfree(&allowed[i]);
    for (size_t i = 0; i < N_FORBIDDEN; i++)
        regfree(&not_allowed[i]);
    return 0;
}

static bool is_forbidden(const char *text)
{
    for (size_t i = 0; i < N_FORBIDDEN; i++)
        if (regexec(&not_allowed[i], text, 0, NULL, 0) == 0)
            return true;
    return false;
}

static bool is_allowed(const char *text)
{
    for (size_t i = 0; i < n_allowed; i++)
        if (regexec(&allowed[i], text, 0, NULL, 0) == 0)
            return true;
    return false;
}

static void hold(const struct verdict *verdict, const struct rule_settings *settings)
{
    const struct sentence_pattern *pattern = sentence_pattern_of(verdict);

    if (!pattern) {
        fail_msg("no sentence for rule %d, verdict %d", verdict->rule, verdict->word);
        return;
    }
    for (enum conf_units units = CONF_UNITS_METRIC; units <= CONF_UNITS_IMPERIAL; units++) {
        char text[SENTENCE_MAX], letter[] = { '(', verdict->evidence, ')', '\0' };
        size_t n = sentence_write(text, verdict, settings, units), i = 0;

        while (sentence_pattern_get(i) != pattern)
            i++;
        used[i]++;
        assert_int_equal(n, strlen(text));
        assert_true(n + 40 < SENTENCE_MAX); /* none is cut */
        if (regexec(&allowed[i], text, 0, NULL, 0) != 0)
            fail_msg("not of its form: %s", text);
        if (is_forbidden(text))
            fail_msg("forbidden: %s", text);
        if (!strstr(text, letter))
            fail_msg("without %s: %s", letter, text);
        if (units == CONF_UNITS_IMPERIAL && (strstr(text, " km") || strstr(text, " m ")))
            fail_msg("metric: %s", text);
    }
}

/* ---- The lists themselves */

static void test_the_lists_tell_good_from_bad(void **state)
{
    assert_true(
        is_allowed("Descent in the last 7 days: 310 m, usual 210 m (+48 %). No study sets a "
                   "limit; we use 30 % (D)."));
    assert_false(is_allowed("Descent in the last 7 days: 310 m, usual 210 m (+48 %). No study sets "
                            "a limit; we use 30 %."));
    assert_false(is_allowed("Descent in the last 7 days: nan m, usual 210 m (+48 %). No study sets "
                            "a limit; we use 30 % (D)."));
    assert_false(is_allowed(""));
    assert_true(is_forbidden("Up to 10 % is SAFE."));
    assert_true(is_forbidden("your risk is 12 %"));
    assert_true(is_forbidden("This prevents runner's knee"));
    assert_false(is_forbidden("Descent this week 310 m, usual 210 m."));
}

static bool says(const char *text, const char *what)
{
    return strstr(text, what) != NULL;
}

static void test_every_pattern_names_what_it_has_to(void **state)
{
    const struct sentence_pattern *pattern;

    for (size_t i = 0; (pattern = sentence_pattern_get(i)) != NULL; i++) {
        const char *text = pattern->text;
        bool of_study = says(text, "In a study of 5 205 runners");

        print_message("pattern %zu\n", i);
        assert_true(says(text, "({evidence})."));
        assert_false(is_forbidden(text));
        if (!verdict_word_judges(pattern->word) || pattern->when == SENTENCE_IDLE)
            continue;
        assert_true(says(text, "{value}"));
        if (pattern->word == VERDICT_OK)
            continue;
        assert_true(says(text, "{reference}") || says(text, "none"));
        assert_true(of_study || says(text, "o study sets a limit"));
        assert_int_equal(of_study, pattern->when == SENTENCE_SMALL ||
                                       pattern->when == SENTENCE_MODERATE ||
                                       pattern->when == SENTENCE_LARGE);
    }
}

static void test_what_explain_says_has_no_forbidden_word(void **state)
{
    for (enum rule_id id = 0; id < RULES; id++) {
        const struct rule *rule = rule_get(id);

        print_message("%s\n", rule->id);
        assert_false(is_forbidden(rule->title) || is_forbidden(rule->measure) ||
                     is_forbidden(rule->reference) || is_forbidden(rule->source));
    }
}

/* ---- Sentences by hand */

static void test_sentences_as_a_runner_reads_them(void **state)
{
    static const struct {
        const char *label;
        struct verdict verdict;
        enum conf_units units;
        const char *text;
    } rows[] = {
        { "the one of the science sheet",
          { .rule = RULE_SPIKE_DISTANCE,
            .word = VERDICT_WARNING,
            .evidence = 'A',
            .value = 13400,
            .reference = 10000,
            .ratio = 1.34,
            .bin = SPIKE_MODERATE },
          CONF_UNITS_METRIC,
          "Longest run in 30 days was 10.0 km; this is 13.4 km (+34 %). In a study of 5 205 "
          "runners, "
          "sessions 30 to 100 % longer went with 1.5 times the overuse-injury rate (A)." },
        { "descent",
          { .rule = RULE_WEEKLY_DOWNHILL,
            .word = VERDICT_WARNING,
            .evidence = 'D',
            .value = 310,
            .reference = 210,
            .ratio = 310 / 210.0 },
          CONF_UNITS_METRIC,
          "Descent in the last 7 days: 310 m, usual 210 m (+48 %). No study sets a limit; we use "
          "30 % (D)." },
        { "descent, in feet, what could be measured",
          { .rule = RULE_WEEKLY_DOWNHILL,
            .word = VERDICT_CAUTION,
            .evidence = 'D',
            .value = 250,
            .reference = 200,
            .ratio = 1.25,
            .at_least = true },
          CONF_UNITS_IMPERIAL,
          "Descent in the last 7 days: at least 820 ft, usual 656 ft (+25 %). No study sets a "
          "limit; "
          "we use 164 ft more (D)." },
        { "distance, a little",
          { .rule = RULE_WEEKLY_DISTANCE,
            .word = VERDICT_CAUTION,
            .evidence = 'C',
            .value = 44600,
            .reference = 40000,
            .ratio = 1.115 },
          CONF_UNITS_METRIC,
          "Running distance in the last 7 days: 44.6 km, usual 40.0 km (about +12 %). No study "
          "sets "
          "a limit; we use 10 % (C)." },
        { "time left",
          { .rule = RULE_WEEKLY_TIME,
            .word = VERDICT_OK,
            .evidence = 'C',
            .value = 10800,
            .reference = 14400,
            .ratio = 0.75,
            .left = 5040 },
          CONF_UNITS_METRIC,
          "Running time in the last 7 days: 3 h 00 min, usual 4 h 00 min (-25 %); 1 h 24 min left "
          "today. No study sets a limit; we use 10 % (C)." },
        { "no altitude",
          { .rule = RULE_WEEKLY_DOWNHILL,
            .word = VERDICT_INSUFFICIENT_DATA,
            .evidence = 'D',
            .value = 12,
            .reference = NAN,
            .coverage = 0.799,
            .at_least = true },
          CONF_UNITS_METRIC,
          "Descent in the last 7 days: at least 12 m. No verdict: 79 % of the distance has "
          "altitude, "
          "and it takes 80 % (D)." },
        { "satellites only",
          { .rule = RULE_WEEKLY_DOWNHILL,
            .word = VERDICT_INSUFFICIENT_DATA,
            .evidence = 'D',
            .value = 0,
            .reference = NAN,
            .coverage = 0,
            .at_least = true },
          CONF_UNITS_METRIC,
          "Descent in the last 7 days: not known. No verdict: 0 % of the distance has altitude, "
          "and it takes 80 % (D)." },
        { "a strap alone, in a file that says it was a run",
          { .rule = RULE_WEEKLY_DISTANCE,
            .word = VERDICT_INSUFFICIENT_DATA,
            .evidence = 'C',
            .value = 0,
            .reference = NAN,
            .coverage = NAN,
            .at_least = true },
          CONF_UNITS_METRIC,
          "Running distance in the last 7 days: not known. No verdict: a session in it does not "
          "tell "
          "how far it was (C)." },
        { "none before: the first metre is no ok",
          { .rule = RULE_WEEKLY_DOWNHILL,
            .word = VERDICT_OK,
            .evidence = 'D',
            .value = 0,
            .reference = 0,
            .limit = 50,
            .left = 50 },
          CONF_UNITS_METRIC,
          "Descent in the last 7 days: 0 m, and none in the four weeks before: any is a caution, "
          "more than 50 m a warning. No study sets a limit; we use 50 m (D)." },
        { "the same after a break",
          { .rule = RULE_FIRST_DESCENT,
            .word = VERDICT_OK,
            .evidence = 'D',
            .value = 0,
            .reference = 0,
            .limit = 50,
            .left = 50 },
          CONF_UNITS_METRIC,
          "No descent in 35 days or more: 0 m. In the first week of it any is a caution, more than "
          "50 m a warning. No study sets a limit; we use 50 m (D)." },
        { "one outing, satellites only",
          { .rule = RULE_SPIKE_DESCENT,
            .word = VERDICT_INSUFFICIENT_DATA,
            .evidence = 'D',
            .value = 0,
            .reference = NAN,
            .at_least = true },
          CONF_UNITS_METRIC,
          "Descent of this outing: not known. No verdict: too little of the distance, in it or in "
          "the 30 days before, has altitude (D)." },
        { "uphill first",
          { .rule = RULE_UPHILL_BASE,
            .word = VERDICT_CAUTION,
            .evidence = 'C',
            .value = 98,
            .reference = 80,
            .uphill_runs = 1 },
          CONF_UNITS_METRIC,
          "Descent in the last 7 days: 98 m, usual 80 m, with 1 run of at least 50 m of ascent in "
          "28 "
          "days. Uphill first is expert advice; no study sets a limit, we use three runs (C)." },
    };
    struct rule_settings settings;

    rule_settings_init(&settings);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[SENTENCE_MAX];

        print_message("%s\n", rows[i].label);
        assert_true(sentence_write(text, &rows[i].verdict, &settings, rows[i].units) > 0);
        assert_string_equal(text, rows[i].text);
        hold(&rows[i].verdict, &settings);
    }
}

static void test_a_verdict_no_rule_gives_has_no_sentence(void **state)
{
    struct verdict verdict = { .rule = RULE_WEEKLY_TIME, .word = VERDICT_NO_BASELINE };
    struct rule_settings settings;
    char text[SENTENCE_MAX] = "as before";

    rule_settings_init(&settings);
    assert_int_equal(sentence_write(text, &verdict, &settings, CONF_UNITS_METRIC), 0);
    assert_string_equal(text, "");
}

/* ---- Sentences of the engine: logs of every sort, judged by every rule */

static struct training_log training;
static uint32_t random_state = 1;

static double chance(void)
{
    random_state = random_state * 1664525u + 1013904223u;
    return (random_state >> 8) / 16777216.0;
}

/* What a runner may be like: how often, how far, how steep, how often without altitude or strap, or in
 * a file that tells neither how far nor how long. */
struct habit {
    double often, km, drop_m_km, blind, walks, strapped;
    int rest_from, rest_to, flat_to;
    double untold;
};

static void fill(const struct habit *habit)
{
    log_init(&training);
    for (int day = 0; day < 90; day++) {
        double distance_m = habit->km * 1000 * exp(2 * chance() - 1);
        bool blind = chance() < habit->blind;
        struct outing o;

        if (chance() > habit->often || (day >= habit->rest_from && day < habit->rest_to))
            continue;
        o = log_run(&training, day, distance_m,
                    blind                  ? NAN
                    : day < habit->flat_to ? 0
                                           : distance_m / 1000 * habit->drop_m_km * chance());
        o.kind = chance() < habit->walks ? OUTING_WALK : OUTING_RUN;
        if (habit->untold > 0 && chance() < habit->untold) {
            o.has = 0;
            o.distance_mm = o.moving_ms = o.altitude_mm = o.ascent_mm = o.drop_mm = o.downhill_mm =
                0;
        }
        if (chance() < habit->strapped) {
            o.has |= OUTING_LOAD;
            o.load_centi = (uint32_t)distance_m;
        }
        assert_int_equal(ledger_put(&training.ledger, &o), 0);
    }
}

static void hold_log(const struct rule_settings *settings)
{
    for (int day = 0; day < 95; day++) {
        struct verdict_time time = { .today = LOG_FIRST_DAY + day,
                                     .now_s = (int64_t)(LOG_FIRST_DAY + day) * LOG_DAY_S + 72000,
                                     .week_start = day % 7 };

        for (enum rule_id id = 0; id < RULES; id++) {
            struct verdict verdict;

            verdict_judge(&training.ledger, NULL, settings, &time, id, &verdict);
            hold(&verdict, settings);
        }
    }
}

static void test_every_sentence_of_every_log_is_one_that_may_be_said(void **state)
{
    static const struct habit habits[] = {
        { 0.6, 8, 10, 0, 0, 0, 0, 0, 0 },       { 0.9, 12, 40, 0.1, 0.2, 1, 30, 62, 0 },
        { 0.5, 5, 60, 0.3, 0.1, 1, 0, 0, 60 },  { 0.3, 20, 5, 0.6, 0, 0.5, 20, 50, 0 },
        { 1.0, 6, 3, 0, 0, 1, 0, 0, 0 },        { 0.2, 30, 80, 0, 0.5, 1, 0, 0, 45 },
        { 0.1, 3, 200, 0.5, 0.3, 1, 0, 40, 0 }, { 0.9, 10, 50, 0, 0, 1, 10, 80, 70 },
        { 0.8, 9, 0, 0, 0, 1, 0, 0, 0 },        { 0, 1, 1, 0, 0, 0, 0, 0, 0 },
    };

    static const struct habit untold[] = { { 0.7, 9, 30, 0, 0.1, 1, 0, 0, 0, 0.05 },
                                           { 0.7, 9, 3, 0, 0.1, 1, 0, 0, 0, 0.05 } };
    struct rule_settings settings;

    for (int variant = 0; variant < 4; variant++)
        for (size_t i = 0; i < sizeof(habits) / sizeof(habits[0]); i++) {
            rule_settings_init(&settings);
            settings.window = variant % 2 ? WEEK_CALENDAR : WEEK_ROLLING;
            if (variant >= 2) {
                assert_true(rule_settings_set(&settings, RULE_SPIKE_DISTANCE, RULE_KEY_WARNING, 1));
                assert_true(rule_settings_set(&settings, RULE_SPIKE_DISTANCE, RULE_KEY_FLOOR, 0));
                assert_true(
                    rule_settings_set(&settings, RULE_WEEKLY_DISTANCE, RULE_KEY_CAUTION, 1.025));
            }
            fill(&habits[i]);
            hold_log(&settings);
        }
    rule_settings_init(&settings);
    for (size_t i = 0; i < 2; i++) {
        fill(&untold[i]);
        hold_log(&settings);
    }
    /* a table of words nobody can hear would hold no test to anything */
    for (size_t i = 0; i < n_allowed; i++) {
        const struct sentence_pattern *pattern = sentence_pattern_get(i);
        bool never = pattern->unit == RULE_UNIT_SECONDS && /* time needs no altitude */
                     pattern->word == VERDICT_INSUFFICIENT_DATA && pattern->when == SENTENCE_PLAIN;

        if (!used[i] && !never)
            fail_msg("no log leads to: %s", pattern->text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_lists_tell_good_from_bad),
        cmocka_unit_test(test_every_pattern_names_what_it_has_to),
        cmocka_unit_test(test_what_explain_says_has_no_forbidden_word),
        cmocka_unit_test(test_sentences_as_a_runner_reads_them),
        cmocka_unit_test(test_a_verdict_no_rule_gives_has_no_sentence),
        cmocka_unit_test(test_every_sentence_of_every_log_is_one_that_may_be_said),
    };

    return cmocka_run_group_tests(tests, compile_lists, free_lists);
}
