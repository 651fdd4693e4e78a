/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * Kept copies that the database does not know: it was lost or damaged, is older than they are, or a
 * process was killed between a copy and its row. What is in the database is derived from them, never
 * the only copy; so each start looks for these and reads them again. It takes away what was being copied
 * when a process was killed.
 *
 *   imported/<runner>/<hash>.gz
 */
#include "daemon/import/copy.h"
#include "daemon/keys.h"

struct kept;

struct kept_file {
    char runner[CONF_ID_MAX];
    char hash[SHA256_TEXT_MAX];
};

/* What an import is known by: content and runner. */
uint64_t kept_key(const char *hash, const char *runner);
/* Looks on the worker for those of the configured runners whose key is not in `known`; then calls
 * `found`, also when there are none. */
int kept_find(struct kept **ret, struct worker *worker, const char *state_dir,
              const struct conf *conf, const struct keys *known, void (*found)(void *userdata),
              void *userdata);
/* One of them, in the order of runner and name; false: there is no more. NULL has none. */
bool kept_take(struct kept *kept, struct kept_file *ret);
/* The last one taken is to be taken once more. */
void kept_put_back(struct kept *kept);
size_t kept_left(const struct kept *kept);
/* Is there one, as far as can be told? On the worker; `state_dir` is a text. */
bool kept_has(void *state_dir, const char *runner, const char *hash);
struct kept *kept_free(struct kept *kept); /* any time */
