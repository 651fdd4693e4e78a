/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include "lib/sensor/limits.h"
#include "lib/sensor/unit.h"

/* Slower is walking for most and a jog for some: those two can't be told apart by cadence. */
#define RUNNING_M_S       2.0
#define STRIDES_BELOW     110.0
#define RUNNING_TIME_USEC (30 * SENSOR_SECOND_USEC)
#define RUNNING_LOOK_USEC (SENSOR_SECOND_USEC * 9 / 10)

#define WALKING_M_S       0.5
#define WALKING_TIME_USEC (300 * SENSOR_SECOND_USEC)
#define WALKING_LOOK_USEC (9 * SENSOR_SECOND_USEC)
#define STEP_MAX_M        1.8

void unit_init(struct unit *unit, enum conf_cadence_unit configured, enum pod_unit preset)
{
    bool given = configured != CONF_CADENCE_AUTO;

    *unit = (struct unit){ .verdict = preset };
    if (given)
        unit->verdict = configured == CONF_CADENCE_STEPS ? POD_UNIT_STEPS : POD_UNIT_STRIDES;
    if (unit->verdict != POD_UNIT_UNDECIDED)
        snprintf(unit->evidence, sizeof unit->evidence, "%s",
                 given ? UNIT_CONFIGURED : "decided earlier");
}

void unit_set(struct unit *unit, enum pod_unit verdict, const char *evidence)
{
    *unit = (struct unit){ .verdict = verdict };
    snprintf(unit->evidence, sizeof unit->evidence, "%s", evidence);
}

bool unit_is_configured(const struct unit *unit)
{
    return strcmp(unit->evidence, UNIT_CONFIGURED) == 0;
}

enum pod_unit pod_unit_from_conf(enum conf_cadence_unit unit)
{
    switch (unit) {
    case CONF_CADENCE_STEPS:
        return POD_UNIT_STEPS;
    case CONF_CADENCE_STRIDES:
        return POD_UNIT_STRIDES;
    case CONF_CADENCE_AUTO:
        break;
    }
    return POD_UNIT_UNDECIDED;
}

enum conf_cadence_unit pod_unit_to_conf(enum pod_unit unit)
{
    switch (unit) {
    case POD_UNIT_STEPS:
        return CONF_CADENCE_STEPS;
    case POD_UNIT_STRIDES:
        return CONF_CADENCE_STRIDES;
    case POD_UNIT_UNDECIDED:
        break;
    }
    return CONF_CADENCE_AUTO;
}

int unit_rule(double median_raw, double median_speed_m_s)
{
    return median_raw > 0 && median_raw < STRIDES_BELOW && median_speed_m_s >= RUNNING_M_S ? 2 : 1;
}

/* Takes a look now and then, so that few places cover the whole time at any packet rate. */
static void look(struct unit_window *window, double raw, double speed_m_s, uint64_t elapsed_usec,
                 uint64_t every_usec)
{
    window->total_usec += elapsed_usec;
    window->since_usec += elapsed_usec;
    if (window->since_usec < every_usec || window->n == UNIT_WINDOW)
        return;
    window->raw[window->n] = (float)raw;
    window->speed_m_s[window->n++] = (float)speed_m_s;
    window->since_usec = 0;
}

static double median(const float *values, size_t n)
{
    float sorted[UNIT_WINDOW];

    for (size_t i = 0; i < n; i++) {
        size_t at = i;
        for (; at > 0 && sorted[at - 1] > values[i]; at--)
            sorted[at] = sorted[at - 1];
        sorted[at] = values[i];
    }
    return n % 2 ? sorted[n / 2] : ((double)sorted[n / 2 - 1] + sorted[n / 2]) / 2;
}

static void decide_running(struct unit *unit)
{
    const struct unit_window *window = &unit->running;
    double raw = median(window->raw, window->n);
    double speed = median(window->speed_m_s, window->n);

    unit->verdict = unit_rule(raw, speed) == 2 ? POD_UNIT_STRIDES : POD_UNIT_STEPS;
    snprintf(unit->evidence, sizeof unit->evidence, "median %.0f at %.1f m/s over %.0f s", raw,
             speed, (double)window->total_usec / 1e6);
}

/* How short a step may be says nothing: at 0.6 m/s those of many are shorter than half a metre. */
static bool is_walked(double steps_a_minute, double speed_m_s)
{
    return steps_a_minute < 2 * STRIDES_BELOW && speed_m_s * 60 <= STEP_MAX_M * steps_a_minute;
}

/* Both readings possible, or neither: a new five minutes. */
static void decide_walking(struct unit *unit)
{
    struct unit_window *window = &unit->walking;
    double raw = median(window->raw, window->n);
    double speed = median(window->speed_m_s, window->n);
    bool as_steps = is_walked(raw, speed), as_strides = is_walked(2 * raw, speed);

    if (as_steps != as_strides) {
        unit->verdict = as_steps ? POD_UNIT_STEPS : POD_UNIT_STRIDES;
        snprintf(unit->evidence, sizeof unit->evidence,
                 "median %.0f at %.1f m/s over %.0f s of walking: %.2f m a step", raw, speed,
                 (double)window->total_usec / 1e6, speed * 60 / (as_steps ? raw : 2 * raw));
    }
    *window = (struct unit_window){ 0 };
}

bool unit_feed(struct unit *unit, double raw, double speed_m_s, uint64_t elapsed_usec)
{
    if (unit->verdict != POD_UNIT_UNDECIDED || raw <= 0 || speed_m_s < WALKING_M_S)
        return false;
    if (speed_m_s >= RUNNING_M_S) {
        look(&unit->running, raw, speed_m_s, elapsed_usec, RUNNING_LOOK_USEC);
        if (unit->running.total_usec >= RUNNING_TIME_USEC)
            decide_running(unit);
    } else {
        look(&unit->walking, raw, speed_m_s, elapsed_usec, WALKING_LOOK_USEC);
        if (unit->walking.total_usec >= WALKING_TIME_USEC)
            decide_walking(unit);
    }
    return unit->verdict != POD_UNIT_UNDECIDED;
}

int unit_factor(const struct unit *unit)
{
    switch (unit->verdict) {
    case POD_UNIT_STEPS:
        return 1;
    case POD_UNIT_STRIDES:
        return 2;
    case POD_UNIT_UNDECIDED:
        break;
    }
    return 0;
}

const char *pod_unit_name(enum pod_unit unit)
{
    switch (unit) {
    case POD_UNIT_STEPS:
        return "steps";
    case POD_UNIT_STRIDES:
        return "strides";
    case POD_UNIT_UNDECIDED:
        break;
    }
    return "";
}

enum pod_unit pod_unit_from_name(const char *name)
{
    if (strcmp(name, "steps") == 0)
        return POD_UNIT_STEPS;
    return strcmp(name, "strides") == 0 ? POD_UNIT_STRIDES : POD_UNIT_UNDECIDED;
}
