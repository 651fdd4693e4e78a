/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include "lib/base64.h"

/* RFC 4648, 10, and the two letters that have no letter's look */
static const struct {
    const char *bytes, *text;
} rows[] = {
    { "", "" },
    { "f", "Zg==" },
    { "fo", "Zm8=" },
    { "foo", "Zm9v" },
    { "foob", "Zm9vYg==" },
    { "fooba", "Zm9vYmE=" },
    { "foobar", "Zm9vYmFy" },
    { "\xfb\xff\xfe", "+//+" },
};

static void test_there_and_back(void **state)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[32];
        uint8_t bytes[32];
        size_t length = 99;

        base64_encode((const uint8_t *)rows[i].bytes, strlen(rows[i].bytes), text);
        assert_string_equal(text, rows[i].text);
        assert_int_equal(strlen(text), BASE64_LENGTH(strlen(rows[i].bytes)));
        assert_true(base64_decode(text, bytes, &length));
        assert_int_equal(length, strlen(rows[i].bytes));
        assert_memory_equal(bytes, rows[i].bytes, length);
    }
}

static void test_every_byte_comes_back(void **state)
{
    uint8_t bytes[256], back[258];
    char text[BASE64_LENGTH(256) + 1];
    size_t length;

    for (size_t i = 0; i < 256; i++)
        bytes[i] = (uint8_t)(255 - i);
    base64_encode(bytes, 256, text);
    assert_true(base64_decode(text, back, &length));
    assert_int_equal(length, 256);
    assert_memory_equal(back, bytes, 256);
}

static void test_what_is_none_is_refused(void **state)
{
    static const char *const texts[] = {
        "Z",        "Zg",       "Zg=",  "Zg===", "=g==", "Z===", "Zm 9",     "Zm9\n",
        "Zg==Zm9v", "Zm8=Zm9v", "Zh==", "Zm9=",  "Zm-_", "====", "Zm9v=Zg=", "\xff\xff\xff\xff"
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        uint8_t bytes[32];
        size_t length = 99;

        if (base64_decode(texts[i], bytes, &length))
            fail_msg("'%s' was taken", texts[i]);
        assert_int_equal(length, 99);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_every_byte_comes_back),
        cmocka_unit_test(test_what_is_none_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
