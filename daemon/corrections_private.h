/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What the files behind corrections.h share:
 *   corrections.c       who waits for what, one after the other, and is answered
 *   corrections_made.c  what is done for the first of them
 */
#include "daemon/corrections.h"

struct request {
    struct corrections *corrections;
    struct request *next;
    struct correction what;
    correction_done done; /* NULL: answered already */
    void *userdata;
    uint64_t until_usec;
    struct store_session row; /* as it is stored */
};

struct corrections {
    struct corrections_parts parts;
    struct clock_timer *timer;
    struct request *first, **end; /* the first is under way */
    size_t n;
    bool stopping;
};

/* corrections.c */
void correction_refuse(struct request *request, const char *code, const char *argument,
                       const char *message, const char *allowed);
void correction_say_done(struct request *request, const char *id, size_t n_sessions);
/* It is through, and gone; the next one begins. */
void correction_end(struct request *request);
void correction_refuse_and_end(struct request *request, const char *code, const char *argument,
                               const char *message, const char *allowed);

/* corrections_made.c */
void correction_begin(struct request *request);
