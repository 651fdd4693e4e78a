/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What `stridectl watch` shows, as lines: the gateway with what is wrong, the sensors, each open
 * session with its figures of this second, and what is left today.
 */
#include <jansson.h>

struct watch_view {                 /* borrowed; NULL: not known, and not shown */
    const json_t *status, *sensors; /* the data of their answers */
    const json_t *weeks;            /* of a runner's id, the data of `week` */
    const char *error;              /* why there is nothing */
    const char *runner;             /* this one's alone */
};
void watch_draw(const struct watch_view *view);
