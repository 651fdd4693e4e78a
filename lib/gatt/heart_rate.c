/* SPDX-License-Identifier: MIT */
/*
 *  0        1            2..            ..              ..end
 * +--------+------------+--------------+---------------+----------------------+
 * | flags  | bpm        | energy (b3)  | RR (b4)       |  RR ...              |
 * | u8     | u8 or u16  | u16 kJ       | u16 1/1024 s  |  as many as fit      |
 * +--------+------------+--------------+---------------+----------------------+
 *
 * flags: b0 bpm is u16 | b1 contact | b2 contact supported | b3 energy | b4 RR | b5..7 reserved
 *
 * The number of RR is nowhere but in the length: parsers that expect exactly one lose beats, and
 * ones that forget the energy field read it as a beat.
 */
#include "lib/bytes.h"
#include "lib/gatt/heart_rate.h"

#define FLAG_WIDE              (1u << 0)
#define FLAG_CONTACT           (1u << 1)
#define FLAG_CONTACT_SUPPORTED (1u << 2)
#define FLAG_ENERGY            (1u << 3)
#define FLAG_RR                (1u << 4)

static enum heart_rate_contact contact_of(uint8_t flags)
{
    if (!(flags & FLAG_CONTACT_SUPPORTED))
        return HEART_RATE_CONTACT_UNSUPPORTED;
    return flags & FLAG_CONTACT ? HEART_RATE_CONTACT_YES : HEART_RATE_CONTACT_NONE;
}

static bool pull_rate(struct bytes *bytes, bool wide, uint16_t *ret)
{
    uint8_t narrow;
    if (wide)
        return pull_le16(bytes, ret);
    if (!pull_u8(bytes, &narrow))
        return false;
    *ret = narrow;
    return true;
}

/* An odd byte at the end, or more beats than we keep, is a cut packet with good beats before it. */
static enum decode_result pull_rr(struct bytes *bytes, struct heart_rate *value)
{
    value->has |= HEART_RATE_RR;
    while (value->n_rr < SAMPLE_RR_MAX && pull_le16(bytes, &value->rr_1024[value->n_rr]))
        value->n_rr++;
    return bytes->left > 0 ? DECODE_TRUNCATED : DECODE_OK;
}

enum decode_result heart_rate_decode(const uint8_t *at, size_t length, struct heart_rate *ret)
{
    struct bytes bytes = bytes_of(at, length);
    struct heart_rate value = { 0 };
    enum decode_result result = DECODE_OK;
    uint8_t flags;

    if (!pull_u8(&bytes, &flags) || !pull_rate(&bytes, flags & FLAG_WIDE, &value.bpm))
        return DECODE_SHORT;
    value.contact = contact_of(flags);
    if (flags & FLAG_ENERGY) {
        if (pull_le16(&bytes, &value.energy_kj))
            value.has |= HEART_RATE_ENERGY;
        else
            result = DECODE_TRUNCATED;
    }
    if ((flags & FLAG_RR) && result == DECODE_OK)
        result = pull_rr(&bytes, &value);
    *ret = value;
    return result;
}
