/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "lib/activity/xml_text.h"
#include "lib/civil.h"
#include "lib/utf8.h"

double xml_number(const char *text)
{
    char *end;
    double number;

    if (!text || !*text || strspn(text, "+-.0123456789eE") < strcspn(text, " \t\r\n"))
        return NAN;
    number = strtod(text, &end);
    if (end == text || end[strspn(end, " \t\r\n")] || !isfinite(number))
        return NAN;
    return number;
}

/* width digits and the character behind them (0: none); false leaves *at alone. */
static bool digits(const char **at, int width, char behind, int *ret)
{
    int number = 0;
    const char *p = *at;

    for (int i = 0; i < width; i++, p++) {
        if (!isdigit((unsigned char)*p))
            return false;
        number = 10 * number + (*p - '0');
    }
    if (behind && *p++ != behind)
        return false;
    *at = p;
    *ret = number;
    return true;
}

static int64_t fraction_usec(const char **at)
{
    int64_t usec = 0, unit = 100000;

    if (**at != '.' && **at != ',')
        return 0;
    for (++*at; isdigit((unsigned char)**at); ++*at, unit /= 10)
        usec += unit * (**at - '0');
    return usec;
}

/* "Z", "+01:00", "-0330" or nothing. */
static bool zone_s(const char **at, int *ret)
{
    int sign = **at == '-' ? -1 : 1, hours = 0, minutes = 0;

    *ret = 0;
    if (**at == '\0' || **at == 'Z' || **at == 'z') {
        *at += **at != '\0';
        return true;
    }
    if (**at != '+' && **at != '-')
        return false;
    ++*at;
    if (!digits(at, 2, 0, &hours))
        return false;
    *at += **at == ':';
    if (**at && !digits(at, 2, 0, &minutes))
        return false;
    *ret = sign * (hours * 3600 + minutes * 60);
    return hours <= 26 && minutes < 60;
}

int64_t xml_time_usec(const char *text)
{
    int year, month, day, hour, minute, second, offset_s;
    int64_t usec;
    const char *at = text;

    if (!digits(&at, 4, '-', &year) || !digits(&at, 2, '-', &month) || !digits(&at, 2, 0, &day) ||
        (*at != 'T' && *at != ' ') || (at++, !digits(&at, 2, ':', &hour)) ||
        !digits(&at, 2, ':', &minute) || !digits(&at, 2, 0, &second))
        return ACTIVITY_NO_TIME;
    usec = fraction_usec(&at);
    if (!zone_s(&at, &offset_s) || at[strspn(at, " \t\r\n")] || month < 1 || month > 12 ||
        day < 1 || day > 31 || hour > 24 || minute > 59 || second > 60)
        return ACTIVITY_NO_TIME;
    return ((civil_to_days(year, month, day) * 24 + hour) * 3600 + minute * 60 + second -
            offset_s) *
               1000000 +
           usec;
}

const char *xml_attribute(const char *const *attributes, const char *name)
{
    for (; *attributes; attributes += 2)
        if (strcmp(attributes[0], name) == 0)
            return attributes[1];
    return NULL;
}

void xml_copy(const char *text, char ret[ACTIVITY_TEXT_MAX])
{
    size_t length = strnlen(text, ACTIVITY_TEXT_MAX - 1);

    while (length > 0 && !utf8_is_valid(text, length))
        length--; /* cut within a character */
    for (size_t i = 0; i < length; i++)
        ret[i] = (char)((unsigned char)text[i] < ' ' ? ' ' : text[i]);
    ret[length] = '\0';
    while (length > 0 && ret[length - 1] == ' ')
        ret[--length] = '\0';
}

/* The words first to match; "trail_running", "street_hiking", "e_bike" and the like are in use. */
static const struct {
    const char *part;
    enum activity_sport sport;
} words[] = {
    { "run", ACTIVITY_SPORT_RUNNING },       { "jog", ACTIVITY_SPORT_RUNNING },
    { "treadmill", ACTIVITY_SPORT_RUNNING }, { "walk", ACTIVITY_SPORT_WALKING },
    { "hik", ACTIVITY_SPORT_HIKING },        { "cycl", ACTIVITY_SPORT_CYCLING },
    { "bik", ACTIVITY_SPORT_CYCLING },       { "ride", ACTIVITY_SPORT_CYCLING },
    { "swim", ACTIVITY_SPORT_SWIMMING },     { "transition", ACTIVITY_SPORT_TRANSITION },
};

/* Strava writes numbers of its own. */
static const struct {
    const char *number;
    enum activity_sport sport;
} numbers[] = {
    { "1", ACTIVITY_SPORT_CYCLING },
    { "4", ACTIVITY_SPORT_HIKING },
    { "9", ACTIVITY_SPORT_RUNNING },
    { "10", ACTIVITY_SPORT_WALKING },
};

enum activity_sport xml_sport(const char *text)
{
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        if (strcmp(text, numbers[i].number) == 0)
            return numbers[i].sport;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strcasestr(text, words[i].part))
            return words[i].sport;
    return text[0] ? ACTIVITY_SPORT_OTHER : ACTIVITY_SPORT_UNKNOWN;
}

bool xml_sport_indoors(const char *text)
{
    return strcasestr(text, "treadmill") || strcasestr(text, "indoor") ||
           strcasestr(text, "virtual");
}
