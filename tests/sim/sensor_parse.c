/* SPDX-License-Identifier: MIT */
/* A sensor from its description, and the fields that can be changed while it runs. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/util.h"
#include "tests/sim/sensor.h"

static int parse_number(const char *text, double low, double high, double *ret)
{
    char *end;
    double value;

    if (!text || !*text)
        return -EINVAL;
    value = strtod(text, &end);
    if (*end || !(value >= low && value <= high))
        return -ERANGE;
    *ret = value;
    return 0;
}

/* ---- kinds ---------------------------------------------------------------------------------- */

static const struct sensor kinds[] = {
    { .kind = "pod",
      .services = SENSOR_RSC,
      .appearance = 1088,
      .sleep_s = 300,
      .rsc = { .strides = true, .odometer = true, .stride_length = true },
      .reset_s = NAN },
    { .kind = "strap",
      .services = SENSOR_HEART_RATE,
      .appearance = 833,
      .sleep_s = 30,
      .rsc = { .strides = false, .odometer = false, .stride_length = false },
      .reset_s = NAN },
    { .kind = "belt",
      .services = SENSOR_TREADMILL,
      .appearance = 1344,
      .sleep_s = 1e12,
      .rsc = { .strides = false, .odometer = true, .stride_length = true },
      .treadmill = { .inclination = true },
      .reset_s = NAN },
    { .kind = "power",
      .services = SENSOR_POWER,
      .appearance = 1088,
      .sleep_s = 300,
      .rsc = { .strides = true, .odometer = true, .stride_length = true },
      .reset_s = NAN },
    { .kind = "barometer",
      .services = SENSOR_PRESSURE | SENSOR_TEMPERATURE,
      .appearance = 1344,
      .sleep_s = 1e12,
      .reset_s = NAN },
    { .kind = "location",
      .services = SENSOR_LOCATION,
      .appearance = 5186,
      .sleep_s = 1e12,
      .reset_s = NAN },
};

static void sensor_defaults(struct sensor *s, const struct sensor *kind, uint64_t seed)
{
    *s = *kind;
    s->hz = 1;
    s->rssi_dbm = -55;
    s->battery_pct = 87;
    snprintf(s->manufacturer, sizeof s->manufacturer, "Simulated Sensors");
    snprintf(s->model, sizeof s->model, "Sim %s", s->kind);
    snprintf(s->firmware, sizeof s->firmware, "1.0.0");
    body_init(&s->body, script_find("run"), seed);
}

/* ---- options -------------------------------------------------------------------------------- */

static int option_flag(struct sensor *s, const char *key)
{
    const struct {
        const char *key;
        bool *field, value;
    } flags[] = {
        { "strides", &s->rsc.strides, true },
        { "steps", &s->rsc.strides, false },
        { "no-odometer", &s->rsc.odometer, false },
        { "no-stride-length", &s->rsc.stride_length, false },
        { "split", &s->treadmill.split, true },
        { "no-incline", &s->treadmill.inclination, false },
        { "no-data", &s->treadmill.no_data, true },
        { "awake", &s->awake, true },
        { "public", &s->public_address, true },
        { "dual", &s->dual_mode, true },
        { "picky", &s->picky, true },
        { "random", &s->public_address, false },
    };

    for (size_t i = 0; i < ELEMENTSOF(flags); i++)
        if (strcmp(flags[i].key, key) == 0) {
            *flags[i].field = flags[i].value;
            return 0;
        }
    return -EINVAL;
}

static int option_number(struct sensor *s, const char *key, const char *value)
{
    const struct {
        const char *key;
        double low, high, *field;
    } numbers[] = {
        { "hz", 0.05, 100, &s->hz },
        { "interval", 0.02, 10.24, &s->interval_s },
        { "wake", 0, 86400, &s->wake_s },
        { "sleep", 0, 1e12, &s->sleep_s },
        { "start", 0, 1e9, &s->body.start_s },
        { "noise", 0, 0.2, &s->body.noise },
        { "odometer", 0, 4e8, &s->rsc.odometer_start_m },
        { "reset", 0, 1e9, &s->reset_s },
        { "distance", 0, 16e6, &s->treadmill.distance_start_m },
        { "altitude", -400, 8000, &s->body.start_altitude_m },
        { "drift", -1000, 1000, &s->body.drift_pa_h },
    };

    for (size_t i = 0; i < ELEMENTSOF(numbers); i++)
        if (strcmp(numbers[i].key, key) == 0)
            return parse_number(value, numbers[i].low, numbers[i].high, numbers[i].field);
    return -EINVAL;
}

static int option_text(struct sensor *s, const char *key, const char *value)
{
    const struct {
        const char *key;
        char *field;
    } texts[] = {
        { "manufacturer", s->manufacturer },
        { "model", s->model },
        { "firmware", s->firmware },
    };

    for (size_t i = 0; i < ELEMENTSOF(texts); i++)
        if (strcmp(texts[i].key, key) == 0) {
            snprintf(texts[i].field, sizeof s->model, "%s", value);
            return 0;
        }
    return -EINVAL;
}

static int option_word(struct sensor *s, const char *key, const char *value)
{
    if (strcmp(key, "scenario") == 0) {
        s->body.script = script_find(value);
        return s->body.script ? 0 : -ERANGE;
    }
    if (strcmp(key, "contact") == 0) {
        s->contact = strcmp(value, "no") == 0 ? CONTACT_UNSUPPORTED : CONTACT_SUPPORTED;
        return strcmp(value, "no") == 0 || strcmp(value, "yes") == 0 ? 0 : -ERANGE;
    }
    if (strcmp(key, "also") == 0) {
        for (size_t i = 0; i < SENSOR_SERVICES; i++)
            if (strcmp(sensor_services[i].name, value) == 0) {
                s->services |= sensor_services[i].bit;
                return 0;
            }
        return -ERANGE;
    }
    return -EINVAL;
}

static int option_parse(struct sensor *s, char *text)
{
    char *value = strchr(text, '=');
    int r;

    if (!value)
        return option_flag(s, text);
    *value++ = '\0';
    r = option_number(s, text, value);
    if (r == -EINVAL)
        r = option_word(s, text, value);
    if (r == -EINVAL)
        r = option_text(s, text, value);
    return r == -EINVAL ? sensor_set(s, text, value) : r;
}

static bool is_address(const char *text)
{
    for (int i = 0; i < 17; i++)
        if (i % 3 == 2 ? text[i] != ':' : !strchr("0123456789ABCDEF", text[i]) || !text[i])
            return false;
    return true;
}

static int options_parse(struct sensor *s, char *text, const char **ret_mistake)
{
    static char mistake[160];
    char *save = NULL;

    for (char *o = strtok_r(text, ",", &save); o; o = strtok_r(NULL, ",", &save)) {
        snprintf(mistake, sizeof mistake, "option \"%s\" is not known or out of range", o);
        *ret_mistake = mistake;
        if (option_parse(s, o) < 0)
            return -EINVAL;
    }
    return 0;
}

int sensor_parse(struct sensor *s, const char *text, uint64_t seed, const char **ret_mistake)
{
    _cleanup_free_ char *copy = strdup(text);
    char *kind = copy, *name = copy ? strchr(copy, ':') : NULL, *address;
    size_t k = 0;

    *ret_mistake = "must be KIND:NAME:AA:BB:CC:DD:EE:FF[:options], KIND pod, strap, belt, power, "
                   "barometer or location";
    if (!name)
        return -EINVAL;
    *name++ = '\0';
    address = strchr(name, ':');
    if (!address)
        return -EINVAL;
    *address++ = '\0';
    while (k < ELEMENTSOF(kinds) && strcmp(kinds[k].kind, kind) != 0)
        k++;
    if (k == ELEMENTSOF(kinds) || !*name || strpbrk(name, "\"\\") || !is_address(address) ||
        (address[17] && address[17] != ':'))
        return -EINVAL;
    sensor_defaults(s, &kinds[k], seed);
    snprintf(s->name, sizeof s->name, "%s", name);
    snprintf(s->address, sizeof s->address, "%.17s", address);
    return address[17] ? options_parse(s, address + 18, ret_mistake) : 0;
}

/* ---- fields --------------------------------------------------------------------------------- */

int sensor_set(struct sensor *s, const char *field, const char *value)
{
    const struct {
        const char *field;
        double low, high, *pin;
    } pins[] = {
        { "speed", 0, 20, &s->body.pin_speed },
        { "cadence", 0, 300, &s->body.pin_cadence },
        { "hr", 0, 255, &s->body.pin_heart_rate },
        { "incline", -30, 40, &s->body.pin_grade },
        { "power", -1000, 32767, &s->body.pin_power },
        { "temperature", -100, 300, &s->body.pin_temperature },
    };
    double number = 0;
    int r;

    for (size_t i = 0; i < ELEMENTSOF(pins); i++) {
        if (strcmp(pins[i].field, field) != 0)
            continue;
        if (strcmp(value, "auto") != 0)
            return parse_number(value, pins[i].low, pins[i].high, pins[i].pin);
        *pins[i].pin = NAN;
        return 0;
    }
    if (strcmp(field, "worn") == 0) {
        r = strcmp(value, "auto") == 0 ? 0 : parse_number(value, 0, 1, &number);
        if (r >= 0)
            s->body.pin_worn = strcmp(value, "auto") == 0 ? -1 : (int)number;
        return r;
    }
    if (strcmp(field, "rssi") == 0) {
        r = parse_number(value, -127, 20, &number);
        if (r >= 0)
            s->rssi_dbm = (int)number;
        return r;
    }
    if (strcmp(field, "odometer") == 0) { /* a lifetime counter that is set back, or forward */
        r = parse_number(value, 0, 4e8, &number);
        if (r >= 0)
            s->rsc.odometer_start_m = s->treadmill.distance_start_m = number - s->body.distance_m;
        return r;
    }
    if (strcmp(field, "battery") == 0) {
        r = parse_number(value, 0, 100, &number);
        if (r >= 0)
            s->battery_pct = (int)number;
        return r;
    }
    return -EINVAL;
}
