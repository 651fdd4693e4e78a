/* SPDX-License-Identifier: MIT */
/*
 * A stored row as it is given away: JSON, whose keys are those of the payload where there is one, and of
 * that the cells of a table, in the order of the payload's rows.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "daemon/archive/private.h"
#include "daemon/broker/privacy.h"
#include "daemon/util.h"
#include "lib/civil.h"
#include "lib/conf_key.h"
#include "lib/contract.h"
#include "lib/training/rule.h"

#define USEC_PER_SEC 1000000

static json_t *text_or_null(const char *text)
{
    return text[0] ? json_string(text) : json_null();
}

static json_t *time_or_null(int64_t usec)
{
    time_t seconds = (time_t)(usec / USEC_PER_SEC);
    struct tm tm;
    char text[32];

    if (usec == 0 || !gmtime_r(&seconds, &tm) ||
        strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
        return json_null();
    return json_string(text);
}

/* ---- sessions ---------------------------------------------------------------------------------- */

/* What is stored of one and is in no payload */
static const char *const session_more[] = { "utc_offset_s", "reason",  "instead",    "file",
                                            "sport",        "device",  "barometric", "samples",
                                            "effort",       "surface", "shoes",      NULL };

static json_t *number_json(const struct contract_row *row, double value)
{
    if (!isfinite(value))
        return json_null();
    return row->decimals == 0 && fabs(value) < 1e15
               ? json_integer((json_int_t)contract_round(row, value))
               : json_real(contract_round(row, value));
}

static json_t *numbers_json(const struct contract_row *row, const double *values)
{
    json_t *list = json_array();

    for (size_t i = 0; i < row->count; i++)
        json_array_append_new(list, number_json(row, values[i]));
    return list;
}

/* Not as it is published: what is stored is given away, also where a topic would not take it. */
static json_t *value_json(const struct contract_row *row, const char *base)
{
    const void *at = base + row->offset;
    const char *name;

    switch (row->type) {
    case CONTRACT_NUMBER:
        return number_json(row, *(const double *)at);
    case CONTRACT_NUMBERS:
        return numbers_json(row, at);
    case CONTRACT_STRING:
    case CONTRACT_WORD:
        return text_or_null(at);
    case CONTRACT_ENUM:
        name = row->name(*(const int *)at);
        return name ? json_string(name) : json_null();
    case CONTRACT_TIME_S:
    case CONTRACT_TIME_MS:
        return time_or_null(*(const int64_t *)at);
    case CONTRACT_BOOL:
        return json_boolean(*(const bool *)at);
    case CONTRACT_STRINGS: /* a session has none of these; `source` has a row a key */
    case CONTRACT_NUMBER_MAP:
    case CONTRACT_OBJECTS:
    case CONTRACT_GROUP:
    case CONTRACT_NESTED:
    case CONTRACT_OBJECT:
        break;
    }
    return json_null();
}

static void set_value(json_t *json, const struct contract_row *row, const char *base)
{
    const char *dot = strchr(row->path, '.');
    char parent[64];

    if (!dot) {
        json_object_set_new(json, row->path, value_json(row, base));
        return;
    }
    snprintf(parent, sizeof(parent), "%.*s", (int)(dot - row->path), row->path);
    if (!json_object_get(json, parent))
        json_object_set_new(json, parent, json_object());
    json_object_set_new(json_object_get(json, parent), dot + 1, value_json(row, base));
}

json_t *archive_session_json(const struct store_session *row, bool hide_heart)
{
    struct payload_session session = row->session;
    json_t *json = json_object();
    size_t n;
    const struct contract_row *rows = contract_rows(CONTRACT_SESSION, &n);

    if (hide_heart)
        privacy_hide_session(&session);
    for (size_t i = 0; i < n; i++)
        set_value(json, &rows[i], (const char *)&session);
    json_object_set_new(json, "utc_offset_s", json_integer(row->utc_offset_s));
    json_object_set_new(json, "reason", text_or_null(row->reason));
    json_object_set_new(json, "instead", text_or_null(row->instead));
    json_object_set_new(json, "file", text_or_null(row->file));
    json_object_set_new(json, "sport", text_or_null(row->sport));
    json_object_set_new(json, "device", text_or_null(row->device));
    json_object_set_new(json, "barometric",
                        row->file[0] ? json_boolean(row->barometric) : json_null());
    json_object_set_new(json, "samples", row->file[0] ? json_integer(row->samples) : json_null());
    json_object_set_new(json, "effort",
                        isnan(row->note.effort) ? json_null() : json_real(row->note.effort));
    json_object_set_new(json, "surface", text_or_null(row->note.surface));
    json_object_set_new(json, "shoes", text_or_null(row->note.shoes));
    return json;
}

/* ---- days -------------------------------------------------------------------------------------- */

static const char *const day_keys[] = { "day",
                                        "runs",
                                        "walks",
                                        "others",
                                        "distance_m",
                                        "moving_s",
                                        "longest_run_m",
                                        "downhill_drop_m",
                                        "downhill_distance_m",
                                        "ascent_m",
                                        "trimp",
                                        "walked_m",
                                        "walked_s",
                                        "walked_drop_m",
                                        NULL };

static json_t *tenths(double value)
{
    return isfinite(value) ? json_real(round(value * 10) / 10) : json_null();
}

json_t *archive_day_json(const struct training_day *day, bool hide_heart)
{
    const struct history *f = &day->figures;
    int year, month, number;

    civil_from_days(day->day, &year, &month, &number);
    return json_pack("{s:o, s:i, s:i, s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
                     "day", json_sprintf("%04d-%02d-%02d", year, month, number), "runs",
                     (int)f->runs, "walks", (int)f->walks, "others", (int)f->others, "distance_m",
                     tenths(f->distance_m), "moving_s", tenths(f->moving_s), "longest_run_m",
                     tenths(f->longest_run_m), "downhill_drop_m", tenths(f->drop_m),
                     "downhill_distance_m", tenths(f->downhill_m), "ascent_m", tenths(f->ascent_m),
                     "trimp", tenths(hide_heart ? NAN : f->load), "walked_m", tenths(f->walked_m),
                     "walked_s", tenths(f->walked_s), "walked_drop_m", tenths(f->walked_drop_m));
}

/* ---- the rest ---------------------------------------------------------------------------------- */

/* The one rule that is made of heart rates. */
static bool is_hidden(const char *rule, bool hide_heart)
{
    return hide_heart && rule_by_name(rule) == RULE_MONOTONY;
}

json_t *archive_verdict_json(const struct store_verdict *row, bool hide_heart)
{
    bool hidden = is_hidden(row->rule, hide_heart);

    return json_pack(
        "{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "rule", row->rule, "standing",
        text_or_null(hidden ? "" : row->standing), "level", text_or_null(hidden ? "" : row->level),
        "since", time_or_null(row->since_usec), "said", time_or_null(row->said_usec), "run_start",
        time_or_null(row->run_start_usec), "run_end", time_or_null(row->run_end_usec), "of_run",
        text_or_null(row->session), "acknowledged", time_or_null(row->seen_usec), "snoozed_until",
        time_or_null(row->snoozed_until_usec));
}

static json_t *figure_or_null(double value, bool hidden)
{
    return hidden || !isfinite(value) ? json_null() : json_real(value);
}

json_t *archive_said_json(const struct store_said *row, bool hide_heart)
{
    bool hidden = is_hidden(row->rule, hide_heart);

    return json_pack(
        "{s:s, s:s, s:s, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "id", row->id, "rule",
        row->rule, "news", row->news, "verdict", text_or_null(hidden ? "" : row->verdict), "day",
        row->day, "at", time_or_null(row->at_usec), "value", figure_or_null(row->value, hidden),
        "reference", figure_or_null(row->reference, hidden), "limit",
        figure_or_null(row->limit, hidden), "evidence", text_or_null(hidden ? "" : row->evidence),
        "sentence", text_or_null(hidden ? "" : row->sentence), "acknowledged",
        time_or_null(row->acknowledged_usec));
}

json_t *archive_import_json(const struct store_import *row)
{
    return json_pack("{s:s, s:o, s:I, s:o, s:s, s:o, s:i}", "file", row->hash, "name",
                     text_or_null(row->name), "size_bytes", (json_int_t)row->size, "at",
                     time_or_null(row->at_usec), "verdict", store_outcome_name(row->verdict),
                     "reason", text_or_null(row->reason), "sessions", row->n_sessions);
}

json_t *archive_settings_json(const struct conf *conf, size_t runner, bool hide_heart)
{
    const struct conf_key *key;
    json_t *json = json_object();

    for (size_t i = 0; (key = conf_key_at(CONF_SECTION_RUNNER, i)); i++) {
        bool hidden = hide_heart && key->type == CONF_TYPE_WHOLE && strstr(key->key, "HeartRate");
        char value[CONF_TEXT_MAX] = "";

        if (!hidden) /* the base is only read */
            conf_value_format(key,
                              conf_section_base((struct conf *)conf, CONF_SECTION_RUNNER, runner),
                              value, sizeof(value));
        json_object_set_new(json, key->key, text_or_null(value));
    }
    return json;
}

/* ---- cells ------------------------------------------------------------------------------------- */

static void put_value(struct csv *csv, const json_t *value)
{
    char text[40];

    if (json_is_string(value)) {
        csv_text(csv, json_string_value(value));
        return;
    }
    text[0] = '\0';
    if (json_is_integer(value))
        snprintf(text, sizeof(text), "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else if (json_is_real(value))
        snprintf(text, sizeof(text), "%.15g", json_real_value(value));
    else if (json_is_boolean(value))
        snprintf(text, sizeof(text), "%s", json_is_true(value) ? "true" : "false");
    csv_word(csv, text);
}

static const json_t *value_at(const json_t *row, const char *path)
{
    const char *dot = strchr(path, '.');
    char parent[64];

    if (!dot)
        return json_object_get(row, path);
    snprintf(parent, sizeof(parent), "%.*s", (int)(dot - path), path);
    return json_object_get(json_object_get(row, parent), dot + 1);
}

/* row NULL: their titles */
static void put_contract_row(struct csv *csv, const struct contract_row *row, const json_t *json)
{
    const json_t *value = json ? value_at(json, row->path) : NULL;
    size_t n = row->type == CONTRACT_NUMBERS ? row->count : 1;

    for (size_t i = 0; i < n; i++) {
        char title[96];

        if (n > 1)
            snprintf(title, sizeof(title), "%s_%zu", row->path, i + 1);
        else
            snprintf(title, sizeof(title), "%s", row->path);
        for (char *dot = title; (dot = strchr(dot, '.'));)
            *dot = '_';
        if (json)
            put_value(csv, n > 1 ? json_array_get(value, i) : value);
        else
            csv_word(csv, title);
    }
}

static void put_all(struct csv *csv, enum archive_columns columns, const json_t *json)
{
    const char *const *keys = columns == ARCHIVE_COLUMNS_DAY ? day_keys : session_more;
    size_t n = 0;
    const struct contract_row *rows =
        columns == ARCHIVE_COLUMNS_SESSION ? contract_rows(CONTRACT_SESSION, &n) : NULL;

    for (size_t i = 0; i < n; i++)
        put_contract_row(csv, &rows[i], json);
    for (; *keys; keys++)
        if (json)
            put_value(csv, json_object_get(json, *keys));
        else
            csv_word(csv, *keys);
    csv_end_row(csv);
}

void archive_csv_head(struct csv *csv, enum archive_columns columns)
{
    put_all(csv, columns, NULL);
}

void archive_csv_row(struct csv *csv, enum archive_columns columns, const json_t *row)
{
    put_all(csv, columns, row);
}
