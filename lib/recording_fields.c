/* SPDX-License-Identifier: MIT */
#include "lib/recording_fields.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void fields_word(struct fields *fields, char *ret, size_t size)
{
    const char *start;
    size_t length;

    while (fields->at < fields->end && *fields->at == ' ')
        fields->at++;
    start = fields->at;
    while (fields->at < fields->end && *fields->at != ' ')
        fields->at++;
    length = (size_t)(fields->at - start);
    if (length == 0 || length >= size) {
        fields->bad = true;
        ret[0] = '\0';
        return;
    }
    memcpy(ret, start, length);
    ret[length] = '\0';
}

void fields_text(struct fields *fields, char *ret, size_t size)
{
    size_t length;

    while (fields->at < fields->end && *fields->at == ' ')
        fields->at++;
    length = (size_t)(fields->end - fields->at);
    if (length >= size)
        length = size - 1;
    memcpy(ret, fields->at, length);
    ret[length] = '\0';
    fields->at = fields->end;
}

int64_t fields_integer(struct fields *fields, int64_t min, int64_t max)
{
    char word[32], *end;
    long long value;

    fields_word(fields, word, sizeof(word));
    if (fields->bad)
        return 0;
    value = strtoll(word, &end, 10);
    if (*end || value < min || value > max)
        fields->bad = true;
    return fields->bad ? 0 : value;
}

double fields_number(struct fields *fields, double min, double max)
{
    char word[32], *end;
    double value;

    fields_word(fields, word, sizeof(word));
    if (fields->bad || strcmp(word, "-") == 0 || strcmp(word, "unknown") == 0)
        return NAN;
    value = strtod(word, &end);
    if (*end || !isfinite(value) || value < min || value > max)
        fields->bad = true;
    return value;
}

int fields_name(struct fields *fields, const char *const *names, size_t n)
{
    char word[32];

    fields_word(fields, word, sizeof(word));
    for (size_t i = 0; i < n; i++)
        if (!fields->bad && strcmp(word, names[i]) == 0)
            return (int)i;
    fields->bad = true;
    return 0;
}

#define LETTERS_AND_DIGITS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

static void take_of(struct fields *fields, const char *characters, char *ret, size_t size)
{
    fields_word(fields, ret, size);
    if (strspn(ret, characters) != strlen(ret))
        fields->bad = true;
}

void fields_id(struct fields *fields, char *ret, size_t size)
{
    take_of(fields, LETTERS_AND_DIGITS "_-", ret, size);
}

void fields_session(struct fields *fields, char *ret, size_t size)
{
    take_of(fields, LETTERS_AND_DIGITS "._-+:", ret, size);
    if (strspn(ret, LETTERS_AND_DIGITS) == 0)
        fields->bad = true;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

size_t fields_bytes(struct fields *fields, uint8_t ret[RECORDING_BYTES_MAX])
{
    char word[2 * RECORDING_BYTES_MAX + 1];
    size_t n;

    fields_word(fields, word, sizeof(word));
    n = strlen(word);
    if (fields->bad || strcmp(word, "-") == 0)
        return 0;
    fields->bad = n % 2;
    for (size_t i = 0; i < n && !fields->bad; i += 2) {
        int high = hex_digit(word[i]), low = hex_digit(word[i + 1]);

        fields->bad = high < 0 || low < 0;
        if (!fields->bad)
            ret[i / 2] = (uint8_t)(high << 4 | low);
    }
    return fields->bad ? 0 : n / 2;
}
