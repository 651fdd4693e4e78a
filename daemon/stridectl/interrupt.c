/* SPDX-License-Identifier: MIT */
#include "daemon/stridectl/interrupt.h"

#include <signal.h>
#include <time.h>

static sigset_t words_to_end(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    return set;
}

void interrupt_heed(void)
{
    const sigset_t set = words_to_end();

    (void)sigprocmask(SIG_BLOCK, &set, NULL); /* fails for no set that is one */
}

int interrupt_pending(void)
{
    const sigset_t set = words_to_end();
    int number = sigtimedwait(&set, NULL, &(struct timespec){ 0 });

    return number > 0 ? number : 0;
}

bool interrupt_is_told(void)
{
    const sigset_t set = words_to_end();

    return sigtimedwait(&set, NULL, &(struct timespec){ .tv_sec = 1 }) > 0;
}
