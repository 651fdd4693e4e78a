/* SPDX-License-Identifier: MIT */
#include "lib/metrics/pressure.h"

#include <math.h>
#include <stdbool.h>

#define GAS_J_KG_K   287.05287 /* dry air */
#define GRAVITY_M_S2 9.80665
#define SEA_K        288.15
#define LAPSE_K_M    0.0065
#define AIR_MIN_K    200.0
#define AIR_MAX_K    330.0

double pressure_from_raw(uint32_t raw)
{
    return raw == PRESSURE_RAW_UNKNOWN ? NAN : raw / 10.0;
}

static bool is_air(double p_pa)
{
    return p_pa >= PRESSURE_MIN_PA && p_pa <= PRESSURE_MAX_PA; /* false for NAN */
}

double pressure_altitude_m(double p_pa, double p0_pa)
{
    if (!is_air(p_pa) || !is_air(p0_pa))
        return NAN;
    return SEA_K / LAPSE_K_M * (1 - pow(p_pa / p0_pa, GAS_J_KG_K * LAPSE_K_M / GRAVITY_M_S2));
}

double pressure_rise_m(double from_pa, double to_pa, double air_k)
{
    if (!is_air(from_pa) || !is_air(to_pa) || !(air_k >= AIR_MIN_K && air_k <= AIR_MAX_K))
        return NAN;
    return GAS_J_KG_K * air_k / GRAVITY_M_S2 * log(from_pa / to_pa);
}
