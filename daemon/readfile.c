/* SPDX-License-Identifier: MIT */
#include "daemon/readfile.h"

#include <errno.h>
#include <fcntl.h>
#include "daemon/util.h"

int read_up_to(int fd, void *bytes, size_t size, size_t *ret_length)
{
    size_t at = 0;

    *ret_length = 0;
    while (at < size) {
        ssize_t n = read(fd, (char *)bytes + at, size - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        if (n == 0)
            break;
        at += (size_t)n;
        *ret_length = at;
    }
    return 0;
}

int read_file(const char *path, size_t most, char **ret, size_t *ret_length, struct stat *ret_st)
{
    /* O_NONBLOCK: a FIFO must not hold us up */
    _cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    _cleanup_free_ char *text = NULL;
    struct stat st;
    size_t length = 0;
    char *fitted;
    int r;

    if (fd < 0 || fstat(fd, &st) < 0)
        return -errno;
    if (!S_ISREG(st.st_mode))
        return S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
    text = malloc(most + 2);
    if (!text)
        return -ENOMEM;
    r = read_up_to(fd, text, most + 1, &length);
    if (r < 0)
        return r;
    if (length > most)
        return -EFBIG;
    text[length] = '\0';
    if (ret_st)
        *ret_st = st;
    fitted = realloc(text, length + 1); /* most are far smaller than they may be */
    if (fitted)
        text = fitted;
    *ret = TAKE_PTR(text);
    *ret_length = length;
    return 0;
}
