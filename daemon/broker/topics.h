/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * The registry of the retained topics: what is true now of each, and whether the broker has it.
 * Nothing is queued: a change replaces what was not sent yet, and after each connect everything is
 * published from here. A topic whose subject is gone is cleared by an empty retained message and
 * stays in the registry until that is acknowledged.
 *
 * No clock, timer or broker of its own: see struct topics_callbacks and topics_run.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "daemon/broker/mqtt.h"
#include "daemon/broker/topic.h"

#define TOPICS_COOKIE     0x5400000000000000ULL /* high byte of the cookies given to publish */
#define TOPICS_WINDOW     32                    /* retained messages on their way at a time */
#define TOPICS_TRIES      3
#define TOPICS_RETRY_USEC (5 * 1000000ULL)
/* Home Assistant may lose a discovery message that comes while it works on the one before, and takes that long to
 * give the names of a device that is gone to another. */
#define TOPICS_PATH_REST_USEC 1500000ULL
#define TOPICS_NEVER          UINT64_MAX

struct topics;

struct topics_callbacks {
    int (*publish)(void *userdata, const struct mqtt_publish *message); /* as mqtt_publish */
    /* Refused three times; not tried again before it changes or the link comes anew. */
    void (*on_refused)(void *userdata, const char *topic, int reason);
};

int topics_new(struct topics **ret, const char *root, const char *gateway,
               const struct topics_callbacks *callbacks, void *userdata);
struct topics *topics_free(struct topics *topics);
/* From here on another is asked to publish. */
void topics_hand_over(struct topics *topics, const struct topics_callbacks *callbacks,
                      void *userdata);

/* Retained state: kept, and published if it is not what the broker has. `payload` is copied. */
int topics_set(struct topics *topics, enum topic topic, const char *first, const char *second,
               const void *payload, size_t length, uint64_t now_usec);
/* The same for a whole path outside our tree (discovery); QoS 1. */
int topics_set_path(struct topics *topics, const char *path, const void *payload, size_t length,
                    uint64_t now_usec);
/* Set, and not cleared since. */
bool topics_says(const struct topics *topics, enum topic topic, const char *first,
                 const char *second);
/* A reload: what is not set again between begin and end is cleared. */
void topics_sweep_begin(struct topics *topics);
void topics_sweep_end(struct topics *topics, uint64_t now_usec);
/* In between: what `others` says counts as set again, so it is left to them. */
void topics_sweep_spare(struct topics *topics, const struct topics *others);

/* What was to be cleared and has not been, one path after the other; *state starts at 0. NULL: no more. */
const char *topics_next_uncleared(const struct topics *topics, size_t *state);
/* To be cleared here, since it could not be there; nothing if it is said here. */
int topics_inherit(struct topics *topics, const char *path, uint64_t now_usec);

/* Not retained: goes now or not at all. As mqtt_publish; cookie may be 0. */
int topics_publish(struct topics *topics, enum topic topic, const char *first, const void *payload,
                   size_t length, uint64_t cookie);
/* To response/<verb>, and to the asker's response topic too if it gave one that is not of our state. */
int topics_respond(struct topics *topics, const char *verb, const struct mqtt_message *request,
                   const void *payload, size_t length);

void topics_set_online(struct topics *topics, bool online, uint64_t now_usec);
/* `status` was sent since we may publish: whatever is sent from here on comes after it. */
bool topics_has_spoken(const struct topics *topics);
/* Another gateway has our name: nothing is published until this is undone, and then everything is. */
void topics_mute(struct topics *topics, bool mute, uint64_t now_usec);
/* Publishes everything again, or one topic, without a change (somebody else may have lost or
 * overwritten it). */
void topics_repeat_at(struct topics *topics, uint64_t at_usec);
void topics_repeat(struct topics *topics, enum topic topic, uint64_t now_usec);
/* No path is set there sooner than `others`, which spoke there before, would set one. */
void topics_rest_after(struct topics *topics, const struct topics *others);

/*
 * Filters to subscribe to for a while after each connect (NULL-terminated, owned by topics), and what
 * to do with the messages: a retained one of ours that is not in the registry is left of an earlier
 * configuration, and is cleared. A path is ours if it begins with one of the prefixes given by
 * topics_own_paths, which come with a filter of their own. So: set all that is true first, and
 * subscribe only when not muted (what another gateway says under our name is not ours to clear); to the
 * filters of our paths, which are ours whoever has our name, before that, so that what is left of them
 * is cleared before another takes its place.
 */
const char *const *topics_filters(const struct topics *topics);
const char *const *topics_path_filters(const struct topics *topics);
int topics_own_paths(struct topics *topics, const char *filter, const char *prefix);
bool topics_on_retained(struct topics *topics, const struct mqtt_message *message,
                        uint64_t now_usec);

static inline bool topics_owns(uint64_t cookie)
{
    return (cookie & 0xff00000000000000ULL) == TOPICS_COOKIE;
}
void topics_answer(struct topics *topics, uint64_t cookie, enum mqtt_result result, int reason,
                   uint64_t now_usec);
void topics_run(struct topics *topics, uint64_t now_usec);
uint64_t topics_next_usec(const struct topics *topics);
bool topics_settled(const struct topics *topics); /* the broker has everything */
