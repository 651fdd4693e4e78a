/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "lib/recording_fields.h"

static struct fields of(const char *line)
{
    return (struct fields){ .at = line, .end = line + strlen(line) };
}

static void test_they_are_taken_one_by_one(void **state)
{
    static const char *const names[] = { "down", "up" };
    struct fields fields = of("pod-1  17 -2.5 up 00ff  the rest of it ");
    uint8_t bytes[RECORDING_BYTES_MAX];
    char word[8], text[32];

    fields_id(&fields, word, sizeof(word));
    assert_string_equal(word, "pod-1");
    assert_int_equal(fields_integer(&fields, 0, 20), 17);
    assert_true(fields_number(&fields, -3, 3) == -2.5);
    assert_int_equal(fields_name(&fields, names, 2), 1);
    assert_int_equal(fields_bytes(&fields, bytes), 2);
    assert_memory_equal(bytes, "\x00\xff", 2);
    fields_text(&fields, text, sizeof(text));
    assert_string_equal(text, "the rest of it ");
    assert_false(fields.bad);
    assert_ptr_equal(fields.at, fields.end);
}

static void test_what_is_left_behind_its_end_is_not_read(void **state)
{
    static const char line[] = "12345";
    struct fields fields = { .at = line, .end = line + 2 };
    char word[8];

    fields_word(&fields, word, sizeof(word));
    assert_string_equal(word, "12");
    fields_word(&fields, word, sizeof(word));
    assert_true(fields.bad);
    assert_string_equal(word, "");
}

static void test_a_word_that_does_not_fit_is_none(void **state)
{
    struct fields fields = of("12345678");
    char word[8];

    fields_word(&fields, word, sizeof(word));
    assert_true(fields.bad);
    assert_string_equal(word, "");
}

static void test_a_text_that_does_not_fit_is_cut(void **state)
{
    struct fields fields = of(" 1234 678");
    char text[8];

    fields_text(&fields, text, sizeof(text));
    assert_false(fields.bad);
    assert_string_equal(text, "1234 67");
    fields_text(&fields, text, sizeof(text)); /* there may be none */
    assert_false(fields.bad);
    assert_string_equal(text, "");
}

static void test_once_bad_they_stay_bad(void **state)
{
    struct fields fields = of("21 7");

    assert_int_equal(fields_integer(&fields, 0, 20), 0);
    assert_true(fields.bad);
    assert_int_equal(fields_integer(&fields, 0, 20), 0);
    assert_true(fields.bad);
}

static void test_numbers(void **state)
{
    static const struct {
        const char *word;
        double value;
        bool bad;
    } rows[] = {
        { "1.5", 1.5, false }, { "-", NAN, false }, { "unknown", NAN, false }, { "nan", 0, true },
        { "inf", 0, true },    { "1.5x", 0, true }, { "11", 0, true },         { "-11", 0, true },
        { "10", 10, false },   { "--1", 0, true },  { "", 0, true },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct fields fields = of(rows[i].word);
        double value = fields_number(&fields, -10, 10);

        if (fields.bad != rows[i].bad)
            fail_msg("'%s'", rows[i].word);
        if (!rows[i].bad && isnan(value) != isnan(rows[i].value))
            fail_msg("'%s'", rows[i].word);
        if (!rows[i].bad && !isnan(value))
            assert_true(value == rows[i].value);
    }
}

static void test_bytes(void **state)
{
    static const struct {
        const char *word;
        size_t n;
        bool bad;
    } rows[] = {
        { "-", 0, false },   { "00", 1, false }, { "00ff7a", 3, false },
        { "0", 0, true },    { "0g", 0, true },  { "+1", 0, true },
        { "0x10", 0, true }, { "0F", 0, true },  { "", 0, true },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct fields fields = of(rows[i].word);
        uint8_t bytes[RECORDING_BYTES_MAX];

        if (fields_bytes(&fields, bytes) != rows[i].n || fields.bad != rows[i].bad)
            fail_msg("'%s'", rows[i].word);
    }
}

static void test_as_many_bytes_as_a_packet_has_and_no_more(void **state)
{
    char word[2 * RECORDING_BYTES_MAX + 3] = "";
    uint8_t bytes[RECORDING_BYTES_MAX];
    struct fields fields;

    memset(word, 'a', 2 * RECORDING_BYTES_MAX);
    fields = of(word);
    assert_int_equal(fields_bytes(&fields, bytes), RECORDING_BYTES_MAX);
    assert_int_equal(bytes[RECORDING_BYTES_MAX - 1], 0xaa);
    word[2 * RECORDING_BYTES_MAX] = word[2 * RECORDING_BYTES_MAX + 1] = 'a';
    fields = of(word);
    assert_int_equal(fields_bytes(&fields, bytes), 0);
    assert_true(fields.bad);
}

static void test_names_and_ids_are_nothing_else(void **state)
{
    static const char *const names[] = { "down", "up" };
    static const char *const bad_ids[] = { "a/b", "a.b", "\xc3\xa4", "a\t" };
    struct fields fields = of("sideways");
    char id[16];

    (void)fields_name(&fields, names, 2);
    assert_true(fields.bad);
    fields = of("u");
    (void)fields_name(&fields, names, 2);
    assert_true(fields.bad);
    for (size_t i = 0; i < sizeof(bad_ids) / sizeof(bad_ids[0]); i++) {
        fields = of(bad_ids[i]);
        fields_id(&fields, id, sizeof(id));
        assert_true(fields.bad);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_they_are_taken_one_by_one),
        cmocka_unit_test(test_what_is_left_behind_its_end_is_not_read),
        cmocka_unit_test(test_a_word_that_does_not_fit_is_none),
        cmocka_unit_test(test_a_text_that_does_not_fit_is_cut),
        cmocka_unit_test(test_once_bad_they_stay_bad),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_as_many_bytes_as_a_packet_has_and_no_more),
        cmocka_unit_test(test_names_and_ids_are_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
