/* SPDX-License-Identifier: MIT */
#pragma once
/* The answer of a verb, as its JSON is, in lines for a person: '-' is what nobody knows. */
#include <jansson.h>
#include <stdbool.h>

#define METRES_A_MILE 1609.344
#define METRES_A_FOOT 0.3048

struct column {
    const char *key, *title; /* NULL ends the table */
};
/* One value; its text may stand in the buffer. */
const char *stridectl_shown(const json_t *value, char *buffer, size_t size);
void stridectl_print_table(const json_t *rows, const struct column *columns);

/* week.c */
enum unit { UNIT_FAR, UNIT_HIGH, UNIT_TIME };
const char *stridectl_unit(enum unit unit, bool imperial);
/* Metres or seconds in that unit; may stand in ret. */
const char *stridectl_figure(const json_t *value, enum unit unit, bool imperial, char ret[32]);
bool stridectl_is_imperial(const json_t *data); /* what its `units` says */
void stridectl_print_week(const json_t *data);

/* explain.c */
void stridectl_print_rule(const json_t *data);

/* data.c */
void stridectl_print_history(const json_t *data);
void stridectl_print_schema(const json_t *data);

/* alerts.c */
void stridectl_print_alerts(const json_t *data);
void stridectl_print_seen(const json_t *data);    /* acknowledge */
void stridectl_print_snoozed(const json_t *data); /* snooze */

/* bind.c */
void stridectl_print_bound(const json_t *data);
void stridectl_print_assign_hint(const json_t *devices);

/* answers.c: of any verb */
void stridectl_print(const char *verb, const json_t *data);
