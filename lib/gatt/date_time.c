/* SPDX-License-Identifier: MIT */
/*
 *  0      2       3     4      5        6
 * +------+-------+-----+------+--------+--------+
 * | year | month | day | hour | minute | second |
 * | u16  | u8    | u8  | u8   | u8     | u8     |
 * +------+-------+-----+------+--------+--------+
 *
 * Year 1582 (the first of the calendar) to 9999. A year, month or day of 0 is one that is not known.
 */
#include "lib/gatt/date_time.h"

#define YEAR_MIN 1582
#define YEAR_MAX 9999

bool date_time_pull(struct bytes *bytes, struct date_time *ret)
{
    struct bytes at = *bytes;
    struct date_time value;

    if (!pull_le16(&at, &value.year) || !pull_u8(&at, &value.month) || !pull_u8(&at, &value.day) ||
        !pull_u8(&at, &value.hour) || !pull_u8(&at, &value.minute) || !pull_u8(&at, &value.second))
        return false;
    *bytes = at;
    *ret = value;
    return true;
}

static int days_of(int year, int month)
{
    static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return days[month - 1] + (month == 2 && leap);
}

bool date_time_is_whole(const struct date_time *when)
{
    if (when->year < YEAR_MIN || when->year > YEAR_MAX || when->month < 1 || when->month > 12)
        return false;
    return when->day >= 1 && when->day <= days_of(when->year, when->month) && when->hour < 24 &&
           when->minute < 60 && when->second < 60;
}
