/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What the files behind recording.h share. Each calls only those below it:
 *   recording_copy.c    a line that is another's copy
 *   recording_format.c  a struct to its line
 *   recording_parse.c   a line to its struct
 *   recording_fields.c  field by field
 *   recording.c         what both need to agree in: words, checksum, where lines end
 */
#include "lib/recording.h"

extern const char *const recording_unit_names[]; /* by enum conf_cadence_unit */
extern const char *const recording_sex_names[];  /* by enum conf_sex */
extern const char *const recording_end_names[];  /* by enum record_end */

uint16_t recording_crc16(const char *text, size_t length);
