/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include "lib/sensor/belt.h"
#include "lib/sensor/limits.h"

#define COUNTER_24        UINT32_C(0xFFFFFF)
#define PER_M_S           360.0 /* 0.01 km/h in 1 m/s */
#define GRADE_MAX_PCT     45.0  /* the steepest machines sold reach 40 */
#define DERIVE_USEC       (SENSOR_SECOND_USEC * 5 / 2)
#define DERIVE_STALE_USEC (5 * SENSOR_SECOND_USEC)

/* Five steps a second, and two seconds of packets delivered in a bunch. */
#define STEPS_PER_S    5.0
#define STEPS_JITTER_S 2.0
#define LOOK_USEC      (SENSOR_SECOND_USEC * 9 / 10)
#define LOOK_SPAN_USEC (5 * SENSOR_SECOND_USEC)

/* 3 m/s straight up in a second is not a hill; a counter that moves more was reset. */
#define GAIN_MAX_DM_PER_S 30.0

void belt_init(struct belt *belt, double factor)
{
    *belt = (struct belt){ .factor = factor };
    odometer_init(&belt->odometer, factor, COUNTER_24);
}

void belt_set_factor(struct belt *belt, double factor)
{
    belt->factor = factor;
    belt->odometer.unit_m = factor;
}

void belt_link_lost(struct belt *belt)
{
    belt->has_partial = false;
}

void belt_set_range(struct belt *belt, const struct inclination_range *range)
{
    belt->level = range->minimum == 0 && range->maximum == 0;
}

/* ---- speed ---------------------------------------------------------------------------------- */

/* Metres over the time they took, on a machine that counts them and sends no speed. */
static double derive_speed(struct belt *belt, const struct treadmill_record *record,
                           uint64_t now_usec)
{
    uint64_t elapsed_usec = now_usec > belt->anchor_usec ? now_usec - belt->anchor_usec : 0;
    uint32_t metres = (record->total_distance_m - belt->anchor_total_m) & COUNTER_24;
    double speed_m_s = elapsed_usec > 0 ? metres * belt->factor * 1e6 / (double)elapsed_usec : 0;
    bool still = metres == 0;

    if (belt->has_anchor && elapsed_usec < (still ? DERIVE_STALE_USEC : DERIVE_USEC))
        return belt->derived_m_s;
    if (!belt->has_anchor || still || speed_m_s > SENSOR_SPEED_MAX_M_S)
        speed_m_s = 0;
    belt->has_anchor = true;
    belt->anchor_usec = now_usec;
    belt->anchor_total_m = record->total_distance_m;
    belt->derived_m_s = speed_m_s;
    return speed_m_s;
}

/* False when it is not known. */
static bool find_speed(struct belt *belt, const struct treadmill_record *record, uint64_t now_usec,
                       double *ret)
{
    double speed_m_s = record->speed / PER_M_S * belt->factor;

    bool told = record->has & TREADMILL_SPEED;

    if (told && speed_m_s > SENSOR_SPEED_MAX_M_S)
        return false;
    belt->speed_seen = belt->speed_seen || (told && speed_m_s > 0);
    if (!belt->speed_seen && (record->has & TREADMILL_TOTAL_DISTANCE))
        speed_m_s = derive_speed(belt, record, now_usec);
    else if (!told)
        return false;
    *ret = speed_m_s;
    return true;
}

/* ---- counters ------------------------------------------------------------------------------- */

static void feed_distance(struct belt *belt, const struct treadmill_record *record,
                          uint64_t elapsed_usec, double held_s, struct sample *sample)
{
    struct odometer_input input = {
        .elapsed_usec = elapsed_usec,
        .by_speed_m = belt->speed_seen ? belt->last_speed_m_s * held_s : 0,
        .has_total = record->has & TREADMILL_TOTAL_DISTANCE,
        .total = record->total_distance_m,
        .tight = !belt->speed_seen,
    };
    bool bridged;

    sample->distance_m = odometer_feed(&belt->odometer, &input, &bridged);
    sample->has |= SAMPLE_DISTANCE | (bridged ? SAMPLE_GAP_BRIDGED : 0);
}

static void feed_grade(const struct belt *belt, const struct treadmill_record *record,
                       struct sample *sample)
{
    double grade_pct = record->inclination / 10.0;

    if (belt->level || !(record->has & TREADMILL_INCLINATION) || grade_pct > GRADE_MAX_PCT ||
        grade_pct < -GRADE_MAX_PCT)
        return;
    sample->grade_pct = grade_pct;
    sample->has |= SAMPLE_GRADE;
}

static double gain_m(uint16_t now_dm, uint16_t before_dm, double most_dm)
{
    uint16_t gain_dm = (uint16_t)(now_dm - before_dm);
    return gain_dm <= most_dm ? gain_dm / 10.0 : 0;
}

/* Machines without decline mark the negative counter as not available: they descend 0 m. */
static void feed_climb(struct belt *belt, const struct treadmill_record *record,
                       uint64_t elapsed_usec, struct sample *sample)
{
    double most_dm = GAIN_MAX_DM_PER_S * ((double)elapsed_usec / 1e6 + 1);
    uint16_t negative_dm =
        record->has & TREADMILL_NEGATIVE_GAIN ? record->negative_gain_dm : belt->negative_dm;

    if (!(record->has & TREADMILL_POSITIVE_GAIN))
        return;
    if (belt->has_gain) {
        sample->machine_ascent_m = gain_m(record->positive_gain_dm, belt->positive_dm, most_dm);
        sample->machine_descent_m = gain_m(negative_dm, belt->negative_dm, most_dm);
        sample->has |= SAMPLE_MACHINE_CLIMB;
    }
    belt->has_gain = true;
    belt->positive_dm = record->positive_gain_dm;
    belt->negative_dm = negative_dm;
}

/* ---- steps ---------------------------------------------------------------------------------- */

static void add_look(struct belt *belt, uint32_t steps, uint64_t now_usec)
{
    size_t n = belt->n_looks;

    if (n > 0 && now_usec < belt->look_usec[n - 1] + LOOK_USEC)
        return;
    if (n == BELT_LOOKS) {
        memmove(belt->look_usec, belt->look_usec + 1, (n - 1) * sizeof belt->look_usec[0]);
        memmove(belt->look_steps, belt->look_steps + 1, (n - 1) * sizeof belt->look_steps[0]);
        n--;
    }
    belt->look_usec[n] = now_usec;
    belt->look_steps[n] = steps;
    belt->n_looks = n + 1;
}

static void note_cadence(const struct belt *belt, uint32_t steps, uint64_t now_usec,
                         struct sample *sample)
{
    uint64_t span_usec;
    double cadence_spm;

    if (belt->n_looks == 0 || now_usec < belt->look_usec[0] + LOOK_SPAN_USEC)
        return;
    span_usec = now_usec - belt->look_usec[0];
    cadence_spm = ((steps - belt->look_steps[0]) & COUNTER_24) * 60e6 / (double)span_usec;
    if (cadence_spm > SENSOR_CADENCE_MAX_SPM)
        return;
    sample->cadence_spm = cadence_spm;
    sample->has |= SAMPLE_CADENCE;
}

static void feed_steps(struct belt *belt, const struct treadmill_record *record, uint64_t now_usec,
                       struct sample *sample)
{
    uint32_t delta = (record->steps - belt->steps) & COUNTER_24;
    uint64_t since_usec = now_usec > belt->steps_usec ? now_usec - belt->steps_usec : 0;
    double most_steps = STEPS_PER_S * ((double)since_usec / 1e6 + STEPS_JITTER_S);
    bool known = belt->has_steps && since_usec <= SENSOR_FORGET_USEC && delta <= most_steps;

    if (!(record->has & TREADMILL_STEPS))
        return;
    if (!known || since_usec > SENSOR_HOLD_USEC)
        belt->n_looks = 0;
    if (known) {
        sample->steps = delta;
        sample->has |= SAMPLE_STEPS;
    }
    belt->has_steps = true;
    belt->steps = record->steps;
    belt->steps_usec = now_usec;
    add_look(belt, record->steps, now_usec);
    note_cadence(belt, record->steps, now_usec, sample);
}

/* ---- records -------------------------------------------------------------------------------- */

/* True when *ret is a whole record: of one notification, or of the parts so far and this one. */
static bool complete(struct belt *belt, const struct treadmill_record *part, uint64_t now_usec,
                     struct treadmill_record *ret)
{
    bool fresh = belt->has_partial && now_usec >= belt->partial_usec &&
                 now_usec - belt->partial_usec <= SENSOR_HOLD_USEC;
    struct treadmill_record record = *part;

    if (fresh) {
        record = belt->partial;
        treadmill_merge(&record, part);
    }
    belt->has_partial = record.more_data;
    belt->partial = record;
    belt->partial_usec = now_usec;
    if (!record.more_data)
        *ret = record;
    return !record.more_data;
}

static uint64_t elapsed_since(struct belt *belt, uint64_t now_usec)
{
    uint64_t elapsed_usec =
        belt->started && now_usec > belt->last_usec ? now_usec - belt->last_usec : 0;

    if (elapsed_usec <= SENSOR_FORGET_USEC)
        return elapsed_usec;
    odometer_forget(&belt->odometer);
    belt->has_anchor = false;
    belt->derived_m_s = 0;
    belt->has_gain = false;
    return 0;
}

bool belt_feed(struct belt *belt, const struct treadmill_record *part, uint64_t now_usec,
               struct sample *ret)
{
    struct sample sample = { .t_usec = now_usec };
    struct treadmill_record record;
    uint64_t elapsed_usec, hold_usec;
    bool known;

    if (!complete(belt, part, now_usec, &record))
        return false;
    elapsed_usec = elapsed_since(belt, now_usec);
    hold_usec = elapsed_usec < SENSOR_HOLD_USEC ? elapsed_usec : SENSOR_HOLD_USEC;
    known = find_speed(belt, &record, now_usec, &sample.speed_m_s);
    if (known) {
        sample.moving = sample.speed_m_s > 0;
        sample.has = SAMPLE_SPEED | SAMPLE_MOVING;
    }
    feed_distance(belt, &record, elapsed_usec, (double)hold_usec / 1e6, &sample);
    feed_grade(belt, &record, &sample);
    feed_climb(belt, &record, elapsed_usec, &sample);
    feed_steps(belt, &record, now_usec, &sample);

    belt->started = true;
    belt->last_usec = now_usec;
    belt->last_speed_m_s = known ? sample.speed_m_s : 0;
    *ret = sample;
    return true;
}

bool belt_status(struct belt *belt, enum machine_status status, uint64_t now_usec,
                 struct sample *ret)
{
    switch (status) {
    case MACHINE_STATUS_STOPPED:
    case MACHINE_STATUS_PAUSED:
    case MACHINE_STATUS_SAFETY_KEY:
        /* Some send no data any more. While the belt runs out, data says that it still moves. */
        *ret = (struct sample){ .t_usec = now_usec, .has = SAMPLE_MOVING, .moving = false };
        return true;
    case MACHINE_STATUS_RESET:
    case MACHINE_STATUS_STARTED:
        break; /* counters that went back show it themselves, whatever the order of packets */
    }
    return false;
}
