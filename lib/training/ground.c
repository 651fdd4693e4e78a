/* SPDX-License-Identifier: MIT */
#include "lib/training/ground.h"

#include <math.h>
#include "lib/metrics/cost.h"
#include "lib/metrics/pressure.h"
#include "lib/training/counter.h"

void ground_init(struct ground *ground, bool final)
{
    struct terrain_settings settings = terrain_settings(!final);

    *ground = (struct ground){ 0 };
    terrain_init(&ground->terrain, &settings);
    for (int i = 0; i < TERRAIN_SOURCES; i++)
        ground->words[i].value = NAN;
}

void ground_set_own(struct ground *ground, const struct knee_reference *own)
{
    ground->terrain.settings.own = *own;
    ground->terrain.effort.own = *own;
}

/* ---- points ----------------------------------------------------------------------------------- */

static double says(struct ground *ground, enum terrain_source source, uint64_t t_usec)
{
    struct ground_word *word = &ground->words[source];
    double value = word->value;

    if (source == TERRAIN_BELT && (ground->unsaid || t_usec > word->usec + COUNTER_FRESH_USEC))
        return NAN;
    if (terrain_source_is_height(source))
        word->value = NAN;
    return value;
}

static void make_point(struct ground *ground, uint64_t t_usec)
{
    struct terrain_point point = terrain_point((int64_t)t_usec);

    point.metres = ground->metres;
    point.steps = ground->steps_known ? ground->steps : NAN;
    point.walking = ground->walking;
    point.hushed = ground->hushed;
    point.indoors = ground->indoors;
    for (int i = TERRAIN_NONE + 1; i < TERRAIN_SOURCES; i++)
        point.says.value[i] = says(ground, (enum terrain_source)i, t_usec);
    terrain_feed(&ground->terrain, &point);
    ground->metres = ground->steps = 0;
    ground->hushed = ground->unsaid = false;
    ground->point_usec = t_usec;
}

/* What was run until now was run on what was said until now. */
static void finish_what_was(struct ground *ground, uint64_t t_usec)
{
    if (ground->begun && ground->metres > 0 && t_usec > ground->point_usec)
        make_point(ground, t_usec);
}

void ground_begin(struct ground *ground, uint64_t t_usec)
{
    if (ground->begun)
        return;
    ground->begun = true;
    ground->covered_usec = t_usec;
    make_point(ground, t_usec);
}

void ground_pass(struct ground *ground, uint64_t t_usec, bool steps_known, bool walking)
{
    ground->fact_usec = t_usec;
    ground->steps_known = steps_known;
    ground->walking = walking;
    if (ground->begun && (ground->unsaid || t_usec >= ground->point_usec + GROUND_POINT_USEC))
        make_point(ground, t_usec);
}

void ground_end(struct ground *ground)
{
    finish_what_was(ground, ground->fact_usec);
    terrain_end(&ground->terrain);
}

/* ---- words ------------------------------------------------------------------------------------ */

static bool is_silent(const struct ground_word *word, uint64_t t_usec)
{
    return isnan(word->value) || t_usec > word->usec + COUNTER_FRESH_USEC;
}

/* Nobody tilts a belt to and back within so short a silence. */
static bool goes_on(const struct ground_word *word, double value, uint64_t t_usec)
{
    return !is_silent(word, t_usec) ||
           (fabs(value - word->value) < 1e-9 && t_usec <= word->usec + GROUND_SAME_USEC);
}

static void say(struct ground *ground, enum terrain_source source, double value, int sensor,
                bool leads, uint64_t t_usec)
{
    struct ground_word *word = &ground->words[source];

    if (word->usec && word->sensor != sensor && !leads &&
        t_usec <= word->usec + GROUND_WITNESS_USEC)
        return;
    *word = (struct ground_word){ .value = value,
                                  .sensor = sensor,
                                  .usec = t_usec,
                                  .since_usec =
                                      goes_on(word, value, t_usec) ? word->since_usec : t_usec };
}

static bool differs(double a, double b)
{
    return isnan(a) != isnan(b) || (!isnan(a) && fabs(a - b) > 1e-9);
}

void ground_set(struct ground *ground, enum terrain_source source, double percent, uint64_t t_usec)
{
    if (!differs(ground->words[source].value, percent))
        return;
    finish_what_was(ground, t_usec);
    ground->words[source] = (struct ground_word){ .value = percent, .sensor = -1, .usec = t_usec };
}

static void begin_route(struct ground *ground, uint64_t t_usec)
{
    struct terrain_settings *settings = &ground->terrain.settings;

    finish_what_was(ground, t_usec);
    route_init(&ground->route, ground->places, ROUTE_SIZE_MAX);
    ground->route_usec = t_usec;
    settings->route = &ground->route;
    settings->route_from_m = ground->terrain.here.distance_m + ground->metres;
}

void ground_follow(struct ground *ground, const struct route_place *places, size_t n,
                   uint64_t t_usec)
{
    struct terrain_settings *settings = &ground->terrain.settings;

    if (n == 0) {
        finish_what_was(ground, t_usec);
        settings->route = NULL;
        return;
    }
    if (!settings->route || ground->route_usec != t_usec)
        begin_route(ground, t_usec);
    for (size_t i = 0; i < n; i++)
        route_add(&ground->route, places[i].distance_m, places[i].altitude_m);
    (void)route_end(&ground->route); /* of one place it says nothing, and more may follow */
}

void ground_hear(struct ground *ground, const struct sample *sample, int sensor, bool leads,
                 uint64_t t_usec)
{
    bool by_pressure = sample->source == SAMPLE_SOURCE_BAROMETER;
    bool moves = sample->has & SAMPLE_MOVING && sample->moving;

    if (sample->source == SAMPLE_SOURCE_BELT && moves)
        ground->indoors = true;
    if (sample->has & SAMPLE_GRADE && (leads || moves)) {
        if (differs(ground->words[TERRAIN_BELT].value, sample->grade_pct))
            finish_what_was(ground, t_usec);
        say(ground, TERRAIN_BELT, sample->grade_pct, sensor, leads, t_usec);
    }
    if (sample->has & SAMPLE_PRESSURE)
        say(ground, TERRAIN_BAROMETER,
            pressure_altitude_m(sample->pressure_pa, PRESSURE_STANDARD_PA), sensor, false, t_usec);
    if (sample->has & SAMPLE_ALTITUDE)
        say(ground, by_pressure ? TERRAIN_ELEVATION : TERRAIN_GPS, sample->altitude_m, sensor,
            false, t_usec);
}

void ground_cover(struct ground *ground, double metres, uint64_t t_usec)
{
    const struct ground_word *belt = &ground->words[TERRAIN_BELT];

    ground->metres += metres;
    if (metres > 0 && !isnan(belt->value) &&
        belt->since_usec > ground->covered_usec + COUNTER_FRESH_USEC)
        ground->unsaid = true;
    ground->covered_usec = t_usec;
}

void ground_step(struct ground *ground, double steps)
{
    ground->steps += steps;
}

void ground_hush(struct ground *ground)
{
    ground->hushed = true;
}

/* ---- now -------------------------------------------------------------------------------------- */

static bool holds(const struct ground *ground, enum terrain_source source, uint64_t t_usec)
{
    const struct ground_word *word = &ground->words[source];

    return fabs(word->value) <= 100 * COST_GRADE_MAX &&
           (source != TERRAIN_BELT || t_usec <= word->usec + COUNTER_FRESH_USEC);
}

/* A grade that is told needs no way to be measured over: whoever stands on the belt knows it too. */
double ground_grade_pct(const struct ground *ground, uint64_t t_usec,
                        enum terrain_source *ret_source)
{
    bool measured = terrain_source_is_height(ground->terrain.line);

    for (int i = TERRAIN_NONE + 1; i < TERRAIN_SOURCES; i++) {
        enum terrain_source source = (enum terrain_source)i;

        if (measured && source == ground->terrain.line)
            return 100 * terrain_grade(&ground->terrain, ret_source);
        if (terrain_source_is_height(source) || !holds(ground, source, t_usec))
            continue;
        *ret_source = source;
        return ground->words[source].value;
    }
    *ret_source = TERRAIN_NONE;
    return NAN;
}
