/* SPDX-License-Identifier: MIT */
/*
 * What a person says of a sensor, against the configuration as its files say it now: the new text of
 * assigned.conf, if all files together are sound with it and it holds in them.
 */
#include "daemon/bindings/private.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "daemon/config/config.h"
#include "daemon/naming.h"
#include "daemon/util.h"
#include "lib/conf_edit.h"

#define FIRST_LINES                                                                                \
    "# Sensors that were bound by `stridectl assign`. strided writes this file; what is said of "  \
    "a\n"                                                                                          \
    "# sensor in /etc/strided wins.\n"

struct check {
    const struct bindings_parts *parts;
    const struct binding *what;
    struct binding_answer *answer;
    char *path, *text; /* of assigned.conf, as it is */
    size_t length;
    struct config *before; /* made of it */
};

void bindings_refuse(struct binding_answer *answer, const char *code, const char *argument,
                     const char *format, ...)
{
    va_list ap;

    answer->code = code;
    answer->argument = argument;
    answer->allowed[0] = '\0';
    va_start(ap, format);
    vsnprintf(answer->message, sizeof(answer->message), format, ap);
    va_end(ap);
}

void bindings_allow(struct binding_answer *answer, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    vsnprintf(answer->allowed, sizeof(answer->allowed), format, ap);
    va_end(ap);
}

/* ---- where something stands -------------------------------------------------------------------- */

/* The file and line of a key, or of its section. */
struct place {
    const char *file;
    unsigned line;
};

static struct place place_of(const struct config *config, size_t sensor, const char *key)
{
    const struct conf_origin *origin =
        conf_origin_find(&config->origins, CONF_SECTION_SENSOR, sensor, key);

    return (struct place){ conf_origin_file(&config->origins, origin), origin ? origin->line : 0 };
}

static bool is_bound_by_command(const struct check *check, const struct config *config, size_t i)
{
    return config_is_file(place_of(config, i, "Address").file, check->path);
}

static size_t find_address(const struct conf *conf, const char *address)
{
    size_t i = 0;

    while (i < conf->n_sensors && strcmp(conf->sensors[i].address, address) != 0)
        i++;
    return i;
}

/* ---- may it be so? ----------------------------------------------------------------------------- */

static bool refuse_configured(const struct check *check, size_t i)
{
    struct place place = place_of(check->before, i, "Address");

    bindings_refuse(check->answer, "configured", "sensor",
                    "%s is bound by %.200s:%u, which no command changes", check->what->sensor,
                    place.file, place.line);
    bindings_allow(check->answer, "a change of that line, and systemctl reload strided");
    return false;
}

static void allow_bound(const struct check *check)
{
    const struct conf *conf = &check->before->conf;
    char *allowed = check->answer->allowed;
    size_t size = sizeof(check->answer->allowed), length = 0;

    for (size_t i = 0; i < conf->n_sensors && length < size; i++)
        if (is_bound_by_command(check, check->before, i))
            length += (size_t)snprintf(allowed + length, size - length, "%s%s", length ? " | " : "",
                                       conf->sensors[i].name);
    if (length == 0)
        bindings_allow(check->answer, "no sensor is bound by command");
}

static bool refuse_unknown(const struct check *check)
{
    bindings_refuse(check->answer, "not_found", "sensor", "There is no such sensor");
    allow_bound(check);
    return false;
}

/* Another name has that device. */
static bool refuse_taken(const struct check *check, size_t i)
{
    const struct conf_sensor *sensor = &check->before->conf.sensors[i];
    struct place place = place_of(check->before, i, "Address");

    bindings_refuse(check->answer, "already", "address", "%s is %s already: %.200s:%u says so",
                    sensor->address, sensor->name, place.file, place.line);
    if (is_bound_by_command(check, check->before, i))
        bindings_allow(check->answer, "forget %s first", sensor->name);
    else
        bindings_allow(check->answer, "a change of that line, and systemctl reload strided");
    return false;
}

static bool refuse_name(const struct check *check, size_t i)
{
    const struct conf_sensor *sensor = &check->before->conf.sensors[i];
    struct place place = place_of(check->before, i, "Address");

    bindings_refuse(check->answer, "already", "name", "%s is %s: %.200s:%u says so", sensor->name,
                    sensor->address, place.file, place.line);
    bindings_allow(check->answer, "another name%s",
                   is_bound_by_command(check, check->before, i)
                       ? "; or replace, for a new device in its place"
                       : ", or a change of that line");
    return false;
}

/* The same at each try for the same device, and nobody else's. */
static void make_name(const struct check *check, char ret[CONF_ID_MAX])
{
    const struct conf *conf = &check->before->conf;
    char name[NAMING_MAX];
    size_t bytes = 0;

    do
        naming_make(check->what->what, check->what->address, ++bytes, name);
    while (bytes < NAMING_BYTES_MAX && conf_find_sensor(conf, name) < conf->n_sensors);
    snprintf(ret, CONF_ID_MAX, "%s", name);
}

static bool may_assign(const struct check *check)
{
    const struct conf *conf = &check->before->conf;
    const struct binding *what = check->what;
    size_t i = find_address(conf, what->address), named = conf_find_sensor(conf, what->sensor);
    bool same = i < conf->n_sensors && is_bound_by_command(check, check->before, i) &&
                (!what->sensor[0] || named == i);

    if (i < conf->n_sensors && !same)
        return refuse_taken(check, i);
    if (!same && named < conf->n_sensors && conf->sensors[named].address[0])
        return refuse_name(check, named);
    if (same)
        memcpy(check->answer->sensor, conf->sensors[i].name, CONF_ID_MAX);
    else if (what->sensor[0])
        memcpy(check->answer->sensor, what->sensor, CONF_ID_MAX);
    else
        make_name(check, check->answer->sensor);
    return true;
}

/* Of a damaged section nothing is known but that it is there: that may be forgotten. */
static bool may_change(const struct check *check)
{
    const struct conf *conf = &check->before->conf;
    const struct binding *what = check->what;
    size_t i = conf_find_sensor(conf, what->sensor);

    memcpy(check->answer->sensor, what->sensor, CONF_ID_MAX);
    if (i == conf->n_sensors)
        return (what->kind == BINDING_FORGET &&
                conf_edit_has_sensor(check->text, check->length, what->sensor)) ||
               refuse_unknown(check);
    if (!is_bound_by_command(check, check->before, i))
        return refuse_configured(check, i);
    memcpy(check->answer->was, conf->sensors[i].address, sizeof(check->answer->was));
    return true;
}

static bool may_replace(const struct check *check)
{
    const struct conf *conf = &check->before->conf;
    size_t i = find_address(conf, check->what->address);

    return may_change(check) &&
           (i == conf->n_sensors || i == conf_find_sensor(conf, check->what->sensor) ||
            refuse_taken(check, i));
}

static bool is_allowed(const struct check *check)
{
    return check->what->kind == BINDING_ASSIGN    ? may_assign(check)
           : check->what->kind == BINDING_REPLACE ? may_replace(check)
                                                  : may_change(check);
}

/* ---- the new text ------------------------------------------------------------------------------ */

static void write_to(void *userdata, const char *text, size_t length)
{
    (void)fwrite(text, 1, length, userdata);
}

static void set(const struct check *check, const char *text, size_t length, FILE *out)
{
    const char *runner = check->what->kind == BINDING_ASSIGN ? check->what->runner : NULL;

    conf_edit_set_sensor(text, length, check->answer->sensor, check->what->address, runner,
                         write_to, out);
}

/* A section of that name that is left out as it is would be left out as well when it says more. */
static void set_anew(const struct check *check, FILE *out)
{
    _cleanup_free_ char *rest = NULL;
    size_t length = 0;
    FILE *memory = open_memstream(&rest, &length);

    if (!memory)
        return;
    conf_edit_drop_sensor(check->text, check->length, check->answer->sensor, write_to, memory);
    if (fclose(memory) == 0)
        set(check, rest, length, out);
}

static void write_new(const struct check *check, FILE *out)
{
    const struct conf *before = &check->before->conf;
    size_t i = conf_find_sensor(before, check->answer->sensor);

    if (check->what->kind == BINDING_FORGET)
        conf_edit_drop_sensor(check->text, check->length, check->answer->sensor, write_to, out);
    else if (check->length == 0)
        set(check, FIRST_LINES, strlen(FIRST_LINES), out);
    else if (i < before->n_sensors && is_bound_by_command(check, check->before, i))
        set(check, check->text, check->length, out);
    else
        set_anew(check, out);
}

static char *make_text(const struct check *check, size_t *ret_length)
{
    char *text = NULL;
    FILE *out = open_memstream(&text, ret_length);
    bool good;

    if (!out)
        return NULL;
    write_new(check, out);
    good = !ferror(out);
    if (fclose(out) == 0 && good && *ret_length > 0)
        return text;
    if (check->what->kind == BINDING_FORGET && good)
        return text; /* nothing is bound any more */
    free(text);
    return NULL;
}

/* ---- with it ----------------------------------------------------------------------------------- */

static bool was_said(const struct conf_problems *problems, const struct conf_problem *problem)
{
    for (size_t i = 0; i < problems->n; i++)
        if (strcmp(problems->items[i].text, problem->text) == 0)
            return true;
    return false;
}

/* The first mistake, or what is said now and was not before. */
static const struct conf_problem *find_problem(const struct check *check,
                                               const struct config *after)
{
    const struct conf_problems *problems = &after->problems;

    for (size_t i = 0; i < problems->n; i++) {
        const struct conf_problem *problem = &problems->items[i];

        if (after->problems.errors ? !problem->warning
                                   : config_is_file(problem->file, check->path) &&
                                         !was_said(&check->before->problems, problem))
            return problem;
    }
    return NULL;
}

static bool refuse_unsound(const struct check *check, const struct config *after)
{
    const struct conf_problem *problem = find_problem(check, after);

    bindings_refuse(check->answer, "unavailable", NULL,
                    "With that it would not hold: %.140s:%u: %.140s",
                    problem ? problem->file : check->path, problem ? problem->line : 0,
                    problem ? problem->text : "it is left out");
    bindings_allow(check->answer, "strided --check-config shows what the files say");
    return false;
}

static void fill_answer(const struct check *check, const struct config *after, size_t i)
{
    const struct conf_sensor *sensor = &after->conf.sensors[i];
    struct place address = place_of(after, i, "Address"), runner = place_of(after, i, "Runner");
    struct binding_answer *answer = check->answer;

    memcpy(answer->address, sensor->address, sizeof(answer->address));
    snprintf(answer->runner, sizeof(answer->runner), "%s",
             sensor->runner >= 0 ? after->conf.runners[sensor->runner].id : "auto");
    answer->line = address.line;
    if (config_is_file(runner.file, check->path))
        return;
    snprintf(answer->over_file, sizeof(answer->over_file), "%s", runner.file);
    answer->over_line = runner.line;
}

/* All files, if assigned.conf were this text. */
static bool holds(const struct check *check, const char *text, size_t length)
{
    _cleanup_(config_freep) struct config *after = NULL;
    size_t i;

    if (config_load_with(&after, check->parts->config_file, check->parts->state_dir, text, length) <
        0) {
        bindings_refuse(check->answer, "no_memory", NULL, "Out of memory");
        return false;
    }
    if (after->problems.errors)
        return refuse_unsound(check, after);
    if (check->what->kind == BINDING_FORGET) {
        memcpy(check->answer->address, check->answer->was, sizeof(check->answer->address));
        return true;
    }
    i = conf_find_same_sensor(&after->conf, check->answer->sensor, check->what->address);
    if (i == after->conf.n_sensors || !is_bound_by_command(check, after, i))
        return refuse_unsound(check, after);
    fill_answer(check, after, i);
    return true;
}

/* ---- all of it --------------------------------------------------------------------------------- */

static char *check_it(struct check *check, size_t *ret_length)
{
    _cleanup_free_ char *text = NULL;

    if (!is_allowed(check))
        return NULL;
    text = make_text(check, ret_length);
    if (!text) {
        bindings_refuse(check->answer, "no_memory", NULL, "Out of memory");
        return NULL;
    }
    return holds(check, text, *ret_length) ? TAKE_PTR(text) : NULL;
}

static int read_it(struct check *check)
{
    const struct bindings_parts *parts = check->parts;
    int r;

    check->path = config_assigned_path(parts->state_dir);
    if (!check->path)
        return -ENOMEM;
    snprintf(check->answer->file, sizeof(check->answer->file), "%s", check->path);
    r = config_read_assigned(parts->state_dir, &check->text, &check->length);
    return r < 0 ? r
                 : config_load_with(&check->before, parts->config_file, parts->state_dir,
                                    check->text, check->length);
}

char *bindings_checked(const struct bindings_parts *parts, const struct binding *what,
                       struct binding_answer *answer, size_t *ret_length)
{
    struct check check = { .parts = parts, .what = what, .answer = answer };
    char *text = NULL;
    int r = read_it(&check);

    if (r == -ENOMEM)
        bindings_refuse(answer, "no_memory", NULL, "Out of memory");
    else if (r < 0)
        bindings_refuse(answer, "unavailable", NULL, "%s cannot be read: %s", answer->file,
                        strerror(-r));
    else
        text = check_it(&check, ret_length);
    free(check.path);
    free(check.text);
    config_free(check.before);
    return text;
}
