/* SPDX-License-Identifier: MIT */
/*
 * One file of the configuration, line by line. The form is systemd's:
 *
 *   # or ; at the start of a line: a comment
 *   [Section] or [Section id]          conf_section.c
 *   Key=value        later wins; `Key=` goes back to the default
 *
 * Nothing here knows a key: that is the table in conf_key.c. Reading goes on after a mistake, so
 * that a person sees all of them at once.
 */
#include <stdio.h>
#include <string.h>
#include "lib/conf_reader.h"
#include "lib/utf8.h"

void conf_init(struct conf *conf)
{
    memset(conf, 0, sizeof(*conf));
    rule_settings_init(&conf->rules);
    for (enum conf_section section = 0; section < CONF_SECTION_RULE; section++)
        conf_section_set_defaults(conf, section, 0);
}

/* ---- Keys */

static void unknown_key(struct conf_reader *reader, const char *name)
{
    bool rule = reader->section == CONF_SECTION_RULE && !reader->refused;
    char hint[320];

    conf_key_hint(reader->section, reader->index, name, hint, sizeof(hint));
    conf_wrong(reader, "unknown key %.64s= in [%s%s%s]; %s", name,
               conf_section_name(reader->section), rule ? " " : "",
               rule ? rule_get((enum rule_id)reader->index)->id : "", hint);
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

static void refuse_value(struct conf_reader *reader, const struct conf_key *key, const char *value)
{
    char allowed[200];

    conf_value_allowed(key, allowed, sizeof(allowed));
    if (key->type == CONF_TYPE_URI) /* it may hold a password */
        conf_wrong(reader, "%s= is not as it must be; allowed: %s%s", key->key, allowed,
                   comment_hint(value));
    else
        conf_wrong(reader, "%s=%.64s%s is not allowed; allowed: %s%s", key->key, value,
                   strlen(value) > 64 ? "..." : "", allowed, comment_hint(value));
}

/* A name or a path may hold anything. */
static void warn_of_comment(struct conf_reader *reader, const struct conf_key *key,
                            const char *value)
{
    conf_problem_add(reader->problems, reader->file, reader->line, true,
                     "%s=%.64s%s is taken as it stands%s", key->key, value,
                     strlen(value) > 64 ? "..." : "", comment_hint(value));
}

static void read_key(struct conf_reader *reader, const char *name, const char *value)
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
static void read_lost_key(struct conf_reader *reader, const char *name)
{
    for (enum conf_section section = 0; section < CONF_SECTIONS; section++)
        if (conf_key_index(section, name) < CONF_KEYS_MAX)
            return;
    conf_wrong(reader, "unknown key %.64s=: no section has it", name);
}

static void read_assignment(struct conf_reader *reader, char *line)
{
    char *value = strchr(line, '=');
    char *end = value;

    if (!value || value == line) {
        conf_wrong(reader,
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
        conf_wrong(reader,
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

static bool line_is_text(struct conf_reader *reader, const char *line, size_t length)
{
    if (length > CONF_LINE_MAX)
        conf_wrong(reader, "the line is %zu bytes long; allowed: %d", length, CONF_LINE_MAX);
    else if (memchr(line, '\0', length))
        conf_wrong(reader, "a NUL byte stands in the line; allowed: text");
    else if (!utf8_is_valid(line, length))
        conf_wrong(reader, "the line is not UTF-8; allowed: UTF-8 text");
    else if (has_control(line, length))
        conf_wrong(reader, "a control character stands in the line; allowed: text");
    else
        return true;
    return false;
}

static void read_line(struct conf_reader *reader, const char *from, size_t length)
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
        conf_section_read(reader, line);
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
    struct conf_reader reader = { .conf = conf,
                                  .origins = origins,
                                  .problems = problems,
                                  .file = file,
                                  .section = CONF_SECTIONS };
    const char *const end = text + length;

    reader.file_number = number_of_file(origins, file);
    if (reader.file_number == 0) {
        conf_wrong(&reader, "one file too many; allowed: %d", CONF_FILES_MAX);
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
