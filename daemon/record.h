/* SPDX-License-Identifier: MIT */
#pragma once
/* What is recorded besides sessions, when a person asks for it, and how far it is. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/conf.h"

enum record_wish { RECORD_WISH_START, RECORD_WISH_STOP, RECORD_WISH_STATUS };

struct record_request {
    enum record_wish wish;
    char sensor[CONF_ID_MAX]; /* start: this one alone; "" = all there are */
    unsigned minutes;         /* start: at most so long */
};

struct record_answer {
    const char *code;     /* of the error; NULL: what follows is so */
    const char *argument; /* NULL: none of them */
    char message[320], allowed[512];

    bool recording;
    char file
        [CONF_TEXT_MAX]; /* the one that grows, or that was written last; "" = none since the start */
    char sensor[CONF_ID_MAX];
    uint64_t elapsed_usec, left_usec;
    uint64_t packets, link_changes, bytes;
    uint64_t lost;     /* lines that the disk did not take, or that were of a sensor too many */
    size_t n_sensors;  /* that were heard in it */
    const char *ended; /* why it ended; NULL: it has not, or there is none */
};

/* Once, on the loop; maybe from inside the call. */
typedef void (*record_done)(void *userdata, const struct record_answer *answer);
