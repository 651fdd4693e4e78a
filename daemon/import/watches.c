/* SPDX-License-Identifier: MIT */
#include "daemon/import/watches.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <unistd.h>
#include "daemon/util.h"

int watches_new(struct watches **ret)
{
    _cleanup_free_ struct watches *watches = calloc(1, sizeof(*watches));

    if (!watches)
        return -ENOMEM;
    watches->n_refs = 1;
    watches->inotify_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (watches->inotify_fd < 0)
        return -errno;
    *ret = TAKE_PTR(watches);
    return 0;
}

struct watches *watches_ref(struct watches *watches)
{
    if (watches)
        watches->n_refs++;
    return watches;
}

struct watches *watches_unref(struct watches *watches)
{
    if (watches && --watches->n_refs == 0) {
        closep(&watches->inotify_fd);
        free(watches);
    }
    return NULL;
}

static bool has(const struct folder_places *places, int watch)
{
    for (size_t i = 0; i < places->n; i++)
        if (places->all[i].watch == watch)
            return true;
    return false;
}

/* Of a folder that is deleted the kernel removed it already. */
void watches_keep(struct watches *watches, const struct folder_places *places)
{
    for (size_t i = 0; i < watches->n; i++)
        if (!has(places, watches->all[i]))
            (void)inotify_rm_watch(watches->inotify_fd, watches->all[i]);
    watches->n = 0;
    for (size_t i = 0; i < places->n; i++)
        if (places->all[i].watch >= 0)
            watches->all[watches->n++] = places->all[i].watch;
}

int watches_close(struct watches *watches)
{
    return close(TAKE_FD(watches->inotify_fd)) < 0 ? -errno : 0;
}
