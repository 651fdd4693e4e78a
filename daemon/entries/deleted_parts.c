/* SPDX-License-Identifier: MIT */
/* Whose recordings went into that of a session: a belt that somebody shared was recorded apart at first. */
#include "daemon/entries/deleted_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "daemon/array.h"
#include "daemon/readfile.h"
#include "daemon/recording/disk.h"
#include "daemon/recording/joined.h"
#include "daemon/util.h"

/* On an error in the midst of it, what came before that. */
static int read_recording(int folder_fd, const char *id, char **ret, size_t *ret_length)
{
    char name[SESSION_ID_MAX + sizeof(RECORDING_SUFFIX)];
    struct stat st;
    int r;

    snprintf(name, sizeof(name), "%s" RECORDING_SUFFIX, id);
    _cleanup_close_ int fd =
        openat(folder_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &st) < 0)
        return -errno;
    if (!S_ISREG(st.st_mode) || st.st_size > UINT32_MAX)
        return -EFBIG;
    _cleanup_free_ char *text = malloc((size_t)st.st_size + 1);
    if (!text)
        return -ENOMEM;
    r = read_up_to(fd, text, (size_t)st.st_size, ret_length);
    *ret = TAKE_PTR(text);
    return r;
}

/* Of one that is not whole its own recording is what is left of it: that is a session of its own. */
static int take_whole_ones(const struct joined *joined, const char *id,
                           char (**ret)[SESSION_ID_MAX], size_t *ret_n)
{
    for (size_t i = 0; i < joined->n; i++) {
        const struct joined_part *part = &joined->parts[i];
        char(*added)[SESSION_ID_MAX];

        if (!part->counts || !recording_id_is_valid(part->id) || strcmp(part->id, id) == 0)
            continue;
        added = ARRAY_ADD(*ret, *ret_n);
        if (!added)
            return -ENOMEM;
        memcpy(*added, part->id, sizeof(*added));
    }
    return 0;
}

/* Not for now, but as the disk has it. */
static bool is_of_the_disk(int error)
{
    return error != -ENOMEM && error != -EMFILE && error != -ENFILE;
}

int deleted_parts_of(int folder_fd, const char *id, char (**ret)[SESSION_ID_MAX], size_t *ret_n,
                     int *ret_unread)
{
    struct joined joined = { 0 };
    _cleanup_free_ char *text = NULL;
    const char *line;
    size_t cursor = 0, length = 0, line_length = 0;
    bool plain = false;
    int r = read_recording(folder_fd, id, &text, &length);

    if (r == -ENOENT || r == -EFBIG || r == -ELOOP)
        return 0;
    if (r < 0 && !is_of_the_disk(r))
        return r;
    if (r < 0)
        *ret_unread = r;
    if (!text)
        return 0;
    if (recording_next_line(text, length, &cursor, &line, &line_length))
        plain = recording_is_plain(line, line_length);
    r = joined_find(&joined, text, length, plain);
    if (r == 0)
        r = take_whole_ones(&joined, id, ret, ret_n);
    joined_done(&joined);
    return r;
}
