/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>
#include "lib/activity/tcx.h"
#include "lib/activity/xml_text.h"

#define PAUSE_S   20
#define PAUSE_M_S 0.2

void tcx_init(struct tcx *tcx, const struct activity_sink *sink)
{
    *tcx = (struct tcx){ .sink = *sink, .part = -1 };
}

static void emit(struct tcx *tcx, struct activity_fact *fact)
{
    fact->part = tcx->part < 0 ? 0 : tcx->part;
    activity_emit(&tcx->sink, fact);
}

static void emit_timer(struct tcx *tcx, int64_t t_usec, bool running)
{
    struct activity_fact fact = activity_fact(ACTIVITY_TIMER, t_usec);

    if (tcx->standing == !running || t_usec == ACTIVITY_NO_TIME)
        return;
    fact.running = running;
    tcx->standing = !running;
    emit(tcx, &fact);
}

static void emit_file(struct tcx *tcx, enum activity_kind kind)
{
    struct activity_fact fact = activity_fact(ACTIVITY_FILE, ACTIVITY_NO_TIME);

    fact.file.kind = kind;
    if (!tcx->file_told)
        emit(tcx, &fact);
    tcx->file_told = true;
}

/* ---- activities ------------------------------------------------------------------------------ */

static void begin_activity(struct tcx *tcx, enum activity_sport sport)
{
    emit_file(tcx, ACTIVITY_KIND_ACTIVITY);
    tcx->place = TCX_ACTIVITY;
    tcx->part++;
    tcx->sport = sport;
    tcx->start_usec = tcx->last_usec = ACTIVITY_NO_TIME;
    tcx->any_sample = tcx->standing = false;
    tcx->sum = (struct tcx_sum){
        .heart_rate_max_bpm = NAN, .distance_m = NAN, .timer_s = NAN, .steps = NAN
    };
}

/* Only when every lap states it: that of one lap is none of the activity. */
static double mean(double sum, double weight, double timer_s)
{
    return weight > 0 && weight >= timer_s ? sum / weight : NAN;
}

static void finish_activity(struct tcx *tcx)
{
    struct activity_fact fact = activity_fact(ACTIVITY_SESSION, tcx->start_usec);
    const struct tcx_sum *sum = &tcx->sum;

    fact.session.sport = tcx->sport;
    fact.session.timer_s = sum->timer_s;
    fact.session.distance_m = sum->distance_m;
    fact.session.cycles = sum->steps / 2; /* the extension counts steps, everything else strides */
    fact.session.heart_rate_mean_bpm =
        mean(sum->heart_rate_s, sum->heart_rate_weight_s, sum->timer_s);
    fact.session.heart_rate_max_bpm = sum->heart_rate_max_bpm;
    fact.session.cycles_mean_per_min = mean(sum->cycles_s, sum->cycles_weight_s, sum->timer_s);
    activity_session_limit(&fact.session);
    tcx->place = TCX_OUTSIDE;
    emit(tcx, &fact);
}

/* ---- laps ------------------------------------------------------------------------------------ */

static void begin_lap(struct tcx *tcx, const char **attributes)
{
    const char *start = xml_attribute(attributes, "StartTime");

    tcx->place = TCX_LAP;
    tcx->lap = activity_fact(ACTIVITY_LAP, ACTIVITY_NO_TIME);
    tcx->lap.lap.start_usec = start ? xml_time_usec(start) : ACTIVITY_NO_TIME;
    if (tcx->start_usec == ACTIVITY_NO_TIME)
        tcx->start_usec = tcx->lap.lap.start_usec;
    tcx->lap_heart_rate_bpm = tcx->lap_heart_rate_max_bpm = NAN;
    tcx->lap_cycles_per_min = tcx->lap_steps = NAN;
    tcx->track_ended_in_lap = false;
}

static void add(double *sum, double value)
{
    if (!isnan(value))
        *sum = isnan(*sum) ? value : *sum + value;
}

static void weigh(double value, double weight, double *sum, double *weights)
{
    if (isnan(value) || !(weight > 0))
        return;
    *sum += value * weight;
    *weights += weight;
}

static void finish_lap(struct tcx *tcx)
{
    struct tcx_sum *sum = &tcx->sum;
    const struct activity_lap *lap = &tcx->lap.lap;

    tcx->place = TCX_ACTIVITY;
    add(&sum->timer_s, lap->timer_s);
    add(&sum->distance_m, lap->distance_m);
    add(&sum->steps, tcx->lap_steps);
    sum->heart_rate_max_bpm = fmax(sum->heart_rate_max_bpm, tcx->lap_heart_rate_max_bpm);
    weigh(tcx->lap_heart_rate_bpm, lap->timer_s, &sum->heart_rate_s, &sum->heart_rate_weight_s);
    weigh(tcx->lap_cycles_per_min, lap->timer_s, &sum->cycles_s, &sum->cycles_weight_s);
    tcx->lap.t_usec = tcx->last_usec;
    activity_lap_limit(&tcx->lap.lap);
    emit(tcx, &tcx->lap);
}

static double positive(double value)
{
    return value > 0 ? value : NAN;
}

static void take_lap_value(struct tcx *tcx, const char *name, const char *text)
{
    double number = xml_number(text);

    if (strcmp(name, "TotalTimeSeconds") == 0 && number >= 0)
        tcx->lap.lap.timer_s = number;
    else if (strcmp(name, "DistanceMeters") == 0 && number >= 0)
        tcx->lap.lap.distance_m = number;
    else if (strcmp(name, "Value") == 0 && tcx->in_mean_heart_rate)
        tcx->lap_heart_rate_bpm = positive(number);
    else if (strcmp(name, "Value") == 0 && tcx->in_max_heart_rate)
        tcx->lap_heart_rate_max_bpm = positive(number);
    else if (strcmp(name, "Cadence") == 0 || strcmp(name, "AvgRunCadence") == 0)
        tcx->lap_cycles_per_min = number;
    else if (strcmp(name, "Steps") == 0)
        tcx->lap_steps = number;
    else if (strcmp(name, "AverageHeartRateBpm") == 0)
        tcx->in_mean_heart_rate = false;
    else if (strcmp(name, "MaximumHeartRateBpm") == 0)
        tcx->in_max_heart_rate = false;
}

/* ---- points ---------------------------------------------------------------------------------- */

static void begin_point(struct tcx *tcx)
{
    tcx->place = TCX_POINT;
    tcx->point = activity_fact(ACTIVITY_SAMPLE, ACTIVITY_NO_TIME);
    tcx->point_has_more = false;
}

/* TCX cannot say "paused". A watch that writes nothing for so long, and then stands where it stood,
 * was paused. */
static void find_pause(struct tcx *tcx, int64_t t_usec, double distance_m)
{
    double gap_s;

    if (t_usec == ACTIVITY_NO_TIME || tcx->last_usec == ACTIVITY_NO_TIME)
        return;
    gap_s = (double)(t_usec - tcx->last_usec) / 1e6;
    if (gap_s >= PAUSE_S && (distance_m - tcx->last_distance_m) / gap_s < PAUSE_M_S)
        emit_timer(tcx, tcx->last_usec, false);
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
    if (tcx->start_usec == ACTIVITY_NO_TIME)
        tcx->start_usec = t_usec;
    emit(tcx, &tcx->point);
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
        begin_lap(tcx, attributes);
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
        begin_activity(tcx, xml_sport(sport ? sport : ""));
    } else if (strcmp(name, "Transition") ==
               0) { /* of a MultiSportSession: a lap without activity */
        begin_activity(tcx, ACTIVITY_SPORT_TRANSITION);
        begin_lap(tcx, attributes);
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
        emit(tcx, &fact);
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
            finish_activity(tcx);
        break;
    case TCX_LAP:
        if (strcmp(name, "Lap") == 0) {
            finish_lap(tcx);
        } else if (strcmp(name, "Transition") == 0) {
            finish_lap(tcx);
            finish_activity(tcx);
        } else {
            take_lap_value(tcx, name, text);
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
        finish_lap(tcx);
    if (tcx->place == TCX_ACTIVITY || tcx->place == TCX_CREATOR)
        finish_activity(tcx);
    if (!tcx->file_told && (tcx->any_course || tcx->any_workout))
        emit_file(tcx, tcx->any_course ? ACTIVITY_KIND_COURSE : ACTIVITY_KIND_WORKOUT);
}
