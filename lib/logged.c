/* SPDX-License-Identifier: MIT */
#include "lib/logged.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/civil.h"

#define USEC_PER_SEC  INT64_C(1000000)
#define USEC_MAX      (INT64_C(253402300799) * USEC_PER_SEC) /* the end of the year 9999 */
#define OFFSET_MAX_S  (18 * 3600)
#define DAY_S         INT64_C(86400)
#define MINUTES_A_DAY 1440

void logged_init(struct logged_run *run)
{
    *run = (struct logged_run){ .start_min = LOGGED_NO_START,
                                .kind = SESSION_RUN,
                                .distance_m = NAN,
                                .moving_s = NAN,
                                .ascent_m = NAN,
                                .downhill_drop_m = NAN };
}

static bool is_height(double metres, double distance_m)
{
    return isnan(metres) || (metres >= 0 && metres <= LOGGED_HEIGHT_MAX && metres <= distance_m);
}

bool logged_is_possible(const struct logged_run *run)
{
    return run->distance_m > 0 && run->distance_m <= LOGGED_DISTANCE_MAX && run->moving_s > 0 &&
           run->moving_s <= LOGGED_MOVING_MAX &&
           run->distance_m <= LOGGED_SPEED_MAX * run->moving_s &&
           is_height(run->ascent_m, run->distance_m) &&
           is_height(run->downhill_drop_m, run->distance_m);
}

bool logged_read_time(const char *text, int *ret_minutes)
{
    int hour, minute;

    if (strlen(text) != 5 || strspn(text, "0123456789") != 2 || text[2] != ':' ||
        strspn(text + 3, "0123456789") != 2)
        return false;
    hour = 10 * (text[0] - '0') + text[1] - '0';
    minute = 10 * (text[3] - '0') + text[4] - '0';
    if (hour > 23 || minute > 59)
        return false;
    *ret_minutes = 60 * hour + minute;
    return true;
}

/* ---- as text ------------------------------------------------------------------------------------ */

static size_t add_height(char ret[static LOGGED_TEXT_MAX], size_t length, const char *word,
                         double metres)
{
    return isnan(metres) ? 0
                         : (size_t)snprintf(ret + length, LOGGED_TEXT_MAX - length, "%s %.9g\n",
                                            word, metres);
}

void logged_format(const struct logged_run *run, char ret[static LOGGED_TEXT_MAX])
{
    int year, month, day;
    size_t length;

    civil_from_days(run->day, &year, &month, &day);
    length = (size_t)snprintf(
        ret, LOGGED_TEXT_MAX,
        "runner %s\nday %04d-%02d-%02d\nkind %s\n"
        "start_usec %" PRId64 "\nutc_offset_s %" PRId32 "\nstart_min %d\n"
        "distance_m %.9g\nmoving_s %.9g\nsaid_usec %" PRId64 "\n",
        run->runner, year, month, day, run->kind == SESSION_WALK ? "walk" : "run", run->start_usec,
        run->utc_offset_s, run->start_min, run->distance_m, run->moving_s, run->said_usec);
    length += add_height(ret, length, "ascent_m", run->ascent_m);
    length += add_height(ret, length, "downhill_drop_m", run->downhill_drop_m);
    if (run->discarded_usec)
        (void)snprintf(ret + length, LOGGED_TEXT_MAX - length, "discarded_usec %" PRId64 "\n",
                       run->discarded_usec);
}

static bool take_number(const char *value, double *ret)
{
    char *end;
    double number = strtod(value, &end);

    if (end == value || *end || !isfinite(number))
        return false;
    *ret = number;
    return true;
}

static bool take_whole(const char *value, int64_t min, int64_t max, int64_t *ret)
{
    char *end;
    long long number = strtoll(value, &end, 10);

    if (end == value || *end || number < min || number > max)
        return false;
    *ret = number;
    return true;
}

/* "anna", as a level of a topic */
static bool take_runner(struct logged_run *run, const char *value)
{
    size_t length = strlen(value);

    if (length == 0 || length >= sizeof(run->runner) ||
        strspn(value, "abcdefghijklmnopqrstuvwxyz0123456789_-") != length)
        return false;
    memcpy(run->runner, value, length + 1);
    return true;
}

static bool take_kind(struct logged_run *run, const char *value)
{
    run->kind = strcmp(value, "walk") == 0 ? SESSION_WALK : SESSION_RUN;
    return run->kind == SESSION_WALK || strcmp(value, "run") == 0;
}

/* What is not known is a later strided's. */
static bool take_line(struct logged_run *run, const char *word, const char *value)
{
    int64_t whole;

    if (strcmp(word, "runner") == 0)
        return take_runner(run, value);
    if (strcmp(word, "day") == 0)
        return civil_read_day(value, &run->day);
    if (strcmp(word, "kind") == 0)
        return take_kind(run, value);
    if (strcmp(word, "start_usec") == 0)
        return take_whole(value, 1, USEC_MAX, &run->start_usec);
    if (strcmp(word, "utc_offset_s") == 0 &&
        take_whole(value, -OFFSET_MAX_S, OFFSET_MAX_S, &whole)) {
        run->utc_offset_s = (int32_t)whole;
        return true;
    }
    if (strcmp(word, "start_min") == 0 &&
        take_whole(value, LOGGED_NO_START, MINUTES_A_DAY - 1, &whole)) {
        run->start_min = (int)whole;
        return true;
    }
    if (strcmp(word, "utc_offset_s") == 0 || strcmp(word, "start_min") == 0)
        return false;
    if (strcmp(word, "distance_m") == 0)
        return take_number(value, &run->distance_m);
    if (strcmp(word, "moving_s") == 0)
        return take_number(value, &run->moving_s);
    if (strcmp(word, "ascent_m") == 0)
        return take_number(value, &run->ascent_m);
    if (strcmp(word, "downhill_drop_m") == 0)
        return take_number(value, &run->downhill_drop_m);
    if (strcmp(word, "said_usec") == 0)
        return take_whole(value, 0, USEC_MAX, &run->said_usec);
    if (strcmp(word, "discarded_usec") == 0)
        return take_whole(value, 0, USEC_MAX, &run->discarded_usec);
    return true;
}

static bool take_lines(struct logged_run *run, char *text)
{
    for (char *line = text; *line;) {
        size_t length = strcspn(line, "\n");
        char *next = line + length + (line[length] != '\0'), *value;

        line[length] = '\0';
        value = strchr(line, ' ');
        if (value)
            *value++ = '\0';
        if (value && !take_line(run, line, value))
            return false;
        line = next;
    }
    return true;
}

/* The start it says is one of the day it says, where it was run. */
static bool is_of_its_day(const struct logged_run *run)
{
    int64_t local_s = run->start_usec / USEC_PER_SEC + run->utc_offset_s;

    return run->day >= LOGGED_DAY_MIN && local_s >= run->day * DAY_S &&
           local_s < (run->day + 1) * DAY_S;
}

bool logged_parse(struct logged_run *ret, const char *id, const char *text)
{
    char copy[2 * LOGGED_TEXT_MAX];

    logged_init(ret);
    if (strlen(text) >= sizeof(copy) || strlen(id) >= sizeof(ret->id))
        return false;
    strcpy(copy, text);
    strcpy(ret->id, id);
    return take_lines(ret, copy) && ret->runner[0] && is_of_its_day(ret) && logged_is_possible(ret);
}
