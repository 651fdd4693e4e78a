/* SPDX-License-Identifier: MIT */
#include "daemon/import/result.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/import/name.h"
#include "daemon/import/stamp.h"

/* ---- rows ------------------------------------------------------------------------------------ */

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
    stamp_format(row->session.start_usec, "%Y%m%dT%H%M%SZ", stamp, sizeof(stamp));
    snprintf(row->session.id, sizeof(row->session.id), "%s-%s-%" PRIu32, stamp, begin, i);
}

int result_place(const char *id, const char *hash)
{
    char begin[16];
    const char *text;
    size_t n;

    snprintf(begin, sizeof(begin), "-%.12s-", hash);
    text = strstr(id, begin);
    text = text ? text + strlen(begin) : "";
    n = strspn(text, "0123456789");
    return n > 0 && n < 4 && !text[n] ? (int)strtol(text, NULL, 10) : -1;
}

/* By the zone it was dated with first. */
static void set_day(struct store_session *row, const struct days *days, const struct tz *tz)
{
    int64_t start_s = row->session.start_usec / 1000000;
    int32_t offset_s;
    struct tz utc;

    if (!days_offset(days, row->session.start_usec, &offset_s))
        offset_s = tz_offset_s(tz, start_s);
    tz_init_utc(&utc);
    tz_day_text(&utc, start_s + offset_s, row->session.day);
    row->utc_offset_s = offset_s;
}

static void make_session(struct store_session *row, const struct result *result,
                         const struct report *report, uint32_t i)
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

static void discard(struct store_session *row)
{
    row->session.state = SESSION_DISCARDED;
    snprintf(row->reason, sizeof(row->reason), "discarded by command");
}

static struct store_session *find_id(struct result *result, const char *id)
{
    for (size_t i = 0; i < result->n_sessions; i++)
        if (strcmp(result->sessions[i].session.id, id) == 0)
            return &result->sessions[i];
    return NULL;
}

/* Another reading had another place for it: all of its id but that. NULL: all such are discarded, or there is none. */
static struct store_session *find_moved(struct result *result, const char *id)
{
    const char *place = strrchr(id, '-');
    size_t length = place ? (size_t)(place + 1 - id) : 0;

    for (size_t i = 0; length && i < result->n_sessions; i++) {
        struct store_session *row = &result->sessions[i];
        const char *own = strrchr(row->session.id, '-');

        if (row->session.state != SESSION_DISCARDED &&
            (size_t)(own + 1 - row->session.id) == length &&
            strncmp(row->session.id, id, length) == 0)
            return row;
    }
    return NULL;
}

/* It stays what a person said of it, whenever its file is read. Who is called so goes first: of several that
 * began together a word that nobody is called by takes another. */
static void discard_what_was(struct result *result, const struct said *said)
{
    bool any = false;

    for (size_t i = 0; i < said->n_discarded; i++) {
        struct store_session *row = find_id(result, said->discarded[i].id);

        if (row)
            discard(row);
        any = any || row;
    }
    for (size_t i = 0; i < said->n_discarded; i++) {
        struct store_session *row = find_id(result, said->discarded[i].id)
                                        ? NULL
                                        : find_moved(result, said->discarded[i].id);

        if (row)
            discard(row);
        any = any || row;
    }
    if (any && !result->import.reason[0])
        said_words(said, result->import.reason, sizeof(result->import.reason));
}

void result_take(struct result *result, const struct report *report, const struct said *said,
                 const struct days *days, const struct tz *tz)
{
    result->import.verdict = report->verdict == OUTLINE_OK ? STORE_IMPORTED : STORE_PARTLY;
    snprintf(result->import.reason, sizeof(result->import.reason), "%s", report->reason);
    for (uint32_t i = 0; i < report->n_sessions; i++) {
        make_session(&result->sessions[i], result, report, i);
        set_day(&result->sessions[i], days, tz);
        result->levels[i].level = report->sessions[i].level;
        name_level(result, i);
    }
    result->n_sessions = report->n_sessions;
    result->import.n_sessions = (int)report->n_sessions;
    discard_what_was(result, said);
}

/* ---- read again ------------------------------------------------------------------------------ */

#define NEAR_USEC INT64_C(600000000) /* another reader takes another point for the first one */

/* What is gone for good is not brought again by another reading. */
static void keep_blank(struct result *result, size_t i, const struct store_session *was)
{
    if (!store_session_is_blank(was))
        return;
    store_session_blank(&result->sessions[i]);
    level_init(&result->levels[i].level);
}

/* Who took it away was no person: it is there again. */
static void keep_state(struct store_session *row, const struct store_session *was)
{
    bool again =
        was->session.state == SESSION_DISCARDED && strcmp(was->reason, STORE_NOT_IN_FILE) == 0;

    row->session.state = again ? SESSION_ENDED : was->session.state;
    snprintf(row->reason, sizeof(row->reason), "%s", again ? "" : was->reason);
}

static void keep(struct store_session *row, const struct store_session *was)
{
    memcpy(row->session.id, was->session.id, sizeof(row->session.id));
    memcpy(row->session.runner, was->session.runner, sizeof(row->session.runner));
    memcpy(row->session.day, was->session.day, sizeof(row->session.day));
    row->utc_offset_s = was->utc_offset_s;
    keep_state(row, was);
}

static void take_away(struct result *result, const struct store_session *was)
{
    struct store_session *row = &result->sessions[result->n_sessions];

    if (was->session.state != SESSION_ENDED || result->n_sessions == ACTIVITY_PARTS_MAX)
        return;
    *row = *was;
    row->session.state = SESSION_DISCARDED;
    snprintf(row->reason, sizeof(row->reason), STORE_NOT_IN_FILE);
    level_init(&result->levels[result->n_sessions].level);
    name_level(result, result->n_sessions++);
}

struct match { /* of rows of before with what is read */
    const struct store_session *rows;
    size_t n;
    size_t n_read;
    const struct store_session *was[ACTIVITY_PARTS_MAX]; /* of each that is read; NULL: none yet */
};

static bool is_matched(const struct match *match, const struct store_session *row)
{
    for (size_t i = 0; i < match->n_read; i++)
        if (match->was[i] == row)
            return true;
    return false;
}

/* The two that begin nearest to one another of those that are not matched; of equal ones the same place. */
static bool match_nearest(struct match *match, const struct result *result)
{
    const struct store_session *nearest = NULL;
    size_t at = 0;
    int64_t least_usec = NEAR_USEC + 1;

    for (size_t i = 0; i < match->n; i++) {
        int place = result_place(match->rows[i].session.id, result->import.hash);

        if (place < 0 || is_matched(match, &match->rows[i]))
            continue;
        for (size_t k = 0; k < match->n_read; k++) {
            int64_t away_usec =
                llabs(match->rows[i].session.start_usec - result->sessions[k].session.start_usec);

            if (match->was[k] || away_usec > least_usec ||
                (away_usec == least_usec && (long)k != place))
                continue;
            nearest = &match->rows[i];
            at = k;
            least_usec = away_usec;
        }
    }
    if (nearest)
        match->was[at] = nearest;
    return nearest != NULL;
}

/* All of them may have moved, by the same. */
static void match_places(struct match *match, const struct result *result)
{
    for (size_t i = 0; i < match->n; i++) {
        int place = result_place(match->rows[i].session.id, result->import.hash);

        if (place >= 0 && (size_t)place < match->n_read && !match->was[place] &&
            !is_matched(match, &match->rows[i]))
            match->was[place] = &match->rows[i];
    }
}

/* A place says little: one that is left out, or comes in before others, moves theirs. */
static struct match match_all(const struct result *result, const struct store_session *rows,
                              size_t n)
{
    struct match match = { .rows = rows, .n = n, .n_read = result->n_sessions };

    while (match_nearest(&match, result))
        ;
    match_places(&match, result);
    return match;
}

void result_keep(struct result *result, const struct store_session *rows, size_t n)
{
    const struct match match = match_all(result, rows, n);

    for (size_t i = 0; i < match.n_read; i++)
        if (match.was[i]) {
            keep(&result->sessions[i], match.was[i]);
            keep_blank(result, i, match.was[i]);
            name_level(result, i);
        }
    for (size_t i = 0; i < n; i++)
        if (!is_matched(&match, &rows[i]))
            take_away(result, &rows[i]);
}

/* The rest of its row stays in the store, which takes it away as well. */
static void leave(struct result *result, const struct store_session *was)
{
    size_t before = result->n_sessions;

    take_away(result, was);
    if (result->n_sessions == before)
        return;
    memcpy(result->sessions[before].session.runner, result->import.runner,
           sizeof(result->sessions[before].session.runner));
    name_level(result, before);
    result->n_left++;
}

void result_keep_given(struct result *result, const struct store_session *rows, size_t n)
{
    const struct match match = match_all(result, rows, n);

    for (size_t i = 0; i < match.n_read; i++)
        if (match.was[i]) {
            memcpy(result->sessions[i].session.id, match.was[i]->session.id,
                   sizeof(result->sessions[i].session.id));
            if (store_session_is_deleted(match.was[i])) /* and not only discarded: it is to go */
                keep_state(&result->sessions[i], match.was[i]);
            keep_blank(result, i, match.was[i]);
            name_level(result, i);
        }
    for (size_t i = 0; i < n; i++)
        if (!is_matched(&match, &rows[i]))
            leave(result, &rows[i]);
}

void result_days(const struct result *result, const struct days *known, struct days *ret)
{
    int32_t offset_s;

    *ret = (struct days){ 0 };
    for (size_t i = 0; i < result->n_sessions - result->n_left; i++) {
        const struct store_session *row = &result->sessions[i];

        if (!days_offset(known, row->session.start_usec, &offset_s))
            days_note(ret, row->session.start_usec, row->utc_offset_s);
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

void result_note_rebuilt(struct result *result)
{
    result->rebuilt = true;
    for (size_t i = 0; i < result->n_sessions; i++)
        result->sessions[i].rebuilt = true;
}

int result_choose(struct result *result, struct choice *choice)
{
    choice_begin(choice);
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
    choice_end(choice);
    return 0;
}
