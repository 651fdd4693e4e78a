/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * A cursor over bytes a peer sent. Every decoder reads through it: a pull either advances and
 * writes its value or leaves both the cursor and the output alone, so no decoder does arithmetic on
 * indexes and none can read past the end. Bluetooth sends little-endian.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bytes {
    const uint8_t *at; /* borrowed */
    size_t left;
};

static inline struct bytes bytes_of(const uint8_t *at, size_t length)
{
    return (struct bytes){ at, length };
}

static inline bool pull_unsigned(struct bytes *bytes, size_t width, uint32_t *ret)
{
    uint32_t value = 0;
    if (bytes->left < width)
        return false;
    for (size_t i = 0; i < width; i++)
        value |= (uint32_t)bytes->at[i] << (8 * i);
    bytes->at += width;
    bytes->left -= width;
    *ret = value;
    return true;
}

static inline bool pull_u8(struct bytes *bytes, uint8_t *ret)
{
    uint32_t value;
    if (!pull_unsigned(bytes, 1, &value))
        return false;
    *ret = (uint8_t)value;
    return true;
}

static inline bool pull_le16(struct bytes *bytes, uint16_t *ret)
{
    uint32_t value;
    if (!pull_unsigned(bytes, 2, &value))
        return false;
    *ret = (uint16_t)value;
    return true;
}

static inline bool pull_le24(struct bytes *bytes, uint32_t *ret)
{
    return pull_unsigned(bytes, 3, ret);
}

static inline bool pull_le32(struct bytes *bytes, uint32_t *ret)
{
    return pull_unsigned(bytes, 4, ret);
}

/* Two's complement without a cast whose result the compiler chooses. */
static inline bool pull_sle16(struct bytes *bytes, int16_t *ret)
{
    uint32_t value;
    if (!pull_unsigned(bytes, 2, &value))
        return false;
    *ret = (int16_t)(value < 0x8000 ? (int32_t)value : (int32_t)value - 0x10000);
    return true;
}

static inline bool pull_sle24(struct bytes *bytes, int32_t *ret)
{
    uint32_t value;
    if (!pull_unsigned(bytes, 3, &value))
        return false;
    *ret = value < 0x800000 ? (int32_t)value : (int32_t)value - 0x1000000;
    return true;
}

static inline bool pull_sle32(struct bytes *bytes, int32_t *ret)
{
    uint32_t value;
    if (!pull_unsigned(bytes, 4, &value))
        return false;
    *ret = (int32_t)(value < 0x80000000u ? (int64_t)value : (int64_t)value - 0x100000000);
    return true;
}

static inline bool pull_skip(struct bytes *bytes, size_t width)
{
    if (bytes->left < width)
        return false;
    bytes->at += width;
    bytes->left -= width;
    return true;
}
