/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What the files behind explain.h share:
 *   explain.c          what went in
 *   explain_steps.c    the formula with the numbers in it
 *   explain_missing.c  what there is no verdict for
 *   explain_pen.c      numbers as they are printed in it, and lines
 */
#include "lib/training/explain.h"

#define PEN_MAX 32 /* bytes of a number with its unit, and the NUL */

struct pen {
    enum rule_unit unit;
    enum conf_units units;
    int decimals;
};

struct explainer {
    const struct week_place *place;
    const struct rule_settings *settings;
    const struct rule_setting *setting;
    const struct rule *rule;
    struct pen pen;
    struct explanation *out;
};

/* "13.4 km", "167 m", "203.5 min", "2"; "unknown" for what is no number. */
const char *pen_figure(const struct pen *pen, double value, char ret[PEN_MAX]);
/* A plain number: "1.10", "1.125". */
const char *pen_factor(double value, char ret[PEN_MAX]);
/* As few decimals as say of each pair, printed, what is so of it. NAN on either side says nothing. */
struct pen_pair {
    double value, limit;
    bool above;
};
void pen_sharpen(struct pen *pen, const struct pen_pair *pairs, size_t n);
/* "2027-03-10" */
const char *pen_day(int32_t day, char ret[PEN_MAX]);

void explain_write_steps(struct explainer *explainer);
void explain_write_missing(struct explainer *explainer);

/* A line more; what is beyond the room is left out. */
void explain_add_step(struct explainer *explainer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void explain_add_missing(struct explainer *explainer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
