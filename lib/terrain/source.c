/* SPDX-License-Identifier: MIT */
#include "lib/terrain/source.h"

#include <math.h>
#include "lib/terrain/track.h"

static const struct {
    const char *name;
    bool height, fine;
} sources[TERRAIN_SOURCES] = {
    [TERRAIN_NONE] = { "", false, false },
    [TERRAIN_BELT] = { "belt", false, true },
    [TERRAIN_INCLINE] = { "incline", false, true },
    [TERRAIN_BAROMETER] = { "barometer", true, true },
    [TERRAIN_ELEVATION] = { "elevation", true, true },
    [TERRAIN_ROUTE] = { "route", true, true },
    [TERRAIN_GPS] = { "gps", true, false },
    [TERRAIN_CONFIGURED] = { "configured", false, true },
    [TERRAIN_FILE] = { "file", false, true },
};

bool terrain_source_is_height(enum terrain_source source)
{
    return sources[source].height;
}

bool terrain_source_is_fine(enum terrain_source source)
{
    return sources[source].fine;
}

const char *terrain_source_name(enum terrain_source source)
{
    return sources[source].name;
}

void terrain_says_nothing(struct terrain_says *says)
{
    for (int i = 0; i < TERRAIN_SOURCES; i++)
        says->value[i] = NAN;
}

void terrain_chooser_init(struct terrain_chooser *chooser, bool indoors)
{
    *chooser = (struct terrain_chooser){ .indoors = indoors };
}

/* A grade that is run, a height on Earth; else it is an error and says nothing. */
static bool plausible(int source, double value)
{
    return sources[source].height ? value >= -500 && value <= 9000 : value >= -45 && value <= 45;
}

static enum terrain_source best(const struct terrain_chooser *chooser,
                                const struct terrain_says *says)
{
    for (int i = TERRAIN_NONE + 1; i < TERRAIN_SOURCES; i++)
        if (plausible(i, says->value[i]) && !(chooser->indoors && sources[i].height))
            return (enum terrain_source)i;
    return TERRAIN_NONE;
}

/* A lesser one, or nobody, speaks while a height is silent for a moment. */
static bool waits(const struct terrain_chooser *chooser, double t_s, enum terrain_source other)
{
    return sources[chooser->current].height && !chooser->indoors &&
           (other == TERRAIN_NONE || other > chooser->current) &&
           t_s - chooser->heard_s <= TRACK_GAP_S;
}

enum terrain_source terrain_choose(struct terrain_chooser *chooser, double t_s,
                                   const struct terrain_says *says)
{
    enum terrain_source source;

    if (plausible(TERRAIN_BELT, says->value[TERRAIN_BELT]))
        chooser->indoors = true;
    source = best(chooser, says);
    if (source != chooser->current && waits(chooser, t_s, source))
        return chooser->current;
    chooser->current = source;
    chooser->heard_s = t_s;
    return source;
}
