/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What the days of a log come to as load, for whoever asks: fitness, fatigue and form of the heart
 * load, monotony and strain of its last seven days, and the ratio of acute to
 * chronic running distance. Nothing of it is published unasked, and no verdict, colour or
 * advice is made of it: in runners the ratio went with fewer injuries as often as with more.
 *
 * A heart load that nobody measured is no rest. Days that lack one are counted beside the figures;
 * where nothing was measured there are none.
 */
#include "lib/training/ledger.h"

#define LOAD_ABOUT                                                                                 \
    "mean_42_days and mean_7_days (CTL and ATL elsewhere): y += (1 - e^(-1/tau)) (load - y) of "   \
    "the daily heart load, tau 42 and 7 days, from 0; difference (TSB) is that of the day "        \
    "before. "                                                                                     \
    "Other programs have other conventions and other numbers. acwr: running distance of 7 days "   \
    "to 28 (coupled), to the 21 "                                                                  \
    "before, and of exponential means. No study of runners found a limit to any of it. "           \
    "Heart load is blind to descents: `week` has them."

struct load {                        /* NAN: not known, or too early */
    int days;                        /* since the first outing, today included; 0: none yet */
    unsigned without_heart_load;     /* outings of the last 42 days */
    double fitness, fatigue, form;   /* from the 43rd day on */
    double monotony, strain;         /* of seven days, each with its heart load */
    double coupled, uncoupled, ewma; /* of running distance; from the 28th day on */
};

void load_read(const struct ledger *ledger, int32_t today, struct load *ret);
