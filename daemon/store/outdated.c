/* SPDX-License-Identifier: MIT */
/*
 * Files that were read with something else than they would be now: another reader, other settings of
 * their runner, or other sessions to compare their steps with. Each row says what it was read with, so
 * nothing else has to be kept of how far all of them are done, and a kill loses at most one reading.
 *
 * It is asked as changes are put: in line with them, so that the answer is true at its place, and on the
 * worker, which has the database. What needs no reading is settled on the way.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/array.h"
#include "daemon/store/columns.h"
#include "daemon/store/tables.h"
#include "daemon/util.h"

#define LOOK_MAX   64 /* rows that take more than a glance: some ms */
#define SEQ_COLUMN 14 /* behind IMPORT_COLUMNS */
#define SELECT     "SELECT " IMPORT_COLUMNS ", seq, unsure FROM imports WHERE seq > ? ORDER BY seq"

struct asking {
    struct store_outdated_question question;
    struct store_outdated answer;
    struct store_reader *readers;
    struct store_session *sessions;
};

static void free_asking(void *rows)
{
    struct asking *asking = rows;

    free(asking->readers);
    free(asking->sessions);
    free(asking);
}

/* ---- on the worker ------------------------------------------------------------------------- */

static const struct store_reader *reader_of(const struct asking *asking, const char *runner)
{
    for (size_t i = 0; i < asking->question.n_readers; i++)
        if (runner && strcmp(asking->readers[i].runner, runner) == 0)
            return &asking->readers[i];
    return NULL;
}

/* All of most rows that is looked at. NULL: it is as it would be, or nothing that is a row. */
static const struct store_reader *glance(const struct asking *asking, sqlite3_stmt *s)
{
    const struct store_reader *reader = reader_of(asking, (const char *)sqlite3_column_text(s, 1));
    const char *verdict = (const char *)sqlite3_column_text(s, 6);

    if (!reader || !verdict || strcmp(verdict, "refused") == 0)
        return NULL;
    return sqlite3_column_int64(s, SEQ_COLUMN + 1) != 0 ||
                   (uint64_t)sqlite3_column_int64(s, 10) != reader->read_with
               ? reader
               : NULL;
}

static int add_session(struct store_outdated *answer, struct asking *asking,
                       const struct store_session *row)
{
    struct store_session *added = ARRAY_ADD(asking->sessions, answer->n_sessions);

    if (!added)
        return SQLITE_NOMEM;
    *added = *row;
    answer->sessions = asking->sessions;
    return SQLITE_OK;
}

static int read_sessions(struct db *db, struct asking *asking)
{
    struct store_outdated *answer = &asking->answer;
    struct store_session row;
    sqlite3_stmt *s;
    int taken = SQLITE_OK;
    int rc = session_row_select(db, "WHERE file = ? ORDER BY start_usec, id", &s);

    if (rc != SQLITE_OK)
        return rc;
    answer->n_sessions = 0;
    sqlite3_bind_text(s, 1, answer->import.hash, -1, SQLITE_STATIC);
    while (taken == SQLITE_OK && (rc = sqlite3_step(s)) == SQLITE_ROW)
        if (session_row_read(s, &row))
            taken = add_session(answer, asking, &row);
    sqlite3_finalize(s);
    return taken != SQLITE_OK ? taken : rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* Where the first reading compared nothing: its first run is probably what another compares. */
static int64_t compared_usec(const struct store_outdated *answer)
{
    const struct store_session *row = answer->sessions;

    for (size_t i = 0; !answer->import.compared_usec && i < answer->n_sessions; i++)
        if (row[i].session.kind == SESSION_RUN && row[i].session.cadence_mean_spm > 0)
            return row[i].session.start_usec;
    return answer->import.compared_usec;
}

static int find_own(struct db *db, struct store_outdated *answer)
{
    answer->own_usec = compared_usec(answer);
    answer->own = (struct knee_reference){ NAN, NAN, 1 };
    return answer->own_usec
               ? level_row_reference(db, answer->import.runner, answer->own_usec, &answer->own)
               : SQLITE_OK;
}

static bool is_as_it_would_be(const struct store_outdated *answer)
{
    return !answer->settings &&
           number_is_same(answer->own.cadence_spm, answer->import.own_cadence_spm) &&
           number_is_same(answer->own.speed_m_s, answer->import.own_speed_m_s);
}

/* It was looked at, and nothing can be made of it: the next change of its reader asks again. */
static int settle_lost(struct db *db, struct store_outdated *answer)
{
    int rc = import_row_apply_again(db, &answer->import);

    answer->n_lost++;
    return rc == SQLITE_OK ? import_row_settle(db, &answer->import, false) : rc;
}

static int look(struct db *db, struct asking *asking, const struct store_reader *reader)
{
    const struct store_outdated_question *question = &asking->question;
    struct store_outdated *answer = &asking->answer;
    struct store_import *import = &answer->import;
    int rc = read_sessions(db, asking);

    answer->settings = import->read_with != reader->read_with;
    import->read_with = reader->read_with;
    if (rc == SQLITE_OK)
        rc = find_own(db, answer);
    if (rc != SQLITE_OK)
        return rc;
    if (is_as_it_would_be(answer))
        return import_row_settle(db, import, false);
    if (!question->has_copy(question->where, import->runner, import->hash))
        return settle_lost(db, answer);
    answer->found = true;
    return SQLITE_OK;
}

static int look_on(struct db *db, struct asking *asking, sqlite3_stmt *s)
{
    struct store_outdated *answer = &asking->answer;
    const struct store_reader *reader;
    int looked = 0, rc;

    while ((rc = sqlite3_step(s)) == SQLITE_ROW) {
        int64_t seq = sqlite3_column_int64(s, SEQ_COLUMN);
        reader = glance(asking, s);
        if (reader && looked++ == LOOK_MAX)
            return SQLITE_OK;
        if (reader && import_row_read(s, &answer->import))
            rc = look(db, asking, reader);
        answer->at = seq;
        if (answer->found || (rc != SQLITE_ROW && rc != SQLITE_OK))
            return rc == SQLITE_ROW ? SQLITE_OK : rc;
    }
    answer->end = rc == SQLITE_DONE;
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* Pages of ten years' rows are not kept: nobody reads them again soon. */
static int apply_find(struct db *db, const void *rows)
{
    struct asking *asking = (struct asking *)rows; /* the answer is what it writes */
    sqlite3_stmt *s;
    int rc = sqlite3_prepare_v2(db->sqlite, SELECT, -1, &s, NULL);

    if (rc != SQLITE_OK)
        return rc;
    asking->answer = (struct store_outdated){ .at = asking->question.after };
    sqlite3_bind_int64(s, 1, asking->question.after);
    rc = look_on(db, asking, s);
    sqlite3_finalize(s);
    db->let_go = asking->answer.end;
    return rc;
}

/* ---- on the loop --------------------------------------------------------------------------- */

static void on_found(void *userdata, int result)
{
    const struct asking *asking = userdata;

    asking->question.done(asking->question.userdata, result, &asking->answer);
}

int outdated_make_put(struct put **ret, const struct store_outdated_question *question)
{
    struct asking *asking = calloc(1, sizeof(*asking));
    int r;

    if (!asking)
        return -ENOMEM;
    asking->question = *question;
    asking->readers = calloc(question->n_readers + 1, sizeof(*asking->readers));
    if (!asking->readers) {
        free_asking(asking);
        return -ENOMEM;
    }
    if (question->n_readers > 0)
        memcpy(asking->readers, question->readers, question->n_readers * sizeof(*asking->readers));
    r = put_new(ret, apply_find, asking, free_asking, sizeof(*asking));
    if (r < 0)
        return r;
    (*ret)->committed = on_found;
    (*ret)->userdata = asking;
    return 0;
}
