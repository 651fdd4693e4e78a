/* SPDX-License-Identifier: MIT */
/* The mirror of org.bluez: what a peer may fill it with, and what it forgets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "daemon/bluez/tree.h"

static bool is_usable(void *userdata, uint16_t uuid)
{
    return uuid == 0x2A37 || uuid == 0x2A19;
}

static bool is_configured(void *userdata, const char *address)
{
    return strcmp(address, "C0:DE:00:00:00:01") == 0;
}

#define TREE(name)                                                                                 \
    static struct bluez_tree name;                                                                 \
    name = (struct bluez_tree)                                                                     \
    {                                                                                              \
        .is_usable = is_usable, .is_configured = is_configured                                     \
    }

#define DEV "/org/bluez/hci0/dev_C0_DE_00_00_00_01"

static struct bluez_device *add(struct bluez_tree *tree, const char *path, const char *address,
                                uint32_t services, uint64_t now_usec)
{
    struct bluez_properties p = { .has = BLUEZ_HAS_ADDRESS | BLUEZ_HAS_RSSI | BLUEZ_HAS_SERVICES,
                                  .rssi_dbm = -50,
                                  .services = services };
    struct bluez_device *device;
    snprintf(p.address, sizeof p.address, "%s", address);
    bluez_tree_apply(tree, path, BLUEZ_DEVICE, &p, false, now_usec, &device);
    return device;
}

static uint32_t add_characteristic(struct bluez_tree *tree, const char *path, uint16_t uuid)
{
    struct bluez_properties p = { .has = BLUEZ_HAS_UUID, .uuid = uuid };
    struct bluez_device *device;
    return bluez_tree_apply(tree, path, BLUEZ_CHARACTERISTIC, &p, false, 1, &device);
}

static void test_paths_that_are_not_bluez_s_are_ignored(void **state)
{
    static const char *const rows[] = {
        "",
        "/",
        "/org/bluez",
        "/org/bluez/",
        "/org/bluez/hci0",
        "/org/bluez/hci0/dev_C0_DE_00_00_00_01/service000a",
        "/org/bluezed/hci0/dev_C0_DE_00_00_00_01",
        "/org/bluez/hci0/player0",
        "/org/bluez/hci0hci0hci0hci0hci0hci0hci0/dev_C0_DE_00_00_00_01",
        "/org/bluez/hci0/dev_C0_DE_00_00_00_01_and_so_on_for_longer_than_a_path_of_a_device_is",
    };
    TREE(tree);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        print_message("'%s'\n", rows[i]);
        assert_null(add(&tree, rows[i], "C0:DE:00:00:00:01", 1, 1));
    }
    assert_int_equal(tree.n_devices, 0);
}

static void test_a_device_without_an_address_is_none(void **state)
{
    struct bluez_properties p = { .has = BLUEZ_HAS_CONNECTED, .connected = true };
    struct bluez_device *device;
    TREE(tree);
    assert_int_equal(bluez_tree_apply(&tree, DEV, BLUEZ_DEVICE, &p, false, 1, &device), 0);
    assert_null(device);
}

static void test_characteristics_are_found_by_path_and_uuid(void **state)
{
    struct bluez_device *device = NULL;
    TREE(tree);
    assert_int_equal(add_characteristic(&tree, DEV "/service000a/char000b", 0x2A37), 0);
    add(&tree, DEV, "C0:DE:00:00:00:01", 1, 1);
    assert_true(add_characteristic(&tree, DEV "/service000a/char000b", 0x2A37) &
                BLUEZ_CHANGED_GATT);
    assert_int_equal(add_characteristic(&tree, DEV "/service000a/char000b", 0x2A37), 0);
    assert_int_equal(add_characteristic(&tree, DEV "/service000a/char000e", 0x2A39), 0);
    const struct bluez_characteristic *c =
        bluez_tree_characteristic(&tree, DEV "/service000a/char000b", &device);
    assert_non_null(c);
    assert_int_equal(c->uuid, 0x2A37);
    assert_ptr_equal(device, bluez_tree_device(&tree, DEV));
    assert_ptr_equal(bluez_device_characteristic(device, 0x2A37), c);
    assert_null(bluez_device_characteristic(device, 0x2A39));
    assert_null(bluez_tree_characteristic(&tree, DEV "/service000a/char000", &device));
    assert_null(bluez_tree_characteristic(&tree, DEV, &device));
    bluez_tree_done(&tree);
}

/* A subscription to the one is none to the other. */
static void test_a_characteristic_that_went_and_came_is_another(void **state)
{
    struct bluez_device *device;
    TREE(tree);
    add(&tree, DEV, "C0:DE:00:00:00:01", 1, 1);
    device = bluez_tree_device(&tree, DEV);
    assert_false(bluez_device_has_number(device, 0));
    add_characteristic(&tree, DEV "/service000a/char000b", 0x2A37);
    uint32_t old = bluez_device_characteristic(device, 0x2A37)->number;
    assert_true(bluez_device_has_number(device, old));
    add_characteristic(&tree, DEV "/service000a/char000b", 0x2A37); /* said twice */
    assert_int_equal(bluez_device_characteristic(device, 0x2A37)->number, old);

    add_characteristic(&tree, DEV "/service002a/char002b", 0x2A37);
    assert_int_equal(bluez_device_characteristic(device, 0x2A37)->number, old);
    bluez_tree_remove(&tree, DEV "/service000a/char000b", BLUEZ_CHARACTERISTIC, &device);
    assert_false(bluez_device_has_number(device, old));
    uint32_t moved = bluez_device_characteristic(device, 0x2A37)->number;
    assert_true(moved != old && bluez_device_has_number(device, moved));

    bluez_tree_remove(&tree, DEV "/service002a/char002b", BLUEZ_CHARACTERISTIC, &device);
    add_characteristic(&tree, DEV "/service002a/char002b", 0x2A37);
    assert_true(bluez_device_characteristic(device, 0x2A37)->number != moved);

    moved = bluez_device_characteristic(device, 0x2A37)->number;
    add_characteristic(&tree, DEV "/service002a/char002b", 0x2A19); /* something else there now */
    assert_true(bluez_device_characteristic(device, 0x2A19)->number != moved);
    bluez_tree_done(&tree);
}

/* As after a firmware update: the same path, and something else behind it. */
static void test_a_path_that_becomes_of_no_use_is_no_characteristic(void **state)
{
    struct bluez_device *device;
    TREE(tree);
    add(&tree, DEV, "C0:DE:00:00:00:01", 1, 1);
    add_characteristic(&tree, DEV "/service000a/char000b", 0x2A37);
    assert_int_equal(add_characteristic(&tree, DEV "/service000a/char000b", 0x2A39),
                     BLUEZ_CHANGED_GATT);
    assert_null(bluez_tree_characteristic(&tree, DEV "/service000a/char000b", &device));
    assert_int_equal(bluez_tree_device(&tree, DEV)->n_characteristics, 0);
    assert_true(bluez_tree_device(&tree, DEV)->has_gatt);
    bluez_tree_done(&tree);
}

static void add_descriptor(struct bluez_tree *tree, const char *path, uint16_t uuid)
{
    struct bluez_properties p = { .has = BLUEZ_HAS_UUID, .uuid = uuid };
    struct bluez_device *device;
    assert_int_equal(bluez_tree_apply(tree, path, BLUEZ_DESCRIPTOR, &p, true, 1, &device), 0);
}

static void test_the_switch_of_a_characteristic_is_found_and_nothing_else(void **state)
{
    TREE(tree);
    add(&tree, DEV, "C0:DE:00:00:00:01", 1, 1);
    add_characteristic(&tree, DEV "/service000a/char000b", 0x2A37);
    const struct bluez_characteristic *c =
        bluez_device_characteristic(bluez_tree_device(&tree, DEV), 0x2A37);
    assert_string_equal(c->ccc, "");
    add_descriptor(&tree, DEV "/service000a/char000b/desc000d", 0x2901);
    add_descriptor(&tree, DEV "/service000a/char000bc/desc000d", 0x2902);
    add_descriptor(&tree, DEV "/service000a/char000b", 0x2902);
    add_descriptor(&tree, DEV "/service000a/char000b/desc000d000d", 0x2902); /* too long */
    add_descriptor(&tree, "/org/bluez/hci0/dev_C0_DE_00_00_00_09/service000a/char000b/desc000d",
                   0x2902);
    assert_string_equal(c->ccc, "");
    add_descriptor(&tree, DEV "/service000a/char000b/desc000d", 0x2902);
    assert_string_equal(c->ccc, "/desc000d");
    bluez_tree_done(&tree);
}

static void test_one_device_cannot_fill_the_memory(void **state)
{
    TREE(tree);
    add(&tree, DEV, "C0:DE:00:00:00:01", 1, 1);
    for (int i = 0; i < 1000; i++) {
        char path[100];
        snprintf(path, sizeof path, DEV "/service000a/char%04x", (unsigned)i);
        add_characteristic(&tree, path, 0x2A37);
    }
    assert_int_equal(bluez_tree_device(&tree, DEV)->n_characteristics, BLUEZ_CHARACTERISTICS_MAX);
    bluez_tree_done(&tree);
}

static void test_when_full_the_oldest_stranger_is_forgotten(void **state)
{
    char path[64], address[18];
    TREE(tree);
    add(&tree, DEV, "C0:DE:00:00:00:01", 1, 1); /* the oldest of all, and ours */
    for (unsigned i = 2; i < 700; i++) {
        snprintf(path, sizeof path, "/org/bluez/hci0/dev_C0_DE_00_00_%02X_%02X", i >> 8, i & 0xFF);
        snprintf(address, sizeof address, "C0:DE:00:00:%02X:%02X", i >> 8, i & 0xFF);
        assert_non_null(add(&tree, path, address, i == 2, i));
        if (i == 3)
            bluez_tree_device(&tree, path)->connected = true;
    }
    assert_int_equal(tree.n_devices, BLUEZ_DEVICES_MAX);
    assert_non_null(bluez_tree_device(&tree, DEV));
    /* one with a service of ours outlives those without; a connected one is never forgotten */
    assert_non_null(bluez_tree_device(&tree, "/org/bluez/hci0/dev_C0_DE_00_00_00_02"));
    assert_non_null(bluez_tree_device(&tree, "/org/bluez/hci0/dev_C0_DE_00_00_00_03"));
    assert_null(bluez_tree_device(&tree, "/org/bluez/hci0/dev_C0_DE_00_00_00_04"));
    assert_non_null(bluez_tree_device(&tree, path));
    bluez_tree_done(&tree);
}

static void test_what_a_complete_answer_does_not_name_is_gone(void **state)
{
    struct bluez_device *device;
    struct bluez_properties p = { .has = BLUEZ_HAS_ADDRESS | BLUEZ_HAS_CONNECTED,
                                  .address = "C0:DE:00:00:00:01",
                                  .connected = true };
    TREE(tree);
    add(&tree, DEV, "C0:DE:00:00:00:01", 1, 1);
    add(&tree, "/org/bluez/hci0/dev_C0_DE_00_00_00_02", "C0:DE:00:00:00:02", 1, 1);
    add_characteristic(&tree, DEV "/service000a/char000b", 0x2A37);
    tree.devices[0]->changes = tree.devices[1]->changes = 0;
    bluez_tree_mark(&tree);
    bluez_tree_apply(&tree, DEV, BLUEZ_DEVICE, &p, true, 9, &device);
    bluez_tree_sweep(&tree);
    assert_true(device->connected);
    assert_false(device->has_rssi);
    assert_int_equal(device->n_characteristics, 0);
    assert_true(device->changes & BLUEZ_CHANGED_GATT);
    assert_false(device->changes & (BLUEZ_CHANGED_REMOVED | BLUEZ_CHANGED_ADVERT));
    assert_true(device->heard_usec == 1); /* an answer is no advert */
    device = bluez_tree_device(&tree, "/org/bluez/hci0/dev_C0_DE_00_00_00_02");
    assert_true(device->changes & BLUEZ_CHANGED_REMOVED);
    bluez_tree_forget(&tree, device);
    assert_int_equal(tree.n_devices, 1);
    bluez_tree_done(&tree);
}

static void test_what_was_said_of_a_link(void **state)
{
    static const struct {
        const char *label;
        uint32_t has;
        bool complete, link, connected;
    } rows[] = {
        { "nothing", BLUEZ_HAS_NAME, false, false, false },
        { "services alone", BLUEZ_HAS_RESOLVED, false, true, false },
        { "connected", BLUEZ_HAS_CONNECTED, false, true, true },
        { "both", BLUEZ_HAS_CONNECTED | BLUEZ_HAS_RESOLVED, false, true, true },
        { "a complete answer", 0, true, true, true },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct bluez_properties p = { .has = rows[i].has, .resolved = true };
        struct bluez_device *device;
        TREE(tree);
        print_message("%s\n", rows[i].label);
        add(&tree, DEV, "C0:DE:00:00:00:01", 1, 1);
        uint32_t changes =
            bluez_tree_apply(&tree, DEV, BLUEZ_DEVICE, &p, rows[i].complete, 2, &device);
        assert_int_equal(!!(changes & BLUEZ_CHANGED_LINK), rows[i].link);
        assert_int_equal(!!(changes & BLUEZ_CHANGED_CONNECTED), rows[i].connected);
        bluez_tree_done(&tree);
    }
}

static void test_one_address_on_two_adapters(void **state)
{
    struct bluez_adapter hci0 = { .path = "/org/bluez/hci0" }, hci1 = { .path = "/org/bluez/hci1" };
    struct bluez_adapter hci = { .path = "/org/bluez/hci" };
    TREE(tree);
    struct bluez_device *a = add(&tree, DEV, "C0:DE:00:00:00:01", 1, 1);
    struct bluez_device *b =
        add(&tree, "/org/bluez/hci1/dev_C0_DE_00_00_00_01", "C0:DE:00:00:00:01", 1, 1);
    assert_ptr_equal(bluez_tree_find(&tree, &hci0, "C0:DE:00:00:00:01"), a);
    assert_ptr_equal(bluez_tree_find(&tree, &hci1, "C0:DE:00:00:00:01"), b);
    assert_null(bluez_tree_find(&tree, &hci, "C0:DE:00:00:00:01"));
    bluez_tree_done(&tree);
}

static void test_too_many_adapters(void **state)
{
    struct bluez_properties p = { .has = BLUEZ_HAS_POWERED, .powered = true };
    struct bluez_device *device;
    TREE(tree);
    for (int i = 0; i < 100; i++) {
        char path[32];
        snprintf(path, sizeof path, "/org/bluez/hci%d", i);
        bluez_tree_apply(&tree, path, BLUEZ_ADAPTER, &p, false, 1, &device);
    }
    assert_int_equal(tree.n_adapters, BLUEZ_ADAPTERS_MAX);
    assert_true(bluez_tree_remove(&tree, "/org/bluez/hci0", BLUEZ_ADAPTER, &device) &
                BLUEZ_CHANGED_ADAPTER);
    assert_string_equal(tree.adapters[0].path, "/org/bluez/hci1");
    bluez_tree_done(&tree);
}

static void test_what_others_do_with_an_adapter(void **state)
{
    struct bluez_properties scans = { .has = BLUEZ_HAS_DISCOVERING, .discovering = true };
    struct bluez_properties sends = { .has = BLUEZ_HAS_INSTANCES, .instances = 2 };
    struct bluez_properties off = { .has = BLUEZ_HAS_POWERED };
    struct bluez_device *device;
    TREE(tree);
    bluez_tree_apply(&tree, "/org/bluez/hci0", BLUEZ_ADVERTISING, &sends, false, 1, &device);
    assert_int_equal(tree.n_adapters, 0); /* that alone makes none */
    bluez_tree_apply(&tree, "/org/bluez/hci0", BLUEZ_ADAPTER, &scans, false, 1, &device);
    bluez_tree_apply(&tree, "/org/bluez/hci0", BLUEZ_ADVERTISING, &sends, false, 1, &device);
    bluez_tree_apply(&tree, "/org/bluez/hci0", BLUEZ_ADAPTER, &off, false, 1, &device);
    assert_true(tree.adapters[0].discovering);
    assert_int_equal(tree.adapters[0].instances, 2);
    bluez_tree_done(&tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paths_that_are_not_bluez_s_are_ignored),
        cmocka_unit_test(test_a_device_without_an_address_is_none),
        cmocka_unit_test(test_characteristics_are_found_by_path_and_uuid),
        cmocka_unit_test(test_a_characteristic_that_went_and_came_is_another),
        cmocka_unit_test(test_a_path_that_becomes_of_no_use_is_no_characteristic),
        cmocka_unit_test(test_the_switch_of_a_characteristic_is_found_and_nothing_else),
        cmocka_unit_test(test_one_device_cannot_fill_the_memory),
        cmocka_unit_test(test_when_full_the_oldest_stranger_is_forgotten),
        cmocka_unit_test(test_what_a_complete_answer_does_not_name_is_gone),
        cmocka_unit_test(test_what_was_said_of_a_link),
        cmocka_unit_test(test_one_address_on_two_adapters),
        cmocka_unit_test(test_too_many_adapters),
        cmocka_unit_test(test_what_others_do_with_an_adapter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
