/* SPDX-License-Identifier: MIT */
#include "lib/metrics/knee.h"

#include <math.h>

#define CADENCE_EXPONENT -1.6 /* reproduces -14 % at +10 % (Lenhart 2014) */
#define SPEED_EXPONENT   0.25
#define DESCENT_FACTOR   3.4 /* reproduces +54 % impact at -9 degrees (Gottschall and Kram 2005) */
#define DESCENT_MAX      0.20
#define WALKING          0.5

static double within(double low, double value, double high)
{
    return fmax(low, fmin(high, value));
}

/* false for NAN */
static bool above_0(double value)
{
    return value > 0;
}

bool knee_reference_of(const struct level *level, struct knee_reference *ret)
{
    struct knee_reference own = { .load_ratio = 1 };

    own.speed_m_s = level_speed_m_s(level);
    own.cadence_spm = level_cadence_spm(level, own.speed_m_s);
    if (isnan(own.speed_m_s) || isnan(own.cadence_spm))
        return false;
    *ret = own;
    return true;
}

double knee_step(const struct knee_reference *own, double cadence_spm, double speed_m_s,
                 double grade, bool walking)
{
    double step = WALKING;

    if (isnan(grade) || !above_0(own->load_ratio))
        return NAN;
    if (!walking) {
        if (!above_0(cadence_spm) || !above_0(speed_m_s) || !above_0(own->cadence_spm) ||
            !above_0(own->speed_m_s))
            return NAN;
        step = pow(within(0.85, cadence_spm / own->cadence_spm, 1.15), CADENCE_EXPONENT) *
               pow(within(0.6, speed_m_s / own->speed_m_s, 1.8), SPEED_EXPONENT);
    }
    return step * (1 + DESCENT_FACTOR * within(0, -grade, DESCENT_MAX)) * own->load_ratio;
}
