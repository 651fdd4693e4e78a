/* SPDX-License-Identifier: MIT */
#pragma once
/* Packets in tests are written as people read them in logs: hex digits, spaces between as you like.
 * Includes what every cmocka program needs, in the order cmocka wants it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

struct packet {
    size_t length;
    uint8_t bytes[600];
};

static inline struct packet packet_of(const char *hex)
{
    struct packet packet = { 0 };
    for (const char *at = hex; *at;) {
        unsigned value;
        if (*at == ' ') {
            at++;
            continue;
        }
        assert_int_equal(sscanf(at, "%2x", &value), 1);
        assert_true(packet.length < sizeof packet.bytes);
        packet.bytes[packet.length++] = (uint8_t)value;
        at += 2;
    }
    return packet;
}

/* The same bytes on the heap, exactly as long, so that the sanitizer sees a read past the end. */
static inline uint8_t *exact_copy(const uint8_t *bytes, size_t length)
{
    uint8_t *copy = malloc(length ? length : 1);
    assert_non_null(copy);
    if (length)
        memcpy(copy, bytes, length);
    return copy;
}

#define assert_near(actual, expected, within)                                                      \
    do {                                                                                           \
        double actual_ = (actual), expected_ = (expected);                                         \
        if (!(actual_ - expected_ <= (within) && expected_ - actual_ <= (within)))                 \
            fail_msg("%s is %.9g, expected %.9g", #actual, actual_, expected_);                    \
    } while (0)
