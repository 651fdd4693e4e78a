/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What the sensors share: the one scan and the one Connect at a time. No bus and no clock in here;
 * sensors.c asks radio_step() what to do next and tells what became of it.
 *
 * Scanning takes radio time from the links, and a Connect while we scan takes ten seconds instead of
 * a third of one. So: bursts, and the scan is stopped (and its reply awaited) before a Connect.
 *
 *   OFF ── due, wanted, nobody dials ──> STARTING ──> ON ── burst over, or somebody's turn ──> STOPPING ──> OFF
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum radio_scan { RADIO_OFF, RADIO_STARTING, RADIO_ON, RADIO_STOPPING };

/* How much the sensors want to be found: none, each 30 s, each 5 s */
enum radio_need { RADIO_NEED_NONE, RADIO_NEED_SLOW, RADIO_NEED_FAST };

/* Whether somebody's turn could begin. A sensor that failed again and again waits for the end of the
 * burst, or it would end each one before the others are heard. */
enum radio_ready { RADIO_READY_NONE, RADIO_READY_NOW, RADIO_READY_AFTER_THE_BURST };

enum radio_step {
    RADIO_STEP_NONE,
    RADIO_STEP_START, /* StartDiscovery, then radio_started() */
    RADIO_STEP_STOP,  /* StopDiscovery, then radio_stopped() */
    RADIO_STEP_GRANT, /* the one at the head of the queue may connect */
};

struct radio {
    enum radio_scan scan;
    uint64_t started_usec;      /* of the burst at hand or the last one */
    uint64_t not_before_usec;   /* after a failure */
    bool whole;                 /* the burst at hand was not cut short */
    unsigned failures;          /* of StartDiscovery, in a row */
    char error[80];             /* the last one's words */
    uint64_t person_until_usec; /* somebody asked for a scan until then; 0 = no */
    uint32_t seed;
};

void radio_init(struct radio *radio, uint32_t seed);
/* The adapter or bluetoothd went, and our discovery with it. */
void radio_reset(struct radio *radio);

/* dialling: somebody has the turn. */
enum radio_step radio_step(struct radio *radio, enum radio_need need, enum radio_ready ready,
                           bool dialling, uint64_t now_usec);
/* When radio_step would say something else with the same arguments; UINT64_MAX = never. */
uint64_t radio_deadline(const struct radio *radio, enum radio_need need, bool dialling);

void radio_started(struct radio *radio, bool ok, const char *error, uint64_t now_usec);
/* True if a whole burst is over: everybody who advertises nearby should have been heard in it. */
bool radio_stopped(struct radio *radio, uint64_t now_usec);
/* A plain sentence's worth of trouble: discovery failed again and again. */
bool radio_is_stuck(const struct radio *radio);
/* And it went on failing for minutes. */
bool radio_is_wedged(const struct radio *radio);

/* 0.25 s, 1 s, 4 s, 16 s, 60 s, 60 s …, each with up to a fifth more or less; 0 for no failure */
uint64_t radio_backoff_usec(unsigned failures, uint32_t *seed);

/* The fair queue: whose turn it is of those that are ready; SIZE_MAX: none is. Place 0: not ready. */
size_t radio_pick(const uint64_t *places, size_t n);
/* Who had a turn longest ago comes first, and who had two in vain after all who had not. */
uint64_t radio_place(uint64_t turn_usec, bool again_and_again);
