/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * The process that reads one file, from outside: started, watched, and killed when it takes too
 * long. What it says is held to report_is_sound, or way_is_sound.
 *
 * It is strided itself, by /proc/self/exe: the same build whatever was installed meanwhile, and no
 * second program to be found, packaged or forgotten. posix_spawn, as a plain fork would carry the
 * locks of Paho's threads along.
 */
#include <systemd/sd-event.h>
#include "daemon/import/orders.h"
#include "lib/activity/report.h"
#include "lib/activity/way.h"

struct child;

enum child_result {
    CHILD_OK,
    CHILD_E_KILLED,   /* it ran into one of its limits, or crashed */
    CHILD_E_SLOW,     /* and we ended it */
    CHILD_E_FAILED,   /* it could not begin, or its disk failed */
    CHILD_E_NONSENSE, /* what it said can't be */
    /* of ERRAND_FIT */
    CHILD_E_LARGE, /* it would be larger than it may */
    CHILD_E_FULL,  /* the disk has no room for it */
};

union child_said {
    struct report report; /* of ERRAND_ACTIVITY */
    struct way way;       /* of ERRAND_WAY */
};

typedef void child_done(void *userdata, enum child_result result, const union child_said *said);

/* fd: of the file, borrowed. `said` is borrowed and only for CHILD_OK. The child is freed by the
 * caller, in `done` if it likes. */
int child_start(struct child **ret, sd_event *event, int fd, const struct orders *orders,
                child_done *done, void *userdata);
/* Of ERRAND_FIT: it writes into out_fd, borrowed, an empty file; `said` is always NULL. What is in the
 * file is a stranger's word: whoever passes it on does not read it. */
int child_start_into(struct child **ret, sd_event *event, int fd, int out_fd,
                     const struct orders *orders, child_done *done, void *userdata);
struct child *child_free(struct child *child); /* kills it */
