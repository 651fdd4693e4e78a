/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * Running power: packets of 0x2A63 to samples. Nothing is remembered: the packet says how much it is
 * now. Cranks and wheels are a bicycle's; what a running pod puts there its RSC says better, so speed,
 * cadence and steps come from that alone, and power by itself is no sign that anybody moves.
 */
#include <stdint.h>
#include "lib/gatt/cycling_power.h"
#include "lib/sample.h"

/* More than a sprinter on a bicycle has ever shown: a unit or a packet gone wrong. */
#define POWER_MAX_W 3000

/* Fills all of *ret. OUT_OF_RANGE beyond POWER_MAX_W, either way: nothing is written. */
enum decode_result power_feed(const struct cycling_power *packet, uint64_t now_usec,
                              struct sample *ret);
