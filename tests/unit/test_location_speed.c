/* SPDX-License-Identifier: MIT */
/* Location and Speed, Navigation, and the Date Time that both carry. */
#include "hex.h"
#include "lib/gatt/location_speed.h"
#include "lib/gatt/navigation.h"

/* ---- Location and Speed ---------------------------------------------------------------------- */

#define UNTOUCHED  0x80000000u /* no field's bit */
#define EVERYTHING "ff16 4101 3930 00 87e6121d 4c8c1bff a8b600 1027 3c ea070b15 0a1e0f"

#define ALL_VALUES                                                                                 \
    {                                                                                              \
        .has = 0x7F, .status = POSITION_STATUS_OK, .elevation_source = ELEVATION_FROM_PRESSURE,    \
        .three_dimensional = true, .heading_by_compass = true, .speed_cm_s = 321,                  \
        .total_distance_dm = 12345, .latitude_e7 = 487777927, .longitude_e7 = -14971828,           \
        .elevation_cm = 46760, .heading_centideg = 10000, .rolling_time_s = 60,                    \
        .utc = { 2026, 11, 21, 10, 30, 15 },                                                       \
    }
static const struct location_speed everything = ALL_VALUES;

static const struct location_row {
    const char *label, *hex;
    enum decode_result result;
    struct location_speed value;
} location_rows[] = {
    { "all fields", EVERYTHING, DECODE_OK, ALL_VALUES },
    { "flags alone are a packet", "0000", DECODE_OK, { 0 } },
    { "a height of satellites, below the sea",
      "8800 c7cfff",
      DECODE_OK,
      { .has = LOCATION_ELEVATION, .status = POSITION_STATUS_OK, .elevation_cm = -12345 } },
    { "status and sources, each the last of its kind",
      "800d",
      DECODE_OK,
      { .status = POSITION_STATUS_LAST_KNOWN, .elevation_source = ELEVATION_FROM_OTHER } },
    { "estimated, from a database",
      "0009",
      DECODE_OK,
      { .status = POSITION_STATUS_ESTIMATED, .elevation_source = ELEVATION_FROM_DATABASE } },
    { "off the globe", "0400 01e9a435 00000000", DECODE_OK, { 0 } },
    { "a pole",
      "0400 00e9a435 00d2496b",
      DECODE_OK,
      { .has = LOCATION_POSITION, .latitude_e7 = 900000000, .longitude_e7 = 1800000000 } },
    { "no such heading", "1000 a08c", DECODE_OK, { .heading_centideg = 36000 } },
    { "a day that is not known",
      "4000 ea070b00 0a1e0f",
      DECODE_OK,
      { .utc = { 2026, 11, 0, 10, 30, 15 } } },
    { "speed cut", "0300 41", DECODE_TRUNCATED, { 0 } },
    { "half a position, the speed holds",
      "0500 4101 87e6121d 4c8c1b",
      DECODE_TRUNCATED,
      { .has = LOCATION_SPEED, .speed_cm_s = 321 } },
    { "elevation cut", "0800 c7cf", DECODE_TRUNCATED, { 0 } },
    { "time cut", "4000 ea070b15 0a1e", DECODE_TRUNCATED, { 0 } },
    { "reserved flags and bytes behind", "00e0 aabb", DECODE_OK, { 0 } },
    { "half the flags", "00", DECODE_SHORT, { 0 } },
    { "empty", "", DECODE_SHORT, { 0 } },
};

static bool same_time(const struct date_time *a, const struct date_time *b)
{
    return a->year == b->year && a->month == b->month && a->day == b->day && a->hour == b->hour &&
           a->minute == b->minute && a->second == b->second;
}

static bool same_location(const struct location_speed *a, const struct location_speed *b)
{
    return a->has == b->has && a->status == b->status &&
           a->elevation_source == b->elevation_source &&
           a->three_dimensional == b->three_dimensional &&
           a->heading_by_compass == b->heading_by_compass && a->speed_cm_s == b->speed_cm_s &&
           a->total_distance_dm == b->total_distance_dm && a->latitude_e7 == b->latitude_e7 &&
           a->longitude_e7 == b->longitude_e7 && a->elevation_cm == b->elevation_cm &&
           a->heading_centideg == b->heading_centideg && a->rolling_time_s == b->rolling_time_s &&
           same_time(&a->utc, &b->utc);
}

static void test_location_rows(void **state)
{
    for (size_t i = 0; i < sizeof location_rows / sizeof location_rows[0]; i++) {
        const struct location_row *row = &location_rows[i];
        struct packet packet = packet_of(row->hex);
        uint8_t *bytes = exact_copy(packet.bytes, packet.length);
        struct location_speed value = everything;
        enum decode_result result = location_speed_decode(bytes, packet.length, &value);

        if (result != row->result)
            fail_msg("%s: %s", row->label, decode_result_name(result));
        if (!same_location(&value, result == DECODE_SHORT ? &everything : &row->value))
            fail_msg("%s: other values", row->label);
        free(bytes);
    }
}

static void test_location_at_every_flag_and_length(void **state)
{
    static const uint8_t widths[7] = { 2, 3, 8, 3, 2, 1, 7 };

    for (unsigned flags = 0; flags < 0x2000; flags++) {
        size_t whole = 2;
        for (int bit = 0; bit < 7; bit++)
            whole += flags >> bit & 1 ? widths[bit] : 0;
        for (size_t length = 0; length <= 29; length += length < 3 ? 1 : 2) {
            const uint8_t filled[29] = { (uint8_t)flags, (uint8_t)(flags >> 8) };
            uint8_t *bytes = exact_copy(filled, length);
            struct location_speed value = { .has = UNTOUCHED };

            assert_int_equal(location_speed_decode(bytes, length, &value), length < 2 ? DECODE_SHORT
                                                                           : length < whole
                                                                               ? DECODE_TRUNCATED
                                                                               : DECODE_OK);
            assert_int_equal(value.has == UNTOUCHED, length < 2);
            free(bytes);
        }
    }
}

/* ---- Navigation ------------------------------------------------------------------------------ */

static const struct navigation_row {
    const char *label, *hex;
    enum decode_result result;
    struct navigation value;
} navigation_rows[] = {
    { "all fields",
      "ef01 1027 2823 393000 c7cfff ea070b15 0a1e0f",
      DECODE_OK,
      { .has = 0x1F,
        .status = POSITION_STATUS_OK,
        .heading_by_compass = true,
        .to_destination = true,
        .waypoint_reached = true,
        .destination_reached = true,
        .bearing_centideg = 10000,
        .heading_centideg = 9000,
        .remaining_distance_dm = 12345,
        .remaining_height_cm = -12345,
        .arrival = { 2026, 11, 21, 10, 30, 15 } } },
    { "bearing alone",
      "0000 0000 a08c",
      DECODE_OK,
      { .has = NAVIGATION_BEARING, .heading_centideg = 36000 } },
    { "last known place, no day of arrival",
      "1c00 0100 0200 00000000000000",
      DECODE_OK,
      { .has = NAVIGATION_BEARING | NAVIGATION_HEADING,
        .status = POSITION_STATUS_LAST_KNOWN,
        .bearing_centideg = 1,
        .heading_centideg = 2 } },
    { "height cut, the distance holds",
      "0300 0100 0200 010000 c7cf",
      DECODE_TRUNCATED,
      { .has = NAVIGATION_BEARING | NAVIGATION_HEADING | NAVIGATION_REMAINING_DISTANCE,
        .bearing_centideg = 1,
        .heading_centideg = 2,
        .remaining_distance_dm = 1 } },
    { "reserved flags and bytes behind",
      "00fe 0100 0200 aa",
      DECODE_OK,
      { .has = NAVIGATION_BEARING | NAVIGATION_HEADING,
        .bearing_centideg = 1,
        .heading_centideg = 2 } },
    { "heading cut", "0000 0100 02", DECODE_SHORT, { 0 } },
    { "flags alone", "0000", DECODE_SHORT, { 0 } },
    { "empty", "", DECODE_SHORT, { 0 } },
};

static bool same_navigation(const struct navigation *a, const struct navigation *b)
{
    return a->has == b->has && a->status == b->status &&
           a->heading_by_compass == b->heading_by_compass &&
           a->to_destination == b->to_destination && a->waypoint_reached == b->waypoint_reached &&
           a->destination_reached == b->destination_reached &&
           a->bearing_centideg == b->bearing_centideg &&
           a->heading_centideg == b->heading_centideg &&
           a->remaining_distance_dm == b->remaining_distance_dm &&
           a->remaining_height_cm == b->remaining_height_cm && same_time(&a->arrival, &b->arrival);
}

static void test_navigation_rows(void **state)
{
    static const struct navigation untouched = { .has = 99, .bearing_centideg = 3 };

    for (size_t i = 0; i < sizeof navigation_rows / sizeof navigation_rows[0]; i++) {
        const struct navigation_row *row = &navigation_rows[i];
        struct packet packet = packet_of(row->hex);
        uint8_t *bytes = exact_copy(packet.bytes, packet.length);
        struct navigation value = untouched;
        enum decode_result result = navigation_decode(bytes, packet.length, &value);

        if (result != row->result)
            fail_msg("%s: %s", row->label, decode_result_name(result));
        if (!same_navigation(&value, result == DECODE_SHORT ? &untouched : &row->value))
            fail_msg("%s: other values", row->label);
        free(bytes);
    }
}

/* ---- Date Time ------------------------------------------------------------------------------- */

static void test_dates_of_the_calendar(void **state)
{
    static const struct {
        const char *label;
        struct date_time when;
        bool whole;
    } rows[] = {
        { "a day", { 2026, 11, 21, 10, 30, 15 }, true },
        { "the last second", { 9999, 12, 31, 23, 59, 59 }, true },
        { "a leap day", { 2028, 2, 29, 0, 0, 0 }, true },
        { "no leap day", { 2026, 2, 29, 0, 0, 0 }, false },
        { "no leap day in a century's year", { 2100, 2, 29, 0, 0, 0 }, false },
        { "one in the fourth's", { 2000, 2, 29, 0, 0, 0 }, true },
        { "year not known", { 0, 11, 21, 10, 30, 15 }, false },
        { "month not known", { 2026, 0, 21, 10, 30, 15 }, false },
        { "day not known", { 2026, 11, 0, 10, 30, 15 }, false },
        { "month 13", { 2026, 13, 1, 0, 0, 0 }, false },
        { "31 November", { 2026, 11, 31, 0, 0, 0 }, false },
        { "hour 24", { 2026, 11, 21, 24, 0, 0 }, false },
        { "minute 60", { 2026, 11, 21, 0, 60, 0 }, false },
        { "second 60", { 2026, 11, 21, 0, 0, 60 }, false },
        { "before the calendar", { 1581, 1, 1, 0, 0, 0 }, false },
        { "after it", { 10000, 1, 1, 0, 0, 0 }, false },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (date_time_is_whole(&rows[i].when) != rows[i].whole)
            fail_msg("%s", rows[i].label);
}

static void test_a_cut_date_leaves_the_cursor_alone(void **state)
{
    struct packet packet = packet_of("ea070b15 0a1e");
    struct bytes bytes = bytes_of(packet.bytes, packet.length);
    struct date_time when = { .year = 7 };

    assert_false(date_time_pull(&bytes, &when));
    assert_int_equal(bytes.left, packet.length);
    assert_int_equal(when.year, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_location_rows),
        cmocka_unit_test(test_location_at_every_flag_and_length),
        cmocka_unit_test(test_navigation_rows),
        cmocka_unit_test(test_dates_of_the_calendar),
        cmocka_unit_test(test_a_cut_date_leaves_the_cursor_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
