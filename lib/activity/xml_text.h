/* SPDX-License-Identifier: MIT */
#pragma once
/* Values as GPX and TCX write them. */
#include <stdint.h>
#include "lib/activity/activity.h"

/* "51.5"; NAN for anything else, also for what no decimal number looks like ("nan", "0x1p3"). */
double xml_number(const char *text);
/* "2013-06-01T17:32:20.5+01:00" to UTC; without a zone it is UTC. ACTIVITY_NO_TIME: not a time. */
int64_t xml_time_usec(const char *text);
/* The value of an attribute; NULL when it is not there. */
const char *xml_attribute(const char *const *attributes, const char *name);
/* A name for people: cut to fit, control characters blank, only whole characters. */
void xml_copy(const char *text, char ret[ACTIVITY_TEXT_MAX]);
/* The sport of a word such as "trail_running", "Biking" or of Strava's number ("9"). */
enum activity_sport xml_sport(const char *text);
bool xml_sport_indoors(const char *text);
