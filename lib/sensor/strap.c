/* SPDX-License-Identifier: MIT */
#include <string.h>
#include "lib/sensor/limits.h"
#include "lib/sensor/strap.h"

#define RATE_MIN_BPM 30
#define RATE_MAX_BPM 240

/* Intervals a heart can have (270..2000 ms), in 1/1024 s. */
#define RR_MIN_1024 277
#define RR_MAX_1024 2048

/* About three old frames come in the first second; three frames later the rule above sees them. */
#define SETTLE_USEC (4 * SENSOR_SECOND_USEC)

/* Straps that send more often than each second leave RR out more often. */
#define LIFELESS_FRAMES 3
#define LIFELESS_USEC   (SENSOR_SECOND_USEC * 5 / 2)
#define FROZEN_USEC     (60 * SENSOR_SECOND_USEC)

void strap_init(struct strap *strap)
{
    *strap = (struct strap){ 0 };
}

/* That the device sends RR is its nature and outlives the link. */
void strap_link(struct strap *strap, bool up, uint64_t now_usec)
{
    *strap = (struct strap){
        .sends_rr = strap->sends_rr, .linked = up, .since_usec = now_usec, .life_usec = now_usec
    };
}

static bool has_possible_rr(const struct heart_rate *frame)
{
    for (int i = 0; i < frame->n_rr; i++)
        if (frame->rr_1024[i] >= RR_MIN_1024 && frame->rr_1024[i] <= RR_MAX_1024)
            return true;
    return false;
}

static void look_for_life(struct strap *strap, const struct heart_rate *frame, uint64_t now_usec)
{
    bool beats = has_possible_rr(frame);
    bool changed = !strap->has_rate || frame->bpm != strap->rate_bpm;

    strap->sends_rr = strap->sends_rr || beats;
    strap->has_rate = true;
    strap->rate_bpm = frame->bpm;
    if (beats || changed) {
        strap->life_usec = now_usec;
        strap->lifeless_frames = 0;
    } else if (strap->lifeless_frames < LIFELESS_FRAMES)
        strap->lifeless_frames++;
}

static bool is_off_body(const struct strap *strap, const struct heart_rate *frame,
                        uint64_t now_usec)
{
    uint64_t lifeless_usec = now_usec > strap->life_usec ? now_usec - strap->life_usec : 0;

    if (frame->contact == HEART_RATE_CONTACT_NONE || lifeless_usec >= FROZEN_USEC)
        return true;
    return frame->contact != HEART_RATE_CONTACT_YES && strap->sends_rr &&
           strap->lifeless_frames >= LIFELESS_FRAMES && lifeless_usec >= LIFELESS_USEC;
}

static bool is_settled(const struct strap *strap, const struct heart_rate *frame, uint64_t now_usec)
{
    return frame->contact == HEART_RATE_CONTACT_YES || now_usec >= strap->since_usec + SETTLE_USEC;
}

static void copy_beats(const struct heart_rate *frame, struct sample *sample)
{
    if (frame->n_rr == 0)
        return;
    memcpy(sample->rr_1024, frame->rr_1024, (size_t)frame->n_rr * sizeof frame->rr_1024[0]);
    sample->n_rr = frame->n_rr;
    sample->has |= SAMPLE_RR;
}

enum decode_result strap_feed(struct strap *strap, const struct heart_rate *frame,
                              uint64_t now_usec, struct sample *ret)
{
    bool possible = frame->bpm >= RATE_MIN_BPM && frame->bpm <= RATE_MAX_BPM;
    struct sample sample = { .t_usec = now_usec };

    if (!strap->linked)
        strap_link(strap, true, now_usec);
    look_for_life(strap, frame, now_usec);
    if (is_off_body(strap, frame, now_usec))
        sample.has = SAMPLE_NO_CONTACT;
    else if (possible && is_settled(strap, frame, now_usec)) {
        sample.has = SAMPLE_HEART_RATE;
        sample.heart_rate_bpm = frame->bpm;
        copy_beats(frame, &sample);
    }
    *ret = sample;
    return possible || frame->bpm == 0 ? DECODE_OK : DECODE_OUT_OF_RANGE;
}
