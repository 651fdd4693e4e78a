/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * Facts back into a FIT file, so that a session recorded here can go wherever FIT files go. What
 * fit.h reads of it are the same facts, rounded to what FIT can say (whole seconds, centimetres).
 *
 * A FIT file begins with its length. So the facts are gone through twice: once to be counted, once to
 * be written, and nothing is kept or gone back to.
 *
 *   struct fit_plan plan = { 0 };
 *   for each fact:  fit_plan_count(&plan, fact);
 *   fit_write_begin(&writer, &plan, created_usec, out, context);
 *   for each fact:  fit_write_fact(&writer, fact);
 *   whole = fit_write_end(&writer);
 */
#include "lib/activity/activity.h"

#define FIT_WRITE_MAKER   255 /* the number for who has none: "development" */
#define FIT_WRITE_PRODUCT 21331
#define FIT_WRITE_ROUTE   21332 /* of that maker's products: heights are those of a followed route */
#define FIT_WRITE_DEVICE  "development 21331" /* both, as our reader names them */

struct fit_plan {
    uint32_t samples, timers, laps, sessions, devices;
};

/* Where the bytes go, in order. */
typedef void fit_out(void *context, const uint8_t *bytes, size_t length);

struct fit_writer {
    fit_out *out;
    void *context;
    struct fit_plan left; /* still to come */
    uint32_t n_sessions, n_laps, n_devices;
    double timer_s; /* of all sessions */
    int64_t last_usec;
    bool overrun; /* more facts than were counted */
    uint16_t checksum;
};

/* Counts a fact if it is one that is written: samples, timers, laps and sessions
 * that have a time, and devices that have one and say whence the heights are. */
void fit_plan_count(struct fit_plan *plan, const struct activity_fact *fact);

void fit_write_begin(struct fit_writer *writer, const struct fit_plan *plan, int64_t created_usec,
                     fit_out *out, void *context);
void fit_write_fact(struct fit_writer *writer, const struct activity_fact *fact);
/* false: these were not the facts that were counted, and the file is no good. */
bool fit_write_end(struct fit_writer *writer);
