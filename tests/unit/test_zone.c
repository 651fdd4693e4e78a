/* SPDX-License-Identifier: MIT */
/* The machine's own zones, each against what glibc makes of it, and names that lead elsewhere. */
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>
#include "daemon/util.h"
#include "daemon/zone.h"

#define FOLDER "/usr/share/zoneinfo"

static size_t zones, readings;

static void compare_at(const struct zone *zone, const char *name, time_t utc_s)
{
    struct tm tm;
    struct tz_date date;

    assert_non_null(localtime_r(&utc_s, &tm));
    tz_local(zone_tz(zone), utc_s, &date);
    readings++;
    if (date.offset_s != tm.tm_gmtoff || date.year != tm.tm_year + 1900 ||
        date.month != tm.tm_mon + 1 || date.day != tm.tm_mday || date.hour != tm.tm_hour ||
        date.minute != tm.tm_min || date.second != tm.tm_sec || date.weekday != tm.tm_wday)
        fail_msg("%s at %lld: %d, glibc %ld", name, (long long)utc_s, date.offset_s, tm.tm_gmtoff);
}

/* Both sides of where the offset changes within the day that begins at utc_s. */
static void compare_change(const struct zone *zone, const char *name, time_t utc_s)
{
    time_t low = utc_s, high = utc_s + 86400;

    while (high - low > 1) {
        time_t middle = low + (high - low) / 2;
        if (tz_offset_s(zone_tz(zone), middle) == tz_offset_s(zone_tz(zone), low))
            low = middle;
        else
            high = middle;
    }
    compare_at(zone, name, low);
    compare_at(zone, name, high);
}

static void compare_zone(const char *name)
{
    _cleanup_(zone_freep) struct zone *zone = NULL;
    char variable[96];

    assert_int_equal(zone_load(&zone, name), ZONE_OK);
    snprintf(variable, sizeof(variable), ":%s", name);
    setenv("TZ", variable, 1);
    tzset();
    zones++;
    for (time_t t = -2208988800; t < 7258118400; t += 7 * 86400 * 9 + 3607) /* 1900 to 2200 */
        compare_at(zone, name, t);
    for (time_t t = 1577836800; t < 2240524800; t += 86400) /* each day of 2020 to 2040 */
        if (tz_offset_s(zone_tz(zone), t) != tz_offset_s(zone_tz(zone), t + 86400))
            compare_change(zone, name, t);
}

static int visit(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    const char *name = path + strlen(FOLDER) + 1;
    char magic[4] = "";
    FILE *file;

    if (type != FTW_F || strncmp(name, "right/", 6) == 0 || strncmp(name, "posix/", 6) == 0 ||
        strchr(name, '.') || !(file = fopen(path, "re")))
        return 0;
    size_t n = fread(magic, 1, sizeof(magic), file);
    fclose(file);
    if (n == sizeof(magic) && memcmp(magic, "TZif", 4) == 0)
        compare_zone(name);
    return 0;
}

static void test_every_zone_as_glibc_reads_it(void **state)
{
    if (access(FOLDER "/Europe/Berlin", R_OK) != 0) {
        print_message("skipped: no zone database on this machine\n");
        skip();
    }
    assert_int_equal(nftw(FOLDER, visit, 8, FTW_PHYS), 0);
    print_message("%zu zones, %zu readings\n", zones, readings);
    assert_true(zones > 100);
}

static void test_well_known_zones(void **state)
{
    /* Links in some databases, which the walk over files leaves out. */
    static const char *const names[] = {
        "UTC",
        "Europe/Berlin",
        "Europe/Dublin",
        "Europe/Lisbon",
        "America/New_York",
        "America/St_Johns",
        "America/Sao_Paulo",
        "America/Nuuk",
        "Africa/Casablanca",
        "Africa/El_Aaiun",
        "Asia/Kolkata",
        "Asia/Kathmandu",
        "Asia/Jerusalem",
        "Asia/Tehran",
        "Asia/Gaza",
        "Australia/Lord_Howe",
        "Australia/Sydney",
        "Pacific/Apia",
        "Pacific/Kiritimati",
        "Pacific/Chatham",
        "Antarctica/Troll",
        "Etc/GMT+12",
    };

    if (access(FOLDER "/Europe/Berlin", R_OK) != 0) {
        print_message("skipped: no zone database on this machine\n");
        skip();
    }
    for (size_t i = 0; i < ELEMENTSOF(names); i++)
        compare_zone(names[i]);
}

static void test_the_machines_own_zone(void **state)
{
    _cleanup_(zone_freep) struct zone *zone = NULL;

    unsetenv("TZ");
    tzset();
    assert_int_equal(zone_load(&zone, ""), ZONE_OK);
    compare_at(zone, "/etc/localtime", 1772402400);
}

static void test_names_that_are_refused(void **state)
{
    static const struct {
        const char *name;
        int result;
    } rows[] = {
        { "../../../etc/passwd", ZONE_E_NAME },
        { "/etc/localtime", ZONE_E_NAME },
        { "Europe/../../x", ZONE_E_NAME },
        { "Europe//Berlin", ZONE_E_NAME },
        { "Europe/", ZONE_E_NAME },
        { "Europe/Ber lin", ZONE_E_NAME },
        { ".", ZONE_E_NAME },
        { "Europe/Atlantis", ZONE_E_UNKNOWN },
        { "UTC/x", ZONE_E_UNKNOWN },
    };

    for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
        struct zone *zone = (struct zone *)&zones;
        print_message("%s\n", rows[i].name);
        assert_int_equal(zone_load(&zone, rows[i].name), rows[i].result);
        assert_ptr_equal(zone, &zones); /* untouched */
    }
    if (access(FOLDER "/Europe", R_OK) == 0) {
        struct zone *zone = NULL;
        assert_int_equal(zone_load(&zone, "Europe"), ZONE_E_BROKEN); /* a folder */
    }
}

static void test_utc(void **state)
{
    _cleanup_(zone_freep) struct zone *zone = NULL;

    assert_int_equal(zone_new_utc(&zone), ZONE_OK);
    assert_int_equal(tz_offset_s(zone_tz(zone), 1772402400), 0);
    assert_null(zone_free(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_zone_as_glibc_reads_it),
        cmocka_unit_test(test_well_known_zones),
        cmocka_unit_test(test_the_machines_own_zone),
        cmocka_unit_test(test_names_that_are_refused),
        cmocka_unit_test(test_utc),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
