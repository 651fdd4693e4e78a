/* SPDX-License-Identifier: MIT */
#include "lib/sensor/limits.h"
#include "lib/sensor/pod.h"

/* Without cadence, slower than this is a belt or a pod at rest. */
#define MOVING_BY_SPEED_M_S 0.5

/* A step outside this is a cadence and a speed that do not belong together. */
#define STEP_LENGTH_MIN_M 0.2
#define STEP_LENGTH_MAX_M 2.5

void pod_init(struct pod *pod, double factor, enum conf_cadence_unit configured,
              enum pod_unit preset)
{
    *pod = (struct pod){ .factor = factor };
    unit_init(&pod->unit, configured, preset);
    odometer_init(&pod->odometer, 0.1 * factor, UINT32_MAX);
}

void pod_set_factor(struct pod *pod, double factor)
{
    pod->factor = factor;
    pod->odometer.unit_m = 0.1 * factor;
}

/* Time since the packet before; after an absence longer than any session all starts anew. */
static uint64_t elapsed_since(struct pod *pod, uint64_t now_usec)
{
    uint64_t elapsed_usec =
        pod->started && now_usec > pod->last_usec ? now_usec - pod->last_usec : 0;

    if (elapsed_usec > SENSOR_FORGET_USEC) {
        odometer_forget(&pod->odometer);
        pod->held_counts = 0;
        elapsed_usec = 0;
    }
    if (now_usec > pod->moved_usec && now_usec - pod->moved_usec > SENSOR_FORGET_USEC)
        pod->held_counts = 0;
    return elapsed_usec;
}

static void feed_distance(struct pod *pod, const struct rsc *rsc, uint64_t elapsed_usec,
                          double held_s, struct sample *sample)
{
    struct odometer_input input = {
        .elapsed_usec = elapsed_usec,
        .by_speed_m = pod->last_speed_m_s * held_s,
        .has_total = rsc->has & RSC_TOTAL_DISTANCE,
        .total = rsc->total_distance_dm,
        .tight = true,
    };
    bool bridged;

    sample->distance_m = odometer_feed(&pod->odometer, &input, &bridged);
    sample->has |= SAMPLE_DISTANCE | (bridged ? SAMPLE_GAP_BRIDGED : 0);
}

static bool is_possible(const struct pod *pod, double raw)
{
    return raw * unit_factor(&pod->unit) <= SENSOR_CADENCE_MAX_SPM;
}

/* Steps wait until the unit is known and then come with the packet that decided it. */
static void feed_steps(struct pod *pod, double raw, double speed_m_s, uint64_t hold_usec,
                       struct sample *sample)
{
    int factor;

    pod->held_counts += pod->last_raw * (double)hold_usec / 60e6;
    if (unit_feed(&pod->unit, raw, speed_m_s, hold_usec))
        sample->has |= SAMPLE_UNIT_DECIDED;
    factor = unit_factor(&pod->unit);
    if (factor == 0 || !pod->cadence_seen || !is_possible(pod, raw))
        return;
    sample->steps = pod->held_counts * factor;
    sample->cadence_spm = raw * factor;
    sample->has |= SAMPLE_STEPS | SAMPLE_CADENCE;
    pod->held_counts = 0;
}

static void note_step_length(struct sample *sample)
{
    double length_m;

    if (!(sample->has & SAMPLE_CADENCE) || sample->cadence_spm <= 0)
        return;
    length_m = sample->speed_m_s * 60 / sample->cadence_spm;
    if (length_m < STEP_LENGTH_MIN_M || length_m > STEP_LENGTH_MAX_M)
        return;
    sample->step_length_m = length_m;
    sample->has |= SAMPLE_STEP_LENGTH;
}

enum decode_result pod_feed(struct pod *pod, const struct rsc *rsc, uint64_t now_usec,
                            struct sample *ret)
{
    double speed_m_s = rsc->speed_256 / 256.0 * pod->factor;
    struct sample sample = { .t_usec = now_usec, .speed_m_s = speed_m_s };
    uint64_t elapsed_usec, hold_usec;

    if (speed_m_s > SENSOR_SPEED_MAX_M_S)
        return DECODE_OUT_OF_RANGE;
    elapsed_usec = elapsed_since(pod, now_usec);
    hold_usec = elapsed_usec < SENSOR_HOLD_USEC ? elapsed_usec : SENSOR_HOLD_USEC;
    if (rsc->cadence > 0) {
        pod->cadence_seen = true;
        pod->moved_usec = now_usec;
    }
    sample.moving = pod->cadence_seen ? rsc->cadence > 0 : speed_m_s >= MOVING_BY_SPEED_M_S;
    sample.has = SAMPLE_SPEED | SAMPLE_MOVING;
    feed_distance(pod, rsc, elapsed_usec, (double)hold_usec / 1e6, &sample);
    feed_steps(pod, rsc->cadence, speed_m_s, hold_usec, &sample);
    note_step_length(&sample);

    pod->started = true;
    pod->last_usec = now_usec;
    pod->last_raw = is_possible(pod, rsc->cadence) ? rsc->cadence : 0; /* nothing to go on from */
    pod->last_speed_m_s = speed_m_s;
    *ret = sample;
    return DECODE_OK;
}
