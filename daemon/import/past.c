/* SPDX-License-Identifier: MIT */
#include "daemon/import/past.h"

#include <stdio.h>
#include <string.h>
#include "daemon/import/kept.h"
#include "daemon/import/lookout.h"
#include "daemon/import/result.h"
#include "lib/digest.h"

void past_show(struct past *past, const struct store_import *row)
{
    past->shown[past->next_shown] = *row;
    past->next_shown = (past->next_shown + 1) % PAST_SHOWN_MAX;
    past->n_shown += past->n_shown < PAST_SHOWN_MAX;
}

static uint64_t said_key(const struct store_import *row)
{
    return digest_word(kept_key(row->hash, row->runner), row->reason);
}

bool past_said(const struct past *past, const struct store_import *row)
{
    return row->passes && keys_has(&past->said, said_key(row));
}

bool past_may_pass(const struct past *past)
{
    return past->said.n > 0;
}

void past_note(struct past *past, const struct store_import *row)
{
    if (row->passes)
        (void)keys_add(&past->said, said_key(row));
    else /* or it is read again */
        (void)keys_add(&past->known, kept_key(row->hash, row->runner));
    if (row->verdict != STORE_REFUSED)
        (void)keys_add(&past->taken, digest_text(row->hash));
    past_show(past, row);
}

bool past_knows(const struct past *past, const char *hash, const char *runner)
{
    return keys_has(&past->known, kept_key(hash, runner));
}

bool past_is_taken(const struct past *past, const char *hash)
{
    return keys_has(&past->taken, digest_text(hash));
}

void past_owner_but(const struct past *past, const char *hash, const struct conf *conf,
                    const char *but, char ret[CONF_ID_MAX])
{
    ret[0] = '\0';
    for (size_t i = 0; past_is_taken(past, hash) && i < conf->n_runners; i++)
        if (strcmp(conf->runners[i].id, but) != 0 && past_knows(past, hash, conf->runners[i].id))
            memcpy(ret, conf->runners[i].id, CONF_ID_MAX);
}

void past_giver(const struct past *past, const struct choice *choice, const struct conf *conf,
                const char *hash, const char *runner, char ret[CONF_ID_MAX])
{
    const char *whose = choice_runner(choice, choice_of_file(choice, hash));

    ret[0] = '\0';
    if (conf_runner_of(conf, whose) && strcmp(whose, runner) != 0)
        snprintf(ret, CONF_ID_MAX, "%s", whose);
    else if (!past_knows(past, hash, runner))
        past_owner_but(past, hash, conf, runner, ret);
}

static struct store_import *find_shown(struct past *past, const char *hash, const char *runner)
{
    for (size_t i = 0; i < past->n_shown; i++)
        if (strcmp(past->shown[i].hash, hash) == 0 && strcmp(past->shown[i].runner, runner) == 0 &&
            past->shown[i].verdict != STORE_REFUSED)
            return &past->shown[i];
    return NULL;
}

void past_look(const struct past *past, const char *hash, const char *runner,
               struct folder_file *ret)
{
    const struct store_import *shown = find_shown((struct past *)past, hash, runner);

    if (!shown)
        return;
    snprintf(ret->name, sizeof(ret->name), "%s", shown->name);
    ret->size = shown->size;
    ret->mtime_nsec = shown->mtime_nsec;
}

void past_give(struct past *past, const char *hash, const char *from, const char *reason)
{
    struct store_import *shown = find_shown(past, hash, from);

    if (!shown)
        return;
    shown->verdict = STORE_REFUSED;
    shown->n_sessions = 0;
    snprintf(shown->reason, sizeof(shown->reason), "%s", reason);
}

json_t *past_list(const struct past *past, const struct choice *choice)
{
    json_t *list = json_array();

    for (size_t i = 1; i <= past->n_shown; i++) {
        size_t at = (past->next_shown + PAST_SHOWN_MAX - i) % PAST_SHOWN_MAX;
        json_array_append_new(list, result_import_json(&past->shown[at], choice));
    }
    return list;
}

/* ---- from the store ---------------------------------------------------------------------------- */

struct loading {
    struct past *past;
    const struct conf *conf;
    struct lookout *lookout;
};

/* A row says how its file looked; with After=keep it need not be read to know it again. */
static void settle(const struct loading *loading, const struct store_import *row)
{
    struct folder_file file = { .size = row->size, .mtime_nsec = row->mtime_nsec };

    if (loading->conf->import_after != CONF_AFTER_KEEP && row->verdict != STORE_REFUSED)
        return; /* to be moved or deleted, if that was not done yet */
    snprintf(file.runner, sizeof(file.runner), "%s", row->runner);
    snprintf(file.name, sizeof(file.name), "%s", row->name);
    lookout_settle(loading->lookout, &file);
    if (loading->conf->n_runners == 1) { /* or it lay in the folder itself */
        file.runner[0] = '\0';
        lookout_settle(loading->lookout, &file);
    }
}

static void load(void *userdata, const struct store_import *row)
{
    const struct loading *loading = userdata;

    past_note(loading->past, row);
    if (row->verdict != STORE_REFUSED)
        (void)keys_add(&loading->past->kept, kept_key(row->hash, row->runner));
    if (!row->passes)
        settle(loading, row);
}

/* Of ten years' files each would have moved half of those that were there: they are gathered first. */
void past_load(struct past *past, struct store *store, const struct conf *conf,
               struct lookout *lookout)
{
    struct loading loading = { past, conf, lookout };

    keys_gather(&past->known);
    keys_gather(&past->taken);
    keys_gather(&past->kept);
    lookout_gather(lookout);
    store_each_import(store, load, &loading);
    lookout_order(lookout);
    keys_order(&past->kept);
    keys_order(&past->taken);
    keys_order(&past->known);
}

void past_done(struct past *past)
{
    keys_free(&past->known);
    keys_free(&past->taken);
    keys_free(&past->said);
    keys_free(&past->kept);
}
