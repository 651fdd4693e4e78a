/* SPDX-License-Identifier: MIT */
#pragma once
/* What a person wants to see or to take away of what is stored, and what they are given. */
#include <stddef.h>
#include <stdint.h>
#include "lib/conf.h"
#include "lib/note.h"
#include "lib/payload.h"

#define ARCHIVED_PART_MAX   (48 * 1024) /* bytes of one part, as it is answered */
#define ARCHIVED_CURSOR_MAX 128
#define ARCHIVED_LIST_MAX   200

enum archived_what {
    ARCHIVED_LIST,       /* sessions, to be looked at: newest first */
    ARCHIVED_SESSION,    /* the file of one */
    ARCHIVED_SESSIONS,   /* their figures */
    ARCHIVED_DAYS,       /* what each day comes to */
    ARCHIVED_EVERYTHING, /* JSON of all that is stored of a runner */
};

struct archived_question {
    enum archived_what what;
    char runner
        [CONF_ID_MAX]; /* whose; LIST: "" = anybody's; SESSION: must be theirs, "" = whosever */
    char id[SESSION_ID_MAX]; /* SESSION; LIST: those behind this one, "" = from the newest on */
    char from[11], to[11];   /* local days, both included; "" = without that bound */
    size_t limit;            /* LIST */
    bool not_nobodys;        /* LIST, SESSION: as if those of nobody were not there */
    /* What is made of heart rate is null. SESSION: none that has any of a runner who keeps it to this
     * machine */
    bool hide_heart;
    bool csv;                         /* SESSIONS, DAYS; else JSON */
    bool fit;                         /* SESSION: a FIT file, or none */
    char cursor[ARCHIVED_CURSOR_MAX]; /* where to go on; "" = the first part */
};

struct archived {         /* texts are borrowed or their own; copied by whoever keeps them */
    const char *code;     /* of the error; NULL: here it is */
    const char *argument; /* NULL: none of them */
    const char *message;
    char allowed[PAYLOAD_TEXT_MAX];
    /* LIST */
    const struct archived_session {
        struct payload_session session;
        char instead[SESSION_ID_MAX]; /* the same run, which counts in its place; "" = none */
        struct note note;             /* what its runner said of it */
    } * sessions;
    size_t n_sessions;
    bool more;
    /* all others: one part; all parts behind each other are the file */
    const char *format; /* "csv" */
    char name[160];     /* a good one for the file */
    bool base64;        /* the text is, the file is not */
    const char *text;
    char next[ARCHIVED_CURSOR_MAX]; /* ""; this was the last */
    int64_t n, of; /* so much of so much is told with this part; of < 0: nobody knows */
};

/* Once, on the loop; maybe from inside the call. */
typedef void (*archived_done)(void *userdata, const struct archived *answer);
