/* SPDX-License-Identifier: MIT */
/*
 * Of a line that says whose a recording is, a byte that rots would take the session with it. So each of
 * them is written once more after so many bytes, as far from the one before as a page of the disk; by
 * each process that goes on with the recording, for what rotted while it lay there; and at its end or
 * the daemon's, if it was not yet. Two sensors and their runner make half a kilobyte of it, each minute or so.
 *
 * Of the A lines, of which each restart and each step of the clock makes one, the first of a boot says
 * where the boot lies and the last how late it is: no others are kept.
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/recording/private.h"
#include "lib/recording.h"

static void write_copies(struct recording_file *file)
{
    recording_file_append(file, file->copies, file->n_copies);
    file->n_since_copies = 0;
    file->has_uncopied = false;
}

static void write_if_due(struct recording_file *file, size_t appended)
{
    file->n_since_copies += appended;
    if (file->n_copies > 0 && file->n_since_copies >= RECORDER_COPIES_EACH)
        write_copies(file);
}

void recording_file_write_uncopied(struct recording_file *file)
{
    if (file->has_uncopied)
        write_copies(file);
}

/* ---- which there are ------------------------------------------------------------------------- */

static bool is_axis_of(const char *line, size_t length, const char *boot_id)
{
    struct recording_copy copy;
    struct record record;

    return recording_copy_parse(line, length, false, &copy, &record) == RECORDING_OK &&
           record.type == RECORD_AXIS && strcmp(record.axis.boot_id, boot_id) == 0;
}

static void cut_line(struct recording_file *file, const char *line, size_t length)
{
    size_t at = (size_t)(line - file->copies), end = at + length + 1;

    memmove(file->copies + at, file->copies + end, file->n_copies - end);
    file->n_copies -= end - at;
}

/* Another of that boot comes: what was the last of it is none any more. */
static void drop_last_axis(struct recording_file *file, const char *boot_id)
{
    const char *line, *last = NULL;
    size_t cursor = 0, length, last_length = 0, n = 0;

    while (recording_next_line(file->copies, file->n_copies, &cursor, &line, &length)) {
        if (!is_axis_of(line, length, boot_id))
            continue;
        n++;
        last = line;
        last_length = length;
    }
    if (n > 1)
        cut_line(file, last, last_length);
}

static bool has_room(struct recording_file *file, size_t length)
{
    if (file->n_copies + length > RECORDER_COPIES_MAX)
        return false;
    char *grown = realloc(file->copies, file->n_copies + length);
    if (grown)
        file->copies = grown;
    return grown;
}

static void keep(struct recording_file *file, const char *said, size_t length, uint32_t place)
{
    char line[RECORDING_LINE_MAX];
    size_t n = recording_copy_format(said, length, place, line, sizeof(line));
    struct record record;

    if (recording_parse(said, length, true, &record) != RECORDING_OK)
        return;
    if (record.type == RECORD_AXIS)
        drop_last_axis(file, record.axis.boot_id);
    if (n == 0 || !has_room(file, n))
        return;
    memcpy(file->copies + file->n_copies, line, n);
    file->n_copies += n;
    file->has_uncopied = true;
}

/* ---- lines that come ------------------------------------------------------------------------- */

void recorder_append(struct recording_file *file, const char *lines, size_t length)
{
    recording_file_append(file, lines, length);
    write_if_due(file, length);
}

void recorder_declare(struct recording_file *file, const char *line, size_t length)
{
    uint64_t place = file->length;
    size_t said = length > 0 ? recording_said(line, length - 1, false) : 0;

    recording_file_append(file, line, length);
    if (said > 0 && place <= UINT32_MAX)
        keep(file, line, said, (uint32_t)place);
    write_if_due(file, length);
}

static void keep_declared(struct recording_file *file, const char *lines, size_t length,
                          uint64_t place)
{
    const char *line;
    size_t cursor = 0, line_length;

    while (recording_next_line(lines, length, &cursor, &line, &line_length)) {
        size_t said = recording_said(line, line_length, false);
        uint64_t at = place + (uint64_t)(line - lines);

        if (said > 0 && recording_has_copies(line[0]) && at <= UINT32_MAX)
            keep(file, line, said, (uint32_t)at);
    }
}

int recorder_append_all(struct recording_file *file, const char *lines, size_t length)
{
    uint64_t place = file->length;
    int r = recording_file_append_all(file, lines, length);

    if (r < 0)
        return r;
    keep_declared(file, lines, length, place);
    write_if_due(file, length);
    return 0;
}

void recorder_recall(struct recording_file *file, const char *said, size_t length, uint32_t place)
{
    bool had_uncopied = file->has_uncopied;

    keep(file, said, length, place);
    file->has_uncopied = had_uncopied; /* nothing need be added to what is only read */
    file->n_since_copies = RECORDER_COPIES_EACH;
}
