/* SPDX-License-Identifier: MIT */
/*
 * One recording. A line goes to the kernel at once, or, once something of this file waits, behind
 * that into memory; the order of the bytes is never changed. Memory is bounded: lines beyond the
 * bound are dropped whole, newest first, and their bytes counted. Only the rest of a line whose first
 * part a full disk still took is kept whatever the bound.
 *
 * One sync at most is under way for a file. A recording that is closed stays here until nothing of it
 * waits and a sync of its last byte came back.
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

static void mark_dirty(struct recording_file *file)
{
    file->dirty = true;
    recorder_arm_sync(file->recorder);
}

/* As much as goes; ret_written is set also on failure, a disk may take half a line. */
static int write_bytes(struct recording_file *file, const char *bytes, size_t length,
                       size_t *ret_written)
{
    size_t written = 0;
    int r = 0;

    while (written < length && r == 0) {
        ssize_t n = write(file->fd, bytes + written, length - written);
        if (n > 0)
            written += (size_t)n;
        else if (n == 0)
            r = -EIO;
        else if (errno != EINTR)
            r = -errno;
    }
    if (written > 0)
        mark_dirty(file);
    *ret_written = written;
    return r;
}

static bool make_room(struct recording_file *file, size_t length)
{
    size_t room = file->room ? file->room : 4096;

    while (room < file->n_waiting + length)
        room *= 2;
    if (room == file->room)
        return true;
    char *grown = realloc(file->waiting, room);
    if (!grown)
        return false;
    file->waiting = grown;
    file->room = room;
    return true;
}

/* |begun|: the first part of the line is on the disk, so the rest must follow. */
static void keep_waiting(struct recording_file *file, const char *bytes, size_t length, bool begun)
{
    struct recorder *recorder = file->recorder;
    bool fits = begun || recorder->waiting_bytes + length <= RECORDER_WAITING_MAX;

    if (!fits || !make_room(file, length)) {
        recorder_note_lost(recorder, file->id, length);
        return;
    }
    memcpy(file->waiting + file->n_waiting, bytes, length);
    file->n_waiting += length;
    recorder->waiting_bytes += length;
}

static void drop_waiting(struct recording_file *file, size_t length)
{
    if (length == 0)
        return;
    memmove(file->waiting, file->waiting + length, file->n_waiting - length);
    file->n_waiting -= length;
    file->recorder->waiting_bytes -= length;
    if (file->n_waiting > 0)
        return;
    free(file->waiting);
    file->waiting = NULL;
    file->room = 0;
}

static int open_in_folder(struct recording_file *file)
{
    int r = recorder_ensure_folder(file->recorder);
    return r < 0 ? r : recording_file_open(file->recorder->folder_fd, file->id);
}

static int put_back_in_folder(struct recording_file *file)
{
    int r = recorder_ensure_folder(file->recorder);
    return r < 0 ? r : recording_put_back(file->recorder->folder_fd, file->id, file->fd);
}

/* Also when somebody removed the folder: then ours is a descriptor of nothing. */
static int call_in_folder(struct recording_file *file, int (*call)(struct recording_file *file))
{
    int r = call(file);
    if (r != -ENOENT)
        return r;
    closep(&file->recorder->folder_fd);
    file->recorder->folder_fd = -1;
    return call(file);
}

/* A file that was there before may be of a process that was killed before it could sync the folder. */
static int ensure_open(struct recording_file *file)
{
    if (file->fd >= 0)
        return 0;
    int fd = call_in_folder(file, open_in_folder);
    if (fd < 0)
        return fd;
    file->fd = fd;
    file->new_in_folder = true;
    mark_dirty(file);
    return 0;
}

int recording_file_ensure_stands(struct recording_file *file)
{
    if (file->fd < 0 || recording_is_at(file->recorder->folder_fd, file->id, file->fd))
        return 0;
    int fd = call_in_folder(file, put_back_in_folder);
    file->astray = fd < 0;
    if (fd < 0)
        return fd;
    closep(&file->fd);
    file->fd = fd;
    log_warning("Recording %s was removed while it was written to; it is put back whole", file->id);
    return 0;
}

static int write_waiting(struct recording_file *file)
{
    size_t written;

    int r = ensure_open(file);
    if (r < 0 || file->n_waiting == 0)
        return r;
    r = write_bytes(file, file->waiting, file->n_waiting, &written);
    drop_waiting(file, written);
    return r;
}

void recorder_append(struct recording_file *file, const char *lines, size_t length)
{
    size_t written = 0;
    int r = -EAGAIN;

    if (file->fd >= 0 && file->n_waiting == 0)
        r = write_bytes(file, lines, length, &written);
    if (r == 0)
        return;
    keep_waiting(file, lines + written, length - written, written > 0);
    if (r == -EAGAIN) /* behind what waits already */
        recorder_note_failure(file->recorder, file->id, file->recorder->error);
    else
        recorder_note_failure(file->recorder, file->id, r);
}

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
    int r = write_waiting(file);
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
    drop_waiting(file, file->n_waiting);
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
    int r = ensure_open(file);
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
    size_t waiting = file->n_waiting;
    int r = waiting > 0 ? write_waiting(file) : 0;

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
