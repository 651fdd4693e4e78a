/* SPDX-License-Identifier: MIT */
#include "daemon/timekeeper.h"

#include <fcntl.h>
#include "daemon/clock.h"
#include "daemon/log.h"
#include "daemon/util.h"

/* timedated does not signal NTPSynchronized, so it is asked: each minute until the answer is yes. */
#define ASK_USEC (60 * UINT64_C(1000000))

struct timekeeper {
    sd_bus *bus;
    sd_bus_slot *asking;
    struct clock_timer *ask, *set;
    int64_t newest_usec;
    bool answered, synced; /* timedate1 answered; with yes */
    enum clock_state state;
    void (*handler)(void *userdata, uint64_t now_usec);
    void *userdata;
};

static bool has_battery_clock(void)
{
    _cleanup_close_ int fd = open("/sys/class/rtc/rtc0/hctosys", O_RDONLY | O_CLOEXEC);
    char c = '0';

    return fd >= 0 && read(fd, &c, 1) == 1 && c == '1';
}

static enum clock_state judge(const struct timekeeper *timekeeper)
{
    int64_t wall_usec = clock_wall_usec();

    if (timekeeper->synced)
        return CLOCK_SYNCED;
    if (wall_usec <= STRIDED_BUILD_EPOCH * INT64_C(1000000) || wall_usec < timekeeper->newest_usec)
        return CLOCK_UNSET; /* earlier than what has been: whatever else is said of it */
    if (has_battery_clock())
        return CLOCK_RTC;
    return timekeeper->answered ? CLOCK_UNSET : CLOCK_ASSUMED;
}

static void update(struct timekeeper *timekeeper, bool was_set, uint64_t now_usec)
{
    enum clock_state state = judge(timekeeper);

    if (state == timekeeper->state && !was_set)
        return;
    if (state != timekeeper->state)
        log_info("clock: %s -> %s", clock_state_name(timekeeper->state), clock_state_name(state));
    timekeeper->state = state;
    timekeeper->handler(timekeeper->userdata, now_usec);
}

static int on_answer(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
    struct timekeeper *timekeeper = userdata;
    int synced = 0;

    timekeeper->asking = sd_bus_slot_unref(timekeeper->asking);
    timekeeper->answered = !sd_bus_message_is_method_error(m, NULL) &&
                           sd_bus_message_enter_container(m, 'v', "b") >= 0 &&
                           sd_bus_message_read(m, "b", &synced) >= 0;
    timekeeper->synced = timekeeper->synced || (timekeeper->answered && synced);
    update(timekeeper, false, clock_now_usec());
    return 0;
}

static void ask(struct timekeeper *timekeeper)
{
    if (!timekeeper->bus || timekeeper->asking || timekeeper->synced)
        return;
    (void)sd_bus_call_method_async(timekeeper->bus, &timekeeper->asking,
                                   "org.freedesktop.timedate1", "/org/freedesktop/timedate1",
                                   "org.freedesktop.DBus.Properties", "Get", on_answer, timekeeper,
                                   "ss", "org.freedesktop.timedate1", "NTPSynchronized");
}

static void on_ask(void *userdata, uint64_t now_usec)
{
    struct timekeeper *timekeeper = userdata;

    ask(timekeeper);
    clock_timer_set(timekeeper->ask, timekeeper->synced ? CLOCK_NEVER : now_usec + ASK_USEC);
}

static void on_clock_set(void *userdata, uint64_t now_usec)
{
    struct timekeeper *timekeeper = userdata;

    log_notice("clock: the wall clock was set");
    ask(timekeeper);
    update(timekeeper, true, now_usec);
}

int timekeeper_new(struct timekeeper **ret, sd_event *event, int64_t newest_usec,
                   void (*handler)(void *userdata, uint64_t now_usec), void *userdata)
{
    struct timekeeper *timekeeper = calloc(1, sizeof(*timekeeper));
    int r;

    if (!timekeeper)
        return -ENOMEM;
    *timekeeper =
        (struct timekeeper){ .newest_usec = newest_usec, .handler = handler, .userdata = userdata };
    timekeeper->state = judge(timekeeper);
    r = clock_timer_new(&timekeeper->ask, event, clock_now_usec() + ASK_USEC, on_ask, timekeeper);
    if (r >= 0)
        r = clock_watch_new(&timekeeper->set, event, on_clock_set, timekeeper);
    if (r < 0) {
        timekeeper_free(timekeeper);
        return r;
    }
    *ret = timekeeper;
    return 0;
}

struct timekeeper *timekeeper_free(struct timekeeper *timekeeper)
{
    if (!timekeeper)
        return NULL;
    timekeeper_set_bus(timekeeper, NULL);
    clock_timer_unref(timekeeper->ask);
    clock_timer_unref(timekeeper->set);
    free(timekeeper);
    return NULL;
}

void timekeeper_set_bus(struct timekeeper *timekeeper, sd_bus *bus)
{
    timekeeper->asking = sd_bus_slot_unref(timekeeper->asking);
    sd_bus_unref(timekeeper->bus);
    timekeeper->bus = sd_bus_ref(bus);
    ask(timekeeper);
}

enum clock_state timekeeper_state(const struct timekeeper *timekeeper)
{
    return timekeeper->state;
}
