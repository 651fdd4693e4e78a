/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What the files behind report.h share, each of which uses only those below it:
 *   report.c        gathers the answers, and gives them out
 *   report_page.c   as a page
 *   report_said.c   what was said in it, and why
 *   report_text.c   as text, for a terminal
 *   report_chart.c  its drawings
 *   report_style.c  how it looks
 */
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

struct report { /* the data of each answer; borrowed */
    const json_t *week, *history, *alerts;
    const json_t *explain; /* a list: of each rule that is above its limit or was */
    const json_t *missing; /* why there is no `week`, `history` or `alerts`; NULL: each is there */
    bool imperial;
};

/* report_page.c */
void report_print_page(FILE *out, const struct report *report);

/* report_said.c */
void report_print_chip(FILE *out, const char *verdict);
void report_print_now(FILE *out, const struct report *report);
void report_print_past(FILE *out, const struct report *report);
void report_print_why(FILE *out, const struct report *report);

/* report_text.c */
void report_print_text(const struct report *report);
const char *report_runner(const struct report *report); /* NULL: not known, as of the next */
const char *report_day(const struct report *report);
/* Why a part of it is not there; NULL: it is there, or nobody says why. */
const char *report_missing(const struct report *report, const char *part);
/* Whether it says that something is above its limit. */
bool report_is_warning(const json_t *alert);
#define REPORT_WHEN_MAX 100
/* "9 Mar 2027", and what kind of news it was. */
void report_when(const json_t *said, char ret[REPORT_WHEN_MAX]);
#define REPORT_FIGURES_MAX 160
/* "Then 410 m, compared with 300 m, limit 350 m.", as they were when it was said; false: none of them is known, or it
 * is of now. */
bool report_figures(const json_t *said, bool imperial, char ret[REPORT_FIGURES_MAX]);
/* The explanation of a rule; NULL: there is none. */
const json_t *report_explanation(const struct report *report, const char *rule);
const char *report_title(const json_t *explanation, const char *rule);
/* Its parts in their order, each a sentence or more; false past the end. The text may be NULL: not
 * known of this one. */
bool report_part(const json_t *explanation, size_t i, const char **ret_name, const char **ret_text);

/* report_chart.c */
enum report_chart { REPORT_DISTANCE, REPORT_DESCENT, REPORT_CHARTS };
void report_print_chart(FILE *out, const struct report *report, enum report_chart chart);
/* How full the i-th measure of the week is. */
void report_print_meter(FILE *out, const struct report *report, size_t i);
/* Class of a verdict in the style. */
const char *report_class(const char *verdict);

/* report_style.c */
extern const char report_style[];
