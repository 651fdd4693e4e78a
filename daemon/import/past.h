/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What came in before. By content, as the same bytes are imported once, and for one runner; and the
 * newest files as a person knows them.
 */
#include <jansson.h>
#include "daemon/import/folder.h"
#include "daemon/keys.h"
#include "daemon/store/store.h"
#include "lib/conf.h"

#define PAST_SHOWN_MAX 100

struct choice;
struct lookout;

struct past {
    struct keys known; /* content and runner: has a row */
    struct keys taken; /* content: counts for somebody */
    struct keys
        kept; /* content and runner: it was taken, and they have its copy; while it is loaded */
    struct keys said; /* content, runner and reason: refused, and that may pass */
    struct store_import shown[PAST_SHOWN_MAX];
    size_t n_shown, next_shown;
};

/* It has a row, or will have one. */
void past_note(struct past *past, const struct store_import *row);
/* It was refused for the same reason before, which has not passed. */
bool past_said(const struct past *past, const struct store_import *row);
bool past_may_pass(const struct past *past); /* is there any such? */
/* It has none, and is shown all the same. */
void past_show(struct past *past, const struct store_import *row);
bool past_knows(const struct past *past, const char *hash, const char *runner);
bool past_is_taken(const struct past *past, const char *hash);
/* Which runner but this had it first, if it was taken for somebody; else "". */
void past_owner_but(const struct past *past, const char *hash, const struct conf *conf,
                    const char *but, char ret[CONF_ID_MAX]);
/* The same of a kept copy that lies with `runner`: where it lies tells whose it is, and a row that says
 * otherwise is older. What the file came to is whose its sessions are. */
void past_giver(const struct past *past, const struct choice *choice, const struct conf *conf,
                const char *hash, const char *runner, char ret[CONF_ID_MAX]);
/* How the file looked that it came in by, if it is among those that are shown; else `ret` is untouched. */
void past_look(const struct past *past, const char *hash, const char *runner,
               struct folder_file *ret);
/* It went to another runner: what is shown of it says so. */
void past_give(struct past *past, const char *hash, const char *from, const char *reason);
/* Those that are shown, the newest first, and which of their sessions count by now. A new reference. */
json_t *past_list(const struct past *past, const struct choice *choice);
/* All that the store knows, for us, and for the lookout what it need not find again; before its first look. */
void past_load(struct past *past, struct store *store, const struct conf *conf,
               struct lookout *lookout);
void past_done(struct past *past);
