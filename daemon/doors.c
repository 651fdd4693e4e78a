/* SPDX-License-Identifier: MIT */
#include "daemon/doors.h"

#include <errno.h>
#include <stdlib.h>
#include "daemon/broker/mqtt.h"
#include "daemon/clock.h"
#include "daemon/commands/control.h"
#include "daemon/commands/verbs.h"
#include "daemon/util.h"

/* Of a longer one the broker's side has the length alone: it is refused by that. */
_Static_assert(COMMAND_REQUEST_MAX <= MQTT_PAYLOAD_MAX, "a request is read only with its bytes");

struct doors {
    struct doors_parts parts;
    struct verbs verbs;
    struct commands *commands;
    struct control *control;
};

/* ---- what the verbs reach ---------------------------------------------------------------------- */

static const char *answered(void *context, const char *transaction)
{
    const struct verbs *verbs = context;
    struct doors *doors = verbs->userdata;

    return store_answer(doors->parts.store, transaction);
}

static void keep(void *context, const char *transaction, const char *answer)
{
    const struct verbs *verbs = context;
    struct doors *doors = verbs->userdata;

    (void)store_put_answer(doors->parts.store, transaction, answer, clock_wall_usec());
}

static void fill_health(void *userdata, struct payload_health *ret)
{
    const struct doors *doors = userdata;

    health_fill(doors->parts.health, ret);
}

static bool fill_sensor(void *userdata, size_t sensor, struct payload_sensor *ret)
{
    const struct doors *doors = userdata;

    return retained_fill_sensor(doors->parts.retained, sensor, ret);
}

static bool home(void *userdata, bool *ret_online, uint64_t *ret_at_usec)
{
    const struct doors *doors = userdata;
    struct publisher_home heard;

    if (!publisher_home(doors->parts.publisher, &heard))
        return false;
    *ret_online = heard.online;
    *ret_at_usec = heard.at_usec;
    return true;
}

static int release(void *userdata, size_t sensor, uint64_t for_usec)
{
    struct doors *doors = userdata;

    return releases_release(doors->parts.releases, sensor, for_usec, clock_now_usec());
}

static void correct(void *userdata, const struct correction *what, correction_done done,
                    void *whose)
{
    struct doors *doors = userdata;

    corrections_make(doors->parts.corrections, what, done, whose);
}

static void stored(void *userdata, const struct archived_question *question, archived_done done,
                   void *whose)
{
    struct doors *doors = userdata;

    archive_ask(doors->parts.archive, question, done, whose);
}

static int backup(void *userdata, backups_done done, void *whose)
{
    struct doors *doors = userdata;

    return backups_make(doors->parts.backups, done, whose);
}

static void bind_sensor(void *userdata, const struct binding *what, binding_done done, void *whose)
{
    struct doors *doors = userdata;

    bindings_change(doors->parts.bindings, what, done, whose);
}

static void record(void *userdata, const struct record_request *request, record_done done,
                   void *whose)
{
    struct doors *doors = userdata;

    records_ask(doors->parts.records, request, done, whose);
}

/* ---- the doors --------------------------------------------------------------------------------- */

void doors_request(struct doors *doors, const char *verb, const char *payload, size_t length,
                   commands_reply reply, void *answer)
{
    if (commands_request(doors->commands, COMMAND_DOOR_MQTT, verb, payload, length, reply, answer) <
        0)
        reply(answer, COMMANDS_NO_MEMORY);
}

void doors_set_bus(struct doors *doors, sd_bus *bus)
{
    (void)control_set_bus(doors->control, bus); /* without it, MQTT's is open all the same */
}

void doors_set_conf(struct doors *doors, const struct conf *conf)
{
    doors->verbs.conf = conf;
    commands_set_policy(doors->commands, conf->mqtt_commands);
}

void doors_stop(struct doors *doors)
{
    commands_stop(doors->commands);
}

/* ---- life -------------------------------------------------------------------------------------- */

static void doors_freep(struct doors **doors)
{
    doors_free(*doors);
}

int doors_new(struct doors **ret, const struct doors_parts *parts)
{
    _cleanup_(doors_freep) struct doors *doors = calloc(1, sizeof(*doors));
    struct commands_parts commands = { .run = verbs_run, .answered = answered, .keep = keep };
    int r;

    if (!doors)
        return -ENOMEM;
    doors->parts = *parts;
    doors->verbs = (struct verbs){
        .conf = parts->conf,
        .sensors = parts->sensors,
        .sessions = parts->sessions,
        .import = parts->import,
        .training = parts->training,
        .health = fill_health,
        .home = home,
        .sensor = fill_sensor,
        .release = release,
        .correct = correct,
        .stored = stored,
        .backup = backup,
        .bind = bind_sensor,
        .record = record,
        .userdata = doors,
    };
    commands.context = &doors->verbs;
    r = commands_new(&doors->commands, &commands);
    if (r >= 0)
        r = control_new(&doors->control, doors->commands);
    if (r < 0)
        return r;
    doors_set_conf(doors, parts->conf);
    *ret = TAKE_PTR(doors);
    return 0;
}

struct doors *doors_free(struct doors *doors)
{
    if (!doors)
        return NULL;
    commands_free(doors->commands);
    control_free(doors->control);
    free(doors);
    return NULL;
}
