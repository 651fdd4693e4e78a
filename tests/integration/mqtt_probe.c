/* SPDX-License-Identifier: MIT */
/*
 * daemon/broker/mqtt.c with a terminal on it: commands come in as lines, everything it says goes out as
 * lines, so that a test script can play broker and owner around it.
 *
 *   mqtt_probe URI CLIENT_ID [OPTION=VALUE ...]   user, password, ca, v311, will, tree,
 *   sub (several), orders (as sub, and `retained` as it was sent)
 *
 * With tree=GATEWAY the registry of daemon/broker/topics.c sits on top, as in the daemon: 'sensor NAME PAYLOAD'
 * and 'status PAYLOAD' set retained state, 'settled' is said once the broker has all of it.
 *
 * A timer ticks each 2 ms all the time; 'stall' tells the longest gap between two ticks since it was
 * last asked: that is how long the loop was held up. 'hold FIFO' holds it up until somebody writes
 * there.
 *
 * As in the daemon, a key pair is looked at before there is a link.
 *
 * getaddrinfo() is ours, for Paho too: with PROBE_HANG_AT=N the Nth call reads from the FIFO named by
 * PROBE_HANG_FIFO first, so it hangs until somebody writes there.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>
#include "daemon/broker/mqtt.h"
#include "daemon/broker/topics.h"
#include "daemon/clock.h"
#include "daemon/keypair.h"
#include "daemon/util.h"

#define TICK_USEC 2000

struct probe {
    sd_event *event;
    struct mqtt *mqtt;
    struct clock_timer *tick;
    struct topics *topics; /* NULL: without */
    bool settled;
    uint64_t last_tick_usec, longest_usec;
    char line[65536];
    size_t length;
};

/* Whoever calls stands still until somebody writes to the FIFO. */
static void hold(const char *fifo)
{
    char byte;
    int fd = open(fifo, O_RDONLY | O_CLOEXEC);
    ssize_t n = read(fd, &byte, 1);
    (void)n;
    close(fd);
}

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **ret)
{
    static int calls;
    int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
    const char *hang_at = getenv("PROBE_HANG_AT");
    if (hang_at && __atomic_add_fetch(&calls, 1, __ATOMIC_SEQ_CST) == atoi(hang_at)) {
        printf("lookup hangs\n");
        hold(getenv("PROBE_HANG_FIFO"));
    }
    *(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
    return real(node, service, hints, ret);
}

static void say_when_settled(struct probe *probe)
{
    bool settled = topics_settled(probe->topics);
    if (settled && !probe->settled)
        printf("settled\n");
    probe->settled = settled;
}

static void on_connected(void *userdata)
{
    struct probe *probe = userdata;
    printf("connected\n");
    if (!probe->topics)
        return;
    topics_set_online(probe->topics, true, clock_now_usec());
    for (size_t i = 0; topics_filters(probe->topics)[i]; i++)
        mqtt_subscribe(probe->mqtt, topics_filters(probe->topics)[i], MQTT_NO_LOCAL);
    say_when_settled(probe);
}

static void on_disconnected(void *userdata, const char *sentence, bool was_connected)
{
    struct probe *probe = userdata;
    printf("disconnected %d %s\n", was_connected, sentence);
    if (probe->topics)
        topics_set_online(probe->topics, false, clock_now_usec());
}

static void on_problem(void *userdata, const char *sentence)
{
    printf("problem %s\n", sentence);
}

static void on_message(void *userdata, const struct mqtt_message *message)
{
    printf(
        "message %s retained=%d too_long=%d length=%zu response=%s correlation=%.*s payload=%s\n",
        message->topic, message->retained, message->too_long, message->length,
        message->response_topic ? message->response_topic : "-", (int)message->correlation_length,
        message->correlation_data ? (const char *)message->correlation_data : "",
        (const char *)message->payload);
    struct probe *probe = userdata;
    if (probe->topics && topics_on_retained(probe->topics, message, clock_now_usec()))
        probe->settled = false;
    if (!message->response_topic)
        return;
    struct mqtt_publish answer = { .topic = message->response_topic,
                                   .payload = "answered",
                                   .length = 8,
                                   .qos = 1,
                                   .correlation_data = message->correlation_data,
                                   .correlation_length = message->correlation_length };
    printf("answer %d\n", mqtt_publish(probe->mqtt, &answer));
}

static void on_published(void *userdata, uint64_t cookie, enum mqtt_result result, int reason)
{
    static const char *const names[] = { "done", "refused", "lost" };
    struct probe *probe = userdata;
    if (topics_owns(cookie)) {
        topics_answer(probe->topics, cookie, result, reason, clock_now_usec());
        say_when_settled(probe);
        return;
    }
    printf("published %" PRIu64 " %s 0x%02x\n", cookie, names[result], (unsigned)reason);
}

static void on_tick(void *userdata, uint64_t now_usec)
{
    struct probe *probe = userdata;
    uint64_t gap = now_usec - probe->last_tick_usec;
    if (probe->last_tick_usec && gap > probe->longest_usec)
        probe->longest_usec = gap;
    probe->last_tick_usec = now_usec;
    if (probe->topics)
        topics_run(probe->topics, now_usec);
    clock_timer_set(probe->tick, now_usec + TICK_USEC);
}

static void on_stopped(void *userdata)
{
    struct probe *probe = userdata;
    printf("stopped\n");
    sd_event_exit(probe->event, 0);
}

/* publish COOKIE QOS RETAIN EXPIRY TOPIC [PAYLOAD] */
static void run_publish(struct probe *probe, const char *rest)
{
    char topic[512];
    int qos, retain, n = 0;
    unsigned expiry_s;
    uint64_t cookie;
    if (sscanf(rest, "%" SCNu64 " %d %d %u %511s%n", &cookie, &qos, &retain, &expiry_s, topic,
               &n) != 5) {
        printf("bad publish\n");
        return;
    }
    const char *payload = rest[n] ? rest + n + 1 : "";
    struct mqtt_publish message = { .topic = topic,
                                    .payload = payload,
                                    .length = strlen(payload),
                                    .qos = qos,
                                    .retain = retain,
                                    .expiry_s = expiry_s,
                                    .cookie = cookie };
    int r = mqtt_publish(probe->mqtt, &message);
    if (r < 0)
        printf("publish %" PRIu64 " failed: %s\n", cookie, strerrorname_np(-r));
}

static void run_set(struct probe *probe, enum topic topic, char *rest)
{
    char *payload = rest;
    const char *name = topic == TOPIC_SENSOR ? strsep(&payload, " ") : NULL;
    probe->settled = false;
    int r =
        topics_set(probe->topics, topic, name, NULL, payload, strlen(payload), clock_now_usec());
    if (r < 0)
        printf("set failed: %s\n", strerrorname_np(-r));
}

static void run_line(struct probe *probe, char *line)
{
    const char *problem = mqtt_problem(probe->mqtt);
    if (strncmp(line, "publish ", 8) == 0)
        run_publish(probe, line + 8);
    else if (strncmp(line, "subscribe ", 10) == 0)
        mqtt_subscribe(probe->mqtt, line + 10, MQTT_NO_LOCAL);
    else if (strncmp(line, "sensor ", 7) == 0)
        run_set(probe, TOPIC_SENSOR, line + 7);
    else if (strncmp(line, "status ", 7) == 0)
        run_set(probe, TOPIC_STATUS, line + 7);
    else if (strcmp(line, "state") == 0)
        printf("state connected=%d losses=%" PRIu64 " overruns=%" PRIu64 " problem=%s\n",
               mqtt_is_connected(probe->mqtt), mqtt_losses(probe->mqtt), mqtt_overruns(probe->mqtt),
               problem ? problem : "-");
    else if (strcmp(line, "stall") == 0) {
        printf("stall %" PRIu64 "\n", probe->longest_usec);
        probe->longest_usec = 0;
    } else if (strncmp(line, "hold ", 5) == 0)
        hold(line + 5);
    else if (strcmp(line, "stop") == 0)
        mqtt_stop(probe->mqtt, MQTT_END_IN_ORDER, 1900000, on_stopped, probe);
    else if (strcmp(line, "stop will") == 0)
        mqtt_stop(probe->mqtt, MQTT_END_BY_WILL, 1900000, on_stopped, probe);
    else if (strcmp(line, "quit") == 0)
        sd_event_exit(probe->event, 0);
}

static int on_stdin(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
    struct probe *probe = userdata;
    ssize_t n = read(fd, probe->line + probe->length, sizeof(probe->line) - probe->length - 1);
    if (n <= 0)
        return sd_event_exit(probe->event, 0);
    probe->length += (size_t)n;
    probe->line[probe->length] = '\0';
    char *newline;
    while ((newline = strchr(probe->line, '\n'))) {
        *newline = '\0';
        run_line(probe, probe->line);
        probe->length -= (size_t)(newline + 1 - probe->line);
        memmove(probe->line, newline + 1, probe->length + 1);
    }
    return 0;
}

static int probe_publish(void *userdata, const struct mqtt_publish *message)
{
    struct probe *probe = userdata;
    return mqtt_publish(probe->mqtt, message);
}

static void probe_refused(void *userdata, const char *topic, int reason)
{
    printf("refused %s 0x%02x\n", topic, (unsigned)reason);
}

static void make_tree(struct probe *probe, const char *gateway)
{
    static const struct topics_callbacks callbacks = { probe_publish, probe_refused };
    if (topics_new(&probe->topics, "strided", gateway, &callbacks, probe) < 0)
        exit(2);
}

static void parse_option(struct probe *probe, struct mqtt_options *options,
                         struct mqtt_subscription *subscriptions, char *argument)
{
    char *value = strchr(argument, '=');
    size_t n = 0;
    if (!value)
        exit(2);
    *value++ = '\0';
    if (strcmp(argument, "user") == 0)
        options->username = value;
    else if (strcmp(argument, "password") == 0)
        options->password = value;
    else if (strcmp(argument, "ca") == 0)
        options->ca_file = value;
    else if (strcmp(argument, "cert") == 0)
        options->client_cert = value;
    else if (strcmp(argument, "key") == 0)
        options->client_key = value;
    else if (strcmp(argument, "v311") == 0)
        options->v311 = true;
    else if (strcmp(argument, "tree") == 0)
        make_tree(probe, value);
    else if (strcmp(argument, "will") == 0)
        options->will_topic = value;
    else if (strcmp(argument, "sub") == 0 || strcmp(argument, "orders") == 0) {
        while (subscriptions[n].filter)
            n++;
        subscriptions[n].filter = value;
        subscriptions[n].how = argument[0] == 'o' ? MQTT_RETAIN_AS_PUBLISHED : 0;
    } else
        exit(2);
}

/* Registered first, so called last: after what the libraries do at exit. */
static void say_openssl(void)
{
    int (*init)(uint64_t options, const void *settings);
    *(void **)&init = dlsym(RTLD_DEFAULT, "OPENSSL_init_crypto");
    printf("openssl %s\n", init(0, NULL) ? "stands" : "is gone"); /* once gone it starts no more */
}

int main(int argc, char **argv)
{
    static struct probe probe;
    struct mqtt_subscription subscriptions[8] = { { NULL, 0 } };
    if (argc < 3 || argc > 10)
        return 2;
    struct mqtt_options options = { .uri = argv[1],
                                    .client_id = argv[2],
                                    .will_payload = "offline",
                                    .subscriptions = subscriptions };
    for (int i = 3; i < argc; i++)
        parse_option(&probe, &options, subscriptions, argv[i]);
    static const struct mqtt_callbacks callbacks = { on_connected, on_disconnected, on_problem,
                                                     on_message, on_published };
    setvbuf(stdout, NULL, _IOLBF, 0);
    atexit(say_openssl);
    (void)keypair_check("", 0, "", 0);
    if (sd_event_new(&probe.event) < 0 ||
        sd_event_add_io(probe.event, NULL, STDIN_FILENO, EPOLLIN, on_stdin, &probe) < 0 ||
        clock_timer_new(&probe.tick, probe.event, clock_now_usec(), on_tick, &probe) < 0)
        return 1;
    int r = mqtt_new(&probe.mqtt, probe.event, &options, &callbacks, &probe);
    if (r < 0) {
        printf("new failed: %s\n", strerrorname_np(-r));
        return 1;
    }
    mqtt_start(probe.mqtt);
    sd_event_loop(probe.event);
    mqtt_free(probe.mqtt);
    topics_free(probe.topics);
    clock_timer_unref(probe.tick);
    sd_event_unref(probe.event);
    printf("end\n");
    return 0;
}
