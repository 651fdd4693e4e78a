/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * Values to a statement and back. 'Not known' ("", NAN, 0 of a time) is NULL in the database. A
 * reader answers false for a value of a wrong type, length or range, and then leaves ret alone.
 */
#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TIME_MAX_USEC 253402300799999999LL /* the end of the year 9999 */

/* Binds one parameter after the other; the first failure stays in rc and ends it. */
struct binder {
    sqlite3_stmt *statement;
    int next;
    int rc;
};
void bind_text(struct binder *binder, const char *text); /* "" and NULL are NULL */
void bind_number(struct binder *binder, double number);  /* NAN is NULL */
void bind_integer(struct binder *binder, int64_t integer);
void bind_time(struct binder *binder, int64_t usec); /* 0 is NULL */
int binder_run(struct binder *binder);               /* binds done: runs it */
int binder_ask(struct binder *binder, bool *ret);    /* the same: does it give a row? */

bool column_text(sqlite3_stmt *statement, int column, char *ret, size_t size);
bool column_number(sqlite3_stmt *statement, int column, double max, double *ret); /* 0 .. max */
bool column_integer(sqlite3_stmt *statement, int column, int64_t min, int64_t max, int64_t *ret);
bool column_time(sqlite3_stmt *statement, int column, int64_t *ret);
bool number_is_same(double a, double b); /* NAN is NAN */

/* What texts may be; used for rows read and for rows given. */
bool text_is_plain(const char *text, size_t length); /* UTF-8 without control characters */
bool text_is_topic_level(const char *text);          /* [a-z0-9_-]+ */
bool text_is_day(const char *text);                  /* YYYY-MM-DD, a day that was or will be */
bool text_is_address(const char *text);              /* AA:BB:CC:DD:EE:FF */
bool text_is_hash(const char *text);                 /* SHA-256 in hexadecimal */
bool text_is_one_of(const char *text, const char *const *words); /* NULL-terminated */
