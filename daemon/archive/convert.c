/* SPDX-License-Identifier: MIT */
/*
 * A run that came in as GPX or TCX, as a FIT file. What came from a stranger is read by the process that
 * reads such files (daemon/import/child.h), one at a time; it writes into a file without a name, which is
 * told as it is. That may take longer than whoever asked waits: then it is held for them (held.c), or why
 * there is none; who asks before it is done waits for the same.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/archive/private.h"
#include "daemon/clock.h"
#include "daemon/util.h"

#define CONVERSIONS_MAX 4

struct archive_conversion {
    struct archive *archive;
    struct archive_conversion *next;
    struct archive_source source;
    int kept_fd; /* what it is made of */
    struct archive_made made;
    const char *why; /* there is none */
    enum {
        CONVERSION_WAITS,
        CONVERSION_READS,   /* archive->child */
        CONVERSION_MEASURED /* the worker's, until that is done */
    } stage;
};

static void begin(struct archive *archive);

static const char *why_not(enum child_result result)
{
    static const char *const texts[] = {
        [CHILD_E_KILLED] = "making it took more memory or time than it may",
        [CHILD_E_SLOW] = "making it took too long",
        [CHILD_E_FAILED] = "the process that was to make it failed",
        [CHILD_E_NONSENSE] = "what was made of it is none",
        [CHILD_E_LARGE] = "it would be larger than 64 MB",
        [CHILD_E_FULL] = "the disk is full",
    };

    return texts[result];
}

/* ---- which ------------------------------------------------------------------------------------- */

static struct archive_conversion *find(const struct archive *archive,
                                       const struct archive_source *source)
{
    struct archive_conversion *conversion = archive->conversions;

    while (conversion && !archive_same_source(&conversion->source, source))
        conversion = conversion->next;
    return conversion;
}

static struct archive_conversion *find_stage(const struct archive *archive, int stage)
{
    struct archive_conversion *conversion = archive->conversions;

    while (conversion && (int)conversion->stage != stage)
        conversion = conversion->next;
    return conversion;
}

/* NULL: nobody */
static struct archive_request *who_waits(const struct archive_conversion *conversion)
{
    struct archive_request *request = conversion->archive->first;

    while (request && request->conversion != conversion)
        request = request->next;
    return request;
}

/* Of those whose turn has not come. */
static struct archive_conversion *next_one(const struct archive *archive, bool awaited)
{
    struct archive_conversion *conversion = archive->conversions;

    while (conversion &&
           (conversion->stage != CONVERSION_WAITS || !who_waits(conversion) == awaited))
        conversion = conversion->next;
    return conversion;
}

static void take_out(struct archive_conversion *conversion)
{
    struct archive_conversion **at = &conversion->archive->conversions;

    while (*at != conversion)
        at = &(*at)->next;
    *at = conversion->next;
}

static void drop(struct archive_conversion *conversion)
{
    closep(&conversion->kept_fd);
    closep(&conversion->made.fd);
    free(conversion);
}

/* ---- its end ----------------------------------------------------------------------------------- */

static void end(struct archive_conversion *conversion)
{
    struct archive *archive = conversion->archive;
    struct archive_request *request;

    take_out(conversion);
    if (!conversion->why || !who_waits(conversion))
        archive_hold(archive, &conversion->source, &conversion->made, conversion->why, true);
    while ((request = who_waits(conversion))) {
        request->conversion = NULL;
        if (conversion->why) {
            archive_refuse_file(request, conversion->why);
            archive_end(request);
        } else {
            request->go_on(request, &conversion->source);
        }
    }
    drop(conversion);
}

static int run_measuring(void *data)
{
    struct archive_conversion *conversion = data;

    conversion->why = archive_look_at_converted(&conversion->made);
    return 0;
}

static void on_measured(void *data, int result)
{
    struct archive_conversion *conversion = data;

    if (conversion->archive->stopping) {
        take_out(conversion);
        drop(conversion);
        return;
    }
    if (result < 0)
        conversion->why = strerrordesc_np(-result);
    end(conversion);
}

static void measure(struct archive_conversion *conversion)
{
    int r;

    conversion->stage = CONVERSION_MEASURED;
    conversion->made.converted = true;
    r = worker_post(conversion->archive->parts.worker,
                    &(struct worker_job){ run_measuring, on_measured, conversion });
    if (r < 0)
        on_measured(conversion, r);
}

static void fail(struct archive_conversion *conversion, const char *why)
{
    closep(&conversion->made.fd);
    conversion->why = why;
    end(conversion);
}

static void on_child(void *userdata, enum child_result result, const union child_said *said)
{
    struct archive *archive = userdata;
    struct archive_conversion *conversion = find_stage(archive, CONVERSION_READS);

    archive->child = child_free(archive->child);
    closep(&conversion->kept_fd);
    if (result == CHILD_OK)
        measure(conversion);
    else
        fail(conversion, why_not(result));
    begin(archive);
}

/* ---- its begin --------------------------------------------------------------------------------- */

/* The same times are believed as when it is read as it was imported. */
static int start(struct archive_conversion *conversion)
{
    struct archive *archive = conversion->archive;
    const struct archive_source *source = &conversion->source;
    int64_t now_usec = clock_wall_usec();
    struct orders orders =
        orders_of((source->end_usec > now_usec ? source->end_usec : now_usec) + ORDERS_SKEW_USEC);

    orders.errand = ERRAND_FIT;
    orders.start_usec = source->start_usec;
    orders.place = source->place;
    orders.barometric = source->barometric;
    conversion->stage = CONVERSION_READS;
    return child_start_into(&archive->child, archive->parts.event, conversion->kept_fd,
                            conversion->made.fd, &orders, on_child, archive);
}

/* Those that somebody waits for come first. */
static void begin(struct archive *archive)
{
    while (!archive->child) {
        struct archive_conversion *conversion = next_one(archive, true);
        int r;

        if (!conversion)
            conversion = next_one(archive, false);
        if (!conversion)
            return;
        r = start(conversion);
        if (r < 0)
            fail(conversion, strerrordesc_np(-r));
    }
}

/* One that nobody waits for any more makes room. */
static bool has_place(struct archive *archive)
{
    struct archive_conversion *idle = next_one(archive, false);
    size_t n = 0;

    for (const struct archive_conversion *at = archive->conversions; at; at = at->next)
        n++;
    if (n < CONVERSIONS_MAX)
        return true;
    if (idle) {
        take_out(idle);
        drop(idle);
    }
    return idle;
}

static struct archive_conversion *add(struct archive *archive, struct archive_job *job)
{
    struct archive_conversion **last = &archive->conversions;
    struct archive_conversion *conversion =
        has_place(archive) ? calloc(1, sizeof(*conversion)) : NULL;

    if (!conversion)
        return NULL;
    conversion->archive = archive;
    conversion->source = job->source;
    conversion->kept_fd = TAKE_FD(job->kept_fd);
    conversion->made = job->made;
    job->made.fd = -1;
    while (*last)
        last = &(*last)->next;
    return *last = conversion;
}

void archive_convert(struct archive_request *request, struct archive_job *job)
{
    struct archive *archive = request->archive;
    struct archive_conversion *conversion = archive->stopping ? NULL : find(archive, &job->source);

    if (!conversion && !archive->stopping)
        conversion = add(archive, job);
    if (!conversion)
        archive_refuse(request, "busy", NULL, "Too many FIT files are being made already",
                       "the same again later");
    if (conversion && request->done)
        request->conversion = conversion;
    else
        archive_end(request); /* who did not wait so long asks again */
    begin(archive);
}

bool archive_await(struct archive_request *request, const struct archive_source *source)
{
    request->conversion = find(request->archive, source);
    return request->conversion;
}

void archive_convert_stop(struct archive *archive)
{
    struct archive_conversion *next;

    archive->child = child_free(archive->child);
    for (struct archive_request *request = archive->first; request; request = request->next)
        request->conversion = NULL;
    for (struct archive_conversion *at = archive->conversions; at; at = next) {
        next = at->next;
        if (at->stage == CONVERSION_MEASURED)
            continue;
        take_out(at);
        drop(at);
    }
}
