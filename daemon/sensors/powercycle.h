/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * The last stage of recovery: when scanning fails for minutes, or every sensor that calls has been
 * tried, forgotten and tried again in vain, the adapter is switched off and on. Nobody else's link,
 * scan or advert may suffer from it, and it is done rarely: a sensor that is stuck looks just like an
 * adapter that is. No bus and no clock in here: mend.c looks, carries out, and tells what became of it.
 *
 *   AT_REST ── stuck, nobody else's, pause over ──> ENDING ── switched ──> OFF ── 1 s ──> BEGINNING ──> AT_REST
 *                                                                           ^    10 s         │
 *                                                                           └──── refused ────┘
 *
 * What we switched off we switch on again, however often it takes and whatever happens in between.
 */
#include <stdbool.h>
#include <stdint.h>

struct powercycle_view {
    bool present, powered; /* the adapter that is cycled, or would be */
    bool stuck;            /* every other stage was tried in vain */
    bool shared;           /* somebody else uses it */
    bool busy;             /* with a scan or a call of ours: not now */
    bool stopping;         /* we end: it is to be on now */
};

enum powercycle_phase {
    POWERCYCLE_AT_REST,
    POWERCYCLE_ENDING,
    POWERCYCLE_OFF,
    POWERCYCLE_BEGINNING
};

enum powercycle_step {
    POWERCYCLE_STEP_NONE,
    POWERCYCLE_STEP_OFF, /* then powercycle_switched() */
    POWERCYCLE_STEP_ON,  /* then powercycle_switched() */
};

struct powercycle {
    enum powercycle_phase phase;
    bool hindered;            /* it would be done, were nobody else there */
    unsigned cycles;          /* in a row */
    uint64_t on_usec;         /* OFF: not on before */
    uint64_t not_before_usec; /* the next cycle */
    uint64_t stuck_usec;      /* when it was so last */
};

enum powercycle_step powercycle_step(struct powercycle *cycle, const struct powercycle_view *view,
                                     uint64_t now_usec);
/* When powercycle_step would say something else with the same view; UINT64_MAX: never. */
uint64_t powercycle_deadline(const struct powercycle *cycle);
/* The answer to the last step. */
void powercycle_switched(struct powercycle *cycle, bool ok, uint64_t now_usec);
/* bluetoothd or the bus went: no answer comes any more. */
void powercycle_lost(struct powercycle *cycle, uint64_t now_usec);
