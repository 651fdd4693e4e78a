/* SPDX-License-Identifier: MIT */
#include "hex.h"
#include "lib/sensor/location.h"

static struct location_speed packet_at(int32_t elevation_cm, enum position_status status,
                                       enum elevation_source source)
{
    return (struct location_speed){ .has = LOCATION_ELEVATION | LOCATION_SPEED | LOCATION_POSITION,
                                    .status = status,
                                    .elevation_source = source,
                                    .speed_cm_s = 300,
                                    .elevation_cm = elevation_cm };
}

static void test_a_height_and_what_it_is_worth(void **state)
{
    static const struct {
        const char *label;
        enum position_status status;
        enum elevation_source source;
        uint32_t has;
        enum sample_source said;
    } rows[] = {
        { "satellites", POSITION_STATUS_OK, ELEVATION_FROM_POSITION, SAMPLE_ALTITUDE,
          SAMPLE_SOURCE_LOCATION },
        { "air pressure", POSITION_STATUS_OK, ELEVATION_FROM_PRESSURE, SAMPLE_ALTITUDE,
          SAMPLE_SOURCE_BAROMETER },
        { "air pressure needs no satellites", POSITION_STATUS_LAST_KNOWN, ELEVATION_FROM_PRESSURE,
          SAMPLE_ALTITUDE, SAMPLE_SOURCE_BAROMETER },
        { "a map", POSITION_STATUS_OK, ELEVATION_FROM_DATABASE, SAMPLE_ALTITUDE,
          SAMPLE_SOURCE_LOCATION },
        { "other", POSITION_STATUS_OK, ELEVATION_FROM_OTHER, SAMPLE_ALTITUDE,
          SAMPLE_SOURCE_LOCATION },
        { "an estimate", POSITION_STATUS_ESTIMATED, ELEVATION_FROM_POSITION, 0,
          SAMPLE_SOURCE_LOCATION },
        { "an old place", POSITION_STATUS_LAST_KNOWN, ELEVATION_FROM_POSITION, 0,
          SAMPLE_SOURCE_LOCATION },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct location_speed packet = packet_at(46760, rows[i].status, rows[i].source);
        struct location location;
        struct sample sample;

        location_init(&location);
        assert_int_equal(location_feed(&location, &packet, 1000, &sample), DECODE_OK);
        if (sample.has != rows[i].has || sample.source != rows[i].said)
            fail_msg("%s: has %x, source %d", rows[i].label, sample.has, sample.source);
        if (sample.has)
            assert_near(sample.altitude_m, 467.6, 1e-9);
    }
}

static void test_a_receiver_without_status_is_believed_until_it_shows_one(void **state)
{
    struct location_speed none = packet_at(46760, POSITION_STATUS_NONE, ELEVATION_FROM_POSITION);
    struct location_speed good = packet_at(46760, POSITION_STATUS_OK, ELEVATION_FROM_POSITION);
    struct location location;
    struct sample sample;

    location_init(&location);
    location_feed(&location, &none, 1000, &sample);
    assert_int_equal(sample.has, SAMPLE_ALTITUDE);
    location_feed(&location, &good, 2000, &sample);
    assert_int_equal(sample.has, SAMPLE_ALTITUDE);
    location_feed(&location, &none, 3000, &sample);
    assert_int_equal(sample.has, 0);
}

static void test_no_height_and_an_impossible_one(void **state)
{
    struct location_speed packet = { .has = LOCATION_SPEED, .speed_cm_s = 300 };
    struct location location;
    struct sample sample = { .has = 7 };

    location_init(&location);
    assert_int_equal(location_feed(&location, &packet, 1000, &sample), DECODE_OK);
    assert_int_equal(sample.has, 0);
    packet = packet_at(900001, POSITION_STATUS_OK, ELEVATION_FROM_POSITION);
    sample.has = 7;
    assert_int_equal(location_feed(&location, &packet, 1000, &sample), DECODE_OUT_OF_RANGE);
    assert_int_equal(sample.has, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_height_and_what_it_is_worth),
        cmocka_unit_test(test_a_receiver_without_status_is_believed_until_it_shows_one),
        cmocka_unit_test(test_no_height_and_an_impossible_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
