/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * A heart-rate sensor: packets of 0x2A37 to samples. The difficulty is a strap that lies on the
 * table and goes on ticking: a Polar H10 then repeats its last rate each second, with no contact
 * bit to tell. A heart shows life: RR intervals come, or the rate changes.
 *
 *   contact bit says 'no contact'                         -> no contact
 *   a device that has sent RR: 3 frames without life, unless its contact bit says 'contact'
 *   any device: 60 s without life (longest constant rate seen on a body: 16 s)
 *
 * until there is life again. RR of an impossible length (the H10 sends some of 6 s) are no life.
 * In the first 4 s after the link came up a strap may empty its buffer of old beats: no rate and no
 * RR then, unless the contact bit says that it is worn. 0 bpm means 'no reading'.
 */
#include <stdbool.h>
#include <stdint.h>
#include "lib/gatt/decode.h"
#include "lib/gatt/heart_rate.h"
#include "lib/sample.h"

struct strap {
    bool linked; /* since_usec holds */
    uint64_t since_usec;
    bool sends_rr; /* the device has ever sent a possible RR */
    bool has_rate;
    uint16_t rate_bpm;
    uint64_t life_usec;  /* last sign of life */
    int lifeless_frames; /* since then */
};

void strap_init(struct strap *strap);
/* A link came or went; the first packet tells the same of one that was not told. */
void strap_link(struct strap *strap, bool up, uint64_t now_usec);
/* Always writes a sample but for its source. OUT_OF_RANGE for a rate no heart has: the sample then
 * says that there is none. */
enum decode_result strap_feed(struct strap *strap, const struct heart_rate *frame,
                              uint64_t now_usec, struct sample *ret);
