/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What the files of the machine share. Each calls only those above it:
 *
 *   channel.c  one of several measurements that stays away
 *   policy.c   when a link is wanted
 *   state.c    entering a state, proving a link, ending it
 *   unlinked.c, connecting.c, usable.c   one handler a state
 *   sensor.c   the machine: which handler, until when
 */
#include "daemon/sensors/machine/sensor.h"

#define SECOND         1000000ULL
#define DIAL_USEC      (15 * SECOND) /* never leave a Connect pending: a Pi's Wi-Fi suffers */
#define ASK_AGAIN_USEC SECOND
#define PROVE_USEC     (20 * SECOND)
#define SUBSCRIBE_USEC (20 * SECOND)
#define STALE_USEC     (60 * SECOND)
#define QUIET_BURSTS   3 /* of our scans without an advert: it does not advertise */
#define FOREIGN_SURE   2 /* links, the second without bluetoothd's memory of the first */

/* policy.c */
bool sensor_is_wanted(const struct sensor *x, uint64_t now_usec);
bool sensor_grace_is_over(const struct sensor *x, uint64_t now_usec);
/* When a link that somebody else made is to be taken over, by one that has none of its own; SENSOR_NEVER:
 * there is none, or it is not wanted. */
uint64_t sensor_adoption_usec(const struct sensor *x, uint64_t now_usec);
/* SENSOR_NEVER while a session is open; for one on request: that was asked for. */
uint64_t sensor_idle_deadline(const struct sensor *x);
/* How long a usable link may be silent before it is made anew; SENSOR_NEVER: for ever. */
uint64_t sensor_cut_usec(const struct sensor *x);
bool sensor_may_return(const struct sensor *x, uint64_t now_usec, const char **ret_why);

/* state.c */
/* Stamps, logs `name: old -> new (reason)`; the deadline follows from the state (sensor.c). */
void sensor_set_state(struct sensor *x, enum sensor_state new, const char *reason,
                      uint64_t now_usec);
/* Another reason in the same state, logged as a change. */
void sensor_set_reason(struct sensor *x, const char *reason);
/* The step of CONNECTING that a link begins with. */
uint32_t sensor_begin_proof(struct sensor *x, uint64_t now_usec);
/* Our side of the link's end; BlueZ's follows with LINK_DOWN. */
uint32_t sensor_hang_up(struct sensor *x, uint64_t now_usec);
/* RELEASED by ourselves, until it may return. why: of static storage */
void sensor_let_go(struct sensor *x, const char *why, uint64_t now_usec);
/* After the link's end: was it our subscription that the sensor did not like? */
uint32_t sensor_check_mute_end(struct sensor *x, uint64_t now_usec);

/* One handler per state; STREAMING and SILENT share theirs. */
uint32_t sensor_on_absent(struct sensor *x, const struct sensor_event *event, uint64_t now_usec);
uint32_t sensor_on_seen(struct sensor *x, const struct sensor_event *event, uint64_t now_usec);
uint32_t sensor_on_waiting(struct sensor *x, const struct sensor_event *event, uint64_t now_usec);
uint32_t sensor_on_connecting(struct sensor *x, const struct sensor_event *event,
                              uint64_t now_usec);
uint32_t sensor_on_usable(struct sensor *x, const struct sensor_event *event, uint64_t now_usec);
uint32_t sensor_on_released(struct sensor *x, const struct sensor_event *event, uint64_t now_usec);

/* usable.c */
/* The reason names what does not come, for as long as the rest does. */
void sensor_say_what_lacks(struct sensor *x);
