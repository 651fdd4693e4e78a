/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * Small texts that a person's words are kept in: a file each, called by the id of the session, in a folder of the
 * state folder. On the worker; they are what a database that is lost is made again from, so each write is on the
 * disk before it is answered.
 */
#include <stddef.h>
#include "lib/payload.h"

#define PAPER_TEXT_MAX 1024 /* with the NUL */

struct papers { /* which folder; borrowed */
    const char *state_dir;
    const char *folder; /* one level */
};

/* -ENOENT: there is none; -EFBIG, and what the disk says. */
int paper_read(const struct papers *papers, const char *id, char ret[static PAPER_TEXT_MAX]);
/* The whole of it, in place of what was there; the folder is made when it is not there. */
int paper_write(const struct papers *papers, const char *id, const char *text);
int paper_remove(const struct papers *papers, const char *id); /* 0 also when there is none */
/* Each that has the name of a session, in no order; one that cannot be read hides no other. < 0: not all. */
int paper_each(const struct papers *papers,
               int (*visit)(void *userdata, const char *id, const char *text), void *userdata);
