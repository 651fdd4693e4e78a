/* SPDX-License-Identifier: MIT */
/* Digests are kept in databases: what they are of some words, by the published vectors of FNV-1a. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "lib/digest.h"

static void test_the_published_vectors(void **state)
{
    assert_true(digest_text("") == UINT64_C(0xcbf29ce484222325));
    assert_true(digest_text("a") == UINT64_C(0xaf63dc4c8601ec8c));
    assert_true(digest_text("foobar") == UINT64_C(0x85944171f73967e8));
    assert_true(digest_bytes(DIGEST_OF_NOTHING, "chongo was here!\n", 17) ==
                UINT64_C(0x46810940eff5f915));
    assert_true(digest_bytes(DIGEST_OF_NOTHING, "\xff\x80", 2) !=
                digest_bytes(DIGEST_OF_NOTHING, "\x7f\x80", 2)); /* char may have a sign */
}

static void test_words_keep_their_ends(void **state)
{
    assert_true(digest_word(digest_word(DIGEST_OF_NOTHING, "a"), "bc") !=
                digest_word(digest_word(DIGEST_OF_NOTHING, "ab"), "c"));
    assert_true(digest_word(DIGEST_OF_NOTHING, "") != DIGEST_OF_NOTHING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_published_vectors),
        cmocka_unit_test(test_words_keep_their_ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
