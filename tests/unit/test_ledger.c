/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include "lib/training/ledger.h"

#define TEN_YEARS 3653
#define DAY_S     86400

static struct outing outings[12000], before_outings[12000];
static struct day days[TEN_YEARS + 10], before_days[TEN_YEARS + 10];

static struct outing outing(uint32_t key, int32_t day, int hour, double km)
{
    struct outing ret = { .key = key,
                          .day = day,
                          .start_s = (int64_t)day * DAY_S + hour * 3600,
                          .elapsed_s = 3000,
                          .kind = OUTING_RUN,
                          .source = OUTING_FROM_POD };

    outing_set_figures(&ret, &(struct outing_figures){ .distance_m = km * 1000,
                                                       .moving_s = km * 360,
                                                       .steps = km * 950,
                                                       .heart_load = NAN,
                                                       .altitude_m = km * 1000,
                                                       .ascent_m = km * 5,
                                                       .drop_m = km * 4,
                                                       .downhill_m = km * 60,
                                                       .knee_steps = km * 1000 });
    return ret;
}

static void put(struct ledger *ledger, struct outing o)
{
    assert_int_equal(ledger_put(ledger, &o), 0);
}

static struct ledger empty(size_t n_outings)
{
    struct ledger ledger;

    ledger_init(&ledger, outings, n_outings);
    return ledger;
}

static struct day day_of(const struct ledger *ledger, int32_t number)
{
    struct day day;

    assert_true(ledger_day(ledger, number, &day));
    assert_int_equal(day.day, number);
    return day;
}

static bool is_empty(const struct ledger *ledger, int32_t number)
{
    struct day day, none;

    day_init(&none, number);
    if (ledger_day(ledger, number, &day))
        return false;
    assert_memory_equal(&day, &none, sizeof(day));
    return true;
}

/* All of them, into days[]; how many there are. */
static size_t read_days(const struct ledger *ledger)
{
    size_t n = 0;

    for (size_t i = 0; i < ledger->n_outings; n++)
        i = ledger_read_day(ledger, i, &days[n]);
    return n;
}

static void test_what_is_no_figure_is_not_known(void **state)
{
    static const struct {
        const char *label;
        struct outing_figures told;
        uint32_t distance_mm, altitude_mm, drop_mm;
        unsigned has;
    } rows[] = {
        { "all known",
          { 1000, 360, 950, 12.34, 1000, 5, 4, 60, 990 },
          1000000,
          1000000,
          4000,
          127 },
        { "nothing known", { NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN }, 0, 0, 0, 0 },
        { "no load", { 1000, 360, 950, NAN, 1000, 5, 4, 60, 990 }, 1000000, 1000000, 4000, 125 },
        { "negative", { -1000, -1, -1, -1, -1, -1, -1, -1, -1 }, 0, 0, 0, 0 },
        { "endless", { INFINITY, 1, INFINITY, 1, 1, 1, 1, 1, INFINITY }, 0, 0, 0, 18 },
        { "beyond any run", { 1e9, 360, 950, NAN, NAN, 5, 4, 60, NAN }, 0, 0, 0, 17 },
        { "drop of no altitude", { 1000, 360, 0, NAN, 0, 5, 4, 60, NAN }, 1000000, 0, 0, 25 },
        { "altitude without drop", { 1000, 360, 0, NAN, 500, 5, NAN, 60, NAN }, 1000000, 0, 0, 25 },
        { "more altitude than way",
          { 1000, 360, 0, NAN, 2000, 5, 4, 60, NAN },
          1000000,
          1000000,
          4000,
          121 },
        { "descent alone",
          { 1000, 360, 0, NAN, 1000, NAN, 4, NAN, NAN },
          1000000,
          1000000,
          4000,
          25 },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct outing got = { .key = 7, .day = 1 };

        print_message("%s\n", rows[i].label);
        outing_set_figures(&got, &rows[i].told);
        assert_int_equal(got.distance_mm, rows[i].distance_mm);
        assert_int_equal(got.altitude_mm, rows[i].altitude_mm);
        assert_int_equal(got.drop_mm, rows[i].drop_mm);
        assert_int_equal(got.has, rows[i].has);
        assert_int_equal(got.key, 7);
    }
}

static void test_how_long_it_lasted_when_its_watch_was_forgotten(void **state)
{
    static const struct {
        const char *label;
        double elapsed_s, moving_s, expected_s;
    } rows[] = {
        { "a run with a rest", 5400, 3600, 5400 },
        { "a hike of a day", 36000, 9000, 36000 },
        { "saved the next evening", 26 * 3600, 3600, 5 * 3600 },
        { "a minute, and an hour of it", 3660, 60, 3660 },
        { "nobody knows how long it moved", 26 * 3600, NAN, 26 * 3600 },
        { "a heart that sat still", 7200, 0, 7200 },
        { "no time", NAN, 3600, 0 },
        { "backwards", -1, NAN, 0 },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        print_message("%s\n", rows[i].label);
        assert_true(outing_elapsed_s(rows[i].elapsed_s, rows[i].moving_s) == rows[i].expected_s);
    }
}

static void test_a_day_sums_running_and_walking_apart(void **state)
{
    struct ledger ledger = empty(10);
    struct outing o = outing(1, 20000, 7, 10);
    struct day_total total;
    struct day day;

    put(&ledger, o);
    put(&ledger, outing(2, 20000, 18, 6));
    o = outing(3, 20000, 12, 25);
    o.kind = OUTING_WALK;
    put(&ledger, o);
    o = outing(4, 20000, 20, 40);
    o.kind = OUTING_OTHER;
    o.has |= OUTING_LOAD;
    o.load_centi = 8000;
    put(&ledger, o);
    o = outing(5, 20000, 21, 3);
    o.source = OUTING_FROM_BELT;
    put(&ledger, o);

    assert_int_equal(read_days(&ledger), 1);
    day = day_of(&ledger, 20000);
    assert_int_equal(day.run.distance_mm, 19000000);
    assert_int_equal(day.run.outings, 3);
    assert_int_equal(day.run.with_load, 0);
    assert_int_equal(day.walk.distance_mm, 25000000);
    ledger_total(&ledger, 20000, 20000, &total);
    assert_int_equal(total.distance_mm, 19000000);          /* neither the walk nor the ride */
    assert_int_equal(total.drop_mm, 19 * 4000 + 25 * 4000); /* the walk, not the ride */
    assert_int_equal(total.terrain_mm, 44000000);
    assert_int_equal(total.load_centi, 8000);
    assert_int_equal(total.with_load, 1);
    assert_true(is_empty(&ledger, 19999) && is_empty(&ledger, 20001));
}

static void test_sessions_in_any_order_make_the_same_log(void **state)
{
    enum { N = 400 };
    struct ledger ledger = empty(N);
    static struct day forwards[N];
    size_t n_forwards;

    for (uint32_t i = 0; i < N; i++)
        put(&ledger, outing(i, 20000 + (int32_t)i / 3, (int)(i % 3) * 5, 1 + i % 17));
    n_forwards = read_days(&ledger);
    memcpy(forwards, days, sizeof(forwards));

    ledger = empty(N);
    for (uint32_t i = 0, k = 0; i < N; i++, k = (k + 173) % N) /* 173 and 400: each once */
        put(&ledger, outing(k, 20000 + (int32_t)k / 3, (int)(k % 3) * 5, 1 + k % 17));
    assert_int_equal(ledger.n_outings, N);
    assert_int_equal(read_days(&ledger), n_forwards);
    assert_memory_equal(days, forwards, n_forwards * sizeof(days[0]));
    for (size_t i = 1; i < N; i++)
        assert_true(outings[i - 1].start_s < outings[i].start_s);
}

/* Ten years, and a run of long ago comes in: every other day is bit for bit as it was. */
static void test_new_ones_are_added_as_they_are_put(void **state)
{
    struct ledger put_in = empty(3);

    for (uint32_t key = 1; key <= 3; key++)
        put(&put_in, outing(key, 10 - (int32_t)key, 8, key));
    memcpy(before_outings, outings, sizeof(before_outings));
    struct ledger added = empty(3);
    for (uint32_t key = 1; key <= 3; key++) {
        struct outing o = outing(key, 10 - (int32_t)key, 8, key);
        assert_int_equal(ledger_add(&added, &o), 0);
    }
    assert_memory_equal(outings, before_outings, 3 * sizeof(outings[0]));
    struct outing more = outing(4, 3, 8, 4);
    assert_int_equal(ledger_add(&added, &more), LEDGER_E_FULL);
    assert_int_equal(added.n_outings, 3);
}

static void test_a_late_session_changes_its_day_and_no_other(void **state)
{
    struct ledger ledger = empty(12000);
    int32_t late = 16000 + 1234;
    struct day old;

    for (int32_t d = 0; d < TEN_YEARS; d++)
        put(&ledger, outing((uint32_t)d, 16000 + d, 7, 5 + d % 9));
    assert_int_equal(read_days(&ledger), TEN_YEARS);
    memcpy(before_days, days, sizeof(days));
    memcpy(before_outings, outings, sizeof(outings));
    old = day_of(&ledger, late);

    put(&ledger, outing(50000, late, 19, 30));
    assert_int_equal(read_days(&ledger), TEN_YEARS);
    assert_int_equal(day_of(&ledger, late).run.outings, 2);
    for (size_t i = 0; i < TEN_YEARS; i++)
        if (days[i].day != late)
            assert_memory_equal(&days[i], &before_days[i], sizeof(days[i]));

    assert_int_equal(ledger_remove(&ledger, 50000), 0);
    assert_memory_equal(&(struct day[]){ day_of(&ledger, late) }, &old, sizeof(old));
    assert_memory_equal(outings, before_outings, ledger.n_outings * sizeof(outings[0]));
}

static void test_a_session_that_moves_to_another_day_leaves_the_first(void **state)
{
    struct ledger ledger = empty(10);
    struct outing o = outing(1, 20000, 7, 10);

    put(&ledger, o);
    o = outing(1, 20003, 7, 12);
    put(&ledger, o);
    assert_int_equal(ledger.n_outings, 1);
    assert_int_equal(read_days(&ledger), 1);
    assert_true(is_empty(&ledger, 20000));
    assert_int_equal(day_of(&ledger, 20003).run.distance_mm, 12000000);
    put(&ledger, *ledger_find(&ledger, 1)); /* itself: nothing changes */
    assert_int_equal(day_of(&ledger, 20003).run.distance_mm, 12000000);
}

static void test_a_full_log_refuses_and_stays_as_it_was(void **state)
{
    struct ledger ledger = empty(3);
    struct outing o;

    put(&ledger, outing(1, 20000, 7, 10));
    put(&ledger, outing(2, 20001, 7, 10));
    put(&ledger, outing(3, 20001, 9, 10));
    memcpy(before_outings, outings, sizeof(outings));
    o = outing(4, 20001, 10, 10);
    assert_int_equal(ledger_put(&ledger, &o), LEDGER_E_FULL);
    assert_memory_equal(outings, before_outings, sizeof(outings));
    assert_int_equal(day_of(&ledger, 20001).run.outings, 2);
    put(&ledger, outing(2, 20004, 7, 10)); /* in its own place there is room */
    assert_int_equal(ledger.n_outings, 3);
    assert_int_equal(ledger_remove(&ledger, 99), LEDGER_E_NONE);
}

/* A total stops at the largest number of a day, not of all days. */
static void test_a_total_is_the_sum_of_its_days(void **state)
{
    struct ledger ledger = empty(20);
    struct day_total total, sum = { 0 };

    for (uint32_t key = 0; key < 20; key++)
        put(&ledger, outing(key, 20000 + (int32_t)key / 4 * 2, (int)key % 4, 900));
    for (int32_t number = 20000; number <= 20006; number++) {
        struct day day;

        (void)ledger_day(&ledger, number, &day);
        day_total_add(&sum, &day);
    }
    ledger_total(&ledger, 20000, 20007, &total);
    assert_memory_equal(&total, &sum, sizeof(total));
    assert_int_equal(total.distance_mm, 4 * UINT64_C(3600000000));
    ledger_total(&ledger, 20009, 30000, &total);
    assert_int_equal(total.distance_mm, 0);
}

static void test_ten_years_take_less_than_half_a_megabyte(void **state)
{
    /* a session a day, and every other day a second one */
    size_t bytes = TEN_YEARS * 3 / 2 * sizeof(struct outing);

    print_message("outing %zu, ten years %zu bytes\n", sizeof(struct outing), bytes);
    assert_true(bytes < 500000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_no_figure_is_not_known),
        cmocka_unit_test(test_how_long_it_lasted_when_its_watch_was_forgotten),
        cmocka_unit_test(test_a_day_sums_running_and_walking_apart),
        cmocka_unit_test(test_sessions_in_any_order_make_the_same_log),
        cmocka_unit_test(test_new_ones_are_added_as_they_are_put),
        cmocka_unit_test(test_a_late_session_changes_its_day_and_no_other),
        cmocka_unit_test(test_a_session_that_moves_to_another_day_leaves_the_first),
        cmocka_unit_test(test_a_full_log_refuses_and_stays_as_it_was),
        cmocka_unit_test(test_a_total_is_the_sum_of_its_days),
        cmocka_unit_test(test_ten_years_take_less_than_half_a_megabyte),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
