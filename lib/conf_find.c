/* SPDX-License-Identifier: MIT */
/*
 * Who is meant by a name. Everything outside the configuration, a row that is kept, a recording, a
 * command, knows its runners and sensors by theirs; where they stand in it changes with a reload.
 */
#include <string.h>
#include "lib/conf.h"

size_t conf_find_runner(const struct conf *conf, const char *id)
{
    size_t i = 0;

    while (i < conf->n_runners && strcmp(conf->runners[i].id, id) != 0)
        i++;
    return i;
}

const struct conf_runner *conf_runner_of(const struct conf *conf, const char *id)
{
    size_t i = conf_find_runner(conf, id);

    return i < conf->n_runners ? &conf->runners[i] : NULL;
}

size_t conf_find_sensor(const struct conf *conf, const char *name)
{
    size_t i = 0;

    while (i < conf->n_sensors && strcmp(conf->sensors[i].name, name) != 0)
        i++;
    return i;
}

size_t conf_find_same_sensor(const struct conf *conf, const char *name, const char *address)
{
    size_t i = conf_find_sensor(conf, name);

    return i < conf->n_sensors && strcmp(conf->sensors[i].address, address) != 0 ? conf->n_sensors
                                                                                 : i;
}
