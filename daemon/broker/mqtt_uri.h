/* SPDX-License-Identifier: MIT */
#pragma once
/* mqtt://host[:port] or mqtts://host[:port]; a host with colons stands in brackets. */
#include "daemon/broker/paho/paho.h"

int mqtt_uri_parse(const char *uri, struct paho_target *ret); /* -EINVAL: none of these */
