/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * The day on which each session of a file began, by the zone that its runner had when it came in: kept beside
 * the runner's copy, as the database may be lost and the zone change. It stays there when the copy goes to
 * another runner, who has days of their own, and counts again when it comes back.
 *
 *   imported/<runner>/<hash>.days     "<start, microseconds, UTC> <seconds east of UTC>", a line for each
 */
#include <stdbool.h>
#include <stdint.h>
#include "lib/activity/activity.h"
#include "lib/sha256.h"

#define DAYS_MAX        (2 * ACTIVITY_PARTS_MAX) /* what is more is not noted */
#define DAYS_ENDING     ".days"
#define DAYS_NAME_BYTES (SHA256_TEXT_MAX + sizeof(DAYS_ENDING))

struct days {
    struct days_one {
        int64_t start_usec;
        int32_t offset_s;
    } of[DAYS_MAX];
    size_t n;
    int error; /* -errno: something is noted that cannot be read */
};

/* That of the session that begins nearest to then, a day away at most, as another reader may take another
 * point for the first one; false: nobody noted it, and *ret is untouched. */
bool days_offset(const struct days *days, int64_t start_usec, int32_t *ret_offset_s);
/* What is more than there is room for is left out. */
void days_note(struct days *days, int64_t start_usec, int32_t offset_s);

/* Both on the worker; the folder is the runner's. A line that is rotten says nothing; but see `error`. */
void days_read(struct days *ret, int folder_fd, const char *hash);
/* These behind those that are there, synced; the folder's own sync is the caller's. -errno: nothing is changed. */
int days_write(const struct days *more, int folder_fd, const char *hash);
