/* SPDX-License-Identifier: MIT */
/*
 * Two recordings into one: what a shared belt recorded goes into the session of the runner it is found
 * to belong to, and that session is made anew from all the lines. All that can fail comes before the
 * first line is written; who is killed while they are written leaves a part that does not count
 * (lib/recording.h), and the next start writes it again from the other recording, which stays as it is.
 */
#include "daemon/sessions/private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/log.h"

void sessions_feed(struct sessions *sessions, size_t slot, const struct recovered *recovered)
{
    for (size_t i = 0; i < recovered->n; i++) {
        struct record record;

        recovered_get(recovered, i, &record);
        tracker_restore_feed(sessions->tracker, slot, &record);
    }
}

int sessions_reread(struct sessions *sessions, size_t slot)
{
    _cleanup_(recovered_done) struct recovered recovered = { 0 };
    int r = sessions_read_recording(sessions, sessions->kept[slot].id, &recovered);

    if (r < 0)
        return log_error_errno(r, "Failed to read back session %s: %m", sessions->kept[slot].id);
    tracker_rebuild(sessions->tracker, slot);
    sessions_feed(sessions, slot, &recovered);
    return 0;
}

/* ---- the lines that are put in ----------------------------------------------------------------- */

struct lines {
    char *text; /* owned */
    size_t length, room;
};

static void lines_done(struct lines *lines)
{
    free(lines->text);
}

static int add_line(struct lines *lines, const struct record *record)
{
    size_t room = 2 * lines->room + RECORDING_LINE_MAX;

    if (lines->room - lines->length < RECORDING_LINE_MAX) {
        char *grown = realloc(lines->text, room);

        if (!grown)
            return -ENOMEM;
        lines->text = grown;
        lines->room = room;
    }
    lines->length += recording_format(record, lines->text + lines->length, RECORDING_LINE_MAX);
    return 0;
}

static bool has_sensor(enum record_type type)
{
    return type == RECORD_SENSOR || type == RECORD_NOTIFICATION || type == RECORD_LINK ||
           type == RECORD_UNIT;
}

/* Sensor numbers are per file: the merged lines get numbers of their own behind those in use. */
static int first_free_number(const struct recovered *recovered)
{
    struct record record;
    int base = 0;

    for (size_t i = 0; i < recovered->n; i++) {
        recovered_get(recovered, i, &record);
        if (has_sensor(record.type) && record.sensor >= base)
            base = record.sensor + 1;
    }
    return base;
}

/* What came behind a part that is to be put in again has the numbers of that part. */
static int number_of_part(const struct recovered *recovered, const struct joined_part *part)
{
    int lowest = RECORDING_SENSORS_MAX;

    for (size_t i = 0; i < recovered->n; i++) {
        struct record record;
        size_t length;
        uint32_t place;

        (void)recovered_said(recovered, i, &length, &place);
        recovered_get(recovered, i, &record);
        if (place >= part->from && place < part->to && has_sensor(record.type) &&
            record.sensor < lowest)
            lowest = record.sensor;
    }
    return lowest < RECORDING_SENSORS_MAX ? lowest : first_free_number(recovered);
}

static int number_for(const struct recovered *recovered, const char *id)
{
    for (size_t i = 0; i < recovered->joined.n; i++)
        if (recovered->joined.parts[i].counts && strcmp(recovered->joined.parts[i].id, id) == 0)
            return number_of_part(recovered, &recovered->joined.parts[i]);
    return first_free_number(recovered);
}

/* Whose it is, on which clock and how it ended is said by the recording that takes the lines in; that
 * the start of the other was told is not that its own was. */
static bool give_away(const struct recovered *from, size_t i, int base, struct record *ret)
{
    recovered_get(from, i, ret);
    if (has_sensor(ret->type))
        ret->sensor += base;
    return joined_takes(ret->type) && ret->sensor < RECORDING_SENSORS_MAX;
}

static uint32_t count_given(const struct recovered *from, int base, uint64_t *ret_latest_usec)
{
    struct record record;
    uint32_t n = 0;

    *ret_latest_usec = 0;
    for (size_t i = 0; i < from->n; i++) {
        if (!give_away(from, i, base, &record))
            continue;
        n++;
        if (record.t_usec > *ret_latest_usec)
            *ret_latest_usec = record.t_usec;
    }
    return n;
}

static int format_lines(struct lines *lines, const char *id, const struct recovered *from, int base)
{
    struct record joined = { .type = RECORD_JOINED }, merged = { .type = RECORD_MERGED }, record;
    int r;

    joined.joined.lines = count_given(from, base, &joined.t_usec);
    merged.t_usec = joined.t_usec;
    snprintf(joined.joined.id, sizeof(joined.joined.id), "%s", id);
    memcpy(merged.merged, joined.joined.id, sizeof(merged.merged));
    r = add_line(lines, &joined);
    for (size_t i = 0; r >= 0 && i < from->n; i++)
        if (give_away(from, i, base, &record))
            r = add_line(lines, &record);
    return r < 0 ? r : add_line(lines, &merged);
}

/* Times of two boots do not compare. */
static bool is_of_one_boot(const struct recovered *from, const struct recovered *into)
{
    char boots[2][33] = { "", "" };
    const struct recovered *const both[] = { from, into };

    for (size_t which = 0; which < 2; which++)
        for (size_t i = 0; i < both[which]->n; i++) {
            struct record record;

            if (recovered_letter(both[which], i) != 'A')
                continue;
            recovered_get(both[which], i, &record);
            memcpy(boots[which], record.axis.boot_id, sizeof(boots[which]));
        }
    return from->boots == 1 && strcmp(boots[0], boots[1]) == 0;
}

/* What is to be put into the recording `into_id` from that of `id`. */
static int make_lines(const struct sessions *sessions, const char *id, const char *into_id,
                      struct lines *lines)
{
    _cleanup_(recovered_done) struct recovered from = { 0 }, into = { 0 };
    int base, r = sessions_read_recording(sessions, id, &from);

    if (r >= 0)
        r = sessions_read_recording(sessions, into_id, &into);
    if (r < 0)
        return r;
    if (!is_of_one_boot(&from, &into))
        return -EXDEV;
    base = number_for(&into, id);
    for (size_t i = 0; i < from.n; i++) {
        struct record record;

        recovered_get(&from, i, &record);
        if (record.type != RECORD_SENSOR || record.sensor + base < RECORDING_SENSORS_MAX)
            continue;
        log_warning("session %s: what %s says in %s stays out: it has %d sensors already", into_id,
                    record.declared.name, id, RECORDING_SENSORS_MAX);
    }
    return format_lines(lines, id, &from, base);
}

/* ---- of one that is open ----------------------------------------------------------------------- */

/* What its recording will hold. */
static int read_with(const struct sessions *sessions, const char *id, const struct lines *lines,
                     struct recovered *ret)
{
    char *text, *grown;
    size_t length;
    int r = recorder_read(sessions->parts.recorder, id, &text, &length);

    if (r < 0)
        return r;
    grown = realloc(text, length + lines->length);
    if (!grown) {
        free(text);
        return -ENOMEM;
    }
    memcpy(grown + length, lines->text, lines->length);
    return recovered_read(ret, grown, length + lines->length);
}

static int merge(struct sessions *sessions, size_t slot, size_t into)
{
    const struct kept *from = &sessions->kept[slot], *to = &sessions->kept[into];
    _cleanup_(recovered_done) struct recovered whole = { 0 };
    _cleanup_(lines_done) struct lines lines = { 0 };
    int r = to->file ? make_lines(sessions, from->id, to->id, &lines) : -EBADF;

    if (r >= 0)
        r = read_with(sessions, to->id, &lines, &whole);
    if (r >= 0)
        r = recorder_append_all(to->file, lines.text, lines.length);
    if (r < 0)
        return r;
    sessions_note_merged(sessions, from->id, to->id, to->file);
    tracker_rebuild(sessions->tracker, into);
    sessions_feed(sessions, into, &whole);
    return 0;
}

static const char *why(int error)
{
    return error == -EXDEV ? "one of them goes back before the last boot" : strerrordesc_np(-error);
}

bool sessions_merge(struct sessions *sessions, size_t slot, size_t into)
{
    struct kept *from = &sessions->kept[slot];
    const char *to = sessions->kept[into].id;
    int r = merge(sessions, slot, into);

    if (r < 0) {
        log_error("session %s stays one of its own: its lines cannot be put into %s: %s", from->id,
                  to, why(r));
        return false;
    }
    log_info("session %s: its lines are in %s now", from->id, to);
    recorder_close(TAKE_PTR(from->file), NULL, NULL);
    return true;
}

/* ---- of one that is read back ------------------------------------------------------------------ */

int sessions_merge_again(struct sessions *sessions, const char *id, const char *into)
{
    _cleanup_(lines_done) struct lines lines = { 0 };
    struct recording_file *file;
    int r = make_lines(sessions, id, into, &lines);

    if (r >= 0)
        r = recorder_open(sessions->parts.recorder, into, &file);
    if (r >= 0) {
        r = recorder_append_all(file, lines.text, lines.length);
        recorder_close(file, NULL, NULL);
    }
    if (r < 0)
        log_error("The lines of %s cannot be put into %s again: %s", id, into, why(r));
    else
        log_notice("session %s: its lines are in %s now, after a restart", id, into);
    return r;
}
