/* SPDX-License-Identifier: MIT */
/* A runner's log in memory: it grows, is bounded, and knows each id again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "daemon/training/logbook.h"

#define DAY_S 86400

static struct outing an_outing(int32_t day, uint32_t distance_mm)
{
    return (struct outing){ .day = day,
                            .start_s = (int64_t)day * DAY_S + 7 * 3600,
                            .kind = OUTING_RUN,
                            .distance_mm = distance_mm };
}

static uint64_t total_mm(const struct logbook *book)
{
    struct day_total total;

    ledger_total(&book->ledger, INT32_MIN, INT32_MAX, &total);
    return total.distance_mm;
}

static int put(struct logbook *book, int n, uint32_t distance_mm)
{
    struct outing outing = an_outing(10000 + n, distance_mm);
    char id[32];

    snprintf(id, sizeof(id), "run-%d", n);
    return logbook_put(book, id, &outing);
}

static void test_an_id_is_one_outing(void **state)
{
    struct logbook book;
    struct outing moved = an_outing(5, 7000);

    logbook_init(&book, "anna");
    assert_null(logbook_newest(&book));
    for (int i = 0; i < 10; i++)
        assert_int_equal(put(&book, i, 1000), 0);
    assert_int_equal(put(&book, 3, 4000), 0);
    assert_int_equal(book.ledger.n_outings, 10);
    assert_int_equal(total_mm(&book), 13000);
    assert_int_equal(logbook_put(&book, "run-9", &moved), 0); /* on another day */
    assert_int_equal(total_mm(&book), 19000);
    assert_int_equal(book.ledger.outings[0].day, 5);
    assert_int_equal(logbook_newest(&book)->day, 10008);
    assert_int_equal(logbook_remove(&book, "run-3"), 0);
    assert_int_equal(logbook_remove(&book, "run-3"), LEDGER_E_NONE);
    assert_int_equal(logbook_remove(&book, "run-10"), LEDGER_E_NONE);
    assert_int_equal(total_mm(&book), 15000);
    assert_int_equal(put(&book, 3, 2000), 0); /* it comes back */
    assert_int_equal(total_mm(&book), 17000);
    logbook_done(&book);
}

static size_t bytes(const struct logbook *book)
{
    return book->ledger.outings_max * sizeof(struct outing) + book->ids_max * sizeof(*book->ids);
}

static void test_ten_years_of_a_run_a_day_take_less_than_half_a_megabyte(void **state)
{
    struct logbook book;

    logbook_init(&book, "anna");
    for (int i = 0; i < 3653; i++)
        assert_int_equal(put(&book, i, 1000), 0);
    print_message("ten years: %zu bytes\n", bytes(&book));
    assert_true(bytes(&book) < 500000);
    assert_int_equal(total_mm(&book), 3653000);
    logbook_done(&book);
}

/* Each run came in twice, as a pod and a watch tell of it: every other one is added aside. */
static void test_one_that_was_added_aside_counts_when_it_is_chosen(void **state)
{
    struct logbook book;
    struct outing outing;
    char id[32];

    logbook_init(&book, "anna");
    for (int i = 0; i < 400; i++) {
        snprintf(id, sizeof(id), "run-%d", i);
        outing = an_outing(10000 + i / 2, 1000 + 100 * (i % 2));
        assert_int_equal(
            i % 2 ? logbook_add_aside(&book, id, &outing) : logbook_add(&book, id, &outing), 0);
    }
    assert_int_equal(total_mm(&book), 200 * 1000);
    assert_int_equal(logbook_choose(&book, "run-7", false), LEDGER_E_NONE);
    assert_int_equal(logbook_choose(&book, "run-7", true), 0);
    assert_int_equal(logbook_choose(&book, "run-6", false), 0);
    assert_int_equal(total_mm(&book), 200 * 1000 + 100);
    assert_int_equal(logbook_remove(&book, "run-9"), LEDGER_E_NONE);
    assert_int_equal(logbook_choose(&book, "run-9", true), LEDGER_E_NONE); /* it is gone */
    logbook_done(&book);
}

static void test_a_log_without_end_is_refused_and_stays_as_it_was(void **state)
{
    struct logbook book;
    char id[32];

    logbook_init(&book, "anna");
    for (int i = 0; i < LOGBOOK_MAX; i++) {
        struct outing outing = an_outing(10000 + i / 4, 1000);
        snprintf(id, sizeof(id), "run-%d", i);
        assert_int_equal(logbook_add(&book, id, &outing), 0);
    }
    assert_int_equal(put(&book, LOGBOOK_MAX, 1000), LEDGER_E_FULL);
    assert_int_equal(book.ledger.n_outings, LOGBOOK_MAX);
    assert_int_equal(total_mm(&book), (uint64_t)LOGBOOK_MAX * 1000);
    logbook_done(&book);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_id_is_one_outing),
        cmocka_unit_test(test_ten_years_of_a_run_a_day_take_less_than_half_a_megabyte),
        cmocka_unit_test(test_one_that_was_added_aside_counts_when_it_is_chosen),
        cmocka_unit_test(test_a_log_without_end_is_refused_and_stays_as_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
