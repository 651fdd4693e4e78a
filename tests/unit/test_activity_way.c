/* SPDX-License-Identifier: MIT */
/* The way that a route file describes, and what is believed of it. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "close.h"
#include "lib/activity/reader.h"
#include "lib/activity/way.h"

#define GPX   "<?xml version=\"1.0\"?><gpx version=\"1.1\" creator=\"Ours\">"
#define METRE (1 / 111319.49) /* of latitude, in degrees, on the sphere of place.h */

static struct way way;
static char text[1 << 20];
static size_t length;

static void begin(const char *head)
{
    length = (size_t)snprintf(text, sizeof(text), "%s", head);
}

__attribute__((format(printf, 1, 2))) static void put(const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    length += (size_t)vsnprintf(text + length, sizeof(text) - length, format, ap);
    va_end(ap);
    assert_true(length < sizeof(text));
}

/* "trkpt" or "rtept", so many metres north; NAN: no height given. */
static void point(const char *name, double metres, double altitude_m)
{
    put("<%s lat=\"%.9f\" lon=\"8\">", name, 50 + metres * METRE);
    if (!isnan(altitude_m))
        put("<ele>%.1f</ele>", altitude_m);
    put("</%s>", name);
}

static void read_it(void)
{
    static struct way_reading reading;
    static struct reader reader;
    struct activity_sink sink;
    bool gpx;

    way_init(&reading, &way);
    sink = way_sink(&reading);
    reader_init(&reader, &sink, NULL);
    if (length > 0)
        (void)reader_feed(&reader, (const uint8_t *)text, length);
    gpx = reader_is_gpx(&reader);
    reader_end(&reader);
    way_finish(&reading, gpx);
    reader_done(&reader);
    assert_true(way_is_sound(&way));
}

static void hill(const char *outer, const char *inner, const char *name)
{
    put("<%s>%s%s%s", outer, inner[0] ? "<" : "", inner, inner[0] ? ">" : "");
    for (int i = 0; i <= 50; i++)
        point(name, i * 20, 300 - i);
    put("%s%s%s</%s>", inner[0] ? "</" : "", inner, inner[0] ? ">" : "", outer);
}

static void test_a_planned_track_without_times(void **state)
{
    (void)state;
    begin(GPX);
    hill("trk", "trkseg", "trkpt");
    put("</gpx>");
    read_it();
    assert_int_equal(way.verdict, WAY_OK);
    assert_string_equal(way.reason, "");
    assert_int_equal(way.n, 51);
    assert_close(way.length_m, 1000, 0.5);
    assert_close(way.places[0].altitude_m, 300, 0);
    assert_close(way.places[0].distance_m, 0, 0);
    assert_close(way.places[25].distance_m, 500, 0.5);
    assert_close(way.places[50].altitude_m, 250, 0);
}

static void test_a_route_of_points(void **state)
{
    (void)state;
    begin(GPX "<wpt lat=\"1\" lon=\"2\"><ele>7</ele></wpt>");
    hill("rte", "", "rtept");
    put("</gpx>");
    read_it();
    assert_int_equal(way.verdict, WAY_OK);
    assert_int_equal(way.n, 51);
    assert_close(way.length_m, 1000, 0.5);
}

static void test_a_track_is_more_than_the_route_beside_it(void **state)
{
    (void)state;
    begin(GPX "<rte>");
    point("rtept", 0, 10);
    point("rtept", 5000, 10);
    put("</rte>");
    hill("trk", "trkseg", "trkpt");
    put("<rte>");
    point("rtept", 9000, 10);
    put("</rte></gpx>");
    read_it();
    assert_int_equal(way.verdict, WAY_OK);
    assert_close(way.places[0].altitude_m, 300, 0);
    assert_close(way.length_m, 1000, 0.5);
}

/* Recorded on two days, so two activities for who imports it, and one way for who follows it. */
static void test_stages_are_one_way(void **state)
{
    (void)state;
    begin(GPX);
    for (int day = 1; day <= 2; day++) {
        put("<trk><trkseg>");
        for (int i = 0; i <= 10; i++)
            put("<trkpt lat=\"%.9f\" lon=\"8\"><ele>%d</ele><time>2020-01-0%dT10:%02d:00Z</time>"
                "</trkpt>",
                50 + i * 100 * METRE, 100 * day + i, day, i);
        put("</trkseg></trk>");
    }
    put("</gpx>");
    read_it();
    assert_int_equal(way.verdict, WAY_OK);
    assert_close(way.length_m, 2000, 1);
    assert_close(way.places[way.n - 1].altitude_m, 210, 0);
}

/* Two laps, and between them what somebody drew. */
static void test_a_drawn_track_between_two_that_were_recorded(void **state)
{
    (void)state;
    begin(GPX);
    for (int track = 0; track < 3; track++) {
        put("<trk><trkseg>");
        for (int i = 0; i <= 10; i++) {
            put("<trkpt lat=\"%.9f\" lon=\"8\"><ele>%d</ele>",
                50 + (track * 1000 + i * 100) * METRE, 100 * track + i);
            if (track != 1)
                put("<time>2020-01-01T10:%02d:00Z</time>", 10 * track + i);
            put("</trkpt>");
        }
        put("</trkseg></trk>");
    }
    put("</gpx>");
    read_it();
    assert_int_equal(way.verdict, WAY_OK);
    assert_close(way.length_m, 3000, 1);
    assert_close(way.places[way.n - 1].altitude_m, 210, 0);
}

static void test_a_place_without_a_height_is_passed_over(void **state)
{
    (void)state;
    begin(GPX "<trk><trkseg>");
    point("trkpt", 0, NAN);
    point("trkpt", 100, 50);
    point("trkpt", 200, NAN);
    point("trkpt", 300, 20000);
    point("trkpt", 400, 90);
    put("</trkseg></trk></gpx>");
    read_it();
    assert_int_equal(way.n, 2);
    assert_close(way.places[0].distance_m, 100, 0.1);
    assert_close(way.places[1].distance_m, 400, 0.2);
}

static void test_a_longer_one_is_coarser_and_whole(void **state)
{
    (void)state;
    begin(GPX "<trk><trkseg>");
    for (int i = 0; i <= 8000; i++)
        point("trkpt", i * 5.5, 500 + 0.01 * i);
    put("</trkseg></trk></gpx>");
    read_it();
    assert_int_equal(way.verdict, WAY_OK);
    assert_in_range(way.n, 900, ROUTE_SIZE_MAX);
    assert_close(way.length_m, 44000, 20);
    assert_close(way.places[way.n - 1].altitude_m, 580, 0.1);
}

static void test_what_is_no_way_is_refused_with_the_reason(void **state)
{
    static const struct {
        const char *label, *text, *reason;
    } rows[] = {
        { "nothing", "", "empty" },
        { "a letter", "Dear runner, here is your route: left, right, right.",
          "no FIT, GPX or TCX" },
        { "another's XML", "<?xml version=\"1.0\"?><html><body>404</body></html>",
          "no FIT, GPX or TCX" },
        { "an activity of TCX",
          "<TrainingCenterDatabase><Activities><Activity Sport=\"Running\"><Lap StartTime="
          "\"2020-01-01T10:00:00Z\"><Track><Trackpoint><Time>2020-01-01T10:00:00Z</Time>"
          "<AltitudeMeters>3</AltitudeMeters><DistanceMeters>1</DistanceMeters></Trackpoint>"
          "</Track></Lap></Activity></Activities></TrainingCenterDatabase>",
          "no GPX" },
        { "no way in it", GPX "<wpt lat=\"1\" lon=\"2\"><ele>7</ele></wpt></gpx>",
          "no track and no route" },
        { "no heights",
          GPX "<rte><rtept lat=\"1\" lon=\"2\"/><rtept lat=\"1.1\" lon=\"2\"/></rte></gpx>",
          "no heights" },
        { "one place", GPX "<rte><rtept lat=\"1\" lon=\"2\"><ele>5</ele></rtept></rte></gpx>",
          "no heights" },
        { "around the world",
          GPX "<rte><rtept lat=\"0\" lon=\"0\"><ele>5</ele></rtept><rtept lat=\"0\" lon=\"15\">"
              "<ele>5</ele></rtept></rte></gpx>",
          "longer than 1000 km" },
        { "cut off",
          GPX "<rte><rtept lat=\"1\" lon=\"2\"><ele>5</ele></rtept>"
              "<rtept lat=\"1.1\" lon=\"2\"><ele>9</ele></rtept>",
          "byte" },
        { "entities", "<?xml version=\"1.0\"?><!DOCTYPE gpx [<!ENTITY a \"b\">]>" GPX "</gpx>",
          "document type" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        begin(rows[i].text);
        read_it();
        if (way.verdict == WAY_OK || way.n != 0 || !strstr(way.reason, rows[i].reason))
            fail_msg("%s: verdict %d, '%s'", rows[i].label, way.verdict, way.reason);
    }
}

#define SPOIL(field, value)                                                                        \
    do {                                                                                           \
        begin(GPX);                                                                                \
        hill("trk", "trkseg", "trkpt");                                                            \
        put("</gpx>");                                                                             \
        read_it();                                                                                 \
        way.field = (value);                                                                       \
        if (way_is_sound(&way))                                                                    \
            fail_msg("%s = %s is taken for sound", #field, #value);                                \
    } while (0)

static void test_values_that_no_file_can_come_to(void **state)
{
    (void)state;
    SPOIL(magic, 0);
    SPOIL(verdict, -1);
    SPOIL(verdict, WAY_E_LONG + 1);
    SPOIL(verdict, WAY_E_FLAT);
    SPOIL(pad, 1);
    SPOIL(n, 0);
    SPOIL(n, 1);
    SPOIL(n, 50); /* its length is another */
    SPOIL(n, ROUTE_SIZE_MAX + 1);
    SPOIL(n, UINT32_MAX);
    SPOIL(length_m, 999);
    SPOIL(length_m, NAN);
    SPOIL(reason[0], 'x');
    SPOIL(reason[0], '\n');
    SPOIL(places[0].distance_m, -1);
    SPOIL(places[0].distance_m, NAN);
    SPOIL(places[1].distance_m, 0);
    SPOIL(places[50].distance_m, 1e7);
    SPOIL(places[3].altitude_m, NAN);
    SPOIL(places[3].altitude_m, INFINITY);
    SPOIL(places[3].altitude_m, -501);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_planned_track_without_times),
        cmocka_unit_test(test_a_route_of_points),
        cmocka_unit_test(test_a_track_is_more_than_the_route_beside_it),
        cmocka_unit_test(test_stages_are_one_way),
        cmocka_unit_test(test_a_drawn_track_between_two_that_were_recorded),
        cmocka_unit_test(test_a_place_without_a_height_is_passed_over),
        cmocka_unit_test(test_a_longer_one_is_coarser_and_whole),
        cmocka_unit_test(test_what_is_no_way_is_refused_with_the_reason),
        cmocka_unit_test(test_values_that_no_file_can_come_to),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
