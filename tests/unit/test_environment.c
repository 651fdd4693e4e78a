/* SPDX-License-Identifier: MIT */
/* Pressure, elevation and temperature: one number each. */
#include "hex.h"
#include "lib/gatt/elevation.h"
#include "lib/gatt/pressure.h"
#include "lib/gatt/temperature.h"

static void test_pressure(void **state)
{
    static const struct {
        const char *label, *hex;
        enum decode_result result;
        uint32_t dpa;
    } rows[] = {
        { "1001.65 hPa", "b2480f00", DECODE_OK, 1001650 },
        { "none at all", "00000000", DECODE_OK, 0 },
        { "the most", "ffffffff", DECODE_OK, UINT32_MAX },
        { "a byte behind", "9a760f00 ff", DECODE_OK, 1013402 },
        { "cut", "b2480f", DECODE_SHORT, 7 },
        { "empty", "", DECODE_SHORT, 7 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct packet packet = packet_of(rows[i].hex);
        uint8_t *bytes = exact_copy(packet.bytes, packet.length);
        uint32_t dpa = 7;
        if (pressure_decode(bytes, packet.length, &dpa) != rows[i].result || dpa != rows[i].dpa)
            fail_msg("%s: %u", rows[i].label, dpa);
        free(bytes);
    }
}

static void test_elevation(void **state)
{
    static const struct {
        const char *label, *hex;
        enum decode_result result;
        int32_t cm;
    } rows[] = {
        { "123.45 m", "393000", DECODE_OK, 12345 },
        { "below the sea", "c7cfff", DECODE_OK, -12345 },
        { "the highest", "ffff7f", DECODE_OK, 0x7FFFFF },
        { "the lowest", "000080", DECODE_OK, -0x800000 },
        { "a byte behind", "010000 ff", DECODE_OK, 1 },
        { "cut", "3930", DECODE_SHORT, 7 },
        { "empty", "", DECODE_SHORT, 7 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct packet packet = packet_of(rows[i].hex);
        uint8_t *bytes = exact_copy(packet.bytes, packet.length);
        int32_t cm = 7;
        if (elevation_decode(bytes, packet.length, &cm) != rows[i].result || cm != rows[i].cm)
            fail_msg("%s: %d", rows[i].label, cm);
        free(bytes);
    }
}

static void test_temperature(void **state)
{
    static const struct {
        const char *label, *hex;
        enum decode_result result;
        struct temperature value;
    } rows[] = {
        { "19.50 degrees", "9e07", DECODE_OK, { true, 1950 } },
        { "frost", "0cfe", DECODE_OK, { true, -500 } },
        { "zero is a temperature", "0000", DECODE_OK, { true, 0 } },
        { "the hottest", "ff7f", DECODE_OK, { true, 0x7FFF } },
        { "not known", "0080", DECODE_OK, { false, 0 } },
        { "absolute zero", "4d95", DECODE_OK, { true, -27315 } },
        { "below it", "4c95", DECODE_OUT_OF_RANGE, { true, 7 } },
        { "a byte behind", "9e07 00", DECODE_OK, { true, 1950 } },
        { "cut", "9e", DECODE_SHORT, { true, 7 } },
        { "empty", "", DECODE_SHORT, { true, 7 } },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct packet packet = packet_of(rows[i].hex);
        uint8_t *bytes = exact_copy(packet.bytes, packet.length);
        struct temperature value = { true, 7 };
        if (temperature_decode(bytes, packet.length, &value) != rows[i].result ||
            value.known != rows[i].value.known || value.centidegrees != rows[i].value.centidegrees)
            fail_msg("%s: %d", rows[i].label, value.centidegrees);
        free(bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pressure),
        cmocka_unit_test(test_elevation),
        cmocka_unit_test(test_temperature),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
