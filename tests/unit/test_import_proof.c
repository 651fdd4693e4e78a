/* SPDX-License-Identifier: MIT */
/* A kept copy is what its name says, packed by us or as it came, or it is nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <zlib.h>
#include "daemon/import/proof.h"

#define LIMIT 100000

static const char plain[] = "what a watch wrote of one long run before the sun was up";
static uint8_t packed[512];
static size_t n_packed;

static void pack(void)
{
    z_stream stream = { .next_in = (Bytef *)plain, .avail_in = sizeof(plain), .next_out = packed };

    stream.avail_out = sizeof(packed);
    assert_int_equal(deflateInit2(&stream, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    n_packed = stream.total_out;
    deflateEnd(&stream);
}

static const char *hash_of(const void *bytes, size_t length)
{
    static char text[SHA256_TEXT_MAX];
    uint8_t hash[SHA256_BYTES];
    struct sha256 sha;

    sha256_init(&sha);
    sha256_add(&sha, bytes, length);
    sha256_end(&sha, hash);
    sha256_text(hash, text);
    return text;
}

static bool proves(const void *bytes, size_t length, const char *hash, uint64_t limit_bytes)
{
    struct proof proof;

    proof_init(&proof, limit_bytes);
    for (size_t at = 0; at < length; at += 7)
        proof_feed(&proof, (const uint8_t *)bytes + at, length - at < 7 ? length - at : 7);
    return proof_end(&proof, hash);
}

static void test_a_copy_that_we_packed(void **state)
{
    assert_true(proves(packed, n_packed, hash_of(plain, sizeof(plain)), LIMIT));
}

static void test_a_copy_of_what_was_packed_already(void **state)
{
    assert_true(proves(packed, n_packed, hash_of(packed, n_packed), LIMIT));
    assert_true(proves(packed, n_packed, hash_of(packed, n_packed), 10)); /* it is not unpacked */
}

static void test_what_is_not_what_it_is_called(void **state)
{
    const char *hash = hash_of(plain, sizeof(plain));
    uint8_t spoilt[sizeof(packed)];

    assert_false(proves(packed, n_packed, hash_of("other", 5), LIMIT));
    hash = hash_of(plain, sizeof(plain));
    assert_false(proves(packed, n_packed - 1, hash, LIMIT));
    assert_false(proves(packed, 0, hash, LIMIT));
    assert_false(proves(packed, n_packed, hash, sizeof(plain) - 1));
    for (size_t i = 12; i < n_packed - 10; i++) { /* between its header and the last bits */
        memcpy(spoilt, packed, n_packed);
        spoilt[i] ^= 0x10;
        if (proves(spoilt, n_packed, hash, LIMIT))
            fail_msg("byte %zu may be another", i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_copy_that_we_packed),
        cmocka_unit_test(test_a_copy_of_what_was_packed_already),
        cmocka_unit_test(test_what_is_not_what_it_is_called),
    };
    pack();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
