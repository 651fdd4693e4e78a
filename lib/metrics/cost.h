/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What running on a slope costs, and the speed on the level that costs as much a second (grade-adjusted
 * pace). Minetti 2002, J Appl Physiol 93:1039, i = rise over run:
 *
 *     C(i) = 155.4 i^5 - 30.4 i^4 - 43.3 i^3 + 46.3 i^2 + 19.5 i + 3.6   J/kg/m, measured -0.45 .. 0.45
 *
 * It is metabolic: a descent of 10 % costs 0.6 of the level, and the knee pays more. Never for the
 * knee, and downhill it is uncertain by 30 % (Strava's empirical curve says 0.88 where this says 0.62).
 */

#define COST_GRADE_MAX 0.45

/* J/kg/m; grades beyond COST_GRADE_MAX cost what the steepest measured does. NAN for NAN. */
double cost_of_running(double grade);
/* Metres on the level for a metre at this grade, which is also the factor of the speed. */
double cost_ratio(double grade);
