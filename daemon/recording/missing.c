/* SPDX-License-Identifier: MIT */
/*
 * Found by what they say and not by where they stand: in a recording that a person cut lines out of for
 * a bug report, each copy would otherwise be a line of its own.
 */
#include "daemon/recording/missing.h"
#include "daemon/array.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "lib/recording.h"

/* As many different ones: a session has some ten, and one more with each restart of its daemon. */
#define MISSING_MAX 1024

struct text {
    const char *bytes;
    size_t length;
    bool plain;
    const struct joined *joined;
};

static bool next_line(const struct text *text, size_t *cursor, const char **ret, size_t *ret_length)
{
    return recording_next_line(text->bytes, text->length, cursor, ret, ret_length);
}

static bool is_noted(const struct missing *missing, const struct text *text, const char *line,
                     size_t said)
{
    for (size_t i = 0; i < missing->n; i++)
        if (missing->lines[i].said == said &&
            memcmp(text->bytes + missing->lines[i].at, line, said) == 0)
            return true;
    return false;
}

/* One that claims to be of a line behind it was moved: it stands for itself where it is. */
static int note_copy(struct missing *missing, const struct text *text, const char *line,
                     size_t length)
{
    const uint32_t here = (uint32_t)(line - text->bytes);
    struct recording_copy copy;
    struct record record;
    uint32_t place;

    if (recording_copy_parse(line, length, text->plain, &copy, &record) != RECORDING_OK)
        return 0;
    place = copy.place < here ? copy.place : here;
    if (joined_is_void(text->joined, place) || is_noted(missing, text, line + copy.at, copy.said) ||
        missing->n == MISSING_MAX)
        return 0;
    struct missing_line *added = ARRAY_ADD(missing->lines, missing->n);
    if (!added)
        return -ENOMEM;
    *added = (struct missing_line){ .place = place,
                                    .at = here + (uint32_t)copy.at,
                                    .said = (uint32_t)copy.said };
    return 0;
}

static int note_copies(struct missing *missing, const struct text *text)
{
    const char *line;
    size_t cursor = 0, length;
    int r = 0;

    while (r >= 0 && next_line(text, &cursor, &line, &length))
        if (length > 0 && line[0] == RECORDING_COPY_LETTER)
            r = note_copy(missing, text, line, length);
    return r;
}

static void drop_those_of(struct missing *missing, const struct text *text, const char *line,
                          size_t length)
{
    for (size_t i = 0; i < missing->n; i++) {
        struct missing_line *found = &missing->lines[i];

        if (length < found->said || memcmp(text->bytes + found->at, line, found->said) != 0 ||
            recording_said(line, length, text->plain) != found->said)
            continue;
        *found = missing->lines[--missing->n];
        return;
    }
}

/* What stands somewhere whole is not missing. */
static void drop_what_stands(struct missing *missing, const struct text *text)
{
    const char *line;
    size_t cursor = 0, length;

    while (missing->n > 0 && next_line(text, &cursor, &line, &length))
        if (!joined_is_void(text->joined, (uint32_t)(line - text->bytes)))
            drop_those_of(missing, text, line, length);
}

static int compare(const void *a, const void *b)
{
    const struct missing_line *x = a, *y = b;

    if (x->place != y->place)
        return x->place < y->place ? -1 : 1;
    return x->at < y->at ? -1 : x->at > y->at;
}

int missing_find(struct missing *ret, const char *text, size_t length, bool plain,
                 const struct joined *joined)
{
    const struct text whole = { text, length, plain, joined };
    struct missing missing = { 0 };
    int r = note_copies(&missing, &whole);

    if (r < 0) {
        missing_done(&missing);
        return r;
    }
    drop_what_stands(&missing, &whole);
    if (missing.n > 0)
        qsort(missing.lines, missing.n, sizeof(*missing.lines), compare);
    *ret = missing;
    return 0;
}

void missing_done(struct missing *missing)
{
    free(missing->lines);
    *missing = (struct missing){ 0 };
}
