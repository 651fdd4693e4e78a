/* SPDX-License-Identifier: MIT */
#pragma once
#include <math.h>

/* Seconds a kilometre. Below 0.5 m/s a pace is over half an hour a kilometre: standing, not running
 * slowly; and up a wall nobody's effort is that of 20 m/s on the level. NAN for both, and for NAN. */
static inline double pace_s_per_km(double speed_m_s)
{
    return speed_m_s >= 0.5 && speed_m_s <= 20 ? 1000.0 / speed_m_s : NAN;
}
