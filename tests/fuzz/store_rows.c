/* SPDX-License-Identifier: MIT */
#include "store_rows.h"
#include <string.h>
#include "daemon/util.h"
#include "require.h"

#define COLUMNS_MAX 64
#define ROWS_MAX    200 /* of an input: what is slow is not what is wrong */
#define HASH        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* ---- rows that are good ------------------------------------------------------------------------ */

/* Of each table one; where they tell of each other they mean the same. */
static const struct {
    const char *name, *sql;
} tables[] = {
    { "sessions",
      "INSERT INTO sessions VALUES (NULL, '20400101T000000Z-1', 'anna', 'run', 'ended',"
      " '2040-01-01', 2208988800000000, 2208990600000000, 3600, 'told by command', 1800, 1790,"
      " 5000, 4800, 160, 172, 145, 171, 10, 20, 30, 40, 50, 61.5, 80, 40, 120, 3, 'file', 'pod',"
      " 'barometer', 'strap', 310, 800, 90, '" HASH "', 'running', 'Garmin fenix', 1790, 1,"
      " '20400101T000000Z-2', 300, 900, 12, 301, 99)" },
    { "events", "INSERT INTO events VALUES (NULL, 'e-1', 'alert', 'anna', 2208990600000000,"
                " '{\"rule\":\"weekly_distance\",\"value\":48.8}', 2, 0)" },
    { "sensors", "INSERT INTO sensors VALUES ('pod', 'C0:DE:00:00:00:01', 'strides',"
                 " '30 s of running', 2208988800000000)" },
    { "answers", "INSERT INTO answers VALUES (NULL, 't 0123456789abcdef', '{\"status\":\"ok\"}',"
                 " 2208988800000000)" },
    { "releases", "INSERT INTO releases VALUES ('pod', 'C0:DE:00:00:00:01',"
                  " 'b0070000000000000000000000000000', 99, 2208988800000000, 3600000000)" },
    { "verdicts", "INSERT INTO verdicts VALUES ('anna', 'weekly_distance', 'caution', 'warning',"
                  " 2208988800000000, 2208988800000000, 2208988800000000, 2208990600000000,"
                  " 2208988800000000, 2208988800000000, 2208990600000000, 'caution')" },
    { "told_runs",
      "INSERT INTO told_runs VALUES ('anna', 'spike_distance', '0123456789abcdef', 'caution',"
      " 'caution', 2208988800000000, 2208988800000000, 2208988800000000, 2208990600000000)" },
    { "unjudged", "INSERT INTO unjudged VALUES (NULL, 'anna', '20400101T000000Z-1')" },
    { "imports",
      "INSERT INTO imports VALUES (NULL, '" HASH "', 'anna', 'run.fit', 1000, 5, 2208990600000000,"
      " 'partly', 'it is cut', 1, 7, 2208988800000000, 160, 2.8, 1, 0)" },
    { "levels",
      "INSERT INTO levels VALUES ('20400101T000000Z-1', 'anna', 2208988800000000, 1700, 1650, 4700,"
      " 13200, 272000, 750000, '27:12.5 28:1687.5')" },
    { "origin", "INSERT INTO origin VALUES (2208988800000000)" },
    { "said",
      "INSERT INTO said VALUES (NULL, 'alert-1', 'anna', 'weekly_distance', 'crossed', 'caution',"
      " '2040-01-01', 2208988800000000, 48.8, 40, 44, 'C', 'Running', '0123456789abcdef',"
      " 2208990600000000)" },
    { "notes", "INSERT INTO notes VALUES ('20400101T000000Z-1', 6.5, 'trail', 'the blue ones')" },
};

/* What a column of some table allows, beside one that does not. */
static const char *const words[] = {
    "",          "anna",    "ben",        "run",         "walk",       "heart_rate",
    "other",     "running", "ended",      "discarded",   "unassigned", "2026-02-29",
    "file",      "pod",     "gps",        "barometer",   "imported",   "refused",
    "ok",        "caution", "warning",    "no_baseline", "alert",      "session_end",
    "retracted", "{}",      "{\"a\":[1]", "27:nan",      "99:1",       "27:1e300 28:1",
    HASH,        "-",       "a/b",        "+",           "\xc3",       "\x1b[31m",
};

struct table {
    int n; /* columns */
    sqlite3_value *good[COLUMNS_MAX];
    sqlite3_stmt *insert;
};
static struct table all[ELEMENTSOF(tables)];

/* ---- the database ------------------------------------------------------------------------------ */

static void run_sql(sqlite3 *sqlite, const char *sql)
{
    int rc = sqlite3_exec(sqlite, sql, NULL, NULL, NULL);

    if (rc != SQLITE_OK)
        fprintf(stderr, "%s: %s\n", sqlite3_errmsg(sqlite), sql);
    require(rc == SQLITE_OK);
}

static void remove_words(char *text, const char *word)
{
    static const char key[] = " PRIMARY KEY"; /* what is numbered by itself stays so */
    size_t length = strlen(word);

    for (char *at = text; (at = strstr(at, word));) {
        if (strncmp(at + length, key, sizeof(key) - 1) == 0)
            at += length;
        else
            memmove(at, at + length, strlen(at + length) + 1);
    }
}

static void copy_schema(sqlite3 *from, sqlite3 *to)
{
    static const char *const strict[] = {
        " STRICT, WITHOUT ROWID", " STRICT", " NOT NULL", " TEXT", " REAL", " INTEGER"
    };
    sqlite3_stmt *s;

    require(sqlite3_prepare_v2(from, "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL", -1, &s,
                               NULL) == SQLITE_OK);
    while (sqlite3_step(s) == SQLITE_ROW) {
        _cleanup_free_ char *sql = strdup((const char *)sqlite3_column_text(s, 0));
        require(sql);
        for (size_t i = 0; i < ELEMENTSOF(strict) && strncmp(sql, "CREATE TABLE", 12) == 0; i++)
            remove_words(sql, strict[i]);
        run_sql(to, sql);
    }
    sqlite3_finalize(s);
}

static void take_good_row(sqlite3 *from, sqlite3 *to, size_t i)
{
    struct table *table = &all[i];
    char sql[64 + 3 * COLUMNS_MAX];
    sqlite3_stmt *s;
    int length;

    run_sql(from, tables[i].sql);
    snprintf(sql, sizeof(sql), "SELECT * FROM %s", tables[i].name);
    require(sqlite3_prepare_v2(from, sql, -1, &s, NULL) == SQLITE_OK);
    require(sqlite3_step(s) == SQLITE_ROW);
    table->n = sqlite3_column_count(s);
    require(table->n <= COLUMNS_MAX);
    length = snprintf(sql, sizeof(sql), "INSERT OR REPLACE INTO %s VALUES (", tables[i].name);
    for (int k = 0; k < table->n; k++) {
        table->good[k] = sqlite3_value_dup(sqlite3_column_value(s, k));
        length += snprintf(sql + length, sizeof(sql) - (size_t)length, "%s?", k ? ", " : "");
    }
    snprintf(sql + length, sizeof(sql) - (size_t)length, ")");
    sqlite3_finalize(s);
    require(sqlite3_prepare_v2(to, sql, -1, &table->insert, NULL) == SQLITE_OK);
}

void store_rows_open(struct db *db)
{
    struct db strict = { .state = DB_OPEN };

    require(sqlite3_open(":memory:", &strict.sqlite) == SQLITE_OK);
    require(db_migrate(&strict, 0, 1) == SQLITE_OK);
    run_sql(strict.sqlite, "DELETE FROM origin");
    *db = (struct db){ .state = DB_OPEN };
    require(sqlite3_open(":memory:", &db->sqlite) == SQLITE_OK);
    /* else most of the time goes into the sanitizer's malloc, for what SQLite makes of our sentences */
    (void)sqlite3_db_config(db->sqlite, SQLITE_DBCONFIG_LOOKASIDE, NULL, 1200, 2000);
    copy_schema(strict.sqlite, db->sqlite);
    for (size_t i = 0; i < ELEMENTSOF(tables); i++)
        take_good_row(strict.sqlite, db->sqlite, i);
    sqlite3_close(strict.sqlite);
}

/* ---- rows of the input ------------------------------------------------------------------------- */

static void bind_bytes(sqlite3_stmt *s, int column, struct bytes *bytes, bool text)
{
    uint8_t length;
    size_t n;

    if (!pull_u8(bytes, &length))
        return;
    n = length < bytes->left ? length : bytes->left;
    if (text)
        sqlite3_bind_text(s, column, (const char *)bytes->at, (int)n, SQLITE_TRANSIENT);
    else
        sqlite3_bind_blob(s, column, bytes->at, (int)n, SQLITE_TRANSIENT);
    pull_skip(bytes, n);
}

static void bind_long(sqlite3_stmt *s, int column, struct bytes *bytes)
{
    static char text[70000];
    uint8_t length = 0;

    memset(text, 'x', sizeof(text));
    (void)pull_u8(bytes, &length);
    sqlite3_bind_text(s, column, text, length * 256, SQLITE_STATIC);
}

static uint64_t pull_u64(struct bytes *bytes)
{
    uint32_t low = 0, high = 0;

    (void)(pull_le32(bytes, &low) && pull_le32(bytes, &high));
    return (uint64_t)high << 32 | low;
}

static void bind_double(sqlite3_stmt *s, int column, uint64_t bits)
{
    double number;

    memcpy(&number, &bits, sizeof(number));
    sqlite3_bind_double(s, column, number);
}

static void bind_value(sqlite3_stmt *s, int column, struct bytes *bytes)
{
    uint8_t kind = 0, byte = 0;

    (void)pull_u8(bytes, &kind);
    switch (kind % 8) {
    case 0:
        sqlite3_bind_null(s, column);
        break;
    case 1:
        sqlite3_bind_int64(s, column, (int64_t)pull_u64(bytes));
        break;
    case 2:
        bind_double(s, column, pull_u64(bytes));
        break;
    case 3:
    case 4:
        bind_bytes(s, column, bytes, kind % 8 == 3);
        break;
    case 5:
        bind_long(s, column, bytes);
        break;
    case 6:
        (void)pull_u8(bytes, &byte);
        sqlite3_bind_int64(s, column, (int8_t)byte);
        break;
    case 7:
        (void)pull_u8(bytes, &byte);
        sqlite3_bind_text(s, column, words[byte % ELEMENTSOF(words)], -1, SQLITE_STATIC);
        break;
    }
}

static void add_row(struct table *table, struct bytes *bytes)
{
    uint8_t n = 0, column;

    for (int i = 0; i < table->n; i++)
        sqlite3_bind_value(table->insert, i + 1, table->good[i]);
    (void)pull_u8(bytes, &n);
    for (int i = 0; i < n % 16 && pull_u8(bytes, &column); i++)
        bind_value(table->insert, column % table->n + 1, bytes);
    (void)db_run(table->insert); /* a key of another type is refused */
}

void store_rows_add(struct db *db, struct bytes *bytes)
{
    uint8_t table;

    for (int i = 0; i < ROWS_MAX && pull_u8(bytes, &table); i++)
        add_row(&all[table % ELEMENTSOF(all)], bytes);
}
