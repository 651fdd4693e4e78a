/* SPDX-License-Identifier: MIT */
/* Who runs with whom: what one sensor does decides whether another one is wanted. */
#include "daemon/sensors/set.h"

size_t sensors_place_of(int runner)
{
    return runner >= 0 && runner < CONF_RUNNERS_MAX ? (size_t)runner : CONF_RUNNERS_MAX;
}

static unsigned count_links(const struct sensors *sensors)
{
    const struct bluez_device *device;
    size_t state = 0;
    unsigned n = 0;
    while ((device = bluez_next(sensors->bluez, &state)))
        n += device->connected;
    return n;
}

static void look_at_stream(const struct link *link, struct house *house, uint64_t now_usec)
{
    enum gatt_kind kind = sensor_kind(link->machine.services);
    uint64_t moved_usec = link->machine.moved_usec;
    if (kind == GATT_KIND_POD)
        house->any_pod = house->pod_streams[sensors_place_of(link->runner)] = true;
    if (kind != GATT_KIND_BELT || moved_usec == 0 || now_usec - moved_usec >= MOVING_USEC)
        return;
    house->any_belt = house->belt_moves[sensors_place_of(link->runner)] = true;
    if (moved_usec + MOVING_USEC < house->belt_until_usec)
        house->belt_until_usec = moved_usec + MOVING_USEC;
}

static void look_at_runner(const struct tracked *runner, struct house *house)
{
    house->any_open |= runner->open;
    house->any_asked |= runner->asked;
    if (runner->motion_usec > house->any_motion_usec)
        house->any_motion_usec = runner->motion_usec;
    if (runner->end_usec > house->any_end_usec)
        house->any_end_usec = runner->end_usec;
}

void sensors_look_around(const struct sensors *sensors, struct house *house, uint64_t now_usec)
{
    *house = (struct house){ .belt_until_usec = CLOCK_NEVER,
                             .any_motion_usec = sensors->shared_motion_usec,
                             .links = count_links(sensors) };
    for (size_t i = 0; i < sensors->n_links; i++)
        if (sensors->links[i]->machine.state == SENSOR_STREAMING)
            look_at_stream(sensors->links[i], house, now_usec);
    for (size_t i = 0; i < CONF_RUNNERS_MAX; i++)
        look_at_runner(&sensors->runners[i], house);
}

struct sensor_company sensors_company_of(const struct sensors *sensors, const struct house *house,
                                         const struct link *link)
{
    size_t place = sensors_place_of(link->runner);
    if (place == CONF_RUNNERS_MAX) /* shared: anybody's run is its run */
        return (struct sensor_company){ .session_open = house->any_open,
                                        .session_asked = house->any_asked,
                                        .mover_streams = house->any_pod || house->any_belt,
                                        .motion_usec = house->any_motion_usec,
                                        .session_end_usec = house->any_end_usec,
                                        .links = house->links };
    uint64_t motion_usec = sensors->runners[place].motion_usec;
    bool mover = house->pod_streams[place] || house->belt_moves[place] ||
                 house->belt_moves[CONF_RUNNERS_MAX];
    return (struct sensor_company){ .session_open = sensors->runners[place].open,
                                    .session_asked = sensors->runners[place].asked,
                                    .mover_streams = mover,
                                    .motion_usec = motion_usec > sensors->shared_motion_usec
                                                       ? motion_usec
                                                       : sensors->shared_motion_usec,
                                    .session_end_usec = sensors->runners[place].end_usec,
                                    .links = house->links };
}
