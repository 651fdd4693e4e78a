/* SPDX-License-Identifier: MIT */
/*
 * What shapes these payloads (and what Home Assistant does if it is done otherwise):
 *
 * - an unknown key in the root, the device or the origin loses the whole payload;
 * - a component without unique_id loses it too; two with one id lose the second;
 * - availability is one topic, the gateway's, at the root: everything is there or nothing is;
 * - not knowing is null in the value, which is 'unknown' there; expire_after is only for what is not
 *   retained, because a retained value would come back to life at their restart;
 * - an enum has options and neither unit nor state class; a number must say min and max.
 *
 * The short key names are Home Assistant's own abbreviations.
 */
#include "daemon/broker/homeassistant.h"
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include "daemon/broker/privacy.h"
#include "daemon/util.h"
#include "lib/contract.h"

#define MACHINE_SHORT 12 /* hex digits of the machine id in our ids */
#define ID_MAX        96
#define INCLINE_MAX   45

struct device {
    const struct homeassistant_options *options;
    const struct conf_runner *runner; /* NULL: the device is no runner's */
    char id[ID_MAX];
    char status[TOPIC_MAX];
    json_t *root, *components; /* components borrowed from root */
};

#define _cleanup_json_ _cleanup_(json_decrefp)

/* ---- small things ------------------------------------------------------------------------------------ */

static void put(json_t *object, const char *key, const char *text)
{
    if (text && text[0])
        json_object_set_new(object, key, json_string(text));
}

static int topic_of(const struct device *device, enum topic topic, const char *name,
                    char ret[static TOPIC_MAX])
{
    const struct conf *conf = device->options->conf;
    return topics_format(ret, conf->mqtt_root, conf->gateway, topic, name, NULL);
}

static int alert_topic_of(const struct device *device, enum rule_id rule,
                          char ret[static TOPIC_MAX])
{
    const struct conf *conf = device->options->conf;
    return topics_format(ret, conf->mqtt_root, conf->gateway, TOPIC_ALERT, device->runner->id,
                         rule_get(rule)->id);
}

/* "strided_0123456789ab" */
static int gateway_id(const char *machine, char ret[static ID_MAX])
{
    if (strlen(machine) < MACHINE_SHORT || strspn(machine, "0123456789abcdef") < MACHINE_SHORT)
        return -EINVAL;
    snprintf(ret, ID_MAX, "strided_%.*s", MACHINE_SHORT, machine);
    return 0;
}

/* "AA:BB:CC:DD:EE:FF" to "aabbccddeeff" */
static void address_id(const char *address, char ret[static 13])
{
    size_t n = 0;
    for (; *address && n < 12; address++)
        if (*address != ':')
            ret[n++] = (char)(*address >= 'A' && *address <= 'F' ? *address + 32 : *address);
    ret[n] = '\0';
}

/* ---- devices ----------------------------------------------------------------------------------------------- */

static json_t *device_object(const struct device *device, const char *name, const char *model)
{
    json_t *object = json_object();
    json_object_set_new(object, "ids", json_pack("[s]", device->id));
    put(object, "name", name);
    put(object, "mf", "strided");
    put(object, "mdl", model);
    return object;
}

/* Takes `about` over. */
static int device_begin(struct device *device, json_t *about)
{
    device->components = json_object();
    device->root =
        json_pack("{s:o, s:{s:s, s:s}, s:s, s:o}", "dev", about, "o", "name", "strided", "sw",
                  device->options->version, "avty_t", device->status, "cmps", device->components);
    return device->root ? 0 : -ENOMEM;
}

static int device_end(struct device *device, homeassistant_sink sink, void *userdata)
{
    char topic[TOPIC_MAX];
    _cleanup_json_ json_t *root = TAKE_PTR(device->root);
    int n = snprintf(topic, sizeof(topic), "%s/device/%s/config", device->options->conf->ha_prefix,
                     device->id);
    if (n < 0 || (size_t)n >= sizeof(topic))
        return -EINVAL;
    _cleanup_free_ char *payload = json_dumps(root, JSON_COMPACT);
    if (!payload)
        return -ENOMEM;
    return sink(userdata, topic, payload, strlen(payload));
}

static json_t *add_component(struct device *device, const char *platform, const char *id,
                             const char *name)
{
    char unique_id[2 * ID_MAX];
    json_t *component = json_object();
    snprintf(unique_id, sizeof(unique_id), "%s_%s", device->id, id);
    put(component, "p", platform);
    put(component, "uniq_id", unique_id);
    put(component, "name", name);
    json_object_set_new(device->components, id, component);
    return component; /* borrowed */
}

/* ---- entities of the contract's rows ---------------------------------------------------------------------------- */

static json_t *options_of(const struct contract_row *row)
{
    json_t *options = json_array();
    const char *word;
    for (size_t i = 0; (word = contract_word(row, i)); i++)
        json_array_append_new(options, json_string(word));
    return options;
}

static void put_class(json_t *component, const struct contract_row *row,
                      const struct contract_entity *entity)
{
    put(component, "dev_cla", entity->device_class);
    if (entity->device_class && strcmp(entity->device_class, "enum") == 0) {
        json_object_set_new(component, "ops", options_of(row));
        return;
    }
    if (strcmp(entity->platform, "sensor") != 0)
        return;
    bool number = row->type == CONTRACT_NUMBER || row->type == CONTRACT_NUMBER_MAP;
    put(component, "stat_cla", entity->state_class);
    put(component, "unit_of_meas", row->unit);
    if (number)
        json_object_set_new(component, "sug_dsp_prc", json_integer(row->decimals));
}

static void add_entity(struct device *device, const struct contract_row *row,
                       const struct contract_entity *entity, const char *topic,
                       const char *template, bool expires)
{
    char id[ID_MAX];
    snprintf(id, sizeof(id), "%s", entity->id ? entity->id : row->path);
    for (char *dot = id; (dot = strchr(dot, '.'));)
        *dot = '_';
    json_t *component = add_component(device, entity->platform, id, entity->name);
    put_class(component, row, entity);
    put(component, "ic", entity->icon);
    put(component, "ent_cat", entity->category);
    if (entity->disabled)
        json_object_set_new(component, "en", json_false());
    put(component, "stat_t", topic);
    put(component, "val_tpl", template);
    if (expires)
        json_object_set_new(component, "exp_aft", json_integer(HOMEASSISTANT_EXPIRE_S));
}

static bool is_published(const struct device *device, const struct contract_row *row)
{
    return !device->runner || device->runner->publish_heart_rate || !privacy_is_heart(row->path);
}

/* inside: "" or the path of the object that the rows are keys of, with a dot behind it */
static void add_entities_of_rows(struct device *device, const struct contract_row *rows, size_t n,
                                 const char *inside, const char *topic, bool expires)
{
    char path[128], template[160];
    for (size_t i = 0; i < n; i++) {
        snprintf(path, sizeof(path), "%s%s.", inside, rows[i].path);
        if (rows[i].type == CONTRACT_GROUP)
            add_entities_of_rows(device, rows[i].rows, rows[i].n_rows, path, topic, expires);
        if (rows[i].type == CONTRACT_NUMBER_MAP || !is_published(device, &rows[i]))
            continue;
        snprintf(template, sizeof(template), "{{ value_json.%s%s }}", inside, rows[i].path);
        for (size_t e = 0; e < CONTRACT_ENTITIES_MAX && rows[i].entities[e].platform; e++) {
            const struct contract_entity *entity = &rows[i].entities[e];
            add_entity(device, &rows[i], entity, topic,
                       entity->template ? entity->template : template, expires);
        }
    }
}

/* All entities of a kind; maps by name are another device's (see add_signal). */
static void add_entities(struct device *device, enum contract_kind kind, const char *topic,
                         bool expires)
{
    size_t n = 0;
    const struct contract_row *rows = contract_rows(kind, &n);
    add_entities_of_rows(device, rows, n, "", topic, expires);
}

/* Signal strengths come in the gateway's `health`, by sensor name; a sensor not heard is not in it. */
static void add_signal(struct device *device, const char *topic, const char *sensor)
{
    size_t n = 0;
    const struct contract_row *rows = contract_rows(CONTRACT_HEALTH, &n);
    for (size_t i = 0; i < n; i++) {
        if (rows[i].type != CONTRACT_NUMBER_MAP || !rows[i].entities[0].platform)
            continue;
        char template[160];
        snprintf(template, sizeof(template), "{{ value_json.%s['%s'] | default(none) }}",
                 rows[i].path, sensor);
        add_entity(device, &rows[i], &rows[i].entities[0], topic, template, false);
    }
}

/* ---- commands ---------------------------------------------------------------------------------------------------- */

static void add_button(struct device *device, const char *id, const char *name, const char *icon,
                       const char *verb, json_t *arguments)
{
    char topic[TOPIC_MAX];
    _cleanup_json_ json_t *owned = arguments;
    _cleanup_free_ char *payload = json_dumps(owned, JSON_COMPACT);
    if (!payload || topic_of(device, TOPIC_REQUEST, verb, topic) < 0)
        return;
    json_t *component = add_component(device, "button", id, name);
    put(component, "ic", icon);
    put(component, "cmd_t", topic);
    put(component, "pl_prs", payload);
    json_object_set_new(component, "qos", json_integer(1));
}

/* The value shown is only what a person has set: a belt's own grade is the 'Incline' sensor's. */
static void add_incline(struct device *device, const char *now_topic)
{
    char topic[TOPIC_MAX], template[160];
    if (topic_of(device, TOPIC_REQUEST, "incline", topic) < 0)
        return;
    json_t *component = add_component(device, "number", "set_incline", "Set incline");
    put(component, "ic", "mdi:slope-downhill");
    put(component, "ent_cat", "config");
    put(component, "unit_of_meas", "%");
    put(component, "mode", "box");
    json_object_set_new(component, "min", json_integer(-INCLINE_MAX));
    json_object_set_new(component, "max", json_integer(INCLINE_MAX));
    json_object_set_new(component, "step", json_real(0.5));
    put(component, "stat_t", now_topic);
    put(component, "val_tpl",
        "{{ value_json.grade_pct if value_json.source.grade == 'incline' else none }}");
    put(component, "cmd_t", topic);
    snprintf(template, sizeof(template), "{\"runner\":\"%s\",\"percent\":{{ value }}}",
             device->runner->id);
    put(component, "cmd_tpl", template);
    json_object_set_new(component, "qos", json_integer(1));
}

static void add_commands(struct device *device, const char *now_topic)
{
    const char *runner = device->runner->id;
    if (device->options->conf->mqtt_commands == CONF_COMMANDS_NONE)
        return;
    add_button(device, "session_begin", "Start session", "mdi:play", "session",
               json_pack("{s:s, s:s}", "do", "start", "runner", runner));
    add_button(device, "session_finish", "Stop session", "mdi:stop", "session",
               json_pack("{s:s, s:s}", "do", "stop", "runner", runner));
    add_incline(device, now_topic);
}

/* A problem where the verdict judges, else unknown: never OFF for want of a verdict. */
static void add_rule(struct device *device, enum rule_id rule, const char *id)
{
    char topic[TOPIC_MAX];
    if (alert_topic_of(device, rule, topic) < 0)
        return;
    json_t *component = add_component(device, "binary_sensor", id, rule_get(rule)->title);
    put(component, "dev_cla", "problem");
    put(component, "stat_t", topic);
    put(component, "val_tpl",
        "{{ 'ON' if value_json.verdict in ['caution', 'warning'] else "
        "'OFF' if value_json.verdict == 'ok' else none }}");
    put(component, "json_attr_t", topic);
}

/* A component that is merely not named any more stays; one reduced to its platform is removed. */
static void remove_component(struct device *device, const char *platform, const char *id)
{
    json_object_set_new(device->components, id, json_pack("{s:s}", "p", platform));
}

static void add_rules(struct device *device)
{
    char id[ID_MAX];
    for (enum rule_id rule = 0; rule < RULES; rule++) {
        snprintf(id, sizeof(id), "rule_%s", rule_get(rule)->id);
        if (conf_rule_is_on(device->options->conf, device->runner, rule))
            add_rule(device, rule, id);
        else
            remove_component(device, "binary_sensor", id);
    }
}

static void add_events(struct device *device, const char *topic)
{
    json_t *component = add_component(device, "event", "event", "Event");
    json_t *types = json_array();
    const char *name;
    for (int kind = 0; (name = event_kind_name((enum event_kind)kind)); kind++)
        json_array_append_new(types, json_string(name));
    put(component, "ic", "mdi:bell-outline");
    json_object_set_new(component, "evt_typ", types);
    put(component, "stat_t", topic);
    put(component, "val_tpl",
        "{{ {'event_type': value_json.kind, 'id': value_json.id, 'at': value_json.at, "
        "'body': value_json.body} | tojson }}");
    json_object_set_new(component, "qos", json_integer(1));
}

/* ---- the three kinds of device -------------------------------------------------------------------------------------- */

static int device_init(struct device *device, const struct homeassistant_options *options)
{
    *device = (struct device){ .options = options };
    int r = gateway_id(options->machine, device->id);
    return r < 0 ? r : topic_of(device, TOPIC_STATUS, NULL, device->status);
}

static int render_gateway(const struct homeassistant_options *options, homeassistant_sink sink,
                          void *userdata)
{
    struct device device;
    char health[TOPIC_MAX];
    int r = device_init(&device, options);
    if (r < 0 || (r = topic_of(&device, TOPIC_HEALTH, NULL, health)) < 0)
        return r;
    const char *name = options->conf->gateway_name;
    json_t *about = device_object(&device, name[0] ? name : options->conf->gateway, "gateway");
    put(about, "sw", options->version);
    r = device_begin(&device, about);
    if (r < 0)
        return r;
    add_entities(&device, CONTRACT_HEALTH, health, false);
    if (options->conf->mqtt_commands != CONF_COMMANDS_NONE)
        add_button(&device, "scan", "Look for sensors", "mdi:bluetooth-audio", "scan",
                   json_pack("{s:i}", "seconds", 10));
    return device_end(&device, sink, userdata);
}

static json_t *sensor_object(const struct device *device, const struct conf_sensor *sensor,
                             const struct payload_sensor *known, const char *via)
{
    char name[CONF_ID_MAX + 8];
    snprintf(name, sizeof(name), "Sensor %s", sensor->name);
    json_t *about = device_object(device, name, "sensor");
    if (known) {
        put(about, "mf", known->manufacturer);
        put(about, "mdl", known->model);
        put(about, "sw", known->firmware);
    }
    put(about, "via_device", via);
    return about;
}

static int render_sensor(const struct homeassistant_options *options, size_t i,
                         homeassistant_sink sink, void *userdata)
{
    const struct conf_sensor *sensor = &options->conf->sensors[i];
    struct device device;
    char address[13], via[ID_MAX], topic[TOPIC_MAX], health[TOPIC_MAX];
    int r = device_init(&device, options);
    if (r < 0 || (r = topic_of(&device, TOPIC_SENSOR, sensor->name, topic)) < 0 ||
        (r = topic_of(&device, TOPIC_HEALTH, NULL, health)) < 0)
        return r;
    snprintf(via, sizeof(via), "%s", device.id);
    address_id(sensor->address, address);
    snprintf(device.id, sizeof(device.id), "%.40s_sensor_%s", via, address);
    const struct payload_sensor *known =
        options->sensor ? options->sensor(options->sensor_userdata, i) : NULL;
    r = device_begin(&device, sensor_object(&device, sensor, known, via));
    if (r < 0)
        return r;
    add_entities(&device, CONTRACT_SENSOR, topic, false);
    add_signal(&device, health, sensor->name);
    return device_end(&device, sink, userdata);
}

static int render_runner(const struct homeassistant_options *options, size_t i,
                         homeassistant_sink sink, void *userdata)
{
    const struct conf_runner *runner = &options->conf->runners[i];
    struct device device;
    char via[ID_MAX], now[TOPIC_MAX], session[TOPIC_MAX], week[TOPIC_MAX], event[TOPIC_MAX];
    int r = device_init(&device, options);
    if (r < 0 || (r = topic_of(&device, TOPIC_NOW, runner->id, now)) < 0 ||
        (r = topic_of(&device, TOPIC_SESSION, runner->id, session)) < 0 ||
        (r = topic_of(&device, TOPIC_WEEK, runner->id, week)) < 0 ||
        (r = topic_of(&device, TOPIC_EVENT, runner->id, event)) < 0)
        return r;
    device.runner = runner;
    snprintf(via, sizeof(via), "%s", device.id);
    snprintf(device.id, sizeof(device.id), "%.40s_runner_%s", via, runner->id);
    const char *name = runner->display_name[0] ? runner->display_name : runner->id;
    json_t *about = device_object(&device, name, "runner");
    put(about, "via_device", via);
    r = device_begin(&device, about);
    if (r < 0)
        return r;
    add_entities(&device, CONTRACT_LIVE, now, true);
    add_entities(&device, CONTRACT_SESSION, session, false);
    add_entities(&device, CONTRACT_WEEK, week, false);
    add_rules(&device);
    add_events(&device, event);
    add_commands(&device, now);
    return device_end(&device, sink, userdata);
}

int homeassistant_render(const struct homeassistant_options *options, homeassistant_sink sink,
                         void *userdata)
{
    const struct conf *conf = options->conf;
    if (!conf->ha_discovery)
        return 0;
    int r = render_gateway(options, sink, userdata);
    for (size_t i = 0; i < conf->n_sensors && r >= 0; i++)
        if (conf->sensors[i].address[0])
            r = render_sensor(options, i, sink, userdata);
    for (size_t i = 0; i < conf->n_runners && r >= 0; i++)
        r = render_runner(options, i, sink, userdata);
    return r < 0 ? r : 0;
}

/* ---- topics of Home Assistant's ---------------------------------------------------------------------------------------- */

int homeassistant_own(const struct conf *conf, const char *machine,
                      char ret_filter[static TOPIC_MAX], char ret_prefix[static TOPIC_MAX])
{
    char id[ID_MAX];
    int r = gateway_id(machine, id);
    if (r < 0)
        return r;
    snprintf(ret_filter, TOPIC_MAX, "%s/device/+/config", conf->ha_prefix);
    snprintf(ret_prefix, TOPIC_MAX, "%s/device/%s", conf->ha_prefix, id);
    return 0;
}

int homeassistant_birth_topic(const struct conf *conf, char ret[static TOPIC_MAX])
{
    snprintf(ret, TOPIC_MAX, "%s/status", conf->ha_prefix);
    return 0;
}

/* A retained one may be days old, and we publish everything on connect anyway. */
bool homeassistant_is_birth(const struct conf *conf, const struct mqtt_message *message)
{
    char topic[TOPIC_MAX];
    homeassistant_birth_topic(conf, topic);
    return conf->ha_discovery && !message->retained && !message->too_long &&
           strcmp(message->topic, topic) == 0 && message->length == 6 &&
           memcmp(message->payload, "online", 6) == 0;
}

uint64_t homeassistant_delay_usec(void)
{
    uint32_t chance = 0;
    if (getrandom(&chance, sizeof(chance), GRND_NONBLOCK) < 0)
        chance = 0;
    return 1000000 + chance % 4000000;
}
