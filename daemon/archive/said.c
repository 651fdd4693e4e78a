/* SPDX-License-Identifier: MIT */
/* How whoever asked is answered, once; and the words that they are to bring along for the next part. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/archive/private.h"
#include "daemon/clock.h"

#define COUNT_MAX INT64_C(1000000000000000)

/* ---- answers ----------------------------------------------------------------------------------- */

void archive_say(struct archive_request *request, const struct archived *answer)
{
    archived_done done = request->done;

    request->done = NULL;
    if (done)
        done(request->userdata, answer);
}

void archive_refuse(struct archive_request *request, const char *code, const char *argument,
                    const char *message, const char *allowed)
{
    struct archived answer = { .code = code, .argument = argument, .message = message };

    snprintf(answer.allowed, sizeof(answer.allowed), "%s", allowed);
    archive_say(request, &answer);
}

void archive_end(struct archive_request *request)
{
    struct archive *archive = request->archive;
    struct archive_request **at = &archive->first;

    while (*at != request)
        at = &(*at)->next;
    *at = request->next;
    archive->n--;
    free(request);
}

void archive_refuse_and_end(struct archive_request *request, const char *code, const char *argument,
                            const char *message, const char *allowed)
{
    archive_refuse(request, code, argument, message, allowed);
    archive_end(request);
}

void archive_refuse_store(struct archive_request *request, int error)
{
    archive_refuse(request, "unavailable", NULL, "What is stored cannot be read now",
                   store_why(request->archive->parts.store, error));
}

void archive_refuse_file(struct archive_request *request, const char *why)
{
    char message[PAYLOAD_TEXT_MAX];

    snprintf(message, sizeof(message), "There is no file of this session: %s", why);
    archive_refuse(request, "unavailable", "id", message, "");
}

/* ---- cursors ----------------------------------------------------------------------------------- */

/* Digits up to a dot, which is taken too. */
static bool take_number(const char **text, int64_t *ret)
{
    size_t length = strspn(*text, "0123456789");
    int64_t value = 0;

    if (length == 0 || length > 15 || (*text)[length] != '.')
        return false;
    for (size_t i = 0; i < length; i++)
        value = value * 10 + ((*text)[i] - '0');
    *text += length + 1;
    *ret = value;
    return true;
}

/* "2.120.340.KEY"; what was not counted is "-" */
bool archive_read_cursor(const char *text, struct archive_cursor *ret)
{
    struct archive_cursor cursor = { .of = -1 };
    int64_t section = 0;

    if (!text[0]) {
        *ret = cursor;
        return true;
    }
    if (!take_number(&text, &section) || section > 9 || !take_number(&text, &cursor.n))
        return false;
    if (strncmp(text, "-.", 2) == 0)
        text += 2;
    else if (!take_number(&text, &cursor.of))
        return false;
    if (strlen(text) >= sizeof(cursor.key))
        return false;
    cursor.section = (int)section;
    strcpy(cursor.key, text);
    *ret = cursor;
    return true;
}

void archive_write_cursor(const struct archive_cursor *cursor, char ret[static ARCHIVED_CURSOR_MAX])
{
    if (cursor->of < 0)
        snprintf(ret, ARCHIVED_CURSOR_MAX, "%d.%" PRId64 ".-.%s", cursor->section,
                 cursor->n % COUNT_MAX, cursor->key);
    else
        snprintf(ret, ARCHIVED_CURSOR_MAX, "%d.%" PRId64 ".%" PRId64 ".%s", cursor->section,
                 cursor->n % COUNT_MAX, cursor->of % COUNT_MAX, cursor->key);
}
