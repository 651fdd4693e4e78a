/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * Home Assistant's discovery: one retained message a device (the gateway, each sensor, each runner)
 * that says which entities it has and where their values are. The entities are made from the rows of
 * lib/contract.h, so that what is announced is what is published.
 *
 * Identity is for ever there, so ids are made of the machine and the sensor's address, never of what a
 * person may rename; only a runner has nothing but an id. Pure: text out, no broker.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "daemon/broker/mqtt.h"
#include "daemon/broker/topics.h"
#include "daemon/commands/table.h"
#include "lib/conf.h"
#include "lib/payload.h"

/* `now` comes each 10 s in a session; entities of it say 'unavailable' when it has stopped. */
#define HOMEASSISTANT_EXPIRE_S 60

struct homeassistant_options {
    const struct conf *conf;
    const char *machine; /* app-specific machine id, hex */
    const char *version;
    /* What is known of a configured sensor (its model); NULL, or may return NULL */
    const struct payload_sensor *(*sensor)(void *userdata, size_t sensor);
    void *sensor_userdata;
    /* The table of what can be asked for; NULL: command_find */
    const struct command *(*command)(const char *verb);
};

/* Called once a device with topic and payload (for topics_set_path); < 0 ends it, and is returned. */
typedef int (*homeassistant_sink)(void *userdata, const char *topic, const char *payload,
                                  size_t length);
int homeassistant_render(const struct homeassistant_options *options, homeassistant_sink sink,
                         void *userdata);

/* One of conf's sensors alone; nothing if it has no device. */
int homeassistant_render_sensor(const struct homeassistant_options *options, size_t sensor,
                                homeassistant_sink sink, void *userdata);

/* For topics_own_paths: the filter of all discovery, and the beginning of every topic that a gateway
 * on that machine makes, also with Discovery=no. */
int homeassistant_own(const struct conf *conf, const char *machine,
                      char ret_filter[static TOPIC_MAX], char ret_prefix[static TOPIC_MAX]);

/* Home Assistant starts: everything has to be said again, after homeassistant_delay_usec (1 to 5 s, by
 * chance, because every gateway hears it at the same moment): see topics_repeat_at. */
int homeassistant_birth_topic(const struct conf *conf,
                              char ret[static TOPIC_MAX]); /* to subscribe to */
/* It says, now, whether it is there. */
bool homeassistant_says(const struct conf *conf, const struct mqtt_message *message,
                        bool *ret_online);
bool homeassistant_is_birth(const struct conf *conf, const struct mqtt_message *message);
uint64_t homeassistant_delay_usec(void);
