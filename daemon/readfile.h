/* SPDX-License-Identifier: MIT */
#pragma once
/* Small local files, read whole: it may block for as long as that takes. */
#include <stddef.h>
#include <sys/stat.h>

/* From where fd stands, up to size bytes or the end. 0 or -errno; how many came, also before an error. */
int read_up_to(int fd, void *bytes, size_t size, size_t *ret_length);

/*
 * A regular file of at most `most` bytes, with a NUL behind them; the caller frees. ret_st may be
 * NULL. -EFBIG: there are more bytes; -EISDIR, -EINVAL: a folder, a device and the like.
 */
int read_file(const char *path, size_t most, char **ret, size_t *ret_length, struct stat *ret_st);
