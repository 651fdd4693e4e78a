/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>
#include "lib/activity/fit_private.h"
#include "lib/activity/fit_write.h"

#define FIELDS_MAX       20
#define HEADER_BYTES     14
#define PROTOCOL         0x10 /* 1.0: nothing of later ones is used */
#define PROFILE          2100
#define UNITS(n)         ((double)(n))
#define SEMICIRCLES      (2147483648.0 / 180)
#define MESSAGE_ACTIVITY 34

/* Events that are not the timer's: each message of a summary says what it ends. */
enum { EVENT_TIMER = 0, EVENT_SESSION = 8, EVENT_LAP = 9, EVENT_ACTIVITY = 26 };
enum { TYPE_START = 0, TYPE_STOP = 1, TYPE_STOP_ALL = 4 };

enum layout_name { FILE_ID, DEVICE, EVENT, RECORD, LAP, SESSION, ACTIVITY, N_LAYOUTS };

/* What each message is written with: field, type, and written = (value + offset) * scale. The local
 * number of a message is its place here. */
static const struct layout {
    uint16_t message;
    uint8_t n;
    struct {
        uint8_t field, type;
        double scale, offset;
    } fields[FIELDS_MAX];
} layouts[N_LAYOUTS] = {
    [FILE_ID] = { FIT_MESSAGE_FILE_ID,
                  4,
                  { { 0, FIT_TYPE_ENUM, 1, 0 },
                    { 1, FIT_TYPE_UINT16, 1, 0 },
                    { 2, FIT_TYPE_UINT16, 1, 0 },
                    { 4, FIT_TYPE_UINT32, 1, 0 } } },
    [DEVICE] = { FIT_MESSAGE_DEVICE_INFO,
                 6,
                 { { 253, FIT_TYPE_UINT32, 1, 0 },
                   { 0, FIT_TYPE_UINT8, 1, 0 },
                   { 1, FIT_TYPE_UINT8, 1, 0 },
                   { 2, FIT_TYPE_UINT16, 1, 0 },
                   { 4, FIT_TYPE_UINT16, 1, 0 },
                   { 25, FIT_TYPE_ENUM, 1, 0 } } },
    [EVENT] = { FIT_MESSAGE_EVENT,
                3,
                { { 253, FIT_TYPE_UINT32, 1, 0 },
                  { 0, FIT_TYPE_ENUM, 1, 0 },
                  { 1, FIT_TYPE_ENUM, 1, 0 } } },
    [RECORD] = { FIT_MESSAGE_RECORD,
                 12,
                 { { 253, FIT_TYPE_UINT32, 1, 0 },
                   { 0, FIT_TYPE_SINT32, SEMICIRCLES, 0 },
                   { 1, FIT_TYPE_SINT32, SEMICIRCLES, 0 },
                   { 2, FIT_TYPE_UINT16, 5, 500 },
                   { 5, FIT_TYPE_UINT32, 100, 0 },
                   { 6, FIT_TYPE_UINT16, 1000, 0 },
                   { 4, FIT_TYPE_UINT8, 1, 0 },
                   { 53, FIT_TYPE_UINT8, 128, 0 },
                   { 3, FIT_TYPE_UINT8, 1, 0 },
                   { 7, FIT_TYPE_UINT16, 1, 0 },
                   { 9, FIT_TYPE_SINT16, 100, 0 },
                   { 13, FIT_TYPE_SINT8, 1, 0 } } },
    [LAP] = { FIT_MESSAGE_LAP,
              10,
              { { 253, FIT_TYPE_UINT32, 1, 0 },
                { 254, FIT_TYPE_UINT16, 1, 0 },
                { 0, FIT_TYPE_ENUM, 1, 0 },
                { 1, FIT_TYPE_ENUM, 1, 0 },
                { 2, FIT_TYPE_UINT32, 1, 0 },
                { 7, FIT_TYPE_UINT32, 1000, 0 },
                { 8, FIT_TYPE_UINT32, 1000, 0 },
                { 9, FIT_TYPE_UINT32, 100, 0 },
                { 21, FIT_TYPE_UINT16, 1, 0 },
                { 22, FIT_TYPE_UINT16, 1, 0 } } },
    [SESSION] = { FIT_MESSAGE_SESSION,
                  17,
                  { { 253, FIT_TYPE_UINT32, 1, 0 },
                    { 254, FIT_TYPE_UINT16, 1, 0 },
                    { 0, FIT_TYPE_ENUM, 1, 0 },
                    { 1, FIT_TYPE_ENUM, 1, 0 },
                    { 2, FIT_TYPE_UINT32, 1, 0 },
                    { 5, FIT_TYPE_ENUM, 1, 0 },
                    { 6, FIT_TYPE_ENUM, 1, 0 },
                    { 7, FIT_TYPE_UINT32, 1000, 0 },
                    { 8, FIT_TYPE_UINT32, 1000, 0 },
                    { 9, FIT_TYPE_UINT32, 100, 0 },
                    { 10, FIT_TYPE_UINT32, 1, 0 },
                    { 16, FIT_TYPE_UINT8, 1, 0 },
                    { 17, FIT_TYPE_UINT8, 1, 0 },
                    { 18, FIT_TYPE_UINT8, 1, 0 },
                    { 92, FIT_TYPE_UINT8, 128, 0 },
                    { 22, FIT_TYPE_UINT16, 1, 0 },
                    { 23, FIT_TYPE_UINT16, 1, 0 } } },
    [ACTIVITY] = { MESSAGE_ACTIVITY,
                   6,
                   { { 253, FIT_TYPE_UINT32, 1, 0 },
                     { 0, FIT_TYPE_UINT32, 1000, 0 },
                     { 1, FIT_TYPE_UINT16, 1, 0 },
                     { 2, FIT_TYPE_ENUM, 1, 0 },
                     { 3, FIT_TYPE_ENUM, 1, 0 },
                     { 4, FIT_TYPE_ENUM, 1, 0 } } },
};

/* ---- bytes ----------------------------------------------------------------------------------- */

static void put(struct fit_writer *writer, const uint8_t *bytes, size_t length)
{
    writer->checksum = fit_checksum_add(writer->checksum, bytes, length);
    writer->out(writer->context, bytes, length);
}

static void put_definition(struct fit_writer *writer, enum layout_name name)
{
    const struct layout *layout = &layouts[name];
    uint8_t bytes[6 + 3 * FIELDS_MAX] = {
        (uint8_t)(0x40 | name),          0,        0, (uint8_t)layout->message,
        (uint8_t)(layout->message >> 8), layout->n
    };

    for (size_t i = 0; i < layout->n; i++) {
        uint8_t type = layout->fields[i].type;
        bytes[6 + 3 * i] = layout->fields[i].field;
        bytes[7 + 3 * i] = (uint8_t)fit_type_width(type);
        bytes[8 + 3 * i] = (uint8_t)(type | (fit_type_width(type) > 1 ? 0x80 : 0));
    }
    put(writer, bytes, 6 + 3 * (size_t)layout->n);
}

static void put_message(struct fit_writer *writer, enum layout_name name, const double *values)
{
    const struct layout *layout = &layouts[name];
    uint8_t bytes[1 + 4 * FIELDS_MAX] = { (uint8_t)name };
    size_t length = 1;

    for (size_t i = 0; i < layout->n; i++)
        length += fit_number_put(layout->fields[i].type,
                                 (values[i] + layout->fields[i].offset) * layout->fields[i].scale,
                                 bytes + length);
    put(writer, bytes, length);
}

static uint32_t message_bytes(enum layout_name name)
{
    uint32_t length = 1;

    for (size_t i = 0; i < layouts[name].n; i++)
        length += (uint32_t)fit_type_width(layouts[name].fields[i].type);
    return length;
}

static uint32_t data_bytes(const struct fit_plan *plan)
{
    uint32_t length = message_bytes(FILE_ID) + message_bytes(ACTIVITY) +
                      plan->timers * message_bytes(EVENT) + plan->samples * message_bytes(RECORD) +
                      plan->laps * message_bytes(LAP) + plan->sessions * message_bytes(SESSION) +
                      plan->devices * message_bytes(DEVICE);

    for (int name = 0; name < N_LAYOUTS; name++)
        length += 6 + 3 * (uint32_t)layouts[name].n;
    return length;
}

static void put_header(struct fit_writer *writer, uint32_t data)
{
    uint8_t header[HEADER_BYTES] = { HEADER_BYTES,
                                     PROTOCOL,
                                     PROFILE & 0xff,
                                     PROFILE >> 8,
                                     (uint8_t)data,
                                     (uint8_t)(data >> 8),
                                     (uint8_t)(data >> 16),
                                     (uint8_t)(data >> 24),
                                     '.',
                                     'F',
                                     'I',
                                     'T' };
    uint16_t sum = fit_checksum_add(0, header, HEADER_BYTES - 2);

    header[12] = (uint8_t)sum;
    header[13] = (uint8_t)(sum >> 8);
    put(writer, header, HEADER_BYTES);
}

/* ---- facts ----------------------------------------------------------------------------------- */

static double seconds_of(int64_t t_usec)
{
    return t_usec == ACTIVITY_NO_TIME ? NAN : floor((double)t_usec / 1e6) - (double)FIT_EPOCH_S;
}

static double fraction_of(double value)
{
    return value - floor(value);
}

static void put_sample(struct fit_writer *writer, const struct activity_fact *fact)
{
    const struct activity_sample *s = &fact->sample;

    put_message(writer, RECORD,
                (double[]){ seconds_of(fact->t_usec), s->latitude_deg, s->longitude_deg,
                            s->altitude_m, s->distance_m, s->speed_m_s, floor(s->cycles_per_min),
                            fraction_of(s->cycles_per_min), s->heart_rate_bpm, s->power_w,
                            s->grade_pct, s->temperature_c });
}

static void put_timer(struct fit_writer *writer, const struct activity_fact *fact)
{
    put_message(writer, EVENT,
                (double[]){ seconds_of(fact->t_usec), EVENT_TIMER,
                            fact->running ? TYPE_START : TYPE_STOP_ALL });
}

static void put_lap(struct fit_writer *writer, const struct activity_fact *fact)
{
    const struct activity_lap *lap = &fact->lap;

    put_message(writer, LAP,
                (double[]){ seconds_of(fact->t_usec), UNITS(writer->n_laps++), EVENT_LAP, TYPE_STOP,
                            seconds_of(lap->start_usec), lap->elapsed_s, lap->timer_s,
                            lap->distance_m, lap->ascent_m, lap->descent_m });
}

/* A part of the recorder, which is device 0 itself. */
static void put_device(struct fit_writer *writer, const struct activity_fact *fact)
{
    const struct activity_device *device = &fact->device;

    put_message(writer, DEVICE,
                (double[]){ seconds_of(fact->t_usec), UNITS(++writer->n_devices),
                            device->barometer ? FIT_LOCAL_BAROMETER : NAN, FIT_WRITE_MAKER,
                            device->barometer ? FIT_WRITE_PRODUCT : FIT_WRITE_ROUTE,
                            FIT_SOURCE_LOCAL });
}

static void put_session(struct fit_writer *writer, const struct activity_fact *fact)
{
    const struct activity_session *s = &fact->session;
    double elapsed_s = isnan(s->elapsed_s) ? s->timer_s : s->elapsed_s;
    double start_s = seconds_of(fact->t_usec);

    put_message(writer, SESSION,
                (double[]){ start_s + (isnan(elapsed_s) ? 0 : ceil(elapsed_s)),
                            UNITS(writer->n_sessions++), EVENT_SESSION, TYPE_STOP, start_s,
                            fit_sport_number(s->sport), s->sub_sport < 0 ? NAN : s->sub_sport,
                            elapsed_s, s->timer_s, s->distance_m, round(s->cycles),
                            s->heart_rate_mean_bpm, s->heart_rate_max_bpm,
                            floor(s->cycles_mean_per_min), fraction_of(s->cycles_mean_per_min),
                            s->ascent_m, s->descent_m });
    if (!isnan(s->timer_s))
        writer->timer_s += s->timer_s;
}

static uint32_t *counter_of(struct fit_plan *plan, const struct activity_fact *fact)
{
    if (fact->t_usec == ACTIVITY_NO_TIME)
        return NULL;
    switch (fact->type) {
    case ACTIVITY_SAMPLE:
        return &plan->samples;
    case ACTIVITY_TIMER:
        return &plan->timers;
    case ACTIVITY_LAP:
        return &plan->laps;
    case ACTIVITY_SESSION:
        return &plan->sessions;
    case ACTIVITY_DEVICE:
        return fact->device.barometer || fact->device.route ? &plan->devices : NULL;
    case ACTIVITY_FILE:
    case ACTIVITY_PLACE:
    case ACTIVITY_HEART:
    case ACTIVITY_BEATS:
    case ACTIVITY_SPORT:
    case ACTIVITY_TROUBLE:
        break;
    }
    return NULL;
}

void fit_plan_count(struct fit_plan *plan, const struct activity_fact *fact)
{
    uint32_t *counter = counter_of(plan, fact);

    if (counter)
        ++*counter;
}

void fit_write_fact(struct fit_writer *writer, const struct activity_fact *fact)
{
    static void (*const puts[])(struct fit_writer *, const struct activity_fact *) = {
        [ACTIVITY_SAMPLE] = put_sample,   [ACTIVITY_TIMER] = put_timer,   [ACTIVITY_LAP] = put_lap,
        [ACTIVITY_SESSION] = put_session, [ACTIVITY_DEVICE] = put_device,
    };
    uint32_t *left = counter_of(&writer->left, fact);

    if (!left)
        return;
    if (*left == 0) {
        writer->overrun = true;
        return;
    }
    --*left;
    if (fact->t_usec > writer->last_usec)
        writer->last_usec = fact->t_usec;
    puts[fact->type](writer, fact);
}

/* ---- the file -------------------------------------------------------------------------------- */

void fit_write_begin(struct fit_writer *writer, const struct fit_plan *plan, int64_t created_usec,
                     fit_out *out, void *context)
{
    *writer = (struct fit_writer){
        .out = out, .context = context, .left = *plan, .last_usec = created_usec
    };
    put_header(writer, data_bytes(plan));
    for (int name = 0; name < N_LAYOUTS; name++)
        put_definition(writer, (enum layout_name)name);
    put_message(writer, FILE_ID,
                (double[]){ 4, FIT_WRITE_MAKER, FIT_WRITE_PRODUCT, seconds_of(created_usec) });
}

bool fit_write_end(struct fit_writer *writer)
{
    const struct fit_plan *left = &writer->left;
    uint8_t sum[2];

    put_message(writer, ACTIVITY,
                (double[]){ seconds_of(writer->last_usec), writer->timer_s,
                            UNITS(writer->n_sessions), 0, EVENT_ACTIVITY, TYPE_STOP });
    sum[0] = (uint8_t)writer->checksum;
    sum[1] = (uint8_t)(writer->checksum >> 8);
    writer->out(writer->context, sum, sizeof(sum));
    return !writer->overrun && !left->samples && !left->timers && !left->laps && !left->sessions &&
           !left->devices;
}
