/* SPDX-License-Identifier: MIT */
/* Messages of org.bluez as documented, of other types than documented, and names nobody should show. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <cmocka.h>
#include "daemon/bluez/call.h"
#include "daemon/bluez/msg.h"
#include "daemon/util.h"
#include "lib/address.h"
#include "lib/gatt/gatt.h"

static sd_bus *bus; /* one end of a socket pair: messages can be made, nobody answers */

static sd_bus_message *begin(void)
{
    sd_bus_message *m;
    assert_true(sd_bus_message_new_signal(bus, &m, "/x", "x.y", "Z") >= 0);
    return m;
}

static void seal(sd_bus_message *m)
{
    assert_true(sd_bus_message_seal(m, 1, 0) >= 0);
    assert_true(sd_bus_message_rewind(m, true) >= 0);
}

static const uint8_t packet[] = { 0x16, 0x78, 0x00, 0x02 };

static void append_value(sd_bus_message *m)
{
    assert_true(sd_bus_message_open_container(m, 'e', "sv") >= 0);
    assert_true(sd_bus_message_append(m, "s", "Value") >= 0);
    assert_true(sd_bus_message_open_container(m, 'v', "ay") >= 0);
    assert_true(sd_bus_message_append_array(m, 'y', packet, sizeof packet) >= 0);
    assert_true(sd_bus_message_close_container(m) >= 0);
    assert_true(sd_bus_message_close_container(m) >= 0);
}

static void test_a_notification(void **state)
{
    _cleanup_bus_message_ sd_bus_message *m = begin();
    enum bluez_interface interface;
    struct bluez_properties p;
    assert_true(sd_bus_message_append(m, "s", "org.bluez.GattCharacteristic1") >= 0);
    assert_true(sd_bus_message_open_container(m, 'a', "{sv}") >= 0);
    append_value(m);
    assert_true(sd_bus_message_close_container(m) >= 0);
    assert_true(sd_bus_message_append(m, "as", 0) >= 0);
    seal(m);
    assert_int_equal(bluez_msg_read_changed(m, &interface, &p), 0);
    assert_int_equal(interface, BLUEZ_CHARACTERISTIC);
    assert_int_equal(p.has, BLUEZ_HAS_VALUE);
    assert_int_equal(p.value_length, sizeof packet);
    assert_memory_equal(p.value, packet, sizeof packet);
}

static void test_a_device_s_properties(void **state)
{
    _cleanup_bus_message_ sd_bus_message *m = begin();
    enum bluez_interface interface;
    struct bluez_properties p;
    assert_true(sd_bus_message_append(
                    m, "sa{sv}as", "org.bluez.Device1", 11, "Address", "s", "c0:de:00:00:00:01",
                    "AddressType", "s", "random", "Name", "s", "Sim\nStrap ", "RSSI", "n", -53,
                    "Connected", "b", 1, "ServicesResolved", "b", 0, "UUIDs", "as", 3,
                    "0000180d-0000-1000-8000-00805f9b34fb", "0000180D-0000-1000-8000-00805F9B34FB",
                    "6e400001-b5a3-f393-e0a9-e50e24dcca9e", "Paired", "b", 1, "Trusted", "b", 1,
                    "PreferredBearer", "s", "last-used", "Wonder", "a{sv}", 0, 2, "RSSI",
                    "Nonsense") >= 0);
    seal(m);
    assert_int_equal(bluez_msg_read_changed(m, &interface, &p), 0);
    assert_int_equal(interface, BLUEZ_DEVICE);
    assert_string_equal(p.address, "C0:DE:00:00:00:01");
    assert_string_equal(p.name, "Sim?Strap");
    assert_true(p.random_address && p.connected && p.paired && p.trusted && p.other_bearer &&
                !p.resolved);
    assert_int_equal(p.rssi_dbm, -53);
    assert_int_equal(p.services, BLUEZ_HEART_RATE);
    assert_int_equal(p.gone, BLUEZ_HAS_RSSI);
    assert_int_equal(p.has, BLUEZ_HAS_ADDRESS | BLUEZ_HAS_ADDRESS_TYPE | BLUEZ_HAS_NAME |
                                BLUEZ_HAS_RSSI | BLUEZ_HAS_CONNECTED | BLUEZ_HAS_RESOLVED |
                                BLUEZ_HAS_SERVICES | BLUEZ_HAS_PAIRED | BLUEZ_HAS_TRUSTED |
                                BLUEZ_HAS_BEARER);
}

static void test_properties_of_other_types_are_as_if_not_there(void **state)
{
    _cleanup_bus_message_ sd_bus_message *m = begin();
    enum bluez_interface interface;
    struct bluez_properties p;
    assert_true(sd_bus_message_append(m, "sa{sv}as", "org.bluez.Device1", 6, "Address", "s",
                                      "garbage", "RSSI", "s", "-53", "Connected", "u", 1, "UUIDs",
                                      "s", "180d", "Name", "as", 1, "x", "Paired", "v", "b", 1,
                                      0) >= 0);
    seal(m);
    assert_int_equal(bluez_msg_read_changed(m, &interface, &p), 0);
    assert_int_equal(p.has, 0);
    assert_false(p.connected);
}

static void test_a_signal_that_no_radio_has_is_as_if_not_there(void **state)
{
    static const struct {
        int dbm;
        bool taken;
    } rows[] = { { -128, false }, { -127, true }, { 0, true },    { 20, true },     { 21, false },
                 { 126, false },  { 127, true },  { 300, false }, { -32768, false } };
    for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
        _cleanup_bus_message_ sd_bus_message *m = begin();
        enum bluez_interface interface;
        struct bluez_properties p;
        print_message("%d dBm\n", rows[i].dbm);
        assert_true(sd_bus_message_append(m, "sa{sv}as", "org.bluez.Device1", 1, "RSSI", "n",
                                          rows[i].dbm, 0) >= 0);
        seal(m);
        assert_int_equal(bluez_msg_read_changed(m, &interface, &p), 0);
        assert_int_equal(p.has, rows[i].taken ? BLUEZ_HAS_RSSI : 0);
    }
}

/* A key twice in one message: what cannot be does not take the place of what can. */
static void test_a_good_value_stays_when_a_bad_one_follows(void **state)
{
    _cleanup_bus_message_ sd_bus_message *m = begin(), *battery = begin();
    enum bluez_interface interface;
    struct bluez_properties p;

    assert_true(sd_bus_message_append(m, "sa{sv}as", "org.bluez.Device1", 2, "RSSI", "n", -53,
                                      "RSSI", "n", -22874, 0) >= 0);
    seal(m);
    assert_int_equal(bluez_msg_read_changed(m, &interface, &p), 0);
    assert_int_equal(p.has, BLUEZ_HAS_RSSI);
    assert_int_equal(p.rssi_dbm, -53);
    assert_true(sd_bus_message_append(battery, "sa{sv}as", "org.bluez.Battery1", 2, "Percentage",
                                      "y", 40, "Percentage", "y", 255, 0) >= 0);
    seal(battery);
    assert_int_equal(bluez_msg_read_changed(battery, &interface, &p), 0);
    assert_int_equal(p.has, BLUEZ_HAS_PERCENTAGE);
    assert_int_equal(p.percentage, 40);
}

static void test_messages_of_another_shape_leave_the_outputs_alone(void **state)
{
    static const struct {
        const char *label, *types;
    } rows[] = { { "nothing", "" }, { "a number", "u" }, { "only the name", "s" } };
    for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
        _cleanup_bus_message_ sd_bus_message *m = begin();
        enum bluez_interface interface = BLUEZ_BATTERY;
        struct bluez_properties p = { .has = 77 };
        print_message("%s\n", rows[i].label);
        if (rows[i].types[0] == 'u')
            assert_true(sd_bus_message_append(m, "u", 7) >= 0);
        else if (rows[i].types[0] == 's')
            assert_true(sd_bus_message_append(m, "s", "org.bluez.Device1") >= 0);
        seal(m);
        assert_true(bluez_msg_read_changed(m, &interface, &p) < 0);
        assert_int_equal(interface, BLUEZ_BATTERY);
        assert_int_equal(p.has, 77);
    }
}

struct visits {
    int n;
    char last[BLUEZ_PATH_MAX];
    uint32_t has;
};

static void visit(void *userdata, const char *path, enum bluez_interface interface,
                  const struct bluez_properties *p)
{
    struct visits *visits = userdata;
    visits->n++;
    visits->has |= p ? p->has : 0;
    strcpy(visits->last, path);
}

static void test_a_tree_of_objects(void **state)
{
    _cleanup_bus_message_ sd_bus_message *m = begin();
    struct visits visits = { 0 };
    char endless[300] = "/org/bluez/hci0/";
    memset(endless + 16, 'x', sizeof endless - 17);
    endless[sizeof endless - 1] = '\0';
    assert_true(
        sd_bus_message_append(m, "a{oa{sa{sv}}}", 3, "/org/bluez/hci0", 3, "org.bluez.Adapter1", 3,
                              "Powered", "b", 1, "PowerState", "s", "off-blocked", "Discovering",
                              "b", 1, "org.bluez.LEAdvertisingManager1", 1, "ActiveInstances", "y",
                              2, "org.freedesktop.DBus.Properties", 0,
                              "/org/bluez/hci0/dev_C0_DE_00_00_00_01", 2, "org.bluez.Device1", 1,
                              "Connected", "b", 1, "org.bluez.Battery1", 1, "Percentage", "y", 200,
                              endless, 1, "org.bluez.Device1", 1, "Connected", "b", 1) >= 0);
    seal(m);
    assert_int_equal(bluez_msg_read_objects(m, visit, &visits), 0);
    assert_int_equal(visits.n, 4);
    assert_string_equal(visits.last, "/org/bluez/hci0/dev_C0_DE_00_00_00_01");
    assert_int_equal(visits.has, BLUEZ_HAS_POWERED | BLUEZ_HAS_POWER_STATE | BLUEZ_HAS_DISCOVERING |
                                     BLUEZ_HAS_INSTANCES | BLUEZ_HAS_CONNECTED);
}

static void test_removed_interfaces(void **state)
{
    _cleanup_bus_message_ sd_bus_message *m = begin();
    struct visits visits = { 0 };
    assert_true(sd_bus_message_append(m, "oas", "/org/bluez/hci0/dev_X", 3, "org.bluez.Device1",
                                      "org.freedesktop.DBus.Properties",
                                      "org.bluez.Battery1") >= 0);
    seal(m);
    assert_int_equal(bluez_msg_read_removed(m, visit, &visits), 0);
    assert_int_equal(visits.n, 2);
}

static void test_uuids_and_addresses(void **state)
{
    assert_int_equal(gatt_uuid16("00002a37-0000-1000-8000-00805f9b34fb"), 0x2A37);
    assert_int_equal(gatt_uuid16("00002A37-0000-1000-8000-00805F9B34FB"), 0x2A37);
    assert_int_equal(gatt_uuid16("10002a37-0000-1000-8000-00805f9b34fb"), 0);
    assert_int_equal(gatt_uuid16("00002a37-0000-1000-8000-00805f9b34fb0"), 0);
    assert_int_equal(gatt_uuid16("0000-a37-0000-1000-8000-00805f9b34fb"), 0);
    assert_int_equal(gatt_uuid16(""), 0);
    assert_true(address_is_valid("C0:de:00:00:00:01"));
    assert_false(address_is_valid("C0:DE:00:00:00:0"));
    assert_false(address_is_valid("C0-DE-00-00-00-01"));
    assert_false(address_is_valid("G0:DE:00:00:00:01"));
    assert_false(bluez_address_is_private("C0:DE:00:00:00:01"));
    assert_false(bluez_address_is_private("FF:DE:00:00:00:01"));
    assert_true(bluez_address_is_private("7F:DE:00:00:00:01"));
    assert_true(bluez_address_is_private("3F:DE:00:00:00:01"));
    char text[64];
    bluez_services_text(BLUEZ_HEART_RATE | BLUEZ_RUNNING, text, sizeof text);
    assert_string_equal(text, "heart_rate running_speed_cadence");
    bluez_services_text(BLUEZ_RUNNING | BLUEZ_POWER, text, sizeof text);
    assert_string_equal(text, "running_speed_cadence cycling_power");
    bluez_services_text(BLUEZ_ENVIRONMENT | BLUEZ_LOCATION, text, sizeof text);
    assert_string_equal(text, "location_navigation environmental_sensing");
    bluez_services_text(BLUEZ_HEART_RATE | BLUEZ_RUNNING, text, 16);
    assert_string_equal(text, "heart_rate");
}

static void test_errors_become_outcomes(void **state)
{
    static const struct {
        const char *name, *message;
        enum bluez_outcome outcome;
    } rows[] = {
        { "org.bluez.Error.InProgress", "Operation already in progress", BLUEZ_IN_PROGRESS },
        { "org.bluez.Error.Failed", "Operation already in progress", BLUEZ_IN_PROGRESS },
        { "org.bluez.Error.Failed", "le-connection-abort-by-local", BLUEZ_FAILED },
        { "org.bluez.Error.Failed", "le-connection-concurrent-connection-limit", BLUEZ_NO_SLOT },
        { "org.bluez.Error.Failed", "Input/output error", BLUEZ_NOT_READY },
        { "org.bluez.Error.Failed", NULL, BLUEZ_FAILED },
        { "org.bluez.Error.NotReady", "Resource Not Ready", BLUEZ_NOT_READY },
        { "org.freedesktop.DBus.Error.UnknownObject", "Method \"Get\" …", BLUEZ_OBJECT_GONE },
        { "org.freedesktop.DBus.Error.ServiceUnknown", "The name :1.1 …", BLUEZ_OBJECT_GONE },
        { "org.freedesktop.DBus.Error.NoReply", "Method call timed out", BLUEZ_TIMED_OUT },
        { "org.bluez.Error.NotPermitted", "Notify acquired", BLUEZ_NOT_PERMITTED },
        { "com.example.Whatever", "?", BLUEZ_FAILED },
    };
    for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
        sd_bus_error error = SD_BUS_ERROR_MAKE_CONST(rows[i].name, rows[i].message);
        print_message("%s %s\n", rows[i].name, rows[i].message ? rows[i].message : "");
        assert_int_equal(bluez_outcome_of(&error), rows[i].outcome);
    }
}

static void test_the_filter_is_low_energy_and_our_services(void **state)
{
    _cleanup_bus_message_ sd_bus_message *m = begin();
    static const uint16_t services[] = { 0x180D, 0x1814, 0x1826, 0x1818, 0x1819, 0x181A };
    const char *key, *text;
    assert_true(bluez_msg_append_filter(m) >= 0);
    seal(m);
    assert_true(sd_bus_message_enter_container(m, 'a', "{sv}") > 0);
    assert_true(sd_bus_message_read(m, "{sv}", &key, "s", &text) > 0);
    assert_string_equal(key, "Transport");
    assert_string_equal(text, "le");
    assert_true(sd_bus_message_enter_container(m, 'e', "sv") > 0);
    assert_true(sd_bus_message_read(m, "s", &key) > 0);
    assert_string_equal(key, "UUIDs");
    assert_true(sd_bus_message_enter_container(m, 'v', "as") > 0);
    assert_true(sd_bus_message_enter_container(m, 'a', "s") > 0);
    for (size_t i = 0; i < ELEMENTSOF(services); i++) {
        assert_true(sd_bus_message_read(m, "s", &text) > 0);
        assert_int_equal(gatt_uuid16(text), services[i]);
    }
    assert_true(sd_bus_message_at_end(m, false) > 0);
}

static int setup(void **state)
{
    int fds[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) < 0)
        return -1;
    if (sd_bus_new(&bus) < 0 || sd_bus_set_fd(bus, fds[0], fds[0]) < 0)
        return -1;
    return sd_bus_start(bus) < 0 ? -1 : 0;
}

static int teardown(void **state)
{
    bus = sd_bus_close_unref(bus);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_notification),
        cmocka_unit_test(test_a_device_s_properties),
        cmocka_unit_test(test_properties_of_other_types_are_as_if_not_there),
        cmocka_unit_test(test_a_signal_that_no_radio_has_is_as_if_not_there),
        cmocka_unit_test(test_a_good_value_stays_when_a_bad_one_follows),
        cmocka_unit_test(test_messages_of_another_shape_leave_the_outputs_alone),
        cmocka_unit_test(test_a_tree_of_objects),
        cmocka_unit_test(test_removed_interfaces),
        cmocka_unit_test(test_uuids_and_addresses),
        cmocka_unit_test(test_errors_become_outcomes),
        cmocka_unit_test(test_the_filter_is_low_energy_and_our_services),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
