/* SPDX-License-Identifier: MIT */
/*
 * Whatever comes from the broker, and requests by either door: a list of events, until the input ends.
 *
 *   u8 what, then what that takes (see events[])
 *
 * A message goes through our copy of what Paho hands over. What is done is in the command table and in
 * its ranges, with what may be done by that door; each request is answered at most once; and nothing
 * is published but JSON where it belongs: an asker never has us write below our root or into discovery.
 */
#include <jansson.h>
#include <string.h>
#include "daemon/broker/paho/event.h"
#include "daemon/broker/publisher_private.h"
#include "daemon/commands/commands.h"
#include "daemon/log.h"
#include "daemon/store/private.h"
#include "daemon/util.h"
#include "fake_mqtt.h"
#include "lib/bytes.h"
#include "lib/utf8.h"
#include "request_rules.h"
#include "require.h"
#include "tests/unit/fake_clock.h"

#define EVENTS_MAX  200
#define ROOT        "strided/"
#define OWN         ROOT "hall/"
#define MACHINE     "0123456789abcdef0123456789abcdef"
#define WAITING_MAX 64

static struct conf conf;
static struct store store;
static struct publisher *publisher;
static struct commands *commands;
static enum command_door door;
static struct command_answer *waiting[WAITING_MAX];
static uint64_t cookies[WAITING_MAX];
static size_t n_waiting, n_cookies;
static int n_asked, n_replied;
static char kept_key[200], *kept_answer;

static uint8_t next(struct bytes *bytes)
{
    uint8_t byte = 0;

    (void)pull_u8(bytes, &byte);
    return byte;
}

/* ---- what goes out ----------------------------------------------------------------------------- */

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static void check_json(const char *text, size_t length)
{
    json_t *json = json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL);

    require(json_is_object(json));
    json_decref(json);
}

/* Of ours, or where an asker wants his answer. */
static int on_publish(const struct mqtt_publish *message)
{
    const char *topic = message->topic;
    bool own = begins(topic, OWN) || topic_filter_matches("homeassistant/device/+/config", topic);

    require(topic[0] && !strpbrk(topic, "+#"));
    require(message->qos >= 0 && message->qos <= 1);
    require(own || (!message->retain && !begins(topic, ROOT) && topic[0] != '$'));
    require(!message->correlation_data || begins(topic, OWN "response/") || !own);
    if (message->length > 0 && (begins(topic, OWN "response/") || !own))
        check_json(message->payload, message->length);
    require(message->length > 0 || message->retain);
    if (message->cookie && n_cookies == WAITING_MAX)
        return -ENOBUFS;
    if (message->cookie)
        cookies[n_cookies++] = message->cookie;
    return 0;
}

/* ---- what is done ------------------------------------------------------------------------------ */

static void check_permitted(const struct command *command, const json_t *arguments)
{
    if (door == COMMAND_DOOR_MQTT && conf.mqtt_commands != CONF_COMMANDS_ALL)
        require(conf.mqtt_commands == CONF_COMMANDS_SAFE && request_is_safe(command, arguments));
}

static void run(void *context, const struct command *command, const json_t *arguments,
                struct command_answer *answer)
{
    require(command_find(command->verb) == command);
    request_check_arguments(command, arguments);
    check_permitted(command, arguments);
    if (strcmp(command->verb, "scan") == 0 && n_waiting < WAITING_MAX)
        waiting[n_waiting++] = answer;
    else
        command_answer_data(answer, json_pack("{s:s}", "verb", command->verb));
}

static const char *answered(void *context, const char *key)
{
    require(strlen(key) <= 145 && utf8_is_plain(key, strlen(key)));
    return strcmp(key, kept_key) == 0 ? kept_answer : NULL;
}

static void keep(void *context, const char *key, const char *answer)
{
    check_json(answer, strlen(answer));
    snprintf(kept_key, sizeof(kept_key), "%s", key);
    free(kept_answer);
    kept_answer = strdup(answer);
}

/* ---- what comes in ----------------------------------------------------------------------------- */

struct asking {
    void (*reply)(void *answer, const char *json);
    void *answer;
};

static void on_reply(void *userdata, const char *json)
{
    struct asking *asking = userdata;

    check_json(json, strlen(json));
    n_replied++;
    if (asking->reply)
        asking->reply(asking->answer, json);
    free(asking);
}

static void ask(enum command_door by, const char *verb, const char *payload, size_t length,
                void (*reply)(void *answer, const char *json), void *answer)
{
    struct asking *asking = malloc(sizeof(*asking));

    require(asking && conf_id_is_valid(verb));
    *asking = (struct asking){ reply, answer };
    door = by;
    n_asked++;
    require(commands_request(commands, by, verb, payload, length, on_reply, asking) == 0);
}

static void on_request(void *userdata, const char *verb, const char *payload, size_t length,
                       void (*reply)(void *answer, const char *json), void *answer)
{
    ask(COMMAND_DOOR_MQTT, verb, payload, length, reply, answer);
}

/* A word, or text of the input. Until the next call. */
static const char *some_topic(struct bytes *bytes)
{
    static const char *const topics[] = {
        OWN "request/status",
        OWN "request/session",
        OWN "request/release",
        OWN "request/scan",
        OWN "request/route",
        OWN "request/incline",
        OWN "request/explain",
        OWN "request/",
        OWN "request/a/b",
        OWN "info",
        OWN "health",
        OWN "status",
        OWN "sensor/pod",
        OWN "runner/anna/session",
        OWN "runner/b/alert/weekly_time",
        OWN "response/status",
        "homeassistant/status",
        "homeassistant/device/x/config",
        "somebody/answers",
        "$SYS/x",
        ROOT "attic/status",
        "homeassistant/device/+/",
        ("homeassistant/device/"
         "strided-0123456789ab/config"),
    };
    static char text[256];
    size_t which = next(bytes), length;

    if (which < 0xE0)
        return topics[which % ELEMENTSOF(topics)];
    length = (which - 0xE0) * 8;
    length = length < bytes->left ? length : bytes->left;
    memcpy(text, bytes->at, length);
    text[length] = '\0';
    pull_skip(bytes, length);
    return text;
}

static char payload[MQTT_PAYLOAD_MAX + 300];

static size_t pull_payload(struct bytes *bytes)
{
    size_t length = next(bytes);

    if (length == 0xFF) { /* about as long as it may be */
        memset(payload, ' ', sizeof(payload));
        return MQTT_PAYLOAD_MAX - 100 + next(bytes);
    }
    length = length < bytes->left ? length : bytes->left;
    memcpy(payload, bytes->at, length);
    pull_skip(bytes, length);
    return length;
}

static void add_property(MQTTProperties *properties, enum MQTTPropertyCodes code, char *data,
                         size_t length)
{
    MQTTProperty property = { .identifier = code };

    property.value.data.data = data;
    property.value.data.len = (int)length;
    properties->array[properties->count++] = property;
}

/*  flags: b0 retained, b1 with a response topic, b2 with correlation data */
static void message(struct bytes *bytes)
{
    uint8_t flags = next(bytes);
    MQTTProperty all[2];
    MQTTAsync_message paho = MQTTAsync_message_initializer;
    char topic[256], response[256];
    struct paho_event *event;

    snprintf(topic, sizeof(topic), "%s", some_topic(bytes));
    snprintf(response, sizeof(response), "%s", flags & 2 ? some_topic(bytes) : "");
    paho.properties.array = all;
    if (flags & 2)
        add_property(&paho.properties, MQTTPROPERTY_CODE_RESPONSE_TOPIC, response,
                     strlen(response));
    if (flags & 4)
        add_property(&paho.properties, MQTTPROPERTY_CODE_CORRELATION_DATA, topic, flags >> 3);
    paho.retained = flags & 1;
    paho.payloadlen = (int)pull_payload(bytes);
    paho.payload = payload;
    event = paho_event_of_message(topic, strlen(topic), &paho);
    require(event);
    if (fake_mqtt_callbacks)
        fake_mqtt_callbacks->on_message(fake_mqtt_userdata, &event->message);
    free(event);
}

/* By D-Bus, and so with a text that ends. */
static void called(struct bytes *bytes)
{
    uint8_t which = next(bytes), n = 0;
    size_t length;

    while (command_table[n].verb)
        n++;
    length = pull_payload(bytes);
    payload[length] = '\0';
    ask(COMMAND_DOOR_BUS, command_table[which % n].verb, payload, strlen(payload), NULL, NULL);
}

static void linked(struct bytes *bytes)
{
    uint8_t up = next(bytes);

    if (up & 1)
        fake_mqtt_callbacks->on_connected(fake_mqtt_userdata);
    else if (up & 2)
        fake_mqtt_callbacks->on_problem(fake_mqtt_userdata, "something");
    else
        fake_mqtt_callbacks->on_disconnected(fake_mqtt_userdata, "it went", up & 4);
}

static void taken(struct bytes *bytes)
{
    uint8_t how = next(bytes);

    for (size_t n = how >> 4; n_cookies > 0 && n > 0; n--) {
        uint64_t cookie = cookies[0];

        memmove(cookies, cookies + 1, --n_cookies * sizeof(cookies[0]));
        fake_mqtt_callbacks->on_published(fake_mqtt_userdata, cookie, (how & 15) % 3,
                                          (how & 15) % 3 == 1 ? 0x87 : 0);
    }
}

static void pass_time(struct bytes *bytes)
{
    fake_clock_advance(next(bytes) * UINT64_C(250000));
}

static void finish(struct bytes *bytes)
{
    size_t which = next(bytes);
    struct command_error error = { .code = "busy", .message = "later" };

    if (n_waiting == 0)
        return;
    struct command_answer **place = &waiting[which % n_waiting], *answer = *place;
    *place = waiting[--n_waiting];
    if (which & 0x80)
        command_answer_error(answer, &error);
    else
        command_answer_data(answer, json_object());
}

static void configured(struct bytes *bytes)
{
    conf.mqtt_commands = (enum conf_commands)(next(bytes) % 3);
    commands_set_policy(commands, conf.mqtt_commands);
}

/* What stands, so that somebody may claim it. */
static void said(struct bytes *bytes)
{
    static struct payload_session session;

    payload_session_init(&session);
    strcpy(session.runner, "anna");
    snprintf(session.id, sizeof(session.id), "s-%u", next(bytes));
    publisher_session(publisher, &session);
}

static void (*const events[])(struct bytes *bytes) = { message,   called, linked,     taken,
                                                       pass_time, finish, configured, said };

/* ---- the target -------------------------------------------------------------------------------- */

static const struct payload_sensor *no_sensor(void *userdata, size_t sensor)
{
    return NULL;
}

static void nothing(void *userdata)
{
}

static void begin(void)
{
    log_set_max_level(LOG_EMERG);
    conf_init(&conf);
    strcpy(conf.gateway, "hall");
    strcpy(conf.mqtt_uri, "mqtt://127.0.0.1:1");
    conf.n_runners = 1;
    strcpy(conf.runners[0].id, "anna");
    fake_mqtt_on_publish = on_publish;
}

static void move_in(void)
{
    static const struct publisher_callbacks callbacks = { on_request, no_sensor, nothing, nothing };
    const struct commands_parts parts = { NULL, run, answered, keep };

    n_waiting = n_cookies = 0;
    n_asked = n_replied = 0;
    conf.mqtt_commands = CONF_COMMANDS_SAFE;
    store = (struct store){ .queue = { .db = &store.db, .busy = true } };
    store.queue.end = &store.queue.first;
    require(commands_new(&commands, &parts) >= 0);
    commands_set_policy(commands, conf.mqtt_commands);
    require(publisher_new(&publisher, NULL, &conf, NULL, MACHINE, &store, &callbacks, NULL) >= 0);
}

static void move_out(void)
{
    while (n_waiting > 0)
        finish(&(struct bytes){ NULL, 0 });
    require(n_asked == n_replied);
    publisher = publisher_free(publisher);
    commands = commands_free(commands);
    free(kept_answer);
    kept_answer = NULL;
    kept_key[0] = '\0';
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t length)
{
    struct bytes bytes = bytes_of(at, length);
    uint8_t what;

    if (!fake_mqtt_on_publish)
        begin();
    move_in();
    for (int i = 0; i < EVENTS_MAX && pull_u8(&bytes, &what); i++)
        events[what % ELEMENTSOF(events)](&bytes);
    move_out();
    return 0;
}
