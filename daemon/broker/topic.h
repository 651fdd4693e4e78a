/* SPDX-License-Identifier: MIT */
#pragma once
/* Every topic there is, in one table, and how its name is made. */
#include <stdbool.h>
#include <stdint.h>

#define TOPIC_MAX 320 /* bytes with the NUL */

enum topic {
    TOPIC_STATUS,
    TOPIC_INFO,
    TOPIC_HEALTH,
    TOPIC_SENSOR,
    TOPIC_LIVE,
    TOPIC_NOW,
    TOPIC_SESSION,
    TOPIC_WEEK,
    TOPIC_NOTE,
    TOPIC_ALERT,
    TOPIC_EVENT,
    TOPIC_REQUEST,
    TOPIC_RESPONSE,
    TOPIC_COUNT
};

struct topic_row {
    /* under <root>/<gateway>/; <r>, <s>, <rule>, <verb> are levels to be filled */
    const char *pattern;
    int qos;
    bool retained;
    bool inbound;
    uint32_t expiry_s; /* 0: none */
    /* name of its kind in lib/contract.h; NULL: plain text, or the verb's own */
    const char *schema;
    const char *when;
    const char *doc;
};
extern const struct topic_row topics_table[TOPIC_COUNT];

/* Fills the levels in order (NULL where there is none); "+" is allowed. -EINVAL: not a topic level. */
int topics_format(char ret[static TOPIC_MAX], const char *root, const char *gateway,
                  enum topic topic, const char *first, const char *second);

/* One level of a name of ours, or "+". */
bool topic_is_level(const char *text);
/* As a broker does it, for filters with "+" alone. */
bool topic_filter_matches(const char *filter, const char *topic);
