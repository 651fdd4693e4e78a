/* SPDX-License-Identifier: MIT */
/*
 * The broker link as the loop sees it: one state, one timer, and a word for everything that can go
 * wrong. Paho reconnects by itself in a way that tells its owner too little (success through another
 * callback, failures not at all), so that is off and the retry is ours: 1 s, doubled to 2 minutes,
 * a quarter of it by chance, so that a hall of gateways does not come back in one blow.
 *
 *             timer              CONNECTED
 *   WAITING ---------> CONNECTING ---------> UP
 *      ^                   |                  |
 *      +---CONNECT_FAILED--+------LOST--------+        UP --mqtt_stop--> DRAINING --> CLOSING
 *
 * While CONNECTING Paho is not asked for anything: its name look-up may hold its lock for long.
 */
#include "daemon/broker/mqtt.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include "daemon/clock.h"
#include "daemon/broker/paho.h"
#include "daemon/util.h"

#define SECOND        1000000ULL
#define BACKOFF_FIRST (1 * SECOND)
#define BACKOFF_MAX   (120 * SECOND)
#define STEADY_AFTER  (5 * SECOND) /* a link that held so long starts the backoff anew */
#define CONNECT_PATIENCE                                                                           \
    (20 * SECOND) /* over Paho's own time-out: only a name look-up takes longer */
#define DRAIN_MAX (1200 * 1000ULL)
#define STOP_MAX  (1900 * 1000ULL)

enum mqtt_state {
    MQTT_WAITING,
    MQTT_CONNECTING,
    MQTT_UP,
    MQTT_DRAINING,
    MQTT_CLOSING,
    MQTT_CLOSED
};

struct pending {
    uint64_t id;
    uint64_t cookie;
};

struct mqtt {
    struct paho *paho;
    sd_event_source *events;
    struct clock_timer *timer;
    struct mqtt_callbacks callbacks;
    void *userdata;
    enum mqtt_state state;
    struct paho_target target;
    bool v311;
    char *username, *ca_file;
    char **subscriptions;
    size_t n_subscriptions;

    unsigned tries; /* since the last link that held */
    uint64_t up_since_usec;
    uint64_t stop_deadline_usec;
    bool gone; /* Paho's client is destroyed, its thread ends at once */
    uint64_t losses;
    char problem[400];
    struct pending pending[MQTT_PENDING_MAX]; /* in the order they were published */
    size_t n_pending;
    uint64_t last_id;
    void (*stop_handler)(void *userdata);
    void *stop_userdata;
};

/* ---- words --------------------------------------------------------------------------------------- */

/* NULL: not a refusal of the login or the protocol. MQTT 3.1.1 codes 1..5, MQTT 5 codes from 0x80 */
static const char *refusal_text(int code)
{
    static const struct {
        int v311, v5;
        const char *text;
    } table[] = {
        { 2, 0x85, "it does not take our client identifier" },
        { 3, 0x88, "it says it is not available now" },
        { 0, 0x89, "it says it is busy" },
        { 0, 0x8A, "this client is banned there" },
        { 0, 0x8C, "it wants another way to log in than user name and password" },
        { 0, 0x8E, "another client with our identifier took the link over" },
        { 0, 0x8B, "it shuts down" },
        { 0, 0x8D, "it heard nothing of us for too long" },
        { 0, 0x95, "our connect packet is too large for it" },
        { 0, 0x97, "a quota is used up" },
        { 0, 0x98, "an administrator closed the link" },
        { 0, 0x9A, "it does not allow retained messages, which strided needs" },
        { 0, 0x9B, "it does not allow QoS 1, which strided needs" },
        { 0, 0x9F, "it allows fewer connections in this time" },
    };
    for (size_t i = 0; i < ELEMENTSOF(table); i++)
        if (code > 0 && (code == table[i].v311 || code == table[i].v5))
            return table[i].text;
    return NULL;
}

static void say(struct mqtt *mqtt, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say(struct mqtt *mqtt, const char *format, ...)
{
    int n = snprintf(mqtt->problem, sizeof(mqtt->problem), "broker %.200s:%d: ", mqtt->target.host,
                     mqtt->target.port);
    va_list args;
    va_start(args, format);
    vsnprintf(mqtt->problem + n, sizeof(mqtt->problem) - (size_t)n, format, args);
    va_end(args);
}

static void say_login_refused(struct mqtt *mqtt)
{
    if (mqtt->username)
        say(mqtt, "it refuses the login of user '%.60s': check Username= and PasswordFile=",
            mqtt->username);
    else
        say(mqtt, "it refuses us without a login: set Username= and PasswordFile=");
}

/* Paho has one code for all that can happen before the broker's first word. */
static void say_no_link(struct mqtt *mqtt, const char *text)
{
    const char *detail = text[0] ? text : "no answer";
    if (mqtt->target.tls)
        say(mqtt,
            "no TLS link (%.100s): is it there, is its certificate signed by %s, and made out to "
            "the host name '%.60s'?",
            detail, mqtt->ca_file ? "the CA in CaFile=" : "a CA this system knows",
            mqtt->target.host);
    else
        say(mqtt, "no link (%.100s): is it running, is the port right%s?", detail,
            mqtt->v311 ? "" : ", and if it is an old one, does it need Version=3.1.1");
}

static void say_connect_failed(struct mqtt *mqtt, const struct paho_event *event)
{
    /* a 3.1.1 code comes as code, also from an old broker that answers our version 5 */
    int refusal = event->reason >= 0x80 ? event->reason : event->code;
    if (event->code == PAHO_CODE_NAME_UNKNOWN)
        say(mqtt, "its name could not be looked up (%.100s)", event->text);
    else if (event->code == PAHO_CODE_CA_FILE)
        say(mqtt, "CaFile=%.120s can't be read: %.80s", mqtt->ca_file, event->text);
    else if (refusal == 1 || refusal == 0x84)
        say(mqtt, mqtt->v311 ? "it does not speak MQTT 3.1.1: remove Version=3.1.1"
                             : "it does not speak MQTT 5: set Version=3.1.1 in [MQTT]");
    else if (refusal == 4 || refusal == 5 || refusal == 0x86 || refusal == 0x87)
        say_login_refused(mqtt);
    else if (refusal_text(refusal))
        say(mqtt, "it refuses us: %s", refusal_text(refusal));
    else if (refusal > 0)
        say(mqtt, "it refuses us with code 0x%02x", (unsigned)refusal);
    else
        say_no_link(mqtt, event->text);
}

static void say_lost(struct mqtt *mqtt, const struct paho_event *event)
{
    const char *why = refusal_text(event->reason);
    if (why)
        say(mqtt, "the link is lost: %s", why);
    else if (event->reason >= 0x80)
        say(mqtt, "it closed the link with code 0x%02x", (unsigned)event->reason);
    else
        say(mqtt, "the link is lost");
}

/* ---- trying ---------------------------------------------------------------------------------------- */

static uint64_t backoff(unsigned tries)
{
    uint64_t delay = BACKOFF_FIRST << (tries < 7 ? tries : 7);
    uint32_t chance = 0;
    if (getrandom(&chance, sizeof(chance), GRND_NONBLOCK) < 0)
        chance = UINT32_MAX / 2;
    delay = delay < BACKOFF_MAX ? delay : BACKOFF_MAX;
    return delay - delay / 4 + delay / 4 * (chance % 1024) / 1024;
}

static void wait_for_next_try(struct mqtt *mqtt)
{
    mqtt->state = MQTT_WAITING;
    clock_timer_set(mqtt->timer, clock_now_usec() + backoff(mqtt->tries));
    mqtt->tries++;
}

static void start_try(struct mqtt *mqtt, uint64_t now_usec)
{
    if (paho_connect(mqtt->paho) < 0) {
        wait_for_next_try(mqtt);
        return;
    }
    mqtt->state = MQTT_CONNECTING;
    clock_timer_set(mqtt->timer, now_usec + CONNECT_PATIENCE);
}

static void tell_disconnected(struct mqtt *mqtt, bool was_connected)
{
    mqtt->callbacks.on_disconnected(mqtt->userdata, mqtt->problem, was_connected);
}

/* ---- answers ------------------------------------------------------------------------------------------ */

static void answer(struct mqtt *mqtt, uint64_t cookie, enum mqtt_result result, int reason)
{
    if (cookie)
        mqtt->callbacks.on_published(mqtt->userdata, cookie, result, reason);
}

static void all_lost(struct mqtt *mqtt)
{
    struct pending lost[MQTT_PENDING_MAX];
    size_t n = mqtt->n_pending;
    memcpy(lost, mqtt->pending, n * sizeof(lost[0]));
    mqtt->n_pending = 0; /* before the callbacks, which may look */
    for (size_t i = 0; i < n; i++)
        answer(mqtt, lost[i].cookie, MQTT_LOST, 0);
}

static void on_published(struct mqtt *mqtt, const struct paho_event *event)
{
    for (size_t i = 0; i < mqtt->n_pending; i++) {
        if (mqtt->pending[i].id != event->id)
            continue;
        uint64_t cookie = mqtt->pending[i].cookie;
        mqtt->n_pending--;
        memmove(&mqtt->pending[i], &mqtt->pending[i + 1],
                (mqtt->n_pending - i) * sizeof(mqtt->pending[0]));
        answer(mqtt, cookie, event->result, event->reason);
        return;
    }
}

/* ---- stopping ------------------------------------------------------------------------------------------ */

static void tell_stopped(struct mqtt *mqtt)
{
    mqtt->state = MQTT_CLOSED;
    clock_timer_set(mqtt->timer, CLOCK_NEVER);
    if (mqtt->stop_handler)
        mqtt->stop_handler(mqtt->stop_userdata);
}

static void close_link(struct mqtt *mqtt, bool up)
{
    mqtt->state = MQTT_CLOSING;
    clock_timer_set(mqtt->timer, mqtt->stop_deadline_usec);
    if (up)
        paho_disconnect(mqtt->paho);
    paho_quit(mqtt->paho);
}

static void close_when_drained(struct mqtt *mqtt)
{
    if (mqtt->state == MQTT_DRAINING && mqtt->n_pending == 0)
        close_link(mqtt, true);
}

/* ---- events ------------------------------------------------------------------------------------------- */

static void on_connected(struct mqtt *mqtt)
{
    if (mqtt->state != MQTT_CONNECTING)
        return;
    mqtt->state = MQTT_UP;
    mqtt->up_since_usec = clock_now_usec();
    mqtt->problem[0] = '\0';
    clock_timer_set(mqtt->timer, CLOCK_NEVER);
    for (size_t i = 0; i < mqtt->n_subscriptions; i++)
        paho_subscribe(mqtt->paho, mqtt->subscriptions[i], false);
    mqtt->callbacks.on_connected(mqtt->userdata);
}

static void on_connect_failed(struct mqtt *mqtt, const struct paho_event *event)
{
    if (mqtt->state != MQTT_CONNECTING)
        return;
    say_connect_failed(mqtt, event);
    wait_for_next_try(mqtt);
    tell_disconnected(mqtt, false);
}

static void on_lost(struct mqtt *mqtt, const struct paho_event *event)
{
    if (mqtt->state == MQTT_DRAINING) {
        all_lost(mqtt);
        close_link(mqtt, false);
    }
    if (mqtt->state != MQTT_UP)
        return;
    if (clock_now_usec() - mqtt->up_since_usec >= STEADY_AFTER)
        mqtt->tries = 0;
    mqtt->losses++;
    say_lost(mqtt, event);
    wait_for_next_try(mqtt);
    all_lost(mqtt);
    tell_disconnected(mqtt, true);
}

static void on_not_subscribed(struct mqtt *mqtt, const struct paho_event *event)
{
    if (mqtt->state == MQTT_UP)
        say(mqtt, "it does not let us read '%.120s' (code 0x%02x): check its access rules",
            event->text, (unsigned)event->reason);
}

static void handle_event(struct mqtt *mqtt, const struct paho_event *event)
{
    switch (event->kind) {
    case PAHO_CONNECTED:
        on_connected(mqtt);
        break;
    case PAHO_CONNECT_FAILED:
        on_connect_failed(mqtt, event);
        break;
    case PAHO_LOST:
        on_lost(mqtt, event);
        break;
    case PAHO_MESSAGE:
        if (mqtt->state == MQTT_UP)
            mqtt->callbacks.on_message(mqtt->userdata, &event->message);
        break;
    case PAHO_PUBLISHED:
        on_published(mqtt, event);
        close_when_drained(mqtt);
        break;
    case PAHO_NOT_SUBSCRIBED:
        on_not_subscribed(mqtt, event);
        break;
    case PAHO_GONE:
        mqtt->gone = true;
        if (mqtt->state == MQTT_CLOSING)
            tell_stopped(mqtt);
        break;
    }
}

static int on_events(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
    struct mqtt *mqtt = userdata;
    struct paho_event *event = paho_take(mqtt->paho);
    while (event) {
        struct paho_event *next = event->next;
        handle_event(mqtt, event);
        free(event);
        event = next;
    }
    return 0;
}

static void on_timer(void *userdata, uint64_t now_usec)
{
    struct mqtt *mqtt = userdata;
    switch (mqtt->state) {
    case MQTT_WAITING:
        start_try(mqtt, now_usec);
        break;
    case MQTT_CONNECTING:
        say(mqtt, "still connecting after %d s: the look-up of its name or the network hangs",
            (int)(CONNECT_PATIENCE / SECOND));
        break;
    case MQTT_DRAINING:
        all_lost(mqtt);
        close_link(mqtt, true);
        break;
    case MQTT_CLOSING:
        tell_stopped(mqtt);
        break;
    case MQTT_UP:
    case MQTT_CLOSED:
        break;
    }
}

/* ---- life --------------------------------------------------------------------------------------------- */

static int parse_port(const char *text, int *ret)
{
    char *end;
    errno = 0;
    long port = strtol(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || port < 1 || port > 65535)
        return -EINVAL;
    *ret = (int)port;
    return 0;
}

static int parse_uri(const char *uri, struct paho_target *ret)
{
    struct paho_target target = { .tls = strncmp(uri, "mqtts://", 8) == 0 };
    if (!target.tls && strncmp(uri, "mqtt://", 7) != 0)
        return -EINVAL;
    const char *host = uri + (target.tls ? 8 : 7);
    bool v6 = host[0] == '[';
    size_t length = strcspn(host += v6, v6 ? "]" : ":/");
    const char *rest = host + length;
    if (length == 0 || length >= sizeof(target.host) || (v6 && *rest++ != ']'))
        return -EINVAL;
    memcpy(target.host, host, length);
    target.port = target.tls ? 8883 : 1883;
    if (strcmp(rest, "/") != 0 && rest[0] != '\0' &&
        (rest[0] != ':' || parse_port(rest + 1, &target.port) < 0))
        return -EINVAL;
    *ret = target;
    return 0;
}

static int copy_subscriptions(struct mqtt *mqtt, const char *const *filters)
{
    size_t n = 0;
    while (filters && filters[n])
        n++;
    mqtt->subscriptions = calloc(n + 1, sizeof(char *));
    if (!mqtt->subscriptions)
        return -ENOMEM;
    for (; mqtt->n_subscriptions < n; mqtt->n_subscriptions++) {
        char *copy = strdup(filters[mqtt->n_subscriptions]);
        if (!copy)
            return -ENOMEM;
        mqtt->subscriptions[mqtt->n_subscriptions] = copy;
    }
    return 0;
}

static int mqtt_setup(struct mqtt *mqtt, sd_event *event, const struct mqtt_options *options)
{
    int r = parse_uri(options->uri, &mqtt->target);
    if (r < 0)
        return r;
    mqtt->v311 = options->v311;
    if ((options->username && !(mqtt->username = strdup(options->username))) ||
        (options->ca_file && !(mqtt->ca_file = strdup(options->ca_file))))
        return -ENOMEM;
    r = copy_subscriptions(mqtt, options->subscriptions);
    if (r >= 0)
        r = paho_new(&mqtt->paho, &mqtt->target, options);
    if (r >= 0)
        r = sd_event_add_io(event, &mqtt->events, paho_fd(mqtt->paho), EPOLLIN, on_events, mqtt);
    if (r >= 0)
        r = clock_timer_new(&mqtt->timer, event, clock_now_usec(), on_timer, mqtt);
    return r < 0 ? r : 0;
}

int mqtt_new(struct mqtt **ret, sd_event *event, const struct mqtt_options *options,
             const struct mqtt_callbacks *callbacks, void *userdata)
{
    struct mqtt *mqtt = calloc(1, sizeof(*mqtt));
    if (!mqtt)
        return -ENOMEM;
    mqtt->callbacks = *callbacks;
    mqtt->userdata = userdata;
    int r = mqtt_setup(mqtt, event, options);
    if (r < 0) {
        mqtt_free(mqtt);
        return r;
    }
    say(mqtt, "not connected yet");
    *ret = mqtt;
    return 0;
}

/* Only with a connect pending, or a stop that timed out over one, may the thread take long. */
static void free_paho(struct mqtt *mqtt)
{
    bool quits = mqtt->state == MQTT_CLOSING || mqtt->state == MQTT_CLOSED;
    bool may_hang = quits ? !mqtt->gone : mqtt->state == MQTT_CONNECTING;
    if (mqtt->paho && !quits)
        paho_quit(mqtt->paho);
    mqtt->paho = paho_free(mqtt->paho, !may_hang);
}

struct mqtt *mqtt_free(struct mqtt *mqtt)
{
    if (!mqtt)
        return NULL;
    sd_event_source_disable_unref(mqtt->events);
    clock_timer_unref(mqtt->timer);
    free_paho(mqtt);
    for (size_t i = 0; i < mqtt->n_subscriptions; i++)
        free(mqtt->subscriptions[i]);
    free(mqtt->subscriptions);
    free(mqtt->username);
    free(mqtt->ca_file);
    free(mqtt);
    return NULL;
}

int mqtt_stop(struct mqtt *mqtt, void (*handler)(void *userdata), void *userdata)
{
    uint64_t now_usec = clock_now_usec();
    mqtt->stop_handler = handler;
    mqtt->stop_userdata = userdata;
    mqtt->stop_deadline_usec = now_usec + STOP_MAX;
    if (mqtt->state == MQTT_UP) {
        mqtt->state = MQTT_DRAINING;
        clock_timer_set(mqtt->timer, now_usec + DRAIN_MAX);
        close_when_drained(mqtt);
    } else if (mqtt->state == MQTT_WAITING || mqtt->state == MQTT_CONNECTING) {
        close_link(mqtt, false);
    }
    return 0;
}

/* ---- use ----------------------------------------------------------------------------------------------- */

bool mqtt_is_connected(const struct mqtt *mqtt)
{
    return mqtt->state == MQTT_UP;
}

const char *mqtt_problem(const struct mqtt *mqtt)
{
    return mqtt->problem[0] ? mqtt->problem : NULL;
}

uint64_t mqtt_losses(const struct mqtt *mqtt)
{
    return mqtt->losses;
}

uint64_t mqtt_overruns(const struct mqtt *mqtt)
{
    return paho_overruns(mqtt->paho);
}

int mqtt_publish(struct mqtt *mqtt, const struct mqtt_publish *message)
{
    if (mqtt->state != MQTT_UP)
        return -ENOTCONN;
    if (mqtt->n_pending >= MQTT_PENDING_MAX)
        return -ENOBUFS;
    int r = paho_publish(mqtt->paho, mqtt->last_id + 1, message);
    if (r < 0)
        return r;
    mqtt->pending[mqtt->n_pending++] = (struct pending){ ++mqtt->last_id, message->cookie };
    return 0;
}

int mqtt_subscribe(struct mqtt *mqtt, const char *filter, bool no_local)
{
    return mqtt->state == MQTT_UP ? paho_subscribe(mqtt->paho, filter, no_local) : -ENOTCONN;
}

int mqtt_unsubscribe(struct mqtt *mqtt, const char *filter)
{
    return mqtt->state == MQTT_UP ? paho_unsubscribe(mqtt->paho, filter) : -ENOTCONN;
}
