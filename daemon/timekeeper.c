/* SPDX-License-Identifier: MIT */
#include "daemon/timekeeper.h"

#include <fcntl.h>
#include "daemon/clock.h"
#include "daemon/log.h"
#include "daemon/util.h"

/* timedated does not signal NTPSynchronized, so it is asked: each minute until the answer is yes. */
#define ASK_USEC (60 * UINT64_C(1000000))

/* At boot it is started with much else, on a slow machine for longer than a call waits (25 s); who did
 * not answer by then is taken for one who is not there. */
#define UNHEARD_USEC (2 * ASK_USEC)

/* Twenty years: no build runs for longer on a machine that nobody tells the time. */
#define CLOCK_PLAUSIBLE_USEC (INT64_C(20) * 366 * 86400 * 1000000)

struct timekeeper {
    sd_bus *bus;
    sd_bus_slot *asking;
    struct clock_timer *ask, *set;
    int64_t newest_usec;
    uint64_t hear_by_usec;
    enum timedate timedate;
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

/* A clock decades ahead is as wrong as one of 1970, and so is a row that was dated by it: taken for true, it
 * would keep the right time from being believed for decades. */
static bool is_plausible(const struct clock_facts *facts)
{
    int64_t latest_usec = facts->build_usec + CLOCK_PLAUSIBLE_USEC;

    if (facts->wall_usec <= facts->build_usec || facts->wall_usec > latest_usec)
        return false;
    return facts->wall_usec >= facts->newest_usec || facts->newest_usec > latest_usec;
}

enum clock_state clock_judge(const struct clock_facts *facts)
{
    if (facts->timedate == TIMEDATE_YES)
        return CLOCK_SYNCED;
    if (!is_plausible(facts))
        return CLOCK_UNSET; /* whatever else is said of it */
    if (facts->battery)
        return CLOCK_RTC;
    return facts->timedate == TIMEDATE_ABSENT ? CLOCK_ASSUMED : CLOCK_UNSET;
}

enum timedate timedate_learn(enum timedate before, enum timedate answer)
{
    if (before == TIMEDATE_YES || answer == TIMEDATE_UNHEARD ||
        (before == TIMEDATE_NO && answer != TIMEDATE_YES))
        return before;
    return answer;
}

static enum clock_state judge(const struct timekeeper *timekeeper)
{
    const struct clock_facts facts = {
        .timedate = timekeeper->timedate,
        .battery = has_battery_clock(),
        .wall_usec = clock_wall_usec(),
        .build_usec = STRIDED_BUILD_EPOCH * INT64_C(1000000),
        .newest_usec = timekeeper->newest_usec,
    };

    return clock_judge(&facts);
}

static void update(struct timekeeper *timekeeper, bool tell, uint64_t now_usec)
{
    enum clock_state state = judge(timekeeper);

    if (state == timekeeper->state && !tell)
        return;
    if (state != timekeeper->state)
        log_info("clock: %s -> %s", clock_state_name(timekeeper->state), clock_state_name(state));
    timekeeper->state = state;
    timekeeper->handler(timekeeper->userdata, now_usec);
}

static void learn(struct timekeeper *timekeeper, enum timedate answer)
{
    bool was_settled = timekeeper_is_settled(timekeeper);

    timekeeper->timedate = timedate_learn(timekeeper->timedate, answer);
    update(timekeeper, !was_settled && timekeeper->timedate != TIMEDATE_UNHEARD, clock_now_usec());
}

static bool is_too_late(sd_bus_message *m)
{
    return sd_bus_message_is_method_error(m, SD_BUS_ERROR_NO_REPLY) > 0 ||
           sd_bus_message_is_method_error(m, SD_BUS_ERROR_TIMEOUT) > 0 ||
           sd_bus_message_is_method_error(m, "org.freedesktop.DBus.Error.TimedOut") > 0;
}

static enum timedate read_answer(sd_bus_message *m)
{
    int synced;

    if (is_too_late(m))
        return TIMEDATE_UNHEARD;
    if (sd_bus_message_is_method_error(m, NULL) ||
        sd_bus_message_enter_container(m, 'v', "b") < 0 || sd_bus_message_read(m, "b", &synced) < 0)
        return TIMEDATE_ABSENT;
    return synced ? TIMEDATE_YES : TIMEDATE_NO;
}

static int on_answer(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
    struct timekeeper *timekeeper = userdata;

    timekeeper->asking = sd_bus_slot_unref(timekeeper->asking);
    learn(timekeeper, read_answer(m));
    return 0;
}

static void ask(struct timekeeper *timekeeper)
{
    if (!timekeeper->bus || timekeeper->asking || timekeeper->timedate == TIMEDATE_YES)
        return;
    (void)sd_bus_call_method_async(timekeeper->bus, &timekeeper->asking,
                                   "org.freedesktop.timedate1", "/org/freedesktop/timedate1",
                                   "org.freedesktop.DBus.Properties", "Get", on_answer, timekeeper,
                                   "ss", "org.freedesktop.timedate1", "NTPSynchronized");
}

static void on_ask(void *userdata, uint64_t now_usec)
{
    struct timekeeper *timekeeper = userdata;

    if (timekeeper->timedate == TIMEDATE_UNHEARD && now_usec >= timekeeper->hear_by_usec)
        learn(timekeeper, TIMEDATE_ABSENT);
    else
        update(timekeeper, false, now_usec); /* it may have passed the newest row by now */
    ask(timekeeper);
    clock_timer_set(timekeeper->ask,
                    timekeeper->timedate == TIMEDATE_YES ? CLOCK_NEVER : now_usec + ASK_USEC);
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
    uint64_t now_usec = clock_now_usec();
    int r;

    if (!timekeeper)
        return -ENOMEM;
    *timekeeper = (struct timekeeper){ .newest_usec = newest_usec,
                                       .hear_by_usec = now_usec + UNHEARD_USEC,
                                       .handler = handler,
                                       .userdata = userdata };
    timekeeper->state = judge(timekeeper);
    r = clock_timer_new(&timekeeper->ask, event, now_usec + ASK_USEC, on_ask, timekeeper);
    if (r >= 0)
        r = clock_watch_new(&timekeeper->set, event, on_clock_set, timekeeper);
    if (r < 0) {
        timekeeper_free(timekeeper);
        return r;
    }
    *ret = timekeeper;
    return 0;
}

static void drop_bus(struct timekeeper *timekeeper)
{
    timekeeper->asking = sd_bus_slot_unref(timekeeper->asking);
    timekeeper->bus = sd_bus_unref(timekeeper->bus);
}

struct timekeeper *timekeeper_free(struct timekeeper *timekeeper)
{
    if (!timekeeper)
        return NULL;
    drop_bus(timekeeper);
    clock_timer_unref(timekeeper->ask);
    clock_timer_unref(timekeeper->set);
    free(timekeeper);
    return NULL;
}

void timekeeper_set_bus(struct timekeeper *timekeeper, sd_bus *bus)
{
    drop_bus(timekeeper);
    timekeeper->bus = sd_bus_ref(bus);
    if (bus)
        ask(timekeeper);
    else
        learn(timekeeper, TIMEDATE_ABSENT);
}

enum clock_state timekeeper_state(const struct timekeeper *timekeeper)
{
    return timekeeper->state;
}

bool timekeeper_is_settled(const struct timekeeper *timekeeper)
{
    return timekeeper->timedate != TIMEDATE_UNHEARD || timekeeper->state != CLOCK_UNSET;
}
