/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What the files behind recorder.h share; each uses those below it only:
 *   recorder.c   all recordings: the folder's listing, the timers
 *   file.c       one recording: its syncs, its way back into the folder, its end
 *   copies.c     the lines of it that are written more than once
 *   bytes.c      its bytes, in the file or in memory until there is room
 *   durable.c    who waits until it is on the disk
 *   trouble.c    what the disk refuses, and when it is tried again
 *   list.c       which there are
 *   disk.c       files and names, without state
 */
#include <stdbool.h>

#include "daemon/clock.h"
#include "daemon/recording/recorder.h"
#include "lib/payload.h"

#define RECORDER_SYNC_USEC   (8ULL * 1000000) /* and 2 s for the disk: 10 s at a power cut */
#define RECORDER_RETRY_USEC  (5ULL * 1000000)
#define RECORDER_WAITING_MAX (4UL << 20) /* bytes of all files together */
#define RECORDER_BY_US       "last"      /* a copy made by us: the worker may be at its own still */
#define RECORDER_COPIES_EACH 4096        /* bytes: what rots is a page or less */
#define RECORDER_COPIES_MAX  8192 /* bytes, of one file: sixteen sensors and some fifty boots */

struct recorder {
    struct worker *worker; /* borrowed; not used by recorder_free */
    char *folder;
    int folder_fd; /* -1: not to be had yet */
    struct clock_timer *sync_timer, *retry_timer;
    bool sync_armed, retry_armed;
    struct recording_file *files;

    size_t waiting_bytes;
    uint64_t lost_bytes;
    int error; /* why lines wait, or why a sync failed; 0 = all is well */
    char problem[160];
    void (*on_problem)(void *userdata);
    void *on_problem_userdata;
};

struct recording_file {
    struct recording_file *next;
    struct recorder *recorder;
    char id[SESSION_ID_MAX];
    int fd;             /* -1: could not be opened yet */
    bool new_in_folder; /* to us: the folder is to be synced with it */
    bool dirty;         /* written since the last sync was posted */
    bool overdue;       /* the next sync was due before the one under way was done */
    bool sync_failed;   /* the last one; until one succeeds */
    bool astray;        /* removed while open, or a sync failed: only fd keeps its bytes for sure */
    bool torn;          /* the last line in it is not whole yet: its rest waits */
    bool headless;      /* the next that is opened is to begin with whose it is */
    bool spoiled;       /* it stands there, and its end cannot be read: it is to be copied first */
    bool closing;
    bool copying; /* what can be read of it, on the worker; a spoiled one is not open meanwhile */
    struct sync
        *syncs; /* and a copy of it, under way on the worker, the last posted first; NULL = none */
    struct durable *durables; /* who waits for a sync */
    char *waiting;
    size_t n_waiting, room;
    size_t n_head;         /* of what waits: was put ahead of it */
    uint64_t length;       /* with what waits */
    char *copies;          /* of lines of it, as they are written */
    size_t n_copies;       /* bytes */
    size_t n_since_copies; /* bytes since they were written last */
    bool has_uncopied;     /* they were not, since the newest came to them */
    void (*done)(void *userdata);
    void *userdata;
};

/* trouble.c: the folder's descriptor is there, or -errno */
int recorder_ensure_folder(struct recorder *recorder);
void recorder_arm_sync(struct recorder *recorder);
void recorder_note_failure(struct recorder *recorder, const char *what, int error);
void recorder_note_lost(struct recorder *recorder, const char *id, size_t length);
/* All that failed is through? Then it is said; else it is tried again later. */
void recorder_settle(struct recorder *recorder);

/* durable.c */
/* As recorder_when_on_disk, of a sync that is to come. */
int recording_file_add_durable(struct recording_file *file, void (*done)(void *userdata),
                               void *userdata);
/* Bytes that are on the disk, of its length. */
void recording_file_tell_durable(struct recording_file *file, uint64_t length);
/* So many bytes came to stand before what they wait for. */
void recording_file_move_durables(struct recording_file *file, uint64_t length);
void recording_file_drop_durables(struct recording_file *file);

/* copies.c */
void recording_file_write_uncopied(struct recording_file *file);

/* bytes.c */
void recording_file_append(struct recording_file *file, const char *bytes, size_t length);
/* All of it or none; 0, -ENOBUFS, -ENOMEM. */
int recording_file_append_all(struct recording_file *file, const char *bytes, size_t length);
void recording_file_mark_dirty(struct recording_file *file);
/* -EIO also while it is copied. */
int recording_file_ensure_open(struct recording_file *file);
/* It is open now. */
void recording_file_take(struct recording_file *file, int fd);
/* One that stands there and cannot be read makes way for it, which is then to be opened. */
int recording_file_begin_another(struct recording_file *file);
int recording_file_write_waiting(struct recording_file *file);
/* What another put in the folder, or a new one, in place of one that can neither be written nor read. */
int recording_file_open_anew(struct recording_file *file);
void recording_file_drop_waiting(struct recording_file *file, size_t length);
void recording_file_say_in_part(const struct recording_file *file);

/* file.c; opens it, or leaves that to recording_file_try_again */
int recording_file_new(struct recorder *recorder, const char *id, struct recording_file **ret);
void recording_file_start_sync(struct recording_file *file);
void recording_file_try_again(struct recording_file *file);
void recording_file_write_last(struct recording_file *file); /* without the worker */
void recording_file_free(struct recording_file *file);
