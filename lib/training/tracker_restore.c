/* SPDX-License-Identifier: MIT */
/*
 * After a crash, a power cut or a restart: the recordings that have no end are read back, and each
 * goes on or ends. Also after two recordings were put into one.
 */
#include "lib/training/tracker_private.h"

#include <string.h>

void tracker_restore_feed(struct tracker *tracker, size_t slot, const struct record *record)
{
    session_apply(&tracker->slots[slot].session, record);
}

void tracker_rebuild(struct tracker *tracker, size_t slot)
{
    session_init(&tracker->slots[slot].session);
}

/* The numbers of the file are tied to today's configuration by name and address. */
static void tie_sensors(struct tracker *tracker, struct slot *slot)
{
    slot->n_numbers = 0;
    for (int n = 0; n < RECORDING_SENSORS_MAX; n++) {
        const struct session_sensor *declared = &slot->session.sensors[n];

        if (!declared->declared)
            continue;
        slot->n_numbers = n + 1;
        for (size_t i = 0; i < tracker->conf->n_sensors; i++) {
            const struct conf_sensor *conf = &tracker->conf->sensors[i];

            if (strcmp(conf->name, declared->conf.name) != 0 ||
                strcmp(conf->address, declared->conf.address) != 0)
                continue;
            slot->number[i] = n;
            /* of a shared sensor: the session is its own, or its runner is found */
            if (!tracker_is_shared(tracker, i))
                continue;
            if (slot->session.runner.id[0])
                tracker->sensors[i].owner = slot->runner;
            else
                slot->shared = i;
        }
    }
}

static size_t runner_index(const struct tracker *tracker, const char *id)
{
    for (size_t i = 0; i < tracker->conf->n_runners; i++)
        if (id[0] && strcmp(tracker->conf->runners[i].id, id) == 0)
            return i;
    return TRACKER_NONE;
}

void tracker_restored(struct tracker *tracker, size_t slot, uint64_t now_usec)
{
    struct slot *s = &tracker->slots[slot];
    bool known_runner;

    s->runner = runner_index(tracker, s->session.runner.id);
    known_runner = s->runner != TRACKER_NONE || !s->session.runner.id[0];
    if (known_runner)
        tie_sensors(tracker, s);
    s->shown = session_state(&s->session);
    if (s->session.over) { /* ended, but its result was not stored any more */
        tracker->output->closed(tracker->userdata, slot, TRACKER_NONE);
        tracker_shared_closed(tracker, slot);
        tracker_free_slot(tracker, slot);
        return;
    }
    tracker_emit_axis(tracker, slot, now_usec);
    session_tick(&s->session, now_usec);
    if (!s->session.axis.known)
        tracker_close(tracker, slot, now_usec, RECORD_END_IDLE,
                      "restart, and no clock to tell how long");
    else if (!known_runner)
        tracker_close(tracker, slot, now_usec, RECORD_END_IDLE,
                      "its runner is not configured any more");
    else if (now_usec >= session_idle_at(&s->session))
        tracker_close(tracker, slot, now_usec, RECORD_END_IDLE, "ten idle minutes");
    else
        tracker->output->changed(tracker->userdata, slot);
}
