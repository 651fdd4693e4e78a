/* SPDX-License-Identifier: MIT */
/*
 * Heart rate that a strap kept for itself (under water, say) and the watch loaded afterwards. The
 * first `hr` message has a date and the strap's clock at it, in 1/1024 s:
 *
 *   timestamp + fraction <-> event_timestamp[0]
 *
 * The ones that follow have beats only: filtered_bpm[n], and n times as event_timestamp, or as
 * event_timestamp_12: 12 bits each, two in three bytes, low bits first. These are the low bits of a
 * clock that only goes forward, so each beat is less than 4 s after the one before.
 */
#include <math.h>
#include "lib/activity/fit_private.h"

#define CLOCK_HZ 1024

static void emit(struct fit *fit, double bpm)
{
    struct fit_heart *heart = &fit->heart;
    struct activity_fact fact = activity_fact(ACTIVITY_HEART, ACTIVITY_NO_TIME);
    int64_t ticks = (int64_t)(uint32_t)(heart->latest_1024 - heart->anchor_1024);

    if (!heart->anchored || !(bpm >= 1 && bpm < 255)) /* 0 and NAN: the strap was not sure */
        return;
    fact.t_usec = heart->anchor_usec + ticks * 1000000 / CLOCK_HZ;
    fact.heart_rate_bpm = bpm;
    activity_emit(&fit->sink, &fact);
}

static double bpm_at(const struct fit_message *message, size_t index)
{
    const struct fit_raw *raw = &message->raws[FIT_RAW_BPM];

    return fit_number(raw->type, message->big_endian, raw->bytes, raw->size, index);
}

static void anchor(struct fit *fit, const struct fit_message *message, uint32_t clock_1024)
{
    double timestamp = message->values[FIT_TIMESTAMP], fraction = message->values[FIT_FRACTION];

    if (!(timestamp >= 0 && timestamp <= UINT32_MAX))
        return;
    fit->heart.anchored = true;
    fit->heart.anchor_usec = fit_usec((uint32_t)timestamp) +
                             (fraction >= 0 && fraction < 1 ? (int64_t)(fraction * 1e6) : 0);
    fit->heart.anchor_1024 = clock_1024;
}

static void whole_beats(struct fit *fit, const struct fit_message *message)
{
    const struct fit_raw *raw = &message->raws[FIT_RAW_BEATS];

    for (size_t i = 0; 4 * (i + 1) <= raw->size; i++) {
        double clock = fit_number(raw->type, message->big_endian, raw->bytes, raw->size, i);
        if (!(clock >= 0 && clock <= UINT32_MAX))
            continue;
        if (i == 0)
            anchor(fit, message, (uint32_t)clock);
        fit->heart.latest_1024 = (uint32_t)clock;
        emit(fit, bpm_at(message, i));
    }
}

static void short_beats(struct fit *fit, const struct fit_message *message)
{
    const struct fit_raw *raw = &message->raws[FIT_RAW_BEATS_12];

    for (size_t i = 0; (3 * i + 4) / 2 <= raw->size; i++) {
        const uint8_t *at = raw->bytes + 3 * i / 2;
        uint32_t low = i % 2 == 0 ? (uint32_t)at[0] | (uint32_t)(at[1] & 0xf) << 8
                                  : (uint32_t)at[0] >> 4 | (uint32_t)at[1] << 4;
        fit->heart.latest_1024 += (low - fit->heart.latest_1024) & 0xfff;
        emit(fit, bpm_at(message, i));
    }
}

void fit_heart_message(struct fit *fit, const struct fit_message *message)
{
    whole_beats(fit, message);
    short_beats(fit, message);
}
