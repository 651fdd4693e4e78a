/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * GPX and TCX over expat, which reads the XML as it comes. Ours is what expat is not to do: declare
 * a document type (so no entity of anybody's is ever expanded and no file opened), keep a tag of a
 * megabyte, or take more memory than it is given. Names lose their prefix and no namespace is looked
 * up: real exports use prefixes that they never declare, and no two elements we read differ by
 * their namespace alone.
 */
#include <expat.h>
#include "lib/activity/activity.h"
#include "lib/activity/gpx.h"
#include "lib/activity/tcx.h"
#include "lib/activity/xml_encoding.h"

#define XML_TEXT_MAX  64           /* of one value; what is longer is none of ours */
#define XML_TOKEN_MAX (256 * 1024) /* bytes of one tag */
#define XML_DEPTH_MAX 64

enum xml_format { XML_FORMAT_NONE, XML_FORMAT_GPX, XML_FORMAT_TCX };

struct xml {
    struct activity_sink sink;
    const struct activity_allocator *allocator; /* borrowed */
    XML_Parser parser;                          /* NULL: not begun, or over */
    bool over;
    uint64_t at_byte;           /* handed in so far, */
    uint64_t skipped;           /* of it blanks before the document */
    uint8_t head[XML_HEAD_MAX]; /* its first bytes, in which it is declared */
    size_t n_head;
    int depth;
    bool root_seen;
    size_t n_text; /* text of the innermost element, since its start or its last child */
    char text[XML_TEXT_MAX];
    enum activity_trouble_kind refusal; /* why a handler stopped the parser */
    bool refused;
    enum xml_format format;
    union {
        struct gpx gpx;
        struct tcx tcx;
    };
};

/* allocator NULL: libc's. Life cycle: init, feed.., end, done; done alone is fine at any time. */
void xml_init(struct xml *xml, const struct activity_sink *sink,
              const struct activity_allocator *allocator);
/* false: nothing more is wanted. */
bool xml_feed(struct xml *xml, const uint8_t *bytes, size_t length);
void xml_end(struct xml *xml);
void xml_done(struct xml *xml);
