/* SPDX-License-Identifier: MIT */
/*
 * Any text as what a person entered and the state folder keeps: how a session was, a run by hand, and what is
 * deleted. What is understood of it is within its ranges, can be written and read again, and is a name of no
 * other folder's file. The first byte says which.
 */
#include <math.h>
#include <stdint.h>
#include <string.h>
#include "daemon/entries/deleted_private.h"
#include "lib/logged.h"
#include "lib/note.h"
#include "require.h"

#define ID "20261120T073000Z-0"

static bool is_same(double a, double b)
{
    return isnan(a) ? isnan(b) : fabs(a - b) <= 1e-6 * fabs(a);
}

static void check_note(const char *text)
{
    char once[NOTE_TEXT_MAX], again[NOTE_TEXT_MAX];
    struct note note;

    note_parse(&note, text);
    require(note_is_valid(&note));
    note_format(&note, once);
    note_parse(&note, once);
    note_format(&note, again);
    require(strcmp(once, again) == 0);
}

static bool is_at_the_edge(const struct logged_run *run)
{
    return run->distance_m * 1.000001 >= LOGGED_SPEED_MAX * run->moving_s ||
           run->distance_m * 1.000001 >= LOGGED_DISTANCE_MAX ||
           run->moving_s * 1.000001 >= LOGGED_MOVING_MAX ||
           run->ascent_m * 1.000001 >= run->distance_m ||
           run->downhill_drop_m * 1.000001 >= run->distance_m;
}

static void check_logged(const char *text)
{
    char once[LOGGED_TEXT_MAX];
    struct logged_run run, again;

    if (!logged_parse(&run, ID, text))
        return;
    require(logged_is_possible(&run) && strcmp(run.id, ID) == 0);
    require(strchr(run.runner, '/') == NULL && run.runner[0] != '.' && run.runner[0] != '\0');
    logged_format(&run, once);
    if (!logged_parse(&again, ID, once)) { /* at the very edge nine digits may be beyond it */
        require(is_at_the_edge(&run));
        return;
    }
    require(again.day == run.day && again.start_usec == run.start_usec &&
            again.discarded_usec == run.discarded_usec && again.kind == run.kind);
    require(is_same(run.distance_m, again.distance_m) && is_same(run.moving_s, again.moving_s) &&
            is_same(run.ascent_m, again.ascent_m) &&
            is_same(run.downhill_drop_m, again.downhill_drop_m));
}

static void check_deleted(const char *text)
{
    char once[PAPER_TEXT_MAX];
    struct deleted_session session, again;

    if (!deleted_parse(&session, ID, text))
        return;
    require(session.at_usec >= 0 && session_state_name(session.was));
    require(strpbrk(session.runner, "/.") == NULL && strpbrk(session.file, "/.") == NULL);
    require(session.file[0] == '\0' || strlen(session.file) == STORE_HASH_MAX - 1);
    deleted_format(&session, once);
    require(deleted_parse(&again, ID, once));
    require(again.at_usec == session.at_usec && again.was == session.was &&
            again.by_hand == session.by_hand && strcmp(again.runner, session.runner) == 0 &&
            strcmp(again.file, session.file) == 0 && strcmp(again.reason, session.reason) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    char text[PAPER_TEXT_MAX];

    if (length == 0 || length > sizeof(text))
        return 0;
    for (size_t i = 1; i < length; i++) /* as paper.c reads them */
        text[i - 1] = bytes[i] ? (char)bytes[i] : '\x01';
    text[length - 1] = '\0';
    if (bytes[0] % 3 == 0)
        check_note(text);
    else if (bytes[0] % 3 == 1)
        check_logged(text);
    else
        check_deleted(text);
    return 0;
}
