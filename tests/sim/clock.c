/* SPDX-License-Identifier: MIT */
/*
 * daemon/clock.h on simulated time, linked in daemon/clock.c's place. The file named by
 * STRIDED_SIM_CLOCK says how simulated time follows from real time (clockctl.h); without it the line
 * is the machine's own.
 *
 * A timer sleeps until the real moment its simulated deadline falls on, by the line of now. When the
 * line changes the doorbell of the file rings (inotify) and every timer is armed anew. One hub per
 * event loop holds the doorbell and the list of timers.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <time.h>
#include "daemon/clock.h"
#include "daemon/util.h"
#include "tests/sim/clockctl.h"

struct hub {
    struct hub *next;
    sd_event *event;
    sd_event_source *doorbell; /* NULL without a clock file */
    struct clock_timer *timers;
};

struct clock_timer {
    struct clock_timer *next;
    struct hub *hub;
    sd_event_source *source; /* NULL: a watch */
    uint64_t at_usec;
    uint32_t wall_sets; /* as last told to a watch */
    clock_timer_handler handler;
    void *userdata;
};

static struct hub *hubs;
static const struct clock_file *shared; /* NULL: the machine's own clocks */

/* Maps the file once; a test that names a file that cannot be read is better stopped than fooled. */
static void shared_open(void)
{
    static bool opened;
    const char *path = getenv(SIM_CLOCK_ENV);
    void *map = MAP_FAILED;
    int fd;

    if (opened)
        return;
    opened = true;
    if (!path)
        return;
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0)
        map = mmap(NULL, sizeof(struct clock_file), PROT_READ, MAP_SHARED, fd, 0);
    if (map == MAP_FAILED || ((struct clock_file *)map)->magic != SIM_CLOCK_MAGIC)
        abort();
    close(fd);
    shared = map;
}

static const struct clock_line *line_now(void)
{
    static struct clock_line line;

    shared_open();
    if (shared)
        line = clock_file_read(shared);
    else if (line.rate == 0)
        line = clock_line_real();
    return &line;
}

uint64_t clock_now_usec(void)
{
    const struct clock_line *line = line_now();

    return clock_line_now(line, clock_line_real_usec());
}

int64_t clock_wall_usec(void)
{
    const struct clock_line *line = line_now();

    return (int64_t)clock_line_now(line, clock_line_real_usec()) + line->wall_offset_usec;
}

uint64_t clock_machine_usec(void)
{
    struct timespec t;

    if (clock_gettime(CLOCK_MONOTONIC, &t) < 0)
        abort();
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

const char *clock_boot_id(void)
{
    static char boot_id[33]; /* a process lives in one boot: a new id is for those started later */

    if (!boot_id[0])
        memcpy(boot_id, line_now()->boot_id, sizeof boot_id);
    return boot_id;
}

#define FAR_USEC 3e14 /* ten years: what is further off is asked again then */

/* The real moment of a simulated one, rounded up. */
static uint64_t real_deadline(uint64_t at_usec)
{
    const struct clock_line *line = line_now();
    double ahead;

    if (at_usec <= line->sim_origin_usec)
        return line->real_origin_usec;
    ahead = ceil((double)(at_usec - line->sim_origin_usec) / line->rate);
    return line->real_origin_usec + (uint64_t)fmin(ahead, FAR_USEC);
}

static void timer_arm(struct clock_timer *timer)
{
    bool armed = timer->at_usec != CLOCK_NEVER;

    if (armed)
        (void)sd_event_source_set_time(timer->source, real_deadline(timer->at_usec));
    (void)sd_event_source_set_enabled(timer->source, armed ? SD_EVENT_ONESHOT : SD_EVENT_OFF);
}

static int on_timer(sd_event_source *source, uint64_t real_usec, void *userdata)
{
    struct clock_timer *timer = userdata;
    uint64_t now = clock_now_usec();

    if (now < timer->at_usec) { /* the line changed, or the division rounded down */
        timer_arm(timer);
        return 0;
    }
    timer->at_usec = CLOCK_NEVER;
    timer->handler(timer->userdata, now);
    return 0;
}

/* Tells one watch that has not heard of the last setting; it may unref anything, so the list is
 * walked again from its head until there is none. */
static bool watch_tell_one(struct hub *hub, uint32_t wall_sets)
{
    for (struct clock_timer *t = hub->timers; t; t = t->next)
        if (!t->source && t->wall_sets != wall_sets) {
            t->wall_sets = wall_sets;
            t->handler(t->userdata, clock_now_usec());
            return true;
        }
    return false;
}

static struct hub *hub_find(const sd_event *event)
{
    struct hub *hub = hubs;

    while (hub && hub->event != event)
        hub = hub->next;
    return hub;
}

static int on_doorbell(sd_event_source *source, const struct inotify_event *rung, void *userdata)
{
    struct hub *hub = userdata;
    const sd_event *event = hub->event;
    uint32_t wall_sets = line_now()->wall_sets;

    for (struct clock_timer *t = hub->timers; t; t = t->next)
        if (t->source)
            timer_arm(t);
    while (hub_find(event) == hub && watch_tell_one(hub, wall_sets))
        ;
    return 0;
}

static struct hub *hub_unref(struct hub *hub)
{
    struct hub **link = &hubs;

    if (hub->timers)
        return hub;
    while (*link != hub)
        link = &(*link)->next;
    *link = hub->next;
    sd_event_source_disable_unref(hub->doorbell);
    sd_event_unref(hub->event);
    free(hub);
    return NULL;
}

static int hub_get(struct hub **ret, sd_event *event)
{
    struct hub *hub = hub_find(event);
    int r = 0;

    if (!hub) {
        hub = calloc(1, sizeof *hub);
        if (!hub)
            return -ENOMEM;
        *hub = (struct hub){ .next = hubs, .event = sd_event_ref(event) };
        hubs = hub;
        shared_open();
        if (shared)
            r = sd_event_add_inotify(event, &hub->doorbell, getenv(SIM_CLOCK_ENV), IN_MODIFY,
                                     on_doorbell, hub);
        /* Before the timers: a deadline of the old line must not be served by the new one. */
        if (r >= 0 && hub->doorbell)
            r = sd_event_source_set_priority(hub->doorbell, SD_EVENT_PRIORITY_IMPORTANT);
    }
    if (r < 0) {
        hub_unref(hub);
        return r;
    }
    *ret = hub;
    return 0;
}

static int timer_add(struct clock_timer **ret, sd_event *event, clock_timer_handler handler,
                     void *userdata)
{
    struct clock_timer *timer;
    struct hub *hub;
    int r;

    assert(handler);
    r = hub_get(&hub, event);
    if (r < 0)
        return r;
    timer = calloc(1, sizeof *timer);
    if (!timer) {
        hub_unref(hub);
        return -ENOMEM;
    }
    *timer = (struct clock_timer){ .next = hub->timers,
                                   .hub = hub,
                                   .at_usec = CLOCK_NEVER,
                                   .wall_sets = line_now()->wall_sets,
                                   .handler = handler,
                                   .userdata = userdata };
    hub->timers = timer;
    *ret = timer;
    return 0;
}

int clock_timer_new(struct clock_timer **ret, sd_event *event, uint64_t at_usec,
                    clock_timer_handler handler, void *userdata)
{
    _cleanup_(clock_timer_unrefp) struct clock_timer *timer = NULL;
    int r = timer_add(&timer, event, handler, userdata);

    if (r < 0)
        return r;
    r = sd_event_add_time(event, &timer->source, CLOCK_BOOTTIME, 0, 1, on_timer, timer);
    if (r < 0)
        return r;
    clock_timer_set(timer, at_usec);
    *ret = TAKE_PTR(timer);
    return 0;
}

void clock_timer_set(struct clock_timer *timer, uint64_t at_usec)
{
    timer->at_usec = at_usec;
    timer_arm(timer);
}

struct clock_timer *clock_timer_unref(struct clock_timer *timer)
{
    struct clock_timer **link;

    if (!timer)
        return NULL;
    for (link = &timer->hub->timers; *link != timer; link = &(*link)->next)
        ;
    *link = timer->next;
    sd_event_source_disable_unref(timer->source);
    hub_unref(timer->hub);
    free(timer);
    return NULL;
}

int clock_watch_new(struct clock_timer **ret, sd_event *event, clock_timer_handler handler,
                    void *userdata)
{
    return timer_add(ret, event, handler, userdata);
}
