/* SPDX-License-Identifier: MIT */
#pragma once
/* The answer of a verb, as its JSON is, in lines for a person: '-' is what nobody knows. */
#include <jansson.h>

/*
 * A column of a table. Where all its cells are figures they end below each other; states and verdicts
 * (by its key) are coloured. A table that is wider than the terminal has its longest cells cut, and if
 * that does not do, columns left out.
 */
struct column {
    const char *key, *title; /* NULL ends the table */
    int least; /* columns that must stay of it; 0: it is never cut, unless it is the last */
    int spare; /* 0: never left out; else the highest goes first */
};
/* One value; its text may stand in the buffer. */
const char *stridectl_shown(const json_t *value, char *buffer, size_t size);
void stridectl_print_table(const json_t *rows, const struct column *columns);

/* week.c */
void stridectl_print_week(const json_t *data);

/* explain.c */
void stridectl_print_rule(const json_t *data);
/* What is known of a rule that nobody judges, as rulebook_row() has it. */
void stridectl_print_rule_row(const json_t *data);

/* schema.c */
void stridectl_print_schema(const json_t *data);

/* alerts.c */
void stridectl_print_alerts(const json_t *data);
void stridectl_print_seen(const json_t *data);    /* acknowledge */
void stridectl_print_snoozed(const json_t *data); /* snooze */

/* bind.c */
void stridectl_print_bound(const json_t *data);
void stridectl_print_assign_hint(const json_t *devices);

/* history.c */
void stridectl_print_history(const json_t *data);

/* answers.c: of any verb */
void stridectl_print(const char *verb, const json_t *data);
