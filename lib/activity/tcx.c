/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>
#include "lib/activity/tcx_private.h"
#include "lib/activity/xml_text.h"

#define PAUSE_S   20
#define PAUSE_M_S 0.2

void tcx_init(struct tcx *tcx, const struct activity_sink *sink)
{
    *tcx = (struct tcx){ .sink = *sink, .part = -1 };
}

static void emit_timer(struct tcx *tcx, int64_t t_usec, bool running)
{
    struct activity_fact fact = activity_fact(ACTIVITY_TIMER, t_usec);

    if (tcx->standing == !running || t_usec == ACTIVITY_NO_TIME)
        return;
    fact.running = running;
    tcx->standing = !running;
    tcx_emit(tcx, &fact);
}

/* ---- points ---------------------------------------------------------------------------------- */

static void begin_point(struct tcx *tcx)
{
    tcx->place = TCX_POINT;
    tcx->point = activity_fact(ACTIVITY_SAMPLE, ACTIVITY_NO_TIME);
    tcx->point_has_more = false;
}

/* A point within a silence, told behind it: the clock of the one that ended it was ahead. */
static void shorten_gap(struct tcx *tcx, int64_t t_usec)
{
    struct tcx_gap *gap = tcx->n_gaps > 0 ? &tcx->gaps[tcx->n_gaps - 1] : NULL;

    if (!gap || t_usec < gap->from_usec || t_usec >= gap->until_usec)
        return;
    gap->until_usec = t_usec;
    if ((double)(t_usec - gap->from_usec) / 1e6 < PAUSE_S)
        tcx->n_gaps--;
}

/* TCX cannot say "paused". A watch that writes nothing for so long, and then stands where it stood,
 * was paused, or had nothing to write: the lap tells, at its end. */
static void find_pause(struct tcx *tcx, int64_t t_usec, double distance_m)
{
    double gap_s;

    if (t_usec == ACTIVITY_NO_TIME || tcx->last_usec == ACTIVITY_NO_TIME)
        return;
    shorten_gap(tcx, t_usec);
    gap_s = (double)(t_usec - tcx->last_usec) / 1e6;
    if (gap_s < PAUSE_S || (distance_m - tcx->last_distance_m) / gap_s >= PAUSE_M_S)
        return;
    if (tcx->lap_point_usec == ACTIVITY_NO_TIME || tcx->n_gaps == TCX_GAPS_MAX)
        emit_timer(tcx, tcx->last_usec, false);
    else if (!tcx->standing)
        tcx->gaps[tcx->n_gaps++] = (struct tcx_gap){ tcx->last_usec, t_usec };
}

static void finish_point(struct tcx *tcx)
{
    int64_t t_usec = tcx->point.t_usec;

    tcx->place = TCX_TRACK;
    if (!tcx->point_has_more) { /* empty: the mark of a pause */
        emit_timer(tcx, tcx->last_usec, false);
        return;
    }
    activity_sample_limit(&tcx->point.sample);
    find_pause(tcx, t_usec, tcx->point.sample.distance_m);
    emit_timer(tcx, t_usec, true);
    tcx->last_distance_m = tcx->point.sample.distance_m;
    if (t_usec != ACTIVITY_NO_TIME)
        tcx->last_usec = t_usec;
    if (tcx->lap_point_usec == ACTIVITY_NO_TIME)
        tcx->lap_point_usec = t_usec;
    if (tcx->start_usec == ACTIVITY_NO_TIME)
        tcx->start_usec = t_usec;
    tcx_emit(tcx, &tcx->point);
}

static const struct {
    const char *name;
    size_t offset;
} values[] = {
    { "LatitudeDegrees", offsetof(struct activity_sample, latitude_deg) },
    { "LongitudeDegrees", offsetof(struct activity_sample, longitude_deg) },
    { "AltitudeMeters", offsetof(struct activity_sample, altitude_m) },
    { "DistanceMeters", offsetof(struct activity_sample, distance_m) },
    { "Value", offsetof(struct activity_sample, heart_rate_bpm) }, /* of HeartRateBpm */
    { "Cadence", offsetof(struct activity_sample, cycles_per_min) },
    { "RunCadence", offsetof(struct activity_sample, cycles_per_min) },
    { "Speed", offsetof(struct activity_sample, speed_m_s) },
    { "Watts", offsetof(struct activity_sample, power_w) },
};

static void take_point_value(struct tcx *tcx, const char *name, const char *text)
{
    double number;

    if (strcmp(name, "Time") == 0) {
        tcx->point.t_usec = xml_time_usec(text);
        return;
    }
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
        if (strcmp(name, values[i].name) == 0) {
            number = xml_number(text);
            memcpy((char *)&tcx->point.sample + values[i].offset, &number, sizeof(number));
            tcx->point_has_more = tcx->point_has_more || !isnan(number);
        }
}

/* ---- elements -------------------------------------------------------------------------------- */

static void start_in_activity(struct tcx *tcx, const char *name, const char **attributes)
{
    if (strcmp(name, "Lap") == 0)
        tcx_begin_lap(tcx, attributes);
    else if (strcmp(name, "Creator") == 0)
        tcx->place = TCX_CREATOR;
}

static void start_in_lap(struct tcx *tcx, const char *name)
{
    if (strcmp(name, "Track") == 0) {
        if (tcx->track_ended_in_lap)
            emit_timer(tcx, tcx->last_usec, false);
        tcx->place = TCX_TRACK;
    } else if (strcmp(name, "AverageHeartRateBpm") == 0) {
        tcx->in_mean_heart_rate = true;
    } else if (strcmp(name, "MaximumHeartRateBpm") == 0) {
        tcx->in_max_heart_rate = true;
    }
}

static void start_outside(struct tcx *tcx, const char *name, const char **attributes)
{
    if (strcmp(name, "Activity") == 0) {
        const char *sport = xml_attribute(attributes, "Sport");
        tcx_begin_activity(tcx, xml_sport(sport ? sport : ""));
    } else if (strcmp(name, "Transition") ==
               0) { /* of a MultiSportSession: a lap without activity */
        tcx_begin_activity(tcx, ACTIVITY_SPORT_TRANSITION);
        tcx_begin_lap(tcx, attributes);
    } else if (strcmp(name, "Course") == 0 || strcmp(name, "Workout") == 0) {
        tcx->any_course = tcx->any_course || name[0] == 'C';
        tcx->any_workout = tcx->any_workout || name[0] == 'W';
        tcx->place = TCX_COURSES;
    }
}

void tcx_start(struct tcx *tcx, const char *name, const char **attributes)
{
    switch (tcx->place) {
    case TCX_OUTSIDE:
        start_outside(tcx, name, attributes);
        break;
    case TCX_ACTIVITY:
        start_in_activity(tcx, name, attributes);
        break;
    case TCX_LAP:
        start_in_lap(tcx, name);
        break;
    case TCX_TRACK:
        if (strcmp(name, "Trackpoint") == 0)
            begin_point(tcx);
        break;
    case TCX_COURSES:
    case TCX_POINT:
    case TCX_CREATOR:
        break;
    }
}

static void finish_in_creator(struct tcx *tcx, const char *name, const char *text)
{
    struct activity_fact fact = activity_fact(ACTIVITY_DEVICE, ACTIVITY_NO_TIME);

    if (strcmp(name, "Creator") == 0) {
        tcx->place = TCX_ACTIVITY;
    } else if (strcmp(name, "Name") == 0) {
        xml_copy(text, fact.device.product);
        tcx_emit(tcx, &fact);
    }
}

void tcx_finish(struct tcx *tcx, const char *name, const char *text)
{
    switch (tcx->place) {
    case TCX_OUTSIDE:
        break;
    case TCX_COURSES:
        if (strcmp(name, "Course") == 0 || strcmp(name, "Workout") == 0)
            tcx->place = TCX_OUTSIDE;
        break;
    case TCX_ACTIVITY:
        if (strcmp(name, "Activity") == 0 || strcmp(name, "Transition") == 0)
            tcx_finish_activity(tcx);
        break;
    case TCX_LAP:
        if (strcmp(name, "Lap") == 0) {
            tcx_finish_lap(tcx);
        } else if (strcmp(name, "Transition") == 0) {
            tcx_finish_lap(tcx);
            tcx_finish_activity(tcx);
        } else {
            tcx_take_lap_value(tcx, name, text);
        }
        break;
    case TCX_TRACK:
        if (strcmp(name, "Track") == 0) {
            tcx->place = TCX_LAP;
            tcx->track_ended_in_lap = true;
        }
        break;
    case TCX_POINT:
        if (strcmp(name, "Trackpoint") == 0)
            finish_point(tcx);
        else
            take_point_value(tcx, name, text);
        break;
    case TCX_CREATOR:
        finish_in_creator(tcx, name, text);
        break;
    }
}

void tcx_end(struct tcx *tcx)
{
    if (tcx->place == TCX_POINT || tcx->place == TCX_TRACK || tcx->place == TCX_LAP)
        tcx_finish_lap(tcx);
    if (tcx->place == TCX_ACTIVITY || tcx->place == TCX_CREATOR)
        tcx_finish_activity(tcx);
    if (!tcx->file_told && (tcx->any_course || tcx->any_workout))
        tcx_emit_file(tcx, tcx->any_course ? ACTIVITY_KIND_COURSE : ACTIVITY_KIND_WORKOUT);
}
