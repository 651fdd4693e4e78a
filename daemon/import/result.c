/* SPDX-License-Identifier: MIT */
#include "daemon/import/result.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "daemon/import/name.h"
#include "daemon/log.h"
#include "daemon/render.h"
#include "daemon/util.h"
#include "lib/digest.h"

/* ---- rows ------------------------------------------------------------------------------------ */

static void format_time(int64_t usec, const char *format, char *ret, size_t size)
{
    time_t seconds = (time_t)(usec / 1000000);
    struct tm tm;

    ret[0] = '\0';
    if (gmtime_r(&seconds, &tm))
        strftime(ret, size, format, &tm);
}

static enum session_kind kind_of(enum activity_sport sport)
{
    switch (activity_class_of(sport)) {
    case ACTIVITY_CLASS_RUN:
        return SESSION_RUN;
    case ACTIVITY_CLASS_WALK:
        return SESSION_WALK;
    case ACTIVITY_CLASS_UNKNOWN: /* whether a GPX track was run nobody says: it is not guessed */
    case ACTIVITY_CLASS_OTHER:
        break;
    }
    return SESSION_OTHER;
}

/* Satellites are good for an ascent; what is downhill they can't tell. */
static void set_hills(struct store_session *row, const struct report_session *is)
{
    row->session.hills = is->hills;
    row->barometric = strcmp(is->hills.source, terrain_source_name(TERRAIN_BAROMETER)) == 0;
}

static void set_sources(struct payload_session *s)
{
    if (s->distance_m >= 0)
        snprintf(s->source.distance, sizeof(s->source.distance), "file");
    if (s->cadence_mean_spm >= 0)
        snprintf(s->source.cadence, sizeof(s->source.cadence), "file");
    if (s->heart_rate_mean_bpm >= 0)
        snprintf(s->source.heart_rate, sizeof(s->source.heart_rate), "file");
}

static void set_figures(struct payload_session *s, const struct report_session *is)
{
    s->elapsed_s = is->elapsed_s;
    s->moving_s = is->moving_s;
    s->distance_m = is->distance_m;
    s->steps = is->steps;
    s->cadence_mean_spm = is->cadence_mean_spm;
    s->heart_rate_mean_bpm = is->heart_rate_mean_bpm;
    s->heart_rate_max_bpm = is->heart_rate_max_bpm;
    s->trimp = is->trimp;
    s->edwards = is->edwards;
    memcpy(s->zone_s, is->zone_s, sizeof(s->zone_s));
}

/* The same bytes are the same sessions, under the same names, whenever they come. */
static void set_id(struct store_session *row, const char *hash, uint32_t i)
{
    char stamp[24], begin[13] = "";

    memcpy(begin, hash, sizeof(begin) - 1); /* of 64 digits */
    format_time(row->session.start_usec, "%Y%m%dT%H%M%SZ", stamp, sizeof(stamp));
    snprintf(row->session.id, sizeof(row->session.id), "%s-%s-%" PRIu32, stamp, begin, i);
}

static void make_session(struct store_session *row, const struct result *result,
                         const struct report *report, uint32_t i, const struct tz *tz)
{
    const struct report_session *is = &report->sessions[i];
    struct payload_session *s = &row->session;

    store_session_init(row);
    row->samples = (int64_t)is->n_samples;
    s->kind = kind_of((enum activity_sport)is->sport);
    s->state = SESSION_ENDED;
    s->start_usec = is->start_usec;
    s->end_usec = is->end_usec;
    memcpy(s->runner, result->import.runner, sizeof(s->runner));
    memcpy(row->file, result->import.hash, sizeof(row->file));
    set_id(row, row->file, i);
    set_figures(s, is);
    set_hills(row, is);
    set_sources(s);
    tz_day_text(tz, s->start_usec / 1000000, s->day);
    row->utc_offset_s = tz_offset_s(tz, s->start_usec / 1000000);
    snprintf(row->sport, sizeof(row->sport), "%s",
             activity_sport_name((enum activity_sport)is->sport));
    snprintf(row->device, sizeof(row->device), "%s%s%s", report->maker,
             report->maker[0] && report->product[0] ? " " : "", report->product);
}

void result_init(struct result *result, const struct folder_file *file, const char *owner,
                 const char *hash, int64_t at_usec)
{
    struct store_import *row = &result->import;

    store_import_init(row);
    row->size = file->size;
    row->mtime_nsec = file->mtime_nsec;
    row->at_usec = at_usec;
    snprintf(row->hash, sizeof(row->hash), "%s", hash);
    snprintf(row->runner, sizeof(row->runner), "%s", owner);
    import_name_text(file->name, row->name, sizeof(row->name));
}

static void name_level(struct result *result, size_t i)
{
    const struct payload_session *s = &result->sessions[i].session;
    struct store_level *level = &result->levels[i];

    level->start_usec = s->start_usec;
    memcpy(level->id, s->id, sizeof(level->id));
    memcpy(level->runner, s->runner[0] ? s->runner : result->import.runner, sizeof(level->runner));
}

/* It stays what a person said of it, whenever its file is read. */
static void discard_what_was(struct result *result, const struct said *said)
{
    bool any = false;

    for (size_t i = 0; i < result->n_sessions; i++) {
        struct store_session *row = &result->sessions[i];

        if (!said_of(said, row->session.id))
            continue;
        any = true;
        row->session.state = SESSION_DISCARDED;
        snprintf(row->reason, sizeof(row->reason), "discarded by command");
    }
    if (any && !result->import.reason[0])
        said_words(said, result->import.reason, sizeof(result->import.reason));
}

void result_take(struct result *result, const struct report *report, const struct said *said,
                 const struct tz *tz)
{
    result->import.verdict = report->verdict == OUTLINE_OK ? STORE_IMPORTED : STORE_PARTLY;
    snprintf(result->import.reason, sizeof(result->import.reason), "%s", report->reason);
    for (uint32_t i = 0; i < report->n_sessions; i++) {
        make_session(&result->sessions[i], result, report, i, tz);
        result->levels[i].level = report->sessions[i].level;
        name_level(result, i);
    }
    result->n_sessions = report->n_sessions;
    result->import.n_sessions = (int)report->n_sessions;
    discard_what_was(result, said);
}

/* ---- read again ------------------------------------------------------------------------------ */

/* Its place in the file, as set_id wrote it; -1: none. */
static long place_of(const char *id)
{
    const char *text = strrchr(id, '-');
    char *end;
    long place = text ? strtol(text + 1, &end, 10) : -1;

    return text && end != text + 1 && !*end ? place : -1;
}

static void keep(struct store_session *row, const struct store_session *was)
{
    memcpy(row->session.id, was->session.id, sizeof(row->session.id));
    memcpy(row->session.runner, was->session.runner, sizeof(row->session.runner));
    memcpy(row->session.day, was->session.day, sizeof(row->session.day));
    row->utc_offset_s = was->utc_offset_s;
    if (row->session.state ==
        SESSION_DISCARDED) /* a person said so, and was not heard to the end */
        return;
    row->session.state = was->session.state;
    memcpy(row->reason, was->reason, sizeof(row->reason));
}

static void take_away(struct result *result, const struct store_session *was)
{
    struct store_session *row = &result->sessions[result->n_sessions];

    if (was->session.state != SESSION_ENDED || result->n_sessions == ACTIVITY_PARTS_MAX)
        return;
    *row = *was;
    row->session.state = SESSION_DISCARDED;
    snprintf(row->reason, sizeof(row->reason), "read again, it is not in its file");
    level_init(&result->levels[result->n_sessions].level);
    name_level(result, result->n_sessions++);
}

void result_keep(struct result *result, const struct store_session *rows, size_t n)
{
    size_t n_read = result->n_sessions;

    for (size_t i = 0; i < n; i++) {
        long place = place_of(rows[i].session.id);

        if (place >= 0 && (size_t)place < n_read) {
            keep(&result->sessions[place], &rows[i]);
            name_level(result, (size_t)place);
        } else {
            take_away(result, &rows[i]);
        }
    }
}

void result_refuse(struct result *result, const char *format, ...)
{
    va_list arguments;

    result->import.verdict = STORE_REFUSED;
    va_start(arguments, format);
    vsnprintf(result->import.reason, sizeof(result->import.reason), format, arguments);
    va_end(arguments);
}

int result_choose(struct result *result, struct choice *choice)
{
    for (size_t i = 0; i < result->n_sessions; i++) {
        int r = choice_put(choice, &result->sessions[i]);
        if (r < 0)
            return r;
    }
    for (size_t i = 0; i < result->n_sessions; i++) {
        struct store_choice changes[CHOICE_CHANGES_MAX];
        size_t n = choice_decide_for(choice, result->from, &result->sessions[i].session, changes);

        for (size_t k = 0; k < n && result->n_choices < CHOICE_CHANGES_MAX; k++)
            result->choices[result->n_choices++] = changes[k];
    }
    for (size_t i = 0; i < result->n_sessions; i++)
        snprintf(result->sessions[i].instead, sizeof(result->sessions[i].instead), "%s",
                 choice_instead(choice, result->sessions[i].session.id));
    return 0;
}

/* ---- telling --------------------------------------------------------------------------------- */

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
    for (size_t i = 0; i < result->n_sessions && i < IMPORT_TOLD_MAX; i++)
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

    format_time(result->import.at_usec, "%Y-%m-%d", day, sizeof(day));
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
    for (size_t i = 0; i < result->n_sessions; i++) {
        const struct store_session *row = &result->sessions[i];
        log_info("session %s: %s of %s%s%s", row->session.id, row->sport, row->session.day,
                 row->instead[0] ? "; not counted, the same is counted as " : "", row->instead);
    }
}

static json_t *text(const char *value)
{
    return value[0] ? json_string(value) : json_null();
}

/* Its sessions are named after its content: set_id. */
static size_t displaced(const struct store_import *import, const struct choice *choice,
                        json_t *instead)
{
    const char *ids[ACTIVITY_PARTS_MAX];
    char mark[16];
    size_t n;

    if (import->n_sessions == 0)
        return 0;
    snprintf(mark, sizeof(mark), "-%.12s-", import->hash);
    n = choice_displaced(choice, mark, ids, ACTIVITY_PARTS_MAX);
    for (size_t i = 0; i < n; i++)
        json_array_append_new(instead, json_string(ids[i]));
    return n;
}

json_t *result_import_json(const struct store_import *import, const struct choice *choice)
{
    json_t *instead = json_array();
    int counts = import->n_sessions - (int)displaced(import, choice, instead);
    char at[32];

    format_time(import->at_usec, "%Y-%m-%dT%H:%M:%SZ", at, sizeof(at));
    return json_pack("{s:s, s:o, s:s, s:s, s:o, s:i, s:i, s:o}", "at", at, "runner",
                     text(import->runner), "file", import->name, "verdict",
                     store_outcome_name(import->verdict), "reason", text(import->reason),
                     "sessions", import->n_sessions, "counts", counts, "instead", instead);
}
