/* SPDX-License-Identifier: MIT */
/* What is judged of a runner, and what happens to one. */
#include "daemon/broker/homeassistant_private.h"

#include <stdio.h>
#include <string.h>

/* ---- one rule ---------------------------------------------------------------------------------- */

struct ruling { /* a rule that is on, and where it is told */
    const struct rule *rule;
    char topic[TOPIC_MAX];
};

static void id_of(const char *what, const struct rule *rule, char ret[static HA_ID_MAX])
{
    snprintf(ret, HA_ID_MAX, "%s_%s", what, rule->id);
}

static const struct contract_row *row_of(enum contract_kind kind, const char *path)
{
    size_t n = 0;
    const struct contract_row *rows = contract_rows(kind, &n);

    for (size_t i = 0; i < n; i++)
        if (strcmp(rows[i].path, path) == 0)
            return &rows[i];
    return NULL;
}

/* A problem where the verdict judges, else unknown: never OFF for want of a verdict. */
static void add_problem(struct ha_device *device, const struct ruling *ruling, const char *id)
{
    json_t *component = ha_add_component(device, "binary_sensor", id, ruling->rule->title);

    ha_put(component, "dev_cla", "problem");
    ha_put(component, "stat_t", ruling->topic);
    ha_put(component, "val_tpl",
           "{{ 'ON' if value_json.verdict in ['caution', 'warning'] else "
           "'OFF' if value_json.verdict == 'ok' else none }}");
    ha_put(component, "json_attr_t", ruling->topic);
}

/* Which of the two it is, and for want of what there is none. */
static void add_verdict(struct ha_device *device, const struct ruling *ruling, const char *id)
{
    char name[HA_NAME_MAX];

    snprintf(name, sizeof(name), "%s: verdict", ruling->rule->title);
    json_t *component = ha_add_component(device, "sensor", id, name);
    ha_put(component, "dev_cla", "enum");
    json_object_set_new(component, "ops", ha_words_of(row_of(CONTRACT_ALERT, "verdict")));
    ha_put(component, "ic", "mdi:scale-balance");
    ha_put(component, "stat_t", ruling->topic);
    ha_put(component, "val_tpl", "{{ value_json.verdict }}");
}

/* As those of the week are shown, which are of the contract. */
static const struct left {
    const char *name, *unit, *template;
    int decimals;
} left_distance = { "Left in one run: distance", "km",
                    "{% set v = value_json.left_today %}{{ v / 1000 if v is number else none }}",
                    2 },
  left_descent = { "Left in one run: descent", "m", "{{ value_json.left_today }}", 0 };

/* Of a run no topic but the rule's own says how far it may go; of a week it is in `week`. */
static void add_left(struct ha_device *device, const struct ruling *ruling, const char *id)
{
    const struct left *left = ruling->rule->spike == SPIKE_DROP_M ? &left_descent : &left_distance;
    json_t *component = ha_add_component(device, "sensor", id, left->name);

    ha_put(component, "dev_cla", "distance");
    ha_put(component, "stat_cla", "measurement");
    ha_put(component, "unit_of_meas", left->unit);
    json_object_set_new(component, "sug_dsp_prc", json_integer(left->decimals));
    ha_put(component, "ic", "mdi:gauge");
    ha_put(component, "stat_t", ruling->topic);
    ha_put(component, "val_tpl", left->template);
}

static void add_rule(struct ha_device *device, enum rule_id id)
{
    struct ruling ruling = { .rule = rule_get(id) };
    bool on = conf_rule_is_on(device->options->conf, device->runner, id) &&
              ha_topic_of_rule(device, ruling.rule->id, ruling.topic) >= 0;
    const struct {
        const char *what, *platform;
        void (*add)(struct ha_device *device, const struct ruling *ruling, const char *id);
    } entities[] = {
        { "rule", "binary_sensor", add_problem },
        { "verdict", "sensor", add_verdict },
        { "left", "sensor", ruling.rule->family == RULE_OF_RUN ? add_left : NULL },
    };

    for (size_t i = 0; i < ELEMENTSOF(entities); i++) {
        char entity[HA_ID_MAX];

        if (!entities[i].add)
            continue;
        id_of(entities[i].what, ruling.rule, entity);
        if (on)
            entities[i].add(device, &ruling, entity);
        else
            ha_remove_component(device, entities[i].platform, entity);
    }
}

void ha_add_rules(struct ha_device *device)
{
    for (enum rule_id rule = 0; rule < RULES; rule++)
        add_rule(device, rule);
}

/* ---- events ------------------------------------------------------------------------------------ */

/* One that never comes would be offered there as a trigger that never fires. */
static json_t *kinds_that_are_sent(void)
{
    json_t *kinds = json_array();

    for (enum event_kind kind = 0; event_kind_name(kind); kind++)
        if (event_kind_is_sent(kind))
            json_array_append_new(kinds, json_string(event_kind_name(kind)));
    return kinds;
}

static json_t *kinds_of_sessions(void)
{
    return json_pack("[s, s, s]", event_kind_name(EVENT_SESSION_START),
                     event_kind_name(EVENT_SESSION_END), event_kind_name(EVENT_RETRACTED));
}

static json_t *news_of_alerts(void)
{
    return ha_words_of(row_of(CONTRACT_NOTICE, "news"));
}

static json_t *verdicts_on_files(void)
{
    return ha_words_of(row_of(CONTRACT_IMPORT, "verdict"));
}

/* All come by one topic. Where the template gives nothing, Home Assistant passes the message over. */
#define FOR_OTHERS_NOTHING(condition, object)                                                      \
    "{% if " condition " %}{{ dict(" object ", at=value_json.at, event_id=value_json.id) | "       \
    "tojson }}{% endif %}"

static const struct {
    const char *id, *name, *icon;
    json_t *(*types)(void);
    const char *template;
} event_rows[] = {
    { "event", "Event", "mdi:bell-outline", kinds_that_are_sent,
      "{{ {'event_type': value_json.kind, 'id': value_json.id, 'at': value_json.at, "
      "'body': value_json.body} | tojson }}" },
    { "event_session", "Session", "mdi:run", kinds_of_sessions,
      FOR_OTHERS_NOTHING("value_json.kind in ['session_start', 'session_end', 'retracted']",
                         "value_json.body, event_type=value_json.kind") },
    { "event_alert", "Alert", "mdi:alert-outline", news_of_alerts,
      FOR_OTHERS_NOTHING("value_json.kind == 'alert' and value_json.body.alert is defined",
                         "value_json.body.alert, event_type=value_json.body.news") },
    { "event_import", "Import", "mdi:file-import-outline", verdicts_on_files,
      FOR_OTHERS_NOTHING("value_json.kind == 'import' and value_json.body.verdict is defined",
                         "value_json.body, event_type=value_json.body.verdict") },
};

void ha_add_events(struct ha_device *device, const char *topic)
{
    for (size_t i = 0; i < ELEMENTSOF(event_rows); i++) {
        json_t *component = ha_add_component(device, "event", event_rows[i].id, event_rows[i].name);

        ha_put(component, "ic", event_rows[i].icon);
        json_object_set_new(component, "evt_typ", event_rows[i].types());
        ha_put(component, "stat_t", topic);
        ha_put(component, "val_tpl", event_rows[i].template);
        json_object_set_new(component, "qos", json_integer(1));
    }
}
