/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * The way a file describes: heights over distance, to be followed later. Of a GPX file with a track it
 * is the track (of one that was recorded, too), else the route; several of them are one way, and where
 * one ends and the next begins nothing is between. Of a fixed size and without a pointer, as a report
 * is (report.h says why): way_is_sound stands between the process that reads and the one that believes.
 */
#include "lib/activity/outline_verdict.h"
#include "lib/terrain/route.h"

#define WAY_MAGIC        UINT32_C(0x53545731) /* this struct, in this form */
#define WAY_DISTANCE_MAX 1e6                  /* metres */

enum way_verdict {
    WAY_OK,
    WAY_E_TROUBLE, /* half of a way is not the way */
    WAY_E_FORMAT,  /* no GPX file */
    WAY_E_NOTHING, /* no track and no route */
    WAY_E_FLAT,    /* fewer than two places with a height */
    WAY_E_LONG,
};

struct way {
    uint32_t magic;
    int32_t verdict; /* enum way_verdict */
    char reason[OUTLINE_REASON_MAX];
    uint32_t n;      /* 0 unless it is WAY_OK */
    uint32_t pad;    /* 0 */
    double length_m; /* to the last height */
    struct route_place places[ROUTE_SIZE_MAX];
};

struct way_reading {
    struct way *way; /* borrowed */
    struct route route;
    bool any, track, troubled;
    int part;
    double before_m, farthest_m; /* of the parts before; of this one */
    struct activity_trouble trouble;
};

/* The places are put into the way as they come. */
void way_init(struct way_reading *reading, struct way *way);
struct activity_sink way_sink(struct way_reading *reading);
/* All facts were heard. gpx: of a GPX file. */
void way_finish(struct way_reading *reading, bool gpx);
/* Every value is one that way_finish could have made. */
bool way_is_sound(const struct way *way);
