/* SPDX-License-Identifier: MIT */
/*
 * The footer of a TZif file: what holds after its last transition, in the form of POSIX's TZ with
 * the extension of RFC 8536 (times of day from -167 to 167 hours).
 *
 *   CET-1CEST,M3.5.0,M10.5.0/3
 *   \_/\/\__/ \____/ \_______/
 *    |  |  |    |        end of daylight saving time: last Sunday of October, 03:00
 *    |  |  |    start: last Sunday (0) of March, 02:00 as nothing else is said
 *    |  |  name of daylight saving time; an offset may follow, else one hour more
 *    |  offset, west of Greenwich positive
 *    name, or <+01> in angles
 */
#include "lib/tz_rule.h"

#include <string.h>
#include "lib/civil.h"

#define DAY_S 86400

struct cursor {
    const char *at, *end;
};

static bool take(struct cursor *cursor, char c)
{
    if (cursor->at == cursor->end || *cursor->at != c)
        return false;
    cursor->at++;
    return true;
}

static bool take_number(struct cursor *cursor, int lowest, int highest, int *ret)
{
    const char *start = cursor->at;
    int value = 0;

    while (cursor->at < cursor->end && *cursor->at >= '0' && *cursor->at <= '9' && value <= highest)
        value = value * 10 + (*cursor->at++ - '0');
    if (cursor->at == start || value < lowest || value > highest)
        return false;
    *ret = value;
    return true;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* At least three letters, or any of letters, digits, + and - in angles. */
static bool take_name(struct cursor *cursor)
{
    const char *start = cursor->at;

    if (take(cursor, '<')) {
        while (cursor->at < cursor->end && *cursor->at != '>')
            cursor->at++;
        return take(cursor, '>');
    }
    while (cursor->at < cursor->end && is_letter(*cursor->at))
        cursor->at++;
    return cursor->at - start >= 3;
}

/* [+-]hh[:mm[:ss]] */
static bool take_time(struct cursor *cursor, int most_hours, int32_t *ret_s)
{
    bool negative = take(cursor, '-');
    int hours, minutes = 0, seconds = 0;

    if (!negative)
        take(cursor, '+');
    if (!take_number(cursor, 0, most_hours, &hours))
        return false;
    if (take(cursor, ':') && !take_number(cursor, 0, 59, &minutes))
        return false;
    if (take(cursor, ':') && !take_number(cursor, 0, 59, &seconds))
        return false;
    *ret_s = (hours * 3600 + minutes * 60 + seconds) * (negative ? -1 : 1);
    return true;
}

static bool take_day(struct cursor *cursor, struct tz_day *ret)
{
    *ret = (struct tz_day){ .time_s = 2 * 3600 };
    if (!take(cursor, ','))
        return false;
    if (take(cursor, 'M')) {
        ret->kind = TZ_DAY_MONTH;
        if (!take_number(cursor, 1, 12, &ret->month) || !take(cursor, '.') ||
            !take_number(cursor, 1, 5, &ret->week) || !take(cursor, '.') ||
            !take_number(cursor, 0, 6, &ret->day))
            return false;
    } else {
        ret->kind = take(cursor, 'J') ? TZ_DAY_JULIAN : TZ_DAY_ZERO;
        if (!take_number(cursor, ret->kind == TZ_DAY_JULIAN, 365, &ret->day))
            return false;
    }
    return !take(cursor, '/') || take_time(cursor, 167, &ret->time_s);
}

static bool take_dst(struct cursor *cursor, struct tz_rule *rule)
{
    int32_t west_s;

    rule->has_dst = true;
    rule->dst_offset_s = rule->std_offset_s + 3600;
    if (!take_name(cursor))
        return false;
    if (cursor->at < cursor->end && *cursor->at != ',') {
        if (!take_time(cursor, 24, &west_s))
            return false;
        rule->dst_offset_s = -west_s;
    }
    return take_day(cursor, &rule->start) && take_day(cursor, &rule->end);
}

bool tz_parse_rule(struct tz_rule *ret, const char *text, size_t length)
{
    struct cursor cursor = { text, text + length };
    struct tz_rule rule = { .known = true };
    int32_t west_s;

    if (!take_name(&cursor) || !take_time(&cursor, 24, &west_s))
        return false;
    rule.std_offset_s = -west_s;
    if (cursor.at < cursor.end && !take_dst(&cursor, &rule))
        return false;
    if (cursor.at != cursor.end)
        return false;
    *ret = rule;
    return true;
}

/* ---- When the clock is set in a year */

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* Day of the week-th weekday of a month, the fifth being the last. */
static int64_t day_of_month_rule(const struct tz_day *day, int year)
{
    int64_t first = civil_to_days(year, day->month, 1);
    int64_t next =
        day->month == 12 ? civil_to_days(year + 1, 1, 1) : civil_to_days(year, day->month + 1, 1);
    int weekday = (int)(((first + 4) % 7 + 7) % 7); /* 1970-01-01 was a Thursday */
    int64_t days = first + (day->day - weekday + 7) % 7 + (day->week - 1) * 7;

    return days < next ? days : days - 7;
}

/* Local seconds since the epoch, by the clock that held before. */
static int64_t moment(const struct tz_day *day, int year)
{
    int64_t days = 0;

    switch (day->kind) {
    case TZ_DAY_JULIAN: /* 1..365, 29 February is never counted */
        days = civil_to_days(year, 1, 1) + day->day - 1 + (is_leap(year) && day->day >= 60);
        break;
    case TZ_DAY_ZERO: /* 0..365, it is */
        days = civil_to_days(year, 1, 1) + day->day;
        break;
    case TZ_DAY_MONTH:
        days = day_of_month_rule(day, year);
        break;
    }
    return days * DAY_S + day->time_s;
}

int32_t tz_rule_offset_s(const struct tz_rule *rule, int64_t utc_s)
{
    int64_t days =
        (utc_s + rule->std_offset_s) / DAY_S - ((utc_s + rule->std_offset_s) % DAY_S < 0);
    int64_t start, end;
    int year, month, day;
    bool dst;

    if (!rule->has_dst)
        return rule->std_offset_s;
    civil_from_days(days, &year, &month, &day);
    start = moment(&rule->start, year) - rule->std_offset_s;
    end = moment(&rule->end, year) - rule->dst_offset_s;
    dst = start < end ? utc_s >= start && utc_s < end : utc_s >= start || utc_s < end;
    return dst ? rule->dst_offset_s : rule->std_offset_s;
}
