/* SPDX-License-Identifier: MIT */
#include "lib/metrics/heart_load.h"

#include <math.h>

/*
 * TRIMP = sum of dt [min] * x * A * e^(B x), x = share of the heart-rate reserve, 0 .. 1; in arbitrary
 * units. A and B were fitted to blood lactate, of men and of women (Banister 1991; Morton 1990, J Appl
 * Physiol 69:1171). Some programs use the men's A for women too. For a runner who gave no sex: the
 * middle of both, our convention.
 */
static const struct {
    double a, b;
} banister[] = {
    [CONF_SEX_UNKNOWN] = { 0.75, 1.795 },
    [CONF_SEX_FEMALE] = { 0.86, 1.67 },
    [CONF_SEX_MALE] = { 0.64, 1.92 },
};

/* 31556952 s: the mean Gregorian year; within a day of the calendar's turn, an age is a guess */
int heart_age_years(int birth_year, int64_t wall_usec)
{
    return birth_year ? 1970 + (int)(wall_usec / 1000000 / 31556952) - birth_year : 0;
}

void heart_load_init(struct heart_load *load, const struct heart_profile *profile)
{
    *load = (struct heart_load){ .last_bpm = NAN };
    heart_load_set_profile(load, profile);
}

void heart_load_set_profile(struct heart_load *load, const struct heart_profile *profile)
{
    load->profile = *profile;
    /* outside 5 .. 110 years the birth year or the clock is wrong, not the runner old */
    load->estimated = !profile->max_bpm && profile->age_years >= 5 && profile->age_years <= 110;
    load->max_bpm = profile->max_bpm  ? profile->max_bpm
                    : load->estimated ? 208 - 0.7 * profile->age_years
                                      : NAN;
}

/* x = (HR - rest) / (max - rest), cut to 0 .. 1: below rest counts as rest, above max as max. */
static double reserve(const struct heart_load *load, double bpm)
{
    double rest = load->profile.rest_bpm;

    if (isnan(bpm) || !load->profile.rest_bpm || !(load->max_bpm > rest))
        return NAN; /* fmax would make 0 of it */
    return fmin(1, fmax(0, (bpm - rest) / (load->max_bpm - rest)));
}

double heart_load_banister(const struct heart_load *load, double bpm)
{
    double x = reserve(load, bpm);

    return x * banister[load->profile.sex].a * exp(banister[load->profile.sex].b * x);
}

/* Edwards: zones from 50, 60, 70, 80 and 90 % of HRmax weigh 1 .. 5 a minute. The weights are a habit,
 * not physiology. */
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
    if (!isnan(rate)) {
        load->trimp += rate * seconds / 60;
        load->trimp_of_s += seconds;
    }
    if (!isnan(zone)) {
        load->zones_of_s += seconds;
        load->zone_s[(int)zone] += seconds;
        load->edwards += zone * seconds / 60;
    }
}

/* Two packets above it with a hole between them are no ten seconds above it. */
static void see_above(struct heart_load *load, double bpm, uint64_t t_usec)
{
    bool was = load->above && t_usec - load->packet_usec <= HEART_HOLD_USEC;

    load->above = bpm > load->max_bpm; /* false where either is NAN */
    if (load->above && !was)
        load->above_since_usec = t_usec;
    if (load->above && t_usec - load->above_since_usec >= HEART_ABOVE_USEC)
        load->max_too_low = true;
}

/* The time since the last packet belongs to what it said, as far as that holds. */
void heart_load_tick(struct heart_load *load, uint64_t t_usec)
{
    uint64_t until = load->packet_usec + HEART_HOLD_USEC, passed, held;

    if (!load->started) {
        load->started = true;
        load->last_usec = t_usec;
    }
    if (t_usec <= load->last_usec)
        return;
    passed = t_usec - load->last_usec;
    held = until > load->last_usec ? until - load->last_usec : 0;
    if (isnan(load->last_bpm))
        held = 0;
    else if (held > passed)
        held = passed;
    if (held)
        add(load, load->last_bpm, (double)held / 1e6);
    load->missing_s += (double)(passed - held) / 1e6;
    load->last_usec = t_usec;
}

void heart_load_feed(struct heart_load *load, double bpm, uint64_t t_usec)
{
    if (load->started && t_usec < load->last_usec)
        return;
    if (!(bpm >= HEART_MIN_BPM && bpm <= HEART_MAX_BPM))
        bpm = NAN;
    heart_load_tick(load, t_usec);
    see_above(load, bpm, t_usec);
    load->last_bpm = bpm;
    load->packet_usec = t_usec;
    load->highest_bpm = fmax(load->highest_bpm, bpm); /* fmax passes over NAN */
}

/* A sum over a part of the time would pass for the whole: a profile that came late, or went. */
static bool is_enough(const struct heart_load *load, double of_s)
{
    return load->known_s >= HEART_ENOUGH_S && load->known_s - of_s < HEART_ENOUGH_S;
}

bool heart_load_is_effort(double bpm, int max_bpm, int rest_bpm)
{
    return max_bpm && rest_bpm && 2 * bpm >= max_bpm + rest_bpm;
}

double heart_load_trimp(const struct heart_load *load)
{
    return is_enough(load, load->trimp_of_s) ? load->trimp : NAN;
}

double heart_load_edwards(const struct heart_load *load)
{
    return is_enough(load, load->zones_of_s) ? load->edwards : NAN;
}

double heart_load_zone_s(const struct heart_load *load, int zone)
{
    if (zone < 0 || zone > 4 || !is_enough(load, load->zones_of_s))
        return NAN;
    return load->zone_s[zone + 1];
}

bool heart_load_is_whole(const struct heart_load *load, double moving_s)
{
    double all_s = moving_s > 0 ? moving_s : load->known_s + load->missing_s;

    return load->known_s >= HEART_WHOLE * all_s;
}

double heart_load_missing_s(const struct heart_load *load)
{
    return load->started ? load->missing_s : NAN;
}

double heart_load_mean_bpm(const struct heart_load *load)
{
    return load->known_s >= HEART_ENOUGH_S ? load->bpm_s / load->known_s : NAN;
}

double heart_load_max_bpm(const struct heart_load *load)
{
    return load->highest_bpm > 0 ? load->highest_bpm : NAN;
}
