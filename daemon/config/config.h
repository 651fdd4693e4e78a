/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * Which files the configuration is made of, and the password. Load order, later wins: assigned.conf
 * of the state folder (what commands bound), the file, its drop-ins FILE.d (names in .conf,
 * sorted). What is wrong goes into the problems; the configuration is only to be used when
 * problems->errors is 0. A section of assigned.conf with a mistake, or with the address of a sensor
 * of another file, is left out whole, and that is a warning: the rest holds.
 */
#include <string.h>
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
    char left_out
        [CONF_TEXT_MAX]; /* of assigned.conf, the first of it, as a sentence; "": nothing is */
};

/*
 * config_file NULL: the default path, which may be missing; one that is named may not. state_dir
 * NULL: none. 0, or -ENOMEM; all else is a problem in ret->problems.
 */
int config_load(struct config **ret, const char *config_file, const char *state_dir);
/* The same, if assigned.conf were this text. */
int config_load_with(struct config **ret, const char *config_file, const char *state_dir,
                     const char *assigned, size_t length);
struct config *config_free(struct config *config);
static inline void config_freep(struct config **config)
{
    config_free(*config);
}

/* Whether the file of an origin or a problem, which has room for so much of its name, is this one. */
static inline bool config_is_file(const char *file, const char *path)
{
    return strncmp(file, path, CONF_TEXT_MAX - 1) == 0;
}

/* Its path, to be freed; NULL: no memory. */
char *config_assigned_path(const char *state_dir);
/* As it stands there, to be freed; empty where there is none. Also < 0: -errno of read_file. */
int config_read_assigned(const char *state_dir, char **ret, size_t *ret_length);
/* In place of what stands there, and on the disk when it returns: for a worker. Killed or cut off, it is the
 * old one or the new one. 0 or -errno. */
int config_write_assigned(const char *state_dir, const char *text, size_t length);

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
