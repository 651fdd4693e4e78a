/* SPDX-License-Identifier: MIT */
#pragma once
/* What a file comes to: its row, its sessions, and what is told of them. */
#include <jansson.h>
#include "daemon/import/choice.h"
#include "daemon/import/days.h"
#include "daemon/import/folder.h"
#include "daemon/import/said.h"
#include "lib/activity/report.h"
#include "lib/tz.h"

struct result {
    struct store_import import;
    struct store_session sessions[ACTIVITY_PARTS_MAX];
    struct store_level levels[ACTIVITY_PARTS_MAX]; /* how each was run on the level */
    size_t n_sessions;
    size_t n_left; /* of them, at their end, that count no more: the store has their rows */
    struct store_choice choices[CHOICE_CHANGES_MAX]; /* of sessions that were there before, too */
    size_t n_choices;
    bool rebuilt;           /* nothing is told of it */
    char from[CONF_ID_MAX]; /* who had it before it was given to its runner; "": it was not given */
};

/* Of a result that is all 0; hash "": it was not read. */
void result_init(struct result *result, const struct folder_file *file, const char *owner,
                 const char *hash, int64_t at_usec);
/* Sessions of a file that is taken: the file's row says whose and which; and what a person said of them. The zone
 * is for those whose day is not among the known ones. */
void result_take(struct result *result, const struct report *report, const struct said *said,
                 const struct days *days, const struct tz *tz);
/* It was read before, and came to these: what it is called, whose it is, its day and whether a person took it
 * away stay as they are. They are told by when they began, or else by their places in the file. What is no longer in
 * it is taken away. Before result_choose. */
void result_keep(struct result *result, const struct store_session *rows, size_t n);
/* It goes to another runner, and was these of the one who had it, as far as choice_rows_of_file knows: what they are
 * called stays. What is no longer in the file is its new owner's as well, and taken away. Before result_choose. */
void result_keep_given(struct result *result, const struct store_session *rows, size_t n);
/* Of its sessions those that are not among the known ones; after result_keep, or result_keep_given. */
void result_days(const struct result *result, const struct days *known, struct days *ret);
/* Which of its file's sessions it is, counted as in the report, by the name of one and the content of the file; -1: it is none
 * of that file's. */
int result_place(const char *id, const char *hash);
/* A file that is refused, and why: a whole sentence. */
void result_refuse(struct result *result, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* It came in before, or into another database: nothing of it is news. */
void result_note_rebuilt(struct result *result);
/* Among all sessions that meet these in time. It failed, or is not stored: choice_undo. */
int result_choose(struct result *result, struct choice *choice);
/* Its rows, borrowed, to be stored. */
static inline struct store_imported result_rows(const struct result *result)
{
    return (struct store_imported){ .import = &result->import,
                                    .sessions = result->sessions,
                                    .n_sessions = result->n_sessions - result->n_left,
                                    .levels = result->levels,
                                    .n_levels = result->n_sessions,
                                    .choices = result->choices,
                                    .n_choices = result->n_choices };
}

/* result_told.c */
/* What is said of one that goes to another runner, in the file's row of the one who had it. */
void result_given(const struct result *result, char ret[STORE_REASON_MAX]);
/* To whom had its i-th session that is gone; false: it did not count. As result_event. */
bool result_gone(const struct result *result, size_t i, struct store_event *ret);
/* The event of it; its body is to be freed. -ENOMEM. */
int result_event(const struct result *result, struct store_event *ret);
void result_log(const struct result *result);
/* A file as `imports` lists it; choice: which of its sessions count by now. */
json_t *result_import_json(const struct store_import *import, const struct choice *choice);
