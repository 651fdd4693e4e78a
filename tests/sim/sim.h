/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * The whole simulator: a bluetoothd that comes and goes, one adapter, and for each sensor in the air
 * the device that bluetoothd may or may not know.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>
#include "tests/sim/adapter.h"
#include "tests/sim/clockctl.h"
#include "tests/sim/device.h"
#include "tests/sim/object.h"
#include "tests/sim/sensor.h"

#define SIM_SENSORS_MAX 512

struct systemd { /* bluetooth.service as systemd shows it, and the activation of org.bluez */
    sd_bus *bus; /* systemd's own connection; NULL: there is none */
    bool failed, masked;
    bool mute;          /* it answers no question */
    unsigned asked;     /* questions about a unit */
    unsigned broken;    /* so many activations fail */
    unsigned activated; /* tries */
};

struct sim {
    sd_event *event;
    struct clockctl *clockctl; /* NULL: the machine's own time */
    uint64_t seed, random;
    struct objects *objects;
    struct adapter adapter;
    struct sensor sensors[SIM_SENSORS_MAX];
    struct device devices[SIM_SENSORS_MAX]; /* same index */
    size_t n_sensors;
    /* bluetoothd */
    sd_bus *bus; /* NULL while it is dead */
    sd_bus_slot *departures;
    struct object *root; /* /org/bluez */
    struct clock_timer *start_timer;
    struct systemd systemd;
    /* what goes wrong */
    unsigned race_every; /* every so manieth connection shows both races; 0: none */
    unsigned slots;      /* links the controller can hold */
    unsigned connections;
    FILE *sent; /* what subscribers got, a line each; NULL: it is not asked for */
};

uint32_t sim_clock_jumps(const struct sim *sim);
struct sensor *sim_find_sensor(struct sim *sim, const char *name);

/* bluetoothd.c: the process */
int bluetoothd_start(struct sim *sim); /* owns the name when it returns 0 */
void bluetoothd_stop(struct sim *sim); /* as on SIGTERM: says good-bye */
void bluetoothd_kill(struct sim *sim); /* as on SIGKILL: the name goes, nothing else is said */
void bluetoothd_announce_soon(struct sim *sim); /* a start, or an adapter that was plugged in */

/* systemd.c: systemd, as far as bluetoothd is concerned */
int systemd_begin(struct sim *sim);
void systemd_end(struct sim *sim);
int systemd_activate(struct sim *sim); /* the bus wants org.bluez to be started */
