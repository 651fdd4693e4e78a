/* SPDX-License-Identifier: MIT */
#pragma once
/* What waits in Paho's own queue lies here instead, and is freed with the client. */
#include <MQTTAsync.h>
#include <MQTTClientPersistence.h>

struct shelved;

struct paho_shelf {
    MQTTClient_persistence store; /* for MQTTAsync_createWithOptions(), as PERSISTENCE_USER */
    struct shelved *first, **end;
};

/* It stays where it is, and outlives the client that is made with it. */
void paho_shelf_init(struct paho_shelf *shelf);
