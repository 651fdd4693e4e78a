/* SPDX-License-Identifier: MIT */
#include "lib/metrics/heart_load.h"

#include <math.h>

/* Banister 1991; Morton 1990 J Appl Physiol 69:1171. For a runner who gave no sex: the middle of
 * both, our convention. */
static const struct {
    double a, b;
} banister[] = {
    [CONF_SEX_UNKNOWN] = { 0.75, 1.795 },
    [CONF_SEX_FEMALE] = { 0.86, 1.67 },
    [CONF_SEX_MALE] = { 0.64, 1.92 },
};

void heart_load_init(struct heart_load *load, const struct heart_profile *profile)
{
    *load = (struct heart_load){ .last_bpm = NAN };
    heart_load_set_profile(load, profile);
}

void heart_load_set_profile(struct heart_load *load, const struct heart_profile *profile)
{
    load->profile = *profile;
    load->estimated = !profile->max_bpm && profile->age_years >= 5 && profile->age_years <= 110;
    load->max_bpm = profile->max_bpm  ? profile->max_bpm
                    : load->estimated ? 208 - 0.7 * profile->age_years
                                      : NAN;
}

static double reserve(const struct heart_load *load, double bpm)
{
    double rest = load->profile.rest_bpm;

    if (!load->profile.rest_bpm || !(load->max_bpm > rest))
        return NAN;
    return fmin(1, fmax(0, (bpm - rest) / (load->max_bpm - rest)));
}

double heart_load_banister(const struct heart_load *load, double bpm)
{
    double x = reserve(load, bpm);

    return x * banister[load->profile.sex].a * exp(banister[load->profile.sex].b * x);
}

double heart_load_zone(const struct heart_load *load, double bpm)
{
    int zone = 0;

    if (isnan(load->max_bpm) || isnan(bpm))
        return NAN;
    /* 50, 60, 70, 80, 90 %: whole numbers on both sides, so that an edge is an edge */
    for (int k = 1; k <= 5; k++)
        if (bpm * 10 >= load->max_bpm * (4 + k))
            zone = k;
    return zone;
}

double heart_load_reserve_pct(const struct heart_load *load, double bpm)
{
    return 100 * reserve(load, bpm);
}

static void add(struct heart_load *load, double bpm, double seconds)
{
    double zone = heart_load_zone(load, bpm), rate = heart_load_banister(load, bpm);

    load->known_s += seconds;
    load->bpm_s += bpm * seconds;
    if (!isnan(rate))
        load->trimp += rate * seconds / 60;
    if (!isnan(zone)) {
        load->zone_s[(int)zone] += seconds;
        load->edwards += zone * seconds / 60;
    }
}

static void see_above(struct heart_load *load, double bpm, uint64_t t_usec)
{
    if (!(bpm > load->max_bpm))
        load->above_since_usec = 0;
    else if (!load->above_since_usec)
        load->above_since_usec = t_usec;
    else if (t_usec - load->above_since_usec >= HEART_ABOVE_USEC)
        load->max_too_low = true;
}

/* The time since the last packet belongs to what it said, as far as that holds. */
static void account(struct heart_load *load, uint64_t t_usec)
{
    uint64_t passed = t_usec - load->last_usec;
    uint64_t held = passed > HEART_HOLD_USEC ? HEART_HOLD_USEC : passed;

    if (isnan(load->last_bpm))
        held = 0;
    else
        add(load, load->last_bpm, (double)held / 1e6);
    load->missing_s += (double)(passed - held) / 1e6;
}

void heart_load_feed(struct heart_load *load, double bpm, uint64_t t_usec)
{
    if (!(bpm >= HEART_MIN_BPM && bpm <= HEART_MAX_BPM))
        bpm = NAN;
    if (load->last_usec && t_usec < load->last_usec)
        return;
    if (load->last_usec)
        account(load, t_usec);
    load->last_usec = t_usec;
    load->last_bpm = bpm;
    load->highest_bpm = fmax(load->highest_bpm, bpm); /* fmax passes over NAN */
    see_above(load, bpm, t_usec);
}

double heart_load_trimp(const struct heart_load *load)
{
    return load->known_s >= HEART_ENOUGH_S && !isnan(reserve(load, load->max_bpm)) ? load->trimp
                                                                                   : NAN;
}

double heart_load_edwards(const struct heart_load *load)
{
    return load->known_s >= HEART_ENOUGH_S && !isnan(load->max_bpm) ? load->edwards : NAN;
}

double heart_load_zone_s(const struct heart_load *load, int zone)
{
    return load->known_s >= HEART_ENOUGH_S && !isnan(load->max_bpm) ? load->zone_s[zone + 1] : NAN;
}

double heart_load_mean_bpm(const struct heart_load *load)
{
    return load->known_s >= HEART_ENOUGH_S ? load->bpm_s / load->known_s : NAN;
}

double heart_load_max_bpm(const struct heart_load *load)
{
    return load->highest_bpm > 0 ? load->highest_bpm : NAN;
}
