/* SPDX-License-Identifier: MIT */
/* The registry of retained topics against a broker that only writes down what it is given. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "daemon/broker/topics.h"

#define SECOND 1000000ULL

struct fake {
    struct topics *topics;
    char log[8192]; /* "topic=payload; ..." */
    struct {
        char topic[TOPIC_MAX];
        uint64_t cookie;
    } sent[512];
    size_t n_sent;
    int result;
    struct mqtt_publish last;
    char refused[TOPIC_MAX];
};

static int fake_publish(void *userdata, const struct mqtt_publish *message)
{
    struct fake *fake = userdata;
    size_t n = strlen(fake->log);
    if (fake->result < 0)
        return fake->result;
    snprintf(fake->log + n, sizeof(fake->log) - n, "%s%s=%.*s", n ? "; " : "", message->topic,
             (int)message->length, message->payload ? (const char *)message->payload : "");
    size_t at = fake->n_sent++ % 512;
    snprintf(fake->sent[at].topic, TOPIC_MAX, "%s", message->topic);
    fake->sent[at].cookie = message->cookie;
    fake->last = *message;
    return 0;
}

static void fake_refused(void *userdata, const char *topic, int reason)
{
    struct fake *fake = userdata;
    snprintf(fake->refused, sizeof(fake->refused), "%s", topic);
}

static int setup(void **state)
{
    static struct fake fake;
    static const struct topics_callbacks callbacks = { fake_publish, fake_refused };
    memset(&fake, 0, sizeof(fake));
    *state = &fake;
    return topics_new(&fake.topics, "strided", "hall", &callbacks, &fake);
}

static int teardown(void **state)
{
    struct fake *fake = *state;
    topics_free(fake->topics);
    return 0;
}

static void set(struct fake *fake, enum topic topic, const char *name, const char *payload)
{
    assert_int_equal(topics_set(fake->topics, topic, name, NULL, payload, strlen(payload), SECOND),
                     0);
}

static void expect(struct fake *fake, const char *log)
{
    assert_string_equal(fake->log, log);
    fake->log[0] = '\0';
}

static void answer(struct fake *fake, const char *topic, enum mqtt_result result, uint64_t now_usec)
{
    for (size_t i = fake->n_sent; i-- > 0;)
        if (strcmp(fake->sent[i].topic, topic) == 0) {
            topics_answer(fake->topics, fake->sent[i].cookie, result, 0x87, now_usec);
            return;
        }
    fail_msg("%s was never sent", topic);
}

static void answer_all(struct fake *fake)
{
    for (size_t i = 0; i < fake->n_sent; i++)
        topics_answer(fake->topics, fake->sent[i].cookie, MQTT_DONE, 0, 2 * SECOND);
}

static void online(struct fake *fake)
{
    topics_set_online(fake->topics, true, SECOND);
}

static void test_names(void **state)
{
    static const struct {
        const char *label;
        enum topic topic;
        const char *first, *second, *expected; /* NULL: refused */
    } rows[] = {
        { "no level", TOPIC_STATUS, NULL, NULL, "strided/hall/status" },
        { "one level", TOPIC_SENSOR, "pod", NULL, "strided/hall/sensor/pod" },
        { "one inside", TOPIC_LIVE, "anna", NULL, "strided/hall/runner/anna/live" },
        { "two levels", TOPIC_ALERT, "anna", "week", "strided/hall/runner/anna/alert/week" },
        { "wildcards", TOPIC_ALERT, "+", "+", "strided/hall/runner/+/alert/+" },
        { "verb", TOPIC_REQUEST, "session", NULL, "strided/hall/request/session" },
        { "missing", TOPIC_SENSOR, NULL, NULL, NULL },
        { "second missing", TOPIC_ALERT, "anna", NULL, NULL },
        { "empty", TOPIC_SENSOR, "", NULL, NULL },
        { "a slash", TOPIC_SENSOR, "a/b", NULL, NULL },
        { "upper case", TOPIC_SENSOR, "Pod", NULL, NULL },
        { "wildcard within", TOPIC_SENSOR, "p+", NULL, NULL },
        { "all below", TOPIC_SENSOR, "#", NULL, NULL },
    };
    char topic[TOPIC_MAX] = "untouched";
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        strcpy(topic, "untouched");
        int r =
            topics_format(topic, "strided", "hall", rows[i].topic, rows[i].first, rows[i].second);
        const char *expected = rows[i].expected ? rows[i].expected : "untouched";
        if (strcmp(topic, expected) != 0 || r != (rows[i].expected ? 0 : -EINVAL))
            fail_msg("%s: %d %s", rows[i].label, r, topic);
    }
    assert_int_equal(topics_format(topic, "a b", "hall", TOPIC_STATUS, NULL, NULL), -EINVAL);
    char longest[400];
    memset(longest, 'a', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    assert_int_equal(topics_format(topic, "strided", "hall", TOPIC_SENSOR, longest, NULL), -EINVAL);
    assert_int_equal(topics_format(topic, longest, "hall", TOPIC_SENSOR, "pod", NULL), -EINVAL);
}

static void test_table_is_whole(void **state)
{
    for (int i = 0; i < TOPIC_COUNT; i++) {
        const struct topic_row *row = &topics_table[i];
        assert_non_null(row->pattern);
        assert_true(row->doc && row->doc[0]);
        assert_true(!row->retained || (row->qos == 1 && row->expiry_s == 0));
    }
}

static void test_all_is_published_on_connect_with_status_last(void **state)
{
    struct fake *fake = *state;
    set(fake, TOPIC_STATUS, NULL, "online");
    set(fake, TOPIC_SENSOR, "pod", "{1}");
    assert_int_equal(topics_set_path(fake->topics, "homeassistant/device/x/config", "{}", 2, 0), 0);
    set(fake, TOPIC_SESSION, "anna", "{2}");
    expect(fake, "");
    assert_int_equal(topics_next_usec(fake->topics), TOPICS_NEVER);
    online(fake);
    expect(fake, "homeassistant/device/x/config={}; strided/hall/sensor/pod={1}; "
                 "strided/hall/runner/anna/session={2}; strided/hall/status=online");
    assert_true(fake->last.retain);
    assert_int_equal(fake->last.qos, 1);
    assert_false(topics_settled(fake->topics));
    answer_all(fake);
    assert_true(topics_settled(fake->topics));
    topics_set_online(fake->topics, false, 3 * SECOND);
    online(fake);
    assert_int_equal(fake->n_sent, 8);
}

static void test_only_changes_are_published(void **state)
{
    struct fake *fake = *state;
    set(fake, TOPIC_SENSOR, "pod", "{1}");
    set(fake, TOPIC_SENSOR, "strap", "{1}");
    online(fake);
    answer_all(fake);
    fake->log[0] = '\0';
    set(fake, TOPIC_SENSOR, "pod", "{1}");
    expect(fake, "");
    set(fake, TOPIC_SENSOR, "pod", "{2}");
    expect(fake, "strided/hall/sensor/pod={2}");
}

static void test_the_newest_value_goes_after_the_one_on_its_way(void **state)
{
    struct fake *fake = *state;
    online(fake);
    set(fake, TOPIC_SENSOR, "pod", "{1}");
    set(fake, TOPIC_SENSOR, "pod", "{2}");
    set(fake, TOPIC_SENSOR, "pod", "{3}");
    expect(fake, "strided/hall/sensor/pod={1}");
    answer(fake, "strided/hall/sensor/pod", MQTT_DONE, SECOND);
    expect(fake, "strided/hall/sensor/pod={3}");
}

static void clear_all(struct fake *fake)
{
    topics_sweep_begin(fake->topics);
    topics_sweep_end(fake->topics, SECOND);
}

static void test_cleared_until_acknowledged(void **state)
{
    struct fake *fake = *state;
    online(fake);
    set(fake, TOPIC_SENSOR, "pod", "{1}");
    clear_all(fake); /* while it is on its way */
    expect(fake, "strided/hall/sensor/pod={1}");
    answer(fake, "strided/hall/sensor/pod", MQTT_DONE, SECOND);
    expect(fake, "strided/hall/sensor/pod=");
    topics_set_online(fake->topics, false, SECOND); /* not acknowledged */
    online(fake);
    expect(fake, "strided/hall/sensor/pod=");
    answer(fake, "strided/hall/sensor/pod", MQTT_DONE, SECOND);
    topics_set_online(fake->topics, false, SECOND);
    online(fake);
    expect(fake, "");
}

static void test_cleared_and_back_again(void **state)
{
    struct fake *fake = *state;
    online(fake);
    set(fake, TOPIC_SENSOR, "pod", "{1}");
    clear_all(fake);
    set(fake, TOPIC_SENSOR, "pod", "{1}");
    answer(fake, "strided/hall/sensor/pod", MQTT_DONE, SECOND);
    answer(fake, "strided/hall/sensor/pod", MQTT_DONE, SECOND);
    expect(fake, "strided/hall/sensor/pod={1}; strided/hall/sensor/pod={1}");
    assert_true(topics_settled(fake->topics));
}

static void test_a_reload_clears_what_is_not_set_again(void **state)
{
    struct fake *fake = *state;
    online(fake);
    set(fake, TOPIC_SENSOR, "pod", "{1}");
    set(fake, TOPIC_SENSOR, "strap", "{1}");
    answer_all(fake);
    fake->log[0] = '\0';
    topics_sweep_begin(fake->topics);
    set(fake, TOPIC_SENSOR, "strap", "{1}");
    topics_sweep_end(fake->topics, SECOND);
    expect(fake, "strided/hall/sensor/pod=");
}

/* Another address of a device: its entities are to have the ids that they had. */
static void test_a_path_that_takes_anothers_place_waits_until_that_is_gone(void **state)
{
    struct fake *fake = *state;

    online(fake);
    assert_int_equal(topics_set_path(fake->topics, "ha/old/config", "{1}", 3, SECOND), 0);
    answer_all(fake);
    fake->log[0] = '\0';
    topics_sweep_begin(fake->topics);
    assert_int_equal(topics_set_path(fake->topics, "ha/new/config", "{2}", 3, 10 * SECOND), 0);
    topics_sweep_end(fake->topics, 10 * SECOND);
    expect(fake, "ha/old/config=");
    topics_run(fake->topics, 10 * SECOND + TOPICS_PATH_REST_USEC - 1);
    expect(fake, "");
    topics_run(fake->topics, 10 * SECOND + TOPICS_PATH_REST_USEC);
    expect(fake, "ha/new/config={2}");
    /* and with nothing to clear it goes at once */
    answer_all(fake);
    fake->log[0] = '\0';
    topics_sweep_begin(fake->topics);
    assert_int_equal(topics_set_path(fake->topics, "ha/new/config", "{2}", 3, 20 * SECOND), 0);
    assert_int_equal(topics_set_path(fake->topics, "ha/third/config", "{3}", 3, 20 * SECOND), 0);
    topics_sweep_end(fake->topics, 20 * SECOND);
    expect(fake, "ha/third/config={3}");
}

static void set_path(struct fake *fake, const char *path, uint64_t now_usec)
{
    assert_int_equal(topics_set_path(fake->topics, path, "{}", 2, now_usec), 0);
}

static void expect_from(struct fake *fake, uint64_t at_usec, const char *log)
{
    topics_run(fake->topics, at_usec - 1);
    expect(fake, "");
    assert_int_equal(topics_next_usec(fake->topics), at_usec);
    topics_run(fake->topics, at_usec);
    expect(fake, log);
}

static void test_a_path_waits_also_if_it_took_anothers_place_without_a_broker(void **state)
{
    struct fake *fake = *state;

    online(fake);
    set_path(fake, "ha/old/config", SECOND);
    answer_all(fake);
    expect(fake, "ha/old/config={}");
    topics_set_online(fake->topics, false, 10 * SECOND);
    topics_sweep_begin(fake->topics);
    set_path(fake, "ha/new/config", 10 * SECOND);
    topics_sweep_end(fake->topics, 10 * SECOND);
    topics_set_online(fake->topics, true, 20 * SECOND);
    expect(fake, "ha/old/config=");
    expect_from(fake, 20 * SECOND + TOPICS_PATH_REST_USEC, "ha/new/config={}");
}

/* The broker is asked before anything may be said. */
static void test_a_path_waits_until_one_of_an_earlier_start_is_gone(void **state)
{
    struct mqtt_message left = { .topic = "ha/ours_old/config",
                                 .payload = (const uint8_t *)"{}",
                                 .length = 2,
                                 .retained = true };
    struct fake *fake = *state;

    assert_int_equal(topics_own_paths(fake->topics, "ha/+/config", "ha/ours_"), 0);
    assert_string_equal(topics_path_filters(fake->topics)[0], "ha/+/config");
    assert_null(topics_path_filters(fake->topics)[1]);
    set_path(fake, "ha/ours_new/config", 0);
    set(fake, TOPIC_STATUS, NULL, "online");
    topics_mute(fake->topics, true, 0);
    online(fake);
    assert_true(topics_on_retained(fake->topics, &left, SECOND));
    left.topic = "ha/ours_new/config";
    assert_false(topics_on_retained(fake->topics, &left, SECOND));
    left.topic = "ha/theirs/config";
    assert_false(topics_on_retained(fake->topics, &left, SECOND));
    expect(fake, "");
    topics_mute(fake->topics, false, 2 * SECOND);
    expect(fake, "ha/ours_old/config=; strided/hall/status=online");
    expect_from(fake, 2 * SECOND + TOPICS_PATH_REST_USEC, "ha/ours_new/config={}");
}

static void test_a_path_waits_while_another_is_not_cleared_yet(void **state)
{
    struct fake *fake = *state;

    online(fake);
    set_path(fake, "ha/old/config", SECOND);
    answer_all(fake);
    fake->log[0] = '\0';
    topics_sweep_begin(fake->topics);
    set_path(fake, "ha/new/config", 10 * SECOND);
    fake->result = -ENOBUFS;
    topics_sweep_end(fake->topics, 10 * SECOND);
    fake->result = 0;
    expect_from(fake, 10 * SECOND + TOPICS_RETRY_USEC, "ha/old/config=");
    for (uint64_t i = 1; i < TOPICS_TRIES; i++) {
        answer(fake, "ha/old/config", MQTT_REFUSED, 10 * (i + 1) * SECOND);
        expect_from(fake, 10 * (i + 1) * SECOND + TOPICS_RETRY_USEC, "ha/old/config=");
    }
    answer(fake, "ha/old/config", MQTT_REFUSED, 60 * SECOND); /* it stays: not for ever */
    expect(fake, "ha/new/config={}");
}

/* The link before spoke to the same Home Assistant. */
static void test_a_path_waits_for_what_another_link_cleared(void **state)
{
    static const struct topics_callbacks callbacks = { fake_publish, fake_refused };
    struct fake *fake = *state;
    struct topics *next;

    online(fake);
    set_path(fake, "ha/old/config", SECOND);
    answer_all(fake);
    topics_sweep_begin(fake->topics);
    topics_sweep_end(fake->topics, 10 * SECOND);
    expect(fake, "ha/old/config={}; ha/old/config=");
    assert_int_equal(topics_new(&next, "strided", "hall", &callbacks, fake), 0);
    topics_rest_after(next, fake->topics);
    topics_free(fake->topics);
    fake->topics = next;
    set_path(fake, "ha/new/config", 10 * SECOND);
    topics_set_online(next, true, 10 * SECOND);
    expect_from(fake, 10 * SECOND + TOPICS_PATH_REST_USEC, "ha/new/config={}");
}

static void test_refused_three_times(void **state)
{
    struct fake *fake = *state;
    online(fake);
    set(fake, TOPIC_SENSOR, "pod", "{1}");
    for (uint64_t i = 0; i < 3; i++) {
        assert_string_equal(fake->refused, "");
        answer(fake, "strided/hall/sensor/pod", MQTT_REFUSED, (10 + 10 * i) * SECOND);
        uint64_t next_usec = topics_next_usec(fake->topics);
        assert_int_equal(next_usec, i < 2 ? (15 + 10 * i) * SECOND : TOPICS_NEVER);
        topics_run(fake->topics, (15 + 10 * i) * SECOND);
    }
    assert_string_equal(fake->refused, "strided/hall/sensor/pod");
    expect(fake,
           "strided/hall/sensor/pod={1}; strided/hall/sensor/pod={1}; strided/hall/sensor/pod={1}");
    set(fake, TOPIC_SENSOR, "pod", "{2}");
    expect(fake, "strided/hall/sensor/pod={2}");
}

static void test_lost_goes_again(void **state)
{
    struct fake *fake = *state;
    online(fake);
    set(fake, TOPIC_SENSOR, "pod", "{1}");
    answer(fake, "strided/hall/sensor/pod", MQTT_LOST, SECOND);
    topics_run(fake->topics, SECOND + TOPICS_RETRY_USEC);
    expect(fake, "strided/hall/sensor/pod={1}; strided/hall/sensor/pod={1}");
}

static void test_an_answer_of_the_old_link_changes_nothing(void **state)
{
    struct fake *fake = *state;
    online(fake);
    set(fake, TOPIC_SENSOR, "pod", "{1}");
    uint64_t old = fake->sent[0].cookie;
    topics_set_online(fake->topics, false, SECOND);
    topics_answer(fake->topics, old, MQTT_DONE, 0, SECOND);
    assert_false(topics_settled(fake->topics));
    online(fake);
    topics_answer(fake->topics, old, MQTT_DONE, 0, SECOND);
    topics_answer(fake->topics, 77, MQTT_DONE, 0, SECOND);
    assert_false(topics_settled(fake->topics));
}

static void test_a_window_of_messages(void **state)
{
    struct fake *fake = *state;
    for (int i = 0; i < 100; i++) {
        char name[16];
        snprintf(name, sizeof(name), "s%d", i);
        set(fake, TOPIC_SENSOR, name, "{}");
    }
    set(fake, TOPIC_STATUS, NULL, "online");
    online(fake);
    assert_int_equal(fake->n_sent, TOPICS_WINDOW);
    assert_int_equal(topics_next_usec(fake->topics), TOPICS_NEVER);
    answer_all(fake);
    for (int i = 0; i < 10; i++)
        answer_all(fake);
    assert_int_equal(fake->n_sent, 101);
    assert_string_equal(fake->sent[100].topic, "strided/hall/status");
    assert_true(topics_settled(fake->topics));
}

static void test_no_room_is_tried_again(void **state)
{
    struct fake *fake = *state;
    fake->result = -ENOBUFS;
    online(fake);
    set(fake, TOPIC_SENSOR, "pod", "{1}");
    assert_int_equal(topics_next_usec(fake->topics), SECOND + TOPICS_RETRY_USEC);
    fake->result = 0;
    topics_run(fake->topics, SECOND + TOPICS_RETRY_USEC);
    expect(fake, "strided/hall/sensor/pod={1}");
}

static void test_discovery_rests_between_two_versions(void **state)
{
    struct fake *fake = *state;
    online(fake);
    topics_set_path(fake->topics, "ha/device/x/config", "1", 1, SECOND);
    answer(fake, "ha/device/x/config", MQTT_DONE, SECOND + 1);
    topics_set_path(fake->topics, "ha/device/x/config", "2", 1, SECOND + 2);
    expect(fake, "ha/device/x/config=1");
    assert_int_equal(topics_next_usec(fake->topics), SECOND + TOPICS_PATH_REST_USEC);
    topics_run(fake->topics, SECOND + TOPICS_PATH_REST_USEC);
    expect(fake, "ha/device/x/config=2");
    assert_int_equal(topics_set_path(fake->topics, "ha/+/config", "2", 1, 0), -EINVAL);
    assert_int_equal(topics_set_path(fake->topics, "", "2", 1, 0), -EINVAL);
}

static void test_repeated_when_asked(void **state)
{
    struct fake *fake = *state;
    online(fake);
    set(fake, TOPIC_STATUS, NULL, "online");
    set(fake, TOPIC_SENSOR, "pod", "{1}");
    answer_all(fake);
    fake->log[0] = '\0';
    topics_repeat_at(fake->topics, 9 * SECOND);
    topics_repeat_at(fake->topics, 10 * SECOND);
    assert_int_equal(topics_next_usec(fake->topics), 9 * SECOND);
    topics_run(fake->topics, 9 * SECOND);
    expect(fake, "strided/hall/sensor/pod={1}; strided/hall/status=online");
    answer_all(fake);
    assert_int_equal(topics_next_usec(fake->topics), TOPICS_NEVER);
    topics_repeat(fake->topics, TOPIC_STATUS, 11 * SECOND);
    expect(fake, "strided/hall/status=online");
}

static void test_muted(void **state)
{
    struct fake *fake = *state;
    topics_mute(fake->topics, true, SECOND);
    online(fake);
    set(fake, TOPIC_STATUS, NULL, "online");
    assert_int_equal(topics_publish(fake->topics, TOPIC_HEALTH, NULL, "{}", 2, 0), -ENOTCONN);
    assert_int_equal(topics_respond(fake->topics, "status", NULL, "{}", 2), -ENOTCONN);
    expect(fake, "");
    topics_mute(fake->topics, false, SECOND);
    expect(fake, "strided/hall/status=online");
}

static void test_not_retained(void **state)
{
    struct fake *fake = *state;
    assert_int_equal(topics_publish(fake->topics, TOPIC_LIVE, "anna", "{}", 2, 0), -ENOTCONN);
    online(fake);
    assert_int_equal(topics_publish(fake->topics, TOPIC_LIVE, "anna", "{}", 2, 0), 0);
    assert_true(fake->last.qos == 0 && fake->last.expiry_s == 10 && !fake->last.retain);
    assert_int_equal(topics_publish(fake->topics, TOPIC_NOW, "anna", "{}", 2, 0), 0);
    assert_true(fake->last.qos == 0 && fake->last.expiry_s == 60 && !fake->last.retain);
    assert_int_equal(topics_publish(fake->topics, TOPIC_EVENT, "anna", "{}", 2, 9), 0);
    assert_true(fake->last.qos == 1 && fake->last.cookie == 9 && !fake->last.retain);
    expect(fake, "strided/hall/runner/anna/live={}; strided/hall/runner/anna/now={}; "
                 "strided/hall/runner/anna/event={}");
    assert_int_equal(topics_publish(fake->topics, TOPIC_SENSOR, "pod", "{}", 2, 0), -EINVAL);
    assert_int_equal(topics_publish(fake->topics, TOPIC_REQUEST, "scan", "{}", 2, 0), -EINVAL);
    assert_int_equal(topics_publish(fake->topics, TOPIC_LIVE, "A", "{}", 2, 0), -EINVAL);
    assert_int_equal(topics_set(fake->topics, TOPIC_LIVE, "anna", NULL, "{}", 2, 0), -EINVAL);
    assert_int_equal(topics_set(fake->topics, TOPIC_SENSOR, "pod", NULL, "", 0, 0), -EINVAL);
    expect(fake, "");
}

static void test_response_topics(void **state)
{
#define EIGHT_LEVELS "a/a/a/a/a/a/a/a/"
#define EIGHTY       "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddaaaaaaaaaabbbbbbbbbbccccccccccdddddddddd"
    static const struct {
        const char *label, *wanted;
        bool honoured;
    } rows[] = {
        { "none", NULL, false },
        { "elsewhere", "asker/answer", true },
        { "our response tree", "strided/hall/response/mine", true },
        { "the usual one", "strided/hall/response/scan", false },
        { "our state", "strided/hall/status", false },
        { "a name that begins like our root", "stridedx/barn", true },
        { "another gateway's", "strided/barn/status", false },
        { "our discovery", "homeassistant/device/strided_hall_1/config", false },
        { "another's discovery", "homeassistant/device/lamp/config", false },
        { "wildcard", "asker/+", false },
        { "all", "#", false },
        { "broker's own", "$SYS/x", false },
        { "empty", "", false },
        { "a control character", "asker/\x01", false },
        { "no text", "asker/\xff", false },
        { "deep", EIGHT_LEVELS EIGHT_LEVELS EIGHT_LEVELS "a/a/a/a/a/a/a/a", true },
        { "too deep", EIGHT_LEVELS EIGHT_LEVELS EIGHT_LEVELS EIGHT_LEVELS "a", false },
        { "too deep below ours",
          "strided/hall/response/" EIGHT_LEVELS EIGHT_LEVELS EIGHT_LEVELS EIGHT_LEVELS, false },
        { "long", EIGHTY EIGHTY EIGHTY "/" EIGHTY "a", false },
    };
    struct fake *fake = *state;
    online(fake);
    assert_int_equal(topics_own_paths(fake->topics, "homeassistant/device/+/config",
                                      "homeassistant/device/strided_hall"),
                     0);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct mqtt_message request = { .response_topic = rows[i].wanted,
                                        .correlation_data = (const uint8_t *)"c7",
                                        .correlation_length = 2 };
        size_t before = fake->n_sent;
        assert_int_equal(topics_respond(fake->topics, "scan", &request, "{}", 2), 0);
        if (fake->n_sent - before != (rows[i].honoured ? 2 : 1))
            fail_msg("%s: %zu messages", rows[i].label, fake->n_sent - before);
        assert_string_equal(fake->sent[before].topic, "strided/hall/response/scan");
        assert_int_equal(fake->last.correlation_length, 2);
        assert_true(fake->last.yields);
        if (rows[i].honoured)
            assert_string_equal(fake->sent[before + 1].topic, rows[i].wanted);
    }
}

static struct mqtt_message retained(const char *topic, const char *payload)
{
    return (struct mqtt_message){ .topic = topic,
                                  .payload = (const uint8_t *)payload,
                                  .length = strlen(payload),
                                  .retained = true };
}

static void test_leftovers_of_an_earlier_configuration(void **state)
{
    static const struct {
        const char *label, *topic, *payload;
        bool cleared;
    } rows[] = {
        { "a sensor that is gone", "strided/hall/sensor/old", "{}", true },
        { "a runner that is gone", "strided/hall/runner/old/session", "{}", true },
        { "an alert of a rule that is gone", "strided/hall/runner/anna/alert/old", "{}", true },
        { "a sensor that is there", "strided/hall/sensor/pod", "{}", false },
        { "already empty", "strided/hall/sensor/older", "", false },
        { "another gateway's", "strided/barn/sensor/old", "{}", false },
        { "no topic of ours", "strided/hall/sensor/a/b", "{}", false },
        { "status", "strided/hall/status", "offline", false },
        { "discovery of ours", "homeassistant/device/strided_ab_old/config", "{}", true },
        { "discovery of others", "homeassistant/device/zigbee/config", "{}", false },
    };
    struct fake *fake = *state;
    assert_int_equal(topics_own_paths(fake->topics, "homeassistant/device/+/config",
                                      "homeassistant/device/strided_ab_"),
                     0);
    const char *const *filters = topics_filters(fake->topics);
    static const char *const expected[] = {
        "strided/hall/sensor/+",         "strided/hall/runner/+/session",
        "strided/hall/runner/+/week",    "strided/hall/runner/+/note",
        "strided/hall/runner/+/alert/+", "homeassistant/device/+/config"
    };
    for (size_t i = 0; i < 6; i++)
        assert_string_equal(filters[i], expected[i]);
    assert_null(filters[6]);
    online(fake);
    set(fake, TOPIC_SENSOR, "pod", "{1}");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct mqtt_message message = retained(rows[i].topic, rows[i].payload);
        size_t before = fake->n_sent;
        if (topics_on_retained(fake->topics, &message, SECOND) != rows[i].cleared ||
            fake->n_sent - before != rows[i].cleared)
            fail_msg("%s", rows[i].label);
        assert_true(!rows[i].cleared || fake->last.length == 0);
        message.retained = false; /* an echo of somebody's publish is no leftover */
        message.topic = "strided/hall/sensor/echo";
        assert_false(topics_on_retained(fake->topics, &message, SECOND));
    }
    answer_all(fake);
    assert_true(topics_settled(fake->topics));
    topics_mute(fake->topics, true, SECOND);
    struct mqtt_message message = retained("strided/hall/sensor/theirs", "{}");
    assert_false(topics_on_retained(fake->topics, &message, SECOND));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_names),
        TEST(test_table_is_whole),
        TEST(test_all_is_published_on_connect_with_status_last),
        TEST(test_only_changes_are_published),
        TEST(test_the_newest_value_goes_after_the_one_on_its_way),
        TEST(test_cleared_until_acknowledged),
        TEST(test_cleared_and_back_again),
        TEST(test_a_reload_clears_what_is_not_set_again),
        TEST(test_a_path_that_takes_anothers_place_waits_until_that_is_gone),
        TEST(test_a_path_waits_also_if_it_took_anothers_place_without_a_broker),
        TEST(test_a_path_waits_until_one_of_an_earlier_start_is_gone),
        TEST(test_a_path_waits_while_another_is_not_cleared_yet),
        TEST(test_a_path_waits_for_what_another_link_cleared),
        TEST(test_refused_three_times),
        TEST(test_lost_goes_again),
        TEST(test_an_answer_of_the_old_link_changes_nothing),
        TEST(test_a_window_of_messages),
        TEST(test_no_room_is_tried_again),
        TEST(test_discovery_rests_between_two_versions),
        TEST(test_repeated_when_asked),
        TEST(test_muted),
        TEST(test_not_retained),
        TEST(test_response_topics),
        TEST(test_leftovers_of_an_earlier_configuration),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
