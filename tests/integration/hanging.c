/* SPDX-License-Identifier: MIT */
/* Preloaded: a name server, a disk and a share that never answer; with SLOW_NAMES_MS only the first, after so long. */
#include <dlfcn.h>
#include <netdb.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static int hang(void)
{
    for (;;)
        pause();
    return -1;
}

static int fill(struct statvfs *ret)
{
    *ret = (struct statvfs){ .f_frsize = 1 << 20, .f_blocks = 1 << 20, .f_bavail = 1 << 19 };
    return 0;
}

static const char *slow_ms(void)
{
    return getenv("SLOW_NAMES_MS");
}

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **ret)
{
    int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);

    if (!slow_ms())
        return hang();
    usleep((useconds_t)strtoul(slow_ms(), NULL, 10) * 1000);
    *(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
    return real(node, service, hints, ret);
}

int statvfs(const char *path, struct statvfs *ret)
{
    return slow_ms() ? fill(ret) : hang();
}

int faccessat(int folder_fd, const char *path, int want, int flags)
{
    return slow_ms() ? 0 : hang();
}
