/* SPDX-License-Identifier: MIT */
/* The keeper is asked over a bus of two ends; the other end is timedate1, or nobody. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "daemon/timekeeper.h"
#include "fake_clock.h"

#define S     INT64_C(1000000)
#define BUILD (1760000000 * S)
#define NOW   (1767225600 * S)
#define YEAR  (366 * 86400 * S)
#define LATER ((STRIDED_BUILD_EPOCH + 86400) * S) /* by what the daemon was built */

static void test_how_far_the_clock_is_to_be_trusted(void **state)
{
    static const struct {
        const char *label;
        enum timedate timedate;
        bool battery;
        int64_t wall_usec, newest_usec;
        enum clock_state state;
    } rows[] = {
        { "timedate1 says yes", TIMEDATE_YES, false, NOW, 0, CLOCK_SYNCED },
        { "yes, beside a battery clock", TIMEDATE_YES, true, NOW, NOW - S, CLOCK_SYNCED },
        { "yes, and rows of a clock that went ahead", TIMEDATE_YES, false, NOW, NOW + S,
          CLOCK_SYNCED },
        { "yes, and it was set back since", TIMEDATE_YES, false, 0, NOW, CLOCK_SYNCED },
        { "timedate1 says no", TIMEDATE_NO, false, NOW, 0, CLOCK_UNSET },
        { "no, but a battery clock", TIMEDATE_NO, true, NOW, NOW - S, CLOCK_RTC },
        { "not heard yet", TIMEDATE_UNHEARD, false, NOW, 0, CLOCK_UNSET },
        { "not heard yet, but a battery clock", TIMEDATE_UNHEARD, true, NOW, 0, CLOCK_RTC },
        { "no timedate1", TIMEDATE_ABSENT, false, NOW, 0, CLOCK_ASSUMED },
        { "no timedate1, but a battery clock", TIMEDATE_ABSENT, true, NOW, 0, CLOCK_RTC },
        { "no timedate1, at the newest row", TIMEDATE_ABSENT, false, NOW, NOW, CLOCK_ASSUMED },
        { "no timedate1, before the newest row", TIMEDATE_ABSENT, false, NOW, NOW + 1,
          CLOCK_UNSET },
        { "no timedate1, a moment after the build", TIMEDATE_ABSENT, false, BUILD + 1, 0,
          CLOCK_ASSUMED },
        { "no timedate1, at the build", TIMEDATE_ABSENT, false, BUILD, 0, CLOCK_UNSET },
        { "no timedate1, 1970", TIMEDATE_ABSENT, false, 5000 * S, 0, CLOCK_UNSET },
        { "no timedate1, 19 years after the build", TIMEDATE_ABSENT, false, BUILD + 19 * YEAR, NOW,
          CLOCK_ASSUMED },
        { "no timedate1, 40 years ahead", TIMEDATE_ABSENT, false, NOW + 40 * YEAR, NOW,
          CLOCK_UNSET },
        { "a battery clock 40 years ahead", TIMEDATE_NO, true, NOW + 40 * YEAR, NOW, CLOCK_UNSET },
        { "yes, 40 years ahead", TIMEDATE_YES, false, NOW + 40 * YEAR, NOW, CLOCK_SYNCED },
        { "no timedate1, and a row of a clock 40 years ahead", TIMEDATE_ABSENT, false, NOW,
          NOW + 40 * YEAR, CLOCK_ASSUMED },
        { "a battery clock that is flat", TIMEDATE_NO, true, 5000 * S, 0, CLOCK_UNSET },
        { "a battery clock, before the newest row", TIMEDATE_NO, true, NOW, NOW + S, CLOCK_UNSET },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct clock_facts facts = { .timedate = rows[i].timedate,
                                     .battery = rows[i].battery,
                                     .wall_usec = rows[i].wall_usec,
                                     .build_usec = BUILD,
                                     .newest_usec = rows[i].newest_usec };

        print_message("%s\n", rows[i].label);
        assert_string_equal(clock_state_name(clock_judge(&facts)), clock_state_name(rows[i].state));
    }
}

static void test_what_an_answer_changes(void **state)
{
    static const struct {
        const char *label;
        enum timedate before, answer, after;
    } rows[] = {
        { "the first word", TIMEDATE_UNHEARD, TIMEDATE_NO, TIMEDATE_NO },
        { "nobody there", TIMEDATE_UNHEARD, TIMEDATE_ABSENT, TIMEDATE_ABSENT },
        { "it appears late", TIMEDATE_ABSENT, TIMEDATE_NO, TIMEDATE_NO },
        { "it appears late, with yes", TIMEDATE_ABSENT, TIMEDATE_YES, TIMEDATE_YES },
        { "NTP answers", TIMEDATE_NO, TIMEDATE_YES, TIMEDATE_YES },
        { "it goes after a no", TIMEDATE_NO, TIMEDATE_ABSENT, TIMEDATE_NO },
        { "it goes after a yes", TIMEDATE_YES, TIMEDATE_ABSENT, TIMEDATE_YES },
        { "it does not answer", TIMEDATE_UNHEARD, TIMEDATE_UNHEARD, TIMEDATE_UNHEARD },
        { "it was not there, and is slow", TIMEDATE_ABSENT, TIMEDATE_UNHEARD, TIMEDATE_ABSENT },
        { "it is slow after a no", TIMEDATE_NO, TIMEDATE_UNHEARD, TIMEDATE_NO },
        { "it is slow after a yes", TIMEDATE_YES, TIMEDATE_UNHEARD, TIMEDATE_YES },
        { "NTP is lost", TIMEDATE_YES, TIMEDATE_NO, TIMEDATE_YES },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        print_message("%s\n", rows[i].label);
        assert_int_equal(timedate_learn(rows[i].before, rows[i].answer), rows[i].after);
    }
}

/* ---- the keeper itself -------------------------------------------------------------------------- */

struct fixture {
    struct timekeeper *timekeeper;
    sd_bus *bus, *world;
    int told;
};

static void on_told(void *userdata, uint64_t now_usec)
{
    ((struct fixture *)userdata)->told++;
}

static sd_bus *bus_of(int fd, bool server)
{
    sd_bus *bus = NULL;
    sd_id128_t id = SD_ID128_MAKE(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16);

    assert_true(sd_bus_new(&bus) >= 0 && sd_bus_set_fd(bus, fd, fd) >= 0);
    assert_true(sd_bus_set_anonymous(bus, true) >= 0);
    assert_true(!server || sd_bus_set_server(bus, true, id) >= 0);
    assert_true(sd_bus_start(bus) >= 0);
    return bus;
}

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    int fds[2];

    fake_clock_set_wall(LATER);
    assert_return_code(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds), 0);
    f->bus = bus_of(fds[0], false);
    f->world = bus_of(fds[1], true);
    assert_int_equal(timekeeper_new(&f->timekeeper, NULL, 0, on_told, f), 0);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    timekeeper_free(f->timekeeper);
    sd_bus_close_unref(f->bus);
    sd_bus_close_unref(f->world);
    free(f);
    return 0;
}

/* Both ends work until neither has anything to do; what the world was asked is returned. */
static sd_bus_message *settle(struct fixture *f)
{
    sd_bus_message *asked = NULL;

    for (int idle = 0; idle < 3;) {
        sd_bus_message *m = NULL;
        int ours = sd_bus_process(f->bus, NULL), theirs = sd_bus_process(f->world, &m);

        assert_true(ours >= 0 && theirs >= 0);
        idle = ours == 0 && theirs == 0 ? idle + 1 : 0;
        if (m && sd_bus_message_is_method_call(m, "org.freedesktop.DBus.Properties", "Get"))
            asked = m;
        else
            sd_bus_message_unref(m);
    }
    return asked;
}

static void answer(struct fixture *f, int synced) /* < 0: nobody is there */
{
    sd_bus_message *asked = settle(f);

    assert_non_null(asked);
    if (synced < 0)
        assert_true(sd_bus_reply_method_errorf(asked, SD_BUS_ERROR_SERVICE_UNKNOWN, "none") >= 0);
    else
        assert_true(sd_bus_reply_method_return(asked, "v", "b", synced) >= 0);
    sd_bus_message_unref(asked);
    assert_null(settle(f));
}

/* It is being started, for longer than anybody waits. */
static void answer_too_late(struct fixture *f, const char *error)
{
    sd_bus_message *asked = settle(f);

    assert_non_null(asked);
    assert_true(sd_bus_reply_method_errorf(asked, error, "too late") >= 0);
    sd_bus_message_unref(asked);
    assert_null(settle(f));
}

static bool is(const struct fixture *f, enum clock_state state, bool settled, int told)
{
    return timekeeper_state(f->timekeeper) == state &&
           timekeeper_is_settled(f->timekeeper) == settled && f->told == told;
}

static void skip_with_a_battery_clock(const struct fixture *f)
{
    if (timekeeper_state(f->timekeeper) != CLOCK_RTC)
        return;
    print_message("skipped: this machine has a battery clock\n");
    skip();
}

static void test_nothing_is_assumed_before_timedate1_answers(void **state)
{
    struct fixture *f = *state;

    skip_with_a_battery_clock(f);
    assert_true(is(f, CLOCK_UNSET, false, 0));
    timekeeper_set_bus(f->timekeeper, f->bus);
    assert_true(is(f, CLOCK_UNSET, false, 0));
    answer(f, 1);
    assert_true(is(f, CLOCK_SYNCED, true, 1));
    fake_clock_advance(180 * S);
    assert_null(settle(f)); /* it is not asked again */
}

static void test_a_no_is_told_too_and_asked_again(void **state)
{
    struct fixture *f = *state;

    skip_with_a_battery_clock(f);
    timekeeper_set_bus(f->timekeeper, f->bus);
    answer(f, 0);
    assert_true(is(f, CLOCK_UNSET, true, 1));
    fake_clock_advance(60 * S);
    answer(f, -1); /* it went: its no stands */
    assert_true(is(f, CLOCK_UNSET, true, 1));
    fake_clock_advance(60 * S);
    answer(f, 1);
    assert_true(is(f, CLOCK_SYNCED, true, 2));
}

static void test_without_timedate1_a_later_clock_is_assumed(void **state)
{
    struct fixture *f = *state;

    skip_with_a_battery_clock(f);
    timekeeper_set_bus(f->timekeeper, f->bus);
    answer(f, -1);
    assert_true(is(f, CLOCK_ASSUMED, true, 1));
    fake_clock_set_wall(5000 * S); /* and is not, once it jumps back before the build */
    assert_true(is(f, CLOCK_UNSET, true, 2));
    answer(f, 0); /* timedate1 appeared; being set was a reason to ask */
    assert_true(is(f, CLOCK_UNSET, true, 2));
    fake_clock_set_wall(LATER);
    answer(f, 0);
    assert_true(is(f, CLOCK_UNSET, true, 3)); /* it is known now that nobody set it */
}

static void test_without_a_bus_there_is_no_timedate1(void **state)
{
    struct fixture *f = *state;

    skip_with_a_battery_clock(f);
    timekeeper_set_bus(f->timekeeper, NULL);
    assert_true(is(f, CLOCK_ASSUMED, true, 1));
    timekeeper_set_bus(f->timekeeper, f->bus);
    assert_true(is(f, CLOCK_ASSUMED, true, 1));
    answer(f, 0);
    assert_true(is(f, CLOCK_UNSET, true, 2));
    timekeeper_set_bus(f->timekeeper, NULL);
    assert_true(is(f, CLOCK_UNSET, true, 2));
}

static const char *const too_late[] = { SD_BUS_ERROR_NO_REPLY, SD_BUS_ERROR_TIMEOUT,
                                        "org.freedesktop.DBus.Error.TimedOut" };

static void test_a_timedate1_that_is_slow_is_waited_for(void **state)
{
    struct fixture *f = *state;

    skip_with_a_battery_clock(f);
    for (size_t i = 0; i < sizeof(too_late) / sizeof(too_late[0]); i++) {
        teardown(state);
        setup(state);
        f = *state;
        timekeeper_set_bus(f->timekeeper, f->bus);
        answer_too_late(f, too_late[i]);
        assert_true(is(f, CLOCK_UNSET, false, 0));
        fake_clock_advance(60 * S);
        answer(f, 0);
        assert_true(is(f, CLOCK_UNSET, true, 1));
        fake_clock_advance(60 * S);
        answer_too_late(f, too_late[i]); /* its no stands */
        assert_true(is(f, CLOCK_UNSET, true, 1));
    }
}

static void test_a_timedate1_that_never_answers_is_none(void **state)
{
    struct fixture *f = *state;

    skip_with_a_battery_clock(f);
    timekeeper_set_bus(f->timekeeper, f->bus);
    answer_too_late(f, SD_BUS_ERROR_NO_REPLY);
    fake_clock_advance(60 * S);
    answer_too_late(f, SD_BUS_ERROR_NO_REPLY);
    assert_true(is(f, CLOCK_UNSET, false, 0));
    fake_clock_advance(60 * S);
    assert_true(is(f, CLOCK_ASSUMED, true, 1));
    answer_too_late(f, SD_BUS_ERROR_NO_REPLY);
    assert_true(is(f, CLOCK_ASSUMED, true, 1));
    fake_clock_advance(60 * S);
    answer(f, 0);
    assert_true(is(f, CLOCK_UNSET, true, 2));
}

static void test_without_a_bus_the_clock_passes_the_newest_row(void **state)
{
    struct fixture *f = *state;

    skip_with_a_battery_clock(f);
    timekeeper_free(f->timekeeper);
    assert_int_equal(timekeeper_new(&f->timekeeper, NULL, clock_wall_usec() + 90 * S, on_told, f),
                     0);
    timekeeper_set_bus(f->timekeeper, NULL);
    assert_true(is(f, CLOCK_UNSET, true, 1));
    fake_clock_advance(60 * S);
    assert_true(is(f, CLOCK_UNSET, true, 1));
    fake_clock_advance(60 * S);
    assert_true(is(f, CLOCK_ASSUMED, true, 2));
    fake_clock_advance(600 * S);
    assert_true(is(f, CLOCK_ASSUMED, true, 2));
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_how_far_the_clock_is_to_be_trusted),
        cmocka_unit_test(test_what_an_answer_changes),
        T(test_nothing_is_assumed_before_timedate1_answers),
        T(test_a_no_is_told_too_and_asked_again),
        T(test_without_timedate1_a_later_clock_is_assumed),
        T(test_without_a_bus_there_is_no_timedate1),
        T(test_a_timedate1_that_is_slow_is_waited_for),
        T(test_a_timedate1_that_never_answers_is_none),
        T(test_without_a_bus_the_clock_passes_the_newest_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
