/* SPDX-License-Identifier: MIT */
/*
 * Results of sessions, derived from their recordings. A result that is computed again (a better
 * formula, a damaged database) replaces the row and keeps its place; the newest of a runner is the
 * one that ended last, not the one with the latest start: a clock that was once wrong would stay the
 * newest for years.
 *
 * Of ten years of rows only the newest per runner and one hash an id stay in memory (60 KB): enough
 * to know at start which recordings have their result already.
 */
#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "daemon/recording/disk.h"
#include "daemon/store/columns.h"
#include "daemon/store/tables.h"
#include "daemon/util.h"
#include "lib/digest.h"

#define LAST_MAX     64          /* runners, also such as are configured no more */
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
    AT(ascent_m),
    AT(downhill_drop_m),
    AT(gaps_s),
    offsetof(struct store_session, altitude_m),
    AT(downhill_distance_m),
    AT(knee_load_steps),
    AT(downhill_time_s),
    AT(downhill_steps),
    AT(downhill_steep_pct),
    AT(grade_adjusted_pace_s_per_km),
    AT(altitude_coverage_pct),
};
static const size_t sources[] = { AT(source.distance), AT(source.cadence), AT(source.grade),
                                  AT(source.heart_rate) };
#define FIRST_NUMBER  9
#define FIRST_SOURCE  (FIRST_NUMBER + (int)ELEMENTSOF(numbers))
#define FIRST_OF_FILE (FIRST_SOURCE + (int)ELEMENTSOF(sources))
#define SAMPLES_MAX   1000000000
#define SOURCE_SIZE   sizeof(((struct payload_source *)NULL)->distance)

static const char *const source_words[] = { "",      "belt",    "pod",        "strap",
                                            "file",  "incline", "barometer",  "elevation",
                                            "route", "gps",     "configured", NULL };

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

/* ---- which have ended ---------------------------------------------------------------------- */

/* The place of the hash, or where it belongs. */
static size_t find_hash(const struct session_table *table, uint64_t hash)
{
    size_t low = 0, high = table->n_ended;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (table->ended[middle] < hash)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static int make_room(struct session_table *table)
{
    if (table->n_ended < table->room)
        return 0;
    size_t room = table->room ? table->room * 2 : 64;
    uint64_t *grown = reallocarray(table->ended, room, sizeof(*grown));
    if (!grown)
        return -ENOMEM;
    table->ended = grown;
    table->room = room;
    return 0;
}

int session_table_note_ended(struct session_table *table, const char *id)
{
    uint64_t hash = digest_text(id);

    if (session_table_has_ended(table, id))
        return 0;
    int r = make_room(table);
    if (r < 0)
        return r;
    size_t i = find_hash(table, hash);
    memmove(table->ended + i + 1, table->ended + i, (table->n_ended - i) * sizeof(*table->ended));
    table->ended[i] = hash;
    table->n_ended++;
    return 0;
}

bool session_table_has_ended(const struct session_table *table, const char *id)
{
    uint64_t hash = digest_text(id);
    size_t i = find_hash(table, hash);
    return i < table->n_ended && table->ended[i] == hash;
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
    return true;
}

static bool read_row(sqlite3_stmt *s, struct store_session *ret)
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

static bool has_last_of(const struct session_table *table, const char *runner)
{
    for (size_t i = 0; i < table->n_last; i++)
        if (strcmp(table->last[i].session.runner, runner) == 0)
            return true;
    return false;
}

static int prepare_row(struct db *db, sqlite3_stmt **ret)
{
    return sqlite3_prepare_v2(db->sqlite, "SELECT " COLUMNS " FROM sessions WHERE seq = ?", -1, ret,
                              NULL);
}

/* Rows come newest first, so the first valid one of a runner is the last of theirs: only that is read
 * whole. */
static int take_last(sqlite3_stmt *whole, int64_t seq, struct session_table *table,
                     struct bad_rows *bad)
{
    int rc;

    sqlite3_bind_int64(whole, 1, seq);
    rc = sqlite3_step(whole);
    if (rc == SQLITE_ROW && read_row(whole, &table->last[table->n_last]))
        table->n_last++;
    else if (rc == SQLITE_ROW)
        bad->n++;
    sqlite3_reset(whole);
    return rc == SQLITE_ROW ? SQLITE_OK : rc;
}

/* id, runner, seq */
static int take_row(sqlite3_stmt *s, sqlite3_stmt *whole, struct session_table *table,
                    struct bad_rows *bad)
{
    char id[SESSION_ID_MAX], runner[32];
    int rc = SQLITE_OK;

    if (!column_text(s, 0, id, sizeof(id)) || !recording_id_is_valid(id) ||
        !column_text(s, 1, runner, sizeof(runner))) {
        bad->n++;
        return SQLITE_OK;
    }
    if (table->n_last < LAST_MAX && !has_last_of(table, runner))
        rc = take_last(whole, sqlite3_column_int64(s, 2), table, bad);
    if (rc != SQLITE_OK)
        return rc;
    if (make_room(table) < 0)
        return SQLITE_NOMEM;
    table->ended[table->n_ended++] = digest_text(id); /* sorted when all are there */
    return SQLITE_OK;
}

static int compare_hashes(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static int take_rows(sqlite3_stmt *s, sqlite3_stmt *whole, struct session_table *ret,
                     struct bad_rows *bad)
{
    int rc, taken = SQLITE_OK;

    while (taken == SQLITE_OK && (rc = sqlite3_step(s)) == SQLITE_ROW)
        taken = take_row(s, whole, ret, bad);
    return taken != SQLITE_OK ? taken : rc == SQLITE_DONE ? SQLITE_OK : rc;
}

int session_table_read(struct db *db, struct session_table *ret, struct bad_rows *bad)
{
    sqlite3_stmt *s = NULL, *whole = NULL;
    int rc;

    ret->last = calloc(LAST_MAX, sizeof(*ret->last));
    if (!ret->last)
        return SQLITE_NOMEM;
    /* a file of long ago is not its runner's last session, and no recording is behind it */
    rc = sqlite3_prepare_v2(db->sqlite,
                            "SELECT id, runner, seq FROM sessions WHERE file IS NULL"
                            " ORDER BY seq DESC",
                            -1, &s, NULL);
    if (rc == SQLITE_OK)
        rc = prepare_row(db, &whole);
    if (rc == SQLITE_OK)
        rc = take_rows(s, whole, ret, bad);
    sqlite3_finalize(s);
    sqlite3_finalize(whole);
    if (ret->n_ended > 0)
        qsort(ret->ended, ret->n_ended, sizeof(*ret->ended), compare_hashes);
    return rc;
}

int session_table_read_each(struct db *db,
                            void (*handler)(void *userdata, const struct store_session *row),
                            void *userdata, struct bad_rows *bad)
{
    struct store_session row;
    sqlite3_stmt *s;

    int rc = sqlite3_prepare_v2(db->sqlite, "SELECT " COLUMNS " FROM sessions ORDER BY seq", -1, &s,
                                NULL);
    if (rc != SQLITE_OK)
        return rc;
    while ((rc = sqlite3_step(s)) == SQLITE_ROW)
        if (read_row(s, &row))
            handler(userdata, &row);
        else
            bad->n++;
    sqlite3_finalize(s);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

void session_table_free(struct session_table *table)
{
    free(table->last);
    free(table->ended);
    *table = (struct session_table){ 0 };
}

/* ---- writing ------------------------------------------------------------------------------- */

struct session_put {
    struct store_session row;
    struct event_rows *events; /* told of it, in the same transaction */
};

int session_table_prepare(struct db *db)
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

    bind_row(&b, row);
    return binder_run(&b);
}

bool session_row_is_valid(const struct store_session *row)
{
    return values_fit(row) && is_sound(row);
}

static int apply_put(struct db *db, const void *rows)
{
    const struct session_put *put = rows;

    int rc = session_row_apply(db, &put->row);
    return rc == SQLITE_OK ? event_rows_apply(db, put->events) : rc;
}

static void free_put(void *rows)
{
    struct session_put *put = rows;
    event_rows_free(put->events);
    free(put);
}

int session_table_make_put(struct put **ret, const struct store_session *session,
                           const struct store_event *events, size_t n_events)
{
    if (!session_row_is_valid(session))
        return -EINVAL;
    struct session_put *put = calloc(1, sizeof(*put));
    if (!put)
        return -ENOMEM;
    put->row = *session;
    int r = event_rows_new(&put->events, events, n_events);
    if (r < 0) {
        free(put);
        return r;
    }
    return put_new(ret, apply_put, put, free_put, sizeof(*put) + event_rows_bytes(put->events));
}
