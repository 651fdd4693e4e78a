/* SPDX-License-Identifier: MIT */
/*
 * One row, one property. All of jansson's *_new calls give up their reference to what they are set
 * into, also on failure, so a failure shows only at the end: a key is missing then, and json_dumps
 * of what was never made is NULL.
 */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "daemon/broker/schema.h"

#define DRAFT   "https://json-schema.org/draft/2020-12/schema"
#define TIME_S  "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$"
#define TIME_MS "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z$"

static json_t *schema_of_rows(const struct contract_row *rows, size_t n, bool nullable);

static void set_type(json_t *schema, const char *type, bool nullable)
{
    if (nullable)
        json_object_set_new(schema, "type", json_pack("[ss]", type, "null"));
    else
        json_object_set_new(schema, "type", json_string(type));
}

static json_t *number_value(double value)
{
    return value == floor(value) ? json_integer((json_int_t)value) : json_real(value);
}

static json_t *schema_of_number(const struct contract_row *row)
{
    json_t *schema = json_object();

    set_type(schema, row->decimals == 0 ? "integer" : "number", row->nullable);
    json_object_set_new(schema, "minimum", number_value(row->min));
    json_object_set_new(schema, "maximum", number_value(row->max));
    return schema;
}

static json_t *schema_of_bool(void)
{
    json_t *schema = json_object();

    set_type(schema, "boolean", false);
    return schema;
}

static json_t *schema_of_text(const struct contract_row *row)
{
    json_t *schema = json_object();

    set_type(schema, "string", row->nullable);
    json_object_set_new(schema, "minLength", json_integer(1)); /* "" would be null */
    json_object_set_new(schema, "maxLength", json_integer((json_int_t)row->size - 1));
    if (row->pattern)
        json_object_set_new(schema, "pattern", json_string(row->pattern));
    return schema;
}

static json_t *schema_of_words(const struct contract_row *row)
{
    json_t *schema = json_object(), *words = json_array();
    const char *word;

    set_type(schema, "string", row->nullable);
    for (size_t i = 0; (word = contract_word(row, i)); i++)
        json_array_append_new(words, json_string(word));
    if (row->nullable)
        json_array_append_new(words, json_null());
    json_object_set_new(schema, "enum", words);
    return schema;
}

static json_t *schema_of_time(const struct contract_row *row)
{
    json_t *schema = json_object();

    set_type(schema, "string", row->nullable);
    json_object_set_new(schema, "format", json_string("date-time"));
    json_object_set_new(schema, "pattern",
                        json_string(row->type == CONTRACT_TIME_MS ? TIME_MS : TIME_S));
    return schema;
}

static json_t *schema_of_array(json_t *items, size_t least, size_t most)
{
    json_t *schema = json_object();

    set_type(schema, "array", false);
    json_object_set_new(schema, "items", items);
    json_object_set_new(schema, "minItems", json_integer((json_int_t)least));
    json_object_set_new(schema, "maxItems", json_integer((json_int_t)most));
    return schema;
}

static json_t *schema_of_map(const struct contract_row *row)
{
    json_t *schema = json_object();

    set_type(schema, "object", false);
    json_object_set_new(schema, "propertyNames", schema_of_text(&row->rows[0]));
    json_object_set_new(schema, "additionalProperties", schema_of_number(&row->rows[1]));
    json_object_set_new(schema, "maxProperties", json_integer((json_int_t)row->count));
    return schema;
}

static json_t *schema_of_any_object(const struct contract_row *row)
{
    json_t *schema = json_object();

    set_type(schema, "object", row->nullable);
    return schema;
}

static json_t *schema_of_value(const struct contract_row *row)
{
    switch (row->type) {
    case CONTRACT_NUMBER:
        return schema_of_number(row);
    case CONTRACT_NUMBERS:
        return schema_of_array(schema_of_number(row), row->count, row->count);
    case CONTRACT_BOOL:
        return schema_of_bool();
    case CONTRACT_STRING:
        return schema_of_text(row);
    case CONTRACT_STRINGS:
        return schema_of_array(schema_of_text(row), 0, row->count);
    case CONTRACT_ENUM:
    case CONTRACT_WORD:
        return schema_of_words(row);
    case CONTRACT_TIME_S:
    case CONTRACT_TIME_MS:
        return schema_of_time(row);
    case CONTRACT_NUMBER_MAP:
        return schema_of_map(row);
    case CONTRACT_OBJECTS:
        return schema_of_array(schema_of_rows(row->rows, row->n_rows, false), 0, row->count);
    case CONTRACT_GROUP:
        return schema_of_rows(row->rows, row->n_rows, false);
    case CONTRACT_NESTED:
        return schema_of_rows(row->rows, row->n_rows, row->nullable);
    case CONTRACT_OBJECT:
        return schema_of_any_object(row);
    }
    return NULL;
}

static json_t *object_schema(bool nullable)
{
    json_t *schema = json_object();

    set_type(schema, "object", nullable);
    json_object_set_new(schema, "additionalProperties", json_false());
    json_object_set_new(schema, "required", json_array());
    json_object_set_new(schema, "properties", json_object());
    return schema;
}

/* Borrowed; NULL when it is not there yet. */
static json_t *property(const json_t *schema, const char *key)
{
    return json_object_get(json_object_get(schema, "properties"), key);
}

static void add_property(json_t *schema, const char *key, json_t *value)
{
    json_array_append_new(json_object_get(schema, "required"), json_string(key));
    json_object_set_new(json_object_get(schema, "properties"), key, value);
}

static json_t *describe(json_t *schema, const struct contract_row *row)
{
    char text[256];

    if (row->unit)
        snprintf(text, sizeof(text), "%s Unit: %s.", row->description, row->unit);
    else
        snprintf(text, sizeof(text), "%s", row->description);
    json_object_set_new(schema, "description", json_string(text));
    return schema;
}

/* An object within a payload has no row of its own, only those of its keys. */
static json_t *group_schema(const char *key)
{
    static const struct {
        const char *key, *description;
    } groups[] = {
        { "left_today", "What is left of today before each limit; null without a verdict." },
        { "source", "Which sensor each figure comes from; null where there is no such figure." },
    };
    json_t *schema = object_schema(false);

    for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
        if (strcmp(groups[i].key, key) == 0)
            json_object_set_new(schema, "description", json_string(groups[i].description));
    return schema;
}

static void add_row(json_t *schema, const struct contract_row *row)
{
    const char *dot = strchr(row->path, '.');
    char parent[64];

    if (dot) {
        snprintf(parent, sizeof(parent), "%.*s", (int)(dot - row->path), row->path);
        if (!property(schema, parent))
            add_property(schema, parent, group_schema(parent));
        schema = property(schema, parent);
    }
    add_property(schema, dot ? dot + 1 : row->path, describe(schema_of_value(row), row));
}

static json_t *schema_of_rows(const struct contract_row *rows, size_t n, bool nullable)
{
    json_t *schema = object_schema(nullable);

    for (size_t i = 0; i < n; i++)
        add_row(schema, &rows[i]);
    return schema;
}

/* What no row can say: an answer has either data or an error. */
static void add_either(json_t *schema)
{
    json_t *either =
        json_pack("{s:{s:{s:{s:s}}}, s:{s:{s:{s:s}}}, s:{s:{s:{s:s}, s:{s:s}}}}", "if",
                  "properties", "status", "const", "ok", "then", "properties", "error", "type",
                  "null", "else", "properties", "data", "type", "null", "error", "type", "object");

    json_object_update_new(schema, either);
}

char *schema_payload(enum contract_kind kind)
{
    size_t n;
    const struct contract_row *rows = contract_rows(kind, &n);
    json_t *schema = json_object();
    char *text, id[64];

    snprintf(id, sizeof(id), "urn:strided:schema:%s", contract_kind_name(kind));
    json_object_set_new(schema, "$schema", json_string(DRAFT));
    json_object_set_new(schema, "$id", json_string(id));
    json_object_set_new(schema, "title", json_string(contract_kind_topic(kind)));
    json_object_set_new(schema, "description", json_string(contract_kind_description(kind)));
    json_object_update_new(schema, schema_of_rows(rows, n, false));
    if (kind == CONTRACT_RESPONSE)
        add_either(schema);
    text = json_dumps(schema, JSON_INDENT(2) | JSON_REAL_PRECISION(10));
    json_decref(schema);
    return text;
}
