/* SPDX-License-Identifier: MIT */
/* How a session was, as its runner says: of any, open or over, and of the latest where none is named. */
#include "daemon/corrections/private.h"

#include <string.h>
#include "daemon/clock.h"

static void on_noted(void *userdata, int result, const struct note *note)
{
    struct request *request = userdata;

    if (result < 0)
        correction_refuse(request, "unavailable", NULL, "It could not be stored",
                          store_why(request->corrections->parts.store, result));
    else
        correction_say_noted(request, note);
    correction_end(request);
}

void correction_note(struct request *request, const char *id, const char *runner)
{
    const struct correction *what = &request->what;
    int r;

    if (what->runner[0] && strcmp(what->runner, runner) != 0) {
        correction_refuse_anothers(request);
        return;
    }
    memmove(request->row.session.id, id, strlen(id) + 1); /* of that row, maybe */
    r = notes_change(request->corrections->parts.notes, request->row.session.id, &what->note,
                     what->parts, on_noted, request);
    if (r < 0)
        on_noted(request, r, NULL);
}

/* The one they have open, or that ended and waits; else what is stored says it. */
static bool find_in_hand(const struct request *request, char ret[SESSION_ID_MAX])
{
    const struct corrections_parts *parts = &request->corrections->parts;
    size_t runner = conf_find_runner(parts->conf, request->what.runner);
    size_t slot = runner < parts->conf->n_runners ? sessions_slot_of_runner(parts->sessions, runner)
                                                  : TRACKER_NONE;
    struct payload_session session;

    if ((slot == TRACKER_NONE ||
         !sessions_summary(parts->sessions, slot, clock_now_usec(), &session)) &&
        (!sessions_last(parts->sessions, request->what.runner, &session) ||
         session.state == SESSION_DISCARDED || !sessions_has_in_hand(parts->sessions, session.id)))
        return false;
    memcpy(ret, session.id, SESSION_ID_MAX);
    return true;
}

int correction_note_latest(struct request *request, store_found found)
{
    char id[SESSION_ID_MAX];

    if (!find_in_hand(request, id))
        return store_find_latest(request->corrections->parts.store, request->what.runner, found,
                                 request);
    correction_note(request, id, request->what.runner);
    return 0;
}

void correction_note_in_hand(struct request *request)
{
    char runner[CONF_ID_MAX];

    sessions_whose_in_hand(request->corrections->parts.sessions, request->what.id, runner);
    correction_note(request, request->what.id, runner);
}
