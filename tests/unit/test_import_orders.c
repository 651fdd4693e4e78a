/* SPDX-License-Identifier: MIT */
/* What the reading process is told comes out as it went in, and nothing else is taken for it. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "daemon/import/orders.h"

static const struct orders full = {
    .newest_usec = 1700000000123456,
    .barometric = true,
    .runner = { CONF_SEX_FEMALE, 188, 52, 1980 },
    .own_cadence_spm = 172.25,
    .own_speed_m_s = 2.8125,
};

static void assert_same(double got, double expected)
{
    assert_true(isnan(expected) ? isnan(got) : got == expected);
}

static void assert_comes_through(const struct orders *orders)
{
    char text[ORDERS_MAX];
    struct orders got;

    orders_text(orders, text);
    assert_true(orders_parse(text, &got));
    assert_int_equal(got.errand, orders->errand);
    assert_int_equal(got.newest_usec, orders->newest_usec);
    assert_int_equal(got.start_usec, orders->start_usec);
    if (orders->errand == ERRAND_FIT)
        assert_int_equal(got.place, orders->place);
    assert_int_equal(got.barometric, orders->barometric);
    assert_int_equal(got.runner.sex, orders->runner.sex);
    assert_int_equal(got.runner.max_bpm, orders->runner.max_bpm);
    assert_int_equal(got.runner.rest_bpm, orders->runner.rest_bpm);
    assert_int_equal(got.runner.birth_year, orders->runner.birth_year);
    assert_same(got.own_cadence_spm, orders->own_cadence_spm);
    assert_same(got.own_speed_m_s, orders->own_speed_m_s);
}

static void test_orders_come_out_as_they_went_in(void **state)
{
    const struct orders nothing_known = orders_of(1700000000000000);
    const struct orders longest = { .errand = ERRAND_ACTIVITY,
                                    .newest_usec = INT64_MAX,
                                    .barometric = true,
                                    .runner = { CONF_SEX_MALE, 1000, 1000, 9999 },
                                    .own_cadence_spm = 1.23456789e-300,
                                    .own_speed_m_s = 1.23456789e-300 };
    const struct orders way = { .errand = ERRAND_WAY };
    struct orders fit = orders_of(1700000000000000), of_several;

    fit.errand = ERRAND_FIT;
    fit.start_usec = INT64_MIN;
    of_several = fit;
    of_several.place = 2147483647;
    of_several.barometric = true;

    assert_comes_through(&full);
    assert_comes_through(&nothing_known);
    assert_comes_through(&longest);
    assert_comes_through(&way);
    assert_comes_through(&fit);
    assert_comes_through(&of_several);
}

static void test_what_is_no_order_is_not_taken(void **state)
{
    static const char *const rows[] = {
        "",
        "way ",
        "ways",
        "fit",
        "fit=",
        "fit=1",
        "fit=1,newest=2,barometric=0",
        "fit=1,place=0,newest=2",
        "fit=1,place=-2,newest=2,barometric=0",
        "fit=1,place=0,newest=-1,barometric=0",
        "fit=1,place=0,newest=2,barometric=2",
        "fit=1,place=0,newest=2,barometric=-1",
        "fit=1,place=0,newest=2,barometric=0 ",
        "way,newest=1,barometric=0,sex=0,max=0,rest=0,born=0,cadence=170,speed=2.8",
        "newest=",
        "newest=1700000000000000",
        "newest=-1,barometric=0,sex=0,max=0,rest=0,born=0,cadence=170,speed=2.8",
        "newest=1,barometric=2,sex=0,max=0,rest=0,born=0,cadence=170,speed=2.8",
        "newest=1,barometric=0,sex=3,max=0,rest=0,born=0,cadence=170,speed=2.8",
        "newest=1,barometric=0,sex=-1,max=0,rest=0,born=0,cadence=170,speed=2.8",
        "newest=1,barometric=0,sex=0,max=-1,rest=0,born=0,cadence=170,speed=2.8",
        "newest=1,barometric=0,sex=0,max=1001,rest=0,born=0,cadence=170,speed=2.8",
        "newest=1,barometric=0,sex=0,max=0,rest=-1,born=0,cadence=170,speed=2.8",
        "newest=1,barometric=0,sex=0,max=0,rest=0,born=10000,cadence=170,speed=2.8",
        "newest=1,barometric=0,sex=0,max=0,rest=0,born=0,cadence=170,speed=2.8 ",
        "newest=1,barometric=0,sex=0,max=0,rest=0,born=0,cadence=0,speed=2.8",
        "newest=1,barometric=0,sex=0,max=0,rest=0,born=0,cadence=inf,speed=2.8",
        "newest=1,barometric=0,sex=0,max=0,rest=0,born=0,cadence=170,speed=-1",
        "newest=1,barometric=0,sex=0,max=0,rest=0,born=0,cadence=170,speed=",
        "newest=1,barometric=0,sex=0,max=0,rest=0,born=,cadence=170,speed=2.8",
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct orders got = full;
        if (orders_parse(rows[i], &got) || got.newest_usec != full.newest_usec || !got.barometric ||
            got.runner.birth_year != full.runner.birth_year)
            fail_msg("\"%s\"", rows[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_orders_come_out_as_they_went_in),
        cmocka_unit_test(test_what_is_no_order_is_not_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
