/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What the files behind corrections.h share; each uses those below it only:
 *   corrections.c  life
 *   made.c         what is done for the first of those who wait
 *   noted.c        what is said of how one was
 *   logged.c       one that nothing recorded
 *   deleted.c      one that is to go for good
 *   line.c         who waits for what, one after the other, and is answered
 */
#include "daemon/corrections/corrections.h"

struct request {
    struct corrections *corrections;
    struct request *next;
    struct correction what;
    correction_done done; /* NULL: answered already */
    void *userdata;
    uint64_t until_usec;
    struct store_session row; /* as it is stored */
    bool has_row;             /* undelete: it is */
    struct deleted_session gone;
    int error; /* log: why it is taken back */
};

struct corrections {
    struct corrections_parts parts;
    struct clock_timer *timer;
    void (*begin)(struct request *request); /* what is done for the first of them */
    struct request *first, **end;           /* the first is under way */
    size_t n;
    bool stopping;
};

/* made.c */
void correction_begin(struct request *request);

/* noted.c */
/* Of this session, which is this runner's; "": nobody's. */
void correction_note(struct request *request, const char *id, const char *runner);
/* Of the runner's latest; < 0: it is not begun. */
int correction_note_latest(struct request *request, store_found found);
/* Of one that the sessions have in hand. */
void correction_note_in_hand(struct request *request);

/* logged.c */
void correction_log(struct request *request);

/* deleted.c */
void correction_delete(struct request *request); /* its row */
void correction_delete_lost(struct request *request);
/* What is deleted is looked for; < 0: it is not begun. Then, with its row or NULL: */
int correction_begin_undelete(struct request *request, store_found found);
void correction_undelete(struct request *request, const struct store_session *row);

/* line.c; corrections_make, corrections_stop */
int correction_line_open(struct corrections *corrections);
void correction_refuse(struct request *request, const char *code, const char *argument,
                       const char *message, const char *allowed);
void correction_say_done(struct request *request, const char *id, size_t n_sessions);
void correction_say_noted(struct request *request, const struct note *note); /* its row's id */
void correction_say_logged(struct request *request, const char *instead);    /* its row's id */
void correction_say_deleted(struct request *request, const char *id, int64_t at_usec);
/* It is through, and gone; the next one begins. */
void correction_end(struct request *request);
void correction_refuse_and_end(struct request *request, const char *code, const char *argument,
                               const char *message, const char *allowed);
void correction_refuse_anothers(struct request *request); /* and end */
/* Nobody is told; after the worker is gone. */
void correction_line_drop(struct corrections *corrections);
