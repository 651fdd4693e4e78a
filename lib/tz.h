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

enum tz_result {
    TZ_OK,
    TZ_E_FORMAT, /* not a TZif file, cut, or with numbers that cannot be */
    TZ_E_FOOTER, /* the rule for later times makes no sense */
    TZ_E_LEAP,   /* a zone of the `right` kind, which counts leap seconds */
};

/* One day of the year on which the clock is set, of a rule such as M10.5.0/3. */
struct tz_day {
    enum { TZ_DAY_JULIAN, TZ_DAY_ZERO, TZ_DAY_MONTH } kind; /* Jn, n, Mm.w.d */
    int month, week, day;
    int32_t time_s; /* after local midnight; may be negative or beyond a day */
};

struct tz_rule { /* the footer: what holds after the last transition */
    bool known;
    bool has_dst;
    int32_t std_offset_s, dst_offset_s; /* east of UTC is positive */
    struct tz_day start, end;           /* of daylight saving time */
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

/* Days since 1970-01-01 of a date of the proleptic Gregorian calendar, and back. */
int64_t tz_days_from_date(int year, int month, int day);
void tz_date_from_days(int64_t days, int *ret_year, int *ret_month, int *ret_day);

/* The footer alone: "CET-1CEST,M3.5.0,M10.5.0/3". */
bool tz_parse_rule(struct tz_rule *ret, const char *text, size_t length);
/* Offset by a rule alone, in years -9999 to 9999. */
int32_t tz_rule_offset_s(const struct tz_rule *rule, int64_t utc_s);
