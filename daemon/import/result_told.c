/* SPDX-License-Identifier: MIT */
/*
 * What is told of a file: the events of it, its line in the log, and how `imports` lists it. The same
 * thing is told under the same id, however often it comes to be told.
 */
#include "daemon/import/result.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "daemon/import/stamp.h"
#include "daemon/log.h"
#include "daemon/render.h"
#include "lib/digest.h"

static void tell_session(struct payload_import_session *ret, const struct store_session *row)
{
    const struct payload_session *s = &row->session;

    ret->kind = s->kind;
    ret->start_usec = s->start_usec;
    ret->elapsed_s = s->elapsed_s;
    ret->moving_s = s->moving_s;
    ret->distance_m = s->distance_m;
    ret->counts = !row->instead[0] && s->state != SESSION_DISCARDED;
    memcpy(ret->id, s->id, sizeof(ret->id));
    memcpy(ret->sport, row->sport, sizeof(ret->sport));
    memcpy(ret->day, s->day, sizeof(ret->day));
    memcpy(ret->instead, row->instead, sizeof(ret->instead));
}

static bool is_own(const struct result *result, const char *id)
{
    for (size_t i = 0; i < result->n_sessions; i++)
        if (strcmp(result->sessions[i].session.id, id) == 0)
            return true;
    return false;
}

/* Sessions that were there before, and count no more, or count again. */
static void tell_changes(struct payload_import *ret, const struct result *result)
{
    for (size_t i = 0; i < result->n_choices && ret->n_changed < IMPORT_TOLD_MAX; i++) {
        const struct store_choice *choice = &result->choices[i];
        struct payload_import_change *change = &ret->changed[ret->n_changed];

        if (is_own(result, choice->id))
            continue;
        memcpy(change->id, choice->id, sizeof(change->id));
        memcpy(change->instead, choice->instead, sizeof(change->instead));
        change->counts = !choice->instead[0];
        ret->n_changed++;
    }
}

static char *render_body(const struct result *result)
{
    const struct store_import *import = &result->import;
    struct payload_import body = { 0 };

    memcpy(body.file, import->name, sizeof(body.file));
    memcpy(body.hash, import->hash, sizeof(body.hash));
    memcpy(body.reason, import->reason, sizeof(body.reason));
    snprintf(body.verdict, sizeof(body.verdict), "%s", store_outcome_name(import->verdict));
    for (size_t i = 0; i < result->n_sessions - result->n_left && body.n_sessions < IMPORT_TOLD_MAX;
         i++)
        if (!store_session_is_deleted(&result->sessions[i])) /* of those no list tells */
            tell_session(&body.sessions[body.n_sessions++], &result->sessions[i]);
    tell_changes(&body, result);
    return render_payload(CONTRACT_IMPORT, &body);
}

int result_event(const struct result *result, struct store_event *ret)
{
    const struct store_import *import = &result->import;
    /* the same verdict on the same file is told under the same id, however often */
    uint64_t key = digest_word(digest_word(DIGEST_OF_NOTHING, import->hash), import->runner);

    *ret = (struct store_event){ .kind = EVENT_IMPORT, .at_usec = import->at_usec };
    ret->body = render_body(result);
    if (!ret->body)
        return -ENOMEM;
    if (result->from[0]) /* it may come back and be given again */
        key = digest_word(key, result->from) ^ (uint64_t)import->at_usec;
    snprintf(ret->id, sizeof(ret->id), "import-%016" PRIx64 "-%s", key,
             result->from[0] ? "given" : store_outcome_name(import->verdict));
    memcpy(ret->runner, import->runner, sizeof(ret->runner));
    return 0;
}

void result_given(const struct result *result, char ret[STORE_REASON_MAX])
{
    char day[16];

    stamp_format(result->import.at_usec, "%Y-%m-%d", day, sizeof(day));
    snprintf(ret, STORE_REASON_MAX, "Given to %s on %s", result->import.runner, day);
}

/* What the heart did is worked out with the settings of another by now: it is not told. */
static void show_as_before(struct payload_session *session, const char *from)
{
    snprintf(session->runner, sizeof(session->runner), "%s", from);
    session->state = SESSION_DISCARDED; /* to this runner it is */
    session->trimp = session->edwards = session->hills.knee_load_steps = NAN;
    for (size_t i = 0; i < 5; i++)
        session->zone_s[i] = NAN;
}

bool result_gone(const struct result *result, size_t i, struct store_event *ret)
{
    struct payload_session session = result->sessions[i].session;
    uint64_t key = digest_word(digest_word(DIGEST_OF_NOTHING, session.id), result->from);

    if (session.state == SESSION_DISCARDED)
        return false;
    show_as_before(&session, result->from);
    *ret = (struct store_event){ .kind = EVENT_RETRACTED, .at_usec = result->import.at_usec };
    ret->body = render_payload(CONTRACT_SESSION, &session);
    key = digest_word(key, result->import.runner) ^ (uint64_t)ret->at_usec;
    snprintf(ret->id, sizeof(ret->id), "given-%016" PRIx64 "-gone", key);
    memcpy(ret->runner, result->from, sizeof(ret->runner));
    return ret->body != NULL;
}

void result_log(const struct result *result)
{
    const struct store_import *import = &result->import;

    log_info("import %s%s%s: %s", import->runner, import->runner[0] ? "/" : "", import->name,
             import->reason[0] ? import->reason : store_outcome_name(import->verdict));
    for (size_t i = 0; i < result->n_sessions - result->n_left; i++) {
        const struct store_session *row = &result->sessions[i];
        if (!store_session_is_deleted(row))
            log_info("session %s: %s of %s%s%s", row->session.id, row->sport, row->session.day,
                     row->instead[0] ? "; not counted, the same is counted as " : "", row->instead);
    }
}

/* ---- in the list ------------------------------------------------------------------------------ */

static json_t *text(const char *value)
{
    return value[0] ? json_string(value) : json_null();
}

/* Of those that were discarded none counts. */
static int count(const struct store_import *import, const struct choice *choice, json_t *instead)
{
    const char *ids[ACTIVITY_PARTS_MAX];
    size_t n;

    if (import->n_sessions == 0)
        return 0;
    n = choice_displaced(choice, import->hash, ids, ACTIVITY_PARTS_MAX);
    for (size_t i = 0; i < n; i++)
        json_array_append_new(instead, json_string(ids[i]));
    return (int)choice_standing(choice, import->hash);
}

json_t *result_import_json(const struct store_import *import, const struct choice *choice)
{
    json_t *instead = json_array();
    int counts = count(import, choice, instead);
    char at[32];

    stamp_format(import->at_usec, "%Y-%m-%dT%H:%M:%SZ", at, sizeof(at));
    return json_pack("{s:s, s:o, s:s, s:s, s:o, s:i, s:i, s:o}", "at", at, "runner",
                     text(import->runner), "file", import->name, "verdict",
                     store_outcome_name(import->verdict), "reason", text(import->reason),
                     "sessions", import->n_sessions, "counts", counts, "instead", instead);
}
