/* SPDX-License-Identifier: MIT */
/*
 * What a runner said of a session, by its id: the session's own row may come before it, after it, and again. Of
 * those that were read a digest stays, so that what a lost database has not is told from what it has.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/recording/disk.h"
#include "daemon/store/columns.h"
#include "daemon/store/tables.h"
#include "daemon/util.h"
#include "lib/digest.h"

struct note_put {
    char id[SESSION_ID_MAX];
    struct note note;
};

static uint64_t key_of(const char *id, const struct note *note)
{
    uint64_t said = note_digest(note);

    return digest_bytes(digest_word(DIGEST_OF_NOTHING, id), &said, sizeof(said));
}

bool note_table_has(const struct note_table *table, const char *id, const struct note *note)
{
    return keys_has(&table->said, key_of(id, note));
}

/* What is not valid was not said. */
void note_columns_read(sqlite3_stmt *s, int first, struct note *ret)
{
    struct note note;

    note_init(ret);
    if (column_number(s, first, NOTE_EFFORT_MAX, &note.effort) &&
        column_text(s, first + 1, note.surface, sizeof(note.surface)) &&
        column_text(s, first + 2, note.shoes, sizeof(note.shoes)) && note_is_valid(&note))
        *ret = note;
}

int note_table_read(struct db *db, struct note_table *ret)
{
    _cleanup_(db_finalizep) sqlite3_stmt *s = NULL;
    int rc = db_prepare_once(db, &s, "SELECT " NOTE_COLUMNS ", id FROM notes");
    char id[SESSION_ID_MAX];
    struct note note;
    int taken = 0;

    if (rc != SQLITE_OK)
        return rc;
    keys_gather(&ret->said);
    while (taken == 0 && (rc = sqlite3_step(s)) == SQLITE_ROW) {
        note_columns_read(s, 0, &note);
        if (column_text(s, 3, id, sizeof(id)))
            taken = keys_add(&ret->said, key_of(id, &note));
    }
    keys_order(&ret->said);
    return taken < 0 ? SQLITE_NOMEM : rc == SQLITE_DONE ? SQLITE_OK : rc;
}

void note_table_free(struct note_table *table)
{
    keys_free(&table->said);
    *table = (struct note_table){ 0 };
}

static int apply_put(struct db *db, const void *rows)
{
    const struct note_put *put = rows;
    _cleanup_(db_finalizep) sqlite3_stmt *s = NULL;
    int rc = db_prepare_once(
        db, &s, "INSERT OR REPLACE INTO notes (" NOTE_COLUMNS ", id) VALUES (?, ?, ?, ?)");
    struct binder b = { .statement = s };

    if (rc != SQLITE_OK)
        return rc;
    bind_number(&b, put->note.effort);
    bind_text(&b, put->note.surface);
    bind_text(&b, put->note.shoes);
    bind_text(&b, put->id);
    return binder_run(&b);
}

int note_table_make_put(struct put **ret, const char *id, const struct note *note)
{
    if (!recording_id_is_valid(id) || !note_is_valid(note))
        return -EINVAL;
    struct note_put *put = malloc(sizeof(*put));
    if (!put)
        return -ENOMEM;
    put->note = *note;
    snprintf(put->id, sizeof(put->id), "%s", id);
    return put_new(ret, apply_put, put, free, sizeof(*put));
}
