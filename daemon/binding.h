/* SPDX-License-Identifier: MIT */
#pragma once
/* Which device has which name, as a person says it by a command, and what they are answered. */
#include <stdbool.h>
#include "lib/conf.h"

enum binding_kind {
    BINDING_ASSIGN,  /* a device has this name, and is this runner's */
    BINDING_REPLACE, /* another device has the name from now on */
    BINDING_FORGET,  /* what was bound by a command is so no more */
};

struct binding {
    enum binding_kind kind;
    char sensor[CONF_ID_MAX]; /* assign: "" = one is made of `what` and the address */
    char address[18];         /* upper case; not of forget */
    char runner[CONF_ID_MAX]; /* assign: of the configuration, or auto */
    char what[16];            /* assign: pod, strap and so on */
};

struct binding_answer {
    const char *code;     /* of the error; NULL: it is done, on the disk and in force */
    const char *argument; /* NULL: none of them */
    char message[320], allowed[512];
    /* done */
    char sensor[CONF_ID_MAX], address[18];
    char was[18];             /* replace: the address before */
    char runner[CONF_ID_MAX]; /* whose it is, as it holds: an id, or auto */
    char file[CONF_TEXT_MAX]; /* that was written, and where the address stands in it */
    unsigned line;
    char over_file[CONF_TEXT_MAX]; /* where another Runner= stands, which wins; "" = nowhere */
    unsigned over_line;
};

/* Once, on the loop; maybe from inside the call. */
typedef void (*binding_done)(void *userdata, const struct binding_answer *answer);
