/* SPDX-License-Identifier: MIT */
#pragma once
/* What the tables of rows share; only for contract*.c. */
#include <stdint.h>
#include "lib/contract.h"

#define CONTRACT_N(a)            (sizeof(a) / sizeof((a)[0]))
#define CONTRACT_SIZEOF(s, f)    sizeof(((const struct s *)0)->f)
#define CONTRACT_OFFSET_OF(s, f) offsetof(struct s, f)

/* The front part of a row, to be followed by .unit, .description and .entities. */
#define NUMBER(s, f, key, places, lowest, highest)                                                 \
    .path = (key), .type = CONTRACT_NUMBER, .offset = CONTRACT_OFFSET_OF(s, f),                    \
    .decimals = (places), .min = (lowest), .max = (highest), .nullable = true
#define TEXT(s, f, key)                                                                            \
    .path = (key), .type = CONTRACT_STRING, .offset = CONTRACT_OFFSET_OF(s, f),                    \
    .size = CONTRACT_SIZEOF(s, f)
#define WORD(s, f, key, list)                                                                      \
    .path = (key), .type = CONTRACT_WORD, .offset = CONTRACT_OFFSET_OF(s, f),                      \
    .size = CONTRACT_SIZEOF(s, f), .words = (list)
#define ENUM(s, f, key, names)                                                                     \
    .path = (key), .type = CONTRACT_ENUM, .offset = CONTRACT_OFFSET_OF(s, f), .name = (names)
#define BOOL(s, f, key) .path = (key), .type = CONTRACT_BOOL, .offset = CONTRACT_OFFSET_OF(s, f)
#define OBJECTS(s, f, number, key, list)                                                           \
    .path = (key), .type = CONTRACT_OBJECTS, .offset = CONTRACT_OFFSET_OF(s, f),                   \
    .size = CONTRACT_SIZEOF(s, f[0]), .count = CONTRACT_SIZEOF(s, f) / CONTRACT_SIZEOF(s, f[0]),   \
    .n_offset = CONTRACT_OFFSET_OF(s, number), .rows = (list), .n_rows = CONTRACT_N(list)
#define TIME(s, f, key, precision)                                                                 \
    .path = (key), .type = (precision), .offset = CONTRACT_OFFSET_OF(s, f)
#define TEXTS(s, f, key, number)                                                                   \
    .path = (key), .type = CONTRACT_STRINGS, .offset = CONTRACT_OFFSET_OF(s, f),                   \
    .size = CONTRACT_SIZEOF(s, f[0]), .count = CONTRACT_SIZEOF(s, f) / CONTRACT_SIZEOF(s, f[0]),   \
    .n_offset = CONTRACT_OFFSET_OF(s, number)

#define PATTERN_ID      "^[a-z0-9_-]{1,31}$"
#define PATTERN_ADDRESS "^([0-9A-F]{2}:){5}[0-9A-F]{2}$"
#define PATTERN_SESSION "^[A-Za-z0-9][A-Za-z0-9_.+-]{0,62}$"
#define PATTERN_DAY     "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"

const char *contract_clock_name(int value); /* contract_gateway.c */

extern const struct contract_row contract_info_rows[];
extern const size_t contract_n_info_rows;
extern const struct contract_row contract_health_rows[];
extern const size_t contract_n_health_rows;
extern const struct contract_row contract_sensor_rows[];
extern const size_t contract_n_sensor_rows;
extern const struct contract_row contract_live_rows[];
extern const size_t contract_n_live_rows;
extern const struct contract_row contract_session_rows[];
extern const size_t contract_n_session_rows;
extern const struct contract_row contract_week_rows[];
extern const size_t contract_n_week_rows;
extern const struct contract_row contract_note_rows[];
extern const size_t contract_n_note_rows;
extern const struct contract_row contract_alert_rows[];
extern const size_t contract_n_alert_rows;
extern const struct contract_row contract_notice_rows[];
extern const size_t contract_n_notice_rows;
extern const struct contract_row contract_import_rows[];
extern const size_t contract_n_import_rows;
extern const struct contract_row contract_event_rows[];
extern const size_t contract_n_event_rows;
extern const struct contract_row contract_response_rows[];
extern const size_t contract_n_response_rows;
