/* SPDX-License-Identifier: MIT */
#include "daemon/broker/mqtt_uri.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int parse_port(const char *text, int *ret)
{
    char *end;
    errno = 0;
    long port = strtol(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || port < 1 || port > 65535)
        return -EINVAL;
    *ret = (int)port;
    return 0;
}

int mqtt_uri_parse(const char *uri, struct paho_target *ret)
{
    struct paho_target target = { .tls = strncmp(uri, "mqtts://", 8) == 0 };
    if (!target.tls && strncmp(uri, "mqtt://", 7) != 0)
        return -EINVAL;
    const char *host = uri + (target.tls ? 8 : 7);
    bool v6 = host[0] == '[';
    size_t length = strcspn(host += v6, v6 ? "]" : ":/");
    const char *rest = host + length;
    if (length == 0 || length >= sizeof(target.host) || (v6 && *rest++ != ']'))
        return -EINVAL;
    memcpy(target.host, host, length);
    target.port = target.tls ? 8883 : 1883;
    if (strcmp(rest, "/") != 0 && rest[0] != '\0' &&
        (rest[0] != ':' || parse_port(rest + 1, &target.port) < 0))
        return -EINVAL;
    *ret = target;
    return 0;
}
