/* SPDX-License-Identifier: MIT */
#pragma once
/* Between the files of the FIT decoder. */
#include "lib/activity/fit.h"

#define FIT_EPOCH_S INT64_C(631065600) /* 1989-12-31T00:00:00Z */

enum fit_type {
    FIT_TYPE_ENUM,
    FIT_TYPE_SINT8,
    FIT_TYPE_UINT8,
    FIT_TYPE_SINT16,
    FIT_TYPE_UINT16,
    FIT_TYPE_SINT32,
    FIT_TYPE_UINT32,
    FIT_TYPE_STRING,
    FIT_TYPE_FLOAT32,
    FIT_TYPE_FLOAT64,
    FIT_TYPE_UINT8Z,
    FIT_TYPE_UINT16Z,
    FIT_TYPE_UINT32Z,
    FIT_TYPE_BYTE,
    FIT_TYPE_SINT64,
    FIT_TYPE_UINT64,
    FIT_TYPE_UINT64Z,
};

enum fit_message_number {
    FIT_MESSAGE_FILE_ID = 0,
    FIT_MESSAGE_SPORT = 12,
    FIT_MESSAGE_SESSION = 18,
    FIT_MESSAGE_LAP = 19,
    FIT_MESSAGE_RECORD = 20,
    FIT_MESSAGE_EVENT = 21,
    FIT_MESSAGE_DEVICE_INFO = 23,
    FIT_MESSAGE_HRV = 78,
    FIT_MESSAGE_HR = 132,
};

/* of a device: a part of the recorder itself, namely this */
enum { FIT_SOURCE_LOCAL = 5, FIT_LOCAL_BAROMETER = 4 };

/* Which of raws[] a message keeps what in. */
enum { FIT_RAW_NAME = 0, FIT_RAW_COMPRESSED = 0, FIT_RAW_INTERVALS = 0 };
enum { FIT_RAW_BPM = 0, FIT_RAW_BEATS = 1, FIT_RAW_BEATS_12 = 2 };

/* Bytes of one value of a type; 0 for a type that is not known. */
size_t fit_type_width(uint8_t type);
/* The index-th value in the bytes of a field; NAN when it is invalid or not there. */
double fit_number(uint8_t type, bool big_endian, const uint8_t *bytes, size_t size, size_t index);

/* A date of the file, in UTC. */
int64_t fit_usec(uint32_t timestamp);

/* Writes it, little-endian: the value of an integer type that is nearest, "invalid" for NAN and for
 * what the type cannot say. Returns its bytes, 1 to 4. */
size_t fit_number_put(uint8_t type, double number, uint8_t *ret);
/* CRC-16 with the polynomial 0xA001 (reflected); begins at 0. */
uint16_t fit_checksum_add(uint16_t sum, const uint8_t *bytes, size_t length);

/* The table of fields: which row, 0 = not read. */
uint8_t fit_field_row(uint16_t message, uint8_t field);
/* Puts the bytes of a field where its row says. */
void fit_field_store(uint8_t row, uint8_t type, const uint8_t *bytes, size_t size,
                     struct fit_message *message);
void fit_message_begin(struct fit_message *message, uint16_t number, bool big_endian);

/* A message is whole: its facts go to the sink. */
void fit_message_done(struct fit *fit);
void fit_heart_message(struct fit *fit, const struct fit_message *message);

/* A number of the profile: 0 to 65535, or -1. A file may define any field with any type. */
int fit_small(double number);
enum activity_sport fit_sport(double number);
double fit_sport_number(enum activity_sport sport);
bool fit_sub_sport_indoors(int sub_sport);
enum activity_kind fit_kind(double number);
/* "garmin", or the number; "" for NAN. */
void fit_maker(double number, char ret[ACTIVITY_TEXT_MAX]);
