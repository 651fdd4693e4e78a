/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * Air pressure to height. A barometer knows a height only up to the weather: a front moves it by 8 m
 * an hour, so a single height means nothing here and only differences over minutes are used.
 *
 * International standard atmosphere: 288.15 K at the level of p0, 6.5 K/km less above, R 287.05287
 * J/(kg K), g 9.80665 m/s^2: h = 44330.77 (1 - (p/p0)^0.190263). Air that is not at that
 * temperature scales heights by T/T_isa: -8.7 % at -10 C, +5 % at 30 C. It is not corrected: the
 * thermometer of a worn sensor tells the temperature of the wearer.
 */
#include <stdint.h>

#define PRESSURE_STANDARD_PA 101325.0
#define PRESSURE_RAW_UNKNOWN UINT32_MAX /* 0xFFFFFFFF: no value */
/* From the summit of Everest in a storm to a mine below the Dead Sea; outside it is a fault. */
#define PRESSURE_MIN_PA 30000.0
#define PRESSURE_MAX_PA 120000.0

/* Environmental sensing, Pressure 0x2A6D: uint32 in 0.1 Pa. Pa, or NAN where it is marked unknown. */
double pressure_from_raw(uint32_t raw);
/* Metres above the level where the pressure is p0_pa (PRESSURE_STANDARD_PA for the standard
 * atmosphere). NAN where either is unknown or outside PRESSURE_MIN_PA .. PRESSURE_MAX_PA. */
double pressure_altitude_m(double p_pa, double p0_pa);
/* Metres gained from one pressure to another through air of a known mean temperature (hypsometric
 * equation, R T / g ln(p1/p2)): what the standard atmosphere comes to where it is warm or cold. For a
 * thermometer in the shade. Kelvin, 200 .. 330. NAN where one of them is unknown or outside. */
double pressure_rise_m(double from_pa, double to_pa, double air_k);
