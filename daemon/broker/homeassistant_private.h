/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What the files behind homeassistant.h share. Each calls only those below it:
 *   homeassistant.c           which devices there are, with which entities; Home Assistant's own topics
 *   homeassistant_entities.c  the entities of the contract's rows
 *   homeassistant_rules.c     those of the rules and of events
 *   homeassistant_requests.c  what a person can press, set or choose
 *   homeassistant_device.c    one device: its id, its topics, its payload as it is put together
 *
 * What shapes these payloads (and what Home Assistant does if it is done otherwise):
 *
 * - an unknown key in the root, the device or the origin loses the whole payload;
 * - a component without unique_id loses it too; two with one id lose the second;
 * - availability is one topic, the gateway's, at the root: everything is there or nothing is;
 * - not knowing is null in the value, which is 'unknown' there; expire_after is only for what is not
 *   retained, because a retained value would come back to life at their restart;
 * - an enum has options and neither unit nor state class; a number must say min and max;
 * - an event whose template gives nothing is passed over, without a word in the log;
 * - what can be set shows a topic that says what holds: without one it would show what was asked for.
 *
 * An entity is suggested the id that Home Assistant would make of the names anyway, but of a runner's id
 * and not of the name, so that a dashboard fits every household. Cores that do not know the key make one
 * of the names.
 *
 * The short key names are Home Assistant's own abbreviations.
 */
#include <jansson.h>
#include "daemon/broker/homeassistant.h"
#include "daemon/util.h"
#include "lib/contract.h"

#define HA_ID_MAX   96
#define HA_NAME_MAX 96

struct ha_device {
    const struct homeassistant_options *options;
    const struct conf_runner *runner; /* NULL: the device is no runner's */
    char id[HA_ID_MAX];
    char called[HA_ID_MAX]; /* what the ids of its entities begin with */
    char status[TOPIC_MAX];
    json_t *root, *components; /* components borrowed from root */
};

#define _cleanup_json_ _cleanup_(json_decrefp)

/* ---- one device -------------------------------------------------------------------------------- */

/* "strided_0123456789ab" */
int ha_gateway_id(const char *machine, char ret[static HA_ID_MAX]);
/* The gateway's device, until its id says otherwise. */
int ha_device_init(struct ha_device *device, const struct homeassistant_options *options);
/* The entities' ids begin with that name; of the gateway's device with the gateway's. */
void ha_device_call(struct ha_device *device, const char *name);
int ha_topic(const struct ha_device *device, enum topic topic, const char *name,
             char ret[static TOPIC_MAX]);
/* Of a runner's device. */
int ha_topic_of_rule(const struct ha_device *device, const char *rule, char ret[static TOPIC_MAX]);
/* No text, no key. */
void ha_put(json_t *object, const char *key, const char *text);
/* What the payload says the device is; a new reference. */
json_t *ha_device_about(const struct ha_device *device, const char *name, const char *model);
/* Takes `about` over. */
int ha_device_begin(struct ha_device *device, json_t *about);
/* Borrowed from the device. */
json_t *ha_add_component(struct ha_device *device, const char *platform, const char *id,
                         const char *name);
/* The words of a row, as options or kinds of event; a new reference. One that is taken is replaced. */
json_t *ha_words_of(const struct contract_row *row);
/* Home Assistant has this word for what it hears nothing of: a state in it would be none. */
bool ha_is_taken(const char *word);
#define HA_NOT_AVAILABLE "not_available"
/* A component that is merely not named any more stays; one reduced to its platform is removed. */
void ha_remove_component(struct ha_device *device, const char *platform, const char *id);
int ha_device_end(struct ha_device *device, homeassistant_sink sink, void *userdata);

/* ---- its entities ------------------------------------------------------------------------------ */

/* All entities of a kind; maps by name are another device's (see ha_add_signal). */
void ha_add_entities(struct ha_device *device, enum contract_kind kind, const char *topic,
                     bool expires);
/* Signal strengths come in the gateway's `health`, by sensor name; a sensor not heard is not in it. */
void ha_add_signal(struct ha_device *device, const char *topic, const char *sensor);
/* Buttons, numbers, selects and texts: */
void ha_add_requests_of_gateway(struct ha_device *device);
void ha_add_requests_of_sensor(struct ha_device *device, const char *sensor);
void ha_add_requests_of_runner(struct ha_device *device);
/* Of a runner's device: */
void ha_add_rules(struct ha_device *device);
void ha_add_events(struct ha_device *device, const char *topic);
