/* SPDX-License-Identifier: MIT */
/*
 *  0          2
 * +----------+-----------------------------------------------------------------+
 * | flags u16| fields in this order, each only when its bit says so            |
 * +----------+-----------------------------------------------------------------+
 *   bit           field                          type        unit, 'not available'
 *   b0 = 0 (!)    speed                          u16         0.01 km/h, FFFF
 *   b1            average speed                  u16         0.01 km/h, FFFF
 *   b2            total distance                 u24         m, FFFFFF
 *   b3            inclination, ramp angle        s16 s16     0.1 %, 0.1 degree; 7FFF each
 *   b4            positive, negative gain        u16 u16     0.1 m; FFFF, in the field also 7FFF
 *   b5            pace                           u8 or u16   makers disagree
 *   b6            average pace                   as b5
 *   b7            energy, per hour, per minute   u16 u16 u8  kcal; FFFF FFFF FF
 *   b8            heart rate                     u8          bpm
 *   b9            metabolic equivalent           u8          0.1
 *   b10           elapsed time                   u16         s
 *   b11           remaining time                 u16         s
 *   b12           force on belt, power           s16 s16     N, W; 7FFF each
 *   b13           step count (reserved, de facto) u24
 *
 * b0 is 'More Data' and inverted: set, it means that the speed is NOT here and that another
 * notification completes the record. Flags announce more than 20 bytes hold on real machines: then
 * every whole field counts and the rest is cut. Pace came as one byte in the first edition and as
 * two later; the packet's length tells which, and if it tells neither, all after it is unreadable.
 */
#include "lib/bytes.h"
#include "lib/gatt/treadmill.h"

#define FLAG_MORE_DATA      (1u << 0)
#define FLAG_AVERAGE_SPEED  (1u << 1)
#define FLAG_TOTAL_DISTANCE (1u << 2)
#define FLAG_INCLINATION    (1u << 3)
#define FLAG_GAIN           (1u << 4)
#define FLAG_PACE           (1u << 5)
#define FLAG_AVERAGE_PACE   (1u << 6)
#define FLAG_ENERGY         (1u << 7)
#define FLAG_HEART_RATE     (1u << 8)
#define FLAG_METABOLIC      (1u << 9)
#define FLAG_ELAPSED        (1u << 10)
#define FLAG_REMAINING      (1u << 11)
#define FLAG_FORCE          (1u << 12)
#define FLAG_STEPS          (1u << 13)

#define STEPS_WIDTH 3

/* ---- fields: each pull is false when the packet ends inside it ---------------------------- */

static bool pull_u16_field(struct bytes *bytes, struct treadmill_record *value, uint32_t field,
                           uint16_t *ret)
{
    if (!pull_le16(bytes, ret))
        return false;
    if (*ret != 0xFFFF)
        value->has |= field;
    return true;
}

/* Elevation gain: the field is unsigned, yet machines mark 'none' as if it were signed. */
static bool pull_gain_field(struct bytes *bytes, struct treadmill_record *value, uint32_t field,
                            uint16_t *ret)
{
    if (!pull_le16(bytes, ret))
        return false;
    if (*ret != 0xFFFF && *ret != 0x7FFF)
        value->has |= field;
    return true;
}

static bool pull_s16_field(struct bytes *bytes, struct treadmill_record *value, uint32_t field,
                           int16_t *ret)
{
    if (!pull_sle16(bytes, ret))
        return false;
    if (*ret != 0x7FFF)
        value->has |= field;
    return true;
}

static bool pull_u8_field(struct bytes *bytes, struct treadmill_record *value, uint32_t field,
                          uint8_t *ret)
{
    if (!pull_u8(bytes, ret))
        return false;
    if (*ret != 0xFF)
        value->has |= field;
    return true;
}

static bool pull_u24_field(struct bytes *bytes, struct treadmill_record *value, uint32_t field,
                           uint32_t *ret)
{
    if (!pull_le24(bytes, ret))
        return false;
    if (*ret != 0xFFFFFF)
        value->has |= field;
    return true;
}

/* Times use their whole range: FFFF seconds is a long walk, not a mark. */
static bool pull_seconds_field(struct bytes *bytes, struct treadmill_record *value, uint32_t field,
                               uint16_t *ret)
{
    if (!pull_le16(bytes, ret))
        return false;
    value->has |= field;
    return true;
}

/* ---- pace: only its size matters, to find what comes after it ----------------------------- */

static size_t width_after_pace(uint16_t flags)
{
    return (flags & FLAG_ENERGY ? 5u : 0u) + (flags & FLAG_HEART_RATE ? 1u : 0u) +
           (flags & FLAG_METABOLIC ? 1u : 0u) + (flags & FLAG_ELAPSED ? 2u : 0u) +
           (flags & FLAG_REMAINING ? 2u : 0u) + (flags & FLAG_FORCE ? 4u : 0u);
}

/* Skips the pace fields; false when the length fits neither size (nor one with or without the
 * step counter that b13 announces). */
static bool skip_pace(struct bytes *bytes, uint16_t flags)
{
    size_t n = (flags & FLAG_PACE ? 1u : 0u) + (flags & FLAG_AVERAGE_PACE ? 1u : 0u);
    size_t rest = width_after_pace(flags);

    if (n == 0)
        return true;
    for (size_t width = 1; width <= 2; width++) {
        size_t expected = n * width + rest;
        if (bytes->left == expected ||
            ((flags & FLAG_STEPS) && bytes->left == expected + STEPS_WIDTH))
            return pull_skip(bytes, n * width);
    }
    return false;
}

/* ---- the packet ---------------------------------------------------------------------------- */

static bool pull_before_pace(struct bytes *b, uint16_t flags, struct treadmill_record *v)
{
    if ((flags & FLAG_AVERAGE_SPEED) &&
        !pull_u16_field(b, v, TREADMILL_AVERAGE_SPEED, &v->average_speed))
        return false;
    if ((flags & FLAG_TOTAL_DISTANCE) &&
        !pull_u24_field(b, v, TREADMILL_TOTAL_DISTANCE, &v->total_distance_m))
        return false;
    if ((flags & FLAG_INCLINATION) &&
        (!pull_s16_field(b, v, TREADMILL_INCLINATION, &v->inclination) ||
         !pull_s16_field(b, v, TREADMILL_RAMP_ANGLE, &v->ramp_angle)))
        return false;
    if ((flags & FLAG_GAIN) &&
        (!pull_gain_field(b, v, TREADMILL_POSITIVE_GAIN, &v->positive_gain_dm) ||
         !pull_gain_field(b, v, TREADMILL_NEGATIVE_GAIN, &v->negative_gain_dm)))
        return false;
    return true;
}

static bool pull_energy(struct bytes *b, struct treadmill_record *v)
{
    return pull_u16_field(b, v, TREADMILL_ENERGY, &v->energy_kcal) &&
           pull_u16_field(b, v, TREADMILL_ENERGY_PER_HOUR, &v->energy_per_hour_kcal) &&
           pull_u8_field(b, v, TREADMILL_ENERGY_PER_MINUTE, &v->energy_per_minute_kcal);
}

static bool pull_after_pace(struct bytes *b, uint16_t flags, struct treadmill_record *v)
{
    if ((flags & FLAG_ENERGY) && !pull_energy(b, v))
        return false;
    if ((flags & FLAG_HEART_RATE) && b->left > 0 && b->left <= UINT8_MAX)
        v->heart_rate_from_end = (uint8_t)b->left;
    if ((flags & FLAG_HEART_RATE) && !pull_u8_field(b, v, TREADMILL_HEART_RATE, &v->heart_rate_bpm))
        return false;
    if ((flags & FLAG_METABOLIC) && !pull_u8_field(b, v, TREADMILL_METABOLIC, &v->metabolic))
        return false;
    if ((flags & FLAG_ELAPSED) && !pull_seconds_field(b, v, TREADMILL_ELAPSED, &v->elapsed_s))
        return false;
    if ((flags & FLAG_REMAINING) && !pull_seconds_field(b, v, TREADMILL_REMAINING, &v->remaining_s))
        return false;
    if ((flags & FLAG_FORCE) && (!pull_s16_field(b, v, TREADMILL_FORCE, &v->force_n) ||
                                 !pull_s16_field(b, v, TREADMILL_POWER, &v->power_w)))
        return false;
    return !(flags & FLAG_STEPS) || pull_u24_field(b, v, TREADMILL_STEPS, &v->steps);
}

enum decode_result treadmill_decode(const uint8_t *at, size_t length, struct treadmill_record *ret)
{
    struct bytes bytes = bytes_of(at, length);
    struct treadmill_record value = { 0 };
    uint16_t flags;
    bool whole;

    if (!pull_le16(&bytes, &flags))
        return DECODE_SHORT;
    value.more_data = flags & FLAG_MORE_DATA;
    if (!value.more_data && !pull_u16_field(&bytes, &value, TREADMILL_SPEED, &value.speed))
        return DECODE_SHORT;
    whole = pull_before_pace(&bytes, flags, &value) && skip_pace(&bytes, flags) &&
            pull_after_pace(&bytes, flags, &value);
    *ret = value;
    return whole ? DECODE_OK : DECODE_TRUNCATED;
}

/* ---- split records -------------------------------------------------------------------------- */

static void merge_motion(struct treadmill_record *record, const struct treadmill_record *part)
{
    if (part->has & TREADMILL_SPEED)
        record->speed = part->speed;
    if (part->has & TREADMILL_AVERAGE_SPEED)
        record->average_speed = part->average_speed;
    if (part->has & TREADMILL_TOTAL_DISTANCE)
        record->total_distance_m = part->total_distance_m;
    if (part->has & TREADMILL_INCLINATION)
        record->inclination = part->inclination;
    if (part->has & TREADMILL_RAMP_ANGLE)
        record->ramp_angle = part->ramp_angle;
    if (part->has & TREADMILL_POSITIVE_GAIN)
        record->positive_gain_dm = part->positive_gain_dm;
    if (part->has & TREADMILL_NEGATIVE_GAIN)
        record->negative_gain_dm = part->negative_gain_dm;
    if (part->has & TREADMILL_STEPS)
        record->steps = part->steps;
}

static void merge_effort(struct treadmill_record *record, const struct treadmill_record *part)
{
    if (part->has & TREADMILL_ENERGY)
        record->energy_kcal = part->energy_kcal;
    if (part->has & TREADMILL_ENERGY_PER_HOUR)
        record->energy_per_hour_kcal = part->energy_per_hour_kcal;
    if (part->has & TREADMILL_ENERGY_PER_MINUTE)
        record->energy_per_minute_kcal = part->energy_per_minute_kcal;
    if (part->has & TREADMILL_HEART_RATE)
        record->heart_rate_bpm = part->heart_rate_bpm;
    if (part->has & TREADMILL_METABOLIC)
        record->metabolic = part->metabolic;
    if (part->has & TREADMILL_ELAPSED)
        record->elapsed_s = part->elapsed_s;
    if (part->has & TREADMILL_REMAINING)
        record->remaining_s = part->remaining_s;
    if (part->has & TREADMILL_FORCE)
        record->force_n = part->force_n;
    if (part->has & TREADMILL_POWER)
        record->power_w = part->power_w;
}

void treadmill_merge(struct treadmill_record *record, const struct treadmill_record *part)
{
    merge_motion(record, part);
    merge_effort(record, part);
    record->has |= part->has;
    record->more_data = part->more_data;
}
