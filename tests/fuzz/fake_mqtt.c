/* SPDX-License-Identifier: MIT */
#include "fake_mqtt.h"
#include <errno.h>
#include <stdlib.h>

struct mqtt {
    int n; /* calls */
};

int (*fake_mqtt_on_publish)(const struct mqtt_publish *message);
const struct mqtt_callbacks *fake_mqtt_callbacks;
void *fake_mqtt_userdata;

int mqtt_new(struct mqtt **ret, sd_event *event, const struct mqtt_options *options,
             const struct mqtt_callbacks *callbacks, void *userdata)
{
    struct mqtt *mqtt = calloc(1, sizeof(*mqtt));

    if (!mqtt)
        return -ENOMEM;
    fake_mqtt_callbacks = callbacks;
    fake_mqtt_userdata = userdata;
    *ret = mqtt;
    return 0;
}

struct mqtt *mqtt_free(struct mqtt *mqtt)
{
    free(mqtt);
    fake_mqtt_callbacks = NULL;
    return NULL;
}

void mqtt_start(struct mqtt *mqtt)
{
    mqtt->n++;
}

void mqtt_hand_over(struct mqtt *mqtt, const struct mqtt_callbacks *callbacks, void *userdata)
{
    mqtt->n++;
    fake_mqtt_callbacks = callbacks;
    fake_mqtt_userdata = userdata;
}

bool mqtt_is_connected(const struct mqtt *mqtt)
{
    return true;
}

const char *mqtt_problem(const struct mqtt *mqtt)
{
    return NULL;
}

uint64_t mqtt_losses(const struct mqtt *mqtt)
{
    return 0;
}

uint64_t mqtt_overruns(const struct mqtt *mqtt)
{
    return 0;
}

int mqtt_publish(struct mqtt *mqtt, const struct mqtt_publish *message)
{
    mqtt->n++;
    return fake_mqtt_on_publish(message);
}

int mqtt_subscribe(struct mqtt *mqtt, const char *filter, unsigned how)
{
    mqtt->n++;
    return 0;
}

int mqtt_unsubscribe(struct mqtt *mqtt, const char *filter)
{
    mqtt->n++;
    return 0;
}

int mqtt_stop(struct mqtt *mqtt, enum mqtt_end end, uint64_t within_usec,
              void (*handler)(void *userdata), void *userdata)
{
    mqtt->n++;
    return -ENOTCONN;
}
