/* SPDX-License-Identifier: MIT */
#include "daemon/import/rework.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/log.h"
#include "daemon/memory.h"
#include "daemon/util.h"

/* ---- one is through ---------------------------------------------------------------------------- */

static void go_on_with_any(struct rework *rework)
{
    rework->intake = intake_free(rework->intake);
    rework->callbacks->on_idle(rework->userdata);
}

static void store_result(struct rework *rework, const struct result *result)
{
    struct store_imported imported = result_rows(result);
    int r;

    imported.again = true;
    r = store_put_import(rework->store, &imported, NULL, NULL);
    if (r < 0) {
        choice_undo(rework->parts.choice);
        log_error_errno(r, "Failed to store what %s comes to now: %m", rework->was.name);
        rework->n_failed++;
        return;
    }
    choice_keep(rework->parts.choice);
    rework->n_files++;
    rework->once_more |= rework->settings; /* others may be compared with it */
    rework->callbacks->on_result(rework->userdata, result);
}

/* It stays what it was, and is tried again with the next change of its reader. */
static void leave(struct rework *rework, const char *why)
{
    const struct store_imported imported = { .import = &rework->was, .again = true };

    log_warning("import %s/%s stays as it was read before: %s", rework->was.runner,
                rework->was.name, why);
    rework->n_failed++;
    (void)store_put_import(rework->store, &imported, NULL, NULL);
}

static void have_result(struct rework *rework)
{
    const struct result *result = intake_result(rework->intake);

    if (result->import.verdict != STORE_REFUSED)
        store_result(rework, result);
    else if (result->import.passes)
        rework->n_failed++;
    else
        leave(rework, result->import.reason);
}

static void on_intake(void *userdata, enum intake_outcome outcome, int error)
{
    struct rework *rework = userdata;

    if (outcome == INTAKE_OK)
        have_result(rework);
    else if (error == COPY_E_DAMAGED)
        leave(rework, "its kept copy is not what it was");
    else
        rework->n_failed++; /* it is logged */
    go_on_with_any(rework);
}

/* ---- the next one ------------------------------------------------------------------------------ */

static void say(const struct rework *rework)
{
    if (rework->n_files > 0)
        log_notice("%zu imported files were read again, as their reader, what is known of their "
                   "runner or what they are compared with has changed",
                   rework->n_files);
    if (rework->n_lost > 0)
        log_notice("%zu imported files would be read otherwise now, but their kept copies are "
                   "gone: their sessions stay as they are",
                   rework->n_lost);
    if (rework->n_failed > 0)
        log_warning("%zu imported files could not be read again: their sessions stay as they are",
                    rework->n_failed);
}

/* All of them were in memory, one after the other. */
static void end(struct rework *rework)
{
    bool any = rework->n_files > 0;

    rework->at = 0;
    rework->wanted = rework->once_more;
    rework->once_more = false;
    if (rework->wanted)
        return rework_go_on(rework);
    memory_give_back();
    say(rework);
    rework->n_files = rework->n_lost = rework->n_failed = 0;
    if (any)
        rework->callbacks->on_end(rework->userdata);
}

static void begin(struct rework *rework, const struct store_outdated *outdated)
{
    int r = intake_again(&rework->intake, &rework->parts, outdated);

    rework->at = outdated->at;
    rework->was = outdated->import;
    rework->settings = outdated->settings;
    if (r >= 0)
        return;
    log_error_errno(r, "Failed to read %s again: %m", outdated->import.name);
    rework->n_failed++;
}

/* That the database is a newer strided's the store says itself. */
static void give_up(struct rework *rework, int error)
{
    if (error != -EROFS)
        log_warning_errno(error, "What is to be read again cannot be found: %m");
    rework->wanted = rework->once_more = false;
    rework->at = 0;
}

/* A file that has come meanwhile goes first; then this one is asked for again. */
static void on_outdated(void *userdata, int error, const struct store_outdated *outdated)
{
    struct rework *rework = userdata;

    bool stale = rework->stale;

    rework->asking = rework->stale = false;
    if (rework->stopping)
        return;
    if (error < 0)
        return give_up(rework, error);
    rework->n_lost += outdated->n_lost;
    if (outdated->found && !stale && rework->callbacks->may_begin(rework->userdata))
        return begin(rework, outdated);
    if (outdated->found)
        return rework->callbacks->on_idle(rework->userdata);
    rework->at = outdated->at;
    if (outdated->end)
        end(rework);
    else
        rework->callbacks->on_idle(rework->userdata);
}

void rework_go_on(struct rework *rework)
{
    struct store_reader readers[CONF_RUNNERS_MAX] = { 0 };
    const struct conf *conf = rework->parts.owners->conf;
    struct store_outdated_question question = { .after = rework->at,
                                                .readers = readers,
                                                .n_readers = conf->n_runners,
                                                .has_copy = kept_has,
                                                .where = (void *)rework->parts.state_dir,
                                                .done = on_outdated,
                                                .userdata = rework };

    if (!rework->wanted || rework->asking || rework->intake || rework->stopping)
        return;
    for (size_t i = 0; i < conf->n_runners; i++) {
        memcpy(readers[i].runner, conf->runners[i].id, sizeof(readers[i].runner));
        readers[i].read_with = owners_read_with(rework->parts.owners, conf->runners[i].id);
    }
    rework->asking = store_find_outdated(rework->store, &question) >= 0;
}

/* ---- life -------------------------------------------------------------------------------------- */

void rework_init(struct rework *rework, const struct intake_parts *parts, struct store *store,
                 const struct rework_callbacks *callbacks, void *userdata)
{
    rework->parts = *parts;
    rework->parts.done = on_intake;
    rework->parts.userdata = rework;
    rework->parts.reference = NULL; /* the store says it */
    rework->store = store;
    rework->callbacks = callbacks;
    rework->userdata = userdata;
}

void rework_want(struct rework *rework)
{
    rework->once_more |= rework->wanted && (rework->at > 0 || rework->asking || rework->intake);
    rework->wanted = true;
}

bool rework_is_busy(const struct rework *rework)
{
    return rework->intake != NULL;
}

void rework_forget(struct rework *rework, const char *hash)
{
    rework->stale = rework->asking; /* what is on its way may be of this one */
    if (!rework->intake || strcmp(rework->was.hash, hash) != 0)
        return;
    rework->once_more = true; /* it is asked for again, as it is then */
    rework->intake = intake_free(rework->intake);
}

void rework_stop(struct rework *rework)
{
    rework->stopping = true;
    rework->intake = intake_free(rework->intake);
}
