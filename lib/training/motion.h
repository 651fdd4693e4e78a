/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * Does the runner move, and for how long? Seconds of movement, of walking, and the gaps of a run in
 * which nobody listened.
 *
 *       10 s standing, or 30 s of silence
 *   moving --------------------------------> paused
 *       <--------------------------------
 *                 the next step
 *
 * Seconds are told by the best sensor alone, so that two make no two hours; but every one is heard, for
 * the one that takes over may have spoken all the while. One that has stood beside the run all the while,
 * as a treadmill that nobody is on, knows nothing of it: when the one that moved falls silent, that is
 * silence and no standing.
 *
 * Packets that were held back come all at once, and of a silence that ends so the first says nothing:
 * within a second the odometer still tells that it was run.
 */
#include <stdbool.h>
#include <stdint.h>
#include "lib/sample.h"
#include "lib/training/counter.h"

#define MOTION_PAUSE_USEC   (10 * UINT64_C(1000000))
#define MOTION_SILENCE_USEC (30 * UINT64_C(1000000))

/* A sample that knows whether the runner moves. */
struct motion_word {
    const struct sample *sample;
    int sensor;         /* its number in the recording, 0 to COUNTER_SENSORS - 1 */
    bool best;          /* the one that decides */
    double metres;      /* by how much the distance grew with it */
    double cadence_spm; /* of whoever is believed of it; NAN: nobody */
};

struct motion_gap {
    int sensor; /* that ended it */
    uint64_t end_usec;
    double seconds;           /* 0: there is none, or it is known what was */
    double metres, speed_m_s; /* told since, with it; the highest */
};

struct motion {
    bool moved, paused;
    uint64_t moved_usec; /* the runner was last seen moving */
    uint64_t spoke_usec; /* the best one last spoke, moving or not */
    struct {
        uint64_t spoke_usec;
        uint64_t stands_usec; /* since then it has told that it stands; 0: it moves */
    } voices[COUNTER_SENSORS];
    struct motion_gap gap; /* the latest */
    double moving_s, walking_s, gaps_s;
    double late_s; /* of moving_s: of silences that were gaps first; nobody told their steps */
};

/* Returns whether the runner was seen moving. What was before begin_usec is heard and not counted. */
bool motion_feed(struct motion *motion, const struct motion_word *word, uint64_t begin_usec,
                 uint64_t t_usec);
/* Who moved is silent, for less than a pause, and this is of a sensor that stood already while they moved:
 * it tells nothing of the runner. */
bool motion_is_beside(const struct motion *motion, const struct sample *sample, int sensor,
                      uint64_t t_usec);
/* Time passes: a pause is seen. */
void motion_tick(struct motion *motion, uint64_t t_usec);
/* Seconds moved until then: after the best source's last word, for as long as that holds. */
double motion_moving_s(const struct motion *motion, uint64_t t_usec);
/* More than half of the moving time was walked. */
bool motion_is_walk(const struct motion *motion);
