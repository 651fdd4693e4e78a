/* SPDX-License-Identifier: MIT */
#include "hex.h"
#include "lib/sensor/stream.h"

#define S UINT64_C(1000000)

static struct stream new_stream(void)
{
    const struct conf_sensor sensor = { .factor = 1.0, .cadence_unit = CONF_CADENCE_STEPS };
    struct stream stream;
    stream_init(&stream, &sensor, POD_UNIT_UNDECIDED);
    stream_link(&stream, true, 0);
    return stream;
}

struct fed {
    enum decode_result result;
    bool has_sample;
    struct sample sample;
};

static struct fed feed(struct stream *stream, uint16_t uuid, double t_s, const char *hex)
{
    struct packet packet = packet_of(hex);
    uint8_t *bytes = exact_copy(packet.bytes, packet.length);
    struct fed fed = { .has_sample = true, .sample.has = 99 };

    fed.result = stream_feed(stream, uuid, bytes, packet.length, (uint64_t)(t_s * (double)S),
                             &fed.sample, &fed.has_sample);
    free(bytes);
    if (!fed.has_sample)
        assert_int_equal(fed.sample.has, 99); /* untouched */
    return fed;
}

static void test_pod(void **state)
{
    struct stream stream = new_stream();
    struct fed fed;

    assert_string_equal(stream_kind(&stream), "");
    fed = feed(&stream, 0x2A53, 1, "07 0003 54 d600 3c000000");
    assert_int_equal(fed.result, DECODE_OK);
    assert_int_equal(fed.sample.source, SAMPLE_SOURCE_POD);
    assert_near(fed.sample.speed_m_s, 3, 1e-9);
    assert_int_equal(fed.sample.t_usec, S);
    assert_string_equal(stream_kind(&stream), "pod");
    assert_int_equal(stream_unit(&stream), POD_UNIT_STEPS);
    assert_string_equal(stream_evidence(&stream), "configured");
}

static void test_strap_with_rsc_is_a_strap(void **state)
{
    struct stream stream = new_stream();

    assert_int_equal(feed(&stream, 0x2A37, 10, "16 78 0002").sample.source, SAMPLE_SOURCE_STRAP);
    assert_int_equal(feed(&stream, 0x2A53, 10, "00 0003 54").sample.source, SAMPLE_SOURCE_STRAP);
    assert_string_equal(stream_kind(&stream), "strap");

    stream = new_stream();
    stream_expect(&stream, 0x2A37); /* known before its first packet */
    stream_expect(&stream, 0x2A19);
    stream_expect(&stream, 0xFFFF);
    assert_int_equal(feed(&stream, 0x2A53, 10, "00 0003 54").sample.source, SAMPLE_SOURCE_STRAP);
}

static void test_belt_with_rsc_counts_distance_once(void **state)
{
    struct stream stream = new_stream();
    double distance = 0, steps = 0;

    for (int t = 0; t <= 100; t++) {
        struct fed belt = feed(&stream, 0x2ACD, t, "0020 8403 010000");
        struct fed rsc = feed(&stream, 0x2A53, t + 0.5, "00 8002 b4");
        assert_int_equal(belt.sample.source, SAMPLE_SOURCE_BELT);
        assert_int_equal(rsc.sample.source, SAMPLE_SOURCE_BELT);
        assert_false(rsc.sample.has & (SAMPLE_DISTANCE | SAMPLE_SPEED | SAMPLE_MOVING));
        assert_true(rsc.sample.has & SAMPLE_CADENCE);
        if (t > 0)
            assert_false(belt.sample.has & (SAMPLE_CADENCE | SAMPLE_STEPS));
        distance += belt.sample.distance_m;
        steps += rsc.sample.steps;
    }
    assert_near(distance, 250, 1e-6);
    assert_near(steps, 300, 1e-6);
    assert_string_equal(stream_kind(&stream), "belt");
}

static void test_same_packet_twice_within_ten_ms(void **state)
{
    struct stream stream = new_stream();

    assert_true(feed(&stream, 0x2A37, 10, "16 78 0002").has_sample);
    assert_false(feed(&stream, 0x2A37, 10.004, "16 78 0002").has_sample);
    assert_false(feed(&stream, 0x2A37, 10.009, "16 78 0002").has_sample);
    assert_true(feed(&stream, 0x2A37, 10.011, "16 78 0102").has_sample);
    assert_true(feed(&stream, 0x2A37, 10.022, "16 78 0102").has_sample);
    assert_true(feed(&stream, 0x2A37, 11, "16 78 0102").has_sample);
    /* interleaved with another characteristic */
    assert_true(feed(&stream, 0x2A53, 12, "00 0003 54").has_sample);
    assert_true(feed(&stream, 0x2A37, 12.001, "16 78 0002").has_sample);
    assert_false(feed(&stream, 0x2A53, 12.002, "00 0003 54").has_sample);
}

static void test_what_is_malformed(void **state)
{
    struct stream stream = new_stream();
    struct fed fed;

    assert_int_equal(feed(&stream, 0x2A37, 10, "16").result, DECODE_SHORT);
    assert_int_equal(feed(&stream, 0x2A53, 11, "00 0003").result, DECODE_SHORT);
    assert_int_equal(feed(&stream, 0x2ACD, 12, "").result, DECODE_SHORT);
    fed = feed(&stream, 0x2A37, 13, "07 2c01"); /* 300 bpm */
    assert_int_equal(fed.result, DECODE_OUT_OF_RANGE);
    assert_true(fed.has_sample); /* which says: no heart rate now */
    assert_int_equal(fed.sample.has, 0);
    fed = feed(&stream, 0x2A53, 14, "00 00ff 54");
    assert_int_equal(fed.result, DECODE_OUT_OF_RANGE);
    assert_false(fed.has_sample);
    fed = feed(&stream, 0x2A37, 15, "16 78 0002 03");
    assert_int_equal(fed.result, DECODE_TRUNCATED);
    assert_int_equal(fed.sample.heart_rate_bpm, 120);
    assert_int_equal(feed(&stream, 0x2A64, 16, "0000 2800").result, DECODE_UNKNOWN);
    assert_int_equal(feed(&stream, 0x2ADA, 17, "05d100").result, DECODE_UNKNOWN);
}

static void test_machine_status_and_range(void **state)
{
    struct stream stream = new_stream();
    struct fed fed = feed(&stream, 0x2ADA, 1, "0201");

    assert_true(fed.has_sample);
    assert_int_equal(fed.sample.source, SAMPLE_SOURCE_BELT);
    assert_int_equal(fed.sample.has, SAMPLE_MOVING);
    assert_true(feed(&stream, 0x2ACD, 2, "0800 8403 0f00 ff7f").sample.has & SAMPLE_GRADE);
    assert_int_equal(feed(&stream, 0x2AD5, 3, "0000 0000 0000").result, DECODE_OK);
    assert_false(feed(&stream, 0x2ACD, 4, "0800 8403 0f00 ff7f").sample.has & SAMPLE_GRADE);
}

static void test_link_loss_drops_half_a_record(void **state)
{
    struct stream stream = new_stream();

    assert_false(feed(&stream, 0x2ACD, 1, "0900 0f00 ff7f").has_sample);
    stream_link(&stream, false, 1200000);
    stream_link(&stream, true, 1400000);
    assert_false(feed(&stream, 0x2ACD, 1.5, "0000 8403").sample.has & SAMPLE_GRADE);
}

static void test_unit_is_decided_and_kept(void **state)
{
    const struct conf_sensor sensor = { .factor = 1.0, .cadence_unit = CONF_CADENCE_AUTO };
    struct stream stream;
    int decided = 0;

    stream_init(&stream, &sensor, POD_UNIT_UNDECIDED);
    for (int t = 0; t < 60; t++) {
        struct fed fed = feed(&stream, 0x2A53, t, "07 0003 54 d600 3c000000");
        decided += !!(fed.sample.has & SAMPLE_UNIT_DECIDED);
        if (t == 29)
            assert_string_equal(stream_evidence(&stream), "");
        if (t == 40)
            stream_link(&stream, false, 40 * S);
    }
    assert_int_equal(decided, 1);
    assert_int_equal(stream_unit(&stream), POD_UNIT_STRIDES);
    assert_string_equal(stream_evidence(&stream), "median 84 at 3.0 m/s over 30 s");
    stream_init(&stream, &sensor, POD_UNIT_STRIDES);
    assert_near(feed(&stream, 0x2A53, 0, "00 0003 54").sample.cadence_spm, 168, 1e-9);
}

/* A mistake in the configuration that is taken back: it is decided anew, from data. */
static void test_a_unit_that_is_configured_no_more_is_open_again(void **state)
{
    struct conf_sensor sensor = { .factor = 1.0, .cadence_unit = CONF_CADENCE_STEPS };
    struct stream stream = new_stream();

    stream_set_conf(&stream, &sensor);
    assert_int_equal(stream_unit(&stream), POD_UNIT_STEPS);
    sensor.cadence_unit = CONF_CADENCE_AUTO;
    stream_set_conf(&stream, &sensor);
    assert_int_equal(stream_unit(&stream), POD_UNIT_UNDECIDED);
    assert_string_equal(stream_evidence(&stream), "");
    for (int t = 1; t <= 40; t++)
        feed(&stream, 0x2A53, t, "00 0003 54"); /* 84 a minute at 3 m/s */
    assert_int_equal(stream_unit(&stream), POD_UNIT_STRIDES);
    stream_set_conf(&stream, &sensor); /* a reload of something else */
    assert_int_equal(stream_unit(&stream), POD_UNIT_STRIDES);
    assert_string_not_equal(stream_evidence(&stream), "");
}

static void test_a_pod_that_tells_power_too_is_a_pod(void **state)
{
    struct stream stream = new_stream();
    struct fed fed = feed(&stream, 0x2A63, 1, "0000 1701");

    assert_string_equal(stream_kind(&stream), "power");
    assert_int_equal(fed.sample.has, SAMPLE_POWER);
    assert_int_equal(fed.sample.source, SAMPLE_SOURCE_POWER);
    assert_near(fed.sample.power_w, 279, 0);
    fed = feed(&stream, 0x2A53, 1.1, "00 0003 54");
    assert_int_equal(fed.sample.source, SAMPLE_SOURCE_POD);
    assert_string_equal(stream_kind(&stream), "pod");
    assert_false(feed(&stream, 0x2A63, 2, "0000 1801").sample.has & SAMPLE_MOVING);
    assert_false(feed(&stream, 0x2A63, 2.005, "0000 1801").has_sample); /* delivered twice */
    assert_int_equal(feed(&stream, 0x2A63, 3, "0000 ff7f").result, DECODE_OUT_OF_RANGE);
    assert_true(feed(&stream, 0x2A63, 4, "0400 1801 00").has_sample); /* cut, but for the power */
}

static void test_a_barometer_tells_air_and_height(void **state)
{
    static const struct {
        uint16_t uuid;
        const char *hex;
        enum decode_result result;
        uint32_t has; /* 0: no sample */
        double value;
    } rows[] = {
        { 0x2A6D, "b2480f00", DECODE_OK, SAMPLE_PRESSURE, 100165 },
        { 0x2A6D, "f5030000", DECODE_OUT_OF_RANGE, 0, 0 }, /* hectopascals */
        { 0x2A6D, "b2480f", DECODE_SHORT, 0, 0 },
        { 0x2A6C, "393000", DECODE_OK, SAMPLE_ALTITUDE, 123.45 },
        { 0x2A6C, "ffff7f", DECODE_OUT_OF_RANGE, 0, 0 },
        { 0x2A6E, "9e07", DECODE_OK, SAMPLE_TEMPERATURE, 19.5 },
        { 0x2A6E, "0080", DECODE_OK, 0, 0 }, /* it says that it does not know */
        { 0x2A6E, "ff7f", DECODE_OUT_OF_RANGE, 0, 0 },
        { 0x2A68, "000001000200", DECODE_UNKNOWN, 0, 0 }, /* no use for it */
    };
    struct stream stream = new_stream();

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct fed fed = feed(&stream, rows[i].uuid, (double)i, rows[i].hex);

        assert_int_equal(fed.result, rows[i].result);
        assert_int_equal(fed.has_sample, rows[i].has != 0);
        if (!fed.has_sample)
            continue;
        assert_int_equal(fed.sample.has, rows[i].has);
        assert_int_equal(fed.sample.source, SAMPLE_SOURCE_BAROMETER);
        assert_near(fed.sample.pressure_pa + fed.sample.altitude_m + fed.sample.temperature_c,
                    rows[i].value, 1e-9);
    }
    assert_string_equal(stream_kind(&stream), "barometer");
}

static void test_a_receiver_tells_its_height(void **state)
{
    struct stream stream = new_stream();
    struct fed fed = feed(&stream, 0x2A67, 1, "8800 c7cfff");

    assert_int_equal(fed.sample.has, SAMPLE_ALTITUDE);
    assert_int_equal(fed.sample.source, SAMPLE_SOURCE_LOCATION);
    assert_near(fed.sample.altitude_m, -123.45, 1e-9);
    assert_false(feed(&stream, 0x2A67, 2, "8100 2c01").has_sample);   /* a speed alone */
    assert_false(feed(&stream, 0x2A67, 3, "0800 c7cfff").has_sample); /* lost its satellites */
    assert_int_equal(feed(&stream, 0x2A67, 4, "8800 c7cf").result, DECODE_TRUNCATED);
    assert_int_equal(feed(&stream, 0x2A67, 5, "8800 ffff7f").result, DECODE_OUT_OF_RANGE);
    feed(&stream, 0x2A6E, 6, "9e07");
    assert_string_equal(stream_kind(&stream), "location");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pod),
        cmocka_unit_test(test_strap_with_rsc_is_a_strap),
        cmocka_unit_test(test_belt_with_rsc_counts_distance_once),
        cmocka_unit_test(test_same_packet_twice_within_ten_ms),
        cmocka_unit_test(test_what_is_malformed),
        cmocka_unit_test(test_machine_status_and_range),
        cmocka_unit_test(test_link_loss_drops_half_a_record),
        cmocka_unit_test(test_unit_is_decided_and_kept),
        cmocka_unit_test(test_a_unit_that_is_configured_no_more_is_open_again),
        cmocka_unit_test(test_a_pod_that_tells_power_too_is_a_pod),
        cmocka_unit_test(test_a_barometer_tells_air_and_height),
        cmocka_unit_test(test_a_receiver_tells_its_height),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
