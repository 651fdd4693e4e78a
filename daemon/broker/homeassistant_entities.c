/* SPDX-License-Identifier: MIT */
#include "daemon/broker/homeassistant_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/broker/privacy.h"
#include "daemon/util.h"

#define INCLINE_MAX 45

/* ---- of the rows of the contract ------------------------------------------------------------- */

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
    ha_put(component, "dev_cla", entity->device_class);
    if (entity->device_class && strcmp(entity->device_class, "enum") == 0) {
        json_object_set_new(component, "ops", options_of(row));
        return;
    }
    if (strcmp(entity->platform, "sensor") != 0)
        return;
    bool number = row->type == CONTRACT_NUMBER || row->type == CONTRACT_NUMBER_MAP;
    ha_put(component, "stat_cla", entity->state_class);
    ha_put(component, "unit_of_meas", row->unit);
    if (number)
        json_object_set_new(component, "sug_dsp_prc", json_integer(row->decimals));
}

static void add_entity(struct ha_device *device, const struct contract_row *row,
                       const struct contract_entity *entity, const char *topic,
                       const char *template, bool expires)
{
    char id[CONTRACT_ENTITY_ID_MAX];
    contract_entity_id(row, entity, id);
    json_t *component = ha_add_component(device, entity->platform, id, entity->name);
    put_class(component, row, entity);
    ha_put(component, "ic", entity->icon);
    ha_put(component, "ent_cat", entity->category);
    if (entity->disabled)
        json_object_set_new(component, "en", json_false());
    ha_put(component, "stat_t", topic);
    ha_put(component, "val_tpl", template);
    if (expires)
        json_object_set_new(component, "exp_aft", json_integer(HOMEASSISTANT_EXPIRE_S));
}

static bool is_published(const struct ha_device *device, const struct contract_row *row)
{
    return !device->runner || device->runner->publish_heart_rate || !privacy_is_heart(row->path);
}

static void remove_entity(struct ha_device *device, const struct contract_row *row,
                          const struct contract_entity *entity)
{
    char id[CONTRACT_ENTITY_ID_MAX];
    contract_entity_id(row, entity, id);
    ha_remove_component(device, entity->platform, id);
}

/* inside: "" or the path of the object that the rows are keys of, with a dot behind it */
static void add_entities_of_rows(struct ha_device *device, const struct contract_row *rows,
                                 size_t n, const char *inside, const char *topic, bool expires)
{
    char path[128], template[160];
    for (size_t i = 0; i < n; i++) {
        snprintf(path, sizeof(path), "%s%s.", inside, rows[i].path);
        if (rows[i].type == CONTRACT_GROUP)
            add_entities_of_rows(device, rows[i].rows, rows[i].n_rows, path, topic, expires);
        if (rows[i].type == CONTRACT_NUMBER_MAP)
            continue;
        snprintf(template, sizeof(template), "{{ value_json.%s%s }}", inside, rows[i].path);
        for (size_t e = 0; e < CONTRACT_ENTITIES_MAX && rows[i].entities[e].platform; e++) {
            const struct contract_entity *entity = &rows[i].entities[e];
            if (is_published(device, &rows[i]))
                add_entity(device, &rows[i], entity, topic,
                           entity->template ? entity->template : template, expires);
            else
                remove_entity(device, &rows[i], entity);
        }
    }
}

void ha_add_entities(struct ha_device *device, enum contract_kind kind, const char *topic,
                     bool expires)
{
    size_t n = 0;
    const struct contract_row *rows = contract_rows(kind, &n);
    add_entities_of_rows(device, rows, n, "", topic, expires);
}

void ha_add_signal(struct ha_device *device, const char *topic, const char *sensor)
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

/* ---- commands -------------------------------------------------------------------------------- */

void ha_add_button(struct ha_device *device, const char *id, const char *name, const char *icon,
                   const char *verb, json_t *arguments)
{
    char topic[TOPIC_MAX];
    _cleanup_json_ json_t *owned = arguments;
    _cleanup_free_ char *payload = json_dumps(owned, JSON_COMPACT);
    if (!payload || ha_topic(device, TOPIC_REQUEST, verb, topic) < 0)
        return;
    json_t *component = ha_add_component(device, "button", id, name);
    ha_put(component, "ic", icon);
    ha_put(component, "cmd_t", topic);
    ha_put(component, "pl_prs", payload);
    json_object_set_new(component, "qos", json_integer(1));
}

/* The value shown is only what a person has set: a belt's own grade is the 'Incline' sensor's. */
static void add_incline(struct ha_device *device, const char *now_topic)
{
    char topic[TOPIC_MAX], template[160];
    if (ha_topic(device, TOPIC_REQUEST, "incline", topic) < 0)
        return;
    json_t *component = ha_add_component(device, "number", "set_incline", "Set incline");
    ha_put(component, "ic", "mdi:slope-downhill");
    ha_put(component, "ent_cat", "config");
    ha_put(component, "unit_of_meas", "%");
    ha_put(component, "mode", "box");
    json_object_set_new(component, "min", json_integer(-INCLINE_MAX));
    json_object_set_new(component, "max", json_integer(INCLINE_MAX));
    json_object_set_new(component, "step", json_real(0.5));
    ha_put(component, "stat_t", now_topic);
    ha_put(component, "val_tpl",
           "{{ value_json.grade_pct if value_json.source.grade == 'incline' else none }}");
    ha_put(component, "cmd_t", topic);
    snprintf(template, sizeof(template), "{\"runner\":\"%s\",\"percent\":{{ value }}}",
             device->runner->id);
    ha_put(component, "cmd_tpl", template);
    json_object_set_new(component, "qos", json_integer(1));
}

void ha_add_commands(struct ha_device *device, const char *now_topic)
{
    const char *runner = device->runner->id;
    if (device->options->conf->mqtt_commands == CONF_COMMANDS_NONE) {
        ha_remove_component(device, "button", "session_begin");
        ha_remove_component(device, "button", "session_finish");
        ha_remove_component(device, "number", "set_incline");
        return;
    }
    ha_add_button(device, "session_begin", "Start session", "mdi:play", "session",
                  json_pack("{s:s, s:s}", "do", "start", "runner", runner));
    ha_add_button(device, "session_finish", "Stop session", "mdi:stop", "session",
                  json_pack("{s:s, s:s}", "do", "stop", "runner", runner));
    add_incline(device, now_topic);
}

/* ---- rules and events ------------------------------------------------------------------------ */

static int alert_topic_of(const struct ha_device *device, enum rule_id rule,
                          char ret[static TOPIC_MAX])
{
    const struct conf *conf = device->options->conf;
    return topics_format(ret, conf->mqtt_root, conf->gateway, TOPIC_ALERT, device->runner->id,
                         rule_get(rule)->id);
}

/* A problem where the verdict judges, else unknown: never OFF for want of a verdict. */
static void add_rule(struct ha_device *device, enum rule_id rule, const char *id)
{
    char topic[TOPIC_MAX];
    if (alert_topic_of(device, rule, topic) < 0)
        return;
    json_t *component = ha_add_component(device, "binary_sensor", id, rule_get(rule)->title);
    ha_put(component, "dev_cla", "problem");
    ha_put(component, "stat_t", topic);
    ha_put(component, "val_tpl",
           "{{ 'ON' if value_json.verdict in ['caution', 'warning'] else "
           "'OFF' if value_json.verdict == 'ok' else none }}");
    ha_put(component, "json_attr_t", topic);
}

void ha_add_rules(struct ha_device *device)
{
    char id[HA_ID_MAX];
    for (enum rule_id rule = 0; rule < RULES; rule++) {
        snprintf(id, sizeof(id), "rule_%s", rule_get(rule)->id);
        if (conf_rule_is_on(device->options->conf, device->runner, rule))
            add_rule(device, rule, id);
        else
            ha_remove_component(device, "binary_sensor", id);
    }
}

void ha_add_events(struct ha_device *device, const char *topic)
{
    json_t *component = ha_add_component(device, "event", "event", "Event");
    json_t *types = json_array();
    const char *name;
    for (int kind = 0; (name = event_kind_name((enum event_kind)kind)); kind++)
        json_array_append_new(types, json_string(name));
    ha_put(component, "ic", "mdi:bell-outline");
    json_object_set_new(component, "evt_typ", types);
    ha_put(component, "stat_t", topic);
    ha_put(component, "val_tpl",
           "{{ {'event_type': value_json.kind, 'id': value_json.id, 'at': value_json.at, "
           "'body': value_json.body} | tojson }}");
    json_object_set_new(component, "qos", json_integer(1));
}
