/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What the reading process has to know of the world and of the runner, as it can see neither: one word
 * on its command line. It is told no name and no place.
 */
#include <stdbool.h>
#include <stdint.h>
#include "lib/activity/exertion.h"

#define ORDERS_MAX 192 /* bytes of the word with its NUL */
#define ORDERS_SKEW_USEC                                                                           \
    INT64_C(3600000000) /* a watch that is fast, or a clock here that is slow */

enum errand {
    ERRAND_ACTIVITY, /* what was done: a report */
    ERRAND_WAY,      /* a way to go: the rest of the orders does not matter */
    ERRAND_FIT, /* one session of what was done, as a FIT file: the rest of the runner does not matter */
};

struct orders {
    enum errand errand;
    int64_t newest_usec; /* the newest date to believe */
    /* of ERRAND_FIT: when the session began, and which of the file's it is, counted as in its report; < 0: not
     * known, and it is none when two began then */
    int64_t start_usec;
    int place;
    bool barometric; /* the altitude of a file that does not say what measured it */
    struct exertion_runner runner;
    double own_cadence_spm, own_speed_m_s; /* of level running; NAN: not known */
};

/* Nothing is known of the runner. */
struct orders orders_of(int64_t newest_usec);
void orders_text(const struct orders *orders, char ret[ORDERS_MAX]);
/* false: not of orders_text; nothing is written then. */
bool orders_parse(const char *text, struct orders *ret);
