/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * Why a rule says what it says: what went in, day by day and run by run, the formula with the numbers
 * in it, what makes the limit, and what is missing where there is no verdict. All of it is what the
 * engine (verdict.h) took and found when it judged; nothing is judged here a second time.
 *
 *   days, runs ---> inputs (W0, W1 .. W4, longest, Caution, Floor) ---> steps ---> formula, verdict
 *
 * The numbers of a formula are printed with as few decimals as decide the same: who computes it again
 * from what is printed comes to the same word. Inputs are in the measure's unit as it is published (m, s);
 * texts in the person's.
 */
#include "lib/conf.h"
#include "lib/training/verdict.h"

#define EXPLAIN_INPUTS_MAX  12
#define EXPLAIN_DAYS_MAX    (7 + VERDICT_BREAK_DAYS)
#define EXPLAIN_RUNS_MAX    64
#define EXPLAIN_STEPS_MAX   8
#define EXPLAIN_MISSING_MAX 8
#define EXPLAIN_TEXT_MAX    320 /* bytes with the NUL */

struct explain_day { /* what a local day added */
    int32_t day;
    double value; /* NAN: there was something, and nothing of it was measured */
    bool known;   /* it is all there was */
    bool live;    /* a run goes on in it */
};

struct explain_run {
    int64_t start_s, end_s; /* UTC */
    int32_t day;
    double value; /* NAN: not measured */
    double coverage;
    bool known;
};

struct explain_input {
    char name[12]; /* as the formula has it: W0, W1, longest, Caution */
    char what[120];
    const char *unit; /* of the value: m, s; "": a number */
    double value;     /* NAN: not known */
    bool known;       /* else it is at least that */
    bool counts;      /* false: it is left out of the reference */
    double coverage;  /* 0..1 of the distance with altitude; NAN: does not matter */
    bool of_days;
    int32_t from, to;
    size_t first_day, n_days; /* in days[] */
    size_t first_run, n_runs; /* in runs[]; */
    size_t all_runs;          /* so many there are, of which runs[] has the latest */
};

struct explanation {
    struct verdict verdict;
    struct explain_input inputs[EXPLAIN_INPUTS_MAX];
    size_t n_inputs;
    struct explain_day days[EXPLAIN_DAYS_MAX];
    size_t n_days;
    struct explain_run runs[EXPLAIN_RUNS_MAX];
    size_t n_runs;
    int decimals;                                    /* of the figures in the texts */
    char formula[EXPLAIN_TEXT_MAX];                  /* ""; there is no verdict */
    char steps[EXPLAIN_STEPS_MAX][EXPLAIN_TEXT_MAX]; /* NAME = ... = ..., the last is the verdict */
    size_t n_steps;
    char why[EXPLAIN_TEXT_MAX]; /* what makes the limit; "": nothing does */
    char missing[EXPLAIN_MISSING_MAX][EXPLAIN_TEXT_MAX];
    size_t n_missing;
};

/* Arguments as of verdict_judge, which is asked. */
void explain_verdict(const struct ledger *ledger, const struct outing *live,
                     const struct rule_settings *settings, const struct verdict_time *time,
                     enum rule_id id, enum conf_units units, struct explanation *ret);
