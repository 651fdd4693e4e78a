/* SPDX-License-Identifier: MIT */
#include "daemon/gateway_private.h"

#include <errno.h>
#include <string.h>
#include "daemon/clock.h"
#include "daemon/identity.h"
#include "daemon/log.h"
#include "daemon/stop_limit.h"
#include "daemon/util.h"

/* For what is under way in the import folder at the end: none of it must be waited for. */
#define FOLDER_LIMIT_MS 1000

/* ---- start ----------------------------------------------------------------------------------- */

static int open_state(struct gateway *gateway)
{
    int r;

    r = worker_new(&gateway->worker, gateway->event);
    if (r < 0)
        return r;
    r = store_open(&gateway->store, gateway->worker, gateway->state_dir, clock_wall_usec());
    if (r < 0)
        return r;
    store_on_problem(gateway->store, gateway_on_health, gateway);
    r = recorder_new(&gateway->recorder, gateway->event, gateway->worker, gateway->state_dir);
    if (r < 0)
        return r;
    recorder_on_problem(gateway->recorder, gateway_on_health, gateway);
    return timekeeper_new(&gateway->timekeeper, gateway->event, store_newest_usec(gateway->store),
                          gateway_on_clock, gateway);
}

static int open_chain(struct gateway *gateway)
{
    const struct conf *conf = conf_of(gateway);
    struct sessions_parts parts = {
        .event = gateway->event,
        .conf = conf,
        .recorder = gateway->recorder,
        .store = gateway->store,
        .timekeeper = gateway->timekeeper,
    };
    int r;

    r = publisher_new(&gateway->publisher, gateway->event, conf, gateway->password,
                      gateway->machine_id, gateway->store, &gateway_publisher_callbacks, gateway);
    if (r >= 0)
        r = sensors_new(&gateway->sensors, gateway->event, conf, &gateway_sensors_callbacks,
                        gateway);
    if (r >= 0)
        r = sessions_new(&gateway->sessions, &parts, &gateway_sessions_callbacks, gateway);
    return r;
}

static int open_import(struct gateway *gateway)
{
    int r = worker_new(&gateway->folder_worker, gateway->event);
    const struct import_parts parts = {
        .event = gateway->event,
        .conf = conf_of(gateway),
        .worker = gateway->worker,
        .folder_worker = gateway->folder_worker,
        .store = gateway->store,
        .timekeeper = gateway->timekeeper,
        .state_dir = gateway->state_dir,
    };

    if (r < 0)
        return r;
    worker_set_name(gateway->folder_worker, "strided-import");
    return import_new(&gateway->import, &parts, &gateway_import_callbacks, gateway);
}

static int open_training(struct gateway *gateway)
{
    const struct training_parts parts = {
        .event = gateway->event,
        .conf = conf_of(gateway),
        .store = gateway->store,
        .timekeeper = gateway->timekeeper,
    };

    return training_new(&gateway->training, &parts, &gateway_training_callbacks, gateway);
}

/* Both go by what ended on earlier days. Before anything is put into the store, and once for both:
 * the sessions of ten years are most of the start. */
static int open_history(struct gateway *gateway)
{
    int r = open_import(gateway);
    bool whole;

    if (r >= 0)
        r = open_training(gateway);
    if (r < 0)
        return r;
    whole = store_read_sessions(gateway->store, gateway_on_past, gateway);
    if (!whole)
        log_warning("Not every session is known: the same run may be counted twice");
    training_end_past(gateway->training, whole);
    training_each_unjudged(gateway->training, gateway_on_unjudged, gateway);
    return 0;
}

static int open_reports(struct gateway *gateway)
{
    const struct live_parts live = {
        .event = gateway->event,
        .conf = conf_of(gateway),
        .sessions = gateway->sessions,
        .training = gateway->training,
        .publisher = gateway->publisher,
    };
    const struct health_parts health = {
        .event = gateway->event,
        .conf = conf_of(gateway),
        .left_out = gateway->config->left_out,
        .timekeeper = gateway->timekeeper,
        .sensors = gateway->sensors,
        .sessions = gateway->sessions,
        .store = gateway->store,
        .recorder = gateway->recorder,
        .import = gateway->import,
        .backups = gateway->backups,
        .publisher = gateway->publisher,
    };
    int r;

    gateway->releases = (struct releases){ .event = gateway->event,
                                           .conf = conf_of(gateway),
                                           .sensors = gateway->sensors,
                                           .store = gateway->store,
                                           .timekeeper = gateway->timekeeper };
    releases_restore(&gateway->releases, clock_now_usec());
    gateway->retained = (struct retained){ .conf = conf_of(gateway),
                                           .sensors = gateway->sensors,
                                           .sessions = gateway->sessions,
                                           .publisher = gateway->publisher };
    r = live_new(&gateway->live, &live);
    return r < 0 ? r : health_new(&gateway->health, &health, gateway_on_health_due, gateway);
}

static int open_entries(struct gateway *gateway)
{
    const struct logged_parts logged = {
        .worker = gateway->worker,
        .store = gateway->store,
        .state_dir = gateway->state_dir,
        .on_missing = gateway_on_logged,
        .userdata = gateway,
    };
    const struct deleted_parts deleted = {
        .event = gateway->event,
        .worker = gateway->worker,
        .store = gateway->store,
        .timekeeper = gateway->timekeeper,
        .state_dir = gateway->state_dir,
        .on_found = gateway_on_deleted,
        .userdata = gateway,
    };
    const struct noted_parts noted = {
        .conf = conf_of(gateway),
        .sessions = gateway->sessions,
        .store = gateway->store,
        .publisher = gateway->publisher,
    };
    int r = notes_new(&gateway->notes, gateway->worker, gateway->store, gateway->state_dir);

    r = r < 0 ? r : noted_new(&gateway->noted, &noted);
    if (r >= 0)
        notes_listen(gateway->notes, gateway_on_noted, gateway);
    if (r >= 0)
        r = logged_new(&gateway->logged, &logged);
    return r < 0 ? r : deleted_new(&gateway->deleted, &deleted);
}

static int open_backups(struct gateway *gateway)
{
    const struct backups_parts parts = {
        .event = gateway->event,
        .conf = conf_of(gateway),
        .worker = gateway->worker,
        .timekeeper = gateway->timekeeper,
        .state_dir = gateway->state_dir,
    };

    return backups_new(&gateway->backups, &parts);
}

static int reload(void *userdata)
{
    return gateway_reload(userdata);
}

static int open_doors(struct gateway *gateway)
{
    const struct corrections_parts corrections = {
        .event = gateway->event,
        .conf = conf_of(gateway),
        .sessions = gateway->sessions,
        .import = gateway->import,
        .notes = gateway->notes,
        .logged = gateway->logged,
        .deleted = gateway->deleted,
        .store = gateway->store,
    };
    const struct archive_parts archive = {
        .event = gateway->event,
        .conf = conf_of(gateway),
        .worker = gateway->worker,
        .store = gateway->store,
        .training = gateway->training,
        .state_dir = gateway->state_dir,
    };
    const struct records_parts records = {
        .event = gateway->event,
        .conf = conf_of(gateway),
        .sessions = gateway->sessions,
        .timekeeper = gateway->timekeeper,
        .worker = gateway->worker,
        .state_dir = gateway->state_dir,
    };
    const struct bindings_parts bindings = {
        .config_file = gateway->config_file,
        .state_dir = gateway->state_dir,
        .worker = gateway->worker,
        .reload = reload,
        .userdata = gateway,
    };
    int r = corrections_new(&gateway->corrections, &corrections);
    if (r >= 0)
        r = archive_new(&gateway->archive, &archive);
    if (r >= 0)
        r = bindings_new(&gateway->bindings, &bindings);
    if (r >= 0)
        r = records_new(&gateway->records, &records);
    const struct doors_parts parts = {
        .conf = conf_of(gateway),
        .sensors = gateway->sensors,
        .sessions = gateway->sessions,
        .import = gateway->import,
        .training = gateway->training,
        .store = gateway->store,
        .health = gateway->health,
        .retained = &gateway->retained,
        .publisher = gateway->publisher,
        .releases = &gateway->releases,
        .corrections = gateway->corrections,
        .archive = gateway->archive,
        .backups = gateway->backups,
        .bindings = gateway->bindings,
        .records = gateway->records,
    };

    return r < 0 ? r : doors_new(&gateway->doors, &parts);
}

static void gateway_freep(struct gateway **gateway)
{
    gateway_free(*gateway);
}

int gateway_new(struct gateway **ret, sd_event *event, const char *config_file,
                const char *state_dir)
{
    _cleanup_(gateway_freep) struct gateway *gateway = calloc(1, sizeof(*gateway));
    int r;

    if (!gateway)
        return -ENOMEM;
    gateway->event = event;
    gateway->config_file = config_file ? strdup(config_file) : NULL;
    gateway->state_dir = strdup(state_dir);
    r = config_take(&gateway->config, &gateway->password, config_file, state_dir);
    if (r != 0)
        return r < 0 ? r : GATEWAY_E_CONFIG;
    identity_read(gateway->machine_id, sizeof(gateway->machine_id), state_dir);
    r = open_state(gateway);
    if (r >= 0)
        r = open_history(gateway);
    if (r >= 0)
        r = open_chain(gateway);
    if (r >= 0)
        r = open_backups(gateway);
    if (r >= 0)
        r = open_reports(gateway);
    if (r >= 0)
        r = open_entries(gateway);
    if (r >= 0)
        r = open_doors(gateway);
    if (r < 0)
        return r;
    gateway->ready = true;
    retained_say_all(&gateway->retained, clock_now_usec());
    publisher_clock(gateway->publisher, timekeeper_state(gateway->timekeeper));
    /* recordings that can't be listed now are read after the next start; new runs count all the same */
    (void)sessions_recover(gateway->sessions, clock_now_usec());
    training_start(gateway->training);
    r = system_bus_new(&gateway->bus, event, gateway_on_bus, gateway);
    if (r < 0)
        return r;
    health_changed(gateway->health);
    *ret = TAKE_PTR(gateway);
    return 0;
}

/* ---- end ------------------------------------------------------------------------------------- */

/* From the top of the chain downwards: who calls goes before who is called. */
struct gateway *gateway_free(struct gateway *gateway)
{
    if (!gateway)
        return NULL;
    import_stop(gateway->import); /* whoever waits for a route is told so */
    corrections_stop(gateway->corrections);
    archive_stop(gateway->archive);
    bindings_stop(gateway->bindings);
    records_stop(gateway->records);
    gateway->health = health_free(gateway->health); /* whoever goes below may still call for it */
    gateway->stopping = true;
    sensors_free(gateway->sensors);
    if (gateway->sessions)
        sessions_flush(gateway->sessions);
    stop_limit_step("the last writes to the disk", false);
    worker_free(gateway->worker); /* what was posted is written, and told to those who wait, */
    doors_free(gateway->doors);   /* of whom some asked by a door */
    if (!worker_leave(gateway->folder_worker, FOLDER_LIMIT_MS))
        log_warning("The import folder does not answer: it is left alone");
    corrections_free(gateway->corrections);
    archive_free(gateway->archive);
    notes_free(gateway->notes);
    logged_free(gateway->logged);
    deleted_free(gateway->deleted);
    backups_free(gateway->backups);
    bindings_free(gateway->bindings);
    records_free(gateway->records);
    gateway->noted = noted_free(gateway->noted);
    import_free(gateway->import);
    sessions_free(gateway->sessions);
    training_free(gateway->training);
    recorder_free(gateway->recorder);
    publisher_free(gateway->publisher);
    releases_done(&gateway->releases);
    store_free(gateway->store);
    stop_limit_step("the end of bus and process", true);
    timekeeper_free(gateway->timekeeper);
    system_bus_free(gateway->bus);
    live_free(gateway->live);
    config_free(gateway->config);
    config_password_free(gateway->password);
    free(gateway->config_file);
    free(gateway->state_dir);
    free(gateway);
    return NULL;
}

/* ---- a new configuration --------------------------------------------------------------------- */

/* All parts speak of one configuration: what may fail comes first, and then nothing has changed. */
static int take_config(struct gateway *gateway, const struct conf *conf, const char *password)
{
    struct publisher_change *change = NULL;
    int r;

    r = publisher_prepare(gateway->publisher, conf, password, &change);
    /* the radio first: what the sessions then say of runners counts by the new config */
    if (r >= 0)
        r = sensors_set_conf(gateway->sensors, conf);
    if (r < 0) {
        publisher_change_free(change);
        return log_error_errno(r, "Failed to take the new configuration: %m");
    }
    gateway->releases.conf = gateway->retained.conf = conf;
    live_set_conf(gateway->live, conf);
    health_set_conf(gateway->health, conf, gateway->config->left_out);
    corrections_set_conf(gateway->corrections, conf);
    archive_set_conf(gateway->archive, conf);
    backups_set_conf(gateway->backups, conf);
    records_set_conf(gateway->records, conf);
    doors_set_conf(gateway->doors, conf);
    sessions_set_conf(gateway->sessions, conf);
    training_set_conf(gateway->training, conf);
    import_set_conf(gateway->import, conf);
    publisher_set_conf(gateway->publisher, change);
    noted_set_conf(gateway->noted, conf);
    return 0;
}

static void free_config(struct config *config, char *password)
{
    config_free(config);
    config_password_free(password);
}

int gateway_reload(struct gateway *gateway)
{
    struct config *old = gateway->config;
    char *old_password = gateway->password;
    int r;

    if (gateway->stopping) /* the last words are said of the old one */
        return -ESHUTDOWN;
    if (config_take(&gateway->config, &gateway->password, gateway->config_file,
                    gateway->state_dir) != 0) {
        log_error("The new configuration is not used: the old one stays in force");
        return -EINVAL;
    }
    /* health counts the sensors of one configuration, not of half of each */
    gateway->ready = false;
    r = take_config(gateway, conf_of(gateway), gateway->password);
    gateway->ready = true;
    if (r < 0) {
        free_config(gateway->config, gateway->password);
        gateway->config = old;
        gateway->password = old_password;
        return r;
    }
    free_config(old, old_password);
    retained_say_all(&gateway->retained, clock_now_usec());
    training_say_all(gateway->training);
    publisher_settle(gateway->publisher);
    health_changed(gateway->health);
    log_info("Configuration reloaded");
    return 0;
}

/* ---- the clean stop -------------------------------------------------------------------------- */

static void on_offline(void *userdata)
{
    struct gateway *gateway = userdata;

    (void)sd_event_exit(gateway->event, 0);
}

static void on_let_go(void *userdata)
{
    struct gateway *gateway = userdata;

    sessions_flush(gateway->sessions);
    stop_limit_step("goodbye to the broker", false);
    publisher_stop(gateway->publisher, on_offline, gateway);
}

void gateway_stop(struct gateway *gateway)
{
    if (gateway->stopping)
        return;
    gateway->stopping = true;
    health_hush(gateway->health);
    doors_stop(gateway->doors);
    import_stop(gateway->import);
    corrections_stop(gateway->corrections);
    archive_stop(gateway->archive);
    bindings_stop(gateway->bindings);
    log_info("Stopping: letting the sensors go");
    stop_limit_step("letting the sensors go", false);
    if (sensors_stop(gateway->sensors, on_let_go, gateway) < 0)
        on_let_go(gateway);
}
