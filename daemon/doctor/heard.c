/* SPDX-License-Identifier: MIT */
/* Each configured sensor as strided sees it, or else as bluetoothd does, and how its links hold. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "daemon/clock.h"
#include "daemon/doctor/private.h"
#include "daemon/util.h"

#define BATTERY_LOW_PCT 15
#define SIGNAL_WEAK_DBM (-88) /* below it packets of a small antenna get lost in a body's shadow */
#define DROPS_MIN       6     /* in the life of this strided */
#define DROPS_AN_HOUR   2.0

static const char *text(const json_t *object, const char *key)
{
    const char *value = json_string_value(json_object_get(object, key));

    return value ? value : "";
}

static double number(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);

    return json_is_number(value) ? json_number_value(value) : NAN;
}

/* ---- as strided sees them ---- */

static double signal_dbm(const struct doctor *doctor, const char *name)
{
    const json_t *health = json_object_get(doctor->status, "health");

    return number(json_object_get(health, "signal_dbm"), name);
}

static void describe(const json_t *sensor, double dbm, char *ret, size_t size)
{
    double battery = number(sensor, "battery_pct");
    size_t n = (size_t)snprintf(ret, size, "%s: %s, %s", text(sensor, "name"),
                                text(sensor, "state"), text(sensor, "reason"));

    if (n < size && !isnan(battery))
        n += (size_t)snprintf(ret + n, size - n, ", battery %.0f %%", battery);
    if (n < size && !isnan(dbm))
        n += (size_t)snprintf(ret + n, size - n, ", signal %.0f dBm", dbm);
    if (n < size && text(sensor, "last_seen")[0])
        snprintf(ret + n, size - n, ", last heard %s", text(sensor, "last_seen"));
}

/* The one thing of its state that is most worth saying. */
static enum doctor_line state_line(const json_t *sensor, double dbm)
{
    const char *state = text(sensor, "state");

    if (strcmp(state, "unavailable") == 0)
        return SENSOR_SKIPPED;
    if (strcmp(state, "silent") == 0)
        return SENSOR_MUTE;
    if (strstr(text(sensor, "reason"), "perhaps connected elsewhere"))
        return SENSOR_ELSEWHERE;
    if (strcmp(state, "absent") == 0 && !text(sensor, "last_seen")[0])
        return SENSOR_UNHEARD;
    return dbm < SIGNAL_WEAK_DBM ? SENSOR_WEAK : SENSOR_WELL;
}

static void look_told(struct doctor *doctor, const json_t *sensor)
{
    double dbm = signal_dbm(doctor, text(sensor, "name")), battery = number(sensor, "battery_pct");
    enum doctor_line line = state_line(sensor, dbm);
    char said[DOCTOR_FOUND_MAX];

    describe(sensor, dbm, said, sizeof(said));
    if (battery <= BATTERY_LOW_PCT)
        doctor_say(doctor, SENSOR_BATTERY, NULL, "%s: its battery has %.0f %% left",
                   text(sensor, "name"), battery);
    if (line == SENSOR_UNHEARD)
        doctor_say(doctor, line, NULL,
                   "%s: not heard since strided started: asleep, out of range, or perhaps "
                   "connected elsewhere",
                   text(sensor, "name"));
    else if (battery > BATTERY_LOW_PCT || isnan(battery) || line != SENSOR_WELL)
        doctor_say(doctor, line, NULL, "%s", said);
}

/* ---- as bluetoothd does ---- */

static void look_known(struct doctor *doctor, const struct conf_sensor *sensor)
{
    const struct objects_device *device = objects_find(&doctor->objects, sensor->address);
    char battery[32] = "";

    if (device && device->battery_pct >= 0)
        snprintf(battery, sizeof(battery), ", battery %d %%", device->battery_pct);
    if (device && device->battery_pct >= 0 && device->battery_pct <= BATTERY_LOW_PCT)
        doctor_say(doctor, SENSOR_BATTERY, NULL, "%s: its battery has %d %% left", sensor->name,
                   device->battery_pct);
    if (!device)
        doctor_say(doctor, SENSOR_SKIPPED, NULL,
                   "%s: strided does not say, and bluetoothd has not heard it: 'sudo strided "
                   "--scan' listens",
                   sensor->name);
    else if (device->connected && !doctor->has_owner)
        doctor_say(doctor, SENSOR_HELD, sensor->address,
                   "%s: it is connected to this machine, though strided does not run%s",
                   sensor->name, battery);
    else if (device->connected)
        doctor_say(doctor, SENSOR_WELL, NULL, "%s: connected%s", sensor->name, battery);
    else if (device->heard)
        doctor_say(doctor, device->rssi_dbm < SIGNAL_WEAK_DBM ? SENSOR_WEAK : SENSOR_WELL, NULL,
                   "%s: it advertises, signal %d dBm", sensor->name, device->rssi_dbm);
    else
        doctor_say(doctor, SENSOR_SKIPPED, NULL,
                   "%s: bluetoothd knows it, and nobody listens whether it is there", sensor->name);
}

void doctor_look_sensors(struct doctor *doctor)
{
    const struct conf *conf = doctor->config ? &doctor->config->conf : NULL;
    const json_t *sensor, *told = json_object_get(doctor->sensors, "sensors");
    size_t i;

    if (conf && conf->n_sensors == 0 && json_array_size(told) == 0)
        doctor_say(doctor, SENSOR_NONE, NULL, "none is configured");
    json_array_foreach(told, i, sensor) look_told(doctor, sensor);
    for (i = 0; conf && !told && i < conf->n_sensors; i++)
        look_known(doctor, &conf->sensors[i]);
    if (doctor_is_silent(doctor, CHECK_SENSORS))
        doctor_say(doctor, SENSOR_SKIPPED, NULL, "which there are is not known here");
}

/* ---- how links hold ---- */

/* Hours that this strided runs; NAN: not known. */
static double hours(const struct doctor *doctor)
{
    const json_t *since = json_object_get(doctor->unit, "ActiveEnterTimestampMonotonic");
    uint64_t since_usec = (uint64_t)json_integer_value(since), now_usec = clock_machine_usec();

    return since_usec && now_usec > since_usec ? (double)(now_usec - since_usec) / 3.6e9 : NAN;
}

static bool says_interval(const char *problem)
{
    return strstr(problem, "drops about 30 s after each connect") != NULL;
}

static void look_interval(struct doctor *doctor)
{
    const json_t *problem, *health = json_object_get(doctor->status, "health");
    size_t i;

    json_array_foreach(json_object_get(health, "problems"), i, problem)
    {
        const char *said = json_string_value(problem);

        if (said && says_interval(said))
            doctor_say(doctor, LINKS_INTERVAL, NULL,
                       "%.*s loses its link about 30 s after each connect: the kernel refuses the "
                       "connection interval that it asks for",
                       (int)strcspn(said, " "), said);
    }
}

static void look_drops(struct doctor *doctor, const json_t *sensor, double *total)
{
    double drops = number(sensor, "drops"), running = hours(doctor);

    if (isnan(drops))
        return;
    *total += drops;
    if (drops >= DROPS_MIN && (isnan(running) || drops / fmax(running, 1) >= DROPS_AN_HOUR))
        doctor_say(doctor, LINKS_DROP, NULL, "%s lost its link %.0f times since strided started",
                   text(sensor, "name"), drops);
}

void doctor_look_links(struct doctor *doctor)
{
    const json_t *sensor, *told = json_object_get(doctor->sensors, "sensors");
    double total = 0;
    size_t i;

    if (!told) {
        doctor_say(doctor, LINKS_SKIPPED, NULL, "strided counts them, and does not say");
        return;
    }
    look_interval(doctor);
    json_array_foreach(told, i, sensor) look_drops(doctor, sensor, &total);
    if (doctor_is_silent(doctor, CHECK_LINKS))
        doctor_say(doctor, LINKS_HOLD, NULL, "%.0f lost since strided started", total);
}
