/* SPDX-License-Identifier: MIT */
/*
 * The kinds of payload and what can be asked of a row. The rows themselves are in contract_runner.c
 * (what is said of a runner), contract_training.c (of the rules), contract_import.c (of files) and
 * contract_gateway.c (of the gateway and its sensors).
 */
#include "lib/contract.h"
#include "lib/contract_rows.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    const char *topic;
    const char *description;
    size_t size;
    const struct contract_row *rows;
    const size_t *n_rows;
} kinds[CONTRACT_KINDS] = {
    [CONTRACT_INFO] = { "info", "info",
                        "What this gateway is, said at each connection to the broker.",
                        sizeof(struct payload_info), contract_info_rows, &contract_n_info_rows },
    [CONTRACT_HEALTH] = { "health", "health", "How the gateway fares, each minute; not retained.",
                          sizeof(struct payload_health), contract_health_rows,
                          &contract_n_health_rows },
    [CONTRACT_SENSOR] = { "sensor", "sensor/<s>", "A configured sensor: its state, and why.",
                          sizeof(struct payload_sensor), contract_sensor_rows,
                          &contract_n_sensor_rows },
    [CONTRACT_LIVE] = { "live", "runner/<r>/live and runner/<r>/now",
                        "What is known of a runner at this moment: each second on live, each ten "
                        "seconds on now.",
                        sizeof(struct payload_live), contract_live_rows, &contract_n_live_rows },
    [CONTRACT_SESSION] = { "session", "runner/<r>/session",
                           "Summary of the running session, or of the last one.",
                           sizeof(struct payload_session), contract_session_rows,
                           &contract_n_session_rows },
    [CONTRACT_WEEK] = { "week", "runner/<r>/week",
                        "What a runner did in seven days, and what is left of today before each "
                        "limit.",
                        sizeof(struct payload_week), contract_week_rows, &contract_n_week_rows },
    [CONTRACT_NOTE] = { "note", "runner/<r>/note",
                        "How the latest session was, as its runner says.",
                        sizeof(struct payload_note), contract_note_rows, &contract_n_note_rows },
    [CONTRACT_ALERT] = { "alert", "runner/<r>/alert/<rule>",
                         "The verdict of one rule, also when it is ok.",
                         sizeof(struct payload_alert), contract_alert_rows,
                         &contract_n_alert_rows },
    [CONTRACT_NOTICE] = { "notice", "runner/<r>/event, body of the kind alert",
                          "What is to be said of a rule, and its verdict as it was then.",
                          sizeof(struct payload_notice), contract_notice_rows,
                          &contract_n_notice_rows },
    [CONTRACT_IMPORT] = { "import", "runner/<r>/event, body of the kind import",
                          "A file that came in, and what became of it.",
                          sizeof(struct payload_import), contract_import_rows,
                          &contract_n_import_rows },
    [CONTRACT_EVENT] = { "event", "runner/<r>/event",
                         "A fact told once; the id is the same when it has to be told again.",
                         sizeof(struct payload_event), contract_event_rows,
                         &contract_n_event_rows },
    [CONTRACT_RESPONSE] = { "response", "response/<verb>", "The answer to one request.",
                            sizeof(struct payload_response), contract_response_rows,
                            &contract_n_response_rows },
};

const struct contract_row *contract_rows(enum contract_kind kind, size_t *ret_n)
{
    *ret_n = kind < CONTRACT_KINDS ? *kinds[kind].n_rows : 0;
    return kind < CONTRACT_KINDS ? kinds[kind].rows : NULL;
}

const char *contract_kind_name(enum contract_kind kind)
{
    return kind < CONTRACT_KINDS ? kinds[kind].name : NULL;
}

const char *contract_kind_topic(enum contract_kind kind)
{
    return kind < CONTRACT_KINDS ? kinds[kind].topic : NULL;
}

const char *contract_kind_description(enum contract_kind kind)
{
    return kind < CONTRACT_KINDS ? kinds[kind].description : NULL;
}

size_t contract_kind_size(enum contract_kind kind)
{
    return kind < CONTRACT_KINDS ? kinds[kind].size : 0;
}

const char *contract_word(const struct contract_row *row, size_t i)
{
    if (row->type == CONTRACT_ENUM)
        return i <= INT32_MAX ? row->name((int)i) : NULL;
    if (row->type != CONTRACT_WORD)
        return NULL;
    for (size_t k = 0; k < i; k++)
        if (!row->words[k])
            return NULL;
    return row->words[i];
}

void contract_clear_instant(enum contract_kind kind, void *payload)
{
    size_t n;
    const struct contract_row *rows = contract_rows(kind, &n);

    for (size_t i = 0; i < n; i++)
        if (rows[i].instant)
            memcpy((char *)payload + rows[i].offset, &(double){ NAN }, sizeof(double));
}

static void clear_refused(const struct contract_row *row, char *payload)
{
    size_t count = row->type == CONTRACT_NUMBERS  ? row->count
                   : row->type == CONTRACT_NUMBER ? 1
                                                  : 0;

    for (size_t i = 0; i < count; i++) {
        char *at = payload + row->offset + i * sizeof(double);
        double value;

        memcpy(&value, at, sizeof(value));
        if (!contract_accepts(row, contract_round(row, value)))
            memcpy(at, &(double){ NAN }, sizeof(double));
    }
}

void contract_clear_refused(enum contract_kind kind, void *payload)
{
    size_t n;
    const struct contract_row *rows = contract_rows(kind, &n);

    for (size_t i = 0; i < n; i++)
        clear_refused(&rows[i], payload);
}

double contract_round(const struct contract_row *row, double value)
{
    static const double powers[] = { 1, 10, 100, 1000, 10000 };
    double power = powers[row->decimals];

    return round(value * power) / power + 0.0; /* + 0.0: no -0 */
}

bool contract_accepts(const struct contract_row *row, double rounded)
{
    return isfinite(rounded) && rounded >= row->min && rounded <= row->max;
}

/* ---- entities --------------------------------------------------------------------------------- */

size_t contract_entity_count(const struct contract_row *row)
{
    return row->type == CONTRACT_NUMBERS ? row->count : 1;
}

void contract_entity_id(const struct contract_row *row, const struct contract_entity *entity,
                        size_t i, char ret[static CONTRACT_ENTITY_ID_MAX])
{
    const char *id = entity->id ? entity->id : row->path;

    if (row->type == CONTRACT_NUMBERS)
        snprintf(ret, CONTRACT_ENTITY_ID_MAX, "%s_%zu", id, i + 1);
    else
        snprintf(ret, CONTRACT_ENTITY_ID_MAX, "%s", id);
    for (char *dot = ret; (dot = strchr(dot, '.'));)
        *dot = '_';
}

/* Calls `found` for the entities of a runner's device until it returns true. */
static bool find_in(const struct contract_row *rows, size_t n,
                    bool (*found)(const char *id, const char *about), const char *about)
{
    for (size_t i = 0; i < n; i++) {
        if (rows[i].type == CONTRACT_GROUP && find_in(rows[i].rows, rows[i].n_rows, found, about))
            return true;
        for (size_t e = 0; e < CONTRACT_ENTITIES_MAX && rows[i].entities[e].platform; e++)
            for (size_t k = 0; k < contract_entity_count(&rows[i]); k++) {
                char id[CONTRACT_ENTITY_ID_MAX];

                contract_entity_id(&rows[i], &rows[i].entities[e], k, id);
                if (found(id, about))
                    return true;
            }
    }
    return false;
}

static bool find_of_runners(bool (*found)(const char *id, const char *about), const char *about)
{
    for (int kind = 0; kind < CONTRACT_KINDS; kind++)
        if (strncmp(kinds[kind].topic, "runner/", 7) == 0 &&
            find_in(kinds[kind].rows, *kinds[kind].n_rows, found, about))
            return true;
    return false;
}

static bool is_it(const char *id, const char *wanted)
{
    return strcmp(id, wanted) == 0;
}

static bool has_a_longer_one(const char *id, const char *before)
{
    char longer[2 * CONTRACT_ENTITY_ID_MAX];

    snprintf(longer, sizeof(longer), "%s_%s", before, id);
    return find_of_runners(is_it, longer);
}

bool contract_runners_meet(const char *runner, const char *other)
{
    size_t length = strlen(runner);

    if (strlen(other) < length)
        return contract_runners_meet(other, runner);
    return strncmp(runner, other, length) == 0 && other[length] == '_' &&
           find_of_runners(has_a_longer_one, other + length + 1);
}
