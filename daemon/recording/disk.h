/* SPDX-License-Identifier: MIT */
#pragma once
/* Recordings as files of one folder: names, opening for append, listing, reading. No state. */
#include <stdbool.h>
#include <stddef.h>

#include "lib/payload.h"

#define RECORDING_FOLDER "sessions" /* in the state folder */
#define RECORDING_SUFFIX ".rec"

/* Letters, digits and . _ - + :, the first a letter or digit: never a path, never hidden. */
bool recording_id_is_valid(const char *id);

/* The folder |path|, made when missing: a descriptor or -errno. */
int recording_folder_open(const char *path);
/* The names in it are on the disk when this returns, and its own in the folder above. */
int recording_folder_sync(int folder_fd);

/*
 * Opens <id>.rec for append, or creates it: a descriptor or -errno. What stands after the last
 * newline was being written when the process ended, and is cut off.
 */
int recording_file_open(int folder_fd, const char *id);

/* <id>.rec in the folder is the file behind fd: nobody removed, moved or replaced it. */
bool recording_is_at(int folder_fd, const char *id, int fd);
/*
 * Writes all of fd's file to <id>.rec anew, on the disk when it returns: its descriptor or -errno. What
 * another put in its place meanwhile is kept as <id>.rec.other. After an error fd is as good as before.
 */
int recording_put_back(int folder_fd, const char *id, int fd);

/* Sorted by name; the caller frees. */
int recording_list(int folder_fd, char (**ret_ids)[SESSION_ID_MAX], size_t *ret_n);
/* When it was last written to, by the file system's clock: good for an order, not for a date. 0: not known. */
int64_t recording_written_nsec(int folder_fd, const char *id);

bool recording_stands(int folder_fd, const char *id);

/* The whole lines of one, |tail| behind what is in the file, with a NUL behind them; the caller
 * frees. */
int recording_read(int folder_fd, const char *id, const char *tail, size_t tail_length, char **ret,
                   size_t *ret_length);
