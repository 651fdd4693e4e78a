/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * A barometer: packets of the Environmental Sensing service to samples. Nothing is remembered; what
 * weather, doors and noise do to a height is for whoever makes a slope of it. A sensor that sends a
 * pressure and a height has made the one of the other: both are handed on, and are one witness.
 *
 * Some send hectopascals, or millimetres, in the field for tenths of a pascal: what no weather and no
 * mountain makes is no pressure.
 */
#include <stdint.h>
#include "lib/gatt/decode.h"
#include "lib/gatt/temperature.h"
#include "lib/sample.h"

#define BAROMETER_MIN_PA 30000.0  /* the top of Everest: 33700 */
#define BAROMETER_MAX_PA 110000.0 /* the highest ever read: 108480; the Dead Sea: 107000 */

/* Lower and higher nobody runs, wherever the sensor's zero is. */
#define ALTITUDE_MIN_M (-500.0)
#define ALTITUDE_MAX_M 9000.0

/* What a battery and a person bear; also what is published. */
#define TEMPERATURE_MIN_C (-50.0)
#define TEMPERATURE_MAX_C 80.0

/* Each fills all of *ret, which may say nothing (has == 0: not known); OUT_OF_RANGE writes nothing. */
enum decode_result barometer_pressure(uint32_t pressure_dpa, uint64_t now_usec, struct sample *ret);
enum decode_result barometer_elevation(int32_t elevation_cm, uint64_t now_usec, struct sample *ret);
enum decode_result barometer_temperature(const struct temperature *temperature, uint64_t now_usec,
                                         struct sample *ret);
