/* SPDX-License-Identifier: MIT */
/*
 * A reloaded configuration: sensors and runners are found again by name, under whatever index they
 * have now, and sessions go on.
 */
#include <string.h>
#include "lib/training/tracker_slot.h"

static size_t find_sensor(const struct conf *conf, const struct conf_sensor *like)
{
    size_t i = conf_find_same_sensor(conf, like->name, like->address);

    return i < conf->n_sensors ? i : TRACKER_NONE;
}

/* It is decided anew, and who knows what its steps were. */
static bool gives_up_its_unit(const struct conf_sensor *from, const struct conf_sensor *to)
{
    return from->cadence_unit != CONF_CADENCE_AUTO && to->cadence_unit == CONF_CADENCE_AUTO;
}

/* The sensors are those of the new configuration already. */
static void remap_slot(const struct tracker *tracker, struct slot *slot, const struct conf *from,
                       const struct conf *to)
{
    int number[CONF_SENSORS_MAX];

    memcpy(number, slot->number, sizeof(number));
    for (size_t i = 0; i < CONF_SENSORS_MAX; i++)
        slot->number[i] = -1;
    for (size_t i = 0; i < from->n_sensors; i++) {
        size_t there = find_sensor(to, &from->sensors[i]);

        if (there != TRACKER_NONE && !gives_up_its_unit(&from->sensors[i], &to->sensors[there]) &&
            tracker_goes_on(slot, number[i], to, there, &tracker->sensors[there].stream))
            slot->number[there] = number[i];
    }
    /* by what was recorded: the runner may have been gone for a reload, and be back */
    slot->runner = tracker_find_runner(to, slot->session.runner.id);
    if (slot->shared != TRACKER_NONE)
        slot->shared = find_sensor(to, &from->sensors[slot->shared]);
}

static size_t remap_runner(size_t runner, const struct conf *from, const struct conf *to)
{
    return runner == TRACKER_NONE ? TRACKER_NONE
                                  : tracker_find_runner(to, from->runners[runner].id);
}

/* The owner that a shared sensor was found to have lives on under the runner's new index; one that had
 * its runner by the configuration, and is shared now, is still theirs while their session goes on. */
static size_t remap_owner(const struct tracker *tracker, size_t sensor, const struct conf *from,
                          const struct conf *to)
{
    size_t owner = tracker->spare[sensor].owner;

    if (from->sensors[sensor].runner >= 0)
        owner = (size_t)from->sensors[sensor].runner;
    if (owner == TRACKER_NONE || tracker_slot_of_runner(tracker, owner) == TRACKER_NONE)
        return TRACKER_NONE;
    return remap_runner(owner, from, to);
}

static void remap_sensors(struct tracker *tracker, const struct conf *from, const struct conf *to)
{
    memcpy(tracker->spare, tracker->sensors, sizeof(tracker->spare));
    for (size_t i = 0; i < to->n_sensors; i++) {
        struct tracked_sensor *s = &tracker->sensors[i];
        size_t was = find_sensor(from, &to->sensors[i]);

        if (was == TRACKER_NONE) {
            tracker_init_sensor(s, &to->sensors[i]);
            continue;
        }
        *s = tracker->spare[was];
        stream_set_conf(&s->stream, &to->sensors[i]);
        s->held_of = remap_runner(s->held_of, from, to);
        s->owner = to->sensors[i].runner < 0 ? remap_owner(tracker, was, from, to) : TRACKER_NONE;
    }
}

/* Who has just begun to run, or whose belt is looked for, needs the packets from before the reload. */
static void renumber_ring(struct tracker *tracker, const struct conf *from, const struct conf *to)
{
    size_t there[CONF_SENSORS_MAX];

    for (size_t i = 0; i < from->n_sensors; i++) {
        size_t found = find_sensor(to, &from->sensors[i]);

        there[i] = found == TRACKER_NONE ? RING_NO_SENSOR : found;
    }
    ring_renumber(&tracker->ring, there, from->n_sensors, to->n_sensors);
}

/* That somebody was told to stop, and when their last session ended, holds whatever the order. */
static void remap_runners(struct tracker *tracker, const struct conf *from, const struct conf *to)
{
    struct tracked_runner was[CONF_RUNNERS_MAX];

    memcpy(was, tracker->runners, sizeof(was));
    for (size_t i = 0; i < CONF_RUNNERS_MAX; i++)
        tracker->runners[i] = (struct tracked_runner){ 0 };
    for (size_t i = 0; i < from->n_runners; i++) {
        size_t there = tracker_find_runner(to, from->runners[i].id);

        if (there != TRACKER_NONE)
            tracker->runners[there] = was[i];
    }
}

void tracker_set_conf(struct tracker *tracker, const struct conf *conf)
{
    const struct conf *from = tracker->conf;

    remap_sensors(tracker, from, conf);
    for (size_t i = 0; i < TRACKER_SLOTS_MAX; i++)
        if (tracker->slots[i].used)
            remap_slot(tracker, &tracker->slots[i], from, conf);
    remap_runners(tracker, from, conf);
    renumber_ring(tracker, from, conf);
    tracker->conf = conf;
}
