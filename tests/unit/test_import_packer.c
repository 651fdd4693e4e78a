/* SPDX-License-Identifier: MIT */
/* What is packed comes out as it went in, and what came packed is not packed again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>
#include "daemon/import/packer.h"

#define LARGE 300000

static struct packer packer;
static uint8_t plain[LARGE], packed[2 * LARGE], unpacked[LARGE + 1];

/* Bytes that no deflate makes smaller, so that more than one of its blocks is full. */
static void fill(void)
{
    uint32_t state = 1;

    for (size_t i = 0; i < LARGE; i++) {
        state = state * 1664525 + 1013904223;
        plain[i] = (uint8_t)(state >> 24);
    }
}

/* Into `packed`; how many bytes. */
static size_t pack(const uint8_t *bytes, size_t length, size_t step)
{
    int fd = memfd_create("packed", MFD_CLOEXEC);
    size_t at = 0;
    ssize_t n;

    packer_init(&packer, fd);
    do {
        size_t part = length - at < step ? length - at : step;
        assert_int_equal(packer_add(&packer, bytes + at, part, at + part == length), 0);
        at += part;
    } while (at < length);
    packer_done(&packer);
    n = pread(fd, packed, sizeof(packed), 0);
    assert_true(n >= 0 && (size_t)n < sizeof(packed));
    close(fd);
    return (size_t)n;
}

static size_t unpack(size_t length)
{
    z_stream stream = { .next_in = packed, .avail_in = (uInt)length, .next_out = unpacked };

    stream.avail_out = sizeof(unpacked);
    assert_int_equal(inflateInit2(&stream, 15 + 16), Z_OK);
    assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
    assert_int_equal(stream.avail_in, 0);
    inflateEnd(&stream);
    return stream.total_out;
}

static void test_it_comes_out_as_it_went_in(void **state)
{
    static const struct {
        size_t length, step;
    } rows[] = { { 0, 1 },         { 1, 1 },         { 1000, 7 },     { 65536, 65536 },
                 { 65537, 65536 }, { LARGE, 65536 }, { LARGE, LARGE } };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t n = unpack(pack(plain, rows[i].length, rows[i].step));
        if (n != rows[i].length || memcmp(unpacked, plain, n) != 0)
            fail_msg("%zu bytes by %zu", rows[i].length, rows[i].step);
    }
}

static void test_what_is_gzip_already_stays_as_it_is(void **state)
{
    static uint8_t came[2 * LARGE];
    size_t n = pack(plain, LARGE, 65536);

    memcpy(came, packed, n);
    memset(packed, 0, sizeof(packed));
    assert_int_equal(pack(came, n, 1000), n);
    assert_memory_equal(packed, came, n);
}

static void test_a_full_disk_is_told(void **state)
{
    static const uint8_t gzip[] = { 0x1f, 0x8b, 8, 0 };
    int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);

    assert_true(fd >= 0);
    packer_init(&packer, fd);
    assert_int_equal(packer_add(&packer, plain, LARGE, true), -ENOSPC);
    packer_done(&packer);
    packer_init(&packer, fd);
    assert_int_equal(packer_add(&packer, gzip, sizeof(gzip), true), -ENOSPC);
    packer_done(&packer);
    close(fd);
}

static void test_one_that_never_began_ends(void **state)
{
    struct packer *none = calloc(1, sizeof(*none));

    packer_done(none);
    packer_init(none, -1);
    packer_done(none);
    free(none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_comes_out_as_it_went_in),
        cmocka_unit_test(test_what_is_gzip_already_stays_as_it_is),
        cmocka_unit_test(test_a_full_disk_is_told),
        cmocka_unit_test(test_one_that_never_began_ends),
    };

    fill();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
