/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include "lib/csv.h"

static void test_a_cell_is_quoted_where_it_must_be_and_no_text_is_a_formula(void **state)
{
    static const struct {
        const char *text, *cell;
    } rows[] = {
        { "a watch", "a watch" },
        { "", "" },
        { NULL, "" },
        { "5, or 6", "\"5, or 6\"" },
        { "the \"old\" one", "\"the \"\"old\"\" one\"" },
        { "\"", "\"\"\"\"" },
        { "two\nlines", "\"two\nlines\"" },
        { "a\rb", "\"a\rb\"" },
        { "=1+1", "'=1+1" },
        { "+49", "'+49" },
        { "-8", "'-8" },
        { "@SUM(A1)", "'@SUM(A1)" },
        { "\t=1", "'\t=1" },
        { "\r=1", "\"'\r=1\"" },
        { "\n=1", "\"'\n=1\"" },
        { "=HYPERLINK(\"http://a\",\"b\")", "\"'=HYPERLINK(\"\"http://a\"\",\"\"b\"\")\"" },
        { "a=1", "a=1" },
        { "Stra\xc3\x9f"
          "e",
          "Stra\xc3\x9f"
          "e" },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[100];
        struct csv csv = { .text = text, .size = sizeof(text) };

        csv_text(&csv, rows[i].text);
        assert_false(csv.full);
        assert_int_equal(csv.length, strlen(rows[i].cell));
        assert_memory_equal(text, rows[i].cell, csv.length);
    }
}

static void test_a_row_ends_with_both_and_begins_without_a_comma(void **state)
{
    static const char expected[] = "id,distance_m,\r\n,-8.5,\"a,b\"\r\n";
    char text[100];
    struct csv csv = { .text = text, .size = sizeof(text) };

    csv_word(&csv, "id");
    csv_word(&csv, "distance_m");
    csv_text(&csv, NULL);
    csv_end_row(&csv);
    csv_text(&csv, "");
    csv_word(&csv, "-8.5"); /* a number may be below 0 */
    csv_text(&csv, "a,b");
    csv_end_row(&csv);
    assert_int_equal(csv.length, sizeof(expected) - 1);
    assert_memory_equal(text, expected, sizeof(expected) - 1);
}

static void test_what_has_no_room_is_said_and_not_written(void **state)
{
    static const char whole[] = "ab,\"c,d\"\r\n";

    for (size_t size = 0; size <= sizeof(whole); size++) {
        char text[sizeof(whole) + 1];
        struct csv csv = { .text = text, .size = size };

        memset(text, '#', sizeof(text));
        csv_word(&csv, "ab");
        csv_text(&csv, "c,d");
        csv_end_row(&csv);
        assert_int_equal(csv.full, size < sizeof(whole) - 1);
        assert_true(csv.length <= size);
        assert_int_equal(text[size], '#');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_cell_is_quoted_where_it_must_be_and_no_text_is_a_formula),
        cmocka_unit_test(test_a_row_ends_with_both_and_begins_without_a_comma),
        cmocka_unit_test(test_what_has_no_room_is_said_and_not_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
