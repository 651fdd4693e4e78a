/* SPDX-License-Identifier: MIT */
/*
 * The frame: which bytes are header, record and checksum. Bytes are gathered until the element that
 * comes next is whole, then its step is taken and says what is wanted after it. Nothing is read back,
 * and the longest element is a definition's list of fields (765 bytes).
 */
#include <string.h>
#include "lib/activity/fit_private.h"

#define HEADER_MIN  12
#define HEADER_MAX  64 /* 14 in all there are; it may grow */
#define MARK_AT     8  /* of ".FIT" */
#define DEFINITION  0x40
#define DEVELOPER   0x20
#define COMPRESSED  0x80
#define OFFSET_MASK 0x1f

static void want(struct fit *fit, enum fit_step step, size_t n)
{
    fit->step = step;
    fit->n_gathered = 0;
    fit->n_wanted = n;
}

static void stop(struct fit *fit, enum activity_trouble_kind kind, const char *detail)
{
    activity_emit_trouble(&fit->sink, kind, fit->at_byte, detail);
    want(fit, FIT_STEP_OVER, 0);
}

void fit_init(struct fit *fit, const struct activity_sink *sink)
{
    *fit = (struct fit){ .sink = *sink };
    want(fit, FIT_STEP_HEADER_SIZE, 1);
}

static void next_record(struct fit *fit)
{
    if (!fit->endless && fit->data_left == 0)
        want(fit, FIT_STEP_CHECKSUM, 2);
    else
        want(fit, FIT_STEP_RECORD, 1);
}

/* ---- header --------------------------------------------------------------------------------- */

static void take_header_size(struct fit *fit)
{
    uint8_t size = fit->gathered[0];

    fit->checksum = fit_checksum_add(0, &size, 1);
    if (size < HEADER_MIN || size > HEADER_MAX)
        stop(fit, fit->n_files ? ACTIVITY_TROUBLE_TRAILING : ACTIVITY_TROUBLE_FORMAT,
             "no FIT header");
    else
        want(fit, FIT_STEP_HEADER, (size_t)size - 1);
}

/* Every file of a chain begins anew: definitions and clock of the one before mean nothing in it. */
static void forget_file(struct fit *fit)
{
    for (size_t i = 0; i < FIT_LOCALS; i++)
        fit->definitions[i].known = false;
    fit->kind = ACTIVITY_KIND_UNKNOWN;
    fit->have_timestamp = fit->have_accumulated = false;
    fit->heart = (struct fit_heart){ 0 };
}

static void take_header(struct fit *fit)
{
    const uint8_t *rest = fit->gathered; /* behind the first byte, the size */

    if (memcmp(rest + MARK_AT - 1, ".FIT", 4) != 0) {
        stop(fit, fit->n_files ? ACTIVITY_TROUBLE_TRAILING : ACTIVITY_TROUBLE_FORMAT,
             "no FIT header");
        return;
    }
    fit->checksum = fit_checksum_add(fit->checksum, rest, fit->n_wanted);
    fit->n_files++;
    forget_file(fit);
    fit->data_left = (uint64_t)rest[3] | (uint64_t)rest[4] << 8 | (uint64_t)rest[5] << 16 |
                     (uint64_t)rest[6] << 24;
    fit->endless = fit->data_left == 0;
    if (fit->endless) /* written first and never come back to */
        activity_emit_trouble(&fit->sink, ACTIVITY_TROUBLE_UNFINISHED, fit->at_byte, "data size 0");
    next_record(fit);
}

/* ---- definitions ---------------------------------------------------------------------------- */

static void take_definition(struct fit *fit)
{
    struct fit_definition *definition = &fit->definitions[fit->local];
    const uint8_t *at = fit->gathered; /* reserved, order, message, message, n */

    if (at[1] > 1) { /* seen where a recorder left an older file's bytes behind its own */
        stop(fit, ACTIVITY_TROUBLE_CORRUPT, "a byte order that is none");
        return;
    }
    *definition = (struct fit_definition){ .big_endian = at[1] == 1, .n_fields = at[4] };
    definition->message = (uint16_t)(at[1] ? at[2] << 8 | at[3] : at[3] << 8 | at[2]);
    want(fit, FIT_STEP_FIELDS, 3 * (size_t)at[4]);
}

static void definition_done(struct fit *fit)
{
    fit->definitions[fit->local].known = true;
    next_record(fit);
}

static void take_fields(struct fit *fit)
{
    struct fit_definition *definition = &fit->definitions[fit->local];
    const uint8_t *at = fit->gathered;

    for (size_t i = 0; i < definition->n_fields; i++, at += 3) {
        definition->fields[i].number = at[0];
        definition->fields[i].size = at[1];
        definition->fields[i].type = at[2];
        definition->fields[i].row = fit_field_row(definition->message, at[0]);
    }
    if (fit->with_developer)
        want(fit, FIT_STEP_DEVELOPER_COUNT, 1);
    else
        definition_done(fit);
}

static void take_developer_fields(struct fit *fit)
{
    for (size_t i = 1; i < fit->n_wanted; i += 3)
        fit->definitions[fit->local].developer_bytes += fit->gathered[i];
    definition_done(fit);
}

/* ---- data ----------------------------------------------------------------------------------- */

/* The time of a message whose header carries five bits of it: the next moment that ends in them. */
static void advance_clock(struct fit *fit, uint8_t offset)
{
    if (!fit->have_timestamp)
        return;
    fit->timestamp += (offset - fit->timestamp) & OFFSET_MASK;
    fit->message.values[FIT_TIMESTAMP] = fit->timestamp;
}

static void next_value(struct fit *fit)
{
    const struct fit_definition *definition = &fit->definitions[fit->local];

    while (fit->field < definition->n_fields && definition->fields[fit->field].size == 0)
        fit->field++;
    if (fit->field < definition->n_fields) {
        want(fit, FIT_STEP_VALUE, definition->fields[fit->field].size);
    } else if (fit->skip) {
        want(fit, FIT_STEP_DEVELOPER_VALUES, fit->skip < 255 ? fit->skip : 255);
    } else {
        fit_message_done(fit);
        next_record(fit);
    }
}

static void begin_message(struct fit *fit, int local, uint8_t header)
{
    const struct fit_definition *definition = &fit->definitions[local];

    if (!definition->known) {
        stop(fit, ACTIVITY_TROUBLE_CORRUPT, "a message that was never defined");
        return;
    }
    fit->local = local;
    fit->field = 0;
    fit->skip = definition->developer_bytes;
    fit_message_begin(&fit->message, definition->message, definition->big_endian);
    if (header & COMPRESSED)
        advance_clock(fit, header & OFFSET_MASK);
    next_value(fit);
}

static void take_record(struct fit *fit)
{
    uint8_t header = fit->gathered[0];

    if (header & COMPRESSED) {
        begin_message(fit, (header >> 5) & 3, header);
    } else if (header & DEFINITION) {
        fit->local = header & 0xf;
        fit->with_developer = header & DEVELOPER;
        fit->definitions[fit->local].known = false;
        want(fit, FIT_STEP_DEFINITION, 5);
    } else {
        begin_message(fit, header & 0xf, header);
    }
}

static void take_value(struct fit *fit)
{
    const struct fit_definition *definition = &fit->definitions[fit->local];

    fit_field_store(definition->fields[fit->field].row, definition->fields[fit->field].type,
                    fit->gathered, fit->n_wanted, &fit->message);
    fit->field++;
    next_value(fit);
}

static void take_checksum(struct fit *fit)
{
    uint16_t written = (uint16_t)(fit->gathered[0] | fit->gathered[1] << 8);

    if (written != fit->checksum)
        activity_emit_trouble(&fit->sink, ACTIVITY_TROUBLE_CHECKSUM, fit->at_byte, "");
    want(fit, FIT_STEP_HEADER_SIZE, 1);
}

/* ---- the bytes ------------------------------------------------------------------------------ */

static void take_step(struct fit *fit)
{
    switch (fit->step) {
    case FIT_STEP_HEADER_SIZE:
        take_header_size(fit);
        break;
    case FIT_STEP_HEADER:
        take_header(fit);
        break;
    case FIT_STEP_RECORD:
        take_record(fit);
        break;
    case FIT_STEP_DEFINITION:
        take_definition(fit);
        break;
    case FIT_STEP_FIELDS:
        take_fields(fit);
        break;
    case FIT_STEP_DEVELOPER_COUNT:
        want(fit, FIT_STEP_DEVELOPER_FIELDS, 3 * (size_t)fit->gathered[0]);
        break;
    case FIT_STEP_DEVELOPER_FIELDS:
        take_developer_fields(fit);
        break;
    case FIT_STEP_VALUE:
        take_value(fit);
        break;
    case FIT_STEP_DEVELOPER_VALUES:
        fit->skip -= (uint32_t)fit->n_wanted;
        next_value(fit);
        break;
    case FIT_STEP_CHECKSUM:
        take_checksum(fit);
        break;
    case FIT_STEP_OVER:
        break;
    }
}

static bool in_data(const struct fit *fit)
{
    return fit->step >= FIT_STEP_RECORD && fit->step <= FIT_STEP_DEVELOPER_VALUES;
}

/* As many bytes as the element still lacks, and no more than the data has. */
static size_t gather(struct fit *fit, const uint8_t *bytes, size_t length)
{
    size_t n = fit->n_wanted - fit->n_gathered;

    if (n > length)
        n = length;
    if (in_data(fit) && !fit->endless && n > fit->data_left)
        n = (size_t)fit->data_left;
    memcpy(fit->gathered + fit->n_gathered, bytes, n);
    fit->n_gathered += n;
    fit->at_byte += n;
    if (in_data(fit)) {
        fit->checksum = fit_checksum_add(fit->checksum, bytes, n);
        fit->data_left -= fit->endless ? 0 : n;
    }
    return n;
}

bool fit_feed(struct fit *fit, const uint8_t *bytes, size_t length)
{
    while (fit->step != FIT_STEP_OVER) {
        if (fit->n_gathered == fit->n_wanted) { /* an element of no bytes as well */
            take_step(fit);
            continue;
        }
        if (length == 0)
            return true;
        size_t n = gather(fit, bytes, length);
        if (n == 0)
            stop(fit, ACTIVITY_TROUBLE_CORRUPT, "a message goes beyond the data");
        bytes += n;
        length -= n;
    }
    return false;
}

void fit_end(struct fit *fit)
{
    bool between_files = fit->step == FIT_STEP_HEADER_SIZE && fit->n_files > 0;
    bool between_records = fit->step == FIT_STEP_RECORD && fit->endless;

    if (fit->step == FIT_STEP_OVER || between_files || between_records)
        return;
    if (fit->n_files == 0)
        stop(fit, ACTIVITY_TROUBLE_FORMAT, "no FIT header");
    else
        stop(fit, fit->step == FIT_STEP_HEADER ? ACTIVITY_TROUBLE_TRAILING : ACTIVITY_TROUBLE_CUT,
             "");
}
