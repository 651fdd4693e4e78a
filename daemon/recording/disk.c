/* SPDX-License-Identifier: MIT */
/*
 * A session's id becomes a file name here, so it is checked here; links and things that are no file
 * are not followed or waited for. A process killed inside write(2) leaves part of a line at the end
 * of the file: the next line would be glued to it and both be lost, so opening cuts it off first.
 */
#include "daemon/recording/disk.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "daemon/mtime.h"
#include "daemon/util.h"

#define FILE_NAME_MAX (SESSION_ID_MAX + sizeof(RECORDING_SUFFIX))
#define COPY_NAME_MAX (FILE_NAME_MAX + sizeof(".other.99"))
#define OTHERS_MAX    99   /* of one recording; the last of them is replaced by one more */
#define PAGE          4096 /* what a bad spot takes with it at least */
#define OPEN_FLAGS    (O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
#define READ_MAX      (64LL << 20) /* a week without a pause; it is read into memory */

bool recording_id_is_valid(const char *id)
{
    size_t length = strnlen(id, SESSION_ID_MAX);
    if (length == 0 || length == SESSION_ID_MAX || !isascii(id[0]) || !isalnum(id[0]))
        return false;
    for (size_t i = 0; i < length; i++)
        if (!isascii(id[i]) || (!isalnum(id[i]) && !strchr("._-+:", id[i])))
            return false;
    return true;
}

static int file_name(const char *id, char name[static FILE_NAME_MAX])
{
    if (!recording_id_is_valid(id))
        return -EINVAL;
    snprintf(name, FILE_NAME_MAX, "%s" RECORDING_SUFFIX, id);
    return 0;
}

int recording_folder_open(const char *path)
{
    if (mkdir(path, 0750) < 0 && errno != EEXIST)
        return -errno;
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

int recording_folder_sync(int folder_fd)
{
    if (fsync(folder_fd) < 0)
        return -errno;
    _cleanup_close_ int above = openat(folder_fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return above < 0 || fsync(above) < 0 ? -errno : 0;
}

static int check_is_file(int fd, off_t *ret_size)
{
    struct stat st;
    if (fstat(fd, &st) < 0)
        return -errno;
    if (!S_ISREG(st.st_mode))
        return -EISDIR; /* or a fifo, a device: nothing of ours */
    *ret_size = st.st_size;
    return 0;
}

/* Less of it is no answer: a bad spot begins there, and what is behind it is not known to be torn. */
static int read_block(int fd, char *block, size_t length, off_t at)
{
    for (size_t got = 0; got < length;) {
        ssize_t n = pread(fd, block + got, length - got, at + (off_t)got);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : -EIO;
        got += (size_t)n;
    }
    return 0;
}

/* The offset behind the last newline at or before |end|; 0 when there is none. */
static int find_line_end(int fd, off_t end, off_t *ret)
{
    char block[4096];

    while (end > 0) {
        off_t start = end > (off_t)sizeof(block) ? end - (off_t)sizeof(block) : 0;
        int r = read_block(fd, block, (size_t)(end - start), start);
        if (r < 0)
            return r;
        const char *newline = memrchr(block, '\n', (size_t)(end - start));
        if (newline) {
            *ret = start + (newline - block) + 1;
            return 0;
        }
        end = start;
    }
    *ret = 0;
    return 0;
}

static int cut_torn_line(int fd)
{
    off_t size = 0, end = 0;

    int r = check_is_file(fd, &size);
    if (r < 0)
        return r;
    r = find_line_end(fd, size, &end);
    if (r < 0)
        return r;
    if (end < size && ftruncate(fd, end) < 0)
        return -errno;
    return 0;
}

int recording_file_open(int folder_fd, const char *id)
{
    char name[FILE_NAME_MAX];

    int r = file_name(id, name);
    if (r < 0)
        return r;
    _cleanup_close_ int fd = openat(folder_fd, name, OPEN_FLAGS);
    if (fd < 0 && errno == ENOENT)
        fd = openat(folder_fd, name, OPEN_FLAGS | O_CREAT | O_EXCL, 0640);
    if (fd < 0)
        return -errno;
    r = cut_torn_line(fd);
    if (r < 0)
        return r;
    return TAKE_FD(fd);
}

/* ---- one that was removed while it was open ------------------------------------------------- */

bool recording_is_at(int folder_fd, const char *id, int fd)
{
    char name[FILE_NAME_MAX];
    struct stat there, ours;

    return file_name(id, name) >= 0 && fstat(fd, &ours) == 0 &&
           fstatat(folder_fd, name, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
           there.st_dev == ours.st_dev && there.st_ino == ours.st_ino;
}

static int write_all(int fd, const char *bytes, size_t length)
{
    for (size_t written = 0; written < length;) {
        ssize_t n = write(fd, bytes + written, length - written);
        if (n > 0)
            written += (size_t)n;
        else if (n == 0)
            return -EIO;
        else if (errno != EINTR)
            return -errno;
    }
    return 0;
}

/* From |at| on. */
static int copy_from(int from, off_t at, int to)
{
    char block[16384];

    for (;;) {
        ssize_t n = pread(from, block, sizeof(block), at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -ENODATA : 0;
        int r = write_all(to, block, (size_t)n);
        if (r < 0)
            return r;
        at += n;
    }
}

/* What cannot be read is blank: *ret_any is untouched when all of it is. */
static int copy_what_can_be_read(int from, off_t at, int to, bool *ret_any)
{
    char block[PAGE];
    off_t size = 0;
    int r = check_is_file(from, &size);

    while (r >= 0 && at < size) {
        size_t length = PAGE - (size_t)(at % PAGE);
        if (size - at < (off_t)length)
            length = (size_t)(size - at);
        ssize_t n = pread(from, block, length, at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n > 0)
            *ret_any = true;
        else
            memset(block, '\n', length);
        r = write_all(to, block, n > 0 ? (size_t)n : length);
        at += n > 0 ? n : (off_t)length;
    }
    return r;
}

static int copy_in_part(int from, int to)
{
    bool any = false;

    if (ftruncate(to, 0) < 0)
        return -errno;
    int r = copy_what_can_be_read(from, 0, to, &any);
    return r < 0 || any ? r : -ENODATA;
}

static int copy_name(const char *id, const char *word, char ret[static COPY_NAME_MAX])
{
    char name[FILE_NAME_MAX];

    int r = file_name(id, name);
    if (r >= 0)
        snprintf(ret, COPY_NAME_MAX, "%s.%s", name, word);
    return r;
}

int recording_copy(int folder_fd, const char *id, const char *word, int fd, bool *ret_blanks)
{
    char name[COPY_NAME_MAX];

    int r = copy_name(id, word, name);
    if (r < 0)
        return r;
    _cleanup_close_ int copy = openat(folder_fd, name, OPEN_FLAGS | O_CREAT | O_TRUNC, 0640);
    if (copy < 0)
        return -errno;
    r = copy_from(fd, 0, copy);
    /* of a disk that is gone, what is still in memory is less than what stands on it */
    *ret_blanks = r == -ENODATA && recording_is_at(folder_fd, id, fd);
    if (*ret_blanks)
        r = copy_in_part(fd, copy);
    if (r >= 0 && fdatasync(copy) < 0)
        r = -errno;
    if (r >= 0)
        return TAKE_FD(copy);
    unlinkat(folder_fd, name, 0);
    return r;
}

void recording_copy_drop(int folder_fd, const char *id, const char *word)
{
    char name[COPY_NAME_MAX];

    if (copy_name(id, word, name) >= 0)
        unlinkat(folder_fd, name, 0);
}

static bool are_same(int folder_fd, const char *one, const char *other)
{
    struct stat a, b;

    return fstatat(folder_fd, one, &a, AT_SYMLINK_NOFOLLOW) == 0 &&
           fstatat(folder_fd, other, &b, AT_SYMLINK_NOFOLLOW) == 0 && a.st_dev == b.st_dev &&
           a.st_ino == b.st_ino;
}

/* One that is free, or that it has already: a try before got no further. */
static void other_name(int folder_fd, const char *id, const char *name,
                       char ret[static COPY_NAME_MAX])
{
    char word[sizeof("other.99")] = "other";

    (void)copy_name(id, word, ret);
    for (unsigned i = 2;
         i <= OTHERS_MAX && faccessat(folder_fd, ret, F_OK, AT_SYMLINK_NOFOLLOW) == 0 &&
         !are_same(folder_fd, name, ret);
         i++) {
        snprintf(word, sizeof(word), "other.%u", i);
        (void)copy_name(id, word, ret);
    }
}

/* As a second name of what stands there: killed before another takes the first, there is a recording of
 * that name. A file system that knows no such gives it that name alone. */
static int keep_beside(int folder_fd, const char *id)
{
    char name[FILE_NAME_MAX], other[COPY_NAME_MAX];

    (void)file_name(id, name);
    other_name(folder_fd, id, name, other);
    if (are_same(folder_fd, name, other) || linkat(folder_fd, name, folder_fd, other, 0) == 0 ||
        errno == ENOENT)
        return 0;
    return renameat(folder_fd, name, folder_fd, other) < 0 ? -errno : 0;
}

int recording_keep_aside(int folder_fd, const char *id)
{
    char name[FILE_NAME_MAX];
    int r = file_name(id, name);

    if (r >= 0)
        r = keep_beside(folder_fd, id);
    if (r < 0)
        return r;
    return unlinkat(folder_fd, name, 0) < 0 && errno != ENOENT ? -errno : 0;
}

/* Its name comes last: a process killed before that leaves no half of a recording to be read. */
int recording_copy_move_in(int folder_fd, const char *id, const char *word, int fd, int copy,
                           bool blanks)
{
    char name[FILE_NAME_MAX], from[COPY_NAME_MAX];
    struct stat st;
    bool any;

    int r = copy_name(id, word, from);
    if (r < 0)
        return r;
    (void)file_name(id, name);
    if (fstat(copy, &st) < 0)
        return -errno;
    r = blanks ? copy_what_can_be_read(fd, st.st_size, copy, &any)
               : copy_from(fd, st.st_size, copy);
    if (r >= 0 && (blanks || !recording_is_at(folder_fd, id, fd)))
        r = keep_beside(folder_fd, id);
    if (r < 0)
        return r;
    return renameat(folder_fd, from, folder_fd, name) < 0 ? -errno : 0;
}

int recording_save_copy(int folder_fd, const char *id, const char *word, int *ret_fd,
                        bool *ret_blanks)
{
    char name[FILE_NAME_MAX];

    int r = file_name(id, name);
    if (r < 0)
        return r;
    _cleanup_close_ int fd = openat(folder_fd, name, OPEN_FLAGS);
    if (fd < 0)
        return -errno;
    int copy = recording_copy(folder_fd, id, word, fd, ret_blanks);
    if (copy >= 0)
        *ret_fd = TAKE_FD(fd);
    return copy;
}

int recording_save_move_in(int folder_fd, const char *id, const char *word, int fd, int copy,
                           bool blanks)
{
    int r = recording_copy_move_in(folder_fd, id, word, fd, copy, blanks);

    if (r < 0)
        recording_copy_drop(folder_fd, id, word);
    return r < 0 ? r : cut_torn_line(copy);
}

/* ---- the folder ---------------------------------------------------------------------------- */

int64_t recording_written_nsec(int folder_fd, const char *id)
{
    char name[FILE_NAME_MAX];
    struct stat stat;

    if (file_name(id, name) < 0 || fstatat(folder_fd, name, &stat, AT_SYMLINK_NOFOLLOW) < 0)
        return 0;
    return mtime_nsec(&stat);
}

bool recording_stands(int folder_fd, const char *id)
{
    char name[FILE_NAME_MAX];

    return file_name(id, name) >= 0 && faccessat(folder_fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static int open_to_read(int folder_fd, const char *id)
{
    char name[FILE_NAME_MAX];

    int r = file_name(id, name);
    if (r < 0)
        return r;
    int fd = openat(folder_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    return fd < 0 ? -errno : fd;
}

static size_t to_end_of_page(size_t at, size_t size)
{
    size_t length = PAGE - at % PAGE;

    return length < size - at ? length : size - at;
}

/*
 * Wherever fd stands: whoever appends by it may be the one who asks. A page that cannot be read is blank,
 * as copy_what_can_be_read leaves it; -EIO: none can.
 */
static int read_all(int fd, char *bytes, size_t size, size_t *ret_length, size_t *ret_blank)
{
    size_t length = 0, blank = 0;

    while (length < size) {
        size_t asked = blank > 0 ? to_end_of_page(length, size) : size - length;
        ssize_t n = pread(fd, bytes + length, asked, (off_t)length);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno != EIO)
            return -errno;
        if (n == 0)
            break;
        if (n < 0) {
            n = (ssize_t)to_end_of_page(length, size);
            memset(bytes + length, '\n', (size_t)n);
            blank += (size_t)n;
        }
        length += (size_t)n;
    }
    if (blank > 0 && blank == length)
        return -EIO;
    *ret_length = length;
    *ret_blank = blank;
    return 0;
}

int recording_read_open(int fd, const char *tail, size_t tail_length, char **ret,
                        size_t *ret_length, size_t *ret_blank)
{
    off_t size = 0;
    size_t length = 0, blank = 0;

    int r = fd < 0 ? 0 : check_is_file(fd, &size);
    if (r < 0)
        return r;
    if (size > READ_MAX)
        return -EFBIG;
    _cleanup_free_ char *bytes = malloc((size_t)size + tail_length + 1);
    if (!bytes)
        return -ENOMEM;
    r = fd < 0 ? 0 : read_all(fd, bytes, (size_t)size, &length, &blank);
    if (r < 0)
        return r;
    if (tail_length > 0)
        memcpy(bytes + length, tail, tail_length);
    length += tail_length;
    const char *newline = length > 0 ? memrchr(bytes, '\n', length) : NULL;
    length = newline ? (size_t)(newline - bytes) + 1 : 0; /* a torn line is none */
    bytes[length] = '\0';
    *ret = TAKE_PTR(bytes);
    *ret_length = length;
    *ret_blank = blank;
    return 0;
}

int recording_read(int folder_fd, const char *id, const char *tail, size_t tail_length, char **ret,
                   size_t *ret_length, size_t *ret_blank)
{
    _cleanup_close_ int fd = open_to_read(folder_fd, id);
    if (fd < 0 && (fd != -ENOENT || tail_length == 0)) /* what waits may be all there is */
        return fd;
    return recording_read_open(fd, tail, tail_length, ret, ret_length, ret_blank);
}
