/* SPDX-License-Identifier: MIT */
#include "daemon/broker/publisher.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include "daemon/clock.h"
#include "daemon/broker/homeassistant.h"
#include "daemon/log.h"
#include "daemon/broker/mqtt.h"
#include "daemon/broker/outbox.h"
#include "daemon/broker/privacy.h"
#include "daemon/render.h"
#include "daemon/broker/rival.h"
#include "daemon/broker/topics.h"
#include "daemon/util.h"

#define QUIET_AFTER 3 /* failed tries that are logged one by one */
#define LEFTOVERS_USEC                                                                             \
    (10 * UINT64_C(1000000)) /* how long after a connect old topics are looked for */
#define OFFLINE_USEC (2 * UINT64_C(1000000))

struct answer { /* a request whose answer is still to come */
    struct publisher *publisher;
    struct answer *next;
    char verb[CONF_ID_MAX];
    char *response_topic;
    uint8_t *correlation_data;
    size_t correlation_length;
};

struct link { /* what a connection is made of, and all of it that hangs on the configuration */
    struct mqtt *mqtt; /* NULL: no broker configured */
    struct topics *topics;
    char text[4 * CONF_TEXT_MAX +
              64];           /* what the link was made from, to see whether it must be anew */
    char path[4][TOPIC_MAX]; /* info, health, status, Home Assistant's birth */
};
enum { PATH_INFO, PATH_HEALTH, PATH_STATUS, PATH_BIRTH };

struct publisher_change {
    const struct conf *conf;
    const char *password;
    bool anew; /* `link` takes the place of the one that is */
    struct link link;
};

struct publisher {
    sd_event *event;         /* borrowed */
    const struct conf *conf; /* borrowed */
    const char *password;    /* borrowed, as conf; NULL: none */
    struct store *store;     /* borrowed */
    char machine_id[40];
    const struct publisher_callbacks *callbacks;
    void *userdata;

    struct link link;
    struct outbox *outbox;
    struct rival rival;
    struct clock_timer *timer;
    uint64_t leftovers_until_usec; /* 0: not looking */
    int failures;
    struct answer *answers;

    void (*on_stopped)(void *userdata);
    void *stopped_userdata;
    uint64_t stop_until_usec; /* 0: not stopping */
};

/* ---- the timer: whoever wants to be woken first ------------------------------------------------ */

static uint64_t earliest(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static void rearm(struct publisher *publisher)
{
    uint64_t at =
        earliest(topics_next_usec(publisher->link.topics), outbox_next_usec(publisher->outbox));

    at = earliest(at, rival_next_usec(&publisher->rival));
    if (publisher->leftovers_until_usec)
        at = earliest(at, publisher->leftovers_until_usec);
    if (publisher->stop_until_usec)
        at = earliest(at, publisher->stop_until_usec);
    clock_timer_set(publisher->timer, at);
}

/* ---- who may speak ---------------------------------------------------------------------------- */

static void follow_rival(struct publisher *publisher, bool changed, uint64_t now_usec)
{
    bool may = rival_may_publish(&publisher->rival);
    char sentence[PAYLOAD_TEXT_MAX];

    if (!changed)
        return;
    if (rival_sentence(&publisher->rival, publisher->conf->gateway, sentence, sizeof(sentence)))
        log_warning("%s", sentence);
    topics_mute(publisher->link.topics, !may, now_usec);
    outbox_set_online(publisher->outbox, may, now_usec);
    publisher->callbacks->on_health(publisher->userdata);
}

static void stop_looking(struct publisher *publisher)
{
    const char *const *filters = topics_filters(publisher->link.topics);

    for (size_t i = 0; filters[i]; i++)
        (void)mqtt_unsubscribe(publisher->link.mqtt, filters[i]);
    publisher->leftovers_until_usec = 0;
}

static void finish_stop(struct publisher *publisher)
{
    publisher->stop_until_usec = 0;
    if (!publisher->link.mqtt ||
        mqtt_stop(publisher->link.mqtt, publisher->on_stopped, publisher->stopped_userdata) < 0)
        publisher->on_stopped(publisher->stopped_userdata);
}

static void on_timer(void *userdata, uint64_t now_usec)
{
    struct publisher *publisher = userdata;

    follow_rival(publisher, rival_run(&publisher->rival, now_usec), now_usec);
    topics_run(publisher->link.topics, now_usec);
    outbox_run(publisher->outbox, clock_wall_usec(), now_usec);
    if (publisher->leftovers_until_usec && now_usec >= publisher->leftovers_until_usec)
        stop_looking(publisher);
    if (publisher->stop_until_usec && now_usec >= publisher->stop_until_usec)
        finish_stop(publisher);
    rearm(publisher);
}

/* ---- the link --------------------------------------------------------------------------------- */

static void look_for_leftovers(struct publisher *publisher)
{
    const char *const *filters = topics_filters(publisher->link.topics);

    for (size_t i = 0; filters[i]; i++)
        (void)mqtt_subscribe(publisher->link.mqtt, filters[i], true);
    publisher->leftovers_until_usec = clock_now_usec() + LEFTOVERS_USEC;
}

static void on_connected(void *userdata)
{
    struct publisher *publisher = userdata;
    uint64_t now_usec = clock_now_usec();

    log_info("broker: connected to %s", publisher->conf->mqtt_uri);
    publisher->failures = 0;
    (void)mqtt_subscribe(publisher->link.mqtt, publisher->link.path[PATH_INFO], false);
    (void)mqtt_subscribe(publisher->link.mqtt, publisher->link.path[PATH_HEALTH], true);
    (void)mqtt_subscribe(publisher->link.mqtt, publisher->link.path[PATH_STATUS], true);
    look_for_leftovers(publisher);
    follow_rival(publisher, rival_connected(&publisher->rival, now_usec), now_usec);
    publisher->callbacks->on_connected(publisher->userdata);
    topics_set_online(publisher->link.topics, true, now_usec);
    publisher->callbacks->on_health(publisher->userdata);
    rearm(publisher);
}

static void on_disconnected(void *userdata, const char *sentence, bool was_connected)
{
    struct publisher *publisher = userdata;
    uint64_t now_usec = clock_now_usec();

    publisher->failures++;
    if (was_connected || publisher->failures <= QUIET_AFTER)
        log_warning("broker: %s%s", sentence,
                    publisher->failures == QUIET_AFTER ? "; further tries go on quietly" : "");
    publisher->leftovers_until_usec = 0;
    topics_set_online(publisher->link.topics, false, now_usec);
    outbox_set_online(publisher->outbox, false, now_usec);
    (void)rival_disconnected(&publisher->rival);
    publisher->callbacks->on_health(publisher->userdata);
    rearm(publisher);
}

static void on_published(void *userdata, uint64_t cookie, enum mqtt_result result, int reason)
{
    struct publisher *publisher = userdata;
    uint64_t now_usec = clock_now_usec();

    if (topics_owns(cookie))
        topics_answer(publisher->link.topics, cookie, result, reason, now_usec);
    else if (outbox_owns(cookie))
        outbox_answer(publisher->outbox, cookie, result, reason, now_usec);
    if (publisher->stop_until_usec && topics_settled(publisher->link.topics))
        finish_stop(publisher);
    rearm(publisher);
}

/* ---- requests --------------------------------------------------------------------------------- */

static void free_answer(struct answer *answer)
{
    struct answer **at = &answer->publisher->answers;

    while (*at && *at != answer)
        at = &(*at)->next;
    if (*at)
        *at = answer->next;
    free(answer->response_topic);
    free(answer->correlation_data);
    free(answer);
}

static void on_reply(void *userdata, const char *json)
{
    struct answer *answer = userdata;
    struct mqtt_message request = {
        .response_topic = answer->response_topic,
        .correlation_data = answer->correlation_data,
        .correlation_length = answer->correlation_length,
    };

    (void)topics_respond(answer->publisher->link.topics, answer->verb, &request, json,
                         strlen(json));
    free_answer(answer);
}

static struct answer *new_answer(struct publisher *publisher, const char *verb,
                                 const struct mqtt_message *request)
{
    struct answer *answer = calloc(1, sizeof(*answer));

    if (!answer)
        return NULL;
    *answer = (struct answer){ .publisher = publisher, .next = publisher->answers };
    publisher->answers = answer;
    snprintf(answer->verb, sizeof(answer->verb), "%s", verb);
    if (request->response_topic)
        answer->response_topic = strdup(request->response_topic);
    if (request->correlation_data && request->correlation_length &&
        (answer->correlation_data = malloc(request->correlation_length))) {
        memcpy(answer->correlation_data, request->correlation_data, request->correlation_length);
        answer->correlation_length = request->correlation_length;
    }
    return answer;
}

/* The level behind request/, if it is one that an answer can be given under. */
static const char *verb_of(const struct publisher *publisher, const char *topic)
{
    char prefix[TOPIC_MAX];
    int n = snprintf(prefix, sizeof(prefix), "%s/%s/request/", publisher->conf->mqtt_root,
                     publisher->conf->gateway);

    if (n < 0 || strncmp(topic, prefix, (size_t)n) != 0 || !conf_id_is_valid(topic + n))
        return NULL;
    return topic + n;
}

static void on_request(struct publisher *publisher, const char *verb,
                       const struct mqtt_message *message)
{
    struct answer *answer;

    if (message->retained || !rival_may_publish(&publisher->rival))
        return; /* an old order is no order; and another gateway of this name answers */
    answer = new_answer(publisher, verb, message);
    if (answer)
        publisher->callbacks->on_request(publisher->userdata, verb, (const char *)message->payload,
                                         message->length, on_reply, answer);
}

/* ---- what else comes in ----------------------------------------------------------------------- */

static void on_info(struct publisher *publisher, const struct mqtt_message *message,
                    uint64_t now_usec)
{
    json_t *info = json_loadb((const char *)message->payload, message->length, 0, NULL);
    const char *machine = json_string_value(json_object_get(info, "machine"));

    follow_rival(publisher, rival_info(&publisher->rival, machine ? machine : "", now_usec),
                 now_usec);
    if (machine && strcmp(machine, publisher->machine_id) != 0 &&
        rival_may_publish(&publisher->rival))
        topics_repeat(publisher->link.topics, TOPIC_INFO, now_usec);
    json_decref(info);
}

/* The will of another gateway of this name, or that of our own link before, came after our word. */
static void on_status(struct publisher *publisher, const struct mqtt_message *message,
                      uint64_t now_usec)
{
    static const char online[] = "online";

    /* a retained one is from before we spoke, and what we say of it is on its way */
    if (message->retained || publisher->stop_until_usec || !rival_may_publish(&publisher->rival) ||
        (message->length == strlen(online) &&
         memcmp(message->payload, online, strlen(online)) == 0))
        return;
    topics_repeat(publisher->link.topics, TOPIC_STATUS, now_usec);
}

static void on_birth(struct publisher *publisher, const struct mqtt_message *message,
                     uint64_t now_usec)
{
    if (publisher->conf->ha_discovery && homeassistant_is_birth(publisher->conf, message))
        topics_repeat_at(publisher->link.topics, now_usec + homeassistant_delay_usec());
}

static void on_message(void *userdata, const struct mqtt_message *message)
{
    struct publisher *publisher = userdata;
    uint64_t now_usec = clock_now_usec();
    const char *verb = verb_of(publisher, message->topic);

    if (verb)
        on_request(publisher, verb, message);
    else if (strcmp(message->topic, publisher->link.path[PATH_INFO]) == 0)
        on_info(publisher, message, now_usec);
    else if (strcmp(message->topic, publisher->link.path[PATH_STATUS]) == 0)
        on_status(publisher, message, now_usec);
    else if (strcmp(message->topic, publisher->link.path[PATH_BIRTH]) == 0)
        on_birth(publisher, message, now_usec);
    else if (strcmp(message->topic, publisher->link.path[PATH_HEALTH]) == 0) {
        /* 3.1.1 knows no no_local: while we speak ourselves it may be our own */
        if (publisher->conf->mqtt_version == CONF_MQTT_5 || !rival_may_publish(&publisher->rival))
            follow_rival(publisher, rival_health(&publisher->rival, now_usec), now_usec);
    } else {
        (void)topics_on_retained(publisher->link.topics, message, now_usec);
    }
    rearm(publisher);
}

static const struct mqtt_callbacks mqtt_callbacks = {
    .on_connected = on_connected,
    .on_disconnected = on_disconnected,
    .on_message = on_message,
    .on_published = on_published,
};

/* ---- what the parts ask for ------------------------------------------------------------------- */

static int publish(void *userdata, const struct mqtt_publish *message)
{
    struct publisher *publisher = userdata;

    return publisher->link.mqtt ? mqtt_publish(publisher->link.mqtt, message) : -ENOTCONN;
}

static void on_topic_refused(void *userdata, const char *topic, int reason)
{
    log_warning("broker: it refuses %s (reason 0x%02x): see its access rules", topic,
                (unsigned)reason);
}

static const struct conf_runner *runner_of(const struct publisher *publisher, const char *id)
{
    for (size_t i = 0; i < publisher->conf->n_runners; i++)
        if (strcmp(publisher->conf->runners[i].id, id) == 0)
            return &publisher->conf->runners[i];
    return NULL;
}

/* Of somebody who is not configured any more nobody knows what may be told: nothing of the heart. */
static bool heart_is_private(const struct publisher *publisher, const char *id)
{
    const struct conf_runner *runner = runner_of(publisher, id);

    return id[0] && !(runner && runner->publish_heart_rate);
}

/* A body that rotted in the store still happened: it is told, without what nobody can read. */
static char *render_row(const struct publisher *publisher, const struct store_event *event)
{
    static char empty[] = "{}";
    struct store_event row = *event;
    _cleanup_free_ char *body = NULL;
    char *payload;

    if (heart_is_private(publisher, event->runner)) {
        body = privacy_hide_body(event->body);
        row.body = body ? body : empty;
    }
    payload = render_event(&row);
    if (payload)
        return payload;
    row.body = empty;
    return render_event(&row);
}

static int send_event(void *userdata, const struct store_event *event, uint64_t cookie)
{
    struct publisher *publisher = userdata;
    _cleanup_free_ char *payload = render_row(publisher, event);

    return payload ? topics_publish(publisher->link.topics, TOPIC_EVENT, event->runner, payload,
                                    strlen(payload), cookie)
                   : -ENOMEM;
}

static void on_gone(void *userdata, const char *id)
{
    struct publisher *publisher = userdata;

    (void)store_delete_event(publisher->store, id);
}

static void on_event_refused(void *userdata, const struct store_event *event, int reason)
{
    struct publisher *publisher = userdata;

    log_warning("broker: it refuses event %s (reason 0x%02x)%s", event->id, (unsigned)reason,
                event->refused ? "; it is not tried again" : "");
    (void)store_mark_event(publisher->store, event->id, event->tries, event->refused);
}

static const struct topics_callbacks topics_callbacks = { .publish = publish,
                                                          .on_refused = on_topic_refused };
static const struct outbox_callbacks outbox_callbacks = {
    .send = send_event,
    .on_delivered = on_gone,
    .on_refused = on_event_refused,
    .on_dropped = on_gone,
};

/* ---- what is true now ------------------------------------------------------------------------- */

static void set(struct publisher *publisher, enum topic topic, const char *first,
                enum contract_kind kind, const void *value)
{
    _cleanup_free_ char *payload = render_payload(kind, value);

    if (payload && topics_set(publisher->link.topics, topic, first, NULL, payload, strlen(payload),
                              clock_now_usec()) < 0)
        log_error("Failed to keep what is to be published of %s", first ? first : "the gateway");
    rearm(publisher);
}

static void set_status(struct publisher *publisher, const char *status)
{
    (void)topics_set(publisher->link.topics, TOPIC_STATUS, NULL, NULL, status, strlen(status),
                     clock_now_usec());
}

static void set_info(struct publisher *publisher)
{
    _cleanup_free_ struct payload_info *info = calloc(1, sizeof(*info));
    const struct conf *conf = publisher->conf;

    if (!info)
        return;
    snprintf(info->version, sizeof(info->version), "%s", STRIDED_VERSION);
    snprintf(info->machine, sizeof(info->machine), "%s", publisher->machine_id);
    for (size_t i = 0; i < conf->n_runners; i++)
        snprintf(info->runners[info->n_runners++], sizeof(info->runners[0]), "%s",
                 conf->runners[i].id);
    for (size_t i = 0; i < conf->n_sensors; i++)
        snprintf(info->sensors[info->n_sensors++], sizeof(info->sensors[0]), "%s",
                 conf->sensors[i].name);
    set(publisher, TOPIC_INFO, NULL, CONTRACT_INFO, info);
}

static int on_discovery(void *userdata, const char *topic, const char *payload, size_t length)
{
    struct publisher *publisher = userdata;

    return topics_set_path(publisher->link.topics, topic, payload, length, clock_now_usec());
}

static void set_discovery(struct publisher *publisher)
{
    struct homeassistant_options options = {
        .conf = publisher->conf,
        .machine = publisher->machine_id,
        .version = STRIDED_VERSION,
        .sensor = publisher->callbacks->sensor,
        .sensor_userdata = publisher->userdata,
    };

    if (publisher->conf->ha_discovery &&
        homeassistant_render(&options, on_discovery, publisher) < 0)
        log_error("Failed to make Home Assistant's discovery");
}

/* ---- making the link -------------------------------------------------------------------------- */

static void describe_link(const struct conf *conf, char *ret, size_t size)
{
    snprintf(ret, size, "%s|%s|%s|%s|%s|%s|%d", conf->mqtt_uri, conf->mqtt_username,
             conf->mqtt_ca_file, conf->mqtt_root, conf->gateway, conf->ha_prefix,
             conf->mqtt_version);
}

static int make_mqtt(struct publisher *publisher, const struct conf *conf, const char *password,
                     struct link *link)
{
    char will[TOPIC_MAX], requests[TOPIC_MAX], client_id[64];
    const char *const subscriptions[] = { requests, link->path[PATH_BIRTH], NULL };
    struct mqtt_options options = {
        .uri = conf->mqtt_uri,
        .client_id = client_id,
        .username = conf->mqtt_username[0] ? conf->mqtt_username : NULL,
        .password = password,
        .ca_file = conf->mqtt_ca_file[0] ? conf->mqtt_ca_file : NULL,
        .v311 = conf->mqtt_version == CONF_MQTT_311,
        .will_topic = will,
        .will_payload = "offline",
        .subscriptions = subscriptions,
    };
    int r;

    if (!conf->mqtt_uri[0])
        return 0;
    r = topics_format(will, conf->mqtt_root, conf->gateway, TOPIC_STATUS, NULL, NULL);
    if (r >= 0)
        r = topics_format(requests, conf->mqtt_root, conf->gateway, TOPIC_REQUEST, "+", NULL);
    if (r < 0)
        return r;
    snprintf(client_id, sizeof(client_id), "strided-%.12s", publisher->machine_id);
    return mqtt_new(&link->mqtt, publisher->event, &options, &mqtt_callbacks, publisher);
}

static int make_topics(struct publisher *publisher, const struct conf *conf, struct link *link)
{
    char filter[TOPIC_MAX], prefix[TOPIC_MAX];
    int r;

    r = topics_new(&link->topics, conf->mqtt_root, conf->gateway, &topics_callbacks, publisher);
    if (r < 0)
        return r;
    (void)topics_format(link->path[PATH_INFO], conf->mqtt_root, conf->gateway, TOPIC_INFO, NULL,
                        NULL);
    (void)topics_format(link->path[PATH_HEALTH], conf->mqtt_root, conf->gateway, TOPIC_HEALTH, NULL,
                        NULL);
    (void)topics_format(link->path[PATH_STATUS], conf->mqtt_root, conf->gateway, TOPIC_STATUS, NULL,
                        NULL);
    (void)homeassistant_birth_topic(conf, link->path[PATH_BIRTH]);
    r = homeassistant_own(conf, publisher->machine_id, filter, prefix);
    return r < 0 ? r : topics_own_paths(link->topics, filter, prefix);
}

static void link_done(struct link *link)
{
    link->mqtt = mqtt_free(link->mqtt);
    link->topics = topics_free(link->topics);
}

/* Nothing comes of it before the loop runs again. < 0: what was made is in `link` all the same. */
static int make_link(struct publisher *publisher, const struct conf *conf, const char *password,
                     struct link *link)
{
    int r;

    describe_link(conf, link->text, sizeof(link->text));
    r = make_topics(publisher, conf, link);
    return r < 0 ? r : make_mqtt(publisher, conf, password, link);
}

static void begin_link(struct publisher *publisher)
{
    rival_init(&publisher->rival, publisher->machine_id);
    topics_mute(publisher->link.topics, true,
                clock_now_usec()); /* until it is clear whose name it is */
}

static void say_what_is_configured(struct publisher *publisher)
{
    set_discovery(publisher);
    set_info(publisher);
    set_status(publisher, "online");
}

/* ---- life ------------------------------------------------------------------------------------- */

int publisher_new(struct publisher **ret, sd_event *event, const struct conf *conf,
                  const char *password, const char *machine_id, struct store *store,
                  const struct publisher_callbacks *callbacks, void *userdata)
{
    struct publisher *publisher = calloc(1, sizeof(*publisher));
    size_t n;
    const struct store_event *rows = store_events(store, &n);
    int r;

    if (!publisher)
        return -ENOMEM;
    *publisher = (struct publisher){ .event = event,
                                     .conf = conf,
                                     .password = password,
                                     .store = store,
                                     .callbacks = callbacks,
                                     .userdata = userdata };
    snprintf(publisher->machine_id, sizeof(publisher->machine_id), "%s", machine_id);
    r = outbox_new(&publisher->outbox, &outbox_callbacks, publisher);
    if (r >= 0)
        r = outbox_add(publisher->outbox, rows, n, 0, clock_now_usec());
    if (r >= 0)
        r = clock_timer_new(&publisher->timer, event, CLOCK_NEVER, on_timer, publisher);
    if (r >= 0)
        r = make_link(publisher, conf, password, &publisher->link);
    if (r < 0) {
        publisher_free(publisher);
        return r;
    }
    begin_link(publisher);
    say_what_is_configured(publisher);
    *ret = publisher;
    return 0;
}

struct publisher *publisher_free(struct publisher *publisher)
{
    if (!publisher)
        return NULL;
    clock_timer_unref(publisher->timer);
    while (publisher->answers)
        free_answer(publisher->answers);
    link_done(&publisher->link);
    outbox_free(publisher->outbox);
    free(publisher);
    return NULL;
}

struct publisher_change *publisher_change_free(struct publisher_change *change)
{
    if (change)
        link_done(&change->link);
    free(change);
    return NULL;
}

int publisher_prepare(struct publisher *publisher, const struct conf *conf, const char *password,
                      struct publisher_change **ret)
{
    _cleanup_(publisher_change_freep) struct publisher_change *change = calloc(1, sizeof(*change));
    bool same_password =
        strcmp(password ? password : "", publisher->password ? publisher->password : "") == 0;
    char text[sizeof(publisher->link.text)];
    int r;

    if (!change)
        return -ENOMEM;
    describe_link(conf, text, sizeof(text));
    change->conf = conf;
    change->password = password;
    change->anew = !same_password || strcmp(text, publisher->link.text) != 0;
    r = change->anew ? make_link(publisher, conf, password, &change->link) : 0;
    if (r < 0)
        return r;
    *ret = TAKE_PTR(change);
    return 0;
}

static void swap_link(struct publisher *publisher, struct link *link)
{
    outbox_set_online(publisher->outbox, false, clock_now_usec());
    publisher->leftovers_until_usec = 0;
    link_done(&publisher->link);
    publisher->link = *link;
    *link = (struct link){ 0 };
    begin_link(publisher);
}

void publisher_set_conf(struct publisher *publisher, struct publisher_change *change)
{
    publisher->conf = change->conf;
    publisher->password = change->password;
    if (change->anew)
        swap_link(publisher, &change->link);
    else
        topics_sweep_begin(publisher->link.topics);
    say_what_is_configured(publisher);
    publisher_change_free(change);
}

void publisher_settle(struct publisher *publisher)
{
    topics_sweep_end(publisher->link.topics, clock_now_usec());
    rearm(publisher);
}

void publisher_stop(struct publisher *publisher, void (*handler)(void *userdata), void *userdata)
{
    publisher->on_stopped = handler;
    publisher->stopped_userdata = userdata;
    if (!publisher->link.mqtt || !mqtt_is_connected(publisher->link.mqtt) ||
        !rival_may_publish(&publisher->rival)) {
        finish_stop(publisher);
        return;
    }
    publisher->stop_until_usec = clock_now_usec() + OFFLINE_USEC;
    set_status(publisher, "offline");
    topics_run(publisher->link.topics, clock_now_usec());
    rearm(publisher);
}

/* ---- in --------------------------------------------------------------------------------------- */

void publisher_sensor(struct publisher *publisher, const struct payload_sensor *sensor)
{
    set(publisher, TOPIC_SENSOR, sensor->name, CONTRACT_SENSOR, sensor);
    if (sensor->state == SENSOR_STREAMING) /* its model may have been read only now */
        set_discovery(publisher);
}

void publisher_session(struct publisher *publisher, const struct payload_session *session)
{
    const struct conf_runner *runner = runner_of(publisher, session->runner);
    struct payload_session shown = *session;

    if (!runner) /* nobody's, or somebody's who is not configured any more */
        return;
    if (!runner->publish_heart_rate)
        privacy_hide_session(&shown);
    set(publisher, TOPIC_SESSION, runner->id, CONTRACT_SESSION, &shown);
}

static void pass(struct publisher *publisher, enum topic topic, const struct conf_runner *runner,
                 const struct payload_live *live)
{
    struct payload_live shown = *live;
    _cleanup_free_ char *payload = NULL;

    if (!runner->publish_heart_rate)
        privacy_hide_live(&shown);
    payload = render_payload(CONTRACT_LIVE, &shown);
    if (payload)
        (void)topics_publish(publisher->link.topics, topic, runner->id, payload, strlen(payload),
                             0);
}

void publisher_live(struct publisher *publisher, const struct conf_runner *runner,
                    const struct payload_live *live)
{
    pass(publisher, TOPIC_LIVE, runner, live);
}

void publisher_now(struct publisher *publisher, const struct conf_runner *runner,
                   const struct payload_live *live)
{
    pass(publisher, TOPIC_NOW, runner, live);
}

int publisher_health(struct publisher *publisher, const struct payload_health *health)
{
    _cleanup_free_ char *payload = render_payload(CONTRACT_HEALTH, health);

    /* each minute, so that rows grow too old without a broker as well */
    outbox_run(publisher->outbox, clock_wall_usec(), clock_now_usec());
    return payload ? topics_publish(publisher->link.topics, TOPIC_HEALTH, NULL, payload,
                                    strlen(payload), 0)
                   : -ENOMEM;
}

void publisher_event(struct publisher *publisher, const struct store_event *event)
{
    if (outbox_add(publisher->outbox, event, 1, clock_wall_usec(), clock_now_usec()) < 0)
        log_error("Out of memory: event %s is sent after the next start", event->id);
    rearm(publisher);
}

void publisher_hold_events(struct publisher *publisher, bool hold)
{
    outbox_hold(publisher->outbox, hold, clock_now_usec());
    rearm(publisher);
}

void publisher_add_health(const struct publisher *publisher, struct payload_health *health)
{
    const char *problem = publisher->link.mqtt ? mqtt_problem(publisher->link.mqtt)
                                               : "No broker is configured: set Uri= in [MQTT]";
    char sentence[PAYLOAD_TEXT_MAX];

    health->events_waiting = (double)outbox_waiting(publisher->outbox);
    health->events_dropped = (double)outbox_dropped(publisher->outbox);
    health->broker_losses = publisher->link.mqtt ? (double)mqtt_losses(publisher->link.mqtt) : 0;
    if (problem && health->n_problems < HEALTH_PROBLEMS_MAX)
        snprintf(health->problems[health->n_problems++], PAYLOAD_TEXT_MAX, "%s", problem);
    if (rival_sentence(&publisher->rival, publisher->conf->gateway, sentence, sizeof(sentence)) &&
        health->n_problems < HEALTH_PROBLEMS_MAX)
        snprintf(health->problems[health->n_problems++], PAYLOAD_TEXT_MAX, "%s", sentence);
}
