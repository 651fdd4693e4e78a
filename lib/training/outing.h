/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * One finished session, or the one that runs, as the training log keeps it: some 60 bytes of it, so
 * that ten years of them fit beside their days (ledger.h). Whole numbers of small units: sums of
 * them do not depend on the order in which sessions came in, and taking one away leaves nothing
 * behind.
 *
 * Absent is absent: what was not measured has no bit in `has`, and the drop is known for the
 * `altitude_mm` of the distance that had an altitude, none of it for a run that had none. A person who
 * enters a run may tell its drop alone, so ascent and downhill distance have bits of their own.
 */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>

enum outing_kind {
    OUTING_RUN,
    OUTING_WALK,  /* and hike: of it only the descent counts towards the rules */
    OUTING_OTHER, /* a ride, heart rate alone: nothing but its heart load is kept by day */
    OUTING_KINDS,
};

enum outing_source { /* where the distance came from */
                     OUTING_FROM_BELT,
                     OUTING_FROM_POD,
                     OUTING_FROM_STRAP,
                     OUTING_FROM_FILE,
                     OUTING_FROM_OTHER, /* told by a person */
                     OUTING_SOURCES,
};

enum outing_has {
    OUTING_STEPS = 1u << 0,
    OUTING_LOAD = 1u << 1,
    OUTING_KNEE = 1u << 2,
    OUTING_DISTANCE = 1u << 3, /* without it nothing is known of the descent either */
    OUTING_MOVING = 1u << 4,
    OUTING_ASCENT = 1u << 5,
    OUTING_DOWNHILL = 1u << 6,
};

/* As told, in SI units; NAN: not known. */
struct outing_figures {
    double distance_m, moving_s, steps;
    double heart_load; /* Banister's AU */
    double altitude_m; /* of the distance, with altitude; NAN or 0: no usable altitude */
    double ascent_m, drop_m, downhill_m;
    double knee_steps; /* knee-load index, in level steps */
};

struct outing {
    int64_t start_s;    /* UTC */
    uint32_t elapsed_s; /* start to end, pauses included: outing_elapsed_s */
    uint32_t key;       /* the caller's own; one outing a key */
    int32_t day;        /* local, days since 1970-01-01; fixed when the session was made */
    uint8_t kind, source, has;
    uint32_t distance_mm, moving_ms, steps, load_centi;
    uint32_t altitude_mm, ascent_mm, drop_mm, downhill_mm;
    uint32_t knee_deci;
};

/* Fills the figures. What is negative, no number or beyond any day's run is taken as not known;
 * altitude never covers more than the distance. */
void outing_set_figures(struct outing *outing, const struct outing_figures *figures);
/* How long it lasted, pauses included, in seconds, when a recorder says that it was elapsed_s: a watch
 * that was stopped and is saved days later was out no longer than anybody rests in a run. Of one that
 * does not say how long it moved (NAN, 0) that is elapsed_s; 0 for what is no time. */
double outing_elapsed_s(double elapsed_s, double moving_s);
int64_t outing_end_s(const struct outing *outing);
/* True when so much of `distance_mm` has altitude that its descent can be told (80 %).
 * A distance of nothing has no descent, and that is known. */
bool outing_altitude_covers(uint64_t altitude_mm, uint64_t distance_mm);
