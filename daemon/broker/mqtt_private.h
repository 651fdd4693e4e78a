/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What the files behind mqtt.h share: mqtt.c is what an owner does with the link, mqtt_machine.c its
 * states, its one timer and the stop.
 */
#include "daemon/broker/mqtt.h"
#include "daemon/broker/mqtt_words.h"
#include "daemon/broker/packet_limit.h"
#include "daemon/broker/paho/paho.h"
#include "daemon/broker/pending.h"
#include "daemon/broker/twin.h"
#include "daemon/clock.h"

enum mqtt_state {
    MQTT_WAITING,
    MQTT_CONNECTING,
    MQTT_UP,
    MQTT_DRAINING,
    MQTT_CLOSING,
    MQTT_CLOSED
};

struct mqtt {
    struct paho *paho;
    sd_event_source *events;
    struct clock_timer *timer;
    struct mqtt_callbacks callbacks;
    void *userdata;
    enum mqtt_state state;
    struct own_subscription {
        char *filter;
        unsigned how;
    } * subscriptions;
    size_t n_subscriptions;

    unsigned tries; /* since the last link that held */
    uint64_t up_since_usec;
    uint64_t stop_deadline_usec;
    enum mqtt_end end;
    bool gone; /* Paho's client is destroyed, its thread ends at once */
    uint64_t losses;
    struct twin twin;
    struct mqtt_words words; /* what is wrong */
    struct packet_limit limit;
    struct {         /* the first message of this link that was too large */
        uint64_t id; /* 0: none */
        size_t size;
        bool told;
        char topic[160];
    } too_large;
    struct pending pending;
    bool watching;       /* the timer is set for an answer that is overdue */
    bool cut;            /* one was, and the link is to break */
    unsigned unanswered; /* links that were ended so, one after the other */
    uint64_t last_id;
    void (*stop_handler)(void *userdata);
    void *stop_userdata;
};

/* mqtt_machine.c */
void mqtt_machine_event(struct mqtt *mqtt, const struct paho_event *event);
/* It is told once the answer is, of one at a time; until that one fits. */
void mqtt_machine_too_large(struct mqtt *mqtt, const char *topic, size_t size);
void mqtt_machine_fits(struct mqtt *mqtt, const char *topic);
/* An answer is to come. */
void mqtt_machine_watch_answers(struct mqtt *mqtt, uint64_t now_usec);
void mqtt_machine_timer(void *userdata, uint64_t now_usec);
