/* SPDX-License-Identifier: MIT */
/*
 * What the recorder and each of its files stand on: a folder that may not be there yet, the times of
 * the next sync and the next try, and what is wrong, in a sentence. It is said when it begins, when it
 * changes and when it is over.
 */
#include "daemon/recording/private.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "daemon/log.h"
#include "daemon/recording/disk.h"
#include "daemon/util.h"

/*
 * Somebody removed it, or, when nothing can be written, its disk went away and came back: ours is a
 * descriptor of nothing. While nothing stands there it is waited for; one that is made in the place where
 * the disk is to be mounted would be hidden by it.
 */
static bool folder_is_gone(const struct recorder *recorder)
{
    struct stat ours, there;

    bool known = fstat(recorder->folder_fd, &ours) == 0;
    if (known && ours.st_nlink == 0)
        return true;
    return recorder->error != 0 && stat(recorder->folder, &there) == 0 && S_ISDIR(there.st_mode) &&
           (!known || there.st_dev != ours.st_dev || there.st_ino != ours.st_ino);
}

int recorder_ensure_folder(struct recorder *recorder)
{
    if (recorder->folder_fd >= 0 && !folder_is_gone(recorder))
        return 0;
    closep(&recorder->folder_fd);
    int fd = recording_folder_open(recorder->folder);
    if (fd < 0)
        return fd;
    recorder->folder_fd = fd;
    return 0;
}

void recorder_arm_sync(struct recorder *recorder)
{
    if (recorder->sync_armed)
        return;
    recorder->sync_armed = true;
    clock_timer_set(recorder->sync_timer, clock_now_usec() + RECORDER_SYNC_USEC);
}

static void render_problem(struct recorder *recorder)
{
    char *text = recorder->problem;
    const size_t size = sizeof(recorder->problem);

    if (recorder->error != 0 && recorder->lost_bytes > 0)
        snprintf(text, size,
                 "Recordings cannot be written (%s): %zu bytes wait, %" PRIu64 " were lost.",
                 strerrordesc_np(-recorder->error), recorder->waiting_bytes, recorder->lost_bytes);
    else if (recorder->error != 0)
        snprintf(text, size, "Recordings cannot be written (%s): %zu bytes wait in memory.",
                 strerrordesc_np(-recorder->error), recorder->waiting_bytes);
    else if (recorder->lost_bytes > 0)
        snprintf(text, size, "%" PRIu64 " bytes of recordings were lost while the disk took none.",
                 recorder->lost_bytes);
    else
        text[0] = '\0';
}

static void problem_changed(struct recorder *recorder)
{
    render_problem(recorder);
    if (recorder->on_problem)
        recorder->on_problem(recorder->on_problem_userdata);
}

static void arm_retry(struct recorder *recorder)
{
    if (recorder->retry_armed)
        return;
    recorder->retry_armed = true;
    clock_timer_set(recorder->retry_timer, clock_now_usec() + RECORDER_RETRY_USEC);
}

/* Logged when trouble begins; while it lasts only the sentence follows. */
void recorder_note_failure(struct recorder *recorder, const char *what, int error)
{
    int before = recorder->error;

    recorder->error = error;
    arm_retry(recorder);
    if (before == error) {
        render_problem(recorder); /* the figures moved */
        return;
    }
    if (before == 0)
        log_warning_errno(error, "Cannot write recording %s: %m; it waits in memory", what);
    problem_changed(recorder);
}

void recorder_note_lost(struct recorder *recorder, const char *id, size_t length)
{
    bool first = recorder->lost_bytes == 0;

    recorder->lost_bytes += length;
    if (!first) {
        render_problem(recorder);
        return;
    }
    log_error("Recording %s: no room in memory for what the disk does not take; lines are lost",
              id);
    problem_changed(recorder);
}

static bool file_is_troubled(const struct recording_file *file)
{
    return file->fd < 0 || file->n_waiting > 0 || file->sync_failed || file->astray;
}

static bool is_troubled(const struct recorder *recorder)
{
    bool troubled = recorder->folder_fd < 0;
    for (struct recording_file *file = recorder->files; file; file = file->next)
        troubled |= file_is_troubled(file);
    return troubled;
}

void recorder_settle(struct recorder *recorder)
{
    if (recorder->error == 0)
        return;
    if (is_troubled(recorder)) {
        arm_retry(recorder);
        return;
    }
    recorder->error = 0;
    log_notice("Recordings are written again; %" PRIu64 " bytes were lost", recorder->lost_bytes);
    problem_changed(recorder);
}
