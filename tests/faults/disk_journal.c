/* SPDX-License-Identifier: MIT */
/*
 * Preloaded into the daemon: what it asks of the disk, in the order it asked, so that power_cuts.py can
 * make every disk that a power cut may leave. One record each in the file $DISK_JOURNAL, for what lies
 * below $DISK_JOURNAL_ROOT:
 *
 *     OP SEQUENCE INODE NUMBER LENGTH\n  followed by LENGTH bytes and \n
 *
 *     C  a name (the bytes) was made for the inode     M  a folder was made
 *     W  bytes were written at offset NUMBER           T  cut to NUMBER bytes
 *     S  synced: what came before sequence NUMBER      U  a name was removed
 *     R  renamed (the bytes: FROM\0TO)
 *
 * A sync is recorded when it is done, with the sequence at which it was asked for: what another thread
 * wrote meanwhile may be on the disk, or not. Memory that is mapped is not seen; SQLite maps only the
 * index of its log, which it makes anew after a crash.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t sequence;
static int journal_fd = -1;

#define REAL(name) ((__typeof__(&name))real(#name))

static void *real(const char *name)
{
    void *found = dlsym(RTLD_NEXT, name);

    if (!found)
        abort();
    return found;
}

/* ---- the record: under the lock ---------------------------------------------------------------- */

static void put(const void *bytes, size_t length)
{
    for (size_t done = 0; done < length;) {
        long n = syscall(SYS_write, journal_fd, (const char *)bytes + done, length - done);
        if (n <= 0)
            abort(); /* half a journal would prove nothing */
        done += (size_t)n;
    }
}

static void record(char op, ino_t inode, uint64_t number, const void *bytes, size_t length)
{
    char head[128];
    int n;

    if (journal_fd < 0)
        journal_fd = (int)syscall(SYS_openat, AT_FDCWD, getenv("DISK_JOURNAL"),
                                  O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    n = snprintf(head, sizeof(head), "%c %" PRIu64 " %" PRIu64 " %" PRIu64 " %zu\n", op, ++sequence,
                 (uint64_t)inode, number, length);
    put(head, (size_t)n);
    put(bytes, length);
    put("\n", 1);
}

/* The whole path; false: not below our root. */
static bool locate(int folder_fd, const char *name, char ret[static PATH_MAX * 2])
{
    const char *root = getenv("DISK_JOURNAL_ROOT");
    char link[64], folder[PATH_MAX] = "";

    if (!root || !getenv("DISK_JOURNAL"))
        return false;
    if (name[0] != '/') {
        snprintf(link, sizeof(link), "/proc/self/fd/%d", folder_fd);
        ssize_t n =
            readlink(folder_fd == AT_FDCWD ? "/proc/self/cwd" : link, folder, sizeof(folder) - 1);
        folder[n > 0 ? n : 0] = '\0';
    }
    snprintf(ret, PATH_MAX * 2, "%s%s%s", folder, folder[0] ? "/" : "", name);
    size_t length = strlen(root);
    return strncmp(ret, root, length) == 0 && (ret[length] == '/' || ret[length] == '\0');
}

static bool is_ours(int fd, struct stat *ret)
{
    char link[64], path[PATH_MAX * 2], at[PATH_MAX];

    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, at, sizeof(at) - 1);
    if (n <= 0)
        return false;
    at[n] = '\0';
    return locate(AT_FDCWD, at, path) && fstat(fd, ret) == 0;
}

/* ---- names ------------------------------------------------------------------------------------- */

static int journal_open(int folder_fd, const char *name, int flags, mode_t mode)
{
    char path[PATH_MAX * 2];
    bool ours = locate(folder_fd, name, path);
    struct stat st;

    if (!ours || !(flags & (O_CREAT | O_TRUNC)))
        return (int)syscall(SYS_openat, folder_fd, name, flags, mode);
    pthread_mutex_lock(&lock);
    bool was = stat(path, &st) == 0;
    int fd = (int)syscall(SYS_openat, folder_fd, name, flags, mode);
    if (fd >= 0 && fstat(fd, &st) == 0) {
        if (!was)
            record('C', st.st_ino, 0, path, strlen(path));
        else if (flags & O_TRUNC)
            record('T', st.st_ino, 0, "", 0);
    }
    int saved = errno;
    pthread_mutex_unlock(&lock);
    errno = saved;
    return fd;
}

static mode_t mode_of(int flags, va_list args)
{
    return flags & (O_CREAT | O_TMPFILE) ? va_arg(args, mode_t) : 0;
}

#define OPEN(function)                                                                             \
    int function(const char *name, int flags, ...)                                                 \
    {                                                                                              \
        va_list args;                                                                              \
        va_start(args, flags);                                                                     \
        mode_t mode = mode_of(flags, args);                                                        \
        va_end(args);                                                                              \
        return journal_open(AT_FDCWD, name, flags, mode);                                          \
    }
#define OPENAT(function)                                                                           \
    int function(int folder_fd, const char *name, int flags, ...)                                  \
    {                                                                                              \
        va_list args;                                                                              \
        va_start(args, flags);                                                                     \
        mode_t mode = mode_of(flags, args);                                                        \
        va_end(args);                                                                              \
        return journal_open(folder_fd, name, flags, mode);                                         \
    }
OPEN(open)
OPEN(open64)
OPENAT(openat)
OPENAT(openat64)

static int journal_name(char op, int folder_fd, const char *name, long result)
{
    char path[PATH_MAX * 2];

    if (result == 0 && locate(folder_fd, name, path))
        record(op, 0, 0, path, strlen(path));
    return (int)result;
}

int unlinkat(int folder_fd, const char *name, int flags)
{
    pthread_mutex_lock(&lock);
    int r = journal_name('U', folder_fd, name, syscall(SYS_unlinkat, folder_fd, name, flags));
    pthread_mutex_unlock(&lock);
    return r;
}

int unlink(const char *name)
{
    return unlinkat(AT_FDCWD, name, 0);
}

int mkdirat(int folder_fd, const char *name, mode_t mode)
{
    pthread_mutex_lock(&lock);
    int r = journal_name('M', folder_fd, name, syscall(SYS_mkdirat, folder_fd, name, mode));
    pthread_mutex_unlock(&lock);
    return r;
}

int mkdir(const char *name, mode_t mode)
{
    return mkdirat(AT_FDCWD, name, mode);
}

int renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags)
{
    char both[PATH_MAX * 4], target[PATH_MAX * 2];

    pthread_mutex_lock(&lock);
    int r = (int)syscall(SYS_renameat2, from_fd, from, to_fd, to, flags);
    if (r == 0 && locate(from_fd, from, both) && locate(to_fd, to, target)) {
        size_t length = strlen(both) + 1;
        memcpy(both + length, target, strlen(target) + 1);
        record('R', 0, 0, both, length + strlen(target));
    }
    pthread_mutex_unlock(&lock);
    return r;
}

int renameat(int from_fd, const char *from, int to_fd, const char *to)
{
    return renameat2(from_fd, from, to_fd, to, 0);
}

int rename(const char *from, const char *to)
{
    return renameat(AT_FDCWD, from, AT_FDCWD, to);
}

/* ---- bytes ------------------------------------------------------------------------------------- */

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t at)
{
    struct stat st;
    bool ours = is_ours(fd, &st);

    pthread_mutex_lock(&lock);
    ssize_t n = REAL(pwrite64)(fd, bytes, length, at);
    if (ours && n > 0)
        record('W', st.st_ino, (uint64_t)at, bytes, (size_t)n);
    pthread_mutex_unlock(&lock);
    return n;
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t at)
{
    return pwrite64(fd, bytes, length, at);
}

ssize_t write(int fd, const void *bytes, size_t length)
{
    struct stat st;

    if (!is_ours(fd, &st) || !S_ISREG(st.st_mode))
        return REAL(write)(fd, bytes, length);
    pthread_mutex_lock(&lock);
    ssize_t n = REAL(write)(fd, bytes, length);
    if (n > 0) /* where it came to lie, appended or not */
        record('W', st.st_ino, (uint64_t)(lseek(fd, 0, SEEK_CUR) - n), bytes, (size_t)n);
    pthread_mutex_unlock(&lock);
    return n;
}

int ftruncate64(int fd, off64_t size)
{
    struct stat st;
    bool ours = is_ours(fd, &st);

    pthread_mutex_lock(&lock);
    int r = REAL(ftruncate64)(fd, size);
    if (ours && r == 0)
        record('T', st.st_ino, (uint64_t)size, "", 0);
    pthread_mutex_unlock(&lock);
    return r;
}

int ftruncate(int fd, off_t size)
{
    return ftruncate64(fd, size);
}

static int sync_with(const char *name, int fd)
{
    struct stat st;
    bool ours = is_ours(fd, &st);

    pthread_mutex_lock(&lock);
    uint64_t asked = sequence + 1;
    pthread_mutex_unlock(&lock);
    int r = ((__typeof__(&fsync))real(name))(fd);
    if (!ours || r < 0)
        return r;
    pthread_mutex_lock(&lock);
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    ssize_t n = S_ISDIR(st.st_mode) ? readlink(link, path, sizeof(path)) : 0;
    record('S', st.st_ino, asked, path, n > 0 ? (size_t)n : 0); /* a folder by its name */
    pthread_mutex_unlock(&lock);
    return r;
}

int fsync(int fd)
{
    return sync_with("fsync", fd);
}

int fdatasync(int fd)
{
    return sync_with("fdatasync", fd);
}
