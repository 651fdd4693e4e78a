/* SPDX-License-Identifier: MIT */
#include "daemon/archive/private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/clock.h"
#include "daemon/memory.h"
#include "daemon/util.h"

#define WAITING_MAX   32
#define REST_USEC     UINT64_C(2000000)
#define PATIENCE_USEC UINT64_C(15000000) /* of whoever asked; a D-Bus client's is 25 s */

/* ---- who waits --------------------------------------------------------------------------------- */

static void arm(struct archive *archive)
{
    uint64_t next_usec = CLOCK_NEVER;

    for (const struct archive_request *request = archive->first; request; request = request->next)
        if (request->done && request->until_usec < next_usec)
            next_usec = request->until_usec;
    clock_timer_set(archive->timer, next_usec);
}

/* Of a disk that does not answer, what was asked for may still come: then nobody wants it any more. A file that
 * another process takes long to make is kept for who asks again. */
static void refuse_late(struct archive_request *request)
{
    if (request->conversion)
        archive_refuse(request, "under_way", NULL, "This file is still being made",
                       "the same again in a moment: it is kept for a minute once it is made");
    else
        archive_refuse(request, "unavailable", NULL,
                       "The disk has not answered yet: see problems in status",
                       "the same again once it does");
    if (request->conversion)
        archive_end(request);
}

static void on_timer(void *userdata, uint64_t now_usec)
{
    struct archive *archive = userdata;

    for (struct archive_request *request = archive->first, *next; request; request = next) {
        next = request->next;
        if (request->done && request->until_usec <= now_usec)
            refuse_late(request);
    }
    arm(archive);
}

static void on_rest(void *userdata, uint64_t now_usec)
{
    const struct archive *archive = userdata;

    if (archive->n == 0)
        memory_give_back();
}

/* ---- a list ------------------------------------------------------------------------------------ */

static void tell_list(struct archive_request *request, const struct store_page *page)
{
    _cleanup_free_ struct archived_session *sessions = calloc(page->n + 1, sizeof(*sessions));
    struct archived answer = { .sessions = sessions, .n_sessions = page->n, .more = page->more };

    for (size_t i = 0; sessions && i < page->n; i++) {
        sessions[i].session = page->sessions[i].session;
        sessions[i].note = page->sessions[i].note;
        memcpy(sessions[i].instead, page->sessions[i].instead, sizeof(sessions[i].instead));
    }
    if (sessions)
        archive_say(request, &answer);
    else
        archive_refuse(request, "no_memory", NULL, "Out of memory", "");
}

static void on_list(void *userdata, int result, const struct store_page *page)
{
    struct archive_request *request = userdata;

    if (result < 0)
        archive_refuse_store(request, result);
    else if (page->lost)
        archive_refuse(request, "not_found", "before", "There is no such session",
                       "the id of one that was told");
    else
        tell_list(request, page);
    archive_end(request);
}

static void take_list(struct archive_request *request)
{
    const struct archived_question *question = &request->question;
    struct store_page_question page = { .of = STORE_PAGE_SESSIONS,
                                        .limit = question->limit,
                                        .newest_first = true,
                                        .not_nobodys = question->not_nobodys };
    int r;

    memcpy(page.runner, question->runner, sizeof(page.runner));
    memcpy(page.from, question->from, sizeof(page.from));
    memcpy(page.to, question->to, sizeof(page.to));
    memcpy(page.beyond, question->id, sizeof(page.beyond));
    r = store_read_page(request->archive->parts.store, &page, on_list, request);
    if (r >= 0)
        return;
    archive_refuse_store(request, r);
    archive_end(request);
}

/* ---- what is asked ----------------------------------------------------------------------------- */

static void begin(struct archive_request *request)
{
    switch (request->question.what) {
    case ARCHIVED_LIST:
        take_list(request);
        return;
    case ARCHIVED_SESSION:
        archive_take_file(request);
        return;
    case ARCHIVED_SESSIONS:
    case ARCHIVED_DAYS:
    case ARCHIVED_EVERYTHING:
        archive_take(request);
        return;
    }
}

static void refuse_stopping(struct archive_request *request)
{
    archive_refuse(request, "unavailable", NULL, "strided is stopping",
                   "the same again once it is back");
}

void archive_ask(struct archive *archive, const struct archived_question *question,
                 archived_done done, void *userdata)
{
    struct archive_request *request = archive->n < WAITING_MAX ? calloc(1, sizeof(*request)) : NULL;
    struct archive_request one = { .archive = archive,
                                   .next = archive->first,
                                   .question = *question,
                                   .done = done,
                                   .userdata = userdata,
                                   .until_usec = clock_now_usec() + PATIENCE_USEC };

    if (archive->stopping) {
        free(request);
        refuse_stopping(&one);
        return;
    }
    if (!request) {
        archive_refuse(&one, "busy", NULL, "Too much is being read already",
                       "the same again later");
        return;
    }
    *request = one;
    archive->first = request;
    archive->n++;
    clock_timer_set(archive->rest, clock_now_usec() + REST_USEC);
    if (archive_read_cursor(question->cursor, &request->cursor))
        begin(request);
    else
        archive_refuse_and_end(request, "bad_argument", "cursor", "This is no cursor",
                               "what an answer told as next, or none for the first part");
    arm(archive);
}

/* ---- life -------------------------------------------------------------------------------------- */

int archive_new(struct archive **ret, const struct archive_parts *parts)
{
    struct archive *archive = calloc(1, sizeof(*archive));
    int r;

    if (!archive)
        return -ENOMEM;
    archive->parts = *parts;
    r = archive_open_held(archive);
    if (r >= 0)
        r = clock_timer_new(&archive->timer, parts->event, CLOCK_NEVER, on_timer, archive);
    if (r >= 0)
        r = clock_timer_new(&archive->rest, parts->event, CLOCK_NEVER, on_rest, archive);
    if (r < 0)
        archive_free(archive);
    else
        *ret = archive;
    return r;
}

void archive_set_conf(struct archive *archive, const struct conf *conf)
{
    archive->parts.conf = conf;
}

void archive_stop(struct archive *archive)
{
    if (!archive)
        return;
    archive->stopping = true;
    archive_convert_stop(archive);
    for (struct archive_request *request = archive->first; request; request = request->next)
        refuse_stopping(request);
    clock_timer_set(archive->timer, CLOCK_NEVER);
}

struct archive *archive_free(struct archive *archive)
{
    if (!archive)
        return NULL;
    archive_convert_stop(archive);
    for (struct archive_request *next; archive->first; archive->first = next) {
        next = archive->first->next;
        free(archive->first);
    }
    archive_close_held(archive);
    clock_timer_unref(archive->rest);
    clock_timer_unref(archive->timer);
    free(archive);
    return NULL;
}
