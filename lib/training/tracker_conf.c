/* SPDX-License-Identifier: MIT */
/*
 * A reloaded configuration: sensors and runners are found again by name, under whatever index they
 * have now, and sessions go on.
 */
#include <string.h>
#include "lib/training/tracker_slot.h"

static size_t find_sensor(const struct conf *conf, const struct conf_sensor *like)
{
    for (size_t i = 0; i < conf->n_sensors; i++)
        if (strcmp(conf->sensors[i].name, like->name) == 0 &&
            strcmp(conf->sensors[i].address, like->address) == 0)
            return i;
    return TRACKER_NONE;
}

static size_t find_runner(const struct conf *conf, const char *id)
{
    for (size_t i = 0; i < conf->n_runners; i++)
        if (strcmp(conf->runners[i].id, id) == 0)
            return i;
    return TRACKER_NONE;
}

static void remap_slot(struct slot *slot, const struct conf *from, const struct conf *to)
{
    int number[CONF_SENSORS_MAX];

    memcpy(number, slot->number, sizeof(number));
    for (size_t i = 0; i < CONF_SENSORS_MAX; i++)
        slot->number[i] = -1;
    for (size_t i = 0; i < from->n_sensors; i++) {
        size_t there = find_sensor(to, &from->sensors[i]);

        if (there != TRACKER_NONE)
            slot->number[there] = number[i];
    }
    if (slot->runner != TRACKER_NONE)
        slot->runner = find_runner(to, from->runners[slot->runner].id);
    if (slot->shared != TRACKER_NONE)
        slot->shared = find_sensor(to, &from->sensors[slot->shared]);
}

/* The owner that a shared sensor was found to have lives on under the runner's new index. */
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
        if (s->owner != TRACKER_NONE)
            s->owner = find_runner(to, from->runners[s->owner].id);
    }
}

void tracker_set_conf(struct tracker *tracker, const struct conf *conf)
{
    const struct conf *from = tracker->conf;

    remap_sensors(tracker, from, conf);
    for (size_t i = 0; i < TRACKER_SLOTS_MAX; i++)
        if (tracker->slots[i].used)
            remap_slot(&tracker->slots[i], from, conf);
    for (size_t i = 0; i < CONF_RUNNERS_MAX; i++)
        tracker->runners[i] = (struct tracked_runner){ 0 };
    /* the ring speaks in old indexes: what it holds is half a minute at most */
    tracker->ring.used = 0;
    tracker->conf = conf;
}
