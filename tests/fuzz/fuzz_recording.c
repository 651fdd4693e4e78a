/* SPDX-License-Identifier: MIT */
/*
 * Any text as a recording: what is understood of it can be written and read again, its times stay
 * within a century, and a session is made of it.
 */
#include <math.h>
#include <string.h>
#include "daemon/recording/recovery.h"
#include "lib/training/session.h"
#include "tests/fuzz/require.h"

static void check_line(const struct record *record)
{
    char line[RECORDING_LINE_MAX];
    struct record again;
    size_t length = recording_format(record, line, sizeof(line));

    require(length > 0 && line[length - 1] == '\n');
    require(recording_parse(line, length - 1, false, &again) == RECORDING_OK);
    require(again.type == record->type && again.t_usec == record->t_usec);
}

/* What is read of it, in its place or in a copy, is what it says. */
static void check_said(const struct recovered *recovered, size_t i, const struct record *record)
{
    char copied[2 * RECORDING_LINE_MAX];
    struct recording_copy copy;
    struct record again;
    uint32_t place;
    size_t said, length;
    const char *text = recovered_said(recovered, i, &said, &place);

    require(recording_parse(text, said, true, &again) == RECORDING_OK);
    require(again.type == record->type && again.t_usec == record->t_usec);
    require(place <= recovered->length);
    require(!joined_is_void(&recovered->joined, place));
    require(text[0] == recovered_letter(recovered, i));
    if (!recording_has_copies(text[0]))
        return;
    length = recording_copy_format(text, said, place, copied, sizeof(copied));
    require(length > 0);
    if (length > RECORDING_LINE_MAX) /* only blanks can make it so long */
        return;
    require(recording_copy_parse(copied, length - 1, false, &copy, &again) == RECORDING_OK);
    require(copy.place == place && copy.said == said && again.type == record->type);
}

static void check_session(const struct session *session)
{
    static struct payload_session summary;
    static struct payload_live live;

    require(session->now_usec <= RECORDING_AXIS_MAX);
    require(recording_axis_wall(&session->axis, session->now_usec) <=
            RECORDING_WALL_MAX + RECORDING_AXIS_MAX);
    session_live(session, session->now_usec, &live);
    session_summary(session, session->now_usec, &summary);
    require(!(summary.elapsed_s < 0) && !(summary.distance_m < 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static struct session session;
    struct recovered recovered;
    char *text = malloc(length + 1);

    require(text);
    memcpy(text, bytes, length);
    if (recovered_read(&recovered, text, length) < 0)
        return 0;
    session_init(&session);
    for (size_t i = 0; i < recovered.n; i++) {
        struct record record;

        recovered_get(&recovered, i, &record);
        check_line(&record);
        check_said(&recovered, i, &record);
        session_apply(&session, &record);
    }
    check_session(&session);
    recovered_done(&recovered);
    return 0;
}
