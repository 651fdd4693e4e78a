/* SPDX-License-Identifier: MIT */
/*
 * The configuration from any bytes: nothing may be read or written out of bounds, what is left
 * behind must be in its ranges, and what is shown must be readable again and mean the same. The
 * first byte cuts the input into two files.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "lib/conf.h"
#include "lib/conf_edit.h"
#include "lib/conf_key.h"
#include "lib/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct conf conf;
static struct conf_origins origins;
static struct conf_problems problems;

static void check(bool holds)
{
    if (!holds)
        abort();
}

static void check_text(void *userdata, const char *text)
{
    check(utf8_is_valid(text, strlen(text)));
}

static void check_values(enum conf_section section, size_t index)
{
    const struct conf_key *row, *key;
    struct conf_key_room room;

    for (size_t i = 0; (row = conf_key_at(section, i)); i++) {
        void *base = conf_section_base(&conf, section, index);
        char before[CONF_TEXT_MAX], after[CONF_TEXT_MAX];
        key = conf_key_of(row, index, &room);
        if (!key)
            continue;
        conf_value_format(key, base, before, sizeof(before));
        check(conf_value_set(key, base, *before ? before : key->fallback));
        conf_value_format(key, base, after, sizeof(after));
        check(strcmp(before, after) == 0 || key->type == CONF_TYPE_NUMBER ||
              key->type == CONF_TYPE_PERCENT); /* ten digits are shown */
    }
}

static void check_references(void)
{
    check(conf.n_runners <= CONF_RUNNERS_MAX && conf.n_sensors <= CONF_SENSORS_MAX);
    for (size_t i = 0; i < conf.n_runners; i++)
        check(conf_id_is_valid(conf.runners[i].id));
    for (size_t i = 0; i < conf.n_sensors; i++) {
        check(conf_id_is_valid(conf.sensors[i].name));
        check(conf.sensors[i].runner == CONF_RUNNER_AUTO ||
              (conf.sensors[i].runner >= 0 && (size_t)conf.sensors[i].runner < conf.n_runners));
    }
}

/* ---- edited ---- */

static char edited[1 << 16];
static size_t n_edited;

static void put_edited(void *userdata, const char *text, size_t length)
{
    if (length > sizeof(edited) - n_edited)
        length = sizeof(edited) - n_edited;
    memcpy(edited + n_edited, text, length);
    n_edited += length;
}

/* A section that was put into any text is there for the parser, unless the parser has no room for it or
 * refuses what else a person said in it; and it goes again. */
static void check_edited(const char *text, size_t length)
{
    static const char address[] = "C0:DE:00:00:00:01";
    size_t i, from, to;

    for (unsigned line = 0; line < 12; line++) {
        conf_edit_section_at(text, length, line, &from, &to);
        check(from <= to && to <= length);
    }
    if (length > sizeof(edited) / 2)
        return;
    n_edited = 0;
    conf_edit_set_sensor(text, length, "pod", address, "auto", put_edited, NULL);
    check(conf_edit_has_sensor(edited, n_edited, "pod"));
    conf_init(&conf);
    memset(&origins, 0, sizeof(origins));
    memset(&problems, 0, sizeof(problems));
    conf_parse(&conf, &origins, "a.conf", edited, n_edited, &problems);
    i = conf_find_sensor(&conf, "pod");
    check(problems.errors || (i < conf.n_sensors && strcmp(conf.sensors[i].address, address) == 0));
    n_edited = 0;
    conf_edit_drop_sensor(text, length, "pod", put_edited, NULL);
    check(!conf_edit_has_sensor(edited, n_edited, "pod"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data + (size > 0);
    size_t length = size > 0 ? size - 1 : 0;
    size_t cut = size > 0 ? length * data[0] / 255 : 0;
    char line[CONF_TEXT_MAX + 450];

    conf_init(&conf);
    memset(&origins, 0, sizeof(origins));
    memset(&problems, 0, sizeof(problems));
    conf_parse(&conf, &origins, "a.conf", text, cut, &problems);
    conf_parse(&conf, &origins, "b.conf", text + cut, length - cut, &problems);
    conf_finish(&conf, &origins, "host", &problems);
    for (size_t i = 0; conf_problem_format(&problems, i, line, sizeof(line)); i++)
        check_text(NULL, line);
    conf_dump(&conf, &origins, check_text, NULL);
    check_references();
    for (enum conf_section section = 0; section < CONF_SECTION_RULE; section++)
        check_values(section, 0);
    for (enum rule_id rule = 0; rule < RULES; rule++)
        check_values(CONF_SECTION_RULE, rule);
    for (size_t i = 0; i < conf.n_runners; i++)
        check_values(CONF_SECTION_RUNNER, i);
    for (size_t i = 0; i < conf.n_sensors; i++)
        check_values(CONF_SECTION_SENSOR, i);
    check_edited(text, length);
    return 0;
}
