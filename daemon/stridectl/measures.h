/* SPDX-License-Identifier: MIT */
#pragma once
/* The measures of a week, each a row, and what their verdicts are called for people. */
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include "daemon/stridectl/figures.h"

#define MEASURES            4
#define MEASURE_MISSING_MAX 200

struct measure {
    const char *key;   /* of `measures` in a week */
    const char *title; /* "running": with its unit, of a column */
    const char *name;  /* "distance" */
    const char *how;   /* "far" or "long" it was */
    enum unit unit;
};
extern const struct measure measures[MEASURES];

/* "no verdict" for the two that judge nothing for want of something, "off" for none. */
const char *measure_verdict(const char *verdict);
/* What is missing for a verdict, as a sentence; false: there is one, or none is wanted. */
bool measure_missing(const struct measure *measure, const json_t *figures,
                     char ret[MEASURE_MISSING_MAX]);
