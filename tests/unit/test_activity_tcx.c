/* SPDX-License-Identifier: MIT */
#include "read_text.h"

#define TCX    "<TrainingCenterDatabase xmlns=\"x\"><Activities>"
#define END    "</Activities></TrainingCenterDatabase>"
#define T_USEC (INT64_C(1577872800) * 1000000) /* 2020-01-01T10:00:00Z */
#define LAP(seconds, metres)                                                                       \
    "<Lap StartTime=\"2020-01-01T10:00:00Z\"><TotalTimeSeconds>" seconds                           \
    "</TotalTimeSeconds><DistanceMeters>" metres "</DistanceMeters>"
#define POINT(time, metres)                                                                        \
    "<Trackpoint><Time>2020-01-01T" time "Z</Time><DistanceMeters>" metres                         \
    "</DistanceMeters></Trackpoint>"

static void test_an_activity_of_two_laps(void **state)
{
    const struct activity_fact *fact;

    read_text(TCX "<Activity Sport=\"Running\"><Id>x</Id>" LAP(
        "60.5",
        "200") "<MaximumSpeed>9</MaximumSpeed><AverageHeartRateBpm><Value>140</Value>"
               "</AverageHeartRateBpm><MaximumHeartRateBpm><Value>150</Value></MaximumHeartRateBpm>"
               "<Cadence>80</Cadence><Track><Trackpoint><Time>2020-01-01T10:00:00Z</Time><Position>"
               "<LatitudeDegrees>50</LatitudeDegrees><LongitudeDegrees>8</LongitudeDegrees></"
               "Position>"
               "<AltitudeMeters>12.5</AltitudeMeters><DistanceMeters>1.5</DistanceMeters>"
               "<HeartRateBpm><Value>99</Value></HeartRateBpm><Extensions><TPX><Speed>3.5</Speed>"
               "<RunCadence>81</RunCadence><Watts>200</Watts></TPX></Extensions></Trackpoint></"
               "Track>"
               "<Extensions><LX><Steps>100</Steps></LX></Extensions></Lap>" LAP(
                   "20",
                   "50") "<AverageHeartRateBpm><Value>160</Value></"
                         "AverageHeartRateBpm><MaximumHeartRateBpm>"
                         "<Value>170</Value></MaximumHeartRateBpm><Extensions><LX><AvgRunCadence>90"
                         "</AvgRunCadence><Steps>60</Steps></LX></Extensions></Lap>"
                         "<Creator><Name>Watch</Name></Creator></Activity>" END);
    assert_null(fact_of(&kept, ACTIVITY_TROUBLE, 0));
    assert_near(sample_of(&kept, 0)->latitude_deg, 50, 0);
    assert_near(sample_of(&kept, 0)->altitude_m, 12.5, 0);
    assert_near(sample_of(&kept, 0)->distance_m, 1.5, 0);
    assert_near(sample_of(&kept, 0)->heart_rate_bpm, 99, 0);
    assert_near(sample_of(&kept, 0)->speed_m_s, 3.5, 0);
    assert_near(sample_of(&kept, 0)->cycles_per_min, 81, 0);
    assert_near(sample_of(&kept, 0)->power_w, 200, 0);
    assert_int_equal(count_of(&kept, ACTIVITY_LAP), 2);
    fact = fact_of(&kept, ACTIVITY_SESSION, 0);
    assert_int_equal(fact->t_usec, T_USEC);
    assert_int_equal(fact->session.sport, ACTIVITY_SPORT_RUNNING);
    assert_near(fact->session.timer_s, 80.5, 1e-9);
    assert_near(fact->session.distance_m, 250, 1e-9);
    assert_near(fact->session.heart_rate_mean_bpm, (140 * 60.5 + 160 * 20) / 80.5, 1e-9);
    assert_near(fact->session.heart_rate_max_bpm, 170, 0);
    assert_near(fact->session.cycles_mean_per_min, (80 * 60.5 + 90 * 20) / 80.5, 1e-9);
    assert_near(fact->session.steps, 160, 0);
    assert_string_equal(fact_of(&kept, ACTIVITY_DEVICE, 0)->device.product, "Watch");
}

static void test_a_mean_that_only_one_lap_has_is_none(void **state)
{
    read_text(TCX "<Activity Sport=\"Running\">" LAP("60", "1") "<Cadence>80</Cadence></Lap>" LAP(
        "60", "1") "</Lap></Activity>" END);
    assert_true(isnan(fact_of(&kept, ACTIVITY_SESSION, 0)->session.cycles_mean_per_min));
    assert_near(fact_of(&kept, ACTIVITY_SESSION, 0)->session.timer_s, 120, 0);
}

static void test_a_total_that_only_one_lap_has_is_none(void **state)
{
    const struct activity_session *session;

    read_text(TCX "<Activity Sport=\"Running\">" LAP(
        "60", "200") "<Extensions><LX><Steps>100</Steps></LX></Extensions></Lap>"
                     "<Lap StartTime=\"2020-01-01T10:01:00Z\"><Track>" POINT("10:01:00", "200")
                         POINT("10:02:00", "380") "</Track></Lap></Activity>" END);
    session = &fact_of(&kept, ACTIVITY_SESSION, 0)->session;
    assert_true(isnan(session->timer_s) && isnan(session->distance_m) && isnan(session->steps));
    read_text(TCX "<Activity Sport=\"Running\"></Activity>" END);
    session = &fact_of(&kept, ACTIVITY_SESSION, 0)->session;
    assert_true(isnan(session->timer_s) && isnan(session->distance_m) && isnan(session->steps));
}

static void test_what_marks_a_pause(void **state)
{
    static const struct {
        const char *label, *between;
        int timers;
    } rows[] = {
        { "nothing", "", 0 },
        { "the end of a lap", "</Track></Lap>" LAP("1", "1") "<Track>", 0 },
        { "the end of a track within a lap", "</Track><Track>", 2 },
        { "an empty point", "<Trackpoint><Time>2020-01-01T10:00:10Z</Time></Trackpoint>", 2 },
    };
    char text[2048];

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        print_message("%s\n", rows[i].label);
        snprintf(text, sizeof(text),
                 TCX "<Activity Sport=\"Running\">" LAP("1", "1") "<Track>" POINT(
                     "10:00:05", "1") "%s" POINT("10:00:19", "30") "</Track></Lap></Activity>" END,
                 rows[i].between);
        read_text(text);
        assert_int_equal(count_of(&kept, ACTIVITY_TIMER), rows[i].timers);
        if (rows[i].timers) {
            assert_int_equal(fact_of(&kept, ACTIVITY_TIMER, 0)->t_usec, T_USEC + 5000000);
            assert_int_equal(fact_of(&kept, ACTIVITY_TIMER, 1)->t_usec, T_USEC + 19000000);
            assert_true(fact_of(&kept, ACTIVITY_TIMER, 1)->running);
        }
    }
}

/* Two silences of a minute on the spot: the lap says how much of them its timer ran. */
static void test_a_lap_says_whether_its_silence_was_a_pause(void **state)
{
    static const struct {
        const char *label, *lap;
        int pauses;
    } rows[] = {
        { "its timer ran on", LAP("180", "252"), 0 },
        { "and a second more", LAP("181", "252"), 0 },
        { "one of them", LAP("120", "252"), 1 },
        { "about one of them", LAP("125", "252"), 1 },
        { "both", LAP("60", "252"), 2 },
        { "it does not say", LAP("none", "252"), 2 },
    };
    char text[2048];

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        print_message("%s\n", rows[i].label);
        snprintf(text, sizeof(text),
                 TCX "<Activity Sport=\"Running\">%s<Track>" POINT("10:00:00", "100")
                     POINT("10:01:00", "102") POINT("10:01:30", "252") POINT("10:02:30", "252")
                         POINT("10:03:00", "352") "</Track></Lap></Activity>" END,
                 rows[i].lap);
        read_text(text);
        assert_int_equal(count_of(&kept, ACTIVITY_TIMER), 2 * rows[i].pauses);
        for (int k = 0; k < 2 * rows[i].pauses; k++)
            assert_int_equal(fact_of(&kept, ACTIVITY_TIMER, k)->running, k % 2);
        if (rows[i].pauses)
            assert_int_equal(fact_of(&kept, ACTIVITY_TIMER, 1)->t_usec, T_USEC + 60000000);
    }
}

static void test_silence_while_standing_is_a_pause_and_while_moving_is_not(void **state)
{
    read_text(TCX "<Activity Sport=\"Running\">" LAP("1", "1") "<Track>" POINT("10:00:00", "100")
                  POINT("10:01:00", "250")
                      POINT("10:02:00", "252") "</Track></Lap></Activity>" END);
    assert_int_equal(count_of(&kept, ACTIVITY_TIMER), 2);
    assert_int_equal(fact_of(&kept, ACTIVITY_TIMER, 0)->t_usec, T_USEC + 60000000);
}

static void test_several_activities_and_a_multi_sport_session(void **state)
{
    static const enum activity_sport sports[] = { ACTIVITY_SPORT_RUNNING, ACTIVITY_SPORT_CYCLING,
                                                  ACTIVITY_SPORT_TRANSITION, ACTIVITY_SPORT_OTHER };

    /* clang-format off: a document, laid out as one */
    read_text(TCX "<Activity Sport=\"Running\">" LAP(
        "1",
        "1") "</Lap></Activity>"
             "<MultiSportSession><Id>x</Id>"
             "<FirstSport><Activity Sport=\"Biking\">" LAP(
                 "2",
                 "2") "</Lap></Activity></FirstSport>"
                      "<NextSport>"
                      "<Transition "
                      "StartTime=\"2020-01-01T10:00:00Z\"><TotalTimeSeconds>7</TotalTimeSeconds>"
                      "<Track>" POINT("10:00:07",
                                      "3") "</Track></Transition>"
                                           "<Activity Sport=\"Other\">" LAP(
                                               "3", "3") "</Lap></Activity>"
                                                         "</NextSport></MultiSportSession>" END);
    /* clang-format on */
    for (int i = 0; i < 4; i++) {
        const struct activity_fact *fact = fact_of(&kept, ACTIVITY_SESSION, i);
        assert_non_null(fact);
        assert_int_equal(fact->part, i);
        assert_int_equal(fact->session.sport, sports[i]);
    }
    assert_near(fact_of(&kept, ACTIVITY_SESSION, 2)->session.timer_s, 7, 0);
    assert_int_equal(fact_of(&kept, ACTIVITY_SAMPLE, 0)->part, 2);
    assert_null(fact_of(&kept, ACTIVITY_SESSION, 4));
}

static void test_courses_and_workouts_say_what_they_are(void **state)
{
    read_text("<TrainingCenterDatabase><Folders><Courses><CourseFolder/></Courses></Folders>"
              "<Courses><Course><Name>x</Name><Lap/><Track>" POINT(
                  "10:00:00", "1") "</Track></Course></Courses></TrainingCenterDatabase>");
    assert_int_equal(fact_of(&kept, ACTIVITY_FILE, 0)->file.kind, ACTIVITY_KIND_COURSE);
    assert_int_equal(count_of(&kept, ACTIVITY_SAMPLE), 0);
    read_text("<TrainingCenterDatabase><Workouts><Workout/></Workouts></TrainingCenterDatabase>");
    assert_int_equal(fact_of(&kept, ACTIVITY_FILE, 0)->file.kind, ACTIVITY_KIND_WORKOUT);
}

static void test_negative_totals_are_none(void **state)
{
    read_text(TCX "<Activity Sport=\"Running\">" LAP("-5", "-100") "<Track>" POINT(
        "10:00:00", "-4") "</Track></Lap></Activity>" END);
    assert_true(isnan(fact_of(&kept, ACTIVITY_SESSION, 0)->session.timer_s));
    assert_true(isnan(fact_of(&kept, ACTIVITY_SESSION, 0)->session.distance_m));
    assert_true(isnan(sample_of(&kept, 0)->distance_m));
}

static void test_cut_within_a_lap_keeps_the_lap(void **state)
{
    read_text(TCX "<Activity Sport=\"Running\">" LAP("60", "200") "<Track>" POINT(
        "10:00:05", "1") "<Trackpoint><Ti");
    assert_trouble(&kept, 0, ACTIVITY_TROUBLE_CUT);
    assert_near(fact_of(&kept, ACTIVITY_SESSION, 0)->session.distance_m, 200, 0);
    assert_int_equal(count_of(&kept, ACTIVITY_SAMPLE), 1);
}

/* The silence before a point whose clock is a day ahead is none when the next one takes the day back. */
static void test_a_point_of_the_day_after_is_no_pause(void **state)
{
    static const struct {
        const char *label, *next;
        int timers;
    } rows[] = {
        { "it is taken back", POINT("10:00:15", "30"), 0 },
        { "some of it", POINT("10:01:05", "1.5"), 2 },
        { "a point that is a little late", POINT("10:03:18", "2"), 2 },
    };
    char text[2048];

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        print_message("%s\n", rows[i].label);
        snprintf(text, sizeof(text),
                 TCX "<Activity Sport=\"Running\"><Lap><Track>" POINT("10:00:00", "0")
                     POINT("10:00:05", "1") POINT("%s", "2") "%s</Track></Lap></Activity>" END,
                 i == 0 ? "22:00:10" : "10:03:20", rows[i].next);
        read_text(text);
        assert_int_equal(count_of(&kept, ACTIVITY_TIMER), rows[i].timers);
        if (rows[i].timers)
            assert_true(fact_of(&kept, ACTIVITY_TIMER, 0)->t_usec == T_USEC + 5000000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_activity_of_two_laps),
        cmocka_unit_test(test_a_mean_that_only_one_lap_has_is_none),
        cmocka_unit_test(test_a_total_that_only_one_lap_has_is_none),
        cmocka_unit_test(test_what_marks_a_pause),
        cmocka_unit_test(test_a_lap_says_whether_its_silence_was_a_pause),
        cmocka_unit_test(test_silence_while_standing_is_a_pause_and_while_moving_is_not),
        cmocka_unit_test(test_several_activities_and_a_multi_sport_session),
        cmocka_unit_test(test_courses_and_workouts_say_what_they_are),
        cmocka_unit_test(test_negative_totals_are_none),
        cmocka_unit_test(test_cut_within_a_lap_keeps_the_lap),
        cmocka_unit_test(test_a_point_of_the_day_after_is_no_pause),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
