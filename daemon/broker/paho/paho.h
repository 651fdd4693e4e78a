/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * Paho behind two queues. The loop posts commands and takes events; a thread of paho.c's own makes
 * every Paho call, because any of them may wait for Paho's global lock, and a name look-up holds that
 * lock for as long as the resolver likes.
 *
 * Only the files of the link (mqtt*.c) and those behind this include it.
 */
#include <stdbool.h>
#include <stdint.h>
#include "daemon/broker/mqtt.h"

struct paho;

/* Beside Paho's own codes (0 and below) and an MQTT 3.1.1 CONNACK's (1 to 5) */
#define PAHO_CODE_NAME_UNKNOWN 1000 /* text: why the host name could not be resolved */
#define PAHO_REASON_TAKEN_OVER 0x8E /* MQTT 5: another client came with our identifier */
#define PAHO_CODE_CA_FILE      1001 /* text: why the CA file can't be read */
#define PAHO_CODE_OWN_PAIR     1002 /* text: which of our certificate and its key can't be used */
#define PAHO_CODE_HANDSHAKE    1100 /* and an outcome of handshake.h; text: OpenSSL's */

enum paho_event_kind {
    PAHO_CONNECTED,      /* packet_max */
    PAHO_CONNECT_FAILED, /* code, reason, text */
    PAHO_LOST,           /* reason (0: none given), text */
    PAHO_MESSAGE,        /* message */
    PAHO_PUBLISHED,      /* id, result, reason */
    PAHO_NOT_SUBSCRIBED, /* reason, text: the filter */
    PAHO_GONE,           /* answer to paho_quit: the client is destroyed, the thread ends */
};

struct paho_event {
    struct paho_event *next;
    enum paho_event_kind kind;
    uint64_t id;
    enum mqtt_result result;
    int code;
    int reason;        /* MQTT 5 reason code, 0 where there is none */
    size_t packet_max; /* bytes of a packet that the broker takes, 0: it does not say */
    char text[160];
    struct mqtt_message message; /* what it points at lies behind this struct */
};

struct paho_target {
    char host[256]; /* without brackets */
    int port;
    bool tls;
};

/* Nothing is copied of target and options but into the object; the thread starts at once, idle. */
int paho_new(struct paho **ret, const struct paho_target *target,
             const struct mqtt_options *options);
/* After paho_quit. wait: join the thread, which is short unless a connect is pending; else it cleans up
 * and ends by itself when the connect has an outcome, or with the process. */
struct paho *paho_free(struct paho *paho, bool wait);
int paho_fd(const struct paho *paho);            /* readable when there are events */
struct paho_event *paho_take(struct paho *paho); /* in order; each to be freed by free() */
uint64_t paho_overruns(struct paho *paho);

int paho_connect(struct paho *paho);
int paho_publish(struct paho *paho, uint64_t id, const struct mqtt_publish *message);
/* Nothing is sent; PAHO_PUBLISHED with MQTT_REFUSED follows. */
void paho_refuse(struct paho *paho, uint64_t id, int reason);
int paho_subscribe(struct paho *paho, const char *filter, unsigned how);
int paho_unsubscribe(struct paho *paho, const char *filter);
int paho_disconnect(struct paho *paho); /* PAHO_LOST follows */
/* Ends the link, or the one that a pending connect comes to, so that the broker sends the will. PAHO_LOST
 * follows if it stood. */
int paho_cut(struct paho *paho);
int paho_quit(struct paho *paho); /* disconnects if need be, waits for a pending connect first */
