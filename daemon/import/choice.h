/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * Which sessions count, where two or more are the same run (lib/training/duplicate.h). It knows
 * when every session was and what it measured, and says which choices have changed.
 */
#include "daemon/store/store.h"

#define CHOICE_CHANGES_MAX 256

struct choice;

int choice_new(struct choice **ret);
struct choice *choice_free(struct choice *choice);
/* As it is stored: nothing is chosen anew. */
int choice_load(struct choice *choice, const struct store_session *session);
/* A session that is new, ended otherwise or is discarded now. */
int choice_put(struct choice *choice, const struct store_session *session);
/* Whose it is by now; "": it is not known. Of a session that goes to another, those of both are to be
 * chosen anew. Until the next put. */
const char *choice_runner(const struct choice *choice, const char *id);
/* A session of that file; "": it has none that could count. Until the next put. */
const char *choice_of_file(const struct choice *choice, const char *hash);
/* Those of that file that are the runner's: id, runner, when, and that they ended or were deleted, is all that is
 * known of them; how many, at most `max`. */
size_t choice_rows_of_file(const struct choice *choice, const char *hash, const char *runner,
                           struct store_session ret[], size_t max);
/* Chooses anew among all that lie in one stretch with the runner's time from..until; how many
 * choices have changed, at most CHOICE_CHANGES_MAX. */
size_t choice_decide(struct choice *choice, const char *runner, int64_t from_usec,
                     int64_t until_usec, struct store_choice ret[CHOICE_CHANGES_MAX]);
/* The same around one session that was put, for its runner and whoever had it before ("": nobody). */
size_t choice_decide_for(struct choice *choice, const char *before,
                         const struct payload_session *session,
                         struct store_choice ret[CHOICE_CHANGES_MAX]);
/* Of two that both count and are the same run, and of one in whose place nobody counts, as a start may find them
 * when what was chosen of them did not come into the store, or a row is lost: chooses anew around each such; what
 * has changed, as much as there is room for, and the next start does the rest. */
size_t choice_decide_twins(struct choice *choice, struct store_choice ret[CHOICE_CHANGES_MAX]);
/* What is put and chosen between the two can be taken back, until anything else is: it was not stored. */
void choice_begin(struct choice *choice);
void choice_end(struct choice *choice);
void choice_undo(struct choice *choice);
void choice_keep(struct choice *choice); /* it is stored: no undo any more takes it back */
/* Does one that counts tell of the run that this open session is of? */
bool choice_has(const struct choice *choice, const struct store_session *open);
/* The id of the one that counts in its place; "" = it counts. */
const char *choice_instead(const struct choice *choice, const char *id);
/* Of the sessions of that file, those that do not count: how many, and the ids of those that count in
 * their places. */
size_t choice_displaced(const struct choice *choice, const char *hash, const char *ret[],
                        size_t max);
/* And how many of them count. */
size_t choice_standing(const struct choice *choice, const char *hash);
