/* SPDX-License-Identifier: MIT */
/* The configuration written out again: as it holds, and as it is shipped. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "lib/conf.h"
#include "lib/conf_key.h"
#include "lib/utf8.h"

struct writer {
    conf_write write;
    void *userdata;
};

__attribute__((format(printf, 2, 3))) static void print(const struct writer *writer,
                                                        const char *format, ...)
{
    char line[2 * CONF_TEXT_MAX + 128];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    writer->write(writer->userdata, line);
}

/* ---- As it holds */

/* The line above a key, where it says something else than the one before: a comment behind the value
 * would be part of the value, and what is shown is to be a configuration again. */
static void dump_origin(const struct writer *writer, const struct conf_origins *origins,
                        const struct conf_origin *origin, bool after_default)
{
    char file[CONF_TEXT_MAX];

    snprintf(file, sizeof(file), "%s", conf_origin_file(origins, origin));
    utf8_mend(file); /* a drop-in may have any name, and this is one line */
    if (origin->file)
        print(writer, "# %s:%u\n", file, (unsigned)origin->line);
    else if (!after_default)
        print(writer, "# default\n");
}

/* Not written, a treadmill's is auto whoever there is; so it is left open, and said. */
static void dump_open_runner(const struct writer *writer, const struct conf *conf,
                             const struct conf_sensor *sensor)
{
    print(writer, "# default: %s\nRunner=\n",
          sensor->runner >= 0 ? conf->runners[sensor->runner].id : "auto");
}

static void dump_section(const struct writer *writer, const struct conf *conf,
                         const struct conf_origins *origins, enum conf_section section,
                         size_t index, const struct conf_origin *key_origins)
{
    const void *base = conf_section_base((struct conf *)conf, section, index);
    const struct conf_key *row, *key;
    struct conf_key_room room;

    bool after_default = false;
    char value[CONF_TEXT_MAX];

    for (size_t i = 0; (row = conf_key_at(section, i)); i++) {
        bool written = key_origins[i].file != 0;
        key = conf_key_of(row, index, &room);
        if (!key)
            continue;
        if (key->type == CONF_TYPE_RUNNER && !written) {
            dump_open_runner(writer, conf, base);
            after_default = false;
            continue;
        }
        dump_origin(writer, origins, &key_origins[i], after_default);
        conf_value_format(key, base, value, sizeof(value));
        print(writer, "%s=%s\n", key->key, value);
        after_default = !written;
    }
}

void conf_dump(const struct conf *conf, const struct conf_origins *origins, conf_write write,
               void *userdata)
{
    const struct writer writer = { write, userdata };

    print(&writer, "# Topics: %s/%s/...\n", conf->mqtt_root, conf->gateway);
    for (enum conf_section section = 0; section < CONF_SECTION_RULE; section++) {
        print(&writer, "\n[%s]\n", conf_section_name(section));
        dump_section(&writer, conf, origins, section, 0, origins->single[section]);
    }
    for (enum rule_id rule = 0; rule < RULES; rule++) {
        print(&writer, "\n[Rule %s]\n", rule_get(rule)->id);
        dump_section(&writer, conf, origins, CONF_SECTION_RULE, rule, origins->rules[rule]);
    }
    for (size_t i = 0; i < conf->n_runners; i++) {
        print(&writer, "\n[Runner %s]\n", conf->runners[i].id);
        dump_section(&writer, conf, origins, CONF_SECTION_RUNNER, i, origins->runners[i]);
    }
    for (size_t i = 0; i < conf->n_sensors; i++) {
        print(&writer, "\n[Sensor %s]\n", conf->sensors[i].name);
        dump_section(&writer, conf, origins, CONF_SECTION_SENSOR, i, origins->sensors[i]);
    }
}

/* ---- As it is shipped */

/* Comment lines of at most 78 columns. */
static void write_wrapped(const struct writer *writer, const char *text)
{
    size_t column = 0;

    while (*text) {
        size_t word = strcspn(text, " ");
        if (column > 0 && column + 1 + word > 78) {
            print(writer, "\n");
            column = 0;
        }
        print(writer, "%s%.*s", column == 0 ? "# " : " ", (int)word, text);
        column += word + (column == 0 ? 2 : 1);
        text += word + strspn(text + word, " ");
    }
    print(writer, "\n");
}

static void write_key(const struct writer *writer, const struct conf_key *key)
{
    char allowed[200], sentence[600];

    conf_value_allowed(key, allowed, sizeof(allowed));
    if (key->type == CONF_TYPE_TEXT)
        snprintf(sentence, sizeof(sentence), "%s", key->help);
    else
        snprintf(sentence, sizeof(sentence), "%s Allowed: %s.", key->help, allowed);
    print(writer, "\n");
    write_wrapped(writer, sentence);
    print(writer, "#%s=%s\n", key->key, key->fallback);
}

static void write_section(const struct writer *writer, enum conf_section section)
{
    static const char *const heads[CONF_SECTIONS] = {
        [CONF_SECTION_GATEWAY] = "[Gateway]",
        [CONF_SECTION_MQTT] = "[MQTT]",
        [CONF_SECTION_HOME_ASSISTANT] = "[HomeAssistant]",
        [CONF_SECTION_IMPORT] = "[Import]",
        [CONF_SECTION_RULES] = "[Rules]",
        [CONF_SECTION_RUNNER] = "# One section for each runner; the id becomes a level of topics.\n"
                                "#[Runner anna]",
        [CONF_SECTION_SENSOR] = "# One section for each sensor; the name stays when the device is "
                                "replaced.\n#[Sensor pod]",
    };
    const struct conf_key *key;

    print(writer, "\n%s\n", heads[section]);
    for (size_t i = 0; (key = conf_key_at(section, i)); i++)
        write_key(writer, key);
}

/* What a key means is said at the first rule, which has all of them. */
static void write_rule(const struct writer *writer, enum rule_id rule)
{
    const struct conf_key *row, *key;
    struct conf_key_room room;
    char sentence[600], allowed[200];

    snprintf(sentence, sizeof(sentence), "%s: %s.", rule_get(rule)->title, rule_get(rule)->measure);
    print(writer, "\n");
    write_wrapped(writer, sentence);
    print(writer, "[Rule %s]\n", rule_get(rule)->id);
    for (size_t i = 0; (row = conf_key_at(CONF_SECTION_RULE, i)); i++) {
        key = conf_key_of(row, rule, &room);
        if (key && rule == 0) {
            write_key(writer, key);
            continue;
        }
        if (key && key->type == CONF_TYPE_NUMBER) {
            conf_value_allowed(key, allowed, sizeof(allowed));
            snprintf(sentence, sizeof(sentence), "%s=: %s.", key->key, allowed);
            write_wrapped(writer, sentence);
        }
        if (key)
            print(writer, "#%s=%s\n", key->key, key->fallback);
    }
}

static void write_rules(const struct writer *writer)
{
    print(writer, "\n");
    write_wrapped(writer, "One section for each rule. Floor= is in metres, of weekly_time in "
                          "seconds.");
    for (enum rule_id rule = 0; rule < RULES; rule++)
        write_rule(writer, rule);
}

void conf_write_defaults(conf_write write, void *userdata)
{
    const struct writer writer = { write, userdata };

    print(&writer, "# strided.conf: every key with its default, commented out.\n"
                   "#\n"
                   "# Change lines here, or put them into a file of their own,\n"
                   "# strided.conf.d/*.conf, which is read after this one and wins.\n"
                   "# `Key=` with nothing behind it goes back to the default.\n"
                   "# `strided --check-config` shows what holds and where it comes from;\n"
                   "# `systemctl reload strided` makes it hold.\n");
    for (enum conf_section section = 0; section < CONF_SECTIONS; section++)
        if (section == CONF_SECTION_RULE)
            write_rules(&writer);
        else
            write_section(&writer, section);
}
