/* SPDX-License-Identifier: MIT */
/*
 * A run that came in as GPX or TCX, as a FIT file. What came from a stranger is read by the process that
 * reads such files (daemon/import/child.h), one at a time; it writes into a file without a name, which is
 * told as it is.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/archive/private.h"
#include "daemon/util.h"
#include "lib/activity/report.h"

static void begin(struct archive *archive);

static const char *why_not(enum child_result result)
{
    static const char *const texts[] = {
        [CHILD_E_KILLED] = "making it took more memory or time than it may",
        [CHILD_E_SLOW] = "making it took too long",
        [CHILD_E_FAILED] = "the process that was to make it failed",
        [CHILD_E_LARGE] = "it would be larger than 64 MB",
        [CHILD_E_FULL] = "the disk is full",
        [CHILD_E_NONSENSE] = "what was made of it is none",
    };

    return texts[result];
}

/* The next one's turn comes. */
static struct archive_job *take_first(struct archive *archive)
{
    struct archive_job *job = archive->converting;

    archive->converting = job->next;
    job->next = NULL;
    archive->child = child_free(archive->child);
    return job;
}

static void pass_on(struct archive *archive, struct archive_job *job)
{
    int r;

    closep(&job->fd);
    job->fd = TAKE_FD(job->fit_fd);
    job->converted = true;
    job->format = NULL;
    job->size = -1;
    r = worker_post(archive->parts.worker, &(struct worker_job){ archive_job_run, job->done, job });
    if (r < 0)
        job->done(job, r);
}

static void give_up(struct archive_job *job, const char *why)
{
    closep(&job->fit_fd);
    job->why = why;
    job->done(job, 0);
}

static void on_child(void *userdata, enum child_result result, const union child_said *said)
{
    struct archive *archive = userdata;
    struct archive_job *job = take_first(archive);

    if (result == CHILD_OK)
        pass_on(archive, job);
    else
        give_up(job, why_not(result));
    begin(archive);
}

static int start(struct archive *archive, const struct archive_job *job)
{
    /* All that can be of this session, and the same each time it is asked for */
    struct orders orders = orders_of(job->end_usec + (int64_t)(REPORT_SECONDS_MAX * 1e6));

    orders.errand = ERRAND_FIT;
    orders.start_usec = job->start_usec;
    return child_start_into(&archive->child, archive->parts.event, job->fd, job->fit_fd, &orders,
                            on_child, archive);
}

static void begin(struct archive *archive)
{
    int r = -1;

    while (archive->converting && !archive->child && r < 0) {
        r = start(archive, archive->converting);
        if (r < 0)
            give_up(take_first(archive), strerrordesc_np(-r));
    }
}

void archive_convert(struct archive *archive, struct archive_job *job,
                     void (*done)(void *data, int result))
{
    struct archive_job **last = &archive->converting;

    job->done = done;
    while (*last)
        last = &(*last)->next;
    *last = job;
    begin(archive);
}

void archive_convert_stop(struct archive *archive)
{
    archive->child = child_free(archive->child);
    for (struct archive_job *job; (job = archive->converting);) {
        archive->converting = job->next;
        closep(&job->fd);
        closep(&job->fit_fd);
        free(job);
    }
}
