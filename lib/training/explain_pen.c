/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/civil.h"
#include "lib/training/explain_private.h"

#define DECIMALS_MAX 9

static const struct {
    const char *name[2]; /* metric, imperial */
    double of[2];        /* so much of the measure's own unit */
    int decimals;        /* at least so many are kept, of which a last 0 is not printed */
} shown[] = {
    [RULE_UNIT_NONE] = { { "", "" }, { 1, 1 }, 2 },
    [RULE_UNIT_METRES_FAR] = { { " km", " mi" }, { 1000, 1609.344 }, 2 },
    [RULE_UNIT_METRES_HIGH] = { { " m", " ft" }, { 1, 0.3048 }, 1 },
    [RULE_UNIT_SECONDS] = { { " min", " min" }, { 60, 60 }, 1 },
};

static void trim(char *number)
{
    char *end = number + strlen(number);

    if (!strchr(number, '.'))
        return;
    while (end[-1] == '0')
        *--end = '\0';
    if (end[-1] == '.')
        end[-1] = '\0';
}

static void print(const struct pen *pen, double value, char ret[PEN_MAX])
{
    size_t i = pen->units == CONF_UNITS_IMPERIAL;

    snprintf(ret, PEN_MAX, "%.*f", pen->decimals, value / shown[pen->unit].of[i]);
    trim(ret);
}

const char *pen_figure(const struct pen *pen, double value, char ret[PEN_MAX])
{
    size_t i = pen->units == CONF_UNITS_IMPERIAL;

    if (!isfinite(value)) {
        snprintf(ret, PEN_MAX, "unknown");
        return ret;
    }
    print(pen, value, ret);
    strncat(ret, shown[pen->unit].name[i], PEN_MAX - strlen(ret) - 1);
    return ret;
}

const char *pen_factor(double value, char ret[PEN_MAX])
{
    snprintf(ret, PEN_MAX, "%.10g", value);
    if (!strchr(ret, '.') || strlen(strchr(ret, '.')) < 3)
        snprintf(ret, PEN_MAX, "%.2f", value);
    return ret;
}

static bool is_said(const struct pen *pen, const struct pen_pair *pair)
{
    char value[PEN_MAX], limit[PEN_MAX];

    if (!isfinite(pair->value) || !isfinite(pair->limit))
        return true;
    print(pen, pair->value, value);
    print(pen, pair->limit, limit);
    return (strtod(value, NULL) > strtod(limit, NULL)) == pair->above;
}

void pen_sharpen(struct pen *pen, const struct pen_pair *pairs, size_t n)
{
    size_t i = 0;

    pen->decimals = shown[pen->unit].decimals;
    while (i < n && pen->decimals < DECIMALS_MAX)
        if (is_said(pen, &pairs[i])) {
            i++;
        } else { /* what more decimals say of the others is another question */
            pen->decimals++;
            i = 0;
        }
}

const char *pen_day(int32_t number, char ret[PEN_MAX])
{
    int year, month, day;

    civil_from_days(number, &year, &month, &day);
    snprintf(ret, PEN_MAX, "%04d-%02d-%02d", year, month, day);
    return ret;
}

/* ---- Lines ------------------------------------------------------------------------------------ */

__attribute__((format(printf, 2, 0))) static void write_line(char ret[EXPLAIN_TEXT_MAX],
                                                             const char *format, va_list ap)
{
    vsnprintf(ret, EXPLAIN_TEXT_MAX, format, ap);
}

void explain_add_step(struct explainer *explainer, const char *format, ...)
{
    struct explanation *out = explainer->out;
    va_list ap;

    if (out->n_steps == EXPLAIN_STEPS_MAX)
        return;
    va_start(ap, format);
    write_line(out->steps[out->n_steps++], format, ap);
    va_end(ap);
}

void explain_add_missing(struct explainer *explainer, const char *format, ...)
{
    struct explanation *out = explainer->out;
    va_list ap;

    if (out->n_missing == EXPLAIN_MISSING_MAX)
        return;
    va_start(ap, format);
    write_line(out->missing[out->n_missing++], format, ap);
    va_end(ap);
}
