/* SPDX-License-Identifier: MIT */
/*
 * Every message about a rule, as it was told, for who asks later what that was: its event is gone once the
 * broker has it. A row is written with the event, under the same id; what is told again under it is one
 * message. The oldest go when there are too many of them, not by their dates: the clock may have been ahead.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/store/columns.h"
#include "daemon/store/tables.h"
#include "daemon/util.h"

struct said_rows {
    struct store_seen *seen; /* behind the rows */
    size_t n, n_seen, bytes;
    struct store_said rows[];
};

/* ---- what they may be ---------------------------------------------------------------------- */

bool said_digest_is_valid(const char *digest)
{
    size_t length = strnlen(digest, STORE_DIGEST_MAX);

    return length == 0 ||
           (length == STORE_DIGEST_MAX - 1 && strspn(digest, "0123456789abcdef") == length);
}

static bool time_is_valid(int64_t usec)
{
    return usec >= 0 && usec <= TIME_MAX_USEC;
}

static bool is_valid(const struct store_said *row)
{
    return text_is_topic_level(row->id) && text_is_topic_level(row->runner) &&
           text_is_topic_level(row->rule) && text_is_topic_level(row->news) &&
           text_is_topic_level(row->verdict) && text_is_day(row->day) &&
           time_is_valid(row->at_usec) && time_is_valid(row->acknowledged_usec) &&
           text_is_plain(row->sentence, strlen(row->sentence)) &&
           text_is_plain(row->evidence, strlen(row->evidence)) &&
           said_digest_is_valid(row->session);
}

static bool seen_is_valid(const struct store_seen *seen)
{
    return text_is_topic_level(seen->runner) &&
           (!seen->rule[0] || text_is_topic_level(seen->rule)) && time_is_valid(seen->at_usec);
}

/* ---- writing ------------------------------------------------------------------------------- */

int said_table_prepare(struct db *db)
{
    return db_prepare(db, &db->put_said,
                      "INSERT INTO said (id, runner, rule, news, verdict, day, at_usec,"
                      " value, reference, up_to, evidence, sentence, session, acknowledged_usec)"
                      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                      " ON CONFLICT (id) DO NOTHING");
}

static int apply_said(struct db *db, const struct store_said *row)
{
    struct binder b = { .statement = db->put_said };

    bind_text(&b, row->id);
    bind_text(&b, row->runner);
    bind_text(&b, row->rule);
    bind_text(&b, row->news);
    bind_text(&b, row->verdict);
    bind_text(&b, row->day);
    bind_integer(&b, row->at_usec);
    bind_number(&b, row->value);
    bind_number(&b, row->reference);
    bind_number(&b, row->limit);
    bind_text(&b, row->evidence);
    bind_text(&b, row->sentence);
    bind_text(&b, row->session);
    bind_time(&b, row->acknowledged_usec);
    return binder_run(&b);
}

/* A day has few of them: a statement is made when it is needed. */
static int drop_old(struct db *db)
{
    _cleanup_(db_finalizep) sqlite3_stmt *statement = NULL;
    int rc = db_prepare_once(db, &statement,
                             "DELETE FROM said WHERE seq <= (SELECT max(seq) FROM said) - ?1");
    struct binder b = { .statement = statement };

    if (rc != SQLITE_OK)
        return rc;
    bind_integer(&b, STORE_SAID_MAX);
    return binder_run(&b);
}

static int apply_seen(struct db *db, const struct store_seen *seen)
{
    _cleanup_(db_finalizep) sqlite3_stmt *statement = NULL;
    int rc = db_prepare_once(db, &statement,
                             "UPDATE said SET acknowledged_usec = ?1 WHERE runner = ?2"
                             " AND (rule = ?3 OR ?3 IS NULL) AND acknowledged_usec IS NULL");
    struct binder b = { .statement = statement };

    if (rc != SQLITE_OK)
        return rc;
    bind_time(&b, seen->at_usec);
    bind_text(&b, seen->runner);
    bind_text(&b, seen->rule);
    return binder_run(&b);
}

int said_rows_apply(struct db *db, const struct said_rows *rows)
{
    int rc = SQLITE_OK;

    for (size_t i = 0; rows && i < rows->n && rc == SQLITE_OK; i++)
        rc = apply_said(db, &rows->rows[i]);
    if (rows && rows->n > 0 && rc == SQLITE_OK)
        rc = drop_old(db);
    for (size_t i = 0; rows && i < rows->n_seen && rc == SQLITE_OK; i++)
        rc = apply_seen(db, &rows->seen[i]);
    return rc;
}

/* ---- a copy -------------------------------------------------------------------------------- */

void said_rows_free(struct said_rows *rows)
{
    free(rows);
}

size_t said_rows_bytes(const struct said_rows *rows)
{
    return rows ? rows->bytes : 0;
}

int said_rows_new(struct said_rows **ret, const struct store_judged *judged)
{
    size_t bytes = sizeof(struct said_rows) + judged->n_said * sizeof(struct store_said) +
                   judged->n_seen * sizeof(struct store_seen);
    struct said_rows *rows;

    *ret = NULL;
    for (size_t i = 0; i < judged->n_said; i++)
        if (!is_valid(&judged->said[i]))
            return -EINVAL;
    for (size_t i = 0; i < judged->n_seen; i++)
        if (!seen_is_valid(&judged->seen[i]))
            return -EINVAL;
    if (judged->n_said == 0 && judged->n_seen == 0)
        return 0;
    rows = calloc(1, bytes);
    if (!rows)
        return -ENOMEM;
    *rows = (struct said_rows){ .n = judged->n_said, .n_seen = judged->n_seen, .bytes = bytes };
    rows->seen = (struct store_seen *)&rows->rows[rows->n];
    if (rows->n > 0)
        memcpy(rows->rows, judged->said, rows->n * sizeof(*rows->rows));
    if (rows->n_seen > 0)
        memcpy(rows->seen, judged->seen, rows->n_seen * sizeof(*rows->seen));
    *ret = rows;
    return 0;
}
