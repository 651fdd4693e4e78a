/* SPDX-License-Identifier: MIT */
/*
 * A folder on a share that is away, or a name server that does not answer, may hold up whoever asks for as
 * long as it likes. So that is a process of its own, which writes its findings into a pipe; whoever does
 * not end in time is killed, and what the kernel does not let go of even then is left behind.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include "daemon/clock.h"
#include "daemon/doctor/private.h"
#include "daemon/util.h"

struct apart {
    pid_t pid;
    int fd;
};

/* Shorter than what a pipe takes at once. */
_Static_assert(sizeof(struct doctor_finding) <= 4096, "a finding is written whole, or not");

static void write_finding(void *userdata, const struct doctor_finding *finding)
{
    ssize_t n;

    do
        n = write(*(int *)userdata, finding, sizeof(*finding));
    while (n < 0 && errno == EINTR);
}

static _Noreturn void be_apart(struct doctor *doctor, int fd, void (*look)(struct doctor *doctor))
{
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGPIPE, SIG_IGN);
    doctor->tell = write_finding;
    doctor->userdata = &fd;
    look(doctor);
    _exit(0); /* what was opened before the fork is not ours to close */
}

struct apart *apart_begin(struct doctor *doctor, void (*look)(struct doctor *doctor))
{
    struct apart *apart = calloc(1, sizeof(*apart));
    int ends[2];

    if (!apart || pipe2(ends, O_CLOEXEC) < 0) {
        free(apart);
        return NULL;
    }
    fflush(NULL);
    apart->pid = fork();
    if (apart->pid == 0) {
        close(ends[0]);
        be_apart(doctor, ends[1], look);
    }
    close(ends[1]);
    apart->fd = ends[0];
    return apart;
}

/* False: it has ended, or its time is over. */
static bool wait_words(const struct apart *apart, uint64_t deadline_usec)
{
    struct pollfd poll_fd = { .fd = apart->fd, .events = POLLIN };
    uint64_t now_usec = clock_machine_usec();
    int left_ms = now_usec < deadline_usec ? (int)((deadline_usec - now_usec) / 1000) : 0;
    int r;

    do
        r = poll(&poll_fd, 1, left_ms);
    while (r < 0 && errno == EINTR);
    return r > 0;
}

bool apart_end(struct doctor *doctor, struct apart *apart, uint64_t deadline_usec)
{
    struct doctor_finding finding;
    ssize_t n = -1;

    if (!apart)
        return false;
    while (wait_words(apart, deadline_usec) &&
           (n = read(apart->fd, &finding, sizeof(finding))) == (ssize_t)sizeof(finding) &&
           (unsigned)finding.line < DOCTOR_LINES) {
        doctor_pass_on(doctor, &finding);
        n = -1;
    }
    close(apart->fd);
    if (apart->pid > 0) {
        (void)kill(apart->pid, SIGKILL); /* n == 0: it has said all that it will */
        (void)waitpid(apart->pid, NULL, n == 0 ? 0 : WNOHANG);
    }
    free(apart);
    return n == 0;
}
