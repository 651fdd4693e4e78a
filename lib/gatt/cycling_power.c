/* SPDX-License-Identifier: MIT */
/*
 *  0           2           4
 * +-----------+-----------+------------------------------------------------------+
 * | flags u16 | power s16 | fields in this order, each only when its bit says so |
 * |           | W         |                                                      |
 * +-----------+-----------+------------------------------------------------------+
 *   bit   field                               type      unit
 *   b0    pedal power balance                 u8        1/2 %
 *   b1    (the balance is the left pedal's)
 *   b2    accumulated torque                  u16       1/32 N m
 *   b3    (the torque is the crank's)
 *   b4    wheel revolutions, last event       u32 u16   1, 1/2048 s
 *   b5    crank revolutions, last event       u16 u16   1, 1/1024 s
 *   b6    extreme force, maximum, minimum     s16 s16   N
 *   b7    extreme torque, maximum, minimum    s16 s16   1/32 N m
 *   b8    extreme angles, maximum, minimum    u12 u12   degrees, in three bytes: BC 3A 12
 *                                                       is maximum ABC, minimum 123
 *   b9    top dead spot angle                 u16       degrees
 *   b10   bottom dead spot angle              u16       degrees
 *   b11   accumulated energy                  u16       kJ
 *   b12   (offset compensation)
 *   b13.. reserved
 *
 * The wheel's clock ticks twice as fast as the crank's. A sensor with much to tell sends it in
 * several packets, each with flags of its own.
 */
#include "lib/bytes.h"
#include "lib/gatt/cycling_power.h"

#define FLAG_BALANCE         (1u << 0)
#define FLAG_BALANCE_LEFT    (1u << 1)
#define FLAG_TORQUE          (1u << 2)
#define FLAG_TORQUE_CRANK    (1u << 3)
#define FLAG_WHEEL           (1u << 4)
#define FLAG_CRANK           (1u << 5)
#define FLAG_EXTREME_FORCE   (1u << 6)
#define FLAG_EXTREME_TORQUE  (1u << 7)
#define FLAG_EXTREME_ANGLES  (1u << 8)
#define FLAG_TOP_DEAD_SPOT   (1u << 9)
#define FLAG_BOTTOM          (1u << 10)
#define FLAG_ENERGY          (1u << 11)
#define FLAG_OFFSET          (1u << 12)
#define BALANCE_MAX_HALF_PCT 200

/* ---- fields of two values, which come or are cut together ---------------------------------- */

static bool pull_wheel(struct bytes *bytes, struct cycling_power *value)
{
    struct bytes at = *bytes;
    uint32_t revolutions;
    uint16_t event;

    if (!pull_le32(&at, &revolutions) || !pull_le16(&at, &event))
        return false;
    *bytes = at;
    value->wheel_revolutions = revolutions;
    value->wheel_event_2048 = event;
    return true;
}

static bool pull_crank(struct bytes *bytes, struct cycling_power *value)
{
    struct bytes at = *bytes;
    uint16_t revolutions, event;

    if (!pull_le16(&at, &revolutions) || !pull_le16(&at, &event))
        return false;
    *bytes = at;
    value->crank_revolutions = revolutions;
    value->crank_event_1024 = event;
    return true;
}

static bool pull_extremes(struct bytes *bytes, int16_t *ret_max, int16_t *ret_min)
{
    struct bytes at = *bytes;
    int16_t max, min;

    if (!pull_sle16(&at, &max) || !pull_sle16(&at, &min))
        return false;
    *bytes = at;
    *ret_max = max;
    *ret_min = min;
    return true;
}

static bool pull_angles(struct bytes *bytes, struct cycling_power *value)
{
    uint32_t both;

    if (!pull_le24(bytes, &both))
        return false;
    value->angle_max_deg = both & 0xFFF;
    value->angle_min_deg = (uint16_t)(both >> 12);
    return true;
}

/* ---- the packet ---------------------------------------------------------------------------- */

static bool pull_balance(struct bytes *bytes, struct cycling_power *value)
{
    if (!pull_u8(bytes, &value->balance_half_pct))
        return false;
    if (value->balance_half_pct <= BALANCE_MAX_HALF_PCT)
        value->has |= CYCLING_POWER_BALANCE;
    return true;
}

/* A field that is there whenever it is whole. */
static bool keep(struct cycling_power *value, uint32_t field, bool pulled)
{
    value->has |= pulled ? field : 0;
    return pulled;
}

static bool pull_revolutions(struct bytes *b, uint16_t flags, struct cycling_power *v)
{
    if ((flags & FLAG_BALANCE) && !pull_balance(b, v))
        return false;
    if ((flags & FLAG_TORQUE) && !keep(v, CYCLING_POWER_TORQUE, pull_le16(b, &v->torque_32_nm)))
        return false;
    if ((flags & FLAG_WHEEL) && !keep(v, CYCLING_POWER_WHEEL, pull_wheel(b, v)))
        return false;
    return !(flags & FLAG_CRANK) || keep(v, CYCLING_POWER_CRANK, pull_crank(b, v));
}

static bool pull_extreme(struct bytes *b, uint16_t flags, struct cycling_power *v)
{
    if ((flags & FLAG_EXTREME_FORCE) &&
        !keep(v, CYCLING_POWER_EXTREME_FORCE, pull_extremes(b, &v->force_max_n, &v->force_min_n)))
        return false;
    if ((flags & FLAG_EXTREME_TORQUE) &&
        !keep(v, CYCLING_POWER_EXTREME_TORQUE,
              pull_extremes(b, &v->torque_max_32_nm, &v->torque_min_32_nm)))
        return false;
    return !(flags & FLAG_EXTREME_ANGLES) ||
           keep(v, CYCLING_POWER_EXTREME_ANGLES, pull_angles(b, v));
}

static bool pull_rest(struct bytes *b, uint16_t flags, struct cycling_power *v)
{
    if ((flags & FLAG_TOP_DEAD_SPOT) &&
        !keep(v, CYCLING_POWER_TOP_DEAD_SPOT, pull_le16(b, &v->top_dead_spot_deg)))
        return false;
    if ((flags & FLAG_BOTTOM) &&
        !keep(v, CYCLING_POWER_BOTTOM_DEAD_SPOT, pull_le16(b, &v->bottom_dead_spot_deg)))
        return false;
    return !(flags & FLAG_ENERGY) || keep(v, CYCLING_POWER_ENERGY, pull_le16(b, &v->energy_kj));
}

enum decode_result cycling_power_decode(const uint8_t *at, size_t length, struct cycling_power *ret)
{
    struct bytes bytes = bytes_of(at, length);
    struct cycling_power value = { 0 };
    uint16_t flags;
    bool whole;

    if (!pull_le16(&bytes, &flags) || !pull_sle16(&bytes, &value.power_w))
        return DECODE_SHORT;
    value.balance_is_left = flags & FLAG_BALANCE_LEFT;
    value.torque_from_crank = flags & FLAG_TORQUE_CRANK;
    value.offset_compensation = flags & FLAG_OFFSET;
    whole = pull_revolutions(&bytes, flags, &value) && pull_extreme(&bytes, flags, &value) &&
            pull_rest(&bytes, flags, &value);
    *ret = value;
    return whole ? DECODE_OK : DECODE_TRUNCATED;
}
