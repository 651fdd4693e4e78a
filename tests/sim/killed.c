/* SPDX-License-Identifier: MIT */
/*
 * A kill in a moment that no test could meet from outside. A session is committed by one transaction,
 * and what the rules make of it by the next one. While the file that STRIDED_SIM_KILLED names is there,
 * the daemon is killed between the two: when all that was put before is on the disk, and instead of
 * putting what is judged. The linker puts this in the place of store_put_judged (--wrap), in strided-sim
 * alone.
 */
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>
#include "daemon/store/store.h"

int __real_store_put_judged(struct store *store, const struct store_judged *judged,
                            store_committed committed, void *userdata);
int __wrap_store_put_judged(struct store *store, const struct store_judged *judged,
                            store_committed committed, void *userdata);

static void die(void *userdata, int result)
{
    (void)kill(getpid(), SIGKILL);
}

int __wrap_store_put_judged(struct store *store, const struct store_judged *judged,
                            store_committed committed, void *userdata)
{
    const char *path = getenv("STRIDED_SIM_KILLED");

    if (!path || judged->n_sessions == 0 || access(path, F_OK) < 0)
        return __real_store_put_judged(store, judged, committed, userdata);
    return store_put_events(store, NULL, 0, die, NULL);
}
