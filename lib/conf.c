/* SPDX-License-Identifier: MIT */
/*
 * One file of the configuration, line by line. The form is systemd's:
 *
 *   # or ; at the start of a line: a comment
 *   [Section] or [Section id]
 *   Key=value        later wins; `Key=` goes back to the default
 *
 * Nothing here knows a key: that is the table in conf_key.c. Reading goes on after a mistake, so
 * that a person sees all of them at once.
 */
#include <stdio.h>
#include <string.h>
#include "lib/conf.h"
#include "lib/conf_key.h"
#include "lib/utf8.h"

#define BLANK " \t\r"

struct reader {
    struct conf *conf;
    struct conf_origins *origins;
    struct conf_problems *problems;
    const char *file;
    uint16_t file_number; /* index + 1 */
    unsigned line;
    enum conf_section section; /* CONF_SECTIONS: none yet, or of a kind there is not */
    size_t index;
    bool refused; /* there is no such section: its lines are checked, and set nothing */
};

#define wrong(reader, ...)                                                                         \
    conf_problem_add((reader)->problems, (reader)->file, (reader)->line, false, __VA_ARGS__)

static void set_defaults(struct conf *conf, enum conf_section section, size_t index)
{
    const struct conf_key *row, *key;
    struct conf_key_room room;

    for (size_t i = 0; (row = conf_key_at(section, i)); i++)
        /* a default that is not allowed would be a mistake in the table: a test sets all of them */
        if ((key = conf_key_of(row, index, &room)))
            conf_value_set(key, conf_section_base(conf, section, index), key->fallback);
}

void conf_init(struct conf *conf)
{
    memset(conf, 0, sizeof(*conf));
    rule_settings_init(&conf->rules);
    for (enum conf_section section = 0; section < CONF_SECTION_RULE; section++)
        set_defaults(conf, section, 0);
}

/* ---- Sections */

static bool open_runner(struct reader *reader, const char *id)
{
    struct conf *conf = reader->conf;
    size_t i = conf_find_runner(conf, id);

    if (strcmp(id, "auto") == 0) {
        wrong(reader, "a runner cannot be called auto: Runner=auto means whoever's sensor streams");
        return false;
    }
    if (i == CONF_RUNNERS_MAX) {
        wrong(reader, "[Runner %s] is one too many; allowed: %d runners", id, CONF_RUNNERS_MAX);
        return false;
    }
    if (i == conf->n_runners) {
        memset(&conf->runners[i], 0, sizeof(conf->runners[i]));
        snprintf(conf->runners[i].id, sizeof(conf->runners[i].id), "%s", id);
        reader->origins->runner_section[i] =
            (struct conf_origin){ .file = reader->file_number, .line = reader->line };
        conf->n_runners++;
        set_defaults(conf, CONF_SECTION_RUNNER, i);
    }
    reader->index = i;
    return true;
}

static bool open_sensor(struct reader *reader, const char *name)
{
    struct conf *conf = reader->conf;
    size_t i = conf_find_sensor(conf, name);

    if (i == CONF_SENSORS_MAX) {
        wrong(reader, "[Sensor %s] is one too many; allowed: %d sensors", name, CONF_SENSORS_MAX);
        return false;
    }
    if (i == conf->n_sensors) {
        memset(&conf->sensors[i], 0, sizeof(conf->sensors[i]));
        snprintf(conf->sensors[i].name, sizeof(conf->sensors[i].name), "%s", name);
        conf->sensors[i].runner = CONF_RUNNER_UNSET;
        reader->origins->sensor_section[i] =
            (struct conf_origin){ .file = reader->file_number, .line = reader->line };
        conf->n_sensors++;
        set_defaults(conf, CONF_SECTION_SENSOR, i);
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

static bool open_rule(struct reader *reader, const char *id)
{
    enum rule_id rule = rule_by_name(id);
    char list[256];

    if (rule == RULES) {
        list_rules(list, sizeof(list));
        wrong(reader, "[Rule %.64s] is no rule; allowed: %s", id, list);
        return false;
    }
    if (!reader->origins->rule_section[rule].file)
        reader->origins->rule_section[rule] =
            (struct conf_origin){ .file = reader->file_number, .line = reader->line };
    reader->index = rule;
    return true;
}

static bool open_named(struct reader *reader, enum conf_section section, const char *id)
{
    if (section == CONF_SECTION_RULE)
        return open_rule(reader, id);
    if (!conf_id_is_valid(id)) {
        wrong(reader,
              "[%s %s]: the name is a level of a topic; allowed: 1 to 31 of a-z, 0-9, _ and -",
              conf_section_name(section), id);
        return false;
    }
    return section == CONF_SECTION_RUNNER ? open_runner(reader, id) : open_sensor(reader, id);
}

/* name: "Gateway", or "Runner anna" */
static bool open_section(struct reader *reader, char *name)
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
        wrong(reader,
              "unknown section [%s]; allowed: [Gateway], [MQTT], [HomeAssistant], [Import], "
              "[Rules], [Rule id], [Runner id] and [Sensor name]",
              name);
        return false;
    }
    if (section < CONF_SECTION_RULE && *id) {
        wrong(reader, "[%s] takes no name; allowed: [%s]", name, conf_section_name(section));
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

static void read_section(struct reader *reader, char *line)
{
    size_t length = strlen(line);
    bool closed = line[length - 1] == ']';

    if (closed)
        line[length - 1] = '\0';
    else
        wrong(reader, "a section has to end with ], as in [Gateway]");
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

/* ---- Keys */

static void unknown_key(struct reader *reader, const char *name)
{
    bool rule = reader->section == CONF_SECTION_RULE && !reader->refused;
    char hint[320];

    conf_key_hint(reader->section, reader->index, name, hint, sizeof(hint));
    wrong(reader, "unknown key %.64s= in [%s%s%s]; %s", name, conf_section_name(reader->section),
          rule ? " " : "", rule ? rule_get((enum rule_id)reader->index)->id : "", hint);
}

static struct conf_origin *origin_of(struct conf_origins *origins, enum conf_section section,
                                     size_t index, size_t key)
{
    return section == CONF_SECTION_RULE     ? &origins->rules[index][key]
           : section == CONF_SECTION_RUNNER ? &origins->runners[index][key]
           : section == CONF_SECTION_SENSOR ? &origins->sensors[index][key]
                                            : &origins->single[section][key];
}

/* People write comments behind values, as in other configurations; here they become part of them. */
static const char *comment_hint(const char *value)
{
    for (const char *at = value; (at = strpbrk(at, " \t")); at++)
        if (at[1] == '#' || at[1] == ';')
            return " (a comment needs a line of its own)";
    return "";
}

static void refuse_value(struct reader *reader, const struct conf_key *key, const char *value)
{
    char allowed[200];

    conf_value_allowed(key, allowed, sizeof(allowed));
    if (key->type == CONF_TYPE_URI) /* it may hold a password */
        wrong(reader, "%s= is not as it must be; allowed: %s%s", key->key, allowed,
              comment_hint(value));
    else
        wrong(reader, "%s=%.64s%s is not allowed; allowed: %s%s", key->key, value,
              strlen(value) > 64 ? "..." : "", allowed, comment_hint(value));
}

/* A name or a path may hold anything. */
static void warn_of_comment(struct reader *reader, const struct conf_key *key, const char *value)
{
    conf_problem_add(reader->problems, reader->file, reader->line, true,
                     "%s=%.64s%s is taken as it stands%s", key->key, value,
                     strlen(value) > 64 ? "..." : "", comment_hint(value));
}

static void read_key(struct reader *reader, const char *name, const char *value)
{
    size_t i = conf_key_index(reader->section, name);
    const struct conf_key *row = conf_key_at(reader->section, i), *key = NULL;
    struct conf_key_room room;
    struct conf_origin *origin;

    if (row)
        key = conf_key_of(row, reader->index, &room);
    if (!key) {
        unknown_key(reader, name);
        return;
    }
    if (!*value)
        value = key->fallback;
    if (reader->refused) {
        if (!conf_value_is_allowed(key, value))
            refuse_value(reader, key, value);
        return;
    }
    if ((key->type == CONF_TYPE_TEXT || key->type == CONF_TYPE_PATH) && *comment_hint(value))
        warn_of_comment(reader, key, value);
    origin = origin_of(reader->origins, reader->section, reader->index, i);
    origin->refused = !conf_value_set(
        key, conf_section_base(reader->conf, reader->section, reader->index), value);
    if (origin->refused)
        refuse_value(reader, key, value);
    else
        *origin = (struct conf_origin){ .file = reader->file_number, .line = reader->line };
}

/* In a section of a kind there is not, a key is all right if any section has it. */
static void read_lost_key(struct reader *reader, const char *name)
{
    for (enum conf_section section = 0; section < CONF_SECTIONS; section++)
        if (conf_key_index(section, name) < CONF_KEYS_MAX)
            return;
    wrong(reader, "unknown key %.64s=: no section has it", name);
}

static void read_assignment(struct reader *reader, char *line)
{
    char *value = strchr(line, '=');
    char *end = value;

    if (!value || value == line) {
        wrong(reader,
              "neither a section nor a key: %.64s; allowed: [Section], Key=value, # comment",
              value ? "there is no word before =" : line);
        return;
    }
    *value++ = '\0';
    while (end > line && (end[-1] == '\0' || strchr(BLANK, end[-1])))
        *--end = '\0';
    if (reader->refused && reader->section == CONF_SECTIONS)
        read_lost_key(reader, line);
    else if (reader->section == CONF_SECTIONS)
        wrong(reader,
              "%.64s= stands before the first section; allowed: a line such as [Gateway] "
              "above it",
              line);
    else
        read_key(reader, line, value + strspn(value, BLANK));
}

/* ---- Lines */

/* What would play tricks in a terminal or a log; a carriage return only ends a line. */
static bool has_control(const char *line, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (((unsigned char)line[i] < 0x20 && line[i] != '\t' &&
             !(line[i] == '\r' && i + 1 == length)) ||
            line[i] == 0x7F)
            return true;
    return false;
}

static bool line_is_text(struct reader *reader, const char *line, size_t length)
{
    if (length > CONF_LINE_MAX)
        wrong(reader, "the line is %zu bytes long; allowed: %d", length, CONF_LINE_MAX);
    else if (memchr(line, '\0', length))
        wrong(reader, "a NUL byte stands in the line; allowed: text");
    else if (!utf8_is_valid(line, length))
        wrong(reader, "the line is not UTF-8; allowed: UTF-8 text");
    else if (has_control(line, length))
        wrong(reader, "a control character stands in the line; allowed: text");
    else
        return true;
    return false;
}

static void read_line(struct reader *reader, const char *from, size_t length)
{
    char line[CONF_LINE_MAX + 1];

    if (!line_is_text(reader, from, length))
        return;
    while (length > 0 && strchr(BLANK, *from)) {
        from++;
        length--;
    }
    while (length > 0 && strchr(BLANK, from[length - 1]))
        length--;
    if (length == 0 || *from == '#' || *from == ';')
        return;
    memcpy(line, from, length);
    line[length] = '\0';
    if (*line == '[')
        read_section(reader, line);
    else
        read_assignment(reader, line);
}

/* Number of the file in the origins; 0 when there is no room. The same file keeps its number. */
static uint16_t number_of_file(struct conf_origins *origins, const char *file)
{
    size_t i = 0;

    while (i < origins->n_files && strcmp(origins->files[i], file) != 0)
        i++;
    if (i == CONF_FILES_MAX)
        return 0;
    if (i == origins->n_files) {
        snprintf(origins->files[i], sizeof(origins->files[i]), "%s", file);
        origins->n_files++;
    }
    return (uint16_t)(i + 1);
}

void conf_parse(struct conf *conf, struct conf_origins *origins, const char *file, const char *text,
                size_t length, struct conf_problems *problems)
{
    struct reader reader = { .conf = conf,
                             .origins = origins,
                             .problems = problems,
                             .file = file,
                             .section = CONF_SECTIONS };
    const char *const end = text + length;

    reader.file_number = number_of_file(origins, file);
    if (reader.file_number == 0) {
        wrong(&reader, "one file too many; allowed: %d", CONF_FILES_MAX);
        return;
    }
    if (length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) /* what some editors put in front */
        text += 3;
    while (text < end) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        const char *stop = newline ? newline : end;
        reader.line++;
        read_line(&reader, text, (size_t)(stop - text));
        text = newline ? newline + 1 : end;
    }
}

/* ---- Origins */

const struct conf_origin *conf_origin_find(const struct conf_origins *origins,
                                           enum conf_section section, size_t index, const char *key)
{
    size_t i = conf_key_index(section, key);
    const struct conf_origin *origin, *place = NULL;

    if (i == CONF_KEYS_MAX)
        return NULL;
    origin = origin_of((struct conf_origins *)origins, section, index, i);
    if (section == CONF_SECTION_RULE)
        place = &origins->rule_section[index];
    if (section == CONF_SECTION_RUNNER)
        place = &origins->runner_section[index];
    if (section == CONF_SECTION_SENSOR)
        place = &origins->sensor_section[index];
    return origin->file ? origin : place;
}

const char *conf_origin_file(const struct conf_origins *origins, const struct conf_origin *origin)
{
    return origin && origin->file ? origins->files[origin->file - 1] : "";
}
