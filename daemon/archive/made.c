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
#include "daemon/import/read.h"
#include "daemon/readfile.h"
#include "daemon/util.h"
#include "lib/activity/gunzip.h"
#include "lib/activity/sniff.h"
#include "lib/digest.h"

#define FILE_MAX        (UINT64_C(256) << 20)
#define HEAD_BYTES      1024 /* of an XML file: it says what it is */
#define FIT_FRAME_BYTES 4096 /* of a FIT file without a point, generously */

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
    int fd = fcntl(job->made.fd, F_DUPFD_CLOEXEC, 0);
    FILE *out = fd < 0 ? NULL : fdopen(fd, "w");
    const char *why;

    if (!out) {
        closep(&fd);
        return strerrordesc_np(errno);
    }
    why = fit_write(job->state_dir, job->source.id, out);
    if (fclose(out) != 0 && !why)
        why = strerrordesc_np(errno);
    job->made.format = "fit";
    return why;
}

struct unpacking {
    int fd;       /* < 0: it is only looked at */
    int64_t room; /* bytes, until the disk is looked at again */
    int error;
    int64_t size;
    char head[HEAD_BYTES + 1];
};

/* Recordings need the rest of the disk more. */
static bool disk_has(int fd, int64_t bytes)
{
    struct statvfs disk;

    return fstatvfs(fd, &disk) < 0 || disk.f_blocks == 0 || /* some cannot tell */
           (uint64_t)disk.f_bavail * disk.f_frsize > (uint64_t)(COPY_RESERVE + bytes);
}

static bool has_room(struct unpacking *to, size_t length)
{
    to->room -= (int64_t)length;
    if (to->room >= 0)
        return true;
    to->room = 1 << 20;
    return disk_has(to->fd, to->room);
}

static void write_bytes(struct unpacking *to, const uint8_t *bytes, size_t length)
{
    if (!has_room(to, length))
        to->error = ENOSPC;
    while (!to->error && length > 0) {
        ssize_t n = write(to->fd, bytes, length);

        if (n < 0 && errno != EINTR)
            to->error = errno;
        bytes += n > 0 ? n : 0;
        length -= n > 0 ? (size_t)n : 0;
    }
}

static bool take_bytes(void *context, const uint8_t *bytes, size_t length)
{
    struct unpacking *to = context;

    for (size_t i = 0; i < length && to->size + (int64_t)i < HEAD_BYTES; i++)
        to->head[to->size + (int64_t)i] = (char)bytes[i];
    to->size += (int64_t)length;
    if (to->fd >= 0)
        write_bytes(to, bytes, length);
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

/* What its first bytes say: what it was called is no matter. */
static const char *format_of(char head[static HEAD_BYTES + 1], size_t n)
{
    if (n > 0 && sniff((const uint8_t *)head, n) == SNIFF_FIT)
        return "fit";
    for (size_t i = 0; i < n; i++)
        if (!head[i])
            head[i] = ' '; /* UTF-16 */
    if (strstr(head, "<gpx") || strstr(head, "< g p x"))
        return "gpx";
    return "tcx"; /* the only other that is read */
}

/* A FIT file is smaller than what it is made of, but for what each has. */
static int64_t converted_max(int64_t size)
{
    return size + FIT_FRAME_BYTES < READ_FIT_MAX ? size + FIT_FRAME_BYTES : READ_FIT_MAX;
}

/* It is whole, and what it is: whoever makes a FIT file of it unpacks it alone. */
static const char *look_at_copy(struct archive_job *job, int *from_fd)
{
    struct unpacking look = { .fd = -1 };
    const char *why = unpack(*from_fd, &look);
    size_t n_head = look.size < HEAD_BYTES ? (size_t)look.size : HEAD_BYTES;

    if (why)
        return why;
    if (strcmp(format_of(look.head, n_head), "fit") == 0)
        return lseek(*from_fd, 0, SEEK_SET) < 0 ? strerrordesc_np(errno) : NULL;
    if (!disk_has(job->made.fd, converted_max(look.size)))
        return strerrordesc_np(ENOSPC);
    job->kept_fd = TAKE_FD(*from_fd);
    return NULL;
}

static const char *copy_file(struct archive_job *job)
{
    char path[4096 + sizeof(FOLDER_COPIES) + CONF_ID_MAX + STORE_HASH_MAX + 8];
    struct unpacking to = { .fd = job->made.fd };
    _cleanup_close_ int from_fd = -1;
    const char *why = NULL;

    snprintf(path, sizeof(path), "%s/" FOLDER_COPIES "/%s/%s.gz", job->state_dir,
             job->source.runner, job->source.hash);
    from_fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (from_fd < 0)
        return errno == ENOENT ? "the copy of its file is gone" : strerrordesc_np(errno);
    if (job->source.as_fit)
        why = look_at_copy(job, &from_fd);
    return why || from_fd < 0 ? why : unpack(from_fd, &to);
}

static const char *measure(struct archive_made *made)
{
    char head[HEAD_BYTES + 1] = "";
    uint8_t bytes[16384];
    ssize_t n;

    made->size = 0;
    made->digest = DIGEST_OF_NOTHING;
    while ((n = pread(made->fd, bytes, sizeof(bytes), made->size)) > 0) {
        if (made->size == 0)
            memcpy(head, bytes, n < HEAD_BYTES ? (size_t)n : HEAD_BYTES);
        made->digest = digest_bytes(made->digest, bytes, (size_t)n);
        made->size += n;
    }
    if (!made->format)
        made->format = format_of(head, made->size < HEAD_BYTES ? (size_t)made->size : HEAD_BYTES);
    return n < 0 ? strerrordesc_np(errno) : NULL;
}

/* Of what another process wrote nothing is believed but that it is one. */
const char *archive_look_at_converted(struct archive_made *made)
{
    const char *why = measure(made);

    if (!why && made->size == 0)
        return "its file tells of no such session";
    return !why && strcmp(made->format, "fit") != 0 ? "what was made of it is none" : why;
}

static const char *make(struct archive_job *job)
{
    const char *why;

    job->made.fd = open_nameless(job->state_dir);
    if (job->made.fd < 0)
        return strerrordesc_np(-job->made.fd);
    why = job->source.hash[0] ? copy_file(job) : make_fit(job);
    return why || job->kept_fd >= 0 ? why : measure(&job->made);
}

int archive_job_run(void *data)
{
    struct archive_job *job = data;
    ssize_t n;

    if (job->made.fd < 0)
        job->why = make(job);
    if (job->why || job->kept_fd >= 0)
        return 0;
    n = pread(job->made.fd, job->bytes, sizeof(job->bytes), job->offset);
    job->length = n > 0 ? (size_t)n : 0;
    if (n < 0)
        job->why = strerrordesc_np(errno);
    return 0;
}
