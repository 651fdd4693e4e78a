/* SPDX-License-Identifier: MIT */
#include "daemon/stop_limit.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

static bool begun;
static const char *volatile step_now = "the first step";
static volatile sig_atomic_t all_durable;

/* Only what a signal handler may call: no log, no format. */
static void say(const char *text)
{
    ssize_t n = write(STDERR_FILENO, text, strlen(text));
    (void)n; /* nobody is left to be told */
}

static void on_alarm(int number)
{
    say("warning: the stop took too long, it is cut off at: ");
    say(step_now);
    say("\n");
    _exit(all_durable ? 0 : 1);
}

void stop_limit_begin(unsigned limit_s)
{
    struct sigaction action = { .sa_handler = on_alarm };

    if (begun)
        return;
    begun = true;
    sigfillset(&action.sa_mask);
    (void)sigaction(SIGALRM, &action, NULL);
    alarm(limit_s);
}

void stop_limit_step(const char *step, bool durable)
{
    step_now = step;
    all_durable = durable;
}
