/* SPDX-License-Identifier: MIT */
#pragma once
/* What a link is made with: our own copy of the options, and the same as Paho wants to have them. */
#include <MQTTAsync.h>
#include "daemon/broker/paho/paho.h"

#define PAHO_IN_FLIGHT_MAX 64 /* QoS 1 messages on the wire; the broker may allow less */

struct paho_settings {
    struct paho_target target;
    bool v311;
    char *client_id, *username, *password, *ca_file, *client_cert, *client_key, *will_topic,
        *will_payload;
};
int paho_settings_copy(struct paho_settings *ret, const struct paho_target *target,
                       const struct mqtt_options *options);
void paho_settings_done(struct paho_settings *settings); /* wipes the password */

void paho_settings_uri(const struct paho_settings *settings, char *ret, size_t size);
/* These point into settings; callbacks and context are the caller's to add. */
MQTTAsync_SSLOptions paho_settings_tls(const struct paho_settings *settings);
MQTTAsync_willOptions paho_settings_will(const struct paho_settings *settings);
/* will and tls: the two above, used if there is a will, and TLS. MQTT 5: properties are filled, to be
 * freed by MQTTProperties_free. */
MQTTAsync_connectOptions paho_settings_connect(const struct paho_settings *settings,
                                               MQTTAsync_willOptions *will,
                                               MQTTAsync_SSLOptions *tls,
                                               MQTTProperties *properties);
/* What travels with a message; MQTT 5 only. */
void paho_message_properties(const struct mqtt_publish *message, MQTTProperties *properties);
