/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * Two gateways with one identity. A card image copied to a second Pi brings the machine id along, and
 * with it the client identifier: the broker ends the link of the one for the other, whose link it then
 * ends for the first, each time as soon as it has come back, and both are online for seconds. Neither
 * sees the other (rival.h goes by machine ids), so the broken links have to tell.
 *
 * MQTT 5 has a word for it, which not every broker says (mosquitto does from 2.0.15 on), and 3.1.1 has
 * none: there it is links that break as soon as they stand, though the broker is there all the while.
 * Whoever has lost three in five minutes stays off for a quarter of an hour, so that the other one
 * works; comes back, for that one may be switched off; and is off again at the first loss.
 * Pure: no clock, no broker.
 */
#include <stdbool.h>
#include <stdint.h>

#define TWIN_LOSSES      3
#define TWIN_WINDOW_USEC (5 * 60 * 1000000ULL)
#define TWIN_SHORT_USEC  (5 * 1000000ULL) /* a link that broke so soon, without a word */
#define TWIN_REST_USEC   (15 * 60 * 1000000ULL)

struct twin {
    uint64_t lost_usec[TWIN_LOSSES]; /* the newest last */
    unsigned n;                      /* of them, since a link held */
    bool suspected;                  /* it stayed off, and no link has held since */
    bool told; /* by the broker, since a link held: of one that is closed its word may get lost */
};

enum twin_word { TWIN_TAKEN_OVER, TWIN_NO_WORD, TWIN_OTHER_WORD };

/* A link that stood is lost, with this word of the broker. True: stay off for TWIN_REST_USEC. */
bool twin_lost(struct twin *twin, enum twin_word word, uint64_t up_usec, uint64_t now_usec);
/* A connect failed: the broker itself comes and goes. */
void twin_not_connected(struct twin *twin);
