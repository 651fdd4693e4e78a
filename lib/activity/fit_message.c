/* SPDX-License-Identifier: MIT */
/*
 * What a message means, once it is whole. Numbers of events, types and devices are those of the
 * public profile.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "lib/activity/fit_private.h"
#include "lib/activity/fit_write.h"
#include "lib/utf8.h"

#define SEMICIRCLE_DEG (180.0 / 2147483648.0)
#define EVENT_TIMER    0

enum {
    EVENT_START = 0,
    EVENT_STOP = 1,
    EVENT_STOP_ALL = 4,
    EVENT_STOP_DISABLE = 8,
    EVENT_STOP_DISABLE_ALL = 9
};

static int64_t usec_of(double timestamp)
{
    return timestamp >= 0 && timestamp <= UINT32_MAX ? fit_usec((uint32_t)timestamp)
                                                     : ACTIVITY_NO_TIME;
}

/* The better of two fields that say the same. */
static double either(double first, double second)
{
    return isnan(first) ? second : first;
}

static double whole_and_fraction(double whole, double fraction)
{
    return isnan(fraction) ? whole : whole + fraction;
}

/* Strings end at a NUL or, from some recorders, only with the field. */
static void copy_text(const struct fit_raw *raw, char ret[ACTIVITY_TEXT_MAX])
{
    size_t length = strnlen((const char *)raw->bytes, raw->size);

    if (length >= ACTIVITY_TEXT_MAX)
        length = ACTIVITY_TEXT_MAX - 1;
    while (length > 0 && !utf8_is_valid((const char *)raw->bytes, length))
        length--; /* cut within a character */
    for (size_t i = 0; i < length; i++)
        ret[i] = (char)(raw->bytes[i] < ' ' ? ' ' : raw->bytes[i]);
    ret[length] = '\0';
}

static void product_of(const struct fit_message *message, char ret[ACTIVITY_TEXT_MAX])
{
    int number = fit_small(message->values[FIT_PRODUCT]);

    copy_text(&message->raws[FIT_RAW_NAME], ret);
    if (!ret[0] && number >= 0)
        snprintf(ret, ACTIVITY_TEXT_MAX, "%d", number);
}

static void emit_file(struct fit *fit, const struct fit_message *message)
{
    struct activity_fact fact =
        activity_fact(ACTIVITY_FILE, usec_of(message->values[FIT_TIMESTAMP]));

    fit->kind = fact.file.kind = fit_kind(message->values[FIT_KIND]);
    fit_maker(message->values[FIT_MAKER], fact.file.maker);
    product_of(message, fact.file.product);
    activity_emit(&fit->sink, &fact);
}

static void emit_device(struct fit *fit, const struct fit_message *message)
{
    const double *values = message->values;
    struct activity_fact fact = activity_fact(ACTIVITY_DEVICE, usec_of(values[FIT_TIMESTAMP]));

    fact.device.barometer = values[FIT_SOURCE_TYPE] == FIT_SOURCE_LOCAL &&
                            values[FIT_DEVICE_TYPE] == FIT_LOCAL_BAROMETER;
    fact.device.route =
        values[FIT_MAKER] == FIT_WRITE_MAKER && values[FIT_PRODUCT] == FIT_WRITE_ROUTE;
    fit_maker(values[FIT_MAKER], fact.device.maker);
    product_of(message, fact.device.product);
    activity_emit(&fit->sink, &fact);
}

/* 12 bits of speed in 1/100 m/s, then the low 12 bits of the distance in 1/16 m, which is that of
 * the message before and what was covered since: less than 256 m. */
static void expand_compressed(struct fit *fit, const struct fit_raw *raw,
                              struct activity_sample *ret)
{
    const uint8_t *at = raw->bytes;
    uint32_t distance_16;

    if (raw->size != 3 || (at[0] == 0xff && at[1] == 0xff && at[2] == 0xff))
        return;
    distance_16 = (uint32_t)at[1] >> 4 | (uint32_t)at[2] << 4;
    fit->accumulated_16 +=
        fit->have_accumulated ? (distance_16 - fit->accumulated_16) & 0xfff : distance_16;
    fit->have_accumulated = true;
    ret->speed_m_s = either(ret->speed_m_s, (at[0] | (at[1] & 0xf) << 8) / 100.0);
    ret->distance_m = either(ret->distance_m, fit->accumulated_16 / 16.0);
}

static void emit_sample(struct fit *fit, const struct fit_message *message)
{
    const double *values = message->values;
    struct activity_fact fact = activity_fact(ACTIVITY_SAMPLE, usec_of(values[FIT_TIMESTAMP]));
    struct activity_sample *sample = &fact.sample;

    sample->latitude_deg = values[FIT_LATITUDE] * SEMICIRCLE_DEG;
    sample->longitude_deg = values[FIT_LONGITUDE] * SEMICIRCLE_DEG;
    sample->altitude_m = either(values[FIT_ENHANCED_ALTITUDE], values[FIT_ALTITUDE]);
    sample->distance_m = values[FIT_DISTANCE];
    sample->speed_m_s = either(values[FIT_ENHANCED_SPEED], values[FIT_SPEED]);
    sample->cycles_per_min =
        either(values[FIT_CADENCE_256],
               whole_and_fraction(values[FIT_CADENCE], values[FIT_CADENCE_FRACTION]));
    sample->heart_rate_bpm = values[FIT_HEART_RATE];
    sample->power_w = values[FIT_POWER];
    sample->temperature_c = values[FIT_TEMPERATURE];
    sample->grade_pct = values[FIT_GRADE];
    expand_compressed(fit, &message->raws[FIT_RAW_COMPRESSED], sample);
    activity_sample_limit(sample);
    activity_emit(&fit->sink, &fact);
}

static void emit_timer(struct fit *fit, const struct fit_message *message)
{
    struct activity_fact fact =
        activity_fact(ACTIVITY_TIMER, usec_of(message->values[FIT_TIMESTAMP]));
    double type = message->values[FIT_EVENT_TYPE];

    if (message->values[FIT_EVENT] != EVENT_TIMER)
        return;
    fact.running = type == EVENT_START;
    if (fact.running || type == EVENT_STOP || type == EVENT_STOP_ALL ||
        type == EVENT_STOP_DISABLE || type == EVENT_STOP_DISABLE_ALL)
        activity_emit(&fit->sink, &fact);
}

static void emit_lap(struct fit *fit, const struct fit_message *message)
{
    const double *values = message->values;
    struct activity_fact fact = activity_fact(ACTIVITY_LAP, usec_of(values[FIT_TIMESTAMP]));

    fact.lap.start_usec = usec_of(values[FIT_START]);
    fact.lap.elapsed_s = values[FIT_ELAPSED];
    fact.lap.timer_s = values[FIT_TIMER];
    fact.lap.distance_m = values[FIT_DISTANCE];
    fact.lap.ascent_m = values[FIT_ASCENT];
    fact.lap.descent_m = values[FIT_DESCENT];
    activity_lap_limit(&fact.lap);
    activity_emit(&fit->sink, &fact);
}

static void emit_session(struct fit *fit, const struct fit_message *message)
{
    const double *values = message->values;
    struct activity_fact fact = activity_fact(ACTIVITY_SESSION, usec_of(values[FIT_START]));
    struct activity_session *session = &fact.session;

    session->sport = fit_sport(values[FIT_SPORT]);
    session->sub_sport = fit_small(values[FIT_SUB_SPORT]);
    session->indoors = fit_sub_sport_indoors(session->sub_sport);
    session->elapsed_s = values[FIT_ELAPSED];
    session->timer_s = values[FIT_TIMER];
    session->distance_m = values[FIT_DISTANCE];
    session->heart_rate_mean_bpm = values[FIT_HEART_RATE];
    session->heart_rate_max_bpm = values[FIT_HEART_RATE_MAX];
    session->cycles_mean_per_min =
        whole_and_fraction(values[FIT_CADENCE], values[FIT_CADENCE_FRACTION]);
    session->cycles = whole_and_fraction(values[FIT_CYCLES], values[FIT_CYCLES_FRACTION]);
    session->ascent_m = values[FIT_ASCENT];
    session->descent_m = values[FIT_DESCENT];
    activity_session_limit(session);
    activity_emit(&fit->sink, &fact);
}

static void emit_sport(struct fit *fit, const struct fit_message *message)
{
    struct activity_fact fact = activity_fact(ACTIVITY_SPORT, ACTIVITY_NO_TIME);

    fact.choice.sport = fit_sport(message->values[FIT_SPORT]);
    fact.choice.sub_sport = fit_small(message->values[FIT_SUB_SPORT]);
    fact.choice.indoors = fit_sub_sport_indoors(fact.choice.sub_sport);
    activity_emit(&fit->sink, &fact);
}

static void emit_beats(struct fit *fit, const struct fit_message *message)
{
    const struct fit_raw *raw = &message->raws[FIT_RAW_INTERVALS];
    struct activity_fact fact = activity_fact(
        ACTIVITY_BEATS, fit->have_timestamp ? fit_usec(fit->timestamp) : ACTIVITY_NO_TIME);

    for (size_t i = 0; 2 * (i + 1) <= raw->size; i++) {
        double ms = fit_number(raw->type, message->big_endian, raw->bytes, raw->size, i);
        if (!isnan(ms) && fact.beats.n < ACTIVITY_BEATS_MAX)
            fact.beats.rr_ms[fact.beats.n++] = ms;
    }
    if (fact.beats.n > 0)
        activity_emit(&fit->sink, &fact);
}

/* A course has records and laps too, of somebody's run long ago or of nobody's. */
static bool was_done(enum activity_kind kind)
{
    return kind == ACTIVITY_KIND_ACTIVITY || kind == ACTIVITY_KIND_UNKNOWN;
}

static void emit_of_activity(struct fit *fit, const struct fit_message *message)
{
    switch (message->number) {
    case FIT_MESSAGE_SESSION:
        emit_session(fit, message);
        break;
    case FIT_MESSAGE_LAP:
        emit_lap(fit, message);
        break;
    case FIT_MESSAGE_RECORD:
        emit_sample(fit, message);
        break;
    case FIT_MESSAGE_SPORT:
        emit_sport(fit, message);
        break;
    case FIT_MESSAGE_EVENT:
        emit_timer(fit, message);
        break;
    case FIT_MESSAGE_HRV:
        emit_beats(fit, message);
        break;
    default:
        break;
    }
}

void fit_message_done(struct fit *fit)
{
    const struct fit_message *message = &fit->message;
    double timestamp = message->values[FIT_TIMESTAMP];

    if (message->number != FIT_MESSAGE_FILE_ID && timestamp >= 0 && timestamp <= UINT32_MAX) {
        fit->timestamp = (uint32_t)timestamp;
        fit->have_timestamp = true;
    }
    if (message->number == FIT_MESSAGE_FILE_ID)
        emit_file(fit, message);
    else if (message->number == FIT_MESSAGE_DEVICE_INFO)
        emit_device(fit, message);
    else if (message->number == FIT_MESSAGE_HR)
        fit_heart_message(fit, message);
    else if (was_done(fit->kind))
        emit_of_activity(fit, message);
}
