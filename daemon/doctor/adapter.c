/* SPDX-License-Identifier: MIT */
/* The Bluetooth adapter that strided would take. */
#include <stdio.h>
#include <string.h>
#include "daemon/doctor/private.h"
#include "daemon/util.h"

#define NAMES_MAX 32

/* ---- which one ---- */

static bool is_named(const struct objects_adapter *adapter, const char *wanted)
{
    return strcmp(adapter->name, wanted) == 0 || strcasecmp(adapter->address, wanted) == 0;
}

const struct objects_adapter *doctor_adapter(const struct doctor *doctor)
{
    const struct objects *objects = &doctor->objects;
    const char *wanted = doctor->config ? doctor->config->conf.adapter : "";

    for (size_t i = 0; i < objects->n_adapters; i++)
        if (wanted[0] ? is_named(&objects->adapters[i], wanted) : objects->adapters[i].powered)
            return &objects->adapters[i];
    return !wanted[0] && objects->n_adapters ? &objects->adapters[0] : NULL;
}

static void list_adapters(const struct objects *objects, char *ret, size_t size)
{
    size_t length = 0;

    ret[0] = '\0';
    for (size_t i = 0; i < objects->n_adapters && length < size; i++)
        length += (size_t)snprintf(ret + length, size - length, "%s%s %s", i ? ", " : "",
                                   objects->adapters[i].name, objects->adapters[i].address);
}

/* ---- rfkill: each switch of the kind bluetooth ---- */

static void look_rfkill(const struct doctor *doctor, bool *ret_soft, bool *ret_hard)
{
    char names[NAMES_MAX][DOCTOR_NAME_MAX], path[160], word[16];
    size_t n = doctor_list(doctor, "/sys/class/rfkill", names, NAMES_MAX);

    *ret_soft = *ret_hard = false;
    for (size_t i = 0; i < n; i++) {
        snprintf(path, sizeof(path), "/sys/class/rfkill/%.*s/type", DOCTOR_NAME_MAX - 1, names[i]);
        doctor_read_word(doctor, path, word, sizeof(word));
        if (strcmp(word, "bluetooth") != 0)
            continue;
        snprintf(path, sizeof(path), "/sys/class/rfkill/%.*s/soft", DOCTOR_NAME_MAX - 1, names[i]);
        doctor_read_word(doctor, path, word, sizeof(word));
        *ret_soft |= strcmp(word, "1") == 0;
        snprintf(path, sizeof(path), "/sys/class/rfkill/%.*s/hard", DOCTOR_NAME_MAX - 1, names[i]);
        doctor_read_word(doctor, path, word, sizeof(word));
        *ret_hard |= strcmp(word, "1") == 0;
    }
}

/* ---- what is so ---- */

static void say_none(struct doctor *doctor)
{
    char names[NAMES_MAX][DOCTOR_NAME_MAX], all[OBJECTS_ADAPTERS_MAX * 40];
    const char *wanted = doctor->config ? doctor->config->conf.adapter : "";
    size_t n = doctor_list(doctor, "/sys/class/bluetooth", names, NAMES_MAX);

    list_adapters(&doctor->objects, all, sizeof(all));
    if (doctor->objects.n_adapters)
        doctor_say(doctor, ADAPTER_MISSING, NULL,
                   "Adapter=%s of the configuration is not there; there is %s", wanted, all);
    else if (n)
        doctor_say(doctor, ADAPTER_UNCLAIMED, NULL,
                   "the kernel has %s, and bluetoothd does not know it", names[0]);
    else
        doctor_say(doctor, ADAPTER_NONE, NULL, "there is none");
}

static void say_state(struct doctor *doctor, const struct objects_adapter *adapter)
{
    bool soft, hard;

    look_rfkill(doctor, &soft, &hard);
    if (adapter->powered)
        doctor_say(doctor, ADAPTER_POWERED, NULL, "%s %s is on", adapter->name, adapter->address);
    else if (hard)
        doctor_say(doctor, ADAPTER_HARD, NULL, "%s %s is blocked by a switch of this machine",
                   adapter->name, adapter->address);
    else if (soft)
        doctor_say(doctor, ADAPTER_SOFT, NULL, "%s %s is blocked by software (rfkill)",
                   adapter->name, adapter->address);
    else
        doctor_say(doctor, ADAPTER_OFF, NULL, "%s %s is off", adapter->name, adapter->address);
}

/* Without bluetoothd the kernel's own folders still tell something. */
static void say_unasked(struct doctor *doctor)
{
    char names[NAMES_MAX][DOCTOR_NAME_MAX];
    size_t n = doctor_list(doctor, "/sys/class/bluetooth", names, NAMES_MAX);
    bool soft, hard;

    look_rfkill(doctor, &soft, &hard);
    if (hard)
        doctor_say(doctor, ADAPTER_HARD, NULL, "Bluetooth is blocked by a switch of this machine");
    else if (soft)
        doctor_say(doctor, ADAPTER_SOFT, NULL, "Bluetooth is blocked by software (rfkill)");
    else
        doctor_say(doctor, ADAPTER_SKIPPED, NULL, "bluetoothd does not tell; the kernel has %s%s",
                   n ? "" : "none", n ? names[0] : "");
}

void doctor_look_adapter(struct doctor *doctor)
{
    const struct objects_adapter *adapter = doctor_adapter(doctor);

    if (!doctor->objects.asked)
        say_unasked(doctor);
    else if (adapter)
        say_state(doctor, adapter);
    else
        say_none(doctor);
}
