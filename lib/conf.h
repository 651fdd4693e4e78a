/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * The configuration: what /etc/strided/strided.conf and its drop-ins say, as one open value.
 *
 * One table in conf_key.c (section, key, parser, range, default, sentence) is the only place that knows
 * the keys: the parser, --check-config, the shipped commented file and the docs are made from it.
 * Text in, struct out; this file opens nothing. Every problem is reported with file, line and what
 * is allowed, all of them at once; the struct is only to be used when there is none.
 */
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/training/rule.h"

#define CONF_RUNNERS_MAX 32
#define CONF_SENSORS_MAX 256
#define CONF_ID_MAX      32  /* bytes with the NUL; ids are topic levels: [a-z0-9_-]+ */
#define CONF_TEXT_MAX    256 /* bytes with the NUL of a free text (a path, a URI, a name) */

enum conf_units { CONF_UNITS_METRIC, CONF_UNITS_IMPERIAL };
enum conf_commands { CONF_COMMANDS_SAFE, CONF_COMMANDS_ALL, CONF_COMMANDS_NONE };
enum conf_mqtt_version { CONF_MQTT_5, CONF_MQTT_311 };
enum conf_backup { CONF_BACKUP_NO, CONF_BACKUP_NIGHTLY };
enum conf_after { CONF_AFTER_KEEP, CONF_AFTER_MOVE, CONF_AFTER_DELETE };
enum conf_sex { CONF_SEX_UNKNOWN, CONF_SEX_FEMALE, CONF_SEX_MALE };
enum conf_file_altitude { CONF_ALTITUDE_GPS, CONF_ALTITUDE_BAROMETRIC };
enum conf_cadence_unit { CONF_CADENCE_AUTO, CONF_CADENCE_STEPS, CONF_CADENCE_STRIDES };

/* Which default holds depends on what the sensor turns out to be, so 'unset' is kept. */
enum conf_connect {
    CONF_CONNECT_UNSET,
    CONF_CONNECT_AUTO,
    CONF_CONNECT_WITH,
    CONF_CONNECT_ON_REQUEST
};

#define CONF_RUNNER_AUTO (-1) /* Runner=auto: whoever's own sensor streams */
/* No Runner= key; conf_finish resolves it (one runner: theirs; else auto). */
#define CONF_RUNNER_UNSET (-2)

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
    char name[CONF_ID_MAX];      /* section name, checked as a topic level */
    char address[18];            /* AA:BB:CC:DD:EE:FF, upper case; "" = not given (a problem) */
    char runner_id[CONF_ID_MAX]; /* Runner= as written; "" = not given; conf_finish makes of it: */
    int runner;                  /* index into runners[], or CONF_RUNNER_AUTO */
    bool runner_given;           /* a Runner= key was there (a treadmill without one is auto) */
    enum conf_cadence_unit cadence_unit;
    double factor; /* speed and distance are multiplied by it; 0.5 .. 2 */
    enum conf_connect connect;
    uint64_t grace_usec;        /* 0 .. 10 min */
    uint64_t idle_timeout_usec; /* 10 s .. 24 h; 0 = not given */
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
    char mqtt_client_cert[CONF_TEXT_MAX]; /* both, or neither */
    char mqtt_client_key[CONF_TEXT_MAX];
    char mqtt_root[CONF_ID_MAX];
    enum conf_mqtt_version mqtt_version;
    enum conf_commands mqtt_commands;
    /* [HomeAssistant] */
    bool ha_discovery;
    char ha_prefix[CONF_ID_MAX];
    /* [Import] */
    char import_folder[CONF_TEXT_MAX]; /* "" = no files are read */
    enum conf_after import_after;
    enum conf_backup backup;
    /* [Rules] and each [Rule id] */
    struct rule_settings rules;

    struct conf_runner runners[CONF_RUNNERS_MAX];
    size_t n_runners;
    struct conf_sensor sensors[CONF_SENSORS_MAX];
    size_t n_sensors;
};

/* ---- What was wrong */

#define CONF_PROBLEMS_MAX 64

struct conf_problem {
    char file[CONF_TEXT_MAX]; /* "" = of no file in particular */
    unsigned line;            /* 0 = of no line in particular */
    bool warning;             /* said, and refuses nothing */
    char text[400];           /* what is wrong and what is allowed; never a secret */
};

struct conf_problems {
    struct conf_problem items[CONF_PROBLEMS_MAX];
    size_t n;
    size_t more;   /* found, and no room to keep them */
    size_t errors; /* of all: those that are no warnings; 0: the configuration is good */
};

void conf_problem_add(struct conf_problems *problems, const char *file, unsigned line, bool warning,
                      const char *format, ...) __attribute__((format(printf, 5, 6)));
/* The i-th sentence as shown: "file:line: text", and at i == n "and N more" if there are. That it is
 * a warning is for the caller to say. false: no more to show. */
bool conf_problem_format(const struct conf_problems *problems, size_t i, char *ret, size_t size);

/* ---- Where each value comes from */

#define CONF_FILES_MAX 64
#define CONF_KEYS_MAX  16 /* keys of one section */
#define CONF_LOST_MAX  8

enum conf_section {
    CONF_SECTION_GATEWAY,
    CONF_SECTION_MQTT,
    CONF_SECTION_HOME_ASSISTANT,
    CONF_SECTION_IMPORT,
    CONF_SECTION_RULES,
    CONF_SECTION_RULE, /* one for each rule there is; those above are there once */
    CONF_SECTION_RUNNER,
    CONF_SECTION_SENSOR,
    CONF_SECTIONS,
};

struct conf_origin {
    uint16_t file; /* index into files[] + 1; 0: the default holds */
    /* what was written last is not allowed: that is said, and no more to be said of it */
    bool refused;
    uint32_t line;
};

struct conf_origins {
    char files[CONF_FILES_MAX][CONF_TEXT_MAX];
    size_t n_files;
    struct conf_origin single[CONF_SECTION_RULE][CONF_KEYS_MAX]; /* sections there are once */
    struct conf_origin rules[RULES][CONF_KEYS_MAX];
    struct conf_origin runners[CONF_RUNNERS_MAX][CONF_KEYS_MAX];
    struct conf_origin sensors[CONF_SENSORS_MAX][CONF_KEYS_MAX];
    struct conf_origin rule_section[RULES]; /* where [Rule id] stands first */
    struct conf_origin runner_section[CONF_RUNNERS_MAX];
    struct conf_origin sensor_section[CONF_SENSORS_MAX];
    /* Names in headers that were refused, the first of them: what refers to one is no second mistake. */
    char lost[CONF_LOST_MAX][CONF_ID_MAX];
    size_t n_lost;
};

/* Of one key; index: of the rule, runner or sensor, else 0. The section's own place where the key is not
 * written; NULL where there is none or no such key. */
const struct conf_origin *conf_origin_find(const struct conf_origins *origins,
                                           enum conf_section section, size_t index,
                                           const char *key);
const char *conf_origin_file(const struct conf_origins *origins, const struct conf_origin *origin);
/* By file, in the order they were read, and by line; those of other files and of none come last. */
void conf_problems_sort(struct conf_problems *problems, const struct conf_origins *origins);

/* ---- Reading */

#define CONF_LINE_MAX 1024 /* bytes of one line */

/* All defaults: no runner, no sensor. */
void conf_init(struct conf *conf);
/* One file's text. Files are given in load order, a later one wins: first what commands assigned,
 * then the main file, then its drop-ins. */
void conf_parse(struct conf *conf, struct conf_origins *origins, const char *file, const char *text,
                size_t length, struct conf_problems *problems);
/* Once, after the last file: what only shows when all is read. */
void conf_finish(struct conf *conf, const struct conf_origins *origins, const char *host_name,
                 struct conf_problems *problems);

/* Where the one of that name stands; n_runners, n_sensors: nobody is called so. */
size_t conf_find_runner(const struct conf *conf, const char *id);
size_t conf_find_sensor(const struct conf *conf, const char *name);
/* The same, unless another device has the name now. */
size_t conf_find_same_sensor(const struct conf *conf, const char *name, const char *address);
const struct conf_runner *conf_runner_of(const struct conf *conf,
                                         const char *id); /* NULL: nobody */

/* Whether a runner is judged by a rule: it is enabled, and does not tell what is to stay here. */
bool conf_rule_is_on(const struct conf *conf, const struct conf_runner *runner, enum rule_id rule);

/* A topic level of a name for people: "Hall (left)" is "hall-left"; "" when nothing is left. */
void conf_slug(const char *name, char ret[CONF_ID_MAX]);
bool conf_id_is_valid(const char *id); /* [a-z0-9_-]+, at most 31 bytes */
/* "45s", "1min 30s", "2h", a plain number of seconds. */
bool conf_parse_span(const char *text, uint64_t *ret_usec);

/* ---- Writing */

typedef void (*conf_write)(void *userdata, const char *text);
/* The effective values, each with its origin, for people; a configuration that means the same. There
 * are no secrets among them. */
void conf_dump(const struct conf *conf, const struct conf_origins *origins, conf_write write,
               void *userdata);
/* The shipped file: every key with its sentence and default, all commented. */
void conf_write_defaults(conf_write write, void *userdata);
