/* SPDX-License-Identifier: MIT */
#pragma once
/* What Paho tells, as the loop gets it: copies, because what Paho hands to a callback is gone after it. */
#include <MQTTAsync.h>
#include "daemon/broker/paho/paho.h"

struct paho_events { /* in order */
    struct paho_event *first, **end;
};
void paho_events_init(struct paho_events *events);
void paho_events_add(struct paho_events *events, struct paho_event *event);
struct paho_event *paho_events_take(struct paho_events *events); /* all of them */

/* Never NULL. */
struct paho_event *paho_event_new(enum paho_event_kind kind, int code, int reason,
                                  const char *text);
/* NULL: no memory. */
struct paho_event *paho_event_of_message(const char *topic, size_t topic_length,
                                         const MQTTAsync_message *message);
/* What people want to know of a line of OpenSSL's; not terminated. */
const char *paho_tls_reason(const char *text, int *ret_length);
