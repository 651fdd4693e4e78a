/* SPDX-License-Identifier: MIT */
#include "fit_bytes.h"
#include "lib/activity/fit.h"
#include "lib/activity/fit_write.h"

static struct kept kept;
static uint8_t written[65536];
static size_t n_written;

static void take(void *context, const uint8_t *bytes, size_t length)
{
    assert_true(n_written + length <= sizeof(written));
    memcpy(written + n_written, bytes, length);
    n_written += length;
}

static bool write_facts(const struct activity_fact *facts, int n, int n_planned)
{
    struct fit_plan plan = { 0 };
    struct fit_writer writer;

    n_written = 0;
    for (int i = 0; i < n_planned; i++)
        fit_plan_count(&plan, &facts[i]);
    fit_write_begin(&writer, &plan, START_USEC, take, NULL);
    for (int i = 0; i < n; i++)
        fit_write_fact(&writer, &facts[i]);
    return fit_write_end(&writer);
}

static void read_back(void)
{
    static struct fit fit;
    struct activity_sink sink = { keep, &kept };

    kept.n = 0;
    fit_init(&fit, &sink);
    fit_feed(&fit, written, n_written);
    fit_end(&fit);
}

static struct activity_fact full_sample(void)
{
    struct activity_fact fact = activity_fact(ACTIVITY_SAMPLE, START_USEC + 5000000);

    fact.sample = (struct activity_sample){ 50.1234567, -8.7654321, -12.4, 1234.56, 3.333,
                                            83.5,       151,        240,   -7,      -8.25 };
    return fact;
}

static struct activity_fact full_session(void)
{
    struct activity_fact fact = activity_fact(ACTIVITY_SESSION, START_USEC);

    fact.session = (struct activity_session){ .sport = ACTIVITY_SPORT_RUNNING,
                                              .sub_sport = 1,
                                              .elapsed_s = 100.5,
                                              .timer_s = 90.25,
                                              .distance_m = 300.17,
                                              .heart_rate_mean_bpm = 150,
                                              .heart_rate_max_bpm = 171,
                                              .cycles_mean_per_min = 82.25,
                                              .cycles = 124,
                                              .ascent_m = 3,
                                              .descent_m = 140 };
    return fact;
}

static void test_every_fact_comes_back(void **state)
{
    struct activity_fact facts[] = { activity_fact(ACTIVITY_TIMER, START_USEC), full_sample(),
                                     activity_fact(ACTIVITY_TIMER, START_USEC + 9000000),
                                     activity_fact(ACTIVITY_LAP, START_USEC + 9000000),
                                     full_session() };
    const struct activity_sample *s;
    const struct activity_session *session;

    facts[0].running = true;
    facts[3].lap = (struct activity_lap){ START_USEC, 9.5, 9, 30.25, 3, 140 };
    assert_true(write_facts(facts, 5, 5));
    read_back();
    assert_null(fact_of(&kept, ACTIVITY_TROUBLE, 0));
    assert_int_equal(kept.n, 6); /* and where it comes from */
    assert_string_equal(fact_of(&kept, ACTIVITY_FILE, 0)->file.maker, "development");
    assert_int_equal(fact_of(&kept, ACTIVITY_FILE, 0)->file.kind, ACTIVITY_KIND_ACTIVITY);
    assert_int_equal(fact_of(&kept, ACTIVITY_SAMPLE, 0)->t_usec, facts[1].t_usec);
    s = sample_of(&kept, 0);
    assert_near(s->latitude_deg, 50.1234567, 1e-7);
    assert_near(s->longitude_deg, -8.7654321, 1e-7);
    assert_near(s->altitude_m, -12.4, 0.1);
    assert_near(s->distance_m, 1234.56, 0.005);
    assert_near(s->speed_m_s, 3.333, 0.0005);
    assert_near(s->cycles_per_min, 83.5, 1.0 / 256);
    assert_near(s->heart_rate_bpm, 151, 0);
    assert_near(s->power_w, 240, 0);
    assert_near(s->temperature_c, -7, 0);
    assert_near(s->grade_pct, -8.25, 0.005);
    assert_true(fact_of(&kept, ACTIVITY_TIMER, 0)->running);
    assert_false(fact_of(&kept, ACTIVITY_TIMER, 1)->running);
    assert_near(fact_of(&kept, ACTIVITY_LAP, 0)->lap.elapsed_s, 9.5, 0.0005);
    assert_near(fact_of(&kept, ACTIVITY_LAP, 0)->lap.distance_m, 30.25, 0.005);
    assert_near(fact_of(&kept, ACTIVITY_LAP, 0)->lap.ascent_m, 3, 0);
    assert_near(fact_of(&kept, ACTIVITY_LAP, 0)->lap.descent_m, 140, 0);
    session = &fact_of(&kept, ACTIVITY_SESSION, 0)->session;
    assert_int_equal(fact_of(&kept, ACTIVITY_SESSION, 0)->t_usec, START_USEC);
    assert_int_equal(session->sport, ACTIVITY_SPORT_RUNNING);
    assert_true(session->indoors);
    assert_near(session->elapsed_s, 100.5, 0.0005);
    assert_near(session->timer_s, 90.25, 0.0005);
    assert_near(session->distance_m, 300.17, 0.005);
    assert_near(session->heart_rate_mean_bpm, 150, 0);
    assert_near(session->cycles_mean_per_min, 82.25, 1.0 / 256);
    assert_near(session->cycles, 124, 0);
    assert_near(session->descent_m, 140, 0);
}

static void test_whence_the_heights_are_comes_back(void **state)
{
    struct activity_fact facts[] = { activity_fact(ACTIVITY_DEVICE, START_USEC),
                                     activity_fact(ACTIVITY_DEVICE, START_USEC),
                                     activity_fact(ACTIVITY_DEVICE, START_USEC),
                                     activity_fact(ACTIVITY_DEVICE, ACTIVITY_NO_TIME) };

    facts[1].device.barometer = facts[3].device.barometer = true;
    facts[2].device.route = true;
    assert_true(write_facts(facts, 4, 4)); /* the first and the last have nothing to say */
    read_back();
    assert_true(fact_of(&kept, ACTIVITY_DEVICE, 0)->device.barometer);
    assert_false(fact_of(&kept, ACTIVITY_DEVICE, 0)->device.route);
    assert_false(fact_of(&kept, ACTIVITY_DEVICE, 1)->device.barometer);
    assert_true(fact_of(&kept, ACTIVITY_DEVICE, 1)->device.route);
    assert_null(fact_of(&kept, ACTIVITY_DEVICE, 2));
}

static void test_what_is_absent_stays_absent(void **state)
{
    struct activity_fact facts[] = { activity_fact(ACTIVITY_SAMPLE, START_USEC),
                                     activity_fact(ACTIVITY_SESSION, START_USEC) };
    const struct activity_sample *s;
    const struct activity_session *session;

    assert_true(write_facts(facts, 2, 2));
    read_back();
    s = sample_of(&kept, 0);
    assert_true(isnan(s->latitude_deg) && isnan(s->altitude_m) && isnan(s->distance_m));
    assert_true(isnan(s->speed_m_s) && isnan(s->cycles_per_min) && isnan(s->heart_rate_bpm));
    assert_true(isnan(s->power_w) && isnan(s->temperature_c) && isnan(s->grade_pct));
    session = &fact_of(&kept, ACTIVITY_SESSION, 0)->session;
    assert_int_equal(session->sub_sport, -1);
    assert_true(isnan(session->timer_s) && isnan(session->distance_m) && isnan(session->cycles));
    assert_true(isnan(session->heart_rate_mean_bpm) && isnan(session->descent_m));
}

static void test_what_fit_cannot_say_is_absent_and_not_something_else(void **state)
{
    struct activity_fact fact = full_sample();

    fact.sample.altitude_m = 99999;
    fact.sample.heart_rate_bpm = 255; /* would read as "invalid" */
    fact.sample.speed_m_s = 65.535;   /* as well */
    fact.sample.temperature_c = 127;
    fact.sample.power_w = -1;
    assert_true(write_facts(&fact, 1, 1));
    read_back();
    assert_true(isnan(sample_of(&kept, 0)->altitude_m));
    assert_true(isnan(sample_of(&kept, 0)->heart_rate_bpm));
    assert_true(isnan(sample_of(&kept, 0)->speed_m_s));
    assert_true(isnan(sample_of(&kept, 0)->temperature_c));
    assert_true(isnan(sample_of(&kept, 0)->power_w));
    assert_near(sample_of(&kept, 0)->distance_m, 1234.56, 0.005);
}

static void test_facts_that_were_not_counted(void **state)
{
    struct activity_fact facts[] = { full_sample(), full_sample(), full_session() };

    assert_false(write_facts(facts, 2, 1)); /* one more */
    assert_false(write_facts(facts, 2, 3)); /* one less */
    facts[1].t_usec = ACTIVITY_NO_TIME;     /* is not written, nor counted */
    assert_true(write_facts(facts, 3, 3));
    read_back();
    assert_int_equal(count_of(&kept, ACTIVITY_SAMPLE), 1);
    assert_null(fact_of(&kept, ACTIVITY_TROUBLE, 0));
}

static void test_every_sport_comes_back(void **state)
{
    for (int sport = 0; sport <= ACTIVITY_SPORT_OTHER; sport++) {
        struct activity_fact fact = full_session();
        fact.session.sport = (enum activity_sport)sport;
        assert_true(write_facts(&fact, 1, 1));
        read_back();
        assert_int_equal(fact_of(&kept, ACTIVITY_SESSION, 0)->session.sport, sport);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_fact_comes_back),
        cmocka_unit_test(test_whence_the_heights_are_comes_back),
        cmocka_unit_test(test_what_is_absent_stays_absent),
        cmocka_unit_test(test_what_fit_cannot_say_is_absent_and_not_something_else),
        cmocka_unit_test(test_facts_that_were_not_counted),
        cmocka_unit_test(test_every_sport_comes_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
