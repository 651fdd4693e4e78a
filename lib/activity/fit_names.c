/* SPDX-License-Identifier: MIT */
/* Numbers of the public profile, as words of ours. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "lib/activity/fit_private.h"

int fit_small(double number)
{
    return number >= 0 && number <= UINT16_MAX ? (int)number : -1;
}

static const struct {
    int number;
    enum activity_sport sport;
} sports[] = {
    { 0, ACTIVITY_SPORT_UNKNOWN }, /* "generic" */
    { 1, ACTIVITY_SPORT_RUNNING },    { 2, ACTIVITY_SPORT_CYCLING },
    { 3, ACTIVITY_SPORT_TRANSITION }, { 5, ACTIVITY_SPORT_SWIMMING },
    { 11, ACTIVITY_SPORT_WALKING },   { 17, ACTIVITY_SPORT_HIKING },
    { 254, ACTIVITY_SPORT_OTHER }, /* "all": which of the others it was, nobody kept */
};

enum activity_sport fit_sport(double number)
{
    if (isnan(number))
        return ACTIVITY_SPORT_UNKNOWN;
    for (size_t i = 0; i < sizeof(sports) / sizeof(sports[0]); i++)
        if (sports[i].number == fit_small(number))
            return sports[i].sport;
    return ACTIVITY_SPORT_OTHER;
}

double fit_sport_number(enum activity_sport sport)
{
    for (size_t i = 0; i < sizeof(sports) / sizeof(sports[0]); i++)
        if (sports[i].sport == sport)
            return sports[i].number;
    return NAN;
}

bool fit_sub_sport_indoors(int sub_sport)
{
    return sub_sport == 1      /* treadmill */
           || sub_sport == 6   /* indoor cycling */
           || sub_sport == 27  /* indoor walking */
           || sub_sport == 45  /* indoor running: a track under a roof */
           || sub_sport == 58; /* a virtual world */
}

enum activity_kind fit_kind(double number)
{
    static const uint8_t kinds[] = {
        [1] = ACTIVITY_KIND_SETTINGS,    [2] = ACTIVITY_KIND_SETTINGS,
        [3] = ACTIVITY_KIND_SETTINGS,    [4] = ACTIVITY_KIND_ACTIVITY,
        [5] = ACTIVITY_KIND_WORKOUT,     [6] = ACTIVITY_KIND_COURSE,
        [15] = ACTIVITY_KIND_MONITORING, [28] = ACTIVITY_KIND_MONITORING,
        [32] = ACTIVITY_KIND_MONITORING, [34] = ACTIVITY_KIND_SEGMENT,
    };

    int kind = fit_small(number);

    if (kind < 0)
        return ACTIVITY_KIND_UNKNOWN;
    if (kind >= (int)sizeof(kinds) || kinds[kind] == ACTIVITY_KIND_UNKNOWN)
        return ACTIVITY_KIND_OTHER;
    return (enum activity_kind)kinds[kind];
}

void fit_maker(double number, char ret[ACTIVITY_TEXT_MAX])
{
    static const struct {
        int number;
        const char *name;
    } makers[] = {
        { 1, "garmin" },   { 15, "dynastream" }, { 23, "suunto" },  { 32, "wahoo" },
        { 89, "tacx" },    { 95, "stryd" },      { 123, "polar" },  { 255, "development" },
        { 258, "lezyne" }, { 260, "zwift" },     { 265, "strava" }, { 294, "coros" },
    };

    ret[0] = '\0';
    if (fit_small(number) < 0)
        return;
    snprintf(ret, ACTIVITY_TEXT_MAX, "%d", fit_small(number));
    for (size_t i = 0; i < sizeof(makers) / sizeof(makers[0]); i++)
        if (makers[i].number == fit_small(number))
            snprintf(ret, ACTIVITY_TEXT_MAX, "%s", makers[i].name);
}
