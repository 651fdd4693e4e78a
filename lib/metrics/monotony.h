/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * How alike the days of a week were: mean over population standard deviation of seven calendar days,
 * a day of rest being 0 (Foster 1998, MSSE 30:1164). Strain: the week's sum times that.
 */
#define MONOTONY_DAYS 7
#define MONOTONY_MAX  10.0 /* all days alike would be endless */

/* NAN: a week of rest, or a day that is not known. */
double monotony_of(const double load[MONOTONY_DAYS]);
double monotony_deviation(const double load[MONOTONY_DAYS]); /* what the mean is divided by */
double monotony_strain(const double load[MONOTONY_DAYS]);
