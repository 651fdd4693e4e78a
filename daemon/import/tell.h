/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What became of a file, into the store and then out. No file goes before its row is on the disk; what
 * the disk refuses is told all the same. Several may be on their way while the next file is read.
 */
#include "daemon/import/folder.h"
#include "daemon/import/result.h"
#include "daemon/store/store.h"

struct telling;

struct tell_callbacks {
    void (*on_event)(void *userdata, const struct store_event *event); /* borrowed */
    /* A file that was taken is stored, and may go. */
    void (*on_stored)(void *userdata, const struct folder_file *file, const char *hash);
};

struct tell {
    struct store *store; /* borrowed, as are the callbacks */
    const struct tell_callbacks *callbacks;
    void *userdata;
    struct telling *first; /* on their way */
};

/* The row stands or falls with its sessions and its event. file NULL: there is none that could go. */
int tell_result(struct tell *tell, const struct result *result, const struct folder_file *file);
/* One that goes to another runner, which is told to both; somebody waits until it is stored. Nobody is told
 * by `done` when this fails. */
int tell_given(struct tell *tell, const struct result *result,
               void (*done)(void *userdata, int result, size_t n_sessions), void *userdata);
/* Those that a disk never took. After the store's worker is gone. */
void tell_done(struct tell *tell);
