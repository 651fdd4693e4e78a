/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * Two doubles are the same but for rounding. cmocka 1.1.5 (Debian 12) compares floats only, which is
 * 7 digits, and finds NAN equal to everything: absent would pass for any figure.
 * Include after cmocka.h.
 */
#include <math.h>

#define assert_close(got, expected, within)                                                        \
    do {                                                                                           \
        double got_ = (got), expected_ = (expected), within_ = (within);                           \
                                                                                                   \
        if (!(fabs(got_ - expected_) <= within_))                                                  \
            fail_msg("%s is %.12g, expected %.12g within %g", #got, got_, expected_, within_);     \
    } while (0)
