/* SPDX-License-Identifier: MIT */
/*
 * A session's result as a row: its columns, what may stand in them, from the database and to it.
 */
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "daemon/recording/disk.h"
#include "daemon/store/columns.h"
#include "daemon/store/tables.h"
#include "daemon/util.h"

#define OFFSET_MAX_S (18 * 3600) /* as far as any zone was from UTC, and more */
#define NUMBER_MAX   1e9

#define COLUMNS                                                                                    \
    "id, runner, kind, state, day, start_usec, end_usec, utc_offset_s, reason,"                    \
    " elapsed_s, moving_s, distance_m, steps, cadence_mean_spm, cadence_max_spm,"                  \
    " heart_rate_mean_bpm, heart_rate_max_bpm, zone1_s, zone2_s, zone3_s, zone4_s, zone5_s,"       \
    " trimp, edwards, ascent_m, downhill_drop_m, gaps_s, altitude_m, downhill_distance_m,"         \
    " knee_load_steps, downhill_time_s, downhill_steps, downhill_steep_pct,"                       \
    " grade_adjusted_pace_s_per_km, altitude_coverage_pct,"                                        \
    " source_distance, source_cadence, source_grade, source_heart_rate,"                           \
    " file, sport, device, samples, barometric, instead"

/* In the order of COLUMNS, from elapsed_s on */
#define AT(field) offsetof(struct store_session, session.field)
static const size_t numbers[] = {
    AT(elapsed_s),
    AT(moving_s),
    AT(distance_m),
    AT(steps),
    AT(cadence_mean_spm),
    AT(cadence_max_spm),
    AT(heart_rate_mean_bpm),
    AT(heart_rate_max_bpm),
    AT(zone_s[0]),
    AT(zone_s[1]),
    AT(zone_s[2]),
    AT(zone_s[3]),
    AT(zone_s[4]),
    AT(trimp),
    AT(edwards),
    AT(hills.ascent_m),
    AT(hills.drop_m),
    AT(gaps_s),
    AT(hills.altitude_m),
    AT(hills.downhill_m),
    AT(hills.knee_load_steps),
    AT(hills.downhill_s),
    AT(hills.downhill_steps),
    AT(hills.steep_pct),
    AT(hills.pace_s_per_km),
    AT(hills.coverage_pct),
};
static const size_t sources[] = { AT(source.distance), AT(source.cadence), AT(hills.source),
                                  AT(source.heart_rate) };
#define FIRST_NUMBER  9
#define FIRST_SOURCE  (FIRST_NUMBER + (int)ELEMENTSOF(numbers))
#define FIRST_OF_FILE (FIRST_SOURCE + (int)ELEMENTSOF(sources))
#define FIRST_OF_NOTE (FIRST_OF_FILE + 6)
#define SAMPLES_MAX   1000000000
#define SOURCE_SIZE   sizeof(((struct payload_source *)NULL)->distance)

static const char *const source_words[] = { "",      "belt",    "pod",        "strap",
                                            "file",  "incline", "barometer",  "elevation",
                                            "route", "gps",     "configured", STORE_BY_HAND,
                                            NULL };

/* ---- what a row may be --------------------------------------------------------------------- */

/* What the readers of columns hold a row to already. */
static bool values_fit(const struct store_session *row)
{
    const char *base = (const char *)row;

    for (size_t i = 0; i < ELEMENTSOF(numbers); i++) {
        double number = *(const double *)(base + numbers[i]);
        if (!isnan(number) && !(number >= 0 && number <= NUMBER_MAX))
            return false;
    }
    return text_is_plain(row->reason, strlen(row->reason)) &&
           text_is_plain(row->sport, strlen(row->sport)) &&
           text_is_plain(row->device, strlen(row->device)) && row->samples >= 0 &&
           row->samples <= SAMPLES_MAX && row->utc_offset_s >= -OFFSET_MAX_S &&
           row->utc_offset_s <= OFFSET_MAX_S && session_state_name(row->session.state);
}

static bool sources_are_known(const struct store_session *row)
{
    const char *base = (const char *)row;

    for (size_t i = 0; i < ELEMENTSOF(sources); i++)
        if (!text_is_one_of(base + sources[i], source_words))
            return false;
    return true;
}

/* And what it has to say besides. */
static bool is_sound(const struct store_session *row)
{
    const struct payload_session *s = &row->session;
    return sources_are_known(row) && recording_id_is_valid(s->id) &&
           (!s->runner[0] || text_is_topic_level(s->runner)) &&
           (!s->day[0] || text_is_day(s->day)) &&
           (s->start_usec == 0 || s->end_usec == 0 || s->end_usec >= s->start_usec) &&
           (!row->file[0] || text_is_hash(row->file)) &&
           (!row->instead[0] || recording_id_is_valid(row->instead));
}

bool session_row_is_valid(const struct store_session *row)
{
    return values_fit(row) && is_sound(row);
}

/* ---- one without figures ------------------------------------------------------------------- */

/* Its file is known again by what stays: where in it the session is, when it began, whose it was. */
void store_session_blank(struct store_session *session)
{
    char *base = (char *)session;

    for (size_t i = 0; i < ELEMENTSOF(numbers); i++)
        *(double *)(base + numbers[i]) = NAN;
    for (size_t i = 0; i < ELEMENTSOF(sources); i++)
        memset(base + sources[i], 0, SOURCE_SIZE);
    session->session.end_usec = 0;
    session->sport[0] = session->device[0] = session->instead[0] = '\0';
    session->samples = 0;
}

bool store_session_is_blank(const struct store_session *session)
{
    const char *base = (const char *)session;

    for (size_t i = 0; i < ELEMENTSOF(numbers); i++)
        if (!isnan(*(const double *)(base + numbers[i])))
            return false;
    return store_session_is_deleted(session) && !session->session.end_usec;
}

/* ---- reading ------------------------------------------------------------------------------- */

static bool kind_from_name(const char *name, enum session_kind *ret)
{
    if (!name[0]) {
        *ret = (enum session_kind) - 1; /* not known */
        return true;
    }
    for (enum session_kind kind = 0; session_kind_name(kind); kind++)
        if (strcmp(session_kind_name(kind), name) == 0) {
            *ret = kind;
            return true;
        }
    return false;
}

static bool state_from_name(const char *name, enum session_state *ret)
{
    for (enum session_state state = 0; session_state_name(state); state++)
        if (strcmp(session_state_name(state), name) == 0) {
            *ret = state;
            return true;
        }
    return false;
}

static bool read_head(sqlite3_stmt *s, struct store_session *row)
{
    struct payload_session *session = &row->session;
    char kind[32], state[32];
    int64_t offset;

    if (!column_text(s, 0, session->id, sizeof(session->id)) ||
        !column_text(s, 1, session->runner, sizeof(session->runner)) ||
        !column_text(s, 2, kind, sizeof(kind)) || !kind_from_name(kind, &session->kind) ||
        !column_text(s, 3, state, sizeof(state)) || !state_from_name(state, &session->state) ||
        !column_text(s, 4, session->day, sizeof(session->day)) ||
        !column_time(s, 5, &session->start_usec) || !column_time(s, 6, &session->end_usec) ||
        !column_integer(s, 7, -OFFSET_MAX_S, OFFSET_MAX_S, &offset) ||
        !column_text(s, 8, row->reason, sizeof(row->reason)))
        return false;
    row->utc_offset_s = (int)offset;
    return true;
}

static bool read_file_part(sqlite3_stmt *s, struct store_session *row)
{
    int64_t barometric;

    if (!column_text(s, FIRST_OF_FILE, row->file, sizeof(row->file)) ||
        !column_text(s, FIRST_OF_FILE + 1, row->sport, sizeof(row->sport)) ||
        !column_text(s, FIRST_OF_FILE + 2, row->device, sizeof(row->device)) ||
        !column_integer(s, FIRST_OF_FILE + 3, 0, SAMPLES_MAX, &row->samples) ||
        !column_integer(s, FIRST_OF_FILE + 4, 0, 1, &barometric) ||
        !column_text(s, FIRST_OF_FILE + 5, row->instead, sizeof(row->instead)))
        return false;
    row->barometric = barometric != 0;
    note_columns_read(s, FIRST_OF_NOTE, &row->note);
    return true;
}

bool session_row_read(sqlite3_stmt *s, struct store_session *ret)
{
    struct store_session row = { 0 };
    char *base = (char *)&row;

    if (!read_head(s, &row))
        return false;
    for (size_t i = 0; i < ELEMENTSOF(numbers); i++)
        if (!column_number(s, FIRST_NUMBER + (int)i, NUMBER_MAX, (double *)(base + numbers[i])))
            return false;
    for (size_t i = 0; i < ELEMENTSOF(sources); i++)
        if (!column_text(s, FIRST_SOURCE + (int)i, base + sources[i], SOURCE_SIZE))
            return false;
    if (!read_file_part(s, &row) || !is_sound(&row))
        return false;
    *ret = row;
    return true;
}

bool session_row_file(sqlite3_stmt *s, char ret[static STORE_HASH_MAX])
{
    return column_text(s, FIRST_OF_FILE, ret, STORE_HASH_MAX) && text_is_hash(ret);
}

int session_row_select(struct db *db, const char *which, sqlite3_stmt **ret)
{
    char sql[1024];

    snprintf(sql, sizeof(sql),
             "SELECT " COLUMNS ", " NOTE_COLUMNS " FROM sessions LEFT JOIN notes USING (id) %s",
             which);
    return sqlite3_prepare_v2(db->sqlite, sql, -1, ret, NULL);
}

int session_row_find_deleted(struct db *db, const char *id, struct store_session *ret, bool *found)
{
    _cleanup_(db_finalizep) sqlite3_stmt *s = NULL;
    int rc = session_row_select(db, "WHERE id = ?", &s);
    struct binder b = { .statement = s };

    if (rc != SQLITE_OK)
        return rc;
    bind_text(&b, id);
    rc = b.rc == SQLITE_OK ? sqlite3_step(s) : b.rc;
    *found = rc == SQLITE_ROW && session_row_read(s, ret) && store_session_is_deleted(ret);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* ---- writing ------------------------------------------------------------------------------- */

int session_row_prepare(struct db *db)
{
    return db_prepare(db, &db->put_session,
                      "INSERT OR REPLACE INTO sessions (" COLUMNS ", seq) VALUES ("
                      " ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17,"
                      " ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31,"
                      " ?32, ?33, ?34, ?35, ?36, ?37, ?38, ?39, ?40, ?41, ?42, ?43, ?44, ?45,"
                      " (SELECT seq FROM sessions WHERE id = ?1))");
}

static void bind_row(struct binder *b, const struct store_session *row)
{
    const struct payload_session *s = &row->session;
    const char *base = (const char *)row;

    bind_text(b, s->id);
    bind_text(b, s->runner);
    bind_text(b, session_kind_name(s->kind));
    bind_text(b, session_state_name(s->state));
    bind_text(b, s->day);
    bind_time(b, s->start_usec);
    bind_time(b, s->end_usec);
    bind_integer(b, row->utc_offset_s);
    bind_text(b, row->reason);
    for (size_t i = 0; i < ELEMENTSOF(numbers); i++)
        bind_number(b, *(const double *)(base + numbers[i]));
    for (size_t i = 0; i < ELEMENTSOF(sources); i++)
        bind_text(b, base + sources[i]);
    bind_text(b, row->file);
    bind_text(b, row->sport);
    bind_text(b, row->device);
    bind_integer(b, row->samples);
    bind_integer(b, row->barometric);
    bind_text(b, row->instead);
}

int session_row_apply(struct db *db, const struct store_session *row)
{
    struct binder b = { .statement = db->put_session };
    int rc = unjudged_apply_session(db, row);

    if (rc != SQLITE_OK)
        return rc;
    bind_row(&b, row);
    return binder_run(&b);
}
