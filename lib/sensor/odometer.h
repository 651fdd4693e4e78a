/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * Distance from a sensor that sends a speed, a total, or both. Totals are the sensor's own count and
 * bridge dropouts, but they are lifetime counters or per session, go back to 0 after a battery
 * change, stand still while the speed does not, and come in lumps of 10 m. So only differences count,
 * and what was given out by speed in the meantime is remembered and never given out twice.
 *
 * follow tightly (pods: 0.1 m counts): the total is the distance.
 * follow loosely (belts: 1 m counts, some in lumps): speed is the distance as long as it stays
 * within two lumps of the total; beyond that the total corrects it. In the long run both are equal.
 */
#include <stdbool.h>
#include <stdint.h>

struct odometer {
    double unit_m; /* metres a count, the sensor's Factor included */
    uint32_t mask; /* the counter's width: wraps are differences too */
    bool has_total;
    uint32_t total;
    uint64_t since_usec; /* time since that total, */
    double since_m;      /* and what the speed made of it */
    double ahead_m;      /* given out minus counted */
    double lump_m;       /* smallest step of the total seen; 0 = none yet */
    double held_m;       /* by speed, not given out: the total has not confirmed it */
    uint64_t held_usec;
    bool frozen; /* the total stands still while the speed does not: speed counts */
    double by_speed_m, by_total_m; /* over the same time; to see that both mean metres */
    bool mistrusted;               /* they do not: speed counts */
};

struct odometer_input {
    uint64_t elapsed_usec; /* since the packet before; 0 for the first one */
    double by_speed_m;     /* the speed held over that time, at most SENSOR_HOLD_USEC of it */
    bool has_total;
    uint32_t total;
    bool tight;
};

/* unit_m, mask: as in the struct. */
void odometer_init(struct odometer *odometer, double unit_m, uint32_t mask);
/* The sensor said that it starts anew, or was away too long: the next total is a new beginning. */
void odometer_forget(struct odometer *odometer);
/* Metres to add for this packet, never less than 0; *ret_bridged: they span a dropout, by the total. */
double odometer_feed(struct odometer *odometer, const struct odometer_input *input,
                     bool *ret_bridged);
