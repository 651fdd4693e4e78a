/* SPDX-License-Identifier: MIT */
/*
 * The figures of the hills that hold: a filter that looks ahead as well needs to know what came, so at
 * the end of a session its recording is read once more. Where that cannot be done (a disk that failed)
 * those that were shown live stand.
 */
#include "daemon/sessions/private.h"

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
                       struct store_session *row)
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
    sessions_keep_level(sessions, &row->session, &final->ground.terrain.effort.level);
}
