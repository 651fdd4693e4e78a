/* SPDX-License-Identifier: MIT */
/*
 * An explanation is computed again from what it prints: every side of every step, the word it comes to,
 * and the verdict from its inputs alone, over some thousand generated histories and each rule. What is
 * printed with so many decimals stands for all that is rounded to it, so that sides are compared as
 * intervals; the word must follow from the printed numbers as they are.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <ctype.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/training/explain.h"
#include "close.h"
#include "forbidden.h"
#include "training_log.h"

#define HISTORIES   4000
#define N_FORBIDDEN (sizeof(forbidden) / sizeof(forbidden[0]))

static struct training_log training;
static struct rule_settings settings;
static struct explanation explanation;
static regex_t not_allowed[N_FORBIDDEN];

/* ---- Arithmetic as it is printed -------------------------------------------------------------- */

struct interval {
    double low, high, at; /* at: as printed */
};

struct reader {
    const char *text;
    double half; /* of the last decimal of a figure; a number without a unit is exact */
    bool bare;   /* figures of this rule have no unit */
};

static struct interval read_sum(struct reader *reader);

static void skip_blanks(struct reader *reader)
{
    while (*reader->text == ' ')
        reader->text++;
}

/* The factor of a unit; 0: there is none. */
static double read_unit(struct reader *reader)
{
    static const struct {
        const char *name;
        double of;
    } units[] = {
        { " km", 1000 }, { " mi", 1609.344 }, { " min", 60 }, { " m", 1 }, { " ft", 0.3048 }
    };

    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        size_t length = strlen(units[i].name);

        if (strncmp(reader->text, units[i].name, length) == 0 &&
            !isalpha((unsigned char)reader->text[length]) && reader->text[length] != '(') {
            reader->text += length;
            return units[i].of;
        }
    }
    return 0;
}

static struct interval read_number(struct reader *reader)
{
    char *end;
    double value = strtod(reader->text, &end), unit, half;

    if (end == reader->text)
        fail_msg("no number: %s", reader->text);
    reader->text = end;
    unit = read_unit(reader);
    half = unit > 0 || reader->bare ? reader->half * 1.0001 + 1e-12 : 1e-12;
    unit = unit > 0 ? unit : 1;
    return (struct interval){ (value - half) * unit, (value + half) * unit, value * unit };
}

enum function { LEAST, MOST, MEAN, DEVIATION, FUNCTIONS };

static struct interval apply(enum function function, const struct interval *list, int n)
{
    struct interval ret = list[0];
    double squares = 0;

    for (int i = 1; i < n; i++) {
        bool less = function == LEAST;

        if (function == LEAST || function == MOST) {
            ret.low = less ? fmin(ret.low, list[i].low) : fmax(ret.low, list[i].low);
            ret.high = less ? fmin(ret.high, list[i].high) : fmax(ret.high, list[i].high);
            ret.at = less ? fmin(ret.at, list[i].at) : fmax(ret.at, list[i].at);
        } else {
            ret.low += list[i].low;
            ret.high += list[i].high;
            ret.at += list[i].at;
        }
    }
    if (function == LEAST || function == MOST)
        return ret;
    ret = (struct interval){ ret.low / n, ret.high / n, ret.at / n };
    if (function == MEAN)
        return ret;
    for (int i = 0; i < n; i++)
        squares += (list[i].at - ret.at) * (list[i].at - ret.at);
    ret.at = sqrt(squares / n); /* no figure moves it by more than it moves itself */
    return (struct interval){ ret.at - (list[0].high - list[0].at),
                              ret.at + (list[0].high - list[0].at), ret.at };
}

static struct interval read_item(struct reader *reader)
{
    static const char *const names[FUNCTIONS] = { "min(", "max(", "mean(", "sd(" };
    struct interval list[8];
    int n = 0;

    skip_blanks(reader);
    if (strncmp(reader->text, "at least ", 9) == 0)
        reader->text += 9;
    if (*reader->text == '(') {
        reader->text++;
        list[0] = read_sum(reader);
        assert_int_equal(*reader->text++, ')');
        return list[0];
    }
    for (enum function i = 0; i < FUNCTIONS; i++) {
        if (strncmp(reader->text, names[i], strlen(names[i])) != 0)
            continue;
        reader->text += strlen(names[i]) - 1;
        do {
            reader->text++;
            assert_true(n < 8);
            list[n++] = read_sum(reader);
        } while (*reader->text == ',');
        assert_int_equal(*reader->text++, ')');
        return apply(i, list, n);
    }
    return read_number(reader);
}

static struct interval divide(struct interval a, struct interval b)
{
    if (b.low <= 0) /* all days alike, as far as it is printed */
        return (struct interval){ a.low / b.high, INFINITY, a.at / b.at };
    return (struct interval){ a.low / b.high, a.high / b.low, a.at / b.at };
}

static struct interval read_product(struct reader *reader)
{
    struct interval ret = read_item(reader);

    for (skip_blanks(reader); *reader->text == 'x' || *reader->text == '/'; skip_blanks(reader)) {
        char by = *reader->text++;
        struct interval other = read_item(reader);

        ret = by == '/' ? divide(ret, other)
                        : (struct interval){ ret.low * other.low, ret.high * other.high,
                                             ret.at * other.at };
    }
    return ret;
}

static struct interval read_sum(struct reader *reader)
{
    struct interval ret = read_product(reader);

    for (skip_blanks(reader); *reader->text == '+'; skip_blanks(reader)) {
        struct interval other;

        reader->text++;
        other = read_product(reader);
        ret = (struct interval){ ret.low + other.low, ret.high + other.high, ret.at + other.at };
    }
    return ret;
}

static bool overlap(struct interval a, struct interval b)
{
    return a.low <= b.high && b.low <= a.high;
}

static bool takes(struct reader *reader, const char *sign)
{
    skip_blanks(reader);
    if (strncmp(reader->text, sign, strlen(sign)) != 0)
        return false;
    reader->text += strlen(sign);
    return true;
}

/* ---- One explanation -------------------------------------------------------------------------- */

static struct reader reader_of(const char *text)
{
    double half = 0.5;

    for (int i = 0; i < explanation.decimals; i++)
        half /= 10;
    return (struct reader){ text, half, explanation.verdict.rule == RULE_MONOTONY };
}

/* "W0 = 5 km > 3 km, <= 6 km: caution": true of the printed numbers as they stand. */
static void check_comparison(struct reader *reader, struct interval value, const char *step)
{
    const char *word = verdict_word_name(explanation.verdict.word);
    bool any = false;

    do {
        bool over = takes(reader, "> "), more = !over && takes(reader, ">= ");
        bool less = !over && !more && takes(reader, "< ");
        double limit;

        if (!over && !more && !less && !takes(reader, "<= "))
            break;
        any = true;
        limit = read_sum(reader).at;
        if (over ? !(value.at > limit)
                 : (more ? !(value.at >= limit)
                         : (less ? !(value.at < limit) : !(value.at <= limit))))
            fail_msg("not so: %s", step);
    } while (takes(reader, ","));
    if (*reader->text == '\0')
        return; /* the number of runs */
    assert_true(any);
    if (!takes(reader, ": no break, ") && !takes(reader, ":"))
        fail_msg("no word: %s", step);
    skip_blanks(reader);
    if (strcmp(reader->text, word) != 0)
        fail_msg("%s, but the verdict is %s", step, word);
}

static void check_named(const char *step, struct interval value)
{
    const struct verdict *verdict = &explanation.verdict;
    const struct {
        const char *name;
        double value;
    } names[] = {
        { "R = ", verdict->reference },    { "caution up to = ", verdict->warning_limit },
        { "ok up to = ", verdict->limit }, { "W0 = ", verdict->value },
        { "run = ", verdict->value },      { "monotony = ", verdict->value },
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strncmp(step, names[i].name, strlen(names[i].name)) == 0 &&
            !(value.low <= names[i].value + 1e-6 && value.high >= names[i].value - 1e-6))
            fail_msg("%s: it is %.9g", step, names[i].value);
}

/* NAME = SIDE = SIDE ..., all of them the same. */
static void check_step(const char *step)
{
    const char *equals = strstr(step, " = ");
    struct reader reader;
    struct interval last = { 0 };
    bool any = false;

    assert_non_null(equals);
    reader = reader_of(equals);
    while (takes(&reader, "= ")) {
        struct interval side = read_sum(&reader);

        if (any && !overlap(side, last))
            fail_msg("%.9g..%.9g is not %.9g..%.9g: %s", last.low, last.high, side.low, side.high,
                     step);
        last = side;
        any = true;
    }
    assert_true(any);
    check_named(step, last);
    skip_blanks(&reader);
    if (*reader.text)
        check_comparison(&reader, last, step);
}

static void check_text(const char *text)
{
    assert_true(strlen(text) < EXPLAIN_TEXT_MAX - 1);
    assert_null(strstr(text, "unknown"));
    assert_null(strstr(text, "nan"));
    for (size_t i = 0; i < N_FORBIDDEN; i++)
        if (regexec(&not_allowed[i], text, 0, NULL, 0) == 0)
            fail_msg("forbidden: %s", text);
}

/* ---- The formula in one line ------------------------------------------------------------------ */

static const char *after(const char *text, const char *part)
{
    const char *at = strstr(text, part);

    if (!at)
        fail_msg("no '%s' in %s", part, text);
    return at + strlen(part);
}

static double figure_at(const char *text)
{
    struct reader reader = reader_of(text);

    return read_sum(&reader).at;
}

/* "167 m against 117 m x 1.10 = 128.7 m, at least 117 m + 50 m = 167 m: ok" */
static enum verdict_word word_of_limits(const char *text)
{
    const char *against = after(text, " against "), *least = after(text, ", at least ");
    double product = figure_at(after(against, " = ")), sum = figure_at(after(least, " = "));
    struct reader of_product = reader_of(against), of_sum = reader_of(least);
    struct reader printed_product = reader_of(after(against, " = ")),
                  printed_sum = reader_of(after(least, " = "));

    assert_true(overlap(read_sum(&of_product), read_sum(&printed_product)));
    assert_true(overlap(read_sum(&of_sum), read_sum(&printed_sum)));
    if (strncmp(text, "none yet", 8) == 0)
        return VERDICT_OK;
    return figure_at(text) <= fmax(product, sum) ? VERDICT_OK : VERDICT_WARNING;
}

static enum verdict_word word_of_formula(void)
{
    const struct verdict *verdict = &explanation.verdict;
    const char *text = explanation.formula;
    double value = strstr(text, " against ") ? 0 : NAN;
    enum verdict_word word;

    switch (rule_get(verdict->rule)->family) {
    case RULE_OF_WEEK:
    case RULE_OF_RUN:
    case RULE_OF_BREAK:
        if (strstr(text, " in the 35 days before, more than ")) {
            assert_true(figure_at(text) > 0);
            return VERDICT_OK;
        }
        if (strstr(text, " for a caution: ")) {
            value = figure_at(text);
            return value <= figure_at(after(text, " against ")) ? VERDICT_OK
                   : value <= figure_at(after(text, "up to "))  ? VERDICT_CAUTION
                                                                : VERDICT_WARNING;
        }
        word = word_of_limits(text);
        /* above the limit that is shown, which is the caution's only where that is the word */
        return word == VERDICT_WARNING && verdict->word == VERDICT_CAUTION ? VERDICT_CAUTION : word;
    case RULE_OF_BASE:
        if (isnan(value))
            return atoi(text) >= atoi(after(text, "at least ")) ? VERDICT_OK : VERDICT_WARNING;
        assert_true(atoi(after(text, "with ")) < 3);
        value = fmax(figure_at(after(text, "more of ")), figure_at(after(text, " and ")));
        assert_close(figure_at(after(text, " = ")), value, 1e-9);
        return figure_at(text) <= value ? VERDICT_OK : VERDICT_CAUTION;
    case RULE_OF_MONOTONY:
        return figure_at(after(text, " = ")) <= figure_at(after(text, " against "))
                   ? VERDICT_OK
                   : VERDICT_CAUTION;
    }
    return VERDICTS;
}

/* ---- The verdict again, from the inputs alone ------------------------------------------------- */

static const struct explain_input *input(const char *name)
{
    for (size_t i = 0; i < explanation.n_inputs; i++)
        if (strcmp(explanation.inputs[i].name, name) == 0)
            return &explanation.inputs[i];
    return NULL;
}

static double value_of(const char *name)
{
    const struct explain_input *found = input(name);

    return found && !isnan(found->value) ? found->value : 0;
}

static double usual(void)
{
    static const char *const names[] = { "W1", "W2", "W3", "W4" };
    double most = 0, sum = 0;
    int n = 0;

    for (size_t i = 0; i < 4; i++) {
        const struct explain_input *week = input(names[i]);

        if (!week || !week->counts)
            continue;
        most = fmax(most, week->value);
        sum += week->value;
        n++;
    }
    return n ? fmin(most, 1.3 * sum / n) : 0;
}

static bool exceeds(double value, double limit)
{
    return value > limit * (1 + 1e-9);
}

static enum verdict_word word_of_inputs(void)
{
    double w0 = value_of("W0"), floor = value_of("Floor"), caution = value_of("Caution"),
           warning = value_of("Warning"), r;

    switch (rule_get(explanation.verdict.rule)->family) {
    case RULE_OF_WEEK:
        r = usual();
        if (exceeds(w0, fmax(warning * r, r + floor)))
            return VERDICT_WARNING;
        return r == 0                                      ? (w0 > 0 ? VERDICT_CAUTION : VERDICT_OK)
               : exceeds(w0, fmax(caution * r, r + floor)) ? VERDICT_CAUTION
                                                           : VERDICT_OK;
    case RULE_OF_RUN:
        r = value_of("longest");
        return exceeds(value_of("run"), fmax(warning * r, r + floor)) ? VERDICT_WARNING
                                                                      : VERDICT_OK;
    case RULE_OF_BREAK:
        if (value_of("before") > 0 || w0 == 0)
            return VERDICT_OK;
        return w0 <= floor ? VERDICT_CAUTION : VERDICT_WARNING;
    case RULE_OF_BASE:
        return value_of("uphill") < 3 && exceeds(w0, fmax(floor, usual())) ? VERDICT_CAUTION
                                                                           : VERDICT_OK;
    case RULE_OF_MONOTONY:
        return explanation.verdict.word; /* from its days, in the steps */
    }
    return VERDICTS;
}

/* Each day of a week adds to it, and nothing else; the longest is one of the runs. */
static void check_inputs(void)
{
    for (size_t i = 0; i < explanation.n_inputs; i++) {
        const struct explain_input *in = &explanation.inputs[i];
        double sum = 0, most = 0;

        assert_true(in->first_day + in->n_days <= explanation.n_days);
        assert_true(in->first_run + in->n_runs <= explanation.n_runs && in->n_runs <= in->all_runs);
        for (size_t k = 0; k < in->n_days; k++) {
            const struct explain_day *day = &explanation.days[in->first_day + k];

            assert_int_equal(day->day, in->from + (int32_t)k);
            sum += isnan(day->value) ? 0 : day->value;
        }
        if (in->n_days > 0 && !isnan(in->value))
            assert_close(sum, in->value, 1e-6);
        for (size_t k = 0; k < in->n_runs; k++)
            most = fmax(most, explanation.runs[in->first_run + k].value);
        if (strcmp(in->name, "longest") == 0 && in->known && in->n_runs == in->all_runs)
            assert_close(most, in->n_runs ? in->value : 0, 1e-9);
        if (strcmp(in->name, "uphill") == 0)
            assert_int_equal(in->all_runs, (size_t)in->value);
    }
}

static void check_explanation(void)
{
    const struct verdict *verdict = &explanation.verdict;
    bool judges = verdict_word_judges(verdict->word),
         idle = judges && verdict->rule == RULE_MONOTONY && isnan(verdict->value);

    check_inputs();
    for (size_t i = 0; i < explanation.n_steps; i++) {
        check_text(explanation.steps[i]);
        check_step(explanation.steps[i]);
    }
    for (size_t i = 0; i < explanation.n_missing; i++)
        check_text(explanation.missing[i]);
    check_text(explanation.why);
    check_text(explanation.formula);
    assert_int_equal(explanation.formula[0] != '\0', judges && !idle);
    assert_int_equal(explanation.why[0] != '\0', judges && !idle);
    if (!judges || idle)
        assert_true(explanation.n_missing > 0);
    if (!judges)
        return;
    if (!idle && word_of_formula() != verdict->word)
        fail_msg("%s: %s, but it is %s", rule_get(verdict->rule)->id, explanation.formula,
                 verdict_word_name(verdict->word));
    if (word_of_inputs() != verdict->word)
        fail_msg("%s: the inputs come to %s, and it is %s", rule_get(verdict->rule)->id,
                 verdict_word_name(word_of_inputs()), verdict_word_name(verdict->word));
}

/* ---- Histories -------------------------------------------------------------------------------- */

static uint32_t seed;

static unsigned below(unsigned n)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % n;
}

/* Round ones meet limits exactly, and a millimetre more is above them. */
static double some_metres(unsigned style, double most)
{
    if (style == 0)
        return (1 + below((unsigned)most / 1000)) * 1000.0 + (below(8) ? 0 : 0.001);
    return style == 1 ? most / 2 : below((unsigned)most) + below(1000) / 1000.0;
}

static struct outing some_outing(int day, unsigned style)
{
    double distance_m = some_metres(style, 20000), drop_m = some_metres(style, 2000) / 10;
    bool high = below(10) > 0, far = below(40) > 0;
    struct outing ret = { .key = training.next_key++, .day = LOG_FIRST_DAY + day };

    ret.start_s = (int64_t)ret.day * LOG_DAY_S + 3600 * (6 + below(12));
    ret.kind = (uint8_t)(below(8) ? OUTING_RUN : OUTING_WALK);
    ret.elapsed_s = (uint32_t)(distance_m * 0.36);
    if (style == 2 && below(4) == 0)
        drop_m = 0;
    outing_set_figures(&ret, &(struct outing_figures){
                                 .distance_m = far ? distance_m : (double)NAN,
                                 .moving_s = below(50) ? distance_m * 0.36 : (double)NAN,
                                 .steps = NAN,
                                 .heart_load = below(30) ? below(200) : (double)NAN,
                                 .altitude_m = high && far ? distance_m : (double)NAN,
                                 .ascent_m = high && far ? drop_m : (double)NAN,
                                 .drop_m = high && far ? drop_m : (double)NAN,
                                 .downhill_m = high && far ? drop_m * 7 : (double)NAN,
                                 .knee_steps = NAN,
                             });
    return ret;
}

static int some_history(void)
{
    unsigned style = below(3), often = 1 + below(6), weeks = 1 + below(9);
    int days = (int)(weeks * 7 + below(7)), flat_until = below(3) ? 0 : days - (int)below(10);

    log_init(&training);
    for (int day = 0; day <= days; day++)
        for (unsigned n = 0; n < (below(20) ? 1 : 3); n++) {
            struct outing outing = some_outing(day, style);

            if (day < flat_until)
                outing.drop_mm = outing.ascent_mm = outing.downhill_mm = 0;
            if (below(6) < often)
                assert_int_equal(ledger_put(&training.ledger, &outing), 0);
        }
    rule_settings_init(&settings);
    if (below(4) == 0)
        settings.window = WEEK_CALENDAR;
    for (enum rule_id id = 0; below(4) == 0 && id < RULES; id++) {
        (void)rule_settings_set(&settings, id, RULE_KEY_CAUTION, 1.05 + below(20) / 100.0);
        (void)rule_settings_set(&settings, id, RULE_KEY_WARNING, 1.3 + below(500) / 1000.0);
        (void)rule_settings_set(&settings, id, RULE_KEY_FLOOR, below(10));
    }
    return days;
}

static unsigned met[RULES][VERDICTS];

static void explain(enum rule_id id, int today, const struct outing *live, enum conf_units units)
{
    const struct verdict_time time = { .today = LOG_FIRST_DAY + today,
                                       .now_s =
                                           (int64_t)(LOG_FIRST_DAY + today) * LOG_DAY_S + 72000,
                                       .week_start = 1 };
    struct verdict verdict;

    explain_verdict(&training.ledger, live, &settings, &time, id, units, &explanation);
    verdict_judge(&training.ledger, live, &settings, &time, id, &verdict);
    assert_int_equal(verdict.word, explanation.verdict.word);
    assert_true(verdict.value == explanation.verdict.value || isnan(verdict.value));
    met[id][verdict.word]++;
}

static void test_what_is_printed_comes_to_the_verdict(void **state)
{
    seed = 5;
    for (int i = 0; i < HISTORIES; i++) {
        int days = some_history(), today = days + (int)below(3) * (int)below(20);
        struct outing live = some_outing(today, below(3));
        bool running = below(3) == 0;

        for (enum rule_id id = 0; id < RULES; id++) {
            explain(id, today, running ? &live : NULL,
                    below(2) ? CONF_UNITS_METRIC : CONF_UNITS_IMPERIAL);
            check_explanation();
        }
    }
}

/* Every word that a rule can say was said, so that nothing above is passed over. */
static void test_every_word_of_every_rule_was_met(void **state)
{
    for (enum rule_id id = 0; id < RULES; id++)
        for (enum verdict_word word = 0; word < VERDICTS; word++) {
            enum rule_family family = rule_get(id)->family;
            bool can = true;

            if (word == VERDICT_CAUTION)
                can = family != RULE_OF_RUN;
            if (word == VERDICT_WARNING)
                can = family != RULE_OF_BASE && family != RULE_OF_MONOTONY;
            if (word == VERDICT_NO_BASELINE || word == VERDICT_INSUFFICIENT_HISTORY)
                can = (family == RULE_OF_RUN) == (word == VERDICT_NO_BASELINE);
            if (can != (met[id][word] >= 5))
                fail_msg("%s: %s %u times", rule_get(id)->id, verdict_word_name(word),
                         met[id][word]);
        }
}

/* ---- Read by eye ------------------------------------------------------------------------------ */

static void assert_lines(const char *const *lines, const char (*got)[EXPLAIN_TEXT_MAX], size_t n)
{
    for (size_t i = 0; i < n; i++)
        assert_string_equal(got[i], lines[i]);
    assert_null(lines[n]);
}

static void weeks_of(const double *drop_m, int n)
{
    log_init(&training);
    rule_settings_init(&settings);
    for (int week = 0; week < n; week++)
        if (drop_m[week] >= 0)
            log_add(&training, week * 7, 8000, drop_m[week]);
}

static void test_a_week_of_descents_is_explained_as_a_person_would(void **state)
{
    static const double drops[] = { 90, 100, 117, 99, 167 };

    weeks_of(drops, 5);
    explain(RULE_WEEKLY_DOWNHILL, 34, NULL, CONF_UNITS_METRIC);
    assert_string_equal(explanation.formula,
                        "167 m against 117 m x 1.10 = 128.7 m, at least 117 m + 50 m = 167 m: ok");
    assert_lines((const char *const[]){ "mean = (99 m + 117 m + 100 m + 90 m) / 4 = 101.5 m",
                                        "R = min(117 m, 101.5 m x 1.3) = min(117 m, 132 m) = 117 m",
                                        "ok up to = max(117 m x 1.10, 117 m + 50 m) = "
                                        "max(128.7 m, 167 m) = 167 m",
                                        "caution up to = max(117 m x 1.30, 117 m + 50 m) = "
                                        "max(152.1 m, 167 m) = 167 m",
                                        "W0 = 167 m <= 167 m: ok", NULL },
                 explanation.steps, explanation.n_steps);
    assert_string_equal(explanation.why,
                        "The floor makes the limit: 50 m more than 117 m is as much as 1.10 times "
                        "it, or more. R is the most of the weeks before.");
    assert_int_equal(explanation.n_missing, 0);
    assert_int_equal(explanation.inputs[0].n_days, 7);
    assert_close(explanation.days[0].value, 167, 1e-9);
}

/* 17 cm over the limit are above it, and are not printed as if they were not. */
static void test_what_is_a_little_above_is_printed_so(void **state)
{
    static const double drops[] = { 1000, 1000, 1000, 1000, 1100.017 };

    weeks_of(drops, 5);
    explain(RULE_WEEKLY_DOWNHILL, 34, NULL, CONF_UNITS_METRIC);
    assert_int_equal(explanation.verdict.word, VERDICT_CAUTION);
    assert_string_equal(explanation.steps[explanation.n_steps - 1],
                        "W0 = 1100.02 m > 1100 m, <= 1300 m: caution");
}

static void test_what_is_left_out_of_the_reference_is_said(void **state)
{
    static const double drops[] = { 90, 100, -1, 99, 120 };

    weeks_of(drops, 5);
    log_add(&training, 2 * 7, 8000, NAN);
    explain(RULE_WEEKLY_DOWNHILL, 34, NULL, CONF_UNITS_METRIC);
    assert_lines((const char *const[]){ "W2, 2024-10-21 to 2024-10-27: 0 % of the distance has "
                                        "altitude, and it takes 80 %; it is left out of R",
                                        NULL },
                 explanation.missing, explanation.n_missing);
    assert_false(input("W2")->counts);
    assert_true(isnan(input("W2")->value));
    log_add(&training, 3 * 7 + 4, 80000, NAN);
    log_add(&training, 1 * 7 + 4, 80000, NAN);
    explain(RULE_WEEKLY_DOWNHILL, 34, NULL, CONF_UNITS_METRIC);
    assert_int_equal(explanation.verdict.word, VERDICT_INSUFFICIENT_HISTORY);
    assert_string_equal(explanation.formula, "");
    assert_string_equal(explanation.missing[explanation.n_missing - 1],
                        "1 of the weeks before is known, and it takes 2");
}

static void test_a_run_is_held_against_the_runs_of_thirty_days(void **state)
{
    struct outing live;

    log_init(&training);
    rule_settings_init(&settings);
    log_add(&training, 0, 30000, 0);
    log_add(&training, 10, 10000, 0);
    log_add(&training, 20, 8000, 0);
    live = log_run(&training, 34, 13400, 0);
    explain(RULE_SPIKE_DISTANCE, 34, &live, CONF_UNITS_METRIC);
    assert_string_equal(
        explanation.formula,
        "13.4 km against 10 km x 1.10 = 11 km, at least 10 km + 0.5 km = 10.5 km: warning");
    assert_int_equal(input("longest")->n_runs, 2);
    assert_close(explanation.runs[input("longest")->first_run].value, 10000, 1e-9);
    explain(RULE_SPIKE_DISTANCE, 34, NULL, CONF_UNITS_IMPERIAL);
    assert_string_equal(explanation.formula, "none yet against 6.21 mi x 1.10 = 6.84 mi, at least "
                                             "6.21 mi + 0.31 mi = 6.52 mi: ok");
    explain(RULE_SPIKE_DISTANCE, 90, NULL, CONF_UNITS_METRIC);
    assert_string_equal(explanation.missing[0],
                        "a run in the 30 times 24 hours before, to compare with");
}

static void test_the_base_says_how_many_runs_went_uphill(void **state)
{
    static const double drops[] = { 20, 20, 30, 20, 200 };

    weeks_of(drops, 5);
    explain(RULE_UPHILL_BASE, 34, NULL, CONF_UNITS_METRIC);
    assert_string_equal(explanation.formula,
                        "200 m against the more of 50 m and 29.2 m = 50 m, with "
                        "1 of 3 runs uphill: caution");
    assert_int_equal(input("uphill")->n_runs, 1);
}

/* ---- What goes with every one ----------------------------------------------------------------- */

static void test_every_letter_has_its_meaning_and_every_rule_what_it_does_not_mean(void **state)
{
    for (char letter = 'A'; letter <= 'D'; letter++)
        assert_int_equal(rule_evidence_means(letter)[0], letter);
    assert_null(rule_evidence_means('E'));
    assert_null(rule_evidence_means('\0'));
    for (enum rule_id id = 0; id < RULES; id++) {
        assert_true(strlen(rule_get(id)->not_means) > 60);
        check_text(rule_get(id)->not_means);
        assert_non_null(rule_evidence_means(rule_get(id)->caution_evidence));
        assert_non_null(rule_evidence_means(rule_get(id)->warning_evidence));
    }
}

static void test_the_list_of_what_a_doctor_is_for_is_the_sentence(void **state)
{
    size_t n = 0;

    for (; rule_doctor(n); n++)
        assert_non_null(strstr(RULE_DOCTOR, rule_doctor(n)));
    assert_int_equal(n, 6);
}

static int setup(void **state)
{
    for (size_t i = 0; i < N_FORBIDDEN; i++)
        assert_int_equal(
            regcomp(&not_allowed[i], forbidden[i], REG_EXTENDED | REG_NOSUB | REG_ICASE), 0);
    return 0;
}

static int teardown(void **state)
{
    for (size_t i = 0; i < N_FORBIDDEN; i++)
        regfree(&not_allowed[i]);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_printed_comes_to_the_verdict),
        cmocka_unit_test(test_every_word_of_every_rule_was_met),
        cmocka_unit_test(test_a_week_of_descents_is_explained_as_a_person_would),
        cmocka_unit_test(test_what_is_a_little_above_is_printed_so),
        cmocka_unit_test(test_what_is_left_out_of_the_reference_is_said),
        cmocka_unit_test(test_a_run_is_held_against_the_runs_of_thirty_days),
        cmocka_unit_test(test_the_base_says_how_many_runs_went_uphill),
        cmocka_unit_test(test_every_letter_has_its_meaning_and_every_rule_what_it_does_not_mean),
        cmocka_unit_test(test_the_list_of_what_a_doctor_is_for_is_the_sentence),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
