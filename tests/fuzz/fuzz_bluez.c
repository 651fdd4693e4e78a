/* SPDX-License-Identifier: MIT */
/*
 * Whatever bluetoothd, systemd and timedated may say over the system bus, in any order and of any
 * type, to three configured sensors and their radio: a list of events, until the input ends.
 *
 *   u8 what (bus_events.h; then time that passes, and what is asked of sensors), what that takes
 *
 * However wild it is: the mirror keeps to its bounds, what is told of sensors and the radio is a
 * payload, and what comes through as a notification is one.
 */
#include <jansson.h>
#include <math.h>
#include <string.h>
#include "bus_events.h"
#include "bus_peer.h"
#include "daemon/bluez/private.h"
#include "daemon/log.h"
#include "daemon/render.h"
#include "daemon/sensors/set.h"
#include "daemon/timekeeper.h"
#include "daemon/util.h"
#include "lib/address.h"
#include "lib/gatt/gatt.h"
#include "lib/utf8.h"
#include "require.h"
#include "tests/unit/fake_clock.h"

#define EVENTS_MAX 300
#define HEARD_MAX  64

static struct conf conf;
static struct sensors *sensors;
static struct timekeeper *timekeeper;

static uint8_t next(struct bytes *bytes)
{
    uint8_t byte = 0;

    (void)pull_u8(bytes, &byte);
    return byte;
}

/* ---- what always holds ------------------------------------------------------------------------- */

static void check_json(char *text)
{
    json_t *json = text ? json_loads(text, JSON_REJECT_DUPLICATES, NULL) : NULL;

    require(json_is_object(json));
    json_decref(json);
    free(text);
}

static void check_text(const char *text, size_t size)
{
    size_t length = strnlen(text, size);

    require(length < size && utf8_is_plain(text, length));
}
#define CHECK_TEXT(array) check_text(array, sizeof(array))

static void check_device(const struct bluez_device *device)
{
    require(!device->address[0] || address_is_valid(device->address));
    CHECK_TEXT(device->name);
    require(device->battery_pct >= -1 && device->battery_pct <= 100);
    require(device->n_characteristics <= BLUEZ_CHARACTERISTICS_MAX);
    require(device->heard_usec <= clock_now_usec());
    require(device->changes == 0); /* all is told by now */
    for (size_t i = 0; i < device->n_characteristics; i++)
        require(sensor_characteristic(device->characteristics[i].uuid));
}

static void check_mirror(void)
{
    const struct bluez_tree *tree = &sensors->bluez->tree;

    require(tree->n_adapters <= BLUEZ_ADAPTERS_MAX && tree->n_devices <= BLUEZ_DEVICES_MAX);
    for (size_t i = 0; i < tree->n_devices; i++)
        check_device(tree->devices[i]);
    for (size_t i = 0; i < tree->n_adapters; i++)
        require(!tree->adapters[i].address[0] || address_is_valid(tree->adapters[i].address));
}

static void check_heard(void)
{
    static struct sensors_heard heard[HEARD_MAX];
    size_t n = sensors_heard(sensors, heard, HEARD_MAX);

    require(n <= HEARD_MAX);
    for (size_t i = 0; i < n; i++) {
        CHECK_TEXT(heard[i].name);
        CHECK_TEXT(heard[i].services);
        require(heard[i].sensor >= -1 && heard[i].sensor < (int)conf.n_sensors);
    }
}

/* What it says is a payload, and no value of it had to be left out. One of them an input: parsing JSON
 * is most of the work here, and none of what is looked for. */
static void check_told(size_t which)
{
    static struct payload_health health;
    uint64_t refused = render_refused();

    payload_health_init(&health);
    sensors_health(sensors, &health);
    if (which % (conf.n_sensors + 1) == conf.n_sensors) {
        check_json(render_payload(CONTRACT_HEALTH, &health));
    } else {
        struct payload_sensor shown = *sensors_get(sensors, which % (conf.n_sensors + 1));
        check_json(render_payload(CONTRACT_SENSOR, &shown));
    }
    if (render_refused() != refused)
        fprintf(stderr, "refused: %s\n", render_refused_key());
    require(render_refused() == refused);
}

/* ---- what comes out ---------------------------------------------------------------------------- */

static bool up[CONF_SENSORS_MAX];

static void on_notification(void *userdata, size_t sensor, uint16_t uuid, const uint8_t *bytes,
                            size_t length, uint64_t now_usec)
{
    require(sensor < conf.n_sensors && up[sensor]);
    require(gatt_find(uuid) && length <= BLUEZ_VALUE_MAX && now_usec == clock_now_usec());
    for (size_t i = 0; i < length; i++) /* all of them are there */
        require(bytes[i] <= 0xFF);
}

static void on_link(void *userdata, size_t sensor, bool is_up, uint64_t now_usec)
{
    require(sensor < conf.n_sensors && up[sensor] != is_up);
    up[sensor] = is_up;
}

static void on_change(void *userdata, size_t sensor)
{
    require(sensor < conf.n_sensors);
}

static void on_health(void *userdata)
{
}

static void on_scan(void *userdata, int error)
{
    require(error == 0 || error == -ENODEV || error == -ECANCELED);
}

static void on_clock(void *userdata, uint64_t now_usec)
{
}

/* ---- what comes from the other side ------------------------------------------------------------ */

static void pass_time(struct bytes *bytes)
{
    static const uint64_t units[] = { 10000, 1000000, 5000000, 60000000 };
    uint8_t what = next(bytes);

    fake_clock_advance((what & 0x3F) * units[what >> 6]);
    bus_peer_run();
}

static void asked(struct bytes *bytes)
{
    uint8_t what = next(bytes);
    uint64_t now_usec = clock_now_usec();

    if (what < 0x40)
        sensors_note_motion(sensors, what % conf.n_sensors, now_usec);
    else if (what < 0x80)
        sensors_note_session(sensors, what % conf.n_runners, what & 2, what & 4, now_usec);
    else if (what < 0xC0)
        (void)sensors_release(sensors, what % conf.n_sensors, (what & 7) * UINT64_C(1000000),
                              now_usec);
    else if (what < 0xF0)
        (void)sensors_scan(sensors, UINT64_C(4000000), on_scan, NULL);
    else
        require(sensors_set_conf(sensors, &conf) >= 0);
    bus_peer_run();
}

/* ---- the target -------------------------------------------------------------------------------- */

static void (*const asks[])(struct bytes *bytes) = { pass_time, asked };

/* First those of the bus, then ours. */
static void happen(struct bytes *bytes, size_t what)
{
    what %= BUS_EVENTS + ELEMENTSOF(asks);
    if (what < BUS_EVENTS)
        bus_event(what, bytes);
    else
        asks[what - BUS_EVENTS](bytes);
}

static void begin(void)
{
    static const char *const names[] = { "pod", "strap", "belt" };

    log_set_max_level(LOG_EMERG);
    conf_init(&conf);
    conf.n_runners = 1;
    strcpy(conf.runners[0].id, "anna");
    conf.n_sensors = 3;
    for (size_t i = 0; i < conf.n_sensors; i++) {
        struct conf_sensor *sensor = &conf.sensors[i];

        strcpy(sensor->name, names[i]);
        snprintf(sensor->address, sizeof(sensor->address), "C0:DE:00:00:00:%02X",
                 (unsigned)(i + 1) & 0xff);
        sensor->runner = i == 2 ? CONF_RUNNER_AUTO : 0;
        sensor->factor = 1;
        sensor->idle_timeout_usec = UINT64_C(300000000);
        sensor->grace_usec = UINT64_C(1000000);
    }
    require(timekeeper_new(&timekeeper, NULL, 0, on_clock, NULL) >= 0);
}

static void live(struct bytes *bytes)
{
    uint8_t what;

    for (int i = 0; i < EVENTS_MAX && pull_u8(bytes, &what); i++) {
        happen(bytes, what);
        check_mirror();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t length)
{
    static const struct sensors_callbacks callbacks = { .on_notification = on_notification,
                                                        .on_link = on_link,
                                                        .on_change = on_change,
                                                        .on_health = on_health };
    struct bytes bytes = bytes_of(at, length);

    if (conf.n_sensors == 0)
        begin();
    memset(up, 0, sizeof(up));
    require(sensors_new(&sensors, NULL, &conf, &callbacks, NULL) >= 0);
    require(sensors_set_bus(sensors, bus_peer_client(), 0) >= 0);
    timekeeper_set_bus(timekeeper, bus_peer_client());
    bus_peer_run();
    live(&bytes);
    check_mirror();
    check_heard();
    check_told(length);
    timekeeper_set_bus(timekeeper, NULL);
    sensors = sensors_free(sensors);
    bus_peer_forget_calls();
    bus_peer_run();
    return 0;
}
