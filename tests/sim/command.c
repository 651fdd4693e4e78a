/* SPDX-License-Identifier: MIT */
/* What a test can make happen: the table of the control socket's commands. */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/util.h"
#include "tests/sim/command.h"
#include "tests/sim/control.h"
#include "tests/sim/sim.h"

#define WORDS_MAX 8

int ok(struct request *q, const char *format, ...)
{
    va_list ap;
    int n = snprintf(q->answer, q->size, "ok ");

    va_start(ap, format);
    vsnprintf(q->answer + n, q->size - (size_t)n, format, ap);
    va_end(ap);
    return 0;
}

int done(struct request *q)
{
    snprintf(q->answer, q->size, "ok");
    return 0;
}

int error(struct request *q, const char *format, ...)
{
    va_list ap;
    int n = snprintf(q->answer, q->size, "error ");

    va_start(ap, format);
    vsnprintf(q->answer + n, q->size - (size_t)n, format, ap);
    va_end(ap);
    return 0;
}

bool number(const struct request *q, int i, double low, double high, double *ret)
{
    char *end;

    if (i >= q->n)
        return false;
    *ret = strtod(q->words[i], &end);
    return *end == '\0' && *ret >= low && *ret <= high;
}

/* ---- the radio ------------------------------------------------------------------------------ */

static int cmd_vanish(struct request *q)
{
    double s = 0;

    if (q->n > 0 && !number(q, 0, 0, 1e9, &s))
        return error(q, "vanish NAME [SECONDS]");
    sensor_set_away(q->sensor, true, (uint64_t)(s * 1e6));
    return done(q);
}

static int cmd_return(struct request *q)
{
    sensor_set_away(q->sensor, false, 0);
    return done(q);
}

static int cmd_drop(struct request *q)
{
    if (!q->sensor->linked)
        return error(q, "%s has no link", q->sensor->name);
    device_link_down(q->sensor->device, false);
    return done(q);
}

static int cmd_refuse(struct request *q)
{
    double k;

    if (!number(q, 0, 0, 1e6, &k))
        return error(q, "refuse NAME COUNT");
    q->sensor->refuse = (unsigned)k;
    return done(q);
}

static int cmd_malformed(struct request *q)
{
    double k;

    if (!number(q, 0, 0, 1e6, &k))
        return error(q, "malformed NAME COUNT");
    q->sensor->malformed = (unsigned)k;
    return done(q);
}

/* Argument i, the UUID of something the sensor measures; NULL: it is not. */
static const struct sensor_service_info *measurement(const struct request *q, int i)
{
    char *end;
    unsigned long uuid = i < q->n ? strtoul(q->words[i], &end, 16) : 0;
    const struct sensor_service_info *info =
        uuid > 0 && uuid <= UINT16_MAX && *end == '\0' ? sensor_service_of((uint16_t)uuid) : NULL;

    return info && q->sensor->services & info->bit ? info : NULL;
}

static int cmd_mute(struct request *q)
{
    const struct sensor_service_info *one = measurement(q, 1);
    double on;

    if (!number(q, 0, 0, 1, &on) || (q->n > 1 && !one))
        return error(q, "mute NAME 0|1 [UUID]");
    if (!one)
        q->sensor->mute = on != 0;
    else if (on != 0)
        q->sensor->muted |= one->bit;
    else
        q->sensor->muted &= ~one->bit;
    return done(q);
}

static int cmd_refuse_notify(struct request *q)
{
    const struct sensor_service_info *one = measurement(q, 1);
    double on;

    if (!number(q, 0, 0, 1, &on) || !one)
        return error(q, "refuse-notify NAME 0|1 UUID");
    if (on != 0)
        q->sensor->unsubscribable |= one->bit;
    else
        q->sensor->unsubscribable &= ~one->bit;
    return done(q);
}

static int cmd_unsubscribe(struct request *q)
{
    const struct sensor_service_info *one = measurement(q, 0);

    if (!one)
        return error(q, "unsubscribe NAME UUID");
    notify_lose(q->sensor->device, one->measurement);
    return done(q);
}

static int cmd_shift(struct request *q)
{
    return gatt_shift(q->sensor->device) ? done(q)
                                         : error(q, "%s shows no services", q->sensor->name);
}

static int cmd_hide(struct request *q)
{
    const struct sensor_service_info *one = measurement(q, 1);
    double on;

    if (!number(q, 0, 0, 1, &on) || !one)
        return error(q, "hide NAME 0|1 UUID");
    gatt_hide(q->sensor->device, one->measurement, on != 0);
    return done(q);
}

static int cmd_hold(struct request *q)
{
    const struct sensor_service_info *one = measurement(q, 1);
    double on;

    if (!number(q, 0, 0, 1, &on) || !one)
        return error(q, "hold NAME 0|1 UUID");
    if (!notify_hold(q->sensor->device, one->measurement, on != 0))
        return error(q, "it is not to be had");
    return done(q);
}

static int cmd_held(struct request *q)
{
    const struct sensor_service_info *one = measurement(q, 0);

    if (!one)
        return error(q, "held NAME UUID");
    return ok(q, "%d", notify_is_held(q->sensor->device, one->measurement));
}

static int cmd_deaf(struct request *q)
{
    double on;

    if (!number(q, 0, 0, 1, &on))
        return error(q, "deaf NAME 0|1");
    q->sensor->deaf = on != 0;
    return done(q);
}

static int cmd_late(struct request *q)
{
    double on;

    if (!number(q, 0, 0, 1, &on))
        return error(q, "late NAME 0|1");
    q->sensor->late = on != 0;
    return done(q);
}

static int cmd_slow(struct request *q)
{
    double seconds;

    if (!number(q, 0, 0, 60, &seconds))
        return error(q, "slow NAME S");
    q->sensor->slow_usec = (uint64_t)(seconds * 1e6);
    return done(q);
}

static int cmd_busy(struct request *q)
{
    double on;

    if (!number(q, 0, 0, 1, &on))
        return error(q, "busy NAME 0|1");
    q->sensor->busy = on != 0;
    return done(q);
}

static int cmd_take(struct request *q)
{
    if (q->sensor->linked)
        return error(q, "%s has a link: it takes no second", q->sensor->name);
    sensor_set_taken(q->sensor, true);
    return done(q);
}

static int cmd_give(struct request *q)
{
    sensor_set_taken(q->sensor, false);
    return done(q);
}

/* watch take NAME after SECONDS | watch off NAME */
static int cmd_watch(struct request *q)
{
    const char *what = q->n > 1 ? q->words[0] : "", *name = q->n > 1 ? q->words[1] : "";
    struct sensor *sensor = sim_find_sensor(q->sim, name);
    bool take = strcmp(what, "take") == 0;
    double s = 0;

    if (!sensor || (!take && strcmp(what, "off") != 0) || (take && !number(q, 3, 0, 1e9, &s)) ||
        (take && strcmp(q->words[2], "after") != 0))
        return error(q, "watch take NAME after SECONDS | watch off NAME");
    sensor_set_watch(sensor, take, (uint64_t)(s * 1e6));
    return done(q);
}

/* ---- the sensor ----------------------------------------------------------------------------- */

static int cmd_battery(struct request *q)
{
    double percent;

    if (!number(q, 0, 0, 100, &percent))
        return error(q, "battery NAME PERCENT");
    sensor_set_battery(q->sensor, (int)percent);
    return done(q);
}

static int cmd_set(struct request *q)
{
    int r = q->n == 2 ? sensor_set(q->sensor, q->words[0], q->words[1]) : -EINVAL;

    if (r == -ERANGE)
        return error(q, "%s cannot be %s", q->words[0], q->words[1]);
    if (r < 0)
        return error(q, "set NAME speed|cadence|hr|incline|worn|rssi|odometer|battery VALUE|auto");
    return done(q);
}

static int cmd_scenario(struct request *q)
{
    const struct script *script = q->n == 1 ? script_find(q->words[0]) : NULL;

    if (!script)
        return error(q, "scenario NAME %s", script_names());
    q->sensor->body.script = script;
    q->sensor->body.start_s = q->sensor->body.t_s;
    return done(q);
}

static int cmd_truth(struct request *q)
{
    char json[CONTROL_ANSWER_MAX - 16];

    sensor_truth_json(q->sensor, json, sizeof json);
    return ok(q, "%s", json);
}

static int cmd_connections(struct request *q)
{
    return ok(q, "%" PRIu64, q->sensor->truth.connections);
}

static int cmd_list(struct request *q)
{
    char names[CONTROL_ANSWER_MAX - 16] = "";
    size_t n = 0;

    for (size_t i = 0; i < q->sim->n_sensors && n < sizeof names - 64; i++)
        n += (size_t)snprintf(names + n, sizeof names - n, "%s%s", i ? " " : "",
                              q->sim->sensors[i].name);
    return ok(q, "%s", names);
}

/* ---- the table ------------------------------------------------------------------------------ */

static const struct {
    const char *name;
    bool names_sensor;
    int (*run)(struct request *q);
} commands[] = {
    { "vanish", true, cmd_vanish },
    { "return", true, cmd_return },
    { "drop", true, cmd_drop },
    { "refuse", true, cmd_refuse },
    { "mute", true, cmd_mute },
    { "refuse-notify", true, cmd_refuse_notify },
    { "unsubscribe", true, cmd_unsubscribe },
    { "shift", true, cmd_shift },
    { "hide", true, cmd_hide },
    { "hold", true, cmd_hold },
    { "held", true, cmd_held },
    { "deaf", true, cmd_deaf },
    { "late", true, cmd_late },
    { "slow", true, cmd_slow },
    { "busy", true, cmd_busy },
    { "take", true, cmd_take },
    { "give", true, cmd_give },
    { "watch", false, cmd_watch },
    { "malformed", true, cmd_malformed },
    { "battery", true, cmd_battery },
    { "set", true, cmd_set },
    { "scenario", true, cmd_scenario },
    { "truth", true, cmd_truth },
    { "connections", true, cmd_connections },
    { "list", false, cmd_list },
    { "kill-name", false, cmd_kill_name },
    { "stop", false, cmd_stop },
    { "start", false, cmd_start },
    { "service", false, cmd_service },
    { "adapter", false, cmd_adapter },
    { "clock", false, cmd_clock },
    { "wait-ready", false, NULL }, /* answered when org.bluez is up */
    { "quit", false, cmd_quit },
};

enum command_result command_run(struct sim *sim, char *line, char *answer, size_t size)
{
    char *words[WORDS_MAX], *save = NULL;
    struct request q = { .sim = sim, .answer = answer, .size = size };
    size_t i = 0;
    int n = 0;

    for (char *w = strtok_r(line, " ", &save); w && n < WORDS_MAX; w = strtok_r(NULL, " ", &save))
        words[n++] = w;
    while (i < ELEMENTSOF(commands) && n > 0 && strcmp(commands[i].name, words[0]) != 0)
        i++;
    if (n == 0 || i == ELEMENTSOF(commands)) {
        error(&q, "no such command");
        return COMMAND_ANSWERED;
    }
    if (commands[i].names_sensor) {
        q.sensor = n > 1 ? sim_find_sensor(sim, words[1]) : NULL;
        if (!q.sensor) {
            error(&q, "%s NAME: no such sensor", commands[i].name);
            return COMMAND_ANSWERED;
        }
    }
    if (!commands[i].run)
        return COMMAND_WAITS;
    q.words = words + 1 + commands[i].names_sensor;
    q.n = n - 1 - commands[i].names_sensor;
    commands[i].run(&q);
    return COMMAND_ANSWERED;
}
