/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * How much a week is compared with the four before it.
 *
 *      W4        W3        W2        W1        W0
 *  |---------|---------|---------|---------|--------today      seven local days each
 *
 *   R = min(max, 1.3 x mean) of W1 .. W4    the most of the last four weeks, but one reckless week
 *                                           is no licence for the next
 *   ok      W0 <= max(1.10 R, R + floor)    caution   W0 <= max(1.30 R, R + floor)    else warning
 *
 * Not last week alone, because a cut-back week must not make the next normal one look like a leap.
 * All of it is our convention; which part has a study behind it the rule's evidence letter says.
 *
 * Rolling weeks end today and cannot be gamed at a week's edge. Calendar weeks (Window=calendar)
 * begin on the runner's WeekStart; W0 is then what there is of the present one.
 */
#include "lib/training/ledger.h"

#define WEEK_BEFORE       4  /* reference weeks */
#define WEEK_HISTORY_DAYS 14 /* less is no history */
/* Sums of decimal fractions are off by some 1e-16: exactly 10 % more is still 10 %. */
#define WEEK_ROUNDING    (1 + 1e-9)
#define WEEK_MEAN_FACTOR 1.3 /* ours: R at most so many times the mean */

enum verdict_word {
    VERDICT_OK,
    VERDICT_CAUTION,
    VERDICT_WARNING,
    VERDICT_NO_BASELINE, /* spikes only */
    VERDICT_INSUFFICIENT_HISTORY,
    VERDICT_INSUFFICIENT_DATA,
    VERDICTS,
};
const char *verdict_word_name(enum verdict_word word); /* "ok"; NULL past the end */
/* True of ok, caution and warning. */
bool verdict_word_judges(enum verdict_word word);

enum week_measure {
    WEEK_DISTANCE_M,
    WEEK_MOVING_S,
    WEEK_DROP_M,
    WEEK_DOWNHILL_M,
    WEEK_MEASURES,
};
enum week_window { WEEK_ROLLING, WEEK_CALENDAR };

/* What a week is looked for in. */
struct week_place {
    const struct ledger *ledger;
    const struct outing *live; /* counts on its own day; NULL: none runs. Not in the ledger */
    int32_t today;             /* local */
    int week_start;            /* 0 = Sunday .. 6 = Saturday */
};

struct week_block {
    double total;
    double coverage;  /* 0..1 of the distance with altitude; NAN: does not matter, or no distance */
    bool known;       /* total is all of it, not only the part that could be measured */
    int32_t from, to; /* its days */
};

struct week_blocks {
    struct week_block now, before[WEEK_BEFORE];
    size_t n_before; /* full ones: history reaches back to their first day */
    int history_days;
    double frees_tomorrow;  /* what of `now` will not be in it tomorrow */
    int32_t calendar_start; /* first day of the present calendar week */
    double calendar_total;
};

struct week_limits {
    double caution, warning; /* times R: 1.10, 1.30 */
    double floor;            /* in the measure's unit */
};

struct week_verdict {
    enum verdict_word word;
    double reference;  /* these are NAN without a verdict */
    double most, mean; /* of the known weeks before; the reference is made of them */
    double limit;      /* the end of ok, whatever is announced */
    double warning_limit;
    double left;   /* max(0, limit - total) */
    double ratio;  /* NAN at reference 0 */
    bool at_least; /* total is only the part of it that could be measured */
    bool clears;   /* so low that what was said about it is over: W0 <= R */
};

void week_blocks_read(const struct week_place *place, enum week_measure measure,
                      enum week_window window, struct week_blocks *ret);
void week_judge(const struct week_blocks *blocks, const struct week_limits *limits,
                struct week_verdict *ret);

/* Some days of it; coverage is NAN where the measure needs no altitude. */
struct week_block week_block_read(const struct week_place *place, enum week_measure measure,
                                  int32_t from, int32_t to);

/* What was walked in the same days as W0; only its descent is in any total. */
void week_walked_read(const struct week_place *place, enum week_window window,
                      struct day_walked *ret);

double week_measure_of(const struct day_total *total, enum week_measure measure);
bool week_measure_needs_altitude(enum week_measure measure);
/* Days from..to with the live outing. */
void week_total(const struct week_place *place, int32_t from, int32_t to, struct day_total *ret);
/* Days since the first outing, today included; 0: none yet. */
int week_history_days(const struct week_place *place);
