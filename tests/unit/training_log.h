/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * A training log for tests, told run by run. Day 0 of a test is LOG_FIRST_DAY, a Monday in UTC.
 */
#include "lib/training/ledger.h"

#define LOG_FIRST_DAY 20003 /* 2024-10-07 */
#define LOG_DAY_S     86400
#define LOG_MAX       2000

struct training_log {
    struct ledger ledger;
    struct outing outings[LOG_MAX];
    uint32_t next_key;
};

static inline void log_init(struct training_log *log)
{
    ledger_init(&log->ledger, log->outings, LOG_MAX);
    log->next_key = 1;
}

/* A run at 07:00 of a day of the test. drop_m NAN: no altitude. Ascent is as much as drop. */
static inline struct outing log_run(struct training_log *log, int day, double distance_m,
                                    double drop_m)
{
    struct outing ret = { .key = log->next_key++, .day = LOG_FIRST_DAY + day };
    double moving_s = distance_m * 0.36;

    ret.start_s = (int64_t)ret.day * LOG_DAY_S + 7 * 3600;
    ret.elapsed_s = (uint32_t)moving_s;
    outing_set_figures(&ret, &(struct outing_figures){
                                 .distance_m = distance_m,
                                 .moving_s = moving_s,
                                 .steps = NAN,
                                 .heart_load = NAN,
                                 .altitude_m = isnan(drop_m) ? NAN : distance_m,
                                 .ascent_m = drop_m,
                                 .drop_m = drop_m,
                                 .downhill_m = drop_m * 20,
                                 .knee_steps = NAN,
                             });
    return ret;
}

static inline void log_add(struct training_log *log, int day, double distance_m, double drop_m)
{
    struct outing run = log_run(log, day, distance_m, drop_m);

    assert_int_equal(ledger_put(&log->ledger, &run), 0);
}

/* Half an hour, of which nobody knows how far it was. */
static inline void log_add_unmeasured(struct training_log *log, int day)
{
    struct outing run = log_run(log, day, 5000, NAN);

    run.elapsed_s = 1800;
    outing_set_figures(&run, &(struct outing_figures){
                                 .distance_m = NAN,
                                 .moving_s = 1800,
                                 .steps = NAN,
                                 .heart_load = 50,
                                 .altitude_m = NAN,
                                 .ascent_m = NAN,
                                 .drop_m = NAN,
                                 .downhill_m = NAN,
                                 .knee_steps = NAN,
                             });
    assert_int_equal(ledger_put(&log->ledger, &run), 0);
}
