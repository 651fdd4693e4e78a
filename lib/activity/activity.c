/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include "lib/activity/activity.h"

/* Higher than any summit (8849 m), lower than any shore (-430 m), with room for a bad GPS. */
#define ALTITUDE_MIN_M -1000.0
#define ALTITUDE_MAX_M 10000.0
#define DISTANCE_MAX_M 10000000.0 /* a quarter of the equator */
#define SPEED_MAX_M_S  100.0
#define CYCLES_MAX     300.0 /* also where a file counts steps */
#define HEART_MAX_BPM  254.0 /* 255 is FIT's "invalid", in whatever it was converted to */
#define POWER_MAX_W    10000.0
#define COLDEST_C      -90.0
#define HOTTEST_C      100.0
#define LONGEST_S      (366 * 86400.0) /* a forgotten watch writes 27 days */
#define CYCLES_IN_ALL  100000000.0
#define CLIMB_MAX_M    100000.0
#define STEEPEST_PCT   100.0

static struct activity_session unknown_session(void)
{
    return (struct activity_session){ .sub_sport = -1,
                                      .elapsed_s = NAN,
                                      .timer_s = NAN,
                                      .distance_m = NAN,
                                      .heart_rate_mean_bpm = NAN,
                                      .heart_rate_max_bpm = NAN,
                                      .cycles_mean_per_min = NAN,
                                      .cycles = NAN,
                                      .steps = NAN,
                                      .ascent_m = NAN,
                                      .descent_m = NAN };
}

struct activity_fact activity_fact(enum activity_fact_type type, int64_t t_usec)
{
    struct activity_fact fact = { .type = type, .t_usec = t_usec };

    if (type == ACTIVITY_SAMPLE || type == ACTIVITY_PLACE)
        fact.sample = (struct activity_sample){ NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN };
    else if (type == ACTIVITY_HEART)
        fact.heart_rate_bpm = NAN;
    else if (type == ACTIVITY_LAP)
        fact.lap = (struct activity_lap){ ACTIVITY_NO_TIME, NAN, NAN, NAN, NAN, NAN };
    else if (type == ACTIVITY_SESSION)
        fact.session = unknown_session();
    return fact;
}

void activity_emit(const struct activity_sink *sink, const struct activity_fact *fact)
{
    sink->on_fact(sink->context, fact);
}

void activity_emit_trouble(const struct activity_sink *sink, enum activity_trouble_kind kind,
                           uint64_t at_byte, const char *detail)
{
    struct activity_fact fact = activity_fact(ACTIVITY_TROUBLE, ACTIVITY_NO_TIME);

    fact.trouble.kind = kind;
    fact.trouble.at_byte = at_byte;
    snprintf(fact.trouble.detail, sizeof(fact.trouble.detail), "%s", detail);
    activity_emit(sink, &fact);
}

static void limit(double *value, double min, double max)
{
    if (!(*value >= min && *value <= max)) /* NAN and infinity as well */
        *value = NAN;
}

void activity_sample_limit(struct activity_sample *sample)
{
    limit(&sample->latitude_deg, -90, 90);
    limit(&sample->longitude_deg, -180, 180);
    if (isnan(sample->latitude_deg) || isnan(sample->longitude_deg))
        sample->latitude_deg = sample->longitude_deg = NAN;
    limit(&sample->altitude_m, ALTITUDE_MIN_M, ALTITUDE_MAX_M);
    limit(&sample->distance_m, 0, DISTANCE_MAX_M);
    limit(&sample->speed_m_s, 0, SPEED_MAX_M_S);
    limit(&sample->cycles_per_min, 0, CYCLES_MAX);
    limit(&sample->heart_rate_bpm, 1, HEART_MAX_BPM);
    limit(&sample->power_w, 0, POWER_MAX_W);
    limit(&sample->temperature_c, COLDEST_C, HOTTEST_C);
    limit(&sample->grade_pct, -STEEPEST_PCT, STEEPEST_PCT);
}

void activity_lap_limit(struct activity_lap *lap)
{
    limit(&lap->elapsed_s, 0, LONGEST_S);
    limit(&lap->timer_s, 0, LONGEST_S);
    limit(&lap->distance_m, 0, DISTANCE_MAX_M);
    limit(&lap->ascent_m, 0, CLIMB_MAX_M);
    limit(&lap->descent_m, 0, CLIMB_MAX_M);
}

void activity_session_limit(struct activity_session *session)
{
    limit(&session->elapsed_s, 0, LONGEST_S);
    limit(&session->timer_s, 0, LONGEST_S);
    limit(&session->distance_m, 0, DISTANCE_MAX_M);
    limit(&session->heart_rate_mean_bpm, 1, HEART_MAX_BPM);
    limit(&session->heart_rate_max_bpm, 1, HEART_MAX_BPM);
    limit(&session->cycles_mean_per_min, 0, CYCLES_MAX);
    limit(&session->cycles, 0, CYCLES_IN_ALL);
    limit(&session->steps, 0, CYCLES_IN_ALL);
    limit(&session->ascent_m, 0, CLIMB_MAX_M);
    limit(&session->descent_m, 0, CLIMB_MAX_M);
}

static const struct {
    bool stops, refuses;
    const char *text;
} troubles[] = {
    [ACTIVITY_TROUBLE_CHECKSUM] = { false, false, "its checksum is wrong" },
    [ACTIVITY_TROUBLE_UNFINISHED] = { false, false, "the recorder never closed it" },
    [ACTIVITY_TROUBLE_PARTS] = { false, false, "it holds too many activities" },
    [ACTIVITY_TROUBLE_CUT] = { true, false, "it is cut off" },
    [ACTIVITY_TROUBLE_CORRUPT] = { true, false, "it cannot be read to its end" },
    [ACTIVITY_TROUBLE_TRAILING] = { true, false, "something else follows its end" },
    [ACTIVITY_TROUBLE_EMPTY] = { true, true, "it is empty" },
    [ACTIVITY_TROUBLE_FORMAT] = { true, true, "it is no FIT, GPX or TCX file" },
    [ACTIVITY_TROUBLE_ARCHIVE] = { true, true, "it is an archive and has to be unpacked first" },
    [ACTIVITY_TROUBLE_DOCTYPE] = { true, true,
                                   "it has a document type declaration, which no "
                                   "GPX or TCX file needs" },
    [ACTIVITY_TROUBLE_ENCODING] = { true, true,
                                    "it declares an encoding that is none of UTF-8, UTF-16, "
                                    "ISO-8859 and Windows-125x" },
    [ACTIVITY_TROUBLE_BOMB] = { true, true, "it unpacks to more than any activity needs" },
    [ACTIVITY_TROUBLE_TOKEN] = { true, true, "one of its tags never ends" },
    [ACTIVITY_TROUBLE_SAMPLES] = { true, true, "it has more than 2,000,000 points" },
    [ACTIVITY_TROUBLE_MEMORY] = { true, true, "reading it takes too much memory" },
};

bool activity_trouble_stops(enum activity_trouble_kind kind)
{
    return troubles[kind].stops;
}

bool activity_trouble_refuses(enum activity_trouble_kind kind)
{
    return troubles[kind].refuses;
}

const char *activity_trouble_text(enum activity_trouble_kind kind)
{
    return troubles[kind].text;
}

enum activity_class activity_class_of(enum activity_sport sport)
{
    switch (sport) {
    case ACTIVITY_SPORT_UNKNOWN:
        return ACTIVITY_CLASS_UNKNOWN;
    case ACTIVITY_SPORT_RUNNING:
        return ACTIVITY_CLASS_RUN;
    case ACTIVITY_SPORT_WALKING:
    case ACTIVITY_SPORT_HIKING:
        return ACTIVITY_CLASS_WALK;
    case ACTIVITY_SPORT_CYCLING:
    case ACTIVITY_SPORT_SWIMMING:
    case ACTIVITY_SPORT_TRANSITION:
    case ACTIVITY_SPORT_OTHER:
        return ACTIVITY_CLASS_OTHER;
    }
    return ACTIVITY_CLASS_UNKNOWN;
}

const char *activity_sport_name(enum activity_sport sport)
{
    static const char *const names[] = {
        [ACTIVITY_SPORT_UNKNOWN] = "unknown",       [ACTIVITY_SPORT_RUNNING] = "running",
        [ACTIVITY_SPORT_WALKING] = "walking",       [ACTIVITY_SPORT_HIKING] = "hiking",
        [ACTIVITY_SPORT_CYCLING] = "cycling",       [ACTIVITY_SPORT_SWIMMING] = "swimming",
        [ACTIVITY_SPORT_TRANSITION] = "transition", [ACTIVITY_SPORT_OTHER] = "other",
    };
    return names[sport];
}

const char *activity_class_name(enum activity_class class)
{
    static const char *const names[] = {
        [ACTIVITY_CLASS_UNKNOWN] = "unknown",
        [ACTIVITY_CLASS_RUN] = "run",
        [ACTIVITY_CLASS_WALK] = "walk",
        [ACTIVITY_CLASS_OTHER] = "other",
    };
    return names[class];
}

const char *activity_kind_name(enum activity_kind kind)
{
    static const char *const names[] = {
        [ACTIVITY_KIND_UNKNOWN] = "unknown",   [ACTIVITY_KIND_ACTIVITY] = "activity",
        [ACTIVITY_KIND_COURSE] = "course",     [ACTIVITY_KIND_WORKOUT] = "workout",
        [ACTIVITY_KIND_SEGMENT] = "segment",   [ACTIVITY_KIND_MONITORING] = "monitoring",
        [ACTIVITY_KIND_SETTINGS] = "settings", [ACTIVITY_KIND_OTHER] = "other",
    };
    return names[kind];
}
