/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * Two gateways with one name: who may speak. `info` is retained and names the machine that speaks
 * under this name; `health` comes each minute from whoever does so. From these two and the time:
 *
 *                 no info, or ours, 3 s after connect
 *   LISTENING ------------------------------------------> ALONE
 *       | foreign info                                      | foreign info of a smaller machine id
 *       v                health within 130 s                v
 *   WATCHING -------------------------> PRESENT <-----------+
 *       | 130 s of silence                 | 130 s of silence
 *       v                                  v
 *   TAKEN_OVER <---------------------------+        (a new link: LISTENING again, from any state)
 *
 * Only ALONE and TAKEN_OVER may publish. A reinstalled machine, which has a new id, takes its own name
 * back after 130 s. Two that start in one moment see each other's info and the greater id yields.
 * Pure: no clock, no broker.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RIVAL_LISTEN_USEC (3 * 1000000ULL)
#define RIVAL_WATCH_USEC  (130 * 1000000ULL)
#define RIVAL_NEVER       UINT64_MAX

enum rival_state {
    RIVAL_OFFLINE,
    RIVAL_LISTENING,
    RIVAL_ALONE,
    RIVAL_WATCHING,
    RIVAL_PRESENT,
    RIVAL_TAKEN_OVER
};

struct rival {
    enum rival_state state;
    char machine[40]; /* ours */
    char other[40];   /* the foreign one last seen; "" = none */
    uint64_t deadline_usec;
};

void rival_init(struct rival *rival, const char *machine);
/* Each returns true when the state changed: look at rival_may_publish and rival_sentence then. */
bool rival_connected(struct rival *rival, uint64_t now_usec);
bool rival_disconnected(struct rival *rival);
/* `machine` of an `info` heard, retained or not; also our own coming back. "" = it names none. */
bool rival_info(struct rival *rival, const char *machine, uint64_t now_usec);
/* A `health` heard. Our own must not come here: subscribe with no_local, or only while muted. */
bool rival_health(struct rival *rival, uint64_t now_usec);
bool rival_run(struct rival *rival, uint64_t now_usec);
static inline uint64_t rival_next_usec(const struct rival *rival)
{
    return rival->deadline_usec;
}

bool rival_may_publish(const struct rival *rival);
/* Plain words for the log and for problems[]; false: nothing to say. `gateway` is the name. */
bool rival_sentence(const struct rival *rival, const char *gateway, char *ret, size_t size);
