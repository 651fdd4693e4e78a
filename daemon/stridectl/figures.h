/* SPDX-License-Identifier: MIT */
#pragma once
/* Figures as people read them: answers are metric, a terminal may be asked for miles and feet. */
#include <jansson.h>
#include <stdbool.h>

#define METRES_A_MILE 1609.344
#define METRES_A_FOOT 0.3048

enum unit { UNIT_FAR, UNIT_HIGH, UNIT_TIME };

const char *stridectl_unit(enum unit unit, bool imperial); /* "km", "m", "h" */
/* Metres or seconds in that unit, "-" for what is no number; the text may stand in ret. */
const char *stridectl_figure(const json_t *value, enum unit unit, bool imperial, char ret[32]);
/* "28.5 km", "-". */
const char *stridectl_figure_and_unit(const json_t *value, enum unit unit, bool imperial,
                                      char ret[32]);
bool stridectl_is_imperial(const json_t *data); /* what its `units` says */
double stridectl_number(const json_t *value);   /* NAN: it is none */

/* "2027-03-10" as "10 Mar 2027"; without the year, "10 Mar". What is no day stays as it is. */
void stridectl_day(const char *day, bool with_year, char ret[32]);
