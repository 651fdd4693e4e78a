/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What the files behind queue.h share; each uses those below it only:
 *   queue_life.c    life; a file that goes to another runner
 *   queue_again.c   what was seen before: kept copies, and files whose refusal may have passed
 *   queue.c         files, one at a time
 */
#include "daemon/import/asked.h"
#include "daemon/import/handover.h"
#include "daemon/import/intake.h"
#include "daemon/import/kept.h"
#include "daemon/import/lookout.h"
#include "daemon/import/owners.h"
#include "daemon/import/past.h"
#include "daemon/import/queue.h"
#include "daemon/import/rework.h"
#include "daemon/import/tell.h"

struct queue {
    struct import_parts parts;
    const struct import_callbacks *callbacks;
    void *userdata;
    bool stopping;

    struct lookout *lookout;
    struct owners owners;
    struct past past;
    struct kept *kept; /* copies to be read again */
    struct intake_parts intake_parts;
    struct intake *intake;     /* under way */
    struct handover *handover; /* of a file to another runner */
    struct asked *asked;       /* a file that somebody waits for */
    char asker[CONF_ID_MAX];   /* whose it is to be */
    bool is_asked;             /* it is the one under way */
    struct rework rework;
    struct clock_timer *soon;
    bool paused;           /* until then: what it came to was refused, and so would be the next */
    uint64_t begun_usec;   /* it is under way */
    uint64_t refused_usec; /* those whose reason may pass were last looked for */
    struct tell tell;
    char disk_problem[PAYLOAD_TEXT_MAX]; /* of the state folder */
};

/* queue_again.c */
int queue_time(struct queue *queue);
void queue_on_looked(void *userdata);
extern const struct rework_callbacks queue_rework_callbacks;

/* queue.c; queue_go_on */
bool queue_may_begin(const struct queue *queue); /* nothing is under way */
/* What the state folder refuses; "": nothing that is known. */
void queue_say_disk(struct queue *queue, const char *text);
void queue_on_intake(void *userdata, enum intake_outcome outcome, int error);
extern const struct tell_callbacks queue_tell_callbacks;
/* What came in is known from now on, and told to the rest of the daemon. */
void queue_note_result(void *userdata, const struct result *result);
void queue_say_levels(const struct queue *queue, const struct result *result);
