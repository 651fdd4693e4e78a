/* SPDX-License-Identifier: MIT */
#include <math.h>
#include "lib/training/motion.h"
#include "lib/terrain/terrain.h"

#define SECOND     1000000.0
#define BRIDGE_M_S 0.5 /* slower than any walk */
#define BUNCH_USEC UINT64_C(1000000)

/* The best one fell silent and this one, which spoke all the while, takes over: no gap at all. */
static bool spoke_through(const struct motion *motion, const struct motion_word *word,
                          uint64_t t_usec)
{
    uint64_t own = motion->voices[word->sensor].spoke_usec;

    return word->sample->moving && !motion->voices[word->sensor].stands_usec && own &&
           t_usec <= own + SAMPLE_HOLD_USEC;
}

static bool is_walking(const struct motion_word *word)
{
    return word->sample->has & SAMPLE_SPEED &&
           terrain_is_walking(word->sample->speed_m_s, word->cadence_spm);
}

static void see_gap(struct motion *motion, const struct motion_word *word, double seconds,
                    uint64_t t_usec)
{
    motion->gaps_s += seconds;
    motion->gap = (struct motion_gap){ .sensor = word->sensor,
                                       .end_usec = t_usec,
                                       .seconds = seconds,
                                       .metres = word->metres,
                                       .speed_m_s = word->sample->speed_m_s };
    if (!(word->sample->has & SAMPLE_SPEED)) /* nothing to hold the metres against */
        motion->gap.seconds = 0;
}

/* As over a silence that one packet bridges, half of the speed all the time is enough; what was run since
 * it ended is no part of it. */
static bool was_run(const struct motion_gap *gap, uint64_t t_usec)
{
    double since_m = gap->speed_m_s * (double)(t_usec - gap->end_usec) / SECOND;

    return gap->metres - since_m >= gap->speed_m_s * gap->seconds / 2 &&
           gap->metres - since_m > BRIDGE_M_S * gap->seconds;
}

static void see_bunch(struct motion *motion, const struct motion_word *word, uint64_t t_usec)
{
    struct motion_gap *gap = &motion->gap;

    if (gap->seconds <= 0 || word->sensor != gap->sensor || t_usec > gap->end_usec + BUNCH_USEC ||
        !(word->sample->has & SAMPLE_SPEED))
        return;
    gap->metres += word->metres;
    gap->speed_m_s = fmax(gap->speed_m_s, word->sample->speed_m_s);
    if (!was_run(gap, t_usec))
        return;
    motion->gaps_s -= gap->seconds;
    motion->moving_s += gap->seconds;
    motion->late_s += gap->seconds;
    if (is_walking(word))
        motion->walking_s += gap->seconds;
    gap->seconds = 0;
}

static void add_seconds(struct motion *motion, const struct motion_word *word, uint64_t begin_usec,
                        uint64_t t_usec)
{
    uint64_t last = motion->spoke_usec;
    uint64_t before = last > begin_usec ? last : begin_usec;
    double seconds = last && t_usec > before ? (double)(t_usec - before) / SECOND : 0;
    bool was_moving = motion->moved && motion->moved_usec == last;
    bool silent = seconds * SECOND > (double)SAMPLE_HOLD_USEC;
    /* over a silence the odometer tells whether the runner went on */
    bool went_on = word->sample->has & SAMPLE_GAP_BRIDGED && word->metres > BRIDGE_M_S * seconds;

    if (silent && !went_on && !spoke_through(motion, word, t_usec)) {
        if (was_moving) /* after standing it is no gap in a run */
            see_gap(motion, word, seconds, t_usec);
        return;
    }
    see_bunch(motion, word, t_usec);
    if (!word->sample->moving && !silent)
        return;
    motion->moving_s += seconds;
    if (is_walking(word))
        motion->walking_s += seconds;
}

/* A moving source fell silent, or says it stands: for how long before it counts as a pause. */
void motion_tick(struct motion *motion, uint64_t t_usec)
{
    bool standing = motion->spoke_usec > motion->moved_usec;
    uint64_t patience = standing ? MOTION_PAUSE_USEC : MOTION_SILENCE_USEC;

    if (motion->moved && !motion->paused && t_usec >= motion->moved_usec + patience)
        motion->paused = true;
}

static bool feed_best(struct motion *motion, const struct motion_word *word, uint64_t begin_usec,
                      uint64_t t_usec)
{
    bool moving = word->sample->moving && t_usec >= begin_usec;

    if (t_usec > begin_usec)
        add_seconds(motion, word, begin_usec, t_usec);
    motion->spoke_usec = t_usec;
    if (moving) {
        motion->moved_usec = t_usec;
        motion->moved = true;
        motion->paused = false;
    } else {
        motion_tick(motion, t_usec);
    }
    return moving;
}

bool motion_is_beside(const struct motion *motion, const struct sample *sample, int sensor,
                      uint64_t t_usec)
{
    uint64_t stands = motion->voices[sensor].stands_usec;

    return sample->has & SAMPLE_MOVING && !sample->moving && stands && motion->moved &&
           stands + COUNTER_STAND_USEC <= motion->moved_usec &&
           motion->moved_usec == motion->spoke_usec &&
           t_usec < motion->moved_usec + MOTION_SILENCE_USEC;
}

static void hear(struct motion *motion, const struct motion_word *word, uint64_t t_usec)
{
    if (word->sample->moving)
        motion->voices[word->sensor].stands_usec = 0;
    else if (!motion->voices[word->sensor].stands_usec)
        motion->voices[word->sensor].stands_usec = t_usec;
    motion->voices[word->sensor].spoke_usec = t_usec;
}

bool motion_feed(struct motion *motion, const struct motion_word *word, uint64_t begin_usec,
                 uint64_t t_usec)
{
    bool moving = word->best && !motion_is_beside(motion, word->sample, word->sensor, t_usec) &&
                  feed_best(motion, word, begin_usec, t_usec);

    hear(motion, word, t_usec);
    return moving;
}

double motion_moving_s(const struct motion *motion, uint64_t t_usec)
{
    uint64_t spoke = motion->spoke_usec;
    bool holds = motion->moved && motion->moved_usec == spoke && t_usec > spoke &&
                 t_usec <= spoke + SAMPLE_HOLD_USEC;

    return motion->moving_s + (holds ? (double)(t_usec - spoke) / SECOND : 0);
}

bool motion_is_walk(const struct motion *motion)
{
    return 2 * motion->walking_s > motion->moving_s;
}
