/* SPDX-License-Identifier: MIT */
#include "daemon/broker/homeassistant_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/util.h"

#define MACHINE_SHORT 12 /* hex digits of the machine id in our ids */

/* ---- ids and topics -------------------------------------------------------------------------- */

int ha_gateway_id(const char *machine, char ret[static HA_ID_MAX])
{
    if (strlen(machine) < MACHINE_SHORT || strspn(machine, "0123456789abcdef") < MACHINE_SHORT)
        return -EINVAL;
    snprintf(ret, HA_ID_MAX, "strided_%.*s", MACHINE_SHORT, machine);
    return 0;
}

int ha_topic(const struct ha_device *device, enum topic topic, const char *name,
             char ret[static TOPIC_MAX])
{
    const struct conf *conf = device->options->conf;
    return topics_format(ret, conf->mqtt_root, conf->gateway, topic, name, NULL);
}

int ha_topic_of_rule(const struct ha_device *device, const char *rule, char ret[static TOPIC_MAX])
{
    const struct conf *conf = device->options->conf;

    return topics_format(ret, conf->mqtt_root, conf->gateway, TOPIC_ALERT, device->runner->id,
                         rule);
}

/* As Home Assistant makes an entity id of a name: "Week: distance" is "week_distance". */
static void slug(const char *name, char *ret, size_t size)
{
    size_t n = 0;

    for (; *name && n + 1 < size; name++) {
        bool word = (*name >= 'a' && *name <= 'z') || (*name >= '0' && *name <= '9');
        bool upper = *name >= 'A' && *name <= 'Z';

        if (word || upper)
            ret[n++] = (char)(upper ? *name + 32 : *name);
        else if (n > 0 && ret[n - 1] != '_')
            ret[n++] = '_';
    }
    ret[n > 0 && ret[n - 1] == '_' ? n - 1 : n] = '\0';
}

void ha_device_call(struct ha_device *device, const char *name)
{
    slug(name, device->called, sizeof(device->called));
}

int ha_device_init(struct ha_device *device, const struct homeassistant_options *options)
{
    *device = (struct ha_device){ .options = options };
    ha_device_call(device, options->conf->gateway);
    int r = ha_gateway_id(options->machine, device->id);
    return r < 0 ? r : ha_topic(device, TOPIC_STATUS, NULL, device->status);
}

/* ---- the payload ----------------------------------------------------------------------------- */

void ha_put(json_t *object, const char *key, const char *text)
{
    if (text && text[0])
        json_object_set_new(object, key, json_string(text));
}

json_t *ha_device_about(const struct ha_device *device, const char *name, const char *model)
{
    json_t *object = json_object();
    json_object_set_new(object, "ids", json_pack("[s]", device->id));
    ha_put(object, "name", name);
    ha_put(object, "mf", "strided");
    ha_put(object, "mdl", model);
    return object;
}

int ha_device_begin(struct ha_device *device, json_t *about)
{
    device->components = json_object();
    device->root =
        json_pack("{s:o, s:{s:s, s:s}, s:s, s:o}", "dev", about, "o", "name", "strided", "sw",
                  device->options->version, "avty_t", device->status, "cmps", device->components);
    return device->root ? 0 : -ENOMEM;
}

int ha_device_end(struct ha_device *device, homeassistant_sink sink, void *userdata)
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

json_t *ha_add_component(struct ha_device *device, const char *platform, const char *id,
                         const char *name)
{
    char unique_id[2 * HA_ID_MAX], words[HA_NAME_MAX], entity_id[3 * HA_ID_MAX];
    json_t *component = json_object();
    snprintf(unique_id, sizeof(unique_id), "%s_%s", device->id, id);
    ha_put(component, "p", platform);
    ha_put(component, "uniq_id", unique_id);
    ha_put(component, "name", name);
    slug(name, words, sizeof(words));
    snprintf(entity_id, sizeof(entity_id), "%s.%s_%s", platform, device->called, words);
    ha_put(component, "def_ent_id", entity_id);
    json_object_set_new(device->components, id, component);
    return component;
}

json_t *ha_words_of(const struct contract_row *row)
{
    json_t *words = json_array();
    const char *word;

    for (size_t i = 0; (word = contract_word(row, i)); i++)
        json_array_append_new(words, json_string(ha_is_taken(word) ? HA_NOT_AVAILABLE : word));
    return words;
}

bool ha_is_taken(const char *word)
{
    return strcmp(word, "unavailable") == 0;
}

void ha_remove_component(struct ha_device *device, const char *platform, const char *id)
{
    json_object_set_new(device->components, id, json_pack("{s:s}", "p", platform));
}
