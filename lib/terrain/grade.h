/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * The grade of each place of a profile: the slope of the straight line that fits the altitudes within
 * 25 m of distance before and behind best (least squares); live, where nothing behind is known yet,
 * of the last 50 m. Where the rows span less than 20 m there is none.
 *
 *     oldest needed     next             latest              ring of GRADE_ROWS rows; a place is
 *     |- - - -25 m- - - |- - - -25 m- - -|                   answered once the way goes on for 25 m
 *
 * Whoever moves makes 0.5 m a row (track.h sees to it), so the ring holds all of a window. One that is
 * fuller is answered early and loses what is oldest, not its end.
 */
#include <stdbool.h>
#include <stddef.h>
#include "lib/terrain/row.h"

#define GRADE_SPAN_M     50.0
#define GRADE_SPAN_MIN_M 20.0
#define GRADE_MAX        0.45 /* steeper is no running, but an error */
#define GRADE_ROWS       256

struct grade {
    bool live, over;
    size_t fed, next, oldest; /* rows ever */
    struct terrain_row ring[GRADE_ROWS];
};

void grade_init(struct grade *grade, bool live);
/* Rows in order, of finite altitude; distances that fall are held. After each, grade_take until
 * false. */
void grade_feed(struct grade *grade, const struct terrain_row *row);
/* The next row, with its grade. */
bool grade_take(struct grade *grade, struct terrain_row *ret);
/* No row follows: the rest can be taken. */
void grade_end(struct grade *grade);
