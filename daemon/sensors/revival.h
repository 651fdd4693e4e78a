/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * A bluetoothd that crashed: Debian 12 leaves it dead. Everything else we send goes without
 * auto-start, or whoever stops bluetoothd would find it started again; this is the one deliberate
 * exception, and only where systemd says that bluetooth.service failed. No bus and no clock in here:
 * mend.c asks systemd and starts, and tells what became of it.
 *
 *   org.bluez is gone ──2 s──> is due ── failed ──> start ──> it comes, or it is due again: later and later
 *                                 ^ └── stopped, masked, no systemd ──┐
 *                                 └────────────── 30 s ───────────────┘
 *
 * Whatever it does between them, three starts fall into any hour at most: what crashes that often is a
 * person's affair. They are not remembered over a start of our own: strided.service has bluetooth.service
 * under Wants=, so that systemd starts one that failed with each of them, before we ask.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REVIVAL_STARTS 3 /* within an hour */

/* What systemd says of bluetooth.service */
enum revival_unit {
    REVIVAL_UNKNOWN,   /* there is no systemd, or it does not tell */
    REVIVAL_MISSING,   /* there is no such unit */
    REVIVAL_MASKED,    /* an administrator forbids it */
    REVIVAL_STOPPED,   /* it ended in good order, as somebody wanted, or was never started */
    REVIVAL_UNDER_WAY, /* it runs, or systemd itself is starting or ending it */
    REVIVAL_FAILED,    /* it crashed */
    REVIVAL_SPENT,     /* it crashed once more than we start it within an hour */
};

struct revival {
    bool away;              /* org.bluez has no owner */
    bool waits;             /* for what was asked or started */
    enum revival_unit unit; /* as told last, since it went away */
    uint64_t due_usec;      /* of the next question */
    uint64_t came_usec;     /* 0: never */
    unsigned starts;        /* tries since it last ran for long */
    uint64_t
        began_usec[REVIVAL_STARTS]; /* the last tries of all, each in the place of the oldest */
    unsigned began;                 /* how many there were */
    char error[56];                 /* the last one's words, "" = it was not refused */
};

/* Owner or none, as often as one likes. Answers to what was asked before a change are void. */
void revival_set_away(struct revival *revival, bool away, uint64_t now_usec);
/* True: ask systemd now, then revival_told(). */
bool revival_is_due(struct revival *revival, uint64_t now_usec);
uint64_t revival_deadline(const struct revival *revival); /* UINT64_MAX: nothing is to be asked */
/* load and active: in the words of systemd's ListUnitsByNames */
enum revival_unit revival_unit(const char *load, const char *active);
/* True: start bluetoothd now, then revival_started(). */
bool revival_told(struct revival *revival, enum revival_unit unit, uint64_t now_usec);
/* error NULL: the bus says that it runs */
void revival_started(struct revival *revival, const char *error, uint64_t now_usec);
/* A plain sentence: that there is no bluetoothd, why, and what a person can do. */
void revival_text(const struct revival *revival, char *ret, size_t size);
