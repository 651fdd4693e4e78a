/* SPDX-License-Identifier: MIT */
#include "read_text.h"
#include "lib/activity/outline_verdict.h"
#include "lib/activity/place.h"
#include "lib/activity/totals.h"
#include "lib/activity/xml_text.h"

#define GPX              "<?xml version=\"1.0\" encoding=\"UTF-8\"?><gpx version=\"1.1\" creator=\"Ours\">"
#define POINT(lat, time) "<trkpt lat=\"" lat "\" lon=\"8\"><time>" time "</time></trkpt>"
#define T_USEC           (INT64_C(1577872800) * 1000000) /* 2020-01-01T10:00:00Z */

static void test_a_track_with_what_devices_add(void **state)
{
    const struct activity_sample *s;

    read_text(GPX "<trk><name>x</name><type>trail_running</type><trkseg>"
                  "<trkpt lat=\"50\" lon=\"8\"><ele>101.5</ele><time>2020-01-01T10:00:00Z</time>"
                  "<extensions><n:TrackPointExtension><n:hr>140</n:hr><n:cad>82</n:cad>"
                  "<n:atemp>7</n:atemp></n:TrackPointExtension><power>250</power></extensions>"
                  "</trkpt>"
                  "<trkpt lat=\"50.001\" lon=\"8\"><time>2020-01-01T10:00:30.500Z</time>"
                  "<speed>3.1</speed></trkpt></trkseg></trk></gpx>");
    assert_string_equal(fact_of(&kept, ACTIVITY_FILE, 0)->file.product, "Ours");
    s = sample_of(&kept, 0);
    assert_near(s->altitude_m, 101.5, 0);
    assert_near(s->heart_rate_bpm, 140, 0);
    assert_near(s->cycles_per_min, 82, 0);
    assert_near(s->temperature_c, 7, 0);
    assert_near(s->power_w, 250, 0);
    assert_near(s->distance_m, 0, 0);
    s = sample_of(&kept, 1);
    assert_int_equal(fact_of(&kept, ACTIVITY_SAMPLE, 1)->t_usec, T_USEC + 30500000);
    assert_near(s->distance_m, 111.3, 0.1);
    assert_near(s->speed_m_s, 3.1, 0);
    assert_true(isnan(s->heart_rate_bpm));
    assert_int_equal(fact_of(&kept, ACTIVITY_SESSION, 0)->session.sport, ACTIVITY_SPORT_RUNNING);
    assert_int_equal(fact_of(&kept, ACTIVITY_SESSION, 0)->t_usec, T_USEC);
    assert_null(fact_of(&kept, ACTIVITY_TROUBLE, 0));
}

static void test_the_timer_stands_between_segments(void **state)
{
    read_text(GPX "<trk><trkseg>" POINT("50", "2020-01-01T10:00:00Z")
                  POINT("50.001", "2020-01-01T10:00:30Z") "</trkseg><trkseg/><trkseg>" POINT(
                      "50.101", "2020-01-01T10:05:00Z")
                      POINT("50.102", "2020-01-01T10:05:30Z") "</trkseg></trk></gpx>");
    assert_int_equal(count_of(&kept, ACTIVITY_TIMER), 3);
    assert_false(fact_of(&kept, ACTIVITY_TIMER, 0)->running);
    assert_int_equal(fact_of(&kept, ACTIVITY_TIMER, 0)->t_usec, T_USEC + 30000000);
    assert_true(fact_of(&kept, ACTIVITY_TIMER, 1)->running);
    assert_int_equal(fact_of(&kept, ACTIVITY_TIMER, 1)->t_usec, T_USEC + 300000000);
    assert_near(sample_of(&kept, 3)->distance_m, 222.6, 0.2); /* not the 11 km in between */
    assert_int_equal(count_of(&kept, ACTIVITY_SESSION), 1);
}

static void test_the_type_of_what_a_track_holds_is_not_its_own(void **state)
{
    static const char *const others[] = {
        "<link href=\"https://example.org\"><text>x</text><type>text/html</type></link>",
        "<extensions><a:type>ride</a:type></extensions>",
    };

    for (size_t i = 0; i < 2 * sizeof(others) / sizeof(others[0]); i++) {
        bool named = i % 2;
        char text[1024];

        snprintf(text, sizeof(text),
                 GPX
                 "<trk>%s%s<trkseg>" POINT("50", "2020-01-01T10:00:00Z") "</trkseg>%s</trk></gpx>",
                 named ? "<type>running</type>" : "", others[i / 2], others[i / 2]);
        print_message("%s\n", text);
        read_text(text);
        assert_int_equal(fact_of(&kept, ACTIVITY_SESSION, 0)->session.sport,
                         named ? ACTIVITY_SPORT_RUNNING : ACTIVITY_SPORT_UNKNOWN);
    }
}

static void test_which_tracks_are_one_activity(void **state)
{
    static const struct {
        const char *label, *first_type, *second_type, *second_time;
        int sessions;
    } rows[] = {
        { "a lap later", "", "", "2020-01-01T10:20:00Z", 1 },
        { "an hour later", "", "", "2020-01-01T11:00:00Z", 1 },
        { "more than an hour later", "", "", "2020-01-01T11:00:01Z", 2 },
        { "earlier", "", "", "2020-01-01T09:59:59Z", 2 },
        { "another sport at once", "<type>run</type>", "<type>bike</type>", "2020-01-01T10:01:00Z",
          2 },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[1024];
        print_message("%s\n", rows[i].label);
        snprintf(text, sizeof(text),
                 GPX "<trk>%s<trkseg>" POINT(
                     "50", "2020-01-01T10:00:00Z") "</trkseg></trk>"
                                                   "<trk>%s<trkseg>" POINT(
                                                       "50", "%s") "</trkseg></trk></gpx>",
                 rows[i].first_type, rows[i].second_type, rows[i].second_time);
        read_text(text);
        assert_int_equal(count_of(&kept, ACTIVITY_SESSION), rows[i].sessions);
        assert_int_equal(fact_of(&kept, ACTIVITY_SAMPLE, 1)->part, rows[i].sessions - 1);
        if (rows[i].first_type[0]) {
            assert_int_equal(fact_of(&kept, ACTIVITY_SESSION, 0)->session.sport,
                             ACTIVITY_SPORT_RUNNING);
            assert_int_equal(fact_of(&kept, ACTIVITY_SESSION, 1)->session.sport,
                             ACTIVITY_SPORT_CYCLING);
        }
    }
}

static void test_a_place_off_the_earth_is_a_pause(void **state)
{
    read_text(GPX "<trk><trkseg>" POINT("50", "2020-01-01T10:00:00Z")
                  POINT("100", "2020-01-01T10:00:10Z")
                      POINT("50.001", "2020-01-01T10:01:00Z") "</trkseg></trk></gpx>");
    assert_int_equal(count_of(&kept, ACTIVITY_SAMPLE), 2);
    assert_false(fact_of(&kept, ACTIVITY_TIMER, 0)->running);
    assert_true(fact_of(&kept, ACTIVITY_TIMER, 1)->running);
}

static void test_points_without_a_time_and_places_that_are_no_track(void **state)
{
    read_text(GPX "<wpt lat=\"1\" lon=\"2\"><time>2020-01-01T10:00:00Z</time></wpt>"
                  "<rte><rtept lat=\"1\" lon=\"2\"/></rte>"
                  "<trk><trkseg><trkpt lat=\"1\" lon=\"2\"/></trkseg></trk></gpx>");
    assert_int_equal(count_of(&kept, ACTIVITY_SAMPLE), 1);
    assert_true(fact_of(&kept, ACTIVITY_SAMPLE, 0)->t_usec == ACTIVITY_NO_TIME);
}

/* ---- plans beside runs ----------------------------------------------------------------------- */

#define PLACE(lat) "<trkpt lat=\"" lat "\" lon=\"8\"/>"
#define PLAN                                                                                       \
    "<trk><type>cycling</type><trkseg>" PLACE("40") PLACE("40.001") PLACE("40.002")                \
        PLACE("40.003") "</trkseg></trk>"
#define RUN(type)                                                                                  \
    "<trk>" type "<trkseg>" POINT("50", "2020-01-01T10:00:00Z")                                    \
        POINT("50.001", "2020-01-01T10:00:30Z") "</trkseg></trk>"
#define LATER                                                                                      \
    "<trk><trkseg>" POINT("50.001", "2020-01-01T10:01:00Z")                                        \
        POINT("50.002", "2020-01-01T10:01:30Z") "</trkseg></trk>"
#define STEP_M 111.319 /* a thousandth of a degree */

static struct outline outline;
static struct totals totals;

/* What was read, as sessions. */
static enum outline_verdict add_up(void)
{
    struct outline_limits limits = { OUTLINE_OLDEST_USEC, T_USEC + INT64_C(86400000000) };
    struct activity_sink sink;

    outline_init(&outline, &limits);
    sink = outline_sink(&outline);
    for (int i = 0; i < kept.n; i++)
        activity_emit(&sink, &kept.facts[i]);
    outline_finish(&outline);
    totals_init(&totals, &outline);
    sink = totals_sink(&totals);
    for (int i = 0; i < kept.n; i++)
        activity_emit(&sink, &kept.facts[i]);
    totals_finish(&totals);
    return outline_judge(&outline);
}

static void test_a_planned_track_is_none_of_the_run_beside_it(void **state)
{
    static const struct {
        const char *label, *text;
        double steps;
        enum activity_sport sport;
        int parts;
    } rows[] = {
        { "the run first", GPX RUN("<type>running</type>") PLAN "</gpx>", 1, ACTIVITY_SPORT_RUNNING,
          2 },
        { "the plan first", GPX PLAN RUN("<type>running</type>") "</gpx>", 1,
          ACTIVITY_SPORT_RUNNING, 2 },
        { "a run of no sport first", GPX RUN("") PLAN "</gpx>", 1, ACTIVITY_SPORT_UNKNOWN, 2 },
        { "a run of no sport behind", GPX PLAN RUN("") "</gpx>", 1, ACTIVITY_SPORT_UNKNOWN, 2 },
        { "between two laps", GPX RUN("") PLAN LATER "</gpx>", 2, ACTIVITY_SPORT_UNKNOWN, 2 },
        { "two of them", GPX PLAN PLAN RUN("") "</gpx>", 1, ACTIVITY_SPORT_UNKNOWN, 3 },
        { "points before the clock was set",
          GPX "<trk><trkseg>" PLACE("49.998") PLACE("49.999") POINT("50", "2020-01-01T10:00:00Z")
              POINT("50.001", "2020-01-01T10:00:30Z") "</trkseg></trk></gpx>",
          3, ACTIVITY_SPORT_UNKNOWN, 1 },
        { "a lap that begins so",
          GPX RUN("") "<trk><trkseg>" PLACE("50.001")
              POINT("50.002", "2020-01-01T10:01:00Z") "</trkseg></trk></gpx>",
          2, ACTIVITY_SPORT_UNKNOWN, 2 },
        { "a point without a time in the middle",
          GPX "<trk><trkseg>" POINT("50", "2020-01-01T10:00:00Z") PLACE("50.001")
              POINT("50.002", "2020-01-01T10:00:30Z") "</trkseg></trk></gpx>",
          2, ACTIVITY_SPORT_UNKNOWN, 1 },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int last = 0;

        print_message("%s\n", rows[i].label);
        read_text(rows[i].text);
        assert_int_equal(add_up(), OUTLINE_OK);
        assert_int_equal(outline.n_sessions, 1);
        assert_int_equal(outline.sessions[0].stated.sport, rows[i].sport);
        assert_near(totals.sessions[0].distance_m, rows[i].steps * STEP_M, 0.1);
        for (int k = 0; k < count_of(&kept, ACTIVITY_SAMPLE); k++)
            last = fact_of(&kept, ACTIVITY_SAMPLE, k)->part > last
                       ? fact_of(&kept, ACTIVITY_SAMPLE, k)->part
                       : last;
        assert_int_equal(last + 1, rows[i].parts);
    }
}

static char track[1 << 15];

/* Ten minutes, a point each 10 s, of 22 m; stray: such a point is of the day after. */
static const char *ten_minutes(int stray, bool reversed)
{
    size_t n = (size_t)snprintf(track, sizeof(track), GPX "<trk><trkseg>");

    for (int i = 0; i <= 60; i++) {
        int k = reversed ? (i + 30) % 61 : i, s = 10 * k;

        if (reversed && k == 0)
            n += (size_t)snprintf(track + n, sizeof(track) - n, "</trkseg><trkseg>");
        n += (size_t)snprintf(track + n, sizeof(track) - n,
                              "<trkpt lat=\"%.4f\" lon=\"8\">"
                              "<time>2020-01-0%dT10:%02d:%02dZ</time></trkpt>",
                              50 + k * 0.0002, k == stray ? 2 : 1, s / 60, s % 60);
    }
    snprintf(track + n, sizeof(track) - n, "</trkseg></trk></gpx>");
    return track;
}

static void test_a_point_of_the_day_after(void **state)
{
    read_text(ten_minutes(20, false));
    assert_int_equal(add_up(), OUTLINE_OK);
    assert_int_equal(totals.n_late, 0);
    assert_false(totals_are_gappy(&totals));
    assert_near(totals.sessions[0].timer_s, 600, 1e-6);
    assert_near(totals.sessions[0].distance_m, 12 * STEP_M, 0.1);
}

/* Half of it cannot be laid on an axis that was walked already: it is told of. */
static void test_segments_in_reverse_order(void **state)
{
    read_text(ten_minutes(-1, true));
    assert_int_equal(add_up(), OUTLINE_OK); /* as far as the first reading can say */
    assert_int_equal(totals.n_late, 30);
    assert_true(totals_are_gappy(&totals));
    read_text(ten_minutes(-1, false));
    add_up();
    assert_false(totals_are_gappy(&totals));
}

static void test_points_from_pole_to_pole_cover_no_believable_distance(void **state)
{
    read_text(GPX "<trk><trkseg>" POINT("90", "2020-01-01T10:00:00Z")
                  POINT("-90", "2020-01-01T10:00:01Z") "</trkseg></trk></gpx>");
    assert_near(sample_of(&kept, 0)->distance_m, 0, 0);
    assert_true(isnan(sample_of(&kept, 1)->distance_m));
}

static void test_values_that_are_none(void **state)
{
    const struct activity_sample *s;

    read_text(GPX "<trk><trkseg><trkpt lat=\"NaN\" lon=\"8\"><ele>inf</ele><hr>-1</hr><cad/>"
                  "<speed>0x10</speed><time>yesterday</time><power>1e999</power></trkpt>"
                  "</trkseg></trk></gpx>");
    s = sample_of(&kept, 0);
    assert_true(isnan(s->latitude_deg) && isnan(s->longitude_deg) && isnan(s->altitude_m));
    assert_true(isnan(s->heart_rate_bpm) && isnan(s->cycles_per_min) && isnan(s->speed_m_s));
    assert_true(isnan(s->power_w) && isnan(s->distance_m));
    assert_true(fact_of(&kept, ACTIVITY_SAMPLE, 0)->t_usec == ACTIVITY_NO_TIME);
}

static void test_xml_as_real_exports_have_it(void **state)
{
    static const struct {
        const char *label, *text;
    } rows[] = {
        { "a prefix that was never declared",
          GPX "<trk><trkseg><trkpt lat=\"1\" lon=\"2\"><gpxdata:hr>99</gpxdata:hr></trkpt></trkseg>"
              "</trk></gpx>" },
        { "a prefix on everything", "<g:gpx><g:trk><g:trkseg><g:trkpt lat=\"1\" "
                                    "lon=\"2\"><g:hr>99</g:hr></g:trkpt></g:trkseg>"
                                    "</g:trk></g:gpx>" },
        { "blanks before the declaration",
          "\r\n\n  " GPX
          "<trk><trkseg><trkpt lat=\"1\" lon=\"2\"><hr>99</hr></trkpt></trkseg></trk>"
          "</gpx>" },
        { "more blanks than a format needs to be told",
          "                                        "
          "<gpx><trk><trkseg><trkpt lat=\"1\" lon=\"2\"><hr> 99 "
          "</hr></trkpt></trkseg></trk></gpx>" },
        { "the mark of UTF-8",
          "\xef\xbb\xbf" GPX
          "<trk><trkseg><trkpt lat=\"1\" lon=\"2\"><hr>99</hr></trkpt></trkseg></trk>"
          "</gpx>" },
        { "a comment, an instruction, character data",
          "<?x y?><!-- > --><gpx><trk><trkseg><trkpt lat=\"1\" lon=\"2\"><hr><![CDATA[9]]>9</hr>"
          "</trkpt></trkseg></trk></gpx>" },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        print_message("%s\n", rows[i].label);
        read_text(rows[i].text);
        assert_null(fact_of(&kept, ACTIVITY_TROUBLE, 0));
        assert_near(sample_of(&kept, 0)->heart_rate_bpm, 99, 0);
    }
}

static void test_utf_16_with_and_without_its_mark(void **state)
{
    static const char text[] =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><gpx><trk><trkseg>"
        "<trkpt lat=\"1\" lon=\"2\"><hr>99</hr></trkpt></trkseg></trk></gpx>";

    for (int variant = 0; variant < 4; variant++) {
        uint8_t wide[2 * sizeof(text)];
        size_t n = 0, big = variant & 1;
        if (variant & 2) {
            wide[n++] = big ? 0xfe : 0xff;
            wide[n++] = big ? 0xff : 0xfe;
        }
        for (size_t i = 0; i + 1 < sizeof(text); i++) {
            wide[n + big] = (uint8_t)text[i];
            wide[n + !big] = 0;
            n += 2;
        }
        read_bytes(wide, n);
        assert_null(fact_of(&kept, ACTIVITY_TROUBLE, 0));
        assert_near(sample_of(&kept, 0)->heart_rate_bpm, 99, 0);
    }
}

static void test_encodings(void **state)
{
    static const struct {
        const char *encoding, *creator, *product; /* NULL: refused */
    } rows[] = {
        { "UTF-8", "Vel\xc3\xb6", "Vel\xc3\xb6" },
        { "ISO-8859-1", "Vel\xf6", "Vel\xc3\xb6" },
        { "iso-8859-15", "Vel\xf6", "Vel\xef\xbf\xbd" }, /* some letter */
        { "windows-1252", "Vel\xf6 \x80", "Vel\xc3\xb6 \xe2\x82\xac" },
        { "Windows-1252", "\x81", "\xef\xbf\xbd" },
        { "windows-1251", "Vel\xf6", "Vel\xef\xbf\xbd" },
        { "koi8-r", "Vel", "Vel" },
        { "US-ASCII", "Vel", "Vel" },
        { "utf-16", "Vel\xc3\xb6", "Vel\xc3\xb6" }, /* it says so, but is not */
        { "GB2312", "Vel", NULL },
        { "Shift_JIS", "Vel", NULL },
        { "UTF-32", "Vel", NULL },
        { "x", "Vel", NULL },
        { "a-name-that-is-longer-than-any-encoding-has-ever-been-given", "Vel", NULL },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[512];
        const struct activity_fact *trouble;

        snprintf(text, sizeof(text),
                 "<?xml version='1.0' encoding='%s'?><gpx creator=\"%s\"><trk><trkseg>"
                 "<trkpt lat=\"1\" lon=\"2\"><hr>99</hr></trkpt></trkseg></trk></gpx>",
                 rows[i].encoding, rows[i].creator);
        print_message("%s\n", rows[i].encoding);
        read_text(text);
        trouble = fact_of(&kept, ACTIVITY_TROUBLE, 0);
        if (!rows[i].product) {
            assert_int_equal(trouble->trouble.kind, ACTIVITY_TROUBLE_ENCODING);
            assert_true(activity_trouble_refuses(ACTIVITY_TROUBLE_ENCODING));
            continue;
        }
        assert_null(trouble);
        assert_string_equal(fact_of(&kept, ACTIVITY_FILE, 0)->file.product, rows[i].product);
        assert_near(sample_of(&kept, 0)->heart_rate_bpm, 99, 0);
    }
}

/* The declaration is looked for in the first bytes, however they come, and not beyond it. */
static void test_what_looks_like_an_encoding(void **state)
{
    static const char *const texts[] = {
        "<gpx encoding=\"utf-16\"><trk><trkseg><trkpt lat=\"1\" lon=\"2\"/></trkseg></trk></gpx>",
        "<?xml version=\"1.0\"?><gpx creator=\"encoding='utf-16'\"><trk><trkseg>"
        "<trkpt lat=\"1\" lon=\"2\"/></trkseg></trk></gpx>",
        "<?xml version=\"1.0\"                                                                     "
        "                                                                                        "
        "encoding=\"ISO-8859-1\"?><gpx creator=\"\xf6\"><trk><trkseg>"
        "<trkpt lat=\"1\" lon=\"2\"/></trkseg></trk></gpx>",
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        read_text(texts[i]);
        assert_null(fact_of(&kept, ACTIVITY_TROUBLE, 0));
        assert_int_equal(count_of(&kept, ACTIVITY_SAMPLE), 1);
    }
}

static void test_times(void **state)
{
    static const struct {
        const char *text;
        int64_t usec;
    } rows[] = {
        { "2020-01-01T10:00:00Z", T_USEC },
        { "2020-01-01T10:00:00", T_USEC },
        { "2020-01-01 10:00:00Z", T_USEC },
        { "2020-01-01T11:00:00+01:00", T_USEC },
        { "2020-01-01T06:30:00-0330", T_USEC },
        { "2020-01-01T10:00:00.25Z", T_USEC + 250000 },
        { "2020-01-01T10:00:00,123456789Z", T_USEC + 123456 },
        { "1970-01-01T00:00:00Z", 0 },
        { "2106-02-07T06:28:16Z", INT64_C(4294967296) * 1000000 },
        { "2020-13-01T10:00:00Z", ACTIVITY_NO_TIME },
        { "2020-01-01", ACTIVITY_NO_TIME },
        { "2020-01-01T10:00:00X", ACTIVITY_NO_TIME },
        { "2020-01-01T10:00:00Z!", ACTIVITY_NO_TIME },
        { "-020-01-01T10:00:00Z", ACTIVITY_NO_TIME },
        { "", ACTIVITY_NO_TIME },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        print_message("%s\n", rows[i].text);
        assert_true(xml_time_usec(rows[i].text) == rows[i].usec);
    }
}

static void test_sports(void **state)
{
    assert_int_equal(xml_sport("trail_running"), ACTIVITY_SPORT_RUNNING);
    assert_int_equal(xml_sport("9"), ACTIVITY_SPORT_RUNNING);
    assert_int_equal(xml_sport("Hiking"), ACTIVITY_SPORT_HIKING);
    assert_int_equal(xml_sport("Biking"), ACTIVITY_SPORT_CYCLING);
    assert_int_equal(xml_sport("Other"), ACTIVITY_SPORT_OTHER);
    assert_int_equal(xml_sport("99"), ACTIVITY_SPORT_OTHER);
    assert_int_equal(xml_sport(""), ACTIVITY_SPORT_UNKNOWN);
    assert_true(xml_sport_indoors("indoor_running"));
    assert_false(xml_sport_indoors("running"));
}

/* A degree of a great circle, whichever way it lies. */
static void test_distances_on_the_sphere(void **state)
{
    double degree_m = 6378137.0 * M_PI / 180;

    assert_near(place_distance_m(10, 20, 11, 20), degree_m, 0.01);
    assert_near(place_distance_m(0, 179.5, 0, -179.5), degree_m, 0.01);
    assert_near(place_distance_m(60, 0, 60, 1), degree_m / 2, 3);
    assert_near(place_distance_m(50, 8, 50, 8), 0, 0);
    assert_near(place_distance_m(90, 0, -90, 0), 180 * degree_m, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_track_with_what_devices_add),
        cmocka_unit_test(test_the_timer_stands_between_segments),
        cmocka_unit_test(test_the_type_of_what_a_track_holds_is_not_its_own),
        cmocka_unit_test(test_which_tracks_are_one_activity),
        cmocka_unit_test(test_a_place_off_the_earth_is_a_pause),
        cmocka_unit_test(test_points_without_a_time_and_places_that_are_no_track),
        cmocka_unit_test(test_a_planned_track_is_none_of_the_run_beside_it),
        cmocka_unit_test(test_a_point_of_the_day_after),
        cmocka_unit_test(test_segments_in_reverse_order),
        cmocka_unit_test(test_points_from_pole_to_pole_cover_no_believable_distance),
        cmocka_unit_test(test_values_that_are_none),
        cmocka_unit_test(test_xml_as_real_exports_have_it),
        cmocka_unit_test(test_utf_16_with_and_without_its_mark),
        cmocka_unit_test(test_encodings),
        cmocka_unit_test(test_what_looks_like_an_encoding),
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_sports),
        cmocka_unit_test(test_distances_on_the_sphere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
