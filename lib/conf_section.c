/* SPDX-License-Identifier: MIT */
/*
 * Where the keys of a file belong. A section may stand in several files, and several times in one: it
 * is opened again. One that there is not is read on below, so that its keys are checked all the same.
 */
#include <stdio.h>
#include <string.h>
#include "lib/conf_reader.h"

void conf_section_set_defaults(struct conf *conf, enum conf_section section, size_t index)
{
    const struct conf_key *row, *key;
    struct conf_key_room room;

    for (size_t i = 0; (row = conf_key_at(section, i)); i++)
        /* a default that is not allowed would be a mistake in the table: a test sets all of them */
        if ((key = conf_key_of(row, index, &room)))
            conf_value_set(key, conf_section_base(conf, section, index), key->fallback);
}

static bool open_runner(struct conf_reader *reader, const char *id)
{
    struct conf *conf = reader->conf;
    size_t i = conf_find_runner(conf, id);

    if (strcmp(id, "auto") == 0) {
        conf_wrong(reader,
                   "a runner cannot be called auto: Runner=auto means whoever's sensor streams");
        return false;
    }
    if (i == CONF_RUNNERS_MAX) {
        conf_wrong(reader, "[Runner %s] is one too many; allowed: %d runners", id,
                   CONF_RUNNERS_MAX);
        return false;
    }
    if (i == conf->n_runners) {
        memset(&conf->runners[i], 0, sizeof(conf->runners[i]));
        snprintf(conf->runners[i].id, sizeof(conf->runners[i].id), "%s", id);
        reader->origins->runner_section[i] =
            (struct conf_origin){ .file = reader->file_number, .line = reader->line };
        conf->n_runners++;
        conf_section_set_defaults(conf, CONF_SECTION_RUNNER, i);
    }
    reader->index = i;
    return true;
}

static bool open_sensor(struct conf_reader *reader, const char *name)
{
    struct conf *conf = reader->conf;
    size_t i = conf_find_sensor(conf, name);

    if (i == CONF_SENSORS_MAX) {
        conf_wrong(reader, "[Sensor %s] is one too many; allowed: %d sensors", name,
                   CONF_SENSORS_MAX);
        return false;
    }
    if (i == conf->n_sensors) {
        memset(&conf->sensors[i], 0, sizeof(conf->sensors[i]));
        snprintf(conf->sensors[i].name, sizeof(conf->sensors[i].name), "%s", name);
        conf->sensors[i].runner = CONF_RUNNER_UNSET;
        reader->origins->sensor_section[i] =
            (struct conf_origin){ .file = reader->file_number, .line = reader->line };
        conf->n_sensors++;
        conf_section_set_defaults(conf, CONF_SECTION_SENSOR, i);
    }
    reader->index = i;
    return true;
}

static void list_rules(char *ret, size_t size)
{
    size_t at = 0;

    for (enum rule_id rule = 0; rule < RULES && at < size; rule++)
        at += (size_t)snprintf(ret + at, size - at, "%s%s", rule ? ", " : "", rule_get(rule)->id);
}

static bool open_rule(struct conf_reader *reader, const char *id)
{
    enum rule_id rule = rule_by_name(id);
    char list[256];

    if (rule == RULES) {
        list_rules(list, sizeof(list));
        conf_wrong(reader, "[Rule %.64s] is no rule; allowed: %s", id, list);
        return false;
    }
    if (!reader->origins->rule_section[rule].file)
        reader->origins->rule_section[rule] =
            (struct conf_origin){ .file = reader->file_number, .line = reader->line };
    reader->index = rule;
    return true;
}

static bool open_named(struct conf_reader *reader, enum conf_section section, const char *id)
{
    if (section == CONF_SECTION_RULE)
        return open_rule(reader, id);
    if (!conf_id_is_valid(id)) {
        conf_wrong(reader,
                   "[%s %s]: the name is a level of a topic; allowed: 1 to 31 of a-z, 0-9, _ and -",
                   conf_section_name(section), id);
        return false;
    }
    return section == CONF_SECTION_RUNNER ? open_runner(reader, id) : open_sensor(reader, id);
}

/* name: "Gateway", or "Runner anna" */
static bool open_section(struct conf_reader *reader, char *name)
{
    size_t length = strcspn(name, BLANK);
    const char *id = name + length + strspn(name + length, BLANK);
    enum conf_section section = 0;

    reader->index = 0;
    while (section < CONF_SECTIONS && (strlen(conf_section_name(section)) != length ||
                                       strncmp(conf_section_name(section), name, length) != 0))
        section++;
    reader->section = section;
    if (section == CONF_SECTIONS) {
        conf_wrong(reader,
                   "unknown section [%s]; allowed: [Gateway], [MQTT], [HomeAssistant], [Import], "
                   "[Rules], [Rule id], [Runner id] and [Sensor name]",
                   name);
        return false;
    }
    if (section < CONF_SECTION_RULE && *id) {
        conf_wrong(reader, "[%s] takes no name; allowed: [%s]", name, conf_section_name(section));
        return false;
    }
    return section < CONF_SECTION_RULE || open_named(reader, section, id);
}

/* name: "Runer anna" */
static void note_lost(struct conf_origins *origins, const char *name)
{
    const char *id = name + strcspn(name, BLANK);

    id += strspn(id, BLANK);
    if (conf_id_is_valid(id) && origins->n_lost < CONF_LOST_MAX)
        snprintf(origins->lost[origins->n_lost++], CONF_ID_MAX, "%s", id);
}

void conf_section_read(struct conf_reader *reader, char *line)
{
    size_t length = strlen(line);
    bool closed = line[length - 1] == ']';

    if (closed)
        line[length - 1] = '\0';
    else
        conf_wrong(reader, "a section has to end with ], as in [Gateway]");
    line++;
    line += strspn(line, BLANK);
    for (length = strlen(line); length > 0 && strchr(BLANK, line[length - 1]); length--)
        line[length - 1] = '\0';
    reader->section = CONF_SECTIONS;
    /* without its bracket it is mostly clear which one was meant, and what is below it can be checked */
    reader->refused = (!closed && !*line) || !open_section(reader, line);
    if (reader->refused)
        note_lost(reader->origins, line);
}
