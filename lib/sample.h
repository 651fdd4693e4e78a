/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What one notification of one sensor means, in SI units: the value that flows from the sensor
 * interpreters (lib/sensor) to the session. Deltas are since the previous sample of the same
 * characteristic of the same sensor. A field is only valid when its bit is in `has`: absent is absent.
 */
#include <stdbool.h>
#include <stdint.h>

#define SAMPLE_RR_MAX    96 /* RR intervals in one packet at the largest ATT MTU we accept */
#define SAMPLE_HOLD_USEC (3 * UINT64_C(1000000)) /* a value older than this is not current */

enum sample_field {
    SAMPLE_HEART_RATE = 1u << 0,    /* heart_rate_bpm: on the body, plausible (30..240) */
    SAMPLE_RR = 1u << 1,            /* rr_1024[0..n_rr) */
    SAMPLE_SPEED = 1u << 2,         /* speed_m_s */
    SAMPLE_CADENCE = 1u << 3,       /* cadence_spm: both feet; only once the unit is decided */
    SAMPLE_STEPS = 1u << 4,         /* steps: delta; also what was held back while undecided */
    SAMPLE_DISTANCE = 1u << 5,      /* distance_m: delta, from the odometer where there is one */
    SAMPLE_STEP_LENGTH = 1u << 6,   /* step_length_m */
    SAMPLE_GRADE = 1u << 7,         /* grade_pct: belt inclination, rise per run */
    SAMPLE_MOVING = 1u << 8,        /* moving is known (true or false) */
    SAMPLE_GAP_BRIDGED = 1u << 9,   /* distance_m spans a dropout, by the odometer */
    SAMPLE_NO_CONTACT = 1u << 10,   /* a strap that ticks but is off the body; no heart rate then */
    SAMPLE_UNIT_DECIDED = 1u << 11, /* steps or strides was decided with this packet: see stream */
    SAMPLE_MACHINE_CLIMB = 1u << 12, /* machine_ascent_m, machine_descent_m: cross-check only */
    SAMPLE_POWER = 1u << 13,         /* power_w: running power, never below 0 */
    SAMPLE_PRESSURE = 1u << 14,      /* pressure_pa: of the air, 300..1100 hPa */
    SAMPLE_ALTITUDE = 1u << 15,      /* altitude_m: over the sensor's own zero; see source */
    SAMPLE_TEMPERATURE = 1u << 16,   /* temperature_c: where the sensor is */
};

/* Where it came from; of motion, the order of precedence is the session's. */
enum sample_source {
    SAMPLE_SOURCE_NONE,
    SAMPLE_SOURCE_POD,       /* RSC of a device without a heart-rate service */
    SAMPLE_SOURCE_STRAP,     /* heart rate, or the RSC of a heart-rate strap */
    SAMPLE_SOURCE_BELT,      /* treadmill */
    SAMPLE_SOURCE_POWER,     /* cycling power, of whatever device: no motion */
    SAMPLE_SOURCE_BAROMETER, /* air pressure, or a height that was made of it */
    SAMPLE_SOURCE_LOCATION,  /* a height of satellites or a map */
    SAMPLE_SOURCE_CONFIGURED /* set by a person: incline command, LiveIncline= */
};

struct sample {
    uint64_t t_usec; /* CLOCK_BOOTTIME at reception */
    uint32_t has;    /* enum sample_field */
    enum sample_source source;

    int heart_rate_bpm;
    uint16_t rr_1024[SAMPLE_RR_MAX]; /* 1/1024 s, oldest first */
    int n_rr;

    bool moving;
    double speed_m_s;
    double cadence_spm; /* steps a minute of both feet */
    double steps;
    double distance_m;
    double step_length_m;
    double grade_pct;
    double machine_ascent_m;
    double machine_descent_m;
    double power_w;
    double pressure_pa;
    double altitude_m;
    double temperature_c;
};
