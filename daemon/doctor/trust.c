/* SPDX-License-Identifier: MIT */
/* How far the wall clock is to be trusted, by the rule that strided goes by. */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "daemon/clock.h"
#include "daemon/doctor/private.h"
#include "daemon/timekeeper.h"
#include "daemon/util.h"

/* timedated is started by the question. */
static enum timedate ask_timedate(struct doctor *doctor)
{
    _cleanup_bus_message_ sd_bus_message *reply = NULL;
    int synced;

    if (doctor_bus_call(doctor, "org.freedesktop.timedate1", "/org/freedesktop/timedate1",
                        "org.freedesktop.DBus.Properties", "Get", true, NULL, &reply, "ss",
                        "org.freedesktop.timedate1", "NTPSynchronized") < 0 ||
        sd_bus_message_read(reply, "v", "b", &synced) < 0)
        return TIMEDATE_ABSENT;
    return synced ? TIMEDATE_YES : TIMEDATE_NO;
}

static void say_state(struct doctor *doctor, enum clock_state state, enum timedate timedate,
                      const char *now)
{
    switch (state) {
    case CLOCK_SYNCED:
        doctor_say(doctor, CLOCK_LINE_SYNCED, NULL, "%s, set by the network", now);
        break;
    case CLOCK_RTC:
        doctor_say(doctor, CLOCK_LINE_RTC, NULL, "%s, set from a battery clock%s", now,
                   timedate == TIMEDATE_NO ? ", not by the network so far" : "");
        break;
    case CLOCK_ASSUMED:
        doctor_say(doctor, CLOCK_LINE_ASSUMED, NULL,
                   "%s, and nobody says whether that is right (there is no timedate1)", now);
        break;
    case CLOCK_UNSET:
        doctor_say(doctor, CLOCK_LINE_UNSET, NULL, "%s, which is not to be trusted: %s", now,
                   timedate == TIMEDATE_NO ? "the network has not set it, and no battery clock did"
                                           : "it cannot be that");
        break;
    }
}

void doctor_look_clock(struct doctor *doctor)
{
    char word[8], now[32] = "";
    time_t wall = (time_t)(clock_wall_usec() / 1000000);
    struct tm tm;

    doctor_read_word(doctor, "/sys/class/rtc/rtc0/hctosys", word, sizeof(word));
    const struct clock_facts facts = {
        .timedate = ask_timedate(doctor),
        .battery = word[0] == '1',
        .wall_usec = clock_wall_usec(),
        .build_usec = STRIDED_BUILD_EPOCH * INT64_C(1000000),
    };
    if (localtime_r(&wall, &tm))
        strftime(now, sizeof(now), "%Y-%m-%d %H:%M:%S %Z", &tm);
    say_state(doctor, clock_judge(&facts), facts.timedate, now);
}
