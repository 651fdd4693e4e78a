/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * One link to the broker as strided makes it, for as long as it takes to be let in and to read what lies
 * retained. Nothing is published, and there is no will.
 */
#include <stdbool.h>
#include "daemon/broker/paho/handshake.h"
#include "daemon/broker/paho/paho.h"
#include "lib/conf.h"

#define MQTT_TRY_FILTERS 4

enum mqtt_try_outcome {
    MQTT_TRY_IN,     /* it let us in */
    MQTT_TRY_NO,     /* code, reason and text say why not */
    MQTT_TRY_SILENT, /* no answer in time */
};

struct mqtt_try {
    /* to be given */
    const struct conf *conf;
    const struct paho_target *target;
    const char *password;                  /* NULL: none */
    const char *filters[MQTT_TRY_FILTERS]; /* NULL ends them sooner */
    /* Each retained message; too long a payload is cut. On our thread. */
    void (*on_retained)(void *userdata, const char *topic, const char *payload);
    void *userdata;
    uint64_t slow_usec; /* its name is looked up again, and took so long the first time */
    /* found */
    enum handshake handshake;
    struct handshake_text handshake_text;
    struct paho_event why; /* of MQTT_TRY_NO, as for mqtt_words.h */
    bool is_all;           /* of mqtt_try_read(): what lies there is all told */
};

/* Once in a process. Blocks; a name server may hold it up for much longer than its own patience of some
 * seconds. */
enum mqtt_try_outcome mqtt_try(struct mqtt_try *try);
/* Of a link that let us in: what lies there, and then we leave. Blocks for 3 s at most. */
void mqtt_try_read(struct mqtt_try *try);
