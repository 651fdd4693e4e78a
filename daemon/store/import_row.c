/* SPDX-License-Identifier: MIT */
/* A file that came in, as a row: its columns, what may stand in them, from the database and to it. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "daemon/store/columns.h"
#include "daemon/store/tables.h"
#include "daemon/util.h"

#define OWN_MAX 1000.0

static const char *const verdict_names[] = {
    [STORE_IMPORTED] = "imported", [STORE_PARTLY] = "partly", [STORE_REFUSED] = "refused"
};

const char *store_outcome_name(enum store_outcome verdict)
{
    return (size_t)verdict < ELEMENTSOF(verdict_names) ? verdict_names[verdict] : NULL;
}

/* ---- what a row may be --------------------------------------------------------------------- */

static bool own_is_valid(double own)
{
    return isnan(own) || (own > 0 && own <= OWN_MAX);
}

bool import_row_is_valid(const struct store_import *import)
{
    return text_is_hash(import->hash) && text_is_topic_level(import->runner) &&
           text_is_plain(import->name, strlen(import->name)) && import->size >= 0 &&
           import->at_usec >= 0 && import->at_usec <= TIME_MAX_USEC &&
           store_outcome_name(import->verdict) &&
           text_is_plain(import->reason, strlen(import->reason)) && import->n_sessions >= 0 &&
           import->n_sessions <= IMPORT_SESSIONS_MAX && import->compared_usec >= 0 &&
           import->compared_usec <= TIME_MAX_USEC && own_is_valid(import->own_cadence_spm) &&
           own_is_valid(import->own_speed_m_s);
}

/* ---- reading ------------------------------------------------------------------------------- */

static bool verdict_from_name(const char *name, enum store_outcome *ret)
{
    for (enum store_outcome verdict = 0; store_outcome_name(verdict); verdict++)
        if (strcmp(store_outcome_name(verdict), name) == 0) {
            *ret = verdict;
            return true;
        }
    return false;
}

static bool read_reading(sqlite3_stmt *s, struct store_import *row)
{
    int64_t passes, read_with = 0;

    if (!column_integer(s, 9, 0, 1, &passes) || !column_time(s, 11, &row->compared_usec) ||
        !column_number(s, 12, OWN_MAX, &row->own_cadence_spm) ||
        !column_number(s, 13, OWN_MAX, &row->own_speed_m_s))
        return false;
    if (sqlite3_column_type(s, 10) != SQLITE_NULL &&
        !column_integer(s, 10, INT64_MIN, INT64_MAX, &read_with))
        return false;
    row->passes = passes != 0;
    row->read_with = (uint64_t)read_with;
    return true;
}

bool import_row_read(sqlite3_stmt *s, struct store_import *ret)
{
    struct store_import row = { 0 };
    char verdict[16];
    int64_t n;

    if (!column_text(s, 0, row.hash, sizeof(row.hash)) ||
        !column_text(s, 1, row.runner, sizeof(row.runner)) ||
        !column_text(s, 2, row.name, sizeof(row.name)) ||
        !column_integer(s, 3, 0, INT64_MAX, &row.size) ||
        !column_integer(s, 4, INT64_MIN, INT64_MAX, &row.mtime_nsec) ||
        !column_integer(s, 5, 0, TIME_MAX_USEC, &row.at_usec) ||
        !column_text(s, 6, verdict, sizeof(verdict)) || !verdict_from_name(verdict, &row.verdict) ||
        !column_text(s, 7, row.reason, sizeof(row.reason)) ||
        !column_integer(s, 8, 0, IMPORT_SESSIONS_MAX, &n) || !read_reading(s, &row))
        return false;
    row.n_sessions = (int)n;
    if (!import_row_is_valid(&row))
        return false;
    *ret = row;
    return true;
}

bool import_row_read_whose(sqlite3_stmt *s, struct store_import *ret)
{
    struct store_import row;
    char verdict[16];

    store_import_init(&row);
    if (!column_text(s, 0, row.hash, sizeof(row.hash)) ||
        !column_text(s, 1, row.runner, sizeof(row.runner)))
        return false;
    if (!column_text(s, 6, verdict, sizeof(verdict)) || !verdict_from_name(verdict, &row.verdict))
        row.verdict = STORE_IMPORTED;
    snprintf(row.name, sizeof(row.name), "not known");
    snprintf(row.reason, sizeof(row.reason), "Its row in the database is not valid");
    if (!import_row_is_valid(&row))
        return false;
    *ret = row;
    return true;
}

/* ---- writing ------------------------------------------------------------------------------- */

int import_row_prepare(struct db *db)
{
    return db_prepare(db, &db->put_import,
                      "INSERT INTO imports (" IMPORT_COLUMNS ")"
                      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                      " ON CONFLICT (hash, runner) DO UPDATE SET name = excluded.name,"
                      " size = excluded.size, mtime_nsec = excluded.mtime_nsec,"
                      " at_usec = excluded.at_usec, verdict = excluded.verdict,"
                      " reason = excluded.reason, sessions = excluded.sessions,"
                      " passes = excluded.passes, read_with = excluded.read_with,"
                      " compared_usec = excluded.compared_usec,"
                      " own_cadence_spm = excluded.own_cadence_spm,"
                      " own_speed_m_s = excluded.own_speed_m_s WHERE verdict = 'refused'");
}

static void bind_reading(struct binder *b, const struct store_import *import)
{
    if (import->read_with)
        bind_integer(b, (int64_t)import->read_with);
    else
        bind_text(b, NULL);
    bind_time(b, import->compared_usec);
    bind_number(b, import->own_cadence_spm);
    bind_number(b, import->own_speed_m_s);
}

int import_row_apply(struct db *db, const struct store_import *import)
{
    struct binder b = { .statement = db->put_import };

    bind_text(&b, import->hash);
    bind_text(&b, import->runner);
    bind_text(&b, import->name);
    bind_integer(&b, import->size);
    bind_integer(&b, import->mtime_nsec);
    bind_integer(&b, import->at_usec);
    bind_text(&b, store_outcome_name(import->verdict));
    bind_text(&b, import->reason);
    bind_integer(&b, import->n_sessions);
    bind_integer(&b, import->passes);
    bind_reading(&b, import);
    return binder_run(&b);
}

int import_row_apply_again(struct db *db, const struct store_import *import)
{
    _cleanup_(db_finalizep) sqlite3_stmt *s = NULL;
    int rc = db_prepare_once(db, &s,
                             "UPDATE imports SET verdict = ?3, reason = ?4, sessions = ?5,"
                             " read_with = ?6, compared_usec = ?7, own_cadence_spm = ?8,"
                             " own_speed_m_s = ?9 WHERE hash = ?1 AND runner = ?2");
    struct binder b = { .statement = s };

    if (rc != SQLITE_OK)
        return rc;
    bind_text(&b, import->hash);
    bind_text(&b, import->runner);
    bind_text(&b, store_outcome_name(import->verdict));
    bind_text(&b, import->reason);
    bind_integer(&b, import->n_sessions);
    bind_reading(&b, import);
    return binder_run(&b);
}

static int set_unsure(struct db *db, const struct store_import *import, bool unsure)
{
    _cleanup_(db_finalizep) sqlite3_stmt *s = NULL;
    int rc = db_prepare_once(db, &s, "UPDATE imports SET unsure = ? WHERE hash = ? AND runner = ?");
    struct binder b = { .statement = s };

    if (rc != SQLITE_OK)
        return rc;
    bind_integer(&b, unsure);
    bind_text(&b, import->hash);
    bind_text(&b, import->runner);
    return binder_run(&b);
}

int import_row_settle(struct db *db, const struct store_import *import, bool read)
{
    struct knee_reference own = { import->own_cadence_spm, import->own_speed_m_s, 1 };
    int rc = SQLITE_OK;

    if (read && import->compared_usec)
        rc = level_row_reference(db, import->runner, import->compared_usec, &own);
    if (rc != SQLITE_OK)
        return rc;
    return set_unsure(db, import,
                      !number_is_same(own.cadence_spm, import->own_cadence_spm) ||
                          !number_is_same(own.speed_m_s, import->own_speed_m_s));
}

int import_row_forget_reading(struct db *db, const char *hash)
{
    _cleanup_(db_finalizep) sqlite3_stmt *s = NULL;
    int rc = db_prepare_once(db, &s, "UPDATE imports SET read_with = NULL WHERE hash = ?");
    struct binder b = { .statement = s };

    if (rc != SQLITE_OK)
        return rc;
    bind_text(&b, hash);
    return binder_run(&b);
}
