/* SPDX-License-Identifier: MIT */
/*
 * The file of one session: of one that was recorded, a FIT file made of its recording; of one that came
 * in as a file, that file as it came, or a FIT file made of it (convert.c). The worker makes it, in a file without a name that is gone with the
 * process, and it is held for a minute, for whoever asks for the next part. Who comes later has it made
 * once more: of the same recording it is the same to the byte, and the cursor says of which it is.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/archive/private.h"
#include "daemon/clock.h"
#include "daemon/util.h"
#include "lib/base64.h"

#define HELD_USEC UINT64_C(60000000)

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

static void hold(struct archive *archive, struct archive_job *job)
{
    struct archive_held *held = &archive->held;

    archive_drop_held(archive);
    held->fd = TAKE_FD(job->fd);
    memcpy(held->id, job->id, sizeof(held->id));
    held->size = job->size;
    held->digest = job->digest;
    held->format = job->format;
    held->converted = job->converted;
    clock_timer_set(held->timer, clock_now_usec() + HELD_USEC);
}

/* ---- answering --------------------------------------------------------------------------------- */

static void write_name(const struct archive_job *job, char *ret, size_t size)
{
    snprintf(ret, size, "strided-%s%s%s.%s", job->runner, job->runner[0] ? "-" : "", job->id,
             job->format);
    for (char *at = ret; (at = strpbrk(at, ":+"));) /* not everywhere a name may have these */
        *at = '-';
}

static void tell_part(struct archive_request *request, const struct archive_job *job)
{
    struct archived answer = { .format = job->format, .base64 = true, .of = job->size };
    struct archive_cursor next = { .n = job->offset + (int64_t)job->length, .of = job->size };
    _cleanup_free_ char *text = malloc(BASE64_LENGTH(ARCHIVE_PART_BYTES) + 1);

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

static bool is_another(const struct archive_request *request, const struct archive_job *job)
{
    char digest[32];

    snprintf(digest, sizeof(digest), "%016" PRIx64, job->digest);
    return request->question.cursor[0] &&
           (strcmp(request->cursor.key, digest) != 0 || request->cursor.of != job->size ||
            request->cursor.n >= job->size);
}

static void tell(struct archive_request *request, struct archive_job *job)
{
    char message[PAYLOAD_TEXT_MAX];

    if (job->why) {
        snprintf(message, sizeof(message), "There is no file of this session: %s", job->why);
        archive_refuse(request, "unavailable", "id", message, "");
    } else if (is_another(request, job)) {
        archive_refuse(request, "bad_argument", "cursor", "The file is another by now",
                       "none: from the first part on");
    } else {
        tell_part(request, job);
    }
}

static void on_job(void *data, int result)
{
    struct archive_job *job = data;
    struct archive_request *request = job->request;
    struct archive *archive = request->archive;

    if (result < 0)
        job->why = strerrordesc_np(-result);
    if (!job->why && job->fit_fd >= 0) {
        archive_convert(archive, job, on_job);
        return;
    }
    tell(request, job);
    archive_end(request);
    if (!job->why)
        hold(archive, job);
    closep(&job->fd);
    closep(&job->fit_fd);
    free(job);
}

/* ---- which one --------------------------------------------------------------------------------- */

/* As it came, or as a FIT file: which of these it is where it came as one. */
static bool is_held(const struct archive_held *held, const struct archive_request *request,
                    const char *id)
{
    if (!request->question.cursor[0] || held->fd < 0 || strcmp(held->id, id) != 0)
        return false;
    return request->question.fit ? strcmp(held->format, "fit") == 0 : !held->converted;
}

static int post(struct archive_request *request, const struct store_session *row)
{
    const struct archive *archive = request->archive;
    const struct archive_held *held = &archive->held;
    struct archive_job *job = calloc(1, sizeof(*job));
    int r;

    if (!job)
        return -ENOMEM;
    job->request = request;
    job->fd = job->fit_fd = -1;
    job->as_fit = request->question.fit;
    job->start_usec = row->session.start_usec;
    job->end_usec = row->session.end_usec;
    job->offset = request->cursor.n;
    snprintf(job->state_dir, sizeof(job->state_dir), "%s", archive->parts.state_dir);
    memcpy(job->id, row->session.id, sizeof(job->id));
    memcpy(job->runner, row->session.runner, sizeof(job->runner));
    memcpy(job->hash, row->file, sizeof(job->hash));
    if (is_held(held, request, job->id)) {
        job->fd = fcntl(held->fd, F_DUPFD_CLOEXEC, 0); /* else it is made once more */
        job->size = held->size;
        job->digest = held->digest;
        job->format = held->format;
        job->converted = held->converted;
    }
    r = worker_post(archive->parts.worker, &(struct worker_job){ archive_job_run, on_job, job });
    if (r < 0) {
        closep(&job->fd);
        free(job);
    }
    return r;
}

/* A file may have other sessions in it, which do. */
static bool tells_heart(const struct conf *conf, const struct store_session *row)
{
    const struct conf_runner *runner = conf_runner_of(conf, row->session.runner);

    return (!runner || !runner->publish_heart_rate) &&
           (row->file[0] || row->session.source.heart_rate[0] ||
            !isnan(row->session.heart_rate_mean_bpm));
}

/* NULL: it may be had. */
static const char *refusal_of(const struct archive_request *request,
                              const struct store_session *row, const char **ret_argument)
{
    const struct archived_question *question = &request->question;

    *ret_argument = "id";
    if ((question->not_nobodys && !row->session.runner[0]) || store_session_is_deleted(row))
        return "There is no such session";
    if (store_session_is_by_hand(row))
        return "It was entered by hand: there is no file of it";
    if (question->hide_heart && tells_heart(request->archive->parts.conf, row))
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
