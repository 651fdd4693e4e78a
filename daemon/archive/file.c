/* SPDX-License-Identifier: MIT */
/*
 * The file of one session: of one that was recorded, a FIT file made of its recording; of one that came
 * in as a file, that file as it came, or a FIT file made of it (convert.c). The worker makes it, and it is
 * held for a minute (held.c), for whoever asks for the next part. Who comes later has it made once more: of
 * the same recording it is the same to the byte, and the cursor says of which it is.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/archive/private.h"
#include "daemon/import/result.h"
#include "daemon/util.h"
#include "lib/base64.h"

/* ---- answering --------------------------------------------------------------------------------- */

static void write_name(const struct archive_job *job, char *ret, size_t size)
{
    const struct archive_source *source = &job->source;

    snprintf(ret, size, "strided-%s%s%s.%s", source->runner, source->runner[0] ? "-" : "",
             source->id, job->made.format);
    for (char *at = ret; (at = strpbrk(at, ":+"));) /* not everywhere a name may have these */
        *at = '-';
}

static void tell_part(struct archive_request *request, const struct archive_job *job)
{
    struct archived answer = { .format = job->made.format, .base64 = true, .of = job->made.size };
    struct archive_cursor next = { .n = job->offset + (int64_t)job->length, .of = job->made.size };
    _cleanup_free_ char *text = malloc(BASE64_LENGTH(ARCHIVE_PART_BYTES) + 1);

    if (!text) {
        archive_refuse(request, "no_memory", NULL, "Out of memory", "");
        return;
    }
    base64_encode(job->bytes, job->length, text);
    answer.text = text;
    answer.n = next.n;
    write_name(job, answer.name, sizeof(answer.name));
    snprintf(next.key, sizeof(next.key), "%016" PRIx64, job->made.digest);
    if (next.n < job->made.size)
        archive_write_cursor(&next, answer.next);
    archive_say(request, &answer);
}

static bool is_another(const struct archive_request *request, const struct archive_job *job)
{
    char digest[32];

    snprintf(digest, sizeof(digest), "%016" PRIx64, job->made.digest);
    return request->question.cursor[0] &&
           (strcmp(request->cursor.key, digest) != 0 || request->cursor.of != job->made.size ||
            request->cursor.n >= job->made.size);
}

static void tell(struct archive_request *request, const struct archive_job *job)
{
    if (job->why)
        archive_refuse_file(request, job->why);
    else if (is_another(request, job))
        archive_refuse(request, "bad_argument", "cursor", "The file is another by now",
                       "none: from the first part on");
    else
        tell_part(request, job);
}

static void job_free(struct archive_job *job)
{
    closep(&job->made.fd);
    closep(&job->kept_fd);
    free(job);
}

static void on_job(void *data, int result)
{
    struct archive_job *job = data;
    struct archive_request *request = job->request;
    struct archive *archive = request->archive;
    bool untold = !request->done;

    if (result < 0)
        job->why = strerrordesc_np(-result);
    if (!job->why && job->kept_fd >= 0) {
        archive_convert(request, job);
    } else {
        tell(request, job);
        archive_end(request);
        if (!job->why)
            archive_hold(archive, &job->source, &job->made, NULL, untold);
    }
    job_free(job);
}

/* ---- which one --------------------------------------------------------------------------------- */

/* held: NULL: it is to be made */
static int post(struct archive_request *request, const struct archive_source *source,
                const struct archive_held *held)
{
    const struct archive *archive = request->archive;
    struct archive_job *job = calloc(1, sizeof(*job));
    int r;

    if (!job)
        return -ENOMEM;
    job->request = request;
    job->source = *source;
    job->kept_fd = job->made.fd = -1;
    job->offset = request->cursor.n;
    snprintf(job->state_dir, sizeof(job->state_dir), "%s", archive->parts.state_dir);
    if (held) {
        job->made = held->made;
        job->made.fd = fcntl(held->made.fd, F_DUPFD_CLOEXEC, 0); /* else it is made once more */
    }
    r = worker_post(archive->parts.worker, &(struct worker_job){ archive_job_run, on_job, job });
    if (r < 0)
        job_free(job);
    return r;
}

static void take_source(struct archive_request *request, const struct archive_source *source)
{
    struct archive_held *held =
        archive_held_of(request->archive, source, !request->question.cursor[0]);
    int r;

    if (held && held->why) {
        archive_refuse_file(request, held->why);
        archive_end(request);
        archive_let_go(held); /* from now on it may be tried again */
        return;
    }
    request->go_on = take_source;
    if (!held && archive_await(request, source))
        return;
    r = post(request, source, held);
    if (r < 0)
        archive_refuse_and_end(request, "unavailable", NULL, "It could not be done now",
                               strerrordesc_np(-r));
}

static void set_source(struct archive_source *ret, const struct archive_request *request,
                       const struct store_session *row)
{
    const struct conf_runner *runner =
        conf_runner_of(request->archive->parts.conf, row->session.runner);

    *ret = (struct archive_source){ .start_usec = row->session.start_usec,
                                    .end_usec = row->session.end_usec,
                                    .place = row->file[0] ? result_place(row->session.id, row->file)
                                                          : -1,
                                    .as_fit = request->question.fit };
    ret->barometric = runner && runner->file_altitude == CONF_ALTITUDE_BAROMETRIC;
    memcpy(ret->id, row->session.id, sizeof(ret->id));
    memcpy(ret->runner, row->session.runner, sizeof(ret->runner));
    memcpy(ret->hash, row->file, sizeof(ret->hash));
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
    struct archive_source source;

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
    set_source(&source, request, row);
    take_source(request, &source);
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
