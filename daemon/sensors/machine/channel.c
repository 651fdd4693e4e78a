/* SPDX-License-Identifier: MIT */
#include "daemon/sensors/machine/channel.h"

#include <stdio.h>
#include "daemon/util.h"
#include "lib/gatt/gatt.h"

#define SECOND        UINT64_C(1000000)
#define OTHERS_SILENT 5 /* packets: after a gap in the radio, they do not all begin at once */
#define WELL_USEC     (60 * SECOND)
#define SAME_USEC     (SECOND / 2) /* the parts of a split record, and what they said together */

/* After the last of them we go on listening, and ask no more. */
static const uint64_t pauses_usec[] = { SECOND, 4 * SECOND, 16 * SECOND, 60 * SECOND, 60 * SECOND };

enum voice {
    STEADY,    /* speaks each second or so */
    OF_MOTION, /* may hold its breath while nobody moves */
    OF_CHANGE, /* may speak when it has something new: the air of a room stands still for hours */
};

static const struct {
    uint16_t uuid;
    const char *name;
    enum voice voice;
} kinds[CHANNELS_MAX] = {
    { GATT_HEART_RATE_MEASUREMENT, "heart rate", STEADY },
    { GATT_RSC_MEASUREMENT, "cadence", OF_MOTION },
    { GATT_TREADMILL_DATA, "belt speed", OF_MOTION },
    { GATT_CYCLING_POWER_MEASUREMENT, "power", OF_MOTION },
    { GATT_LOCATION_AND_SPEED, "location", STEADY },
    { GATT_PRESSURE, "air pressure", OF_CHANGE },
    { GATT_ELEVATION, "height", OF_CHANGE },
    { GATT_TEMPERATURE, "temperature", OF_CHANGE },
};

static size_t kind_of(uint16_t uuid)
{
    size_t k = 0;
    while (k < CHANNELS_MAX && kinds[k].uuid != uuid)
        k++;
    return k;
}

void channels_reset(struct channels *channels)
{
    channels->n = 0;
}

/* NULL: no measurement. */
static struct channel *channel_get(struct channels *channels, uint16_t uuid)
{
    if (kind_of(uuid) == CHANNELS_MAX)
        return NULL;
    for (size_t i = 0; i < channels->n; i++)
        if (channels->list[i].uuid == uuid)
            return &channels->list[i];
    struct channel *c = &channels->list[channels->n++];
    *c = (struct channel){ .uuid = uuid, .renew_usec = CHANNEL_NEVER };
    return c;
}

/* What mends it may be our renewal alone, so they stay counted for a while. */
static void be_well(struct channel *c, uint64_t now_usec)
{
    if (c->trouble != CHANNEL_WELL)
        c->mended_usec = now_usec;
    else if (now_usec - c->mended_usec >= WELL_USEC)
        c->renewals = 0;
    c->trouble = CHANNEL_WELL;
    c->renew_usec = CHANNEL_NEVER;
}

static void plan_renewal(struct channel *c, uint64_t now_usec)
{
    c->renew_usec =
        c->renewals < ELEMENTSOF(pauses_usec) ? now_usec + pauses_usec[c->renewals] : CHANNEL_NEVER;
}

void channels_accepted(struct channels *channels, uint16_t uuid, uint64_t now_usec)
{
    struct channel *c = channel_get(channels, uuid);
    if (!c || c->trouble == CHANNEL_WELL)
        return;
    if (c->spoke_usec == 0) {
        be_well(c, now_usec);
        return;
    }
    c->trouble = CHANNEL_SILENT;
    plan_renewal(c, now_usec);
}

void channels_refused(struct channels *channels, uint16_t uuid, uint64_t now_usec)
{
    struct channel *c = channel_get(channels, uuid);
    if (!c)
        return;
    c->trouble = CHANNEL_REFUSED;
    plan_renewal(c, now_usec);
}

void channels_spoke(struct channels *channels, uint16_t uuid, uint64_t now_usec)
{
    struct channel *spoke = channel_get(channels, uuid);
    if (!spoke)
        return;
    for (size_t i = 0; i < channels->n; i++)
        channels->list[i].others++;
    spoke->others = 0;
    spoke->spoke_usec = now_usec;
    be_well(spoke, now_usec);
}

bool channels_have_spoken(const struct channels *channels)
{
    for (size_t i = 0; i < channels->n; i++)
        if (channels->list[i].spoke_usec != 0)
            return true;
    return false;
}

static bool owes(const struct channel *c, uint64_t moved_usec)
{
    enum voice voice = kinds[kind_of(c->uuid)].voice;
    bool moved = moved_usec != 0 && moved_usec + SAME_USEC >= c->spoke_usec;
    return c->trouble == CHANNEL_WELL && c->spoke_usec != 0 && voice != OF_CHANGE &&
           (moved || voice == STEADY);
}

static bool fell_silent(const struct channel *c, uint64_t moved_usec, uint64_t now_usec)
{
    return owes(c, moved_usec) && c->others >= OTHERS_SILENT &&
           now_usec - c->spoke_usec >= CHANNEL_SILENT_USEC;
}

void channels_check(struct channels *channels, uint64_t moved_usec, uint64_t now_usec)
{
    for (size_t i = 0; i < channels->n; i++) {
        struct channel *c = &channels->list[i];
        if (!fell_silent(c, moved_usec, now_usec))
            continue;
        c->trouble = CHANNEL_SILENT;
        plan_renewal(c, now_usec);
    }
}

size_t channels_take_renewals(struct channels *channels, uint64_t now_usec,
                              uint16_t ret[CHANNELS_MAX])
{
    size_t n = 0;
    for (size_t i = 0; i < channels->n; i++) {
        struct channel *c = &channels->list[i];
        if (c->renew_usec > now_usec)
            continue;
        c->renewals++;
        c->renew_usec = CHANNEL_NEVER; /* until it is answered */
        ret[n++] = c->uuid;
    }
    return n;
}

uint64_t channels_deadline(const struct channels *channels, uint64_t moved_usec, uint64_t now_usec)
{
    uint64_t first = CHANNEL_NEVER;
    for (size_t i = 0; i < channels->n; i++) {
        const struct channel *c = &channels->list[i];
        uint64_t at = c->renew_usec, silent_usec = c->spoke_usec + CHANNEL_SILENT_USEC;
        if (owes(c, moved_usec) && silent_usec > now_usec)
            at = silent_usec;
        else if (fell_silent(c, moved_usec, now_usec))
            at = now_usec;
        first = at < first ? at : first;
    }
    return first;
}

bool channels_missing(const struct channels *channels, char *ret, size_t size)
{
    size_t length = 0;
    for (size_t i = 0; i < channels->n && length < size; i++)
        if (channels->list[i].trouble != CHANNEL_WELL)
            length +=
                (size_t)snprintf(ret + length, size - length, "%sno %s", length > 0 ? " and " : "",
                                 kinds[kind_of(channels->list[i].uuid)].name);
    if (length > 0 && length < size)
        snprintf(ret + length, size - length, " from it");
    return length > 0;
}
