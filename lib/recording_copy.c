/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "lib/recording_fields.h"
#include "lib/recording_private.h"

bool recording_has_copies(char letter)
{
    return letter && strchr("ARKSG", letter);
}

size_t recording_copy_format(const char *said, size_t length, uint32_t place, char *buffer,
                             size_t size)
{
    int n = snprintf(buffer, size, "%c %" PRIu32 " %.*s", RECORDING_COPY_LETTER, place, (int)length,
                     said);

    if (n < 0 || (size_t)n + sizeof(" *0000\n") > size)
        return 0;
    snprintf(buffer + n, size - (size_t)n, " *%04x\n", recording_crc16(buffer, (size_t)n));
    return (size_t)n + strlen(" *0000\n");
}

enum recording_result recording_copy_parse(const char *line, size_t length, bool plain,
                                           struct recording_copy *ret, struct record *ret_record)
{
    size_t said = recording_said(line, length, plain);
    struct fields fields = { .at = line + 2, .end = line + said };
    struct recording_copy copy;
    struct record record;

    if (said < 2 || line[0] != RECORDING_COPY_LETTER || line[1] != ' ')
        return said ? RECORDING_E_FORM : RECORDING_E_CHECKSUM;
    copy.place = (uint32_t)fields_integer(&fields, 0, UINT32_MAX);
    if (fields.bad || fields.at == fields.end)
        return RECORDING_E_FORM;
    copy.at = (size_t)(fields.at - line) + 1;
    copy.said = said - copy.at;
    if (recording_parse(line + copy.at, copy.said, true, &record) != RECORDING_OK ||
        !recording_has_copies(line[copy.at]))
        return RECORDING_E_FORM;
    *ret = copy;
    *ret_record = record;
    return RECORDING_OK;
}
