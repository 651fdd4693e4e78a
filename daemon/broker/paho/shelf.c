/* SPDX-License-Identifier: MIT */
/*
 * MQTTAsync_destroy() forgets to free the topic and the payload of each publish that was still in
 * Paho's queue (Debian's 1.3.12; eclipse/paho.mqtt.c issue 1474): it takes them for the protocol's,
 * which has never seen them. They are there when the link went in the middle of a burst, and a reload
 * that leads elsewhere then destroys the client: a leak with each.
 *
 * But Paho keeps neither of a publish that a 'persistent store' has taken: it fetches both when their
 * turn comes. So we are such a store, in memory, and for nothing but that:
 *
 *   MQTTAsync_sendMessage --put--> shelf --get--> on the wire
 *                                    |
 *   MQTTAsync_destroy ---close-------+--> freed
 *
 * What is on the wire already needs no store: no session of ours outlives its link. Nor is anything
 * found here by a client that starts: it has no keys to show.
 *
 * Paho calls put and get under the lock of its queue, and open and close with the client its caller's
 * alone. Everything else comes at any time, from any thread, and touches no shelf.
 */
#include "daemon/broker/paho/shelf.h"
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define MQTT_PUBLISH 3 /* the packet's type, with which a put of the queue begins */
#define KEY_SIZE     16

struct shelved {
    struct shelved *next;
    char key[KEY_SIZE];
    char *bytes; /* Paho's, as is the free() that gets it */
    int length;
};

/* The queue's keys are "c-1" and "c5-1"; no other kind begins so. */
static bool is_queued_publish(const char *key, int n, char *const *parts, const int *lengths)
{
    int type;
    if (key[0] != 'c' || n < 1 || lengths[0] != (int)sizeof(type))
        return false;
    memcpy(&type, parts[0], sizeof(type));
    return type == MQTT_PUBLISH;
}

static char *join(int n, char *const *parts, const int *lengths, int *ret_length)
{
    int length = 0;
    for (int i = 0; i < n; i++)
        length += lengths[i];
    char *bytes = MQTTAsync_malloc((size_t)length);
    if (!bytes)
        return NULL;
    *ret_length = length;
    for (int i = 0, at = 0; i < n; at += lengths[i++])
        if (lengths[i] > 0)
            memcpy(bytes + at, parts[i], (size_t)lengths[i]);
    return bytes;
}

/* ---- what Paho calls ----------------------------------------------------------------------------- */

/* Refused, a publish stays in the queue as it is. */
static int shelf_put(void *handle, char *key, int n, char *parts[], int lengths[])
{
    struct paho_shelf *shelf = handle;
    if (!is_queued_publish(key, n, parts, lengths))
        return 0;
    if (strlen(key) >= KEY_SIZE)
        return MQTTCLIENT_PERSISTENCE_ERROR;
    struct shelved *shelved = calloc(1, sizeof(*shelved));
    char *bytes = shelved ? join(n, parts, lengths, &shelved->length) : NULL;
    if (!bytes) {
        free(shelved);
        return MQTTCLIENT_PERSISTENCE_ERROR;
    }
    strcpy(shelved->key, key);
    shelved->bytes = bytes;
    *shelf->end = shelved;
    shelf->end = &shelved->next;
    return 0;
}

/* In the order of the puts, mostly: the first one is looked at first. It needs no memory, so that it
 * can't fail: Paho would go on without a topic. */
static int shelf_get(void *handle, char *key, char **ret_bytes, int *ret_length)
{
    struct paho_shelf *shelf = handle;
    struct shelved **at = &shelf->first;
    while (*at && strcmp((*at)->key, key) != 0)
        at = &(*at)->next;
    struct shelved *shelved = *at;
    if (!shelved)
        return MQTTCLIENT_PERSISTENCE_ERROR;
    *ret_bytes = shelved->bytes;
    *ret_length = shelved->length;
    *at = shelved->next;
    if (shelf->end == &shelved->next)
        shelf->end = at;
    free(shelved);
    return 0;
}

static int shelf_close(void *handle)
{
    struct paho_shelf *shelf = handle;
    for (struct shelved *shelved = shelf->first, *next; shelved; shelved = next) {
        next = shelved->next;
        MQTTAsync_free(shelved->bytes);
        free(shelved);
    }
    shelf->first = NULL;
    shelf->end = &shelf->first;
    return 0;
}

static int shelf_open(void **ret_handle, const char *client_id, const char *uri, void *context)
{
    *ret_handle = context;
    return 0;
}

static int shelf_remove(void *handle, char *key)
{
    return 0; /* the get has */
}

static int shelf_keys(void *handle, char ***ret_keys, int *ret_n)
{
    *ret_keys = NULL;
    *ret_n = 0;
    return 0;
}

static int shelf_clear(void *handle)
{
    return 0;
}

static int shelf_contains(void *handle, char *key)
{
    return MQTTCLIENT_PERSISTENCE_ERROR; /* that is: no */
}

void paho_shelf_init(struct paho_shelf *shelf)
{
    *shelf = (struct paho_shelf){ .store = { .context = shelf,
                                             .popen = shelf_open,
                                             .pclose = shelf_close,
                                             .pput = shelf_put,
                                             .pget = shelf_get,
                                             .premove = shelf_remove,
                                             .pkeys = shelf_keys,
                                             .pclear = shelf_clear,
                                             .pcontainskey = shelf_contains },
                                  .end = &shelf->first };
}
