/* SPDX-License-Identifier: MIT */
/*
 * Whose is the belt? A treadmill in a hall with two runners belongs to whoever is on it, and nobody
 * tells. What tells is that the runner's own pod or strap streams at the same time. Nothing must be
 * counted for the wrong one, so the belt first has a session of its own, and two minutes after it
 * started the one candidate, if there is exactly one, gets all of it from its start.
 *
 * A barometer moves nobody and opens nothing, so it follows: what it says in the two minutes from its
 * first word in anybody's session goes to the one candidate, and all it says until that session ends.
 * With none or two it is nobody's until nobody runs any more; who is left over last is not the one who
 * carries it.
 */
#include "lib/training/tracker_shared.h"

void tracker_shared_opened(struct tracker *tracker, size_t sensor, uint64_t since_usec)
{
    tracker->sensors[sensor].shared_since_usec = since_usec;
    tracker->sensors[sensor].undecided_until_usec = since_usec + TRACKER_SHARED_USEC;
}

static bool is_follower(const struct tracker *tracker, size_t sensor)
{
    enum gatt_kind kind = tracker->sensors[sensor].stream.kind;

    return kind != GATT_KIND_NONE && kind < GATT_KIND_POD;
}

/* Somebody but this slot's runner has a session; TRACKER_NONE: anybody. */
static bool somebody_runs(const struct tracker *tracker, size_t but)
{
    for (size_t i = 0; i < tracker->n_slots; i++)
        if (i != but && tracker->slots[i].used && tracker->slots[i].runner != TRACKER_NONE)
            return true;
    return false;
}

void tracker_shared_spoke(struct tracker *tracker, size_t sensor, uint64_t now_usec)
{
    const struct tracked_sensor *s = &tracker->sensors[sensor];

    if (tracker_is_shared(tracker, sensor) && s->owner == TRACKER_NONE && !s->shared_since_usec &&
        is_follower(tracker, sensor) && somebody_runs(tracker, TRACKER_NONE))
        tracker_shared_opened(tracker, sensor, now_usec);
}

/* The latest word of any of the runner's own sensors. */
static uint64_t own_spoke_usec(const struct tracker *tracker, size_t runner)
{
    uint64_t latest = 0;

    for (size_t i = 0; i < tracker->conf->n_sensors; i++)
        if (!tracker_is_shared(tracker, i) && tracker_owner(tracker, i) == runner &&
            tracker->sensors[i].spoke_usec > latest)
            latest = tracker->sensors[i].spoke_usec;
    return latest;
}

/* A runner who has a belt already is not on this one too. */
static bool has_a_belt(const struct tracker *tracker, size_t runner, size_t but)
{
    for (size_t i = 0; i < tracker->conf->n_sensors; i++)
        if (i != but && tracker_is_shared(tracker, i) && !is_follower(tracker, i) &&
            tracker->sensors[i].owner == runner)
            return true;
    return false;
}

static size_t the_one_candidate(const struct tracker *tracker, size_t sensor)
{
    uint64_t since = tracker->sensors[sensor].shared_since_usec;
    size_t found = TRACKER_NONE;

    since = since > TRACKER_STREAM_USEC ? since - TRACKER_STREAM_USEC : 0;
    for (size_t i = 0; i < tracker->conf->n_runners; i++) {
        uint64_t spoke = own_spoke_usec(tracker, i);

        if (!spoke || spoke < since ||
            (!is_follower(tracker, sensor) && has_a_belt(tracker, i, sensor)))
            continue;
        if (found != TRACKER_NONE)
            return TRACKER_NONE; /* two: a person must say */
        found = i;
    }
    return found;
}

/* The belt's own session becomes the runner's; what the runner's sensors said since its start is
 * recorded late and everything computed again in order. */
static void adopt(struct tracker *tracker, size_t slot, size_t sensor, size_t runner)
{
    bool theirs[CONF_SENSORS_MAX] = { 0 };

    tracker_emit_runner(tracker, slot, runner);
    for (size_t i = 0; i < tracker->conf->n_sensors; i++)
        theirs[i] = i != sensor && tracker_owner(tracker, i) == runner;
    tracker_emit_past(tracker, slot, tracker->sensors[sensor].shared_since_usec, theirs);
    tracker->slots[slot].shared = TRACKER_NONE;
    tracker->output->reordered(tracker->userdata, slot);
    tracker->output->changed(tracker->userdata, slot);
}

static bool merge(struct tracker *tracker, size_t slot, size_t into)
{
    if (!tracker->output->merge(tracker->userdata, slot, into))
        return false;
    /* its recording has sensors now that it did not declare itself: the next gets a number behind */
    tracker_tie_numbers(tracker, into);
    tracker_untie_changed(tracker, into);
    tracker_free_slot(tracker, slot);
    tracker->output->changed(tracker->userdata, into);
    return true;
}

/* What it said meanwhile is recorded late, as above. */
static void follow(struct tracker *tracker, size_t sensor, size_t runner)
{
    uint64_t since = tracker->sensors[sensor].shared_since_usec;
    size_t into = tracker_slot_of_runner(tracker, runner);
    bool theirs[CONF_SENSORS_MAX] = { 0 };

    if (into == TRACKER_NONE)
        return;
    tracker->sensors[sensor].owner = runner;
    theirs[sensor] = true;
    tracker_emit_past(tracker, into, since, theirs);
    tracker->output->reordered(tracker->userdata, into);
    tracker->output->changed(tracker->userdata, into);
}

static bool give(struct tracker *tracker, size_t slot, size_t sensor, size_t runner)
{
    size_t into = tracker_slot_of_runner(tracker, runner);

    if (into != TRACKER_NONE)
        return merge(tracker, slot, into);
    adopt(tracker, slot, sensor, runner);
    return true;
}

/* The session of a belt that nothing but that belt claims. Refused, both stay what they were. */
static bool give_shared(struct tracker *tracker, size_t slot, size_t sensor, size_t runner)
{
    tracker->sensors[sensor].undecided_until_usec = 0;
    tracker->sensors[sensor].owner = runner;
    if (give(tracker, slot, sensor, runner))
        return true;
    tracker->sensors[sensor].owner = TRACKER_NONE;
    return false;
}

/* What the belt said until a session of theirs was told to stop counts there, by their own sensors: they
 * may have been on it and are the one candidate, but a person must say. */
static bool has_stopped_since(const struct tracker *tracker, size_t sensor, size_t runner)
{
    return tracker->runners[runner].ended_usec > tracker->sensors[sensor].shared_since_usec;
}

static void decide(struct tracker *tracker, size_t sensor)
{
    size_t slot = tracker_slot_of_sensor(tracker, sensor);
    size_t runner = the_one_candidate(tracker, sensor);

    tracker->sensors[sensor].undecided_until_usec = 0;
    if (runner == TRACKER_NONE)
        return;
    if (is_follower(tracker, sensor))
        follow(tracker, sensor, runner);
    else if (slot != TRACKER_NONE && !has_stopped_since(tracker, sensor, runner))
        /* refused, it is nobody's until a person says whose */
        (void)give_shared(tracker, slot, sensor, runner);
}

enum tracker_result tracker_give(struct tracker *tracker, size_t slot, size_t runner)
{
    size_t sensor = tracker->slots[slot].shared;

    if (tracker->slots[slot].runner != TRACKER_NONE)
        return TRACKER_E_ALREADY;
    if (sensor == TRACKER_NONE || has_a_belt(tracker, runner, sensor))
        return TRACKER_E_NONE;
    return give_shared(tracker, slot, sensor, runner) ? TRACKER_OK : TRACKER_E_REFUSED;
}

/* A configuration that was changed meanwhile says whose the belt is: what is open on it is theirs. If that
 * is refused, what the belt says from now on is, and what it said is a session of nobody's that ends. */
static void give_what_was_claimed(struct tracker *tracker)
{
    for (size_t i = 0; i < tracker->n_slots; i++) {
        size_t sensor = tracker->slots[i].shared;

        if (!tracker->slots[i].used || tracker->slots[i].runner != TRACKER_NONE ||
            sensor == TRACKER_NONE || tracker_is_shared(tracker, sensor))
            continue;
        tracker->sensors[sensor].undecided_until_usec = 0;
        if (!give(tracker, i, sensor, tracker_owner(tracker, sensor)))
            tracker->slots[i].shared = TRACKER_NONE;
    }
}

void tracker_shared_tick(struct tracker *tracker, uint64_t now_usec)
{
    give_what_was_claimed(tracker);
    for (size_t i = 0; i < tracker->conf->n_sensors; i++) {
        uint64_t until = tracker->sensors[i].undecided_until_usec;

        if (until && now_usec >= until)
            decide(tracker, i);
    }
}

void tracker_shared_closed(struct tracker *tracker, size_t slot)
{
    const struct slot *s = &tracker->slots[slot];
    bool runs_on = tracker_other_of_runner(tracker, slot, s->runner) != TRACKER_NONE;

    for (size_t i = 0; i < tracker->conf->n_sensors; i++) {
        struct tracked_sensor *sensor = &tracker->sensors[i];

        if (s->runner != TRACKER_NONE && sensor->owner == s->runner && !runs_on)
            sensor->owner = TRACKER_NONE;
        if (s->shared == i)
            sensor->undecided_until_usec = 0;
        if (is_follower(tracker, i) && !somebody_runs(tracker, slot))
            sensor->undecided_until_usec = sensor->shared_since_usec = 0;
    }
}
