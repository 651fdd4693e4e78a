/* SPDX-License-Identifier: MIT */
/*
 * The figures of the hills that hold: a filter that looks ahead as well needs to know what came, so at
 * the end of a session its recording is read once more. Where that cannot be done (a disk that failed)
 * those that were shown live stand.
 */
#include "daemon/sessions/private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include "daemon/log.h"

static struct session *replay(const struct recovered *recovered)
{
    struct session *final = malloc(sizeof(*final));
    struct record record;

    if (!final)
        return NULL;
    session_init_final(final);
    for (size_t i = 0; i < recovered->n; i++) {
        recovered_get(recovered, i, &record);
        session_apply(final, &record);
    }
    return final;
}

void sessions_finalise(struct sessions *sessions, size_t slot, uint64_t now_usec,
                       struct store_session *row, struct level *ret_level)
{
    _cleanup_(recovered_done) struct recovered recovered = { 0 };
    _cleanup_free_ struct session *final = NULL;
    struct payload_session summary;
    int r = sessions_read_recording(sessions, sessions->kept[slot].id, &recovered);

    if (r < 0) {
        log_warning_errno(r, "session %s: its hills stay as they were shown live: %m",
                          sessions->kept[slot].id);
        return;
    }
    final = replay(&recovered);
    /* lines that a failing disk lost have taken its start or its end with them */
    if (!final || !final->begun || !final->over)
        return;
    session_summary(final, now_usec, &summary);
    row->session.hills = summary.hills;
    *ret_level = final->ground.terrain.effort.level;
}

int sessions_rework(struct sessions *sessions, const char *id, struct store_session *ret,
                    struct level *ret_level, struct session_local *ret_local)
{
    _cleanup_(recovered_done) struct recovered recovered = { 0 };
    _cleanup_free_ struct session *final = NULL;
    int r = sessions_read_recording(sessions, id, &recovered);

    if (r < 0)
        return log_warning_errno(r, "session %s: its recording cannot be read: %m", id);
    final = replay(&recovered);
    if (!final || !final->begun || !final->over)
        return final ? -ENODATA : -ENOMEM;
    store_session_init(ret);
    session_summary(final, final->now_usec, &ret->session);
    snprintf(ret->session.id, sizeof(ret->session.id), "%s", id);
    memcpy(ret->reason, final->why, sizeof(ret->reason));
    *ret_level = final->ground.terrain.effort.level;
    *ret_local = final->local;
    return 0;
}
