/* SPDX-License-Identifier: MIT */
#include "daemon/replay/anonymous.h"

#include <math.h>
#include <string.h>
#include "lib/gatt/gatt.h"
#include "lib/gatt/treadmill.h"
#include "lib/metrics/heart_load.h"

#define FIXED_DAY_USEC (INT64_C(1577880000) * 1000000) /* 2020-01-01 12:00 UTC */
#define NAMES_MAX      256

/* Each name or boot by the order in which it comes. */
struct names {
    char names[NAMES_MAX][CONF_ID_MAX + 2];
    size_t n;
};

struct writer {
    FILE *out;
    bool drop_heart;
    struct names runners, boots;
    bool dated;
    int64_t shift_usec;  /* from a true date to the one that is told */
    int64_t wall_usec;   /* true: of the last A line that knew it */
    int32_t altitude_dm; /* of the lowest place of all routes */
};

/* The last number is everybody's who comes later: nobody runs with so many. */
static size_t number_of(struct names *names, const char *name)
{
    size_t i = 0;

    while (i < names->n && strcmp(names->names[i], name) != 0)
        i++;
    if (i == names->n && i < NAMES_MAX - 1) {
        snprintf(names->names[i], sizeof(names->names[i]), "%s", name);
        names->n++;
    }
    return i;
}

static void rename_runner(struct writer *writer, char id[CONF_ID_MAX])
{
    if (id[0])
        snprintf(id, CONF_ID_MAX, "runner-%zu", number_of(&writer->runners, id) + 1);
}

/* ---- line by line ------------------------------------------------------------------------------ */

static int64_t moved(const struct writer *writer, int64_t wall_usec)
{
    int64_t told_usec = wall_usec + writer->shift_usec;

    return told_usec < 0 ? 0 : told_usec > RECORDING_WALL_MAX ? RECORDING_WALL_MAX : told_usec;
}

static void hide_axis(struct writer *writer, struct record *record)
{
    bool unset = record->axis.clock == CLOCK_UNSET;

    snprintf(record->axis.boot_id, sizeof(record->axis.boot_id), "%032zx",
             number_of(&writer->boots, record->axis.boot_id) + 1);
    if (!unset && !writer->dated) {
        writer->shift_usec = FIXED_DAY_USEC - record->axis.wall_usec;
        writer->dated = true;
    }
    if (!unset)
        writer->wall_usec = record->axis.wall_usec;
    record->axis.wall_usec = unset ? 0 : moved(writer, record->axis.wall_usec);
}

/* What the zones are made of stays: a maximum that was an estimate from the year of birth is told. */
static void hide_runner(struct writer *writer, struct record *record)
{
    int age_years = heart_age_years(record->runner.birth_year, writer->wall_usec);

    rename_runner(writer, record->runner.id);
    if (!record->runner.max_heart_rate_bpm && writer->wall_usec && age_years >= 5 &&
        age_years <= 110)
        record->runner.max_heart_rate_bpm = (int)lround(208 - 0.7 * age_years);
    record->runner.birth_year = 0;
    record->runner.mass_kg = NAN;
    if (!writer->drop_heart)
        return;
    record->runner.sex = CONF_SEX_UNKNOWN;
    record->runner.max_heart_rate_bpm = record->runner.rest_heart_rate_bpm = 0;
}

static void hide_sensor(struct record *record)
{
    snprintf(record->declared.name, sizeof(record->declared.name), "sensor-%d", record->sensor + 1);
    snprintf(record->declared.address, sizeof(record->declared.address), "02:00:00:00:00:%02X",
             (unsigned)(record->sensor + 1) & 0xff);
}

static void hide_heights(const struct writer *writer, struct record *record)
{
    for (size_t i = 0; i < record->route.n; i++)
        record->route.places[i].altitude_dm -= writer->altitude_dm;
}

/* Counted from there no height is below what a recording may say. */
static int32_t lowest_place(const struct recovered *recovered)
{
    int32_t lowest_dm = INT32_MAX;
    struct record record;

    for (size_t i = 0; i < recovered->n; i++) {
        if (recovered_letter(recovered, i) != 'H')
            continue;
        recovered_get(recovered, i, &record);
        for (size_t k = 0; k < record.route.n; k++)
            if (record.route.places[k].altitude_dm < lowest_dm)
                lowest_dm = record.route.places[k].altitude_dm;
    }
    return lowest_dm == INT32_MAX ? 0 : lowest_dm;
}

/* One that begins at no time there is holds for nothing. */
static bool hide_local(struct writer *writer, struct record *record)
{
    if (!writer->dated)
        return false; /* of a date that nothing else tells */
    rename_runner(writer, record->local.runner);
    record->local.start_s = moved(writer, record->local.start_s * 1000000) / 1000000;
    record->local.offset_s = 0;
    return record->local.start_s > 0;
}

/* A treadmill may tell what its handle bar feels. */
static void hide_pulse(struct record *record)
{
    struct treadmill_record belt;
    size_t length = record->notification.length;

    if (record->notification.uuid == GATT_TREADMILL_DATA &&
        treadmill_decode(record->notification.bytes, length, &belt) != DECODE_SHORT &&
        belt.heart_rate_from_end > 0)
        record->notification.bytes[length - belt.heart_rate_from_end] = 0xff;
}

static bool is_told(const struct writer *writer, uint16_t uuid)
{
    bool place = uuid == GATT_LOCATION_AND_SPEED || uuid == GATT_NAVIGATION;

    return !place && !(uuid == GATT_HEART_RATE_MEASUREMENT && writer->drop_heart);
}

/* Words of ours stay, others may be anybody's. */
static void hide_why(struct record *record)
{
    static const char *const ours[] = { "motion", "heart_rate", "command" };

    for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
        if (strcmp(record->end.why, ours[i]) == 0)
            return;
    snprintf(record->end.why, sizeof(record->end.why), "%s",
             record->type == RECORD_BEGIN ? "motion" : "");
}

/* false: it is left out. */
static bool hide(struct writer *writer, struct record *record)
{
    switch (record->type) {
    case RECORD_AXIS:
        hide_axis(writer, record);
        return true;
    case RECORD_RUNNER:
        hide_runner(writer, record);
        return true;
    case RECORD_SENSOR:
        hide_sensor(record);
        return true;
    case RECORD_NOTIFICATION:
        if (writer->drop_heart)
            hide_pulse(record);
        return is_told(writer, record->notification.uuid);
    case RECORD_ROUTE:
        hide_heights(writer, record);
        return true;
    case RECORD_LOCAL:
        return hide_local(writer, record);
    case RECORD_BEGIN:
    case RECORD_END:
        hide_why(record);
        return true;
    case RECORD_UNIT:
        snprintf(record->unit.evidence, sizeof(record->unit.evidence), "%s", "");
        return true;
    case RECORD_LINK:
    case RECORD_INCLINE:
    case RECORD_OWN:
    case RECORD_TOLD:
        return true;
    case RECORD_JOINED: /* what it announces stands in its place already */
    case RECORD_MERGED:
        return false;
    }
    return false;
}

bool anonymous_write(const struct recovered *recovered, bool drop_heart, FILE *out)
{
    static struct writer writer;
    char line[RECORDING_LINE_MAX];
    struct record record;

    writer = (struct writer){ .out = out,
                              .drop_heart = drop_heart,
                              .altitude_dm = lowest_place(recovered) };
    fputs(RECORDING_HEADER "\n", out);
    for (size_t i = 0; i < recovered->n; i++) {
        recovered_get(recovered, i, &record);
        if (hide(&writer, &record))
            fwrite(line, 1, recording_format(&record, line, sizeof(line)), out);
    }
    return fflush(out) == 0 && !ferror(out);
}
