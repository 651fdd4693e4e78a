/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * The copy that is kept of a file: imported/<runner>/<hash>.gz in the state folder. It is made before
 * anybody looks into the file, and what is read is the copy: so the hash, the copy and the figures are
 * of the same bytes, whatever happens to the file meanwhile. It says whose it is, as the database may be
 * lost: then what is kept is read once more (kept.h), by copy_reopen in the place of copy_begin.
 *
 *   file --read--> sha256
 *            \---> gzip --> imported/<runner>/new      copy_begin
 *                           imported/<runner>/<hash>.days  copy_keep: the days of its sessions, when they are
 *                                                          told first; synced, then renamed
 *                           imported/<runner>/<hash>.gz  and then the copy itself, as well
 */
#include "daemon/import/days.h"
#include "daemon/import/folder.h"
#include "daemon/import/said.h"
#include "daemon/worker.h"
#include "lib/sha256.h"

#define COPY_NEW      "new" /* one at a time; what a killed process left is taken away */
#define COPY_SIZE_MAX (INT64_C(256) << 20) /* bytes of a file */
/*
 * Bytes of the state folder's disk that no copy takes. A run with pod and strap is recorded in 400 kB an
 * hour: so for more than a hundred hours there is room for those, and for what the database makes of them.
 */
#define COPY_RESERVE (INT64_C(64) << 20)

#define COPY_UNREAD_MAX (CONF_ID_MAX + SHA256_TEXT_MAX + 16) /* of a name */

struct copy;

struct copy_workers { /* borrowed; they may be one */
    struct worker *disk, *folder;
};

enum copy_result {
    COPY_OK = 0,
    COPY_E_CHANGED = 1, /* it is not, or no longer, the file that was seen */
    COPY_E_LARGE,
    COPY_E_ROOM, /* the disk has some for others, and not for all of this one beside the reserve */
    COPY_AGAIN,  /* of copy_keep: done, and the same bytes had been kept already */
    /* < 0: -errno of the file, or of what was said of it; COPY_E_DISK: of our own folder, -ENOSPC also
     * when the reserve is reached */
    COPY_E_DISK,
    COPY_E_DAMAGED, /* a kept copy is not what its name says */
};

/* One at a time. `done` runs on the loop; the file is `path`/[runner/]name, and `owner`'s. */
int copy_begin(struct copy **ret, const struct copy_workers *workers, const char *state_dir,
               const char *owner, const char *path, const struct folder_file *file,
               void (*done)(void *userdata, int result), void *userdata);
/* One that is kept already, and is proven to be what it is called. */
int copy_reopen(struct copy **ret, struct worker *worker, const char *state_dir, const char *owner,
                const char *hash, void (*done)(void *userdata, int result), void *userdata);
/* It waits for the folder; NULL does not. */
bool copy_is_reading(const struct copy *copy);
const char *copy_hash(const struct copy *copy); /* after COPY_OK */
const struct said *copy_said(const struct copy *copy);
const struct days *copy_days(const struct copy *copy);
/* What lies beside it and cannot be read, in the folder of the copies: -errno; 0: all can. */
int copy_unread(const struct copy *copy, char ret[COPY_UNREAD_MAX]);
/* -errno of what our own folder refused, for COPY_E_DISK */
int copy_error(const struct copy *copy);
/* To be read from its beginning; a descriptor of its own, or -errno. */
int copy_open(const struct copy *copy);
/* days: those that were not known; NULL: none. */
int copy_keep(struct copy *copy, const struct days *days, void (*done)(void *userdata, int result),
              void *userdata);
/* Any time: what is under way ends without `done`. */
struct copy *copy_free(struct copy *copy);
