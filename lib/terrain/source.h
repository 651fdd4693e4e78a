/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * Who may say how steep it is, the most trusted first. A machine knows its own inclination; a person
 * who sets one says what is there now; a barometer measures, a route was measured before; satellites
 * err by 10 m in height, so they have a say in the ascent and none in what is downhill; and what was
 * configured for all live runs is used last.
 */
#include <stdbool.h>

enum terrain_source {
    TERRAIN_NONE,       /* nobody knows, which is not the same as level */
    TERRAIN_BELT,       /* says a grade in percent */
    TERRAIN_INCLINE,    /* set by hand, in percent */
    TERRAIN_BAROMETER,  /* says a height in metres; differences alone mean anything */
    TERRAIN_ELEVATION,  /* a sensor's own reckoning, in metres */
    TERRAIN_ROUTE,      /* the height of a route file at this distance, in metres */
    TERRAIN_GPS,        /* in metres */
    TERRAIN_CONFIGURED, /* LiveIncline, in percent */
    TERRAIN_FILE,       /* a grade beside the samples of a file, in percent */
    TERRAIN_SOURCES,
};

/* What each says now; NAN: nothing. Percent of those that say a grade, metres of the others. */
struct terrain_says {
    double value[TERRAIN_SOURCES];
};

struct terrain_chooser {
    enum terrain_source current;
    double heard_s; /* the current one */
    bool indoors;   /* under a roof no height is believed: doors and fans move the pressure */
};

void terrain_says_nothing(struct terrain_says *says);
void terrain_chooser_init(struct terrain_chooser *chooser, bool indoors);
/* The source at t_s, seconds that do not fall. One that says heights is waited for, TRACK_GAP_S, before
 * a lesser one takes over: what it will say ends the line that has begun. A treadmill that spoke once
 * is a roof from then on. */
enum terrain_source terrain_choose(struct terrain_chooser *chooser, double t_s,
                                   const struct terrain_says *says);

/* Says heights, not grades. */
bool terrain_source_is_height(enum terrain_source source);
/* Good enough for downhill stretches. */
bool terrain_source_is_fine(enum terrain_source source);
/* "barometer"; "" for none. */
const char *terrain_source_name(enum terrain_source source);
