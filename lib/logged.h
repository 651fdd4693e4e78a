/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * A run that nothing recorded, as its runner tells it: on which day, perhaps from when on, how far and how long. As
 * text it is a line each ("distance_m 5000"), which a person may read, and an older strided passes over what it does
 * not know.
 */
#include <stdbool.h>
#include <stdint.h>
#include "lib/conf.h"
#include "lib/payload.h"

#define LOGGED_TEXT_MAX     512
#define LOGGED_DISTANCE_MAX 500000 /* m */
#define LOGGED_MOVING_MAX   172800 /* s: two days */
#define LOGGED_HEIGHT_MAX   20000  /* m */
#define LOGGED_SPEED_MAX    12     /* m/s: nobody has run faster */
#define LOGGED_DAY_MIN      3652   /* 1980-01-01 */
#define LOGGED_NO_START     (-1)

struct logged_run {
    char id[SESSION_ID_MAX]; /* not in the text, but its name */
    char runner[CONF_ID_MAX];
    int64_t day;   /* local, days since 1970-01-01 */
    int start_min; /* local, minutes from midnight; LOGGED_NO_START: nobody said when */
    /* What that comes to where they ran; a moment of that day, if nobody said when. */
    int64_t start_usec;
    int32_t utc_offset_s;
    enum session_kind kind; /* run or walk */
    double distance_m, moving_s;
    double ascent_m, downhill_drop_m;  /* NAN: not said */
    int64_t said_usec, discarded_usec; /* UTC; 0: not */
};

void logged_init(struct logged_run *run);
/* Of the figures; all else is whoever fills it. */
bool logged_is_possible(const struct logged_run *run);
bool logged_read_time(const char *text, int *ret_minutes); /* "07:30" and nothing else */
void logged_format(const struct logged_run *run, char ret[static LOGGED_TEXT_MAX]);
/* false: it says too little, or what cannot be; ret is not to be used then. */
bool logged_parse(struct logged_run *ret, const char *id, const char *text);
