/* SPDX-License-Identifier: MIT */
#include "hex.h"
#include "lib/sensor/barometer.h"

static void test_pressures(void **state)
{
    static const struct {
        const char *label;
        uint32_t dpa;
        enum decode_result result;
        double pa;
    } rows[] = {
        { "1013.25 hPa", 1013250, DECODE_OK, 101325 },
        { "the lowest", 300000, DECODE_OK, 30000 },
        { "the highest", 1100000, DECODE_OK, 110000 },
        { "none", 0, DECODE_OUT_OF_RANGE, 7 },
        { "below any mountain's", 299999, DECODE_OUT_OF_RANGE, 7 },
        { "above any weather's", 1100001, DECODE_OUT_OF_RANGE, 7 },
        { "hectopascals in the field", 1013, DECODE_OUT_OF_RANGE, 7 },
        { "pascals in the field", 101325, DECODE_OUT_OF_RANGE, 7 },
        { "all ones", UINT32_MAX, DECODE_OUT_OF_RANGE, 7 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sample sample = { .has = 7, .pressure_pa = 7 };

        if (barometer_pressure(rows[i].dpa, 1000, &sample) != rows[i].result)
            fail_msg("%s", rows[i].label);
        assert_near(sample.pressure_pa, rows[i].pa, 1e-9);
        assert_int_equal(sample.has, rows[i].result == DECODE_OK ? SAMPLE_PRESSURE : 7);
        assert_true(rows[i].result != DECODE_OK ||
                    (sample.source == SAMPLE_SOURCE_BAROMETER && sample.t_usec == 1000));
    }
}

static void test_heights(void **state)
{
    static const struct {
        int32_t cm;
        enum decode_result result;
        double m;
    } rows[] = {
        { 12345, DECODE_OK, 123.45 },       { -50000, DECODE_OK, -500 },
        { 900000, DECODE_OK, 9000 },        { -50001, DECODE_OUT_OF_RANGE, 7 },
        { 900001, DECODE_OUT_OF_RANGE, 7 }, { 0x7FFFFF, DECODE_OUT_OF_RANGE, 7 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sample sample = { .has = 7, .altitude_m = 7 };

        assert_int_equal(barometer_elevation(rows[i].cm, 1000, &sample), rows[i].result);
        assert_near(sample.altitude_m, rows[i].m, 1e-9);
        assert_int_equal(sample.has, rows[i].result == DECODE_OK ? SAMPLE_ALTITUDE : 7);
    }
}

static void test_temperatures(void **state)
{
    static const struct {
        struct temperature sent;
        enum decode_result result;
        uint32_t has;
        double c;
    } rows[] = {
        { { true, 1950 }, DECODE_OK, SAMPLE_TEMPERATURE, 19.5 },
        { { true, 0 }, DECODE_OK, SAMPLE_TEMPERATURE, 0 },
        { { true, -5000 }, DECODE_OK, SAMPLE_TEMPERATURE, -50 },
        { { true, 8001 }, DECODE_OUT_OF_RANGE, 7, 7 },
        { { true, -5001 }, DECODE_OUT_OF_RANGE, 7, 7 },
        { { false, 0 }, DECODE_OK, 0, 0 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sample sample = { .has = 7, .temperature_c = 7 };

        assert_int_equal(barometer_temperature(&rows[i].sent, 1000, &sample), rows[i].result);
        assert_int_equal(sample.has, rows[i].has);
        assert_near(sample.temperature_c, rows[i].c, 1e-9);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pressures),
        cmocka_unit_test(test_heights),
        cmocka_unit_test(test_temperatures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
