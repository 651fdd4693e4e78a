/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * One quantity that several sensors tell (distance: belt, pod, strap), counted once.
 *
 * Each sensor has its own running sum. The best one that spoke within the last five seconds decides; the
 * others only keep their sums. Best is who is of the best source, and of two sensors of one source (a
 * pod on either shoe, a watch beside a pod) the first in the recording. When a sensor takes over, the
 * total goes on from what it was when that one was last in step with it, plus what it has counted
 * since: a pod that comes back with an odometer that ran on fills the gap, and a gap that a lesser one
 * has already filled is not filled twice. The total never goes back.
 *
 * One that stands though another moves is not believed for long: a treadmill that nobody is on tells 0
 * all day, and so does a pod on the shelf. For eight seconds it may be the other that is wrong; then
 * whoever moves decides. Do all of them stand, the best says so.
 *
 * One that was silent, or stood, may come back with all of the gap (an odometer), with nothing of it (it
 * only tells its speed), or with one packet after the other of it (a bad radio link holds them back and
 * lets them go in a burst). So one that is behind the total when it comes back gets five seconds to reach
 * it, while a lesser one leads; what it still lacks then, it has not counted. One that stood has told its
 * metres as they came: it need not wait for another that stands. One that was silent must.
 */
#include <stdbool.h>
#include <stdint.h>
#include "lib/recording.h"
#include "lib/sample.h"

#define COUNTER_SOURCES    (SAMPLE_SOURCE_CONFIGURED + 1)
#define COUNTER_SENSORS    RECORDING_SENSORS_MAX
#define COUNTER_NOBODY     (-1)
#define COUNTER_FRESH_USEC (5 * UINT64_C(1000000)) /* five missed packets at the usual 1 Hz */
#define COUNTER_STAND_USEC (8 * UINT64_C(1000000)) /* before it would be a pause, see motion.h */

struct counter_mark {
    double total, sum;
};

struct counter_voice {
    enum sample_source source; /* as it spoke last: a device may turn out to be a strap */
    bool ever;
    bool expected;    /* counts, and will tell what it counted */
    bool spoke;       /* since it was last in step */
    bool behind;      /* came back, and its own count has not reached the total yet */
    bool back_silent; /* it was silent; false: it stood, and told so until it came back */
    uint64_t seen_usec, back_usec;
    uint64_t moved_usec; /* it last counted more than 0, or moved; 0 = it never has */
    double sum;
    struct counter_mark mark, back; /* when it was last in step; when it came back */
    struct counter_mark last;       /* with its latest word */
};

struct counter {
    const uint8_t *rank; /* by enum sample_source; 0 = never counts, 1 = best; borrowed constant */
    double total;
    bool any;                  /* something was counted, be it 0: the total is known */
    enum sample_source active; /* of who counted last, and its number */
    int leader;
    struct counter_voice voices[COUNTER_SENSORS]; /* by the sensor's number in the recording */
};

extern const uint8_t counter_rank_distance[COUNTER_SOURCES]; /* belt > pod > strap's RSC */
extern const uint8_t counter_rank_cadence[COUNTER_SOURCES];  /* pod > strap's RSC > belt */

void counter_init(struct counter *counter, const uint8_t *rank);
/* Of the sensors that spoke within COUNTER_FRESH_USEC: any before one that is behind after a silence, one
 * that does not stand before one that does, one that is not behind before one that is, and then the one of
 * best rank; COUNTER_NOBODY if none spoke. */
int counter_best(const struct counter *counter, uint64_t t_usec);
/* A sensor (its number in the recording, 0 to COUNTER_SENSORS - 1) spoke, as this source; delta may be
 * 0. Returns by how much the total grew. */
double counter_feed(struct counter *counter, int sensor, enum sample_source source, double delta,
                    uint64_t t_usec);
/* The sensor counts from here on and does not tell yet: what it brings later is of the same time as what
 * the others tell meanwhile. Of one that has told before, nothing changes. */
void counter_expect(struct counter *counter, int sensor);
/* The sensor spoke, but what it says belongs to the time before counting began. */
void counter_touch(struct counter *counter, int sensor, enum sample_source source, uint64_t t_usec);
/* What the sensor said is of movement, be it that no metre came of it or that it was before. Of one that
 * has never spoken (counter_feed, counter_touch) nothing is noted. */
void counter_moves(struct counter *counter, int sensor, uint64_t t_usec);
