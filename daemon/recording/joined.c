/* SPDX-License-Identifier: MIT */
/*
 * Lines are counted, whether they can be read or not: one that rotted later is there all the same. A
 * line that no other recording gives away (whose it is, on which clock, its end) tells that whoever wrote
 * the part was killed, and another process goes on.
 */
#include "daemon/recording/joined.h"
#include "daemon/array.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* One is enough for each belt a runner steps on. What is behind so many is taken for the file's own. */
#define JOINED_MAX 256

struct finding {
    struct joined *joined;
    bool is_open; /* the last part */
    uint32_t left;
};

static struct joined_part *last_part(const struct finding *finding)
{
    return &finding->joined->parts[finding->joined->n - 1];
}

static void end_part(struct finding *finding, uint32_t at)
{
    last_part(finding)->to = at;
    finding->is_open = false;
}

static int begin_part(struct finding *finding, const struct record *record, uint32_t at)
{
    struct joined_part *part;

    if (finding->joined->n == JOINED_MAX)
        return 0;
    part = ARRAY_ADD(finding->joined->parts, finding->joined->n);
    if (!part)
        return -ENOMEM;
    *part = (struct joined_part){ .from = at, .to = UINT32_MAX, .lines = record->joined.lines };
    memcpy(part->id, record->joined.id, sizeof(part->id));
    part->counts = part->lines == 0;
    finding->left = part->lines;
    finding->is_open = true;
    return 0;
}

bool joined_takes(enum record_type type)
{
    switch (type) {
    case RECORD_SENSOR:
    case RECORD_BEGIN:
    case RECORD_NOTIFICATION:
    case RECORD_LINK:
    case RECORD_UNIT:
    case RECORD_INCLINE:
    case RECORD_ROUTE:
        return true;
    case RECORD_AXIS:
    case RECORD_RUNNER:
    case RECORD_OWN:
    case RECORD_TOLD:
    case RECORD_LOCAL:
    case RECORD_JOINED:
    case RECORD_MERGED:
    case RECORD_END:
        return false;
    }
    return false;
}

/* record: NULL, it cannot be read. */
static void go_on(struct finding *finding, const struct record *record, uint32_t at)
{
    struct joined_part *part = last_part(finding);

    if (record && record->type == RECORD_MERGED && strcmp(record->merged, part->id) == 0)
        part->counts = true;
    if (finding->left == 0 || (record && !joined_takes(record->type)))
        return end_part(finding, at);
    part->sound += record != NULL;
    part->counts = --finding->left == 0;
}

static int see_line(struct finding *finding, const char *line, size_t length, bool plain,
                    uint32_t at)
{
    struct record record;
    enum recording_result result;

    if (!finding->is_open && (length == 0 || line[0] != 'J'))
        return 0;
    result = recording_parse(line, length, plain, &record);
    if (result == RECORDING_E_COPY || result == RECORDING_E_EMPTY)
        return 0;
    if (finding->is_open)
        go_on(finding, result == RECORDING_OK ? &record : NULL, at);
    if (finding->is_open || result != RECORDING_OK || record.type != RECORD_JOINED)
        return 0;
    return begin_part(finding, &record, at);
}

/* Who came again was not whole at first. */
static void leave_the_last_of_each(struct joined *joined)
{
    for (size_t i = 0; i < joined->n; i++)
        for (size_t later = i + 1; later < joined->n; later++)
            if (joined->parts[later].counts &&
                strcmp(joined->parts[later].id, joined->parts[i].id) == 0)
                joined->parts[i].counts = false;
}

int joined_find(struct joined *ret, const char *text, size_t length, bool plain)
{
    struct joined joined = { 0 };
    struct finding finding = { .joined = &joined };
    const char *line;
    size_t cursor = 0, line_length;
    int r = 0;

    while (r >= 0 && recording_next_line(text, length, &cursor, &line, &line_length))
        r = see_line(&finding, line, line_length, plain, (uint32_t)(line - text));
    if (r < 0) {
        joined_done(&joined);
        return r;
    }
    leave_the_last_of_each(&joined);
    *ret = joined;
    return 0;
}

bool joined_is_void(const struct joined *joined, uint32_t place)
{
    for (size_t i = 0; i < joined->n && joined->parts[i].from <= place; i++)
        if (!joined->parts[i].counts && place < joined->parts[i].to)
            return true;
    return false;
}

void joined_done(struct joined *joined)
{
    free(joined->parts);
    *joined = (struct joined){ 0 };
}
