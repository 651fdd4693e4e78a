/* SPDX-License-Identifier: MIT */
#include "hex.h"
#include "lib/bytes.h"

static void test_pulls_little_endian_and_advances(void **state)
{
    struct packet packet = packet_of("01 0302 060504 0a090807");
    struct bytes bytes = bytes_of(packet.bytes, packet.length);
    uint8_t u8 = 0;
    uint16_t u16 = 0;
    uint32_t u24 = 0, u32 = 0;

    assert_true(pull_u8(&bytes, &u8) && pull_le16(&bytes, &u16) && pull_le24(&bytes, &u24) &&
                pull_le32(&bytes, &u32));
    assert_int_equal(u8, 1);
    assert_int_equal(u16, 0x0203);
    assert_int_equal(u24, 0x040506);
    assert_int_equal(u32, 0x0708090a);
    assert_int_equal(bytes.left, 0);
}

static void test_signed_values_keep_their_sign(void **state)
{
    static const struct {
        const char *label, *hex;
        int32_t s16, s24, s32;
    } rows[] = {
        { "minus one", "ffff ffffff ffffffff", -1, -1, -1 },
        { "least", "0080 000080 00000080", -32768, -8388608, INT32_MIN },
        { "most", "ff7f ffff7f ffffff7f", 32767, 8388607, INT32_MAX },
        { "-3 % incline", "e2ff e2ffff e2ffffff", -30, -30, -30 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct packet packet = packet_of(rows[i].hex);
        struct bytes bytes = bytes_of(packet.bytes, packet.length);
        int16_t s16 = 0;
        int32_t s24 = 0, s32 = 0;
        assert_true(pull_sle16(&bytes, &s16) && pull_sle24(&bytes, &s24) &&
                    pull_sle32(&bytes, &s32));
        if (s16 != rows[i].s16 || s24 != rows[i].s24 || s32 != rows[i].s32)
            fail_msg("%s: %d %d %d", rows[i].label, s16, s24, s32);
    }
}

static void test_a_cut_value_leaves_cursor_and_output(void **state)
{
    static const uint8_t two[] = { 0xAA, 0xBB };
    struct bytes bytes = bytes_of(two, 2);
    uint32_t u24 = 7, u32 = 7;
    int32_t s24 = 7, s32 = 7;

    assert_false(pull_le24(&bytes, &u24) || pull_le32(&bytes, &u32) || pull_sle24(&bytes, &s24) ||
                 pull_sle32(&bytes, &s32) || pull_skip(&bytes, 3));
    assert_true(u24 == 7 && u32 == 7 && s24 == 7 && s32 == 7);
    assert_ptr_equal(bytes.at, two);
    assert_int_equal(bytes.left, 2);
    assert_true(pull_skip(&bytes, 2));
    assert_int_equal(bytes.left, 0);
}

static void test_nothing_comes_from_nothing(void **state)
{
    struct bytes bytes = bytes_of(NULL, 0);
    uint8_t u8 = 7;
    uint16_t u16 = 7;
    int16_t s16 = 7;

    assert_false(pull_u8(&bytes, &u8) || pull_le16(&bytes, &u16) || pull_sle16(&bytes, &s16));
    assert_true(u8 == 7 && u16 == 7 && s16 == 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pulls_little_endian_and_advances),
        cmocka_unit_test(test_signed_values_keep_their_sign),
        cmocka_unit_test(test_a_cut_value_leaves_cursor_and_output),
        cmocka_unit_test(test_nothing_comes_from_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
