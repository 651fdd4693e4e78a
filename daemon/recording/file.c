/* SPDX-License-Identifier: MIT */
/*
 * One recording: its syncs, its way back into the folder, its end. What waits for the disk is done by the
 * worker, for a file one at a time (but what has to stand before an event is told waits for none):
 *
 *   start_sync ──it stands──────────────────> sync ──> on_synced ──> finish_if_closed
 *       │                                      ^
 *       └─somebody removed it─> copy ──> on_copied: what came meanwhile, and the name
 *         or a sync failed
 *
 * One whose end cannot be read when it is to be opened is copied by the worker, too, as far as it can be;
 * until then it is not open, and what comes waits.
 *
 * A sync that failed is never repeated: the kernel has told of it once and holds what it could not write
 * for written, so that the next one says that all is well. What can still be read is written anew.
 *
 * A recording that is closed stays here until nothing of it waits and a sync of its last byte came back.
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
    struct sync *next;           /* of the file */
    struct recording_file *file; /* NULL: nobody asks any more; touched by the loop only */
    char id[SESSION_ID_MAX];
    int fd, folder_fd;
    uint64_t length; /* of the file, when it was posted, without what waited */
    int copy;        /* of a file that is put back; -1: none */
    bool blanks;     /* in it, where that could not be read */
    bool failed;     /* of the file; it may be the folder's only */
};

static void finish_if_closed(struct recording_file *file);

static int run_sync(void *data)
{
    struct sync *sync = data;

    sync->failed = fdatasync(sync->fd) < 0;
    if (sync->failed)
        return -errno;
    return sync->folder_fd >= 0 ? recording_folder_sync(sync->folder_fd) : 0;
}

static void sync_free(struct sync *sync)
{
    closep(&sync->fd);
    closep(&sync->folder_fd);
    closep(&sync->copy);
    free(sync);
}

static void unlink_sync(struct recording_file *file, struct sync *sync)
{
    struct sync **at = &file->syncs;

    while (*at != sync)
        at = &(*at)->next;
    *at = sync->next;
}

static void on_synced(void *data, int result)
{
    struct sync *sync = data;
    struct recording_file *file = sync->file;
    bool with_folder = sync->folder_fd >= 0, failed = sync->failed;
    uint64_t length = sync->length;

    if (file)
        unlink_sync(file, sync);
    sync_free(sync);
    if (!file)
        return;
    if (result < 0) {
        file->dirty = file->sync_failed = true; /* posted again by the retry */
        file->astray |= failed;
        recorder_note_failure(file->recorder, file->id, result);
        return;
    }
    file->sync_failed = false;
    if (with_folder)
        file->new_in_folder = false;
    recorder_settle(file->recorder);
    if (!file->astray)
        recording_file_tell_durable(file, length);
    if ((file->closing || file->overdue) && file->dirty)
        recording_file_start_sync(file);
    else
        finish_if_closed(file);
}

/* fd -1: of one that is not open. */
static int post(struct recording_file *file, bool with_folder, int (*run)(void *data),
                void (*done)(void *data, int result))
{
    struct recorder *recorder = file->recorder;
    struct sync *sync = malloc(sizeof(*sync));

    if (!sync)
        return -ENOMEM;
    *sync = (struct sync){ .file = file,
                           .length = file->length - file->n_waiting,
                           .fd = file->fd < 0 ? -1 : fcntl(file->fd, F_DUPFD_CLOEXEC, 3),
                           .folder_fd = -1,
                           .copy = -1 };
    memcpy(sync->id, file->id, sizeof(sync->id));
    if (with_folder)
        sync->folder_fd = fcntl(recorder->folder_fd, F_DUPFD_CLOEXEC, 3);
    int r = (file->fd >= 0 && sync->fd < 0) || (with_folder && sync->folder_fd < 0)
                ? -errno
                : worker_post(recorder->worker, &(struct worker_job){ run, done, sync });
    if (r < 0) {
        sync_free(sync);
        return r;
    }
    sync->next = file->syncs;
    file->syncs = sync;
    return 0;
}

static int post_sync(struct recording_file *file)
{
    int r = post(file, file->new_in_folder, run_sync, on_synced);

    if (r >= 0)
        file->dirty = false;
    return r;
}

/* ---- back into the folder --------------------------------------------------------------------- */

#define BY_WORKER "new"

static int run_copy(void *data)
{
    struct sync *sync = data;

    sync->copy = recording_copy(sync->folder_fd, sync->id, BY_WORKER, sync->fd, &sync->blanks);
    return sync->copy < 0 ? sync->copy : 0;
}

/* It is whole there, with what came since; that it has its name is synced next. */
static void take_copy(struct recording_file *file, int copy, bool blanks)
{
    closep(&file->fd);
    file->fd = copy;
    file->astray = false;
    file->new_in_folder = true;
    if (blanks)
        recording_file_say_in_part(file);
    else
        log_warning("Recording %s %s while it was written to; it is put back whole", file->id,
                    file->sync_failed ? "was not taken by the disk" : "was removed");
}

static void on_copied(void *data, int result)
{
    struct sync *sync = data;
    struct recording_file *file = sync->file;
    int r = result;

    if (r >= 0)
        r = file ? recording_copy_move_in(sync->folder_fd, sync->id, BY_WORKER, file->fd,
                                          sync->copy, sync->blanks)
                 : -ECANCELED;
    if (r < 0)
        recording_copy_drop(sync->folder_fd, sync->id, BY_WORKER);
    if (file) {
        unlink_sync(file, sync);
        file->copying = false;
        if (r >= 0)
            take_copy(file, TAKE_FD(sync->copy), sync->blanks);
    }
    sync_free(sync);
    if (file && r == -ENODATA)
        r = recording_file_open_anew(file);
    if (file && r < 0)
        recorder_note_failure(file->recorder, file->id, r);
    else if (file)
        recording_file_try_again(file);
}

/* ---- one that cannot be opened, as its end cannot be read --------------------------------------- */

static int run_save(void *data)
{
    struct sync *sync = data;

    sync->copy =
        recording_save_copy(sync->folder_fd, sync->id, BY_WORKER, &sync->fd, &sync->blanks);
    return sync->copy < 0 ? sync->copy : 0;
}

/* Consumes the copy. */
static int take_saved(struct recording_file *file, int folder_fd, const char *word, int fd,
                      int copy, bool blanks)
{
    int r = recording_save_move_in(folder_fd, file->id, word, fd, copy, blanks);

    if (r < 0) {
        closep(&copy);
        return r;
    }
    recording_file_take(file, copy);
    if (blanks)
        recording_file_say_in_part(file);
    else
        log_warning("Recording %s could not be read at first; it is written anew", file->id);
    return 0;
}

static void on_saved(void *data, int result)
{
    struct sync *sync = data;
    struct recording_file *file = sync->file;
    int r = result;

    if (file) {
        unlink_sync(file, sync);
        file->copying = false;
    }
    if (r >= 0 && file)
        r = take_saved(file, sync->folder_fd, BY_WORKER, sync->fd, TAKE_FD(sync->copy),
                       sync->blanks);
    else if (r >= 0)
        recording_copy_drop(sync->folder_fd, sync->id, BY_WORKER);
    sync_free(sync);
    if (!file)
        return;
    if (r == -ENODATA)
        r = recording_file_begin_another(file);
    if (r < 0)
        recorder_note_failure(file->recorder, file->id, r);
    else
        recording_file_try_again(file);
}

static void note_not_open(struct recording_file *file, int error)
{
    if (file->spoiled && !file->copying) {
        int r = post(file, true, run_save, on_saved);
        file->copying = r >= 0;
        if (r < 0)
            error = r;
    }
    recorder_note_failure(file->recorder, file->id, error);
}

/* By whoever may wait, though the worker may be at it. */
static int open_last(struct recording_file *file)
{
    bool blanks;
    int old = -1;

    file->copying = false;
    int r = recording_file_ensure_open(file);
    if (!file->spoiled)
        return r;
    const int folder_fd = file->recorder->folder_fd;
    int copy = recording_save_copy(folder_fd, file->id, RECORDER_BY_US, &old, &blanks);
    if (copy < 0)
        r = copy == -ENODATA ? recording_file_begin_another(file) : copy;
    else
        r = take_saved(file, folder_fd, RECORDER_BY_US, old, copy, blanks);
    closep(&old);
    return r;
}

/* ---- back into the folder, by us ---------------------------------------------------------------- */

static bool stands(const struct recording_file *file)
{
    return !file->astray && recording_is_at(file->recorder->folder_fd, file->id, file->fd);
}

static int post_copy(struct recording_file *file)
{
    file->astray = true;
    int r = recorder_ensure_folder(file->recorder);
    if (r >= 0)
        r = post(file, true, run_copy, on_copied);
    if (r >= 0)
        file->copying = true;
    return r;
}

/* By whoever may wait. */
static int put_back(struct recording_file *file)
{
    int r = recorder_ensure_folder(file->recorder);
    if (r < 0)
        return r;
    const int folder_fd = file->recorder->folder_fd;
    bool blanks;
    _cleanup_close_ int copy =
        recording_copy(folder_fd, file->id, RECORDER_BY_US, file->fd, &blanks);
    if (copy < 0)
        return copy;
    r = recording_copy_move_in(folder_fd, file->id, RECORDER_BY_US, file->fd, copy, blanks);
    if (r < 0)
        recording_copy_drop(folder_fd, file->id, RECORDER_BY_US);
    else
        take_copy(file, TAKE_FD(copy), blanks);
    return r;
}

/* Before what waits is written: a disk that is gone takes none of it. */
static int ensure_stands(struct recording_file *file)
{
    int r = file->fd < 0 ? 0 : recorder_ensure_folder(file->recorder);
    if (r < 0 || file->fd < 0 || stands(file))
        return r;
    r = put_back(file);
    return r == -ENODATA ? recording_file_open_anew(file) : r;
}

static void sync_now(struct recording_file *file)
{
    int r = stands(file) ? post_sync(file) : post_copy(file);
    if (r < 0)
        recorder_note_failure(file->recorder, file->id, r);
}

/* One at a time: a slow disk has enough of it. */
void recording_file_start_sync(struct recording_file *file)
{
    file->overdue = file->syncs && file->dirty;
    if (file->fd >= 0 && !file->syncs && file->dirty)
        sync_now(file);
}

void recorder_sync(struct recording_file *file)
{
    if (file->fd >= 0 && file->dirty && !file->copying)
        sync_now(file);
}

int recorder_when_on_disk(struct recording_file *file, void (*done)(void *userdata), void *userdata)
{
    int r = recording_file_add_durable(file, done, userdata);

    if (r < 0)
        return r;
    recording_file_mark_dirty(file); /* if it is not, what synced it tells of it to nobody */
    recorder_sync(file);
    return 0;
}

/* ---- the end ---------------------------------------------------------------------------------- */

void recording_file_try_again(struct recording_file *file)
{
    int r = recording_file_write_waiting(file);
    if (file->fd >= 0 && !stands(file)) { /* it may be on a disk that is gone: what waits follows */
        file->dirty = true;
        recording_file_start_sync(file);
    } else if (r < 0)
        note_not_open(file, r);
    else if (file->sync_failed || file->closing || file->new_in_folder)
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
    recording_file_drop_durables(file);
    for (struct sync *sync = file->syncs; sync; sync = sync->next)
        sync->file = NULL;
    closep(&file->fd);
    free(file);
}

static void finish_if_closed(struct recording_file *file)
{
    if (!file->closing || file->syncs || file->dirty || file->n_waiting > 0)
        return;
    if (!stands(file)) { /* somebody removed it while its last byte was synced */
        file->dirty = true;
        sync_now(file);
        return;
    }
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
        note_not_open(file, r);
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
    int r = ensure_stands(file);
    if (r < 0)
        log_error_errno(r, "Recording %s was removed and could not be put back: %m", file->id);
    r = file->n_waiting > 0 && file->fd < 0 ? open_last(file) : 0;
    if (r >= 0 && file->n_waiting > 0)
        r = recording_file_write_waiting(file);
    if (r < 0)
        log_error_errno(r, "Recording %s: %zu bytes could not be written: %m", file->id,
                        file->n_waiting);
    if (file->fd < 0)
        return;
    r = fdatasync(file->fd) < 0 ? -errno : 0;
    if (r >= 0 && file->new_in_folder)
        r = recording_folder_sync(file->recorder->folder_fd);
    if (r < 0)
        log_error_errno(r, "Recording %s could not be synced: %m", file->id);
}
