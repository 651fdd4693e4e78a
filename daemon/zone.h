/* SPDX-License-Identifier: MIT */
#pragma once
/* A time zone of this machine's zone database, loaded by name. */
#include "lib/tz.h"

struct zone;

enum zone_result {
    ZONE_OK,
    ZONE_E_NAME,    /* not a name such as Europe/Berlin */
    ZONE_E_UNKNOWN, /* the machine has no zone of this name */
    ZONE_E_BROKEN,  /* its file cannot be used */
};

/* "" is the machine's own zone: /etc/localtime, or UTC where there is none. Also < 0: -errno; other
 * than ZONE_OK leaves *ret alone. */
int zone_load(struct zone **ret, const char *name);
/* UTC, for when the one that was asked for is not to be had. -ENOMEM. */
int zone_new_utc(struct zone **ret);
struct zone *zone_free(struct zone *zone);
static inline void zone_freep(struct zone **zone)
{
    zone_free(*zone);
}

const struct tz *zone_tz(const struct zone *zone);
