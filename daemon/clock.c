/* SPDX-License-Identifier: MIT */
/*
 * The real clocks. Everything runs on CLOCK_BOOTTIME, which goes on while the machine sleeps, so that
 * "45 s without an advert" means the same before and after a suspend.
 *
 * The boot id says which boot a CLOCK_BOOTTIME value belongs to. The kernel tells it in /proc/sys,
 * which a unit with ProcSubset=pid does not see; such a unit hands it in as Environment=
 * STRIDED_BOOT_ID=%b. Where neither is to be had a random id for this process stands in: two ids
 * that differ by mistake only cost the continuity across a restart of the daemon, two that are equal
 * by mistake would let times of different boots be compared.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <systemd/sd-id128.h>
#include <time.h>
#include "daemon/clock.h"
#include "daemon/log.h"
#include "daemon/util.h"

/* Wall times have to outlive 2038 on armhf too; meson.build asks the C library for it. */
_Static_assert(sizeof(time_t) == 8, "time_t has 64 bits");

#define TIMER_ACCURACY_USEC 1000 /* 0 would mean sd-event's default of 250 ms */

struct clock_timer {
    sd_event_source *source;
    clock_timer_handler handler;
    void *userdata;
    int watch_fd; /* -1: a timer; else the timerfd that is cancelled when the clock is set */
};

static uint64_t read_clock_usec(clockid_t id)
{
    struct timespec t;

    if (clock_gettime(id, &t) < 0)
        abort(); /* only an unknown clock id can fail, and both of ours are older than our kernel */
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

uint64_t clock_now_usec(void)
{
    return read_clock_usec(CLOCK_BOOTTIME);
}

int64_t clock_wall_usec(void)
{
    return (int64_t)read_clock_usec(CLOCK_REALTIME);
}

uint64_t clock_machine_usec(void)
{
    return read_clock_usec(CLOCK_MONOTONIC);
}

static int boot_id_find(sd_id128_t *ret)
{
    const char *handed_in = getenv("STRIDED_BOOT_ID");

    if (sd_id128_get_boot(ret) >= 0)
        return 0;
    if (handed_in && sd_id128_from_string(handed_in, ret) >= 0)
        return 0;
    return sd_id128_randomize(ret);
}

const char *clock_boot_id(void)
{
    static char text[SD_ID128_STRING_MAX];
    sd_id128_t id = SD_ID128_NULL;

    if (text[0])
        return text;
    if (boot_id_find(&id) < 0)
        log_warning("No boot id and no random numbers: times of two boots cannot be told apart");
    return sd_id128_to_string(id, text);
}

static int on_timer(sd_event_source *source, uint64_t at_usec, void *userdata)
{
    struct clock_timer *timer = userdata;

    /* The handler may unref the timer: nothing of it is touched afterwards. */
    timer->handler(timer->userdata, clock_now_usec());
    return 0;
}

static struct clock_timer *timer_alloc(clock_timer_handler handler, void *userdata)
{
    struct clock_timer *timer = calloc(1, sizeof *timer);

    if (timer)
        *timer = (struct clock_timer){ .handler = handler, .userdata = userdata, .watch_fd = -1 };
    return timer;
}

int clock_timer_new(struct clock_timer **ret, sd_event *event, uint64_t at_usec,
                    clock_timer_handler handler, void *userdata)
{
    _cleanup_(clock_timer_unrefp) struct clock_timer *timer = timer_alloc(handler, userdata);
    int r;

    assert(handler);
    if (!timer)
        return -ENOMEM;
    r = sd_event_add_time(event, &timer->source, CLOCK_BOOTTIME, at_usec, TIMER_ACCURACY_USEC,
                          on_timer, timer);
    if (r < 0)
        return r;
    clock_timer_set(timer, at_usec);
    *ret = TAKE_PTR(timer);
    return 0;
}

void clock_timer_set(struct clock_timer *timer, uint64_t at_usec)
{
    if (at_usec != CLOCK_NEVER)
        (void)sd_event_source_set_time(timer->source, at_usec);
    (void)sd_event_source_set_enabled(timer->source,
                                      at_usec == CLOCK_NEVER ? SD_EVENT_OFF : SD_EVENT_ONESHOT);
}

struct clock_timer *clock_timer_unref(struct clock_timer *timer)
{
    if (!timer)
        return NULL;
    sd_event_source_disable_unref(timer->source);
    closep(&timer->watch_fd);
    free(timer);
    return NULL;
}

/* A deadline that never comes: the descriptor wakes only because the clock was set. */
static int watch_arm(int fd)
{
    struct itimerspec never = { .it_value.tv_sec = INT64_C(1) << 40 };

    if (timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, NULL) < 0)
        return -errno;
    return 0;
}

static int on_watch(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
    struct clock_timer *timer = userdata;
    uint64_t count;

    if (read(fd, &count, sizeof count) >= 0 || errno != ECANCELED)
        return 0;
    if (watch_arm(fd) < 0)
        log_warning("The clock cannot be watched any longer: %m");
    timer->handler(timer->userdata, clock_now_usec());
    return 0;
}

int clock_watch_new(struct clock_timer **ret, sd_event *event, clock_timer_handler handler,
                    void *userdata)
{
    _cleanup_(clock_timer_unrefp) struct clock_timer *timer = timer_alloc(handler, userdata);
    int r;

    assert(handler);
    if (!timer)
        return -ENOMEM;
    timer->watch_fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
    if (timer->watch_fd < 0)
        return -errno;
    r = watch_arm(timer->watch_fd);
    if (r < 0)
        return r;
    r = sd_event_add_io(event, &timer->source, timer->watch_fd, EPOLLIN, on_watch, timer);
    if (r < 0)
        return r;
    *ret = TAKE_PTR(timer);
    return 0;
}
