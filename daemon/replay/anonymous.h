/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * A copy of a recording that may be sent to anybody. Times between packets, and what they say of the run,
 * stay as they are; it is replayed to the same figures, but for what hangs on a place on earth, and a
 * descent along a route, which may differ by a decimetre.
 *
 *   address          02:00:00:00:00:NN, numbered
 *   sensor, runner   sensor-N, runner-N; mass and year of birth are not said
 *   date             the first is 2020-01-01 12:00 UTC, and so is the local time; boots are numbered
 *   places           packets that tell where on earth are left out, the lowest place of a route is at 0
 *   heart            as it is; with drop_heart its packets, maximum, rest and sex are left out
 *   else             comments, free words and copies of lines are left out
 */
#include <stdbool.h>
#include <stdio.h>
#include "daemon/recording/recovery.h"

/* false: it could not be written. */
bool anonymous_write(const struct recovered *recovered, bool drop_heart, FILE *out);
