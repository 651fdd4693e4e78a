/* SPDX-License-Identifier: MIT */
#include "daemon/stridectl/interrupt.h"

#include <signal.h>
#include <time.h>

/* Whoever put nohup before it does not mean a terminal that is closed: blocked, it would be pending all the same. */
static bool heeds_hang_up(void)
{
    struct sigaction action;

    return sigaction(SIGHUP, NULL, &action) == 0 && action.sa_handler != SIG_IGN;
}

static sigset_t words_to_end(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    if (heeds_hang_up())
        sigaddset(&set, SIGHUP);
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
