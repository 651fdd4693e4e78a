/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What the files of the doctor share; each uses those below it only:
 *   doctor.c         in which order
 *   configuration.c  what is set
 *   service.c        the bus, and systemd's word
 *   places.c         where it looks
 *   wifi.c           beside a Pi's own radio
 *   bluetoothd.c     that, and its version (bluez_version.h)
 *   scanning.c       who scans
 *   view.c           what strided says
 *   adapter.c        the adapter
 *   heard.c          the sensors and their links
 *   trust.c          the clock
 *   folder.c         the state folder
 *   inbox.c          the import folder
 *   broker.c         the broker (tcp_try.h, mqtt_try.h)
 *   names.c          what lies there
 *   troubles.c       what strided says is wrong
 *   apart.c          what may hang, in a process of its own
 *   objects.c        what org.bluez told
 *   bus.c            questions to the bus
 *   rights.c         of another user
 *   tree.c           small files
 *   say.c            a finding
 */
#include <jansson.h>
#include <stdint.h>
#include <systemd/sd-bus.h>
#include "daemon/config/config.h"
#include "daemon/doctor/doctor.h"
#include "daemon/doctor/objects.h"

struct doctor {
    struct doctor_places places;
    void (*tell)(void *userdata, const struct doctor_finding *finding);
    void *userdata;
    unsigned said[CHECKS][DOCTOR_SKIPPED + 1]; /* findings of each mark */

    struct config *config; /* NULL: it could not be read */
    char *password;        /* NULL: none; wiped at the end */
    bool password_unread;  /* there is one, and it is not for us to read */

    sd_bus *bus; /* NULL: there is none, for: */
    int bus_error;
    json_t *unit, *unit_service; /* systemd's properties of our unit; NULL: not asked */
    char bluetooth_load[32], bluetooth_active[32]; /* of bluetooth.service, "" */
    bool systemd;                                  /* it answers */
    bool unit_runs;                                /* it says that the service is active */
    bool has_owner;                                /* somebody is org.strided1 */
    json_t *status, *sensors;                      /* the data of strided's answers; NULL: none */
    struct objects objects;                        /* org.bluez's */
};

/* ---- say.c ---- */

/* A finding; subject goes to the {} of its cure, and may be NULL where there is none. */
void doctor_say(struct doctor *doctor, enum doctor_line line, const char *subject,
                const char *format, ...) __attribute__((format(printf, 4, 5)));
/* One that was said elsewhere. */
void doctor_pass_on(struct doctor *doctor, const struct doctor_finding *finding);
bool doctor_is_silent(const struct doctor *doctor, enum doctor_check check); /* nothing was said */
bool doctor_is_well(const struct doctor *doctor,
                    enum doctor_check check); /* and nothing is wrong */

/* ---- tree.c: files below the root, as the kernel and distributions lay them out ---- */

/* "%s%s" of root and path. */
void doctor_path(const struct doctor *doctor, const char *path, char *ret, size_t size);
/* The first line of a small file, "" if there is none. */
void doctor_read_word(const struct doctor *doctor, const char *path, char *ret, size_t size);
bool doctor_stands(const struct doctor *doctor, const char *path);
/* The names in a folder that do not begin with a dot, sorted; at most max. */
#define DOCTOR_NAME_MAX 64
size_t doctor_list(const struct doctor *doctor, const char *path, char (*ret)[DOCTOR_NAME_MAX],
                   size_t max);

/* ---- bus.c ---- */

/* A connection that stands, or -errno; at most 2 s. */
int doctor_bus_open(sd_bus **ret);
/* A method without arguments, or with those of the types; -errno. Nothing is started by it unless `start`.
 * At most 2 s. */
int doctor_bus_call(struct doctor *doctor, const char *destination, const char *path,
                    const char *interface, const char *member, bool start, sd_bus_error *ret_error,
                    sd_bus_message **ret, const char *types, ...);
/* All properties of an interface, as JSON; what has no likeness there is left out. */
int doctor_bus_properties(struct doctor *doctor, const char *destination, const char *path,
                          const char *interface, json_t **ret);
bool doctor_bus_has(struct doctor *doctor, const char *name); /* somebody owns it */

/* ---- view.c ---- */

/* The data of strided's answer to a verb without arguments; -errno. */
int doctor_ask(struct doctor *doctor, const char *verb, sd_bus_error *ret_error, json_t **ret);

/* ---- adapter.c ---- */

/* As strided takes it: the named one, or else the first that is powered, or the first; NULL: none. */
const struct objects_adapter *doctor_adapter(const struct doctor *doctor);

/* ---- rights.c ---- */

enum right { RIGHT_NO, RIGHT_YES, RIGHT_UNKNOWN };
struct person { /* whose rights are asked for */
    bool known;
    unsigned uid;
    unsigned groups[64];
    size_t n_groups;
};
void person_of(const char *user, struct person *ret);
/* By mode, owner and group alone; want: of R_OK, W_OK, X_OK. */
bool rights_by_mode(const struct person *person, unsigned uid, unsigned gid, unsigned mode,
                    int want);
/* Of a path: what an access list allows is not known. -errno in *ret_error when it can't be looked at. */
enum right rights_of(const struct person *person, const char *path, int want, int *ret_error);
/* The first part of the path that does not let the person through, or the path itself where they lack
 * `want`; RIGHT_YES: none. ret: that part. */
enum right rights_along(const struct person *person, const char *path, int want, char *ret,
                        size_t size, int *ret_error);

/* ---- apart.c ---- */

struct apart; /* a process of its own that says findings */
struct apart *apart_begin(struct doctor *doctor, void (*look)(struct doctor *doctor));
/* Passes on what it said; false: it did not end in time, and is ended. */
bool apart_end(struct doctor *doctor, struct apart *apart, uint64_t deadline_usec);

/* ---- the checks ---- */

void doctor_look_config(struct doctor *doctor);
void doctor_ask_service(struct doctor *doctor); /* asks, and says nothing */
void doctor_look_service(struct doctor *doctor);
void doctor_look_bus(struct doctor *doctor);
void doctor_look_daemon(struct doctor *doctor);
void doctor_look_bluetoothd(struct doctor *doctor);
void doctor_look_adapter(struct doctor *doctor);
void doctor_look_discovery(struct doctor *doctor);
void doctor_look_sensors(struct doctor *doctor);
void doctor_look_links(struct doctor *doctor);
void doctor_look_wifi(struct doctor *doctor);
void doctor_look_clock(struct doctor *doctor);
void doctor_look_folder(struct doctor *doctor); /* disk, database, recordings */
void doctor_look_import(struct doctor *doctor);
void doctor_look_broker(struct doctor *doctor); /* to the gateway's name */
void doctor_look_problems(struct doctor *doctor);
