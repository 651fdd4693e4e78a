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
 * One that is not, or that a sync failed of, is put back in two steps. The first may wait for the disk for
 * as long as it likes: all of fd's file in <id>.rec.<word>, on the disk when it returns; its descriptor
 * or -errno. The second adds what fd got meanwhile and gives it its name, which is not on the disk then.
 * What another put in its place is kept as <id>.rec.other (.other.2 and so on). After an error fd is as
 * good as before; -ENODATA: that is no good, its file cannot be read.
 *
 * Of fd's own file that still stands, what cannot be read is left blank, so that all else keeps its place:
 * *ret_blanks. Such a one is kept as .other, too.
 */
int recording_copy(int folder_fd, const char *id, const char *word, int fd, bool *ret_blanks);
int recording_copy_move_in(int folder_fd, const char *id, const char *word, int fd, int copy,
                           bool blanks);
void recording_copy_drop(int folder_fd, const char *id,
                         const char *word); /* in place of the second */
/* Both, of one that recording_file_open gives -EIO for, as its end cannot be read: ret_fd is its old
 * descriptor. -ENODATA: nothing of it can. What was torn is cut off; a copy that is not moved in is gone. */
int recording_save_copy(int folder_fd, const char *id, const char *word, int *ret_fd,
                        bool *ret_blanks);
int recording_save_move_in(int folder_fd, const char *id, const char *word, int fd, int copy,
                           bool blanks);
/* The file of that name is <id>.rec.other from now on. */
int recording_keep_aside(int folder_fd, const char *id);

/* Sorted by name; the caller frees. */
int recording_list(int folder_fd, char (**ret_ids)[SESSION_ID_MAX], size_t *ret_n);
/* When it was last written to, by the file system's clock: good for an order, not for a date. 0: not known. */
int64_t recording_written_nsec(int folder_fd, const char *id);

bool recording_stands(int folder_fd, const char *id);

/* As recording_read, of one that is open; fd < 0: of what waits. */
int recording_read_open(int fd, const char *tail, size_t tail_length, char **ret,
                        size_t *ret_length, size_t *ret_blank);
/* The whole lines of one, |tail| behind what is in the file, with a NUL behind them; the caller
 * frees. Pages that cannot be read are blank, so many bytes: *ret_blank; -EIO: all are. */
int recording_read(int folder_fd, const char *id, const char *tail, size_t tail_length, char **ret,
                   size_t *ret_length, size_t *ret_blank);
