/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * A simulated sensor below the radio: a body that moves, a policy when to advertise, one link at
 * most, and what goes wrong with all that. It knows nothing of D-Bus; the device (device.h) is how
 * bluetoothd sees it.
 *
 *                 activity, wake=            central connects
 *      ASLEEP ----------------> ADVERTISING ----------------> LINKED (ours) or TAKEN (another's)
 *         ^      none for sleep=     |  ^                          |
 *         +--------------------------+  +----- link lost, given ---+
 *      out of range (vanish, a script's dropout): not heard, link lost after the supervision timeout
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "daemon/clock.h"
#include "tests/sim/body.h"
#include "tests/sim/packet.h"

struct sim;
struct device;

enum sensor_service { /* what it measures; those of its environment share a service */
                      SENSOR_HEART_RATE = 1 << 0,
                      SENSOR_RSC = 1 << 1,
                      SENSOR_TREADMILL = 1 << 2,
                      SENSOR_POWER = 1 << 3,
                      SENSOR_PRESSURE = 1 << 4,
                      SENSOR_TEMPERATURE = 1 << 5,
                      SENSOR_ELEVATION = 1 << 6,
                      SENSOR_LOCATION = 1 << 7,
};
#define SENSOR_SERVICES 8
#define SENSOR_ENVIRONMENT                                                                         \
    (SENSOR_PRESSURE | SENSOR_TEMPERATURE | SENSOR_ELEVATION) /* one service */

struct sensor_service_info {
    unsigned bit;
    uint16_t service, measurement;
    const char *name;
};
extern const struct sensor_service_info sensor_services[SENSOR_SERVICES];
/* By its measurement; NULL: none of them. */
const struct sensor_service_info *sensor_service_of(uint16_t measurement);

struct
    sensor_truth { /* what went out on the link while it was subscribed, and what happened to it */
    uint64_t notifications[SENSOR_SERVICES]; /* by sensor_services[] */
    uint64_t subscriptions[SENSOR_SERVICES]; /* CCCs written, also those it refused */
    uint64_t malformed;
    uint64_t connections, link_losses, refused;
    uint64_t writes; /* to any characteristic: a client that only reads makes none */
    uint64_t taken_by_watch;
    uint64_t rr_sent;
    double first_distance_m,
        last_distance_m; /* own total in the first and last packet sent; NAN: none */
};

struct sensor {
    struct sim *sim;
    struct device *device;
    /* what it is */
    const char *kind; /* pod, strap, belt, power, barometer, location */
    char name[64];
    char address[18];
    bool public_address;
    bool picky;        /* ends a link when it is subscribed to and its CCC was not read before */
    bool dual_mode;    /* BR/EDR, too, and nothing to be had by that */
    unsigned services; /* enum sensor_service */
    char manufacturer[64], model[64], firmware[64];
    uint16_t appearance;
    struct rsc_options rsc;
    struct treadmill_options treadmill;
    enum contact_support contact;
    double hz;
    double wake_s, sleep_s;
    double interval_s; /* between adverts at the most; 0: 150 ms */
    double reset_s;    /* the odometer goes back to 0 then; NAN: never */
    /* how it is */
    struct body body;
    double active_s, inactive_s;
    bool awake, away, taken, linked;
    bool mute, deaf;
    bool late;                      /* who connects is answered after the services are resolved */
    uint64_t slow_usec;             /* between its link and its services, besides what is usual */
    bool ccc_read;                  /* on this link */
    unsigned muted, unsubscribable; /* enum sensor_service whose measurement it keeps to itself */
    bool busy;                      /* somebody's Connect to it is always pending */
    unsigned refuse, malformed;
    int rssi_dbm, battery_pct;
    double shown_bpm;
    bool advertising;
    uint64_t advertising_since_usec;
    bool watch_waits;
    uint64_t watch_after_usec;
    /* its clockwork */
    struct clock_timer *tick_timer, *watch_timer, *return_timer;
    uint64_t next_tick_usec, return_at_usec;
    uint32_t jumps;
    struct sensor_truth truth;
};

/* `text` is KIND:NAME:ADDRESS[:option,option=value,...]. On a mistake *ret_mistake says what. */
int sensor_parse(struct sensor *sensor, const char *text, uint64_t seed, const char **ret_mistake);
int sensor_start(struct sensor *sensor, struct sim *sim, struct device *device);
void sensor_done(struct sensor *sensor);

/* Called by the device */
void sensor_linked(struct sensor *sensor);
void sensor_unlinked(struct sensor *sensor);
/* A CCC is read. */
void sensor_read_ccc(struct sensor *sensor);
/* A CCC is written. 0 or the ATT error. */
int sensor_subscribe(struct sensor *sensor, uint16_t uuid);
/* 0 and the value; or the ATT error (> 0). */
int sensor_read(const struct sensor *sensor, uint16_t uuid, struct packet *ret);
/* 0 or the ATT error; an indication that answers it goes to *ret_answer (length 0: none). */
int sensor_write(struct sensor *sensor, uint16_t uuid, const struct packet *value, bool indicating,
                 struct packet *ret_answer);

/* Called by commands */
void sensor_set_away(struct sensor *sensor, bool away, uint64_t for_usec); /* 0: until told */
void sensor_set_taken(struct sensor *sensor, bool taken);
void sensor_set_watch(struct sensor *sensor, bool waits, uint64_t after_usec);
void sensor_set_battery(struct sensor *sensor, int percent);
/* 0, or -EINVAL with no such field, -ERANGE with a bad value */
int sensor_set(struct sensor *sensor, const char *field, const char *value);
void sensor_shift(struct sensor *sensor, int64_t by_usec);
/* One line of JSON, without newline. */
void sensor_truth_json(const struct sensor *sensor, char *ret, size_t size);
