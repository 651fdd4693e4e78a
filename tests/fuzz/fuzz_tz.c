/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a TZif file, and as the rule in its footer: offsets stay within what there is on
 * Earth (26 hours; a rule alone may say 25), and dates are dates.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "lib/tz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const int64_t moments[] = { INT64_MIN, -377705116800, -2208988800, -1,       0,
                                   951782400, 1772402400,    4102444800,  INT64_MAX };

static void check(bool holds)
{
    if (!holds)
        abort();
}

static void check_zone(const struct tz *tz)
{
    for (size_t i = 0; i < sizeof(moments) / sizeof(moments[0]); i++) {
        struct tz_date date;
        char day[11];
        tz_local(tz, moments[i], &date);
        check(abs(date.offset_s) <= 26 * 3600);
        check(date.month >= 1 && date.month <= 12 && date.day >= 1 && date.day <= 31);
        check(date.hour >= 0 && date.hour < 24 && date.weekday >= 0 && date.weekday < 7);
        tz_day_text(tz, moments[i], day);
        check(strlen(day) == 0 || strlen(day) == 10);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tz tz;

    if (tz_init(&tz, data, size) == TZ_OK)
        check_zone(&tz);
    tz_init_utc(&tz);
    if (tz_parse_rule(&tz.rule, (const char *)data, size))
        check_zone(&tz);
    return 0;
}
