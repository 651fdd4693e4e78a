/* SPDX-License-Identifier: MIT */
#pragma once
/* From a body to the bytes a sensor notifies. Written from the layouts alone, not from our decoders,
 * which would only prove that two wrongs agree. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "tests/sim/body.h"

#define PACKET_MAX 244

struct packet {
    uint8_t bytes[PACKET_MAX];
    size_t length;
};

struct rsc_options {
    bool strides;       /* the cadence field counts one foot */
    bool odometer;      /* total distance present */
    bool stride_length; /* stride length present, by the same unit as the cadence */
    double odometer_start_m;
};

enum contact_support { CONTACT_SUPPORTED, CONTACT_UNSUPPORTED };

struct treadmill_options {
    bool split;       /* one record in two notifications */
    bool inclination; /* inclination and ramp angle present */
    bool no_data;     /* another kind of fitness machine: its service, and no treadmill data */
    double distance_start_m;
};

void packet_rsc(struct packet *ret, const struct body *body, const struct rsc_options *options);
/* `bpm` is what the strap shows: off the body it is the last rate it saw. */
void packet_heart_rate(struct packet *ret, const struct body *body, double bpm,
                       enum contact_support contact);
void packet_power(struct packet *ret, const struct body *body);
void packet_pressure(struct packet *ret, const struct body *body);
void packet_elevation(struct packet *ret, const struct body *body);
void packet_temperature(struct packet *ret, const struct body *body);
void packet_location(struct packet *ret, const struct body *body);
/* Returns how many of the two packets are filled. */
size_t packet_treadmill(struct packet ret[2], const struct body *body,
                        const struct treadmill_options *options);
/* The nth variant of a packet whose mandatory fields are cut. */
void packet_garbage(struct packet *ret, uint16_t uuid, unsigned n);
