/* SPDX-License-Identifier: MIT */
/*
 * Rows and a struct in, text out. The text is written straight into a growing buffer: a tree of
 * JSON values for each second of each runner would cost more than all else that happens in that
 * second. jansson only reads what comes from elsewhere (the body of a stored event).
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "daemon/render.h"
#include "daemon/util.h"
#include "lib/utf8.h"

#define USEC_PER_SEC 1000000
#define LAST_SECOND  253402300799   /* 9999-12-31T23:59:59Z: what RFC 3339 can say */
#define REPLACEMENT  "\xEF\xBF\xBD" /* U+FFFD */

static uint64_t refused;
static const char *refused_key;

static void write_rows(FILE *out, const struct contract_row *rows, size_t n, const char *base);

uint64_t render_refused(void)
{
    return refused;
}

const char *render_refused_key(void)
{
    return refused_key;
}

static void write_refused(FILE *out, const struct contract_row *row)
{
    refused++;
    refused_key = row->path;
    fputs("null", out);
}

static void write_null(FILE *out, const struct contract_row *row)
{
    if (row->nullable)
        fputs("null", out);
    else
        write_refused(out, row);
}

static void write_number(FILE *out, const struct contract_row *row, double value)
{
    double rounded = contract_round(row, value);

    if (isnan(value))
        write_null(out, row);
    else if (!contract_accepts(row, rounded))
        write_refused(out, row);
    else
        fprintf(out, "%.*f", row->decimals, rounded);
}

static void write_character(FILE *out, const char *character, size_t length)
{
    unsigned char c = (unsigned char)*character;

    if (length == 0)
        fputs(REPLACEMENT, out);
    else if (c == '"' || c == '\\')
        fprintf(out, "\\%c", c);
    else if (c < 0x20 || c == 0x7F)
        fprintf(out, "\\u%04x", c);
    else
        fwrite(character, 1, length, out);
}

/* A text in an array of `size` bytes; what a device calls itself may be anything. */
static void write_quoted(FILE *out, const char *text, size_t size)
{
    size_t end = strnlen(text, size);

    fputc('"', out);
    for (size_t at = 0, length; at < end; at += length ? length : 1) {
        length = utf8_character(text + at, end - at);
        write_character(out, text + at, length);
    }
    fputc('"', out);
}

static void write_text(FILE *out, const struct contract_row *row, const char *text)
{
    if (*text == '\0')
        write_null(out, row);
    else
        write_quoted(out, text, row->size - 1);
}

static void write_word(FILE *out, const struct contract_row *row, const char *text)
{
    const char *word;

    if (*text == '\0') {
        write_null(out, row);
        return;
    }
    for (size_t i = 0; (word = contract_word(row, i)); i++)
        if (strncmp(word, text, row->size) == 0) {
            write_quoted(out, word, row->size);
            return;
        }
    write_refused(out, row);
}

static void write_enum(FILE *out, const struct contract_row *row, int value)
{
    const char *word = row->name(value);

    if (word)
        fprintf(out, "\"%s\"", word);
    else
        write_null(out, row);
}

static void write_time(FILE *out, const struct contract_row *row, int64_t usec)
{
    time_t seconds = (time_t)(usec / USEC_PER_SEC);
    struct tm tm;
    char text[32];

    if (usec == 0) {
        write_null(out, row);
        return;
    }
    if (usec < 0 || seconds > LAST_SECOND || !gmtime_r(&seconds, &tm)) {
        write_refused(out, row);
        return;
    }
    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
    if (row->type == CONTRACT_TIME_MS)
        fprintf(out, "\"%s.%03dZ\"", text, (int)(usec % USEC_PER_SEC / 1000));
    else
        fprintf(out, "\"%sZ\"", text);
}

/* ---- What holds more than one value */

static size_t number_of_items(const struct contract_row *row, const char *base)
{
    size_t n;

    memcpy(&n, base + row->n_offset, sizeof(n));
    return n < row->count ? n : row->count;
}

static void write_numbers(FILE *out, const struct contract_row *row, const double *values)
{
    fputc('[', out);
    for (size_t i = 0; i < row->count; i++) {
        fputs(i ? "," : "", out);
        write_number(out, row, values[i]);
    }
    fputc(']', out);
}

static void write_strings(FILE *out, const struct contract_row *row, const char *base)
{
    size_t n = number_of_items(row, base);

    fputc('[', out);
    for (size_t i = 0; i < n; i++) {
        fputs(i ? "," : "", out);
        write_text(out, row, base + row->offset + i * row->size);
    }
    fputc(']', out);
}

static void write_map(FILE *out, const struct contract_row *row, const char *base)
{
    size_t n = number_of_items(row, base);
    const struct contract_row *name = &row->rows[0], *number = &row->rows[1];

    fputc('{', out);
    for (size_t i = 0; i < n; i++) {
        const char *item = base + row->offset + i * row->size;
        double value;
        memcpy(&value, item + number->offset, sizeof(value));
        fputs(i ? "," : "", out);
        write_quoted(out, item + name->offset, name->size);
        fputc(':', out);
        write_number(out, number, value);
    }
    fputc('}', out);
}

static void write_objects(FILE *out, const struct contract_row *row, const char *base)
{
    size_t n = number_of_items(row, base);

    fputc('[', out);
    for (size_t i = 0; i < n; i++) {
        fputs(i ? "," : "", out);
        write_rows(out, row->rows, row->n_rows, base + row->offset + i * row->size);
    }
    fputc(']', out);
}

static void write_pointed_at(FILE *out, const struct contract_row *row, const void *pointer)
{
    if (!pointer)
        write_null(out, row);
    else if (row->type == CONTRACT_NESTED)
        write_rows(out, row->rows, row->n_rows, pointer);
    else
        fputs(pointer, out);
}

static void write_value(FILE *out, const struct contract_row *row, const char *base)
{
    const void *field = base + row->offset;

    switch (row->type) {
    case CONTRACT_NUMBER:
        write_number(out, row, *(const double *)field);
        return;
    case CONTRACT_NUMBERS:
        write_numbers(out, row, field);
        return;
    case CONTRACT_BOOL:
        fputs(*(const bool *)field ? "true" : "false", out);
        return;
    case CONTRACT_STRING:
        write_text(out, row, field);
        return;
    case CONTRACT_STRINGS:
        write_strings(out, row, base);
        return;
    case CONTRACT_ENUM:
        write_enum(out, row, *(const int *)field);
        return;
    case CONTRACT_WORD:
        write_word(out, row, field);
        return;
    case CONTRACT_TIME_S:
    case CONTRACT_TIME_MS:
        write_time(out, row, *(const int64_t *)field);
        return;
    case CONTRACT_NUMBER_MAP:
        write_map(out, row, base);
        return;
    case CONTRACT_OBJECTS:
        write_objects(out, row, base);
        return;
    case CONTRACT_GROUP:
        write_rows(out, row->rows, row->n_rows, field);
        return;
    case CONTRACT_NESTED:
    case CONTRACT_OBJECT:
        write_pointed_at(out, row, *(const void *const *)field);
        return;
    }
}

/* Length of what stands before the dot; 0: the key is not nested. */
static size_t parent_length(const char *path)
{
    const char *dot = strchr(path, '.');

    return dot ? (size_t)(dot - path) : 0;
}

static void write_rows(FILE *out, const struct contract_row *rows, size_t n, const char *base)
{
    const char *parent = "";
    size_t inside = 0; /* length of the open parent */

    fputc('{', out);
    for (size_t i = 0; i < n; i++) {
        size_t length = parent_length(rows[i].path);
        bool same = length == inside && strncmp(rows[i].path, parent, length) == 0;
        if (inside > 0 && !same)
            fputc('}', out);
        fputs(i == 0 ? "" : ",", out);
        if (length > 0 && !same)
            fprintf(out, "\"%.*s\":{", (int)length, rows[i].path);
        fprintf(out, "\"%s\":", rows[i].path + (length ? length + 1 : 0));
        write_value(out, &rows[i], base);
        parent = rows[i].path;
        inside = length;
    }
    fputs(inside > 0 ? "}}" : "}", out);
}

char *render_payload(enum contract_kind kind, const void *payload)
{
    size_t n, length;
    const struct contract_row *rows = contract_rows(kind, &n);
    char *text = NULL;
    FILE *out = open_memstream(&text, &length);

    if (!out)
        return NULL;
    __fsetlocking(out, FSETLOCKING_BYCALLER); /* ours alone: a lock for each piece costs a third */
    write_rows(out, rows, n, payload);
    if (fclose(out) != 0) {
        free(text);
        return NULL;
    }
    return text;
}

char *render_event(const struct payload_event *event)
{
    _cleanup_(json_decrefp) json_t *body = json_loads(event->body, JSON_REJECT_DUPLICATES, NULL);
    _cleanup_free_ char *text = json_is_object(body) ? json_dumps(body, RENDER_JSON_FLAGS) : NULL;
    struct payload_event payload = *event;

    if (!text)
        return NULL;
    payload.body = text;
    return render_payload(CONTRACT_EVENT, &payload);
}

char *render_response(const json_t *data, const struct payload_error *error,
                      const char *transaction)
{
    _cleanup_free_ char *text = data && !error ? json_dumps(data, RENDER_JSON_FLAGS) : NULL;
    struct payload_response payload = { .data = text, .error = error };

    if (data && !error && !text)
        return NULL;
    snprintf(payload.status, sizeof(payload.status), "%s", error ? "error" : "ok");
    snprintf(payload.transaction, sizeof(payload.transaction), "%s",
             transaction ? transaction : "");
    return render_payload(CONTRACT_RESPONSE, &payload);
}
