/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * Which files the configuration is made of, and the password. Load order, later wins: assigned.conf
 * of the state folder (what commands bound), the file, its drop-ins FILE.d (names in .conf,
 * sorted). What is wrong goes into the problems; the configuration is only to be used when
 * problems->errors is 0.
 */
#include "lib/conf.h"

#define CONFIG_FILE         "/etc/strided/strided.conf"
#define CONFIG_ASSIGNED     "assigned.conf"
#define CONFIG_SIZE_MAX     (1024 * 1024) /* of one file */
#define CONFIG_PASSWORD_MAX 1024

/* Everything of one load; large, so on the heap. */
struct config {
    struct conf conf;
    struct conf_origins origins;
    struct conf_problems problems;
};

/*
 * config_file NULL: the default path, which may be missing; one that is named may not. state_dir
 * NULL: none. 0, or -ENOMEM; all else is a problem in ret->problems.
 */
int config_load(struct config **ret, const char *config_file, const char *state_dir);
struct config *config_free(struct config *config);
static inline void config_freep(struct config **config)
{
    config_free(*config);
}

/*
 * The password of the broker from PasswordFile=, else from the systemd credential mqtt-password;
 * NULL where there is none. What is wrong becomes a problem (and NULL). To be given to
 * config_password_free, which wipes it. Also < 0: -ENOMEM.
 */
int config_read_password(struct config *config, char **ret);
char *config_password_free(char *password);

/* Both of the above, to be run with: all that is wrong is logged, at once. CONFIG_E_UNSOUND: it can't
 * be used. Also < 0: -ENOMEM. */
enum config_result { CONFIG_OK = 0, CONFIG_E_UNSOUND = 1 };
int config_take(struct config **ret, char **ret_password, const char *config_file,
                const char *state_dir);

/* --check-config: effective values to stdout, problems to stderr; returns the exit status. */
int config_check_print(const char *config_file, const char *state_dir);
