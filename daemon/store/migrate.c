/* SPDX-License-Identifier: MIT */
/*
 * What a database of each version is made of. Entry n brings version n to n + 1; entries that were
 * shipped are never changed. STRICT, so that a check finds a value of a wrong type.
 *
 * NULL is 'not known' in every column that allows it. Times are UTC in microseconds.
 */
#include "daemon/store/db.h"

#include <stdio.h>

#include "daemon/store/tables.h"
#include "daemon/util.h"

static const char *const migrations[] = {
    /* to 1: results, events to be told, what was learnt of sensors, answers given */
    "CREATE TABLE sessions ("
    " seq INTEGER PRIMARY KEY," /* in the order they ended */
    " id TEXT NOT NULL UNIQUE, runner TEXT, kind TEXT, state TEXT NOT NULL,"
    " day TEXT, start_usec INTEGER, end_usec INTEGER, utc_offset_s INTEGER NOT NULL, reason TEXT,"
    " elapsed_s REAL, moving_s REAL, distance_m REAL, steps REAL,"
    " cadence_mean_spm REAL, cadence_max_spm REAL, heart_rate_mean_bpm REAL, heart_rate_max_bpm "
    "REAL,"
    " zone1_s REAL, zone2_s REAL, zone3_s REAL, zone4_s REAL, zone5_s REAL,"
    " trimp REAL, edwards REAL, ascent_m REAL, downhill_drop_m REAL, gaps_s REAL,"
    " source_distance TEXT, source_cadence TEXT, source_grade TEXT, source_heart_rate TEXT"
    ") STRICT;"
    "CREATE TABLE events ("
    " seq INTEGER PRIMARY KEY," /* the order they are told in */
    " id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, runner TEXT, at_usec INTEGER,"
    " body TEXT NOT NULL, tries INTEGER NOT NULL, refused INTEGER NOT NULL"
    ") STRICT;"
    "CREATE TABLE sensors ("
    " name TEXT NOT NULL, address TEXT NOT NULL, cadence_unit TEXT, evidence TEXT,"
    " decided_usec INTEGER, PRIMARY KEY (name, address)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE answers ("
    " seq INTEGER PRIMARY KEY,"
    " transaction_id TEXT NOT NULL UNIQUE, answer TEXT NOT NULL, at_usec INTEGER NOT NULL"
    ") STRICT;",
    /* to 2: who was let go, and until when */
    "CREATE TABLE releases ("
    " name TEXT NOT NULL, address TEXT NOT NULL, boot_id TEXT NOT NULL,"
    " until_boot_usec INTEGER NOT NULL, until_usec INTEGER, length_usec INTEGER NOT NULL,"
    " PRIMARY KEY (name, address)"
    ") STRICT, WITHOUT ROWID;",
    /* to 3: what the training log needs of a session besides its summary; what was said of rules */
    "ALTER TABLE sessions ADD COLUMN altitude_m REAL;"
    "ALTER TABLE sessions ADD COLUMN downhill_distance_m REAL;"
    "ALTER TABLE sessions ADD COLUMN knee_load_steps REAL;"
    "CREATE TABLE verdicts ("
    " runner TEXT NOT NULL, rule TEXT NOT NULL, standing TEXT NOT NULL, level TEXT NOT NULL,"
    " since_usec INTEGER, said_usec INTEGER, run_start_usec INTEGER, run_end_usec INTEGER,"
    " judged_usec INTEGER, PRIMARY KEY (runner, rule)"
    ") STRICT, WITHOUT ROWID;",
    /* to 4: sessions that came in as files, and the files */
    "ALTER TABLE sessions ADD COLUMN file TEXT;" /* hash of its content; NULL: recorded live */
    "ALTER TABLE sessions ADD COLUMN sport TEXT;"
    "ALTER TABLE sessions ADD COLUMN device TEXT;"
    "ALTER TABLE sessions ADD COLUMN samples INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE sessions ADD COLUMN barometric INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE sessions ADD COLUMN instead TEXT;" /* id of the one that counts in its place */
    "CREATE TABLE imports ("
    " seq INTEGER PRIMARY KEY,"
    " hash TEXT NOT NULL, runner TEXT NOT NULL, name TEXT, size INTEGER NOT NULL,"
    " mtime_nsec INTEGER NOT NULL, at_usec INTEGER NOT NULL, verdict TEXT NOT NULL, reason TEXT,"
    " sessions INTEGER NOT NULL, UNIQUE (hash, runner)"
    ") STRICT;",
    /* to 5: the hills of a session, and how it was run where there were none */
    "ALTER TABLE sessions ADD COLUMN downhill_time_s REAL;"
    "ALTER TABLE sessions ADD COLUMN downhill_steps REAL;"
    "ALTER TABLE sessions ADD COLUMN downhill_steep_pct REAL;"
    "ALTER TABLE sessions ADD COLUMN grade_adjusted_pace_s_per_km REAL;"
    "ALTER TABLE sessions ADD COLUMN altitude_coverage_pct REAL;"
    "CREATE TABLE levels ("
    " id TEXT PRIMARY KEY, runner TEXT NOT NULL, start_usec INTEGER NOT NULL,"
    " seconds REAL NOT NULL, cadence_s REAL NOT NULL, sum_v REAL NOT NULL, sum_vv REAL NOT NULL,"
    " sum_c REAL NOT NULL, sum_vc REAL NOT NULL, bins TEXT"
    ") STRICT, WITHOUT ROWID;",
    /* to 6: what was said of one run, which is found again when that is taken away */
    "CREATE TABLE told_runs ("
    " runner TEXT NOT NULL, rule TEXT NOT NULL,"
    " session TEXT NOT NULL," /* digest of its id, as the log keeps it */
    " standing TEXT NOT NULL, level TEXT NOT NULL,"
    " since_usec INTEGER, said_usec INTEGER, run_start_usec INTEGER, run_end_usec INTEGER,"
    " judged_usec INTEGER," /* the key is first: a check by SQLite 3.40 wants it there */
    " PRIMARY KEY (runner, rule, session)"
    ") STRICT, WITHOUT ROWID;",
    /* to 7: sessions that are not judged yet, which say what the start of the newest one that was
     * judged said of one alone; when this database was begun, as far as it is known */
    "CREATE TABLE unjudged ("
    " seq INTEGER PRIMARY KEY," /* in the order they came in */
    " runner TEXT NOT NULL, id TEXT NOT NULL, UNIQUE (runner, id)"
    ") STRICT;"
    "ALTER TABLE verdicts DROP COLUMN judged_usec;"
    "ALTER TABLE told_runs DROP COLUMN judged_usec;"
    "CREATE TABLE origin (made_usec INTEGER NOT NULL) STRICT;",
    /* to 8: what a file was read with, so that it is read again when that is another; whether what its
     * steps were compared with has changed; whether the reason of a refusal may pass */
    "ALTER TABLE imports ADD COLUMN read_with INTEGER;"     /* NULL: not known, so it is another */
    "ALTER TABLE imports ADD COLUMN compared_usec INTEGER;" /* start of the run it is about */
    "ALTER TABLE imports ADD COLUMN own_cadence_spm REAL;"
    "ALTER TABLE imports ADD COLUMN own_speed_m_s REAL;"
    "ALTER TABLE imports ADD COLUMN unsure INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE imports ADD COLUMN passes INTEGER NOT NULL DEFAULT 0;"
    "UPDATE imports SET passes = 1 WHERE verdict = 'refused' AND reason IN ("
    " 'Refused: it is dated in the future, by the clock here',"
    " 'Refused: the process that was to read it failed',"
    " 'Refused: the same file was imported for another runner');"
    "CREATE INDEX imports_by_compared ON imports (compared_usec) WHERE compared_usec IS NOT NULL;"
    "CREATE INDEX sessions_by_file ON sessions (file) WHERE file IS NOT NULL;"
    "CREATE INDEX levels_by_start ON levels (start_usec, id);",
    /* to 9: what a runner says of a session, which may have no row yet */
    "CREATE TABLE notes ("
    " id TEXT PRIMARY KEY, effort REAL, surface TEXT, shoes TEXT"
    ") STRICT, WITHOUT ROWID;",
    /* to 10: every message about a rule; what a person said to what stands */
    "CREATE TABLE said ("
    " seq INTEGER PRIMARY KEY," /* in the order they were told */
    " id TEXT NOT NULL UNIQUE, runner TEXT NOT NULL, rule TEXT NOT NULL, news TEXT NOT NULL,"
    " verdict TEXT NOT NULL, day TEXT NOT NULL, at_usec INTEGER NOT NULL,"
    " value REAL, reference REAL, up_to REAL, evidence TEXT, sentence TEXT NOT NULL,"
    " session TEXT," /* digest of its id */
    " acknowledged_usec INTEGER"
    ") STRICT;"
    "ALTER TABLE verdicts ADD COLUMN seen_usec INTEGER;"
    "ALTER TABLE verdicts ADD COLUMN snoozed_usec INTEGER;"
    "ALTER TABLE verdicts ADD COLUMN snoozed_until_usec INTEGER;"
    "ALTER TABLE verdicts ADD COLUMN snoozed TEXT;",
};

int db_newest_version(void)
{
    return ELEMENTSOF(migrations);
}

static int step_to(struct db *db, int version)
{
    char sql[64];

    int rc = sqlite3_exec(db->sqlite, migrations[version - 1], NULL, NULL, NULL);
    if (rc != SQLITE_OK)
        return rc;
    snprintf(sql, sizeof(sql), "PRAGMA user_version = %d", version);
    return sqlite3_exec(db->sqlite, sql, NULL, NULL, NULL);
}

/* All steps in one transaction: a power cut leaves the old version whole. */
int db_migrate(struct db *db, int version, int64_t wall_usec)
{
    if (version == db_newest_version())
        return SQLITE_OK;
    int rc = sqlite3_exec(db->sqlite, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    if (rc != SQLITE_OK)
        return rc;
    for (int v = version + 1; v <= db_newest_version() && rc == SQLITE_OK; v++)
        rc = step_to(db, v);
    if (rc == SQLITE_OK && version == 0)
        rc = origin_table_begin(db, wall_usec);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(db->sqlite, "COMMIT", NULL, NULL, NULL);
    return rc; /* on failure the caller closes, which rolls back */
}
