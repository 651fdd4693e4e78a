/* SPDX-License-Identifier: MIT */
#include "lib/recording_private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/recording_fields.h"

/* ---- what several lines have ------------------------------------------------------------------ */

static uint64_t take_time(struct fields *r)
{
    return (uint64_t)fields_integer(r, 0, RECORDING_T_MAX);
}

static int take_sensor(struct fields *r)
{
    return (int)fields_integer(r, 0, RECORDING_SENSORS_MAX - 1);
}

/* ---- lines, one function a letter ------------------------------------------------------------ */

static void take_axis(struct fields *r, struct record *ret)
{
    static const char *const names[] = { "unset", "assumed", "rtc", "synced" };

    ret->type = RECORD_AXIS;
    fields_id(r, ret->axis.boot_id, sizeof(ret->axis.boot_id));
    ret->t_usec = take_time(r);
    ret->axis.wall_usec = fields_integer(r, 0, RECORDING_WALL_MAX);
    ret->axis.clock = (enum clock_state)fields_name(r, names, 4);
}

static void take_runner(struct fields *r, struct record *ret)
{
    ret->type = RECORD_RUNNER;
    fields_id(r, ret->runner.id, sizeof(ret->runner.id));
    if (strcmp(ret->runner.id, "-") == 0)
        ret->runner.id[0] = '\0';
    ret->runner.sex = (enum conf_sex)fields_name(r, recording_sex_names, 3);
    ret->runner.birth_year = (int)fields_integer(r, 0, 3000);
    ret->runner.max_heart_rate_bpm = (int)fields_integer(r, 0, 300);
    ret->runner.rest_heart_rate_bpm = (int)fields_integer(r, 0, 300);
    ret->runner.mass_kg = fields_number(r, 1, 1000);
    ret->runner.incline_pct = fields_number(r, -100, 100);
}

static void take_shows(struct fields *r, struct record *ret)
{
    char word[8];

    fields_word(r, word, sizeof(word));
    ret->declared.pod = strchr(word, 'p');
    ret->declared.strap = strchr(word, 's');
    ret->declared.belt = strchr(word, 'b');
    if (strcmp(word, "-") != 0 && strspn(word, "psb") != strlen(word))
        r->bad = true;
}

static void take_declared(struct fields *r, struct record *ret)
{
    ret->type = RECORD_SENSOR;
    ret->sensor = take_sensor(r);
    fields_id(r, ret->declared.name, sizeof(ret->declared.name));
    fields_word(r, ret->declared.address, sizeof(ret->declared.address));
    ret->declared.unit = (enum conf_cadence_unit)fields_name(r, recording_unit_names, 3);
    ret->declared.factor = fields_number(r, 0.01, 100);
    take_shows(r, ret);
    if (isnan(ret->declared.factor))
        r->bad = true;
}

static void take_notification(struct fields *r, struct record *ret)
{
    char word[8];

    ret->type = RECORD_NOTIFICATION;
    ret->t_usec = take_time(r);
    ret->sensor = take_sensor(r);
    fields_word(r, word, sizeof(word));
    if (strlen(word) != 4 || strspn(word, "0123456789abcdefABCDEF") != 4)
        r->bad = true; /* strtoul takes a sign and 0x, too */
    ret->notification.uuid = (uint16_t)strtoul(word, NULL, 16);
    ret->notification.length = (uint8_t)fields_bytes(r, ret->notification.bytes);
}

static void take_unit(struct fields *r, struct record *ret)
{
    ret->type = RECORD_UNIT;
    ret->t_usec = take_time(r);
    ret->sensor = take_sensor(r);
    ret->unit.unit = (enum conf_cadence_unit)fields_name(r, recording_unit_names, 3);
    if (ret->unit.unit == CONF_CADENCE_AUTO)
        r->bad = true;
    fields_text(r, ret->unit.evidence, sizeof(ret->unit.evidence));
}

static void take_end(struct fields *r, struct record *ret)
{
    ret->type = RECORD_END;
    ret->t_usec = take_time(r);
    ret->end.how = (enum record_end)fields_name(r, recording_end_names, 3);
    fields_text(r, ret->end.why, sizeof(ret->end.why));
}

static void take_link(struct fields *r, struct record *ret)
{
    static const char *const names[] = { "down", "up" };

    ret->type = RECORD_LINK;
    ret->t_usec = take_time(r);
    ret->sensor = take_sensor(r);
    ret->up = fields_name(r, names, 2) == 1;
}

static void take_told(struct fields *r, struct record *ret)
{
    static const char *const names[] = { "start" };

    ret->type = RECORD_TOLD;
    ret->t_usec = take_time(r);
    (void)fields_name(r, names, 1);
}

/* "1200.5:87.3" */
static bool take_place(const char *word, int32_t *ret_distance_dm, int32_t *ret_altitude_dm)
{
    char *colon, *end;
    double distance_m = strtod(word, &colon), altitude_m;

    if (colon == word || *colon != ':' || !(distance_m >= 0 && distance_m <= RECORDING_ROUTE_MAX))
        return false;
    altitude_m = strtod(colon + 1, &end);
    if (end == colon + 1 || *end || !(altitude_m >= -500 && altitude_m <= 9000))
        return false;
    *ret_distance_dm = (int32_t)lround(distance_m * 10);
    *ret_altitude_dm = (int32_t)lround(altitude_m * 10);
    return true;
}

static void take_route(struct fields *r, struct record *ret)
{
    char word[32];

    ret->type = RECORD_ROUTE;
    ret->t_usec = take_time(r);
    fields_word(r, word, sizeof(word));
    if (r->bad || strcmp(word, "-") == 0)
        return;
    for (;;) {
        size_t n = ret->route.n++;
        r->bad |= n == RECORDING_PLACES_MAX || !take_place(word, &ret->route.places[n].distance_dm,
                                                           &ret->route.places[n].altitude_dm);
        if (r->bad || r->at == r->end)
            return;
        fields_word(r, word, sizeof(word));
    }
}

static void take_begin(struct fields *r, struct record *ret)
{
    ret->type = RECORD_BEGIN;
    ret->t_usec = take_time(r);
    fields_text(r, ret->end.why, sizeof(ret->end.why));
}

static void take_incline(struct fields *r, struct record *ret)
{
    ret->type = RECORD_INCLINE;
    ret->t_usec = take_time(r);
    ret->incline_pct = fields_number(r, -45, 45);
}

static void take_own(struct fields *r, struct record *ret)
{
    ret->type = RECORD_OWN;
    ret->own.cadence_spm = fields_number(r, 60, 300);
    ret->own.speed_m_s = fields_number(r, 0.1, 15);
}

static void take_local(struct fields *r, struct record *ret)
{
    ret->type = RECORD_LOCAL;
    fields_id(r, ret->local.runner, sizeof(ret->local.runner));
    ret->local.start_s = fields_integer(r, 1, RECORDING_WALL_MAX / 1000000);
    ret->local.offset_s = (int32_t)fields_integer(r, -RECORDING_OFFSET_MAX, RECORDING_OFFSET_MAX);
}

static void take_joined(struct fields *r, struct record *ret)
{
    ret->type = RECORD_JOINED;
    ret->t_usec = take_time(r);
    fields_session(r, ret->joined.id, sizeof(ret->joined.id));
    ret->joined.lines = (uint32_t)fields_integer(r, 0, RECORDING_JOINED_MAX);
}

static void take_merged(struct fields *r, struct record *ret)
{
    ret->type = RECORD_MERGED;
    ret->t_usec = take_time(r);
    fields_session(r, ret->merged, sizeof(ret->merged));
}

static const struct {
    char letter;
    void (*take)(struct fields *r, struct record *ret);
} kinds[] = {
    { 'A', take_axis },         { 'R', take_runner }, { 'S', take_declared }, { 'G', take_begin },
    { 'N', take_notification }, { 'L', take_link },   { 'U', take_unit },     { 'I', take_incline },
    { 'H', take_route },        { 'K', take_own },    { 'T', take_told },     { 'M', take_merged },
    { 'J', take_joined },       { 'Z', take_local },  { 'E', take_end },
};

static void take_body(struct fields *r, char letter, struct record *ret)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (kinds[i].letter == letter) {
            kinds[i].take(r, ret);
            return;
        }
    r->bad = true;
}

/* ---- a line ---------------------------------------------------------------------------------- */

size_t recording_said(const char *line, size_t length, bool plain)
{
    char want[8];

    if (plain)
        return length;
    if (length < 6 || line[length - 6] != ' ' || line[length - 5] != '*')
        return 0;
    snprintf(want, sizeof(want), "%04x", recording_crc16(line, length - 6));
    return memcmp(want, line + length - 4, 4) == 0 ? length - 6 : 0;
}

enum recording_result recording_parse(const char *line, size_t length, bool plain,
                                      struct record *ret)
{
    struct record record = { 0 };
    struct fields r;

    if (length == 0 || line[0] == '#')
        return RECORDING_E_EMPTY;
    if (length >= strlen(RECORDING_HEADER) &&
        memcmp(line, RECORDING_HEADER, strlen(RECORDING_HEADER)) == 0)
        return RECORDING_E_HEADER;
    length = recording_said(line, length, plain);
    if (length == 0)
        return RECORDING_E_CHECKSUM;
    if (length < 2 || length > RECORDING_LINE_MAX || line[1] != ' ' || memchr(line, 0, length))
        return RECORDING_E_FORM;
    if (line[0] == RECORDING_COPY_LETTER)
        return RECORDING_E_COPY;
    r = (struct fields){ .at = line + 2, .end = line + length };
    take_body(&r, line[0], &record);
    while (r.at < r.end && *r.at == ' ')
        r.at++;
    if (r.bad || r.at != r.end)
        return RECORDING_E_FORM;
    *ret = record;
    return RECORDING_OK;
}
