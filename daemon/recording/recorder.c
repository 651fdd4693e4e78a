/* SPDX-License-Identifier: MIT */
/*
 * Recordings are the one thing everything else can be computed from again, so a line is with the
 * kernel before recorder_append returns: a process killed after that loses nothing. fdatasync, which
 * may take seconds, runs on the worker each 8 s, and at the end of a recording.
 *
 * What the disk does not take (full, read-only, failing, not even there) stays in memory, in order,
 * and is tried again each 5 s; once something of a file waits, all later lines of it wait behind it.
 * Memory is bounded: lines beyond the bound are dropped whole, newest first, and their bytes counted.
 * A file that somebody removes or replaces while it is open lives in our descriptor alone: each sync
 * looks for it first, and puts it back whole.
 *
 *   append ──write──> file ──8 s───> fdatasync on the worker
 *      └─ refused ─> waiting ──5 s──┘
 */
#include "daemon/recording/private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "daemon/log.h"
#include "daemon/recording/disk.h"
#include "daemon/util.h"

/* ---- the timers ---------------------------------------------------------------------------- */

static void on_sync_timer(void *userdata, uint64_t now_usec)
{
    struct recorder *recorder = userdata;
    bool again = false;

    recorder->sync_armed = false;
    for (struct recording_file *file = recorder->files; file; file = file->next) {
        recording_file_start_sync(file);
        again |= file->dirty && file->fd >= 0;
    }
    if (again) /* a slow disk is at the one before still */
        recorder_arm_sync(recorder);
}

void recorder_write(struct recorder *recorder)
{
    int r = recorder_ensure_folder(recorder);
    if (r < 0)
        recorder_note_failure(recorder, recorder->folder, r);
    for (struct recording_file *file = recorder->files; file; file = file->next)
        recording_file_try_again(file);
    recorder_settle(recorder);
}

static void on_retry(void *userdata, uint64_t now_usec)
{
    struct recorder *recorder = userdata;

    recorder->retry_armed = false;
    recorder_write(recorder);
}

/* ---- recordings ---------------------------------------------------------------------------- */

static struct recording_file *find_file(struct recorder *recorder, const char *id)
{
    struct recording_file *file = recorder->files;
    while (file && strcmp(file->id, id) != 0)
        file = file->next;
    return file;
}

int recorder_open(struct recorder *recorder, const char *session_id, struct recording_file **ret)
{
    if (!recording_id_is_valid(session_id))
        return -EINVAL;
    struct recording_file *file = find_file(recorder, session_id);
    if (!file)
        return recording_file_new(recorder, session_id, ret);
    if (!file->closing || file->done)
        return -EBUSY;
    file->closing = false; /* more is to be added, and nobody waits for its end */
    *ret = file;
    return 0;
}

int recorder_list(struct recorder *recorder, char (**ret_ids)[64], size_t *ret_n)
{
    int r = recorder_ensure_folder(recorder);
    if (r < 0)
        return r;
    return recording_list(recorder->folder_fd, ret_ids, ret_n);
}

int64_t recorder_written_nsec(struct recorder *recorder, const char *session_id)
{
    return recorder_ensure_folder(recorder) < 0
               ? 0
               : recording_written_nsec(recorder->folder_fd, session_id);
}

static int read_one(struct recorder *recorder, const char *session_id, char **ret,
                    size_t *ret_length, size_t *ret_blank)
{
    const struct recording_file *file = find_file(recorder, session_id);

    if (file && file->fd >= 0) /* somebody may have removed it */
        return recording_read_open(file->fd, file->waiting, file->n_waiting, ret, ret_length,
                                   ret_blank);
    int r = recorder_ensure_folder(recorder);
    if (r < 0)
        return r;
    return recording_read(recorder->folder_fd, session_id, file ? file->waiting : NULL,
                          file ? file->n_waiting : 0, ret, ret_length, ret_blank);
}

int recorder_read(struct recorder *recorder, const char *session_id, char **ret, size_t *ret_length)
{
    size_t blank = 0;
    int r = read_one(recorder, session_id, ret, ret_length, &blank);

    if (blank > 0)
        log_warning("Recording %s: %zu bytes of it cannot be read from the disk", session_id,
                    blank);
    return r;
}

bool recorder_has(struct recorder *recorder, const char *session_id)
{
    return find_file(recorder, session_id) || (recorder_ensure_folder(recorder) >= 0 &&
                                               recording_stands(recorder->folder_fd, session_id));
}

/* ---- life of the recorder ------------------------------------------------------------------ */

static void recorder_freep(struct recorder **recorder)
{
    recorder_free(*recorder);
}

int recorder_new(struct recorder **ret, sd_event *event, struct worker *worker,
                 const char *state_dir)
{
    _cleanup_(recorder_freep) struct recorder *recorder = calloc(1, sizeof(*recorder));
    if (!recorder)
        return -ENOMEM;
    recorder->worker = worker;
    recorder->folder_fd = -1;
    if (asprintf(&recorder->folder, "%s/" RECORDING_FOLDER, state_dir) < 0) {
        recorder->folder = NULL;
        return -ENOMEM;
    }
    int r = clock_timer_new(&recorder->sync_timer, event, CLOCK_NEVER, on_sync_timer, recorder);
    if (r < 0)
        return r;
    r = clock_timer_new(&recorder->retry_timer, event, CLOCK_NEVER, on_retry, recorder);
    if (r < 0)
        return r;
    r = recorder_ensure_folder(recorder);
    if (r < 0)
        recorder_note_failure(recorder, recorder->folder, r);
    *ret = TAKE_PTR(recorder);
    return 0;
}

struct recorder *recorder_free(struct recorder *recorder)
{
    if (!recorder)
        return NULL;
    while (recorder->files) {
        recording_file_write_last(recorder->files);
        recording_file_free(recorder->files);
    }
    clock_timer_unref(recorder->retry_timer);
    clock_timer_unref(recorder->sync_timer);
    closep(&recorder->folder_fd);
    free(recorder->folder);
    free(recorder);
    return NULL;
}

const char *recorder_problem(const struct recorder *recorder)
{
    return recorder->problem[0] ? recorder->problem : NULL;
}

void recorder_on_problem(struct recorder *recorder, void (*handler)(void *userdata), void *userdata)
{
    recorder->on_problem = handler;
    recorder->on_problem_userdata = userdata;
}
