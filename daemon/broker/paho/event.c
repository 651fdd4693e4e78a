/* SPDX-License-Identifier: MIT */
/*
 * Pure: no thread, no lock, no call of Paho's; paho.c does all of that around it.
 */
#include "daemon/broker/paho/event.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/broker/packed.h"
#include "daemon/util.h"

void paho_events_init(struct paho_events *events)
{
    events->first = NULL;
    events->end = &events->first;
}

void paho_events_add(struct paho_events *events, struct paho_event *event)
{
    *events->end = event;
    events->end = &event->next;
}

struct paho_event *paho_events_take(struct paho_events *events)
{
    struct paho_event *all = events->first;

    paho_events_init(events);
    return all;
}

/* Out of memory ends the process: an answer that never comes would be a message that is never told. */
struct paho_event *paho_event_new(enum paho_event_kind kind, int code, int reason, const char *text)
{
    struct paho_event *event = calloc(1, sizeof(*event));
    if (!event)
        abort();
    event->kind = kind;
    event->code = code;
    event->reason = reason;
    snprintf(event->text, sizeof(event->text), "%s", text ? text : "");
    return event;
}

static const MQTTProperty *find_property(const MQTTAsync_message *message,
                                         enum MQTTPropertyCodes code)
{
    if (message->struct_version < 1)
        return NULL;
    for (int i = 0; i < message->properties.count; i++)
        if (message->properties.array[i].identifier == code)
            return &message->properties.array[i];
    return NULL;
}

static MQTTLenString property_bytes(const MQTTAsync_message *message, enum MQTTPropertyCodes code)
{
    const MQTTProperty *property = find_property(message, code);
    return property ? property->value.data : (MQTTLenString){ 0, NULL };
}

struct paho_event *paho_event_of_message(const char *topic, size_t topic_length,
                                         const MQTTAsync_message *message)
{
    MQTTLenString response = property_bytes(message, MQTTPROPERTY_CODE_RESPONSE_TOPIC);
    MQTTLenString correlation = property_bytes(message, MQTTPROPERTY_CODE_CORRELATION_DATA);
    size_t length = message->payloadlen > 0 ? (size_t)message->payloadlen : 0;
    bool too_long = length > MQTT_PAYLOAD_MAX;
    size_t kept = too_long ? 0 : length;
    struct paho_event *event = calloc(1, sizeof(*event) + topic_length + kept +
                                             (size_t)response.len + (size_t)correlation.len + 4);
    if (!event)
        return NULL;
    char *at = (char *)(event + 1);
    event->kind = PAHO_MESSAGE;
    event->message.topic = packed_append(&at, topic, topic_length);
    event->message.payload = packed_append(&at, message->payload, kept);
    event->message.length = length;
    event->message.too_long = too_long;
    event->message.retained = message->retained;
    if (response.len > 0)
        event->message.response_topic = packed_append(&at, response.data, (size_t)response.len);
    if (correlation.data) {
        event->message.correlation_data =
            packed_append(&at, correlation.data, (size_t)correlation.len);
        event->message.correlation_length = (size_t)correlation.len;
    }
    return event;
}

/* OpenSSL's line is "thread:error:code:library:function:reason:file:line:"; people want the reason. */
const char *paho_tls_reason(const char *text, int *ret_length)
{
    const char *reason = text;
    for (int colons = 0; reason && colons < 5; colons++) {
        reason = strchr(reason, ':');
        reason = reason ? reason + 1 : NULL;
    }
    reason = reason ? reason : text;
    *ret_length = (int)strcspn(reason, reason == text ? "\r\n" : ":\r\n");
    return reason;
}
