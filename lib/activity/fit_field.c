/* SPDX-License-Identifier: MIT */
/*
 * The fields we read, of the messages we read: numbers, scales and offsets as in the public profile
 * of the protocol (value = written / scale - offset). Everything else in a file is skipped. A row
 * is looked up once for each field of a definition, not for each message.
 */
#include <math.h>
#include <string.h>
#include "lib/activity/fit_private.h"

#define RAW(n) (FIT_VALUES + (n))
#define SECOND 1000 /* times are in ms */
#define CM     100  /* distances are in cm */

static const struct {
    uint16_t message;
    uint8_t field;
    uint8_t value; /* enum fit_value, or RAW() */
    double scale, offset;
} rows[] = {
    { 0 }, /* row 0 means "not read" */

    { FIT_MESSAGE_FILE_ID, 0, FIT_KIND, 1, 0 },
    { FIT_MESSAGE_FILE_ID, 1, FIT_MAKER, 1, 0 },
    { FIT_MESSAGE_FILE_ID, 2, FIT_PRODUCT, 1, 0 },
    { FIT_MESSAGE_FILE_ID, 4, FIT_TIMESTAMP, 1, 0 },
    { FIT_MESSAGE_FILE_ID, 8, RAW(FIT_RAW_NAME), 1, 0 },

    { FIT_MESSAGE_SPORT, 0, FIT_SPORT, 1, 0 },
    { FIT_MESSAGE_SPORT, 1, FIT_SUB_SPORT, 1, 0 },

    { FIT_MESSAGE_SESSION, 253, FIT_TIMESTAMP, 1, 0 },
    { FIT_MESSAGE_SESSION, 2, FIT_START, 1, 0 },
    { FIT_MESSAGE_SESSION, 5, FIT_SPORT, 1, 0 },
    { FIT_MESSAGE_SESSION, 6, FIT_SUB_SPORT, 1, 0 },
    { FIT_MESSAGE_SESSION, 7, FIT_ELAPSED, SECOND, 0 },
    { FIT_MESSAGE_SESSION, 8, FIT_TIMER, SECOND, 0 },
    { FIT_MESSAGE_SESSION, 9, FIT_DISTANCE, CM, 0 },
    { FIT_MESSAGE_SESSION, 10, FIT_CYCLES, 1, 0 },
    { FIT_MESSAGE_SESSION, 94, FIT_CYCLES_FRACTION, 128, 0 },
    { FIT_MESSAGE_SESSION, 16, FIT_HEART_RATE, 1, 0 },
    { FIT_MESSAGE_SESSION, 17, FIT_HEART_RATE_MAX, 1, 0 },
    { FIT_MESSAGE_SESSION, 18, FIT_CADENCE, 1, 0 },
    { FIT_MESSAGE_SESSION, 92, FIT_CADENCE_FRACTION, 128, 0 },
    { FIT_MESSAGE_SESSION, 22, FIT_ASCENT, 1, 0 },
    { FIT_MESSAGE_SESSION, 23, FIT_DESCENT, 1, 0 },

    { FIT_MESSAGE_LAP, 253, FIT_TIMESTAMP, 1, 0 },
    { FIT_MESSAGE_LAP, 2, FIT_START, 1, 0 },
    { FIT_MESSAGE_LAP, 7, FIT_ELAPSED, SECOND, 0 },
    { FIT_MESSAGE_LAP, 8, FIT_TIMER, SECOND, 0 },
    { FIT_MESSAGE_LAP, 9, FIT_DISTANCE, CM, 0 },
    { FIT_MESSAGE_LAP, 21, FIT_ASCENT, 1, 0 },
    { FIT_MESSAGE_LAP, 22, FIT_DESCENT, 1, 0 },

    { FIT_MESSAGE_RECORD, 253, FIT_TIMESTAMP, 1, 0 },
    { FIT_MESSAGE_RECORD, 0, FIT_LATITUDE, 1, 0 },
    { FIT_MESSAGE_RECORD, 1, FIT_LONGITUDE, 1, 0 },
    { FIT_MESSAGE_RECORD, 2, FIT_ALTITUDE, 5, 500 },
    { FIT_MESSAGE_RECORD, 3, FIT_HEART_RATE, 1, 0 },
    { FIT_MESSAGE_RECORD, 4, FIT_CADENCE, 1, 0 },
    { FIT_MESSAGE_RECORD, 5, FIT_DISTANCE, CM, 0 },
    { FIT_MESSAGE_RECORD, 6, FIT_SPEED, 1000, 0 },
    { FIT_MESSAGE_RECORD, 7, FIT_POWER, 1, 0 },
    { FIT_MESSAGE_RECORD, 8, RAW(FIT_RAW_COMPRESSED), 1, 0 },
    { FIT_MESSAGE_RECORD, 9, FIT_GRADE, 100, 0 },
    { FIT_MESSAGE_RECORD, 13, FIT_TEMPERATURE, 1, 0 },
    { FIT_MESSAGE_RECORD, 52, FIT_CADENCE_256, 256, 0 },
    { FIT_MESSAGE_RECORD, 53, FIT_CADENCE_FRACTION, 128, 0 },
    { FIT_MESSAGE_RECORD, 73, FIT_ENHANCED_SPEED, 1000, 0 },
    { FIT_MESSAGE_RECORD, 78, FIT_ENHANCED_ALTITUDE, 5, 500 },

    { FIT_MESSAGE_EVENT, 253, FIT_TIMESTAMP, 1, 0 },
    { FIT_MESSAGE_EVENT, 0, FIT_EVENT, 1, 0 },
    { FIT_MESSAGE_EVENT, 1, FIT_EVENT_TYPE, 1, 0 },

    { FIT_MESSAGE_DEVICE_INFO, 253, FIT_TIMESTAMP, 1, 0 },
    { FIT_MESSAGE_DEVICE_INFO, 1, FIT_DEVICE_TYPE, 1, 0 },
    { FIT_MESSAGE_DEVICE_INFO, 2, FIT_MAKER, 1, 0 },
    { FIT_MESSAGE_DEVICE_INFO, 4, FIT_PRODUCT, 1, 0 },
    { FIT_MESSAGE_DEVICE_INFO, 25, FIT_SOURCE_TYPE, 1, 0 },
    { FIT_MESSAGE_DEVICE_INFO, 27, RAW(FIT_RAW_NAME), 1, 0 },

    { FIT_MESSAGE_HRV, 0, RAW(FIT_RAW_INTERVALS), 1, 0 },

    { FIT_MESSAGE_HR, 253, FIT_TIMESTAMP, 1, 0 },
    { FIT_MESSAGE_HR, 0, FIT_FRACTION, 32768, 0 },
    { FIT_MESSAGE_HR, 1, FIT_FRACTION, 256, 0 },
    { FIT_MESSAGE_HR, 6, RAW(FIT_RAW_BPM), 1, 0 },
    { FIT_MESSAGE_HR, 9, RAW(FIT_RAW_BEATS), 1, 0 },
    { FIT_MESSAGE_HR, 10, RAW(FIT_RAW_BEATS_12), 1, 0 },
};

uint8_t fit_field_row(uint16_t message, uint8_t field)
{
    for (size_t i = 1; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (rows[i].message == message && rows[i].field == field)
            return (uint8_t)i;
    return 0;
}

void fit_message_begin(struct fit_message *message, uint16_t number, bool big_endian)
{
    message->number = number;
    message->big_endian = big_endian;
    for (size_t i = 0; i < FIT_VALUES; i++)
        message->values[i] = NAN;
    for (size_t i = 0; i < FIT_RAWS; i++)
        message->raws[i].size = 0;
}

static void store_raw(struct fit_raw *raw, uint8_t type, const uint8_t *bytes, size_t size)
{
    raw->type = type;
    raw->size = (uint8_t)size;
    memcpy(raw->bytes, bytes, size);
}

void fit_field_store(uint8_t row, uint8_t type, const uint8_t *bytes, size_t size,
                     struct fit_message *message)
{
    double number;

    if (row == 0)
        return;
    if (rows[row].value >= FIT_VALUES) {
        store_raw(&message->raws[rows[row].value - FIT_VALUES], type, bytes, size);
        return;
    }
    number = fit_number(type, message->big_endian, bytes, size, 0);
    if (!isnan(number)) /* an invalid one leaves alone what a compressed header said */
        message->values[rows[row].value] = number / rows[row].scale - rows[row].offset;
}
