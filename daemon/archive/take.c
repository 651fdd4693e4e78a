/* SPDX-License-Identifier: MIT */
/*
 * A document of rows, a part at a time. A part has rows of one section only; which section, behind which
 * row, is in the cursor, so that whoever stops asking in the middle leaves nothing behind.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/archive/private.h"
#include "daemon/render.h"
#include "daemon/util.h"
#include "lib/civil.h"

#define ROWS_A_PART     128 /* the loop renders them: some ms */
#define SESSIONS_A_PART 48  /* in JSON: no part has room for more */

/* Where a section's rows are; those of ARCHIVE_DAYS are not in the store. */
static const enum store_page_of pages[ARCHIVE_SECTIONS] = {
    [ARCHIVE_SESSIONS] = STORE_PAGE_SESSIONS, [ARCHIVE_DAYS] = STORE_PAGE_KINDS,
    [ARCHIVE_VERDICTS] = STORE_PAGE_VERDICTS, [ARCHIVE_IMPORTS] = STORE_PAGE_IMPORTS,
    [ARCHIVE_SAID] = STORE_PAGE_SAID,
};

/* ---- answering --------------------------------------------------------------------------------- */

static const char *name_of(const struct archived_question *question)
{
    if (question->what == ARCHIVED_EVERYTHING)
        return "everything";
    return archive_section_name(archive_first_section(question));
}

static void answer(struct archive_part *part)
{
    struct archive_request *request = part->request;
    const struct archived_question *question = &request->question;
    struct archived answer = { .format = question->csv ? "csv" : "json",
                               .text = part->text,
                               .n = request->cursor.n,
                               .of = request->cursor.of };

    part->text[part->length] = '\0';
    snprintf(answer.name, sizeof(answer.name), "strided-%s-%s.%s", question->runner,
             name_of(question), answer.format);
    if (request->cursor.section >= 0)
        archive_write_cursor(&request->cursor, answer.next);
    else if (answer.of >= 0)
        answer.of = answer.n; /* some may have come or gone on the way */
    archive_say(request, &answer);
}

/* `fill` puts the rows it has and says whether these are all of the section. */
static void write_part(struct archive_request *request,
                       bool (*fill)(struct archive_part *part, const void *rows), const void *rows)
{
    struct archive_part part = { .request = request, .text = malloc(ARCHIVED_PART_MAX + 1) };
    int64_t before = request->cursor.n;
    bool all = false;

    if (part.text) {
        archive_part_open(&part);
        all = fill(&part, rows);
    }
    if (!part.text || part.failed || (!all && request->cursor.n == before)) {
        archive_refuse(request, "no_memory", NULL, "Out of memory", "");
    } else {
        if (all)
            archive_part_close(&part);
        answer(&part);
    }
    free(part.text);
    archive_end(request);
}

/* ---- what is stored ---------------------------------------------------------------------------- */

static json_t *row_json(const struct archive_request *request, const struct store_page *page,
                        size_t i)
{
    bool hide_heart = request->question.hide_heart;

    if (page->sessions)
        return archive_session_json(&page->sessions[i], hide_heart);
    if (page->said)
        return archive_said_json(&page->said[i], hide_heart);
    return page->verdicts ? archive_verdict_json(&page->verdicts[i], hide_heart)
                          : archive_import_json(&page->imports[i]);
}

static bool fill_stored(struct archive_part *part, const void *rows)
{
    const struct store_page *page = rows;

    for (size_t i = 0; i < page->n; i++) {
        char key[SESSION_ID_MAX];

        if (page->sessions)
            snprintf(key, sizeof(key), "%s", page->sessions[i].session.id);
        else if (page->verdicts)
            snprintf(key, sizeof(key), "%s:%s", page->verdicts[i].rule, page->verdicts[i].session);
        else
            snprintf(key, sizeof(key), "%lld", (long long)page->places[i]);
        if (!archive_part_add(part, row_json(part->request, page, i), key))
            return false;
    }
    return !page->more;
}

static bool count_days(const struct archive_request *request, int64_t *ret);

/* Of the first part only: the others bring it along. */
static void take_counts(struct archive_request *request, const struct store_page *page)
{
    int64_t days = 0;

    request->cursor.of = page->counts[STORE_PAGE_SESSIONS];
    if (request->question.what != ARCHIVED_EVERYTHING)
        return;
    (void)count_days(request, &days);
    request->cursor.of += days + page->counts[STORE_PAGE_VERDICTS] +
                          page->counts[STORE_PAGE_IMPORTS] + page->counts[STORE_PAGE_SAID];
}

static void refuse_cursor(struct archive_request *request)
{
    archive_refuse_and_end(request, "bad_argument", "cursor",
                           "There is nothing of this to go on with",
                           "what the last answer told as next, or none for the first part");
}

static void on_page(void *userdata, int result, const struct store_page *page)
{
    struct archive_request *request = userdata;

    if (result < 0) {
        archive_refuse_store(request, result);
        archive_end(request);
    } else if (page->lost) {
        refuse_cursor(request);
    } else {
        if (!request->question.cursor[0])
            take_counts(request, page);
        write_part(request, fill_stored, page);
    }
}

static void take_stored(struct archive_request *request)
{
    const struct archived_question *question = &request->question;
    struct store_page_question page = { .of = pages[request->cursor.section],
                                        .count = !question->cursor[0] };
    int r;

    page.limit = page.of == STORE_PAGE_SESSIONS && !question->csv ? SESSIONS_A_PART : ROWS_A_PART;
    memcpy(page.runner, question->runner, sizeof(page.runner));
    memcpy(page.from, question->from, sizeof(page.from));
    memcpy(page.to, question->to, sizeof(page.to));
    if (page.of == STORE_PAGE_SESSIONS || page.of == STORE_PAGE_VERDICTS)
        snprintf(page.beyond, sizeof(page.beyond), "%.*s", (int)sizeof(page.beyond) - 1,
                 request->cursor.key);
    else
        page.after = strtoll(request->cursor.key, NULL, 10);
    r = store_read_page(request->archive->parts.store, &page, on_page, request);
    if (r >= 0)
        return;
    archive_refuse_store(request, r);
    archive_end(request);
}

/* ---- days -------------------------------------------------------------------------------------- */

struct days {
    struct training_day rows[ROWS_A_PART];
    size_t n, all;
};

static bool read_days(const struct archive_request *request, int64_t from, size_t most,
                      struct days *ret)
{
    int64_t to = INT32_MAX;

    if (request->question.to[0] && !civil_read_day(request->question.to, &to))
        return false;
    return training_days(request->archive->parts.training, request->question.runner, (int32_t)from,
                         (int32_t)to, most, ret->rows, &ret->n, &ret->all);
}

static int64_t first_day(const struct archived_question *question)
{
    int64_t from = INT32_MIN;

    if (question->from[0])
        (void)civil_read_day(question->from, &from);
    return from;
}

static bool count_days(const struct archive_request *request, int64_t *ret)
{
    struct days *days = calloc(1, sizeof(*days));
    bool known = days && read_days(request, first_day(&request->question), 0, days);

    *ret = known ? (int64_t)days->all : 0;
    free(days);
    return known;
}

static bool fill_days(struct archive_part *part, const void *rows)
{
    const struct days *days = rows;

    for (size_t i = 0; i < days->n; i++) {
        char key[16];

        snprintf(key, sizeof(key), "%d", days->rows[i].day);
        if (!archive_part_add(
                part, archive_day_json(&days->rows[i], part->request->question.hide_heart), key))
            return false;
    }
    return days->n == days->all;
}

static void take_days(struct archive_request *request)
{
    const char *key = request->cursor.key;
    int64_t from = key[0] ? strtoll(key, NULL, 10) + 1 : first_day(&request->question);
    _cleanup_free_ struct days *days = calloc(1, sizeof(*days));

    if (from < INT32_MIN || from > INT32_MAX) {
        refuse_cursor(request);
        return;
    }
    if (!days || !read_days(request, from, ROWS_A_PART, days)) {
        archive_refuse_and_end(request, days ? "unavailable" : "no_memory", NULL,
                               days ? "The training log was not read whole" : "Out of memory", "");
        return;
    }
    if (!request->question.cursor[0])
        request->cursor.of = (int64_t)days->all;
    write_part(request, fill_days, days);
}

/* ---- which ------------------------------------------------------------------------------------- */

void archive_take(struct archive_request *request)
{
    const struct archived_question *question = &request->question;

    if (!question->cursor[0])
        request->cursor.section = archive_first_section(question);
    if (request->cursor.section < archive_first_section(question) ||
        request->cursor.section > archive_last_section(question))
        refuse_cursor(request);
    else if (request->cursor.section == ARCHIVE_DAYS)
        take_days(request);
    else
        take_stored(request);
}
