/* SPDX-License-Identifier: MIT */
#include "hex.h"
#include "lib/sensor/unit.h"

#define S 1000000u

static struct unit undecided(void)
{
    struct unit unit;
    unit_init(&unit, CONF_CADENCE_AUTO, POD_UNIT_UNDECIDED);
    return unit;
}

/* Feeds until decided; returns the number of packets it took, 0 if all of `n` did not do. */
static int packets_until_decided(struct unit *unit, double raw, double speed, uint64_t every_usec,
                                 int n)
{
    for (int i = 1; i <= n; i++)
        if (unit_feed(unit, raw, speed, every_usec))
            return i;
    return 0;
}

static void test_the_rule(void **state)
{
    static const struct {
        double raw, speed;
        int factor;
    } rows[] = { { 172, 3.0, 1 }, { 86, 3.0, 2 },  { 109, 2.0, 2 }, { 110, 2.0, 1 },
                 { 100, 1.4, 1 }, { 125, 2.1, 1 }, { 0, 3.0, 1 } };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(unit_rule(rows[i].raw, rows[i].speed), rows[i].factor);
}

static void test_decided_after_thirty_seconds_at_any_rate(void **state)
{
    static const uint64_t every[] = { S / 50, S / 4, S * 97 / 100, S, 2 * S };
    for (size_t i = 0; i < sizeof every / sizeof every[0]; i++) {
        struct unit unit = undecided();
        int packets = packets_until_decided(&unit, 86, 3.0, every[i], 5000);
        assert_near(packets * (double)every[i] / S, 30, (double)every[i] / S);
        assert_int_equal(unit.verdict, POD_UNIT_STRIDES);
        assert_int_equal(unit_factor(&unit), 2);
        if (every[i] == S)
            assert_string_equal(unit.evidence, "median 86 at 3.0 m/s over 30 s");
    }
}

static void test_outliers_do_not_decide(void **state)
{
    struct unit unit = undecided();
    for (int i = 0; i < 29; i++)
        unit_feed(&unit, i % 3 ? 172 : 20, 3.0, S);
    assert_int_equal(unit_factor(&unit), 0);
    assert_string_equal(unit.evidence, "");
    assert_true(unit_feed(&unit, 172, 3.0, S));
    assert_int_equal(unit.verdict, POD_UNIT_STEPS);
}

static void test_running_in_pieces_adds_up(void **state)
{
    struct unit unit = undecided();
    for (int piece = 0; piece < 6; piece++) {
        assert_int_equal(packets_until_decided(&unit, 55, 1.4, S, 20), 0);
        assert_int_equal(packets_until_decided(&unit, 86, 3.0, S, 5), piece == 5 ? 5 : 0);
    }
    assert_int_equal(unit.verdict, POD_UNIT_STRIDES);
}

static void test_standing_and_no_cadence_is_no_evidence(void **state)
{
    struct unit unit = undecided();
    assert_int_equal(packets_until_decided(&unit, 0, 3.0, S, 1000), 0);
    assert_int_equal(packets_until_decided(&unit, 172, 0, S, 1000), 0);
}

static void test_walking_only(void **state)
{
    static const struct {
        const char *label;
        double raw, speed;
        enum pod_unit verdict;
    } rows[] = {
        { "steps at a walk: as strides they would be 220 steps", 110, 1.4, POD_UNIT_STEPS },
        { "fewer may be a jogger's strides", 109, 1.4, POD_UNIT_UNDECIDED },
        { "slow steps on a walking pad", 72, 0.625, POD_UNIT_UNDECIDED },
        { "strides of 0.9 m there", 40, 0.6, POD_UNIT_UNDECIDED },
        { "strides of 0.6 m there", 50, 0.5, POD_UNIT_UNDECIDED },
        { "strides at a walk: both readings possible", 55, 1.4, POD_UNIT_UNDECIDED },
        { "strides at a fast walk: 1.9 m is no step", 58, 1.9, POD_UNIT_STRIDES },
        { "nonsense: neither possible", 250, 0.6, POD_UNIT_UNDECIDED },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct unit unit = undecided();
        int packets = packets_until_decided(&unit, rows[i].raw, rows[i].speed, S, 1200);
        print_message("%s: %s\n", rows[i].label, unit.evidence);
        assert_int_equal(unit.verdict, rows[i].verdict);
        assert_int_equal(packets, rows[i].verdict ? 300 : 0);
    }
}

static void test_undecided_walker_is_decided_by_running(void **state)
{
    struct unit unit = undecided();
    assert_int_equal(packets_until_decided(&unit, 55, 1.4, S, 2000), 0);
    assert_int_equal(packets_until_decided(&unit, 85, 2.8, S, 2000), 30);
    assert_int_equal(unit.verdict, POD_UNIT_STRIDES);
}

static void test_never_again(void **state)
{
    struct unit unit = undecided();
    packets_until_decided(&unit, 86, 3.0, S, 100);
    assert_int_equal(packets_until_decided(&unit, 172, 3.0, S, 1000), 0);
    assert_int_equal(unit.verdict, POD_UNIT_STRIDES);
}

static void test_given_units(void **state)
{
    struct unit unit;
    unit_init(&unit, CONF_CADENCE_AUTO, POD_UNIT_STRIDES);
    assert_int_equal(unit_factor(&unit), 2);
    assert_string_equal(unit.evidence, "decided earlier");
    unit_init(&unit, CONF_CADENCE_STEPS, POD_UNIT_STRIDES);
    assert_int_equal(unit_factor(&unit), 1);
    assert_string_equal(unit.evidence, "configured");
    assert_int_equal(packets_until_decided(&unit, 86, 3.0, S, 100), 0);
    assert_int_equal(unit_factor(&unit), 1);
}

static void test_names(void **state)
{
    for (int u = POD_UNIT_UNDECIDED; u <= POD_UNIT_STRIDES; u++)
        assert_int_equal(pod_unit_from_name(pod_unit_name((enum pod_unit)u)), u);
    assert_string_equal(pod_unit_name(POD_UNIT_STEPS), "steps");
    assert_int_equal(pod_unit_from_name("rpm"), POD_UNIT_UNDECIDED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_rule),
        cmocka_unit_test(test_decided_after_thirty_seconds_at_any_rate),
        cmocka_unit_test(test_outliers_do_not_decide),
        cmocka_unit_test(test_running_in_pieces_adds_up),
        cmocka_unit_test(test_standing_and_no_cadence_is_no_evidence),
        cmocka_unit_test(test_walking_only),
        cmocka_unit_test(test_undecided_walker_is_decided_by_running),
        cmocka_unit_test(test_never_again),
        cmocka_unit_test(test_given_units),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
