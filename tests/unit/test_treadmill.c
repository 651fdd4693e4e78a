/* SPDX-License-Identifier: MIT */
#include "hex.h"
#include "lib/gatt/treadmill.h"

#define OK        DECODE_OK
#define TRUNCATED DECODE_TRUNCATED

static struct treadmill_record decoded(const char *hex, enum decode_result expected)
{
    struct packet packet = packet_of(hex);
    uint8_t *bytes = exact_copy(packet.bytes, packet.length);
    struct treadmill_record record;
    enum decode_result result = treadmill_decode(bytes, packet.length, &record);

    free(bytes);
    if (result != expected)
        fail_msg("%s: %s", hex, decode_result_name(result));
    return record;
}

/* Every field has a value of its own, so that a shifted one is seen. */
#define ALL_BUT_PACE "1000 2000 300000 4000 5000 6000 7000"
#define AFTER_PACE   "8000 9000 a0 b0 c0 d000 e000 f000 f100"

static void assert_before_pace(const struct treadmill_record *r)
{
    assert_int_equal(r->speed, 0x10);
    assert_int_equal(r->average_speed, 0x20);
    assert_int_equal(r->total_distance_m, 0x30);
    assert_int_equal(r->inclination, 0x40);
    assert_int_equal(r->ramp_angle, 0x50);
    assert_int_equal(r->positive_gain_dm, 0x60);
    assert_int_equal(r->negative_gain_dm, 0x70);
    assert_int_equal(r->has & 0x7F, 0x7F);
}

static void assert_after_pace(const struct treadmill_record *r)
{
    assert_int_equal(r->energy_kcal, 0x80);
    assert_int_equal(r->energy_per_hour_kcal, 0x90);
    assert_int_equal(r->energy_per_minute_kcal, 0xa0);
    assert_int_equal(r->heart_rate_bpm, 0xb0);
    assert_int_equal(r->metabolic, 0xc0);
    assert_int_equal(r->elapsed_s, 0xd0);
    assert_int_equal(r->remaining_s, 0xe0);
    assert_int_equal(r->force_n, 0xf0);
    assert_int_equal(r->power_w, 0xf1);
    assert_int_equal(r->has & 0xFF80, 0xFF80);
}

static void test_all_fields_with_every_size_of_pace(void **state)
{
    static const struct {
        const char *label, *hex;
        bool steps;
    } rows[] = {
        { "no pace", "9e1f" ALL_BUT_PACE AFTER_PACE, false },
        { "one pace of one byte", "be1f" ALL_BUT_PACE "77" AFTER_PACE, false },
        { "one pace of two", "be1f" ALL_BUT_PACE "7777" AFTER_PACE, false },
        { "average pace only, one byte", "de1f" ALL_BUT_PACE "77" AFTER_PACE, false },
        { "both paces of one byte", "fe1f" ALL_BUT_PACE "7777" AFTER_PACE, false },
        { "both paces of two", "fe1f" ALL_BUT_PACE "77777777" AFTER_PACE, false },
        { "steps behind one byte", "be3f" ALL_BUT_PACE "77" AFTER_PACE "010203", true },
        { "steps behind two bytes", "be3f" ALL_BUT_PACE "7777" AFTER_PACE "010203", true },
        { "steps behind both of two", "fe3f" ALL_BUT_PACE "77777777" AFTER_PACE "010203", true },
        { "steps, no pace", "9e3f" ALL_BUT_PACE AFTER_PACE "010203", true },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct treadmill_record r = decoded(rows[i].hex, OK);
        print_message("%s\n", rows[i].label);
        assert_before_pace(&r);
        assert_after_pace(&r);
        assert_int_equal(!!(r.has & TREADMILL_STEPS), rows[i].steps);
        assert_int_equal(r.steps, rows[i].steps ? 0x030201 : 0);
    }
}

static void test_step_flag_without_its_bytes(void **state)
{
    struct treadmill_record r = decoded("be3f" ALL_BUT_PACE "77" AFTER_PACE, TRUNCATED);
    assert_after_pace(&r);
    assert_false(r.has & TREADMILL_STEPS);
}

static void test_pace_of_no_known_size_ends_the_reading(void **state)
{
    struct treadmill_record r = decoded("be1f" ALL_BUT_PACE "777777" AFTER_PACE, TRUNCATED);
    assert_before_pace(&r);
    assert_int_equal(r.has & ~0x7Fu, 0);
}

static void test_not_available_is_absent(void **state)
{
    struct treadmill_record r = decoded(
        "9e1f ffff ffff ffffff ff7f ff7f ff7f ffff ffff ffff ff ff ff 0000 0000 ff7f ff7f", OK);
    assert_int_equal(r.has, TREADMILL_ELAPSED | TREADMILL_REMAINING);
}

static void test_negative_inclination(void **state)
{
    struct treadmill_record r = decoded("0800 1000 e2ff ff7f", OK);
    assert_int_equal(r.inclination, -30);
    assert_int_equal(r.has, TREADMILL_SPEED | TREADMILL_INCLINATION);
}

/* Matrix TouchXL: the first says More Data and has no speed, the second completes it. */
static void test_split_record(void **state)
{
    struct treadmill_record first =
        decoded("9f00 6100 360000 0000 ff7f 0000 ffff 0500 6e00 02", OK);
    struct treadmill_record second = decoded("001f 7100 00 02 cc00 3c06 ff7f 1a00", OK);

    assert_true(first.more_data);
    assert_false(first.has & TREADMILL_SPEED);
    treadmill_merge(&first, &second);
    assert_false(first.more_data);
    assert_int_equal(first.speed, 113);
    assert_int_equal(first.average_speed, 97);
    assert_int_equal(first.total_distance_m, 54);
    assert_int_equal(first.energy_kcal, 5);
    assert_int_equal(first.elapsed_s, 204);
    assert_int_equal(first.remaining_s, 1596);
    assert_int_equal(first.power_w, 26);
    assert_false(first.has & (TREADMILL_FORCE | TREADMILL_NEGATIVE_GAIN | TREADMILL_RAMP_ANGLE));
}

static void test_later_part_wins_and_absent_does_not(void **state)
{
    struct treadmill_record record = decoded("1f20 0100 020000 0300 0400 0500 0600 070000", OK);
    struct treadmill_record part = decoded("0600 1000 ffff 110000", OK);

    treadmill_merge(&record, &part);
    assert_int_equal(record.average_speed, 1); /* FFFF in the part: nothing new */
    assert_int_equal(record.total_distance_m, 0x11);
    assert_int_equal(record.inclination, 3);
    assert_int_equal(record.negative_gain_dm, 6);
    assert_int_equal(record.steps, 7);
    assert_int_equal(record.speed, 0x10);
}

static void test_merge_takes_every_field(void **state)
{
    struct treadmill_record whole = decoded("9e3f" ALL_BUT_PACE AFTER_PACE "010203", OK);
    struct treadmill_record record = { .more_data = true };

    treadmill_merge(&record, &whole);
    assert_before_pace(&record);
    assert_after_pace(&record);
    assert_int_equal(record.steps, 0x030201);
    assert_int_equal(record.has, whole.has);
    assert_false(record.more_data);
}

static void test_mandatory_cut_leaves_output(void **state)
{
    static const char *const rows[] = { "", "00", "0000", "0000 10", "9e1f 10" };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct packet packet = packet_of(rows[i]);
        struct treadmill_record record, untouched;
        memset(&record, 0x5A, sizeof record);
        untouched = record;
        assert_int_equal(treadmill_decode(packet.bytes, packet.length, &record), DECODE_SHORT);
        assert_memory_equal(&record, &untouched, sizeof record);
    }
}

/* What is whole stays whole, wherever the packet ends. */
static void test_cut_at_every_length(void **state)
{
    struct packet packet = packet_of("9e3f" ALL_BUT_PACE AFTER_PACE "010203");
    uint32_t before = 0;

    for (size_t length = 0; length <= packet.length; length++) {
        uint8_t *bytes = exact_copy(packet.bytes, length);
        struct treadmill_record r = { 0 };
        enum decode_result result = treadmill_decode(bytes, length, &r);

        assert_int_equal(result, length < 4               ? DECODE_SHORT
                                 : length < packet.length ? TRUNCATED
                                                          : OK);
        assert_int_equal(before & ~r.has, 0); /* a longer packet never tells less */
        before = r.has;
        free(bytes);
    }
    assert_int_equal(before, 0x1FFFF);
}

static void test_every_flag_at_every_length(void **state)
{
    uint8_t filled[48];
    memset(filled, 0x11, sizeof filled);
    for (unsigned flags = 0; flags < 0x10000; flags += 1) {
        size_t length = flags % sizeof filled;
        uint8_t *bytes;
        struct treadmill_record r = { .has = UINT32_MAX };
        enum decode_result result;

        filled[0] = (uint8_t)flags;
        filled[1] = (uint8_t)(flags >> 8);
        bytes = exact_copy(filled, length);
        result = treadmill_decode(bytes, length, &r);
        assert_int_equal(result == DECODE_SHORT, length < (flags & 1 ? 2u : 4u));
        assert_int_equal(r.has == UINT32_MAX, result == DECODE_SHORT);
        free(bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_fields_with_every_size_of_pace),
        cmocka_unit_test(test_step_flag_without_its_bytes),
        cmocka_unit_test(test_pace_of_no_known_size_ends_the_reading),
        cmocka_unit_test(test_not_available_is_absent),
        cmocka_unit_test(test_negative_inclination),
        cmocka_unit_test(test_split_record),
        cmocka_unit_test(test_later_part_wins_and_absent_does_not),
        cmocka_unit_test(test_merge_takes_every_field),
        cmocka_unit_test(test_mandatory_cut_leaves_output),
        cmocka_unit_test(test_cut_at_every_length),
        cmocka_unit_test(test_every_flag_at_every_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
