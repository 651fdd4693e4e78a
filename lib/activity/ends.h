/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * Where and how high each session of a file begins and ends: from that follows what the weather did to
 * its barometer, when it ends where it began (closing.h). A sink for a reading before that of relief.h,
 * best together with totals.h.
 */
#include "lib/activity/outline.h"
#include "lib/terrain/closing.h"

struct ends_session {
    struct closing closing;
    bool placed;
    double first_latitude_deg, first_longitude_deg, last_latitude_deg, last_longitude_deg;
};

struct ends {
    const struct outline *outline; /* borrowed, finished */
    struct ends_session sessions[ACTIVITY_PARTS_MAX];
};

void ends_init(struct ends *ends, const struct outline *outline);
struct activity_sink ends_sink(struct ends *ends);
/* Metres a second by which altitudes of a session rise too much from *ret_from_usec on; 0: nothing to
 * take out. */
double ends_drift_m_s(const struct ends *ends, int session, int64_t *ret_from_usec);
