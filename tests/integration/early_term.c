/* SPDX-License-Identifier: MIT */
/*
 * Preloaded into the daemon: the first thing that its main() calls of the C library for its options
 * sends it SIGTERM, as a person does who stops a service in the moment it starts.
 */
#include <dlfcn.h>
#include <getopt.h>
#include <signal.h>

int getopt_long(int argc, char *const argv[], const char *options, const struct option *names,
                int *index)
{
    static int (*real)(int, char *const[], const char *, const struct option *, int *);

    if (!real) {
        *(void **)&real = dlsym(RTLD_NEXT, "getopt_long");
        raise(SIGTERM);
    }
    return real(argc, argv, options, names, index);
}
