/* SPDX-License-Identifier: MIT */
/*
 * Pure: no thread, no lock, no call of Paho's but those that fill a list of properties.
 */
#include "daemon/broker/paho/settings.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/util.h"

#define KEEP_ALIVE_S      30
#define CONNECT_TIMEOUT_S 15
#define PACKET_MAX        1048576 /* larger ones the broker shall keep: we would only drop them */

/* ---- ours -------------------------------------------------------------------------------------- */

static int copy_text(char **ret, const char *text)
{
    if (!text)
        return 0;
    *ret = strdup(text);
    return *ret ? 0 : -ENOMEM;
}

int paho_settings_copy(struct paho_settings *ret, const struct paho_target *target,
                       const struct mqtt_options *options)
{
    int r = copy_text(&ret->client_id, options->client_id);
    r = r < 0 ? r : copy_text(&ret->username, options->username);
    r = r < 0 ? r : copy_text(&ret->password, options->password);
    r = r < 0 ? r : copy_text(&ret->ca_file, options->ca_file);
    r = r < 0 ? r : copy_text(&ret->client_cert, options->client_cert);
    r = r < 0 ? r : copy_text(&ret->client_key, options->client_key);
    r = r < 0 ? r : copy_text(&ret->will_topic, options->will_topic);
    r = r < 0 ? r : copy_text(&ret->will_payload, options->will_payload);
    ret->target = *target;
    ret->v311 = options->v311;
    return r;
}

void paho_settings_done(struct paho_settings *settings)
{
    if (settings->password)
        explicit_bzero(settings->password, strlen(settings->password));
    free(settings->client_id);
    free(settings->username);
    free(settings->password);
    free(settings->ca_file);
    free(settings->client_cert);
    free(settings->client_key);
    free(settings->will_topic);
    free(settings->will_payload);
}

/* ---- Paho's ------------------------------------------------------------------------------------ */

void paho_settings_uri(const struct paho_settings *settings, char *ret, size_t size)
{
    const struct paho_target *target = &settings->target;
    bool v6 = strchr(target->host, ':') != NULL;

    snprintf(ret, size, "%s://%s%s%s:%d", target->tls ? "ssl" : "tcp", v6 ? "[" : "", target->host,
             v6 ? "]" : "", target->port);
}

MQTTAsync_SSLOptions paho_settings_tls(const struct paho_settings *settings)
{
    MQTTAsync_SSLOptions tls = MQTTAsync_SSLOptions_initializer;

    tls.enableServerCertAuth = 1;
    tls.verify = 1; /* without it any certificate of a known CA would do, whatever name it bears */
    tls.sslVersion = MQTT_SSL_VERSION_TLS_1_2;
    tls.trustStore = settings->ca_file;
    tls.disableDefaultTrustStore = settings->ca_file != NULL;
    tls.keyStore = settings->client_cert;
    tls.privateKey = settings->client_key;
    tls.privateKeyPassword = ""; /* with NULL OpenSSL would ask the terminal, and wait */
    return tls;
}

MQTTAsync_willOptions paho_settings_will(const struct paho_settings *settings)
{
    MQTTAsync_willOptions will = MQTTAsync_willOptions_initializer;

    will.topicName = settings->will_topic;
    will.message = settings->will_payload;
    will.retained = 1;
    will.qos = 1;
    return will;
}

static void add_integer(MQTTProperties *properties, enum MQTTPropertyCodes code, unsigned value)
{
    MQTTProperty property = { .identifier = code };
    if (code == MQTTPROPERTY_CODE_RECEIVE_MAXIMUM)
        property.value.integer2 = (unsigned short)value;
    else
        property.value.integer4 = value;
    MQTTProperties_add(properties, &property);
}

static MQTTAsync_connectOptions connect_311(void)
{
    MQTTAsync_connectOptions options = MQTTAsync_connectOptions_initializer;

    options.MQTTVersion = MQTTVERSION_3_1_1;
    options.cleansession = 1;
    return options;
}

static MQTTAsync_connectOptions connect_5(MQTTProperties *properties)
{
    MQTTAsync_connectOptions options = MQTTAsync_connectOptions_initializer5;

    options.cleanstart = 1;
    add_integer(properties, MQTTPROPERTY_CODE_SESSION_EXPIRY_INTERVAL, 0);
    add_integer(properties, MQTTPROPERTY_CODE_RECEIVE_MAXIMUM, PAHO_IN_FLIGHT_MAX);
    add_integer(properties, MQTTPROPERTY_CODE_MAXIMUM_PACKET_SIZE, PACKET_MAX);
    options.connectProperties = properties;
    return options;
}

MQTTAsync_connectOptions paho_settings_connect(const struct paho_settings *settings,
                                               MQTTAsync_willOptions *will,
                                               MQTTAsync_SSLOptions *tls,
                                               MQTTProperties *properties)
{
    MQTTAsync_connectOptions options = settings->v311 ? connect_311() : connect_5(properties);

    options.will = settings->will_topic ? will : NULL;
    options.ssl = settings->target.tls ? tls : NULL;
    options.username = settings->username;
    options.password = settings->password;
    options.keepAliveInterval = KEEP_ALIVE_S;
    options.connectTimeout = CONNECT_TIMEOUT_S;
    options.maxInflight = PAHO_IN_FLIGHT_MAX;
    options.automaticReconnect = 0;
    return options;
}

void paho_message_properties(const struct mqtt_publish *message, MQTTProperties *properties)
{
    if (message->expiry_s)
        add_integer(properties, MQTTPROPERTY_CODE_MESSAGE_EXPIRY_INTERVAL, message->expiry_s);
    if (!message->correlation_data)
        return;
    MQTTProperty property = { .identifier = MQTTPROPERTY_CODE_CORRELATION_DATA };
    property.value.data.data = (char *)message->correlation_data;
    property.value.data.len = (int)message->correlation_length;
    MQTTProperties_add(properties, &property);
}
