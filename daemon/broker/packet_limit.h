/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * How large a packet a broker takes. Over MQTT 5 it says so when a link begins; over 3.1.1, and where it
 * forgets to, it ends the link of whoever sends a larger one, and would end the next for the same message,
 * for ever, with all that waits behind it. So the links that break have to tell: by the broker's word of
 * it, or by three in a row without one that broke as soon as something large was on its way. What was the
 * largest then does not fit, and is held back for a day, or until a link breaks over something else; where
 * another one is too large as well, the next link tells.
 * Pure: no clock, no broker.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "daemon/broker/mqtt.h"

#define PACKET_LIMIT_LOSSES    3
#define PACKET_LIMIT_LARGE     4096 /* bytes; what breaks a link without a word is no smaller */
#define PACKET_LIMIT_LEAST     1024 /* no broker can be used that takes less */
#define PACKET_LIMIT_SOON_USEC (5 * 1000000ULL)
#define PACKET_LIMIT_KEPT_USEC (24 * 3600 * 1000000ULL)

struct packet_limit {
    size_t said;         /* bytes, by the broker, for this link; 0: nothing */
    size_t learned;      /* bytes, by links that broke; 0: nothing */
    uint64_t since_usec; /* `learned` */
    size_t taken;        /* the largest that was acknowledged over this link */
    size_t suspect;      /* the largest that was on its way when links broke without a word */
    unsigned n;          /* of these, one after the other */
    size_t unanswered;   /* of the large ones that nobody acknowledges: the largest of late */
    uint64_t sent_usec;  /* when it was */
};

enum packet_limit_word { PACKET_LIMIT_TOO_LARGE, PACKET_LIMIT_NO_WORD, PACKET_LIMIT_OTHER_WORD };

/* Bytes of the whole packet. */
size_t packet_limit_size(const struct mqtt_publish *message, bool v311);
/* A link begins. said: 0: nothing. */
void packet_limit_connected(struct packet_limit *limit, size_t said);
/* Bytes that a packet may have now; SIZE_MAX: nobody knows of a limit. */
size_t packet_limit_now(const struct packet_limit *limit, uint64_t now_usec);
/* One was sent that nobody acknowledges, or will. */
void packet_limit_unanswered(struct packet_limit *limit, size_t size, uint64_t sent_usec);
/* One was acknowledged. */
void packet_limit_taken(struct packet_limit *limit, size_t size);
/* The link broke; the largest that waited for its acknowledgement then, 0: none, and since when. Returns
 * the size that may be the reason; 0: it is not that. */
size_t packet_limit_lost(struct packet_limit *limit, enum packet_limit_word word, size_t largest,
                         uint64_t since_usec, uint64_t now_usec);
