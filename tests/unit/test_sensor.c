/* SPDX-License-Identifier: MIT */
/*
 * The connection machine of one sensor, on time as an argument: who gets the sensor, when we give up,
 * when we come back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "daemon/bluez/text.h"
#include "daemon/log.h"
#include "daemon/sensors/machine/private.h"

#define S (1000000ULL)

/* lib/payload.c's words, so that the lines of the log can be compared here. */
const char *sensor_state_name(enum sensor_state state)
{
    static const char *const names[] = { "absent",    "seen",   "waiting",  "connecting",
                                         "streaming", "silent", "released", "unavailable" };
    return names[state];
}

static char last_line[256], last_fields[128];
static int lines;

void log_full(int level, const char *const *fields, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    vsnprintf(last_line, sizeof last_line, format, ap);
    va_end(ap);
    snprintf(last_fields, sizeof last_fields, "%s %s", fields ? fields[0] : "",
             fields ? fields[1] : "");
    lines++;
    assert_null(strstr(last_line, "bug of ours"));
}

/* ---- one sensor and the time ---- */

static struct sensor x;
static uint64_t now;

static void start(enum conf_connect connect, uint32_t services)
{
    struct conf_sensor conf = { .name = "pod", .connect = connect, .grace_usec = 45 * S };
    now = 1000 * S;
    sensor_init(&x, &conf, 5, now);
    x.services = services;
    sensor_feed(&x, &(struct sensor_event){ .kind = SENSOR_EV_AVAILABLE }, now);
}

static uint32_t feed(enum sensor_event_kind kind)
{
    return sensor_feed(&x, &(struct sensor_event){ .kind = kind, .text = "" }, now);
}

static uint32_t reply(enum bluez_outcome outcome)
{
    return sensor_feed(&x,
                       &(struct sensor_event){ .kind = SENSOR_EV_CONNECT_REPLY,
                                               .outcome = outcome,
                                               .text = "le-connection-abort-by-local" },
                       now);
}

/* Lets time go by as sensors.c does: a tick at each deadline. Returns all that was asked for. */
static uint32_t pass(double seconds)
{
    uint64_t end = now + (uint64_t)(seconds * 1e6);
    uint32_t actions = 0;
    while (x.deadline_usec <= end) {
        now = x.deadline_usec > now ? x.deadline_usec : now;
        actions |= feed(SENSOR_EV_TICK);
        assert_true(x.deadline_usec > now); /* else the loop would spin */
    }
    now = end;
    return actions;
}

/* A whole scan burst, with or without it being heard, at the fast pace. */
static uint32_t burst(bool heard)
{
    uint32_t actions = pass(4);
    if (heard)
        actions |= feed(SENSOR_EV_ADVERT);
    actions |= feed(SENSOR_EV_BURST);
    return actions | pass(1);
}

static void dial(void)
{
    while (!sensor_is_ready(&x, now))
        burst(true);
    assert_int_equal(feed(SENSOR_EV_TURN), SENSOR_DO_CONNECT);
    assert_int_equal(x.state, SENSOR_CONNECTING);
}

static void stream(void)
{
    dial();
    assert_int_equal(reply(BLUEZ_DONE), SENSOR_DO_PROVE);
    feed(SENSOR_EV_LINK_FOUND);
    assert_int_equal(feed(SENSOR_EV_PROVEN), SENSOR_DO_SUBSCRIBE);
    assert_int_equal(feed(SENSOR_EV_SUBSCRIBED), SENSOR_DO_LINK_UP);
    assert_int_equal(x.state, SENSOR_STREAMING);
    feed(SENSOR_EV_PACKET);
}

static uint32_t feed_uuid(enum sensor_event_kind kind, uint16_t uuid)
{
    return sensor_feed(&x, &(struct sensor_event){ .kind = kind, .text = "", .uuid = uuid }, now);
}

/* Packets each second. */
static uint32_t packets(unsigned seconds)
{
    uint32_t actions = 0;
    for (unsigned i = 0; i < seconds; i++) {
        actions |= pass(1);
        if (x.usable) /* link.c hands on no others */
            actions |= feed(SENSOR_EV_PACKET);
    }
    return actions;
}

static void lose(void)
{
    assert_int_equal(feed(SENSOR_EV_LINK_DOWN), SENSOR_DO_LINK_DOWN);
    assert_int_equal(x.state, SENSOR_ABSENT);
}

/* ---- when to connect ---- */

static void test_grace_leaves_the_sensor_to_others(void **state)
{
    start(CONF_CONNECT_AUTO, BLUEZ_RUNNING);
    feed(SENSOR_EV_ADVERT);
    assert_int_equal(x.state, SENSOR_SEEN);
    uint64_t first = now;
    while (!sensor_is_ready(&x, now))
        burst(true);
    assert_true(now - first >= 45 * S && now - first <= 51 * S);
    assert_int_equal(x.state, SENSOR_WAITING);
}

static void test_no_connect_without_an_advert_after_grace(void **state)
{
    start(CONF_CONNECT_AUTO, BLUEZ_RUNNING);
    feed(SENSOR_EV_ADVERT);
    pass(60); /* nobody scanned: nothing is known of it */
    assert_int_equal(x.state, SENSOR_SEEN);
    assert_false(sensor_is_ready(&x, now));
    feed(SENSOR_EV_ADVERT);
    assert_true(sensor_is_ready(&x, now));
}

static void test_adverts_that_stop_during_grace_start_it_over(void **state)
{
    start(CONF_CONNECT_AUTO, BLUEZ_RUNNING);
    for (int i = 0; i < 4; i++)
        burst(true);
    for (int i = 0; i < 3; i++)
        burst(false);
    assert_int_equal(x.state, SENSOR_ABSENT);
    assert_string_equal(x.reason, "adverts stopped during Grace: perhaps connected elsewhere");
    for (int i = 0; i < 9; i++) {
        burst(true);
        assert_false(sensor_is_ready(&x, now));
    }
    burst(true);
    assert_true(sensor_is_ready(&x, now));
}

static void test_one_burst_without_an_advert_is_not_the_end_of_them(void **state)
{
    start(CONF_CONNECT_AUTO, BLUEZ_RUNNING);
    burst(true);
    burst(false);
    burst(false);
    burst(true);
    burst(false);
    assert_int_equal(x.state, SENSOR_SEEN);
}

static void test_grace_of_zero_connects_at_once(void **state)
{
    start(CONF_CONNECT_AUTO, BLUEZ_RUNNING);
    x.grace_usec = 0;
    feed(SENSOR_EV_ADVERT);
    assert_true(sensor_is_ready(&x, now));
}

static void test_an_old_advert_is_no_reason_to_connect(void **state)
{
    start(CONF_CONNECT_AUTO, BLUEZ_RUNNING);
    x.grace_usec = 0;
    feed(SENSOR_EV_ADVERT);
    pass(25); /* others had their turn */
    assert_int_equal(x.state, SENSOR_WAITING);
    assert_false(sensor_is_ready(&x, now));
    feed(SENSOR_EV_ADVERT);
    assert_true(sensor_is_ready(&x, now));
}

static void test_who_is_wanted_when(void **state)
{
    static const struct {
        const char *label;
        enum conf_connect connect;
        uint32_t services;
        bool session, mover, wanted, asked;
    } rows[] = {
        { "auto", CONF_CONNECT_AUTO, 0, false, false, true },
        { "a pod by default", CONF_CONNECT_UNSET, BLUEZ_RUNNING, false, false, true },
        { "a belt by default", CONF_CONNECT_UNSET, BLUEZ_FITNESS_MACHINE, false, false, true },
        { "a belt with a heart rate", CONF_CONNECT_UNSET, BLUEZ_FITNESS_MACHINE | BLUEZ_HEART_RATE,
          false, false, true },
        { "a strap by default", CONF_CONNECT_UNSET, BLUEZ_HEART_RATE, false, false, false },
        { "a strap that counts steps", CONF_CONNECT_UNSET, BLUEZ_HEART_RATE | BLUEZ_RUNNING, false,
          false, false },
        { "a pod that tells power too", CONF_CONNECT_UNSET, BLUEZ_RUNNING | BLUEZ_POWER, false,
          false, true },
        { "power alone", CONF_CONNECT_UNSET, BLUEZ_POWER, false, false, false },
        { "power alone and a pod that streams", CONF_CONNECT_UNSET, BLUEZ_POWER, false, true,
          true },
        { "a barometer", CONF_CONNECT_UNSET, BLUEZ_ENVIRONMENT, false, false, false },
        { "a barometer in a session", CONF_CONNECT_UNSET, BLUEZ_ENVIRONMENT, true, false, true },
        { "a receiver of satellites", CONF_CONNECT_UNSET, BLUEZ_LOCATION | BLUEZ_ENVIRONMENT, false,
          false, false },
        { "a strap and a pod that streams", CONF_CONNECT_UNSET, BLUEZ_HEART_RATE, false, true,
          true },
        { "a strap in a session", CONF_CONNECT_UNSET, BLUEZ_HEART_RATE, true, false, true },
        { "a pod told to come with others", CONF_CONNECT_WITH, BLUEZ_RUNNING, false, false, false },
        { "a strap told to come always", CONF_CONNECT_AUTO, BLUEZ_HEART_RATE, false, false, true },
        { "on request, though a pod streams", CONF_CONNECT_ON_REQUEST, BLUEZ_RUNNING, false, true,
          false },
        { "on request, in a session that began by itself", CONF_CONNECT_ON_REQUEST, BLUEZ_RUNNING,
          true, false, false },
        { "on request, in one that a person began", CONF_CONNECT_ON_REQUEST, BLUEZ_RUNNING, true,
          false, true, .asked = true },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        print_message("%s\n", rows[i].label);
        start(rows[i].connect, rows[i].services);
        x.company.session_open = rows[i].session;
        x.company.session_asked = rows[i].asked;
        x.company.mover_streams = rows[i].mover;
        assert_int_equal(sensor_is_wanted(&x, now), rows[i].wanted);
        assert_int_equal(sensor_scan(&x, now),
                         rows[i].wanted ? SENSOR_SCAN_SLOW : SENSOR_SCAN_NONE);
    }
}

static void test_grace_of_a_strap_counts_from_the_run_not_from_the_morning(void **state)
{
    start(CONF_CONNECT_UNSET, BLUEZ_HEART_RATE);
    for (int i = 0; i < 100; i++)
        burst(true);
    assert_int_equal(x.state, SENSOR_SEEN);
    x.company.mover_streams = true;
    feed(SENSOR_EV_TICK);
    uint64_t from = now;
    while (!sensor_is_ready(&x, now))
        burst(true);
    assert_true(now - from >= 45 * S);
}

/* Grace that was not asked for, or is over, is no reason to wait: only the next advert is. */
static void test_a_strap_that_is_wanted_says_what_it_waits_for(void **state)
{
    static const struct {
        const char *label;
        uint64_t grace_usec, worn_usec; /* before the run begins */
        const char *reason, *stopped;
    } rows[] = {
        { "no Grace", 0, 10 * S, "heard; wanted, connects when it is heard again",
          "adverts stopped: out of range, asleep, or connected elsewhere" },
        { "Grace", 45 * S, 10 * S, "heard; left to others until Grace is over",
          "adverts stopped: out of range, asleep, or connected elsewhere" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        print_message("%s\n", rows[i].label);
        start(CONF_CONNECT_UNSET, BLUEZ_HEART_RATE);
        x.grace_usec = rows[i].grace_usec;
        for (uint64_t from = now; now - from < rows[i].worn_usec;)
            burst(true);
        assert_string_equal(x.reason, "heard; waits for its runner to run");
        pass(1);
        x.company.mover_streams = true;
        feed(SENSOR_EV_TICK);
        assert_int_equal(x.state, SENSOR_SEEN);
        assert_string_equal(x.reason, rows[i].reason);
        for (int n = 0; n < 4; n++)
            burst(false);
        assert_int_equal(x.state, SENSOR_ABSENT);
        assert_string_equal(x.reason, rows[i].stopped);
    }
}

static void test_seen_by_another_s_scan_ages_to_absent(void **state)
{
    start(CONF_CONNECT_UNSET, BLUEZ_HEART_RATE);
    feed(SENSOR_EV_ADVERT);
    assert_int_equal(x.state, SENSOR_SEEN);
    pass(61);
    assert_int_equal(x.state, SENSOR_ABSENT);
}

/* ---- idle, released ---- */

static void test_heart_beats_alone_keep_nothing(void **state)
{
    start(CONF_CONNECT_AUTO, BLUEZ_HEART_RATE);
    stream();
    assert_int_equal(packets(299), 0);
    assert_int_equal(packets(2),
                     SENSOR_DO_UNSUBSCRIBE | SENSOR_DO_DISCONNECT | SENSOR_DO_LINK_DOWN);
    assert_int_equal(x.state, SENSOR_RELEASED);
    feed(SENSOR_EV_LINK_DOWN);
    assert_true(x.drops == 0);
}

static void test_an_effort_keeps_the_strap_that_tells_of_it(void **state)
{
    start(CONF_CONNECT_AUTO, BLUEZ_HEART_RATE);
    stream();
    packets(270);
    for (unsigned i = 0; i < 119; i++) { /* not a session yet */
        assert_int_equal(packets(1), 0);
        x.effort_usec = now;
    }
    assert_int_equal(packets(299), 0);
    assert_int_equal(packets(2),
                     SENSOR_DO_UNSUBSCRIBE | SENSOR_DO_DISCONNECT | SENSOR_DO_LINK_DOWN);
    assert_int_equal(x.state, SENSOR_RELEASED);
}

static void test_a_treadmill_is_not_let_go_because_it_stands(void **state)
{
    start(CONF_CONNECT_UNSET, BLUEZ_FITNESS_MACHINE);
    stream();
    assert_int_equal(packets(24 * 3600), 0);
    assert_int_equal(x.state, SENSOR_STREAMING);
}

static void test_an_idle_timeout_that_was_given_holds_for_a_treadmill_too(void **state)
{
    start(CONF_CONNECT_UNSET, BLUEZ_FITNESS_MACHINE);
    x.idle_usec = 300 * S;
    stream();
    assert_int_equal(packets(299), 0);
    assert_true(packets(2) & SENSOR_DO_DISCONNECT);
}

static void test_steps_and_sessions_keep_the_link(void **state)
{
    start(CONF_CONNECT_AUTO, BLUEZ_HEART_RATE);
    stream();
    packets(200);
    x.company.motion_usec = now;
    assert_int_equal(packets(290), 0);
    x.company.session_open = true;
    assert_int_equal(packets(3600), 0);
    x.company.session_open = false;
    x.company.session_end_usec = now;
    feed(SENSOR_EV_TICK);
    assert_int_equal(packets(299), 0);
    assert_true(packets(2) & SENSOR_DO_DISCONNECT);
}

static void test_a_strap_worn_all_day_costs_one_connection(void **state)
{
    unsigned connects = 0;
    start(CONF_CONNECT_AUTO, BLUEZ_HEART_RATE);
    stream();
    packets(301);
    feed(SENSOR_EV_LINK_DOWN);
    for (int i = 0; i < 24 * 120; i++) { /* adverts all day, and a burst each 30 s */
        pass(26);
        feed(SENSOR_EV_ADVERT);
        pass(4);
        feed(SENSOR_EV_BURST);
        assert_int_equal(sensor_scan(&x, now), SENSOR_SCAN_SLOW);
        if (i % 500 == 400) { /* one that was not heard */
            pass(30);
            feed(SENSOR_EV_BURST);
        }
        connects += sensor_is_ready(&x, now);
    }
    assert_int_equal(connects, 0);
    assert_int_equal(x.state, SENSOR_RELEASED);
}

static void test_after_a_quiet_minute_it_is_anew(void **state)
{
    start(CONF_CONNECT_AUTO, BLUEZ_RUNNING);
    stream();
    packets(301);
    feed(SENSOR_EV_LINK_DOWN);
    for (int i = 0; i < 12; i++) {
        assert_int_equal(x.state, SENSOR_RELEASED);
        burst(false);
    }
    burst(false);
    assert_int_equal(x.state, SENSOR_ABSENT);
    feed(SENSOR_EV_ADVERT);
    assert_int_equal(x.state, SENSOR_SEEN); /* with Grace */
}

static void test_a_minute_without_scans_proves_no_quiet(void **state)
{
    start(CONF_CONNECT_AUTO, BLUEZ_RUNNING);
    stream();
    packets(301);
    feed(SENSOR_EV_LINK_DOWN);
    pass(3600);
    feed(SENSOR_EV_TICK);
    assert_int_equal(x.state, SENSOR_RELEASED);
}

static void test_motion_of_the_runner_calls_it_back(void **state)
{
    start(CONF_CONNECT_UNSET, BLUEZ_HEART_RATE);
    x.company.mover_streams = true;
    stream();
    packets(301);
    feed(SENSOR_EV_LINK_DOWN);
    burst(true);
    assert_int_equal(x.state, SENSOR_RELEASED);
    x.company.motion_usec = now;
    feed(SENSOR_EV_TICK);
    assert_int_equal(x.state, SENSOR_ABSENT);
    dial();
}

static void test_on_request_ends_with_the_session(void **state)
{
    start(CONF_CONNECT_ON_REQUEST, BLUEZ_RUNNING);
    x.company.session_open = x.company.session_asked = true;
    feed(SENSOR_EV_TICK);
    stream();
    packets(10);
    x.company.session_open = x.company.session_asked = false;
    x.company.session_end_usec = now;
    assert_true(feed(SENSOR_EV_TICK) & SENSOR_DO_DISCONNECT);
    assert_int_equal(x.state, SENSOR_RELEASED);
}

static void test_on_request_is_not_held_by_a_link_that_came_too_late(void **state)
{
    start(CONF_CONNECT_ON_REQUEST, BLUEZ_RUNNING);
    x.company.session_open = x.company.session_asked = true;
    feed(SENSOR_EV_TICK);
    dial();
    pass(1);
    x.company.session_open = x.company.session_asked = false;
    x.company.session_end_usec = now;
    feed(SENSOR_EV_TICK);
    pass(1);
    assert_int_equal(reply(BLUEZ_DONE), SENSOR_DO_PROVE);
    feed(SENSOR_EV_LINK_FOUND);
    assert_int_equal(feed(SENSOR_EV_PROVEN), SENSOR_DO_SUBSCRIBE);
    feed(SENSOR_EV_SUBSCRIBED);
    assert_true(x.deadline_usec <= now); /* the round comes at once */
    assert_true(feed(SENSOR_EV_TICK) & SENSOR_DO_DISCONNECT);
    assert_int_equal(x.state, SENSOR_RELEASED);
}

static void test_on_request_that_was_found_linked_is_let_go_unless_asked_for(void **state)
{
    start(CONF_CONNECT_ON_REQUEST, BLUEZ_RUNNING);
    x.company.session_open = true; /* one that began by itself */
    sensor_feed(&x, &(struct sensor_event){ .kind = SENSOR_EV_LINK_FOUND, .flag = true }, now);
    assert_int_equal(x.state, SENSOR_CONNECTING);
    feed(SENSOR_EV_PROVEN);
    feed(SENSOR_EV_SUBSCRIBED);
    assert_true(feed(SENSOR_EV_TICK) & SENSOR_DO_DISCONNECT);
    assert_int_equal(x.state, SENSOR_RELEASED);
}

static uint32_t release(double seconds)
{
    return sensor_feed(&x,
                       &(struct sensor_event){ .kind = SENSOR_EV_RELEASE,
                                               .until_usec = now + (uint64_t)(seconds * 1e6) },
                       now);
}

static void test_release_lets_go_for_its_time(void **state)
{
    start(CONF_CONNECT_AUTO, BLUEZ_RUNNING);
    stream();
    assert_int_equal(release(3600),
                     SENSOR_DO_UNSUBSCRIBE | SENSOR_DO_DISCONNECT | SENSOR_DO_LINK_DOWN);
    feed(SENSOR_EV_LINK_DOWN);
    for (int i = 0; i < 700; i++) {
        burst(i < 100 || i > 200);
        x.company.motion_usec = now;
        assert_int_equal(x.state, SENSOR_RELEASED);
        assert_int_equal(sensor_scan(&x, now), SENSOR_SCAN_NONE);
    }
    pass(101);
    assert_int_equal(x.state, SENSOR_ABSENT);
    feed(SENSOR_EV_ADVERT);
    assert_int_equal(x.state, SENSOR_SEEN); /* whoever asked for it may still want it: Grace */
}

static void test_release_holds_over_a_restart_of_bluetoothd_and_ends_when_told(void **state)
{
    start(CONF_CONNECT_AUTO, BLUEZ_RUNNING);
    stream();
    release(3600);
    sensor_feed(&x, &(struct sensor_event){ .kind = SENSOR_EV_UNAVAILABLE, .text = "gone" }, now);
    assert_int_equal(x.state, SENSOR_UNAVAILABLE);
    feed(SENSOR_EV_AVAILABLE);
    assert_int_equal(x.state, SENSOR_RELEASED);
    release(0);
    assert_int_equal(x.state, SENSOR_ABSENT);
}

static void test_come_back_counts_while_the_adapter_is_away(void **state)
{
    start(CONF_CONNECT_AUTO, BLUEZ_HEART_RATE);
    stream();
    packets(301);
    feed(SENSOR_EV_LINK_DOWN);
    assert_int_equal(x.state, SENSOR_RELEASED);
    sensor_feed(&x, &(struct sensor_event){ .kind = SENSOR_EV_UNAVAILABLE, .text = "off" }, now);
    assert_int_equal(release(0), 0);
    assert_int_equal(feed(SENSOR_EV_AVAILABLE), 0);
    assert_int_equal(x.state, SENSOR_ABSENT);
}

static void test_a_let_go_strap_is_not_taken_again_because_bluetoothd_restarts(void **state)
{
    start(CONF_CONNECT_AUTO, BLUEZ_HEART_RATE);
    stream();
    packets(301);
    feed(SENSOR_EV_LINK_DOWN);
    sensor_feed(&x, &(struct sensor_event){ .kind = SENSOR_EV_UNAVAILABLE, .text = "gone" }, now);
    feed(SENSOR_EV_AVAILABLE);
    assert_string_equal(x.reason, "idle: let go until it is needed");
    for (int i = 0; i < 100; i++)
        burst(true);
    assert_int_equal(x.state, SENSOR_RELEASED);
}

/* bluetoothd subscribes for us at the next link, whoever makes it, until it is told not to. A link that was lost
 * or cut is to come back, and is to speak at once then. */
static void test_what_is_left_to_others_is_not_subscribed_to(void **state)
{
    start(CONF_CONNECT_AUTO, BLUEZ_RUNNING);
    stream();
    lose();
    assert_int_equal(release(60), SENSOR_DO_UNSUBSCRIBE);
    assert_int_equal(release(0), 0);
    stream();
    x.company.session_open = true;
    assert_int_equal(pass(61), SENSOR_DO_DISCONNECT | SENSOR_DO_LINK_DOWN); /* silent */
    feed(SENSOR_EV_LINK_DOWN);
    sensor_feed(&x, &(struct sensor_event){ .kind = SENSOR_EV_UNAVAILABLE, .text = "off" }, now);
    release(60);
    assert_int_equal(feed(SENSOR_EV_AVAILABLE),
                     SENSOR_DO_UNSUBSCRIBE); /* it could not be told before */
}

/* ---- the link and its troubles ---- */

static void test_a_connect_reply_proves_nothing(void **state)
{
    start(CONF_CONNECT_AUTO, BLUEZ_RUNNING);
    dial();
    assert_int_equal(reply(BLUEZ_DONE), SENSOR_DO_PROVE);
    feed(SENSOR_EV_UNPROVEN); /* the answer shows no link: perhaps it is only late */
    assert_int_equal(x.state, SENSOR_CONNECTING);
    pass(1);
    feed(SENSOR_EV_UNPROVEN);
    assert_int_equal(x.state, SENSOR_CONNECTING);
    pass(2);
    assert_true(feed(SENSOR_EV_UNPROVEN) & SENSOR_DO_DISCONNECT);
    assert_int_equal(x.state, SENSOR_WAITING);
    assert_string_equal(x.reason, "the link did not stand");
}

static void test_packets_count_after_the_proof_where_services_are_still_missing(void **state)
{
    start(CONF_CONNECT_AUTO, BLUEZ_RUNNING);
    dial();
    assert_int_equal(feed(SENSOR_EV_PACKET), 0);
    reply(BLUEZ_DONE);
    assert_int_equal(feed(SENSOR_EV_PACKET), 0);
    assert_false(x.usable);
    feed(SENSOR_EV_PROVEN);
    assert_int_equal(feed(SENSOR_EV_PACKET), SENSOR_DO_LINK_UP);
    assert_int_equal(feed(SENSOR_EV_SUBSCRIBED), 0);
}

static void test_packets_of_a_rearmed_subscription_are_proof_of_the_link(void **state)
{
    const struct sensor_event packet = { .kind = SENSOR_EV_PACKET, .uuid = 0x2A53, .flag = true };
    for (int replied = 0; replied < 2; replied++) {
        start(CONF_CONNECT_AUTO, BLUEZ_RUNNING);
        dial();
        if (replied)
            assert_int_equal(reply(BLUEZ_DONE), SENSOR_DO_PROVE);
        assert_int_equal(sensor_feed(&x, &packet, now), SENSOR_DO_SUBSCRIBE | SENSOR_DO_LINK_UP);
        assert_int_equal(x.state, SENSOR_STREAMING);
        assert_int_equal(reply(BLUEZ_DONE), 0); /* one of them is late */
        assert_int_equal(feed(SENSOR_EV_PROVEN), 0);
        assert_int_equal(feed(SENSOR_EV_SUBSCRIBED), 0);
        assert_true(feed(SENSOR_EV_LINK_DOWN) & SENSOR_DO_LINK_DOWN);
    }
}

static void test_the_proof_may_come_before_the_reply(void **state)
{
    start(CONF_CONNECT_AUTO, BLUEZ_RUNNING);
    dial();
    assert_int_equal(feed(SENSOR_EV_PROVEN), SENSOR_DO_SUBSCRIBE);
    assert_int_equal(reply(BLUEZ_DONE), 0);
    assert_int_equal(feed(SENSOR_EV_SUBSCRIBED), SENSOR_DO_LINK_UP);
    assert_int_equal(reply(BLUEZ_FAILED), 0);
    assert_int_equal(x.state, SENSOR_STREAMING);
}

static void test_a_connect_is_canceled_after_15_s(void **state)
{
    start(CONF_CONNECT_AUTO, BLUEZ_RUNNING);
    dial();
    assert_int_equal(pass(14.9), 0);
    assert_int_equal(pass(0.2), SENSOR_DO_DISCONNECT);
    assert_int_equal(x.state, SENSOR_WAITING);
    assert_false(sensor_is_ready(&x, now));
}

static void test_services_that_do_not_show_twice_have_it_removed(void **state)
{
    start(CONF_CONNECT_AUTO, BLUEZ_RUNNING);
    for (int i = 0; i < 2; i++) {
        dial();
        reply(BLUEZ_DONE);
        feed(SENSOR_EV_LINK_FOUND);
        uint32_t actions = pass(20.5);
        assert_true(actions & SENSOR_DO_PROVE);
        assert_true(actions & SENSOR_DO_DISCONNECT);
        assert_int_equal(!!(actions & SENSOR_DO_REMOVE), i == 1);
        feed(SENSOR_EV_LINK_DOWN);
    }
    assert_int_equal(x.state, SENSOR_ABSENT);
}

/* A subscription that bluetoothd armed by itself may speak all the while, and so may a second link's
 * adverts. */
static void test_what_comes_meanwhile_does_not_put_the_proof_off(void **state)
{
    static const struct {
        const char *label;
        enum sensor_event_kind kind;
    } rows[] = {
        { "packets of one of two services", SENSOR_EV_PACKET },
        { "adverts", SENSOR_EV_ADVERT },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        unsigned asked = 0;
        uint32_t actions = 0;
        print_message("%s\n", rows[i].label);
        start(CONF_CONNECT_AUTO, BLUEZ_HEART_RATE | BLUEZ_RUNNING);
        dial();
        reply(BLUEZ_DONE);
        feed(SENSOR_EV_LINK_FOUND);
        uint64_t from = now;
        while (x.state == SENSOR_CONNECTING && now - from < 25 * S) {
            actions = pass(0.4);
            asked += !!(actions & SENSOR_DO_PROVE);
            if (x.state == SENSOR_CONNECTING)
                feed(rows[i].kind);
        }
        assert_true(asked >= 15 && asked <= 20);
        assert_true(actions & SENSOR_DO_DISCONNECT);
        assert_true(now - from >= 20 * S && now - from <= 21 * S);
        assert_string_equal(x.reason, "connected, but its services did not show within 20 s");
    }
}

static void test_a_problem_goes_with_the_sensor_it_is_about(void **state)
{
    static const struct {
        const char *label;
        enum sensor_event_kind kind;
        enum sensor_state then;
    } rows[] = {
        { "released by a person", SENSOR_EV_RELEASE, SENSOR_RELEASED },
        { "the adapter went", SENSOR_EV_UNAVAILABLE, SENSOR_UNAVAILABLE },
        { "it is not heard any more", SENSOR_EV_TICK, SENSOR_ABSENT },
    };

    for (size_t row = 0; row < sizeof rows / sizeof *rows; row++) {
        start(CONF_CONNECT_AUTO, BLUEZ_RUNNING);
        for (int i = 0; i < 7; i++) {
            dial();
            reply(BLUEZ_FAILED);
        }
        assert_string_not_equal(x.problem, "");
        if (rows[row].kind == SENSOR_EV_TICK)
            for (int i = 0; i < 60; i++) {
                pass(30);
                feed(SENSOR_EV_BURST);
            }
        else
            sensor_feed(&x,
                        &(struct sensor_event){
                            .kind = rows[row].kind, .text = "", .until_usec = now + 3600 * S },
                        now);
        if (x.state != rows[row].then || x.problem[0])
            fail_msg("%s: %s \"%s\"", rows[row].label, sensor_state_name(x.state), x.problem);
    }
}

static void test_every_failed_connect_backs_off_and_none_gives_up(void **state)
{
    static const double least_s[] = { 0.2, 0.8, 3.2, 12.8, 48, 48, 48, 48, 48 };
    start(CONF_CONNECT_AUTO, BLUEZ_RUNNING);
    for (size_t i = 0; i < sizeof least_s / sizeof *least_s; i++) {
        dial();
        uint32_t forget =
            i == 5 ? SENSOR_DO_REMOVE : 0; /* what bluetoothd keeps may be the cause */
        assert_int_equal(reply(BLUEZ_FAILED), SENSOR_DO_DISCONNECT | forget);
        assert_int_equal(x.state, forget ? SENSOR_ABSENT : SENSOR_WAITING);
        feed(SENSOR_EV_LINK_DOWN);
        assert_true((double)(x.retry_usec - now) >= least_s[i] * 1e6);
        assert_true(x.retry_usec - now <= 72 * S);
        assert_int_equal(x.problem[0] != '\0', i >= 5);
    }
    stream();
    packets(70);
    assert_string_equal(x.problem, "");
    assert_int_equal(x.failures, 0);
}

/* bluetoothd has the words of an adapter that is off for whatever the kernel refuses at once. */
static void test_an_adapter_that_is_never_ready_though_it_is_on_is_a_failure(void **state)
{
    start(CONF_CONNECT_AUTO, BLUEZ_RUNNING);
    for (int times = 0; times < 2; times++) {
        for (int i = 0; i < 2; i++) { /* its end may not have been told yet */
            dial();
            assert_int_equal(reply(BLUEZ_NOT_READY), 0);
            assert_string_equal(x.reason, "the adapter is not ready");
        }
        assert_int_equal(x.failures, times);
        dial();
        reply(BLUEZ_FAILED); /* they are not in a row then */
        feed(SENSOR_EV_LINK_DOWN);
    }
    while (!sensor_is_past_help(&x)) {
        unsigned before = x.failures;
        for (int i = 0; x.failures == before && i < 3; i++) {
            dial();
            if (reply(BLUEZ_NOT_READY) & SENSOR_DO_DISCONNECT)
                feed(SENSOR_EV_LINK_DOWN);
        }
        assert_int_equal(x.failures, before + 1);
    }
    assert_non_null(strstr(x.problem, "tries in a row to connect failed"));
    sensor_feed(&x, &(struct sensor_event){ .kind = SENSOR_EV_UNAVAILABLE, .text = "off" }, now);
    feed(SENSOR_EV_AVAILABLE);
    dial();
    assert_int_equal(reply(BLUEZ_NOT_READY), 0);
}

static void test_a_full_adapter_has_nothing_forgotten(void **state)
{
    start(CONF_CONNECT_AUTO, BLUEZ_RUNNING);
    x.company.links = 5;
    for (int i = 0; i < 12; i++) {
        dial();
        assert_int_equal(reply(BLUEZ_FAILED), SENSOR_DO_DISCONNECT);
        feed(SENSOR_EV_LINK_DOWN);
    }
}

static void test_a_device_that_is_forgotten_while_we_dial_is_a_try_that_failed(void **state)
{
    const struct sensor_event gone = { .kind = SENSOR_EV_LINK_DOWN, .flag = true };
    for (int answered = 0; answered < 2; answered++) {
        start(CONF_CONNECT_AUTO, BLUEZ_RUNNING);
        x.company.links = 5;
        for (int i = 0; i < 4; i++) {
            assert_string_equal(x.problem, "");
            dial();
            assert_int_equal(answered ? reply(BLUEZ_OBJECT_GONE) : sensor_feed(&x, &gone, now), 0);
            assert_int_equal(x.state, SENSOR_ABSENT);
        }
        assert_non_null(strstr(x.problem, "no connection left"));
        assert_true(x.retry_usec - now >= 12 * S);
    }
}

static void test_one_that_was_forgotten_is_not_left_to_others_again(void **state)
{
    start(CONF_CONNECT_AUTO, BLUEZ_RUNNING);
    dial();
    reply(BLUEZ_OBJECT_GONE);
    uint64_t gone = now;
    dial();
    assert_true(now - gone <= 6 * S);
    reply(BLUEZ_OBJECT_GONE);
    for (int i = 0; i < 24; i++) /* a watch has it meanwhile */
        burst(false);
    gone = now;
    dial();
    assert_true(now - gone >= 45 * S);
    reply(BLUEZ_OBJECT_GONE);
    release(1); /* a person has another one have it */
    pass(2);
    gone = now;
    dial();
    assert_true(now - gone >= 45 * S);
}

static void test_a_full_adapter_is_said(void **state)
{
    start(CONF_CONNECT_AUTO, BLUEZ_RUNNING);
    dial();
    reply(BLUEZ_NO_SLOT);
    assert_non_null(strstr(x.problem, "no connection left"));
    assert_true(x.retry_usec - now >= 4 * S);
}

static void test_a_place_on_a_full_adapter_is_taken_at_once(void **state)
{
    start(CONF_CONNECT_AUTO, BLUEZ_RUNNING);
    x.company.links = 5;
    for (int i = 0; i < 6; i++) {
        dial();
        reply(BLUEZ_OBJECT_GONE);
    }
    while (x.state != SENSOR_WAITING)
        burst(true);
    assert_false(sensor_is_ready(&x, now));
    x.company.links = 4;
    feed(SENSOR_EV_TICK);
    assert_true(sensor_is_ready(&x, now));
    dial();
    reply(BLUEZ_OBJECT_GONE); /* it was no lack of places: in its own time again */
    assert_true(x.retry_usec - now >= 40 * S);
    feed(SENSOR_EV_TICK);
    assert_true(x.retry_usec - now >= 40 * S);
}

static void test_somebody_s_pending_connect(void **state)
{
    start(CONF_CONNECT_AUTO, BLUEZ_RUNNING);
    dial(); /* we never had it: it may be our own Connect of before a crash */
    assert_int_equal(reply(BLUEZ_IN_PROGRESS), SENSOR_DO_DISCONNECT);
    feed(SENSOR_EV_LINK_DOWN);
    stream();
    lose();
    dial(); /* now it is another's */
    assert_int_equal(reply(BLUEZ_IN_PROGRESS), 0);
    assert_int_equal(x.failures, 1); /* of the short link only */
    dial();
    assert_int_equal(reply(BLUEZ_IN_PROGRESS), 0);
}

/* Another program that looks for the same sensor while the adapter is scanned with takes 10 s for each of
 * its Connects. */
static void test_what_another_dials_is_not_cancelled_under_its_hands(void **state)
{
    static const struct {
        const char *label;
        bool let_go, dialled;
    } rows[] = {
        { "after it was let go", true, false },
        { "before the first link, dialled in vain", false, true },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        print_message("%s\n", rows[i].label);
        start(CONF_CONNECT_AUTO, BLUEZ_RUNNING);
        if (rows[i].let_go) {
            stream();
            packets(301);
            feed(SENSOR_EV_LINK_DOWN);
            x.company.session_open = true;
        }
        if (rows[i].dialled) {
            dial();
            reply(BLUEZ_FAILED);
            feed(SENSOR_EV_LINK_DOWN);
        }
        for (int n = 0; n < 3; n++) { /* each over within a minute, and then it has the link */
            dial();
            uint64_t from = now;
            while (now - from < 40 * S) {
                assert_int_equal(reply(BLUEZ_IN_PROGRESS), 0);
                dial();
            }
            reply(BLUEZ_FAILED);
            feed(SENSOR_EV_LINK_DOWN);
        }
        for (int n = 0; n < 5; n++) { /* nor when there were minutes in between */
            dial();
            assert_int_equal(reply(BLUEZ_IN_PROGRESS), 0);
            for (int quiet = 0; quiet < 20; quiet++)
                burst(false);
        }
    }
}

static void test_a_connect_that_is_stuck_for_a_minute_is_cancelled(void **state)
{
    uint32_t actions = 0;
    start(CONF_CONNECT_AUTO, BLUEZ_RUNNING);
    stream();
    lose();
    dial();
    uint64_t from = now;
    while ((actions = reply(BLUEZ_IN_PROGRESS)) == 0 && now - from < 100 * S)
        dial();
    assert_int_equal(actions, SENSOR_DO_DISCONNECT);
    assert_true(now - from >= 60 * S && now - from < 70 * S);
    feed(SENSOR_EV_LINK_DOWN);
    dial();
    assert_int_equal(reply(BLUEZ_IN_PROGRESS), 0); /* the next one has its minute, too */
}

static void test_a_lost_link_is_taken_back_at_its_next_advert(void **state)
{
    start(CONF_CONNECT_AUTO, BLUEZ_RUNNING);
    stream();
    packets(100);
    lose();
    assert_true(x.drops == 1);
    assert_int_equal(sensor_scan(&x, now), SENSOR_SCAN_FAST);
    burst(true);
    assert_true(sensor_is_ready(&x, now)); /* no Grace: the run is on */
    feed(SENSOR_EV_TURN);
    reply(BLUEZ_FAILED);
    feed(SENSOR_EV_LINK_DOWN);
    pass(301);
    feed(SENSOR_EV_ADVERT);
    for (int i = 0; i < 4; i++) /* it was heard in the first */
        burst(false);
    assert_int_equal(x.state, SENSOR_ABSENT);
    feed(SENSOR_EV_ADVERT);
    assert_int_equal(x.state, SENSOR_SEEN); /* after five minutes it is anybody's again */
}

static void test_silence_is_said_and_after_a_minute_cut(void **state)
{
    start(CONF_CONNECT_AUTO, BLUEZ_RUNNING);
    x.company.session_open = true;
    stream();
    assert_int_equal(pass(9.9), 0);
    assert_int_equal(x.state, SENSOR_STREAMING);
    pass(0.2);
    assert_int_equal(x.state, SENSOR_SILENT);
    assert_int_equal(pass(49), 0);
    assert_int_equal(feed(SENSOR_EV_PACKET), 0);
    assert_int_equal(x.state, SENSOR_STREAMING);
    for (int i = 0; i < 3; i++) { /* each time it is given twice as long */
        assert_int_equal(pass(59.9), 0);
        assert_int_equal(pass((60 << i) - 60 + 0.2), SENSOR_DO_DISCONNECT | SENSOR_DO_LINK_DOWN);
        assert_int_equal(x.problem[0] != '\0', i >= 1);
        feed(SENSOR_EV_LINK_DOWN);
        dial();
        reply(BLUEZ_DONE);
        feed(SENSOR_EV_PROVEN);
        feed(SENSOR_EV_SUBSCRIBED);
    }
    assert_true(x.drops == 0);
}

static void test_what_lacks_is_in_the_reason_and_the_log_while_the_rest_comes(void **state)
{
    start(CONF_CONNECT_AUTO, BLUEZ_HEART_RATE | BLUEZ_RUNNING);
    dial();
    reply(BLUEZ_DONE);
    feed(SENSOR_EV_LINK_FOUND);
    feed(SENSOR_EV_PROVEN);
    assert_int_equal(feed_uuid(SENSOR_EV_ONE_REFUSED, 0x2A53), 0);
    assert_int_equal(x.state, SENSOR_CONNECTING); /* another may be accepted */
    assert_int_equal(feed_uuid(SENSOR_EV_SUBSCRIBED, 0x2A37), SENSOR_DO_LINK_UP);
    assert_string_equal(last_line, "pod: streaming -> streaming (no cadence from it)");
    assert_string_equal(last_fields, "SENSOR=pod STATE=streaming");
    uint64_t since = x.since_usec;
    assert_int_equal(pass(0.9), 0);
    assert_int_equal(pass(0.1), SENSOR_DO_RENEW);
    assert_int_equal(x.n_renew, 1);
    assert_int_equal(x.renew[0], 0x2A53);

    feed_uuid(SENSOR_EV_ONE_REFUSED, 0x2A53);
    assert_int_equal(pass(10) & ~(uint32_t)SENSOR_DO_RENEW, 0); /* the rest falls silent, too */
    assert_int_equal(x.state, SENSOR_SILENT);
    assert_string_equal(x.reason, "subscribed, but no packets for 10 s");
    feed_uuid(SENSOR_EV_PACKET, 0x2A37);
    assert_int_equal(x.state, SENSOR_STREAMING);
    assert_string_equal(x.reason, "no cadence from it");

    int before = lines;
    for (int i = 0; i < 5; i++)
        feed_uuid(SENSOR_EV_PACKET, 0x2A37);
    assert_int_equal(lines, before); /* said once */
    feed_uuid(SENSOR_EV_PACKET, 0x2A53);
    assert_string_equal(last_line, "pod: streaming -> streaming (all of it comes)");
    assert_true(x.since_usec > since); /* of the state, which was another in between */

    feed_uuid(SENSOR_EV_ONE_REFUSED, 0x2A53);
    lose();
    stream(); /* a new link owes nothing of the old one's */
    assert_string_equal(x.reason, "subscribed");
}

static void
test_what_has_nothing_for_us_is_made_anew_once_and_then_let_be_until_it_was_away(void **state)
{
    start(CONF_CONNECT_AUTO, BLUEZ_FITNESS_MACHINE);
    dial();
    reply(BLUEZ_DONE);
    feed(SENSOR_EV_LINK_FOUND);
    assert_int_equal(feed(SENSOR_EV_FOREIGN), SENSOR_DO_DISCONNECT | SENSOR_DO_REMOVE);
    assert_int_equal(x.state, SENSOR_ABSENT);
    feed(SENSOR_EV_LINK_DOWN);
    for (unsigned times = 0; times < 2; times++) {
        dial();
        reply(BLUEZ_DONE);
        feed(SENSOR_EV_LINK_FOUND);
        assert_int_equal(feed(SENSOR_EV_FOREIGN), SENSOR_DO_UNSUBSCRIBE | SENSOR_DO_DISCONNECT);
        feed(SENSOR_EV_LINK_DOWN);
        assert_int_equal(x.state, SENSOR_RELEASED);
        assert_string_equal(x.problem,
                            "pod has nothing that can be read: no heart rate, no running "
                            "cadence, no treadmill data; its maker's own app may know it");
        x.company.session_open = true;
        x.company.motion_usec = now;
        for (int i = 0; i < 500; i++)
            burst(true);
        assert_int_equal(x.state, SENSOR_RELEASED);
        for (int i = 0; i < 13; i++)
            burst(false);
        assert_int_equal(x.state, SENSOR_ABSENT);
        assert_string_equal(x.problem, "");
    }
    x.company.session_open = false;
    stream(); /* it came back as another */
    assert_int_equal(x.foreign, 0);
}

static void test_why_a_sensor_was_let_go_is_known_when_bluetoothd_is_back(void **state)
{
    char reason[PAYLOAD_TEXT_MAX], problem[PAYLOAD_TEXT_MAX];

    start(CONF_CONNECT_AUTO, BLUEZ_FITNESS_MACHINE);
    for (unsigned times = 0; times < 2; times++) {
        dial();
        reply(BLUEZ_DONE);
        feed(SENSOR_EV_LINK_FOUND);
        feed(SENSOR_EV_FOREIGN);
        feed(SENSOR_EV_LINK_DOWN);
    }
    memcpy(reason, x.reason, sizeof reason);
    memcpy(problem, x.problem, sizeof problem);
    sensor_feed(&x, &(struct sensor_event){ .kind = SENSOR_EV_UNAVAILABLE, .text = "gone" }, now);
    assert_string_equal(x.problem, "");
    feed(SENSOR_EV_AVAILABLE);
    assert_int_equal(x.state, SENSOR_RELEASED);
    assert_string_equal(x.reason, reason);
    assert_string_equal(x.problem, problem);
}

/* Up to the subscription; the link then ends `seconds` later, with or without a packet. */
static uint32_t end_soon(double seconds, bool packet)
{
    dial();
    reply(BLUEZ_DONE);
    feed(SENSOR_EV_LINK_FOUND);
    feed(SENSOR_EV_PROVEN);
    feed_uuid(SENSOR_EV_SUBSCRIBED, 0x2A37);
    pass(seconds);
    if (packet)
        feed_uuid(SENSOR_EV_PACKET, 0x2A37);
    return feed(SENSOR_EV_LINK_DOWN);
}

static void test_a_link_that_dies_of_its_subscription_twice_is_read_first(void **state)
{
    start(CONF_CONNECT_AUTO, BLUEZ_HEART_RATE);
    end_soon(0.1, false);
    end_soon(0.1, true); /* it is another trouble */
    end_soon(6, false);  /* and so is this */
    assert_int_equal(end_soon(0.1, false), SENSOR_DO_LINK_DOWN);
    assert_false(x.read_first);
    assert_int_equal(end_soon(0.1, false), SENSOR_DO_REMOVE | SENSOR_DO_LINK_DOWN);
    assert_true(x.read_first);
    assert_string_equal(x.reason, "it ends the link when it is subscribed to: it is read first");

    /* bluetoothd would subscribe by itself at the next link: it has to forget, at each end */
    assert_int_equal(end_soon(20, true), SENSOR_DO_REMOVE | SENSOR_DO_LINK_DOWN);
    stream();
    assert_int_equal(
        sensor_feed(&x,
                    &(struct sensor_event){ .kind = SENSOR_EV_RELEASE, .until_usec = now + 10 * S },
                    now),
        SENSOR_DO_UNSUBSCRIBE | SENSOR_DO_DISCONNECT | SENSOR_DO_REMOVE | SENSOR_DO_LINK_DOWN);
    feed(SENSOR_EV_LINK_DOWN);

    end_soon(0.1, false); /* it was not that */
    end_soon(0.1, false);
    assert_false(x.read_first);
}

static void test_bluetoothd_may_subscribe_before_we_do(void **state)
{
    start(CONF_CONNECT_AUTO, BLUEZ_HEART_RATE);
    for (int i = 0; i < 3; i++) { /* of this alone nothing follows */
        dial();
        reply(BLUEZ_DONE);
        feed(SENSOR_EV_LINK_FOUND);
        assert_int_equal(feed(SENSOR_EV_LINK_DOWN), 0);
    }
    end_soon(0.1, false);
    dial();
    reply(BLUEZ_DONE);
    feed(SENSOR_EV_LINK_FOUND);
    assert_int_equal(feed(SENSOR_EV_LINK_DOWN), SENSOR_DO_REMOVE);
    assert_true(x.read_first);
}

static void test_a_standing_treadmill_may_be_silent(void **state)
{
    start(CONF_CONNECT_AUTO, BLUEZ_FITNESS_MACHINE);
    x.company.session_open = true;
    stream();
    assert_int_equal(pass(3000), 0);
    assert_int_equal(x.state, SENSOR_SILENT);
}

static void test_a_barometer_may_be_silent_while_the_air_stands_still(void **state)
{
    start(CONF_CONNECT_AUTO, BLUEZ_ENVIRONMENT);
    x.company.session_open = true;
    stream();
    assert_int_equal(pass(3000), 0);
    assert_int_equal(x.state, SENSOR_SILENT);
    assert_string_equal(x.problem, "");
}

static void test_the_kind_is_that_of_its_first_purpose(void **state)
{
    static const struct {
        uint32_t services;
        const char *kind;
    } rows[] = {
        { 0, "" },
        { BLUEZ_ENVIRONMENT, "barometer" },
        { BLUEZ_ENVIRONMENT | BLUEZ_LOCATION, "location" },
        { BLUEZ_POWER | BLUEZ_ENVIRONMENT, "power" },
        { BLUEZ_POWER | BLUEZ_RUNNING | BLUEZ_ENVIRONMENT, "pod" },
        { BLUEZ_RUNNING | BLUEZ_HEART_RATE, "strap" },
        { BLUEZ_HEART_RATE | BLUEZ_RUNNING | BLUEZ_FITNESS_MACHINE, "belt" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_string_equal(gatt_kind_name(sensor_kind(rows[i].services)), rows[i].kind);
}

static void test_drops_half_a_minute_after_each_connect_are_explained(void **state)
{
    start(CONF_CONNECT_AUTO, BLUEZ_HEART_RATE);
    for (int i = 0; i < 6; i++) {
        assert_string_equal(x.problem, "");
        stream();
        packets(30);
        lose();
    }
    assert_non_null(strstr(x.problem, "connection interval"));
    stream();
    packets(61);
    assert_string_equal(x.problem, "");
}

static void test_links_found_at_start_are_adopted(void **state)
{
    struct sensor_event found = { .kind = SENSOR_EV_LINK_FOUND, .flag = true };
    start(CONF_CONNECT_UNSET, BLUEZ_HEART_RATE); /* though it is not wanted now */
    assert_int_equal(sensor_feed(&x, &found, now), SENSOR_DO_PROVE);
    assert_int_equal(x.state, SENSOR_CONNECTING);
    feed(SENSOR_EV_PROVEN);
    assert_int_equal(feed(SENSOR_EV_SUBSCRIBED), SENSOR_DO_LINK_UP);
    assert_true(packets(301) & SENSOR_DO_DISCONNECT); /* and let go when nobody runs */
    feed(SENSOR_EV_LINK_DOWN);
    found.flag = false; /* another program's link later on is left alone */
    assert_int_equal(sensor_feed(&x, &found, now), 0);
    assert_int_equal(x.state, SENSOR_RELEASED);
}

/* A sensor that is connected does not advertise, so nothing else would bring it. */
static void test_a_link_of_somebody_elses_is_adopted_when_it_comes_to_be_wanted(void **state)
{
    start(CONF_CONNECT_UNSET, BLUEZ_HEART_RATE);
    assert_int_equal(feed(SENSOR_EV_LINK_FOUND), 0);
    assert_int_equal(pass(3600), 0);
    assert_int_equal(x.state, SENSOR_ABSENT);
    x.company.mover_streams = true;
    assert_int_equal(feed(SENSOR_EV_TICK),
                     SENSOR_DO_PROVE); /* round.c ticks when its company changes */
    assert_int_equal(x.state, SENSOR_CONNECTING);
    feed(SENSOR_EV_PROVEN);
    assert_int_equal(feed(SENSOR_EV_SUBSCRIBED), SENSOR_DO_LINK_UP);

    release(3600);
    assert_int_equal(feed(SENSOR_EV_LINK_DOWN), 0);
    assert_int_equal(feed(SENSOR_EV_LINK_FOUND), 0); /* while it is released it is not ours */
    assert_int_equal(pass(3500), 0);
    assert_int_equal(x.state, SENSOR_RELEASED);
    assert_int_equal(pass(100), SENSOR_DO_PROVE);
    assert_int_equal(x.state, SENSOR_CONNECTING);
}

static void test_what_was_let_go_and_another_holds_is_left_to_it(void **state)
{
    start(CONF_CONNECT_AUTO, BLUEZ_RUNNING);
    stream();
    assert_true(packets(301) & SENSOR_DO_DISCONNECT);
    feed(SENSOR_EV_LINK_DOWN);
    assert_int_equal(x.state, SENSOR_RELEASED);
    feed(SENSOR_EV_LINK_FOUND);
    for (int i = 0; i < 100; i++)
        assert_int_equal(burst(false), 0);
    assert_int_equal(x.state, SENSOR_RELEASED);
    x.company.session_open = true; /* that is a reason */
    assert_int_equal(feed(SENSOR_EV_TICK), SENSOR_DO_PROVE);
    assert_int_equal(x.state, SENSOR_CONNECTING);
}

/* It may hold the only measurement by AcquireNotify, and to cut it would be a war: it connects again. */
static void test_a_link_that_another_program_has_to_itself_is_left_to_it(void **state)
{
    const struct sensor_event refused = { .kind = SENSOR_EV_REFUSED,
                                          .outcome = BLUEZ_NOT_PERMITTED,
                                          .text = "Notify acquired" };
    for (int wanted = 0; wanted < 2; wanted++) {
        start(CONF_CONNECT_AUTO, BLUEZ_RUNNING);
        x.company.session_open = wanted;
        unsigned looks = 0;
        uint64_t from = now;
        feed(SENSOR_EV_LINK_FOUND);
        while (now - from < 600 * S) {
            if (x.state == SENSOR_CONNECTING) {
                looks++;
                assert_int_equal(feed(SENSOR_EV_PROVEN), SENSOR_DO_SUBSCRIBE);
                assert_int_equal(sensor_feed(&x, &refused, now), SENSOR_DO_UNSUBSCRIBE);
                assert_int_equal(x.state, SENSOR_RELEASED);
                assert_non_null(strstr(x.problem, "another program here holds it"));
                feed(SENSOR_EV_LINK_DOWN); /* it goes and comes */
                assert_int_equal(feed(SENSOR_EV_LINK_FOUND), 0);
                assert_int_equal(x.state, SENSOR_RELEASED);
            }
            assert_int_equal(burst(false) & ~(uint32_t)SENSOR_DO_PROVE, 0);
        }
        /* with a reason to, it is looked at again: it may be given free */
        assert_true(wanted ? looks >= 9 && looks <= 11 : looks == 1);
    }
}

static void test_what_another_connected_is_not_removed(void **state)
{
    start(CONF_CONNECT_AUTO, BLUEZ_RUNNING);
    for (int i = 0; i < 4; i++) {
        while (x.state != SENSOR_CONNECTING) {
            feed(SENSOR_EV_LINK_FOUND);
            assert_true(x.state == SENSOR_CONNECTING || now < x.retry_usec); /* in its own time */
            burst(false);
        }
        assert_int_equal(pass(21) & SENSOR_DO_REMOVE, 0);
        assert_int_not_equal(x.state, SENSOR_CONNECTING);
        feed(SENSOR_EV_LINK_DOWN);
    }
    for (int i = 0; i < 2; i++) { /* one that we made ourselves is */
        dial();
        reply(BLUEZ_DONE);
        uint32_t actions = pass(21);
        assert_int_equal(!!(actions & SENSOR_DO_REMOVE), i == 1);
        feed(SENSOR_EV_LINK_DOWN);
    }
}

static void test_what_was_found_and_ended_is_not_adopted(void **state)
{
    start(CONF_CONNECT_UNSET, BLUEZ_HEART_RATE);
    feed(SENSOR_EV_LINK_FOUND);
    feed(SENSOR_EV_LINK_DOWN);
    x.company.mover_streams = true;
    assert_int_equal(feed(SENSOR_EV_TICK), 0);
    assert_int_equal(pass(60), 0);
    assert_int_equal(x.state, SENSOR_ABSENT);
}

static void test_services_that_change_are_proven_anew(void **state)
{
    start(CONF_CONNECT_AUTO, BLUEZ_RUNNING);
    stream();
    assert_int_equal(feed(SENSOR_EV_SERVICES_LOST), SENSOR_DO_LINK_DOWN | SENSOR_DO_PROVE);
    assert_int_equal(feed(SENSOR_EV_PACKET), 0);
    assert_int_equal(feed(SENSOR_EV_PROVEN), SENSOR_DO_SUBSCRIBE);
    assert_int_equal(feed(SENSOR_EV_SUBSCRIBED), SENSOR_DO_LINK_UP);
}

static void test_a_disconnect_that_does_nothing_is_repeated(void **state)
{
    start(CONF_CONNECT_AUTO, BLUEZ_RUNNING);
    stream();
    release(3600);
    assert_int_equal(pass(9), 0);
    assert_int_equal(pass(2), SENSOR_DO_DISCONNECT);
    assert_int_equal(pass(10), SENSOR_DO_DISCONNECT);
    feed(SENSOR_EV_LINK_DOWN);
    assert_int_equal(pass(100), 0);
}

static void test_no_turn_while_the_old_link_is_being_cut(void **state)
{
    start(CONF_CONNECT_AUTO, BLUEZ_RUNNING);
    stream();
    x.company.session_open = true;
    pass(61);
    assert_int_equal(x.state, SENSOR_WAITING);
    pass(1);
    feed(SENSOR_EV_ADVERT);
    assert_false(sensor_is_ready(&x, now));
    feed(SENSOR_EV_LINK_DOWN);
    assert_true(sensor_is_ready(&x, now));
}

static void test_without_bluetoothd_everything_waits(void **state)
{
    struct sensor_event gone = { .kind = SENSOR_EV_UNAVAILABLE,
                                 .text = "bluetoothd is not running" };
    start(CONF_CONNECT_AUTO, BLUEZ_RUNNING);
    stream();
    assert_int_equal(sensor_feed(&x, &gone, now), SENSOR_DO_LINK_DOWN);
    assert_int_equal(x.state, SENSOR_UNAVAILABLE);
    assert_string_equal(x.reason, "bluetoothd is not running");
    for (int kind = SENSOR_EV_TICK; kind <= SENSOR_EV_LINK_DOWN; kind++)
        if (kind != SENSOR_EV_AVAILABLE && kind != SENSOR_EV_UNAVAILABLE)
            assert_int_equal(feed((enum sensor_event_kind)kind), 0);
    assert_int_equal(x.state, SENSOR_UNAVAILABLE);
    assert_true(x.deadline_usec == SENSOR_NEVER);
    feed(SENSOR_EV_AVAILABLE);
    feed(SENSOR_EV_LINK_DOWN);
    burst(true);
    assert_true(sensor_is_ready(&x, now)); /* it was ours a moment ago */
}

/* ---- what is said ---- */

static void test_a_change_of_state_is_one_line_with_fields(void **state)
{
    start(CONF_CONNECT_AUTO, BLUEZ_RUNNING);
    dial();
    reply(BLUEZ_DONE);
    feed(SENSOR_EV_PROVEN);
    lines = 0;
    feed(SENSOR_EV_SUBSCRIBED);
    assert_int_equal(lines, 1);
    assert_string_equal(last_line, "pod: connecting -> streaming (subscribed)");
    assert_string_equal(last_fields, "SENSOR=pod STATE=streaming");
    packets(8);
    assert_int_equal(lines, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_grace_leaves_the_sensor_to_others),
        cmocka_unit_test(test_no_connect_without_an_advert_after_grace),
        cmocka_unit_test(test_adverts_that_stop_during_grace_start_it_over),
        cmocka_unit_test(test_one_burst_without_an_advert_is_not_the_end_of_them),
        cmocka_unit_test(test_grace_of_zero_connects_at_once),
        cmocka_unit_test(test_an_old_advert_is_no_reason_to_connect),
        cmocka_unit_test(test_who_is_wanted_when),
        cmocka_unit_test(test_grace_of_a_strap_counts_from_the_run_not_from_the_morning),
        cmocka_unit_test(test_a_strap_that_is_wanted_says_what_it_waits_for),
        cmocka_unit_test(test_seen_by_another_s_scan_ages_to_absent),
        cmocka_unit_test(test_heart_beats_alone_keep_nothing),
        cmocka_unit_test(test_an_effort_keeps_the_strap_that_tells_of_it),
        cmocka_unit_test(test_steps_and_sessions_keep_the_link),
        cmocka_unit_test(test_a_treadmill_is_not_let_go_because_it_stands),
        cmocka_unit_test(test_an_idle_timeout_that_was_given_holds_for_a_treadmill_too),
        cmocka_unit_test(test_a_problem_goes_with_the_sensor_it_is_about),
        cmocka_unit_test(test_a_strap_worn_all_day_costs_one_connection),
        cmocka_unit_test(test_after_a_quiet_minute_it_is_anew),
        cmocka_unit_test(test_a_minute_without_scans_proves_no_quiet),
        cmocka_unit_test(test_motion_of_the_runner_calls_it_back),
        cmocka_unit_test(test_on_request_ends_with_the_session),
        cmocka_unit_test(test_on_request_is_not_held_by_a_link_that_came_too_late),
        cmocka_unit_test(test_on_request_that_was_found_linked_is_let_go_unless_asked_for),
        cmocka_unit_test(test_release_lets_go_for_its_time),
        cmocka_unit_test(test_release_holds_over_a_restart_of_bluetoothd_and_ends_when_told),
        cmocka_unit_test(test_come_back_counts_while_the_adapter_is_away),
        cmocka_unit_test(test_a_let_go_strap_is_not_taken_again_because_bluetoothd_restarts),
        cmocka_unit_test(test_what_is_left_to_others_is_not_subscribed_to),
        cmocka_unit_test(test_a_connect_reply_proves_nothing),
        cmocka_unit_test(test_packets_count_after_the_proof_where_services_are_still_missing),
        cmocka_unit_test(test_packets_of_a_rearmed_subscription_are_proof_of_the_link),
        cmocka_unit_test(test_the_proof_may_come_before_the_reply),
        cmocka_unit_test(test_a_connect_is_canceled_after_15_s),
        cmocka_unit_test(test_services_that_do_not_show_twice_have_it_removed),
        cmocka_unit_test(test_what_comes_meanwhile_does_not_put_the_proof_off),
        cmocka_unit_test(test_every_failed_connect_backs_off_and_none_gives_up),
        cmocka_unit_test(test_an_adapter_that_is_never_ready_though_it_is_on_is_a_failure),
        cmocka_unit_test(test_a_full_adapter_has_nothing_forgotten),
        cmocka_unit_test(test_a_device_that_is_forgotten_while_we_dial_is_a_try_that_failed),
        cmocka_unit_test(test_one_that_was_forgotten_is_not_left_to_others_again),
        cmocka_unit_test(test_a_full_adapter_is_said),
        cmocka_unit_test(test_a_place_on_a_full_adapter_is_taken_at_once),
        cmocka_unit_test(test_somebody_s_pending_connect),
        cmocka_unit_test(test_what_another_dials_is_not_cancelled_under_its_hands),
        cmocka_unit_test(test_a_connect_that_is_stuck_for_a_minute_is_cancelled),
        cmocka_unit_test(test_a_lost_link_is_taken_back_at_its_next_advert),
        cmocka_unit_test(test_silence_is_said_and_after_a_minute_cut),
        cmocka_unit_test(test_a_standing_treadmill_may_be_silent),
        cmocka_unit_test(test_a_barometer_may_be_silent_while_the_air_stands_still),
        cmocka_unit_test(test_the_kind_is_that_of_its_first_purpose),
        cmocka_unit_test(test_drops_half_a_minute_after_each_connect_are_explained),
        cmocka_unit_test(test_links_found_at_start_are_adopted),
        cmocka_unit_test(test_a_link_of_somebody_elses_is_adopted_when_it_comes_to_be_wanted),
        cmocka_unit_test(test_what_was_let_go_and_another_holds_is_left_to_it),
        cmocka_unit_test(test_a_link_that_another_program_has_to_itself_is_left_to_it),
        cmocka_unit_test(test_what_another_connected_is_not_removed),
        cmocka_unit_test(test_what_was_found_and_ended_is_not_adopted),
        cmocka_unit_test(test_services_that_change_are_proven_anew),
        cmocka_unit_test(test_a_disconnect_that_does_nothing_is_repeated),
        cmocka_unit_test(test_no_turn_while_the_old_link_is_being_cut),
        cmocka_unit_test(test_without_bluetoothd_everything_waits),
        cmocka_unit_test(test_a_change_of_state_is_one_line_with_fields),
        cmocka_unit_test(
            test_what_has_nothing_for_us_is_made_anew_once_and_then_let_be_until_it_was_away),
        cmocka_unit_test(test_why_a_sensor_was_let_go_is_known_when_bluetoothd_is_back),
        cmocka_unit_test(test_a_link_that_dies_of_its_subscription_twice_is_read_first),
        cmocka_unit_test(test_bluetoothd_may_subscribe_before_we_do),
        cmocka_unit_test(test_what_lacks_is_in_the_reason_and_the_log_while_the_rest_comes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
