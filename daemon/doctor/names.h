/* SPDX-License-Identifier: MIT */
#pragma once
/* What lies retained at the broker, and what that says of us, of Home Assistant and of others. */
#include "daemon/broker/topic.h"
#include "daemon/doctor/private.h"

struct retained_found {
    /* topics that are looked for */
    char status_topic[TOPIC_MAX], info_topic[TOPIC_MAX], birth_topic[TOPIC_MAX];
    char discovery[TOPIC_MAX], own_discovery[TOPIC_MAX]; /* filter; beginning of ours, or "" */
    char machine[40];                                    /* ours; "" is not known */
    /* found; "": nothing lies there */
    char status[32], info_machine[40], birth[32];
    size_t announced; /* devices of ours to Home Assistant */
};

void names_prepare(const struct doctor *doctor, struct retained_found *ret);
/* A retained message; userdata is the retained_found. */
void names_take(void *userdata, const char *topic, const char *payload);
/* is_all: nothing is still to come. */
void names_say(struct doctor *doctor, const struct retained_found *found, bool is_all);
