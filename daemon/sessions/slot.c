/* SPDX-License-Identifier: MIT */
/*
 * What stands beside a slot of the tracker: an id that nobody had before, a recording that grows,
 * and the summary of what it is so far.
 */
#include "daemon/sessions/private.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "daemon/clock.h"
#include "daemon/log.h"

size_t sessions_find_slot(const struct sessions *sessions, const char *id)
{
    for (size_t i = 0; i < TRACKER_SLOTS_MAX; i++)
        if (tracker_session(sessions->tracker, i) && strcmp(sessions->kept[i].id, id) == 0)
            return i;
    return TRACKER_NONE;
}

static bool is_taken(const struct sessions *sessions, const char *id)
{
    return recorder_has(sessions->parts.recorder, id) ||
           store_session_ended(sessions->parts.store, id);
}

/* Two of one second, or of one time told twice by a clock that was set back, are two. */
static void make_id(const struct sessions *sessions, size_t slot, char ret[SESSION_ID_MAX])
{
    time_t seconds = (time_t)(clock_wall_usec() / 1000000);
    struct tm utc;
    char when[32];

    if (timekeeper_state(sessions->parts.timekeeper) == CLOCK_UNSET)
        snprintf(when, sizeof(when), "boot%.8s-%" PRIu64, clock_boot_id(),
                 clock_now_usec() / 1000000);
    else
        strftime(when, sizeof(when), "%Y%m%dT%H%M%SZ", gmtime_r(&seconds, &utc));
    snprintf(ret, SESSION_ID_MAX, "%s-%zu", when, slot);
    for (unsigned again = 2; is_taken(sessions, ret) && again < 1000; again++)
        snprintf(ret, SESSION_ID_MAX, "%s-%zu.%u", when, slot, again);
}

void sessions_open_slot(struct sessions *sessions, size_t slot)
{
    struct kept *kept = &sessions->kept[slot];
    static const char header[] = RECORDING_HEADER "\n";

    *kept = (struct kept){ .runner = TRACKER_NONE };
    make_id(sessions, slot, kept->id);
    if (recorder_open(sessions->parts.recorder, kept->id, &kept->file) >= 0)
        recorder_append(kept->file, header, strlen(header));
}

static void append(struct recording_file *file, const struct record *record)
{
    char line[RECORDING_LINE_MAX];
    size_t length = recording_format(record, line, sizeof(line));

    if (length > 0 && recording_has_copies(line[0]))
        recorder_declare(file, line, length);
    else
        recorder_append(file, line, length);
}

void sessions_record(struct sessions *sessions, size_t slot, const struct record *record)
{
    if (sessions->kept[slot].file)
        append(sessions->kept[slot].file, record);
}

void sessions_record_late(struct sessions *sessions, const char *id, const struct record *records,
                          size_t n)
{
    struct recording_file *file;
    int r = recorder_has(sessions->parts.recorder, id)
                ? recorder_open(sessions->parts.recorder, id, &file)
                : -ENOENT;

    if (r < 0) {
        log_warning_errno(r, "Recording %s does not say what was said of it: %m", id);
        return;
    }
    for (size_t i = 0; i < n; i++)
        append(file, &records[i]);
    recorder_sync(file); /* before what is stored because of it; its last sync may be under way */
    recorder_close(file, NULL, NULL);
}

int sessions_read_recording(const struct sessions *sessions, const char *id, struct recovered *ret)
{
    char *text;
    size_t length;
    int r;

    r = recorder_read(sessions->parts.recorder, id, &text, &length);
    return r < 0 ? r : recovered_read(ret, text, length);
}

void sessions_summarise(const struct sessions *sessions, size_t slot, uint64_t now_usec,
                        struct store_session *ret)
{
    const struct session *session = tracker_session(sessions->tracker, slot);

    store_session_init(ret);
    session_summary(session, now_usec, &ret->session);
    memcpy(ret->session.id, sessions->kept[slot].id, sizeof(ret->session.id));
    sessions_date(sessions, &session->local, &ret->session, &ret->utc_offset_s);
    memcpy(ret->reason, session->why, sizeof(ret->reason));
}
