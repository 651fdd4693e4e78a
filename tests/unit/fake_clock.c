/* SPDX-License-Identifier: MIT */
#include "fake_clock.h"

#include <errno.h>
#include <stdlib.h>

struct clock_timer {
    struct clock_timer *next;
    uint64_t at_usec;
    clock_timer_handler handler;
    void *userdata;
};

static struct clock_timer *timers;
static uint64_t now = 1000000;

uint64_t clock_now_usec(void)
{
    return now;
}

int64_t clock_wall_usec(void)
{
    return FAKE_WALL_USEC + (int64_t)now;
}

int clock_timer_new(struct clock_timer **ret, sd_event *event, uint64_t at_usec,
                    clock_timer_handler handler, void *userdata)
{
    struct clock_timer *timer = malloc(sizeof(*timer));
    if (!timer)
        return -ENOMEM;
    *timer = (struct clock_timer){ timers, at_usec, handler, userdata };
    timers = timer;
    *ret = timer;
    return 0;
}

void clock_timer_set(struct clock_timer *timer, uint64_t at_usec)
{
    timer->at_usec = at_usec;
}

struct clock_timer *clock_timer_unref(struct clock_timer *timer)
{
    struct clock_timer **p = &timers;

    if (!timer)
        return NULL;
    while (*p != timer)
        p = &(*p)->next;
    *p = timer->next;
    free(timer);
    return NULL;
}

static struct clock_timer *first_due(uint64_t until)
{
    struct clock_timer *first = NULL;
    for (struct clock_timer *t = timers; t; t = t->next)
        if (t->at_usec <= until && (!first || t->at_usec < first->at_usec))
            first = t;
    return first;
}

void fake_clock_advance(uint64_t usec)
{
    uint64_t until = now + usec;

    for (struct clock_timer *t; (t = first_due(until));) {
        now = t->at_usec > now ? t->at_usec : now;
        t->at_usec = CLOCK_NEVER;
        t->handler(t->userdata, now);
    }
    now = until;
}

int fake_clock_armed(void)
{
    int n = 0;
    for (struct clock_timer *t = timers; t; t = t->next)
        n += t->at_usec != CLOCK_NEVER;
    return n;
}
