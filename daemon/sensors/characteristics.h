/* SPDX-License-Identifier: MIT */
#pragma once
/* The characteristics of a sensor that we have a use for, in the order they are asked for. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sensor_characteristic {
    uint16_t uuid;
    bool notify; /* subscribed; else read once per connection */
};
/* Those that are subscribed come first, and are at most so many: a bit each (struct link). */
#define SENSOR_NOTIFY_MAX 32
const struct sensor_characteristic *sensor_table(size_t *ret_n);
/* NULL: of no use to us */
const struct sensor_characteristic *sensor_characteristic(uint16_t uuid);
