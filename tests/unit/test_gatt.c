/* SPDX-License-Identifier: MIT */
/* The table of characteristics and the decoders that are too small for a program of their own. */
#include "hex.h"
#include "lib/gatt/battery.h"
#include "lib/gatt/body_sensor_location.h"
#include "lib/gatt/fitness_machine_feature.h"
#include "lib/gatt/gatt.h"
#include "lib/gatt/inclination_range.h"
#include "lib/gatt/machine_status.h"
#include "lib/gatt/rsc_feature.h"
#include "lib/gatt/sensor_location.h"

static void test_uuid_text(void **state)
{
    static const struct {
        const char *text;
        uint16_t uuid;
    } rows[] = {
        { "00002a37-0000-1000-8000-00805f9b34fb", 0x2A37 },
        { "00002A37-0000-1000-8000-00805F9B34FB", 0x2A37 },
        { "0000fFfE-0000-1000-8000-00805f9B34fb", 0xFFFE },
        { "00012a37-0000-1000-8000-00805f9b34fb", 0 }, /* 32 bits: not one of ours */
        { "7e78aa19-72cd-d3b8-a81f-5b7e589bea0f", 0 },
        { "00002a37-0000-1000-8000-00805f9b34fc", 0 },
        { "00002a37-0000-1000-8000-00805f9b34fb0", 0 },
        { "00002a37-0000-1000-8000-00805f9b34f", 0 },
        { "0000 a37-0000-1000-8000-00805f9b34fb", 0 },
        { "0000+a37-0000-1000-8000-00805f9b34fb", 0 },
        { "0000xa37-0000-1000-8000-00805f9b34fb", 0 },
        { "2a37", 0 },
        { "", 0 },
        { NULL, 0 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (gatt_uuid16(rows[i].text) != rows[i].uuid)
            fail_msg("%s: %04x", rows[i].text, gatt_uuid16(rows[i].text));
}

static void test_table_is_walked_and_searched(void **state)
{
    size_t n = 0, notify = 0;
    for (const struct gatt_characteristic *row; (row = gatt_at(n)); n++) {
        assert_ptr_equal(gatt_find(row->uuid), row); /* no uuid twice */
        assert_non_null(gatt_service_name(row->service));
        assert_true(row->name[0]);
        assert_true(row->kind == GATT_KIND_NONE || row->use == GATT_NOTIFY);
        notify += row->use == GATT_NOTIFY;
    }
    assert_true(n >= 16);
    assert_int_equal(notify, 9);
    assert_null(gatt_at(n));
    assert_null(gatt_find(0));
    assert_null(gatt_find(0x2AD9)); /* the control point of a treadmill: never touched */
    assert_string_equal(gatt_find(0x2A53)->name, "rsc_measurement");
    assert_int_equal(gatt_find(0x2ACD)->kind, GATT_KIND_BELT);
    assert_int_equal(gatt_find(0x2A25)->use, GATT_IGNORE);
    assert_int_equal(gatt_find(0x2A63)->kind, GATT_KIND_POWER);
    assert_int_equal(gatt_find(0x2A68)->use, GATT_IGNORE);
}

static void test_service_and_kind_names(void **state)
{
    assert_string_equal(gatt_service_name(0x180D), "heart_rate");
    assert_string_equal(gatt_service_name(0x1814), "running_speed_cadence");
    assert_string_equal(gatt_service_name(0x1826), "fitness_machine");
    assert_string_equal(gatt_service_name(0x1818), "cycling_power");
    assert_string_equal(gatt_service_name(0x1819), "location_navigation");
    assert_string_equal(gatt_service_name(0x181A), "environmental_sensing");
    assert_string_equal(gatt_service_name(0x180F), "battery");
    assert_string_equal(gatt_service_name(0x180A), "device_information");
    assert_null(gatt_service_name(0x1800));
    assert_string_equal(gatt_kind_name(GATT_KIND_STRAP), "strap");
    assert_string_equal(gatt_kind_name(GATT_KIND_POWER), "power");
    assert_string_equal(gatt_kind_name(GATT_KIND_BAROMETER), "barometer");
    assert_string_equal(gatt_kind_name(GATT_KIND_LOCATION), "location");
    assert_string_equal(gatt_kind_name(GATT_KIND_NONE), "");
    assert_string_equal(gatt_kind_name((enum gatt_kind)9), "");
}

static void test_result_names(void **state)
{
    assert_string_equal(decode_result_name(DECODE_OK), "ok");
    assert_string_equal(decode_result_name(DECODE_UNKNOWN), "unknown");
    assert_null(decode_result_name(DECODE_N));
}

static void test_battery(void **state)
{
    uint8_t level = 7;
    assert_int_equal(battery_decode((const uint8_t *)"\x65", 1, &level), DECODE_OUT_OF_RANGE);
    assert_int_equal(battery_decode(NULL, 0, &level), DECODE_SHORT);
    assert_int_equal(level, 7);
    assert_int_equal(battery_decode((const uint8_t *)"\x64\x00", 2, &level), DECODE_OK);
    assert_int_equal(level, 100);
    assert_int_equal(battery_decode((const uint8_t *)"\x00", 1, &level), DECODE_OK);
    assert_int_equal(level, 0);
}

static void test_locations(void **state)
{
    uint8_t where = 99;
    assert_int_equal(body_sensor_location_decode((const uint8_t *)"\x07", 1, &where),
                     DECODE_OUT_OF_RANGE);
    assert_int_equal(sensor_location_decode((const uint8_t *)"\x11", 1, &where),
                     DECODE_OUT_OF_RANGE);
    assert_int_equal(body_sensor_location_decode(NULL, 0, &where), DECODE_SHORT);
    assert_int_equal(sensor_location_decode(NULL, 0, &where), DECODE_SHORT);
    assert_int_equal(where, 99);
    assert_int_equal(body_sensor_location_decode((const uint8_t *)"\x01", 1, &where), DECODE_OK);
    assert_string_equal(body_sensor_location_name(where), "chest");
    assert_int_equal(sensor_location_decode((const uint8_t *)"\x02", 1, &where), DECODE_OK);
    assert_string_equal(sensor_location_name(where), "in_shoe");
    assert_string_equal(sensor_location_name(16), "chain_ring");
    assert_null(sensor_location_name(17));
    assert_null(body_sensor_location_name(7));
}

static void test_features(void **state)
{
    struct packet urevo = packet_of("4556000005000000");
    struct fitness_machine_feature feature = { .fields = 7 };
    uint16_t rsc = 7;

    assert_int_equal(rsc_feature_decode((const uint8_t *)"\x01", 1, &rsc), DECODE_SHORT);
    assert_int_equal(rsc, 7);
    assert_int_equal(rsc_feature_decode((const uint8_t *)"\x06\x00", 2, &rsc), DECODE_OK);
    assert_int_equal(rsc, RSC_FEATURE_TOTAL_DISTANCE | RSC_FEATURE_WALKING_OR_RUNNING);
    assert_int_equal(fitness_machine_feature_decode(urevo.bytes, 3, &feature), DECODE_SHORT);
    assert_int_equal(feature.fields, 7);
    assert_int_equal(fitness_machine_feature_decode(urevo.bytes, 7, &feature), DECODE_TRUNCATED);
    assert_false(feature.has_targets);
    assert_int_equal(fitness_machine_feature_decode(urevo.bytes, 8, &feature), DECODE_OK);
    assert_true(feature.fields & FITNESS_MACHINE_TOTAL_DISTANCE);
    assert_false(feature.fields & FITNESS_MACHINE_INCLINATION);
    assert_int_equal(feature.targets, 5);
}

static void test_inclination_range(void **state)
{
    struct inclination_range range = { 1, 2, 3 };
    struct packet packet = packet_of("e2ff 9600 0500"), backward = packet_of("0100 0000 0000");

    assert_int_equal(inclination_range_decode(packet.bytes, 5, &range), DECODE_SHORT);
    assert_int_equal(inclination_range_decode(backward.bytes, 6, &range), DECODE_OUT_OF_RANGE);
    assert_int_equal(range.increment, 3);
    assert_int_equal(inclination_range_decode(packet.bytes, 6, &range), DECODE_OK);
    assert_int_equal(range.minimum, -30);
    assert_int_equal(range.maximum, 150);
    assert_int_equal(range.increment, 5);
}

static void test_machine_status(void **state)
{
    static const struct {
        const char *hex;
        enum decode_result result;
        enum machine_status status;
    } rows[] = {
        { "01", DECODE_OK, MACHINE_STATUS_RESET },
        { "0201", DECODE_OK, MACHINE_STATUS_STOPPED },
        { "0202", DECODE_OK, MACHINE_STATUS_PAUSED },
        { "03", DECODE_OK, MACHINE_STATUS_SAFETY_KEY },
        { "04", DECODE_OK, MACHINE_STATUS_STARTED },
        { "040000", DECODE_OK, MACHINE_STATUS_STARTED },
        { "0203", DECODE_OUT_OF_RANGE, MACHINE_STATUS_STARTED },
        { "02", DECODE_SHORT, MACHINE_STATUS_STARTED },
        { "", DECODE_SHORT, MACHINE_STATUS_STARTED },
        { "05d100", DECODE_UNKNOWN, MACHINE_STATUS_STARTED },
        { "ff", DECODE_UNKNOWN, MACHINE_STATUS_STARTED },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct packet packet = packet_of(rows[i].hex);
        enum machine_status status = MACHINE_STATUS_STARTED;
        enum decode_result result = machine_status_decode(packet.bytes, packet.length, &status);
        if (result != rows[i].result || status != rows[i].status)
            fail_msg("%s: %s %d", rows[i].hex, decode_result_name(result), (int)status);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_uuid_text),
        cmocka_unit_test(test_table_is_walked_and_searched),
        cmocka_unit_test(test_service_and_kind_names),
        cmocka_unit_test(test_result_names),
        cmocka_unit_test(test_battery),
        cmocka_unit_test(test_locations),
        cmocka_unit_test(test_features),
        cmocka_unit_test(test_inclination_range),
        cmocka_unit_test(test_machine_status),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
