/* SPDX-License-Identifier: MIT */
/*
 * A TZif file, RFC 8536. Version 1 has one block with 4-byte times; later ones have that block,
 * then a second one with 8-byte times, then a footer.
 *
 *   header    "TZif" | version 1 byte | 15 bytes unused | six counts of 4 bytes, big-endian:
 *             isutcnt, isstdcnt, leapcnt, timecnt, typecnt, charcnt
 *   block     timecnt times | timecnt type indexes of 1 byte | typecnt ttinfo of 6 bytes |
 *             charcnt of names | leapcnt of (time + 4) bytes | isstdcnt | isutcnt
 *   ttinfo    offset 4 bytes, signed, east positive | is daylight saving time | index of name
 *   footer    '\n' TZ rule '\n', perhaps empty
 *
 * Before the first transition type 0 holds; after the last one the rule of the footer does, and
 * without one the last transition's type.
 */
#include <stdio.h>
#include <string.h>
#include "lib/civil.h"
#include "lib/tz.h"

#define HEADER_SIZE 44
#define TTINFO_SIZE 6
#define OFFSET_MAX  (26 * 3600) /* RFC 8536: -25 h to 26 h */
#define DAY_S       86400

struct block {
    uint32_t is_ut, is_std, leap, times, types, chars;
    size_t time_size;
};

static uint32_t read_u32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static int64_t read_time(const struct tz *tz, size_t i)
{
    const uint8_t *p = tz->times + i * tz->time_size;

    if (tz->time_size == 4)
        return (int32_t)read_u32(p);
    return (int64_t)((uint64_t)read_u32(p) << 32 | read_u32(p + 4));
}

static int32_t type_offset_s(const struct tz *tz, size_t type)
{
    return (int32_t)read_u32(tz->ttinfo + type * TTINFO_SIZE);
}

/* Of a block of 32-bit counts; 64 bits so that a foreign count cannot wrap on a small machine. */
static uint64_t block_size(const struct block *block)
{
    return (uint64_t)block->times * (block->time_size + 1) + (uint64_t)block->types * TTINFO_SIZE +
           block->chars + (uint64_t)block->leap * (block->time_size + 4) + block->is_std +
           block->is_ut;
}

static bool read_header(const uint8_t *bytes, size_t length, size_t time_size, struct block *ret)
{
    if (length < HEADER_SIZE || memcmp(bytes, "TZif", 4) != 0)
        return false;
    *ret = (struct block){ .is_ut = read_u32(bytes + 20),
                           .is_std = read_u32(bytes + 24),
                           .leap = read_u32(bytes + 28),
                           .times = read_u32(bytes + 32),
                           .types = read_u32(bytes + 36),
                           .chars = read_u32(bytes + 40),
                           .time_size = time_size };
    return block_size(ret) <= length - HEADER_SIZE;
}

static bool numbers_can_be(const struct tz *tz)
{
    if (tz->n_types == 0)
        return false;
    for (size_t i = 0; i < tz->n_types; i++)
        if (type_offset_s(tz, i) < -OFFSET_MAX || type_offset_s(tz, i) > OFFSET_MAX)
            return false;
    for (size_t i = 0; i < tz->n_transitions; i++)
        if (tz->types[i] >= tz->n_types || (i > 0 && read_time(tz, i) <= read_time(tz, i - 1)))
            return false;
    return true;
}

static enum tz_result read_block(struct tz *ret, const uint8_t *bytes, const struct block *block)
{
    struct tz tz = { .times = bytes,
                     .types = bytes + block->times * block->time_size,
                     .ttinfo = bytes + block->times * (block->time_size + 1),
                     .n_transitions = block->times,
                     .n_types = block->types,
                     .time_size = block->time_size };

    if (block->leap > 0)
        return TZ_E_LEAP;
    if (!numbers_can_be(&tz))
        return TZ_E_FORMAT;
    *ret = tz;
    return TZ_OK;
}

/* '\n' rule '\n' */
static enum tz_result read_footer(struct tz *tz, const uint8_t *bytes, size_t length)
{
    const uint8_t *end = length > 1 ? memchr(bytes + 1, '\n', length - 1) : NULL;

    if (!end || bytes[0] != '\n')
        return TZ_E_FOOTER;
    if (end == bytes + 1) /* empty: nobody knows */
        return TZ_OK;
    return tz_parse_rule(&tz->rule, (const char *)bytes + 1, (size_t)(end - bytes) - 1)
               ? TZ_OK
               : TZ_E_FOOTER;
}

enum tz_result tz_init(struct tz *ret, const uint8_t *bytes, size_t length)
{
    struct block block;
    struct tz tz;
    enum tz_result r;

    if (!read_header(bytes, length, 4, &block))
        return TZ_E_FORMAT;
    if (bytes[4] == 0) { /* version 1 */
        r = read_block(&tz, bytes + HEADER_SIZE, &block);
    } else {
        size_t skip = HEADER_SIZE + (size_t)block_size(&block);
        bytes += skip;
        length -= skip;
        if (!read_header(bytes, length, 8, &block))
            return TZ_E_FORMAT;
        r = read_block(&tz, bytes + HEADER_SIZE, &block);
        skip = HEADER_SIZE + (size_t)block_size(&block);
        if (r == TZ_OK)
            r = read_footer(&tz, bytes + skip, length - skip);
    }
    if (r == TZ_OK)
        *ret = tz;
    return r;
}

bool tz_name_is_valid(const char *name)
{
    size_t length =
        strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/");

    return length > 0 && length < TZ_NAME_MAX && name[length] == '\0' && name[0] != '/' &&
           name[length - 1] != '/' && !strstr(name, "//"); /* no dots: no .. either */
}

void tz_init_utc(struct tz *ret)
{
    *ret = (struct tz){ .rule = { .known = true } };
}

/* What the rules of a calendar can be asked for. */
#define FIRST_SECOND (-377705116800) /* -9999-01-01 */
#define LAST_SECOND  253402300799    /* 9999-12-31 23:59:59 */

static int64_t clamp(int64_t utc_s)
{
    return utc_s < FIRST_SECOND ? FIRST_SECOND : utc_s > LAST_SECOND ? LAST_SECOND : utc_s;
}

int32_t tz_offset_s(const struct tz *tz, int64_t utc_s)
{
    size_t low = 0, high = tz->n_transitions; /* [0, low) are past, [high, n) are still to come */

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (read_time(tz, middle) <= utc_s)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == tz->n_transitions && tz->rule.known)
        return tz_rule_offset_s(&tz->rule, clamp(utc_s));
    return type_offset_s(tz, low == 0 ? 0 : tz->types[low - 1]);
}

/* ---- local time ----------------------------------------------------------------------------- */

void tz_local(const struct tz *tz, int64_t utc_s, struct tz_date *ret)
{
    int32_t offset_s = tz_offset_s(tz, utc_s);
    int64_t local_s = clamp(utc_s) + offset_s;
    int64_t days = local_s / DAY_S - (local_s % DAY_S < 0);
    int second = (int)(local_s - days * DAY_S);

    *ret = (struct tz_date){ .hour = second / 3600,
                             .minute = second / 60 % 60,
                             .second = second % 60,
                             .weekday = (int)(((days + 4) % 7 + 7) % 7),
                             .offset_s = offset_s };
    civil_from_days(days, &ret->year, &ret->month, &ret->day);
}

void tz_day_text(const struct tz *tz, int64_t utc_s, char ret[11])
{
    struct tz_date date;

    tz_local(tz, utc_s, &date);
    *ret = '\0';
    if (date.year >= 0 && date.year <= 9999)
        snprintf(ret, 11, "%04u-%02u-%02u", (unsigned)date.year % 10000, (unsigned)date.month % 100,
                 (unsigned)date.day % 100);
}
