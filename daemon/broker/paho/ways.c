/* SPDX-License-Identifier: MIT */
/*
 * The name is looked up here before Paho does it again, so that 'the name is not known' can be told
 * from 'nobody listens', and so that most look-ups that hang do so here, and not under Paho's lock.
 */
#include "daemon/broker/paho/ways.h"
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "daemon/keypair.h"
#include "daemon/readfile.h"
#include "daemon/util.h"

static int fail(int code, const char *text, char *ret_text, size_t size)
{
    snprintf(ret_text, size, "%s", text);
    return code;
}

static int fail_own(const char *key, const char *why, char *ret_text, size_t size)
{
    snprintf(ret_text, size, "%s= cannot be used: %s", key, why);
    return PAHO_CODE_OWN_PAIR;
}

static int check_key(const struct paho_settings *settings, const char *certificate,
                     size_t certificate_length, char *ret_text, size_t size)
{
    char *key = NULL;
    size_t length = 0;
    int r = read_file(settings->client_key, KEYPAIR_PEM_MAX, &key, &length, NULL);

    if (r < 0)
        return fail_own("ClientKey", strerror(-r), ret_text, size);
    r = keypair_check(certificate, certificate_length, key, length);
    explicit_bzero(key, length);
    free(key);
    if (r < 0)
        return fail_own("ClientKey", strerror(-r), ret_text, size);
    return r == KEYPAIR_OK ? 0
                           : fail_own(r == KEYPAIR_E_CERTIFICATE ? "ClientCert" : "ClientKey",
                                      keypair_text((enum keypair_result)r), ret_text, size);
}

/* Certificates are renewed while we run, so this is looked at again before each try. */
static int check_pair(const struct paho_settings *settings, char *ret_text, size_t size)
{
    _cleanup_free_ char *certificate = NULL;
    size_t length;
    int r;

    if (!settings->client_cert)
        return 0;
    r = read_file(settings->client_cert, KEYPAIR_PEM_MAX, &certificate, &length, NULL);
    if (r < 0)
        return fail_own("ClientCert", strerror(-r), ret_text, size);
    return check_key(settings, certificate, length, ret_text, size);
}

static int check_name(const char *host, char *ret_text, size_t size)
{
    struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM }, *found = NULL;
    int r = getaddrinfo(host, NULL, &hints, &found);

    if (r != 0)
        return fail(PAHO_CODE_NAME_UNKNOWN, r == EAI_SYSTEM ? strerror(errno) : gai_strerror(r),
                    ret_text, size);
    freeaddrinfo(found);
    return 0;
}

int paho_ways_check(const struct paho_settings *settings, char *ret_text, size_t size)
{
    int r;

    if (settings->ca_file && access(settings->ca_file, R_OK) < 0)
        return fail(PAHO_CODE_CA_FILE, strerror(errno), ret_text, size);
    r = settings->target.tls ? check_pair(settings, ret_text, size) : 0;
    return r != 0 ? r : check_name(settings->target.host, ret_text, size);
}
