/* SPDX-License-Identifier: MIT */
/*
 * Rows as the text of a part of a document.
 *
 *   CSV    header | row | row ..
 *   JSON   {"strided":.., "runner":.., "sessions":[ row, row ], "days":[ row ] .. }
 *          \------- the first part -------------/ \- a part -/ ...
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/archive/private.h"
#include "daemon/render.h"
#include "daemon/util.h"

#define END_BYTES 8 /* of a section and of the document: room is kept for it */

const char *archive_section_name(enum archive_section section)
{
    static const char *const names[ARCHIVE_SECTIONS] = { "sessions", "days", "verdicts", "imports",
                                                         "said" };

    return names[section];
}

int archive_first_section(const struct archived_question *question)
{
    return question->what == ARCHIVED_DAYS ? ARCHIVE_DAYS : ARCHIVE_SESSIONS;
}

int archive_last_section(const struct archived_question *question)
{
    if (question->what == ARCHIVED_EVERYTHING)
        return ARCHIVE_SECTIONS - 1;
    return archive_first_section(question);
}

static bool put(struct archive_part *part, const char *text)
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

static void put_csv_head(struct archive_part *part)
{
    struct csv csv = { .text = part->text, .size = ARCHIVED_PART_MAX - END_BYTES };

    archive_csv_head(&csv, part->request->cursor.section == ARCHIVE_DAYS ? ARCHIVE_COLUMNS_DAY
                                                                         : ARCHIVE_COLUMNS_SESSION);
    part->failed = csv.full;
    part->length = csv.length;
}

/* All of the head but its last brace, and the section begins. */
static void put_json_head(struct archive_part *part)
{
    json_t *head = head_json(part->request->archive, &part->request->question);
    _cleanup_free_ char *text = json_dumps(head, RENDER_JSON_FLAGS);
    char *end = text ? strrchr(text, '}') : NULL;

    json_decref(head);
    if (end)
        *end = '\0';
    part->failed = !end || !put(part, text);
}

void archive_part_open(struct archive_part *part)
{
    const struct archive_request *request = part->request;
    bool first = request->cursor.section == archive_first_section(&request->question);
    char text[32];

    if (request->cursor.key[0] || (request->question.csv && !first))
        return;
    if (request->question.csv) {
        put_csv_head(part);
        return;
    }
    if (first)
        put_json_head(part);
    snprintf(text, sizeof(text), ",\n\"%s\":[", archive_section_name(request->cursor.section));
    part->failed = part->failed || !put(part, text);
}

/* END_BYTES are kept for these. */
void archive_part_close(struct archive_part *part)
{
    struct archive_request *request = part->request;

    if (!request->question.csv) {
        strcpy(part->text + part->length, "\n]");
        part->length += 2;
    }
    request->cursor.key[0] = '\0';
    if (request->cursor.section++ < archive_last_section(&request->question))
        return;
    request->cursor.section = -1; /* that was all */
    if (!request->question.csv) {
        strcpy(part->text + part->length, "\n}\n");
        part->length += 3;
    }
}

static bool put_json_row(struct archive_part *part, const json_t *row)
{
    _cleanup_free_ char *text = json_dumps(row, RENDER_JSON_FLAGS);
    size_t before = part->length;

    part->failed = part->failed || !text;
    if (text && put(part, part->request->cursor.key[0] ? ",\n" : "\n") && put(part, text))
        return true;
    part->length = before;
    return false;
}

static bool put_csv_row(struct archive_part *part, const json_t *row)
{
    struct csv csv = { .text = part->text,
                       .size = ARCHIVED_PART_MAX - END_BYTES,
                       .length = part->length };

    archive_csv_row(&csv,
                    part->request->cursor.section == ARCHIVE_DAYS ? ARCHIVE_COLUMNS_DAY
                                                                  : ARCHIVE_COLUMNS_SESSION,
                    row);
    if (csv.full)
        return false;
    part->length = csv.length;
    return true;
}

bool archive_part_add(struct archive_part *part, json_t *row, const char *key)
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
