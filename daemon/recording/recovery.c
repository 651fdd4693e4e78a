/* SPDX-License-Identifier: MIT */
#include "daemon/recording/recovery.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct keyed { /* where a line belongs within its boot: when it is from, then its place */
    uint64_t t_usec;
    size_t place;
};

static int compare(const void *a, const void *b)
{
    const struct keyed *x = a, *y = b;

    if (x->t_usec != y->t_usec)
        return x->t_usec < y->t_usec ? -1 : 1;
    return x->place < y->place ? -1 : x->place > y->place;
}

static size_t count_lines(const char *text, size_t length)
{
    size_t n = 0;

    for (size_t i = 0; i < length; i++)
        n += text[i] == '\n';
    return n;
}

/* What declares (whose, which sensor, since when) goes before what is declared by it; what was
 * measured goes by its time; the rest stays behind what stands before it. */
static uint64_t key_of(const struct record *record, uint64_t latest)
{
    switch (record->type) {
    case RECORD_AXIS:
    case RECORD_RUNNER:
    case RECORD_SENSOR:
    case RECORD_BEGIN:
        return 0;
    case RECORD_NOTIFICATION:
    case RECORD_LINK:
    case RECORD_UNIT:
    case RECORD_INCLINE:
        return record->t_usec;
    case RECORD_TOLD:
    case RECORD_MERGED:
    case RECORD_END:
        return latest;
    }
    return latest;
}

/* Times only compare within one boot: [from, to) are the lines of one. */
static void sort_boot(const struct record *records, struct keyed *keys, size_t from, size_t to)
{
    uint64_t latest = 0;

    for (size_t i = from; i < to; i++) {
        keys[i] = (struct keyed){ .t_usec = key_of(&records[i], latest), .place = i };
        if (keys[i].t_usec > latest)
            latest = keys[i].t_usec;
    }
    qsort(keys + from, to - from, sizeof(*keys), compare);
}

static bool is_other_boot(const struct record *record, const char *boot_id)
{
    return record->type == RECORD_AXIS && strcmp(record->axis.boot_id, boot_id) != 0;
}

static size_t sort_boots(const struct record *records, size_t n, struct keyed *keys)
{
    const char *boot_id = "";
    size_t from = 0, boots = 0;

    for (size_t i = 0; i < n; i++)
        if (is_other_boot(&records[i], boot_id)) {
            sort_boot(records, keys, from, i);
            boot_id = records[i].axis.boot_id;
            from = i;
            boots++;
        }
    sort_boot(records, keys, from, n);
    return boots;
}

static int sort_records(struct recovered *recovered)
{
    struct keyed *keys = calloc(recovered->n + 1, sizeof(*keys));
    struct record *sorted = calloc(recovered->n + 1, sizeof(*sorted));

    if (!keys || !sorted) {
        free(keys);
        free(sorted);
        return -ENOMEM;
    }
    recovered->boots = sort_boots(recovered->records, recovered->n, keys);
    for (size_t i = 0; i < recovered->n; i++)
        sorted[i] = recovered->records[keys[i].place];
    free(keys);
    free(recovered->records);
    recovered->records = sorted;
    return 0;
}

static void read_lines(struct recovered *recovered, const char *text, size_t length)
{
    const char *line;
    size_t cursor = 0, line_length;
    bool plain = false, first = true;

    while (recording_next_line(text, length, &cursor, &line, &line_length)) {
        enum recording_result result;

        if (first)
            plain = recording_is_plain(line, line_length);
        first = false;
        result = recording_parse(line, line_length, plain, &recovered->records[recovered->n]);
        if (result == RECORDING_OK)
            recovered->n++;
        else if (result == RECORDING_E_CHECKSUM || result == RECORDING_E_FORM)
            recovered->bad++;
    }
}

int recovered_read(struct recovered *ret, const char *text, size_t length)
{
    struct recovered recovered = { 0 };
    int r;

    recovered.records = calloc(count_lines(text, length) + 1, sizeof(*recovered.records));
    if (!recovered.records)
        return -ENOMEM;
    read_lines(&recovered, text, length);
    r = sort_records(&recovered);
    if (r < 0) {
        recovered_done(&recovered);
        return r;
    }
    *ret = recovered;
    return 0;
}

void recovered_done(struct recovered *recovered)
{
    free(recovered->records);
    *recovered = (struct recovered){ 0 };
}
