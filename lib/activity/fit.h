/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * FIT, Garmin's "Flexible and Interoperable Data Transfer" (developer.garmin.com/fit/protocol). The
 * facts are its; the decoder and its tables are ours. Bytes come in as they come, facts go out.
 *
 *   | header 12 or 14 | data: records .... | CRC 2 |  and again, for a chained file
 *
 *   header  size(1) protocol(1) profile(2) data size(4) ".FIT" [CRC(2)]
 *   record  definition: 01D0LLLL 0 order(1) message(2) n(1) n x {field, size, type}
 *                       [D: m(1) m x {field, size, developer}]
 *           data:       0000LLLL the fields of definition L, in its order and byte order
 *           data:       1LLOOOOO the same, and its time is OOOOO (5 bits) seconds further
 *
 * A definition names what follows under its local number L (0 to 15) until the next one of that
 * number. So any message can be skipped unread, and no message can be read without what came before:
 * an undefined L means that the place in the file is lost.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/activity/activity.h"

#define FIT_FIELDS_MAX 255
#define FIT_LOCALS     16
#define FIT_RAWS       3 /* fields of one message that are kept as bytes */

/* Which step of the grammar the bytes being gathered belong to. */
enum fit_step {
    FIT_STEP_HEADER_SIZE,
    FIT_STEP_HEADER,
    FIT_STEP_RECORD,
    FIT_STEP_DEFINITION,
    FIT_STEP_FIELDS,
    FIT_STEP_DEVELOPER_COUNT,
    FIT_STEP_DEVELOPER_FIELDS,
    FIT_STEP_VALUE,
    FIT_STEP_DEVELOPER_VALUES,
    FIT_STEP_CHECKSUM,
    FIT_STEP_OVER, /* nothing more is taken */
};

struct fit_definition {
    bool known, big_endian;
    uint16_t message;
    uint8_t n_fields;
    uint32_t developer_bytes; /* skipped */
    struct {
        uint8_t number, size, type;
        uint8_t row; /* in the table of fields; 0 = not read */
    } fields[FIT_FIELDS_MAX];
};

/* What a field means to us, whatever message it stands in. */
enum fit_value {
    FIT_TIMESTAMP, /* seconds since FIT's epoch */
    FIT_START,
    FIT_ELAPSED, /* s */
    FIT_TIMER,   /* s */
    FIT_DISTANCE,
    FIT_CYCLES,
    FIT_CYCLES_FRACTION,
    FIT_SPEED,
    FIT_ENHANCED_SPEED,
    FIT_HEART_RATE,
    FIT_HEART_RATE_MAX,
    FIT_CADENCE,
    FIT_CADENCE_FRACTION,
    FIT_CADENCE_256,
    FIT_POWER,
    FIT_ASCENT,
    FIT_DESCENT,
    FIT_SPORT,
    FIT_SUB_SPORT,
    FIT_LATITUDE, /* semicircles */
    FIT_LONGITUDE,
    FIT_ALTITUDE,
    FIT_ENHANCED_ALTITUDE,
    FIT_TEMPERATURE,
    FIT_GRADE,
    FIT_KIND,
    FIT_MAKER,
    FIT_PRODUCT,
    FIT_EVENT,
    FIT_EVENT_TYPE,
    FIT_DEVICE_TYPE,
    FIT_SOURCE_TYPE,
    FIT_FRACTION, /* s, of the timestamp */
    FIT_VALUES,
};

struct fit_raw {
    uint8_t type, size; /* size 0 = not in this message */
    uint8_t bytes[255];
};

/* One data message while it is read, and when it is whole. */
struct fit_message {
    uint16_t number;
    bool big_endian;
    double values[FIT_VALUES]; /* NAN = not given */
    struct fit_raw raws[FIT_RAWS];
};

/* Heart rate of a strap's own memory is written as runs of beat times that count on from one that
 * has a date (fit_heart.c). */
struct fit_heart {
    bool anchored;
    int64_t anchor_usec;  /* UTC of the anchor */
    uint32_t anchor_1024; /* the strap's clock at the anchor */
    uint32_t latest_1024; /* and at the last beat */
};

struct fit {
    struct activity_sink sink;
    uint64_t at_byte; /* taken so far */
    int n_files;      /* headers seen */

    enum fit_step step;
    size_t n_gathered, n_wanted;
    uint8_t gathered[3 * FIT_FIELDS_MAX];

    uint64_t data_left; /* of this file, before its CRC */
    bool endless;       /* its header does not say */
    uint16_t checksum;

    struct fit_definition definitions[FIT_LOCALS];
    int local;           /* being defined, or whose message is being read */
    bool with_developer; /* the definition being read says so */
    unsigned field;      /* next of the message */
    uint32_t skip;       /* developer bytes still to come */
    struct fit_message message;

    enum activity_kind kind; /* of this file of the chain */
    bool have_timestamp;
    uint32_t timestamp; /* s since FIT's epoch, of the last message that had one */
    bool have_accumulated;
    uint32_t accumulated_16; /* 1/16 m, of compressed distances */
    struct fit_heart heart;
};

void fit_init(struct fit *fit, const struct activity_sink *sink);
/* false: nothing more is wanted, the trouble was told. */
bool fit_feed(struct fit *fit, const uint8_t *bytes, size_t length);
/* No more bytes will come. */
void fit_end(struct fit *fit);
