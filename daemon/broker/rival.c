/* SPDX-License-Identifier: MIT */
/*
 * Why so: two Pis set up from one configuration, or a Pi replaced while the old one still runs, give two
 * gateways one name. (A copied card gives them one machine id as well: twin.h.) Both publishing would mix
 * two halls' runs in one tree, and no one would notice for days. Staying off for ever would be worse
 * after a reinstallation, so silence decides.
 */
#include "daemon/broker/rival.h"
#include <stdio.h>
#include <string.h>

static bool set_state(struct rival *rival, enum rival_state state, uint64_t deadline_usec)
{
    bool changed = rival->state != state;
    rival->state = state;
    rival->deadline_usec = deadline_usec;
    return changed;
}

void rival_init(struct rival *rival, const char *machine)
{
    *rival = (struct rival){ .state = RIVAL_OFFLINE, .deadline_usec = RIVAL_NEVER };
    snprintf(rival->machine, sizeof(rival->machine), "%s", machine);
}

bool rival_connected(struct rival *rival, uint64_t now_usec)
{
    rival->other[0] = '\0';
    return set_state(rival, RIVAL_LISTENING, now_usec + RIVAL_LISTEN_USEC);
}

bool rival_disconnected(struct rival *rival)
{
    return set_state(rival, RIVAL_OFFLINE, RIVAL_NEVER);
}

static bool foreign_info(struct rival *rival, uint64_t now_usec)
{
    switch (rival->state) {
    case RIVAL_LISTENING:
        return set_state(rival, RIVAL_WATCHING, now_usec + RIVAL_WATCH_USEC);
    case RIVAL_ALONE:
    case RIVAL_TAKEN_OVER:
        if (strcmp(rival->other, rival->machine) < 0)
            return set_state(rival, RIVAL_PRESENT, now_usec + RIVAL_WATCH_USEC);
        return false; /* the other one yields, it goes by the same rule */
    case RIVAL_PRESENT:
        return set_state(rival, RIVAL_PRESENT, now_usec + RIVAL_WATCH_USEC);
    case RIVAL_WATCHING:
    case RIVAL_OFFLINE:
        return false;
    }
    return false;
}

bool rival_info(struct rival *rival, const char *machine, uint64_t now_usec)
{
    if (!machine[0] || rival->state == RIVAL_OFFLINE)
        return false;
    if (strcmp(machine, rival->machine) == 0)
        return rival->state == RIVAL_LISTENING ? set_state(rival, RIVAL_ALONE, RIVAL_NEVER) : false;
    snprintf(rival->other, sizeof(rival->other), "%s", machine);
    return foreign_info(rival, now_usec);
}

/* While nobody else is known, a health heard is our own echo of a broker without no_local. */
bool rival_health(struct rival *rival, uint64_t now_usec)
{
    if (rival->state != RIVAL_WATCHING && rival->state != RIVAL_PRESENT)
        return false;
    return set_state(rival, RIVAL_PRESENT, now_usec + RIVAL_WATCH_USEC);
}

bool rival_run(struct rival *rival, uint64_t now_usec)
{
    if (now_usec < rival->deadline_usec)
        return false;
    if (rival->state == RIVAL_LISTENING)
        return set_state(rival, RIVAL_ALONE, RIVAL_NEVER);
    return set_state(rival, RIVAL_TAKEN_OVER, RIVAL_NEVER);
}

bool rival_may_publish(const struct rival *rival)
{
    return rival->state == RIVAL_ALONE || rival->state == RIVAL_TAKEN_OVER;
}

bool rival_sentence(const struct rival *rival, const char *gateway, char *ret, size_t size)
{
    int id = 8; /* enough of the machine id to tell two apart */
    switch (rival->state) {
    case RIVAL_WATCHING:
        snprintf(ret, size,
                 "machine %.*s used the gateway name '%s' before: listening for two minutes "
                 "whether it still does",
                 id, rival->other, gateway);
        return true;
    case RIVAL_PRESENT:
        snprintf(ret, size,
                 "another gateway (machine %.*s) is called '%s' too: nothing is published "
                 "until one of them gets another Name=",
                 id, rival->other, gateway);
        return true;
    case RIVAL_TAKEN_OVER:
        snprintf(ret, size, "took over the gateway name '%s' from machine %.*s, which is silent",
                 gateway, id, rival->other);
        return true;
    case RIVAL_OFFLINE:
    case RIVAL_LISTENING:
    case RIVAL_ALONE:
        return false;
    }
    return false;
}
