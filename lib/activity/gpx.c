/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>
#include "lib/activity/gpx.h"
#include "lib/activity/place.h"
#include "lib/activity/xml_text.h"

#define SAME_ACTIVITY_USEC INT64_C(3600000000) /* also what the rules take for one run */

static void begin_part(struct gpx *gpx)
{
    gpx->first_usec = gpx->last_usec = ACTIVITY_NO_TIME;
    gpx->distance_m = 0;
    gpx->standing = false;
    gpx->sport = ACTIVITY_SPORT_UNKNOWN;
    gpx->indoors = false;
}

void gpx_init(struct gpx *gpx, const struct activity_sink *sink)
{
    *gpx = (struct gpx){ .sink = *sink };
    gpx->latitude_deg = gpx->longitude_deg = NAN;
    begin_part(gpx);
}

static void emit(struct gpx *gpx, struct activity_fact *fact)
{
    fact->part = gpx->part;
    activity_emit(&gpx->sink, fact);
}

/* What a track tells before it tells a time may be a plan beside the run: it is apart from it. */
static void emit_point(struct gpx *gpx)
{
    gpx->any_timeless = gpx->any_timeless || gpx->fresh_track;
    gpx->point.part = gpx->fresh_track ? gpx->n_parts : gpx->part;
    activity_emit(&gpx->sink, &gpx->point);
}

static void emit_timer(struct gpx *gpx, int64_t t_usec, bool running)
{
    struct activity_fact fact = activity_fact(ACTIVITY_TIMER, t_usec);

    fact.running = running;
    gpx->standing = !running;
    emit(gpx, &fact);
}

static void emit_session(struct gpx *gpx)
{
    struct activity_fact fact = activity_fact(ACTIVITY_SESSION, gpx->first_usec);

    fact.session.sport = gpx->sport;
    fact.session.indoors = gpx->indoors;
    if (gpx->first_usec != ACTIVITY_NO_TIME)
        emit(gpx, &fact);
}

/* ---- points --------------------------------------------------------------------------------- */

static void begin_point(struct gpx *gpx, enum activity_fact_type type, const char **attributes)
{
    struct activity_sample *sample = &gpx->point.sample;
    double latitude, longitude;

    gpx->in_point = true;
    gpx->point = activity_fact(type, ACTIVITY_NO_TIME);
    latitude = xml_number(xml_attribute(attributes, "lat"));
    longitude = xml_number(xml_attribute(attributes, "lon"));
    sample->latitude_deg = latitude;
    sample->longitude_deg = longitude;
    gpx->point_off_earth = fabs(latitude) > 90 || fabs(longitude) > 180;
}

static bool continues(const struct gpx *gpx, int64_t t_usec)
{
    bool another = gpx->track_sport != ACTIVITY_SPORT_UNKNOWN &&
                   gpx->sport != ACTIVITY_SPORT_UNKNOWN && gpx->track_sport != gpx->sport;

    return gpx->last_usec != ACTIVITY_NO_TIME && !another && t_usec >= gpx->last_usec &&
           t_usec - gpx->last_usec <= SAME_ACTIVITY_USEC;
}

static void adopt_track_sport(struct gpx *gpx)
{
    if (gpx->sport == ACTIVITY_SPORT_UNKNOWN) {
        gpx->sport = gpx->track_sport;
        gpx->indoors = gpx->track_indoors;
    }
}

/* Whose point this is, once its time is known; the way that led to it, in this track, is its too. */
static void place_track(struct gpx *gpx, int64_t t_usec)
{
    if (!gpx->fresh_track || t_usec == ACTIVITY_NO_TIME)
        return;
    gpx->fresh_track = false;
    if (!continues(gpx, t_usec)) {
        emit_session(gpx);
        begin_part(gpx);
        gpx->part = gpx->n_parts++;
    } else if (gpx->any_timeless) {
        gpx->n_parts++;
    }
    gpx->distance_m += gpx->timeless_m;
    adopt_track_sport(gpx);
}

static void begin_track(struct gpx *gpx)
{
    gpx->in_track = gpx->fresh_track = true;
    gpx->any_timeless = false;
    gpx->depth = 0;
    gpx->timeless_m = 0;
    gpx->track_sport = ACTIVITY_SPORT_UNKNOWN;
    gpx->track_indoors = false;
}

/* A track without any time is a plan, and its sport is none of the run's. */
static void end_track(struct gpx *gpx)
{
    gpx->in_track = false;
    if (!gpx->fresh_track)
        adopt_track_sport(gpx);
    else if (gpx->any_timeless)
        gpx->n_parts++;
}

static void measure(struct gpx *gpx, struct activity_sample *sample, double *distance_m)
{
    if (!isnan(gpx->latitude_deg) && !isnan(sample->latitude_deg))
        *distance_m += place_distance_m(gpx->latitude_deg, gpx->longitude_deg, sample->latitude_deg,
                                        sample->longitude_deg);
    if (!isnan(sample->latitude_deg)) {
        gpx->latitude_deg = sample->latitude_deg;
        gpx->longitude_deg = sample->longitude_deg;
        sample->distance_m = *distance_m;
    }
}

static void end_segment(struct gpx *gpx)
{
    if (gpx->last_usec != ACTIVITY_NO_TIME && !gpx->standing)
        emit_timer(gpx, gpx->last_usec, false);
    gpx->latitude_deg = gpx->longitude_deg = NAN;
}

static void finish_point(struct gpx *gpx)
{
    int64_t t_usec = gpx->point.t_usec;

    gpx->in_point = false;
    if (gpx->point_off_earth) {
        end_segment(gpx);
        return;
    }
    place_track(gpx, t_usec);
    activity_sample_limit(&gpx->point.sample);
    measure(gpx, &gpx->point.sample, gpx->fresh_track ? &gpx->timeless_m : &gpx->distance_m);
    activity_sample_limit(&gpx->point.sample); /* points a world apart sum up to anything */
    if (t_usec != ACTIVITY_NO_TIME) {
        if (gpx->standing)
            emit_timer(gpx, t_usec, true);
        if (gpx->first_usec == ACTIVITY_NO_TIME)
            gpx->first_usec = t_usec;
        gpx->last_usec = t_usec;
    }
    emit_point(gpx);
}

static void finish_place(struct gpx *gpx)
{
    gpx->in_point = false;
    if (gpx->point_off_earth)
        return;
    activity_sample_limit(&gpx->point.sample);
    measure(gpx, &gpx->point.sample, &gpx->route_m);
    activity_sample_limit(&gpx->point.sample);
    emit(gpx, &gpx->point);
}

/* What stands in a point or in its extensions, whoever's: the names are the same everywhere. */
static const struct {
    const char *name;
    size_t offset;
} values[] = {
    { "ele", offsetof(struct activity_sample, altitude_m) },
    { "speed", offsetof(struct activity_sample, speed_m_s) },
    { "hr", offsetof(struct activity_sample, heart_rate_bpm) },
    { "heartrate", offsetof(struct activity_sample, heart_rate_bpm) },
    { "cad", offsetof(struct activity_sample, cycles_per_min) },
    { "cadence", offsetof(struct activity_sample, cycles_per_min) },
    { "atemp", offsetof(struct activity_sample, temperature_c) },
    { "Temperature", offsetof(struct activity_sample, temperature_c) },
    { "power", offsetof(struct activity_sample, power_w) },
    { "PowerInWatts", offsetof(struct activity_sample, power_w) },
};

static void take_value(struct gpx *gpx, const char *name, const char *text)
{
    if (strcmp(name, "time") == 0) {
        gpx->point.t_usec = xml_time_usec(text);
        return;
    }
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
        if (strcmp(name, values[i].name) == 0) {
            double number = xml_number(text);
            memcpy((char *)&gpx->point.sample + values[i].offset, &number, sizeof(number));
        }
}

/* ---- elements ------------------------------------------------------------------------------- */

static void emit_file(struct gpx *gpx, const char **attributes)
{
    struct activity_fact fact = activity_fact(ACTIVITY_FILE, ACTIVITY_NO_TIME);
    const char *creator = xml_attribute(attributes, "creator");

    fact.file.kind = ACTIVITY_KIND_ACTIVITY;
    xml_copy(creator ? creator : "", fact.file.product);
    emit(gpx, &fact);
}

void gpx_start(struct gpx *gpx, const char *name, const char **attributes)
{
    gpx->depth += gpx->in_track;
    if (strcmp(name, "gpx") == 0) {
        emit_file(gpx, attributes);
    } else if (strcmp(name, "trk") == 0) {
        begin_track(gpx);
    } else if (gpx->in_track && strcmp(name, "trkpt") == 0) {
        begin_point(gpx, ACTIVITY_SAMPLE, attributes);
    } else if (strcmp(name, "rte") == 0) {
        gpx->in_route = true;
    } else if (gpx->in_route && strcmp(name, "rtept") == 0) {
        begin_point(gpx, ACTIVITY_PLACE, attributes);
    }
}

static void finish_in_route(struct gpx *gpx, const char *name, const char *text)
{
    if (strcmp(name, "rtept") == 0) {
        finish_place(gpx);
    } else if (strcmp(name, "rte") == 0) {
        gpx->in_route = false;
        gpx->latitude_deg = gpx->longitude_deg = NAN;
    } else if (gpx->in_point) {
        take_value(gpx, name, text);
    }
}

void gpx_finish(struct gpx *gpx, const char *name, const char *text)
{
    if (gpx->in_route)
        finish_in_route(gpx, name, text);
    if (!gpx->in_track)
        return;
    gpx->depth--;
    if (strcmp(name, "trkpt") == 0) {
        finish_point(gpx);
    } else if (gpx->in_point) {
        take_value(gpx, name, text);
    } else if (strcmp(name, "trkseg") == 0) {
        end_segment(gpx);
    } else if (strcmp(name, "trk") == 0) {
        end_track(gpx);
    } else if (gpx->depth == 0 && strcmp(name, "type") == 0 && text[0]) { /* not a link's */
        gpx->track_sport = xml_sport(text);
        gpx->track_indoors = xml_sport_indoors(text);
    }
}

void gpx_end(struct gpx *gpx)
{
    emit_session(gpx);
}
