/* SPDX-License-Identifier: MIT */
/*
 * The file of one session: of one that was recorded, a FIT file made of its recording; of one that came
 * in as a file, that file as it came. The worker makes it, in a file without a name that is gone with the
 * process, and it is held for a minute, for whoever asks for the next part. Who comes later has it made
 * once more: of the same recording it is the same to the byte, and the cursor says of which it is.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include "daemon/archive_private.h"
#include "daemon/clock.h"
#include "daemon/fit.h"
#include "daemon/import/copy.h"
#include "daemon/readfile.h"
#include "daemon/util.h"
#include "lib/activity/gunzip.h"
#include "lib/activity/sniff.h"
#include "lib/base64.h"
#include "lib/digest.h"

#define PART_BYTES (ARCHIVED_PART_MAX / 4 * 3) /* in Base64 it is a part */
#define HELD_USEC  UINT64_C(60000000)
#define FILE_MAX   (UINT64_C(256) << 20)
#define HEAD_BYTES 1024 /* of an XML file: it says what it is */

struct file_job { /* the worker's, until it is done */
    struct archive_request *request;
    char state_dir[4096];
    char id[SESSION_ID_MAX], runner[CONF_ID_MAX], hash[STORE_HASH_MAX];
    int64_t offset;
    /* The made file; fd < 0: it is to be made */
    int fd;
    int64_t size;
    uint64_t digest;
    const char *format;
    const char *why; /* there is none */
    uint8_t bytes[PART_BYTES];
    size_t length;
};

/* ---- on the worker: making it ------------------------------------------------------------------ */

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

static const char *make_fit(struct file_job *job)
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

static const char *copy_file(struct file_job *job)
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

static const char *measure(struct file_job *job)
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

static const char *make(struct file_job *job)
{
    const char *why;

    job->fd = open_nameless(job->state_dir);
    if (job->fd < 0)
        return strerrordesc_np(-job->fd);
    why = job->hash[0] ? copy_file(job) : make_fit(job);
    return why ? why : measure(job);
}

static int run_job(void *data)
{
    struct file_job *job = data;
    ssize_t n;

    if (job->fd < 0)
        job->why = make(job);
    if (job->why)
        return 0;
    n = pread(job->fd, job->bytes, sizeof(job->bytes), job->offset);
    job->length = n > 0 ? (size_t)n : 0;
    if (n < 0)
        job->why = strerrordesc_np(errno);
    return 0;
}

/* ---- held -------------------------------------------------------------------------------------- */

static void on_timer(void *userdata, uint64_t now_usec)
{
    archive_drop_held(userdata);
}

int archive_open_held(struct archive *archive)
{
    return clock_timer_new(&archive->held.timer, archive->parts.event, CLOCK_NEVER, on_timer,
                           archive);
}

void archive_drop_held(struct archive *archive)
{
    closep(&archive->held.fd);
    archive->held.id[0] = '\0';
}

static void hold(struct archive *archive, struct file_job *job)
{
    struct archive_held *held = &archive->held;

    archive_drop_held(archive);
    held->fd = TAKE_FD(job->fd);
    memcpy(held->id, job->id, sizeof(held->id));
    held->size = job->size;
    held->digest = job->digest;
    held->format = job->format;
    clock_timer_set(held->timer, clock_now_usec() + HELD_USEC);
}

/* ---- answering --------------------------------------------------------------------------------- */

static void write_name(const struct file_job *job, char *ret, size_t size)
{
    snprintf(ret, size, "strided-%s%s%s.%s", job->runner, job->runner[0] ? "-" : "", job->id,
             job->format);
    for (char *at = ret; (at = strpbrk(at, ":+"));) /* not everywhere a name may have these */
        *at = '-';
}

static void tell_part(struct archive_request *request, const struct file_job *job)
{
    struct archived answer = { .format = job->format, .base64 = true, .of = job->size };
    struct archive_cursor next = { .n = job->offset + (int64_t)job->length, .of = job->size };
    _cleanup_free_ char *text = malloc(BASE64_LENGTH(PART_BYTES) + 1);

    if (!text) {
        archive_refuse(request, "no_memory", NULL, "Out of memory", "");
        return;
    }
    base64_encode(job->bytes, job->length, text);
    answer.text = text;
    answer.n = next.n;
    write_name(job, answer.name, sizeof(answer.name));
    snprintf(next.key, sizeof(next.key), "%016" PRIx64, job->digest);
    if (next.n < job->size)
        archive_write_cursor(&next, answer.next);
    archive_say(request, &answer);
}

static bool is_another(const struct archive_request *request, const struct file_job *job)
{
    char digest[32];

    snprintf(digest, sizeof(digest), "%016" PRIx64, job->digest);
    return request->question.cursor[0] &&
           (strcmp(request->cursor.key, digest) != 0 || request->cursor.of != job->size ||
            request->cursor.n >= job->size);
}

static void tell(struct archive_request *request, struct file_job *job)
{
    char message[PAYLOAD_TEXT_MAX];

    if (job->why) {
        snprintf(message, sizeof(message), "There is no file of this session: %s", job->why);
        archive_refuse(request, "unavailable", "id", message, "");
    } else if (is_another(request, job)) {
        archive_refuse(request, "bad_argument", "cursor", "The file is another by now",
                       "none: from the first part on");
    } else if (request->question.fit && strcmp(job->format, "fit") != 0) {
        snprintf(message, sizeof(message), "This session came in as a file, which is %s",
                 strcmp(job->format, "gpx") == 0 ? "GPX" : "TCX");
        archive_refuse(request, "bad_argument", "format", message, "none: the file as it came in");
    } else {
        tell_part(request, job);
    }
}

static void on_job(void *data, int result)
{
    struct file_job *job = data;
    struct archive_request *request = job->request;
    struct archive *archive = request->archive;

    if (result < 0)
        job->why = strerrordesc_np(-result);
    tell(request, job);
    archive_end(request);
    if (!job->why)
        hold(archive, job);
    closep(&job->fd);
    free(job);
}

/* ---- which one --------------------------------------------------------------------------------- */

static int post(struct archive_request *request, const struct store_session *row)
{
    const struct archive *archive = request->archive;
    const struct archive_held *held = &archive->held;
    struct file_job *job = calloc(1, sizeof(*job));
    int r;

    if (!job)
        return -ENOMEM;
    job->request = request;
    job->fd = -1;
    job->offset = request->cursor.n;
    snprintf(job->state_dir, sizeof(job->state_dir), "%s", archive->parts.state_dir);
    memcpy(job->id, row->session.id, sizeof(job->id));
    memcpy(job->runner, row->session.runner, sizeof(job->runner));
    memcpy(job->hash, row->file, sizeof(job->hash));
    if (request->question.cursor[0] && held->fd >= 0 && strcmp(held->id, job->id) == 0) {
        job->fd = fcntl(held->fd, F_DUPFD_CLOEXEC, 0); /* else it is made once more */
        job->size = held->size;
        job->digest = held->digest;
        job->format = held->format;
    }
    r = worker_post(archive->parts.worker, &(struct worker_job){ run_job, on_job, job });
    if (r < 0) {
        closep(&job->fd);
        free(job);
    }
    return r;
}

static bool tells_heart(const struct conf *conf, const struct payload_session *session)
{
    const struct conf_runner *runner = conf_runner_of(conf, session->runner);

    return (!runner || !runner->publish_heart_rate) &&
           (session->source.heart_rate[0] || !isnan(session->heart_rate_mean_bpm));
}

/* NULL: it may be had. */
static const char *refusal_of(const struct archive_request *request,
                              const struct store_session *row, const char **ret_argument)
{
    const struct archived_question *question = &request->question;

    *ret_argument = "id";
    if (question->not_nobodys && !row->session.runner[0])
        return "There is no such session";
    if (question->hide_heart && tells_heart(request->archive->parts.conf, &row->session))
        return "Its heart rates stay on this machine (PublishHeartRate=no)";
    *ret_argument = "runner";
    if (question->runner[0] && strcmp(question->runner, row->session.runner) != 0)
        return "The session of this id is not of this runner";
    return NULL;
}

static void on_found(void *userdata, int result, const struct store_session *row)
{
    struct archive_request *request = userdata;
    const char *argument, *refusal;
    int r;

    if (result == -ENOENT) {
        archive_refuse_and_end(request, "not_found", "id", "There is no such session",
                               "the id of one that is over: stridectl sessions");
        return;
    }
    if (result < 0) {
        archive_refuse_store(request, result);
        archive_end(request);
        return;
    }
    refusal = refusal_of(request, row, &argument);
    if (refusal) {
        archive_refuse_and_end(request, "bad_argument", argument, refusal, "");
        return;
    }
    r = post(request, row);
    if (r < 0)
        archive_refuse_and_end(request, "unavailable", NULL, "It could not be done now",
                               strerrordesc_np(-r));
}

void archive_take_file(struct archive_request *request)
{
    int r =
        store_find_session(request->archive->parts.store, request->question.id, on_found, request);

    if (r == -EINVAL)
        archive_refuse_and_end(request, "not_found", "id", "There is no such session",
                               "the id of one that is over: stridectl sessions");
    else if (r < 0)
        archive_refuse_and_end(request, "unavailable", NULL, "What is stored cannot be read now",
                               store_why(request->archive->parts.store, r));
}
