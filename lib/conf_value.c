/* SPDX-License-Identifier: MIT */
/*
 * One value: text to field. Numbers are read by hand because strtod would also take hexadecimal,
 * infinity and what the locale likes.
 */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/address.h"
#include "lib/conf_key.h"
#include "lib/tz.h"
#include "lib/utf8.h"

#define USEC_PER_SEC 1000000.0

static const struct {
    const char *name;
    double usec;
} span_units[] = {
    { "", USEC_PER_SEC },
    { "us", 1 },
    { "usec", 1 },
    { "ms", 1e3 },
    { "msec", 1e3 },
    { "s", USEC_PER_SEC },
    { "sec", USEC_PER_SEC },
    { "second", USEC_PER_SEC },
    { "seconds", USEC_PER_SEC },
    { "m", 60e6 },
    { "min", 60e6 },
    { "minute", 60e6 },
    { "minutes", 60e6 },
    { "h", 3600e6 },
    { "hr", 3600e6 },
    { "hour", 3600e6 },
    { "hours", 3600e6 },
    { "d", 86400e6 },
    { "day", 86400e6 },
    { "days", 86400e6 },
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Digits with at most one point among them; returns the bytes taken, 0 when there is no number. */
static size_t read_unsigned(const char *text, double *ret)
{
    double value = 0, weight = 1;
    size_t i = 0, digits = 0;
    bool point = false;

    for (; is_digit(text[i]) || (text[i] == '.' && !point); i++) {
        if (text[i] == '.') {
            point = true;
            continue;
        }
        value = value * 10 + (text[i] - '0');
        weight *= point ? 10 : 1;
        digits++;
    }
    if (digits == 0 || digits > 15) /* 15: what a double holds exactly */
        return 0;
    *ret = value / weight;
    return i;
}

static bool read_number(const char *text, double *ret)
{
    bool negative = *text == '-';
    const char *digits = text + (negative || *text == '+');
    double value;
    size_t taken = read_unsigned(digits, &value);

    if (taken == 0 || digits[taken] != '\0')
        return false;
    *ret = negative ? -value : value;
    return true;
}

static size_t read_span_unit(const char *text, double *ret_usec)
{
    size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyz");

    for (size_t i = 0; i < sizeof(span_units) / sizeof(span_units[0]); i++)
        if (strlen(span_units[i].name) == length &&
            strncmp(text, span_units[i].name, length) == 0) {
            *ret_usec = span_units[i].usec;
            return length;
        }
    return SIZE_MAX;
}

bool conf_parse_span(const char *text, uint64_t *ret_usec)
{
    double sum = 0;

    text += strspn(text, " ");
    if (*text == '\0')
        return false;
    while (*text) {
        double value, unit;
        size_t taken = read_unsigned(text, &value);
        if (taken == 0)
            return false;
        text += taken;
        text += strspn(text, " ");
        taken = read_span_unit(text, &unit);
        if (taken == SIZE_MAX || (taken == 0 && *text == '.'))
            return false;
        text += taken;
        text += strspn(text, " ");
        sum += value * unit;
    }
    if (sum > 1e18)
        return false;
    *ret_usec = (uint64_t)(sum + 0.5);
    return true;
}

bool conf_id_is_valid(const char *id)
{
    size_t length = strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789_-");

    return length > 0 && id[length] == '\0' && length < CONF_ID_MAX;
}

static bool is_address(const char *text)
{
    return address_is_valid(text) && strcmp(text, "00:00:00:00:00:00") != 0;
}

static bool is_adapter(const char *text)
{
    size_t digits = strncmp(text, "hci", 3) == 0 ? strspn(text + 3, "0123456789") : 0;

    return is_address(text) || (digits > 0 && digits <= 3 && text[3 + digits] == '\0');
}

static bool is_port(const char *text)
{
    double port;

    return strspn(text, "0123456789") == strlen(text) && read_number(text, &port) && port >= 1 &&
           port <= 65535;
}

/* host, 192.0.2.1 or [2001:db8::1], then perhaps :port */
static bool is_host_and_port(const char *text)
{
    size_t length;

    if (*text == '[') {
        length = strspn(text + 1, "0123456789abcdefABCDEF:.");
        if (length < 2 || text[1 + length] != ']')
            return false;
        text += length + 2;
    } else {
        length = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");
        if (length == 0 || length > 253)
            return false;
        text += length;
    }
    return *text == '\0' || (*text == ':' && is_port(text + 1));
}

static bool is_uri(const char *text)
{
    if (strncmp(text, "mqtt://", 7) == 0)
        return is_host_and_port(text + 7);
    return strncmp(text, "mqtts://", 8) == 0 && is_host_and_port(text + 8);
}

static bool text_is_allowed(const struct conf_key *key, const char *text)
{
    if (strlen(text) >= key->size || !utf8_is_plain(text, strlen(text)))
        return false;
    if (*text == '\0')
        return *key->fallback == '\0'; /* an empty default means 'not given' */
    switch (key->type) {
    case CONF_TYPE_PATH:
        return text[0] == '/';
    case CONF_TYPE_URI:
        return is_uri(text);
    case CONF_TYPE_ID:
    case CONF_TYPE_RUNNER:
        return conf_id_is_valid(text);
    case CONF_TYPE_ADDRESS:
        return is_address(text);
    case CONF_TYPE_ADAPTER:
        return is_adapter(text);
    case CONF_TYPE_ZONE:
        return tz_name_is_valid(text);
    case CONF_TYPE_TEXT:
    case CONF_TYPE_BOOL:
    case CONF_TYPE_WORD:
    case CONF_TYPE_WHOLE:
    case CONF_TYPE_NUMBER:
    case CONF_TYPE_PERCENT:
    case CONF_TYPE_SPAN:
        break;
    }
    return true;
}

static bool set_text(const struct conf_key *key, char *field, const char *text)
{
    bool upper = key->type == CONF_TYPE_ADDRESS ||
                 (key->type == CONF_TYPE_ADAPTER && strncmp(text, "hci", 3) != 0);

    if (!text_is_allowed(key, text))
        return false;
    memset(field, 0, key->size);
    for (size_t i = 0; text[i]; i++)
        field[i] = upper ? (char)toupper((unsigned char)text[i]) : text[i];
    return true;
}

static bool set_bool(bool *field, const char *text)
{
    static const char *const yes[] = { "yes", "true", "on", "1" };
    static const char *const no[] = { "no", "false", "off", "0" };

    for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
        if (strcmp(text, yes[i]) == 0 || strcmp(text, no[i]) == 0) {
            *field = strcmp(text, yes[i]) == 0;
            return true;
        }
    return false;
}

static bool set_word(const struct conf_key *key, int *field, const char *text)
{
    for (int i = 0; key->words[i]; i++)
        if (strcmp(key->words[i], text) == 0) {
            *field = i;
            return true;
        }
    return false;
}

static bool set_whole(const struct conf_key *key, int *field, const char *text)
{
    double value = 0;

    if (*text != '\0' && (!read_number(text, &value) || value < key->min || value > key->max ||
                          value != floor(value)))
        return false;
    *field = (int)value;
    return true;
}

static bool set_number(const struct conf_key *key, double *field, const char *text)
{
    double value = NAN;

    if (*text != '\0' && (!read_number(text, &value) || value < key->min || value > key->max))
        return false;
    *field = value;
    return true;
}

/* -8, -8 %, unknown */
static bool set_percent(const struct conf_key *key, double *field, const char *text)
{
    char number[32];
    size_t length = strcspn(text, " %");
    const char *rest = text + length + strspn(text + length, " ");

    if (strcmp(text, "unknown") == 0)
        return set_number(key, field, "");
    if (length == 0 || length >= sizeof(number) || (strcmp(rest, "%") != 0 && *rest != '\0'))
        return false;
    memcpy(number, text, length);
    number[length] = '\0';
    return set_number(key, field, number);
}

static bool set_span(const struct conf_key *key, uint64_t *field, const char *text)
{
    uint64_t usec = 0;

    if (*text == '\0' && *key->fallback == '\0') { /* not given */
        *field = 0;
        return true;
    }
    if (!conf_parse_span(text, &usec) || (double)usec < key->min * USEC_PER_SEC ||
        (double)usec > key->max * USEC_PER_SEC)
        return false;
    *field = usec;
    return true;
}

bool conf_value_set(const struct conf_key *key, void *base, const char *text)
{
    void *field = (char *)base + key->offset;

    switch (key->type) {
    case CONF_TYPE_BOOL:
        return set_bool(field, text);
    case CONF_TYPE_WORD:
        return set_word(key, field, text);
    case CONF_TYPE_WHOLE:
        return set_whole(key, field, text);
    case CONF_TYPE_NUMBER:
        return set_number(key, field, text);
    case CONF_TYPE_PERCENT:
        return set_percent(key, field, text);
    case CONF_TYPE_SPAN:
        return set_span(key, field, text);
    case CONF_TYPE_TEXT:
    case CONF_TYPE_PATH:
    case CONF_TYPE_URI:
    case CONF_TYPE_ID:
    case CONF_TYPE_RUNNER:
    case CONF_TYPE_ADDRESS:
    case CONF_TYPE_ADAPTER:
    case CONF_TYPE_ZONE:
        return set_text(key, field, text);
    }
    return false;
}

bool conf_value_is_allowed(const struct conf_key *key, const char *text)
{
    _Alignas(max_align_t) char scratch[CONF_TEXT_MAX];
    struct conf_key first = *key;

    first.offset = 0;
    return conf_value_set(&first, scratch, text);
}
