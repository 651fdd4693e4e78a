/* SPDX-License-Identifier: MIT */
/*
 * The password of the broker, from a file of the user's or from systemd. What was read is wiped, and no
 * problem quotes it.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "daemon/config/private.h"
#include "daemon/util.h"

#define CREDENTIAL "mqtt-password"

static char *credential_path(void)
{
    const char *folder = getenv("CREDENTIALS_DIRECTORY");
    char *path;

    if (!folder || asprintf(&path, "%s/" CREDENTIAL, folder) < 0)
        return NULL;
    if (access(path, F_OK) == 0)
        return path;
    free(path);
    return NULL;
}

/* The first line; what editors put behind it is not part of the password. */
static int take_password(struct config *config, const char *path, char *text, size_t length,
                         char **ret)
{
    while (length > 0 && (text[length - 1] == '\n' || text[length - 1] == '\r'))
        text[--length] = '\0';
    if (length == 0 || strlen(text) != length || strpbrk(text, "\r\n")) {
        conf_problem_add(&config->problems, path, 0, false,
                         "the password file is %s; allowed: one line with the password",
                         length == 0 ? "empty" : "more than one line");
        return 0;
    }
    *ret = strdup(text);
    return *ret ? 0 : -ENOMEM;
}

/* key NULL: the credential. */
static int read_password_from(struct config *config, const char *key, const char *path, char **ret)
{
    const struct config_secret secret = { key, path, "password", CONFIG_PASSWORD_MAX };
    char *text;
    size_t length = 0;
    int r = config_read_secret(config, &secret, &text, &length);

    if (r < 0 || !text)
        return r;
    r = take_password(config, path, text, length, ret);
    config_secret_free(text, length);
    return r;
}

int config_read_password(struct config *config, char **ret)
{
    const struct conf *conf = &config->conf;
    _cleanup_free_ char *credential = NULL;
    int r = 0;

    *ret = NULL;
    if (conf->mqtt_username[0] == '\0') /* a password alone is none */
        return 0;
    if (conf->mqtt_password_file[0])
        r = read_password_from(config, "PasswordFile", conf->mqtt_password_file, ret);
    else if ((credential = credential_path()))
        r = read_password_from(config, NULL, credential, ret);
    conf_problems_sort(&config->problems, &config->origins);
    return r;
}

char *config_password_free(char *password)
{
    return config_secret_free(password, password ? strlen(password) : 0);
}
