/* SPDX-License-Identifier: MIT */
/*
 * The name is looked up here before Paho does it again, so that 'the name is not known' can be told
 * from 'nobody listens', and so that most look-ups that hang do so here, and not under Paho's lock.
 */
#include "daemon/broker/paho/ways.h"
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int fail(int code, const char *text, char *ret_text, size_t size)
{
    snprintf(ret_text, size, "%s", text);
    return code;
}

int paho_ways_check(const char *host, const char *ca_file, char *ret_text, size_t size)
{
    struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM }, *found = NULL;

    if (ca_file && access(ca_file, R_OK) < 0)
        return fail(PAHO_CODE_CA_FILE, strerror(errno), ret_text, size);
    int r = getaddrinfo(host, NULL, &hints, &found);
    if (r != 0)
        return fail(PAHO_CODE_NAME_UNKNOWN, r == EAI_SYSTEM ? strerror(errno) : gai_strerror(r),
                    ret_text, size);
    freeaddrinfo(found);
    return 0;
}
