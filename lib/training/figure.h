/* SPDX-License-Identifier: MIT */
#pragma once
/* Figures as people read them in a sentence, in metric or imperial units. */
#include <stddef.h>
#include "lib/conf.h"
#include "lib/training/rule.h"

#define FIGURE_MAX 32 /* bytes with the NUL */

/* "13.4 km", "310 m", "3 h 05 min", "2.4"; "unknown" for what is no number. */
void figure_text(char ret[FIGURE_MAX], double value, enum rule_unit unit, enum conf_units units);
/* How much more a ratio is: "+34 %", "about +11 %" below 20 % (a footpod is 2 to 5 % off), "more
 * than 10 times as much". */
void figure_change(char ret[FIGURE_MAX], double ratio);
