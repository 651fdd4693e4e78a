/* SPDX-License-Identifier: MIT */
/* What becomes of requests, retained topics and the last words when links come and go: the publisher
 * whole, with a link that only writes down what it is asked for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/broker/mqtt.h"
#include "daemon/broker/publisher.h"
#include "daemon/broker/topics.h"
#include "daemon/log.h"
#include "daemon/render.h"
#include "daemon/util.h"
#include "daemon/worker.h"
#include "fake_clock.h"

#define SECOND      1000000ULL
#define MACHINE     "0123456789abcdef"
#define LINKS_MAX   4
#define WAITING_MAX 64
#define PAYLOAD_MAX 1000 /* bytes; of an answer that the broker takes */

/* ---- the fake link ------------------------------------------------------------------------------- */

struct mqtt {
    bool used, connected, stopping;
    enum mqtt_end end;
    const struct mqtt_callbacks *callbacks;
    void *userdata;
    char said[65536];   /* "topic payload; ..." of the whole link */
    char filters[2048]; /* that are read, besides the options' */
    uint64_t waiting[WAITING_MAX];
    size_t n_waiting;
    void (*on_stopped)(void *userdata);
    void *stopped_userdata;
};
static struct mqtt links[LINKS_MAX];
static size_t n_links;

static void note(char *list, size_t size, const char *first, const char *second, size_t length)
{
    size_t n = strlen(list);

    assert_true(n + strlen(first) + length + 4 < size);
    snprintf(list + n, size - n, "%s%s%s%.*s", n ? "; " : "", first, length ? " " : "", (int)length,
             length ? second : "");
}

int mqtt_new(struct mqtt **ret, sd_event *event, const struct mqtt_options *options,
             const struct mqtt_callbacks *callbacks, void *userdata)
{
    assert_true(n_links < LINKS_MAX);
    *ret = &links[n_links++];
    **ret = (struct mqtt){ .used = true, .callbacks = callbacks, .userdata = userdata };
    return 0;
}

struct mqtt *mqtt_free(struct mqtt *mqtt)
{
    if (mqtt)
        mqtt->used = mqtt->connected = false;
    return NULL;
}

void mqtt_start(struct mqtt *mqtt)
{
}

void mqtt_hand_over(struct mqtt *mqtt, const struct mqtt_callbacks *callbacks, void *userdata)
{
    mqtt->callbacks = callbacks;
    mqtt->userdata = userdata;
}

bool mqtt_is_connected(const struct mqtt *mqtt)
{
    return mqtt->connected && !mqtt->stopping;
}

const char *mqtt_problem(const struct mqtt *mqtt)
{
    return NULL;
}

uint64_t mqtt_losses(const struct mqtt *mqtt)
{
    return 0;
}

static uint64_t overruns;

uint64_t mqtt_overruns(const struct mqtt *mqtt)
{
    return overruns;
}

int mqtt_publish(struct mqtt *mqtt, const struct mqtt_publish *message)
{
    if (!mqtt_is_connected(mqtt))
        return -ENOTCONN;
    if (message->length > PAYLOAD_MAX && !message->cookie)
        return -EMSGSIZE;
    note(mqtt->said, sizeof(mqtt->said), message->topic, message->payload, message->length);
    if (message->correlation_data)
        note(mqtt->said, sizeof(mqtt->said), "for", (const char *)message->correlation_data,
             message->correlation_length);
    assert_true(mqtt->n_waiting < WAITING_MAX);
    if (message->cookie)
        mqtt->waiting[mqtt->n_waiting++] = message->cookie;
    return 0;
}

int mqtt_subscribe(struct mqtt *mqtt, const char *filter, unsigned how)
{
    note(mqtt->filters, sizeof(mqtt->filters), filter, NULL, 0);
    return 0;
}

int mqtt_unsubscribe(struct mqtt *mqtt, const char *filter)
{
    return 0;
}

int mqtt_stop(struct mqtt *mqtt, enum mqtt_end end, uint64_t within_usec,
              void (*handler)(void *userdata), void *userdata)
{
    mqtt->stopping = true;
    mqtt->end = end;
    mqtt->on_stopped = handler;
    mqtt->stopped_userdata = userdata;
    return 0;
}

/* ---- the log ------------------------------------------------------------------------------------- */

static char logged[4096]; /* "line; ..." */

void log_full(int level, const char *const *fields, const char *format, ...)
{
    char line[1024];
    va_list args;

    va_start(args, format);
    vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    note(logged, sizeof(logged), line, NULL, 0);
}

/* ---- the broker ------------------------------------------------------------------------------------ */

static struct mqtt *link_now(void)
{
    return &links[n_links - 1];
}

static void connect_now(void)
{
    struct mqtt *mqtt = link_now();

    mqtt->connected = true;
    mqtt->said[0] = mqtt->filters[0] = '\0';
    mqtt->callbacks->on_connected(mqtt->userdata);
}

static void lose(void)
{
    struct mqtt *mqtt = link_now();

    mqtt->connected = false;
    for (size_t i = 0, n = mqtt->n_waiting; i < n; i++)
        mqtt->callbacks->on_published(mqtt->userdata, mqtt->waiting[i], MQTT_LOST, 0);
    mqtt->n_waiting = 0;
    mqtt->callbacks->on_disconnected(mqtt->userdata, "gone", true);
}

static void take_all(void)
{
    struct mqtt *mqtt = link_now();

    while (mqtt->n_waiting > 0) /* one that is taken may let another go */
        mqtt->callbacks->on_published(mqtt->userdata, mqtt->waiting[--mqtt->n_waiting], MQTT_DONE,
                                      0);
}

static void hear(const struct mqtt_message *message)
{
    link_now()->callbacks->on_message(link_now()->userdata, message);
}

static void hear_retained(const char *topic, const char *payload)
{
    hear(&(struct mqtt_message){ .topic = topic,
                                 .payload = (const uint8_t *)payload,
                                 .length = strlen(payload),
                                 .retained = true });
}

static void ask(void)
{
    hear(&(struct mqtt_message){ .topic = "strided/hall/request/scan",
                                 .payload = (const uint8_t *)"{}",
                                 .length = 2,
                                 .response_topic = "asker/1",
                                 .correlation_data = (const uint8_t *)"one",
                                 .correlation_length = 3 });
}

static void listen_out(void)
{
    fake_clock_advance(4 * SECOND); /* nobody else has our name */
}

#define assert_said(text)     assert_non_null(strstr(link_now()->said, text))
#define assert_not_said(text) assert_null(strstr(link_now()->said, text))

/* ---- the house ----------------------------------------------------------------------------------- */

struct house {
    sd_event *event;
    struct worker *worker;
    struct store *store;
    struct publisher *publisher;
    struct conf *conf, *other;
    int n_requests;
    void (*reply)(void *answer, const char *json); /* of the last request */
    void *answer;
    char folder[32];
};

static void on_request(void *userdata, const char *verb, const char *payload, size_t length,
                       void (*reply)(void *answer, const char *json), void *answer)
{
    struct house *house = userdata;

    house->n_requests++;
    house->reply = reply;
    house->answer = answer;
}

static const struct payload_sensor *no_sensor(void *userdata, size_t sensor)
{
    return NULL;
}

static void on_nothing(void *userdata)
{
}

static const struct publisher_callbacks callbacks = { .on_request = on_request,
                                                      .sensor = no_sensor,
                                                      .on_connected = on_nothing,
                                                      .on_health = on_nothing };

static struct conf *conf_new(const char *gateway, const char *uri)
{
    struct conf *conf = calloc(1, sizeof(*conf));

    assert_non_null(conf);
    conf_init(conf);
    conf->ha_discovery = false;
    snprintf(conf->gateway, sizeof(conf->gateway), "%s", gateway);
    snprintf(conf->mqtt_uri, sizeof(conf->mqtt_uri), "%s", uri);
    return conf;
}

static int move_in(void **state)
{
    struct house *house = calloc(1, sizeof(*house));

    assert_non_null(house);
    n_links = 0;
    overruns = 0;
    logged[0] = '\0';
    snprintf(house->folder, sizeof(house->folder), "/tmp/strided-XXXXXX");
    assert_non_null(mkdtemp(house->folder));
    house->conf = conf_new("hall", "mqtt://one");
    house->other = conf_new("attic", "mqtt://one");
    assert_return_code(sd_event_new(&house->event), 0);
    assert_return_code(worker_new(&house->worker, house->event), 0);
    assert_return_code(store_open(&house->store, house->worker, house->folder, 1), 0);
    assert_return_code(publisher_new(&house->publisher, house->event, house->conf, NULL, MACHINE,
                                     house->store, &callbacks, house),
                       0);
    *state = house;
    return 0;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    return remove(path);
}

static int move_out(void **state)
{
    struct house *house = *state;

    worker_free(house->worker);
    publisher_free(house->publisher);
    store_free(house->store);
    sd_event_unref(house->event);
    nftw(house->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    free(house->conf);
    free(house->other);
    free(house);
    assert_int_equal(fake_clock_armed(), 0);
    return 0;
}

static void reload(struct house *house, struct conf *conf)
{
    struct publisher_change *change = NULL;

    assert_return_code(publisher_prepare(house->publisher, conf, NULL, &change), 0);
    publisher_set_conf(house->publisher, change);
    publisher_settle(house->publisher);
}

/* ---- requests -------------------------------------------------------------------------------------- */

static void request_waits_until_it_is_clear_whose_name_it_is(void **state)
{
    struct house *house = *state;

    connect_now();
    ask();
    assert_int_equal(house->n_requests, 0);
    listen_out();
    assert_int_equal(house->n_requests, 1);
    house->reply(house->answer, "{7}");
    assert_said("strided/hall/response/scan {7}; for one; asker/1 {7}; for one");
}

/* Whoever asked saw the broker go, and asks again or does not want it any more: hours later 'start' would
 * begin a session of nobody. */
static void request_that_waits_goes_with_its_link(void **state)
{
    struct house *house = *state;

    connect_now();
    for (int i = 0; i < 20; i++)
        ask();
    lose();
    fake_clock_advance(3600 * SECOND);
    connect_now();
    ask(); /* there is a place for it */
    listen_out();
    assert_int_equal(house->n_requests, 1);
}

static void request_that_waits_goes_with_the_configuration_of_its_link(void **state)
{
    struct house *house = *state;

    snprintf(house->other->gateway, sizeof(house->other->gateway), "hall");
    snprintf(house->other->mqtt_username, sizeof(house->other->mqtt_username), "anna");
    connect_now();
    ask();
    reload(house, house->other);
    links[0].on_stopped(links[0].stopped_userdata);
    fake_clock_advance(0);
    connect_now();
    listen_out();
    assert_int_equal(house->n_requests, 0);
}

static void request_that_waits_is_not_begun_by_a_stop(void **state)
{
    struct house *house = *state;

    connect_now();
    ask();
    publisher_stop(house->publisher, on_nothing, NULL);
    listen_out();
    assert_int_equal(house->n_requests, 0);
}

static void answer_goes_over_the_next_link_to_the_same_broker(void **state)
{
    struct house *house = *state;

    connect_now();
    listen_out();
    ask();
    lose();
    connect_now();
    listen_out();
    house->reply(house->answer, "{7}");
    assert_said("asker/1 {7}; for one");
}

/* Its topic there may be anybody's. */
static void answer_does_not_go_to_another_broker(void **state)
{
    struct house *house = *state;

    connect_now();
    listen_out();
    ask();
    lose();
    snprintf(house->other->mqtt_uri, sizeof(house->other->mqtt_uri), "mqtt://two");
    reload(house, house->other);
    connect_now();
    listen_out();
    house->reply(house->answer, "{7}");
    assert_not_said("{7}");
}

static void answer_that_the_broker_does_not_take_is_one_that_says_so(void **state)
{
    struct house *house = *state;
    char json[2 * PAYLOAD_MAX];

    connect_now();
    listen_out();
    ask();
    snprintf(json, sizeof(json), "{\"data\":\"%*s\",\"transaction\":\"t7\"}", PAYLOAD_MAX, "");
    house->reply(house->answer, json);
    assert_said("asker/1 {\"status\":\"error\",\"data\":null,\"error\":{\"code\":\"too_large\",");
    assert_said("ask stridectl\",\"allowed\":null},\"transaction\":\"t7\"}; for one");
}

/* ---- events ---------------------------------------------------------------------------------------- */

static void alert(struct house *house, const char *id, enum rule_id rule)
{
    struct store_event row = { .kind = EVENT_ALERT, .at_usec = 1795000000000000 };
    struct payload_notice notice = { .news = "crossed" };

    payload_alert_init(&notice.alert);
    notice.alert.rule = rule;
    notice.alert.verdict = VERDICT_CAUTION;
    notice.alert.value = 2.31;
    snprintf(row.id, sizeof(row.id), "%s", id);
    snprintf(row.runner, sizeof(row.runner), "anna");
    row.body = render_payload(CONTRACT_NOTICE, &notice);
    assert_non_null(row.body);
    publisher_event(house->publisher, &row);
    free(row.body);
}

/* While the broker was away anna has found the setting, or has moved out. */
static void event_about_the_heart_that_waits_does_not_outlive_what_is_private(void **state)
{
    struct house *house = *state;

    for (size_t n_runners = 0; n_runners <= 1; n_runners++) {
        house->other->n_runners = n_runners;
        snprintf(house->other->gateway, sizeof(house->other->gateway), "hall");
        snprintf(house->other->runners[0].id, sizeof(house->other->runners[0].id), "anna");
        alert(house, "alert-1", RULE_MONOTONY);
        alert(house, "alert-2", RULE_WEEKLY_DISTANCE);
        reload(house, house->other);
        publisher_clock(house->publisher, CLOCK_SYNCED);
        connect_now();
        listen_out();
        take_all();
        assert_said("alert-2");
        assert_not_said("alert-1");
        assert_not_said("monotony");
        lose();
    }
}

static void event_about_the_heart_is_told_of_who_wants_it_told(void **state)
{
    struct house *house = *state;

    house->other->n_runners = 1;
    house->other->runners[0].publish_heart_rate = true;
    snprintf(house->other->gateway, sizeof(house->other->gateway), "hall");
    snprintf(house->other->runners[0].id, sizeof(house->other->runners[0].id), "anna");
    alert(house, "alert-1", RULE_MONOTONY);
    reload(house, house->other);
    publisher_clock(house->publisher, CLOCK_SYNCED);
    connect_now();
    listen_out();
    assert_said("alert-1");
}

static bool is_a_problem(struct house *house, const char *text)
{
    struct payload_health *health = calloc(1, sizeof(*health));
    bool found = false;

    assert_non_null(health);
    payload_health_init(health);
    publisher_add_health(house->publisher, health);
    for (size_t i = 0; i < health->n_problems; i++)
        found = found || strstr(health->problems[i], text);
    free(health);
    return found;
}

static void refuse_all(int reason)
{
    struct mqtt *mqtt = link_now();

    while (mqtt->n_waiting > 0)
        mqtt->callbacks->on_published(mqtt->userdata, mqtt->waiting[--mqtt->n_waiting],
                                      MQTT_REFUSED, reason);
}

/* Whoever looks at access rules then looks in vain. */
static void event_that_is_too_large_is_not_blamed_on_access_rules(void **state)
{
    static const struct {
        int reason;
        const char *said;
    } rows[] = {
        { MQTT_TOO_LARGE, "broker: event alert-2 is too large for it" },
        { 0x87, "broker: it refuses event alert-2 (reason 0x87)" },
    };
    struct house *house = *state;

    publisher_clock(house->publisher, CLOCK_SYNCED);
    connect_now();
    listen_out();
    take_all();
    alert(house, "alert-2", RULE_WEEKLY_DISTANCE);
    for (int tries = 1; tries <= 3; tries++) {
        size_t row = tries < 3 ? 0 : 1;

        logged[0] = '\0';
        refuse_all(rows[row].reason);
        assert_non_null(strstr(logged, rows[row].said));
        assert_true((tries == 3) == (strstr(logged, "not tried again over this link") != NULL));
        fake_clock_advance(3600 * SECOND);
    }
    assert_true(is_a_problem(house, "Events the broker refused three times: 1; each new link tries "
                                    "them again, see its access rules and packet size"));
}

/* Home Assistant passes over what an entity tells while its gateway is offline. More is to be said first than may be
 * on its way at a time. */
static void event_waits_until_the_gateway_is_online(void **state)
{
    struct house *house = *state;
    struct payload_sensor *sensor = calloc(1, sizeof(*sensor));
    struct mqtt *mqtt = link_now();

    assert_non_null(sensor);
    payload_sensor_init(sensor);
    for (int i = 0; i < 2 * TOPICS_WINDOW; i++) {
        snprintf(sensor->name, sizeof(sensor->name), "pod-%d", i);
        publisher_sensor(house->publisher, sensor);
    }
    free(sensor);
    publisher_clock(house->publisher, CLOCK_SYNCED);
    alert(house, "alert-1", RULE_WEEKLY_DISTANCE);
    for (int i = 0; i < 2; i++) {
        connect_now();
        listen_out();
        assert_int_equal(mqtt->n_waiting, TOPICS_WINDOW);
        fake_clock_advance(60 * SECOND); /* and a broker that takes its time */
        assert_not_said("alert-1");
        while (!strstr(mqtt->said, "strided/hall/status online")) {
            assert_not_said("alert-1");
            assert_true(mqtt->n_waiting > 0);
            mqtt->callbacks->on_published(mqtt->userdata, mqtt->waiting[--mqtt->n_waiting],
                                          MQTT_REFUSED, 0x87);
        }
        assert_non_null(strstr(strstr(mqtt->said, "strided/hall/status online"), "alert-1"));
        lose();
    }
}

/* With what goes at its stop it is not: the next start tells it. */
static void event_waits_also_for_a_gateway_that_only_comes_to_say_offline(void **state)
{
    struct house *house = *state;
    struct mqtt *mqtt = link_now();
    struct payload_sensor *sensor = calloc(1, sizeof(*sensor));

    assert_non_null(sensor);
    payload_sensor_init(sensor);
    for (int i = 0; i < TOPICS_WINDOW; i++) {
        snprintf(sensor->name, sizeof(sensor->name), "pod-%d", i);
        publisher_sensor(house->publisher, sensor);
    }
    free(sensor);
    publisher_clock(house->publisher, CLOCK_SYNCED);
    alert(house, "alert-1", RULE_WEEKLY_DISTANCE);
    connect_now();
    listen_out();
    publisher_stop(house->publisher, on_nothing, NULL);
    take_all();
    assert_said("strided/hall/status offline");
    assert_not_said("alert-1");
    assert_true(mqtt->stopping);
}

/* ---- leftovers ------------------------------------------------------------------------------------- */

#define FOREIGN_INFO "{\"machine\":\"fedcba9876543210\"}"

/* As mosquitto does: what lies there comes when it is asked for, and before anything later. */
static void answer_filters(void)
{
    if (strstr(link_now()->filters, "strided/hall/sensor/+"))
        hear_retained("strided/hall/sensor/gone", "{}");
    link_now()->filters[0] = '\0';
}

static void leftovers_are_cleared_where_no_info_lies(void **state)
{
    connect_now();
    answer_filters();
    listen_out();
    answer_filters();
    fake_clock_advance(SECOND);
    assert_said("strided/hall/sensor/gone");
}

#define OF_SENSOR "homeassistant/device/strided_0123456789ab_sensor_"

/* 'replace' while strided was stopped: the names of the old device at Home Assistant's are the new one's. The broker
 * says first what lies there, and then that the name is ours. */
static void sensor_that_was_replaced_is_announced_after_the_old_one_is_gone(void **state)
{
    struct house *house = *state;
    const char *filters = link_now()->filters;

    house->other->ha_discovery = true;
    house->other->n_sensors = 1;
    snprintf(house->other->gateway, sizeof(house->other->gateway), "hall");
    snprintf(house->other->sensors[0].name, sizeof(house->other->sensors[0].name), "pod");
    snprintf(house->other->sensors[0].address, sizeof(house->other->sensors[0].address),
             "C0:DE:00:00:00:02");
    reload(house, house->other);
    connect_now();
    assert_non_null(strstr(filters, "homeassistant/device/+/config"));
    assert_true(strstr(filters, "homeassistant/device/+/config") <
                strstr(filters, "strided/hall/info"));
    hear_retained(OF_SENSOR "c0de00000001/config", "{}");
    hear_retained("homeassistant/device/lamp/config", "{}");
    assert_string_equal(link_now()->said, "");
    hear_retained("strided/hall/info", "{\"machine\":\"" MACHINE "\"}");
    assert_said(OF_SENSOR "c0de00000001/config; ");
    assert_said("strided/hall/status online");
    fake_clock_advance(TOPICS_PATH_REST_USEC - 1);
    assert_not_said(OF_SENSOR "c0de00000002");
    fake_clock_advance(1);
    assert_said(OF_SENSOR "c0de00000002/config {");
    assert_not_said("lamp");
}

static void leftovers_are_cleared_once_a_name_is_taken_over(void **state)
{
    connect_now();
    hear_retained("strided/hall/info", FOREIGN_INFO);
    answer_filters();
    fake_clock_advance(129 * SECOND);
    assert_not_said("gone"); /* they may be somebody's */
    fake_clock_advance(2 * SECOND);
    answer_filters();
    fake_clock_advance(SECOND);
    assert_said("strided/hall/sensor/gone");
}

static void acknowledge(void)
{
    struct mqtt *mqtt = link_now();

    for (size_t i = 0; i < mqtt->n_waiting; i++) /* may become more */
        mqtt->callbacks->on_published(mqtt->userdata, mqtt->waiting[i], MQTT_DONE, 0);
    mqtt->n_waiting = 0;
}

/* Two began at once, and the other one yields: what it had said by then is not what is true. */
static void what_another_said_before_it_yielded_is_said_again_and_cleared(void **state)
{
    struct house *house = *state;
    struct payload_sensor *sensor = calloc(1, sizeof(*sensor));

    assert_non_null(sensor);
    payload_sensor_init(sensor);
    snprintf(sensor->name, sizeof(sensor->name), "pod");
    publisher_sensor(house->publisher, sensor);
    free(sensor);
    connect_now();
    listen_out();
    acknowledge();
    fake_clock_advance(20 * SECOND);
    link_now()->said[0] = link_now()->filters[0] = '\0';
    hear_retained("strided/hall/info", FOREIGN_INFO);
    assert_said("strided/hall/info");
    assert_not_said("strided/hall/sensor/pod");
    fake_clock_advance(3 * SECOND);
    assert_said("strided/hall/sensor/pod");
    answer_filters();
    assert_said("strided/hall/sensor/gone");
}

/* That look does not stand for the one that waits until the other has said all of its own. */
static void leftovers_of_one_that_yields_are_cleared_also_if_the_clock_becomes_known(void **state)
{
    struct house *house = *state;

    connect_now();
    listen_out();
    fake_clock_advance(20 * SECOND);
    hear_retained("strided/hall/info", FOREIGN_INFO);
    publisher_clock(house->publisher, CLOCK_SYNCED);
    link_now()->filters[0] = '\0'; /* nothing of it lies there yet */
    fake_clock_advance(3 * SECOND);
    answer_filters();
    assert_said("strided/hall/sensor/gone");
}

/* What lay there when the last start ended: of two rules, and of a runner who is gone. */
static void hear_verdicts(void)
{
    if (!strstr(link_now()->filters, "strided/hall/runner/+/week"))
        return;
    hear_retained("strided/hall/runner/anna/week", "{}");
    hear_retained("strided/hall/runner/anna/alert/weekly_distance", "{}");
    hear_retained("strided/hall/runner/anna/alert/weekly_time", "{}");
    hear_retained("strided/hall/runner/ben/week", "{}");
    link_now()->filters[0] = '\0';
}

/* The store is asked what was noted while the link comes up. */
static void what_a_runner_noted_stays_until_it_is_read(void **state)
{
    struct house *house = *state;
    struct payload_note note;

    snprintf(house->conf->runners[0].id, sizeof(house->conf->runners[0].id), "anna");
    house->conf->n_runners = 1;
    connect_now();
    listen_out();
    hear_retained("strided/hall/runner/anna/note", "{}");
    hear_retained("strided/hall/runner/ben/note", "{}");
    fake_clock_advance(20 * SECOND);
    assert_not_said("anna/note");
    assert_said("strided/hall/runner/ben/note");
    payload_note_init(&note);
    publisher_note(house->publisher, &house->conf->runners[0], &note);
    fake_clock_advance(SECOND);
    assert_said("strided/hall/runner/anna/note");
}

/* A Pi without a battery clock may wait for hours until its log can be judged. */
static void verdicts_stay_until_the_log_is_judged(void **state)
{
    struct house *house = *state;
    struct payload_week week;

    snprintf(house->conf->runners[0].id, sizeof(house->conf->runners[0].id), "anna");
    house->conf->n_runners = 1;
    house->conf->rules.rule[RULE_WEEKLY_DISTANCE].enable = true;
    house->conf->rules.rule[RULE_WEEKLY_TIME].enable = false;
    connect_now();
    listen_out();
    hear_verdicts();
    fake_clock_advance(20 * SECOND);
    assert_not_said("anna/week");
    assert_not_said("weekly_distance");
    assert_said("strided/hall/runner/anna/alert/weekly_time");
    assert_said("strided/hall/runner/ben/week");
    house->conf->rules.rule[RULE_WEEKLY_DISTANCE].enable = false; /* as by a reload meanwhile */
    payload_week_init(&week);
    publisher_clock(house->publisher, CLOCK_SYNCED);
    publisher_week(house->publisher, &house->conf->runners[0], &week);
    hear_verdicts();
    fake_clock_advance(SECOND);
    assert_said("strided/hall/runner/anna/alert/weekly_distance");
}

/* Nothing was said of it over this link: the reload alone has nothing to take back. */
static void verdict_that_a_reload_switches_off_goes_before_the_log_is_judged(void **state)
{
    struct house *house = *state;

    snprintf(house->conf->runners[0].id, sizeof(house->conf->runners[0].id), "anna");
    house->conf->n_runners = 1;
    house->conf->rules.rule[RULE_WEEKLY_DISTANCE].enable = true;
    *house->other = *house->conf;
    house->other->rules.rule[RULE_WEEKLY_DISTANCE].enable = false;
    connect_now();
    listen_out();
    hear_verdicts();
    fake_clock_advance(20 * SECOND);
    assert_not_said("weekly_distance");
    reload(house, house->other);
    hear_verdicts();
    fake_clock_advance(SECOND);
    assert_said("strided/hall/runner/anna/alert/weekly_distance");
    assert_not_said("anna/week");
}

/* Heard over the first link, and left alone; then the gateway is moved. */
static void move_before_the_log_is_judged(struct house *house, const char *name, const char *uri)
{
    snprintf(house->conf->runners[0].id, sizeof(house->conf->runners[0].id), "anna");
    house->conf->n_runners = 1;
    house->conf->rules.rule[RULE_WEEKLY_DISTANCE].enable = true;
    *house->other = *house->conf;
    snprintf(house->other->gateway, sizeof(house->other->gateway), "%s", name);
    snprintf(house->other->mqtt_uri, sizeof(house->other->mqtt_uri), "%s", uri);
    snprintf(house->other->mqtt_username, sizeof(house->other->mqtt_username), "anna");
    connect_now();
    listen_out();
    hear_verdicts();
    fake_clock_advance(20 * SECOND);
    acknowledge();
    assert_not_said("anna/week");
    assert_not_said("weekly_distance");
    reload(house, house->other);
    fake_clock_advance(SECOND);
}

static void verdicts_that_nobody_judged_go_with_their_tree(void **state)
{
    move_before_the_log_is_judged(*state, "attic", "mqtt://one");
    assert_non_null(strstr(links[0].said, "strided/hall/runner/anna/week"));
    assert_non_null(strstr(links[0].said, "strided/hall/runner/anna/alert/weekly_distance"));
}

static void verdicts_that_nobody_judged_go_with_their_broker(void **state)
{
    move_before_the_log_is_judged(*state, "hall", "mqtt://two");
    assert_non_null(strstr(links[0].said, "strided/hall/runner/anna/week"));
    assert_non_null(strstr(links[0].said, "strided/hall/runner/anna/alert/weekly_distance"));
}

static void verdicts_that_nobody_judged_stay_with_their_tree(void **state)
{
    move_before_the_log_is_judged(*state, "hall", "mqtt://one");
    assert_int_equal(n_links, 2);
    assert_null(strstr(links[0].said, "anna/week"));
    assert_null(strstr(links[0].said, "weekly_distance"));
}

/* The broker is away just then: the next link to it takes them back. */
static void verdicts_that_nobody_judged_are_inherited(void **state)
{
    struct house *house = *state;

    snprintf(house->conf->runners[0].id, sizeof(house->conf->runners[0].id), "anna");
    house->conf->n_runners = 1;
    *house->other = *house->conf;
    snprintf(house->other->gateway, sizeof(house->other->gateway), "attic");
    connect_now();
    listen_out();
    hear_verdicts();
    acknowledge();
    lose();
    reload(house, house->other);
    links[0].on_stopped(links[0].stopped_userdata);
    fake_clock_advance(0);
    connect_now();
    listen_out();
    assert_said("strided/hall/runner/anna/week");
}

/* ---- what is wrong, for as long as it is ------------------------------------------------------------ */

/* Nobody has anything to do about it, and it may be so for months. */
static void name_that_was_taken_over_is_no_problem(void **state)
{
    connect_now();
    hear_retained("strided/hall/info", FOREIGN_INFO);
    assert_true(is_a_problem(*state, "used the gateway name"));
    fake_clock_advance(131 * SECOND);
    answer_filters();
    assert_said("strided/hall/status online");
    assert_false(is_a_problem(*state, "gateway name"));
}

/* What it said under it meanwhile, and the will of its link, lie there now. */
static void everything_is_said_again_once_a_name_is_taken_back(void **state)
{
    connect_now();
    listen_out();
    acknowledge();
    hear_retained("strided/hall/info", "{\"machine\":\"0000000000000000\"}");
    assert_true(is_a_problem(*state, "another gateway"));
    link_now()->said[0] = '\0';
    fake_clock_advance(131 * SECOND);
    assert_said("strided/hall/info");
    assert_said("strided/hall/status online");
}

static bool hear_home(struct house *house, const char *payload, bool retained)
{
    struct publisher_home home;

    hear(&(struct mqtt_message){ .topic = "homeassistant/status",
                                 .payload = (const uint8_t *)payload,
                                 .length = strlen(payload),
                                 .retained = retained });
    return publisher_home(house->publisher, &home) && home.online &&
           home.at_usec == clock_now_usec();
}

static void home_assistant_is_what_it_says_now_at_this_broker(void **state)
{
    struct house *house = *state;
    struct publisher_home home;

    house->conf->ha_discovery = house->other->ha_discovery = true;
    connect_now();
    assert_false(publisher_home(house->publisher, &home));
    assert_false(hear_home(house, "online", true)); /* maybe for days */
    assert_false(publisher_home(house->publisher, &home));
    assert_true(hear_home(house, "online", false));
    fake_clock_advance(SECOND);
    assert_false(hear_home(house, "no such word", false));
    assert_true(publisher_home(house->publisher, &home) && home.online);
    assert_int_equal(home.at_usec + SECOND, clock_now_usec());
    assert_false(hear_home(house, "offline", false));
    assert_true(publisher_home(house->publisher, &home) && !home.online);
    lose(); /* what it says meanwhile nobody hears */
    connect_now();
    assert_false(publisher_home(house->publisher, &home));
    assert_true(hear_home(house, "online", false));
    strcpy(house->other->mqtt_uri, "mqtt://elsewhere");
    reload(house, house->other);
    assert_false(publisher_home(house->publisher, &home));
}

static void messages_that_were_dropped_are_a_problem_for_a_while(void **state)
{
    assert_false(is_a_problem(*state, "dropped"));
    overruns = 44;
    assert_true(is_a_problem(*state, "dropped: 44;"));
    fake_clock_advance(9 * 60 * SECOND);
    overruns = 45;
    assert_true(is_a_problem(*state, "dropped: 45;"));
    fake_clock_advance(599 * SECOND);
    assert_true(is_a_problem(*state, "dropped: 45;"));
    fake_clock_advance(SECOND);
    assert_false(is_a_problem(*state, "dropped"));
    fake_clock_advance(3600 * SECOND);
    overruns = 46;
    assert_true(is_a_problem(*state, "dropped: 46;"));
}

static void messages_that_another_link_drops_are_a_problem_too(void **state)
{
    struct house *house = *state;

    overruns = 44;
    assert_true(is_a_problem(house, "dropped: 44;"));
    snprintf(house->other->mqtt_uri, sizeof(house->other->mqtt_uri), "mqtt://two");
    fake_clock_advance(3600 * SECOND);
    reload(house, house->other);
    overruns = 3;
    assert_true(is_a_problem(house, "dropped: 3;"));
}

/* ---- last words ------------------------------------------------------------------------------------ */

static void speak(void)
{
    connect_now();
    listen_out();
    acknowledge();
    assert_said("strided/hall/status online");
}

static void stop_now(struct house *house)
{
    publisher_stop(house->publisher, on_nothing, NULL);
}

static void stop_ends_in_order_once_offline_is_heard(void **state)
{
    speak();
    stop_now(*state);
    assert_said("strided/hall/status offline");
    assert_false(links[0].stopping);
    acknowledge();
    assert_true(links[0].stopping);
    assert_int_equal(links[0].end, MQTT_END_IN_ORDER);
}

static void stop_ends_by_the_will_if_offline_is_not_heard(void **state)
{
    speak();
    stop_now(*state);
    fake_clock_advance(3 * SECOND);
    assert_true(links[0].stopping);
    assert_int_equal(links[0].end, MQTT_END_BY_WILL);
}

/* A broker that was gone as well has what we said before, and nobody's will. */
static void stop_ends_by_the_will_before_the_next_link_has_spoken(void **state)
{
    speak();
    lose();
    connect_now();
    stop_now(*state);
    assert_true(links[0].stopping);
    assert_int_equal(links[0].end, MQTT_END_BY_WILL);
}

static void stop_ends_in_order_if_nothing_was_said(void **state)
{
    connect_now();
    stop_now(*state);
    assert_true(links[0].stopping);
    assert_int_equal(links[0].end, MQTT_END_IN_ORDER);
}

/* Our will would be said of another. */
static void stop_ends_in_order_under_the_name_of_another(void **state)
{
    speak();
    lose();
    connect_now();
    hear_retained("strided/hall/info", FOREIGN_INFO);
    stop_now(*state);
    assert_true(links[0].stopping);
    assert_int_equal(links[0].end, MQTT_END_IN_ORDER);
}

static void link_that_is_left_ends_by_the_will_if_it_is_not_cleared(void **state)
{
    struct house *house = *state;

    speak();
    reload(house, house->other);
    assert_false(links[0].stopping);
    fake_clock_advance(4 * SECOND);
    assert_true(links[0].stopping);
    assert_int_equal(links[0].end, MQTT_END_BY_WILL);
}

static void link_that_is_left_ends_in_order_once_it_is_cleared(void **state)
{
    struct house *house = *state;
    struct mqtt *left = link_now();

    speak();
    reload(house, house->other);
    for (size_t i = 0; i < left->n_waiting; i++)
        left->callbacks->on_published(left->userdata, left->waiting[i], MQTT_DONE, 0);
    assert_true(left->stopping);
    assert_int_equal(left->end, MQTT_END_IN_ORDER);
}

int main(void)
{
#define IN_HOUSE(test) cmocka_unit_test_setup_teardown(test, move_in, move_out)
    const struct CMUnitTest tests[] = {
        IN_HOUSE(request_waits_until_it_is_clear_whose_name_it_is),
        IN_HOUSE(request_that_waits_goes_with_its_link),
        IN_HOUSE(request_that_waits_goes_with_the_configuration_of_its_link),
        IN_HOUSE(request_that_waits_is_not_begun_by_a_stop),
        IN_HOUSE(answer_goes_over_the_next_link_to_the_same_broker),
        IN_HOUSE(answer_does_not_go_to_another_broker),
        IN_HOUSE(answer_that_the_broker_does_not_take_is_one_that_says_so),
        IN_HOUSE(event_about_the_heart_that_waits_does_not_outlive_what_is_private),
        IN_HOUSE(event_about_the_heart_is_told_of_who_wants_it_told),
        IN_HOUSE(event_that_is_too_large_is_not_blamed_on_access_rules),
        IN_HOUSE(event_waits_until_the_gateway_is_online),
        IN_HOUSE(event_waits_also_for_a_gateway_that_only_comes_to_say_offline),
        IN_HOUSE(leftovers_are_cleared_where_no_info_lies),
        IN_HOUSE(sensor_that_was_replaced_is_announced_after_the_old_one_is_gone),
        IN_HOUSE(leftovers_are_cleared_once_a_name_is_taken_over),
        IN_HOUSE(what_another_said_before_it_yielded_is_said_again_and_cleared),
        IN_HOUSE(leftovers_of_one_that_yields_are_cleared_also_if_the_clock_becomes_known),
        IN_HOUSE(what_a_runner_noted_stays_until_it_is_read),
        IN_HOUSE(verdicts_stay_until_the_log_is_judged),
        IN_HOUSE(verdict_that_a_reload_switches_off_goes_before_the_log_is_judged),
        IN_HOUSE(verdicts_that_nobody_judged_go_with_their_tree),
        IN_HOUSE(verdicts_that_nobody_judged_go_with_their_broker),
        IN_HOUSE(verdicts_that_nobody_judged_stay_with_their_tree),
        IN_HOUSE(verdicts_that_nobody_judged_are_inherited),
        IN_HOUSE(name_that_was_taken_over_is_no_problem),
        IN_HOUSE(everything_is_said_again_once_a_name_is_taken_back),
        IN_HOUSE(home_assistant_is_what_it_says_now_at_this_broker),
        IN_HOUSE(messages_that_were_dropped_are_a_problem_for_a_while),
        IN_HOUSE(messages_that_another_link_drops_are_a_problem_too),
        IN_HOUSE(stop_ends_in_order_once_offline_is_heard),
        IN_HOUSE(stop_ends_by_the_will_if_offline_is_not_heard),
        IN_HOUSE(stop_ends_by_the_will_before_the_next_link_has_spoken),
        IN_HOUSE(stop_ends_in_order_if_nothing_was_said),
        IN_HOUSE(stop_ends_in_order_under_the_name_of_another),
        IN_HOUSE(link_that_is_left_ends_by_the_will_if_it_is_not_cleared),
        IN_HOUSE(link_that_is_left_ends_in_order_once_it_is_cleared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
