/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * daemon/broker/mqtt.h without a broker, a library or a thread: what is published is shown to the test,
 * and what comes in is the test's to say.
 */
#include "daemon/broker/mqtt.h"

/* Each message that is published; what it answers is what mqtt_publish does. */
extern int (*fake_mqtt_on_publish)(const struct mqtt_publish *message);
/* The link that was made last; NULL: none, or it is gone. */
extern const struct mqtt_callbacks *fake_mqtt_callbacks;
extern void *fake_mqtt_userdata;
