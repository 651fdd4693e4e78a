/* SPDX-License-Identifier: MIT */
#include "fit_bytes.h"
#include "lib/activity/fit.h"

static struct kept kept;
static struct fit_bytes file;

static void fresh(uint8_t header_size)
{
    memset(&file, 0, sizeof(file));
    fit_open(&file, header_size);
    put_file_id(&file, 4);
}

/* As one piece, or byte by byte: what is said must not depend on it. */
static void decode_in(size_t piece)
{
    static struct fit fit;
    struct activity_sink sink = { keep, &kept };

    kept.n = 0;
    fit_init(&fit, &sink);
    for (size_t at = 0; at < file.length; at += piece) {
        size_t n = file.length - at < piece ? file.length - at : piece;
        uint8_t *copy = exact_copy(file.bytes + at, n);
        bool more = fit_feed(&fit, copy, n);
        free(copy);
        if (!more)
            break;
    }
    fit_end(&fit);
}

static void decode(void)
{
    int n;

    decode_in(1);
    n = kept.n;
    decode_in(sizeof(file.bytes));
    assert_int_equal(kept.n, n);
}

#define RECORD "253 4 134, 3 1 2"

static void put_record(uint32_t seconds, uint8_t bpm)
{
    put(&file, 1, 1);
    put(&file, START + seconds, 4);
    put(&file, bpm, 1);
}

static void test_both_headers_and_both_byte_orders(void **state)
{
    for (int i = 0; i < 4; i++) {
        memset(&file, 0, sizeof(file));
        file.big_endian = i & 1;
        fit_open(&file, i & 2 ? 12 : 14);
        put_file_id(&file, 4);
        define(&file, 1, 20, RECORD);
        put_record(7, 140);
        fit_close(&file);
        decode();
        assert_int_equal(kept.n, 2);
        assert_int_equal(fact_of(&kept, ACTIVITY_FILE, 0)->file.kind, ACTIVITY_KIND_ACTIVITY);
        assert_string_equal(fact_of(&kept, ACTIVITY_FILE, 0)->file.maker, "garmin");
        assert_string_equal(fact_of(&kept, ACTIVITY_FILE, 0)->file.product, "3121");
        assert_int_equal(fact_of(&kept, ACTIVITY_SAMPLE, 0)->t_usec, START_USEC + 7000000);
        assert_near(sample_of(&kept, 0)->heart_rate_bpm, 140, 0);
        assert_true(isnan(sample_of(&kept, 0)->distance_m));
    }
}

static void test_the_orders_mix_within_a_file(void **state)
{
    fresh(14);
    define(&file, 1, 20, RECORD);
    file.big_endian = true;
    define(&file, 2, 20, "253 4 134, 5 4 134");
    file.big_endian = false;
    put_record(1, 120);
    put(&file, 2, 1);
    file.big_endian = true;
    put(&file, START + 2, 4);
    put(&file, 1234, 4);
    fit_close(&file);
    decode();
    assert_near(sample_of(&kept, 0)->heart_rate_bpm, 120, 0);
    assert_near(sample_of(&kept, 1)->distance_m, 12.34, 1e-9);
}

static void test_every_field_of_a_record(void **state)
{
    const struct activity_sample *s;

    fresh(14);
    define(&file, 1, 20,
           "253 4 134, 0 4 133, 1 4 133, 2 2 132, 3 1 2, 4 1 2, 53 1 2, 5 4 134, 6 2 132, 7 2 132, "
           "13 1 1");
    put(&file, 1, 1);
    put(&file, START, 4);
    put(&file, 0x20000000, 4);            /* 45 degrees */
    put(&file, (uint32_t)-0x10000000, 4); /* -22.5 */
    put(&file, (100 + 500) * 5, 2);
    put(&file, 150, 1);
    put(&file, 83, 1);
    put(&file, 64, 1); /* a half */
    put(&file, 123456, 4);
    put(&file, 3250, 2);
    put(&file, 251, 2);
    put(&file, (uint8_t)-7, 1);
    fit_close(&file);
    decode();
    s = sample_of(&kept, 0);
    assert_near(s->latitude_deg, 45, 1e-9);
    assert_near(s->longitude_deg, -22.5, 1e-9);
    assert_near(s->altitude_m, 100, 1e-9);
    assert_near(s->heart_rate_bpm, 150, 0);
    assert_near(s->cycles_per_min, 83.5, 1e-9);
    assert_near(s->distance_m, 1234.56, 1e-9);
    assert_near(s->speed_m_s, 3.25, 1e-9);
    assert_near(s->power_w, 251, 0);
    assert_near(s->temperature_c, -7, 0);
}

static void test_enhanced_fields_win_over_short_ones(void **state)
{
    fresh(14);
    define(&file, 1, 20, "253 4 134, 2 2 132, 78 4 134, 6 2 132, 73 4 134, 4 1 2, 52 2 132");
    put(&file, 1, 1);
    put(&file, START, 4);
    put(&file, 0xffff, 2); /* invalid: too high for 16 bits */
    put(&file, (9000 + 500) * 5, 4);
    put(&file, 0xffff, 2);
    put(&file, 70000, 4);
    put(&file, 80, 1);
    put(&file, 80 * 256 + 64, 2);
    fit_close(&file);
    decode();
    assert_near(sample_of(&kept, 0)->altitude_m, 9000, 1e-9);
    assert_near(sample_of(&kept, 0)->speed_m_s, 70, 1e-9);
    assert_near(sample_of(&kept, 0)->cycles_per_min, 80.25, 1e-9);
}

static void test_invalid_and_impossible_values_are_absent(void **state)
{
    static const struct {
        const char *label, *fields;
        uint64_t value;
        size_t width;
    } rows[] = {
        { "heart rate 255", "3 1 2", 0xff, 1 },
        { "heart rate 0", "3 1 2", 0, 1 },
        { "a heart rate of 16 bits", "3 2 132", 300, 2 },
        { "distance of all ones", "5 4 134", 0xffffffff, 4 },
        { "a distance below 0", "5 4 133", (uint32_t)-500, 4 },
        { "a place without longitude", "0 4 133", 0x20000000, 4 },
        { "no temperature", "13 1 1", 0x7f, 1 },
        { "altitude of a float that is none", "78 4 136", 0x7fc00000, 4 },
        { "a type that nobody defined", "3 1 31", 90, 1 },
        { "fewer bytes than its type has", "5 2 134", 90, 2 },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct activity_sample *s;
        print_message("%s\n", rows[i].label);
        fresh(14);
        define(&file, 1, 20, rows[i].fields);
        put(&file, 1, 1);
        put(&file, rows[i].value, rows[i].width);
        fit_close(&file);
        decode();
        s = sample_of(&kept, 0);
        assert_true(isnan(s->heart_rate_bpm) && isnan(s->distance_m) && isnan(s->latitude_deg) &&
                    isnan(s->temperature_c) && isnan(s->altitude_m));
        assert_null(fact_of(&kept, ACTIVITY_TROUBLE, 0));
    }
}

static void test_compressed_timestamps(void **state)
{
    /* 5 bits of each second: 31 -> 0 is one second, not minus thirty-one. */
    static const struct {
        uint8_t bits;
        int seconds;
    } rows[] = { { (START + 3) & 31, 3 },
                 { (START + 9) & 31, 9 },
                 { (START + 39) & 31, 39 },
                 { (START + 39) & 31, 39 } };

    fresh(14);
    define(&file, 1, 20, RECORD);
    define(&file, 2, 20, "3 1 2");
    put_record(0, 100);
    for (size_t i = 0; i < 4; i++) {
        put(&file, 0x80u | 2u << 5 | rows[i].bits, 1);
        put(&file, 100 + i, 1);
    }
    fit_close(&file);
    decode();
    for (int i = 0; i < 4; i++)
        assert_int_equal(fact_of(&kept, ACTIVITY_SAMPLE, i + 1)->t_usec,
                         START_USEC + rows[i].seconds * INT64_C(1000000));
}

static void test_compressed_speed_and_distance_count_on(void **state)
{
    /* 12 bits of speed in 1/100 m/s, 12 of distance in 1/16 m: 2.50 m/s at 250 m, then 10 m on,
     * which is beyond the 256 m that 12 bits have. */
    static const uint16_t distances_16[] = { 250 * 16, 260 * 16, 300 * 16 };

    fresh(14);
    define(&file, 1, 20, "253 4 134, 8 3 13");
    for (unsigned i = 0; i < 3; i++) {
        unsigned d = distances_16[i] & 0xfff;
        put(&file, 1, 1);
        put(&file, START + i, 4);
        put(&file, 250 & 0xff, 1);
        put(&file, 250 >> 8 | (d & 0xf) << 4, 1);
        put(&file, d >> 4, 1);
    }
    fit_close(&file);
    decode();
    for (int i = 0; i < 3; i++) {
        assert_near(sample_of(&kept, i)->speed_m_s, 2.5, 1e-9);
        assert_near(sample_of(&kept, i)->distance_m, distances_16[i] / 16.0, 1e-9);
    }
}

static void test_developer_fields_are_passed_over(void **state)
{
    fresh(14);
    put(&file, 0x60 | 1, 1); /* a definition that has them */
    put(&file, 0, 2);
    put(&file, 20, 2);
    put(&file, 1, 1);
    put(&file, 3, 1);
    put(&file, 1, 1);
    put(&file, 2, 1);
    put(&file, 2, 1); /* two of 255 and 40 bytes */
    put(&file, 0, 1);
    put(&file, 255, 1);
    put(&file, 0, 1);
    put(&file, 1, 1);
    put(&file, 40, 1);
    put(&file, 0, 1);
    for (unsigned i = 0; i < 2; i++) {
        put(&file, 1, 1);
        put(&file, 130 + i, 1);
        for (int k = 0; k < 295; k++)
            put(&file, 0x55, 1);
    }
    fit_close(&file);
    decode();
    assert_near(sample_of(&kept, 0)->heart_rate_bpm, 130, 0);
    assert_near(sample_of(&kept, 1)->heart_rate_bpm, 131, 0);
}

static void test_a_session_and_its_timer(void **state)
{
    const struct activity_fact *fact;

    fresh(14);
    define(&file, 2, 21, "253 4 134, 0 1 0, 1 1 0");
    for (unsigned i = 0; i < 2; i++) {
        put(&file, 2, 1);
        put(&file, START + 60 * i, 4);
        put(&file, 0, 1);
        put(&file, i ? 4 : 0, 1);
    }
    define(&file, 3, 18,
           "253 4 134, 2 4 134, 5 1 0, 6 1 0, 7 4 134, 8 4 134, 9 4 134, 10 4 134, 16 1 2, 17 1 2, "
           "18 1 2, 92 1 2, 22 2 132, 23 2 132, 94 1 2, 95 2 132");
    put(&file, 3, 1);
    put(&file, START + 60, 4);
    put(&file, START, 4);
    put(&file, 1, 1);
    put(&file, 1, 1);
    put(&file, 61500, 4);
    put(&file, 60000, 4);
    put(&file, 18050, 4);
    put(&file, 85, 4);
    put(&file, 150, 1);
    put(&file, 171, 1);
    put(&file, 85, 1);
    put(&file, 32, 1);
    put(&file, 12, 2);
    put(&file, 0xffff, 2);
    put(&file, 64, 1);
    put(&file, 1300, 2); /* haemoglobin */
    fit_close(&file);
    decode();
    assert_true(fact_of(&kept, ACTIVITY_TIMER, 0)->running);
    assert_false(fact_of(&kept, ACTIVITY_TIMER, 1)->running);
    assert_int_equal(fact_of(&kept, ACTIVITY_TIMER, 1)->t_usec, START_USEC + 60000000);
    fact = fact_of(&kept, ACTIVITY_SESSION, 0);
    assert_int_equal(fact->t_usec, START_USEC);
    assert_int_equal(fact->session.sport, ACTIVITY_SPORT_RUNNING);
    assert_true(fact->session.indoors);
    assert_near(fact->session.elapsed_s, 61.5, 1e-9);
    assert_near(fact->session.timer_s, 60, 1e-9);
    assert_near(fact->session.distance_m, 180.5, 1e-9);
    assert_near(fact->session.cycles, 85.5, 0);
    assert_near(fact->session.heart_rate_mean_bpm, 150, 0);
    assert_near(fact->session.heart_rate_max_bpm, 171, 0);
    assert_near(fact->session.cycles_mean_per_min, 85.25, 1e-9);
    assert_near(fact->session.ascent_m, 12, 0);
    assert_true(isnan(fact->session.descent_m));
}

static void test_the_sport_a_recorder_is_set_to(void **state)
{
    fresh(14);
    define(&file, 2, 12, "0 1 0, 1 1 0, 3 4 7");
    put(&file, 2, 1);
    put(&file, 11, 1);
    put(&file, 27, 1);
    put(&file, 0x6b6c6157, 4);
    fit_close(&file);
    decode();
    assert_int_equal(fact_of(&kept, ACTIVITY_SPORT, 0)->choice.sport, ACTIVITY_SPORT_WALKING);
    assert_int_equal(fact_of(&kept, ACTIVITY_SPORT, 0)->choice.sub_sport, 27);
    assert_true(fact_of(&kept, ACTIVITY_SPORT, 0)->choice.indoors);
}

static void test_beats_and_a_barometer(void **state)
{
    fresh(14);
    define(&file, 2, 78, "0 10 132");
    put(&file, 2, 1);
    put(&file, 812, 2);
    put(&file, 0xffff, 2);
    put(&file, 799, 2);
    put(&file, 0xffff, 2);
    put(&file, 0xffff, 2);
    define(&file, 3, 23, "253 4 134, 1 1 2, 25 1 0, 27 5 7");
    put(&file, 3, 1);
    put(&file, START, 4);
    put(&file, 4, 1);
    put(&file, 5, 1);
    memcpy(file.bytes + file.length, "Abcde", 5); /* no NUL: the field ends it */
    file.length += 5;
    fit_close(&file);
    decode();
    assert_int_equal(fact_of(&kept, ACTIVITY_BEATS, 0)->beats.n, 2);
    assert_near(fact_of(&kept, ACTIVITY_BEATS, 0)->beats.rr_ms[1], 799, 0);
    assert_true(fact_of(&kept, ACTIVITY_DEVICE, 0)->device.barometer);
    assert_string_equal(fact_of(&kept, ACTIVITY_DEVICE, 0)->device.product, "Abcde");
}

/* A definition may give any field any type: what comes out must still be a sport, a heart rate, .. */
static void test_numbers_of_a_type_that_nobody_expects(void **state)
{
    static const char *const types[] = { "8 137", "4 136", "8 142", "8 143", "1 1", "4 133" };

    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        unsigned size;
        char fields[200] = "";
        const struct activity_session *session;
        static const int numbers[] = { 5, 6, 7, 8, 9, 10, 16, 17, 18, 22, 23 };
        assert_int_equal(sscanf(types[i], "%u", &size), 1);
        for (size_t k = 0; k < sizeof(numbers) / sizeof(numbers[0]); k++)
            snprintf(fields + strlen(fields), sizeof(fields) - strlen(fields), "%s%d %s",
                     k ? ", " : "", numbers[k], types[i]);
        fresh(14);
        define(&file, 1, 18, fields);
        put(&file, 1, 1);
        for (size_t k = 0; k < sizeof(numbers) / sizeof(numbers[0]); k++)
            put(&file, UINT64_C(0xffefffffffffffff) >> (64 - 8 * size), size);
        define(&file, 2, 0, "0 8 137, 1 8 137, 2 8 137");
        put(&file, 2, 1);
        for (int k = 0; k < 3; k++)
            put(&file, UINT64_C(0xffefffffffffffff), 8); /* the lowest number there is */
        fit_close(&file);
        decode();
        session = &fact_of(&kept, ACTIVITY_SESSION, 0)->session;
        assert_int_equal(session->sub_sport, -1);
        assert_true(isnan(session->distance_m) && isnan(session->timer_s));
        assert_true(isnan(session->heart_rate_mean_bpm) && isnan(session->cycles));
        assert_int_equal(fact_of(&kept, ACTIVITY_FILE, 1)->file.kind, ACTIVITY_KIND_UNKNOWN);
    }
}

/* hr messages: the strap's clock starts near its end of 32 bits, and runs over within the run. */
static void test_heart_rate_loaded_from_the_strap(void **state)
{
    uint32_t clock_1024 = 0xfffffc00;
    uint32_t first = clock_1024 + 700, second = first + 4000; /* nearly 12 bits apart */

    fresh(14);
    fit_close(&file);
    fit_open(&file, 14);
    define(&file, 1, 132, "253 4 134, 0 2 132, 6 1 2, 9 4 134");
    put(&file, 1, 1);
    put(&file, START, 4);
    put(&file, 16384, 2); /* and a half */
    put(&file, 90, 1);
    put(&file, clock_1024, 4);
    define(&file, 2, 132, "6 2 2, 10 3 13");
    put(&file, 2, 1);
    put(&file, 91, 1);
    put(&file, 92, 1);
    put(&file, first & 0xff, 1);
    put(&file, (first >> 8 & 0xf) | (second & 0xf) << 4, 1);
    put(&file, second >> 4 & 0xff, 1);
    fit_close(&file);
    decode();
    assert_int_equal(count_of(&kept, ACTIVITY_HEART), 3);
    assert_int_equal(fact_of(&kept, ACTIVITY_HEART, 0)->t_usec, START_USEC + 500000);
    assert_int_equal(fact_of(&kept, ACTIVITY_HEART, 1)->t_usec,
                     START_USEC + 500000 + INT64_C(700) * 1000000 / 1024);
    assert_int_equal(fact_of(&kept, ACTIVITY_HEART, 2)->t_usec,
                     START_USEC + 500000 + INT64_C(4700) * 1000000 / 1024);
    assert_near(fact_of(&kept, ACTIVITY_HEART, 2)->heart_rate_bpm, 92, 0);
}

static void test_a_chain_forgets_what_was_defined(void **state)
{
    fresh(12);
    define(&file, 1, 20, RECORD);
    put_record(0, 100);
    fit_close(&file);
    fit_open(&file, 12);
    put_record(1, 101); /* of a local message that this file never defined */
    fit_close(&file);
    decode();
    assert_int_equal(count_of(&kept, ACTIVITY_SAMPLE), 1);
    assert_trouble(&kept, 0, ACTIVITY_TROUBLE_CORRUPT);
}

static void test_courses_give_no_samples(void **state)
{
    memset(&file, 0, sizeof(file));
    fit_open(&file, 14);
    put_file_id(&file, 6);
    define(&file, 1, 20, RECORD);
    put_record(0, 100);
    fit_close(&file);
    decode();
    assert_int_equal(fact_of(&kept, ACTIVITY_FILE, 0)->file.kind, ACTIVITY_KIND_COURSE);
    assert_int_equal(count_of(&kept, ACTIVITY_SAMPLE), 0);
}

/* ---- files that are not as they should be ---------------------------------------------------- */

static void two_records(void)
{
    fresh(14);
    define(&file, 1, 20, RECORD);
    put_record(0, 100);
    put_record(1, 101);
}

static void test_a_wrong_checksum_is_told_and_all_is_read(void **state)
{
    two_records();
    fit_close(&file);
    file.bytes[file.length - 1] ^= 1;
    decode();
    assert_int_equal(count_of(&kept, ACTIVITY_SAMPLE), 2);
    assert_trouble(&kept, 0, ACTIVITY_TROUBLE_CHECKSUM);
}

static void test_cut_anywhere_gives_what_was_whole(void **state)
{
    size_t whole;

    two_records();
    fit_close(&file);
    whole = file.length;
    for (file.length = whole - 1; file.length > 0; file.length--) {
        decode();
        assert_int_equal(count_of(&kept, ACTIVITY_TROUBLE), 1);
        assert_trouble(&kept, 0, file.length < 14 ? ACTIVITY_TROUBLE_FORMAT : ACTIVITY_TROUBLE_CUT);
    }
}

static void test_a_data_size_of_0_is_read_to_the_end(void **state)
{
    two_records();
    decode();
    assert_int_equal(count_of(&kept, ACTIVITY_SAMPLE), 2);
    assert_int_equal(count_of(&kept, ACTIVITY_TROUBLE), 1);
    assert_trouble(&kept, 0, ACTIVITY_TROUBLE_UNFINISHED);
}

static void test_a_data_size_of_4_gb(void **state)
{
    two_records();
    fit_close(&file);
    memset(file.bytes + 4, 0xff, 4);
    decode();
    assert_int_equal(count_of(&kept, ACTIVITY_SAMPLE), 2);
    assert_int_equal(count_of(&kept, ACTIVITY_TROUBLE), 1);
}

static void test_a_message_beyond_the_data(void **state)
{
    two_records();
    fit_close(&file);
    file.bytes[4] -= 3;
    decode();
    assert_int_equal(count_of(&kept, ACTIVITY_SAMPLE), 1);
    assert_trouble(&kept, 0, ACTIVITY_TROUBLE_CORRUPT);
}

static void test_a_byte_order_that_is_none(void **state)
{
    two_records();
    define(&file, 2, 20, RECORD);
    file.bytes[file.length - 10] = 0xe5;
    fit_close(&file);
    decode();
    assert_int_equal(count_of(&kept, ACTIVITY_SAMPLE), 2);
    assert_trouble(&kept, 0, ACTIVITY_TROUBLE_CORRUPT);
}

static void test_something_else_behind_the_end(void **state)
{
    two_records();
    fit_close(&file);
    memset(file.bytes + file.length, 'x', 40);
    file.length += 40;
    decode();
    assert_int_equal(count_of(&kept, ACTIVITY_SAMPLE), 2);
    assert_trouble(&kept, 0, ACTIVITY_TROUBLE_TRAILING);
}

static void test_definitions_of_nothing(void **state)
{
    fresh(14);
    define(&file, 1, 20, "");
    put(&file, 1, 1);
    define(&file, 1, 20, "3 0 2, 253 4 134");
    put(&file, 1, 1);
    put(&file, START, 4);
    fit_close(&file);
    decode();
    assert_int_equal(count_of(&kept, ACTIVITY_SAMPLE), 2);
    assert_true(fact_of(&kept, ACTIVITY_SAMPLE, 0)->t_usec == ACTIVITY_NO_TIME);
    assert_int_equal(fact_of(&kept, ACTIVITY_SAMPLE, 1)->t_usec, START_USEC);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_headers_and_both_byte_orders),
        cmocka_unit_test(test_the_orders_mix_within_a_file),
        cmocka_unit_test(test_every_field_of_a_record),
        cmocka_unit_test(test_enhanced_fields_win_over_short_ones),
        cmocka_unit_test(test_invalid_and_impossible_values_are_absent),
        cmocka_unit_test(test_compressed_timestamps),
        cmocka_unit_test(test_compressed_speed_and_distance_count_on),
        cmocka_unit_test(test_developer_fields_are_passed_over),
        cmocka_unit_test(test_a_session_and_its_timer),
        cmocka_unit_test(test_the_sport_a_recorder_is_set_to),
        cmocka_unit_test(test_beats_and_a_barometer),
        cmocka_unit_test(test_numbers_of_a_type_that_nobody_expects),
        cmocka_unit_test(test_heart_rate_loaded_from_the_strap),
        cmocka_unit_test(test_a_chain_forgets_what_was_defined),
        cmocka_unit_test(test_courses_give_no_samples),
        cmocka_unit_test(test_a_wrong_checksum_is_told_and_all_is_read),
        cmocka_unit_test(test_cut_anywhere_gives_what_was_whole),
        cmocka_unit_test(test_a_data_size_of_0_is_read_to_the_end),
        cmocka_unit_test(test_a_data_size_of_4_gb),
        cmocka_unit_test(test_a_message_beyond_the_data),
        cmocka_unit_test(test_a_byte_order_that_is_none),
        cmocka_unit_test(test_something_else_behind_the_end),
        cmocka_unit_test(test_definitions_of_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
