/* SPDX-License-Identifier: MIT */
/* Finding one of the set, by its device or by the cookie of a call, and waking the round. */
#include "daemon/sensors/set.h"

#include <string.h>

void sensors_wake(struct sensors *sensors, uint64_t at_usec)
{
    if (at_usec >= sensors->armed_usec)
        return;
    sensors->armed_usec = at_usec;
    clock_timer_set(sensors->timer, at_usec);
}

struct link *link_of(struct sensors *sensors, struct bluez_device *device)
{
    for (size_t i = 0; !device->owner && i < sensors->n_links; i++)
        if (strcmp(sensors->links[i]->address, device->address) == 0)
            device->owner = sensors->links[i];
    return device->owner;
}

/* cookie: id 24 bits, attempt 32 bits, row 8 bits */
uint64_t link_cookie(const struct link *link, size_t row)
{
    return (uint64_t)(link->id & 0xFFFFFF) << 40 | (uint64_t)link->attempt << 8 | (row & 0xFF);
}

struct link *link_of_cookie(struct sensors *sensors, uint64_t cookie)
{
    for (size_t i = 0; i < sensors->n_links; i++)
        if ((sensors->links[i]->id & 0xFFFFFF) == cookie >> 40)
            return sensors->links[i];
    return NULL;
}

struct link *link_of_attempt(struct sensors *sensors, uint64_t cookie)
{
    struct link *link = link_of_cookie(sensors, cookie);
    return link && link->attempt == (uint32_t)(cookie >> 8) ? link : NULL;
}
