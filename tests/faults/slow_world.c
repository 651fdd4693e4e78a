/* SPDX-License-Identifier: MIT */
/*
 * Preloaded into the daemon: a disk, a folder of somebody else's and a resolver that fail as a test wants
 * it to, at any time. The file $SLOW_WORLD is mapped and holds four int32_t of the machine's byte order, 0
 * for all is well:
 *
 *     sync_ms     each fsync below $SLOW_WORLD_ROOT takes so long
 *     error       each write, and all that makes a file or folder there, fails with this errno; EROFS:
 *                 also all else that changes a name or a length
 *     lookup_ms   each look-up of a name takes so long, and then finds nothing
 *     folder_ms   to open anything by its path below $SLOW_WORLD_FOLDER takes so long
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

struct orders {
    int32_t sync_ms, error, lookup_ms, folder_ms;
};

static const volatile struct orders *orders(void)
{
    static const struct orders none;
    static const volatile struct orders *mapped;
    const char *path = getenv("SLOW_WORLD");

    if (mapped || !path)
        return mapped ? mapped : &none;
    int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
    void *at = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof(none), PROT_READ, MAP_SHARED, fd, 0);
    if (at == MAP_FAILED)
        abort(); /* a fault that does not strike would prove nothing */
    close(fd);
    mapped = at;
    return mapped;
}

/* For so long, or until the order is taken back. */
static void pass(const volatile int32_t *ms)
{
    for (int32_t passed = 0; passed < *ms; passed += 10)
        nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
}

static bool is_below(const char *variable, const char *path)
{
    const char *root = getenv(variable);
    size_t length = root ? strlen(root) : 0;

    return root && strncmp(path, root, length) == 0 &&
           (path[length] == '/' || path[length] == '\0');
}

static bool is_below_root(const char *path)
{
    return is_below("SLOW_WORLD_ROOT", path);
}

static bool is_ours(int fd)
{
    char link[64], path[PATH_MAX] = "";

    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    return readlink(link, path, sizeof(path) - 1) > 0 && is_below_root(path);
}

static bool name_is_ours(int folder_fd, const char *name)
{
    return name[0] == '/' ? is_below_root(name) : folder_fd >= 0 && is_ours(folder_fd);
}

static bool refused(bool ours)
{
    int error = ours ? orders()->error : 0;

    if (error != 0)
        errno = error;
    return error != 0;
}

/* ---- names ------------------------------------------------------------------------------------- */

static bool is_there(int folder_fd, const char *name)
{
    struct stat st;

    return fstatat(folder_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool is_read_only(void)
{
    return orders()->error == EROFS;
}

/* The kernel looks first whether it is there. */
static bool refused_new(int folder_fd, const char *name)
{
    return refused(name_is_ours(folder_fd, name) && !is_there(folder_fd, name));
}

static bool refused_change(int folder_fd, const char *name)
{
    return is_read_only() && refused(name_is_ours(folder_fd, name));
}

static bool changes(int folder_fd, const char *name, int flags)
{
    if (is_read_only() && (flags & O_ACCMODE) != O_RDONLY)
        return true;
    return (flags & O_CREAT) && syscall(SYS_faccessat, folder_fd, name, F_OK) < 0;
}

static int slow_open(int folder_fd, const char *name, int flags, mode_t mode)
{
    if (refused(name_is_ours(folder_fd, name) && changes(folder_fd, name, flags)))
        return -1;
    if (orders()->folder_ms > 0 && is_below("SLOW_WORLD_FOLDER", name))
        pass(&orders()->folder_ms);
    return (int)syscall(SYS_openat, folder_fd, name, flags, mode);
}

#define MODE(last)                                                                                 \
    mode_t mode = 0;                                                                               \
    if (flags & (O_CREAT | O_TMPFILE)) {                                                           \
        va_list args;                                                                              \
        va_start(args, last);                                                                      \
        mode = va_arg(args, mode_t);                                                               \
        va_end(args);                                                                              \
    }

int open64(const char *name, int flags, ...)
{
    MODE(flags)
    return slow_open(AT_FDCWD, name, flags, mode);
}

int openat64(int folder_fd, const char *name, int flags, ...)
{
    MODE(flags)
    return slow_open(folder_fd, name, flags, mode);
}

int mkdirat(int folder_fd, const char *name, mode_t mode)
{
    return refused_new(folder_fd, name) ? -1 : (int)syscall(SYS_mkdirat, folder_fd, name, mode);
}

int mkdir(const char *name, mode_t mode)
{
    return mkdirat(AT_FDCWD, name, mode);
}

int linkat(int from_fd, const char *from, int to_fd, const char *to, int flags)
{
    if (is_read_only() && refused_new(to_fd, to))
        return -1;
    return (int)syscall(SYS_linkat, from_fd, from, to_fd, to, flags);
}

int link(const char *from, const char *to)
{
    return linkat(AT_FDCWD, from, AT_FDCWD, to, 0);
}

int symlinkat(const char *text, int folder_fd, const char *name)
{
    if (is_read_only() && refused_new(folder_fd, name))
        return -1;
    return (int)syscall(SYS_symlinkat, text, folder_fd, name);
}

int symlink(const char *text, const char *name)
{
    return symlinkat(text, AT_FDCWD, name);
}

int renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned int flags)
{
    if (refused_change(from_fd, from) || refused_change(to_fd, to))
        return -1;
    return (int)syscall(SYS_renameat2, from_fd, from, to_fd, to, flags);
}

int renameat(int from_fd, const char *from, int to_fd, const char *to)
{
    return renameat2(from_fd, from, to_fd, to, 0);
}

int rename(const char *from, const char *to)
{
    return renameat2(AT_FDCWD, from, AT_FDCWD, to, 0);
}

int unlinkat(int folder_fd, const char *name, int flags)
{
    return refused_change(folder_fd, name) ? -1
                                           : (int)syscall(SYS_unlinkat, folder_fd, name, flags);
}

int unlink(const char *name)
{
    return unlinkat(AT_FDCWD, name, 0);
}

int rmdir(const char *name)
{
    return unlinkat(AT_FDCWD, name, AT_REMOVEDIR);
}

/* ---- bytes ------------------------------------------------------------------------------------- */

ssize_t write(int fd, const void *bytes, size_t length)
{
    return orders()->error && refused(is_ours(fd)) ? -1 : syscall(SYS_write, fd, bytes, length);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t at)
{
    return orders()->error && refused(is_ours(fd)) ? -1
                                                   : syscall(SYS_pwrite64, fd, bytes, length, at);
}

int ftruncate64(int fd, off64_t length)
{
    return is_read_only() && refused(is_ours(fd)) ? -1 : (int)syscall(SYS_ftruncate, fd, length);
}

int ftruncate(int fd, off_t length)
{
    return ftruncate64(fd, length);
}

int truncate64(const char *name, off64_t length)
{
    return refused_change(AT_FDCWD, name) ? -1 : (int)syscall(SYS_truncate, name, length);
}

int truncate(const char *name, off_t length)
{
    return truncate64(name, length);
}

static int slow_sync(long number, int fd)
{
    if (orders()->sync_ms > 0 && is_ours(fd))
        pass(&orders()->sync_ms);
    return (int)syscall(number, fd);
}

int fsync(int fd)
{
    return slow_sync(SYS_fsync, fd);
}

int fdatasync(int fd)
{
    return slow_sync(SYS_fdatasync, fd);
}

/* ---- names of hosts ---------------------------------------------------------------------------- */

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **ret)
{
    int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);

    if (orders()->lookup_ms > 0) {
        pass(&orders()->lookup_ms);
        return EAI_AGAIN;
    }
    *(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
    return real(node, service, hints, ret);
}
