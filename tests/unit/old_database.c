/* SPDX-License-Identifier: MIT */
#include "old_database.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sqlite3.h>
#include <stdio.h>

#include "daemon/store/db.h"
#include "daemon/util.h"

/* As daemon/store/migrate.c: entry n undoes what brought version n + 1 to n + 2. */
static const char *const undone[] = {
    /* 2 */
    "DROP TABLE releases;",
    /* 3 */
    "ALTER TABLE sessions DROP COLUMN altitude_m;"
    "ALTER TABLE sessions DROP COLUMN downhill_distance_m;"
    "ALTER TABLE sessions DROP COLUMN knee_load_steps;"
    "DROP TABLE verdicts;",
    /* 4 */
    "ALTER TABLE sessions DROP COLUMN file;"
    "ALTER TABLE sessions DROP COLUMN sport;"
    "ALTER TABLE sessions DROP COLUMN device;"
    "ALTER TABLE sessions DROP COLUMN samples;"
    "ALTER TABLE sessions DROP COLUMN barometric;"
    "ALTER TABLE sessions DROP COLUMN instead;"
    "DROP TABLE imports;",
    /* 5 */
    "ALTER TABLE sessions DROP COLUMN downhill_time_s;"
    "ALTER TABLE sessions DROP COLUMN downhill_steps;"
    "ALTER TABLE sessions DROP COLUMN downhill_steep_pct;"
    "ALTER TABLE sessions DROP COLUMN grade_adjusted_pace_s_per_km;"
    "ALTER TABLE sessions DROP COLUMN altitude_coverage_pct;"
    "DROP TABLE levels;",
    /* 6 */
    "DROP TABLE told_runs;",
    /* 7 */
    "DROP TABLE unjudged;"
    "ALTER TABLE verdicts ADD COLUMN judged_usec INTEGER;"
    "ALTER TABLE told_runs ADD COLUMN judged_usec INTEGER;"
    "DROP TABLE origin;",
    /* 8 */
    "DROP INDEX imports_by_compared; DROP INDEX sessions_by_file; DROP INDEX levels_by_start;"
    "ALTER TABLE imports DROP COLUMN read_with;"
    "ALTER TABLE imports DROP COLUMN compared_usec;"
    "ALTER TABLE imports DROP COLUMN own_cadence_spm;"
    "ALTER TABLE imports DROP COLUMN own_speed_m_s;"
    "ALTER TABLE imports DROP COLUMN unsure;"
    "ALTER TABLE imports DROP COLUMN passes;",
    /* 9 */
    "DROP TABLE notes;",
    /* 10 */
    "DROP TABLE said;"
    "ALTER TABLE verdicts DROP COLUMN seen_usec;"
    "ALTER TABLE verdicts DROP COLUMN snoozed_usec;"
    "ALTER TABLE verdicts DROP COLUMN snoozed_until_usec;"
    "ALTER TABLE verdicts DROP COLUMN snoozed;",
};

static void run(sqlite3 *db, const char *sql)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sqlite3_errmsg(db), sql);
}

void old_database_make(const char *path, int version)
{
    char text[40];
    sqlite3 *db;

    assert_int_equal(db_newest_version(), ELEMENTSOF(undone) + 1); /* else one is missing here */
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    for (int v = db_newest_version(); v > version; v--)
        run(db, undone[v - 2]);
    snprintf(text, sizeof(text), "PRAGMA user_version = %d", version);
    run(db, text);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}
