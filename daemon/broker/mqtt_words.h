/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What is wrong with the link, in one plain sentence that names the broker and, where we know one, the
 * line of the configuration to look at.
 */
#include "daemon/broker/paho/paho.h"

struct mqtt_words {
    struct paho_target target;
    bool v311;
    bool shows_certificate;       /* of our own */
    char *username, *ca_file;     /* NULL: none */
    char text[MQTT_SENTENCE_MAX]; /* "": all is well */
};

void mqtt_words_say(struct mqtt_words *words, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void mqtt_words_connect_failed(struct mqtt_words *words, const struct paho_event *event);
void mqtt_words_lost(struct mqtt_words *words, const struct paho_event *event);
/* By its word, or else perhaps, over a packet of this size. */
void mqtt_words_lost_over(struct mqtt_words *words, size_t size, bool told);
/* A message is held back. said: bytes it takes at most by its word, 0: it gave none. */
void mqtt_words_too_large(struct mqtt_words *words, const char *topic, size_t size, size_t said);
/* Another gateway has our identity, by the broker's word or by how links end, and we stay off for its sake. */
void mqtt_words_twin(struct mqtt_words *words, bool told, uint64_t rest_usec);
