/* SPDX-License-Identifier: MIT */
#include "daemon/gateway.h"

#include <stdio.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include "daemon/clock.h"
#include "daemon/commands/commands.h"
#include "daemon/config.h"
#include "daemon/commands/control.h"
#include "daemon/identity.h"
#include "daemon/log.h"
#include "daemon/memory.h"
#include "daemon/broker/publisher.h"
#include "daemon/recording/recorder.h"
#include "daemon/sensors/sensors.h"
#include "daemon/sessions/sessions.h"
#include "daemon/store/store.h"
#include "daemon/system_bus.h"
#include "daemon/timekeeper.h"
#include "daemon/util.h"
#include "daemon/commands/verbs.h"
#include "daemon/worker.h"

#define LIVE_USEC        UINT64_C(1000000)
#define NOW_TICKS        10 /* a `now` for each tenth `live` */
#define MINUTE_TICKS     60
#define HEALTH_USEC      UINT64_C(60000000)
#define HEALTH_REST_USEC UINT64_C(5000000) /* at least, between two that a change called for */

struct gateway {
    sd_event *event; /* borrowed */
    char *config_file, *state_dir;
    char machine_id[40];
    struct config *config;
    char *password; /* of the broker; NULL: none */

    struct system_bus *bus;
    struct timekeeper *timekeeper;
    struct worker *worker;
    struct store *store;
    struct recorder *recorder;
    struct sensors *sensors;
    struct sessions *sessions;
    struct publisher *publisher;
    struct commands *commands;
    struct control *control;
    struct verbs verbs;

    struct clock_timer *live, *health;
    uint64_t live_usec;                     /* when `live` is due; CLOCK_NEVER: no session */
    uint64_t live_ticks[TRACKER_SLOTS_MAX]; /* since the slot's session opened */
    char status[256];                       /* as last said to systemd */
    uint64_t health_said;                   /* digest of the last that went out; 0: none did */
    uint64_t health_said_usec;
    double bad_packets_said[CONF_SENSORS_MAX];
    bool ready; /* all parts are there: until then what they say of themselves is not passed on */
    bool stopping;
};

static const struct conf *conf_of(const struct gateway *gateway)
{
    return &gateway->config->conf;
}

/* ---- health ----------------------------------------------------------------------------------- */

static void add_problem(struct payload_health *health, const char *sentence)
{
    if (sentence && health->n_problems < HEALTH_PROBLEMS_MAX)
        snprintf(health->problems[health->n_problems++], PAYLOAD_TEXT_MAX, "%s", sentence);
}

/* Without what must be read from the kernel: it is asked for with each change of a sensor. */
static void fill_problems(const struct gateway *gateway, struct payload_health *ret)
{
    payload_health_init(ret);
    ret->clock = timekeeper_state(gateway->timekeeper);
    ret->t_usec = ret->clock == CLOCK_UNSET ? 0 : clock_wall_usec();
    sensors_health(gateway->sensors, ret);
    publisher_add_health(gateway->publisher, ret);
    add_problem(ret, store_problem(gateway->store));
    add_problem(ret, recorder_problem(gateway->recorder));
    if (ret->clock == CLOCK_UNSET)
        add_problem(ret, "The clock is not set yet: what carries a date waits");
}

static void fill_health(void *userdata, struct payload_health *ret)
{
    fill_problems(userdata, ret);
    memory_read(&ret->rss_bytes, &ret->anon_bytes);
}

static size_t count_streaming(const struct gateway *gateway)
{
    size_t n = 0;

    for (size_t i = 0; i < conf_of(gateway)->n_sensors; i++)
        n += sensors_get(gateway->sensors, i)->state == SENSOR_STREAMING;
    return n;
}

/* STATUS= is the first thing an owner sees: the first problem, or what works. */
static void tell_systemd(struct gateway *gateway, const struct payload_health *health)
{
    char status[sizeof(gateway->status)];

    if (health->n_problems)
        snprintf(status, sizeof(status), "STATUS=%s", health->problems[0]);
    else
        snprintf(status, sizeof(status), "STATUS=%zu of %zu sensors stream",
                 count_streaming(gateway), conf_of(gateway)->n_sensors);
    if (strcmp(status, gateway->status) == 0)
        return;
    memcpy(gateway->status, status, sizeof(status));
    (void)sd_notify(0, status);
}

static uint64_t add_text(uint64_t digest, const char *text)
{
    for (; *text; text++)
        if (*text < '0' || *text > '9') /* what a problem counts may go on counting */
            digest = (digest ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
    return digest * UINT64_C(0x100000001b3);
}

/* Of what somebody is waiting to hear; figures and signal strengths change all the time. Never 0. */
static uint64_t digest_of(const struct payload_health *health)
{
    uint64_t digest = UINT64_C(0xcbf29ce484222325) + (uint64_t)health->clock;

    digest = add_text(add_text(digest, health->adapter), health->bluetoothd);
    for (size_t i = 0; i < health->n_problems; i++)
        digest = add_text(digest, health->problems[i]);
    return digest | 1;
}

static void publish_health(struct gateway *gateway, struct payload_health *health,
                           uint64_t now_usec)
{
    bool said;

    memory_read(&health->rss_bytes, &health->anon_bytes);
    said = publisher_health(gateway->publisher, health) >= 0;

    gateway->health_said = said ? digest_of(health) : 0;
    gateway->health_said_usec = now_usec;
    clock_timer_set(gateway->health, now_usec + HEALTH_USEC);
}

static void refresh_health(struct gateway *gateway, bool due)
{
    _cleanup_free_ struct payload_health *health = calloc(1, sizeof(*health));
    uint64_t now_usec = clock_now_usec(), rested_usec;

    if (!health || !gateway->ready || gateway->stopping)
        return;
    fill_problems(gateway, health);
    tell_systemd(gateway, health);
    rested_usec = gateway->health_said ? gateway->health_said_usec + HEALTH_REST_USEC : 0;
    if (due || (digest_of(health) != gateway->health_said && now_usec >= rested_usec))
        publish_health(gateway, health, now_usec);
    else if (digest_of(health) != gateway->health_said)
        clock_timer_set(gateway->health, rested_usec);
}

static void on_health(void *userdata)
{
    refresh_health(userdata, false);
}

/* ---- sensors to sessions ---------------------------------------------------------------------- */

static void on_notification(void *userdata, size_t sensor, uint16_t uuid, const uint8_t *bytes,
                            size_t length, uint64_t now_usec)
{
    struct gateway *gateway = userdata;

    sessions_notification(gateway->sessions, now_usec, sensor, uuid, bytes, length);
}

static void on_link(void *userdata, size_t sensor, bool up, uint64_t now_usec)
{
    struct gateway *gateway = userdata;

    sessions_link(gateway->sessions, now_usec, sensor, up);
}

/* What the link knows of a sensor, and what its packets told. */
static void fill_sensor(void *userdata, size_t sensor, struct payload_sensor *ret)
{
    const struct gateway *gateway = userdata;

    *ret = *sensors_get(gateway->sensors, sensor);
    sessions_describe_sensor(gateway->sessions, sensor, ret);
}

static void on_sensor(void *userdata, size_t sensor)
{
    struct gateway *gateway = userdata;
    struct payload_sensor payload;

    if (!gateway->ready)
        return;
    fill_sensor(gateway, sensor, &payload);
    gateway->bad_packets_said[sensor] = payload.malformed + payload.truncated;
    publisher_sensor(gateway->publisher, &payload);
    refresh_health(gateway, false);
}

/* Bad packets come at the rate of the sensor: they are counted at once, and said each minute. */
static void say_bad_packets(struct gateway *gateway)
{
    const struct tracker *tracker = sessions_tracker(gateway->sessions);

    for (size_t i = 0; i < conf_of(gateway)->n_sensors; i++) {
        struct tracker_counts counts = tracker_counts(tracker, i);

        if ((double)counts.malformed + (double)counts.truncated != gateway->bad_packets_said[i])
            on_sensor(gateway, i);
    }
}

static void on_health_timer(void *userdata, uint64_t now_usec)
{
    struct gateway *gateway = userdata;

    clock_timer_set(gateway->health, now_usec + HEALTH_USEC);
    say_bad_packets(gateway);
    refresh_health(gateway, true);
}

static const struct sensors_callbacks sensors_callbacks = {
    .on_notification = on_notification,
    .on_link = on_link,
    .on_change = on_sensor,
    .on_health = on_health,
};

/* ---- sessions to publisher -------------------------------------------------------------------- */

/* The first `live` comes at once; a running second is not disturbed by who else comes or goes. */
static void arm_live(struct gateway *gateway, uint64_t at_usec)
{
    if (gateway->live_usec != CLOCK_NEVER)
        return;
    gateway->live_usec = at_usec;
    clock_timer_set(gateway->live, at_usec);
}

static void on_session(void *userdata, const struct payload_session *summary)
{
    struct gateway *gateway = userdata;

    publisher_session(gateway->publisher, summary);
    arm_live(gateway, clock_now_usec());
}

static void on_event(void *userdata, const struct store_event *event)
{
    struct gateway *gateway = userdata;

    publisher_event(gateway->publisher, event);
}

static void on_moved(void *userdata, size_t sensor, uint64_t now_usec)
{
    struct gateway *gateway = userdata;

    sensors_note_motion(gateway->sensors, sensor, now_usec);
}

/* At the end there is one last `now` with every current value null, for recorders that would keep
 * the last one for ever. */
static void say_over(struct gateway *gateway, size_t runner)
{
    struct payload_live live;

    payload_live_init(&live);
    live.clock = timekeeper_state(gateway->timekeeper);
    live.t_usec = live.clock == CLOCK_UNSET ? 0 : clock_wall_usec();
    live.state = SESSION_ENDED;
    publisher_now(gateway->publisher, &conf_of(gateway)->runners[runner], &live);
}

static void on_open(void *userdata, size_t runner, bool open, uint64_t now_usec)
{
    struct gateway *gateway = userdata;

    sensors_note_session(gateway->sensors, runner, open, now_usec);
    if (!open)
        say_over(gateway, runner);
}

static const struct sessions_callbacks sessions_callbacks = {
    .on_session = on_session,
    .on_event = on_event,
    .on_moved = on_moved,
    .on_learnt = on_sensor,
    .on_open = on_open,
};

/* Each second of a session; the summary each minute. True while there is one. */
static bool publish_slot(struct gateway *gateway, size_t slot, uint64_t now_usec)
{
    struct payload_live live;
    struct payload_session summary;
    const struct conf_runner *runner;
    uint64_t tick;
    size_t index;

    if (!sessions_live(gateway->sessions, slot, now_usec, &live, &index)) {
        gateway->live_ticks[slot] = 0;
        return false;
    }
    if (index == TRACKER_NONE) /* nobody's: what it is will be told when it is somebody's */
        return true;
    runner = &conf_of(gateway)->runners[index];
    tick = gateway->live_ticks[slot]++;
    publisher_live(gateway->publisher, runner, &live);
    if (tick % NOW_TICKS == 0)
        publisher_now(gateway->publisher, runner, &live);
    if (tick % MINUTE_TICKS == MINUTE_TICKS - 1 &&
        sessions_summary(gateway->sessions, slot, now_usec, &summary))
        publisher_session(gateway->publisher, &summary);
    return true;
}

static void on_live(void *userdata, uint64_t now_usec)
{
    struct gateway *gateway = userdata;
    uint64_t due_usec = gateway->live_usec;
    bool any = false;

    for (size_t slot = 0; slot < TRACKER_SLOTS_MAX; slot++)
        any = publish_slot(gateway, slot, now_usec) || any;
    /* from when it was due, so that lateness does not add up; a suspended machine starts anew */
    if (due_usec + LIVE_USEC <= now_usec)
        due_usec = now_usec;
    gateway->live_usec = CLOCK_NEVER;
    if (any)
        arm_live(gateway, due_usec + LIVE_USEC);
}

/* ---- commands --------------------------------------------------------------------------------- */

static void on_request(void *userdata, const char *verb, const char *payload, size_t length,
                       void (*reply)(void *answer, const char *json), void *answer)
{
    struct gateway *gateway = userdata;

    if (commands_request(gateway->commands, COMMAND_DOOR_MQTT, verb, payload, length, reply,
                         answer) < 0)
        log_error("Out of memory: a request was not answered");
}

static const struct payload_sensor *get_sensor(void *userdata, size_t sensor)
{
    const struct gateway *gateway = userdata;

    return gateway->sensors ? sensors_get(gateway->sensors, sensor) : NULL;
}

/* Counts and figures that change too often to be told each time. */
static void on_connected(void *userdata)
{
    struct gateway *gateway = userdata;
    struct payload_session summary;
    uint64_t now_usec = clock_now_usec();

    if (!gateway->ready || gateway->stopping)
        return;
    for (size_t i = 0; i < conf_of(gateway)->n_sensors; i++)
        on_sensor(gateway, i);
    for (size_t slot = 0; slot < TRACKER_SLOTS_MAX; slot++)
        if (sessions_summary(gateway->sessions, slot, now_usec, &summary))
            publisher_session(gateway->publisher, &summary);
}

static const struct publisher_callbacks publisher_callbacks = {
    .on_connected = on_connected,
    .sensor = get_sensor,
    .on_request = on_request,
    .on_health = on_health,
};

static const char *answered(void *context, const char *transaction)
{
    const struct verbs *verbs = context;
    struct gateway *gateway = verbs->userdata;

    return store_answer(gateway->store, transaction);
}

static void keep(void *context, const char *transaction, const char *answer)
{
    const struct verbs *verbs = context;
    struct gateway *gateway = verbs->userdata;

    (void)store_put_answer(gateway->store, transaction, answer, clock_wall_usec());
}

/* ---- the world around ------------------------------------------------------------------------- */

static void on_bus(void *userdata, sd_bus *bus)
{
    struct gateway *gateway = userdata;

    timekeeper_set_bus(gateway->timekeeper, bus);
    (void)control_set_bus(gateway->control, bus);
    (void)sensors_set_bus(gateway->sensors, bus);
}

static void on_clock(void *userdata, uint64_t now_usec)
{
    struct gateway *gateway = userdata;

    publisher_hold_events(gateway->publisher, timekeeper_state(gateway->timekeeper) == CLOCK_UNSET);
    sessions_clock_changed(gateway->sessions, now_usec);
    refresh_health(gateway, false);
}

/* ---- the configuration ------------------------------------------------------------------------ */

static void log_problems(const struct conf_problems *problems)
{
    char sentence[512];

    for (size_t i = 0; conf_problem_format(problems, i, sentence, sizeof(sentence)); i++)
        if (i < problems->n && problems->items[i].warning)
            log_warning("%s", sentence);
        else
            log_error("%s", sentence);
}

/* All that is wrong is said at once. GATEWAY_E_CONFIG: it can't be used, nothing is changed. */
static int load_config(const struct gateway *gateway, struct config **ret, char **ret_password)
{
    _cleanup_(config_freep) struct config *config = NULL;
    char *password = NULL;
    int r;

    r = config_load(&config, gateway->config_file, gateway->state_dir);
    if (r >= 0)
        r = config_read_password(config, &password);
    if (r < 0)
        return r;
    log_problems(&config->problems);
    if (config->problems.errors) {
        config_password_free(password);
        return GATEWAY_E_CONFIG;
    }
    *ret_password = password;
    *ret = TAKE_PTR(config);
    return 0;
}

/* ---- life ------------------------------------------------------------------------------------- */

static int64_t newest_stored(const struct store *store)
{
    size_t n;
    const struct store_session *rows = store_last_sessions(store, &n);
    int64_t newest = 0;

    for (size_t i = 0; i < n; i++)
        if (rows[i].session.end_usec > newest)
            newest = rows[i].session.end_usec;
    return newest;
}

static int open_state(struct gateway *gateway)
{
    int r;

    r = worker_new(&gateway->worker, gateway->event);
    if (r < 0)
        return r;
    r = store_open(&gateway->store, gateway->worker, gateway->state_dir, clock_wall_usec());
    if (r < 0)
        return r;
    store_on_problem(gateway->store, on_health, gateway);
    r = recorder_new(&gateway->recorder, gateway->event, gateway->worker, gateway->state_dir);
    if (r < 0)
        return r;
    recorder_on_problem(gateway->recorder, on_health, gateway);
    return timekeeper_new(&gateway->timekeeper, gateway->event, newest_stored(gateway->store),
                          on_clock, gateway);
}

static int open_chain(struct gateway *gateway)
{
    const struct conf *conf = conf_of(gateway);
    struct sessions_parts parts = {
        .event = gateway->event,
        .conf = conf,
        .recorder = gateway->recorder,
        .store = gateway->store,
        .timekeeper = gateway->timekeeper,
    };
    int r;

    r = publisher_new(&gateway->publisher, gateway->event, conf, gateway->password,
                      gateway->machine_id, gateway->store, &publisher_callbacks, gateway);
    if (r >= 0)
        r = sensors_new(&gateway->sensors, gateway->event, conf, &sensors_callbacks, gateway);
    if (r >= 0)
        r = sessions_new(&gateway->sessions, &parts, &sessions_callbacks, gateway);
    return r;
}

static int open_doors(struct gateway *gateway)
{
    struct commands_parts parts = {
        .context = &gateway->verbs, .run = verbs_run, .answered = answered, .keep = keep
    };
    int r;

    gateway->verbs = (struct verbs){
        .conf = conf_of(gateway),
        .sensors = gateway->sensors,
        .sessions = gateway->sessions,
        .health = fill_health,
        .sensor = fill_sensor,
        .userdata = gateway,
    };
    r = commands_new(&gateway->commands, &parts);
    if (r < 0)
        return r;
    commands_set_policy(gateway->commands, conf_of(gateway)->mqtt_commands);
    return control_new(&gateway->control, gateway->commands);
}

static int open_timers(struct gateway *gateway)
{
    uint64_t now_usec = clock_now_usec();
    int r;

    r = clock_timer_new(&gateway->live, gateway->event, CLOCK_NEVER, on_live, gateway);
    if (r >= 0)
        r = clock_timer_new(&gateway->health, gateway->event, now_usec + HEALTH_USEC,
                            on_health_timer, gateway);
    return r;
}

static void publish_what_is(struct gateway *gateway)
{
    const struct conf *conf = conf_of(gateway);
    struct payload_session last;

    for (size_t i = 0; i < conf->n_runners; i++)
        if (sessions_last(gateway->sessions, conf->runners[i].id, &last))
            publisher_session(gateway->publisher, &last);
    for (size_t i = 0; i < conf->n_sensors; i++)
        on_sensor(gateway, i);
}

static void gateway_freep(struct gateway **gateway)
{
    gateway_free(*gateway);
}

int gateway_new(struct gateway **ret, sd_event *event, const char *config_file,
                const char *state_dir)
{
    _cleanup_(gateway_freep) struct gateway *gateway = calloc(1, sizeof(*gateway));
    int r;

    if (!gateway)
        return -ENOMEM;
    gateway->event = event;
    gateway->live_usec = CLOCK_NEVER;
    gateway->config_file = config_file ? strdup(config_file) : NULL;
    gateway->state_dir = strdup(state_dir);
    r = load_config(gateway, &gateway->config, &gateway->password);
    if (r != 0)
        return r;
    identity_read(gateway->machine_id, sizeof(gateway->machine_id), state_dir);
    r = open_timers(gateway);
    if (r >= 0)
        r = open_state(gateway);
    if (r >= 0)
        r = open_chain(gateway);
    if (r >= 0)
        r = open_doors(gateway);
    if (r < 0)
        return r;
    gateway->ready = true;
    publish_what_is(gateway);
    publisher_hold_events(gateway->publisher, timekeeper_state(gateway->timekeeper) == CLOCK_UNSET);
    /* recordings that can't be listed now are read after the next start; new runs count all the same */
    (void)sessions_recover(gateway->sessions, clock_now_usec());
    r = system_bus_new(&gateway->bus, event, on_bus, gateway);
    if (r < 0)
        return r;
    refresh_health(gateway, false);
    *ret = TAKE_PTR(gateway);
    return 0;
}

/* From the top of the chain downwards: who calls goes before who is called. */
struct gateway *gateway_free(struct gateway *gateway)
{
    if (!gateway)
        return NULL;
    gateway->stopping = true;
    commands_free(gateway->commands);
    control_free(gateway->control);
    sensors_free(gateway->sensors);
    if (gateway->sessions)
        sessions_flush(gateway->sessions);
    worker_free(gateway->worker); /* what was posted is written, and told to those who wait */
    sessions_free(gateway->sessions);
    recorder_free(gateway->recorder);
    publisher_free(gateway->publisher);
    store_free(gateway->store);
    timekeeper_free(gateway->timekeeper);
    system_bus_free(gateway->bus);
    clock_timer_unref(gateway->live);
    clock_timer_unref(gateway->health);
    config_free(gateway->config);
    config_password_free(gateway->password);
    free(gateway->config_file);
    free(gateway->state_dir);
    free(gateway);
    return NULL;
}

void gateway_reload(struct gateway *gateway)
{
    struct config *old = gateway->config;
    char *old_password = gateway->password;

    if (load_config(gateway, &gateway->config, &gateway->password) != 0) {
        log_error("The new configuration is not used: the old one stays in force");
        return;
    }
    gateway->verbs.conf = conf_of(gateway);
    commands_set_policy(gateway->commands, conf_of(gateway)->mqtt_commands);
    /* the radio first: what the sessions then say of runners counts by the new config */
    (void)sensors_set_conf(gateway->sensors, conf_of(gateway));
    sessions_set_conf(gateway->sessions, conf_of(gateway));
    (void)publisher_set_conf(gateway->publisher, conf_of(gateway), gateway->password);
    config_free(old);
    config_password_free(old_password);
    publish_what_is(gateway);
    publisher_settle(gateway->publisher);
    refresh_health(gateway, false);
    log_info("Configuration reloaded");
}

static void on_offline(void *userdata)
{
    struct gateway *gateway = userdata;

    (void)sd_event_exit(gateway->event, 0);
}

static void on_let_go(void *userdata)
{
    struct gateway *gateway = userdata;

    sessions_flush(gateway->sessions);
    publisher_stop(gateway->publisher, on_offline, gateway);
}

void gateway_stop(struct gateway *gateway)
{
    if (gateway->stopping)
        return;
    gateway->stopping = true;
    log_info("Stopping: letting the sensors go");
    if (sensors_stop(gateway->sensors, on_let_go, gateway) < 0)
        on_let_go(gateway);
}
