/* SPDX-License-Identifier: MIT */
/*
 * A document of rows, a part at a time. A part has rows of one section only; which section, behind which
 * row, is in the cursor, so that whoever stops asking in the middle leaves nothing behind.
 *
 *   CSV    header | row | row ..
 *   JSON   {"strided":.., "runner":.., "sessions":[ row, row ], "days":[ row ] .. }
 *          \------- the first part -------------/ \- a part -/ ...
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/archive_private.h"
#include "daemon/render.h"
#include "daemon/util.h"
#include "lib/civil.h"

enum section { SECTION_SESSIONS, SECTION_DAYS, SECTION_VERDICTS, SECTION_IMPORTS, SECTIONS };

#define ROWS_A_PART     128 /* the loop renders them: some ms */
#define SESSIONS_A_PART 48  /* in JSON: no part has room for more */
#define END_BYTES       8   /* of a section and of the document */

static const struct {
    const char *key;
    enum store_page_of page;
} sections[SECTIONS] = {
    [SECTION_SESSIONS] = { "sessions", STORE_PAGE_SESSIONS },
    [SECTION_DAYS] = { "days", STORE_PAGE_KINDS }, /* from the log in memory */
    [SECTION_VERDICTS] = { "verdicts", STORE_PAGE_VERDICTS },
    [SECTION_IMPORTS] = { "imports", STORE_PAGE_IMPORTS },
};

static int first_section(const struct archived_question *question)
{
    return question->what == ARCHIVED_DAYS ? SECTION_DAYS : SECTION_SESSIONS;
}

static int last_section(const struct archived_question *question)
{
    if (question->what == ARCHIVED_EVERYTHING)
        return SECTIONS - 1;
    return first_section(question);
}

/* ---- writing a part ---------------------------------------------------------------------------- */

struct part {
    struct archive_request *request;
    char *text; /* ARCHIVED_PART_MAX, and a NUL */
    size_t length;
    bool failed; /* no memory, or a row that no part has room for */
};

static bool put(struct part *part, const char *text)
{
    size_t length = strlen(text);

    if (length > ARCHIVED_PART_MAX - END_BYTES - part->length)
        return false;
    memcpy(part->text + part->length, text, length + 1);
    part->length += length;
    return true;
}

static json_t *head_json(const struct archive *archive, const struct archived_question *question)
{
    const struct conf *conf = archive->parts.conf;
    size_t runner = conf_find_runner(conf, question->runner);
    json_t *head = json_pack("{s:s, s:s, s:s}", "strided", STRIDED_VERSION, "gateway",
                             conf->gateway, "runner", question->runner);

    if (question->what == ARCHIVED_EVERYTHING && runner < conf->n_runners)
        json_object_set_new(head, "settings",
                            archive_settings_json(conf, runner, question->hide_heart));
    return head;
}

static void put_csv_head(struct part *part)
{
    struct csv csv = { .text = part->text, .size = ARCHIVED_PART_MAX - END_BYTES };

    archive_csv_head(&csv, part->request->cursor.section == SECTION_DAYS ? ARCHIVE_COLUMNS_DAY
                                                                         : ARCHIVE_COLUMNS_SESSION);
    part->failed = csv.full;
    part->length = csv.length;
}

/* All of the head but its last brace, and the section begins. */
static void put_json_head(struct part *part)
{
    json_t *head = head_json(part->request->archive, &part->request->question);
    _cleanup_free_ char *text = json_dumps(head, RENDER_JSON_FLAGS);
    char *end = text ? strrchr(text, '}') : NULL;

    json_decref(head);
    if (end)
        *end = '\0';
    part->failed = !end || !put(part, text);
}

static void open_section(struct part *part)
{
    const struct archive_request *request = part->request;
    bool first = request->cursor.section == first_section(&request->question);
    char text[32];

    if (request->cursor.key[0] || (request->question.csv && !first))
        return;
    if (request->question.csv) {
        put_csv_head(part);
        return;
    }
    if (first)
        put_json_head(part);
    snprintf(text, sizeof(text), ",\n\"%s\":[", sections[request->cursor.section].key);
    part->failed = part->failed || !put(part, text);
}

/* END_BYTES are kept for these. */
static void close_section(struct part *part)
{
    struct archive_request *request = part->request;

    if (!request->question.csv) {
        strcpy(part->text + part->length, "\n]");
        part->length += 2;
    }
    request->cursor.key[0] = '\0';
    if (request->cursor.section++ < last_section(&request->question))
        return;
    request->cursor.section = -1; /* that was all */
    if (!request->question.csv) {
        strcpy(part->text + part->length, "\n}\n");
        part->length += 3;
    }
}

static bool put_json_row(struct part *part, const json_t *row)
{
    _cleanup_free_ char *text = json_dumps(row, RENDER_JSON_FLAGS);
    size_t before = part->length;

    part->failed = part->failed || !text;
    if (text && put(part, part->request->cursor.key[0] ? ",\n" : "\n") && put(part, text))
        return true;
    part->length = before;
    return false;
}

static bool put_csv_row(struct part *part, const json_t *row)
{
    struct csv csv = { .text = part->text,
                       .size = ARCHIVED_PART_MAX - END_BYTES,
                       .length = part->length };

    archive_csv_row(&csv,
                    part->request->cursor.section == SECTION_DAYS ? ARCHIVE_COLUMNS_DAY
                                                                  : ARCHIVE_COLUMNS_SESSION,
                    row);
    if (csv.full)
        return false;
    part->length = csv.length;
    return true;
}

/* Takes the row; key: where the next one is behind. False: it has no room here. */
static bool put_row(struct part *part, json_t *row, const char *key)
{
    struct archive_cursor *cursor = &part->request->cursor;
    bool written =
        row && (part->request->question.csv ? put_csv_row(part, row) : put_json_row(part, row));

    part->failed = part->failed || !row;
    json_decref(row);
    if (!written)
        return false;
    snprintf(cursor->key, sizeof(cursor->key), "%s", key);
    cursor->n++;
    return true;
}

/* ---- answering --------------------------------------------------------------------------------- */

static const char *name_of(const struct archived_question *question)
{
    if (question->what == ARCHIVED_EVERYTHING)
        return "everything";
    return sections[first_section(question)].key;
}

static void answer(struct part *part)
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
                       bool (*fill)(struct part *part, const void *rows), const void *rows)
{
    struct part part = { .request = request, .text = malloc(ARCHIVED_PART_MAX + 1) };
    int64_t before = request->cursor.n;
    bool all = false;

    if (part.text) {
        open_section(&part);
        all = fill(&part, rows);
    }
    if (!part.text || part.failed || (!all && request->cursor.n == before)) {
        archive_refuse(request, "no_memory", NULL, "Out of memory", "");
    } else {
        if (all)
            close_section(&part);
        answer(&part);
    }
    free(part.text);
    archive_end(request);
}

/* ---- what is stored ---------------------------------------------------------------------------- */

static json_t *row_json(const struct archive_request *request, const struct store_page *page,
                        size_t i)
{
    if (page->sessions)
        return archive_session_json(&page->sessions[i], request->question.hide_heart);
    return page->verdicts ? archive_verdict_json(&page->verdicts[i])
                          : archive_import_json(&page->imports[i]);
}

static bool fill_stored(struct part *part, const void *rows)
{
    const struct store_page *page = rows;

    for (size_t i = 0; i < page->n; i++) {
        char key[SESSION_ID_MAX];

        if (page->sessions)
            snprintf(key, sizeof(key), "%s", page->sessions[i].session.id);
        else
            snprintf(key, sizeof(key), "%lld", (long long)page->places[i]);
        if (!put_row(part, row_json(part->request, page, i), key))
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
    request->cursor.of +=
        days + page->counts[STORE_PAGE_VERDICTS] + page->counts[STORE_PAGE_IMPORTS];
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
    struct store_page_question page = { .of = sections[request->cursor.section].page,
                                        .count = !question->cursor[0] };
    int r;

    page.limit = page.of == STORE_PAGE_SESSIONS && !question->csv ? SESSIONS_A_PART : ROWS_A_PART;
    memcpy(page.runner, question->runner, sizeof(page.runner));
    memcpy(page.from, question->from, sizeof(page.from));
    memcpy(page.to, question->to, sizeof(page.to));
    if (page.of == STORE_PAGE_SESSIONS)
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

static bool fill_days(struct part *part, const void *rows)
{
    const struct days *days = rows;

    for (size_t i = 0; i < days->n; i++) {
        char key[16];

        snprintf(key, sizeof(key), "%d", days->rows[i].day);
        if (!put_row(part, archive_day_json(&days->rows[i], part->request->question.hide_heart),
                     key))
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
        request->cursor.section = first_section(question);
    if (request->cursor.section < first_section(question) ||
        request->cursor.section > last_section(question))
        refuse_cursor(request);
    else if (request->cursor.section == SECTION_DAYS)
        take_days(request);
    else
        take_stored(request);
}
