/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What the commands do, one handler a row of the command table. A handler reaches the sensors and
 * the sessions like a notification does, from above; it publishes nothing.
 */
#include "daemon/archived.h"
#include "daemon/backups.h"
#include "daemon/binding.h"
#include "daemon/commands/commands.h"
#include "daemon/correction.h"
#include "daemon/import/import.h"
#include "daemon/record.h"
#include "daemon/sensors/sensors.h"
#include "daemon/sessions/sessions.h"
#include "daemon/training/training.h"

struct verbs { /* the context of the handlers; parts are borrowed */
    const struct conf *conf;
    struct sensors *sensors;
    struct sessions *sessions;
    struct import *import;
    struct training *training;
    void (*health)(void *userdata, struct payload_health *ret);
    /* what Home Assistant last said of itself, and when, by clock_now_usec(); false: nothing */
    bool (*home)(void *userdata, bool *ret_online, uint64_t *ret_at_usec);
    /* false: there is no such sensor */
    bool (*sensor)(void *userdata, size_t sensor, struct payload_sensor *ret);
    int (*release)(void *userdata, size_t sensor, uint64_t for_usec); /* as sensors_release() */
    /* of a session that is over */
    void (*correct)(void *userdata, const struct correction *what, correction_done done,
                    void *whose);
    /* what is stored, some of it at a time */
    void (*stored)(void *userdata, const struct archived_question *question, archived_done done,
                   void *whose);
    int (*backup)(void *userdata, backups_done done, void *whose); /* as backups_make() */
    /* which device has which name */
    void (*bind)(void *userdata, const struct binding *what, binding_done done, void *whose);
    /* besides sessions */
    void (*record)(void *userdata, const struct record_request *request, record_done done,
                   void *whose);
    void *userdata;
};

bool verbs_has(const char *verb);
/* commands_parts.run; context is a struct verbs */
void verbs_run(void *context, const struct command *command, const json_t *arguments,
               struct command_answer *answer);
