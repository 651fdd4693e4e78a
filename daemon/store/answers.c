/* SPDX-License-Identifier: MIT */
/*
 * A command that comes twice with the same transaction (a sender that lost the answer) is answered
 * again, not done again, for 24 hours and over restarts. While we run, age is counted on the clock
 * that never jumps; in the database on wall time, the only one that outlives us. When the wall clock is
 * set, what it dated is dated anew: most Pis start in the past. Bounded by number and size as well:
 * transactions come from outside.
 */
#include <errno.h>
#include <string.h>

#include "daemon/store/columns.h"
#include "daemon/store/tables.h"
#include "daemon/util.h"

#define ANSWERS_MAX     512
#define BYTES_MAX       (256u << 10) /* in memory */
#define TRANSACTION_MAX 256
#define ANSWER_MAX      (64u << 10)

#define TEXT(n)   #n
#define NUMBER(n) TEXT(n)

struct answer {
    struct answer *next;
    uint64_t until_usec;
    size_t bytes;
    bool ahead; /* its date was still to come when it was read: by a clock that knew better */
    char *text; /* behind the transaction, in the same block */
    char transaction[];
};

/* ---- memory -------------------------------------------------------------------------------- */

static void drop_oldest(struct answer_table *table)
{
    struct answer *oldest = table->first;
    table->first = oldest->next;
    if (!table->first)
        table->last = NULL;
    table->n--;
    table->bytes -= oldest->bytes;
    free(oldest);
}

int answer_table_remember(struct answer_table *table, const char *transaction, const char *text,
                          uint64_t until_usec)
{
    size_t key = strlen(transaction) + 1, length = strlen(text) + 1;
    struct answer *answer = malloc(sizeof(*answer) + key + length);

    if (!answer)
        return -ENOMEM;
    *answer = (struct answer){ .until_usec = until_usec, .bytes = sizeof(*answer) + key + length };
    memcpy(answer->transaction, transaction, key);
    answer->text = answer->transaction + key;
    memcpy(answer->text, text, length);
    if (table->last)
        table->last->next = answer;
    else
        table->first = answer;
    table->last = answer;
    table->n++;
    table->bytes += answer->bytes;
    while (table->n > ANSWERS_MAX || table->bytes > BYTES_MAX)
        drop_oldest(table);
    return 0;
}

/* The newest, where one was given twice */
const char *answer_table_find(const struct answer_table *table, const char *transaction,
                              uint64_t now_usec)
{
    const char *text = NULL;
    for (const struct answer *a = table->first; a; a = a->next)
        if (now_usec < a->until_usec && strcmp(a->transaction, transaction) == 0)
            text = a->text;
    return text;
}

void answer_table_free(struct answer_table *table)
{
    while (table->first)
        drop_oldest(table);
}

/* ---- reading ------------------------------------------------------------------------------- */

/* A clock that was set back since makes an answer young again, never older than it is. */
static uint64_t until(int64_t at_usec, int64_t wall_usec, uint64_t now_usec)
{
    int64_t age = wall_usec > at_usec ? wall_usec - at_usec : 0;
    return age >= ANSWER_KEPT_USEC ? 0 : now_usec + (uint64_t)(ANSWER_KEPT_USEC - age);
}

static int take_row(sqlite3_stmt *s, struct answer_table *table, int64_t wall_usec,
                    uint64_t now_usec, struct bad_rows *bad)
{
    char transaction[TRANSACTION_MAX];
    _cleanup_free_ char *text = malloc(ANSWER_MAX);
    int64_t at_usec;

    if (!text)
        return SQLITE_NOMEM;
    if (!column_text(s, 0, transaction, sizeof(transaction)) || !transaction[0] ||
        !column_text(s, 1, text, ANSWER_MAX) || !column_integer(s, 2, 0, TIME_MAX_USEC, &at_usec)) {
        bad->n++;
        return SQLITE_OK;
    }
    uint64_t until_usec = until(at_usec, wall_usec, now_usec);
    if (until_usec == 0)
        return SQLITE_OK;
    if (answer_table_remember(table, transaction, text, until_usec) < 0)
        return SQLITE_NOMEM;
    table->last->ahead = at_usec > wall_usec;
    return SQLITE_OK;
}

int answer_table_read(struct db *db, struct answer_table *table, int64_t wall_usec,
                      uint64_t now_usec, struct bad_rows *bad)
{
    int taken = SQLITE_OK;
    sqlite3_stmt *s;

    table->dated_with_usec = wall_usec - (int64_t)now_usec;
    int rc = sqlite3_prepare_v2(db->sqlite,
                                "SELECT transaction_id, answer, at_usec FROM answers ORDER BY seq",
                                -1, &s, NULL);
    if (rc != SQLITE_OK)
        return rc;
    while (taken == SQLITE_OK && (rc = sqlite3_step(s)) == SQLITE_ROW)
        taken = take_row(s, table, wall_usec, now_usec, bad);
    sqlite3_finalize(s);
    if (taken != SQLITE_OK)
        return taken;
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* ---- writing ------------------------------------------------------------------------------- */

struct answer_put {
    int64_t wall_usec;
    char *answer; /* behind the transaction */
    char transaction[];
};

int answer_table_prepare(struct db *db)
{
    int rc = db_prepare(db, &db->put_answer,
                        "INSERT OR REPLACE INTO answers (transaction_id, answer, at_usec)"
                        " VALUES (?, ?, ?)");
    if (rc != SQLITE_OK)
        return rc;
    rc =
        db_prepare(db, &db->date_answer, "UPDATE answers SET at_usec = ? WHERE transaction_id = ?");
    if (rc != SQLITE_OK)
        return rc;
    return db_prepare(db, &db->prune_answers,
                      "DELETE FROM answers WHERE at_usec <= ? OR seq <="
                      " (SELECT max(seq) FROM answers) - " NUMBER(ANSWERS_MAX));
}

static int apply_put(struct db *db, const void *rows)
{
    const struct answer_put *put = rows;
    struct binder b = { .statement = db->put_answer };

    bind_text(&b, put->transaction);
    bind_text(&b, put->answer);
    bind_integer(&b, put->wall_usec);
    int rc = binder_run(&b);
    if (rc != SQLITE_OK)
        return rc;
    b = (struct binder){ .statement = db->prune_answers };
    bind_integer(&b, put->wall_usec - ANSWER_KEPT_USEC);
    return binder_run(&b);
}

int answer_table_make_put(struct put **ret, const char *transaction, const char *answer,
                          int64_t wall_usec)
{
    size_t key = strlen(transaction) + 1, length = strlen(answer) + 1;

    if (key == 1 || key > TRANSACTION_MAX || length == 1 || length > ANSWER_MAX || wall_usec < 0 ||
        wall_usec > TIME_MAX_USEC || !text_is_plain(transaction, key - 1) ||
        !text_is_plain(answer, length - 1))
        return -EINVAL;
    struct answer_put *put = malloc(sizeof(*put) + key + length);
    if (!put)
        return -ENOMEM;
    put->wall_usec = wall_usec;
    memcpy(put->transaction, transaction, key);
    put->answer = put->transaction + key;
    memcpy(put->answer, answer, length);
    return put_new(ret, apply_put, put, free, sizeof(*put) + key + length);
}

/* ---- another clock ------------------------------------------------------------------------- */

struct answer_dates {
    size_t n;
    struct {
        int64_t at_usec;
        char transaction[TRANSACTION_MAX];
    } rows[];
};

static int apply_dates(struct db *db, const void *rows)
{
    const struct answer_dates *dates = rows;
    int rc = SQLITE_OK;

    for (size_t i = 0; i < dates->n && rc == SQLITE_OK; i++) {
        struct binder b = { .statement = db->date_answer };

        bind_integer(&b, dates->rows[i].at_usec);
        bind_text(&b, dates->rows[i].transaction);
        rc = binder_run(&b);
    }
    return rc;
}

bool answer_table_is_off(const struct answer_table *table, int64_t wall_usec, uint64_t now_usec)
{
    int64_t off_usec = wall_usec - (int64_t)now_usec - table->dated_with_usec;

    return off_usec >= CLOCK_SET_USEC || off_usec <= -CLOCK_SET_USEC;
}

int answer_table_make_dates(struct put **ret, const struct answer_table *table, int64_t wall_usec,
                            uint64_t now_usec)
{
    if (wall_usec < 0 || wall_usec > TIME_MAX_USEC)
        return -EINVAL;
    size_t bytes =
        sizeof(struct answer_dates) + table->n * sizeof(((struct answer_dates *)NULL)->rows[0]);
    struct answer_dates *dates = calloc(1, bytes);
    if (!dates)
        return -ENOMEM;
    for (const struct answer *a = table->first; a; a = a->next) {
        if (a->ahead || a->until_usec <= now_usec)
            continue;
        int64_t age_usec = ANSWER_KEPT_USEC - (int64_t)(a->until_usec - now_usec);
        dates->rows[dates->n].at_usec = wall_usec > age_usec ? wall_usec - age_usec : 0;
        memcpy(dates->rows[dates->n++].transaction, a->transaction, strlen(a->transaction) + 1);
    }
    if (dates->n == 0) {
        free(dates);
        return 0;
    }
    return put_new(ret, apply_dates, dates, free, bytes);
}
