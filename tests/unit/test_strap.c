/* SPDX-License-Identifier: MIT */
#include "hex.h"
#include "lib/sensor/strap.h"

#define S UINT64_C(1000000)

static struct strap worn(void)
{
    struct strap strap;
    strap_init(&strap);
    strap_link(&strap, true, 0);
    return strap;
}

static struct sample feed(struct strap *strap, double t_s, const char *hex)
{
    struct packet packet = packet_of(hex);
    struct heart_rate frame;
    struct sample sample = { .has = 99 };

    assert_true(decode_is_usable(heart_rate_decode(packet.bytes, packet.length, &frame)));
    assert_int_equal(strap_feed(strap, &frame, (uint64_t)(t_s * (double)S), &sample), DECODE_OK);
    return sample;
}

static void test_worn_strap(void **state)
{
    struct strap strap = worn();
    struct sample sample = feed(&strap, 10, "10 75 7203 2702");

    assert_int_equal(sample.has, SAMPLE_HEART_RATE | SAMPLE_RR);
    assert_int_equal(sample.heart_rate_bpm, 117);
    assert_int_equal(sample.n_rr, 2);
    assert_int_equal(sample.rr_1024[0], 882);
    assert_int_equal(sample.rr_1024[1], 551);
}

static void test_contact_bits(void **state)
{
    struct strap strap = worn();
    struct sample sample = feed(&strap, 10, "14 54 0003");

    assert_int_equal(sample.has, SAMPLE_NO_CONTACT);
    assert_int_equal(sample.heart_rate_bpm, 0);
    assert_int_equal(sample.n_rr, 0);
    assert_int_equal(feed(&strap, 11, "06 54").has, SAMPLE_HEART_RATE);
    assert_int_equal(feed(&strap, 12, "00 55").has, SAMPLE_HEART_RATE);
}

static void test_zero_is_no_reading(void **state)
{
    struct strap strap = worn();
    assert_int_equal(feed(&strap, 10, "06 00").has, 0);
}

static void test_impossible_rates(void **state)
{
    static const struct {
        int bpm;
        bool possible;
    } rows[] = { { 29, false }, { 30, true }, { 240, true }, { 241, false }, { 65535, false } };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct strap strap = worn();
        struct heart_rate frame = { .bpm = (uint16_t)rows[i].bpm, .n_rr = 1, .rr_1024 = { 800 } };
        struct sample sample = { .has = 99 };
        enum decode_result result = strap_feed(&strap, &frame, 10 * S, &sample);
        assert_int_equal(result, rows[i].possible ? DECODE_OK : DECODE_OUT_OF_RANGE);
        assert_int_equal(!!(sample.has & SAMPLE_HEART_RATE), rows[i].possible);
    }
}

static void test_first_seconds_after_the_link(void **state)
{
    struct strap strap = worn();
    assert_int_equal(feed(&strap, 1, "10 75 7203").has, 0);
    assert_int_equal(feed(&strap, 3.9, "10 76 7203").has, 0);
    assert_true(feed(&strap, 4, "10 75 7203").has & SAMPLE_HEART_RATE);
    strap_link(&strap, false, 5 * S);
    strap_link(&strap, true, 100 * S);
    assert_int_equal(feed(&strap, 101, "10 75 7203").has, 0);
    assert_true(feed(&strap, 102, "16 75 7203").has & SAMPLE_HEART_RATE); /* it says it is worn */
}

static void test_without_a_link_call_the_first_frame_begins(void **state)
{
    struct strap strap;
    strap_init(&strap);
    assert_int_equal(feed(&strap, 1000, "10 75 7203").has, 0);
    assert_true(feed(&strap, 1005, "10 75 7203").has & SAMPLE_HEART_RATE);
}

/* A Polar H10 taken off: 00 6F each second, now and then a frame with an RR of 6 s. */
static void test_frozen_strap_that_sent_rr(void **state)
{
    struct strap strap = worn();
    int t = 10;

    for (; t < 20; t++)
        assert_true(feed(&strap, t, "10 6f 2702").has & SAMPLE_HEART_RATE);
    assert_int_equal(feed(&strap, t++, "00 6f").has, SAMPLE_HEART_RATE);
    assert_int_equal(feed(&strap, t++, "00 6f").has, SAMPLE_HEART_RATE);
    assert_int_equal(feed(&strap, t++, "00 6f").has, SAMPLE_NO_CONTACT);
    for (; t < 60; t++)
        assert_int_equal(feed(&strap, t, t % 7 ? "00 6f" : "10 6f fb17").has, SAMPLE_NO_CONTACT);
    assert_int_equal(feed(&strap, t++, "10 6f 2702").has, SAMPLE_HEART_RATE | SAMPLE_RR);
}

static void test_off_the_body_when_linked(void **state)
{
    struct strap strap = worn();
    strap_link(&strap, true, 0);
    feed(&strap, 0.2, "10 6f 2702"); /* three old frames from its buffer */
    feed(&strap, 0.4, "10 6f 2702");
    feed(&strap, 0.6, "10 6f 2702");
    for (int t = 1; t < 100; t++)
        assert_false(feed(&strap, t, "00 6f").has & SAMPLE_HEART_RATE);
}

static void test_frozen_rate_without_rr_ever(void **state)
{
    struct strap strap = worn();
    int t = 10;

    assert_true(feed(&strap, t, "06 6f").has & SAMPLE_HEART_RATE);
    for (t = 11; t < 70; t++)
        assert_true(feed(&strap, t, "06 6f").has & SAMPLE_HEART_RATE);
    for (; t < 200; t++)
        assert_int_equal(feed(&strap, t, "06 6f").has, SAMPLE_NO_CONTACT);
    assert_int_equal(feed(&strap, t, "06 70").has, SAMPLE_HEART_RATE);
}

static void test_constant_rate_with_beats_is_alive(void **state)
{
    struct strap strap = worn();
    for (int t = 10; t < 300; t++)
        assert_true(feed(&strap, t, "10 78 0002").has & SAMPLE_HEART_RATE);
}

static void test_beats_left_out_on_a_body(void **state)
{
    struct strap strap = worn();
    /* slow heart: every other frame has no beat; an optical band: none for long, rate changes */
    for (int t = 10; t < 100; t++)
        assert_true(feed(&strap, t, t % 2 ? "10 28 0006" : "10 28").has & SAMPLE_HEART_RATE);
    for (int t = 100; t < 200; t++)
        assert_true(feed(&strap, t, t % 4 < 2 ? "00 60" : "00 61").has & SAMPLE_HEART_RATE);
    /* four frames a second, a beat each 1.5 s */
    for (int i = 0; i < 400; i++)
        assert_true(feed(&strap, 200 + i / 4.0, i % 6 ? "00 28" : "10 28 0006").has &
                    SAMPLE_HEART_RATE);
}

static void test_contact_bit_outweighs_missing_beats(void **state)
{
    struct strap strap = worn();
    feed(&strap, 10, "16 78 0002");
    for (int t = 11; t < 60; t++)
        assert_true(feed(&strap, t, "06 78").has & SAMPLE_HEART_RATE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_worn_strap),
        cmocka_unit_test(test_contact_bits),
        cmocka_unit_test(test_zero_is_no_reading),
        cmocka_unit_test(test_impossible_rates),
        cmocka_unit_test(test_first_seconds_after_the_link),
        cmocka_unit_test(test_without_a_link_call_the_first_frame_begins),
        cmocka_unit_test(test_frozen_strap_that_sent_rr),
        cmocka_unit_test(test_off_the_body_when_linked),
        cmocka_unit_test(test_frozen_rate_without_rr_ever),
        cmocka_unit_test(test_constant_rate_with_beats_is_alive),
        cmocka_unit_test(test_beats_left_out_on_a_body),
        cmocka_unit_test(test_contact_bit_outweighs_missing_beats),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
