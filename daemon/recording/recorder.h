/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * sessions/<id>.rec: what a session is made of, appended by write(2) as it comes, so that a killed
 * process loses nothing; fdatasync each 8 s on the worker, so that a power cut loses at most 10 s where
 * the disk needs no more than 2 s for it.
 * A full or read-only disk is said once, the lines wait in memory (bounded) and go out when there is
 * room again. The file's format is lib/recording.h.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "daemon/worker.h"

struct recorder;
struct recording_file; /* one open recording */

int recorder_new(struct recorder **ret, sd_event *event, struct worker *worker,
                 const char *state_dir);
struct recorder *recorder_free(struct recorder *recorder);     /* writes and syncs what is left */
const char *recorder_problem(const struct recorder *recorder); /* plain sentence or NULL */
void recorder_on_problem(struct recorder *recorder, void (*handler)(void *userdata),
                         void *userdata);

/*
 * Opens for append, or creates; a torn last line (no newline) is cut off first. A disk that does not
 * take it is no failure here: the lines wait. -EINVAL: no id for a file name; -EBUSY: open already, or
 * on its way to be closed for somebody who waits for that.
 */
int recorder_open(struct recorder *recorder, const char *session_id, struct recording_file **ret);
/* Whole lines, with their newline. Never fails for the caller: see recorder_problem. */
void recorder_append(struct recording_file *file, const char *lines, size_t length);
/*
 * Lines of which all are taken or none: what the disk does not take waits, all of it. -ENOBUFS: more
 * than may wait; -ENOMEM; then nothing of it stands anywhere.
 */
int recorder_append_all(struct recording_file *file, const char *lines, size_t length);
/*
 * `done` runs on the loop, once, when what was appended so far is on the disk, however long that takes. Not
 * when it is lost before that, nor from recorder_free. -ENOMEM: it never will.
 */
int recorder_when_on_disk(struct recording_file *file, void (*done)(void *userdata),
                          void *userdata);
/* Whatever waits so with this userdata is forgotten. */
void recorder_never_mind(struct recorder *recorder, const void *userdata);
/*
 * What was appended so far is on the disk before what the worker is given from now on begins; but nothing of
 * it while the disk does not take it: it waits, or its file is being written anew or cannot be opened. Nor
 * when that sync fails. What is stored after that is then ahead of the recording: recorder_when_on_disk
 * waits.
 */
void recorder_sync(struct recording_file *file);
/*
 * One line that says whose it is, since when or with which sensors (recording_has_copies): it is appended
 * now, and again further on, as a page of the disk that rots would take all with it that hangs on it.
 */
void recorder_declare(struct recording_file *file, const char *line, size_t length);
/* One that stands in the file already, at that place; without its sum. */
void recorder_recall(struct recording_file *file, const char *said, size_t length, uint32_t place);
/*
 * Syncs and closes; `done` (may be NULL) runs on the loop when it is on the disk, however long that
 * takes. It does not run from recorder_free.
 */
void recorder_close(struct recording_file *file, void (*done)(void *userdata), void *userdata);
/* What waits is tried once more now: at a stop, before the worker is waited for. Waits for no disk's sync. */
void recorder_write(struct recorder *recorder);
/* A recording of this id is open or stands in the folder. */
bool recorder_has(struct recorder *recorder, const char *session_id);
/* Ids that stand in the folder, and the bytes of one, with what waits for room on the disk; blank where a
 * page of it cannot be read, which is said. -EIO: none can. */
int recorder_list(struct recorder *recorder, char (**ret_ids)[64], size_t *ret_n);
/* When it was last written to: good for an order, not for a date. 0: not known. */
int64_t recorder_written_nsec(struct recorder *recorder, const char *session_id);
int recorder_read(struct recorder *recorder, const char *session_id, char **ret,
                  size_t *ret_length);
