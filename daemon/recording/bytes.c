/* SPDX-License-Identifier: MIT */
/*
 * The bytes of one recording. A line goes to the kernel at once, or, once something of this file waits,
 * behind that into memory; the order of the bytes is never changed. Memory is bounded: lines beyond the
 * bound are dropped whole, newest first, and their bytes counted. Only the rest of a line whose first
 * part a full disk still took is kept whatever the bound.
 */
#include "daemon/recording/private.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "daemon/log.h"
#include "daemon/recording/disk.h"
#include "daemon/util.h"
#include "lib/recording.h"

void recording_file_mark_dirty(struct recording_file *file)
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
    if (written > 0) {
        recording_file_mark_dirty(file);
        file->torn = bytes[written - 1] != '\n';
    }
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
        file->length -= length;
        return;
    }
    memcpy(file->waiting + file->n_waiting, bytes, length);
    file->n_waiting += length;
    recorder->waiting_bytes += length;
}

static void let_room_go(struct recording_file *file)
{
    if (file->n_waiting > 0)
        return;
    free(file->waiting);
    file->waiting = NULL;
    file->room = 0;
}

void recording_file_drop_waiting(struct recording_file *file, size_t length)
{
    if (length == 0)
        return;
    memmove(file->waiting, file->waiting + length, file->n_waiting - length);
    file->n_waiting -= length;
    file->n_head -= length < file->n_head ? length : file->n_head;
    file->recorder->waiting_bytes -= length;
    let_room_go(file);
}

/* The rest of a line whose first part is lost is none. */
static void drop_torn(struct recording_file *file)
{
    const char *newline =
        file->torn && file->waiting ? memchr(file->waiting, '\n', file->n_waiting) : NULL;

    if (newline)
        recording_file_drop_waiting(file, (size_t)(newline - file->waiting) + 1);
    file->torn = false;
}

void recording_file_say_in_part(const struct recording_file *file)
{
    log_error(
        "Recording %s cannot be read everywhere: what can be stands in a new file, the old one "
        "is kept beside it as .other",
        file->id);
}

int recording_file_begin_another(struct recording_file *file)
{
    int r = recording_keep_aside(file->recorder->folder_fd, file->id);

    if (r < 0)
        return r;
    log_error("Recording %s cannot be read: it is kept as .other, and another begun", file->id);
    file->headless = true;
    return 0;
}

static int open_in_folder(struct recording_file *file)
{
    file->spoiled = false;
    int r = recorder_ensure_folder(file->recorder);
    if (r < 0)
        return r;
    int fd = recording_file_open(file->recorder->folder_fd, file->id);
    file->spoiled = fd == -EIO;
    return fd;
}

/* What waits stands behind so many bytes more. */
static void grow_ahead(struct recording_file *file, uint64_t length)
{
    file->length += length;
    recording_file_move_durables(file, length);
}

static bool put_ahead(struct recording_file *file, const char *bytes, size_t length)
{
    if (length == 0 || !make_room(file, length))
        return false;
    memmove(file->waiting + length, file->waiting, file->n_waiting);
    memcpy(file->waiting, bytes, length);
    file->n_waiting += length;
    file->n_head += length;
    file->recorder->waiting_bytes += length;
    grow_ahead(file, length);
    return true;
}

/* Whose it is may be lost with the rest: it comes first, before what waits. */
static void put_head_ahead(struct recording_file *file)
{
    static const char header[] = RECORDING_HEADER "\n";

    bool is_empty = file->length == file->n_waiting;
    file->headless = false;
    file->has_uncopied = !put_ahead(file, file->copies, file->n_copies) && file->n_copies > 0;
    if (is_empty)
        put_ahead(file, header, strlen(header));
}

/* A file that was there before may be of a process that was killed before it could sync the folder. */
void recording_file_take(struct recording_file *file, int fd)
{
    struct stat stat;

    file->fd = fd;
    file->spoiled = false;
    grow_ahead(file, fstat(fd, &stat) == 0 ? (uint64_t)stat.st_size : 0);
    file->new_in_folder = true;
    if (file->headless)
        put_head_ahead(file);
    recording_file_mark_dirty(file);
}

int recording_file_ensure_open(struct recording_file *file)
{
    if (file->fd >= 0)
        return 0;
    if (file->copying)
        return -EIO;
    int fd = open_in_folder(file);
    if (fd < 0)
        return fd;
    recording_file_take(file, fd);
    return 0;
}

int recording_file_write_waiting(struct recording_file *file)
{
    size_t written;

    int r = recording_file_ensure_open(file);
    if (r < 0 || file->n_waiting == 0)
        return r;
    r = write_bytes(file, file->waiting, file->n_waiting, &written);
    recording_file_drop_waiting(file, written);
    return r;
}

/* Its disk is gone, and the folder is another's, or that one's again as it was when it went; or it stands
 * on a disk that is still there, and so it would with each try. */
int recording_file_open_anew(struct recording_file *file)
{
    const int folder_fd = file->recorder->folder_fd;
    bool same = recording_is_at(folder_fd, file->id, file->fd);

    int r = same ? recording_keep_aside(folder_fd, file->id) : 0;
    if (r < 0)
        return r;
    log_error("Recording %s cannot be read any more; what waits of it %s", file->id,
              same ? "begins another, and it is kept as .other" : "is put behind what stands");
    closep(&file->fd);
    file->astray = false;
    recording_file_drop_durables(file); /* what they wait for may be lost */
    drop_torn(file);
    recording_file_drop_waiting(file, file->n_head);
    file->length = file->n_waiting;
    file->headless = true;
    return recording_file_write_waiting(file);
}

void recording_file_append(struct recording_file *file, const char *lines, size_t length)
{
    size_t written = 0;
    int r = -EAGAIN;

    file->length += length;
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

/* The room to wait in is there before the first byte is written: nothing is dropped then. */
int recording_file_append_all(struct recording_file *file, const char *bytes, size_t length)
{
    if (file->recorder->waiting_bytes + length > RECORDER_WAITING_MAX)
        return -ENOBUFS;
    if (!make_room(file, length))
        return -ENOMEM;
    recording_file_append(file, bytes, length);
    let_room_go(file);
    return 0;
}
