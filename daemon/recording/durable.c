/* SPDX-License-Identifier: MIT */
/*
 * Who does something only when what was written is on the disk. A sync tells of the bytes that were in the
 * file when it was posted; one that comes back well after one that failed tells of none.
 */
#include "daemon/recording/private.h"

#include <errno.h>
#include <stdlib.h>

struct durable {
    struct durable *next;
    uint64_t length; /* of the file, with what waited */
    void (*done)(void *userdata);
    void *userdata;
};

int recording_file_add_durable(struct recording_file *file, void (*done)(void *userdata),
                               void *userdata)
{
    struct durable *durable = malloc(sizeof(*durable));

    if (!durable)
        return -ENOMEM;
    *durable = (struct durable){ file->durables, file->length, done, userdata };
    file->durables = durable;
    return 0;
}

static struct durable *take(struct recording_file *file, uint64_t length)
{
    struct durable **at = &file->durables, *found;

    while (*at && (*at)->length > length)
        at = &(*at)->next;
    found = *at;
    if (found)
        *at = found->next;
    return found;
}

/* Whoever is told may come to wait for more. */
void recording_file_tell_durable(struct recording_file *file, uint64_t length)
{
    struct durable *durable;

    while ((durable = take(file, length))) {
        durable->done(durable->userdata);
        free(durable);
    }
}

void recording_file_move_durables(struct recording_file *file, uint64_t length)
{
    for (struct durable *durable = file->durables; durable; durable = durable->next)
        durable->length += length;
}

void recording_file_drop_durables(struct recording_file *file)
{
    struct durable *durable;

    while ((durable = take(file, UINT64_MAX)))
        free(durable);
}

void recorder_never_mind(struct recorder *recorder, const void *userdata)
{
    for (struct recording_file *file = recorder->files; file; file = file->next)
        for (struct durable **at = &file->durables; *at;) {
            struct durable *durable = *at;

            if (durable->userdata != userdata) {
                at = &durable->next;
                continue;
            }
            *at = durable->next;
            free(durable);
        }
}
