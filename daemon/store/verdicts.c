/* SPDX-License-Identifier: MIT */
/*
 * What a runner was told of a rule and is not over, so that a restart is silent. A row and the event
 * that says it are written together: killed in between, it is said once, not twice and not never.
 */
#include <errno.h>
#include <string.h>

#include "daemon/store/columns.h"
#include "daemon/store/tables.h"
#include "daemon/util.h"

#define VERDICTS_MAX 1024 /* runners, also such as are configured no more, times rules */

static const char *const levels[] = { "ok", "caution", "warning", NULL };

static bool time_is_valid(int64_t usec)
{
    return usec >= 0 && usec <= TIME_MAX_USEC;
}

static bool is_valid(const struct store_verdict *row)
{
    return text_is_topic_level(row->runner) && text_is_topic_level(row->rule) &&
           text_is_one_of(row->standing, levels) && text_is_one_of(row->level, levels) &&
           time_is_valid(row->since_usec) && time_is_valid(row->said_usec) &&
           time_is_valid(row->run_start_usec) && time_is_valid(row->run_end_usec) &&
           time_is_valid(row->seen_usec) && time_is_valid(row->snoozed_usec) &&
           time_is_valid(row->snoozed_until_usec) &&
           (!row->snoozed[0] || text_is_one_of(row->snoozed, levels)) &&
           said_digest_is_valid(row->session);
}

bool verdict_row_read(sqlite3_stmt *s, struct store_verdict *ret)
{
    struct store_verdict row = { 0 };

    if (!column_text(s, 0, row.runner, sizeof(row.runner)) ||
        !column_text(s, 1, row.rule, sizeof(row.rule)) ||
        !column_text(s, 2, row.standing, sizeof(row.standing)) ||
        !column_text(s, 3, row.level, sizeof(row.level)) || !column_time(s, 4, &row.since_usec) ||
        !column_time(s, 5, &row.said_usec) || !column_time(s, 6, &row.run_start_usec) ||
        !column_time(s, 7, &row.run_end_usec) ||
        !column_text(s, 8, row.session, sizeof(row.session)) ||
        !column_time(s, 9, &row.seen_usec) || !column_time(s, 10, &row.snoozed_usec) ||
        !column_time(s, 11, &row.snoozed_until_usec) ||
        !column_text(s, 12, row.snoozed, sizeof(row.snoozed)) || !is_valid(&row))
        return false;
    *ret = row;
    return true;
}

int verdict_table_read(struct db *db, struct verdict_table *ret, struct bad_rows *bad)
{
    sqlite3_stmt *s;

    ret->rows = calloc(VERDICTS_MAX, sizeof(*ret->rows));
    if (!ret->rows)
        return SQLITE_NOMEM;
    int rc = sqlite3_prepare_v2(db->sqlite,
                                "SELECT runner, rule, standing, level, since_usec, said_usec,"
                                " run_start_usec, run_end_usec, '' AS session, seen_usec,"
                                " snoozed_usec, snoozed_until_usec, snoozed FROM verdicts"
                                " UNION ALL SELECT * FROM (SELECT runner, rule, standing, level,"
                                " since_usec, said_usec, run_start_usec, run_end_usec,"
                                " session, NULL, NULL, NULL, NULL FROM told_runs"
                                " ORDER BY said_usec DESC)",
                                -1, &s, NULL);
    if (rc != SQLITE_OK)
        return rc;
    while (ret->n < VERDICTS_MAX && (rc = sqlite3_step(s)) == SQLITE_ROW)
        if (verdict_row_read(s, &ret->rows[ret->n]))
            ret->n++;
        else
            bad->n++;
    sqlite3_finalize(s);
    return rc == SQLITE_DONE || rc == SQLITE_ROW ? SQLITE_OK : rc;
}

int verdict_row_select(struct db *db, const char *runner, const char *beyond, sqlite3_stmt **ret)
{
    int rc = sqlite3_prepare_v2(
        db->sqlite,
        "SELECT * FROM (SELECT runner, rule, standing, level, since_usec,"
        " said_usec, run_start_usec, run_end_usec, '' AS session,"
        " seen_usec, snoozed_usec, snoozed_until_usec, snoozed"
        " FROM verdicts UNION ALL SELECT runner, rule, standing, level,"
        " since_usec, said_usec, run_start_usec, run_end_usec, session,"
        " NULL, NULL, NULL, NULL FROM told_runs) WHERE runner = ?"
        " AND rule || ':' || session > ifnull(?, '') ORDER BY rule || ':' || session",
        -1, ret, NULL);
    struct binder b = { .statement = *ret };

    if (rc != SQLITE_OK)
        return rc;
    bind_text(&b, runner);
    bind_text(&b, beyond);
    return b.rc;
}

void verdict_table_free(struct verdict_table *table)
{
    free(table->rows);
    *table = (struct verdict_table){ 0 };
}

/* ---- writing ------------------------------------------------------------------------------- */

struct verdict_put { /* all of it in one transaction */
    struct event_rows *events;
    struct said_rows *said;
    struct store_unjudged *sessions; /* behind the rows */
    size_t n, n_sessions;
    struct store_verdict rows[];
};

int verdict_table_prepare(struct db *db)
{
    int rc = db_prepare(db, &db->put_told_run,
                        "INSERT OR REPLACE INTO told_runs (runner, rule, standing, level,"
                        " since_usec, said_usec, run_start_usec, run_end_usec, session)"
                        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");

    if (rc == SQLITE_OK)
        rc = db_prepare(db, &db->drop_told_runs,
                        "DELETE FROM told_runs WHERE said_usec < ?1 AND said_usec <"
                        " (SELECT said_usec FROM told_runs ORDER BY said_usec DESC"
                        " LIMIT 1 OFFSET ?2 - 1)");
    if (rc != SQLITE_OK)
        return rc;
    return db_prepare(db, &db->put_verdict,
                      "INSERT OR REPLACE INTO verdicts (runner, rule, standing, level, since_usec,"
                      " said_usec, run_start_usec, run_end_usec, seen_usec, snoozed_usec,"
                      " snoozed_until_usec, snoozed)"
                      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
}

/* With each one that comes: a table of what was said in so many days has no need of an index. */
static int drop_old(struct db *db, const struct store_verdict *row)
{
    struct binder b = { .statement = db->drop_told_runs };

    bind_integer(&b, row->said_usec - (int64_t)STORE_TOLD_USEC);
    bind_integer(&b, STORE_TOLD_MAX);
    return binder_run(&b);
}

/* What a person said to it. */
static void bind_answer(struct binder *b, const struct store_verdict *row)
{
    bind_time(b, row->seen_usec);
    bind_time(b, row->snoozed_usec);
    bind_time(b, row->snoozed_until_usec);
    bind_text(b, row->snoozed);
}

static int apply_row(struct db *db, const struct store_verdict *row)
{
    bool of_run = row->session[0];
    int rc;
    struct binder b = { .statement = of_run ? db->put_told_run : db->put_verdict };

    bind_text(&b, row->runner);
    bind_text(&b, row->rule);
    bind_text(&b, row->standing);
    bind_text(&b, row->level);
    bind_time(&b, row->since_usec);
    bind_time(&b, row->said_usec);
    bind_time(&b, row->run_start_usec);
    bind_time(&b, row->run_end_usec);
    if (of_run)
        bind_text(&b, row->session);
    else
        bind_answer(&b, row);
    rc = binder_run(&b);
    return rc == SQLITE_OK && of_run ? drop_old(db, row) : rc;
}

static int apply_put(struct db *db, const void *rows)
{
    const struct verdict_put *put = rows;
    int rc = SQLITE_OK;

    for (size_t i = 0; i < put->n && rc == SQLITE_OK; i++)
        rc = apply_row(db, &put->rows[i]);
    for (size_t i = 0; i < put->n_sessions && rc == SQLITE_OK; i++)
        rc = unjudged_apply_judged(db, &put->sessions[i]);
    if (rc == SQLITE_OK)
        rc = said_rows_apply(db, put->said);
    return rc == SQLITE_OK ? event_rows_apply(db, put->events) : rc;
}

static void free_put(void *rows)
{
    struct verdict_put *put = rows;

    if (put) {
        event_rows_free(put->events);
        said_rows_free(put->said);
    }
    free(put);
}

static void free_putp(struct verdict_put **put)
{
    free_put(*put);
}

static struct verdict_put *new_put(const struct store_judged *judged, size_t *ret_bytes)
{
    struct verdict_put *put;
    size_t bytes = sizeof(*put) + judged->n_verdicts * sizeof(*put->rows) +
                   judged->n_sessions * sizeof(*put->sessions);

    put = calloc(1, bytes);
    if (put)
        put->sessions = (struct store_unjudged *)&put->rows[judged->n_verdicts];
    *ret_bytes = bytes;
    return put;
}

static bool take_rows(struct verdict_put *put, const struct store_judged *judged)
{
    for (; put->n < judged->n_verdicts; put->n++) {
        if (!is_valid(&judged->verdicts[put->n]))
            return false;
        put->rows[put->n] = judged->verdicts[put->n];
    }
    for (; put->n_sessions < judged->n_sessions; put->n_sessions++) {
        if (!unjudged_is_valid(&judged->sessions[put->n_sessions]))
            return false;
        put->sessions[put->n_sessions] = judged->sessions[put->n_sessions];
    }
    return true;
}

int verdict_table_make_put(struct put **ret, const struct store_judged *judged)
{
    size_t bytes;
    _cleanup_(free_putp) struct verdict_put *put = new_put(judged, &bytes);
    int r;

    if (!put)
        return -ENOMEM;
    if (!take_rows(put, judged))
        return -EINVAL;
    r = event_rows_new(&put->events, judged->events, judged->n_events);
    if (r < 0)
        return r;
    r = said_rows_new(&put->said, judged);
    if (r < 0)
        return r;
    bytes += event_rows_bytes(put->events) + said_rows_bytes(put->said);
    return put_new(ret, apply_put, TAKE_PTR(put), free_put, bytes);
}
