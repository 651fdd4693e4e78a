/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What the files behind gateway.h share. Each calls only those below it:
 *   gateway.c        life: the start of every part, a new configuration, the clean stop
 *   gateway_wires.c  who of the parts is told what another one says
 */
#include "daemon/backups.h"
#include "daemon/bindings/bindings.h"
#include "daemon/broker/publisher.h"
#include "daemon/config/config.h"
#include "daemon/archive/archive.h"
#include "daemon/corrections/corrections.h"
#include "daemon/doors.h"
#include "daemon/entries/deleted.h"
#include "daemon/entries/logged.h"
#include "daemon/entries/notes.h"
#include "daemon/gateway.h"
#include "daemon/health.h"
#include "daemon/import/import.h"
#include "daemon/live.h"
#include "daemon/noted.h"
#include "daemon/recording/recorder.h"
#include "daemon/records/records.h"
#include "daemon/releases.h"
#include "daemon/retained.h"
#include "daemon/sensors/sensors.h"
#include "daemon/sessions/sessions.h"
#include "daemon/store/store.h"
#include "daemon/system_bus.h"
#include "daemon/timekeeper.h"
#include "daemon/training/training.h"
#include "daemon/worker.h"

struct gateway {
    sd_event *event; /* borrowed */
    char *config_file, *state_dir;
    char machine_id[40];
    struct config *config;
    char *password; /* of the broker; NULL: none */

    struct system_bus *bus;
    struct timekeeper *timekeeper;
    struct worker *worker;
    struct worker *folder_worker; /* of the import folder, which may hang */
    struct store *store;
    struct recorder *recorder;
    struct sensors *sensors;
    struct sessions *sessions;
    struct training *training;
    struct import *import;
    struct notes *notes;
    struct logged *logged;
    struct deleted *deleted;
    struct backups *backups;
    struct noted *noted;
    struct publisher *publisher;

    struct releases releases;
    struct retained retained;
    struct live *live;
    struct health *health;
    struct corrections *corrections;
    struct archive *archive;
    struct bindings *bindings;
    struct records *records;
    struct doors *doors;
    /* All parts are there and go by one configuration: until then what they say of themselves is not
     * passed on; all of it is said at the end. */
    bool ready;
    bool stopping;
};

static inline const struct conf *conf_of(const struct gateway *gateway)
{
    return &gateway->config->conf;
}

/* What the parts call; userdata is the gateway. */
extern const struct sensors_callbacks gateway_sensors_callbacks;
extern const struct sessions_callbacks gateway_sessions_callbacks;
extern const struct training_callbacks gateway_training_callbacks;
extern const struct import_callbacks gateway_import_callbacks;
extern const struct publisher_callbacks gateway_publisher_callbacks;
/* A session that ended before this start; then each of them that was not judged. */
void gateway_on_past(void *userdata, const struct store_session *row);
void gateway_on_unjudged(void *userdata, const struct store_session *row);
/* A run that was logged by hand, and is not in the database. */
void gateway_on_logged(void *userdata, const struct store_session *row);
/* One that was deleted before this start. */
void gateway_on_deleted(void *userdata, const struct deleted_session *session);
/* What was said of a session; NULL: of any. */
void gateway_on_noted(void *userdata, const char *id, const struct note *note);
/* Something is wrong with a part, or is well again. */
void gateway_on_health(void *userdata);
/* The minute is over in which health is said. */
void gateway_on_health_due(void *userdata);
void gateway_on_bus(void *userdata, sd_bus *bus, int error);
void gateway_on_clock(void *userdata, uint64_t now_usec);
