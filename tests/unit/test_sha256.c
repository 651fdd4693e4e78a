/* SPDX-License-Identifier: MIT */
/* Against the examples of FIPS 180-4, and every way to cut a message into pieces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "lib/sha256.h"

static void hash_in_pieces(const char *bytes, size_t length, size_t piece,
                           char ret[SHA256_TEXT_MAX])
{
    struct sha256 sha;
    uint8_t hash[SHA256_BYTES];

    sha256_init(&sha);
    for (size_t at = 0; at < length; at += piece)
        sha256_add(&sha, bytes + at, length - at < piece ? length - at : piece);
    sha256_end(&sha, hash);
    sha256_text(hash, ret);
}

static void test_the_examples_of_the_standard(void **state)
{
    static const struct {
        const char *message, *hash;
    } rows[] = {
        { "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
        { "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
        { "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
    };
    char text[SHA256_TEXT_MAX];

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        hash_in_pieces(rows[i].message, strlen(rows[i].message), 64, text);
        assert_string_equal(text, rows[i].hash);
    }
}

static void test_a_million_times_a(void **state)
{
    static char bytes[1000000];
    char text[SHA256_TEXT_MAX];

    memset(bytes, 'a', sizeof(bytes));
    hash_in_pieces(bytes, sizeof(bytes), 4096, text);
    assert_string_equal(text, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

static void test_however_it_is_cut(void **state)
{
    char bytes[200], whole[SHA256_TEXT_MAX], cut[SHA256_TEXT_MAX];

    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (char)(i * 7);
    for (size_t length = 0; length <= sizeof(bytes); length++) {
        hash_in_pieces(bytes, length, sizeof(bytes), whole);
        for (size_t piece = 1; piece < 130; piece += 3) {
            hash_in_pieces(bytes, length, piece, cut);
            assert_string_equal(cut, whole);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_examples_of_the_standard),
        cmocka_unit_test(test_a_million_times_a),
        cmocka_unit_test(test_however_it_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
