/* SPDX-License-Identifier: MIT */
/*
 * A database is a file that anybody may have edited and any disk may have bent: a check of it
 * proves its pages, not its values. What is read goes on to topics and to file names, so it is held to the
 * same rules as what comes in elsewhere.
 */
#include "daemon/store/columns.h"

#include <math.h>
#include <string.h>

#include "daemon/store/db.h"
#include "lib/civil.h"
#include "lib/utf8.h"

/* ---- to the database ----------------------------------------------------------------------- */

static void bound(struct binder *binder, int rc)
{
    if (binder->rc == SQLITE_OK)
        binder->rc = rc;
}

void bind_text(struct binder *binder, const char *text)
{
    int i = ++binder->next;
    if (text && text[0])
        bound(binder, sqlite3_bind_text(binder->statement, i, text, -1, SQLITE_TRANSIENT));
    else
        bound(binder, sqlite3_bind_null(binder->statement, i));
}

void bind_number(struct binder *binder, double number)
{
    bound(binder, sqlite3_bind_double(binder->statement, ++binder->next, number)); /* NAN is NULL */
}

void bind_integer(struct binder *binder, int64_t integer)
{
    bound(binder, sqlite3_bind_int64(binder->statement, ++binder->next, integer));
}

void bind_time(struct binder *binder, int64_t usec)
{
    int i = ++binder->next;
    if (usec != 0)
        bound(binder, sqlite3_bind_int64(binder->statement, i, usec));
    else
        bound(binder, sqlite3_bind_null(binder->statement, i));
}

int binder_run(struct binder *binder)
{
    if (binder->rc != SQLITE_OK) {
        sqlite3_clear_bindings(binder->statement);
        return binder->rc;
    }
    return db_run(binder->statement);
}

int binder_ask(struct binder *binder, bool *ret)
{
    int rc = binder->rc == SQLITE_OK ? sqlite3_step(binder->statement) : binder->rc;

    *ret = rc == SQLITE_ROW;
    sqlite3_reset(binder->statement);
    sqlite3_clear_bindings(binder->statement);
    return rc == SQLITE_DONE || rc == SQLITE_ROW ? SQLITE_OK : rc;
}

bool number_is_same(double a, double b)
{
    return isnan(a) ? isnan(b) : a == b;
}

/* ---- texts --------------------------------------------------------------------------------- */

bool text_is_plain(const char *text, size_t length)
{
    return utf8_is_plain(text, length);
}

bool text_is_topic_level(const char *text)
{
    return text[0] && text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_-")] == '\0';
}

bool text_is_day(const char *text)
{
    int64_t day;

    return civil_read_day(text, &day) && day >= 0;
}

bool text_is_address(const char *text)
{
    for (int i = 0; i < 17; i++)
        if (i % 3 == 2 ? text[i] != ':' : !text[i] || !strchr("0123456789ABCDEF", text[i]))
            return false;
    return text[17] == '\0';
}

bool text_is_hash(const char *text)
{
    return strlen(text) == STORE_HASH_MAX - 1 && text[strspn(text, "0123456789abcdef")] == '\0';
}

bool text_is_one_of(const char *text, const char *const *words)
{
    for (; *words; words++)
        if (strcmp(text, *words) == 0)
            return true;
    return false;
}

/* ---- from the database --------------------------------------------------------------------- */

/* Of a value all is asked at once, which costs a third of asking the statement for its type, then for
 * the value, then for its length. A value so got may be looked at by one thread only: a connection of
 * ours is never two threads'. */
bool column_text(sqlite3_stmt *statement, int column, char *ret, size_t size)
{
    sqlite3_value *value = sqlite3_column_value(statement, column);
    int type = sqlite3_value_type(value);

    if (type == SQLITE_NULL) {
        ret[0] = '\0';
        return true;
    }
    if (type != SQLITE_TEXT)
        return false;
    const char *text = (const char *)sqlite3_value_text(value);
    size_t length = (size_t)sqlite3_value_bytes(value);
    if (!text || length >= size || !text_is_plain(text, length))
        return false;
    memcpy(ret, text, length);
    ret[length] = '\0';
    return true;
}

bool column_number(sqlite3_stmt *statement, int column, double max, double *ret)
{
    sqlite3_value *value = sqlite3_column_value(statement, column);
    int type = sqlite3_value_type(value);

    if (type == SQLITE_NULL) {
        *ret = NAN;
        return true;
    }
    if (type != SQLITE_FLOAT && type != SQLITE_INTEGER)
        return false;
    double number = sqlite3_value_double(value);
    if (!(number >= 0 && number <= max))
        return false;
    *ret = number;
    return true;
}

bool column_integer(sqlite3_stmt *statement, int column, int64_t min, int64_t max, int64_t *ret)
{
    sqlite3_value *value = sqlite3_column_value(statement, column);

    if (sqlite3_value_type(value) != SQLITE_INTEGER)
        return false;
    int64_t integer = sqlite3_value_int64(value);
    if (integer < min || integer > max)
        return false;
    *ret = integer;
    return true;
}

bool column_time(sqlite3_stmt *statement, int column, int64_t *ret)
{
    if (sqlite3_column_type(statement, column) == SQLITE_NULL) {
        *ret = 0;
        return true;
    }
    return column_integer(statement, column, 1, TIME_MAX_USEC, ret);
}
