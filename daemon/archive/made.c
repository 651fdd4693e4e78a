/* SPDX-License-Identifier: MIT */
/*
 * The file of a session as the worker makes it: what a recording tells, or the kept copy, unpacked. It
 * lies in a file without a name, and never all of it in memory.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include "daemon/archive/private.h"
#include "daemon/fit.h"
#include "daemon/import/copy.h"
#include "daemon/readfile.h"
#include "daemon/util.h"
#include "lib/activity/gunzip.h"
#include "lib/activity/sniff.h"
#include "lib/digest.h"

#define FILE_MAX   (UINT64_C(256) << 20)
#define HEAD_BYTES 1024 /* of an XML file: it says what it is */

static int open_nameless(const char *folder)
{
    char path[4200];
    int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

    if (fd >= 0)
        return fd;
    snprintf(path, sizeof(path), "%s/exported.XXXXXX", folder); /* not every file system can */
    fd = mkostemp(path, O_CLOEXEC);
    if (fd < 0)
        return -errno;
    (void)unlink(path);
    return fd;
}

static const char *make_fit(struct archive_job *job)
{
    int fd = fcntl(job->fd, F_DUPFD_CLOEXEC, 0);
    FILE *out = fd < 0 ? NULL : fdopen(fd, "w");
    const char *why;

    if (!out) {
        closep(&fd);
        return strerrordesc_np(errno);
    }
    why = fit_write(job->state_dir, job->id, out);
    if (fclose(out) != 0 && !why)
        why = strerrordesc_np(errno);
    job->format = "fit";
    return why;
}

struct unpacking {
    int fd;
    int64_t room; /* bytes, until the disk is looked at again */
    int error;
};

/* Recordings need the rest of the disk more. */
static bool has_room(struct unpacking *to, size_t length)
{
    struct statvfs disk;

    to->room -= (int64_t)length;
    if (to->room >= 0)
        return true;
    to->room = 1 << 20;
    return fstatvfs(to->fd, &disk) < 0 || disk.f_blocks == 0 || /* some cannot tell */
           (uint64_t)disk.f_bavail * disk.f_frsize > COPY_RESERVE + (1 << 20);
}

static bool take_bytes(void *context, const uint8_t *bytes, size_t length)
{
    struct unpacking *to = context;

    if (!has_room(to, length))
        to->error = ENOSPC;
    while (!to->error && length > 0) {
        ssize_t n = write(to->fd, bytes, length);

        if (n < 0 && errno != EINTR)
            to->error = errno;
        bytes += n > 0 ? n : 0;
        length -= n > 0 ? (size_t)n : 0;
    }
    return !to->error;
}

static const char *unpack(int from_fd, struct unpacking *to)
{
    _cleanup_free_ struct gunzip *gunzip = malloc(sizeof(*gunzip));
    uint8_t bytes[16384];
    size_t length = sizeof(bytes);
    enum gunzip_result result = GUNZIP_OK;
    bool whole;
    int r = 0;

    if (!gunzip)
        return strerrordesc_np(ENOMEM);
    gunzip_init(gunzip, FILE_MAX, NULL);
    while (r == 0 && result == GUNZIP_OK && length == sizeof(bytes)) {
        r = read_up_to(from_fd, bytes, sizeof(bytes), &length);
        if (r == 0)
            result = gunzip_feed(gunzip, bytes, length, take_bytes, to);
    }
    whole = gunzip_is_whole(gunzip);
    gunzip_done(gunzip);
    if (r < 0 || to->error)
        return strerrordesc_np(to->error ? to->error : -r);
    return whole && result <= GUNZIP_OVER ? NULL : "its kept copy is broken";
}

static const char *copy_file(struct archive_job *job)
{
    char path[4096 + sizeof(FOLDER_COPIES) + CONF_ID_MAX + STORE_HASH_MAX + 8];
    struct unpacking to = { .fd = job->fd };
    _cleanup_close_ int from_fd = -1;

    snprintf(path, sizeof(path), "%s/" FOLDER_COPIES "/%s/%s.gz", job->state_dir, job->runner,
             job->hash);
    from_fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (from_fd < 0)
        return errno == ENOENT ? "the copy of its file is gone" : strerrordesc_np(errno);
    return unpack(from_fd, &to);
}

/* What its first bytes say: what it was called is no matter. */
static const char *format_of(int fd)
{
    char head[HEAD_BYTES + 1] = "";
    ssize_t n = pread(fd, head, HEAD_BYTES, 0);

    if (n > 0 && sniff((const uint8_t *)head, (size_t)n) == SNIFF_FIT)
        return "fit";
    for (ssize_t i = 0; i < n; i++)
        if (!head[i])
            head[i] = ' '; /* UTF-16 */
    if (strstr(head, "<gpx") || strstr(head, "< g p x"))
        return "gpx";
    return "tcx"; /* the only other that is read */
}

static const char *measure(struct archive_job *job)
{
    uint8_t bytes[16384];
    ssize_t n;

    job->size = 0;
    job->digest = DIGEST_OF_NOTHING;
    while ((n = pread(job->fd, bytes, sizeof(bytes), job->size)) > 0) {
        job->digest = digest_bytes(job->digest, bytes, (size_t)n);
        job->size += n;
    }
    if (!job->format)
        job->format = format_of(job->fd);
    return n < 0 ? strerrordesc_np(errno) : NULL;
}

/* A FIT file is smaller than what it is made of. */
static const char *open_fit(struct archive_job *job)
{
    struct unpacking to = { .fd = job->fd };

    if (!has_room(&to, (size_t)job->size))
        return strerrordesc_np(ENOSPC);
    job->fit_fd = open_nameless(job->state_dir);
    return job->fit_fd < 0 ? strerrordesc_np(-job->fit_fd) : NULL;
}

/* Of what another process wrote nothing is believed but that it is one. */
static const char *look_at_converted(struct archive_job *job)
{
    const char *why = measure(job);

    if (!why && job->size == 0)
        return "its file tells of no such session";
    return !why && strcmp(job->format, "fit") != 0 ? "what was made of it is none" : why;
}

static const char *make(struct archive_job *job)
{
    const char *why;

    job->fd = open_nameless(job->state_dir);
    if (job->fd < 0)
        return strerrordesc_np(-job->fd);
    why = job->hash[0] ? copy_file(job) : make_fit(job);
    if (!why)
        why = measure(job);
    return !why && job->as_fit && strcmp(job->format, "fit") != 0 ? open_fit(job) : why;
}

int archive_job_run(void *data)
{
    struct archive_job *job = data;
    ssize_t n;

    if (job->fd < 0)
        job->why = make(job);
    else if (job->size < 0)
        job->why = look_at_converted(job);
    if (job->why || job->fit_fd >= 0)
        return 0;
    n = pread(job->fd, job->bytes, sizeof(job->bytes), job->offset);
    job->length = n > 0 ? (size_t)n : 0;
    if (n < 0)
        job->why = strerrordesc_np(errno);
    return 0;
}
