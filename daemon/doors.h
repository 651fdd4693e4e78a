/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * The two doors by which commands come in, MQTT and D-Bus, and the parts they lead to: the sensors and
 * the sessions as a notification reaches them, from above; the import, for a file to be followed; of
 * the rest only what there is to be told.
 * An answer that stays known for a day is in the store.
 */
#include <systemd/sd-bus.h>
#include "daemon/archive/archive.h"
#include "daemon/backups.h"
#include "daemon/bindings/bindings.h"
#include "daemon/commands/commands.h"
#include "daemon/corrections/corrections.h"
#include "daemon/health.h"
#include "daemon/import/import.h"
#include "daemon/records/records.h"
#include "daemon/releases.h"
#include "daemon/retained.h"
#include "daemon/sensors/sensors.h"
#include "daemon/sessions/sessions.h"
#include "daemon/store/store.h"
#include "daemon/training/training.h"

struct doors;

struct doors_parts { /* borrowed, outlive us */
    const struct conf *conf;
    struct sensors *sensors;
    struct sessions *sessions;
    struct import *import;
    struct training *training;
    struct store *store;
    const struct health *health;
    const struct retained *retained;
    const struct publisher *publisher;
    struct releases *releases;
    struct corrections *corrections;
    struct archive *archive;
    struct backups *backups;
    struct bindings *bindings;
    struct records *records;
};

int doors_new(struct doors **ret, const struct doors_parts *parts);
struct doors *doors_free(struct doors *doors);
void doors_set_conf(struct doors *doors, const struct conf *conf);
/* The system bus came or went (NULL); takes a reference. */
void doors_set_bus(struct doors *doors, sd_bus *bus);
/* One that came by MQTT; those of the bus come in by themselves. */
void doors_request(struct doors *doors, const char *verb, const char *payload, size_t length,
                   commands_reply reply, void *answer);
/* From now on whoever asks is told that we stop. */
void doors_stop(struct doors *doors);
