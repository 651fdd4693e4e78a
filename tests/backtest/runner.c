/* SPDX-License-Identifier: MIT */
#include "tests/backtest/runner.h"

#include <math.h>

/* The week that all plans are made of, and what they do to it. */
static const double week_km[7] = { 0, 10, 0, 10, 0, 6, 14 };
#define DROP_M_KM 5.0
#define S_KM      360.0
#define CUTBACK   0.7 /* every fourth week */
#define MOUNTAIN  6.0 /* times the usual descent */
#define BUILD_TO  3.0 /* times the first week, in two years */
#define REGROW    1.10

static const struct {
    const char *name, *plan;
} kinds[RUNNER_KINDS] = {
    [RUNNER_STEADY] = { "steady", "40 km in 4 sessions, every 4th week 30 % less" },
    [RUNNER_BUILDING] = { "building", "20 km a week to 60 km in two years, evenly, every 4th week "
                                      "30 % less" },
    [RUNNER_RECKLESS] = { "reckless", "steady, but every 6th week twice as much" },
    [RUNNER_RETURNING] = { "returning", "steady; twice a year 4 weeks off, then half of it, 10 % "
                                        "more each week" },
    [RUNNER_HOLIDAY] = { "holiday", "steady, but twice a year two weeks in the mountains (6 times "
                                    "the descent) and once two weeks of none" },
    [RUNNER_RAMP] = { "+15 % a week", "steady for 26 weeks, then 15 % more each week, no lighter "
                                      "ones" },
    [RUNNER_DOUBLED] = { "doubled", "steady for 26 weeks, then a week of twice as much" },
};

const char *runner_name(enum runner_kind kind)
{
    return kinds[kind].name;
}

/* ---- Chance: splitmix64, and lognormal factors of mean 1, so that no session is negative */

static uint64_t next(struct runner *runner)
{
    uint64_t z = runner->random += UINT64_C(0x9E3779B97F4A7C15);

    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

static double uniform(struct runner *runner)
{
    return ((double)(next(runner) >> 11) + 0.5) / 9007199254740992.0;
}

static double normal(struct runner *runner)
{
    double radius = sqrt(-2 * log(uniform(runner)));

    return radius * cos(2 * 3.14159265358979323846 * uniform(runner));
}

static double factor(struct runner *runner, double cv)
{
    double s2 = log(1 + cv * cv);

    return exp(sqrt(s2) * normal(runner) - s2 / 2);
}

/* ---- Plans: how much of the usual week, and of the usual descent a kilometre */

/* Weeks 20 to 23 of each half year are off. */
static double returning(int week)
{
    int in_half = week % 26, since = (week + 2) % 26; /* since: weeks after the last return */

    if (in_half >= 20 && in_half < 24)
        return 0;
    return week < 20 ? 1 : fmin(1, 0.5 * pow(REGROW, since));
}

static double volume(enum runner_kind kind, int week)
{
    double cutback = week % 4 == 3 ? CUTBACK : 1;
    int since = week - RUNNER_ONSET_DAY / 7;

    switch (kind) {
    case RUNNER_BUILDING:
        return cutback * 0.5 * (1 + (BUILD_TO - 1) * week / 104.0);
    case RUNNER_RECKLESS:
        return week % 6 == 5 ? 2 : cutback;
    case RUNNER_RETURNING:
        return cutback * returning(week);
    case RUNNER_HOLIDAY:
        return week % 52 == 30 || week % 52 == 31 ? 0 : cutback;
    case RUNNER_RAMP:
        return since >= 0 ? pow(1.15, since + 1) : cutback;
    case RUNNER_DOUBLED:
        return since == 0 ? 2 : cutback;
    case RUNNER_STEADY:
    case RUNNER_KINDS:
        break;
    }
    return cutback;
}

static double steepness(enum runner_kind kind, int week)
{
    int in_half = week % 26;

    return kind == RUNNER_HOLIDAY && (in_half == 15 || in_half == 16) ? MOUNTAIN : 1;
}

void runner_init(struct runner *runner, enum runner_kind kind, uint64_t seed)
{
    *runner = (struct runner){ .kind = kind, .random = seed };
}

int runner_day(struct runner *runner, int day, struct runner_session *ret)
{
    int week = day / 7;
    double km = week_km[day % 7] * volume(runner->kind, week);

    if (!(km > 0))
        return 0;
    km *= factor(runner, RUNNER_SESSION_CV);
    ret->distance_m = km * 1000;
    ret->moving_s = km * S_KM * factor(runner, RUNNER_PACE_CV);
    ret->drop_m =
        km * DROP_M_KM * steepness(runner->kind, week) * factor(runner, RUNNER_DESCENT_CV);
    return 1;
}

void runner_print(FILE *to)
{
    fprintf(
        to,
        "Generator: splitmix64, lognormal factors of mean 1. Week from Monday on: 0 10 0 10 0 6 "
        "14 km.\nSession CV %.0f %%, descent CV %.0f %% (%.0f m a kilometre), pace CV %.0f %% "
        "(%.0f s a kilometre).\n",
        RUNNER_SESSION_CV * 100, RUNNER_DESCENT_CV * 100, DROP_M_KM, RUNNER_PACE_CV * 100, S_KM);
    for (enum runner_kind i = 0; i < RUNNER_KINDS; i++)
        fprintf(to, "  %-13s %s\n", kinds[i].name, kinds[i].plan);
}
