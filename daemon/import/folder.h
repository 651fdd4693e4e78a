/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * One look at the folder that files come into and at its subfolders, one a runner, with what is below each: an archive
 * that was unpacked there brings folders. Runs on the worker: a folder may lie on a card that is busy or on a share that
 * is away. It also renews the inotify watches, before it looks: what comes later is heard of.
 */
#include "daemon/keys.h"
#include "lib/conf.h"
#include "lib/payload.h"

#define FOLDER_FILES_MAX  1024 /* of one look; the others wait for the next */
#define FOLDER_NAME_MAX   256
#define FOLDER_BELOW_MAX  64 /* folders below the runners', of all of them: each has a watch */
#define FOLDER_PLACES_MAX (1 + CONF_RUNNERS_MAX + FOLDER_BELOW_MAX)
#define FOLDER_WAY_MAX    (CONF_ID_MAX + FOLDER_NAME_MAX)
#define FOLDER_COPIES     "imported" /* in the state folder: a copy of each */

struct folder_file {
    char runner[CONF_ID_MAX];   /* "" = in the folder itself */
    char name[FOLDER_NAME_MAX]; /* with the folders below the runner's: "activities/1.fit" */
    int64_t size, mtime_nsec;
    uint64_t inode;
};

struct folder_place { /* that is watched */
    int watch;        /* -1: none could be had */
    char runner[CONF_ID_MAX];
    char below[FOLDER_NAME_MAX]; /* "activities"; "" = the runner's own */
};

struct folder_places {
    size_t n, n_below;
    struct folder_place all[FOLDER_PLACES_MAX];
};

struct folder_look {
    /* wanted */
    char path[CONF_TEXT_MAX];
    char runners[CONF_RUNNERS_MAX][CONF_ID_MAX];
    size_t n_runners;
    int inotify_fd;
    struct keys settled; /* files that are through: left out; freed with the look */
    /* found */
    struct folder_file *files;
    size_t n_files;
    bool more; /* than there was room for */
    int error; /* of the folder itself: -errno */
    struct folder_places *places;
    char closed[FOLDER_WAY_MAX]; /* a subfolder that cannot be read, and why */
    int closed_error;
    char stray[FOLDER_NAME_MAX]; /* one that is nobody's */
    char deep[FOLDER_WAY_MAX];   /* one that is not looked into: it lies too deep, */
    char many[FOLDER_WAY_MAX];   /* or there are too many */
};

void folder_look(struct folder_look *look);
/* What is wrong with what was found, as a sentence; "": nothing is. */
void folder_look_problem(const struct folder_look *look, char ret[PAYLOAD_TEXT_MAX]);
void folder_look_done(struct folder_look *look);
/* Tells a file by what can be seen without reading it. */
uint64_t folder_file_key(const char *runner, const char *name, int64_t size, int64_t mtime_nsec);
/* A folder of ours in another, made if it is not there: a descriptor, or -errno. */
int folder_open_own(int above_fd, const char *name);
/* A descriptor of the runner's folder, or -errno. */
int folder_open(const char *path, const char *runner);
/* Of the one that the file lies in, to which no link leads below the runner's; and its name there, in `file`. */
int folder_open_of(const char *path, const struct folder_file *file, const char **ret_name);
