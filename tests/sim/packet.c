/* SPDX-License-Identifier: MIT */
/* See packet.h. All fields are little-endian. */
#include <math.h>
#include <string.h>
#include "daemon/util.h"
#include "tests/sim/packet.h"

static void put(struct packet *p, uint64_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes && p->length < PACKET_MAX; i++)
        p->bytes[p->length++] = (uint8_t)(value >> 8 * i);
}

static uint64_t rounded(double value, double maximum)
{
    return (uint64_t)llround(fmin(fmax(value, 0), maximum));
}

/* RSC Measurement 2A53
 *   F  SS SS  C  [LL LL]  [DD DD DD DD]
 *   F flags: 0 stride length, 1 total distance, 2 running   S speed 1/256 m/s   C cadence 1/min
 *   L stride length cm   D total distance 0.1 m */
void packet_rsc(struct packet *ret, const struct body *body, const struct rsc_options *options)
{
    double per_min = options->strides ? body->cadence_spm / 2 : body->cadence_spm;
    double length_m = per_min > 0 ? body->speed_m_s * 60 / per_min : 0;
    double total_m = options->odometer_start_m + body->distance_m;

    *ret = (struct packet){ .length = 0 };
    put(ret, options->stride_length | options->odometer << 1 | (body->speed_m_s > 1.9) << 2, 1);
    put(ret, rounded(body->speed_m_s * 256, UINT16_MAX), 2);
    put(ret, rounded(per_min, UINT8_MAX), 1);
    if (options->stride_length)
        put(ret, rounded(length_m * 100, UINT16_MAX), 2);
    if (options->odometer)
        put(ret, rounded(total_m * 10, UINT32_MAX), 4);
}

/* Heart Rate Measurement 2A37
 *   F  H  [RR RR ...]
 *   F flags: 1-2 contact (2 = off, 3 = on, 0 = not supported), 4 RR present   H bpm   RR 1/1024 s */
void packet_heart_rate(struct packet *ret, const struct body *body, double bpm,
                       enum contact_support contact)
{
    unsigned contact_bits = contact == CONTACT_UNSUPPORTED ? 0 : body->worn ? 3 : 2;

    *ret = (struct packet){ .length = 0 };
    put(ret, contact_bits << 1 | (body->n_rr > 0) << 4, 1);
    put(ret, rounded(bpm, UINT8_MAX), 1);
    for (int i = 0; i < body->n_rr; i++)
        put(ret, body->rr_1024[i], 2);
}

/* Treadmill Data 2ACD
 *   FF FF  [SS SS]  [DD DD DD]  [II II  RR RR]  [EE EE]
 *   F flags: 0 more data (set: no speed here), 2 total distance, 3 inclination, 10 elapsed time
 *   S 0.01 km/h   D m   I 0.1 %   R ramp 0.1 deg (not known: 7FFF)   E s */
size_t packet_treadmill(struct packet ret[2], const struct body *body,
                        const struct treadmill_options *options)
{
    struct packet *first = &ret[0], *last = options->split ? &ret[1] : &ret[0];
    unsigned counters = 1u << 2 | (unsigned)options->inclination << 3, elapsed = 1u << 10;

    ret[0] = ret[1] = (struct packet){ .length = 0 };
    put(first, options->split ? counters | 1u : counters | elapsed, 2);
    if (options->split)
        put(last, elapsed, 2);
    put(last, rounded(body->speed_m_s * 360, UINT16_MAX), 2);
    put(first, rounded(floor(options->distance_start_m + body->distance_m), 0xFFFFFF), 3);
    if (options->inclination) {
        put(first, (uint16_t)(int16_t)lround(body->grade_pct * 10), 2);
        put(first, 0x7FFF, 2);
    }
    put(last, rounded(body->t_s, UINT16_MAX), 2);
    return options->split ? 2 : 1;
}

static uint64_t signed_rounded(double value, double maximum)
{
    return (uint64_t)llround(fmin(fmax(value, -maximum), maximum));
}

/* Cycling Power Measurement 2A63, as a running pod sends it: no flags
 *   FF FF  PP PP     P W */
void packet_power(struct packet *ret, const struct body *body)
{
    *ret = (struct packet){ .length = 0 };
    put(ret, 0, 2);
    put(ret, signed_rounded(body->power_w, INT16_MAX), 2);
}

/* Pressure 2A6D
 *   PP PP PP PP     0.1 Pa */
void packet_pressure(struct packet *ret, const struct body *body)
{
    *ret = (struct packet){ .length = 0 };
    put(ret, rounded(body->pressure_pa * 10, UINT32_MAX), 4);
}

/* Elevation 2A6C
 *   EE EE EE     0.01 m */
void packet_elevation(struct packet *ret, const struct body *body)
{
    *ret = (struct packet){ .length = 0 };
    put(ret, signed_rounded(body->altitude_m * 100, 0x7FFFFF), 3);
}

/* Temperature 2A6E
 *   TT TT     0.01 degrees */
void packet_temperature(struct packet *ret, const struct body *body)
{
    *ret = (struct packet){ .length = 0 };
    put(ret, signed_rounded(body->temperature_c * 100, INT16_MAX), 2);
}

/* Location and Speed 2A67, of a run due north
 *   FF FF  SS SS  DD DD DD  AA AA AA AA  OO OO OO OO  EE EE EE
 *   F flags: 0 speed, 1 total distance, 2 position, 3 elevation, 7 position good
 *   S 0.01 m/s   D 0.1 m   A latitude, O longitude 1e-7 degrees   E elevation 0.01 m */
void packet_location(struct packet *ret, const struct body *body)
{
    const double latitude = 51.0 + body->distance_m / 111200, longitude = -0.1;

    *ret = (struct packet){ .length = 0 };
    put(ret, 0x0F | 1u << 7, 2);
    put(ret, rounded(body->speed_m_s * 100, UINT16_MAX), 2);
    put(ret, rounded(body->distance_m * 10, 0xFFFFFF), 3);
    put(ret, signed_rounded(latitude * 1e7, INT32_MAX), 4);
    put(ret, signed_rounded(longitude * 1e7, INT32_MAX), 4);
    put(ret, signed_rounded(body->altitude_m * 100, 0x7FFFFF), 3);
}

void packet_garbage(struct packet *ret, uint16_t uuid, unsigned n)
{
    static const struct packet heart_rate[] = {
        { { 0x16 }, 1 },
        { { 0x01, 0x50 }, 2 },
        { { 0 }, 0 },
    };
    static const struct packet rsc[] = {
        { { 0x07 }, 1 },
        { { 0x07, 0x00, 0x03 }, 3 },
        { { 0 }, 0 },
        { { 0x03, 0xFF }, 2 },
    };
    static const struct packet treadmill[] = {
        { { 0x00 }, 1 },
        { { 0x00, 0x00, 0x10 }, 3 },
        { { 0 }, 0 },
        { { 0x00, 0x00 }, 2 },
    };
    static const struct packet too_short[] = { { { 0x07 }, 1 }, { { 0 }, 0 } };

    *ret = uuid == 0x2A37   ? heart_rate[n % ELEMENTSOF(heart_rate)]
           : uuid == 0x2A53 ? rsc[n % ELEMENTSOF(rsc)]
           : uuid == 0x2ACD ? treadmill[n % ELEMENTSOF(treadmill)]
                            : too_short[n % ELEMENTSOF(too_short)];
}
