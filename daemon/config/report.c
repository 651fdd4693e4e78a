/* SPDX-License-Identifier: MIT */
/*
 * What is said of a configuration that was read: into the log when it is to be run with, to whoever
 * asked for a check. All of it at once, so that nobody mends one line a start.
 */
#include <stdio.h>
#include <string.h>
#include "daemon/config/config.h"
#include "daemon/log.h"
#include "daemon/util.h"

/* ---- To be run with */

static bool is_warning(const struct conf_problems *problems, size_t i)
{
    return i < problems->n && problems->items[i].warning;
}

static void log_problems(const struct conf_problems *problems)
{
    char sentence[512];

    for (size_t i = 0; conf_problem_format(problems, i, sentence, sizeof(sentence)); i++)
        if (is_warning(problems, i))
            log_warning("%s", sentence);
        else
            log_error("%s", sentence);
}

/* What nothing was said of, for whoever starts without a configuration and wonders. */
static void log_nothing(const struct config *config, const char *config_file)
{
    const struct conf *conf = &config->conf;

    if (config->origins.n_files == 0)
        log_info("no configuration at %s: defaults hold", config_file ? config_file : CONFIG_FILE);
    if (conf->mqtt_uri[0] == '\0')
        log_info("no broker is set (Uri= in [MQTT]): runs are recorded, nothing is published");
    if (conf->n_sensors == 0)
        log_info("no sensor is configured: strided --scan shows them");
}

int config_take(struct config **ret, char **ret_password, const char *config_file,
                const char *state_dir)
{
    _cleanup_(config_freep) struct config *config = NULL;
    char *password = NULL;
    int r;

    r = config_load(&config, config_file, state_dir);
    if (r >= 0)
        r = config_read_password(config, &password);
    if (r < 0)
        return r;
    log_problems(&config->problems);
    if (config->problems.errors) {
        config_password_free(password);
        return CONFIG_E_UNSOUND;
    }
    log_nothing(config, config_file);
    *ret_password = password;
    *ret = TAKE_PTR(config);
    return 0;
}

/* ---- --check-config */

static void write_to(void *userdata, const char *text)
{
    fputs(text, userdata);
}

static void print_problems(const struct conf_problems *problems)
{
    char line[CONF_TEXT_MAX + 450];

    for (size_t i = 0; conf_problem_format(problems, i, line, sizeof(line)); i++)
        fprintf(stderr, "%s%s\n", is_warning(problems, i) ? "warning: " : "", line);
}

static void print_password_state(const struct config *config, const char *password)
{
    if (config->conf.mqtt_username[0])
        printf("\n# Password of the broker: %s\n", password ? "found, not shown" : "none");
}

int config_check_print(const char *config_file, const char *state_dir)
{
    _cleanup_(config_freep) struct config *config = NULL;
    char *password = NULL;
    int r = config_load(&config, config_file, state_dir);

    if (r == 0)
        r = config_read_password(config, &password);
    if (r < 0) {
        fprintf(stderr, "the configuration cannot be read: %s\n", strerror(-r));
        return 1;
    }
    conf_dump(&config->conf, &config->origins, write_to, stdout);
    print_password_state(config, password);
    config_password_free(password);
    fflush(stdout);
    print_problems(&config->problems);
    return config->problems.errors ? 1 : 0;
}
