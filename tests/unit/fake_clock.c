/* SPDX-License-Identifier: MIT */
#include "fake_clock.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

struct clock_timer {
    struct clock_timer *next;
    uint64_t at_usec;
    clock_timer_handler handler;
    void *userdata;
};

static struct clock_timer *timers;
static struct clock_timer *watches;
static uint64_t now = 1000000;
static int64_t wall_offset = FAKE_WALL_USEC;
static uint64_t look_usec; /* how long a look at the wall clock takes */
static char boot_id[] = "b0070000000000000000000000000000";

uint64_t clock_now_usec(void)
{
    return now;
}

uint64_t clock_machine_usec(void)
{
    return now;
}

int64_t clock_wall_usec(void)
{
    now += look_usec;
    return wall_offset + (int64_t)now;
}

void fake_clock_make_looks_take(uint64_t usec)
{
    look_usec = usec;
}

const char *clock_boot_id(void)
{
    return boot_id;
}

void fake_clock_reboot(void)
{
    static unsigned boots;
    int64_t wall = clock_wall_usec();

    snprintf(boot_id, sizeof(boot_id), "b007%028x",
             ++boots); /* as the kernel's: no other letters */
    now = 1000000;
    wall_offset = wall - (int64_t)now;
}

static int add_timer(struct clock_timer **list, struct clock_timer **ret, uint64_t at_usec,
                     clock_timer_handler handler, void *userdata)
{
    struct clock_timer *timer = malloc(sizeof(*timer));
    if (!timer)
        return -ENOMEM;
    *timer = (struct clock_timer){ *list, at_usec, handler, userdata };
    *list = *ret = timer;
    return 0;
}

static bool remove_timer(struct clock_timer **p, struct clock_timer *timer)
{
    while (*p && *p != timer)
        p = &(*p)->next;
    if (!*p)
        return false;
    *p = timer->next;
    free(timer);
    return true;
}

int clock_timer_new(struct clock_timer **ret, sd_event *event, uint64_t at_usec,
                    clock_timer_handler handler, void *userdata)
{
    return add_timer(&timers, ret, at_usec, handler, userdata);
}

int clock_watch_new(struct clock_timer **ret, sd_event *event, clock_timer_handler handler,
                    void *userdata)
{
    return add_timer(&watches, ret, CLOCK_NEVER, handler, userdata);
}

void fake_clock_set_wall(int64_t usec)
{
    wall_offset = usec - (int64_t)now;
    for (struct clock_timer *watch = watches; watch; watch = watch->next)
        watch->handler(watch->userdata, now);
}

void clock_timer_set(struct clock_timer *timer, uint64_t at_usec)
{
    timer->at_usec = at_usec;
}

struct clock_timer *clock_timer_unref(struct clock_timer *timer)
{
    if (timer && !remove_timer(&timers, timer))
        (void)remove_timer(&watches, timer);
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
