/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * Any activity file: bytes in, facts out. What it is, packed or not, is found from its first bytes.
 * The same bytes may be read twice (outline.h says why): nothing here depends on anything else.
 *
 *   bytes -> sniff -> [gunzip -> sniff] -> FIT | GPX | TCX -> facts
 */
#include "lib/activity/fit.h"
#include "lib/activity/gunzip.h"
#include "lib/activity/sniff.h"
#include "lib/activity/xml.h"

#define READER_UNPACKED_MAX (UINT64_C(256) << 20) /* bytes; a day of TCX at 1 Hz is 60 MB */

struct reader {
    struct activity_sink sink;     /* the caller's */
    struct activity_sink counting; /* ours before it: bounds the samples, remembers trouble */
    const struct activity_allocator *allocator;
    /* READER_UNPACKED_MAX and ACTIVITY_SAMPLES_MAX; may be lowered before the first byte */
    uint64_t unpacked_max;
    uint32_t samples_max;
    bool over;
    uint32_t n_samples;
    bool packed;
    enum sniff_format format; /* of the unpacked bytes; EMPTY until it is known */
    uint8_t head[SNIFF_BYTES];
    size_t n_head;
    struct gunzip gunzip;
    union {
        struct fit fit;
        struct xml xml;
    };
};

/* The sink is copied, its context and the allocator (NULL: libc's) borrowed. The reader must not
 * move in memory until reader_done. */
void reader_init(struct reader *reader, const struct activity_sink *sink,
                 const struct activity_allocator *allocator);
/* false: nothing more is wanted; why was told as ACTIVITY_TROUBLE. length may be 0. */
bool reader_feed(struct reader *reader, const uint8_t *bytes, size_t length);
/* What was fed so far is GPX; before reader_end. */
bool reader_is_gpx(const struct reader *reader);
/* There are no more bytes: what is left to be told is told. */
void reader_end(struct reader *reader);
/* Gives the parsers' memory back; any number of times. */
void reader_done(struct reader *reader);
