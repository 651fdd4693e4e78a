/* SPDX-License-Identifier: MIT */
/*
 * The files that were made last, for whoever asks for the next part, and for whoever did not wait until
 * theirs was made. They have no names and are gone with the process.
 */
#include <string.h>
#include "daemon/archive/private.h"
#include "daemon/clock.h"
#include "daemon/util.h"

#define HELD_USEC UINT64_C(60000000)

static void arm(struct archive *archive)
{
    uint64_t next_usec = CLOCK_NEVER;

    for (size_t i = 0; i < ARCHIVE_HELD_MAX; i++)
        if (archive->held[i].until_usec && archive->held[i].until_usec < next_usec)
            next_usec = archive->held[i].until_usec;
    clock_timer_set(archive->held_timer, next_usec);
}

static void on_timer(void *userdata, uint64_t now_usec)
{
    struct archive *archive = userdata;

    for (size_t i = 0; i < ARCHIVE_HELD_MAX; i++)
        if (archive->held[i].until_usec <= now_usec)
            archive_let_go(&archive->held[i]);
    arm(archive);
}

int archive_open_held(struct archive *archive)
{
    for (size_t i = 0; i < ARCHIVE_HELD_MAX; i++)
        archive->held[i].made.fd = -1;
    return clock_timer_new(&archive->held_timer, archive->parts.event, CLOCK_NEVER, on_timer,
                           archive);
}

void archive_let_go(struct archive_held *held)
{
    closep(&held->made.fd);
    *held = (struct archive_held){ .made.fd = -1 };
}

void archive_close_held(struct archive *archive)
{
    for (size_t i = 0; i < ARCHIVE_HELD_MAX; i++)
        archive_let_go(&archive->held[i]);
    archive->held_timer = clock_timer_unref(archive->held_timer);
}

bool archive_same_source(const struct archive_source *a, const struct archive_source *b)
{
    return strcmp(a->id, b->id) == 0 && strcmp(a->hash, b->hash) == 0 &&
           strcmp(a->runner, b->runner) == 0 && a->start_usec == b->start_usec &&
           a->as_fit == b->as_fit && a->barometric == b->barometric;
}

static struct archive_held *find(struct archive *archive, const struct archive_source *source)
{
    for (size_t i = 0; i < ARCHIVE_HELD_MAX; i++)
        if (archive->held[i].until_usec && archive_same_source(&archive->held[i].source, source))
            return &archive->held[i];
    return NULL;
}

/* One that is free, or else the one that nobody asked for the longest. */
static struct archive_held *place_for(struct archive *archive, const struct archive_source *source)
{
    struct archive_held *held = find(archive, source), *oldest = &archive->held[0];

    for (size_t i = 1; i < ARCHIVE_HELD_MAX; i++)
        if (archive->held[i].until_usec < oldest->until_usec)
            oldest = &archive->held[i];
    return held ? held : oldest;
}

void archive_hold(struct archive *archive, const struct archive_source *source,
                  struct archive_made *made, const char *why, bool untold)
{
    struct archive_held *held = place_for(archive, source);

    archive_let_go(held);
    held->source = *source;
    held->made = *made;
    made->fd = -1;
    held->why = why;
    held->untold = untold;
    held->until_usec = clock_now_usec() + HELD_USEC;
    arm(archive);
}

struct archive_held *archive_held_of(struct archive *archive, const struct archive_source *source,
                                     bool first)
{
    struct archive_held *held = find(archive, source);

    return held && (!first || held->untold || held->made.converted) ? held : NULL;
}
