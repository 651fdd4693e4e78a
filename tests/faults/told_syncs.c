/* SPDX-License-Identifier: MIT */
/*
 * Preloaded into a daemon whose power will be cut: it says on descriptor 3 when the disk was asked to sync and when it
 * had, at once, so that who holds the other end of the line knows what was under way at the cut.
 *
 *   guest: sync asked 12.345
 *   guest: sync done 12.401            seconds of CLOCK_BOOTTIME
 */
#include <dlfcn.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define LINE_FD 3

static void say(const char *what)
{
    struct timespec now;

    clock_gettime(CLOCK_BOOTTIME, &now);
    dprintf(LINE_FD, "guest: sync %s %lld.%03ld\n", what, (long long)now.tv_sec,
            now.tv_nsec / 1000000);
}

static int call(const char *name, int fd)
{
    int (*next)(int fd) = (int (*)(int))dlsym(RTLD_NEXT, name);
    int r;

    say("asked");
    r = next(fd);
    say("done");
    return r;
}

int fsync(int fd)
{
    return call("fsync", fd);
}

int fdatasync(int fd)
{
    return call("fdatasync", fd);
}
