/* SPDX-License-Identifier: MIT */
#include "lib/recording_private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- fields ---------------------------------------------------------------------------------- */

/* The fields of a line, taken one by one; `bad` stays once a field was not what it must be. */
struct reader {
    const char *at, *end;
    bool bad;
};

static void take_word(struct reader *r, char *ret, size_t size)
{
    const char *start;
    size_t length;

    while (r->at < r->end && *r->at == ' ')
        r->at++;
    start = r->at;
    while (r->at < r->end && *r->at != ' ')
        r->at++;
    length = (size_t)(r->at - start);
    if (length == 0 || length >= size) {
        r->bad = true;
        ret[0] = '\0';
        return;
    }
    memcpy(ret, start, length);
    ret[length] = '\0';
}

/* The rest of the line; may be empty. */
static void take_text(struct reader *r, char *ret, size_t size)
{
    size_t length;

    while (r->at < r->end && *r->at == ' ')
        r->at++;
    length = (size_t)(r->end - r->at);
    if (length >= size)
        length = size - 1;
    memcpy(ret, r->at, length);
    ret[length] = '\0';
    r->at = r->end;
}

static int64_t take_integer(struct reader *r, int64_t min, int64_t max)
{
    char word[32], *end;
    long long value;

    take_word(r, word, sizeof(word));
    if (r->bad)
        return 0;
    value = strtoll(word, &end, 10);
    if (*end || value < min || value > max)
        r->bad = true;
    return r->bad ? 0 : value;
}

static uint64_t take_time(struct reader *r)
{
    return (uint64_t)take_integer(r, 0, RECORDING_T_MAX);
}

static int take_sensor(struct reader *r)
{
    return (int)take_integer(r, 0, RECORDING_SENSORS_MAX - 1);
}

static double take_number(struct reader *r, double min, double max)
{
    char word[32], *end;
    double value;

    take_word(r, word, sizeof(word));
    if (r->bad || strcmp(word, "-") == 0 || strcmp(word, "unknown") == 0)
        return NAN;
    value = strtod(word, &end);
    if (*end || !isfinite(value) || value < min || value > max)
        r->bad = true;
    return value;
}

static int take_name(struct reader *r, const char *const *names, size_t n)
{
    char word[32];

    take_word(r, word, sizeof(word));
    for (size_t i = 0; i < n; i++)
        if (!r->bad && strcmp(word, names[i]) == 0)
            return (int)i;
    r->bad = true;
    return 0;
}

static void take_id(struct reader *r, char *ret, size_t size)
{
    take_word(r, ret, size);
    for (const char *c = ret; *c; c++)
        if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-", *c))
            r->bad = true;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

static void take_bytes(struct reader *r, struct record *ret)
{
    char word[2 * RECORDING_BYTES_MAX + 1];
    size_t n;

    take_word(r, word, sizeof(word));
    n = strlen(word);
    if (r->bad || strcmp(word, "-") == 0) /* an empty value is a fact too */
        return;
    if (n % 2) {
        r->bad = true;
        return;
    }
    for (size_t i = 0; i < n; i += 2) {
        int high = hex_digit(word[i]), low = hex_digit(word[i + 1]);

        if (high < 0 || low < 0) {
            r->bad = true;
            return;
        }
        ret->notification.bytes[i / 2] = (uint8_t)(high << 4 | low);
    }
    ret->notification.length = (uint8_t)(n / 2);
}

/* ---- lines, one function a letter ------------------------------------------------------------ */

static void take_axis(struct reader *r, struct record *ret)
{
    static const char *const names[] = { "unset", "assumed", "rtc", "synced" };

    ret->type = RECORD_AXIS;
    take_id(r, ret->axis.boot_id, sizeof(ret->axis.boot_id));
    ret->t_usec = take_time(r);
    ret->axis.wall_usec = take_integer(r, 0, RECORDING_WALL_MAX);
    ret->axis.clock = (enum clock_state)take_name(r, names, 4);
}

static void take_runner(struct reader *r, struct record *ret)
{
    ret->type = RECORD_RUNNER;
    take_id(r, ret->runner.id, sizeof(ret->runner.id));
    if (strcmp(ret->runner.id, "-") == 0)
        ret->runner.id[0] = '\0';
    ret->runner.sex = (enum conf_sex)take_name(r, recording_sex_names, 3);
    ret->runner.birth_year = (int)take_integer(r, 0, 3000);
    ret->runner.max_heart_rate_bpm = (int)take_integer(r, 0, 300);
    ret->runner.rest_heart_rate_bpm = (int)take_integer(r, 0, 300);
    ret->runner.mass_kg = take_number(r, 1, 1000);
    ret->runner.incline_pct = take_number(r, -100, 100);
}

static void take_shows(struct reader *r, struct record *ret)
{
    char word[8];

    take_word(r, word, sizeof(word));
    ret->declared.pod = strchr(word, 'p');
    ret->declared.strap = strchr(word, 's');
    ret->declared.belt = strchr(word, 'b');
    if (strcmp(word, "-") != 0 && strspn(word, "psb") != strlen(word))
        r->bad = true;
}

static void take_declared(struct reader *r, struct record *ret)
{
    ret->type = RECORD_SENSOR;
    ret->sensor = take_sensor(r);
    take_id(r, ret->declared.name, sizeof(ret->declared.name));
    take_word(r, ret->declared.address, sizeof(ret->declared.address));
    ret->declared.unit = (enum conf_cadence_unit)take_name(r, recording_unit_names, 3);
    ret->declared.factor = take_number(r, 0.01, 100);
    take_shows(r, ret);
    if (isnan(ret->declared.factor))
        r->bad = true;
}

static void take_notification(struct reader *r, struct record *ret)
{
    char word[8], *end;

    ret->type = RECORD_NOTIFICATION;
    ret->t_usec = take_time(r);
    ret->sensor = take_sensor(r);
    take_word(r, word, sizeof(word));
    ret->notification.uuid = (uint16_t)strtoul(word, &end, 16);
    if (*end || strlen(word) != 4)
        r->bad = true;
    take_bytes(r, ret);
}

static void take_unit(struct reader *r, struct record *ret)
{
    ret->type = RECORD_UNIT;
    ret->t_usec = take_time(r);
    ret->sensor = take_sensor(r);
    ret->unit.unit = (enum conf_cadence_unit)take_name(r, recording_unit_names, 3);
    if (ret->unit.unit == CONF_CADENCE_AUTO)
        r->bad = true;
    take_text(r, ret->unit.evidence, sizeof(ret->unit.evidence));
}

static void take_end(struct reader *r, struct record *ret)
{
    ret->type = RECORD_END;
    ret->t_usec = take_time(r);
    ret->end.how = (enum record_end)take_name(r, recording_end_names, 3);
    take_text(r, ret->end.why, sizeof(ret->end.why));
}

static void take_link(struct reader *r, struct record *ret)
{
    static const char *const names[] = { "down", "up" };

    ret->type = RECORD_LINK;
    ret->t_usec = take_time(r);
    ret->sensor = take_sensor(r);
    ret->up = take_name(r, names, 2) == 1;
}

static void take_told(struct reader *r, struct record *ret)
{
    static const char *const names[] = { "start" };

    ret->type = RECORD_TOLD;
    ret->t_usec = take_time(r);
    (void)take_name(r, names, 1);
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

static void take_route(struct reader *r, struct record *ret)
{
    char word[32];

    ret->type = RECORD_ROUTE;
    ret->t_usec = take_time(r);
    take_word(r, word, sizeof(word));
    if (r->bad || strcmp(word, "-") == 0)
        return;
    for (;;) {
        size_t n = ret->route.n++;
        r->bad |= n == RECORDING_PLACES_MAX || !take_place(word, &ret->route.places[n].distance_dm,
                                                           &ret->route.places[n].altitude_dm);
        if (r->bad || r->at == r->end)
            return;
        take_word(r, word, sizeof(word));
    }
}

static void take_body(struct reader *r, char type, struct record *ret)
{
    switch (type) {
    case 'A':
        take_axis(r, ret);
        break;
    case 'R':
        take_runner(r, ret);
        break;
    case 'S':
        take_declared(r, ret);
        break;
    case 'G':
        ret->type = RECORD_BEGIN;
        ret->t_usec = take_time(r);
        take_text(r, ret->end.why, sizeof(ret->end.why));
        break;
    case 'N':
        take_notification(r, ret);
        break;
    case 'L':
        take_link(r, ret);
        break;
    case 'U':
        take_unit(r, ret);
        break;
    case 'I':
        ret->type = RECORD_INCLINE;
        ret->t_usec = take_time(r);
        ret->incline_pct = take_number(r, -45, 45);
        break;
    case 'H':
        take_route(r, ret);
        break;
    case 'K':
        ret->type = RECORD_OWN;
        ret->own.cadence_spm = take_number(r, 60, 300);
        ret->own.speed_m_s = take_number(r, 0.1, 15);
        break;
    case 'T':
        take_told(r, ret);
        break;
    case 'M':
        ret->type = RECORD_MERGED;
        ret->t_usec = take_time(r);
        take_id(r, ret->merged, sizeof(ret->merged));
        break;
    case 'E':
        take_end(r, ret);
        break;
    default:
        r->bad = true;
    }
}

/* ---- a line ---------------------------------------------------------------------------------- */

/* Cuts " *crc" off; false when it does not fit what stands before. */
static bool checked(const char *line, size_t *length)
{
    char want[8];

    if (*length < 6 || line[*length - 6] != ' ' || line[*length - 5] != '*')
        return false;
    snprintf(want, sizeof(want), "%04x", recording_crc16(line, *length - 6));
    if (memcmp(want, line + *length - 4, 4) != 0)
        return false;
    *length -= 6;
    return true;
}

enum recording_result recording_parse(const char *line, size_t length, bool plain,
                                      struct record *ret)
{
    struct record record = { 0 };
    struct reader r;

    if (length == 0 || line[0] == '#')
        return RECORDING_E_EMPTY;
    if (length >= strlen(RECORDING_HEADER) &&
        memcmp(line, RECORDING_HEADER, strlen(RECORDING_HEADER)) == 0)
        return RECORDING_E_HEADER;
    if (!plain && !checked(line, &length))
        return RECORDING_E_CHECKSUM;
    if (length < 2 || length > RECORDING_LINE_MAX || line[1] != ' ' || memchr(line, 0, length))
        return RECORDING_E_FORM;
    r = (struct reader){ .at = line + 2, .end = line + length };
    take_body(&r, line[0], &record);
    while (r.at < r.end && *r.at == ' ')
        r.at++;
    if (r.bad || r.at != r.end)
        return RECORDING_E_FORM;
    *ret = record;
    return RECORDING_OK;
}
