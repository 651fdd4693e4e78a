/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * GPX 1.0 and 1.1: tracks of segments of points. Waypoints and routes are places, not something that
 * was done: those of a route are told as such. The timer ran within a segment and stood between two.
 * Tracks of one sport that follow each other within an hour are laps of one activity, as many recorders
 * write them; others are activities of their own. The points of a track without any time are told as a
 * part that has no session: a plan beside a run is none of it. GPX has no distance: it is measured from
 * point to point of a segment.
 */
#include "lib/activity/activity.h"

struct gpx {
    struct activity_sink sink;
    bool in_track, in_route, in_point, fresh_track; /* fresh: no point with a time yet */
    bool standing;                                  /* the timer was told to have stopped */
    bool any_timeless;                              /* a point told in a fresh track */
    int depth;                                      /* of elements open in the track */
    int part, n_parts;                              /* n_parts: also of tracks without a time */
    int64_t first_usec, last_usec;                  /* of this part; ACTIVITY_NO_TIME before */
    enum activity_sport sport, track_sport;         /* of this part, of the track being read */
    bool indoors, track_indoors;
    double distance_m; /* of this part */
    double timeless_m; /* of this track, up to its first time */
    double route_m;    /* of the routes, as one */
    double latitude_deg,
        longitude_deg; /* of the point before in this segment or route; NAN = none */
    struct activity_fact point;
    bool point_off_earth; /* its position is a mark, not a place: OpenTracks pauses so */
};

void gpx_init(struct gpx *gpx, const struct activity_sink *sink);
void gpx_start(struct gpx *gpx, const char *name, const char **attributes);
void gpx_finish(struct gpx *gpx, const char *name, const char *text);
void gpx_end(struct gpx *gpx);
