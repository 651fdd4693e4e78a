/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * Fitness, fatigue and form: two exponential means of a load by day, 42 and 7 days, and how far the
 * slow one of yesterday was above the fast one. The convention is
 *
 *     y += (1 - e^(-1/tau)) (load - y), from 0; form of a day = fitness - fatigue of the day before
 *
 * which is GoldenCheetah's; others take 1/tau or 2/(N+1) and get other numbers, so it is to be told.
 * None of it says anything about injuries, and the first 42 days are still filling up.
 *
 * The ratio of acute to chronic load stands beside it, on request only: no colour, no advice.
 */
#include <stdbool.h>
#include <stddef.h>

#define FORM_FITNESS_DAYS 42 /* also the days that are hidden at first */
#define FORM_FATIGUE_DAYS 7
#define FORM_CHRONIC_DAYS 28

struct form {
    int days; /* fed */
    double fitness, fatigue, form;
};

void form_init(struct form *form);
/* The next calendar day; 0 is a day of rest. A load that is not known (NAN) or below 0 counts as 0:
 * the caller says how many of them there were. */
void form_feed(struct form *form, double load);
/* Enough days to be shown. */
bool form_settled(const struct form *form);

/* The last 7 days over the last 28 (coupled) or over the 21 before, means both; load[n - 1] is today.
 * NAN with fewer than 28 days, a load that is not known, or nothing chronic. */
double form_ratio(const double *load, size_t n, bool coupled);

/* The same from exponential means with 2/(N+1), N 7 and 28, the first value being the first load
 * (Williams 2017, BJSM 51:209). */
struct form_ewma {
    int days;
    double acute, chronic;
};
void form_ewma_init(struct form_ewma *ewma);
void form_ewma_feed(struct form_ewma *ewma, double load);
double form_ewma_ratio(const struct form_ewma *ewma); /* NAN: nothing chronic, or no day */
