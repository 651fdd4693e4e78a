/* SPDX-License-Identifier: MIT */
/*
 * One recording: its syncs and its end. One sync at most is under way for a file. A recording that is
 * closed stays here until nothing of it waits and a sync of its last byte came back.
 */
#include "daemon/recording/private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "daemon/log.h"
#include "daemon/recording/disk.h"
#include "daemon/util.h"

/* Owns its descriptors, so that it outlives file and recorder. */
struct sync {
    struct recording_file *file; /* NULL: nobody asks any more; touched by the loop only */
    int fd, folder_fd;
};

static void finish_if_closed(struct recording_file *file);

static int run_sync(void *data)
{
    struct sync *sync = data;

    if (fdatasync(sync->fd) < 0)
        return -errno;
    return sync->folder_fd >= 0 ? recording_folder_sync(sync->folder_fd) : 0;
}

static void sync_free(struct sync *sync)
{
    closep(&sync->fd);
    closep(&sync->folder_fd);
    free(sync);
}

static void on_synced(void *data, int result)
{
    struct sync *sync = data;
    struct recording_file *file = sync->file;
    bool with_folder = sync->folder_fd >= 0;

    sync_free(sync);
    if (!file)
        return;
    file->sync = NULL;
    if (result < 0) {
        file->dirty = file->sync_failed = true; /* posted again by the retry */
        recorder_note_failure(file->recorder, file->id, result);
        return;
    }
    file->sync_failed = false;
    if (with_folder)
        file->new_in_folder = false;
    recorder_settle(file->recorder);
    if ((file->closing || file->overdue) && file->dirty)
        recording_file_start_sync(file);
    else
        finish_if_closed(file);
}

static int post_sync(struct recording_file *file)
{
    struct recorder *recorder = file->recorder;
    struct sync *sync = malloc(sizeof(*sync));

    if (!sync)
        return -ENOMEM;
    *sync =
        (struct sync){ .file = file, .fd = fcntl(file->fd, F_DUPFD_CLOEXEC, 3), .folder_fd = -1 };
    if (sync->fd >= 0 && file->new_in_folder)
        sync->folder_fd = fcntl(recorder->folder_fd, F_DUPFD_CLOEXEC, 3);
    int r = sync->fd < 0 || (file->new_in_folder && sync->folder_fd < 0)
                ? -errno
                : worker_post(recorder->worker, &(struct worker_job){ run_sync, on_synced, sync });
    if (r < 0) {
        sync_free(sync);
        return r;
    }
    file->sync = sync;
    file->dirty = false;
    return 0;
}

void recording_file_start_sync(struct recording_file *file)
{
    file->overdue = file->sync && file->dirty;
    if (file->fd < 0 || file->sync || !file->dirty)
        return;
    int r = recording_file_ensure_stands(file);
    if (r >= 0)
        r = post_sync(file);
    if (r < 0)
        recorder_note_failure(file->recorder, file->id, r);
}

void recording_file_try_again(struct recording_file *file)
{
    int r = recording_file_write_waiting(file);
    if (r < 0)
        recorder_note_failure(file->recorder, file->id, r);
    else if (file->sync_failed || file->closing || file->new_in_folder || file->astray)
        recording_file_start_sync(file);
}

static void unlink_from_list(struct recording_file *file)
{
    struct recording_file **p = &file->recorder->files;
    while (*p != file)
        p = &(*p)->next;
    *p = file->next;
}

void recording_file_free(struct recording_file *file)
{
    unlink_from_list(file);
    recording_file_drop_waiting(file, file->n_waiting);
    free(file->copies);
    if (file->sync)
        file->sync->file = NULL;
    closep(&file->fd);
    free(file);
}

static void finish_if_closed(struct recording_file *file)
{
    if (!file->closing || file->sync || file->dirty || file->n_waiting > 0)
        return;
    void (*done)(void *userdata) = file->done;
    void *userdata = file->userdata;

    recording_file_free(file);
    if (done)
        done(userdata);
}

int recording_file_new(struct recorder *recorder, const char *id, struct recording_file **ret)
{
    struct recording_file *file = calloc(1, sizeof(*file));
    if (!file)
        return -ENOMEM;
    file->recorder = recorder;
    file->fd = -1;
    snprintf(file->id, sizeof(file->id), "%s", id);
    file->next = recorder->files;
    recorder->files = file;
    int r = recording_file_ensure_open(file);
    if (r < 0)
        recorder_note_failure(recorder, file->id, r);
    else
        recording_file_start_sync(file);
    *ret = file;
    return 0;
}

void recorder_close(struct recording_file *file, void (*done)(void *userdata), void *userdata)
{
    if (!file)
        return;
    recording_file_write_uncopied(file);
    file->closing = true;
    file->done = done;
    file->userdata = userdata;
    file->dirty = true; /* also a recording that nothing was added to is told to be on the disk */
    if (file->n_waiting == 0)
        recording_file_start_sync(file);
}

/* The worker may be gone by now, so the last of it is done here: nothing but us is left to wait. */
void recording_file_write_last(struct recording_file *file)
{
    recording_file_write_uncopied(file);
    size_t waiting = file->n_waiting;
    int r = waiting > 0 ? recording_file_write_waiting(file) : 0;

    if (r < 0)
        log_error_errno(r, "Recording %s: %zu bytes could not be written: %m", file->id,
                        file->n_waiting);
    if (file->fd < 0)
        return;
    r = recording_file_ensure_stands(file);
    if (r < 0)
        log_error_errno(r, "Recording %s was removed and could not be put back: %m", file->id);
    r = fdatasync(file->fd) < 0 ? -errno : 0;
    if (r >= 0 && file->new_in_folder)
        r = recording_folder_sync(file->recorder->folder_fd);
    if (r < 0)
        log_error_errno(r, "Recording %s could not be synced: %m", file->id);
}
