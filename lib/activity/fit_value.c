/* SPDX-License-Identifier: MIT */
/*
 * A number from the bytes of a field. Types are numbered by their low five bits (bit 7 only says
 * "longer than a byte", and some recorders forget it). Each type has a value that means "invalid";
 * the types whose name ends in z use 0 for it.
 */
#include <math.h>
#include <string.h>
#include "lib/activity/fit_private.h"

static const struct {
    uint8_t width;
    bool is_signed;
    uint64_t invalid;
} types[] = {
    [FIT_TYPE_ENUM] = { 1, false, 0xff },          [FIT_TYPE_SINT8] = { 1, true, 0x7f },
    [FIT_TYPE_UINT8] = { 1, false, 0xff },         [FIT_TYPE_SINT16] = { 2, true, 0x7fff },
    [FIT_TYPE_UINT16] = { 2, false, 0xffff },      [FIT_TYPE_SINT32] = { 4, true, 0x7fffffff },
    [FIT_TYPE_UINT32] = { 4, false, 0xffffffff },  [FIT_TYPE_STRING] = { 1, false, 0 },
    [FIT_TYPE_FLOAT32] = { 4, false, 0xffffffff }, [FIT_TYPE_FLOAT64] = { 8, false, UINT64_MAX },
    [FIT_TYPE_UINT8Z] = { 1, false, 0 },           [FIT_TYPE_UINT16Z] = { 2, false, 0 },
    [FIT_TYPE_UINT32Z] = { 4, false, 0 },          [FIT_TYPE_BYTE] = { 1, false, 0xff },
    [FIT_TYPE_SINT64] = { 8, true, INT64_MAX },    [FIT_TYPE_UINT64] = { 8, false, UINT64_MAX },
    [FIT_TYPE_UINT64Z] = { 8, false, 0 },
};

size_t fit_type_width(uint8_t type)
{
    type &= 0x1f;
    return type < sizeof(types) / sizeof(types[0]) ? types[type].width : 0;
}

static uint64_t bits_of(const uint8_t *bytes, size_t width, bool big_endian)
{
    uint64_t bits = 0;

    for (size_t i = 0; i < width; i++)
        bits = bits << 8 | bytes[big_endian ? i : width - 1 - i];
    return bits;
}

static double float_of(uint64_t bits, size_t width)
{
    uint32_t low = (uint32_t)bits;
    double number;
    float single;

    if (width == sizeof(number)) {
        memcpy(&number, &bits, sizeof(number));
        return number;
    }
    memcpy(&single, &low, sizeof(single));
    return (double)single;
}

/* Two's complement, without a conversion whose result the compiler chooses. */
static double signed_of(uint64_t bits, size_t width)
{
    uint64_t sign = UINT64_C(1) << (8 * width - 1);

    return (double)(bits & (sign - 1)) - (bits & sign ? (double)sign : 0.0);
}

double fit_number(uint8_t type, bool big_endian, const uint8_t *bytes, size_t size, size_t index)
{
    size_t width = fit_type_width(type);
    uint64_t bits;
    double number;

    type &= 0x1f;
    if (width == 0 || size < width * (index + 1))
        return NAN;
    bits = bits_of(bytes + width * index, width, big_endian);
    if (bits == types[type].invalid)
        return NAN;
    if (type == FIT_TYPE_FLOAT32 || type == FIT_TYPE_FLOAT64)
        number = float_of(bits, width);
    else
        number = types[type].is_signed ? signed_of(bits, width) : (double)bits;
    return isfinite(number) ? number : NAN;
}

size_t fit_number_put(uint8_t type, double number, uint8_t *ret)
{
    size_t width = types[type].width;
    double max = (double)types[type].invalid - 1;
    double min = types[type].is_signed ? -(double)types[type].invalid - 1 : 0;
    uint64_t bits = types[type].invalid;

    if (round(number) >= min && round(number) <= max)
        bits = (uint64_t)llround(number);
    for (size_t i = 0; i < width; i++)
        ret[i] = (uint8_t)(bits >> 8 * i);
    return width;
}

int64_t fit_usec(uint32_t timestamp)
{
    return (FIT_EPOCH_S + (int64_t)timestamp) * 1000000;
}

/* Four bits at a time. */
static uint16_t add_byte(uint16_t sum, uint8_t byte)
{
    static const uint16_t of_nibble[16] = { 0x0000, 0xcc01, 0xd801, 0x1400, 0xf001, 0x3c00,
                                            0x2800, 0xe401, 0xa001, 0x6c00, 0x7800, 0xb401,
                                            0x5000, 0x9c01, 0x8801, 0x4400 };

    sum = (uint16_t)((sum >> 4) ^ of_nibble[(sum ^ byte) & 0xf]);
    return (uint16_t)((sum >> 4) ^ of_nibble[(sum ^ (byte >> 4)) & 0xf]);
}

uint16_t fit_checksum_add(uint16_t sum, const uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        sum = add_byte(sum, bytes[i]);
    return sum;
}
