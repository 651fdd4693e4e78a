/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * The inotify watches of the folders that files come into. A watch goes with its folder wherever that is moved on its
 * file system, so what no look finds any more is removed by the worker that looks, as that may hang in a folder that
 * does. Looks that nobody waits for any more have added theirs, too: the watches are known here, not by who waits.
 */
#include "daemon/import/folder.h"

struct watches {
    int inotify_fd;  /* the same until it is closed */
    unsigned n_refs; /* the loop's */
    /* The worker's: */
    size_t n;
    int all[FOLDER_PLACES_MAX];
};

/* On the loop, for one who has it; -errno: the kernel gives none, or there is no memory. */
int watches_new(struct watches **ret);
/* On the loop; NULL is fine. Who is last closes it, if the worker did not. */
struct watches *watches_ref(struct watches *watches);
struct watches *watches_unref(struct watches *watches);
static inline void watches_unrefp(struct watches **watches)
{
    watches_unref(*watches);
}
/* On the worker, after a look: those stay that it had. */
void watches_keep(struct watches *watches, const struct folder_places *places);
/* On the worker, which runs no look of these after it. */
int watches_close(struct watches *watches);
