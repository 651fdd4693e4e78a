/* SPDX-License-Identifier: MIT */
/* Lines to the file: they wait in memory until the worker takes all of them at once. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include "daemon/records/private.h"
#include "daemon/listing.h"
#include "daemon/recording/disk.h"
#include "daemon/util.h"

#define FREE_MIN   (96u << 20) /* of it 64 MB are sessions' */
#define NAME_TRIES 100

bool records_put(struct records *records, const char *line, size_t length)
{
    size_t room = records->room ? records->room : 4096;

    while (room < records->length + length)
        room *= 2;
    if (room > RECORDS_WAITING_MAX) {
        records->now.lost++;
        return false;
    }
    if (room > records->room) {
        char *grown = realloc(records->waiting, room);

        if (!grown) {
            records->now.lost++;
            return false;
        }
        records->waiting = grown;
        records->room = room;
    }
    memcpy(records->waiting + records->length, line, length);
    records->length += length;
    records->now.bytes += length;
    return true;
}

/* ---- on the worker ----------------------------------------------------------------------------- */

struct job {
    struct records *records;
    void (*done)(struct records *records, int result);
    int fd;
    char *text; /* open: the name without its end */
    size_t length;
    bool last;
    char path[CONF_TEXT_MAX]; /* open: the file that was made */
};

static int64_t bytes_in(int folder_fd)
{
    _cleanup_closedir_ DIR *dir = NULL;
    int64_t sum = 0;

    if (listing_open(folder_fd, &dir) < 0)
        return 0;
    for (struct dirent *entry; (entry = readdir(dir));) {
        struct stat st;

        if (fstatat(folder_fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode))
            sum += st.st_size;
    }
    return sum;
}

static int check_room(int folder_fd)
{
    struct statvfs disk;

    if (fstatvfs(folder_fd, &disk) < 0)
        return -errno;
    if ((uint64_t)disk.f_bavail * disk.f_frsize < FREE_MIN)
        return -ENOSPC;
    return bytes_in(folder_fd) > RECORDS_FOLDER_MAX - RECORDS_BYTES_MAX ? -EDQUOT : 0;
}

/* One that nobody had: a file that stands there is left alone. */
static int make_file(struct job *job, const char *folder, int folder_fd)
{
    char name[64];

    for (unsigned again = 1; again < NAME_TRIES; again++) {
        if (again == 1)
            snprintf(name, sizeof(name), "%.40s" RECORDING_SUFFIX, job->text);
        else
            snprintf(name, sizeof(name), "%.40s.%u" RECORDING_SUFFIX, job->text, again);
        job->fd = openat(folder_fd, name,
                         O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0640);
        if (job->fd < 0 && errno == EEXIST)
            continue;
        if (job->fd < 0)
            return -errno;
        snprintf(job->path, sizeof(job->path), "%.180s/%.60s", folder, name);
        return recording_folder_sync(folder_fd);
    }
    return -EEXIST;
}

static int run_open(void *data)
{
    struct job *job = data;
    _cleanup_free_ char *folder = NULL;
    int r;

    if (asprintf(&folder, "%s/" RECORDS_FOLDER, job->records->parts.state_dir) < 0)
        return -ENOMEM;
    _cleanup_close_ int folder_fd = recording_folder_open(folder);
    if (folder_fd < 0)
        return folder_fd;
    r = check_room(folder_fd);
    return r < 0 ? r : make_file(job, folder, folder_fd);
}

static int run_write(void *data)
{
    struct job *job = data;
    int r = 0;

    for (size_t at = 0; at < job->length && r == 0;) {
        ssize_t n = write(job->fd, job->text + at, job->length - at);

        if (n > 0)
            at += (size_t)n;
        else if (n < 0 && errno != EINTR)
            r = -errno;
    }
    if (!job->last)
        return r;
    if (r == 0 && fdatasync(job->fd) < 0)
        r = -errno;
    close(job->fd);
    job->fd = -1;
    return r;
}

/* ---- on the loop ------------------------------------------------------------------------------- */

static void on_opened(void *data, int result)
{
    struct job *job = data;
    struct records *records = job->records;

    if (result >= 0)
        snprintf(records->now.file, sizeof(records->now.file), "%s", job->path);
    else if (job->fd >= 0)
        close(job->fd);
    records->fd = result < 0 ? -1 : job->fd;
    records->writing = false;
    job->done(records, result);
    free(job->text);
    free(job);
}

static void on_written(void *data, int result)
{
    struct job *job = data;

    job->records->writing = false;
    if (job->last)
        job->records->fd = -1;
    job->done(job->records, result);
    free(job->text);
    free(job);
}

static int post(struct records *records, struct job *job, int (*run)(void *data),
                void (*done)(void *data, int result))
{
    int r = worker_post(records->parts.worker, &(struct worker_job){ run, done, job });

    records->writing |= r >= 0;
    return r;
}

static void make_name(const struct records *records, char *ret, size_t size)
{
    time_t seconds = (time_t)(clock_wall_usec() / 1000000);
    struct tm utc;

    if (timekeeper_state(records->parts.timekeeper) != CLOCK_UNSET && gmtime_r(&seconds, &utc))
        strftime(ret, size, "%Y%m%dT%H%M%SZ", &utc);
    else
        snprintf(ret, size, "boot%.8s-%llu", clock_boot_id(),
                 (unsigned long long)(clock_now_usec() / 1000000));
}

int records_open(struct records *records, void (*done)(struct records *records, int result))
{
    struct job *job = calloc(1, sizeof(*job));
    int r = -ENOMEM;

    if (!job)
        return r;
    *job = (struct job){ .records = records, .done = done, .fd = -1, .text = malloc(64) };
    if (job->text) {
        make_name(records, job->text, 64);
        r = post(records, job, run_open, on_opened);
    }
    if (r >= 0)
        return 0;
    free(job->text);
    free(job);
    return r;
}

int records_write(struct records *records, bool last,
                  void (*done)(struct records *records, int result))
{
    struct job *job = malloc(sizeof(*job));
    int r;

    if (!job)
        return -ENOMEM;
    *job = (struct job){ .records = records,
                         .done = done,
                         .fd = records->fd,
                         .text = records->waiting,
                         .length = records->length,
                         .last = last };
    r = post(records, job, run_write, on_written);
    if (r < 0) {
        free(job);
        return r;
    }
    records->waiting = NULL;
    records->length = records->room = 0;
    return 0;
}
