/* SPDX-License-Identifier: MIT */
#include "daemon/live.h"

#include <errno.h>
#include <string.h>
#include "daemon/clock.h"
#include "daemon/util.h"
#include "lib/contract.h"

#define SECOND_USEC  UINT64_C(1000000)
#define NOW_TICKS    10 /* a `now` for each tenth `live` */
#define MINUTE_TICKS 60

struct live {
    struct live_parts parts;
    struct clock_timer *timer;
    uint64_t due_usec;                 /* CLOCK_NEVER: no session */
    uint64_t ticks[TRACKER_SLOTS_MAX]; /* since the slot's session opened */
};

/* A running second is not disturbed by who else comes or goes. */
static void arm(struct live *live, uint64_t at_usec)
{
    if (live->due_usec != CLOCK_NEVER)
        return;
    live->due_usec = at_usec;
    clock_timer_set(live->timer, at_usec);
}

void live_wake(struct live *live)
{
    arm(live, clock_now_usec());
}

/* At the end there is one last `now` with the totals and every current value null, for recorders that
 * would keep the last one for ever. */
void live_over(struct live *live, size_t runner)
{
    size_t slot = sessions_slot_of_runner(live->parts.sessions, runner), index;
    const char *id = live->parts.conf->runners[runner].id;
    struct payload_session summary;
    struct payload_live payload;

    if (!sessions_live(live->parts.sessions, slot, clock_now_usec(), &payload, &index))
        return;
    if (sessions_last(live->parts.sessions, id, &summary) &&
        strcmp(summary.id, payload.session) == 0)
        payload.hills = summary.hills; /* they look ahead as well, and are the ones that stay */
    contract_clear_instant(CONTRACT_LIVE, &payload);
    training_fill_left(live->parts.training, runner, &payload);
    publisher_now(live->parts.publisher, &live->parts.conf->runners[runner], &payload);
}

/* True while there is one. */
static bool publish_slot(struct live *live, size_t slot, uint64_t now_usec)
{
    struct payload_live payload;
    struct payload_session summary;
    const struct conf_runner *runner;
    uint64_t tick;
    size_t index;

    if (!sessions_live(live->parts.sessions, slot, now_usec, &payload, &index)) {
        live->ticks[slot] = 0;
        return false;
    }
    if (index == TRACKER_NONE) /* nobody's: what it is will be told when it is somebody's */
        return true;
    runner = &live->parts.conf->runners[index];
    tick = live->ticks[slot]++;
    if (tick % NOW_TICKS == 0)
        training_beat(live->parts.training, index, tick % MINUTE_TICKS == 0);
    training_fill_left(live->parts.training, index, &payload);
    publisher_live(live->parts.publisher, runner, &payload);
    if (tick % NOW_TICKS == 0)
        publisher_now(live->parts.publisher, runner, &payload);
    if (tick % MINUTE_TICKS == MINUTE_TICKS - 1 &&
        sessions_summary(live->parts.sessions, slot, now_usec, &summary))
        publisher_session(live->parts.publisher, &summary);
    return true;
}

static void on_second(void *userdata, uint64_t now_usec)
{
    struct live *live = userdata;
    uint64_t due_usec = live->due_usec;
    bool any = false;

    for (size_t slot = 0; slot < TRACKER_SLOTS_MAX; slot++)
        any = publish_slot(live, slot, now_usec) || any;
    /* from when it was due, so that lateness does not add up; a suspended machine starts anew */
    if (due_usec + SECOND_USEC <= now_usec)
        due_usec = now_usec;
    live->due_usec = CLOCK_NEVER;
    if (any)
        arm(live, due_usec + SECOND_USEC);
}

int live_new(struct live **ret, const struct live_parts *parts)
{
    struct live *live = calloc(1, sizeof(*live));
    int r;

    if (!live)
        return -ENOMEM;
    *live = (struct live){ .parts = *parts, .due_usec = CLOCK_NEVER };
    r = clock_timer_new(&live->timer, parts->event, CLOCK_NEVER, on_second, live);
    if (r < 0) {
        live_free(live);
        return r;
    }
    *ret = live;
    return 0;
}

struct live *live_free(struct live *live)
{
    if (!live)
        return NULL;
    clock_timer_unref(live->timer);
    free(live);
    return NULL;
}

void live_set_conf(struct live *live, const struct conf *conf)
{
    live->parts.conf = conf;
}
