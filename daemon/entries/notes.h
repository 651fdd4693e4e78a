/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What runners say of their sessions (lib/note.h): the words are in notes/ID of the state folder, and a row of
 * the database says the same, for whoever asks. They stand by the id alone, so that neither the result of the
 * session, worked out again or not there yet, nor whose it is has a part in it. At start the rows that a lost
 * database has not are put again.
 */
#include "daemon/store/store.h"
#include "daemon/worker.h"
#include "lib/note.h"

#define NOTES_FOLDER "notes"

struct notes;

/* Borrowed, and outlive it. */
int notes_new(struct notes **ret, struct worker *worker, struct store *store,
              const char *state_dir);
/* `done` runs once, on the loop, with what is said of the session by now, when that is on the disk, or why it is
 * not; not when the call fails. */
typedef void (*notes_done)(void *userdata, int result, const struct note *note);
int notes_change(struct notes *notes, const char *id, const struct note *said, unsigned parts,
                 notes_done done, void *userdata);
/* Called of each that is said (and is on the disk) from now on; with NULL when rows of the past were put again. */
typedef void (*notes_changed)(void *userdata, const char *id, const struct note *note);
void notes_listen(struct notes *notes, notes_changed changed, void *userdata);
struct notes *notes_free(struct notes *notes); /* after the worker is gone */
