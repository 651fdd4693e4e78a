/* SPDX-License-Identifier: MIT */
/*
 * The radio side alone, on whatever bus DBUS_SYSTEM_BUS_ADDRESS names: everything that sensors.h says
 * comes out as a line, and what the session side would say goes in as one. For tests of the BlueZ
 * client against the simulator or the real bluetoothd, without MQTT, sessions and store.
 *
 *   radio_probe NAME=ADDRESS[,runner=N|auto][,connect=auto|with|on-request][,grace=S][,idle=S] ...
 *
 * in:   motion NAME | session RUNNER 0|1 | release NAME SECONDS | scan SECONDS | heard | health |
 *       get NAME | keep [adapter=WHICH] NAME[,options]... (a reload with these sensors only, in this order) |
 *       bus 0|1 | adapter WHICH | stop
 * out:  T state NAME STATE REASON | T link NAME up|down | T packet NAME UUID HEX | T changed NAME | …
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "daemon/clock.h"
#include "daemon/log.h"
#include "daemon/sensors/sensors.h"
#include "daemon/util.h"

static struct {
    sd_event *event;
    sd_bus *bus;
    struct conf conf, spare; /* a reload goes to the other one */
    const struct conf *now;
    const struct conf
        *told; /* who is told of links takes a reload after the sensors, as in the daemon */
    struct sensors *sensors;
    enum sensor_state states[CONF_SENSORS_MAX];
    char reasons[CONF_SENSORS_MAX][PAYLOAD_TEXT_MAX];
    char input[1024];
    size_t n_input;
} probe;

__attribute__((format(printf, 1, 2))) static void say(const char *format, ...)
{
    va_list ap;
    printf("%.3f ", (double)clock_now_usec() / 1e6);
    va_start(ap, format);
    vprintf(format, ap);
    va_end(ap);
    putchar('\n');
    fflush(stdout);
}

/* ---- out ---- */

static void on_notification(void *userdata, size_t sensor, uint16_t uuid, const uint8_t *bytes,
                            size_t length, uint64_t now_usec)
{
    char hex[2 * 64 + 1] = "";
    for (size_t i = 0; i < length && i < 64; i++)
        snprintf(hex + 2 * i, 3, "%02x", bytes[i]);
    say("packet %s %04x %s", probe.now->sensors[sensor].name, uuid, hex);
}

static void on_link(void *userdata, size_t sensor, bool up, uint64_t now_usec)
{
    say("link %s %s", probe.told->sensors[sensor].name, up ? "up" : "down");
}

static void on_change(void *userdata, size_t sensor)
{
    const struct payload_sensor *p = sensors_get(probe.sensors, sensor);
    bool other = p->state != probe.states[sensor] || strcmp(p->reason, probe.reasons[sensor]) != 0;
    probe.states[sensor] = p->state;
    memcpy(probe.reasons[sensor], p->reason, sizeof p->reason);
    if (other)
        say("state %s %s %s", p->name, sensor_state_name(p->state), p->reason);
    else
        say("changed %s", p->name);
}

static void print_health(void)
{
    static struct payload_health health;
    payload_health_init(&health);
    sensors_health(probe.sensors, &health);
    say("health adapter='%s' bluetoothd='%s'", health.adapter, health.bluetoothd);
    for (size_t i = 0; i < health.n_problems; i++)
        say("problem %s", health.problems[i]);
    for (size_t i = 0; i < health.n_signal; i++)
        say("signal %s %g", health.signal[i].name, health.signal[i].dbm);
    for (size_t i = 0; i < health.n_unknown; i++)
        say("unknown %s '%s' %s", health.unknown[i].address, health.unknown[i].name,
            health.unknown[i].services);
}

static void on_health(void *userdata)
{
    print_health();
}

static void on_scanned(void *userdata, int error)
{
    say("scanned %d", error);
}

static void on_stopped(void *userdata)
{
    say("stopped");
    sd_event_exit(probe.event, 0);
}

/* ---- in ---- */

static int take_option(struct conf_sensor *sensor, const char *option)
{
    double seconds;
    if (sscanf(option, "grace=%lf", &seconds) == 1)
        sensor->grace_usec = (uint64_t)(seconds * 1e6);
    else if (sscanf(option, "idle=%lf", &seconds) == 1)
        sensor->idle_timeout_usec = (uint64_t)(seconds * 1e6);
    else if (strcmp(option, "runner=auto") == 0)
        sensor->runner = CONF_RUNNER_AUTO;
    else if (sscanf(option, "runner=%d", &sensor->runner) == 1)
        return 0;
    else if (strcmp(option, "connect=auto") == 0)
        sensor->connect = CONF_CONNECT_AUTO;
    else if (strcmp(option, "connect=with") == 0)
        sensor->connect = CONF_CONNECT_WITH;
    else if (strcmp(option, "connect=on-request") == 0)
        sensor->connect = CONF_CONNECT_ON_REQUEST;
    else
        return -EINVAL;
    return 0;
}

static int take_options(struct conf_sensor *sensor, char *options)
{
    char *save = NULL;
    for (char *o = options ? strtok_r(options, ",", &save) : NULL; o;
         o = strtok_r(NULL, ",", &save))
        if (take_option(sensor, o) < 0)
            return -EINVAL;
    return 0;
}

static size_t find_sensor(const char *name)
{
    for (size_t i = 0; i < probe.now->n_sensors; i++)
        if (strcmp(probe.now->sensors[i].name, name) == 0)
            return i;
    return SIZE_MAX;
}

static void cmd_get(const char *name)
{
    size_t i = find_sensor(name);
    const struct payload_sensor *p = i == SIZE_MAX ? NULL : sensors_get(probe.sensors, i);
    if (p)
        say("sensor %s kind='%s' state=%s battery=%g maker='%s' model='%s' firmware='%s' drops=%g "
            "last_seen=%" PRId64,
            p->name, p->kind, sensor_state_name(p->state), p->battery_pct, p->manufacturer,
            p->model, p->firmware, p->drops, p->last_seen_usec);
}

static void cmd_heard(void)
{
    struct sensors_heard rows[32];
    size_t n = sensors_heard(probe.sensors, rows, ELEMENTSOF(rows));
    for (size_t i = 0; i < n; i++)
        say("heard %s '%s' '%s' %g sensor=%d connected=%d", rows[i].address, rows[i].name,
            rows[i].services, rows[i].signal_dbm, rows[i].sensor, rows[i].connected);
    say("heard-end %zu", n);
}

static struct conf *other_conf(void)
{
    struct conf *other = probe.now == &probe.conf ? &probe.spare : &probe.conf;
    *other = *probe.now;
    return other;
}

static void reload(struct conf *conf)
{
    probe.now = conf;
    int r = sensors_set_conf(probe.sensors, conf);
    probe.told = conf;
    say("reloaded %d", r);
}

static void set_adapter(struct conf *conf, const char *which)
{
    snprintf(conf->adapter, sizeof conf->adapter, "%.17s", strcmp(which, "any") == 0 ? "" : which);
}

static void keep(struct conf *conf, char *name)
{
    char *options = strchr(name, ',');
    if (options)
        *options++ = '\0';
    size_t i = find_sensor(name);
    if (i == SIZE_MAX)
        return;
    struct conf_sensor *kept = &conf->sensors[conf->n_sensors++];
    *kept = probe.now->sensors[i];
    if (take_options(kept, options) < 0)
        say("what? %s", options);
}

static void cmd_keep(char *names)
{
    struct conf *conf = other_conf();
    char *save = NULL;
    conf->n_sensors = 0;
    for (char *name = strtok_r(names, " ", &save); name; name = strtok_r(NULL, " ", &save))
        if (strncmp(name, "adapter=", 8) == 0)
            set_adapter(conf, name + 8);
        else
            keep(conf, name);
    reload(conf);
}

static void cmd_adapter(const char *which)
{
    struct conf *conf = other_conf();
    set_adapter(conf, which);
    reload(conf);
}

static void on_line(char *line)
{
    uint64_t now_usec = clock_now_usec();
    char name[64];
    unsigned runner;
    int flag;
    double seconds;
    if (sscanf(line, "motion %63s", name) == 1)
        sensors_note_motion(probe.sensors, find_sensor(name), now_usec);
    else if (sscanf(line, "session %u %d", &runner, &flag) == 2)
        sensors_note_session(probe.sensors, runner, flag, flag, now_usec);
    else if (sscanf(line, "release %63s %lf", name, &seconds) == 2)
        say("release %d",
            sensors_release(probe.sensors, find_sensor(name), (uint64_t)(seconds * 1e6), now_usec));
    else if (sscanf(line, "scan %lf", &seconds) == 1)
        say("scan %d", sensors_scan(probe.sensors, (uint64_t)(seconds * 1e6), on_scanned, NULL));
    else if (sscanf(line, "get %63s", name) == 1)
        cmd_get(name);
    else if (sscanf(line, "adapter %63s", name) == 1)
        cmd_adapter(name);
    else if (sscanf(line, "bus %d", &flag) == 1)
        say("bus %d", sensors_set_bus(probe.sensors, flag ? probe.bus : NULL, 0));
    else if (strncmp(line, "keep", 4) == 0)
        cmd_keep(line + 4);
    else if (strcmp(line, "heard") == 0)
        cmd_heard();
    else if (strcmp(line, "health") == 0)
        print_health();
    else if (strcmp(line, "stop") == 0)
        sensors_stop(probe.sensors, on_stopped, NULL);
    else
        say("what? %s", line);
}

static int on_input(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
    ssize_t n = read(fd, probe.input + probe.n_input, sizeof probe.input - 1 - probe.n_input);
    if (n <= 0)
        return sd_event_exit(probe.event, 0);
    probe.n_input += (size_t)n;
    probe.input[probe.n_input] = '\0';
    for (char *end; (end = strchr(probe.input, '\n'));) {
        *end = '\0';
        on_line(probe.input);
        probe.n_input -= (size_t)(end + 1 - probe.input);
        memmove(probe.input, end + 1, probe.n_input + 1);
    }
    return 0;
}

/* ---- start ---- */

static int take_sensor(char *argument)
{
    struct conf_sensor *sensor = &probe.conf.sensors[probe.conf.n_sensors++];
    char *options = strchr(argument, ',');
    *sensor = (struct conf_sensor){ .grace_usec = 45000000, .idle_timeout_usec = 300000000 };
    if (options)
        *options++ = '\0';
    if (sscanf(argument, "%31[^=]=%17s", sensor->name, sensor->address) != 2)
        return -EINVAL;
    return take_options(sensor, options);
}

int main(int argc, char **argv)
{
    static const struct sensors_callbacks callbacks = {
        .on_notification = on_notification,
        .on_link = on_link,
        .on_change = on_change,
        .on_health = on_health,
    };
    probe.now = probe.told = &probe.conf;
    for (size_t i = 0; i < 4; i++)
        snprintf(probe.conf.runners[probe.conf.n_runners++].id, CONF_ID_MAX, "runner%zu", i);
    for (int i = 1; i < argc; i++)
        if (take_sensor(argv[i]) < 0) {
            fprintf(stderr, "radio_probe: '%s' is no sensor\n", argv[i]);
            return 2;
        }
    int r = sd_event_default(&probe.event);
    if (r >= 0)
        r = sd_bus_open_system(&probe.bus);
    if (r >= 0)
        r = sd_bus_attach_event(probe.bus, probe.event, 0);
    if (r >= 0)
        r = sensors_new(&probe.sensors, probe.event, probe.now, &callbacks, NULL);
    if (r >= 0)
        r = sensors_set_bus(probe.sensors, probe.bus, 0);
    if (r >= 0)
        r = sd_event_add_io(probe.event, NULL, STDIN_FILENO, EPOLLIN, on_input, NULL);
    if (r >= 0)
        r = sd_event_loop(probe.event);
    if (r < 0)
        fprintf(stderr, "radio_probe: %s\n", strerror(-r));
    sensors_free(probe.sensors);
    sd_bus_flush_close_unref(probe.bus);
    sd_event_unref(probe.event);
    return r < 0;
}
