/* SPDX-License-Identifier: MIT */
/*
 * Some rows of a table, behind some that were read before. Nothing is kept in between: where to go on
 * is a row's own key, so that rows which come, go or change meanwhile make no other row come twice.
 *
 * Sessions are in the order of their start, which no index has: their keys are sorted, some 10 ms for
 * ten years of them on the worker, and only those of the page are read whole.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/array.h"
#include "daemon/store/columns.h"
#include "daemon/store/tables.h"

/* "" and false are NULL in what is bound: no such bound. */
#define WHOSE "(?1 IS NULL OR runner = ?1)"
#define WANTED                                                                                     \
    WHOSE " AND (?2 IS NULL OR runner IS NOT NULL) AND (?3 IS NULL OR day >= ?3)"                  \
          " AND (?4 IS NULL OR day <= ?4)"
#define START "coalesce(start_usec, 0)"

void page_rows_free(struct page_rows *rows)
{
    free(rows->sessions);
    free(rows->verdicts);
    free(rows->imports);
    free(rows->said);
    free(rows->places);
    *rows = (struct page_rows){ 0 };
}

static void bind_wanted(struct binder *b, const struct store_page_question *question)
{
    bind_text(b, question->runner);
    bind_text(b, question->not_nobodys ? "1" : "");
    bind_text(b, question->from);
    bind_text(b, question->to);
}

/* ---- sessions ------------------------------------------------------------------------------ */

/* Where it stands in the order; SQLITE_DONE: nowhere. */
static int find_beyond(struct db *db, const char *id, int64_t *ret_start_usec)
{
    struct binder b = { 0 };
    int rc = db_prepare_once(db, &b.statement, "SELECT " START " FROM sessions WHERE id = ?");

    if (rc != SQLITE_OK)
        return rc;
    bind_text(&b, id);
    rc = b.rc == SQLITE_OK ? sqlite3_step(b.statement) : b.rc;
    if (rc == SQLITE_ROW)
        *ret_start_usec = sqlite3_column_int64(b.statement, 0);
    sqlite3_finalize(b.statement);
    return rc == SQLITE_ROW ? SQLITE_OK : rc;
}

static int select_ids(struct db *db, const struct store_page_question *question, int64_t start_usec,
                      struct binder *b)
{
    const char *order = question->newest_first ? " DESC" : "";
    char sql[512];
    int rc;

    snprintf(sql, sizeof(sql),
             "SELECT id FROM sessions WHERE " WANTED " AND (?5 IS NULL OR (" START
             ", id) %s (?6, ?5)) ORDER BY " START "%s, id%s",
             question->newest_first ? "<" : ">", order, order);
    rc = db_prepare_once(db, &b->statement, sql);
    if (rc != SQLITE_OK)
        return rc;
    bind_wanted(b, question);
    bind_text(b, question->beyond);
    bind_integer(b, start_usec);
    return b->rc;
}

/* The one of that id; *ret stays where its row is not valid, or of a session that was deleted. */
static int add_session(sqlite3_stmt *whole, const unsigned char *id, struct page_rows *rows,
                       struct store_page *ret)
{
    struct store_session row, *added;
    bool good;
    int rc;

    sqlite3_bind_text(whole, 1, (const char *)id, -1, SQLITE_TRANSIENT);
    rc = sqlite3_step(whole);
    good = rc == SQLITE_ROW && session_row_read(whole, &row) && !store_session_is_deleted(&row);
    sqlite3_reset(whole);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        return rc;
    added = good ? ARRAY_ADD(rows->sessions, ret->n) : NULL;
    if (good && !added)
        return SQLITE_NOMEM;
    if (added)
        *added = row;
    return SQLITE_OK;
}

static int take_sessions(struct db *db, const struct store_page_question *question,
                         sqlite3_stmt *ids, struct page_rows *rows, struct store_page *ret)
{
    sqlite3_stmt *whole = NULL;
    int rc = session_row_select(db, "WHERE id = ?", &whole);

    while (rc == SQLITE_OK && (rc = sqlite3_step(ids)) == SQLITE_ROW) {
        ret->more = ret->n == question->limit;
        if (ret->more)
            break;
        rc = add_session(whole, sqlite3_column_text(ids, 0), rows, ret);
    }
    sqlite3_finalize(whole);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int read_sessions(struct db *db, const struct store_page_question *question,
                         struct page_rows *rows, struct store_page *ret)
{
    struct binder b = { 0 };
    int64_t start_usec = 0;
    int rc = question->beyond[0] ? find_beyond(db, question->beyond, &start_usec) : SQLITE_OK;

    ret->lost = rc == SQLITE_DONE;
    if (rc != SQLITE_OK)
        return ret->lost ? SQLITE_OK : rc;
    rc = select_ids(db, question, start_usec, &b);
    if (rc == SQLITE_OK)
        rc = take_sessions(db, question, b.statement, rows, ret);
    sqlite3_finalize(b.statement);
    ret->sessions = rows->sessions;
    return rc;
}

/* ---- verdicts and imports ------------------------------------------------------------------ */

static int add_place(struct page_rows *rows, size_t n, int64_t place)
{
    int64_t *added = ARRAY_ADD(rows->places, n);

    if (!added)
        return SQLITE_NOMEM;
    *added = place;
    return SQLITE_OK;
}

static int add_verdict(sqlite3_stmt *s, struct page_rows *rows, struct store_page *ret)
{
    struct store_verdict row, *added;

    if (!verdict_row_read(s, &row))
        return SQLITE_OK;
    added = ARRAY_ADD(rows->verdicts, ret->n);
    if (added)
        *added = row;
    return added ? SQLITE_OK : SQLITE_NOMEM;
}

static int read_verdicts(struct db *db, const struct store_page_question *question,
                         struct page_rows *rows, struct store_page *ret)
{
    sqlite3_stmt *s = NULL;
    int rc = verdict_row_select(db, question->runner, question->beyond, &s);

    while (rc == SQLITE_OK && (rc = sqlite3_step(s)) == SQLITE_ROW) {
        rc = SQLITE_OK;
        ret->more = ret->n == question->limit;
        if (ret->more)
            break;
        rc = add_verdict(s, rows, ret);
    }
    sqlite3_finalize(s);
    ret->verdicts = rows->verdicts;
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

#define SEQ_COLUMN 14 /* behind IMPORT_COLUMNS */

static int add_import(sqlite3_stmt *s, struct page_rows *rows, struct store_page *ret)
{
    struct store_import row, *added;
    int rc = SQLITE_OK;

    if (!import_row_read(s, &row))
        return SQLITE_OK;
    rc = add_place(rows, ret->n, sqlite3_column_int64(s, SEQ_COLUMN));
    added = rc == SQLITE_OK ? ARRAY_ADD(rows->imports, ret->n) : NULL;
    if (added)
        *added = row;
    return added ? SQLITE_OK : SQLITE_NOMEM;
}

static int read_imports(struct db *db, const struct store_page_question *question,
                        struct page_rows *rows, struct store_page *ret)
{
    struct binder b = { 0 };
    int rc = db_prepare_once(db, &b.statement,
                             "SELECT " IMPORT_COLUMNS ", seq FROM imports WHERE " WHOSE
                             " AND seq > ?2 ORDER BY seq");

    if (rc != SQLITE_OK)
        return rc;
    bind_text(&b, question->runner);
    bind_integer(&b, question->after);
    rc = b.rc;
    while (rc == SQLITE_OK && (rc = sqlite3_step(b.statement)) == SQLITE_ROW) {
        ret->more = ret->n == question->limit;
        rc = SQLITE_OK;
        if (ret->more)
            break;
        rc = add_import(b.statement, rows, ret);
    }
    sqlite3_finalize(b.statement);
    ret->imports = rows->imports;
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

#define SAID_SEQ_COLUMN 13 /* behind SAID_COLUMNS */

static int add_said(sqlite3_stmt *s, struct page_rows *rows, struct store_page *ret)
{
    struct store_said row, *added;
    int rc = SQLITE_OK;

    if (!said_row_read(s, &row))
        return SQLITE_OK;
    rc = add_place(rows, ret->n, sqlite3_column_int64(s, SAID_SEQ_COLUMN));
    added = rc == SQLITE_OK ? ARRAY_ADD(rows->said, ret->n) : NULL;
    if (added)
        *added = row;
    return added ? SQLITE_OK : SQLITE_NOMEM;
}

static int read_said(struct db *db, const struct store_page_question *question,
                     struct page_rows *rows, struct store_page *ret)
{
    struct binder b = { 0 };
    int rc = db_prepare_once(db, &b.statement,
                             "SELECT " SAID_COLUMNS ", seq FROM said WHERE " WHOSE
                             " AND seq > ?2 ORDER BY seq");

    if (rc != SQLITE_OK)
        return rc;
    bind_text(&b, question->runner);
    bind_integer(&b, question->after);
    rc = b.rc;
    while (rc == SQLITE_OK && (rc = sqlite3_step(b.statement)) == SQLITE_ROW) {
        ret->more = ret->n == question->limit;
        rc = SQLITE_OK;
        if (ret->more)
            break;
        rc = add_said(b.statement, rows, ret);
    }
    sqlite3_finalize(b.statement);
    ret->said = rows->said;
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* ---- how many ------------------------------------------------------------------------------ */

static int count(struct db *db, const char *sql, const struct store_page_question *question,
                 bool wanted, int64_t *ret)
{
    struct binder b = { 0 };
    int rc = db_prepare_once(db, &b.statement, sql);

    if (rc != SQLITE_OK)
        return rc;
    if (wanted)
        bind_wanted(&b, question);
    else
        bind_text(&b, question->runner);
    rc = b.rc == SQLITE_OK ? sqlite3_step(b.statement) : b.rc;
    if (rc == SQLITE_ROW)
        *ret = sqlite3_column_int64(b.statement, 0);
    sqlite3_finalize(b.statement);
    return rc == SQLITE_ROW ? SQLITE_OK : rc;
}

static int count_all(struct db *db, const struct store_page_question *question,
                     int64_t counts[STORE_PAGE_KINDS])
{
    int64_t of_runs = 0;
    int rc = count(db, "SELECT count(*) FROM sessions WHERE " WANTED, question, true,
                   &counts[STORE_PAGE_SESSIONS]);

    if (rc == SQLITE_OK)
        rc = count(db, "SELECT count(*) FROM imports WHERE " WHOSE, question, false,
                   &counts[STORE_PAGE_IMPORTS]);
    if (rc == SQLITE_OK)
        rc = count(db, "SELECT count(*) FROM verdicts WHERE " WHOSE, question, false,
                   &counts[STORE_PAGE_VERDICTS]);
    if (rc == SQLITE_OK)
        rc = count(db, "SELECT count(*) FROM told_runs WHERE " WHOSE, question, false, &of_runs);
    if (rc == SQLITE_OK)
        rc = count(db, "SELECT count(*) FROM said WHERE " WHOSE, question, false,
                   &counts[STORE_PAGE_SAID]);
    counts[STORE_PAGE_VERDICTS] += of_runs;
    return rc;
}

int page_read(struct db *db, const struct store_page_question *question, struct page_rows *rows,
              struct store_page *ret)
{
    int rc = question->count ? count_all(db, question, ret->counts) : SQLITE_OK;

    if (rc == SQLITE_OK && question->of == STORE_PAGE_SESSIONS)
        rc = read_sessions(db, question, rows, ret);
    else if (rc == SQLITE_OK && question->of == STORE_PAGE_VERDICTS)
        rc = read_verdicts(db, question, rows, ret);
    else if (rc == SQLITE_OK && question->of == STORE_PAGE_SAID)
        rc = read_said(db, question, rows, ret);
    else if (rc == SQLITE_OK)
        rc = read_imports(db, question, rows, ret);
    ret->places = rows->places;
    return rc;
}
