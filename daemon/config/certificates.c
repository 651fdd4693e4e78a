/* SPDX-License-Identifier: MIT */
/*
 * The certificates of the link to the broker. They are read by the TLS library when it connects; what is
 * wrong with them is found out before, where it can be said with file and line. Else it would show when
 * the first connection fails, as a certificate that is not to be trusted.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "daemon/config/private.h"
#include "daemon/keypair.h"
#include "daemon/readfile.h"
#include "daemon/util.h"

static int check_ca_file(struct config *config)
{
    const char *path = config->conf.mqtt_ca_file;
    _cleanup_free_ char *text = NULL;
    size_t length;
    int r;

    if (!path[0])
        return 0;
    r = read_file(path, CONFIG_SIZE_MAX, &text, &length, NULL);
    return r < 0 ? config_say_unusable(config, "CaFile", path, CONFIG_SIZE_MAX, r) : 0;
}

static void say_wrong(struct config *config, enum keypair_result result)
{
    const struct conf *conf = &config->conf;
    bool certificate = result == KEYPAIR_E_CERTIFICATE;
    const char *key = certificate ? "ClientCert" : "ClientKey";
    const struct conf_origin *origin =
        conf_origin_find(&config->origins, CONF_SECTION_MQTT, 0, key);

    conf_problem_add(&config->problems, conf_origin_file(&config->origins, origin),
                     origin ? origin->line : 0, false, "%s=%.200s cannot be used: %s", key,
                     certificate ? conf->mqtt_client_cert : conf->mqtt_client_key,
                     keypair_text(result));
}

static int check_pair(struct config *config, const char *certificate, size_t certificate_length)
{
    const struct config_secret secret = { "ClientKey", config->conf.mqtt_client_key, "private key",
                                          KEYPAIR_PEM_MAX };
    char *key;
    size_t length = 0;
    int r = config_read_secret(config, &secret, &key, &length);

    if (r < 0 || !key)
        return r;
    r = keypair_check(certificate, certificate_length, key, length);
    config_secret_free(key, length);
    if (r > 0)
        say_wrong(config, (enum keypair_result)r);
    return r < 0 ? r : 0;
}

static int check_client(struct config *config)
{
    const struct conf *conf = &config->conf;
    _cleanup_free_ char *certificate = NULL;
    size_t length;
    int r;

    if (!conf->mqtt_client_cert[0] || !conf->mqtt_client_key[0]) /* one of both was said */
        return 0;
    r = read_file(conf->mqtt_client_cert, KEYPAIR_PEM_MAX, &certificate, &length, NULL);
    if (r < 0)
        return config_say_unusable(config, "ClientCert", conf->mqtt_client_cert, KEYPAIR_PEM_MAX,
                                   r);
    return check_pair(config, certificate, length);
}

int config_check_certificates(struct config *config)
{
    int r;

    if (strncmp(config->conf.mqtt_uri, "mqtts://", 8) != 0)
        return 0;
    r = check_ca_file(config);
    return r < 0 ? r : check_client(config);
}
