/* SPDX-License-Identifier: MIT */
#include "daemon/broker/homeassistant_private.h"

#include <stdio.h>
#include <string.h>
#include "daemon/broker/privacy.h"
#include "daemon/util.h"

/* What is shown; decimals are enough for the seconds that Home Assistant writes behind the minutes. */
struct shown {
    const char *unit; /* NULL: none */
    int per;          /* so many of the topic's are one of these */
    int decimals;
};

static struct shown shown_of(const struct contract_row *row, enum contract_shown how)
{
    switch (how) {
    case CONTRACT_SHOWN_WHOLE:
        return (struct shown){ row->unit, 1, 0 };
    case CONTRACT_SHOWN_KM:
        return (struct shown){ "km", 1000, 2 };
    case CONTRACT_SHOWN_MINUTES:
        return (struct shown){ "min", 60, 3 };
    case CONTRACT_SHOWN_HOURS:
        return (struct shown){ "h", 3600, 4 };
    case CONTRACT_SHOWN_AS_PUBLISHED:
        break;
    }
    return (struct shown){ row->unit, 1, row->decimals };
}

/* One entity, as it is put together */
struct making {
    const struct contract_row *row;
    const struct contract_entity *entity;
    const char *topic, *template;
    struct shown shown;
    size_t i; /* of those that the row makes */
    bool expires;
};

static bool is_number(const struct contract_row *row)
{
    return row->type == CONTRACT_NUMBER || row->type == CONTRACT_NUMBERS ||
           row->type == CONTRACT_NUMBER_MAP;
}

static void put_class(json_t *component, const struct making *making)
{
    const struct contract_row *row = making->row;
    const struct contract_entity *entity = making->entity;

    ha_put(component, "dev_cla", entity->device_class);
    if (entity->device_class && strcmp(entity->device_class, "enum") == 0) {
        json_object_set_new(component, "ops", ha_words_of(row));
        return;
    }
    if (strcmp(entity->platform, "sensor") != 0)
        return;
    ha_put(component, "stat_cla", entity->state_class);
    ha_put(component, "unit_of_meas", making->shown.unit);
    if (is_number(row))
        json_object_set_new(component, "sug_dsp_prc", json_integer(making->shown.decimals));
}

static void put_attributes(json_t *component, const struct contract_entity *entity,
                           const char *topic)
{
    if (!entity->attributes)
        return;
    ha_put(component, "json_attr_t", topic);
    ha_put(component, "json_attr_tpl", entity->attributes);
}

static void add_entity(struct ha_device *device, const struct making *making)
{
    const struct contract_entity *entity = making->entity;
    char id[CONTRACT_ENTITY_ID_MAX], name[HA_NAME_MAX];

    contract_entity_id(making->row, entity, making->i, id);
    if (contract_entity_count(making->row) > 1)
        snprintf(name, sizeof(name), "%s %zu", entity->name, making->i + 1);
    else
        snprintf(name, sizeof(name), "%s", entity->name);
    json_t *component = ha_add_component(device, entity->platform, id, name);
    put_class(component, making);
    ha_put(component, "ic", entity->icon);
    ha_put(component, "ent_cat", entity->category);
    if (entity->disabled)
        json_object_set_new(component, "en", json_false());
    ha_put(component, "stat_t", making->topic);
    ha_put(component, "val_tpl", making->template);
    put_attributes(component, entity, making->topic);
    if (making->expires)
        json_object_set_new(component, "exp_aft", json_integer(HOMEASSISTANT_EXPIRE_S));
}

static void remove_entity(struct ha_device *device, const struct making *making)
{
    char id[CONTRACT_ENTITY_ID_MAX];

    contract_entity_id(making->row, making->entity, making->i, id);
    ha_remove_component(device, making->entity->platform, id);
}

/* What is kept from the broker has no entity, nor has what only a rule could tell that is off. */
static bool is_published(const struct ha_device *device, const struct contract_row *row,
                         const struct contract_entity *entity)
{
    if (!device->runner)
        return true;
    if (!device->runner->publish_heart_rate && privacy_is_heart(row->path))
        return false;
    return !entity->rule ||
           conf_rule_is_on(device->options->conf, device->runner, rule_by_name(entity->rule));
}

static const char *taken_word_of(const struct contract_row *row)
{
    const char *word;

    for (size_t i = 0; (word = contract_word(row, i)); i++)
        if (ha_is_taken(word))
            return word;
    return NULL;
}

/* path: of the value in the payload */
static void write_template(const struct making *making, const char *path, char *ret, size_t size)
{
    const char *taken = taken_word_of(making->row);

    if (taken)
        snprintf(ret, size,
                 "{%% set v = value_json.%s %%}{{ '" HA_NOT_AVAILABLE "' if v == '%s' else v }}",
                 path, taken);
    else if (making->shown.per != 1)
        snprintf(ret, size, "{%% set v = value_json.%s %%}{{ v / %d if v is number else none }}",
                 path, making->shown.per);
    else
        snprintf(ret, size, "{{ value_json.%s }}", path);
}

/* inside: "" or the path of the object that the row is a key of, with a dot behind it */
static void add_entities_of_row(struct ha_device *device, struct making making, const char *inside)
{
    char path[160], template[256], index[24] = "";

    for (size_t e = 0; e < CONTRACT_ENTITIES_MAX && making.row->entities[e].platform; e++) {
        making.entity = &making.row->entities[e];
        for (making.i = 0; making.i < contract_entity_count(making.row); making.i++) {
            if (making.row->type == CONTRACT_NUMBERS)
                snprintf(index, sizeof(index), "[%zu]", making.i);
            snprintf(path, sizeof(path), "%s%s%s", inside, making.row->path, index);
            making.shown = shown_of(making.row, making.entity->shown);
            write_template(&making, path, template, sizeof(template));
            making.template = making.entity->template ? making.entity->template : template;
            if (is_published(device, making.row, making.entity))
                add_entity(device, &making);
            else
                remove_entity(device, &making);
        }
    }
}

static void add_entities_of_rows(struct ha_device *device, const struct contract_row *rows,
                                 size_t n, const char *inside, const char *topic, bool expires)
{
    char path[128];

    for (size_t i = 0; i < n; i++) {
        snprintf(path, sizeof(path), "%s%s.", inside, rows[i].path);
        if (rows[i].type == CONTRACT_GROUP)
            add_entities_of_rows(device, rows[i].rows, rows[i].n_rows, path, topic, expires);
        if (rows[i].type != CONTRACT_NUMBER_MAP)
            add_entities_of_row(
                device, (struct making){ .row = &rows[i], .topic = topic, .expires = expires },
                inside);
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
        add_entity(device,
                   &(struct making){ .row = &rows[i],
                                     .entity = &rows[i].entities[0],
                                     .topic = topic,
                                     .template = template,
                                     .shown = shown_of(&rows[i], rows[i].entities[0].shown) });
    }
}
