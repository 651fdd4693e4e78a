/* SPDX-License-Identifier: MIT */
#include "lib/training/sentence.h"

#include <stdio.h>
#include <string.h>
#include "lib/training/figure.h"

#define WORDS_MAX 64

struct context {
    const struct verdict *verdict;
    const struct rule *rule;
    const struct rule_settings *settings;
    enum conf_units units;
};

/* ---- What stands in braces */

static void figure(const struct context *context, double value, char ret[WORDS_MAX])
{
    char text[FIGURE_MAX];

    figure_text(text, value, context->rule->unit, context->units);
    snprintf(ret, WORDS_MAX, "%s", text);
}

static void write_title(const struct context *context, char ret[WORDS_MAX])
{
    static const char *const titles[WEEK_MEASURES] = {
        [WEEK_DISTANCE_M] = "Running distance",
        [WEEK_MOVING_S] = "Running time",
        [WEEK_DROP_M] = "Descent",
        [WEEK_DOWNHILL_M] = "Downhill distance",
    };

    snprintf(ret, WORDS_MAX, "%s", titles[context->rule->week]);
}

static void write_window(const struct context *context, char ret[WORDS_MAX])
{
    bool calendar = context->settings->window == WEEK_CALENDAR;

    snprintf(ret, WORDS_MAX, "%s", calendar ? "this calendar week" : "in the last 7 days");
}

static void write_value(const struct context *context, char ret[WORDS_MAX])
{
    const struct verdict *verdict = context->verdict;
    char text[WORDS_MAX];

    figure(context, verdict->value, text);
    if (verdict->at_least && verdict->value == 0)
        snprintf(ret, WORDS_MAX, "not known"); /* nothing was measured, which is no 0 */
    else
        snprintf(ret, WORDS_MAX, "%s%.40s", verdict->at_least ? "at least " : "", text);
}

static void write_reference(const struct context *context, char ret[WORDS_MAX])
{
    figure(context, context->verdict->reference, ret);
}

static void write_left(const struct context *context, char ret[WORDS_MAX])
{
    figure(context, context->verdict->left, ret);
}

static void write_limit(const struct context *context, char ret[WORDS_MAX])
{
    figure(context, context->verdict->limit, ret);
}

static void write_change(const struct context *context, char ret[WORDS_MAX])
{
    char text[FIGURE_MAX];

    figure_change(text, context->verdict->ratio);
    snprintf(ret, WORDS_MAX, "%s", text);
}

/* What makes the limit that was passed, or comes next: a multiple of the reference, or the
 * floor. */
static void write_basis(const struct context *context, char ret[WORDS_MAX])
{
    const struct verdict *verdict = context->verdict;
    const struct rule_setting *setting = &context->settings->rule[verdict->rule];
    bool warns = verdict->word == VERDICT_WARNING || isnan(setting->caution);
    double times = warns ? setting->warning : setting->caution;
    char floor[WORDS_MAX];

    if (!(verdict->reference > 0)) {
        figure(context, setting->floor, ret);
    } else if (verdict->reference + setting->floor >= times * verdict->reference) {
        figure(context, setting->floor, floor);
        snprintf(ret, WORDS_MAX, "%.40s more", floor);
    } else {
        snprintf(ret, WORDS_MAX, "%.3g %%", (times - 1) * 100);
    }
}

static void write_coverage(const struct context *context, char ret[WORDS_MAX])
{
    double coverage = context->verdict->coverage;

    /* down: 79.9 % is not the 80 % that it takes */
    snprintf(ret, WORDS_MAX, "%.0f %%", isnan(coverage) ? 0 : floor(coverage * 100));
}

static void write_runs(const struct context *context, char ret[WORDS_MAX])
{
    int n = context->verdict->uphill_runs;

    snprintf(ret, WORDS_MAX, n == 1 ? "%d run" : "%d runs", n);
}

static void write_ascent(const struct context *context, char ret[WORDS_MAX])
{
    figure(context, VERDICT_BASE_MM / 1000.0, ret);
}

static void write_evidence(const struct context *context, char ret[WORDS_MAX])
{
    snprintf(ret, WORDS_MAX, "%c", context->verdict->evidence);
}

static const struct {
    const char *name;
    void (*write)(const struct context *context, char ret[WORDS_MAX]);
} braces[] = {
    { "{title}", write_title },       { "{window}", write_window },
    { "{value}", write_value },       { "{reference}", write_reference },
    { "{change}", write_change },     { "{left}", write_left },
    { "{limit}", write_limit },       { "{basis}", write_basis },
    { "{coverage}", write_coverage }, { "{runs}", write_runs },
    { "{ascent}", write_ascent },     { "{evidence}", write_evidence },
};

/* Bytes of pattern that were read: one letter, or a name in braces. */
static size_t write_piece(const struct context *context, const char *pattern, char ret[WORDS_MAX])
{
    for (size_t i = 0; *pattern == '{' && i < sizeof(braces) / sizeof(braces[0]); i++)
        if (strncmp(pattern, braces[i].name, strlen(braces[i].name)) == 0) {
            braces[i].write(context, ret);
            return strlen(braces[i].name);
        }
    ret[0] = *pattern;
    ret[1] = '\0';
    return 1;
}

size_t sentence_write(char ret[SENTENCE_MAX], const struct verdict *verdict,
                      const struct rule_settings *settings, enum conf_units units)
{
    const struct context context = { verdict, rule_get(verdict->rule), settings, units };
    const struct sentence_pattern *pattern = sentence_pattern_of(verdict);
    const char *at = pattern ? pattern->text : "";
    size_t length = 0;

    ret[0] = '\0';
    while (*at) {
        char piece[WORDS_MAX];
        size_t n;

        at += write_piece(&context, at, piece);
        n = strlen(piece);
        if (length + n >= SENTENCE_MAX)
            break;
        memcpy(ret + length, piece, n + 1);
        length += n;
    }
    return length;
}
