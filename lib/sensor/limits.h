/* SPDX-License-Identifier: MIT */
#pragma once
/* What the interpreters hold to be possible, and for how long a value speaks for itself. */
#include <stdint.h>

#define SENSOR_SECOND_USEC UINT64_C(1000000)

/* A value holds until the next packet, but no longer than this: then it is not known. */
#define SENSOR_HOLD_USEC (3 * SENSOR_SECOND_USEC)

/* Nobody runs faster (100 m world record: 12.4 m/s at its peak); what says so is an error. */
#define SENSOR_SPEED_MAX_M_S 12.0

/* Nobody's feet are faster (sprinters: 280 to 290); more is a counter or a unit gone wrong. */
#define SENSOR_CADENCE_MAX_SPM 300.0

/* A gap longer than a session lives on without movement belongs to no session: a pod that ran
 * outdoors with a watch must not bring those kilometres to the next run at home. */
#define SENSOR_FORGET_USEC (600 * SENSOR_SECOND_USEC)
