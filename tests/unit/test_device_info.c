/* SPDX-License-Identifier: MIT */
#include "hex.h"
#include "lib/gatt/device_info.h"

static const struct row {
    const char *label;
    const char *bytes;
    size_t length;
    size_t size;
    enum decode_result result;
    const char *text;
} rows[] = {
#define BYTES(literal) literal, sizeof(literal) - 1
    { "plain", BYTES("Polar H10"), 64, DECODE_OK, "Polar H10" },
    { "NUL at the end", BYTES("YESOUL\0"), 64, DECODE_OK, "YESOUL" },
    { "padded", BYTES("YESOUL\0\0\0\0"), 64, DECODE_OK, "YESOUL" },
    { "rubbish behind the NUL", BYTES("AB\0\xFF\xFE"), 64, DECODE_OK, "AB" },
    { "spaces around", BYTES("  FS-6041F1 "), 64, DECODE_OK, "FS-6041F1" },
    { "controls",
      BYTES("a\x01"
            "b\nc\x7F\x1B[31m"),
      64, DECODE_OK, "a?b?c??[31m" },
    { "C1 control in UTF-8",
      BYTES("a\xC2\x9B"
            "b"),
      64, DECODE_OK, "a?b" },
    { "umlaut and ideograph", BYTES("L\xC3\xA4ufer \xE8\xB7\x91 \xF0\x9F\x8F\x83"), 64, DECODE_OK,
      "L\xC3\xA4ufer \xE8\xB7\x91 \xF0\x9F\x8F\x83" },
    { "lone continuation",
      BYTES("a\x80"
            "b"),
      64, DECODE_OK, "a?b" },
    { "character cut at the end", BYTES("ab\xE8\xB7"), 64, DECODE_OK, "ab??" },
    { "overlong slash", BYTES("\xC0\xAF"), 64, DECODE_OK, "??" },
    { "overlong in three", BYTES("\xE0\x80\xAF"), 64, DECODE_OK, "???" },
    { "surrogate", BYTES("\xED\xA0\x80"), 64, DECODE_OK, "???" },
    { "above U+10FFFF", BYTES("\xF4\x90\x80\x80"), 64, DECODE_OK, "????" },
    { "direction override",
      BYTES("a\xE2\x80\xAE"
            "b"),
      64, DECODE_OK, "a?b" },
    { "byte order mark", BYTES("\xEF\xBB\xBFx"), 64, DECODE_OK, "?x" },
    { "all bytes bad", BYTES("\xFF\xFE\xFD"), 64, DECODE_OK, "???" },
    { "empty", BYTES(""), 64, DECODE_OK, "" },
    { "only NUL", BYTES("\0\0"), 64, DECODE_OK, "" },
    { "just fits", BYTES("abc"), 4, DECODE_OK, "abc" },
    { "too long", BYTES("abcd"), 4, DECODE_TRUNCATED, "abc" },
    { "never half a character", BYTES("ab\xC3\xA4"), 4, DECODE_TRUNCATED, "ab" },
    { "room for nothing", BYTES("abc"), 1, DECODE_TRUNCATED, "" },
#undef BYTES
};

static void test_rows(void **state)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t *bytes = exact_copy((const uint8_t *)rows[i].bytes, rows[i].length);
        char *text = malloc(rows[i].size);
        enum decode_result result = device_info_text(bytes, rows[i].length, text, rows[i].size);

        if (result != rows[i].result || strcmp(text, rows[i].text) != 0)
            fail_msg("%s: %s '%s'", rows[i].label, decode_result_name(result), text);
        free(bytes);
        free(text);
    }
}

static void test_no_room_at_all(void **state)
{
    char untouched = 'x';
    assert_int_equal(device_info_text((const uint8_t *)"abc", 3, &untouched, 0), DECODE_SHORT);
    assert_int_equal(untouched, 'x');
    assert_int_equal(device_info_text(NULL, 0, &untouched, 1), DECODE_OK);
    assert_int_equal(untouched, '\0');
}

static void test_every_pair_of_bytes_gives_printable_text(void **state)
{
    for (unsigned pair = 0; pair < 0x10000; pair++) {
        uint8_t bytes[2] = { (uint8_t)(pair >> 8), (uint8_t)pair };
        char text[8];
        assert_int_equal(device_info_text(bytes, 2, text, sizeof text), DECODE_OK);
        for (const char *at = text; *at; at++)
            assert_true((unsigned char)*at >= 0x20 && *at != 0x7F);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_no_room_at_all),
        cmocka_unit_test(test_every_pair_of_bytes_gives_printable_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
