/* SPDX-License-Identifier: MIT */
#include "daemon/import/past.h"

#include "daemon/import/kept.h"
#include "daemon/import/result.h"
#include "lib/digest.h"

void past_show(struct past *past, const struct store_import *row)
{
    past->shown[past->next_shown] = *row;
    past->next_shown = (past->next_shown + 1) % PAST_SHOWN_MAX;
    past->n_shown += past->n_shown < PAST_SHOWN_MAX;
}

void past_note(struct past *past, const struct store_import *row)
{
    (void)keys_add(&past->known, kept_key(row->hash, row->runner)); /* else it is read again */
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

json_t *past_list(const struct past *past)
{
    json_t *list = json_array();

    for (size_t i = 1; i <= past->n_shown; i++) {
        size_t at = (past->next_shown + PAST_SHOWN_MAX - i) % PAST_SHOWN_MAX;
        json_array_append_new(list, result_import_json(&past->shown[at]));
    }
    return list;
}

void past_gather(struct past *past)
{
    keys_gather(&past->known);
    keys_gather(&past->taken);
}

void past_order(struct past *past)
{
    keys_order(&past->known);
    keys_order(&past->taken);
}

void past_done(struct past *past)
{
    keys_free(&past->known);
    keys_free(&past->taken);
}
