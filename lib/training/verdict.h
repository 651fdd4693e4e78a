/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * The rules applied to a training log: what holds for a runner on a day, the run that goes on
 * included. Nothing is remembered here. The same log gives the same verdicts, live, at the end of a
 * run, at midnight and after an import; when to speak of them is announce.h's.
 */
#include "lib/training/rule.h"

#define VERDICT_BREAK_DAYS 35 /* a break from descents; ours */
#define VERDICT_BASE_DAYS  28
#define VERDICT_LOAD_DAYS  7
#define VERDICT_BASE_RUNS  3      /* ours */
#define VERDICT_BASE_MM    50000u /* of ascent; ours */

struct verdict_time {
    int32_t today; /* local */
    int64_t now_s; /* UTC */
    int week_start;
};

struct verdict {
    enum rule_id rule;
    enum verdict_word word;
    char evidence; /* of this verdict */

    double value;     /* what was done; NAN: nothing to judge (no run yet), or not known */
    double reference; /* these are NAN without a verdict */
    double limit;     /* the end of ok, whatever is announced */
    double left;      /* max(0, limit - value); of a run: of the next one if none goes on */
    double ratio;
    double coverage; /* 0..1: share of the distance with altitude; NAN: does not matter */

    bool at_least;          /* value is only the part that could be measured */
    bool clears;            /* what was said about it is over */
    int uphill_runs;        /* RULE_UPHILL_BASE: how many there were */
    enum spike_bin bin;     /* RULE_SPIKE_DISTANCE */
    int64_t start_s, end_s; /* of the run that was judged; 0: a week was, or none */

    /* RULE_OF_WEEK, RULE_OF_BASE: with its calendar week and what frees tomorrow; RULE_OF_BREAK: W0 */
    struct week_blocks week;

    /* What the engine took, for explain.h. NAN, or nothing: not of this rule, or there was none. */
    double warning_limit;          /* the end of caution */
    double most, mean;             /* of the weeks before: the reference is made of them */
    struct spike_run run, longest; /* RULE_OF_RUN: the run, and what it is compared with */
    bool any_longest;
    int64_t before_s;               /* the runs of the 30 x 24 h before that moment */
    struct week_block before;       /* RULE_OF_BREAK: the days before the first descent */
    double load[VERDICT_LOAD_DAYS]; /* RULE_OF_MONOTONY, oldest first */
    double deviation;               /* of them */
};

/* One rule. A rule that is not enabled is judged like the others. live NULL: no run goes on; it is
 * not in the ledger. */
void verdict_judge(const struct ledger *ledger, const struct outing *live,
                   const struct rule_settings *settings, const struct verdict_time *time,
                   enum rule_id id, struct verdict *ret);
/* A rule of single runs, of the run that an outing of the log belongs to: it need not be the latest. */
void verdict_judge_outing(const struct ledger *ledger, const struct outing *outing,
                          const struct rule_settings *settings, enum rule_id id,
                          struct verdict *ret);
/* The same as if there had been no run at that moment: what was told of one that is gone. */
void verdict_judge_no_run(const struct ledger *ledger, int64_t start_s,
                          const struct rule_settings *settings, enum rule_id id,
                          struct verdict *ret);
