/* SPDX-License-Identifier: MIT */
/* Whose a file is, by where it lies and who is configured, and what its owner's files are read with. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "daemon/import/owners.h"

static struct conf conf;
static struct owners owners;

static void house(size_t n)
{
    static const char *const names[] = { "anna", "ben" };

    memset(&conf, 0, sizeof(conf));
    conf.n_runners = n;
    for (size_t i = 0; i < n; i++)
        snprintf(conf.runners[i].id, sizeof(conf.runners[i].id), "%s", names[i]);
    owners_set_conf(&owners, &conf);
}

static int leave(void **state)
{
    owners_done(&owners);
    return 0;
}

static void test_whose_a_file_is(void **state)
{
    static const struct {
        const char *label, *runner, *owner, *why;
        size_t n;
    } rows[] = {
        { "in the folder itself, one runner", "", "anna", NULL, 1 },
        { "in the folder itself, two runners", "", NULL, "belongs in the subfolder of one", 2 },
        { "in the folder itself, no runner", "", NULL, "no runner is configured", 0 },
        { "in a subfolder", "ben", "ben", NULL, 2 },
        { "in that of the only runner", "anna", "anna", NULL, 1 },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct folder_file file = { .name = "run.fit" };
        const char *why = NULL, *owner;

        house(rows[i].n);
        snprintf(file.runner, sizeof(file.runner), "%s", rows[i].runner);
        owner = owners_of(&owners, &file, &why);
        if (!owner != !rows[i].owner || (owner && strcmp(owner, rows[i].owner) != 0) ||
            !why != !rows[i].why || (why && !strstr(why, rows[i].why)))
            fail_msg("%s: %s, %s", rows[i].label, owner ? owner : "-", why ? why : "-");
    }
}

static void test_a_file_is_read_with_what_is_known_of_its_owner(void **state)
{
    struct orders orders = { .newest_usec = 5 };

    house(2);
    conf.runners[1].file_altitude = CONF_ALTITUDE_BAROMETRIC;
    conf.runners[1].sex = CONF_SEX_MALE;
    conf.runners[1].max_heart_rate_bpm = 185;
    conf.runners[1].rest_heart_rate_bpm = 55;
    conf.runners[1].birth_year = 1980;
    owners_orders(&owners, "carl", &orders);
    assert_false(orders.barometric);
    assert_int_equal(orders.runner.max_bpm, 0);
    owners_orders(&owners, "ben", &orders);
    assert_int_equal(orders.newest_usec, 5);
    assert_true(orders.barometric);
    assert_int_equal(orders.runner.sex, CONF_SEX_MALE);
    assert_int_equal(orders.runner.max_bpm, 185);
    assert_int_equal(orders.runner.rest_bpm, 55);
    assert_int_equal(orders.runner.birth_year, 1980);
    owners_orders(&owners, "anna", &orders);
    assert_false(orders.barometric);
    assert_int_equal(orders.runner.max_bpm, 0);
}

static void test_what_changes_what_a_file_comes_to(void **state)
{
    static const struct {
        const char *label;
        size_t offset;
    } rows[] = {
        { "MaxHeartRate", offsetof(struct conf_runner, max_heart_rate_bpm) },
        { "RestHeartRate", offsetof(struct conf_runner, rest_heart_rate_bpm) },
        { "BirthYear", offsetof(struct conf_runner, birth_year) },
    };
    uint64_t before, ben;

    house(2);
    before = owners_read_with(&owners, "anna");
    ben = owners_read_with(&owners, "ben");
    assert_true(before != 0);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int *value = (int *)((char *)&conf.runners[0] + rows[i].offset), was = *value;
        *value = 60;
        if (owners_read_with(&owners, "anna") == before)
            fail_msg("%s", rows[i].label);
        *value = was;
    }
    conf.runners[0].sex = CONF_SEX_FEMALE;
    assert_true(owners_read_with(&owners, "anna") != before);
    conf.runners[0].sex = conf.runners[1].sex;
    conf.runners[0].file_altitude = CONF_ALTITUDE_BAROMETRIC;
    assert_true(owners_read_with(&owners, "anna") != before);
    conf.runners[0].file_altitude = conf.runners[1].file_altitude;
    conf.runners[0].week_start = 3; /* what is of no file */
    assert_true(owners_read_with(&owners, "anna") == before);
    assert_true(owners_read_with(&owners, "ben") == ben);
}

static void test_days_are_those_of_the_owners_zone(void **state)
{
    const int64_t midsummer_s = 1750500000; /* 2025-06-21 */

    house(2);
    snprintf(conf.runners[0].time_zone, sizeof(conf.runners[0].time_zone), "Europe/Berlin");
    snprintf(conf.runners[1].time_zone, sizeof(conf.runners[1].time_zone), "No/Such_Zone");
    owners_set_conf(&owners, &conf);
    assert_non_null(owners_tz(&owners, "anna"));
    assert_int_equal(tz_offset_s(owners_tz(&owners, "anna"), midsummer_s), 7200);
    assert_null(owners_tz(&owners, "ben"));
    assert_null(owners_tz(&owners, "carl"));
    snprintf(conf.runners[0].time_zone, sizeof(conf.runners[0].time_zone), "Asia/Tokyo");
    owners_set_conf(&owners, &conf);
    assert_int_equal(tz_offset_s(owners_tz(&owners, "anna"), midsummer_s), 32400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_whose_a_file_is, leave),
        cmocka_unit_test_teardown(test_a_file_is_read_with_what_is_known_of_its_owner, leave),
        cmocka_unit_test_teardown(test_what_changes_what_a_file_comes_to, leave),
        cmocka_unit_test_teardown(test_days_are_those_of_the_owners_zone, leave),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
