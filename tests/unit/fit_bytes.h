/* SPDX-License-Identifier: MIT */
#pragma once
/* FIT files made by hand: a buffer that grows by records, and a sink that keeps what a reader says. */
#include "hex.h"
#include <math.h>
#include "lib/activity/activity.h"

#define START      1000000000u /* s since FIT's epoch: 2021-09-08 */
#define START_USEC ((INT64_C(631065600) + START) * 1000000)

struct fit_bytes {
    uint8_t bytes[65536];
    size_t length, begin; /* of the file of the chain that is open */
    bool big_endian;
};

static inline void put(struct fit_bytes *fit, uint64_t value, size_t width)
{
    for (size_t i = 0; i < width; i++) {
        size_t shift = 8 * (fit->big_endian ? width - 1 - i : i);
        assert_true(fit->length < sizeof(fit->bytes));
        fit->bytes[fit->length++] = (uint8_t)(value >> shift);
    }
}

static inline void fit_open(struct fit_bytes *fit, uint8_t header_size)
{
    bool big = fit->big_endian;

    fit->big_endian = false; /* a header always is little-endian */
    fit->begin = fit->length;
    put(fit, header_size, 1);
    put(fit, 0x20, 1);
    put(fit, 2100, 2);
    put(fit, 0, 4);
    memcpy(fit->bytes + fit->length, ".FIT", 4);
    fit->length += 4;
    put(fit, 0, header_size - 12);
    fit->big_endian = big;
}

/* The definition of CRC-16, bit by bit: not the decoder's way of computing it. */
static inline uint16_t fit_checksum(const uint8_t *bytes, size_t length)
{
    uint16_t sum = 0;

    for (size_t i = 0; i < 8 * length; i++) {
        bool bit = (sum ^ (bytes[i / 8] >> (i % 8))) & 1;
        sum = (uint16_t)(sum >> 1 ^ (bit ? 0xa001 : 0));
    }
    return sum;
}

static inline void fit_close(struct fit_bytes *fit)
{
    uint32_t data = (uint32_t)(fit->length - fit->begin - fit->bytes[fit->begin]);
    bool big = fit->big_endian;

    for (int i = 0; i < 4; i++)
        fit->bytes[fit->begin + 4 + i] = (uint8_t)(data >> 8 * i);
    fit->big_endian = false;
    put(fit, fit_checksum(fit->bytes + fit->begin, fit->length - fit->begin), 2);
    fit->big_endian = big;
}

/* "20: 253 4 134, 3 1 2": message, then field, size and type of each. */
static inline void define(struct fit_bytes *fit, int local, unsigned message, const char *fields)
{
    unsigned field, size, type;
    size_t n_at;
    int used;

    put(fit, 0x40u | (unsigned)local, 1);
    put(fit, 0, 1);
    put(fit, fit->big_endian, 1);
    put(fit, message, 2);
    n_at = fit->length;
    put(fit, 0, 1);
    while (sscanf(fields, " %u %u %u%n", &field, &size, &type, &used) == 3) {
        put(fit, field, 1);
        put(fit, size, 1);
        put(fit, type, 1);
        fit->bytes[n_at]++;
        fields += used;
        fields += *fields == ',';
    }
}

static inline void put_file_id(struct fit_bytes *fit, unsigned kind)
{
    define(fit, 0, 0, "0 1 0, 1 2 132, 2 2 132, 4 4 134");
    put(fit, 0, 1);
    put(fit, kind, 1);
    put(fit, 1, 2);
    put(fit, 3121, 2);
    put(fit, START, 4);
}

/* ---- what a reader said ---------------------------------------------------------------------- */

#define KEPT_MAX 4000

struct kept {
    int n;
    struct activity_fact facts[KEPT_MAX];
};

static inline void keep(void *context, const struct activity_fact *fact)
{
    struct kept *kept = context;

    if (kept->n < KEPT_MAX)
        kept->facts[kept->n++] = *fact;
}

static inline const struct activity_fact *fact_of(const struct kept *kept,
                                                  enum activity_fact_type type, int index)
{
    for (int i = 0; i < kept->n; i++)
        if (kept->facts[i].type == type && index-- == 0)
            return &kept->facts[i];
    return NULL;
}

static inline int count_of(const struct kept *kept, enum activity_fact_type type)
{
    int n = 0;

    while (fact_of(kept, type, n))
        n++;
    return n;
}

static inline const struct activity_sample *sample_of(const struct kept *kept, int index)
{
    const struct activity_fact *fact = fact_of(kept, ACTIVITY_SAMPLE, index);

    assert_non_null(fact);
    return &fact->sample;
}

static inline void assert_trouble(const struct kept *kept, int index,
                                  enum activity_trouble_kind kind)
{
    const struct activity_fact *fact = fact_of(kept, ACTIVITY_TROUBLE, index);

    assert_non_null(fact);
    assert_string_equal(activity_trouble_text(fact->trouble.kind), activity_trouble_text(kind));
}
