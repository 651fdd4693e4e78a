/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * Local time of one zone, from the bytes of a TZif file (RFC 8536, versions 1 to 4): what offset
 * held, or will hold, at a UTC second. The C library's zone is one for the whole process; ours is
 * one a runner. Leap seconds are not counted (nobody's clock shows them).
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/tz_rule.h"

enum tz_result {
    TZ_OK,
    TZ_E_FORMAT, /* not a TZif file, cut, or with numbers that cannot be */
    TZ_E_FOOTER, /* the rule for later times makes no sense */
    TZ_E_LEAP,   /* a zone of the `right` kind, which counts leap seconds */
};

struct tz {
    const uint8_t *times;  /* n_transitions big-endian seconds; borrowed from the file's bytes */
    const uint8_t *types;  /* as many indexes into ttinfo */
    const uint8_t *ttinfo; /* n_types of 6 bytes */
    size_t n_transitions, n_types;
    size_t time_size; /* 4 or 8 bytes */
    struct tz_rule rule;
};

struct tz_date {
    int year, month, day; /* 2026, 1..12, 1..31 */
    int hour, minute, second;
    int weekday;      /* 0 = Sunday */
    int32_t offset_s; /* local minus UTC */
};

/* A name of the database, as "Europe/Berlin": one that leads out of its folder is none. */
#define TZ_NAME_MAX 64
bool tz_name_is_valid(const char *name);

/* UTC, for a zone that is not known. */
void tz_init_utc(struct tz *ret);
/* Bytes are borrowed and must outlive ret. Other than TZ_OK: ret is untouched. */
enum tz_result tz_init(struct tz *ret, const uint8_t *bytes, size_t length);
/* Seconds east of UTC at a UTC second. */
int32_t tz_offset_s(const struct tz *tz, int64_t utc_s);
/* Local calendar of a UTC second; years -9999 to 9999 (beyond: clamped). */
void tz_local(const struct tz *tz, int64_t utc_s, struct tz_date *ret);
/* The local day as YYYY-MM-DD; "" outside of years 0 to 9999. */
void tz_day_text(const struct tz *tz, int64_t utc_s, char ret[11]);
