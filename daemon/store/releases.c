/* SPDX-License-Identifier: MIT */
/*
 * Who was let go because a person asked for it, and until when: the same wish after a restart. By
 * name and address, as what was learnt of a device is.
 */
#include <errno.h>
#include <string.h>

#include "daemon/array.h"
#include "daemon/store/columns.h"
#include "daemon/store/tables.h"
#include "daemon/util.h"

#define RELEASES_MAX 1024

static bool is_boot_id(const char *text)
{
    return strnlen(text, 33) == 32 && strspn(text, "0123456789abcdef") == 32;
}

static bool is_valid(const struct store_release *release)
{
    return text_is_topic_level(release->name) && text_is_address(release->address) &&
           is_boot_id(release->boot_id) && release->until_boot_usec >= 0 &&
           release->until_boot_usec <= TIME_MAX_USEC && release->until_usec >= 0 &&
           release->until_usec <= TIME_MAX_USEC && release->length_usec >= 0 &&
           release->length_usec <= TIME_MAX_USEC;
}

static bool read_row(sqlite3_stmt *s, struct store_release *ret)
{
    struct store_release release = { 0 };

    if (!column_text(s, 0, release.name, sizeof(release.name)) ||
        !column_text(s, 1, release.address, sizeof(release.address)) ||
        !column_text(s, 2, release.boot_id, sizeof(release.boot_id)) ||
        !column_integer(s, 3, 0, TIME_MAX_USEC, &release.until_boot_usec) ||
        !column_time(s, 4, &release.until_usec) ||
        !column_integer(s, 5, 0, TIME_MAX_USEC, &release.length_usec) || !is_valid(&release))
        return false;
    *ret = release;
    return true;
}

int release_table_read(struct db *db, struct release_table *ret, struct bad_rows *bad)
{
    struct store_release release;
    sqlite3_stmt *s;
    int grown = SQLITE_OK;

    int rc = sqlite3_prepare_v2(db->sqlite,
                                "SELECT name, address, boot_id, until_boot_usec, until_usec,"
                                " length_usec FROM releases",
                                -1, &s, NULL);
    if (rc != SQLITE_OK)
        return rc;
    while (grown == SQLITE_OK && ret->n < RELEASES_MAX && (rc = sqlite3_step(s)) == SQLITE_ROW) {
        if (!read_row(s, &release)) {
            bad->n++;
            continue;
        }
        struct store_release *added = ARRAY_ADD(ret->rows, ret->n);
        if (added)
            *added = release;
        else
            grown = SQLITE_NOMEM;
    }
    sqlite3_finalize(s);
    if (grown != SQLITE_OK)
        return grown;
    return rc == SQLITE_DONE || rc == SQLITE_ROW ? SQLITE_OK : rc;
}

void release_table_free(struct release_table *table)
{
    free(table->rows);
    *table = (struct release_table){ 0 };
}

int release_table_prepare(struct db *db)
{
    return db_prepare(db, &db->put_release,
                      "INSERT OR REPLACE INTO releases (name, address, boot_id, until_boot_usec,"
                      " until_usec, length_usec) VALUES (?, ?, ?, ?, ?, ?)");
}

static int apply_put(struct db *db, const void *rows)
{
    const struct store_release *release = rows;
    struct binder b = { .statement = db->put_release };

    bind_text(&b, release->name);
    bind_text(&b, release->address);
    bind_text(&b, release->boot_id);
    bind_integer(&b, release->until_boot_usec);
    bind_time(&b, release->until_usec);
    bind_integer(&b, release->length_usec);
    return binder_run(&b);
}

int release_table_make_put(struct put **ret, const struct store_release *release)
{
    if (!is_valid(release))
        return -EINVAL;
    struct store_release *copy = malloc(sizeof(*copy));
    if (!copy)
        return -ENOMEM;
    *copy = *release;
    return put_new(ret, apply_put, copy, free, sizeof(*copy));
}
