/* SPDX-License-Identifier: MIT */
/*
 * One value shown to a person: as it would be written in a file, and the sentence that says what
 * would have been allowed, made from the same row that refuses.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include "lib/conf_key.h"

static void format_span(uint64_t usec, char *ret, size_t size)
{
    static const struct {
        const char *name;
        uint64_t usec;
    } units[] = { { "d", 86400000000 }, { "h", 3600000000 }, { "min", 60000000 },
                  { "s", 1000000 },     { "ms", 1000 },      { "us", 1 } };
    size_t at = 0;

    snprintf(ret, size, "0s");
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (usec >= units[i].usec && at < size)
            at += (size_t)snprintf(ret + at, size - at, "%s%" PRIu64 "%s", at ? " " : "",
                                   usec / units[i].usec, units[i].name);
        usec %= units[i].usec;
    }
}

static void format_number(double value, const char *unknown, char *ret, size_t size)
{
    if (isnan(value))
        snprintf(ret, size, "%s", unknown);
    else
        snprintf(ret, size, "%.10g", value);
}

void conf_value_format(const struct conf_key *key, const void *base, char *ret, size_t size)
{
    const void *field = (const char *)base + key->offset;

    switch (key->type) {
    case CONF_TYPE_BOOL:
        snprintf(ret, size, "%s", *(const bool *)field ? "yes" : "no");
        return;
    case CONF_TYPE_WORD:
        snprintf(ret, size, "%s", key->words[*(const int *)field]);
        return;
    case CONF_TYPE_WHOLE:
        snprintf(ret, size, "%.0d", *(const int *)field); /* .0: nothing for 0 */
        return;
    case CONF_TYPE_NUMBER:
        format_number(*(const double *)field, "", ret, size);
        return;
    case CONF_TYPE_PERCENT:
        format_number(*(const double *)field, "unknown", ret, size);
        return;
    case CONF_TYPE_SPAN:
        if (*(const uint64_t *)field == 0 && *key->fallback == '\0')
            ret[0] = '\0'; /* not given */
        else
            format_span(*(const uint64_t *)field, ret, size);
        return;
    case CONF_TYPE_TEXT:
    case CONF_TYPE_PATH:
    case CONF_TYPE_URI:
    case CONF_TYPE_ID:
    case CONF_TYPE_RUNNER:
    case CONF_TYPE_ADDRESS:
    case CONF_TYPE_ADAPTER:
    case CONF_TYPE_ZONE:
        snprintf(ret, size, "%s", (const char *)field);
        return;
    }
}

static void allowed_words(const struct conf_key *key, char *ret, size_t size)
{
    size_t at = 0, n = 0;

    while (key->words[n])
        n++;
    for (size_t i = 0; i < n && at < size; i++)
        if (*key->words[i]) /* the empty one means 'not given' and goes without saying */
            at += (size_t)snprintf(ret + at, size - at, "%s%s",
                                   at == 0      ? ""
                                   : i == n - 1 ? " or "
                                                : ", ",
                                   key->words[i]);
}

static void allowed_range(const struct conf_key *key, char *ret, size_t size)
{
    char low[64], high[64];

    if (key->type == CONF_TYPE_SPAN) {
        format_span((uint64_t)key->min * 1000000, low, sizeof(low));
        format_span((uint64_t)key->max * 1000000, high, sizeof(high));
        snprintf(ret, size, "a time from %s to %s, such as %s", low, high,
                 key->min < 86400 ? "45s, 5min or 1min 30s" : "36h, 7d or 30d");
        return;
    }
    snprintf(ret, size, "%s from %.10g to %.10g%s",
             key->type == CONF_TYPE_WHOLE ? "a whole number" : "a number", key->min, key->max,
             key->type == CONF_TYPE_PERCENT ? " (percent), or unknown" : "");
}

void conf_value_allowed(const struct conf_key *key, char *ret, size_t size)
{
    static const char *const sentences[] = {
        [CONF_TYPE_TEXT] = "text",
        [CONF_TYPE_PATH] = "an absolute path",
        [CONF_TYPE_URI] = "mqtt://host or mqtts://host, perhaps with :port; no user, no path",
        [CONF_TYPE_ID] = "1 to 31 of a-z, 0-9, _ and -",
        [CONF_TYPE_RUNNER] = "auto, or the id of a [Runner ...] section",
        [CONF_TYPE_ADDRESS] = "an address such as C0:DE:00:00:00:01",
        [CONF_TYPE_ADAPTER] = "the address of an adapter, or hciN such as hci0",
        [CONF_TYPE_ZONE] = "a time zone such as Europe/Berlin",
        [CONF_TYPE_BOOL] = "yes or no",
    };

    if (key->type == CONF_TYPE_WORD)
        allowed_words(key, ret, size);
    else if (key->type > CONF_TYPE_WORD)
        allowed_range(key, ret, size);
    else if (key->type <= CONF_TYPE_PATH)
        snprintf(ret, size, "%s of at most %zu bytes", sentences[key->type], key->size - 1);
    else
        snprintf(ret, size, "%s", sentences[key->type]);
}
