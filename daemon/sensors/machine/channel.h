/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What a sensor measures comes on several channels, a characteristic each: heart rate, cadence, the
 * belt's speed, the air's pressure. On a link whose heart beats on, nobody would see that the cadence was
 * refused, or that the sensor forgot its subscription; so each channel is watched, and subscribed to anew, a
 * few times:
 *
 *   WELL ──── refused ──────────────────────────> REFUSED
 *   WELL ──── silent for 10 s, the others not ──> SILENT
 *   REFUSED ─ accepts the renewal ──────────────> WELL, or SILENT if it had spoken before
 *   SILENT ── refuses the renewal ──────────────> REFUSED
 *   any ───── speaks ───────────────────────────> WELL
 *
 * Silence may be right. A channel that has not spoken on this link owes nothing: a treadmill may wait
 * for its belt, a strap for skin, and the air changes when it likes. One that last said that nobody moves
 * owes nothing either: pods and treadmills that stand save their breath. And when all fall silent it is the
 * link's affair.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHANNELS_MAX  8
#define CHANNEL_NEVER UINT64_MAX
/* Without a packet for so long it is called silent; so is the whole link. */
#define CHANNEL_SILENT_USEC 10000000ULL

enum channel_trouble { CHANNEL_WELL, CHANNEL_REFUSED, CHANNEL_SILENT };

struct channel {
    uint16_t uuid;
    enum channel_trouble trouble;
    uint64_t spoke_usec;  /* last packet of this link, 0 = none */
    unsigned others;      /* packets of other channels since then */
    uint64_t mended_usec; /* when it spoke again */
    unsigned renewals;    /* since it last was well for long */
    uint64_t renew_usec;  /* CHANNEL_NEVER: not in trouble, being renewed, or renewed in vain */
};

struct channels {
    struct channel list[CHANNELS_MAX]; /* of those that answered or spoke */
    size_t n;
};

/* A link begins. */
void channels_reset(struct channels *channels);
/* What is no measurement is let pass by these three. */
void channels_accepted(struct channels *channels, uint16_t uuid, uint64_t now_usec);
void channels_refused(struct channels *channels, uint16_t uuid, uint64_t now_usec);
void channels_spoke(struct channels *channels, uint16_t uuid, uint64_t now_usec);

/* Any of them, on this link. */
bool channels_have_spoken(const struct channels *channels);
/* Sees who has fallen silent. moved_usec: last step or belt movement the sensor told of, 0 = none. */
void channels_check(struct channels *channels, uint64_t moved_usec, uint64_t now_usec);
/* The subscriptions that are to be renewed now, each to be answered by accepted or refused. Returns how
 * many. */
size_t channels_take_renewals(struct channels *channels, uint64_t now_usec,
                              uint16_t ret[CHANNELS_MAX]);
/* When to check, or to take a renewal; now_usec if it is time, CHANNEL_NEVER. */
uint64_t channels_deadline(const struct channels *channels, uint64_t moved_usec, uint64_t now_usec);

/* "no cadence from it", "no heart rate and no cadence from it"; false, and nothing, if all is well. */
bool channels_missing(const struct channels *channels, char *ret, size_t size);
