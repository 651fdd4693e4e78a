/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * The hills of each session of a file: its samples through lib/terrain, in a reading of their own
 * (the outline is known by then; totals may hear the same reading). Sessions of a file follow one
 * another, so there is one engine; of a session that comes back after another the rest is left out.
 *
 * A file's altitude is of a barometer where its recorder has one, else of satellites,
 * which gives an ascent of low quality and no downhill. Indoors it means nothing, and the treadmill's
 * grade is used if somebody wrote it down; elsewhere a grade speaks where no altitude does.
 */
#include "lib/activity/ends.h"
#include "lib/activity/outline.h"
#include "lib/terrain/terrain.h"

struct relief_settings {
    bool barometric; /* a person says so of files that do not say it */
    struct knee_reference own;
    const struct ends *ends; /* borrowed, read before; NULL: the weather is left in */
};

struct relief_session {
    bool heard, over;
    struct terrain_figures figures;
    struct level level; /* for the own cadence and speed of later sessions */
};

struct relief {
    const struct outline *outline; /* borrowed, finished */
    struct relief_settings settings;
    int session; /* open; -1: none */
    uint64_t n_late;
    int64_t last_usec;
    int part; /* of the sample before, and as far as it wrote */
    double farthest_m;
    struct terrain terrain;
    struct relief_session sessions[ACTIVITY_PARTS_MAX]; /* as the outline's */
};

/* No barometer but what the file says, nothing known of the runner. */
struct relief_settings relief_settings(void);
void relief_init(struct relief *relief, const struct outline *outline,
                 const struct relief_settings *settings);
struct activity_sink relief_sink(struct relief *relief);
/* All facts were heard: the figures stand. Those of a session without samples are all NAN. */
void relief_finish(struct relief *relief);
