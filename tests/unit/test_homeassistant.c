/* SPDX-License-Identifier: MIT */
/*
 * Discovery payloads of a house with two runners and three sensors, held to Home Assistant's rules: the
 * ones that cost entities are checked here, all of them by tools/ha-check of the shared folder where
 * that is there. The state messages that go with it are made from the contract's rows, not by the
 * renderer, so that a template is judged by the contract.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "daemon/broker/homeassistant.h"
#include "lib/contract.h"

#define MACHINE      "0123456789abcdef0123456789abcdef"
#define MESSAGES_MAX 64

struct messages {
    char topic[MESSAGES_MAX][TOPIC_MAX];
    char *payload[MESSAGES_MAX];
    size_t n;
};

static int keep(void *userdata, const char *topic, const char *payload, size_t length)
{
    struct messages *messages = userdata;
    assert_true(messages->n < MESSAGES_MAX && strlen(payload) == length);
    snprintf(messages->topic[messages->n], TOPIC_MAX, "%s", topic);
    messages->payload[messages->n++] = strdup(payload);
    return 0;
}

static void forget(struct messages *messages)
{
    while (messages->n > 0)
        free(messages->payload[--messages->n]);
}

static struct conf *house(void)
{
    static struct conf conf;
    static const char *const names[] = { "pod", "strap-2", "belt" };
    memset(&conf, 0, sizeof(conf));
    rule_settings_init(&conf.rules);
    strcpy(conf.gateway, "hall");
    strcpy(conf.gateway_name, "Hall");
    strcpy(conf.mqtt_root, "strided");
    strcpy(conf.ha_prefix, "homeassistant");
    conf.ha_discovery = true;
    conf.n_runners = 2;
    strcpy(conf.runners[0].id, "anna");
    strcpy(conf.runners[0].display_name, "Anna \"the hare\" Ä");
    strcpy(conf.runners[1].id, "ben");
    conf.runners[0].publish_heart_rate = conf.runners[1].publish_heart_rate = true;
    conf.n_sensors = 3;
    for (size_t i = 0; i < 3; i++) {
        strcpy(conf.sensors[i].name, names[i]);
        snprintf(conf.sensors[i].address, sizeof(conf.sensors[i].address), "C0:DE:00:00:00:%02zX",
                 10 + i);
    }
    return &conf;
}

static const struct payload_sensor *model_of(void *userdata, size_t sensor)
{
    static struct payload_sensor known;
    memset(&known, 0, sizeof(known));
    strcpy(known.manufacturer, "Example");
    strcpy(known.model, "P1");
    return sensor == 0 ? &known : NULL;
}

static void render(const struct conf *conf, struct messages *messages)
{
    struct homeassistant_options options = {
        .conf = conf, .machine = MACHINE, .version = "0.1.0", .sensor = model_of
    };
    assert_int_equal(homeassistant_render(&options, keep, messages), 0);
}

/* ---- example states ------------------------------------------------------------------------------------- */

static json_t *example_value(const struct contract_row *row)
{
    double middle = contract_round(row, row->min + (row->max - row->min) / 2);
    switch (row->type) {
    case CONTRACT_NUMBER:
        return row->decimals ? json_real(middle) : json_integer((json_int_t)middle);
    case CONTRACT_BOOL:
        return json_true();
    case CONTRACT_ENUM:
    case CONTRACT_WORD:
        return json_string(contract_word(row, 0));
    case CONTRACT_TIME_S:
    case CONTRACT_TIME_MS:
        return json_string("2026-05-17T06:30:00Z");
    case CONTRACT_NUMBER_MAP:
        return json_pack("{s:i, s:i}", "pod", -60, "strap-2", -71);
    case CONTRACT_STRING:
        return json_string("text");
    case CONTRACT_OBJECT:
        return json_object();
    case CONTRACT_NUMBERS:
    case CONTRACT_STRINGS:
    case CONTRACT_OBJECTS:
        break;
    case CONTRACT_GROUP: /* see example_of_rows */
    case CONTRACT_NESTED:
        return json_object();
    }
    return json_array();
}

static json_t *example_of_rows(const struct contract_row *rows, size_t n, bool unknown)
{
    json_t *root = json_object();
    for (size_t i = 0; i < n; i++) {
        bool null = unknown && rows[i].nullable;
        const char *dot = strchr(rows[i].path, '.');
        char outer[64];
        snprintf(outer, sizeof(outer), "%.*s", dot ? (int)(dot - rows[i].path) : 0, rows[i].path);
        json_t *object = dot ? json_object_get(root, outer) : root;
        if (!object)
            json_object_set_new(root, outer, object = json_object());
        json_object_set_new(object, dot ? dot + 1 : rows[i].path,
                            null ? json_null()
                            : rows[i].type == CONTRACT_GROUP
                                ? example_of_rows(rows[i].rows, rows[i].n_rows, unknown)
                                : example_value(&rows[i]));
    }
    return root;
}

static char *example(enum contract_kind kind, bool unknown)
{
    size_t n = 0;
    const struct contract_row *rows = contract_rows(kind, &n);
    json_t *root = example_of_rows(rows, n, unknown);
    char *text = json_dumps(root, JSON_COMPACT);
    json_decref(root);
    return text;
}

static void add_states(struct messages *messages, bool unknown)
{
    static const struct {
        const char *topic;
        enum contract_kind kind;
    } rows[] = {
        { "strided/hall/health", CONTRACT_HEALTH },
        { "strided/hall/sensor/pod", CONTRACT_SENSOR },
        { "strided/hall/sensor/strap-2", CONTRACT_SENSOR },
        { "strided/hall/sensor/belt", CONTRACT_SENSOR },
        { "strided/hall/runner/anna/now", CONTRACT_LIVE },
        { "strided/hall/runner/anna/session", CONTRACT_SESSION },
        { "strided/hall/runner/anna/week", CONTRACT_WEEK },
        { "strided/hall/runner/anna/note", CONTRACT_NOTE },
        { "strided/hall/runner/anna/alert/weekly_distance", CONTRACT_ALERT },
        { "strided/hall/runner/anna/event", CONTRACT_EVENT },
        { "strided/hall/runner/ben/now", CONTRACT_LIVE },
        { "strided/hall/runner/ben/session", CONTRACT_SESSION },
        { "strided/hall/runner/ben/event", CONTRACT_EVENT },
    };
    keep(messages, "strided/hall/status", "online", 6);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char *payload = example(rows[i].kind, unknown);
        keep(messages, rows[i].topic, payload, strlen(payload));
        free(payload);
    }
}

/* ---- our own strict rules ----------------------------------------------------------------------------------- */

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static bool is_word(const char *text)
{
    return text[0] && text[0] != '_' &&
           text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_-")] == '\0';
}

static void check_keys(const json_t *object, const char *const *allowed, const char *where)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)object, key, value)
    {
        size_t i = 0;
        while (allowed[i] && strcmp(allowed[i], key) != 0)
            i++;
        if (!allowed[i])
            fail_msg("%s has a key '%s' that Home Assistant does not know", where, key);
    }
}

static void check_options(const json_t *options, const char *id)
{
    size_t i;
    json_t *option;

    json_array_foreach((json_t *)options, i, option)
    {
        const char *word = json_string_value(option);
        if (strcmp(word, "unavailable") == 0 || strcmp(word, "unknown") == 0)
            fail_msg("%s: '%s' is what Home Assistant says of what it does not hear of", id, word);
    }
}

static void check_sensor(const json_t *component, const char *id)
{
    const char *class = text_of(component, "dev_cla");
    bool is_enum = strcmp(class, "enum") == 0;
    bool numeric =
        json_object_get(component, "unit_of_meas") || json_object_get(component, "stat_cla");
    if (is_enum != (json_array_size(json_object_get(component, "ops")) > 0) || (is_enum && numeric))
        fail_msg("%s: an enum has options, and neither unit nor state class", id);
    check_options(json_object_get(component, "ops"), id);
    if (json_object_get(component, "unit_of_meas") && !json_object_get(component, "stat_cla"))
        fail_msg("%s: a unit without state class", id);
    if (json_object_get(component, "sug_dsp_prc") && is_enum)
        fail_msg("%s: a precision for words", id);
    if (json_object_get(component, "unit_of_meas") && !json_object_get(component, "sug_dsp_prc"))
        fail_msg("%s: a number without precision", id);
    if ((is_enum || !class[0]) && !text_of(component, "ic")[0])
        fail_msg("%s: neither an icon nor a class that has one", id);
}

/* What is entered stands in the request, once, and the rest of it is JSON already. */
static void check_template(const json_t *component, const char *id)
{
    const char *template = text_of(component, "cmd_tpl"), *begin = strstr(template, "{{ ");
    const char *end = begin ? strstr(begin, " }}") : NULL;
    char request[300];

    if (!end || strstr(end, "{{") || !strstr(begin, "value"))
        fail_msg("%s: its template takes no value", id);
    snprintf(request, sizeof(request), "%.*s1%s", (int)(begin - template), template, end + 3);
    json_t *object = json_loads(request, 0, NULL);
    if (!json_is_object(object))
        fail_msg("%s: it sends %s", id, request);
    json_decref(object);
}

static void check_command(const json_t *component, const char *id)
{
    if (strncmp(text_of(component, "cmd_t"), "strided/hall/request/", 21) != 0)
        fail_msg("%s: its command goes nowhere", id);
    if (strcmp(text_of(component, "p"), "button") == 0) {
        json_t *payload = json_loads(text_of(component, "pl_prs"), 0, NULL);
        if (!json_is_object(payload))
            fail_msg("%s: its payload is no JSON object", id);
        json_decref(payload);
        return;
    }
    check_template(component, id);
    if (json_object_get(component, "opt") || !text_of(component, "stat_t")[0])
        fail_msg("%s: it shows what was merely asked for", id);
    if (strcmp(text_of(component, "p"), "select") == 0
            ? json_array_size(json_object_get(component, "ops")) == 0
            : json_number_value(json_object_get(component, "min")) >=
                  json_number_value(json_object_get(component, "max")))
        fail_msg("%s: what it allows", id);
}

/* OFF is a word of its own: nothing is wrong. `health` has that verdict each time it comes; whatever else
 * may have none must say so, and is unknown then. */
static void check_problem(const json_t *component, const char *id)
{
    const char *topic = text_of(component, "stat_t"), *template = text_of(component, "val_tpl");

    if (strcmp(topic, "strided/hall/health") == 0)
        assert_string_equal(template, "{{ 'ON' if value_json.problems else 'OFF' }}");
    else if (!strstr(template, "none"))
        fail_msg("%s: OFF where there is no verdict", id);
}

static void check_component(const json_t *component, const char *id, json_t *seen)
{
    const char *unique_id = text_of(component, "uniq_id"), *platform = text_of(component, "p");
    const char *topic = text_of(component, "stat_t"), *template = text_of(component, "val_tpl");
    const char *entity_id = text_of(component, "def_ent_id");
    char key[200];
    bool now = strstr(topic, "/now") != NULL;
    snprintf(key, sizeof(key), "%s.", platform);
    if (strncmp(entity_id, key, strlen(key)) != 0 || strchr(entity_id, '-') ||
        !is_word(strchr(entity_id, '.') + 1) || json_object_get(seen, entity_id))
        fail_msg("%s: entity id '%s' is missing, odd or there twice", id, entity_id);
    json_object_set_new(seen, entity_id, json_true());
    if (!is_word(id) || !is_word(unique_id) || json_object_get(seen, unique_id))
        fail_msg("%s: unique_id '%s' is missing, odd or there twice", id, unique_id);
    json_object_set_new(seen, unique_id, json_true());
    if (!text_of(component, "name")[0])
        fail_msg("%s: no name", id);
    if (strcmp(platform, "button") != 0 && (!topic[0] || !strstr(template, "value_json.")))
        fail_msg("%s: no value", id);
    bool expires = json_object_get(component, "exp_aft") != NULL;
    if (expires != (now && strcmp(platform, "number") != 0))
        fail_msg("%s: expire_after is for what `now` carries", id);
    if (strcmp(text_of(component, "dev_cla"), "problem") == 0)
        check_problem(component, id);
    if (strcmp(platform, "sensor") == 0)
        check_sensor(component, id);
    else if (strcmp(platform, "button") == 0 || strcmp(platform, "number") == 0 ||
             strcmp(platform, "select") == 0 || strcmp(platform, "text") == 0)
        check_command(component, id);
    else if (strcmp(platform, "binary_sensor") != 0 && strcmp(platform, "event") != 0)
        fail_msg("%s: platform '%s'", id, platform);
}

static const char *const root_keys[] = { "dev", "o", "avty_t", "cmps", NULL };
static const char *const device_keys[] = { "ids", "name", "mf", "mdl", "sw", "via_device", NULL };
static const char *const component_keys[] = { "p",
                                              "uniq_id",
                                              "name",
                                              "dev_cla",
                                              "stat_cla",
                                              "unit_of_meas",
                                              "sug_dsp_prc",
                                              "ic",
                                              "ent_cat",
                                              "en",
                                              "stat_t",
                                              "val_tpl",
                                              "exp_aft",
                                              "ops",
                                              "evt_typ",
                                              "cmd_t",
                                              "pl_prs",
                                              "cmd_tpl",
                                              "min",
                                              "max",
                                              "step",
                                              "mode",
                                              "qos",
                                              "json_attr_t",
                                              "json_attr_tpl",
                                              "def_ent_id",
                                              NULL };

static void check_payload(const char *topic, const char *text, json_t *seen)
{
    json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, NULL), *component;
    const char *id;
    char expected[TOPIC_MAX];
    assert_non_null(root);
    check_keys(root, root_keys, "the root");
    json_t *device = json_object_get(root, "dev");
    check_keys(device, device_keys, "the device");
    const char *identity = json_string_value(json_array_get(json_object_get(device, "ids"), 0));
    snprintf(expected, sizeof(expected), "homeassistant/device/%s/config", identity);
    assert_string_equal(topic, expected);
    assert_true(text_of(device, "name")[0]);
    bool gateway = strcmp(identity, "strided_0123456789ab") == 0;
    assert_string_equal(text_of(device, "via_device"), gateway ? "" : "strided_0123456789ab");
    assert_string_equal(text_of(json_object_get(root, "o"), "name"), "strided");
    assert_string_equal(text_of(root, "avty_t"), "strided/hall/status");
    assert_true(json_object_size(json_object_get(root, "cmps")) > 0);
    json_object_foreach(json_object_get(root, "cmps"), id, component)
    {
        if (json_object_size(component) == 1 && text_of(component, "p")[0])
            continue; /* says that it is gone */
        check_keys(component, component_keys, id);
        check_component(component, id, seen);
    }
    json_decref(root);
}

/* ---- situations ------------------------------------------------------------------------------------------------ */

static void test_a_house_keeps_the_rules(void **state)
{
    static const char *const topics[] = {
        "homeassistant/device/strided_0123456789ab/config",
        "homeassistant/device/strided_0123456789ab_sensor_c0de0000000a/config",
        "homeassistant/device/strided_0123456789ab_sensor_c0de0000000b/config",
        "homeassistant/device/strided_0123456789ab_sensor_c0de0000000c/config",
        "homeassistant/device/strided_0123456789ab_runner_anna/config",
        "homeassistant/device/strided_0123456789ab_runner_ben/config",
    };
    struct messages messages = { .n = 0 };
    json_t *seen = json_object();
    render(house(), &messages);
    assert_int_equal(messages.n, 6);
    for (size_t i = 0; i < messages.n; i++) {
        assert_string_equal(messages.topic[i], topics[i]);
        check_payload(messages.topic[i], messages.payload[i], seen);
    }
    assert_non_null(strstr(messages.payload[1], "\"mf\":\"Example\",\"mdl\":\"P1\""));
    json_decref(seen);
    forget(&messages);
}

/* Named with all that is needed, not only as one that is gone. */
static bool has(const struct messages *messages, size_t i, const char *component)
{
    json_t *root = json_loads(messages->payload[i], 0, NULL);
    bool there = json_object_size(json_object_get(json_object_get(root, "cmps"), component)) > 1;
    json_decref(root);
    return there;
}

static void test_what_a_device_has(void **state)
{
    static const struct {
        const char *label;
        size_t device;
        const char *component;
    } rows[] = {
        { "gateway", 0, "events_waiting" },
        { "gateway", 0, "scan" },
        { "gateway", 0, "problems" },
        { "sensor", 1, "battery_pct" },
        { "sensor", 1, "state" },
        { "sensor", 1, "link" },
        { "sensor", 1, "signal_dbm" },
        { "runner", 4, "heart_rate_bpm" },
        { "runner", 4, "cadence_spm" },
        { "runner", 4, "speed_m_s" },
        { "runner", 4, "pace_s_per_km" },
        { "runner", 4, "distance_m" },
        { "runner", 4, "moving_s" },
        { "runner", 4, "zone" },
        { "runner", 4, "trimp" },
        { "runner", 4, "edwards" },
        { "runner", 4, "grade_pct" },
        { "runner", 4, "event" },
        { "runner", 4, "set_incline" },
        { "runner", 4, "session_begin" },
        { "runner", 4, "session_finish" },
        { "runner", 4, "session_running" },
        { "runner", 4, "power_w" },
        { "runner", 4, "temperature_c" },
        { "sensor", 1, "release" },
        { "sensor", 1, "kind" },
        { "sensor", 1, "last_seen" },
        { "gateway", 0, "clock" },
        { "runner", 4, "week_distance" },
        { "runner", 4, "limit_downhill_drop" },
        { "runner", 4, "left_moving" },
        { "runner", 4, "usual_downhill_distance" },
        { "runner", 4, "verdict_weekly_downhill" },
        { "runner", 4, "verdict_spike_descent" },
        { "runner", 4, "left_spike_distance" },
        { "runner", 4, "zone_s_1" },
        { "runner", 4, "zone_s_5" },
        { "runner", 4, "session_end" },
        { "runner", 4, "unset_incline" },
        { "runner", 4, "event_session" },
        { "runner", 4, "event_alert" },
        { "runner", 4, "event_import" },
    };
    struct messages messages = { .n = 0 };
    render(house(), &messages);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (!has(&messages, rows[i].device, rows[i].component))
            fail_msg("the %s has no %s", rows[i].label, rows[i].component);
    assert_false(has(&messages, 0, "signal_dbm"));
    forget(&messages);
}

/* Returns how many components of a house as it is set up are only said to be gone. One that is merely
 * not named any more would stay there for ever. */
static int count_gone(const struct messages *messages)
{
    struct messages all = { .n = 0 };
    int gone = 0;
    render(house(), &all);
    assert_int_equal(messages->n, all.n);
    for (size_t i = 0; i < all.n; i++) {
        json_t *before = json_loads(all.payload[i], 0, NULL), *component;
        json_t *after = json_loads(messages->payload[i], 0, NULL);
        const char *id;
        json_object_foreach(json_object_get(before, "cmps"), id, component)
        {
            const json_t *now = json_object_get(json_object_get(after, "cmps"), id);
            if (strcmp(text_of(now, "p"), text_of(component, "p")) != 0)
                fail_msg("%s: %s stays", all.topic[i], id);
            gone += json_object_size(now) == 1 && json_object_size(component) > 1;
        }
        json_decref(before);
        json_decref(after);
    }
    forget(&all);
    return gone;
}

static void test_a_runner_who_keeps_the_heart_rate_private(void **state)
{
    struct messages messages = { .n = 0 };
    struct conf *conf = house();
    conf->runners[0].publish_heart_rate = false;
    render(conf, &messages);
    static const char *const words[] = { "value_json.heart_rate", "value_json.trimp",
                                         "value_json.edwards",    "value_json.zone",
                                         "value_json.rr_",        "value_json.dfa" };
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        assert_null(strstr(messages.payload[4], words[i]));
    assert_non_null(strstr(messages.payload[5], words[0]));
    assert_true(has(&messages, 4, "cadence_spm"));
    assert_true(has(&messages, 5, "heart_rate_bpm"));
    assert_non_null(strstr(messages.payload[4], "\"heart_rate_bpm\":{\"p\":\"sensor\"}"));
    assert_in_range(count_gone(&messages), 5, 30);
    forget(&messages);
}

static void test_rules_that_are_on_have_a_problem_each(void **state)
{
    struct messages messages = { .n = 0 };
    struct conf *conf = house();
    conf->rules.rule[RULE_MONOTONY].enable = true;
    conf->rules.rule[RULE_WEEKLY_TIME].enable = false;
    conf->runners[0].publish_heart_rate = false; /* monotony is made of heart loads */
    render(conf, &messages);
    for (size_t runner = 0; runner < 2; runner++) {
        assert_true(has(&messages, 4 + runner, "rule_weekly_downhill"));
        assert_true(has(&messages, 4 + runner, "rule_spike_distance"));
        assert_false(has(&messages, 4 + runner, "rule_weekly_time"));
        assert_int_equal(has(&messages, 4 + runner, "rule_monotony"), runner == 1);
        assert_true(has(&messages, 4 + runner, "week_distance"));
        assert_true(has(&messages, 4 + runner, "left_downhill_drop"));
    }
    assert_non_null(strstr(messages.payload[4], "value_json.measures.distance_m.left_today"));
    /* one that was there before is to go: to leave it out is not enough */
    assert_non_null(strstr(messages.payload[4], "\"rule_weekly_time\":{\"p\":\"binary_sensor\"}"));
    assert_non_null(strstr(messages.payload[4], "\"verdict_weekly_time\":{\"p\":\"sensor\"}"));
    /* nor has it a limit, and what is left before it; what was done stays */
    assert_non_null(strstr(messages.payload[4], "\"limit_moving\":{\"p\":\"sensor\"}"));
    assert_non_null(strstr(messages.payload[4], "\"left_moving\":{\"p\":\"sensor\"}"));
    assert_true(has(&messages, 4, "week_moving"));
    forget(&messages);
}

static int count_pressed(const struct messages *messages)
{
    int n = 0;
    for (size_t i = 0; i < messages->n; i++)
        for (const char *at = messages->payload[i]; (at = strstr(at, "\"cmd_t\":")); at++)
            n++;
    return n;
}

static void test_no_commands(void **state)
{
    struct messages messages = { .n = 0 };
    struct conf *conf = house();
    render(conf, &messages);
    int n = count_pressed(&messages);
    forget(&messages);
    conf->mqtt_commands = CONF_COMMANDS_NONE;
    render(conf, &messages);
    assert_int_equal(count_pressed(&messages), 0);
    for (size_t i = 0; i < messages.n; i++)
        assert_null(strstr(messages.payload[i], "/request/"));
    /* scan; release of each sensor; of each runner start, stop, incline, and to take it back; and more */
    assert_true(n >= 1 + 3 + 2 * 4);
    assert_int_equal(count_gone(&messages), n);
    forget(&messages);
}

/* ---- what there is to press ------------------------------------------------------------------------------------- */

static json_t *component_of(const struct messages *messages, size_t i, const char *id)
{
    json_t *root = json_loads(messages->payload[i], 0, NULL);
    json_t *component = json_incref(json_object_get(json_object_get(root, "cmps"), id));
    json_decref(root);
    return component;
}

/* A table with more than today's, or with less */
static const char *const words_of_do[] = { "start", "note", "discard", NULL };
static const char *const only_start[] = { "start", NULL };
static const char *const surfaces[] = { "road", "track", "trail", NULL };
static const char *const some_rules[] = { "weekly_distance", "weekly_time", NULL };
static const char *const with_note[] = { "note", NULL };
static const char *const unsafe_words[] = { "discard", NULL };

static const struct command_argument runner_only[] = {
    { .name = "runner", .type = COMMAND_TEXT, .min = 1, .max = 31 },
    { .name = NULL },
};
static const struct command_argument for_hours[] = {
    { .name = "for_h", .type = COMMAND_INTEGER, .required = true, .min = 1, .max = 168 },
    { .name = "runner", .type = COMMAND_TEXT, .min = 1, .max = 31 },
    { .name = NULL },
};
static const struct command_argument rule_needed[] = {
    { .name = "runner", .type = COMMAND_TEXT, .min = 1, .max = 31 },
    { .name = "rule", .type = COMMAND_WORD, .required = true, .words = some_rules },
    { .name = NULL },
};
static const struct command_argument notes[] = {
    { .name = "do", .type = COMMAND_WORD, .required = true, .words = words_of_do },
    { .name = "runner", .type = COMMAND_TEXT, .min = 1, .max = 31 },
    { .name = "effort", .type = COMMAND_INTEGER, .max = 10, .with = with_note },
    { .name = "surface", .type = COMMAND_WORD, .words = surfaces, .with = with_note },
    { .name = "shoes", .type = COMMAND_TEXT, .min = 1, .max = 63, .with = with_note },
    { .name = NULL },
};
static const struct command_argument starts[] = {
    { .name = "do", .type = COMMAND_WORD, .required = true, .words = only_start },
    { .name = "runner", .type = COMMAND_TEXT, .min = 1, .max = 31 },
    { .name = "surface", .type = COMMAND_TEXT, .min = 1, .max = 31 }, /* of no known words */
    { .name = NULL },
};

static const struct command *more(const char *verb)
{
    static const struct command rows[] = {
        { .verb = "session", .arguments = notes, .unsafe_do = unsafe_words },
        { .verb = "acknowledge", .arguments = runner_only },
        { .verb = "snooze", .arguments = for_hours, .unsafe = true },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (strcmp(rows[i].verb, verb) == 0)
            return &rows[i];
    return NULL;
}

static const struct command *less(const char *verb)
{
    static const struct command rows[] = {
        { .verb = "session", .arguments = starts },
        { .verb = "acknowledge", .arguments = rule_needed },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (strcmp(rows[i].verb, verb) == 0)
            return &rows[i];
    return NULL;
}

static void render_table(struct conf *conf, const struct command *(*table)(const char *verb),
                         enum conf_commands commands, struct messages *ret)
{
    struct homeassistant_options options = {
        .conf = conf, .machine = MACHINE, .version = "0.1.0", .command = table
    };
    conf->mqtt_commands = commands;
    assert_int_equal(homeassistant_render(&options, keep, ret), 0);
}

static void test_what_the_table_takes_can_be_pressed(void **state)
{
    static const struct {
        const char *label;
        const struct command *(*table)(const char *verb);
        enum conf_commands commands;
        const char *there; /* of all that may be */
    } rows[] = {
        { "all of a larger table", more, CONF_COMMANDS_ALL,
          "session_begin session_discard effort surface shoes acknowledge snooze " },
        { "what is unsafe of it", more, CONF_COMMANDS_SAFE,
          "session_begin effort surface shoes acknowledge " },
        { "nothing of it", more, CONF_COMMANDS_NONE, "" },
        /* each of its rules by itself; one of them is off */
        { "a smaller one", less, CONF_COMMANDS_ALL, "session_begin acknowledge_weekly_distance " },
    };
    static const char *const all[] = { "session_begin",
                                       "session_finish",
                                       "session_discard",
                                       "set_incline",
                                       "unset_incline",
                                       "effort",
                                       "surface",
                                       "shoes",
                                       "acknowledge",
                                       "snooze",
                                       "acknowledge_weekly_distance",
                                       "acknowledge_weekly_time",
                                       "snooze_weekly_distance" };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct messages messages = { .n = 0 };
        char there[300] = "";
        json_t *seen = json_object();
        struct conf *conf = house();
        conf->rules.rule[RULE_WEEKLY_TIME].enable = false;
        render_table(conf, rows[i].table, rows[i].commands, &messages);
        for (size_t k = 0; k < sizeof(all) / sizeof(all[0]); k++)
            if (has(&messages, 4, all[k]))
                strcat(strcat(there, all[k]), " ");
        if (strcmp(there, rows[i].there) != 0)
            fail_msg("%s: %s", rows[i].label, there);
        assert_false(has(&messages, 0, "scan") || has(&messages, 1, "release"));
        count_gone(&messages); /* each of the others is said to be gone */
        for (size_t k = 0; k < messages.n; k++)
            check_payload(messages.topic[k], messages.payload[k], seen);
        json_decref(seen);
        forget(&messages);
    }
}

static void test_what_is_entered_keeps_the_bounds_of_the_table(void **state)
{
    struct messages messages = { .n = 0 };
    render_table(house(), more, CONF_COMMANDS_SAFE, &messages);
    json_t *effort = component_of(&messages, 4, "effort");
    assert_int_equal(json_number_value(json_object_get(effort, "min")), 0);
    assert_int_equal(json_number_value(json_object_get(effort, "max")), 10);
    assert_string_equal(text_of(effort, "cmd_t"), "strided/hall/request/session");
    assert_string_equal(text_of(effort, "cmd_tpl"),
                        "{\"do\":\"note\",\"runner\":\"anna\",\"effort\":{{ value }}}");
    assert_string_equal(text_of(effort, "stat_t"), "strided/hall/runner/anna/note");
    json_t *surface = component_of(&messages, 5, "surface");
    assert_int_equal(json_array_size(json_object_get(surface, "ops")), 3);
    assert_string_equal(json_string_value(json_array_get(json_object_get(surface, "ops"), 2)),
                        "trail");
    assert_string_equal(text_of(surface, "cmd_tpl"),
                        "{\"do\":\"note\",\"runner\":\"ben\",\"surface\":{{ value | tojson }}}");
    json_decref(effort);
    json_decref(surface);
    forget(&messages);

    render(house(), &messages);
    json_t *incline = component_of(&messages, 4, "set_incline");
    assert_true(json_number_value(json_object_get(incline, "min")) == -45);
    assert_true(json_number_value(json_object_get(incline, "max")) == 45);
    assert_true(json_number_value(json_object_get(incline, "step")) == 0.5);
    assert_string_equal(text_of(incline, "cmd_tpl"),
                        "{\"runner\":\"anna\",\"percent\":{{ value }}}");
    json_t *unset = component_of(&messages, 4, "unset_incline");
    assert_non_null(strstr(text_of(unset, "pl_prs"), "\"percent\":null"));
    json_t *release = component_of(&messages, 2, "release");
    assert_string_equal(text_of(release, "pl_prs"), "{\"sensor\":\"strap-2\"}");
    json_decref(incline);
    json_decref(unset);
    json_decref(release);
    forget(&messages);
}

/* ---- where it is shown, and with what ---------------------------------------------------------------------------- */

/* A house with every rule and every request; each of its components as `say` has it, in order of their ids. */
static void check_all(size_t device, const char *(*say)(const json_t *component),
                      const char *expected)
{
    struct messages messages = { .n = 0 };
    struct conf *conf = house();
    char found[6000] = "";
    const char *id;
    json_t *component;

    for (enum rule_id rule = 0; rule < RULES; rule++)
        conf->rules.rule[rule].enable = rule == RULE_WEEKLY_DISTANCE;
    render_table(conf, NULL, CONF_COMMANDS_ALL, &messages);
    json_t *root = json_loads(messages.payload[device], 0, NULL);
    char *text = json_dumps(json_object_get(root, "cmps"), JSON_SORT_KEYS);
    json_t *sorted = json_loads(text, 0, NULL);

    free(text);
    json_object_foreach(sorted, id, component)
    {
        const char *said = json_object_size(component) > 1 ? say(component) : NULL;
        if (said && said[0])
            snprintf(found + strlen(found), sizeof(found) - strlen(found), "%s:%s ", id, said);
    }
    assert_string_equal(found, expected);
    json_decref(sorted);
    json_decref(root);
    forget(&messages);
}

static const char *category_of(const json_t *component)
{
    return text_of(component, "ent_cat");
}

/* Of sensors check_sensor() sees to it. */
static const char *looks_of(const json_t *component)
{
    const char *class = text_of(component, "dev_cla"), *icon = text_of(component, "ic");

    if (strcmp(text_of(component, "p"), "sensor") == 0)
        return NULL;
    return icon[0] ? icon : class[0] ? class : "nothing";
}

static void test_what_is_set_or_only_of_interest_to_who_mends_stands_apart(void **state)
{
    check_all(0, category_of,
              "adapter:diagnostic anon_bytes:diagnostic bluetoothd:diagnostic "
              "broker_losses:diagnostic clock:diagnostic events_dropped:diagnostic "
              "events_waiting:diagnostic loop_stall_ms:diagnostic problems:diagnostic "
              "rss_bytes:diagnostic unknown:diagnostic ");
    check_all(1, category_of,
              "battery_pct:diagnostic cadence_unit:diagnostic drops:diagnostic kind:diagnostic "
              "last_seen:diagnostic link:diagnostic malformed:diagnostic reason:diagnostic "
              "runner:diagnostic signal_dbm:diagnostic state:diagnostic truncated:diagnostic ");
    check_all(4, category_of,
              "altitude_coverage_pct:diagnostic gaps_s:diagnostic "
              "session_cadence_source:diagnostic session_distance_source:diagnostic "
              "session_grade_source:diagnostic session_heart_source:diagnostic set_incline:config "
              "unset_incline:config ");
}

static void test_each_entity_has_an_icon_or_a_class_that_gives_one(void **state)
{
    check_all(0, looks_of, "problems:problem scan:mdi:bluetooth-audio ");
    check_all(1, looks_of, "link:connectivity release:mdi:bluetooth-off ");
    check_all(4, looks_of,
              "acknowledge:mdi:bell-check-outline "
              "acknowledge_weekly_distance:mdi:bell-check-outline effort:mdi:arm-flex "
              "event:mdi:bell-outline event_alert:mdi:alert-outline "
              "event_import:mdi:file-import-outline event_session:mdi:run "
              "rule_weekly_distance:problem session_begin:mdi:play "
              "session_discard:mdi:delete-outline session_finish:mdi:stop session_running:running "
              "set_incline:mdi:slope-downhill shoes:mdi:shoe-sneaker snooze:mdi:bell-sleep-outline "
              "snooze_weekly_distance:mdi:bell-sleep-outline surface:mdi:road-variant "
              "unset_incline:mdi:slope-uphill ");
}

/* ---- events ----------------------------------------------------------------------------------------------------- */

static void test_events_have_the_kinds_that_they_can_be(void **state)
{
    static const struct {
        const char *id, *types;
    } rows[] = {
        { "event", "alert session_start session_end import retracted " },
        { "event_session", "session_start session_end retracted " },
        { "event_alert", "crossed reminded cleared retracted " },
        { "event_import", "imported partly refused " },
    };
    struct messages messages = { .n = 0 };
    render(house(), &messages);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        json_t *event = component_of(&messages, 4, rows[i].id), *type;
        char types[200] = "";
        size_t k;
        json_array_foreach(json_object_get(event, "evt_typ"), k, type)
            strcat(strcat(types, json_string_value(type)), " ");
        assert_string_equal(types, rows[i].types);
        assert_string_equal(text_of(event, "stat_t"), "strided/hall/runner/anna/event");
        json_decref(event);
    }
    forget(&messages);
}

static void test_entity_ids_are_those_of_the_runner_whatever_the_name(void **state)
{
    static const struct {
        size_t device;
        const char *id, *entity_id;
    } rows[] = {
        { 0, "problems", "binary_sensor.hall_problem" },
        { 2, "battery_pct", "sensor.sensor_strap_2_battery" },
        { 4, "week_distance", "sensor.anna_week_distance" },
        { 4, "trimp", "sensor.anna_heart_load_banister" },
        { 4, "rule_spike_distance", "binary_sensor.anna_longest_run" },
        { 5, "event_alert", "event.ben_alert" },
    };
    struct messages messages = { .n = 0 };
    struct conf *conf = house();
    strcpy(conf->runners[0].display_name, "\xc3\x84nne");
    render(conf, &messages);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        json_t *component = component_of(&messages, rows[i].device, rows[i].id);
        assert_string_equal(text_of(component, "def_ent_id"), rows[i].entity_id);
        json_decref(component);
    }
    forget(&messages);
}

static void test_no_discovery(void **state)
{
    struct messages messages = { .n = 0 };
    struct conf *conf = house();
    conf->ha_discovery = false;
    render(conf, &messages);
    assert_int_equal(messages.n, 0);
}

static int refuse(void *userdata, const char *topic, const char *payload, size_t length)
{
    ++*(int *)userdata;
    return -ENOBUFS;
}

static void test_what_can_not_be_said(void **state)
{
    int calls = 0;
    struct conf *conf = house();
    struct homeassistant_options options = { .conf = conf, .machine = MACHINE, .version = "0.1.0" };
    assert_int_equal(homeassistant_render(&options, refuse, &calls), -ENOBUFS);
    assert_int_equal(calls, 1);
    options.machine = "short";
    assert_int_equal(homeassistant_render(&options, refuse, &calls), -EINVAL);
    options.machine = "no hex digits at all";
    assert_int_equal(homeassistant_render(&options, refuse, &calls), -EINVAL);
    assert_int_equal(calls, 1);
}

static void test_a_sensor_keeps_its_identity_when_renamed(void **state)
{
    struct messages before = { .n = 0 }, after = { .n = 0 };
    struct conf *conf = house();
    render(conf, &before);
    strcpy(conf->sensors[0].name, "left");
    render(conf, &after);
    assert_string_equal(before.topic[1], after.topic[1]);
    const char *unique_id = "\"uniq_id\":\"strided_0123456789ab_sensor_c0de0000000a_battery_pct\"";
    assert_non_null(strstr(before.payload[1], unique_id));
    assert_non_null(strstr(after.payload[1], unique_id));
    forget(&before);
    forget(&after);
}

/* Whether the runners `anna` and `anna_<more>` would have an entity of one unique_id. */
static bool meet(json_t *components, const char *more)
{
    const char *id;
    json_t *component;
    json_object_foreach(components, id, component)
    {
        char longer[200];
        snprintf(longer, sizeof(longer), "%s_%s", more, id);
        if (json_object_get(components, longer))
            return true;
    }
    return false;
}

/* The configuration knows which names those are, of all entities that a runner can have. */
static void test_names_of_runners_that_would_share_an_entity(void **state)
{
    struct messages messages = { .n = 0 };
    struct conf *conf = house();
    for (enum rule_id rule = 0; rule < RULES; rule++)
        conf->rules.rule[rule].enable = true;
    render(conf, &messages);
    json_t *root = json_loads(messages.payload[4], 0, NULL), *component;
    json_t *components = json_object_get(root, "cmps");
    const char *id;
    int n = 0;
    json_object_foreach(components, id, component)
    {
        for (const char *end = id; (end = strchr(end, '_')); end++) {
            char more[100], other[120];
            snprintf(more, sizeof(more), "%.*s", (int)(end - id), id);
            snprintf(other, sizeof(other), "anna_%s", more);
            if (contract_runners_meet("anna", other) != meet(components, more))
                fail_msg("anna and %s", other);
            assert_int_equal(contract_runners_meet(other, "anna"), meet(components, more));
            n += meet(components, more);
        }
    }
    assert_true(n > 0);
    assert_true(meet(components, "downhill"));
    json_decref(root);
    forget(&messages);
}

static void test_birth_of_home_assistant(void **state)
{
    static const struct {
        const char *label, *topic, *payload;
        bool retained, birth;
    } rows[] = {
        { "online", "homeassistant/status", "online", false, true },
        { "offline", "homeassistant/status", "offline", false, false },
        { "an old one", "homeassistant/status", "online", true, false },
        { "empty", "homeassistant/status", "", false, false },
        { "another topic", "homeassistant/statuses", "online", false, false },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct mqtt_message message = { .topic = rows[i].topic,
                                        .payload = (const uint8_t *)rows[i].payload,
                                        .length = strlen(rows[i].payload),
                                        .retained = rows[i].retained };
        if (homeassistant_is_birth(house(), &message) != rows[i].birth)
            fail_msg("%s", rows[i].label);
    }
    for (int i = 0; i < 1000; i++) {
        uint64_t delay_usec = homeassistant_delay_usec();
        assert_true(delay_usec >= 1000000 && delay_usec < 5000000);
    }
}

static void test_our_topics_are_known_as_ours(void **state)
{
    char filter[TOPIC_MAX], prefix[TOPIC_MAX];
    struct messages messages = { .n = 0 };
    render(house(), &messages);
    assert_int_equal(homeassistant_own(house(), MACHINE, filter, prefix), 0);
    assert_string_equal(filter, "homeassistant/device/+/config");
    for (size_t i = 0; i < messages.n; i++)
        assert_int_equal(strncmp(messages.topic[i], prefix, strlen(prefix)), 0);
    forget(&messages);
}

/* ---- the shared checker ------------------------------------------------------------------------------------------- */

static void find_checker(char *ret, size_t size)
{
    const char *shared = getenv("STRIDED_SHARED"), *root = getenv("STRIDED_SOURCE_ROOT");
    if (shared)
        snprintf(ret, size, "%s/tools/ha-check", shared);
    else
        snprintf(ret, size, "%s/../shared/tools/ha-check", root ? root : ".");
}

static void run_checker(const char *checker, struct conf *conf,
                        const struct command *(*table)(const char *verb), bool unknown)
{
    char file[] = "/tmp/strided-ha-XXXXXX", command[600];
    struct messages messages = { .n = 0 };
    int fd = mkstemp(file);
    assert_true(fd >= 0);
    FILE *out = fdopen(fd, "w");
    render_table(conf, table, conf->mqtt_commands, &messages);
    add_states(&messages, unknown);
    for (size_t i = 0; i < messages.n; i++)
        fprintf(out, "%s %s\n", messages.topic[i], messages.payload[i]);
    fclose(out);
    forget(&messages);
    snprintf(command, sizeof(command), "python3 '%s' '%s' 1>&2", checker, file);
    int r = system(command);
    unlink(file);
    assert_int_equal(r, 0);
}

static void test_the_checker_has_nothing_to_say(void **state)
{
    char checker[512];
    find_checker(checker, sizeof(checker));
    if (access(checker, R_OK) < 0) {
        print_message("skipped: no %s here\n", checker);
        skip();
    }
    struct conf *conf = house();
    run_checker(checker, conf, NULL, false);
    run_checker(checker, conf, NULL, true);
    run_checker(checker, conf, more, false);
    conf->runners[0].publish_heart_rate = false;
    conf->mqtt_commands = CONF_COMMANDS_NONE;
    run_checker(checker, conf, NULL, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_house_keeps_the_rules),
        cmocka_unit_test(test_what_a_device_has),
        cmocka_unit_test(test_a_runner_who_keeps_the_heart_rate_private),
        cmocka_unit_test(test_rules_that_are_on_have_a_problem_each),
        cmocka_unit_test(test_no_commands),
        cmocka_unit_test(test_what_the_table_takes_can_be_pressed),
        cmocka_unit_test(test_what_is_entered_keeps_the_bounds_of_the_table),
        cmocka_unit_test(test_what_is_set_or_only_of_interest_to_who_mends_stands_apart),
        cmocka_unit_test(test_each_entity_has_an_icon_or_a_class_that_gives_one),
        cmocka_unit_test(test_events_have_the_kinds_that_they_can_be),
        cmocka_unit_test(test_entity_ids_are_those_of_the_runner_whatever_the_name),
        cmocka_unit_test(test_no_discovery),
        cmocka_unit_test(test_what_can_not_be_said),
        cmocka_unit_test(test_a_sensor_keeps_its_identity_when_renamed),
        cmocka_unit_test(test_names_of_runners_that_would_share_an_entity),
        cmocka_unit_test(test_birth_of_home_assistant),
        cmocka_unit_test(test_our_topics_are_known_as_ours),
        cmocka_unit_test(test_the_checker_has_nothing_to_say),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
