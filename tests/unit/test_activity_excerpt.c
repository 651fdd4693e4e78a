/* SPDX-License-Identifier: MIT */
/* One session of a file as the facts of its own: told by hand, t in seconds from a moment in 2021; and of whole
 * files, as they are read, written as FIT and read again. */
#include "fit_bytes.h"
#include "lib/activity/excerpt.h"
#include "lib/activity/fit_write.h"
#include "lib/activity/reader.h"

#define MOMENT INT64_C(1631000000)

static struct activity_fact told[512];
static int n_told;
static struct outline outline;
static struct excerpt excerpt;
static struct kept kept;

static int64_t usec_at(double t)
{
    return (int64_t)((MOMENT + t) * 1e6);
}

static struct activity_fact *tell(enum activity_fact_type type, double t)
{
    assert_true(n_told < 512);
    told[n_told] = activity_fact(type, usec_at(t));
    return &told[n_told++];
}

static struct activity_sample *tell_sample(double t, double distance_m)
{
    struct activity_sample *sample = &tell(ACTIVITY_SAMPLE, t)->sample;

    sample->distance_m = distance_m;
    return sample;
}

static void tell_timer(double t, bool running)
{
    tell(ACTIVITY_TIMER, t)->running = running;
}

static struct activity_session *tell_session(double t, enum activity_sport sport)
{
    struct activity_session *session = &tell(ACTIVITY_SESSION, t)->session;

    session->sport = sport;
    return session;
}

/* Those told since there were n. */
static void in_part(int n, int part)
{
    for (; n < n_told; n++)
        told[n].part = part;
}

static void outline_told(void)
{
    const struct outline_limits limits = { OUTLINE_OLDEST_USEC, usec_at(1000000) };
    struct activity_sink sink;

    outline_init(&outline, &limits);
    sink = outline_sink(&outline);
    for (int i = 0; i < n_told; i++)
        activity_emit(&sink, &told[i]);
    outline_finish(&outline);
}

static void excerpt_told(int session, bool barometric)
{
    const struct activity_sink keeping = { keep, &kept };
    struct activity_sink sink;

    kept.n = 0;
    excerpt_init(&excerpt, &outline, session, barometric, &keeping);
    sink = excerpt_sink(&excerpt);
    for (int i = 0; i < n_told; i++)
        activity_emit(&sink, &told[i]);
    excerpt_finish(&excerpt);
    for (int i = 0; i < kept.n; i++)
        assert_int_equal(kept.facts[i].part, 0);
}

/* "+0 .0 .10 -10 L10 S0": timer, samples, laps, sessions, devices in the order they were told */
static const char *story(void)
{
    static const char marks[] = {
        [ACTIVITY_SAMPLE] = '.',  [ACTIVITY_TIMER] = '-',  [ACTIVITY_LAP] = 'L',
        [ACTIVITY_SESSION] = 'S', [ACTIVITY_DEVICE] = 'D', [ACTIVITY_TROUBLE] = '!'
    };
    static char text[512];
    size_t length = 0;

    for (int i = 0; i < kept.n; i++) {
        const struct activity_fact *fact = &kept.facts[i];
        char mark = fact->type == ACTIVITY_TIMER && fact->running ? '+' : marks[fact->type];

        length += (size_t)snprintf(text + length, sizeof(text) - length, "%s%c%g", i ? " " : "",
                                   mark, (double)(fact->t_usec - usec_at(0)) / 1e6);
        assert_true(length < sizeof(text));
    }
    return text;
}

/* ---- which ----------------------------------------------------------------------------------- */

static void test_a_session_is_found_by_its_start_and_no_other_is(void **state)
{
    n_told = 0;
    for (int part = 0; part < 3; part++) {
        int n = n_told;

        tell_sample(1000 * part, 0);
        tell_sample(1000 * part + 60, 100);
        tell_session(1000 * part, ACTIVITY_SPORT_RUNNING);
        in_part(n, part);
    }
    outline_told();
    assert_int_equal(outline.n_sessions, 3);
    for (int place = -1; place < 4; place++)
        assert_int_equal(excerpt_find(&outline, usec_at(1000), place), 1);
    assert_int_equal(excerpt_find(&outline, usec_at(1000) + 1, 1), -1);
    assert_int_equal(excerpt_find(&outline, usec_at(1000) - 1, 1), -1);
    assert_int_equal(excerpt_find(&outline, usec_at(3000), 2), -1);
    assert_int_equal(excerpt_find(&outline, ACTIVITY_NO_TIME, 0), -1);
    assert_int_equal(excerpt_find(&outline, 0, 0), -1);
}

static void test_of_two_that_start_together_the_place_says_which(void **state)
{
    n_told = 0;
    for (int part = 0; part < 3; part++) {
        int n = n_told;

        if (part > 0) {
            tell_sample(0, 0);
            tell_sample(60, 100);
        }
        tell_session(0, ACTIVITY_SPORT_RUNNING);
        in_part(n, part);
    }
    told[0].t_usec = 5; /* has no date, so it is counted nowhere */
    outline_told();
    outline.sessions[0].start_usec = 5; /* the first one is given the first sample's */
    assert_int_equal(excerpt_find(&outline, usec_at(0), 0), 1);
    assert_int_equal(excerpt_find(&outline, usec_at(0), 1), 2);
    assert_int_equal(excerpt_find(&outline, usec_at(0), 2), -1);
    assert_int_equal(excerpt_find(&outline, usec_at(0), -1), -1);
    assert_int_equal(excerpt_find(&outline, 5, 0), -1);
}

static void test_what_has_no_time_has_no_session(void **state)
{
    n_told = 0;
    for (int i = 0; i < 3; i++)
        tell_sample(i, i)->altitude_m = 5;
    for (int i = 0; i < n_told; i++)
        told[i].t_usec = ACTIVITY_NO_TIME;
    outline_told();
    assert_int_equal(excerpt_find(&outline, ACTIVITY_NO_TIME, 0), -1);
    assert_int_equal(excerpt_find(&outline, usec_at(0), 0), -1);
}

/* ---- what is told ---------------------------------------------------------------------------- */

static void test_each_of_several_has_its_own(void **state)
{
    n_told = 0;
    for (int part = 0; part < 2; part++) {
        int n = n_told;

        for (int t = 0; t <= 30; t += 10)
            tell_sample(1000 * part + t, 500 * part + 3 * t)->heart_rate_bpm = 140 + part;
        tell(ACTIVITY_LAP, 1000 * part + 30)->lap =
            (struct activity_lap){ usec_at(1000 * part), NAN, 28, 90, NAN, NAN };
        tell_session(1000 * part, part ? ACTIVITY_SPORT_HIKING : ACTIVITY_SPORT_RUNNING);
        in_part(n, part);
    }
    outline_told();
    excerpt_told(0, false);
    assert_string_equal(story(), "+0 .0 .10 .20 .30 L30 -30 S0");
    assert_near(fact_of(&kept, ACTIVITY_LAP, 0)->lap.elapsed_s, 30, 0);
    assert_near(fact_of(&kept, ACTIVITY_LAP, 0)->lap.timer_s, 28, 0);
    excerpt_told(1, false);
    assert_string_equal(story(), "+1000 .1000 .1010 .1020 .1030 L1030 -1030 S1000");
    assert_near(sample_of(&kept, 3)->heart_rate_bpm, 141, 0);
    assert_int_equal(fact_of(&kept, ACTIVITY_SESSION, 0)->session.sport, ACTIVITY_SPORT_HIKING);
}

static void test_the_pauses_are_where_they_were(void **state)
{
    n_told = 0;
    tell_sample(0, 0);
    tell_sample(10, 30);
    tell_timer(10, false);
    tell_timer(40, true);
    tell_sample(40, 30);
    tell_timer(40, false); /* no time at all */
    tell_timer(40, true);
    tell_sample(50, 60);
    tell_timer(55, false);
    tell_timer(60, true);
    tell_sample(70, 90);
    tell_timer(70, false);
    tell_session(0, ACTIVITY_SPORT_RUNNING);
    outline_told();
    excerpt_told(0, false);
    assert_string_equal(story(), "+0 .0 .10 -10 +40 .40 .50 -55 +60 .70 -70 L70 S0");
    assert_near(fact_of(&kept, ACTIVITY_SESSION, 0)->session.timer_s, 35, 1e-9);
    assert_near(fact_of(&kept, ACTIVITY_SESSION, 0)->session.elapsed_s, 70, 1e-9);
    assert_near(fact_of(&kept, ACTIVITY_LAP, 0)->lap.timer_s, 35, 1e-9);
    assert_near(fact_of(&kept, ACTIVITY_LAP, 0)->lap.distance_m, 90, 1e-9);
}

static void test_a_session_that_begins_in_a_pause(void **state)
{
    n_told = 0;
    tell_sample(0, 0);
    tell_sample(80, 200);
    tell_timer(80, false);
    tell_timer(120, true);
    tell_sample(110, 200);
    tell_sample(130, 230);
    tell_session(0, ACTIVITY_SPORT_CYCLING);
    tell_session(100, ACTIVITY_SPORT_RUNNING);
    outline_told();
    excerpt_told(0, false);
    assert_string_equal(story(), "+0 .0 .80 -80 L80 S0");
    excerpt_told(1, false);
    assert_string_equal(story(), ".110 +120 .130 -130 L130 S100");
}

static void test_what_is_late_or_a_stray_or_timeless_is_left_out(void **state)
{
    n_told = 0;
    tell_sample(0, 0);
    tell_sample(10, 30);
    tell_sample(5, 15);
    tell_sample(20, 60);
    tell_sample(90000, 70);
    tell_sample(30, 90);
    tell_sample(35, 105);
    told[n_told - 1].t_usec = ACTIVITY_NO_TIME;
    tell_sample(40, 120);
    tell_session(2, ACTIVITY_SPORT_RUNNING); /* rounded */
    outline_told();
    excerpt_told(0, false);
    assert_string_equal(story(), "+0 .0 .10 .20 .30 .40 -40 L40 S2");
    assert_near(sample_of(&kept, 4)->distance_m, 120, 1e-9);
}

static void test_distance_is_of_this_session_or_absent(void **state)
{
    n_told = 0;
    tell_sample(0, 0);
    tell_sample(100, 400);
    tell_sample(100, 400);
    tell_sample(110, 430);
    tell_sample(120, NAN);
    tell_sample(130, 490);
    tell_session(0, ACTIVITY_SPORT_CYCLING);
    tell_session(100, ACTIVITY_SPORT_RUNNING);
    outline_told();
    excerpt_told(1, false);
    assert_string_equal(story(), "+100 .100 .100 .110 .120 .130 -130 L130 S100");
    assert_near(sample_of(&kept, 0)->distance_m, 0, 1e-9);
    assert_near(sample_of(&kept, 2)->distance_m, 30, 1e-9);
    assert_true(isnan(sample_of(&kept, 3)->distance_m));
    assert_near(sample_of(&kept, 4)->distance_m, 90, 1e-9);
    n_told = 0;
    tell_sample(0, NAN);
    tell_sample(10, NAN);
    tell_session(0, ACTIVITY_SPORT_RUNNING);
    outline_told();
    excerpt_told(0, true);
    assert_true(isnan(sample_of(&kept, 1)->distance_m));
    assert_true(isnan(fact_of(&kept, ACTIVITY_SESSION, 0)->session.distance_m));
    assert_true(isnan(fact_of(&kept, ACTIVITY_SESSION, 0)->session.ascent_m));
    assert_true(isnan(fact_of(&kept, ACTIVITY_SESSION, 0)->session.cycles));
    assert_null(fact_of(&kept, ACTIVITY_DEVICE, 0)); /* of heights that are not there */
}

static void test_a_writer_of_steps_is_halved_and_a_crank_is_not(void **state)
{
    static const enum activity_sport sports[] = { ACTIVITY_SPORT_RUNNING, ACTIVITY_SPORT_UNKNOWN,
                                                  ACTIVITY_SPORT_CYCLING };

    for (int steps = 0; steps < 2; steps++)
        for (int sport = 0; sport < 3; sport++) {
            const struct activity_session *session;

            n_told = 0;
            for (int t = 0; t <= 60; t += 10)
                tell_sample(t, 3 * t)->cycles_per_min = steps ? 160 : 80;
            tell_session(0, sports[sport]);
            outline_told();
            excerpt_told(0, false);
            session = &fact_of(&kept, ACTIVITY_SESSION, 0)->session;
            assert_near(sample_of(&kept, 3)->cycles_per_min, steps && sport == 2 ? 160 : 80, 1e-9);
            assert_near(session->cycles_mean_per_min, steps && sport == 2 ? 160 : 80, 1e-9);
            if (sport == 2)
                assert_true(isnan(session->cycles));
            else
                assert_near(session->cycles, 80, 1e-9);
        }
}

static void test_what_is_stated_comes_first_and_climbs_are_not_invented(void **state)
{
    struct activity_session *stated;
    const struct activity_session *session;

    n_told = 0;
    for (int t = 0; t <= 60; t += 10)
        tell_sample(t, 3 * t)->altitude_m = 100 + t;
    stated = tell_session(0, ACTIVITY_SPORT_RUNNING);
    stated->timer_s = 55;
    stated->distance_m = 190;
    stated->steps = 170;
    stated->heart_rate_max_bpm = 177;
    stated->indoors = true;
    outline_told();
    excerpt_told(0, true);
    session = &fact_of(&kept, ACTIVITY_SESSION, 0)->session;
    assert_near(session->timer_s, 55, 0);
    assert_near(session->elapsed_s, 60, 0);
    assert_near(session->distance_m, 190, 0);
    assert_near(session->cycles, 85, 0);
    assert_near(session->heart_rate_max_bpm, 177, 0);
    assert_int_equal(session->sub_sport, 1);
    assert_true(isnan(session->ascent_m) && isnan(session->descent_m));
    assert_true(isnan(session->heart_rate_mean_bpm));
    assert_string_equal(story(), "+0 D0 .0 .10 .20 .30 .40 .50 .60 -60 L60 S0");
    assert_true(fact_of(&kept, ACTIVITY_DEVICE, 0)->device.barometer);
    excerpt_told(0, false);
    assert_null(fact_of(&kept, ACTIVITY_DEVICE, 0));
}

static void test_an_activity_without_points_is_its_session(void **state)
{
    n_told = 0;
    tell_session(0, ACTIVITY_SPORT_WALKING)->timer_s = 1800;
    outline_told();
    excerpt_told(0, false);
    assert_string_equal(story(), "+0 -1800 L1800 S0");
    assert_near(fact_of(&kept, ACTIVITY_SESSION, 0)->session.elapsed_s, 1800, 0);
    n_told = 0;
    tell_session(0, ACTIVITY_SPORT_WALKING)->indoors = true;
    outline_told();
    excerpt_told(0, false);
    assert_string_equal(story(), "+0 -0 L0 S0");
    assert_true(isnan(fact_of(&kept, ACTIVITY_SESSION, 0)->session.elapsed_s));
    assert_int_equal(fact_of(&kept, ACTIVITY_SESSION, 0)->session.sub_sport, 27);
}

static void test_pauses_and_laps_of_others_are_none_of_it(void **state)
{
    for (int in_one_part = 0; in_one_part < 2; in_one_part++) {
        int n;

        n_told = 0;
        tell_sample(0, 0);
        tell_sample(60, 180);
        tell_timer(60, false);
        tell_timer(80, true);
        tell_sample(90, 270);
        tell(ACTIVITY_LAP, 90)->lap = (struct activity_lap){ usec_at(0), 90, 70, 270, NAN, NAN };
        tell_session(0, ACTIVITY_SPORT_RUNNING);
        n = n_told;
        tell_sample(1000, in_one_part ? 270 : 0); /* of the part */
        for (int i = 1; i < 3; i++) {
            tell_sample(1000 + 50 * i, (in_one_part ? 270 : 0) + 100 * i);
            tell(ACTIVITY_LAP, 1000 + 50 * i)->lap =
                (struct activity_lap){ usec_at(950 + 50 * i), 50, 50, 100, NAN, NAN };
        }
        tell_session(1000, ACTIVITY_SPORT_RUNNING);
        in_part(n, in_one_part ? 0 : 1);
        outline_told();
        excerpt_told(0, false);
        assert_string_equal(story(), "+0 .0 .60 -60 +80 .90 L90 -90 S0");
        excerpt_told(1, false);
        assert_string_equal(story(), "+1000 .1000 .1050 L1050 .1100 L1100 -1100 S1000");
        assert_near(fact_of(&kept, ACTIVITY_LAP, 0)->lap.distance_m, 100, 0);
        assert_int_equal(fact_of(&kept, ACTIVITY_LAP, 1)->lap.start_usec, usec_at(1050));
        assert_near(sample_of(&kept, 2)->distance_m, 200, 1e-9);
    }
}

static void test_what_the_file_says_measured_the_heights_goes_on(void **state)
{
    struct activity_session *stated;

    for (int route = 0; route < 2; route++) {
        n_told = 0;
        for (int t = 0; t <= 20; t += 10)
            tell_sample(t, 3 * t)->altitude_m = 100 - t;
        stated = tell_session(0, ACTIVITY_SPORT_WALKING);
        stated->elapsed_s = 21;
        stated->ascent_m = 12;
        stated->descent_m = 34;
        outline_told();
        outline.barometer = !route;
        outline.route = route;
        excerpt_told(0, false);
        assert_int_equal(fact_of(&kept, ACTIVITY_DEVICE, 0)->device.barometer, !route);
        assert_int_equal(fact_of(&kept, ACTIVITY_DEVICE, 0)->device.route, route);
        assert_null(fact_of(&kept, ACTIVITY_DEVICE, 1));
        assert_near(fact_of(&kept, ACTIVITY_SESSION, 0)->session.elapsed_s, 21, 0);
        assert_near(fact_of(&kept, ACTIVITY_SESSION, 0)->session.ascent_m, 12, 0);
        assert_near(fact_of(&kept, ACTIVITY_SESSION, 0)->session.descent_m, 34, 0);
        assert_near(fact_of(&kept, ACTIVITY_LAP, 0)->lap.ascent_m, 12, 0);
        assert_near(fact_of(&kept, ACTIVITY_LAP, 0)->lap.descent_m, 34, 0);
    }
}

static void test_what_no_sample_says_is_not_told(void **state)
{
    n_told = 0;
    for (int t = 0; t <= 60; t += 10)
        tell_sample(t, NAN)->heart_rate_bpm = 140;
    tell_session(0, ACTIVITY_SPORT_RUNNING);
    outline_told();
    excerpt_told(0, false);
    assert_int_equal(count_of(&kept, ACTIVITY_SAMPLE), 7);
    for (int i = 0; i < 7; i++)
        assert_true(isnan(sample_of(&kept, i)->distance_m) &&
                    isnan(sample_of(&kept, i)->altitude_m) &&
                    isnan(sample_of(&kept, i)->cycles_per_min));
    assert_true(isnan(fact_of(&kept, ACTIVITY_SESSION, 0)->session.cycles_mean_per_min));
    assert_near(fact_of(&kept, ACTIVITY_SESSION, 0)->session.heart_rate_mean_bpm, 140, 0.001);
}

/* ---- of files, and into FIT ------------------------------------------------------------------ */

#define TCX                                                                                        \
    "<TrainingCenterDatabase><Activities><Activity Sport=\"Running\">"                             \
    "<Lap StartTime=\"2021-09-08T01:46:40Z\"><TotalTimeSeconds>20</TotalTimeSeconds>"              \
    "<DistanceMeters>60</DistanceMeters><Track>" P1("01:46:40", 0) P1("01:46:50", 30)              \
        P1("01:47:00",                                                                             \
           60) "</Track></Lap><Lap StartTime=\"2021-09-08T01:47:00Z\">"                            \
               "<TotalTimeSeconds>10</TotalTimeSeconds><DistanceMeters>30"                         \
               "</DistanceMeters><Track>" P1(                                                      \
                   "01:47:10",                                                                     \
                   90) "</Track></Lap></Activity><Activity Sport=\"Biking\">"                      \
                       "<Lap StartTime=\"2021-09-08T03:00:00Z\"><TotalTimeSeconds>10"              \
                       "</TotalTimeSeconds><DistanceMeters>80</DistanceMeters><Track>" P1(         \
                           "03:00:00", 0)                                                          \
                           P1("03:00:10", 80) "</Track></Lap></Activity></Activities>"             \
                                              "</TrainingCenterDatabase>"
#define P1(time, metres)                                                                           \
    "<Trackpoint><Time>2021-09-08T" time "Z</Time><Position><LatitudeDegrees>48.5"                 \
    "</LatitudeDegrees><LongitudeDegrees>9.25</LongitudeDegrees></Position><AltitudeMeters>500.2"  \
    "</AltitudeMeters><DistanceMeters>" #metres "</DistanceMeters><HeartRateBpm><Value>151"        \
    "</Value></HeartRateBpm></Trackpoint>"

static uint8_t written[65536];
static size_t n_written;

static void take(void *context, const uint8_t *bytes, size_t length)
{
    assert_true(n_written + length <= sizeof(written));
    memcpy(written + n_written, bytes, length);
    n_written += length;
}

static void count_fact(void *context, const struct activity_fact *fact)
{
    fit_plan_count(context, fact);
}

static void write_fact(void *context, const struct activity_fact *fact)
{
    fit_write_fact(context, fact);
}

static void read_bytes(const void *bytes, size_t length, struct activity_sink sink)
{
    static struct reader reader;

    reader_init(&reader, &sink, NULL);
    reader_feed(&reader, bytes, length);
    reader_end(&reader);
    reader_done(&reader);
}

static void read_excerpt(const char *text, int session, struct activity_sink sink)
{
    excerpt_init(&excerpt, &outline, session, false, &sink);
    read_bytes(text, strlen(text), excerpt_sink(&excerpt));
    excerpt_finish(&excerpt);
}

static bool write_session(const char *text, int64_t start_usec)
{
    const struct outline_limits limits = { OUTLINE_OLDEST_USEC, start_usec + 86400000000 };
    struct fit_plan plan = { 0 };
    struct fit_writer writer;
    int session;

    outline_init(&outline, &limits);
    read_bytes(text, strlen(text), outline_sink(&outline));
    outline_finish(&outline);
    session = excerpt_find(&outline, start_usec, -1);
    if (session < 0)
        return false;
    n_written = 0;
    read_excerpt(text, session, (struct activity_sink){ count_fact, &plan });
    fit_write_begin(&writer, &plan, start_usec, take, NULL);
    read_excerpt(text, session, (struct activity_sink){ write_fact, &writer });
    assert_true(fit_write_end(&writer));
    kept.n = 0;
    read_bytes(written, n_written, (struct activity_sink){ keep, &kept });
    assert_null(fact_of(&kept, ACTIVITY_TROUBLE, 0));
    return true;
}

static void test_one_activity_of_a_tcx_file_becomes_a_fit_file(void **state)
{
    const struct activity_session *session;
    static uint8_t before[65536];

    assert_true(write_session(TCX, START_USEC));
    assert_int_equal(count_of(&kept, ACTIVITY_SAMPLE), 4);
    assert_int_equal(count_of(&kept, ACTIVITY_LAP), 2);
    assert_int_equal(count_of(&kept, ACTIVITY_SESSION), 1);
    assert_near(sample_of(&kept, 3)->distance_m, 90, 0.005);
    assert_near(sample_of(&kept, 3)->latitude_deg, 48.5, 1e-7);
    assert_near(sample_of(&kept, 3)->altitude_m, 500.2, 0.1);
    assert_near(sample_of(&kept, 3)->heart_rate_bpm, 151, 0);
    assert_near(fact_of(&kept, ACTIVITY_LAP, 1)->lap.elapsed_s, 10, 0);
    assert_near(fact_of(&kept, ACTIVITY_LAP, 1)->lap.distance_m, 30, 0);
    assert_int_equal(fact_of(&kept, ACTIVITY_LAP, 1)->lap.start_usec, START_USEC + 20000000);
    session = &fact_of(&kept, ACTIVITY_SESSION, 0)->session;
    assert_int_equal(fact_of(&kept, ACTIVITY_SESSION, 0)->t_usec, START_USEC);
    assert_int_equal(session->sport, ACTIVITY_SPORT_RUNNING);
    assert_near(session->timer_s, 30, 0);
    assert_near(session->distance_m, 90, 0);
    assert_near(session->heart_rate_mean_bpm, 151, 0);
    memcpy(before, written, n_written);
    assert_true(write_session(TCX, START_USEC)); /* it is the same to the byte */
    assert_memory_equal(before, written, n_written);
    assert_true(write_session(TCX, START_USEC + INT64_C(4400000000)));
    session = &fact_of(&kept, ACTIVITY_SESSION, 0)->session;
    assert_int_equal(count_of(&kept, ACTIVITY_SAMPLE), 2);
    assert_int_equal(session->sport, ACTIVITY_SPORT_CYCLING);
    assert_near(session->distance_m, 80, 0);
    assert_false(write_session(TCX, START_USEC + 1000000));
}

static void test_a_gpx_file_with_a_rest_becomes_a_fit_file(void **state)
{
    static const char text[] =
        "<gpx creator=\"x\"><trk><type>hiking</type><trkseg>"
        "<trkpt lat=\"48\" lon=\"9\"><time>2021-09-08T01:46:40.5Z</time></trkpt>"
        "<trkpt lat=\"48.0001\" lon=\"9\"><time>2021-09-08T01:46:50Z</time></trkpt></trkseg>"
        "<trkseg><trkpt lat=\"48.0001\" lon=\"9\"><time>2021-09-08T01:56:40Z</time></trkpt>"
        "<trkpt lat=\"48.0002\" lon=\"9\"><time>2021-09-08T01:56:50Z</time></trkpt></trkseg>"
        "</trk></gpx>";
    const struct activity_session *session;

    assert_false(write_session(text, START_USEC)); /* half a second is another one */
    assert_true(write_session(text, START_USEC + 500000));
    assert_int_equal(count_of(&kept, ACTIVITY_SAMPLE), 4);
    assert_int_equal(count_of(&kept, ACTIVITY_TIMER), 4);
    assert_int_equal(count_of(&kept, ACTIVITY_DEVICE), 0);
    assert_near(sample_of(&kept, 0)->distance_m, 0, 0);
    assert_near(sample_of(&kept, 3)->distance_m, 22.26, 0.02);
    assert_true(isnan(sample_of(&kept, 3)->altitude_m));
    session = &fact_of(&kept, ACTIVITY_SESSION, 0)->session;
    assert_int_equal(session->sport, ACTIVITY_SPORT_HIKING);
    assert_near(session->timer_s, 19.5, 0);
    assert_near(session->elapsed_s, 609.5, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_session_is_found_by_its_start_and_no_other_is),
        cmocka_unit_test(test_of_two_that_start_together_the_place_says_which),
        cmocka_unit_test(test_what_has_no_time_has_no_session),
        cmocka_unit_test(test_each_of_several_has_its_own),
        cmocka_unit_test(test_the_pauses_are_where_they_were),
        cmocka_unit_test(test_a_session_that_begins_in_a_pause),
        cmocka_unit_test(test_what_is_late_or_a_stray_or_timeless_is_left_out),
        cmocka_unit_test(test_distance_is_of_this_session_or_absent),
        cmocka_unit_test(test_a_writer_of_steps_is_halved_and_a_crank_is_not),
        cmocka_unit_test(test_what_is_stated_comes_first_and_climbs_are_not_invented),
        cmocka_unit_test(test_an_activity_without_points_is_its_session),
        cmocka_unit_test(test_pauses_and_laps_of_others_are_none_of_it),
        cmocka_unit_test(test_what_the_file_says_measured_the_heights_goes_on),
        cmocka_unit_test(test_what_no_sample_says_is_not_told),
        cmocka_unit_test(test_one_activity_of_a_tcx_file_becomes_a_fit_file),
        cmocka_unit_test(test_a_gpx_file_with_a_rest_becomes_a_fit_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
