/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What a recording tells of each sensor in it: its link, and what came of its packets. The records go in as they are
 * played; out come the messages of its topic, when its state changes, once a minute while its figures do, and as it was
 * at the end. What a link says besides (battery, model, signal) is in no recording, and null; nor is who ended one, so
 * that each that did counts as a drop.
 */
#include "daemon/replay/print.h"
#include "lib/recording.h"
#include "lib/sensor/stream.h"

struct device {
    bool declared, told;
    bool up, off; /* its link; and that went with the machine */
    char name[CONF_ID_MAX], runner[CONF_ID_MAX], address[18];
    struct stream stream;
    uint64_t malformed, truncated, drops;
    uint64_t heard_usec;         /* on the axis: its link came, or a packet; 0: never */
    int64_t seen_usec;           /* UTC of that; 0: not known */
    struct payload_sensor shown; /* last */
};

struct devices {
    struct print *print;
    struct recording_axis axis;
    enum clock_state clock;
    char runner[CONF_ID_MAX], boot_id[33];
    uint64_t next_usec; /* figures are told; 0: no time has passed */
    struct device all[RECORDING_SENSORS_MAX];
};

void devices_init(struct devices *devices, struct print *print);
void devices_feed(struct devices *devices, const struct record *record);
/* The recording is over. */
void devices_end(struct devices *devices);
