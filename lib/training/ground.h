/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * The ground under a session: what its sensors, its runner and its configuration say of the grade goes
 * to the engine of lib/terrain, one point a second, together with the metres and steps since the last.
 *
 *     belt says -8 %      the metres so far are told with the grade they were run at,
 *     ...... | .......    so a change of grade counts from the packet that told it
 *
 * Points are made of facts alone, never of time that passes: a replay makes the same ones. Of a height
 * each word is used once, so that silence is no level ground; a grade holds: a belt's for as long as a
 * value of it is current, and for metres that its odometer brings over a silence only where that was
 * short and the grade is the same on both sides of it; a person's until the end, and so does a route: its heights are those of the metres since it was said. Two
 * barometers hang at two heights: one is listened to until it has been silent for half a minute.
 */
#include "lib/sample.h"
#include "lib/terrain/terrain.h"

#define GROUND_POINT_USEC   (1 * UINT64_C(1000000))
#define GROUND_WITNESS_USEC (30 * UINT64_C(1000000))
#define GROUND_SAME_USEC                                                                           \
    (30 * UINT64_C(1000000)) /* of a belt that says the same on both sides of a silence */

struct ground_word {
    double value; /* NAN: none, or used */
    int sensor;
    uint64_t usec;
    uint64_t since_usec; /* said without a silence since then */
};

struct ground {
    struct terrain terrain;
    struct ground_word words[TERRAIN_SOURCES];
    bool indoors;
    double metres, steps; /* since the last point */
    bool unsaid; /* some of those metres were run before a belt came back and said its grade */
    uint64_t covered_usec; /* metres were told last */
    bool begun;
    uint64_t point_usec;               /* of the last point */
    uint64_t fact_usec;                /* of the last fact */
    bool steps_known, walking, hushed; /* as of a terrain_point */
    uint64_t route_usec;               /* when it was said */
    struct route route;
    struct route_place places[ROUTE_SIZE_MAX];
};

/* final: figures from both sides of each place, at the end; else at every moment. */
void ground_init(struct ground *ground, bool final);
/* What a step of the runner is compared with. */
void ground_set_own(struct ground *ground, const struct knee_reference *own);
/* A person's or the configuration's word from t_usec on; percent NAN: none any more. */
void ground_set(struct ground *ground, enum terrain_source source, double percent, uint64_t t_usec);
/* The runner stands at the beginning of a route, and follows it. Places of the same t_usec as those
 * before go on with the same route; none: no route any more. The ground must not move in memory. */
void ground_follow(struct ground *ground, const struct route_place *places, size_t n,
                   uint64_t t_usec);
/* What a sample of a sensor says of the ground. leads: its metres are those that count, or nobody's do
 * yet; of a belt that neither leads nor moves nobody is on. */
void ground_hear(struct ground *ground, const struct sample *sample, int sensor, bool leads,
                 uint64_t t_usec);
/* The runner got on so far since metres were told last, be it by 0. Only what is counted. */
void ground_cover(struct ground *ground, double metres, uint64_t t_usec);
/* Only what is counted. */
void ground_step(struct ground *ground, double steps);
/* Some of the steps since the last were not: who counts them was silent. */
void ground_hush(struct ground *ground);
/* The first point is that of the start; again does nothing. */
void ground_begin(struct ground *ground, uint64_t t_usec);
/* All of a fact was told: a point is made when it is time for one. steps_known: somebody counts. */
void ground_pass(struct ground *ground, uint64_t t_usec, bool steps_known, bool walking);
/* Nothing follows. */
void ground_end(struct ground *ground);

/* Percent where the runner is, and who says so; NAN and TERRAIN_NONE: nobody. */
double ground_grade_pct(const struct ground *ground, uint64_t t_usec,
                        enum terrain_source *ret_source);
