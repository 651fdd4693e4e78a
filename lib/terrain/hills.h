/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * The figures of the hills of a session, the same ones wherever they are told: while it runs, as its
 * result, of a file, in a row of the database. The engine that finds them is terrain.h.
 */
#include <stdbool.h>

#define HILLS_HEIGHT_MAX_M   100000.0
#define HILLS_WAY_MAX_M      1000000.0
#define HILLS_TIME_MAX_S     604800.0 /* a week: longer than any session */
#define HILLS_STEPS_MAX      5000000.0
#define HILLS_KNEE_MAX_STEPS 50000000.0
#define HILLS_PACE_MIN_S     50.0
#define HILLS_PACE_MAX_S     7200.0

struct terrain_figures;

struct hills {
    double altitude_m;      /* of the distance, with usable altitude; 0: of none; NAN: not known */
    double coverage_pct;    /* altitude_m of the distance */
    double ascent_m;        /* gained; NAN: no height at all */
    double drop_m;          /* lost on descents; NAN with all of downhill: no usable altitude */
    double downhill_m;      /* way on descents */
    double downhill_s;      /* time on them */
    double downhill_steps;  /* and steps */
    double steep_pct;       /* of the drop, what falls by 10 % or more */
    double pace_s_per_km;   /* on the level, at the same cost */
    double knee_load_steps; /* KNEE_LABEL */
    char source[16];        /* terrain_source_name of most of it; "": nobody */
};

/* Nothing is known. */
void hills_init(struct hills *hills);
/* What the lines of a session add up to. */
void hills_of_figures(struct hills *ret, const struct terrain_figures *figures);
/* What is more than any session has is not known. */
void hills_limit(struct hills *hills);
/* Every value is one that hills_limit leaves, and the source has such a name. */
bool hills_are_sound(const struct hills *hills);
