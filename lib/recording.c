/* SPDX-License-Identifier: MIT */
/*
 * Lines of a recording, to and from structs. Text, because the person who sends a bug report and the
 * one who reads it both want to see what is in it, and because a line that stands alone can be lost
 * alone. Sizes: two sensors at 1 Hz make 6 KB a minute.
 */
#include "lib/recording_private.h"

#include <string.h>

const char *const recording_unit_names[] = {
    [CONF_CADENCE_AUTO] = "auto",
    [CONF_CADENCE_STEPS] = "steps",
    [CONF_CADENCE_STRIDES] = "strides",
};
const char *const recording_sex_names[] = {
    [CONF_SEX_UNKNOWN] = "-",
    [CONF_SEX_FEMALE] = "female",
    [CONF_SEX_MALE] = "male",
};
const char *const recording_end_names[] = {
    [RECORD_END_TOLD] = "told",
    [RECORD_END_IDLE] = "idle",
    [RECORD_END_DISCARDED] = "discarded",
};

/* CRC-16/CCITT-FALSE: polynomial 0x1021, start 0xffff. One wrong line in 65,536 may pass; what it
 * says is still checked field by field. */
uint16_t recording_crc16(const char *text, size_t length)
{
    uint16_t crc = 0xffff;

    for (size_t i = 0; i < length; i++) {
        crc ^= (uint16_t)((uint8_t)text[i] << 8);
        for (int bit = 0; bit < 8; bit++)
            crc = (uint16_t)(crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1);
    }
    return crc;
}

bool recording_is_plain(const char *first_line, size_t length)
{
    static const char plain[] = RECORDING_HEADER " plain";

    return length == sizeof(plain) - 1 && memcmp(first_line, plain, length) == 0;
}

bool recording_next_line(const char *text, size_t length, size_t *cursor, const char **ret_line,
                         size_t *ret_length)
{
    const char *start = text + *cursor, *newline;

    if (*cursor >= length)
        return false;
    newline = memchr(start, '\n', length - *cursor);
    if (!newline)
        return false;
    *ret_line = start;
    *ret_length = (size_t)(newline - start);
    *cursor += *ret_length + 1;
    return true;
}
