/* SPDX-License-Identifier: MIT */
#include "daemon/broker/homeassistant_private.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

/* "AA:BB:CC:DD:EE:FF" to "aabbccddeeff" */
static void address_id(const char *address, char ret[static 13])
{
    size_t n = 0;
    for (; *address && n < 12; address++)
        if (*address != ':')
            ret[n++] = (char)(*address >= 'A' && *address <= 'F' ? *address + 32 : *address);
    ret[n] = '\0';
}

/* ---- the three kinds of device --------------------------------------------------------------- */

static int render_gateway(const struct homeassistant_options *options, homeassistant_sink sink,
                          void *userdata)
{
    struct ha_device device;
    char health[TOPIC_MAX];
    int r = ha_device_init(&device, options);
    if (r < 0 || (r = ha_topic(&device, TOPIC_HEALTH, NULL, health)) < 0)
        return r;
    const char *name = options->conf->gateway_name;
    json_t *about = ha_device_about(&device, name[0] ? name : options->conf->gateway, "gateway");
    ha_put(about, "sw", options->version);
    r = ha_device_begin(&device, about);
    if (r < 0)
        return r;
    ha_add_entities(&device, CONTRACT_HEALTH, health, false);
    ha_add_requests_of_gateway(&device);
    return ha_device_end(&device, sink, userdata);
}

static json_t *sensor_object(struct ha_device *device, const struct conf_sensor *sensor,
                             const struct payload_sensor *known, const char *via)
{
    char name[CONF_ID_MAX + 8];
    snprintf(name, sizeof(name), "Sensor %s", sensor->name);
    json_t *about = ha_device_about(device, name, "sensor");
    ha_device_call(device, name);
    if (known) {
        ha_put(about, "mf", known->manufacturer);
        ha_put(about, "mdl", known->model);
        ha_put(about, "sw", known->firmware);
    }
    ha_put(about, "via_device", via);
    return about;
}

static int render_sensor(const struct homeassistant_options *options, size_t i,
                         homeassistant_sink sink, void *userdata)
{
    const struct conf_sensor *sensor = &options->conf->sensors[i];
    struct ha_device device;
    char address[13], via[HA_ID_MAX], topic[TOPIC_MAX], health[TOPIC_MAX];
    int r = ha_device_init(&device, options);
    if (r < 0 || (r = ha_topic(&device, TOPIC_SENSOR, sensor->name, topic)) < 0 ||
        (r = ha_topic(&device, TOPIC_HEALTH, NULL, health)) < 0)
        return r;
    snprintf(via, sizeof(via), "%s", device.id);
    address_id(sensor->address, address);
    snprintf(device.id, sizeof(device.id), "%.40s_sensor_%s", via, address);
    const struct payload_sensor *known =
        options->sensor ? options->sensor(options->sensor_userdata, i) : NULL;
    r = ha_device_begin(&device, sensor_object(&device, sensor, known, via));
    if (r < 0)
        return r;
    ha_add_entities(&device, CONTRACT_SENSOR, topic, false);
    ha_add_signal(&device, health, sensor->name);
    ha_add_requests_of_sensor(&device, sensor->name);
    return ha_device_end(&device, sink, userdata);
}

static int render_runner(const struct homeassistant_options *options, size_t i,
                         homeassistant_sink sink, void *userdata)
{
    const struct conf_runner *runner = &options->conf->runners[i];
    struct ha_device device;
    char via[HA_ID_MAX], now[TOPIC_MAX], session[TOPIC_MAX], week[TOPIC_MAX], event[TOPIC_MAX];
    int r = ha_device_init(&device, options);
    if (r < 0 || (r = ha_topic(&device, TOPIC_NOW, runner->id, now)) < 0 ||
        (r = ha_topic(&device, TOPIC_SESSION, runner->id, session)) < 0 ||
        (r = ha_topic(&device, TOPIC_WEEK, runner->id, week)) < 0 ||
        (r = ha_topic(&device, TOPIC_EVENT, runner->id, event)) < 0)
        return r;
    device.runner = runner;
    snprintf(via, sizeof(via), "%s", device.id);
    snprintf(device.id, sizeof(device.id), "%.40s_runner_%s", via, runner->id);
    const char *name = runner->display_name[0] ? runner->display_name : runner->id;
    json_t *about = ha_device_about(&device, name, "runner");
    ha_device_call(&device, runner->id);
    ha_put(about, "via_device", via);
    r = ha_device_begin(&device, about);
    if (r < 0)
        return r;
    ha_add_entities(&device, CONTRACT_LIVE, now, true);
    ha_add_entities(&device, CONTRACT_SESSION, session, false);
    ha_add_entities(&device, CONTRACT_WEEK, week, false);
    ha_add_rules(&device);
    ha_add_events(&device, event);
    ha_add_requests_of_runner(&device);
    return ha_device_end(&device, sink, userdata);
}

int homeassistant_render_sensor(const struct homeassistant_options *options, size_t sensor,
                                homeassistant_sink sink, void *userdata)
{
    const struct conf *conf = options->conf;

    if (!conf->ha_discovery || sensor >= conf->n_sensors || !conf->sensors[sensor].address[0])
        return 0;
    return render_sensor(options, sensor, sink, userdata);
}

int homeassistant_render(const struct homeassistant_options *options, homeassistant_sink sink,
                         void *userdata)
{
    const struct conf *conf = options->conf;
    if (!conf->ha_discovery)
        return 0;
    int r = render_gateway(options, sink, userdata);
    for (size_t i = 0; i < conf->n_sensors && r >= 0; i++)
        r = homeassistant_render_sensor(options, i, sink, userdata);
    for (size_t i = 0; i < conf->n_runners && r >= 0; i++)
        r = render_runner(options, i, sink, userdata);
    return r < 0 ? r : 0;
}

/* ---- topics of Home Assistant's -------------------------------------------------------------- */

int homeassistant_own(const struct conf *conf, const char *machine,
                      char ret_filter[static TOPIC_MAX], char ret_prefix[static TOPIC_MAX])
{
    char id[HA_ID_MAX];
    int r = ha_gateway_id(machine, id);
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

static bool is_text(const struct mqtt_message *message, const char *text)
{
    return message->length == strlen(text) && memcmp(message->payload, text, strlen(text)) == 0;
}

/* A retained one may be days old, and we publish everything on connect anyway. */
bool homeassistant_says(const struct conf *conf, const struct mqtt_message *message,
                        bool *ret_online)
{
    char topic[TOPIC_MAX];

    homeassistant_birth_topic(conf, topic);
    if (!conf->ha_discovery || message->retained || message->too_long ||
        strcmp(message->topic, topic) != 0)
        return false;
    *ret_online = is_text(message, "online");
    return *ret_online || is_text(message, "offline");
}

bool homeassistant_is_birth(const struct conf *conf, const struct mqtt_message *message)
{
    bool online;

    return homeassistant_says(conf, message, &online) && online;
}

uint64_t homeassistant_delay_usec(void)
{
    uint32_t chance = 0;
    if (getrandom(&chance, sizeof(chance), GRND_NONBLOCK) < 0)
        chance = 0;
    return 1000000 + chance % 4000000;
}
