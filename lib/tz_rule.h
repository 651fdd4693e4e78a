/* SPDX-License-Identifier: MIT */
#pragma once
/* When the clocks are set in years to come: the rule in the footer of a TZif file. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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

/* The footer alone: "CET-1CEST,M3.5.0,M10.5.0/3". false: no such rule, *ret is untouched. */
bool tz_parse_rule(struct tz_rule *ret, const char *text, size_t length);
/* Seconds east of UTC by the rule alone, in years -9999 to 9999. */
int32_t tz_rule_offset_s(const struct tz_rule *rule, int64_t utc_s);
