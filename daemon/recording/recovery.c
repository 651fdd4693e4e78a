/* SPDX-License-Identifier: MIT */
#include "daemon/recording/recovery.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/recording/missing.h"

struct recovered_line {
    uint64_t key_usec;  /* where it belongs within its boot */
    uint32_t place, at; /* where it belongs in the text, and where it is found: in a copy maybe */
};

static int compare(const void *a, const void *b)
{
    const struct recovered_line *x = a, *y = b;

    if (x->key_usec != y->key_usec)
        return x->key_usec < y->key_usec ? -1 : 1;
    if (x->place != y->place)
        return x->place < y->place ? -1 : 1;
    return x->at < y->at ? -1 : x->at > y->at;
}

/* What declares (whose, which sensor, since when) goes before what is declared by it; what was
 * measured goes by its time; the rest stays behind what stands before it. */
static uint64_t key_of(const struct record *record, uint64_t latest_usec)
{
    switch (record->type) {
    case RECORD_AXIS:
    case RECORD_RUNNER:
    case RECORD_OWN:
    case RECORD_SENSOR:
    case RECORD_BEGIN:
        return 0;
    case RECORD_NOTIFICATION:
    case RECORD_LINK:
    case RECORD_UNIT:
    case RECORD_INCLINE:
    case RECORD_ROUTE:
        return record->t_usec;
    case RECORD_TOLD:
    case RECORD_LOCAL:
    case RECORD_JOINED:
    case RECORD_MERGED:
    case RECORD_END:
        return latest_usec;
    }
    return latest_usec;
}

/* Times only compare within one boot. Nearly always they stand in order, and qsort takes memory. */
static void sort_boot(struct recovered_line *lines, size_t n)
{
    size_t i = 1;

    while (i < n && compare(&lines[i - 1], &lines[i]) < 0)
        i++;
    if (i < n)
        qsort(lines, n, sizeof(*lines), compare);
}

struct reading {
    struct recovered *recovered;
    struct missing missing;
    size_t next_missing;
    size_t room;
    char boot_id[33];
    size_t boot_from; /* its first line */
    uint64_t latest_usec;
    bool over;                        /* an end was seen */
    uint32_t given_runner, given_own; /* where it says whose it is after all; 0: it does not */
};

static void end_boot(struct reading *reading)
{
    if (reading->recovered->n >
        reading->boot_from) /* without lines there is no memory to point into */
        sort_boot(reading->recovered->lines + reading->boot_from,
                  reading->recovered->n - reading->boot_from);
    reading->boot_from = reading->recovered->n;
    reading->latest_usec = 0;
}

/* Behind the end a person has said whose it is after all. */
static void note_given(struct reading *reading, enum record_type type, uint32_t at)
{
    reading->over = reading->over || type == RECORD_END;
    if (reading->over && type == RECORD_RUNNER)
        reading->given_runner = at;
    if (reading->over && type == RECORD_OWN)
        reading->given_own = at;
}

/* That holds from the first line on, whatever was thought until then: it stands in the place of each
 * line that says something else. */
static void give(const struct reading *reading)
{
    struct recovered *recovered = reading->recovered;

    for (size_t i = 0; i < recovered->n; i++) {
        struct recovered_line *line = &recovered->lines[i];

        if (recovered->text[line->at] == 'R' && reading->given_runner)
            line->at = reading->given_runner;
        else if (recovered->text[line->at] == 'K' && reading->given_own)
            line->at = reading->given_own;
    }
}

static int make_room(struct reading *reading)
{
    size_t room = reading->room ? 2 * reading->room : 256;
    void *grown;

    if (reading->recovered->n < reading->room)
        return 0;
    grown = reallocarray(reading->recovered->lines, room, sizeof(*reading->recovered->lines));
    if (!grown)
        return -ENOMEM;
    reading->recovered->lines = grown;
    reading->room = room;
    return 0;
}

static int add(struct reading *reading, const struct record *record, uint32_t place, uint32_t at)
{
    struct recovered *recovered = reading->recovered;
    uint64_t key_usec;

    if (record->type == RECORD_AXIS && strcmp(record->axis.boot_id, reading->boot_id) != 0) {
        end_boot(reading);
        memcpy(reading->boot_id, record->axis.boot_id, sizeof(reading->boot_id));
        recovered->boots++;
    }
    if (make_room(reading) < 0)
        return -ENOMEM;
    note_given(reading, record->type, at);
    key_usec = key_of(record, reading->latest_usec);
    recovered->lines[recovered->n++] =
        (struct recovered_line){ .key_usec = key_usec, .place = place, .at = at };
    if (key_usec > reading->latest_usec)
        reading->latest_usec = key_usec;
    return 0;
}

/* ---- line by line ------------------------------------------------------------------------------ */

/* Those whose place is before |end|. */
static int add_missing(struct reading *reading, size_t end)
{
    const struct missing *missing = &reading->missing;
    int r = 0;

    while (r >= 0 && reading->next_missing < missing->n &&
           missing->lines[reading->next_missing].place < end) {
        const struct missing_line *line = &missing->lines[reading->next_missing++];
        struct record record;

        /* it was read before */
        (void)recording_parse(reading->recovered->text + line->at, line->said, true, &record);
        r = add(reading, &record, line->place, line->at);
        reading->recovered->found++;
    }
    return r;
}

static int read_line(struct reading *reading, const char *line, size_t length)
{
    struct recovered *recovered = reading->recovered;
    const uint32_t at = (uint32_t)(line - recovered->text);
    struct record record;
    int r = add_missing(reading, (size_t)at + 1);

    if (r < 0 || joined_is_void(&recovered->joined, at))
        return r;
    switch (recording_parse(line, length, recovered->plain, &record)) {
    case RECORDING_OK:
        return add(reading, &record, at, at);
    case RECORDING_E_CHECKSUM:
    case RECORDING_E_FORM:
        recovered->bad++;
        return 0;
    case RECORDING_E_HEADER:
    case RECORDING_E_EMPTY:
    case RECORDING_E_COPY:
        return 0;
    }
    return 0;
}

static int read_lines(struct recovered *recovered)
{
    struct reading reading = { .recovered = recovered };
    const char *line;
    size_t cursor = 0, length;
    int r;

    if (recording_next_line(recovered->text, recovered->length, &cursor, &line, &length))
        recovered->plain = recording_is_plain(line, length);
    r = joined_find(&recovered->joined, recovered->text, recovered->length, recovered->plain);
    if (r >= 0)
        r = missing_find(&reading.missing, recovered->text, recovered->length, recovered->plain,
                         &recovered->joined);
    cursor = 0;
    while (r >= 0 &&
           recording_next_line(recovered->text, recovered->length, &cursor, &line, &length))
        r = read_line(&reading, line, length);
    end_boot(&reading);
    give(&reading);
    missing_done(&reading.missing);
    return r;
}

int recovered_read(struct recovered *ret, char *text, size_t length)
{
    struct recovered recovered = { .text = text, .length = length };
    int r = length > UINT32_MAX ? -EFBIG : read_lines(&recovered);

    if (r < 0) {
        recovered_done(&recovered);
        return r;
    }
    *ret = recovered;
    return 0;
}

/* It was found so before. Behind the blank in a copy it has no sum of its own. */
static const char *line_at(const struct recovered *recovered, size_t i, size_t *ret_said)
{
    const size_t at = recovered->lines[i].at;
    const char *line;
    size_t cursor = at, length;

    (void)recording_next_line(recovered->text, recovered->length, &cursor, &line, &length);
    if (at > 0 && recovered->text[at - 1] != '\n')
        *ret_said = recovered->plain ? length : length - strlen(" *0000");
    else
        *ret_said = recording_said(line, length, recovered->plain);
    return line;
}

void recovered_get(const struct recovered *recovered, size_t i, struct record *ret)
{
    size_t said;
    const char *line = line_at(recovered, i, &said);

    (void)recording_parse(line, said, true, ret);
}

char recovered_letter(const struct recovered *recovered, size_t i)
{
    return recovered->text[recovered->lines[i].at];
}

const char *recovered_said(const struct recovered *recovered, size_t i, size_t *ret_length,
                           uint32_t *ret_place)
{
    *ret_place = recovered->lines[i].place;
    return line_at(recovered, i, ret_length);
}

void recovered_done(struct recovered *recovered)
{
    free(recovered->text);
    free(recovered->lines);
    joined_done(&recovered->joined);
    *recovered = (struct recovered){ 0 };
}
