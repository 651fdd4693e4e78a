/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What the broker keeps for who comes later: the state of every sensor, and the open or last session
 * of every runner. A sensor's state is made of both ends: what its link knows, and what its packets
 * told.
 */
#include "daemon/broker/publisher.h"
#include "daemon/sensors/sensors.h"
#include "daemon/sessions/sessions.h"

struct retained {
    const struct conf *conf; /* all borrowed */
    const struct sensors *sensors;
    const struct sessions *sessions;
    struct publisher *publisher;
    double bad_packets_said[CONF_SENSORS_MAX];
};

/* false: no such sensor is configured, and nothing is filled in. */
bool retained_fill_sensor(const struct retained *retained, size_t sensor,
                          struct payload_sensor *ret);
void retained_say_sensor(struct retained *retained, size_t sensor);
/* Bad packets come at the rate of the sensor: they are counted at once, and said now and then. */
void retained_say_bad_packets(struct retained *retained);
/* The session of each runner, and each sensor, as they are: after a start or a new configuration. */
void retained_say_all(struct retained *retained, uint64_t now_usec);
/* The figures of now, which change too often to be said each time: to a broker that was away. */
void retained_say_figures(struct retained *retained, uint64_t now_usec);
