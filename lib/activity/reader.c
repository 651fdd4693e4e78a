/* SPDX-License-Identifier: MIT */
#include <string.h>
#include "lib/activity/reader.h"

/* Every fact passes here: a file that goes on for ever in samples is stopped, whatever its format. */
static void count_fact(void *context, const struct activity_fact *fact)
{
    struct reader *reader = context;

    bool point = fact->type == ACTIVITY_SAMPLE || fact->type == ACTIVITY_PLACE;

    if (reader->over && (point || fact->type == ACTIVITY_TROUBLE))
        return;
    if (point && reader->n_samples++ >= reader->samples_max) {
        reader->over = true;
        activity_emit_trouble(&reader->sink, ACTIVITY_TROUBLE_SAMPLES, 0, "");
        return;
    }
    if (fact->type == ACTIVITY_TROUBLE && activity_trouble_stops(fact->trouble.kind))
        reader->over = true;
    activity_emit(&reader->sink, fact);
}

void reader_init(struct reader *reader, const struct activity_sink *sink,
                 const struct activity_allocator *allocator)
{
    memset(reader, 0, sizeof(*reader));
    reader->sink = *sink;
    reader->counting = (struct activity_sink){ count_fact, reader };
    reader->allocator = allocator;
    reader->unpacked_max = READER_UNPACKED_MAX;
    reader->samples_max = ACTIVITY_SAMPLES_MAX;
}

static void tell(struct reader *reader, enum activity_trouble_kind kind, const char *detail)
{
    activity_emit_trouble(&reader->counting, kind, 0, detail);
}

/* ---- one format ------------------------------------------------------------------------------ */

static bool feed_format(struct reader *reader, const uint8_t *bytes, size_t length)
{
    if (reader->format == SNIFF_FIT)
        return fit_feed(&reader->fit, bytes, length) && !reader->over;
    return xml_feed(&reader->xml, bytes, length) && !reader->over;
}

/* What was held back to tell the format is the format's own beginning. */
static bool begin_format(struct reader *reader)
{
    reader->format = sniff(reader->head, reader->n_head);
    switch (reader->format) {
    case SNIFF_FIT:
        fit_init(&reader->fit, &reader->counting);
        return feed_format(reader, reader->head, reader->n_head);
    case SNIFF_XML:
        xml_init(&reader->xml, &reader->counting, reader->allocator);
        return feed_format(reader, reader->head, reader->n_head);
    case SNIFF_EMPTY:
        tell(reader, ACTIVITY_TROUBLE_EMPTY, "");
        break;
    case SNIFF_ARCHIVE:
        tell(reader, ACTIVITY_TROUBLE_ARCHIVE, "");
        break;
    case SNIFF_GZIP: /* packed twice is nobody's export */
    case SNIFF_UNKNOWN:
        tell(reader, ACTIVITY_TROUBLE_FORMAT, "");
        break;
    }
    return false;
}

static bool take_head(struct reader *reader, const uint8_t **bytes, size_t *length)
{
    size_t n = SNIFF_BYTES - reader->n_head;

    n = n < *length ? n : *length;
    memcpy(reader->head + reader->n_head, *bytes, n);
    reader->n_head += n;
    *bytes += n;
    *length -= n;
    return reader->n_head == SNIFF_BYTES;
}

/* Unpacked bytes. */
static bool feed_plain(void *context, const uint8_t *bytes, size_t length)
{
    struct reader *reader = context;

    if (reader->format == SNIFF_EMPTY) {
        if (!take_head(reader, &bytes, &length))
            return true;
        if (!begin_format(reader))
            return false;
    }
    return length == 0 || feed_format(reader, bytes, length);
}

/* ---- gzip around it -------------------------------------------------------------------------- */

static bool feed_packed(struct reader *reader, const uint8_t *bytes, size_t length)
{
    switch (gunzip_feed(&reader->gunzip, bytes, length, feed_plain, reader)) {
    case GUNZIP_OK:
        return true;
    case GUNZIP_OVER:
        break;
    case GUNZIP_E_CORRUPT:
        tell(reader, ACTIVITY_TROUBLE_CORRUPT, "gzip");
        break;
    case GUNZIP_E_LIMIT:
        tell(reader, ACTIVITY_TROUBLE_BOMB, "");
        break;
    case GUNZIP_E_MEMORY:
        tell(reader, ACTIVITY_TROUBLE_MEMORY, "gzip");
        break;
    }
    return false;
}

/* The first bytes say whether the file is packed; then they are a part of it like any. */
static bool feed_first(struct reader *reader, const uint8_t *bytes, size_t length)
{
    uint8_t head[SNIFF_BYTES];
    size_t n_head = reader->n_head;

    if (sniff(reader->head, n_head) != SNIFF_GZIP)
        return begin_format(reader) && (length == 0 || feed_format(reader, bytes, length));
    memcpy(head, reader->head, n_head);
    reader->packed = true;
    reader->n_head = 0;
    gunzip_init(&reader->gunzip, reader->unpacked_max, reader->allocator);
    return feed_packed(reader, head, n_head) && (length == 0 || feed_packed(reader, bytes, length));
}

bool reader_feed(struct reader *reader, const uint8_t *bytes, size_t length)
{
    if (reader->over)
        return false;
    if (reader->packed)
        return feed_packed(reader, bytes, length);
    if (reader->format == SNIFF_EMPTY)
        return !take_head(reader, &bytes, &length) || feed_first(reader, bytes, length);
    return feed_format(reader, bytes, length);
}

bool reader_is_gpx(const struct reader *reader)
{
    return reader->format == SNIFF_XML && reader->xml.format == XML_FORMAT_GPX;
}

void reader_end(struct reader *reader)
{
    if (!reader->over && !reader->packed && reader->format == SNIFF_EMPTY)
        feed_first(reader, NULL, 0); /* shorter than what there is to sniff */
    if (!reader->over && reader->packed && !gunzip_is_whole(&reader->gunzip))
        tell(reader, ACTIVITY_TROUBLE_CUT, "gzip");
    if (!reader->over && reader->packed && reader->format == SNIFF_EMPTY)
        begin_format(reader);
    if (reader->format == SNIFF_FIT)
        fit_end(&reader->fit);
    else if (reader->format == SNIFF_XML)
        xml_end(&reader->xml);
    reader_done(reader);
}

void reader_done(struct reader *reader)
{
    reader->over = true;
    if (reader->packed)
        gunzip_done(&reader->gunzip);
    if (reader->format == SNIFF_XML)
        xml_done(&reader->xml);
}
