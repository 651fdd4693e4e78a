/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * Who looks for files: when inotify tells of something, and every ten minutes, as no watch tells of a
 * share or a bind mount. A look is the worker's (folder.h), and may hang; the files that it found wait until they are
 * whole (waiting.h), and are then there to be taken, each until it is settled.
 */
#include <systemd/sd-event.h>
#include "daemon/import/folder.h"
#include "daemon/worker.h"
#include "lib/conf.h"

#define LOOKOUT_RESCAN_USEC UINT64_C(600000000)

struct lookout;

struct lookout_callbacks {
    bool (*busy)(void *userdata);       /* a file is being read: it may be looked at later */
    bool (*takes)(void *userdata);      /* false: in this life nobody takes what waits */
    void (*on_looked)(void *userdata);  /* there may be something to take */
    void (*on_problem)(void *userdata); /* lookout_problem is another */
};

/* The first look is from the loop: what is settled before is not found. */
int lookout_new(struct lookout **ret, sd_event *event, struct worker *worker,
                const struct conf *conf, const struct lookout_callbacks *callbacks, void *userdata);
struct lookout *lookout_free(struct lookout *lookout);
void lookout_set_conf(struct lookout *lookout, const struct conf *conf); /* and looks anew */
void lookout_stop(struct lookout *lookout);

/* The folder does not answer, or does again: until then no file is there to be taken or expected. */
void lookout_note_silence(struct lookout *lookout, bool silent);

/* A file that is whole; false: none is. */
bool lookout_take(struct lookout *lookout, struct folder_file *ret);
/* How many were seen and are not taken yet: so many at least. */
size_t lookout_waiting(const struct lookout *lookout);
/* Neither waits a file, nor is one expected: the last look was for nothing that was seen or heard. */
bool lookout_is_idle(const struct lookout *lookout);
/* It is through: as it looks now it is not found again. */
void lookout_settle(struct lookout *lookout, const struct folder_file *file);
/* It is nobody's: it is found again with the next configuration. */
void lookout_leave(struct lookout *lookout, const struct folder_file *file);
/* Around many of them, before the first look. */
void lookout_gather(struct lookout *lookout);
void lookout_order(struct lookout *lookout);
/* It cannot be read: it is tried again when somebody changes something, or after ten minutes. */
void lookout_deny(struct lookout *lookout, const struct folder_file *file, int error);
/* It cannot be taken now, for what is none of the folder's: it is tried again as one that cannot be read. A
 * plain sentence says why until then; "": nothing is to be said. */
void lookout_postpone(struct lookout *lookout, const struct folder_file *file, const char *why);
/* Forgets what waits, and looks for it again. */
void lookout_retry(struct lookout *lookout, uint64_t in_usec);
/* What is wrong with the folder, or else with a file in it: a plain sentence, or NULL. */
const char *lookout_problem(const struct lookout *lookout);
