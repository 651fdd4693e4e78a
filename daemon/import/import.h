/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * Runs made elsewhere come in as files. A file that was not seen to change for a while is copied,
 * read by a process of its own, and becomes sessions beside the recorded ones, once, whatever its
 * name; then whoever waits for it is told what became of it.
 *
 *   queue.h     one file at a time, into the store; queue_private.h says which files are behind it
 *   handover.h  one goes to another runner       rework.h    what came in is read again
 *   lookout.h   who looks for files: folder.h looks, watches.h hears, waiting.h waits until they are
 *               whole, marks.h says which are not looked for
 *   intake.h    one file on its way: owners.h says for whom, copy.h keeps its bytes (packer.h packs them,
 *               proof.h tells whether they still are what they were), child.h has them read, refusal.h
 *               says why it is not taken
 *   read.h      the process that reads it, told what to do by orders.h
 *   result.h    the rows, and what is told       tell.h      into the store, and out
 *   after.h     what becomes of the file then    name.h      what it is called
 *   past.h      what came in before              kept.h      copies the database does not know
 *   said.h      what a person said of them       stamp.h     when, in words
 *   choice.h    which of two counts: span.h is what is known of each, names.h what they are called
 *   asked.h     a file that somebody waits for   promise.h   the answer of one that took longer
 *   route.h     a file that is no run, but the way of one
 */
#include <jansson.h>
#include <systemd/sd-event.h>
#include "daemon/import/choice.h"
#include "daemon/import/route.h"
#include "daemon/store/store.h"
#include "daemon/timekeeper.h"
#include "daemon/worker.h"
#include "lib/activity/report.h"
#include "lib/conf.h"

struct import;

struct import_parts { /* borrowed, outlive us */
    sd_event *event;
    const struct conf *conf;
    struct worker *worker, *folder_worker; /* of the state folder, of the import folder */
    struct store *store;
    const struct timekeeper *timekeeper;
    const char *state_dir;
};

struct import_callbacks {
    void (*on_event)(void *userdata, const struct store_event *event); /* in the store; borrowed */
    /* A file's sessions, all of one runner, and which others count or do not, because of them; on
     * their way into the store. */
    void (*on_sessions)(void *userdata, const struct store_session *rows, size_t n,
                        const struct store_choice *choices, size_t n_choices);
    /* A file that came in before was read again: its sessions in place of what they were. Then, that
     * these were all for now. */
    void (*on_corrected)(void *userdata, const struct store_session *rows, size_t n,
                         const struct store_choice *choices, size_t n_choices);
    void (*on_all_corrected)(void *userdata);
    /* How one of them was run on the level; after on_sessions, on_corrected. */
    void (*on_level)(void *userdata, const struct payload_session *session,
                     const struct level *level);
    /* How the runner ran on the level before a moment; false: not known. */
    bool (*reference)(void *userdata, const char *runner, int64_t at_usec,
                      struct knee_reference *ret);
    void (*on_health)(void *userdata);
};

int import_new(struct import **ret, const struct import_parts *parts,
               const struct import_callbacks *callbacks, void *userdata);
/* A session that ended before this start, as the store has it; before the loop runs. */
void import_take_past(struct import *import, const struct store_session *session);
void import_set_conf(struct import *import, const struct conf *conf);
/* A recorded session got its result, or another: which of those that are the same run count now is
 * stored; how many have changed. */
size_t import_choose(struct import *import, const struct store_session *session,
                     struct store_choice ret[CHOICE_CHANGES_MAX]);
/* The id of the session that counts in its place; "" = it counts. */
const char *import_instead(const struct import *import, const char *id);
/* The run of this open session came in as a file already, which counts until it ends. */
bool import_has(const struct import *import, const struct store_session *open);
void import_clock_changed(struct import *import);
const char *import_problem(const struct import *import); /* a plain sentence, or NULL */
/* The newest files first, as the command shows them. A new reference. */
json_t *import_list(const struct import *import);
/* How many files were seen and are not through. */
size_t import_waiting(const struct import *import);
/* The way of a route file of the runner, as route_file_read; -EBUSY: another is being read, -ENOENT:
 * there is no import folder, -ETIMEDOUT: it does not answer. */
int import_route(struct import *import, const char *runner, const char *name,
                 void (*done)(void *userdata, const struct route_answer *answer), void *userdata);
/*
 * A file that lies in the runner's folder, by its name alone, is read now, also one that was refused before; `done`
 * once, on the loop, with what became of it (data, a new reference) or why that is not known. -ENOENT: there is no
 * import folder; -ETIMEDOUT: it does not answer; -EBUSY: another is being asked for; -EAGAIN: nothing is imported yet.
 * Of one that takes longer that is told, and the same again waits on, or has the answer at once (promise.h).
 */
struct import_answer {
    const char *code, *argument, *message, *allowed; /* code NULL: it is through */
    json_t *data;
};
int import_now(struct import *import, const char *runner, const char *name,
               void (*done)(void *userdata, const struct import_answer *answer), void *userdata);
/*
 * Said by a person of a session that came in as a file, as the store has it: it is discarded, or its file is
 * another runner's, with all its sessions. `done` runs once, on the loop, when that is on the disk, not when
 * the call fails; of a discard the row is still to be stored. import_give: -ENOENT when there is no copy
 * that can be read.
 */
int import_discard(struct import *import, const struct store_session *session,
                   void (*done)(void *userdata, int result), void *userdata);
/* That was not said after all; `done` as above. */
int import_restore(struct import *import, const char *hash, const char *id,
                   void (*done)(void *userdata, int result), void *userdata);
int import_give(struct import *import, const struct store_session *session, const char *to,
                void (*done)(void *userdata, int result, size_t n_sessions), void *userdata);
/* Nothing new is begun; what is under way is dropped, and done again after the next start; whoever
 * waits for a route is told. Before the worker goes. */
void import_stop(struct import *import);
struct import *import_free(struct import *import); /* after the workers are gone */
