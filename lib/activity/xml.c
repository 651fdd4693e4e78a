/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include "lib/activity/xml.h"

void xml_init(struct xml *xml, const struct activity_sink *sink,
              const struct activity_allocator *allocator)
{
    *xml = (struct xml){ .sink = *sink, .allocator = allocator };
}

void xml_done(struct xml *xml)
{
    if (xml->parser)
        XML_ParserFree(xml->parser);
    xml->parser = NULL;
    xml->over = true;
}

static void stop(struct xml *xml, enum activity_trouble_kind kind, const char *detail)
{
    uint64_t at_byte = xml->at_byte;

    if (xml->parser && XML_GetCurrentByteIndex(xml->parser) >= 0)
        at_byte = xml->skipped + (uint64_t)XML_GetCurrentByteIndex(xml->parser);
    xml_done(xml);
    activity_emit_trouble(&xml->sink, kind, at_byte, detail);
}

/* ---- what expat calls ----------------------------------------------------------------------- */

/* A handler may not free the parser it is called by: it stops it, and feed() tells why. */
static void refuse(struct xml *xml, enum activity_trouble_kind why)
{
    xml->refused = true;
    xml->refusal = why;
    XML_StopParser(xml->parser, XML_FALSE);
}

static const char *without_prefix(const char *name)
{
    const char *colon = strrchr(name, ':');

    return colon ? colon + 1 : name;
}

static void begin_root(struct xml *xml, const char *name)
{
    xml->root_seen = true;
    if (strcmp(name, "gpx") == 0) {
        xml->format = XML_FORMAT_GPX;
        gpx_init(&xml->gpx, &xml->sink);
    } else if (strcmp(name, "TrainingCenterDatabase") == 0) {
        xml->format = XML_FORMAT_TCX;
        tcx_init(&xml->tcx, &xml->sink);
    } else {
        refuse(xml, ACTIVITY_TROUBLE_FORMAT);
    }
}

static void on_start(void *userdata, const XML_Char *qualified, const XML_Char **attributes)
{
    struct xml *xml = userdata;
    const char *name = without_prefix(qualified);

    if (++xml->depth > XML_DEPTH_MAX) {
        refuse(xml, ACTIVITY_TROUBLE_TOKEN);
        return;
    }
    if (!xml->root_seen)
        begin_root(xml, name);
    xml->n_text = 0;
    if (xml->format == XML_FORMAT_GPX)
        gpx_start(&xml->gpx, name, attributes);
    else if (xml->format == XML_FORMAT_TCX)
        tcx_start(&xml->tcx, name, attributes);
}

static void on_end(void *userdata, const XML_Char *qualified)
{
    struct xml *xml = userdata;
    const char *name = without_prefix(qualified);

    xml->depth--;
    xml->text[xml->n_text < XML_TEXT_MAX ? xml->n_text : 0] = '\0'; /* too long: no value */
    if (xml->format == XML_FORMAT_GPX)
        gpx_finish(&xml->gpx, name, xml->text);
    else if (xml->format == XML_FORMAT_TCX)
        tcx_finish(&xml->tcx, name, xml->text);
    xml->n_text = 0;
}

static void on_text(void *userdata, const XML_Char *text, int length)
{
    struct xml *xml = userdata;
    size_t n = (size_t)length;

    if (xml->n_text == 0) /* blanks before a value */
        for (; n > 0 && (*text == ' ' || (*text >= '\t' && *text <= '\r')); text++)
            n--;
    if (n >= XML_TEXT_MAX - xml->n_text) {
        xml->n_text = XML_TEXT_MAX;
        return;
    }
    memcpy(xml->text + xml->n_text, text, n);
    xml->n_text += n;
}

static void on_doctype(void *userdata, const XML_Char *name, const XML_Char *system_id,
                       const XML_Char *public_id, int has_internal_subset)
{
    refuse(userdata, ACTIVITY_TROUBLE_DOCTYPE);
}

/* ---- the bytes ------------------------------------------------------------------------------ */

static bool create(struct xml *xml)
{
    const struct activity_allocator *given = xml->allocator;
    XML_Memory_Handling_Suite suite = { 0 };

    if (given && given->allocate)
        suite = (XML_Memory_Handling_Suite){ given->allocate, given->reallocate, given->release };
    xml->parser = XML_ParserCreate_MM(xml_encoding_of(xml->head, xml->n_head),
                                      suite.malloc_fcn ? &suite : NULL, NULL);
    if (!xml->parser) {
        stop(xml, ACTIVITY_TROUBLE_MEMORY, "");
        return false;
    }
    XML_SetUserData(xml->parser, xml);
    XML_SetElementHandler(xml->parser, on_start, on_end);
    XML_SetCharacterDataHandler(xml->parser, on_text);
    XML_SetStartDoctypeDeclHandler(xml->parser, on_doctype);
    XML_SetUnknownEncodingHandler(xml->parser, xml_encoding_unknown, NULL);
    return true;
}

static void tell_error(struct xml *xml)
{
    enum XML_Error error = XML_GetErrorCode(xml->parser);
    char detail[ACTIVITY_TEXT_MAX];

    snprintf(detail, sizeof(detail), "line %lu: %s",
             (unsigned long)XML_GetCurrentLineNumber(xml->parser), XML_ErrorString(error));
    if (xml->refused)
        stop(xml, xml->refusal, "");
    else if (error == XML_ERROR_NO_MEMORY)
        stop(xml, ACTIVITY_TROUBLE_MEMORY, "");
    else if (error == XML_ERROR_NO_ELEMENTS || error == XML_ERROR_UNCLOSED_TOKEN ||
             error == XML_ERROR_PARTIAL_CHAR)
        stop(xml, ACTIVITY_TROUBLE_CUT, detail);
    else if (error == XML_ERROR_UNKNOWN_ENCODING || error == XML_ERROR_INCORRECT_ENCODING)
        stop(xml, ACTIVITY_TROUBLE_ENCODING, detail);
    else if (error == XML_ERROR_JUNK_AFTER_DOC_ELEMENT)
        stop(xml, ACTIVITY_TROUBLE_TRAILING, detail);
    else
        stop(xml, ACTIVITY_TROUBLE_CORRUPT, detail);
}

static bool parse(struct xml *xml, const uint8_t *bytes, size_t length, bool last)
{
    xml->at_byte += length;
    if (XML_Parse(xml->parser, (const char *)bytes, (int)length, last) != XML_STATUS_OK) {
        tell_error(xml);
        return false;
    }
    /* expat keeps the bytes of a token until it is whole */
    if (xml->at_byte - xml->skipped >
        (uint64_t)XML_GetCurrentByteIndex(xml->parser) + XML_TOKEN_MAX) {
        stop(xml, ACTIVITY_TROUBLE_TOKEN, "");
        return false;
    }
    return true;
}

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

static bool head_is_whole(const struct xml *xml)
{
    return xml->n_head == XML_HEAD_MAX || (xml->n_head > 0 && xml->head[xml->n_head - 1] == '>') ||
           (xml->n_head == 2 && xml_encoding_of(xml->head, 2));
}

static bool begin(struct xml *xml)
{
    return create(xml) && parse(xml, xml->head, xml->n_head, false);
}

/* The declaration decides; blanks before it, which XML forbids there, are passed over. */
static bool take_head(struct xml *xml, const uint8_t **bytes, size_t *length)
{
    for (; *length > 0 && !head_is_whole(xml); ++*bytes, --*length) {
        if (xml->n_head == 0 && is_blank(**bytes)) {
            xml->at_byte++;
            xml->skipped++;
        } else {
            xml->head[xml->n_head++] = **bytes;
        }
    }
    return !head_is_whole(xml) || begin(xml);
}

bool xml_feed(struct xml *xml, const uint8_t *bytes, size_t length)
{
    if (xml->over || (!xml->parser && !take_head(xml, &bytes, &length)))
        return false;
    while (length > 0 && !xml->over) {
        size_t n = length < XML_TOKEN_MAX ? length : XML_TOKEN_MAX; /* an int, for expat */
        if (!parse(xml, bytes, n, false))
            return false;
        bytes += n;
        length -= n;
    }
    return !xml->over;
}

/* Also what was cut off was done as far as it goes: its last session is told. */
static void end_format(struct xml *xml)
{
    if (xml->format == XML_FORMAT_GPX)
        gpx_end(&xml->gpx);
    else if (xml->format == XML_FORMAT_TCX)
        tcx_end(&xml->tcx);
    xml->format = XML_FORMAT_NONE;
}

void xml_end(struct xml *xml)
{
    if (!xml->over && !xml->parser && xml->n_head < 2)
        stop(xml, ACTIVITY_TROUBLE_FORMAT, "");
    else if (!xml->over && (xml->parser || begin(xml)) && parse(xml, NULL, 0, true))
        xml_done(xml);
    end_format(xml);
}
