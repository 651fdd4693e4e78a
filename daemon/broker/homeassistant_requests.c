/* SPDX-License-Identifier: MIT */
/*
 * What a person can press, set or choose. Each is a request of the command table, and is announced only
 * if the table takes the request that it would send, and MQTT is allowed to: so a verb, a word of `do`
 * or an argument that is not there has no entity, and none says yes by itself to what may be refused.
 */
#include "daemon/broker/homeassistant_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/commands/check.h"

/* Whom and what the request names */
enum about { ABOUT_GATEWAY, ABOUT_SENSOR, ABOUT_RUNNER, ABOUT_RULE };

struct subject { /* NULL: none */
    const char *sensor, *runner;
    const struct rule *rule;
};

struct request_row {
    enum about about;
    const char *platform, *id, *name, *icon;
    const char *verb;
    const char *fixed;    /* JSON object of the arguments that are always the same */
    const char *argument; /* what a person enters; NULL: a button */
    const char *unit, *mode;
    double step;
    enum topic topic;  /* where what holds is told; never what was merely asked for */
    const char *state; /* template for it */
    const char *category;
    bool disabled;
};

static const struct request_row rows[] = {
    { ABOUT_GATEWAY, "button", "scan", "Look for sensors", "mdi:bluetooth-audio", "scan",
      "{\"seconds\":10}", NULL },
    { ABOUT_SENSOR, "button", "release", "Let go for an hour", "mdi:bluetooth-off", "release", "{}",
      NULL },
    { ABOUT_RUNNER, "button", "session_begin", "Start session", "mdi:play", "session",
      "{\"do\":\"start\"}", NULL },
    { ABOUT_RUNNER, "button", "session_finish", "Stop session", "mdi:stop", "session",
      "{\"do\":\"stop\"}", NULL },
    { ABOUT_RUNNER, "button", "session_discard", "Discard session", "mdi:delete-outline", "session",
      "{\"do\":\"discard\"}", NULL, .disabled = true },
    /* The value shown is only what a person has set: a belt's own grade is the 'Incline' sensor's. */
    { ABOUT_RUNNER, "number", "set_incline", "Set incline", "mdi:slope-downhill", "incline", "{}",
      "percent", .unit = "%", .mode = "box", .step = 0.5, .topic = TOPIC_NOW,
      .state = "{{ value_json.grade_pct if value_json.source.grade == 'incline' else none }}",
      .category = "config" },
    { ABOUT_RUNNER, "button", "unset_incline", "Forget the incline that was set",
      "mdi:slope-uphill", "incline", "{\"percent\":null}", NULL, .category = "config" },
    { ABOUT_RUNNER, "number", "effort", "Effort of the last run", "mdi:arm-flex", "session",
      "{\"do\":\"note\"}", "effort", .mode = "slider", .step = 0.5, .topic = TOPIC_NOTE,
      .state = "{{ value_json.effort }}" },
    { ABOUT_RUNNER, "select", "surface", "Surface of the last run", "mdi:road-variant", "session",
      "{\"do\":\"note\"}", "surface", .topic = TOPIC_NOTE, .state = "{{ value_json.surface }}" },
    { ABOUT_RUNNER, "text", "shoes", "Shoes of the last run", "mdi:shoe-sneaker", "session",
      "{\"do\":\"note\"}", "shoes", .mode = "text", .topic = TOPIC_NOTE,
      .state = "{{ value_json.shoes or '' }}" }, /* a text is what it is: None would be its name */
    { ABOUT_RUNNER, "button", "acknowledge", "Acknowledge alerts", "mdi:bell-check-outline",
      "acknowledge", "{}", NULL },
    { ABOUT_RUNNER, "button", "snooze", "Snooze alerts for a day", "mdi:bell-sleep-outline",
      "snooze", "{\"for_h\":24}", NULL },
    { ABOUT_RULE, "button", "acknowledge", "Acknowledge", "mdi:bell-check-outline", "acknowledge",
      "{}", NULL, .disabled = true },
    { ABOUT_RULE, "button", "snooze", "Snooze for a day", "mdi:bell-sleep-outline", "snooze",
      "{\"for_h\":24}", NULL, .disabled = true },
};

/* ---- the request ------------------------------------------------------------------------------- */

/* What does not change of it; a new reference. */
static json_t *fixed_part(const struct request_row *row, const struct subject *subject)
{
    json_t *request = json_loads(row->fixed, 0, NULL);

    ha_put(request, "sensor", subject->sensor);
    ha_put(request, "runner", subject->runner);
    ha_put(request, "rule", subject->rule ? subject->rule->id : NULL);
    return request;
}

static const struct command_argument *argument_of(const struct command *command, const char *name)
{
    const struct command_argument *a = command->arguments;

    while (a->name && strcmp(a->name, name) != 0)
        a++;
    return a->name ? a : NULL;
}

/* A value that the argument takes if it is of a type that the platform can enter. */
static json_t *example_of(const struct command_argument *argument, const char *platform)
{
    bool number = argument->type == COMMAND_NUMBER || argument->type == COMMAND_INTEGER;

    if (number && strcmp(platform, "number") == 0)
        return json_real(argument->min);
    if (argument->type == COMMAND_WORD && strcmp(platform, "select") == 0)
        return json_string(argument->words[0]);
    if (argument->type == COMMAND_TEXT && strcmp(platform, "text") == 0)
        return json_string("example");
    return NULL;
}

static bool is_allowed(const struct ha_device *device, const struct command *command,
                       const json_t *request)
{
    const char *what = json_string_value(json_object_get(request, "do"));

    switch (device->options->conf->mqtt_commands) {
    case CONF_COMMANDS_ALL:
        return true;
    case CONF_COMMANDS_SAFE:
        return !command_is_unsafe(command, what);
    case CONF_COMMANDS_NONE:
        break;
    }
    return false;
}

/* NULL: what the entity would send is not to be had over MQTT here. */
static const struct command *command_of(const struct ha_device *device,
                                        const struct request_row *row,
                                        const struct subject *subject)
{
    const struct homeassistant_options *options = device->options;
    const struct command *command = (options->command ? options->command : command_find)(row->verb);
    const struct command_argument *argument =
        command && row->argument ? argument_of(command, row->argument) : NULL;
    _cleanup_json_ json_t *request = fixed_part(row, subject);
    struct command_error error;

    if (!command || !request || (row->argument && !argument))
        return NULL;
    if (argument &&
        json_object_set_new(request, row->argument, example_of(argument, row->platform)) < 0)
        return NULL;
    return is_allowed(device, command, request) && check_arguments(command, request, &error)
               ? command
               : NULL;
}

/* ---- the entity -------------------------------------------------------------------------------- */

/* Who empties the field takes back what was said. */
static bool may_be_empty(const struct command_argument *argument)
{
    return argument->type == COMMAND_TEXT && argument->nullable;
}

/* {"runner":"anna","percent":{{ value }}}: a number as it is, all else as JSON writes it. */
static void put_template(json_t *component, const char *fixed, const struct request_row *row,
                         const struct command_argument *argument)
{
    const char *value = strcmp(row->platform, "number") == 0 ? "value"
                        : may_be_empty(argument)             ? "(value or none) | tojson"
                                                             : "value | tojson";
    _cleanup_free_ char *template = NULL;

    if (asprintf(&template, "%.*s%s\"%s\":{{ %s }}}", (int)strlen(fixed) - 1, fixed,
                 strcmp(fixed, "{}") == 0 ? "" : ",", row->argument, value) < 0)
        template = NULL;
    ha_put(component, "cmd_tpl", template);
}

static void put_range(json_t *component, const struct command_argument *argument,
                      const struct request_row *row)
{
    if (argument->type == COMMAND_WORD) {
        json_t *words = json_array();

        for (size_t i = 0; argument->words[i]; i++)
            json_array_append_new(words, json_string(argument->words[i]));
        json_object_set_new(component, "ops", words);
        return;
    }
    if (argument->type == COMMAND_TEXT) {
        json_object_set_new(component, "min",
                            json_integer(may_be_empty(argument) ? 0 : (json_int_t)argument->min));
        json_object_set_new(component, "max", json_integer((json_int_t)argument->max));
        return;
    }
    json_object_set_new(component, "min", json_real(argument->min));
    json_object_set_new(component, "max", json_real(argument->max));
    json_object_set_new(component, "step", json_real(row->step));
}

static void put_value(struct ha_device *device, json_t *component, const struct command *command,
                      const struct request_row *row, const struct subject *subject)
{
    char topic[TOPIC_MAX];

    ha_put(component, "unit_of_meas", row->unit);
    ha_put(component, "mode", row->mode);
    put_range(component, argument_of(command, row->argument), row);
    if (ha_topic(device, row->topic, subject->runner, topic) < 0)
        return;
    ha_put(component, "stat_t", topic);
    ha_put(component, "val_tpl", row->state);
}

/* Of a rule both have its name behind them. */
static void write_names(const struct request_row *row, const struct subject *subject,
                        char ret_id[static HA_ID_MAX], char ret_name[static HA_NAME_MAX])
{
    const struct rule *rule = subject->rule;

    snprintf(ret_id, HA_ID_MAX, "%s%s%s", row->id, rule ? "_" : "", rule ? rule->id : "");
    snprintf(ret_name, HA_NAME_MAX, "%s%s%s", row->name, rule ? ": " : "", rule ? rule->title : "");
}

static void add_request(struct ha_device *device, const struct request_row *row,
                        const struct subject *subject)
{
    const struct command *command = command_of(device, row, subject);
    char topic[TOPIC_MAX], id[HA_ID_MAX], name[HA_NAME_MAX];
    _cleanup_json_ json_t *request = fixed_part(row, subject);
    _cleanup_free_ char *fixed = request ? json_dumps(request, JSON_COMPACT) : NULL;

    write_names(row, subject, id, name);
    if (!command || !fixed || ha_topic(device, TOPIC_REQUEST, row->verb, topic) < 0) {
        ha_remove_component(device, row->platform, id);
        return;
    }
    json_t *component = ha_add_component(device, row->platform, id, name);
    ha_put(component, "ic", row->icon);
    ha_put(component, "ent_cat", row->category);
    if (row->disabled)
        json_object_set_new(component, "en", json_false());
    ha_put(component, "cmd_t", topic);
    json_object_set_new(component, "qos", json_integer(1));
    if (!row->argument) {
        ha_put(component, "pl_prs", fixed);
        return;
    }
    put_template(component, fixed, row, argument_of(command, row->argument));
    put_value(device, component, command, row, subject);
}

static void add_requests(struct ha_device *device, enum about about, const struct subject *subject)
{
    for (size_t i = 0; i < ELEMENTSOF(rows); i++)
        if (rows[i].about == about)
            add_request(device, &rows[i], subject);
}

static void remove_requests(struct ha_device *device, enum about about,
                            const struct subject *subject)
{
    char id[HA_ID_MAX], name[HA_NAME_MAX];

    for (size_t i = 0; i < ELEMENTSOF(rows); i++)
        if (rows[i].about == about) {
            write_names(&rows[i], subject, id, name);
            ha_remove_component(device, rows[i].platform, id);
        }
}

void ha_add_requests_of_gateway(struct ha_device *device)
{
    add_requests(device, ABOUT_GATEWAY, &(struct subject){ .sensor = NULL });
}

void ha_add_requests_of_sensor(struct ha_device *device, const char *sensor)
{
    add_requests(device, ABOUT_SENSOR, &(struct subject){ .sensor = sensor });
}

void ha_add_requests_of_runner(struct ha_device *device)
{
    struct subject subject = { .runner = device->runner->id };

    add_requests(device, ABOUT_RUNNER, &subject);
    for (enum rule_id rule = 0; rule < RULES; rule++) {
        subject.rule = rule_get(rule);
        if (conf_rule_is_on(device->options->conf, device->runner, rule))
            add_requests(device, ABOUT_RULE, &subject);
        else
            remove_requests(device, ABOUT_RULE, &subject);
    }
}
