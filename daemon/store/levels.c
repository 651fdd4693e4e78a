/* SPDX-License-Identifier: MIT */
/*
 * How a runner ran on the level, a row a session: its sums, and the seconds at each speed as text
 * ("27:12.5 28:1800": 12.5 s at 2.7 m/s and less than 2.8). It goes with the session's result: that of
 * one that was discarded is no example. An old run is compared with those before it, not with the
 * latest: so none is let go, and a file whose examples change is marked.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/array.h"
#include "daemon/recording/disk.h"
#include "daemon/store/columns.h"
#include "daemon/store/tables.h"
#include "daemon/util.h"

#define LEVELS_MAX  4096 /* read; newest first */
#define SUM_MAX     1e9
#define SUMS        6
#define BINS_TEXT   (LEVEL_BINS * 20)
#define DAY_USEC    (INT64_C(86400) * 1000000)
#define KEPT_USEC   (LEVEL_KEPT_DAYS * DAY_USEC)
#define WINDOW_TEXT "2419200000000" /* LEVEL_DAYS in microseconds */
_Static_assert(LEVEL_DAYS *INT64_C(86400000000) == INT64_C(2419200000000), "WINDOW_TEXT");
#define COLUMNS                                                                                    \
    "levels.id, levels.runner, levels.start_usec, seconds, cadence_s, sum_v, sum_vv, sum_c,"       \
    " sum_vc, bins"

/* In the order of the columns. */
static void list_sums(struct level *level, double *ret[SUMS])
{
    ret[0] = &level->seconds;
    ret[1] = &level->cadence_s;
    ret[2] = &level->sum_v;
    ret[3] = &level->sum_vv;
    ret[4] = &level->sum_c;
    ret[5] = &level->sum_vc;
}

static bool is_valid(const struct store_level *row)
{
    struct level level = row->level;
    double *sums[SUMS];

    list_sums(&level, sums);
    for (size_t i = 0; i < SUMS; i++)
        if (!(*sums[i] >= 0 && *sums[i] <= SUM_MAX))
            return false;
    for (size_t i = 0; i < LEVEL_BINS; i++)
        if (!(level.bin_s[i] >= 0 && level.bin_s[i] <= (float)SUM_MAX))
            return false;
    return recording_id_is_valid(row->id) && text_is_topic_level(row->runner) &&
           row->start_usec > 0 && row->start_usec <= TIME_MAX_USEC;
}

/* ---- the bins as text ---------------------------------------------------------------------- */

static void format_bins(const struct level *level, char ret[BINS_TEXT])
{
    size_t length = 0;

    ret[0] = '\0';
    for (size_t i = 0; i < LEVEL_BINS; i++)
        if (level->bin_s[i] > 0)
            length += (size_t)snprintf(ret + length, BINS_TEXT - length, "%s%zu:%.9g",
                                       length ? " " : "", i, (double)level->bin_s[i]);
}

static bool parse_bins(const char *text, struct level *ret)
{
    while (*text) {
        char *end;
        unsigned long bin = strtoul(text, &end, 10);
        double seconds;

        if (end == text || *end != ':' || bin >= LEVEL_BINS)
            return false;
        text = end + 1;
        seconds = strtod(text, &end);
        if (end == text || (*end && *end != ' '))
            return false;
        ret->bin_s[bin] = (float)seconds;
        text = *end ? end + 1 : end;
    }
    return true;
}

/* ---- reading ------------------------------------------------------------------------------- */

static bool read_row(sqlite3_stmt *s, struct store_level *ret)
{
    struct store_level row = { .id = "" };
    double *sums[SUMS];
    char bins[BINS_TEXT];

    level_init(&row.level);
    if (!column_text(s, 0, row.id, sizeof(row.id)) ||
        !column_text(s, 1, row.runner, sizeof(row.runner)) || !column_time(s, 2, &row.start_usec))
        return false;
    list_sums(&row.level, sums);
    for (size_t i = 0; i < SUMS; i++)
        if (!column_number(s, 3 + (int)i, SUM_MAX, sums[i]))
            return false;
    if (!column_text(s, 3 + SUMS, bins, sizeof(bins)) || !parse_bins(bins, &row.level) ||
        !is_valid(&row))
        return false;
    *ret = row;
    return true;
}

static int take_row(struct level_table *table, const struct store_level *row)
{
    struct store_level *added = ARRAY_ADD(table->rows, table->n);

    if (!added)
        return SQLITE_NOMEM;
    *added = *row;
    return SQLITE_OK;
}

/* Nobody knows yet whether the clock is right: one of decades ahead makes nothing old. */
int level_table_read(struct db *db, int64_t wall_usec, struct level_table *ret,
                     struct bad_rows *bad)
{
    struct store_level row;
    sqlite3_stmt *s;
    int taken = SQLITE_OK;

    int rc =
        sqlite3_prepare_v2(db->sqlite,
                           "SELECT " COLUMNS " FROM levels"
                           " CROSS JOIN sessions" /* the few first, whatever SQLite guesses */
                           " USING (id) WHERE state = 'ended' AND levels.runner = sessions.runner"
                           " AND levels.start_usec >= ?2 +"
                           " min(?1, (SELECT ifnull(max(start_usec), ?1) FROM levels))"
                           " ORDER BY levels.start_usec DESC, levels.id DESC",
                           -1, &s, NULL);
    if (rc != SQLITE_OK)
        return rc;
    sqlite3_bind_int64(s, 1, wall_usec);
    sqlite3_bind_int64(s, 2, -KEPT_USEC);
    while (taken == SQLITE_OK && ret->n < LEVELS_MAX && (rc = sqlite3_step(s)) == SQLITE_ROW) {
        if (read_row(s, &row))
            taken = take_row(ret, &row);
        else
            bad->n++;
    }
    sqlite3_finalize(s);
    if (taken != SQLITE_OK)
        return taken;
    return rc == SQLITE_DONE || rc == SQLITE_ROW ? SQLITE_OK : rc;
}

void level_table_free(struct level_table *table)
{
    free(table->rows);
    *table = (struct level_table){ 0 };
}

/* ---- writing ------------------------------------------------------------------------------- */

/* Those are marked that were compared with what the session of this id was, and are no more. */
#define MARK                                                                                       \
    "UPDATE imports SET unsure = 1"                                                                \
    " WHERE compared_usec > (SELECT start_usec FROM levels WHERE id = ?1)"                         \
    " AND compared_usec <= (SELECT start_usec FROM levels WHERE id = ?1) + " WINDOW_TEXT
#define SAME                                                                                       \
    "SELECT 1 FROM levels WHERE id = ? AND runner IS ? AND start_usec IS ? AND seconds IS ?"       \
    " AND cadence_s IS ? AND sum_v IS ? AND sum_vv IS ? AND sum_c IS ? AND sum_vc IS ?"            \
    " AND bins IS ?"
#define PUT                                                                                        \
    "INSERT OR REPLACE INTO levels (id, runner, start_usec, seconds, cadence_s,"                   \
    " sum_v, sum_vv, sum_c, sum_vc, bins) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
#define EXAMPLES                                                                                   \
    "SELECT " COLUMNS " FROM levels CROSS JOIN sessions USING (id)"                                \
    " WHERE levels.start_usec >= ?1 - " WINDOW_TEXT " AND levels.start_usec < ?1"                  \
    " AND sessions.runner = ?2 AND state = 'ended' AND instead IS NULL"                            \
    " ORDER BY levels.start_usec, levels.id"
#define FIND                                                                                       \
    "SELECT " COLUMNS " FROM levels CROSS JOIN sessions USING (id)"                                \
    " WHERE levels.id = ? AND levels.runner = sessions.runner AND state = 'ended'"

int level_table_prepare(struct db *db)
{
    return db_prepare(db, &db->put_level, PUT);
}

/* What takes the id of a session and nothing else. */
static int run_by_id(struct db *db, const char *sql, const char *id)
{
    _cleanup_(db_finalizep) sqlite3_stmt *s = NULL;
    int rc = db_prepare_once(db, &s, sql);
    struct binder b = { .statement = s, .rc = rc };

    if (rc != SQLITE_OK)
        return rc;
    bind_text(&b, id);
    return binder_run(&b);
}

int level_row_mark(struct db *db, const char *id)
{
    return run_by_id(db, MARK, id);
}

static void bind_row(struct binder *b, const struct store_level *row)
{
    struct level level = row->level;
    double *sums[SUMS];
    char bins[BINS_TEXT];

    list_sums(&level, sums);
    format_bins(&level, bins);
    bind_text(b, row->id);
    bind_text(b, row->runner);
    bind_time(b, row->start_usec);
    for (size_t i = 0; i < SUMS; i++)
        bind_number(b, *sums[i]);
    bind_text(b, bins);
}

static int is_there(struct db *db, const struct store_level *row, bool *ret)
{
    _cleanup_(db_finalizep) sqlite3_stmt *s = NULL;
    int rc = db_prepare_once(db, &s, SAME);
    struct binder b = { .statement = s };

    if (rc != SQLITE_OK)
        return rc;
    bind_row(&b, row);
    return binder_ask(&b, ret);
}

static int replace(struct db *db, const struct store_level *row)
{
    struct binder b = { .statement = db->put_level };

    if (!(row->level.seconds > 0))
        return run_by_id(db, "DELETE FROM levels WHERE id = ?", row->id);
    bind_row(&b, row);
    return binder_run(&b);
}

/* Before it, for where it was, and behind it. One that says nothing new marks nothing. */
int level_row_apply(struct db *db, const struct store_level *row)
{
    bool there;
    int rc = is_there(db, row, &there);

    if (rc != SQLITE_OK || there)
        return rc;
    rc = level_row_mark(db, row->id);
    if (rc == SQLITE_OK)
        rc = replace(db, row);
    return rc == SQLITE_OK ? level_row_mark(db, row->id) : rc;
}

bool level_row_is_valid(const struct store_level *row)
{
    return is_valid(row);
}

/* One that is not valid is no example. */
int level_row_reference(struct db *db, const char *runner, int64_t at_usec,
                        struct knee_reference *ret)
{
    _cleanup_(db_finalizep) sqlite3_stmt *s = NULL;
    struct store_level row;
    struct level all;
    int rc = db_prepare_once(db, &s, EXAMPLES);

    if (rc != SQLITE_OK)
        return rc;
    *ret = (struct knee_reference){ NAN, NAN, 1 };
    level_init(&all);
    sqlite3_bind_int64(s, 1, at_usec);
    sqlite3_bind_text(s, 2, runner, -1, SQLITE_STATIC);
    while ((rc = sqlite3_step(s)) == SQLITE_ROW)
        if (read_row(s, &row))
            level_merge(&all, &row.level);
    (void)knee_reference_of(&all, ret);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int apply_put(struct db *db, const void *rows)
{
    return level_row_apply(db, rows);
}

int level_table_make_put(struct put **ret, const struct store_level *row)
{
    if (!is_valid(row))
        return -EINVAL;
    struct store_level *copy = malloc(sizeof(*copy));
    if (!copy)
        return -ENOMEM;
    *copy = *row;
    return put_new(ret, apply_put, copy, free, sizeof(*copy));
}

/* ---- one while the loop runs ------------------------------------------------------------------ */

struct question { /* the worker's until it is answered */
    char id[SESSION_ID_MAX];
    struct store_level row;
    bool found;
    store_level_found answer;
    void *userdata;
};

static int apply_find(struct db *db, const void *rows)
{
    struct question *question = (struct question *)rows; /* the answer is what it writes */
    _cleanup_(db_finalizep) sqlite3_stmt *s = NULL;
    int rc = db_prepare_once(db, &s, FIND);

    if (rc != SQLITE_OK)
        return rc;
    sqlite3_bind_text(s, 1, question->id, -1, SQLITE_STATIC);
    rc = sqlite3_step(s);
    question->found = rc == SQLITE_ROW && read_row(s, &question->row);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static void on_found(void *userdata, int result)
{
    const struct question *question = userdata;

    if (result == 0 && !question->found)
        result = -ENOENT;
    question->answer(question->userdata, result, result == 0 ? &question->row : NULL);
}

int level_table_make_question(struct put **ret, const char *id, store_level_found found,
                              void *userdata)
{
    struct question *question;
    int r;

    if (!recording_id_is_valid(id))
        return -EINVAL;
    question = calloc(1, sizeof(*question));
    if (!question)
        return -ENOMEM;
    snprintf(question->id, sizeof(question->id), "%s", id);
    question->answer = found;
    question->userdata = userdata;
    r = put_new(ret, apply_find, question, free, sizeof(*question));
    if (r < 0)
        return r;
    (*ret)->committed = on_found;
    (*ret)->userdata = question;
    return 0;
}
