/* SPDX-License-Identifier: MIT */
/*
 * What was said, for who asks: read on the worker behind all that was put before, for it is not kept in
 * memory. A row knows the digest of its session; which id that is the sessions of those days tell.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/store/columns.h"
#include "daemon/store/private.h"
#include "daemon/util.h"
#include "lib/digest.h"

#define DAYS_USEC (INT64_C(3) * 86400 * 1000000) /* what is said of a run is said soon */

struct question { /* the worker's until it is answered */
    char runner[32];
    int64_t since_usec;
    char before[EVENT_ID_MAX]; /* "": from the newest on */
    int64_t beyond;            /* its place */
    bool lost;                 /* there is none of that id */
    store_said_found found;
    void *userdata;
    unsigned *asked; /* how many there are of them */
    size_t n;
    bool more;
    struct store_said rows[STORE_SAID_TOLD_MAX];
};

/* ---- on the worker ------------------------------------------------------------------------- */

bool said_row_read(sqlite3_stmt *s, struct store_said *ret)
{
    struct store_said row = { 0 };

    if (!column_text(s, 0, row.id, sizeof(row.id)) ||
        !column_text(s, 1, row.rule, sizeof(row.rule)) || !text_is_topic_level(row.rule) ||
        !column_text(s, 2, row.news, sizeof(row.news)) || !text_is_topic_level(row.news) ||
        !column_text(s, 3, row.verdict, sizeof(row.verdict)) || !text_is_topic_level(row.verdict) ||
        !column_text(s, 4, row.day, sizeof(row.day)) || !text_is_day(row.day) ||
        !column_time(s, 5, &row.at_usec) || !column_number(s, 6, 1e9, &row.value) ||
        !column_number(s, 7, 1e9, &row.reference) || !column_number(s, 8, 1e9, &row.limit) ||
        !column_text(s, 9, row.evidence, sizeof(row.evidence)) ||
        !column_text(s, 10, row.sentence, sizeof(row.sentence)) ||
        !column_text(s, 11, row.session, sizeof(row.session)) ||
        !said_digest_is_valid(row.session) || !column_time(s, 12, &row.acknowledged_usec))
        return false;
    *ret = row;
    return true;
}

/* Where the one stands behind which it is to go on. */
static int find_place(struct db *db, struct question *question)
{
    _cleanup_(db_finalizep) sqlite3_stmt *s = NULL;
    int rc = db_prepare_once(db, &s, "SELECT seq FROM said WHERE id = ? AND runner = ?");
    struct binder b = { .statement = s };

    if (rc != SQLITE_OK)
        return rc;
    bind_text(&b, question->before);
    bind_text(&b, question->runner);
    rc = sqlite3_step(s);
    question->lost = rc == SQLITE_DONE;
    if (rc == SQLITE_ROW)
        question->beyond = sqlite3_column_int64(s, 0);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int read_said(struct db *db, struct question *question)
{
    _cleanup_(db_finalizep) sqlite3_stmt *s = NULL;
    int rc = db_prepare_once(db, &s,
                             "SELECT " SAID_COLUMNS " FROM said"
                             " WHERE runner = ? AND at_usec >= ? AND seq < ? ORDER BY seq DESC");
    struct binder b = { .statement = s };

    if (rc != SQLITE_OK)
        return rc;
    bind_text(&b, question->runner);
    bind_integer(&b, question->since_usec);
    bind_integer(&b, question->beyond);
    while (!question->more && (rc = sqlite3_step(s)) == SQLITE_ROW)
        if (question->n == STORE_SAID_TOLD_MAX)
            question->more = true;
        else if (said_row_read(s, &question->rows[question->n])) /* one that is not valid is none */
            memcpy(question->rows[question->n++].runner, question->runner,
                   sizeof(question->runner));
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static void name_session(struct question *question, const char *id)
{
    char digest[STORE_DIGEST_MAX];

    snprintf(digest, sizeof(digest), "%016" PRIx64, digest_text(id));
    for (size_t i = 0; i < question->n; i++)
        if (strcmp(question->rows[i].session, digest) == 0)
            snprintf(question->rows[i].session_id, sizeof(question->rows[i].session_id), "%s", id);
}

static int name_sessions(struct db *db, struct question *question)
{
    _cleanup_(db_finalizep) sqlite3_stmt *s = NULL;
    int rc =
        db_prepare_once(db, &s, "SELECT id FROM sessions WHERE runner = ? AND start_usec >= ?");
    struct binder b = { .statement = s };

    if (rc != SQLITE_OK)
        return rc;
    bind_text(&b, question->runner);
    bind_integer(&b, question->since_usec - DAYS_USEC);
    while ((rc = sqlite3_step(s)) == SQLITE_ROW) {
        char id[SESSION_ID_MAX];

        if (column_text(s, 0, id, sizeof(id)))
            name_session(question, id);
    }
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int apply(struct db *db, const void *rows)
{
    struct question *question = (struct question *)rows; /* the answer is what it writes */
    int rc = SQLITE_OK;

    question->n = 0; /* it may be asked again, after a failure */
    question->more = question->lost = false;
    question->beyond = INT64_MAX;
    if (question->before[0])
        rc = find_place(db, question);
    if (rc == SQLITE_OK && !question->lost)
        rc = read_said(db, question);
    return rc == SQLITE_OK && question->n > 0 ? name_sessions(db, question) : rc;
}

/* ---- on the loop --------------------------------------------------------------------------- */

static void on_answered(void *userdata, int result)
{
    const struct question *question = userdata;

    question->found(question->userdata, result == 0 && question->lost ? -ENOENT : result,
                    question->rows, result == 0 ? question->n : 0, question->more);
}

static void free_question(void *rows)
{
    struct question *question = rows;

    --*question->asked;
    free(question);
}

int said_make_question(struct put **ret, unsigned *asked, const char *runner, int64_t since_usec,
                       const char *before, store_said_found found, void *userdata)
{
    struct question *question = calloc(1, sizeof(*question));
    int r;

    if (!question)
        return -ENOMEM;
    question->since_usec = since_usec > 0 ? since_usec : 0;
    snprintf(question->before, sizeof(question->before), "%s", before);
    question->found = found;
    question->userdata = userdata;
    question->asked = asked;
    ++*asked;
    snprintf(question->runner, sizeof(question->runner), "%s", runner);
    r = put_new(ret, apply, question, free_question, sizeof(*question));
    if (r < 0)
        return r;
    (*ret)->committed = on_answered;
    (*ret)->userdata = question;
    return 0;
}
