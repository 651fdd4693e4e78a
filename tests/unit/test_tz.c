/* SPDX-License-Identifier: MIT */
/* Rules, calendar and files made by hand; test_zone.c holds the machine's own against glibc. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "lib/civil.h"
#include "lib/tz.h"

static void test_rules_that_are_read(void **state)
{
    static const struct {
        const char *text;
        int64_t utc_s;
        int32_t offset_s;
    } rows[] = {
        { "UTC0", 0, 0 },
        { "<+0530>-5:30", 0, 19800 },
        { "<-03>3", 0, -10800 },
        { "CET-1CEST,M3.5.0,M10.5.0/3", 1774745999, 3600 }, /* 2026-03-29 00:59:59 UTC */
        { "CET-1CEST,M3.5.0,M10.5.0/3", 1774746000, 7200 }, /* 01:00:00 */
        { "CET-1CEST,M3.5.0,M10.5.0/3", 1792889999, 7200 }, /* 2026-10-25 00:59:59 */
        { "CET-1CEST,M3.5.0,M10.5.0/3", 1792890000, 3600 },
        { "AEST-10AEDT,M10.1.0,M4.1.0/3", 1767225600, 39600 }, /* January is summer */
        { "AEST-10AEDT,M10.1.0,M4.1.0/3", 1782864000, 36000 },
        { "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", 1767225600, 39600 }, /* half an hour */
        { "EST5EDT,0/0,J365/25", 1767225600, -14400 },                 /* all the year */
        { "EST5EDT,0/0,J365/25", 1782864000, -14400 },
        { "IST-2IDT,M3.4.4/26,M10.5.0", 1774569599, 7200 }, /* Thursday 26:00 is Friday 02:00 */
        { "IST-2IDT,M3.4.4/26,M10.5.0", 1774569600, 10800 },
        { "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", 1774745999, -7200 }, /* a day earlier, 23:00 */
        { "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", 1774746000, -3600 },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct tz_rule rule;
        print_message("%s at %lld\n", rows[i].text, (long long)rows[i].utc_s);
        assert_true(tz_parse_rule(&rule, rows[i].text, strlen(rows[i].text)));
        assert_int_equal(tz_rule_offset_s(&rule, rows[i].utc_s), rows[i].offset_s);
    }
}

static void test_rules_that_are_none(void **state)
{
    static const char *const rows[] = {
        "",
        "C",
        "CET",
        "CE-1",
        "CET-25",
        "CET-1:60",
        "<CET-1",
        "CET-1CEST",
        "CET-1CEST,M3.5.0",
        "CET-1CEST,M13.5.0,M10.5.0",
        "CET-1CEST,M3.6.0,M10.5.0",
        "CET-1CEST,M3.5.7,M10.5.0",
        "CET-1CEST,J0,J10",
        "CET-1CEST,J366,J10",
        "CET-1CEST,366,10",
        "CET-1CEST,M3.5.0/168,M10.5.0",
        "CET-1CEST,M3.5.0,M10.5.0/3 ",
        "CET-1CEST,M3.5.0,M10.5.0,",
        "CET-99999999999999999999",
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct tz_rule rule, untouched;
        memset(&rule, 0x55, sizeof(rule));
        untouched = rule;
        print_message("%s\n", rows[i]);
        assert_false(tz_parse_rule(&rule, rows[i], strlen(rows[i])));
        assert_memory_equal(&rule, &untouched, sizeof(rule));
    }
}

static void test_every_day_of_twenty_thousand_years(void **state)
{
    int year = -10000, month = 1, day = 1;
    int64_t first = civil_to_days(year, month, day);

    assert_int_equal(civil_to_days(1970, 1, 1), 0);
    assert_int_equal(civil_to_days(2026, 3, 1), 20513);
    for (int64_t days = first; year < 10000; days++) {
        static const int lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
        bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        int y, m, d;
        civil_from_days(days, &y, &m, &d);
        if (y != year || m != month || d != day || civil_to_days(y, m, d) != days)
            fail_msg("%d-%d-%d is %d-%d-%d", year, month, day, y, m, d);
        day++;
        if (day > lengths[month - 1] + (month == 2 && leap)) {
            day = 1;
            month = month % 12 + 1;
            year += month == 1;
        }
    }
}

static void test_days_as_they_are_written(void **state)
{
    static const struct {
        const char *text;
        int64_t day;
    } rows[] = { { "1970-01-01", 0 },      { "2026-03-01", 20513 }, { "2024-02-29", 19782 },
                 { "1969-12-31", -1 },     { "2000-02-29", 11016 }, { "9999-12-31", 2932896 },
                 { "0000-01-01", -719528 } };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int64_t day = 0x5555;
        print_message("%s\n", rows[i].text);
        assert_true(civil_read_day(rows[i].text, &day));
        assert_int_equal(day, rows[i].day);
    }
}

static void test_what_is_no_day(void **state)
{
    static const char *const rows[] = { "",           "2026-03",     "2026-03-1",   "2026-3-01",
                                        "26-03-01",   "2026-02-29",  "2100-02-29",  "2026-04-31",
                                        "2026-13-01", "2026-00-01",  "2026-01-00",  "2026-01-32",
                                        "2026/03/01", "2026-03-01 ", " 2026-03-01", "2026-03-01T00",
                                        "+026-03-01", "2026-+3-01",  "2026-03-0x",  "-026-03-01",
                                        "2026 03-01", "2026-03:01",  "20260-3-01" };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int64_t day = 0x5555;
        print_message("%s\n", rows[i]);
        assert_false(civil_read_day(rows[i], &day));
        assert_int_equal(day, 0x5555);
    }
}

/* ---- Files made here: two types, +1 h and +2 h, transitions at 1000 and 2000 */

#define V1_SIZE (44 + 2 * 5 + 2 * 6 + 4)
#define V2_SIZE (V1_SIZE + 44 + 2 * 9 + 2 * 6 + 4)

static uint8_t *put_u32(uint8_t *p, uint32_t value)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        *p++ = (uint8_t)(value >> shift);
    return p;
}

static uint8_t *put_block(uint8_t *p, char version, size_t time_size)
{
    memcpy(p, "TZif", 4);
    memset(p + 4, 0, 16);
    p[4] = (uint8_t)version;
    p += 20;
    const uint32_t counts[] = { 0, 0, 0, 2, 2, 4 };
    for (size_t i = 0; i < 6; i++)
        p = put_u32(p, counts[i]);
    for (uint32_t time = 1000; time <= 2000; time += 1000) {
        if (time_size == 8)
            p = put_u32(p, 0);
        p = put_u32(p, time);
    }
    *p++ = 1;
    *p++ = 0;
    for (uint32_t i = 0; i < 2; i++) {
        p = put_u32(p, 3600 * (i + 1));
        *p++ = (uint8_t)i;
        *p++ = 0;
    }
    memcpy(p, "ABC", 4);
    return p + 4;
}

static size_t make_file(uint8_t *bytes, char version, const char *footer)
{
    uint8_t *p = put_block(bytes, version, 4);

    if (version) {
        p = put_block(p, version, 8);
        memcpy(p, footer, strlen(footer));
        p += strlen(footer);
    }
    return (size_t)(p - bytes);
}

static void test_offsets_of_a_small_file(void **state)
{
    static const struct {
        const char *label;
        char version;
        const char *footer;
        int32_t before, between, after;
    } rows[] = {
        { "version 1", 0, "", 3600, 7200, 3600 },
        { "version 2 with a rule", '2', "\nXYZ-5\n", 3600, 7200, 18000 },
        { "version 3 without", '3', "\n\n", 3600, 7200, 3600 },
        { "version 4", '4', "\nXYZ5\n", 3600, 7200, -18000 },
    };
    uint8_t bytes[512];
    struct tz tz;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        print_message("%s\n", rows[i].label);
        size_t length = make_file(bytes, rows[i].version, rows[i].footer);
        assert_int_equal(tz_init(&tz, bytes, length), TZ_OK);
        assert_int_equal(tz_offset_s(&tz, INT64_MIN), rows[i].before);
        assert_int_equal(tz_offset_s(&tz, 999), rows[i].before);
        assert_int_equal(tz_offset_s(&tz, 1000), rows[i].between);
        assert_int_equal(tz_offset_s(&tz, 1999), rows[i].between);
        assert_int_equal(tz_offset_s(&tz, 2000), rows[i].after);
        assert_int_equal(tz_offset_s(&tz, INT64_MAX), rows[i].after);
    }
}

static void test_a_file_cut_anywhere_is_refused(void **state)
{
    uint8_t bytes[512];
    size_t length = make_file(bytes, '2', "\nXYZ-5\n");

    for (size_t cut = 0; cut < length; cut++) {
        uint8_t *copy = malloc(cut ? cut : 1); /* exactly as long, so that a byte too far is seen */
        struct tz tz, untouched;
        memset(&tz, 0x55, sizeof(tz));
        untouched = tz;
        memcpy(copy, bytes, cut);
        assert_int_not_equal(tz_init(&tz, copy, cut), TZ_OK);
        assert_memory_equal(&tz, &untouched, sizeof(tz));
        free(copy);
    }
}

static void test_numbers_that_cannot_be(void **state)
{
    static const struct {
        const char *label;
        size_t at;
        uint8_t byte;
        enum tz_result result;
    } rows[] = {
        { "another magic", 0, 't', TZ_E_FORMAT },
        { "magic of the second block", V1_SIZE, 't', TZ_E_FORMAT },
        { "four thousand million transitions", V1_SIZE + 32, 0xFF, TZ_E_FORMAT },
        { "no types", V1_SIZE + 39, 0, TZ_E_FORMAT },
        { "a type there is not", V1_SIZE + 44 + 16, 2, TZ_E_FORMAT },
        { "transitions out of order", V1_SIZE + 44, 1, TZ_E_FORMAT },
        { "an offset of a year", V1_SIZE + 44 + 18, 1, TZ_E_FORMAT },
        { "no line before the footer", V2_SIZE, 'x', TZ_E_FOOTER },
        { "a footer that is none", V2_SIZE + 1, '9', TZ_E_FOOTER },
    };
    uint8_t bytes[512];
    struct tz tz;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        print_message("%s\n", rows[i].label);
        size_t length = make_file(bytes, '2', "\nXYZ-5\n");
        bytes[rows[i].at] = rows[i].byte;
        assert_int_equal(tz_init(&tz, bytes, length), rows[i].result);
    }
}

static void test_leap_seconds_are_refused(void **state)
{
    uint8_t bytes[512] = { 0 };
    struct tz tz;
    size_t length = make_file(bytes, 0, "");

    bytes[31] = 1; /* one leap second of 8 bytes more */
    assert_int_equal(tz_init(&tz, bytes, length + 8), TZ_E_LEAP);
}

static void test_local_dates(void **state)
{
    struct tz tz;
    struct tz_date date;
    char day[11];

    tz_init_utc(&tz);
    tz_local(&tz, -1, &date);
    assert_int_equal(date.year, 1969);
    assert_int_equal(date.second, 59);
    assert_int_equal(date.weekday, 3); /* Wednesday */
    assert_true(tz_parse_rule(&tz.rule, "CET-1CEST,M3.5.0,M10.5.0/3", 26));
    tz_local(&tz, 1772402400, &date); /* 2026-03-01 22:00 UTC */
    assert_int_equal(date.hour, 23);
    assert_int_equal(date.weekday, 0);
    tz_day_text(&tz, 1772402400, day);
    assert_string_equal(day, "2026-03-01");
    tz_day_text(&tz, 1772406000, day); /* an hour later it is the next day */
    assert_string_equal(day, "2026-03-02");
    tz_day_text(&tz, INT64_MAX, day); /* an hour past 9999: clamped, and then another year */
    assert_string_equal(day, "");
    tz_day_text(&tz, INT64_MIN, day);
    assert_string_equal(day, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rules_that_are_read),
        cmocka_unit_test(test_rules_that_are_none),
        cmocka_unit_test(test_every_day_of_twenty_thousand_years),
        cmocka_unit_test(test_days_as_they_are_written),
        cmocka_unit_test(test_what_is_no_day),
        cmocka_unit_test(test_offsets_of_a_small_file),
        cmocka_unit_test(test_a_file_cut_anywhere_is_refused),
        cmocka_unit_test(test_numbers_that_cannot_be),
        cmocka_unit_test(test_leap_seconds_are_refused),
        cmocka_unit_test(test_local_dates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
