/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * stridectl doctor: what a gateway needs, looked at with our own eyes, whether strided runs or not; and
 * what strided says of itself, where it answers. It changes nothing, prints no secret, and is done in 20 s:
 * whatever may hang (a name, a broker, a disk) is asked by a process of its own that is left behind.
 *
 * What is looked at and what may come out are the two tables of table.c.
 */
#include <stdbool.h>
#include <stddef.h>
#include "daemon/doctor/lines.h"

#define DOCTOR_FOUND_MAX 480 /* bytes with the NUL */
#define DOCTOR_CURE_MAX  400

struct doctor_finding {
    enum doctor_line line;
    char found[DOCTOR_FOUND_MAX];
    char cure[DOCTOR_CURE_MAX]; /* one sentence; "": nothing is to be done */
};

/* Where it looks; the usual machine is doctor_here, and there what the unit says counts. */
struct doctor_places {
    const char *root;        /* stands before /sys, /proc and what else is no setting of ours */
    const char *config_file; /* NULL: the usual one, which may be missing */
    const char *state_dir;
    const char *user; /* the service's */
    /* MHz of the channel that a Wi-Fi interface is on; 0: not known */
    int (*wifi_mhz)(const char *interface);
};
extern const struct doctor_places doctor_here;

/* Each finding as soon as it is its turn. True: nothing failed. */
bool doctor_run(const struct doctor_places *places,
                void (*tell)(void *userdata, const struct doctor_finding *finding), void *userdata);
