/* SPDX-License-Identifier: MIT */
/*
 * Names and UUIDs as bluetoothd and, behind it, any device in radio range spells them. What is shown
 * to people or put into a topic has gone through bluez_text().
 */
#include "daemon/bluez_text.h"

#include <string.h>
#include "daemon/util.h"

static const struct {
    uint16_t uuid;
    uint32_t bit;
    const char *uuid_text;
    const char *name;
} services[] = {
    { 0x180D, BLUEZ_HEART_RATE, "0000180d-0000-1000-8000-00805f9b34fb", "heart_rate" },
    { 0x1814, BLUEZ_RUNNING, "00001814-0000-1000-8000-00805f9b34fb", "running_speed_cadence" },
    { 0x1826, BLUEZ_FITNESS_MACHINE, "00001826-0000-1000-8000-00805f9b34fb", "fitness_machine" },
};

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool bluez_address_is_valid(const char *address)
{
    if (strlen(address) != 17)
        return false;
    for (size_t i = 0; i < 17; i++)
        if (i % 3 == 2 ? address[i] != ':' : hex_digit(address[i]) < 0)
            return false;
    return true;
}

uint16_t bluez_uuid16(const char *uuid)
{
    static const char base[] = "-0000-1000-8000-00805f9b34fb";
    if (strlen(uuid) != 36 || strncmp(uuid, "0000", 4) != 0 || strcasecmp(uuid + 8, base) != 0)
        return 0;
    unsigned value = 0;
    for (size_t i = 4; i < 8; i++) {
        int digit = hex_digit(uuid[i]);
        if (digit < 0)
            return 0;
        value = value << 4 | (unsigned)digit;
    }
    return (uint16_t)value;
}

/* Length of the well-formed UTF-8 sequence at p that is not a control character, 0 if none is. */
static size_t printable_length(const uint8_t *p, size_t left)
{
    size_t n = *p < 0x80             ? 1
               : (*p & 0xE0) == 0xC0 ? 2
               : (*p & 0xF0) == 0xE0 ? 3
               : (*p & 0xF8) == 0xF0 ? 4
                                     : 0;
    if (n == 0 || n > left)
        return 0;
    if (n == 1)
        return *p >= 0x20 && *p != 0x7F;
    uint32_t code = *p & (0x7Fu >> n);
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xC0) != 0x80)
            return 0;
        code = code << 6 | (p[i] & 0x3Fu);
    }
    static const uint32_t smallest[] = { 0, 0, 0xA0, 0x800, 0x10000 }; /* 80..9F: C1 controls */
    bool surrogate = code >= 0xD800 && code <= 0xDFFF;
    bool bidi = (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069) ||
                code == 0x2028 || code == 0x2029 || code == 0x200E || code == 0x200F;
    return code < smallest[n] || code > 0x10FFFF || surrogate || bidi ? 0 : n;
}

void bluez_text(char *ret, size_t size, const void *bytes, size_t length)
{
    const uint8_t *p = bytes;
    size_t out = 0;
    for (size_t i = 0; i < length && p[i] != 0;) {
        size_t n = printable_length(p + i, length - i);
        if (out + (n > 0 ? n : 1) >= size)
            break;
        if (n > 0)
            memcpy(ret + out, p + i, n);
        else
            ret[out] = '?';
        out += n > 0 ? n : 1;
        i += n > 0 ? n : 1;
    }
    while (out > 0 && ret[out - 1] == ' ')
        out--;
    ret[out] = '\0';
}

void bluez_services_text(uint32_t mask, char *ret, size_t size)
{
    size_t out = 0;
    ret[0] = '\0';
    for (size_t i = 0; i < ELEMENTSOF(services); i++) {
        size_t length = strlen(services[i].name);
        if (!(mask & services[i].bit) || out + length + 2 > size)
            continue;
        if (out > 0)
            ret[out++] = ' ';
        memcpy(ret + out, services[i].name, length + 1);
        out += length;
    }
}

uint32_t bluez_service_bit(uint16_t uuid)
{
    for (size_t i = 0; i < ELEMENTSOF(services); i++)
        if (services[i].uuid == uuid)
            return services[i].bit;
    return 0;
}

const char *bluez_service_uuid(enum bluez_service service)
{
    for (size_t i = 0; i < ELEMENTSOF(services); i++)
        if (services[i].bit == service)
            return services[i].uuid_text;
    return NULL;
}
