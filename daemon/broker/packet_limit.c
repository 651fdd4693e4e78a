/* SPDX-License-Identifier: MIT */
#include "daemon/broker/packet_limit.h"
#include <string.h>

/* A variable byte integer of MQTT's */
static size_t integer_size(size_t value)
{
    return value < 128 ? 1 : value < 16384 ? 2 : value < 2097152 ? 3 : 4;
}

size_t packet_limit_size(const struct mqtt_publish *message, bool v311)
{
    size_t properties = (message->expiry_s ? 5 : 0) +
                        (message->correlation_data ? 3 + message->correlation_length : 0);
    size_t size = 2 + strlen(message->topic) + (message->qos > 0 ? 2 : 0) + message->length;

    size += v311 ? 0 : integer_size(properties) + properties;
    return 1 + integer_size(size) + size;
}

void packet_limit_connected(struct packet_limit *limit, size_t said)
{
    limit->said = said;
    limit->taken = limit->unanswered = 0;
}

static bool is_learned(const struct packet_limit *limit, uint64_t now_usec)
{
    return limit->learned && now_usec - limit->since_usec < PACKET_LIMIT_KEPT_USEC;
}

size_t packet_limit_now(const struct packet_limit *limit, uint64_t now_usec)
{
    size_t most = limit->said ? limit->said : SIZE_MAX;

    return is_learned(limit, now_usec) && limit->learned < most ? limit->learned : most;
}

void packet_limit_unanswered(struct packet_limit *limit, size_t size, uint64_t sent_usec)
{
    if (size < PACKET_LIMIT_LARGE ||
        (size < limit->unanswered && sent_usec < limit->sent_usec + PACKET_LIMIT_SOON_USEC))
        return;
    limit->unanswered = size;
    limit->sent_usec = sent_usec;
}

void packet_limit_taken(struct packet_limit *limit, size_t size)
{
    if (size > limit->taken)
        limit->taken = size;
    if (size >= limit->suspect)
        limit->suspect = limit->n = 0;
}

static void learn(struct packet_limit *limit, size_t too_large, uint64_t now_usec)
{
    limit->learned = too_large - 1;
    limit->since_usec = now_usec;
    limit->suspect = limit->n = 0;
}

/* Perhaps it was started again, with another limit: one more link tells. */
static size_t lost_over_something_else(struct packet_limit *limit)
{
    if (limit->learned) {
        limit->suspect = limit->learned + 1;
        limit->n = PACKET_LIMIT_LOSSES - 1;
        limit->learned = 0;
    }
    return 0;
}

static size_t lost_without_a_word(struct packet_limit *limit, size_t largest, uint64_t since_usec,
                                  uint64_t now_usec)
{
    if (largest < PACKET_LIMIT_LARGE || largest <= limit->taken ||
        now_usec - since_usec >= PACKET_LIMIT_SOON_USEC)
        return lost_over_something_else(limit);
    if (largest > limit->suspect)
        limit->suspect = largest;
    /* with one that does not fit the next smaller one is soon found */
    if (++limit->n >= PACKET_LIMIT_LOSSES || is_learned(limit, now_usec))
        learn(limit, limit->suspect, now_usec);
    return largest;
}

size_t packet_limit_lost(struct packet_limit *limit, enum packet_limit_word word, size_t largest,
                         uint64_t since_usec, uint64_t now_usec)
{
    if (limit->unanswered > largest && now_usec - limit->sent_usec < PACKET_LIMIT_SOON_USEC) {
        largest = limit->unanswered;
        since_usec = limit->sent_usec;
    }
    switch (word) {
    case PACKET_LIMIT_TOO_LARGE:
        if (largest <= PACKET_LIMIT_LEAST)
            return 0;
        learn(limit, largest, now_usec);
        return largest;
    case PACKET_LIMIT_NO_WORD:
        return lost_without_a_word(limit, largest, since_usec, now_usec);
    case PACKET_LIMIT_OTHER_WORD:
        return lost_over_something_else(limit);
    }
    return 0;
}
