/* SPDX-License-Identifier: MIT */
/* The states of the link, with a Paho that only writes down what it is asked for and says what a test
 * wants it to. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <cmocka.h>
#include "daemon/broker/mqtt.h"
#include "daemon/broker/paho/paho.h"
#include "daemon/broker/twin.h"
#include "daemon/util.h"
#include "fake_clock.h"

#define MS     1000ULL
#define SECOND (1000 * MS)

static struct paho {
    int fd;
    char asked[8192]; /* "connect subscribe:a publish:1 ..." */
    int result;
    struct paho_event *first, **last;
    bool waited; /* by paho_free, for its thread */
} paho;

static struct owner {
    char told[1024]; /* "connected; lost 7; ..." */
} owner;

static sd_event *event;
static struct mqtt *mqtt;

/* ---- the fake ------------------------------------------------------------------------------- */

static void __attribute__((format(printf, 3, 4)))
note(char *list, size_t size, const char *format, ...)
{
    size_t n = strlen(list);
    va_list args;

    assert_true(n + 2 < size);
    if (n)
        n += (size_t)snprintf(list + n, size - n, "; ");
    va_start(args, format);
    vsnprintf(list + n, size - n, format, args);
    va_end(args);
}

#define ASKED(...) (note(paho.asked, sizeof(paho.asked), __VA_ARGS__), paho.result)
#define TOLD(...)  note(owner.told, sizeof(owner.told), __VA_ARGS__)

int paho_new(struct paho **ret, const struct paho_target *target,
             const struct mqtt_options *options)
{
    paho = (struct paho){ .fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), .last = &paho.first };
    *ret = &paho;
    return paho.fd < 0 ? -errno : 0;
}

struct paho *paho_free(struct paho *one, bool wait)
{
    if (one)
        close(one->fd);
    paho.waited = wait;
    return NULL;
}

int paho_fd(const struct paho *one)
{
    return one->fd;
}

struct paho_event *paho_take(struct paho *one)
{
    struct paho_event *events = one->first;
    eventfd_t n;

    (void)eventfd_read(one->fd, &n);
    one->first = NULL;
    one->last = &one->first;
    return events;
}

uint64_t paho_overruns(struct paho *one)
{
    return 0;
}

int paho_connect(struct paho *one)
{
    return ASKED("connect");
}

int paho_publish(struct paho *one, uint64_t id, const struct mqtt_publish *message)
{
    return ASKED("publish %s as %d", message->topic, (int)id);
}

void paho_refuse(struct paho *one, uint64_t id, int reason)
{
    (void)ASKED("refuse %d for 0x%02x", (int)id, (unsigned)reason);
}

int paho_subscribe(struct paho *one, const char *filter, unsigned how)
{
    return ASKED("subscribe %s", filter);
}

int paho_unsubscribe(struct paho *one, const char *filter)
{
    return ASKED("unsubscribe %s", filter);
}

int paho_disconnect(struct paho *one)
{
    return ASKED("disconnect");
}

int paho_cut(struct paho *one)
{
    return ASKED("cut");
}

int paho_quit(struct paho *one)
{
    return ASKED("quit");
}

/* ---- its owner ------------------------------------------------------------------------------ */

static void on_connected(void *userdata)
{
    TOLD("connected");
}

static void on_disconnected(void *userdata, const char *sentence, bool was_connected)
{
    assert_non_null(strstr(sentence, "broker h:1883: "));
    TOLD(was_connected ? "lost" : "failed");
}

static void on_problem(void *userdata, const char *sentence)
{
    TOLD("problem: %s", sentence);
}

static void on_message(void *userdata, const struct mqtt_message *message)
{
    TOLD("message");
}

static void on_published(void *userdata, uint64_t cookie, enum mqtt_result result, int reason)
{
    static const char *const names[] = { "done", "refused", "undecided" };

    TOLD("%d %s", (int)cookie, names[result]);
}

static void on_stopped(void *userdata)
{
    TOLD("stopped");
}

/* ---- what a test says ----------------------------------------------------------------------- */

static int setup(void **state)
{
    static const struct mqtt_callbacks callbacks = { on_connected, on_disconnected, on_problem,
                                                     on_message, on_published };
    const struct mqtt_subscription wanted[] = { { "a/+", 0 }, { "b", MQTT_NO_LOCAL }, { NULL, 0 } };
    const struct mqtt_options options = { .uri = "mqtt://h",
                                          .client_id = "c",
                                          .subscriptions = wanted };

    owner = (struct owner){ 0 };
    assert_true(sd_event_new(&event) >= 0);
    assert_int_equal(mqtt_new(&mqtt, event, &options, &callbacks, NULL), 0);
    return 0;
}

static int teardown(void **state)
{
    mqtt = mqtt_free(mqtt);
    event = sd_event_unref(event);
    assert_int_equal(fake_clock_armed(), 0);
    return 0;
}

static void say(const struct paho_event *said)
{
    struct paho_event *one = malloc(sizeof(*one));

    assert_non_null(one);
    *one = *said;
    one->next = NULL;
    *paho.last = one;
    paho.last = &one->next;
    assert_int_equal(eventfd_write(paho.fd, 1), 0);
    assert_true(sd_event_run(event, 0) > 0);
}

#define SAY(...) say(&(struct paho_event){ __VA_ARGS__ })

static void expect_asked(const char *asked)
{
    assert_string_equal(paho.asked, asked);
    paho.asked[0] = '\0';
}

static void expect_told(const char *told)
{
    assert_string_equal(owner.told, told);
    owner.told[0] = '\0';
}

/* Up, and nothing of it is in the lists. */
static void connect_now(void)
{
    mqtt_start(mqtt);
    fake_clock_advance(0);
    SAY(.kind = PAHO_CONNECTED);
    expect_asked("connect; subscribe a/+; subscribe b");
    expect_told("connected");
}

static int publish(uint64_t cookie)
{
    struct mqtt_publish message = { .topic = "t", .payload = "x", .length = 1, .cookie = cookie };

    return mqtt_publish(mqtt, &message);
}

/* Waits for the next try, and says how long that took. */
static uint64_t next_try_usec(void)
{
    uint64_t began_usec = clock_now_usec();

    while (!paho.asked[0] && clock_now_usec() - began_usec < 3600 * SECOND)
        fake_clock_advance(10 * MS);
    expect_asked("connect");
    return clock_now_usec() - began_usec;
}

/* ---- trying --------------------------------------------------------------------------------- */

static void test_nothing_is_done_before_it_is_started(void **state)
{
    fake_clock_advance(3600 * SECOND);
    expect_asked("");
    assert_false(mqtt_is_connected(mqtt));
    assert_non_null(strstr(mqtt_problem(mqtt), "not connected yet"));
    assert_int_equal(publish(7), -ENOTCONN);
    assert_int_equal(mqtt_subscribe(mqtt, "c", 0), -ENOTCONN);
    assert_int_equal(mqtt_unsubscribe(mqtt, "c"), -ENOTCONN);
    expect_told("");
}

static void test_it_connects_and_reads_what_is_wanted(void **state)
{
    connect_now();
    assert_true(mqtt_is_connected(mqtt));
    assert_null(mqtt_problem(mqtt));
    SAY(.kind = PAHO_MESSAGE);
    expect_told("message");
}

static void test_it_tries_for_ever_and_less_and_less_often(void **state)
{
    mqtt_start(mqtt);
    fake_clock_advance(0);
    expect_asked("connect");
    for (int i = 0; i < 12; i++) {
        uint64_t most_usec = SECOND << (i < 7 ? i : 7);

        most_usec = most_usec < 120 * SECOND ? most_usec : 120 * SECOND;
        SAY(.kind = PAHO_CONNECT_FAILED, .code = -1);
        expect_told("failed");
        assert_in_range(next_try_usec(), most_usec * 3 / 4, most_usec + 10 * MS);
    }
}

static void test_a_try_that_cannot_be_begun_is_one_too(void **state)
{
    paho.result = -ENOMEM;
    mqtt_start(mqtt);
    fake_clock_advance(0);
    expect_asked("connect");
    assert_in_range(next_try_usec(), 750 * MS, SECOND + 10 * MS);
}

static void test_a_look_up_that_hangs_is_told_once(void **state)
{
    mqtt_start(mqtt);
    fake_clock_advance(3600 * SECOND);
    expect_asked("connect"); /* and no other call: they all would hang with it */
    expect_told("problem: broker h:1883: still connecting after 20 s: the look-up of its name or "
                "the network hangs");
    SAY(.kind = PAHO_CONNECTED);
    expect_told("connected");
    assert_null(mqtt_problem(mqtt));
}

static void test_a_link_that_held_starts_the_backoff_anew(void **state)
{
    mqtt_start(mqtt);
    fake_clock_advance(0);
    for (int i = 0; i < 4; i++) {
        SAY(.kind = PAHO_CONNECT_FAILED);
        paho.asked[0] = '\0';
        (void)next_try_usec();
    }
    SAY(.kind = PAHO_CONNECTED);
    paho.asked[0] = '\0';
    fake_clock_advance(SECOND);
    SAY(.kind = PAHO_LOST, .reason = 0x8B);
    assert_in_range(next_try_usec(), 12 * SECOND, 16 * SECOND + 10 * MS); /* it did not hold */
    SAY(.kind = PAHO_CONNECTED);
    paho.asked[0] = '\0';
    fake_clock_advance(5 * SECOND);
    SAY(.kind = PAHO_LOST, .reason = 0x8B);
    assert_in_range(next_try_usec(), 750 * MS, SECOND + 10 * MS);
    assert_int_equal(mqtt_losses(mqtt), 2);
}

static void test_a_twin_is_left_alone_for_a_while(void **state)
{
    connect_now();
    for (int i = 0; i < TWIN_LOSSES - 1; i++) {
        SAY(.kind = PAHO_LOST, .reason = PAHO_REASON_TAKEN_OVER);
        (void)next_try_usec();
        SAY(.kind = PAHO_CONNECTED);
        paho.asked[0] = '\0';
    }
    SAY(.kind = PAHO_LOST, .reason = PAHO_REASON_TAKEN_OVER);
    assert_non_null(strstr(mqtt_problem(mqtt), "another gateway has our machine id"));
    assert_in_range(next_try_usec(), TWIN_REST_USEC, TWIN_REST_USEC + 10 * MS);
}

static void test_the_first_filter_that_is_refused_stands_for_all(void **state)
{
    connect_now();
    SAY(.kind = PAHO_NOT_SUBSCRIBED, .reason = 0x87, .text = "a/+");
    SAY(.kind = PAHO_NOT_SUBSCRIBED, .reason = 0x87, .text = "b");
    expect_told("problem: broker h:1883: it does not let us read 'a/+' (code 0x87): check its "
                "access rules");
    assert_true(mqtt_is_connected(mqtt));
}

/* ---- answers -------------------------------------------------------------------------------- */

static void test_each_publish_is_answered_once(void **state)
{
    connect_now();
    for (uint64_t cookie = 11; cookie <= 13; cookie++)
        assert_int_equal(publish(cookie), 0);
    expect_asked("publish t as 1; publish t as 2; publish t as 3");
    SAY(.kind = PAHO_PUBLISHED, .id = 2, .result = MQTT_REFUSED, .reason = 0x87);
    SAY(.kind = PAHO_PUBLISHED, .id = 1, .result = MQTT_DONE);
    SAY(.kind = PAHO_PUBLISHED, .id = 2, .result = MQTT_DONE); /* it has its answer */
    SAY(.kind = PAHO_PUBLISHED, .id = 9, .result = MQTT_DONE); /* nobody's */
    expect_told("12 refused; 11 done");
    SAY(.kind = PAHO_LOST);
    expect_told("13 undecided; lost");
}

static void test_who_has_no_cookie_is_not_answered(void **state)
{
    connect_now();
    assert_int_equal(publish(0), 0);
    assert_int_equal(publish(0), 0);
    SAY(.kind = PAHO_PUBLISHED, .id = 1, .result = MQTT_DONE);
    SAY(.kind = PAHO_LOST);
    expect_told("lost");
}

static void test_what_paho_does_not_take_is_not_waited_for(void **state)
{
    connect_now();
    paho.result = -ENOMEM;
    assert_int_equal(publish(11), -ENOMEM);
    paho.result = 0;
    SAY(.kind = PAHO_LOST);
    expect_told("lost");
}

static void test_no_more_than_so_many_are_on_their_way(void **state)
{
    connect_now();
    for (uint64_t i = 1; i <= MQTT_PENDING_MAX; i++)
        assert_int_equal(publish(i), 0);
    assert_int_equal(publish(1000), -ENOBUFS);
    SAY(.kind = PAHO_PUBLISHED, .id = 1, .result = MQTT_DONE);
    assert_int_equal(publish(1000), 0);
    expect_told("1 done");
}

/* Or a flood of requests would leave no place for what is said of a run. */
static void test_answers_leave_places_for_the_rest(void **state)
{
    struct mqtt_publish answer = { .topic = "t", .payload = "x", .length = 1, .yields = true };

    connect_now();
    for (uint64_t i = 1; i <= MQTT_YIELDING_MAX; i++)
        assert_int_equal(mqtt_publish(mqtt, &answer), 0);
    assert_int_equal(mqtt_publish(mqtt, &answer), -ENOBUFS);
    for (uint64_t i = MQTT_YIELDING_MAX + 1; i <= MQTT_PENDING_MAX; i++)
        assert_int_equal(publish(i), 0);
    assert_int_equal(publish(1000), -ENOBUFS);
    SAY(.kind = PAHO_LOST);
}

/* ---- what is too large ------------------------------------------------------------------------ */

static int publish_large(const char *topic, size_t length, uint64_t cookie)
{
    struct mqtt_publish message = {
        .topic = topic, .payload = "", .length = length, .qos = 1, .cookie = cookie
    };

    return mqtt_publish(mqtt, &message);
}

static void connect_taking(size_t most)
{
    mqtt_start(mqtt);
    fake_clock_advance(0);
    SAY(.kind = PAHO_CONNECTED, .packet_max = most);
    paho.asked[0] = owner.told[0] = '\0';
}

static void test_what_is_larger_than_it_takes_is_refused_and_not_sent(void **state)
{
    connect_taking(8000);
    assert_int_equal(publish_large("t", 7991, 10), 0);
    assert_int_equal(publish_large("t", 7992, 11), 0);
    assert_int_equal(publish_large("u", 9000, 12), 0);
    expect_asked("publish t as 1; refuse 2 for 0x95; refuse 3 for 0x95");
    expect_told(""); /* not before the caller has gone on */
    SAY(.kind = PAHO_PUBLISHED, .id = 2, .result = MQTT_REFUSED, .reason = 0x95);
    SAY(.kind = PAHO_PUBLISHED, .id = 3, .result = MQTT_REFUSED, .reason = 0x95);
    expect_told(
        "problem: broker h:1883: it takes packets of 8000 bytes at most, and 't' has 8001 and "
        "is not published: let it take larger ones (Mosquitto: max_packet_size); 11 refused; "
        "12 refused");
    assert_non_null(mqtt_problem(mqtt));
    assert_int_equal(publish_large("t", 100, 13), 0); /* it fits now: nothing is wrong */
    assert_null(mqtt_problem(mqtt));
    assert_int_equal(publish_large("u", 9000, 14), 0);
    SAY(.kind = PAHO_PUBLISHED, .id = 5, .result = MQTT_REFUSED, .reason = 0x95);
    assert_non_null(strstr(mqtt_problem(mqtt), "'u' has 9009"));
    SAY(.kind = PAHO_LOST);
    connect_taking(0);
    assert_null(mqtt_problem(mqtt));
    assert_int_equal(publish_large("u", 9000, 15), 0);
    expect_asked("publish u as 6");
}

static void test_who_asked_for_no_answer_hears_at_once_that_it_is_too_large(void **state)
{
    connect_taking(8000);
    assert_int_equal(publish_large("t", 9000, 0), -EMSGSIZE);
    SAY(.kind = PAHO_PUBLISHED, .id = 1, .result = MQTT_REFUSED, .reason = 0x95);
    assert_non_null(strstr(owner.told, "'t' has 9009"));
    owner.told[0] = '\0';
    SAY(.kind = PAHO_LOST);
    expect_told("lost");
}

static void test_a_link_that_is_ended_over_a_large_one_is_the_last(void **state)
{
    connect_taking(0);
    assert_int_equal(publish_large("t", 300, 1), 0);
    assert_int_equal(publish_large("t", 9000, 2), 0);
    SAY(.kind = PAHO_PUBLISHED, .id = 1, .result = MQTT_DONE);
    SAY(.kind = PAHO_LOST, .reason = 0x95);
    assert_non_null(strstr(mqtt_problem(mqtt), "h:1883: the link is lost: a packet of 9009 bytes"));
    expect_told("1 done; 2 undecided; lost");
    paho.asked[0] = '\0';
    (void)next_try_usec();
    SAY(.kind = PAHO_CONNECTED);
    paho.asked[0] = owner.told[0] = '\0';
    assert_int_equal(publish_large("t", 9000, 3), 0);
    expect_asked("refuse 3 for 0x95");
    SAY(.kind = PAHO_PUBLISHED, .id = 3, .result = MQTT_REFUSED, .reason = 0x95);
    assert_non_null(strstr(mqtt_problem(mqtt), "it ended links over packets as large as 't'"));
}

/* It says so of what is small: nothing is held back, and nothing is said to be. */
static void test_a_link_that_is_ended_over_a_small_one_holds_nothing_back(void **state)
{
    connect_taking(0);
    assert_int_equal(publish_large("t", 300, 1), 0);
    SAY(.kind = PAHO_LOST, .reason = 0x95);
    assert_non_null(strstr(mqtt_problem(mqtt), "h:1883: the link is lost"));
    assert_null(strstr(mqtt_problem(mqtt), "held back"));
    paho.asked[0] = '\0';
    (void)next_try_usec();
    SAY(.kind = PAHO_CONNECTED);
    paho.asked[0] = '\0';
    assert_int_equal(publish_large("t", 300, 2), 0);
    expect_asked("publish t as 2");
    SAY(.kind = PAHO_LOST);
}

/* And nobody with our machine id is looked for meanwhile. */
static void test_links_that_end_without_a_word_over_a_large_one_are_three(void **state)
{
    connect_taking(0);
    for (int i = 0; i < TWIN_LOSSES; i++) {
        assert_int_equal(publish_large("t", 9000, 1), 0);
        fake_clock_advance(SECOND);
        if (i > 0) /* as Paho does over 3.1.1 */
            SAY(.kind = PAHO_PUBLISHED, .id = (uint64_t)i + 1, .result = MQTT_LOST);
        SAY(.kind = PAHO_LOST);
        assert_non_null(strstr(mqtt_problem(mqtt), "with a packet of 9009 bytes on its way"));
        paho.asked[0] = '\0';
        assert_in_range(next_try_usec(), 1, 10 * SECOND);
        SAY(.kind = PAHO_CONNECTED);
        paho.asked[0] = owner.told[0] = '\0';
    }
    assert_int_equal(publish_large("t", 9000, 1), 0);
    expect_asked("refuse 4 for 0x95");
    assert_int_equal(publish_large("t", 8999, 1), 0);
    expect_asked("publish t as 5");
    SAY(.kind = PAHO_LOST);
}

/* ---- answers that do not come ------------------------------------------------------------------- */

/* Others that were asked for later, and are acknowledged at once. */
static void others_are_acknowledged(int n)
{
    struct mqtt_publish message = { .topic = "t", .payload = "x", .length = 1, .qos = 1 };

    for (int i = 0; i < n; i++) {
        unsigned id = 0;

        paho.asked[0] = '\0';
        assert_int_equal(mqtt_publish(mqtt, &message), 0);
        assert_int_equal(sscanf(paho.asked, "publish t as %u", &id), 1);
        SAY(.kind = PAHO_PUBLISHED, .id = id, .result = MQTT_DONE);
    }
    paho.asked[0] = owner.told[0] = '\0';
}

/* Nothing but a new link helps: within one, MQTT 5 forbids to say it again. */
static void test_a_link_that_forgot_a_message_is_made_anew(void **state)
{
    connect_now();
    assert_int_equal(publish(11), 0);
    fake_clock_advance(60 * SECOND);
    assert_int_equal(publish(12), 0);
    SAY(.kind = PAHO_PUBLISHED, .id = 1, .result = MQTT_DONE);
    others_are_acknowledged(16);
    fake_clock_advance(119 * SECOND);
    expect_asked("");
    fake_clock_advance(2 * SECOND);
    expect_asked("cut");
    fake_clock_advance(3600 * SECOND);
    expect_asked(""); /* until that has come to pass */
    SAY(.kind = PAHO_LOST);
    expect_told("12 undecided; lost");
    assert_non_null(
        strstr(mqtt_problem(mqtt), "h:1883: it did not acknowledge a message for 2 min"));
    assert_in_range(next_try_usec(), 750 * MS, SECOND + 10 * MS);
}

/* Or the clock has jumped, or it sleeps: that is for the link itself to notice. */
static void test_a_link_that_acknowledges_nothing_is_only_slow(void **state)
{
    connect_now();
    assert_int_equal(publish(11), 0);
    others_are_acknowledged(15);
    fake_clock_advance(3600 * SECOND);
    expect_asked("");
    others_are_acknowledged(1);
    fake_clock_advance(120 * SECOND);
    expect_asked("cut");
    SAY(.kind = PAHO_LOST);
}

static void test_a_link_that_forgets_each_time_is_made_anew_less_and_less_often(void **state)
{
    unsigned patience_s[] = { 120, 240, 480, 960, 1920, 3840, 3840 };

    connect_now();
    for (size_t i = 0; i < ELEMENTSOF(patience_s); i++) {
        assert_int_equal(publish(11), 0);
        others_are_acknowledged(16);
        fake_clock_advance(patience_s[i] * SECOND - MS);
        expect_asked("");
        fake_clock_advance(MS);
        expect_asked("cut");
        SAY(.kind = PAHO_LOST);
        (void)next_try_usec();
        SAY(.kind = PAHO_CONNECTED);
        paho.asked[0] = owner.told[0] = '\0';
    }
    SAY(.kind = PAHO_LOST); /* for another reason: patience is short again */
    (void)next_try_usec();
    SAY(.kind = PAHO_CONNECTED);
    assert_int_equal(publish(11), 0);
    others_are_acknowledged(16);
    fake_clock_advance(120 * SECOND);
    expect_asked("cut");
    SAY(.kind = PAHO_LOST);
}

/* The broker has not seen them, and so has not passed the first over. */
static void test_what_is_held_back_does_not_make_a_slow_link_a_forgetful_one(void **state)
{
    connect_taking(8000);
    assert_int_equal(publish(11), 0);
    for (uint64_t id = 2; id <= 20; id++) {
        assert_int_equal(publish_large("t", 9000, id), 0);
        SAY(.kind = PAHO_PUBLISHED, .id = id, .result = MQTT_REFUSED, .reason = 0x95);
    }
    paho.asked[0] = owner.told[0] = '\0';
    fake_clock_advance(3600 * SECOND);
    expect_asked("");
    SAY(.kind = PAHO_LOST);
}

/* ---- stopping ------------------------------------------------------------------------------- */

static void stop(void)
{
    assert_int_equal(mqtt_stop(mqtt, MQTT_END_IN_ORDER, 2 * SECOND, on_stopped, NULL), 0);
}

static void test_a_stop_lets_arrive_what_is_on_its_way(void **state)
{
    connect_now();
    assert_int_equal(publish(11), 0);
    assert_int_equal(publish(12), 0);
    paho.asked[0] = '\0';
    stop();
    assert_int_equal(publish(13), -ENOTCONN);
    SAY(.kind = PAHO_PUBLISHED, .id = 1, .result = MQTT_DONE);
    SAY(.kind = PAHO_MESSAGE); /* all but answers is over */
    SAY(.kind = PAHO_NOT_SUBSCRIBED, .reason = 0x87, .text = "b");
    expect_asked("");
    SAY(.kind = PAHO_PUBLISHED, .id = 2, .result = MQTT_DONE);
    expect_asked("disconnect; quit");
    SAY(.kind = PAHO_LOST); /* by our own disconnect */
    expect_told("11 done; 12 done");
    SAY(.kind = PAHO_GONE);
    expect_told("stopped");
    mqtt = mqtt_free(mqtt);
    expect_asked(""); /* it has quit */
    assert_true(paho.waited);
}

static void test_a_stop_does_not_wait_long_for_answers(void **state)
{
    connect_now();
    assert_int_equal(publish(11), 0);
    paho.asked[0] = '\0';
    stop();
    fake_clock_advance(1199 * MS);
    expect_told("");
    fake_clock_advance(2 * MS);
    expect_told("11 undecided");
    expect_asked("disconnect; quit");
    fake_clock_advance(798 * MS);
    expect_told("");
    fake_clock_advance(2 * MS); /* and Paho has not gone */
    expect_told("stopped");
    SAY(.kind = PAHO_GONE);
    fake_clock_advance(10 * SECOND);
    expect_told("");
}

static void test_a_link_that_goes_in_a_stop_ends_it(void **state)
{
    connect_now();
    assert_int_equal(publish(11), 0);
    paho.asked[0] = '\0';
    stop();
    SAY(.kind = PAHO_LOST);
    expect_told("11 undecided"); /* and not that the link is lost */
    expect_asked("quit");
    SAY(.kind = PAHO_GONE);
    expect_told("stopped");
}

static void test_a_link_that_another_follows_is_given_more_time(void **state)
{
    connect_now();
    assert_int_equal(publish(11), 0);
    paho.asked[0] = '\0';
    assert_int_equal(mqtt_stop(mqtt, MQTT_END_IN_ORDER, 10 * SECOND, on_stopped, NULL), 0);
    fake_clock_advance(5900 * MS);
    SAY(.kind = PAHO_PUBLISHED, .id = 1, .result = MQTT_DONE);
    expect_told("11 done");
    expect_asked("disconnect; quit");
    fake_clock_advance(4000 * MS); /* a broker that answers late is still left in good order */
    SAY(.kind = PAHO_GONE);
    expect_told("stopped");
}

static void test_a_stop_over_a_look_up_that_hangs(void **state)
{
    mqtt_start(mqtt);
    fake_clock_advance(0);
    stop();
    expect_asked("connect; quit");
    fake_clock_advance(1999 * MS);
    expect_told("");
    fake_clock_advance(2 * MS);
    expect_told("stopped");
    SAY(.kind = PAHO_CONNECTED); /* after all */
    expect_told("");
    mqtt = mqtt_free(mqtt);
    assert_false(paho.waited);
}

static void test_a_stop_between_two_tries(void **state)
{
    mqtt_start(mqtt);
    fake_clock_advance(0);
    SAY(.kind = PAHO_CONNECT_FAILED);
    stop();
    expect_asked("connect; quit");
    SAY(.kind = PAHO_GONE);
    expect_told("failed; stopped");
    fake_clock_advance(3600 * SECOND);
    expect_asked("");
}

static void test_a_stop_by_the_will(void **state)
{
    connect_now();
    assert_int_equal(publish(11), 0);
    paho.asked[0] = '\0';
    assert_int_equal(mqtt_stop(mqtt, MQTT_END_BY_WILL, 2 * SECOND, on_stopped, NULL), 0);
    expect_asked(""); /* what is on its way may still arrive */
    fake_clock_advance(1201 * MS);
    expect_told("11 undecided");
    expect_asked("cut; quit");
    SAY(.kind = PAHO_LOST);
    SAY(.kind = PAHO_GONE);
    expect_told("stopped");
}

static void test_a_stop_by_the_will_while_it_connects(void **state)
{
    mqtt_start(mqtt);
    fake_clock_advance(0);
    assert_int_equal(mqtt_stop(mqtt, MQTT_END_BY_WILL, 2 * SECOND, on_stopped, NULL), 0);
    expect_asked("connect; cut; quit");
    SAY(.kind = PAHO_CONNECTED);
    SAY(.kind = PAHO_GONE);
    expect_told("stopped");
}

static void test_freed_in_a_stop(void **state)
{
    connect_now();
    assert_int_equal(publish(11), 0);
    paho.asked[0] = '\0';
    stop();
    mqtt = mqtt_free(mqtt);
    expect_asked("quit"); /* the last words were heard, or it would not end in order */
}

static void test_freed_without_a_stop(void **state)
{
    connect_now();
    mqtt = mqtt_free(mqtt);
    expect_asked("cut; quit");
    assert_true(paho.waited);
}

int main(void)
{
#define WITH_LINK(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        WITH_LINK(test_nothing_is_done_before_it_is_started),
        WITH_LINK(test_it_connects_and_reads_what_is_wanted),
        WITH_LINK(test_it_tries_for_ever_and_less_and_less_often),
        WITH_LINK(test_a_try_that_cannot_be_begun_is_one_too),
        WITH_LINK(test_a_look_up_that_hangs_is_told_once),
        WITH_LINK(test_a_link_that_held_starts_the_backoff_anew),
        WITH_LINK(test_a_twin_is_left_alone_for_a_while),
        WITH_LINK(test_the_first_filter_that_is_refused_stands_for_all),
        WITH_LINK(test_each_publish_is_answered_once),
        WITH_LINK(test_who_has_no_cookie_is_not_answered),
        WITH_LINK(test_what_paho_does_not_take_is_not_waited_for),
        WITH_LINK(test_no_more_than_so_many_are_on_their_way),
        WITH_LINK(test_answers_leave_places_for_the_rest),
        WITH_LINK(test_what_is_larger_than_it_takes_is_refused_and_not_sent),
        WITH_LINK(test_who_asked_for_no_answer_hears_at_once_that_it_is_too_large),
        WITH_LINK(test_a_link_that_is_ended_over_a_large_one_is_the_last),
        WITH_LINK(test_a_link_that_is_ended_over_a_small_one_holds_nothing_back),
        WITH_LINK(test_links_that_end_without_a_word_over_a_large_one_are_three),
        WITH_LINK(test_a_link_that_forgot_a_message_is_made_anew),
        WITH_LINK(test_a_link_that_acknowledges_nothing_is_only_slow),
        WITH_LINK(test_a_link_that_forgets_each_time_is_made_anew_less_and_less_often),
        WITH_LINK(test_what_is_held_back_does_not_make_a_slow_link_a_forgetful_one),
        WITH_LINK(test_a_stop_lets_arrive_what_is_on_its_way),
        WITH_LINK(test_a_stop_does_not_wait_long_for_answers),
        WITH_LINK(test_a_link_that_goes_in_a_stop_ends_it),
        WITH_LINK(test_a_link_that_another_follows_is_given_more_time),
        WITH_LINK(test_a_stop_over_a_look_up_that_hangs),
        WITH_LINK(test_a_stop_between_two_tries),
        WITH_LINK(test_a_stop_by_the_will),
        WITH_LINK(test_a_stop_by_the_will_while_it_connects),
        WITH_LINK(test_freed_in_a_stop),
        WITH_LINK(test_freed_without_a_stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
