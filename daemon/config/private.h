/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What the files behind config.h share: config.c loads, password.c reads the password; above both
 * report.c says what came of it.
 */
#include "daemon/config/config.h"

/*
 * A file could not be read, and becomes a problem. most: of bytes; error: of read_file. 0, or -ENOMEM,
 * which is none of the file's.
 */
int config_say_unreadable(struct conf_problems *problems, const char *path, size_t most, int error);
/* One that a key of [MQTT] names: the mistake is where the key stands. */
int config_say_unusable(struct config *config, const char *key, const char *path, size_t most,
                        int error);
