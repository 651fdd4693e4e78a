/* SPDX-License-Identifier: MIT */
/* What is told of the sensors and their radio: states and health. */
#include <stdio.h>
#include <string.h>
#include "daemon/bluez/rfkill.h"
#include "daemon/log.h"
#include "daemon/sensors/set.h"
#include "lib/digest.h"

#define SECOND      1000000ULL
#define SIGNAL_USEC (60 * SECOND)
#define SEEN_USEC   (60 * SECOND) /* last_seen that is told is no older, while it lives */
#define HUNG_USEC   (10 * SECOND)
#define RFKILL_DIR  "/sys/class/rfkill"

/* ---- one sensor ---- */

static void copy(char *ret, size_t size, const char *text)
{
    size_t length = strnlen(text, size - 1);
    memcpy(ret, text, length);
    ret[length] = '\0';
}

static void fill(const struct link *link, struct payload_sensor *ret)
{
    const struct conf *conf = link->sensors->conf;
    memset(ret, 0, sizeof *ret);
    payload_sensor_init(ret);
    copy(ret->name, sizeof ret->name, link->machine.name);
    copy(ret->kind, sizeof ret->kind, gatt_kind_name(sensor_kind(link->machine.services)));
    copy(ret->runner, sizeof ret->runner,
         link->runner >= 0 && (size_t)link->runner < conf->n_runners
             ? conf->runners[link->runner].id
             : "auto");
    copy(ret->address, sizeof ret->address, link->address);
    ret->state = link->machine.state;
    copy(ret->reason, sizeof ret->reason, link->machine.reason);
    ret->battery_pct = link->battery_pct;
    copy(ret->manufacturer, sizeof ret->manufacturer, link->manufacturer);
    copy(ret->model, sizeof ret->model, link->model);
    copy(ret->firmware, sizeof ret->firmware, link->firmware);
    ret->drops = (double)link->machine.drops;
}

uint64_t link_show_usec(const struct link *link)
{
    return link->seen_usec == link->told_seen_usec ? CLOCK_NEVER : link->told_usec + SEEN_USEC;
}

void link_show(struct link *link)
{
    struct payload_sensor now;
    if (!link->sensors->begun)
        return;
    uint64_t now_usec = clock_now_usec();
    fill(link, &now);
    if (memcmp(&now, &link->told, sizeof now) == 0 && now_usec < link_show_usec(link))
        return;
    memcpy(&link->told, &now, sizeof now);
    link->told_usec = now_usec;
    link->told_seen_usec = link->seen_usec;
    link->sensors->callbacks.on_change(link->sensors->userdata, link->index);
}

const struct payload_sensor *sensors_get(const struct sensors *sensors, size_t sensor)
{
    if (sensor >= sensors->n_links)
        return NULL;
    struct link *link = sensors->links[sensor];
    fill(link, &link->shown);
    if (link->seen_usec != 0)
        link->shown.last_seen_usec =
            clock_wall_usec() - (int64_t)(clock_now_usec() - link->seen_usec);
    return &link->shown;
}

/* ---- the radio ---- */

static const char *adapter_name(const struct bluez_adapter *adapter)
{
    return strrchr(adapter->path, '/') + 1;
}

/* A bluetoothd that starts takes a second or two before it answers; longer is no start. */
static bool is_hung(const struct sensors *sensors)
{
    return bluez_status(sensors->bluez) == BLUEZ_STARTING && sensors->starting_usec != 0 &&
           clock_now_usec() - sensors->starting_usec >= HUNG_USEC;
}

/* Only where there is no socket, dbus may not be installed. */
static void no_bus_text(int error, char *ret, size_t size)
{
    if (error == 0)
        snprintf(ret, size, "there is no system bus, so Bluetooth cannot be reached");
    else if (error == -ENOENT)
        snprintf(ret, size,
                 "there is no system bus, so Bluetooth cannot be reached: 'sudo apt install dbus'");
    else
        snprintf(ret, size, "there is no system bus (%s), so Bluetooth cannot be reached",
                 strerrordesc_np(-error));
}

static void no_adapter_text(const char *wanted, char *ret, size_t size)
{
    if (wanted[0] != '\0')
        snprintf(ret, size, "the Bluetooth adapter %s of the configuration is not there", wanted);
    else
        snprintf(ret, size,
                 "there is no Bluetooth adapter: plug one in; on a Pi, 'dtoverlay=disable-bt' "
                 "in config.txt switches its own off");
}

/* It is there, and off. */
static void adapter_off_text(const struct sensors *sensors, bool blocked, char *ret, size_t size)
{
    const struct bluez_adapter *adapter = bluez_adapter(sensors->bluez);
    const char *name = adapter ? adapter_name(adapter) : "";

    if (adapter && sensors->cycle.phase != POWERCYCLE_AT_REST &&
        strcmp(sensors->cycled, adapter->address) == 0)
        snprintf(ret, size, "the Bluetooth adapter %s is being switched off and on", name);
    else if (blocked)
        snprintf(
            ret, size,
            "the Bluetooth adapter %s is blocked: 'sudo rfkill unblock bluetooth' frees it, if "
            "Debian's package rfkill is there",
            name);
    else
        snprintf(ret, size,
                 "the Bluetooth adapter %s is off: 'bluetoothctl power on' switches it on", name);
}

void sensors_unavailable_text(const struct sensors *sensors, char *ret, size_t size)
{
    ret[0] = '\0';
    switch (bluez_status(sensors->bluez)) {
    case BLUEZ_NO_BUS:
        no_bus_text(sensors->bus_error, ret, size);
        break;
    case BLUEZ_NO_DAEMON:
        revival_text(&sensors->revival, ret, size);
        break;
    case BLUEZ_STARTING:
        snprintf(ret, size,
                 is_hung(sensors) ? "bluetoothd runs and does not answer: 'sudo systemctl restart "
                                    "bluetooth' makes it anew"
                                  : "bluetoothd is being asked what it knows");
        break;
    case BLUEZ_NO_ADAPTER:
        no_adapter_text(sensors->conf->adapter, ret, size);
        break;
    case BLUEZ_ADAPTER_BLOCKED:
        adapter_off_text(sensors, true, ret, size);
        break;
    case BLUEZ_ADAPTER_OFF:
        adapter_off_text(sensors, rfkill_blocks_bluetooth(RFKILL_DIR), ret, size);
        break;
    case BLUEZ_READY:
        break;
    }
}

void sensors_say_unavailable(struct sensors *sensors)
{
    enum bluez_status status = bluez_status(sensors->bluez);
    char text[PAYLOAD_TEXT_MAX];

    if (status == BLUEZ_STARTING && !is_hung(sensors))
        return;
    sensors_unavailable_text(sensors, text, sizeof text);
    if (strcmp(sensors->unavailable_said, text) == 0)
        return;
    snprintf(sensors->unavailable_said, sizeof sensors->unavailable_said, "%s", text);
    if (text[0] != '\0' && status != BLUEZ_NO_BUS)
        log_warning("%s", text);
}

static void changing_address_text(const struct link *link, char *ret, size_t size)
{
    const struct bluez_device *device = bluez_find(link->sensors->bluez, link->address);
    ret[0] = '\0';
    if (device && sensors_is_changing(device))
        snprintf(
            ret, size,
            "%s has an address that changes every few minutes: 'bluetoothctl pair %s', then use "
            "what 'strided --scan' shows",
            link->machine.name, link->address);
}

static void add_problems(const struct sensors *sensors, struct payload_health *health)
{
    char text[PAYLOAD_TEXT_MAX];
    if (bluez_status(sensors->bluez) != BLUEZ_STARTING || is_hung(sensors)) {
        sensors_unavailable_text(sensors, text, sizeof text);
        payload_health_add(health, "%s", text);
    }
    if (radio_is_stuck(&sensors->radio))
        payload_health_add(health, "scanning for sensors fails again and again (%s)",
                           sensors->radio.error);
    if (sensors->cycle.hindered)
        payload_health_add(
            health, "the Bluetooth adapter seems to be stuck, and is not switched off and on "
                    "because others use it: 'bluetoothctl power off' and 'power on' do");
    for (size_t i = 0; i < sensors->n_links; i++) {
        payload_health_add(health, "%s", sensors->links[i]->machine.problem);
        changing_address_text(sensors->links[i], text, sizeof text);
        payload_health_add(health, "%s", text);
    }
}

static void fill_radio(const struct sensors *sensors, struct payload_health *health)
{
    const struct bluez_adapter *adapter = bluez_adapter(sensors->bluez);
    enum bluez_status status = bluez_status(sensors->bluez);
    if (adapter)
        snprintf(health->adapter, sizeof health->adapter, "%s %s %s", adapter_name(adapter),
                 adapter->address, adapter->powered ? "powered" : "off");
    if (status != BLUEZ_NO_BUS && status != BLUEZ_NO_DAEMON)
        snprintf(health->bluetoothd, sizeof health->bluetoothd, "running");
}

static void add_signals(const struct sensors *sensors, struct payload_health *health,
                        uint64_t now_usec)
{
    for (size_t i = 0; i < sensors->n_links && health->n_signal < 256; i++) {
        const struct link *link = sensors->links[i];
        if (link->signal_usec == 0 || now_usec - link->signal_usec >= SIGNAL_USEC)
            continue;
        copy(health->signal[health->n_signal].name, sizeof health->signal[0].name,
             link->machine.name);
        health->signal[health->n_signal++].dbm = link->signal_dbm;
    }
}

void sensors_health(const struct sensors *sensors, struct payload_health *health)
{
    uint64_t now_usec = clock_now_usec();
    fill_radio(sensors, health);
    add_signals(sensors, health, now_usec);
    sensors_add_unknown(sensors, health, now_usec);
    add_problems(sensors, health);
}

bool sensors_is_scanning(const struct sensors *sensors)
{
    return sensors->radio.scan != RADIO_OFF;
}

/* Tells when adapter, bluetoothd or a problem sentence is another one than last time. */
void sensors_show_health(struct sensors *sensors)
{
    static struct payload_health health; /* 50 KB: too much for the stack of a small machine */
    uint64_t digest = DIGEST_OF_NOTHING;
    payload_health_init(&health);
    fill_radio(sensors, &health);
    add_problems(sensors, &health);
    digest = digest_word(digest, health.adapter);
    digest = digest_word(digest, health.bluetoothd);
    for (size_t i = 0; i < health.n_problems; i++)
        digest = digest_word(digest, health.problems[i]);
    if (digest == sensors->health_digest)
        return;
    sensors->health_digest = digest;
    sensors->callbacks.on_health(sensors->userdata);
}
