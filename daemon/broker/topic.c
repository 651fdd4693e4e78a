/* SPDX-License-Identifier: MIT */
#include "daemon/broker/topic.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

const struct topic_row topics_table[TOPIC_COUNT] = {
    [TOPIC_STATUS] = { "status", 1, true, false, 0, NULL, "connect, stop, loss",
                       "online or offline; the broker says offline for us when we are cut off" },
    [TOPIC_INFO] = { "info", 1, true, false, 0, "info", "connect, reload",
                     "version, machine, runners and sensors of this gateway" },
    [TOPIC_HEALTH] = { "health", 0, false, false, 0, "health", "each 60 s",
                       "counters, adapter, clock, signal strengths, unknown devices, problems" },
    [TOPIC_SENSOR] = { "sensor/<s>", 1, true, false, 0, "sensor", "state change",
                       "what a sensor does and why, its battery, model and counts" },
    [TOPIC_LIVE] = { "runner/<r>/live", 0, false, false, 10, "live", "1 Hz in a session",
                     "every live metric, null where unknown" },
    [TOPIC_NOW] = { "runner/<r>/now", 0, false, false, 60, "live",
                    "each 10 s in a session, once at its end",
                    "the same, slow, for programs that record what they hear" },
    [TOPIC_SESSION] = { "runner/<r>/session", 1, true, false, 0, "session", "start, minute, end",
                        "summary of the current or last session" },
    [TOPIC_WEEK] = { "runner/<r>/week", 1, true, false, 0, "week", "change",
                     "totals, limits and verdicts of the last seven days" },
    [TOPIC_NOTE] = { "runner/<r>/note", 1, true, false, 0, "note", "change",
                     "effort, surface and shoes of the latest session, as its runner says" },
    [TOPIC_ALERT] = { "runner/<r>/alert/<rule>", 1, true, false, 0, "alert", "verdict change",
                      "verdict of one rule with its figures and its sentence" },
    [TOPIC_EVENT] = { "runner/<r>/event", 1, false, false, 0, "event", "as they happen",
                      "what happened, told once; kept until the broker has it" },
    [TOPIC_REQUEST] = { "request/<verb>", 1, false, true, 0, NULL, "",
                        "a command to the gateway; retained ones are ignored" },
    [TOPIC_RESPONSE] = { "response/<verb>", 1, false, false, 0, "response", "request",
                         "the answer to a command" },
};

bool topic_is_level(const char *text)
{
    return text && text[0] &&
           (strcmp(text, "+") == 0 ||
            text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_-")] == '\0');
}

int topics_format(char ret[static TOPIC_MAX], const char *root, const char *gateway,
                  enum topic topic, const char *first, const char *second)
{
    const char *levels[] = { first, second };
    char text[TOPIC_MAX];
    size_t used = 0;
    int n = snprintf(text, sizeof(text), "%s/%s/", root, gateway);
    if (!topic_is_level(root) || !topic_is_level(gateway) || n < 0 || (size_t)n >= sizeof(text))
        return -EINVAL;
    for (const char *at = topics_table[topic].pattern; *at;) {
        const char *part = *at == '<' ? (used < 2 ? levels[used++] : NULL) : at;
        if (*at == '<' && !topic_is_level(part))
            return -EINVAL;
        size_t length = *at == '<' ? strlen(part) : strcspn(at, "<");
        if ((size_t)n + length >= sizeof(text))
            return -EINVAL;
        memcpy(text + n, part, length);
        n += (int)length;
        at += *at == '<' ? strcspn(at, ">") + 1 : length;
    }
    text[n] = '\0';
    memcpy(ret, text, (size_t)n + 1);
    return 0;
}

bool topic_filter_matches(const char *filter, const char *topic)
{
    for (;;) {
        size_t f = strcspn(filter, "/"), t = strcspn(topic, "/");
        bool any = f == 1 && filter[0] == '+';
        if (!any && (f != t || memcmp(filter, topic, f) != 0))
            return false;
        if (!filter[f] || !topic[t])
            return !filter[f] && !topic[t];
        filter += f + 1;
        topic += t + 1;
    }
}
