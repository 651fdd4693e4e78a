/* SPDX-License-Identifier: MIT */
#include "lib/activity/way.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "lib/utf8.h"

/* ---- hearing --------------------------------------------------------------------------------- */

void way_init(struct way_reading *reading, struct way *way)
{
    memset(way, 0, sizeof(*way));
    way->magic = WAY_MAGIC;
    *reading = (struct way_reading){ .way = way };
    route_init(&reading->route, way->places, ROUTE_SIZE_MAX);
}

/* What was taken of a route makes room for the track: it says the same, and more closely. */
static void begin_track(struct way_reading *reading, int part)
{
    reading->track = true;
    reading->part = part;
    reading->before_m = reading->farthest_m = 0;
    route_init(&reading->route, reading->way->places, ROUTE_SIZE_MAX);
}

static void add(struct way_reading *reading, const struct activity_fact *fact)
{
    double metres = fact->sample.distance_m;

    reading->any = true;
    if (fact->part != reading->part) { /* it begins here, from 0 or from where it was left */
        reading->part = fact->part;
        reading->before_m += reading->farthest_m - fmax(metres, 0);
        reading->farthest_m = fmax(metres, 0);
    }
    if (metres > reading->farthest_m)
        reading->farthest_m = metres;
    if (fact->sample.altitude_m >= -500 && fact->sample.altitude_m <= 9000)
        route_add(&reading->route, reading->before_m + metres, fact->sample.altitude_m);
}

static void hear(void *context, const struct activity_fact *fact)
{
    struct way_reading *reading = context;

    if (fact->type == ACTIVITY_TROUBLE && !reading->troubled) {
        reading->troubled = true;
        reading->trouble = fact->trouble;
    }
    if (fact->type == ACTIVITY_SAMPLE && !reading->track)
        begin_track(reading, fact->part);
    if (fact->type == ACTIVITY_SAMPLE || (fact->type == ACTIVITY_PLACE && !reading->track))
        add(reading, fact);
}

struct activity_sink way_sink(struct way_reading *reading)
{
    return (struct activity_sink){ hear, reading };
}

/* ---- judging --------------------------------------------------------------------------------- */

/* More activities than a file is taken for are still one way. */
static bool is_broken(const struct way_reading *reading)
{
    return reading->troubled && reading->trouble.kind != ACTIVITY_TROUBLE_PARTS;
}

static enum way_verdict judge(struct way_reading *reading, bool gpx)
{
    bool hilly = route_end(&reading->route);

    if (is_broken(reading))
        return WAY_E_TROUBLE;
    if (!gpx)
        return WAY_E_FORMAT;
    if (!reading->any)
        return WAY_E_NOTHING;
    if (reading->before_m + reading->farthest_m > WAY_DISTANCE_MAX)
        return WAY_E_LONG;
    return hilly ? WAY_OK : WAY_E_FLAT;
}

static void tell_trouble(const struct activity_trouble *trouble, char ret[OUTLINE_REASON_MAX])
{
    const char *why = activity_trouble_text(trouble->kind);

    if (trouble->at_byte > 0)
        snprintf(ret, OUTLINE_REASON_MAX, "%s (byte %llu)", why,
                 (unsigned long long)trouble->at_byte);
    else
        snprintf(ret, OUTLINE_REASON_MAX, "%s", why);
}

void way_finish(struct way_reading *reading, bool gpx)
{
    static const char *const reasons[] = {
        [WAY_OK] = "",
        [WAY_E_TROUBLE] = "",
        [WAY_E_FORMAT] = "it is no GPX file",
        [WAY_E_NOTHING] = "there is no track and no route in it",
        [WAY_E_FLAT] = "it gives no heights along its way",
        [WAY_E_LONG] = "its way is longer than 1000 km",
    };
    struct way *way = reading->way;
    enum way_verdict verdict = judge(reading, gpx);

    way->verdict = verdict;
    if (verdict == WAY_E_TROUBLE)
        tell_trouble(&reading->trouble, way->reason);
    else
        snprintf(way->reason, sizeof(way->reason), "%s", reasons[verdict]);
    if (verdict == WAY_OK) {
        way->n = (uint32_t)reading->route.n;
        way->length_m = way->places[way->n - 1].distance_m;
    }
}

/* ---- believing ------------------------------------------------------------------------------- */

static bool are_sound(const struct route_place *places, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        double before_m = i > 0 ? places[i - 1].distance_m : -1;

        if (!(places[i].distance_m > before_m && places[i].distance_m >= 0 &&
              places[i].distance_m <= WAY_DISTANCE_MAX && places[i].altitude_m >= -500 &&
              places[i].altitude_m <= 9000))
            return false;
    }
    return true;
}

bool way_is_sound(const struct way *way)
{
    size_t length = strnlen(way->reason, sizeof(way->reason));
    bool ok = way->verdict == WAY_OK;

    if (way->magic != WAY_MAGIC || way->verdict < WAY_OK || way->verdict > WAY_E_LONG ||
        way->pad != 0 || length == sizeof(way->reason) || !utf8_is_plain(way->reason, length))
        return false;
    if (ok != (length == 0) || ok != (way->n >= 2) || way->n > ROUTE_SIZE_MAX)
        return false;
    return are_sound(way->places, way->n) &&
           way->length_m == (ok ? way->places[way->n - 1].distance_m : 0);
}
