/* SPDX-License-Identifier: MIT */
/*
 * The times of a recording over reboots. Each boot counts from 0, so that the lines of the second
 * would lie before those of the first; the wall clocks of the A lines say how far apart they are:
 *
 *   boot 1   0 ── A ────────── last line
 *   boot 2                 0 ─────── A ──────
 *   axis     0 ── A ────────────────── A ────     A to A = what the wall clock passed between them
 */
#include <string.h>
#include "lib/recording.h"

/*
 * Two clocks can't be read at one moment, and a crystal drifts: each A line says something else by
 * microseconds to a second. That is no news of when a session began, and to whoever keeps its start
 * a second's difference is another start. Only a clock that was set moves what is dated.
 */
#define CLOCK_SET_USEC INT64_C(2000000)

static void date_axis(struct recording_axis *axis)
{
    int64_t offset = axis->wall_usec - ((int64_t)axis->boot_usec + axis->shift_usec);
    int64_t moved = offset - axis->offset_usec;

    if (!axis->trusted || (axis->dated && moved <= CLOCK_SET_USEC && moved >= -CLOCK_SET_USEC))
        return;
    axis->dated = true;
    axis->offset_usec = offset;
}

/* A boot begins: wall passed between the two A lines = axis passed between them. */
static void lay_behind(struct recording_axis *axis, const struct record *record, bool trusted)
{
    int64_t passed = record->axis.wall_usec - axis->wall_usec;
    int64_t at = (int64_t)recording_axis_time(axis, axis->boot_usec);

    axis->known =
        axis->known && axis->trusted && trusted && passed >= 0 && passed <= RECORDING_AXIS_MAX - at;
    axis->shift_usec = at + (axis->known ? passed : 0) - (int64_t)record->t_usec;
}

void recording_axis_feed(struct recording_axis *axis, const struct record *record)
{
    bool trusted = record->axis.clock != CLOCK_UNSET;

    if (!axis->have) {
        *axis = (struct recording_axis){ .have = true, .known = true };
    } else if (strcmp(axis->boot_id, record->axis.boot_id) != 0) {
        lay_behind(axis, record, trusted);
    }
    memcpy(axis->boot_id, record->axis.boot_id, sizeof(axis->boot_id));
    axis->boot_usec = record->t_usec;
    axis->wall_usec = record->axis.wall_usec;
    axis->trusted = trusted;
    date_axis(axis);
}

int64_t recording_axis_wall(const struct recording_axis *axis, uint64_t axis_usec)
{
    return axis->dated ? axis->offset_usec + (int64_t)axis_usec : 0;
}

uint64_t recording_axis_time(const struct recording_axis *axis, uint64_t t_usec)
{
    int64_t t = (int64_t)t_usec + axis->shift_usec;

    if (t < 0)
        return 0;
    return (uint64_t)(t < RECORDING_AXIS_MAX ? t : RECORDING_AXIS_MAX);
}
