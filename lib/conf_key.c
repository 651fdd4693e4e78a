/* SPDX-License-Identifier: MIT */
/*
 * Every key there is. The parser, the checks, --check-config and the shipped file read this table;
 * a new key is a new row, and nothing else has to know of it.
 */
#include <stdio.h>
#include <string.h>
#include "lib/conf_key.h"

#define N(a)             (sizeof(a) / sizeof((a)[0]))
#define SIZEOF(s, field) sizeof(((const struct s *)0)->field)

#define KEY(where, name, kind, s, field)                                                           \
    .section = CONF_SECTION_##where, .key = (name), .type = CONF_TYPE_##kind,                      \
    .offset = offsetof(struct s, field), .size = SIZEOF(s, field)

static const char *const units[] = { "metric", "imperial", NULL };
static const char *const versions[] = { "5", "3.1.1", NULL };
static const char *const commands[] = { "safe", "all", "none", NULL };
static const char *const backups[] = { "no", "nightly", NULL };
static const char *const afters[] = { "keep", "move", "delete", NULL };
static const char *const sexes[] = { "", "female", "male", NULL };
static const char *const days[] = { "Sunday",   "Monday", "Tuesday",  "Wednesday",
                                    "Thursday", "Friday", "Saturday", NULL };
static const char *const altitudes[] = { "gps", "barometric", NULL };
static const char *const cadence_units[] = { "auto", "steps", "strides", NULL };
static const char *const notify_at[] = { "", "caution", "warning", NULL }; /* enum verdict_word */
static const char *const windows[] = { "rolling", "calendar", NULL };
static const char *const connects[] = { "", "auto", "with", "on-request", NULL };

const struct conf_key conf_keys[] = {
    { KEY(GATEWAY, "Name", TEXT, conf, gateway_name), .fallback = "",
      .help = "Name of this gateway, for people; its topic level is made from it. Default: the "
              "host name." },
    { KEY(GATEWAY, "Adapter", ADAPTER, conf, adapter), .fallback = "",
      .help = "Bluetooth adapter to use. Default: the first that works." },
    { KEY(GATEWAY, "Units", WORD, conf, units), .fallback = "metric", .words = units,
      .help =
          "Units of stridectl's tables and of sentences; figures are always published in metric." },
    { KEY(GATEWAY, "Backup", WORD, conf, backup), .fallback = "no", .words = backups,
      .help = "Whether the database is copied each night, into backups/ of the state folder, where "
              "the last seven are kept." },

    { KEY(MQTT, "Uri", URI, conf, mqtt_uri), .fallback = "",
      .help = "The broker. Without one, runs are recorded and nothing is published." },
    { KEY(MQTT, "Username", TEXT, conf, mqtt_username), .fallback = "",
      .help = "User at the broker. Default: none." },
    { KEY(MQTT, "PasswordFile", PATH, conf, mqtt_password_file), .fallback = "",
      .help = "File with the password and nothing else, readable by the service only (mode 0600). "
              "Default: the systemd credential mqtt-password, if there is one." },
    { KEY(MQTT, "CaFile", PATH, conf, mqtt_ca_file), .fallback = "",
      .help = "Certificates to check the broker's against, for mqtts. Default: the system's." },
    { KEY(MQTT, "ClientCert", PATH, conf, mqtt_client_cert), .fallback = "",
      .help = "Certificate to show to an mqtts broker that wants one, as PEM, and behind it those "
              "of the CAs between. Needs ClientKey=. Default: none." },
    { KEY(MQTT, "ClientKey", PATH, conf, mqtt_client_key), .fallback = "",
      .help = "Its private key, as PEM without a passphrase, readable by the service only (mode "
              "0600). Default: none." },
    { KEY(MQTT, "Root", ID, conf, mqtt_root), .fallback = "strided",
      .help = "First level of every topic." },
    { KEY(MQTT, "Version", WORD, conf, mqtt_version), .fallback = "5", .words = versions,
      .help = "Version of MQTT; 3.1.1 is for old brokers." },
    { KEY(MQTT, "Commands", WORD, conf, mqtt_commands), .fallback = "safe", .words = commands,
      .help = "Which commands are taken over MQTT; safe: all but assign, replace, forget, import, "
              "export, delete, record, backup, and of session discard and assign." },

    { KEY(HOME_ASSISTANT, "Discovery", BOOL, conf, ha_discovery), .fallback = "yes",
      .help = "Announce everything to Home Assistant." },
    { KEY(HOME_ASSISTANT, "Prefix", ID, conf, ha_prefix), .fallback = "homeassistant",
      .help = "Its discovery prefix." },

    { KEY(IMPORT, "Folder", PATH, conf, import_folder), .fallback = "",
      .help = "Where the files of runs made elsewhere (FIT, GPX, TCX) come in: one subfolder for "
              "each runner, named by the id. Default: none, and no files are read." },
    { KEY(IMPORT, "After", WORD, conf, import_after), .fallback = "keep", .words = afters,
      .help =
          "What becomes of a file once it is imported; move: into the subfolder done. In a "
          "folder that is synchronised both ways, move and delete take it from the phone too." },
    { KEY(RULES, "NotifyAt", WORD, conf, rules.notify_at), .fallback = "caution",
      .words = notify_at,
      .help = "From which verdict on a message goes out; the verdicts themselves are always "
              "published." },
    { KEY(RULES, "RemindEvery", SPAN, conf, rules.remind_every_usec), .min = 86400,
      .max = 366 * 86400.0, .fallback = "7d",
      .help = "A week that stays above its limit is told again after this time, with a run." },
    { KEY(RULES, "Window", WORD, conf, rules.window), .fallback = "rolling", .words = windows,
      .help = "What a week is: the last seven days, or the calendar week so far." },

    { KEY(RULE, "Enable", BOOL, rule_setting, enable), .help = "Judge by this rule." },
    { KEY(RULE, "Notify", BOOL, rule_setting, notify),
      .help = "Send a message when it is crossed." },
    { KEY(RULE, "Caution", NUMBER, rule_setting, caution),
      .help = "From how many times the reference on it says caution." },
    { KEY(RULE, "Warning", NUMBER, rule_setting, warning),
      .help = "From how many times the reference on it says warning; not below Caution=." },
    { KEY(RULE, "Floor", NUMBER, rule_setting, floor),
      .help = "So much above the reference is always ok." },

    { KEY(RUNNER, "DisplayName", TEXT, conf_runner, display_name), .fallback = "",
      .help = "Name for people. Default: the id." },
    { KEY(RUNNER, "Sex", WORD, conf_runner, sex), .fallback = "", .words = sexes,
      .help = "For heart load after Banister, whose weights differ. Default: not given." },
    { KEY(RUNNER, "BirthYear", WHOLE, conf_runner, birth_year), .min = 1900, .max = 2025,
      .fallback = "", .help = "Year of birth. Default: not given." },
    { KEY(RUNNER, "MaxHeartRate", WHOLE, conf_runner, max_heart_rate_bpm), .min = 100, .max = 240,
      .fallback = "", .help = "Beats a minute, as measured; zones need it. Default: not given." },
    { KEY(RUNNER, "RestHeartRate", WHOLE, conf_runner, rest_heart_rate_bpm), .min = 30, .max = 110,
      .fallback = "",
      .help = "Beats a minute, lying, in the morning; must be below MaxHeartRate=. Default: not "
              "given." },
    { KEY(RUNNER, "Mass", NUMBER, conf_runner, mass_kg), .min = 20, .max = 300, .fallback = "",
      .help = "Kilograms. No effect yet. Default: not given." },
    { KEY(RUNNER, "TimeZone", ZONE, conf_runner, time_zone), .fallback = "",
      .help = "Where this runner's days begin and end. Default: the machine's zone." },
    { KEY(RUNNER, "WeekStart", WORD, conf_runner, week_start), .fallback = "Monday", .words = days,
      .help = "First day of the calendar week." },
    { KEY(RUNNER, "PublishHeartRate", BOOL, conf_runner, publish_heart_rate), .fallback = "yes",
      .help = "no: heart rate and what is made of it stay on this machine." },
    { KEY(RUNNER, "LiveIncline", PERCENT, conf_runner, live_incline_pct), .min = -45, .max = 45,
      .fallback = "unknown",
      .help = "Grade of live runs when nothing else tells it: rise per run, negative is "
              "downhill. 0 says that they are on a level belt." },
    { KEY(RUNNER, "FileAltitude", WORD, conf_runner, file_altitude), .fallback = "gps",
      .words = altitudes,
      .help = "What the watch measures the altitude in its GPX and TCX files with; a FIT file says "
              "it itself." },

    { KEY(SENSOR, "Address", ADDRESS, conf_sensor, address), .fallback = "",
      .help = "Bluetooth address, as `strided --scan` shows it. Every sensor needs one." },
    { KEY(SENSOR, "Runner", RUNNER, conf_sensor, runner_id), .fallback = "",
      .help = "Whose it is; auto, for a shared treadmill or barometer: whoever's own sensor "
              "streams. Default: the runner, if there is only one." },
    { KEY(SENSOR, "CadenceUnit", WORD, conf_sensor, cadence_unit), .fallback = "auto",
      .words = cadence_units,
      .help = "What its cadence counts: steps of both feet, or strides of one. auto: decided once, "
              "from its data." },
    { KEY(SENSOR, "Factor", NUMBER, conf_sensor, factor), .min = 0.5, .max = 2, .fallback = "1.000",
      .help = "Its speed and distance are multiplied by this." },
    { KEY(SENSOR, "Connect", WORD, conf_sensor, connect), .fallback = "", .words = connects,
      .help = "When to connect. auto: whenever it wakes; with: only while its runner's pod or a "
              "treadmill runs; on-request: only when told. Default: auto for pods and treadmills, "
              "with for all others." },
    { KEY(SENSOR, "Grace", SPAN, conf_sensor, grace_usec), .min = 0, .max = 600, .fallback = "45s",
      .help = "How long it is left to a watch that may look for it, before we connect." },
    { KEY(SENSOR, "IdleTimeout", SPAN, conf_sensor, idle_timeout_usec), .min = 10, .max = 86400,
      .fallback = "",
      .help =
          "Let go after this time without a step. Default: 5min, and never for a treadmill, which "
          "has no battery and advertises all day." },
};
const size_t conf_n_keys = N(conf_keys);

static const char *const section_names[CONF_SECTIONS] = {
    [CONF_SECTION_GATEWAY] = "Gateway",
    [CONF_SECTION_MQTT] = "MQTT",
    [CONF_SECTION_HOME_ASSISTANT] = "HomeAssistant",
    [CONF_SECTION_IMPORT] = "Import",
    [CONF_SECTION_RULES] = "Rules",
    [CONF_SECTION_RULE] = "Rule",
    [CONF_SECTION_RUNNER] = "Runner",
    [CONF_SECTION_SENSOR] = "Sensor",
};

const char *conf_section_name(enum conf_section section)
{
    return section < CONF_SECTIONS ? section_names[section] : NULL;
}

const struct conf_key *conf_key_at(enum conf_section section, size_t i)
{
    for (size_t k = 0; k < N(conf_keys); k++)
        if (conf_keys[k].section == section && i-- == 0)
            return &conf_keys[k];
    return NULL;
}

size_t conf_key_index(enum conf_section section, const char *name)
{
    const struct conf_key *key;

    for (size_t i = 0; (key = conf_key_at(section, i)); i++)
        if (strcmp(key->key, name) == 0)
            return i;
    return CONF_KEYS_MAX;
}

/* The settings of the rule as they are when nobody changed them. */
static void write_fallback(const struct conf_key *key, size_t index, struct conf_key_room *room)
{
    struct rule_settings settings;

    rule_settings_init(&settings);
    conf_value_format(key, &settings.rule[index], room->fallback, sizeof(room->fallback));
    room->key.fallback = room->fallback;
}

const struct conf_key *conf_key_of(const struct conf_key *key, size_t index,
                                   struct conf_key_room *room)
{
    enum rule_key threshold = 0;

    if (key->section != CONF_SECTION_RULE)
        return key;
    room->key = *key;
    while (threshold < RULE_KEYS && strcmp(rule_key_name(threshold), key->key) != 0)
        threshold++;
    if (threshold < RULE_KEYS &&
        !rule_key_range((enum rule_id)index, threshold, &room->key.min, &room->key.max))
        return NULL;
    write_fallback(key, index, room);
    return &room->key;
}

void *conf_section_base(struct conf *conf, enum conf_section section, size_t index)
{
    return section == CONF_SECTION_RULE     ? (void *)&conf->rules.rule[index]
           : section == CONF_SECTION_RUNNER ? (void *)&conf->runners[index]
           : section == CONF_SECTION_SENSOR ? (void *)&conf->sensors[index]
                                            : conf;
}
