/* SPDX-License-Identifier: MIT */
/*
 * What only shows when all files are read: names that refer to each other, values that do not go
 * together, and the defaults that depend on the rest.
 */
#include <stdio.h>
#include <string.h>
#include "lib/conf.h"
#include "lib/conf_key.h"
#include "lib/contract.h"
#include "lib/utf8.h"

struct check {
    struct conf *conf;
    const struct conf_origins *origins;
    struct conf_problems *problems;
};

/* The place of a key, or of its section, as two arguments for conf_problem_add. */
struct place {
    const char *file;
    unsigned line;
};

static struct place place_of(const struct check *check, enum conf_section section, size_t index,
                             const char *key)
{
    const struct conf_origin *origin = conf_origin_find(check->origins, section, index, key);

    return (struct place){ conf_origin_file(check->origins, origin), origin ? origin->line : 0 };
}

/* What was written was refused, and that was said: that it is missing is no second mistake. */
static bool was_refused(const struct check *check, enum conf_section section, size_t index,
                        const char *key)
{
    const struct conf_origins *origins = check->origins;
    size_t i = conf_key_index(section, key);

    return section == CONF_SECTION_SENSOR ? origins->sensors[index][i].refused
           : section == CONF_SECTION_RULE ? origins->rules[index][i].refused
                                          : origins->single[section][i].refused;
}

/* ---- The gateway's topic level */

/* Letters of Latin-1 above U+00BF without their marks. */
static char plain_letter(const char *character)
{
    static const char letters[] =
        "aaaaaaaceeeeiiiidnooooo-ouuuuypsaaaaaaaceeeeiiiidnooooo-ouuuuypy";

    return (unsigned char)character[0] == 0xC3 ? letters[(unsigned char)character[1] & 0x3F] : '-';
}

static char slug_letter(const char *character, size_t length)
{
    char c = character[0];

    if (length == 2)
        return plain_letter(character);
    if (c >= 'A' && c <= 'Z')
        return (char)(c - 'A' + 'a');
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ? c : '-';
}

void conf_slug(const char *name, char ret[CONF_ID_MAX])
{
    size_t n = 0, end = strlen(name);

    for (size_t at = 0, step; at < end && n < CONF_ID_MAX - 1; at += step) {
        step = utf8_character(name + at, end - at);
        char letter = slug_letter(name + at, step);
        step += step == 0;
        if (letter != '-' ||
            (n > 0 && ret[n - 1] != '-')) /* one dash for a run of odd characters */
            ret[n++] = letter;
    }
    while (n > 0 && ret[n - 1] == '-')
        n--;
    ret[n] = '\0';
}

static void finish_gateway(const struct check *check, const char *host_name)
{
    struct conf *conf = check->conf;
    struct place place = place_of(check, CONF_SECTION_GATEWAY, 0, "Name");

    if (conf->gateway_name[0] == '\0')
        snprintf(conf->gateway_name, sizeof(conf->gateway_name), "%s",
                 host_name[0] ? host_name : "strided");
    conf_slug(conf->gateway_name, conf->gateway);
    if (conf->gateway[0] == '\0')
        conf_problem_add(
            check->problems, place.file, place.line, false,
            "no topic level can be made of the gateway's name %.64s; allowed in [Gateway] "
            "Name=: a name with letters a-z or digits",
            conf->gateway_name);
}

/* ---- The broker */

static void warn_without_tls(const struct check *check, const char *key, const char *value)
{
    const struct place place = place_of(check, CONF_SECTION_MQTT, 0, key);

    if (value[0] && strncmp(check->conf->mqtt_uri, "mqtt://", 7) == 0)
        conf_problem_add(check->problems, place.file, place.line, true,
                         "%s= has no effect: Uri=mqtt:// is not encrypted, mqtts:// is", key);
}

/* One of two that are nothing without each other. */
static void check_other(const struct check *check, const char *key, const char *value,
                        const char *other, const char *other_value)
{
    const struct place place = place_of(check, CONF_SECTION_MQTT, 0, key);

    if (value[0] && !other_value[0] && !was_refused(check, CONF_SECTION_MQTT, 0, other))
        conf_problem_add(check->problems, place.file, place.line, false,
                         "%s= without %s=; allowed: both, or neither", key, other);
}

static void check_broker(const struct check *check)
{
    const struct conf *conf = check->conf;

    check_other(check, "PasswordFile", conf->mqtt_password_file, "Username", conf->mqtt_username);
    check_other(check, "ClientCert", conf->mqtt_client_cert, "ClientKey", conf->mqtt_client_key);
    check_other(check, "ClientKey", conf->mqtt_client_key, "ClientCert", conf->mqtt_client_cert);
    warn_without_tls(check, "CaFile", conf->mqtt_ca_file);
    warn_without_tls(check, "ClientCert", conf->mqtt_client_cert);
}

/* ---- Rules */

static void check_rule(const struct check *check, enum rule_id rule)
{
    const struct rule_setting *setting = &check->conf->rules.rule[rule];
    const struct place place = place_of(check, CONF_SECTION_RULE, rule, "Warning");

    if (!(setting->warning < setting->caution) ||
        was_refused(check, CONF_SECTION_RULE, rule, "Warning") ||
        was_refused(check, CONF_SECTION_RULE, rule, "Caution"))
        return;
    conf_problem_add(
        check->problems, place.file, place.line, false,
        "Warning=%.10g of [Rule %s] is below its Caution=%.10g; allowed: from %.10g on",
        setting->warning, rule_get(rule)->id, setting->caution, setting->caution);
}

/* ---- Runners */

static void check_runner(const struct check *check, size_t i)
{
    struct conf_runner *runner = &check->conf->runners[i];
    struct place rest = place_of(check, CONF_SECTION_RUNNER, i, "RestHeartRate");

    if (runner->display_name[0] == '\0')
        memcpy(runner->display_name, runner->id, sizeof(runner->id));
    if (runner->rest_heart_rate_bpm > 0 && runner->max_heart_rate_bpm > 0 &&
        runner->rest_heart_rate_bpm >= runner->max_heart_rate_bpm)
        conf_problem_add(check->problems, rest.file, rest.line, false,
                         "RestHeartRate=%d of [Runner %s] is not below its MaxHeartRate=%d",
                         runner->rest_heart_rate_bpm, runner->id, runner->max_heart_rate_bpm);
}

/* Ids of entities are for ever: of two that are one, the second would not be there. */
static void check_entities(const struct check *check, size_t i)
{
    const struct conf_runner *runners = check->conf->runners;
    const struct conf_origin *section = &check->origins->runner_section[i];

    for (size_t k = 0; k < i && check->conf->ha_discovery; k++)
        if (contract_runners_meet(runners[k].id, runners[i].id)) {
            conf_problem_add(check->problems, conf_origin_file(check->origins, section),
                             section->line, false,
                             "[Runner %s] would have an entity in Home Assistant that [Runner %s] "
                             "has; allowed: another id for one of them, or Discovery=no",
                             runners[i].id, runners[k].id);
            return;
        }
}

static void list_runners(const struct conf *conf, char *ret, size_t size)
{
    size_t at = (size_t)snprintf(ret, size, "auto");

    for (size_t i = 0; i < conf->n_runners && at < size; i++)
        at += (size_t)snprintf(ret + at, size - at, ", %s", conf->runners[i].id);
}

/* ---- Sensors */

static bool is_lost(const struct conf_origins *origins, const char *id)
{
    size_t i = 0;

    while (i < origins->n_lost && strcmp(origins->lost[i], id) != 0)
        i++;
    return i < origins->n_lost;
}

/* With one runner there is nobody else whose it could be. */
static int whoever(const struct conf *conf)
{
    return conf->n_runners == 1 ? 0 : CONF_RUNNER_AUTO;
}

static int index_of(const struct conf *conf, const char *runner)
{
    size_t i = conf_find_runner(conf, runner);

    return i < conf->n_runners ? (int)i : CONF_RUNNER_UNSET;
}

static void resolve_named_runner(const struct check *check, size_t i)
{
    struct conf_sensor *sensor = &check->conf->sensors[i];
    struct place place = place_of(check, CONF_SECTION_SENSOR, i, "Runner");
    char list[300];

    sensor->runner = strcmp(sensor->runner_id, "auto") == 0
                         ? whoever(check->conf)
                         : index_of(check->conf, sensor->runner_id);
    if (sensor->runner != CONF_RUNNER_UNSET)
        return;
    sensor->runner = CONF_RUNNER_AUTO;
    if (is_lost(check->origins, sensor->runner_id))
        return;
    list_runners(check->conf, list, sizeof(list));
    conf_problem_add(check->problems, place.file, place.line, false,
                     "Runner=%s of [Sensor %s] is no runner; allowed: %s", sensor->runner_id,
                     sensor->name, list);
}

static void resolve_runner(const struct check *check, size_t i)
{
    struct conf_sensor *sensor = &check->conf->sensors[i];
    struct place place = place_of(check, CONF_SECTION_SENSOR, i, "Runner");
    char list[300];

    sensor->runner_given = sensor->runner_id[0] != '\0';
    if (sensor->runner_given) {
        resolve_named_runner(check, i);
        return;
    }
    sensor->runner = whoever(check->conf);
    if (check->conf->n_runners <= 1 || was_refused(check, CONF_SECTION_SENSOR, i, "Runner"))
        return;
    /* Right for a treadmill and wrong for a pod; what it is only shows when it is connected. */
    list_runners(check->conf, list, sizeof(list));
    conf_problem_add(
        check->problems, place.file, place.line, true,
        "[Sensor %s] has no Runner=: right for a shared treadmill, but the runs of a pod "
        "or strap stay unassigned; allowed: %s",
        sensor->name, list);
}

static void check_address(const struct check *check, size_t i)
{
    const struct conf_sensor *sensors = check->conf->sensors;
    struct place place = place_of(check, CONF_SECTION_SENSOR, i, "Address");

    if (sensors[i].address[0] == '\0' && was_refused(check, CONF_SECTION_SENSOR, i, "Address"))
        return;
    if (sensors[i].address[0] == '\0') {
        conf_problem_add(check->problems, place.file, place.line, false,
                         "[Sensor %s] has no Address=; allowed: an address such as "
                         "C0:DE:00:00:00:01 (strided --scan shows them)",
                         sensors[i].name);
        return;
    }
    for (size_t k = 0; k < i; k++)
        if (strcmp(sensors[k].address, sensors[i].address) == 0) {
            conf_problem_add(
                check->problems, place.file, place.line, false,
                "Address=%s of [Sensor %s] is already that of [Sensor %s]; allowed: one "
                "sensor an address",
                sensors[i].address, sensors[i].name, sensors[k].name);
            return;
        }
}

void conf_finish(struct conf *conf, const struct conf_origins *origins, const char *host_name,
                 struct conf_problems *problems)
{
    const struct check check = { conf, origins, problems };

    finish_gateway(&check, host_name);
    check_broker(&check);
    for (enum rule_id rule = 0; rule < RULES; rule++)
        check_rule(&check, rule);
    for (size_t i = 0; i < conf->n_runners; i++) {
        check_runner(&check, i);
        check_entities(&check, i);
    }
    for (size_t i = 0; i < conf->n_sensors; i++) {
        resolve_runner(&check, i);
        check_address(&check, i);
    }
}

/* Monotony is made of heart loads, and they could be worked out from it. */
bool conf_rule_is_on(const struct conf *conf, const struct conf_runner *runner, enum rule_id rule)
{
    return conf->rules.rule[rule].enable &&
           (rule_get(rule)->family != RULE_OF_MONOTONY || runner->publish_heart_rate);
}
