/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * The configured sensors and everything between them and BlueZ: one connection machine a sensor
 * (machine/sensor.c), the radio they share (radio.c: scan bursts, one Connect at a time, backoff) and
 * the mirror of org.bluez (bluez.c). Above this line there are only sensor indexes (as in
 * conf.sensors[]), bytes and states; no D-Bus path, no address.
 *
 * All callbacks run on the loop and must not free the object. Times are now_usec of clock.h.
 */
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>
#include "lib/conf.h"
#include "lib/payload.h"

struct sensors;

struct sensors_callbacks {
    /* One GATT notification of a characteristic we know how to decode; bytes are borrowed. The ones
     * that are only read (2AD5) come through here too, once per link. */
    void (*on_notification)(void *userdata, size_t sensor, uint16_t uuid, const uint8_t *bytes,
                            size_t length, uint64_t now_usec);
    /* The link became usable (services proven, subscribed) or was lost. */
    void (*on_link)(void *userdata, size_t sensor, bool up, uint64_t now_usec);
    /* State, reason or an attribute (battery, model, …) changed, or there was a sign of life and a
     * minute passed: publish it. */
    void (*on_change)(void *userdata, size_t sensor);
    /* Adapter, bluetoothd or a problem sentence changed. */
    void (*on_health)(void *userdata);
    /* Until when a person had this one let go, while it was not configured; 0: nobody had. Asked within
     * sensors_new and sensors_set_conf. NULL: nobody ever had. */
    uint64_t (*released_until)(void *userdata, const struct conf_sensor *sensor);
};

/* Without a bus at first: see sensors_set_bus. conf is borrowed until sensors_set_conf takes another;
 * callbacks are copied. */
int sensors_new(struct sensors **ret, sd_event *event, const struct conf *conf,
                const struct sensors_callbacks *callbacks, void *userdata);
struct sensors *sensors_free(struct sensors *sensors);
/* The system bus appeared (or, with NULL, went, or cannot be had: -errno): everything is looked up anew.
 * Takes a reference. */
int sensors_set_bus(struct sensors *sensors, sd_bus *bus, int error);
/* A reloaded config; sensors that are still there by name and address keep their link, whatever their
 * index is now. One that is gone is let go without a word: there is no index to tell it by. -ENOMEM:
 * all is as before. */
int sensors_set_conf(struct sensors *sensors, const struct conf *conf);

/* ---- what the session side tells the radio side ---- */

/* A step or belt movement of this sensor: it is not idle, and 'with' sensors of its runner may come. */
void sensors_note_motion(struct sensors *sensors, size_t sensor, uint64_t now_usec);
/* A heart that works as hard as in exercise: this sensor is not idle. No reason for others to come. */
void sensors_note_effort(struct sensors *sensors, size_t sensor, uint64_t now_usec);
/* runner index; open while a session of the runner is, asked if `session start` began it. */
void sensors_note_session(struct sensors *sensors, size_t runner, bool open, bool asked,
                          uint64_t now_usec);

/* Lets go of a sensor for so long. -EINVAL: there is none. */
int sensors_release(struct sensors *sensors, size_t sensor, uint64_t for_usec, uint64_t now_usec);
/* Listens around for a person. The handler runs once: 0 when the time is over, -ENODEV when the radio
 * went, -ECANCELED when we stop. < 0, and no handler: -ENODEV (no radio), -EBUSY (one is under way). */
typedef void (*sensors_scan_handler)(void *userdata, int error);
int sensors_scan(struct sensors *sensors, uint64_t for_usec, sensors_scan_handler handler,
                 void *userdata);

/* Clean Disconnect of every link we made or adopted; the handler runs once all are down, at most
 * 3 s later. */
int sensors_stop(struct sensors *sensors, void (*handler)(void *userdata), void *userdata);

/* What is true now; cadence_unit, malformed and truncated are the decoder side's to fill in. The
 * pointer is valid until the next return to the loop. NULL: no such sensor is configured. */
const struct payload_sensor *sensors_get(const struct sensors *sensors, size_t sensor);
/* Fills adapter, bluetoothd, signal, unknown; appends to problems. */
void sensors_health(const struct sensors *sensors, struct payload_health *health);
/* A discovery of ours is on, or about to begin or end. */
bool sensors_is_scanning(const struct sensors *sensors);
/* Devices that advertise a service we know, configured or not; for `scan` and --scan. */
struct sensors_heard {
    char address[18];
    char name[64];         /* sanitised */
    char services[96];     /* space-separated names of known services */
    bool changing_address; /* a private one: it has another in a few minutes */
    double signal_dbm;     /* NAN: not heard in this scan */
    int sensor;            /* index in conf, or -1 */
    bool connected;        /* by anyone on this machine */
};
/* Fills at most max places; returns how many. */
size_t sensors_heard(const struct sensors *sensors, struct sensors_heard *ret, size_t max);
