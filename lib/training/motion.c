/* SPDX-License-Identifier: MIT */
#include "lib/training/motion.h"

#define SECOND     1000000.0
#define WALK_M_S   2.0 /* below both: walking */
#define WALK_SPM   140.0
#define BRIDGE_M_S 0.5 /* slower than any walk */

static bool is_walking(const struct sample *sample)
{
    return sample->has & SAMPLE_SPEED && sample->speed_m_s < WALK_M_S &&
           !(sample->has & SAMPLE_CADENCE && sample->cadence_spm >= WALK_SPM);
}

/* The best one fell silent and this one, which spoke all the while, takes over: no gap at all. */
static bool spoke_through(const struct motion *motion, const struct sample *sample, int sensor,
                          uint64_t t_usec)
{
    uint64_t own = motion->voices[sensor].spoke_usec;

    return sample->moving && motion->voices[sensor].moving && own &&
           t_usec <= own + SAMPLE_HOLD_USEC;
}

static void add_seconds(struct motion *motion, const struct sample *sample, int sensor,
                        double metres, uint64_t begin_usec, uint64_t t_usec)
{
    uint64_t last = motion->spoke_usec;
    uint64_t before = last > begin_usec ? last : begin_usec;
    double seconds = last && t_usec > before ? (double)(t_usec - before) / SECOND : 0;
    bool was_moving = motion->moved && motion->moved_usec == last;
    bool silent = seconds * SECOND > (double)SAMPLE_HOLD_USEC;
    /* over a silence the odometer tells whether the runner went on */
    bool went_on = sample->has & SAMPLE_GAP_BRIDGED && metres > BRIDGE_M_S * seconds;

    if (silent && !went_on && !spoke_through(motion, sample, sensor, t_usec)) {
        motion->gaps_s += was_moving ? seconds : 0; /* after standing it is no gap in a run */
        return;
    }
    if (!sample->moving && !silent)
        return;
    motion->moving_s += seconds;
    if (is_walking(sample))
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

static bool feed_best(struct motion *motion, const struct sample *sample, int sensor, double metres,
                      uint64_t begin_usec, uint64_t t_usec)
{
    bool moving = sample->moving && t_usec >= begin_usec;

    if (t_usec > begin_usec)
        add_seconds(motion, sample, sensor, metres, begin_usec, t_usec);
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

bool motion_feed(struct motion *motion, const struct sample *sample, int sensor, bool best,
                 double metres, uint64_t begin_usec, uint64_t t_usec)
{
    bool moving = best && feed_best(motion, sample, sensor, metres, begin_usec, t_usec);

    motion->voices[sensor].spoke_usec = t_usec;
    motion->voices[sensor].moving = sample->moving;
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
