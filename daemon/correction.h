/* SPDX-License-Identifier: MIT */
#pragma once
/* What a person says of a session that is over, and what they are answered. */
#include <stddef.h>
#include "lib/conf.h"
#include "lib/logged.h"
#include "lib/note.h"
#include "lib/payload.h"

enum correction_kind {
    CORRECTION_DISCARD, /* it counts for nothing */
    CORRECTION_ASSIGN,  /* it is this runner's */
    CORRECTION_NOTE,    /* how it was; an open one, too */
    CORRECTION_LOG,     /* it was, and nothing recorded it */
    CORRECTION_DELETE,  /* it is to go for good, in a day */
    CORRECTION_UNDELETE /* it is not, after all */
};

struct correction {
    enum correction_kind kind;
    char id[SESSION_ID_MAX];  /* as it was asked for: whatever a person may write; note: "" = the
                                 runner's latest */
    char runner[CONF_ID_MAX]; /* discard, note: must be theirs; "" = whosever */
    struct note note;         /* note, log: what is said, */
    unsigned parts;           /* and of what */
    struct logged_run run;    /* log: it is dated; its id is to be made */
    bool again;               /* delete: it was said before this start, and may be so already */
};

struct correction_answer { /* texts are borrowed or their own; copied by whoever keeps them */
    const char *code;      /* of the error; NULL: it is done, and on the disk */
    const char *argument;  /* NULL: none of them */
    const char *message;
    char allowed[PAYLOAD_TEXT_MAX];
    char id[SESSION_ID_MAX]; /* done: to this session */
    size_t n_sessions;       /* done: so many, as a file goes to another runner whole */
    struct note note;        /* done, note, log: all that is said of it by now */
    int64_t deleted_usec;    /* done, delete: its day begins; 0: nobody knows the time */
    /* done, log: the same run, which counts in its place; "": it counts */
    char instead[SESSION_ID_MAX];
};

/* Once, on the loop; maybe from inside the call. */
typedef void (*correction_done)(void *userdata, const struct correction_answer *answer);
