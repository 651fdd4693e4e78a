/* SPDX-License-Identifier: MIT */
#pragma once
/* For tests that load a configuration: a folder that is made anew for each of them, and what was loaded
 * of it last. */
#include "daemon/config/config.h"

#define WITH_FOLDER(test)                                                                          \
    cmocka_unit_test_setup_teardown(test, config_fixture_set_up, config_fixture_tear_down)

struct config_fixture {
    char folder[32];
    char file[64];      /* x.conf in there */
    char state_dir[64]; /* state in there */
    struct config *config;
};
extern struct config_fixture fixture;

int config_fixture_set_up(void **state);
int config_fixture_tear_down(void **state);

char *at(const char *name); /* the path of a name in the folder; of the last two calls */
void put(const char *name, const char *text);
void load(const char *config_file);
