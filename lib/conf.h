/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * The configuration: what /etc/strided/strided.conf and its drop-ins say, as one open value.
 *
 * One table in conf.c (section, key, parser, range, default, sentence) is the only place that knows
 * the keys: the parser, --check-config, the shipped commented file and the docs are made from it.
 * Text in, struct out; this file opens nothing. Every problem is reported with file, line and what
 * is allowed, all of them at once; the struct is only to be used when there is none.
 */
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONF_RUNNERS_MAX 32
#define CONF_SENSORS_MAX 256
#define CONF_ID_MAX      32  /* bytes with the NUL; ids are topic levels: [a-z0-9_-]+ */
#define CONF_TEXT_MAX    256 /* bytes with the NUL of a free text (a path, a URI, a name) */

enum conf_units { CONF_UNITS_METRIC, CONF_UNITS_IMPERIAL };
enum conf_commands { CONF_COMMANDS_SAFE, CONF_COMMANDS_ALL, CONF_COMMANDS_NONE };
enum conf_mqtt_version { CONF_MQTT_5, CONF_MQTT_311 };
enum conf_sex { CONF_SEX_UNKNOWN, CONF_SEX_FEMALE, CONF_SEX_MALE };
enum conf_file_altitude { CONF_ALTITUDE_GPS, CONF_ALTITUDE_BAROMETRIC };
enum conf_cadence_unit { CONF_CADENCE_AUTO, CONF_CADENCE_STEPS, CONF_CADENCE_STRIDES };

/* Which default holds depends on what the sensor turns out to be (DESIGN 4.4), so 'unset' is kept. */
enum conf_connect { CONF_CONNECT_UNSET, CONF_CONNECT_AUTO, CONF_CONNECT_WITH, CONF_CONNECT_ON_REQUEST };

#define CONF_RUNNER_AUTO  (-1) /* Runner=auto: whoever's own sensor streams */
#define CONF_RUNNER_UNSET (-2) /* no Runner= key; conf_finish resolves it (one runner: theirs; else auto) */

struct conf_runner {
    char id[CONF_ID_MAX]; /* section name, checked as a topic level */
    char display_name[CONF_TEXT_MAX];
    enum conf_sex sex;
    int birth_year;          /* 0: not given */
    int max_heart_rate_bpm;  /* 0: not given */
    int rest_heart_rate_bpm; /* 0: not given */
    double mass_kg;          /* NAN: not given */
    char time_zone[64];      /* IANA name; "" = the machine's */
    int week_start;          /* 0 = Sunday .. 6 = Saturday; default 1, Monday */
    bool publish_heart_rate;
    double live_incline_pct; /* NAN = unknown */
    enum conf_file_altitude file_altitude;
};

struct conf_sensor {
    char name[CONF_ID_MAX]; /* section name, checked as a topic level */
    char address[18];       /* AA:BB:CC:DD:EE:FF, upper case; "" = not given (a problem) */
    int runner;             /* index into runners[], or CONF_RUNNER_AUTO */
    bool runner_given;      /* a Runner= key was there (a treadmill without one is auto, DESIGN 4.10) */
    enum conf_cadence_unit cadence_unit;
    double factor; /* speed and distance are multiplied by it; 0.5 .. 2 */
    enum conf_connect connect;
    uint64_t grace_usec;        /* 0 .. 10 min */
    uint64_t idle_timeout_usec; /* 10 s .. 24 h */
};

struct conf {
    /* [Gateway] */
    char gateway_name[CONF_TEXT_MAX]; /* for people; "" until conf_finish sets the host name */
    char gateway[CONF_ID_MAX];        /* the topic level made from it */
    char adapter[18];                 /* address or hciN; "" = any */
    enum conf_units units;
    /* [MQTT] */
    char mqtt_uri[CONF_TEXT_MAX]; /* "" = no broker configured */
    char mqtt_username[CONF_TEXT_MAX];
    char mqtt_password_file[CONF_TEXT_MAX];
    char mqtt_ca_file[CONF_TEXT_MAX];
    char mqtt_root[CONF_ID_MAX];
    enum conf_mqtt_version mqtt_version;
    enum conf_commands mqtt_commands;
    /* [HomeAssistant] */
    bool ha_discovery;
    char ha_prefix[CONF_ID_MAX];

    struct conf_runner runners[CONF_RUNNERS_MAX];
    size_t n_runners;
    struct conf_sensor sensors[CONF_SENSORS_MAX];
    size_t n_sensors;
};
