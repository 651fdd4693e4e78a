/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What the heart did in a session: Banister's and Edwards's load, time in zones, mean and maximum.
 *
 * Each heart rate holds until the next packet, but for 5 s at most; what is longer counts as missing
 * and is told as such. Sums are taken sample by sample, not from the mean: Banister's curve is
 * convex, the mean would give 7 % less.
 *
 * Loads need the runner's highest heart rate, Banister's also the resting one: without them there is
 * no number, nor where they were known for a part of the time only. Comparing sexes or people by them
 * means nothing, and none of them sees a descent.
 */
#include <stdbool.h>
#include <stdint.h>
#include "lib/conf.h"

#define HEART_HOLD_USEC  UINT64_C(5000000)
#define HEART_MIN_BPM    30 /* outside: not a heart rate, but a fault of the strap */
#define HEART_MAX_BPM    240
#define HEART_ABOVE_USEC UINT64_C(10000000) /* above HRmax for this long: HRmax is set too low */
#define HEART_ENOUGH_S   10.0               /* less is no mean of anything: our convention */
#define HEART_WHOLE      0.8

struct heart_profile { /* 0 = not given */
    enum conf_sex sex;
    int max_bpm, rest_bpm;
    int age_years; /* for an estimate of max_bpm: 208 - 0.7 age (Tanaka 2001), SD about 10 bpm */
};

struct heart_load {
    struct heart_profile profile;
    double max_bpm; /* in force: given or estimated; NAN */
    bool estimated;

    bool started;
    double last_bpm;                  /* of the last packet; NAN: missing */
    uint64_t packet_usec;             /* of the last packet */
    uint64_t last_usec;               /* all before is accounted for */
    double trimp, edwards, zone_s[6]; /* AU, AU, s; zone_s[0]: below 50 % of HRmax */
    double trimp_of_s, zones_of_s;    /* seconds that went into trimp, and into edwards and zones */
    double bpm_s, known_s, missing_s, highest_bpm;
    bool above; /* the last packets were above HRmax */
    uint64_t above_since_usec;
    bool max_too_low;
};

/* At a moment; 0: no year is given. */
int heart_age_years(int birth_year, int64_t wall_usec);
void heart_load_init(struct heart_load *load, const struct heart_profile *profile);
/* Does not touch what was summed: for a profile that is known late, before the first packet. */
void heart_load_set_profile(struct heart_load *load, const struct heart_profile *profile);
/* bpm NAN: the strap spoke and had no rate. Times must not go back (earlier ones are left out). */
void heart_load_feed(struct heart_load *load, double bpm, uint64_t t_usec);
/* Time passed without a packet: at the start of a session, so that the time until the first packet
 * counts as missing, and at its end. The last rate goes on holding from its own packet. */
void heart_load_tick(struct heart_load *load, uint64_t t_usec);
/* Each of these three is NAN where bpm is. Banister's rate at one heart rate, in AU per minute; NAN
 * without HRmax and resting rate. */
double heart_load_banister(const struct heart_load *load, double bpm);
/* 0 (below 50 % of HRmax) .. 5; NAN without HRmax. The lower edge belongs to the zone. */
double heart_load_zone(const struct heart_load *load, double bpm);
/* Percent of the heart-rate reserve, 0..100; NAN without HRmax and resting rate. */
double heart_load_reserve_pct(const struct heart_load *load, double bpm);
/* At or above half the reserve between the two: exercise, not daily life. A rate of 0 is not given, and
 * without both there is no reserve to be half of. */
bool heart_load_is_effort(double bpm, int max_bpm, int rest_bpm);

/* Enough of the time is known for a load of all of it: four fifths, as of a week's altitude; our
 * convention. moving_s: how long the runner moved; NAN: nobody knows, and then of all that passed. */
bool heart_load_is_whole(const struct heart_load *load, double moving_s);

/* Results; NAN where there is not enough to say. The loads are those of the time that is known. */
double heart_load_trimp(const struct heart_load *load);
double heart_load_edwards(const struct heart_load *load);
double heart_load_zone_s(const struct heart_load *load, int zone); /* 0 .. 4: zones 1 .. 5 */
double heart_load_missing_s(const struct heart_load *load);        /* to be told beside the loads */
double heart_load_mean_bpm(const struct heart_load *load);
double heart_load_max_bpm(const struct heart_load *load);
