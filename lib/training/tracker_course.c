/* SPDX-License-Identifier: MIT */
#include "lib/training/tracker_course.h"

#include <string.h>
#include "lib/training/tracker_shared.h"

/* The time before: packets of the sensors that are this session's, as old as may matter. */
static void emit_preroll(struct tracker *tracker, size_t slot, uint64_t since_usec)
{
    bool theirs[CONF_SENSORS_MAX] = { 0 };

    for (size_t i = 0; i < tracker->conf->n_sensors; i++)
        theirs[i] = tracker_slot_of_sensor(tracker, i) == slot;
    tracker_emit_past(tracker, slot, since_usec, theirs);
}

size_t tracker_open(struct tracker *tracker, uint64_t now_usec, size_t runner, size_t shared,
                    uint64_t begin_usec, const char *why)
{
    size_t slot = tracker_take_slot(tracker, runner, shared);
    struct record begin = { .type = RECORD_BEGIN, .t_usec = begin_usec };
    uint64_t preroll = now_usec > TRACKER_PREROLL_USEC ? now_usec - TRACKER_PREROLL_USEC : 0;

    if (slot == TRACKER_NONE)
        return slot;
    tracker->output->opened(tracker->userdata, slot);
    tracker_emit_axis(tracker, slot, now_usec);
    tracker_emit_runner(tracker, slot, runner);
    strncpy(begin.end.why, why, sizeof(begin.end.why) - 1);
    tracker_emit(tracker, slot, &begin);
    emit_preroll(tracker, slot, begin_usec < preroll ? begin_usec : preroll);
    tracker->slots[slot].shown = session_state(&tracker->slots[slot].session);
    tracker->output->changed(tracker->userdata, slot);
    return slot;
}

/* Also the sensors, of which a shared one will be nobody's, and one may be given to another runner. What
 * they tell next may be of the time since the packet before, and until the stop that was counted. */
static void hold(struct tracker *tracker, size_t slot, uint64_t t_usec)
{
    size_t runner = tracker->slots[slot].runner;

    for (size_t i = 0; i < tracker->conf->n_sensors; i++)
        if (tracker_slot_of_sensor(tracker, i) == slot) {
            tracker_hold_sensor(tracker, i, runner, t_usec);
            if (tracker->sensors[i].counted_usec < t_usec)
                tracker->sensors[i].counted_usec = t_usec;
        }
    if (runner != TRACKER_NONE)
        tracker_hold_runner(tracker, runner, t_usec);
}

/* The idle minutes that ended it are no part of it: what was said in them may still be of another. But
 * who moved in them and was not heard begins anew: by steps as old as this session the next would be
 * as idle, and so each second. */
static void uncount_idle(struct tracker *tracker, size_t slot)
{
    uint64_t ended_usec = session_ended(&tracker->slots[slot].session);

    for (size_t i = 0; i < tracker->conf->n_sensors; i++)
        if (tracker_slot_of_sensor(tracker, i) == slot) {
            if (tracker->sensors[i].counted_usec > ended_usec)
                tracker->sensors[i].counted_usec = ended_usec;
            tracker->sensors[i].steps.on = false;
        }
}

void tracker_close(struct tracker *tracker, size_t slot, uint64_t t_usec, enum record_end how,
                   const char *why)
{
    struct record record = { .type = RECORD_END, .t_usec = t_usec, .end = { .how = how } };
    size_t runner = tracker->slots[slot].runner;

    strncpy(record.end.why, why, sizeof(record.end.why) - 1);
    tracker_emit(tracker, slot, &record);
    if (runner != TRACKER_NONE) {
        tracker->runners[runner].hold.on = tracker->runners[runner].effort_spent = false;
        tracker->runners[runner].ended_usec = session_ended(&tracker->slots[slot].session);
    }
    if (how != RECORD_END_IDLE)
        hold(tracker, slot, t_usec);
    else
        uncount_idle(tracker, slot);
    tracker_shared_closed(tracker, slot);
    tracker->output->closed(tracker->userdata, slot);
    tracker_free_slot(tracker, slot);
}
