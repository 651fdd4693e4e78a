/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * A database that somebody edited: it has our tables with our columns and keys, but of no type and
 * with no other constraint, so that any value may stand anywhere. Nothing of this shows when it is
 * opened: a statement that names the columns is prepared, and quick_check holds rows only to what
 * the tables themselves promise.
 */
#include "daemon/store/db.h"
#include "lib/bytes.h"

/* In memory; aborts if that is not to be had. */
void store_rows_open(struct db *db);
/* Rows of the input, until its end; each is one that is good, but for the columns that are named:
 *
 *   u8 table, u8 how many columns, then of each: u8 column, u8 kind, a value of that kind
 */
void store_rows_add(struct db *db, struct bytes *bytes);
