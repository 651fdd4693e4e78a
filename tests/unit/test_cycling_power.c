/* SPDX-License-Identifier: MIT */
#include "hex.h"
#include "lib/gatt/cycling_power.h"

/* Every flag at once: 34 bytes, each field with a value of its own. */
#define EVERYTHING                                                                                 \
    "ff1f fa00 64 2003 78563412 3930 e803 0004 9001 38ff 4006 c0f9 bc3a12 5a00 0e01 e001"

#define UNTOUCHED 0x80000000u /* no field's bit */

static const struct cycling_power everything = {
    .has = CYCLING_POWER_FIELDS,
    .power_w = 250,
    .balance_is_left = true,
    .torque_from_crank = true,
    .offset_compensation = true,
    .balance_half_pct = 100,
    .torque_32_nm = 800,
    .wheel_revolutions = 0x12345678,
    .wheel_event_2048 = 12345,
    .crank_revolutions = 1000,
    .crank_event_1024 = 1024,
    .force_max_n = 400,
    .force_min_n = -200,
    .torque_max_32_nm = 1600,
    .torque_min_32_nm = -1600,
    .angle_max_deg = 0xABC, /* as the characteristic's own example has them */
    .angle_min_deg = 0x123,
    .top_dead_spot_deg = 90,
    .bottom_dead_spot_deg = 270,
    .energy_kj = 480,
};

static const struct row {
    const char *label, *hex;
    enum decode_result result;
    struct cycling_power value;
} rows[] = {
    { "a running pod: the power alone", "0000 1701", DECODE_OK, { .power_w = 279 } },
    { "power below zero", "0000 f6ff", DECODE_OK, { .power_w = -10 } },
    { "the least there is", "0000 0080", DECODE_OK, { .power_w = INT16_MIN } },
    { "torque and crank of a crank",
      "2c00 6700 d1b5 e400 4855",
      DECODE_OK,
      { .has = CYCLING_POWER_TORQUE | CYCLING_POWER_CRANK,
        .power_w = 103,
        .torque_from_crank = true,
        .torque_32_nm = 46545,
        .crank_revolutions = 228,
        .crank_event_1024 = 21832 } },
    { "a balance nobody has",
      "0100 6400 c9",
      DECODE_OK,
      { .power_w = 100, .balance_half_pct = 201 } },
    { "a balance all on one side",
      "0100 6400 c8",
      DECODE_OK,
      { .has = CYCLING_POWER_BALANCE, .power_w = 100, .balance_half_pct = 200 } },
    { "energy behind nothing",
      "0008 6400 0100",
      DECODE_OK,
      { .has = CYCLING_POWER_ENERGY, .power_w = 100, .energy_kj = 1 } },
    { "wheel cut in its time", "1000 6400 01000000 00", DECODE_TRUNCATED, { .power_w = 100 } },
    { "crank cut, the torque holds",
      "2400 6400 0a00 0100",
      DECODE_TRUNCATED,
      { .has = CYCLING_POWER_TORQUE, .power_w = 100, .torque_32_nm = 10 } },
    { "angles cut", "0001 6400 bc3a", DECODE_TRUNCATED, { .power_w = 100 } },
    { "promised and not sent at all", "0008 6400", DECODE_TRUNCATED, { .power_w = 100 } },
    { "reserved flags and bytes behind", "00e0 6400 aabb", DECODE_OK, { .power_w = 100 } },
    { "power cut", "0000 64", DECODE_SHORT, { 0 } },
    { "flags alone", "0000", DECODE_SHORT, { 0 } },
    { "half the flags", "00", DECODE_SHORT, { 0 } },
    { "empty", "", DECODE_SHORT, { 0 } },
};

static void assert_same(const char *label, const struct cycling_power *a,
                        const struct cycling_power *b)
{
    if (a->has != b->has || a->power_w != b->power_w || a->balance_is_left != b->balance_is_left ||
        a->torque_from_crank != b->torque_from_crank ||
        a->offset_compensation != b->offset_compensation ||
        a->balance_half_pct != b->balance_half_pct || a->torque_32_nm != b->torque_32_nm ||
        a->wheel_revolutions != b->wheel_revolutions ||
        a->wheel_event_2048 != b->wheel_event_2048 ||
        a->crank_revolutions != b->crank_revolutions ||
        a->crank_event_1024 != b->crank_event_1024 || a->force_max_n != b->force_max_n ||
        a->force_min_n != b->force_min_n || a->torque_max_32_nm != b->torque_max_32_nm ||
        a->torque_min_32_nm != b->torque_min_32_nm || a->angle_max_deg != b->angle_max_deg ||
        a->angle_min_deg != b->angle_min_deg || a->top_dead_spot_deg != b->top_dead_spot_deg ||
        a->bottom_dead_spot_deg != b->bottom_dead_spot_deg || a->energy_kj != b->energy_kj)
        fail_msg("%s: other values", label);
}

static enum decode_result decode(const char *hex, struct cycling_power *ret)
{
    struct packet packet = packet_of(hex);
    uint8_t *bytes = exact_copy(packet.bytes, packet.length);
    enum decode_result result = cycling_power_decode(bytes, packet.length, ret);

    free(bytes);
    return result;
}

static void test_rows(void **state)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cycling_power value = everything;
        enum decode_result result = decode(rows[i].hex, &value);

        if (result != rows[i].result)
            fail_msg("%s: %s", rows[i].label, decode_result_name(result));
        assert_same(rows[i].label, &value, result == DECODE_SHORT ? &everything : &rows[i].value);
    }
}

static void test_every_field_at_once(void **state)
{
    struct cycling_power value = { 0 };

    assert_int_equal(decode(EVERYTHING, &value), DECODE_OK);
    assert_same("everything", &value, &everything);
}

/* Where each field begins: the packet is usable and cut there, and whole fields before it hold. */
static void test_every_field_cut(void **state)
{
    static const struct {
        size_t length; /* of a packet that ends before the field's last byte */
        uint32_t has;
    } cuts[] = {
        { 4, 0x000 },  { 6, 0x001 },  { 12, 0x003 }, { 16, 0x007 }, { 20, 0x00F },
        { 24, 0x01F }, { 27, 0x03F }, { 29, 0x07F }, { 31, 0x0FF }, { 33, 0x1FF },
    };
    struct packet whole = packet_of(EVERYTHING);
    struct cycling_power value;

    assert_int_equal(whole.length, 34);
    for (size_t i = 0; i < sizeof cuts / sizeof cuts[0]; i++) {
        uint8_t *bytes = exact_copy(whole.bytes, cuts[i].length);
        assert_int_equal(cycling_power_decode(bytes, cuts[i].length, &value), DECODE_TRUNCATED);
        assert_int_equal(value.has, cuts[i].has);
        free(bytes);
    }
}

static void test_every_flag_at_every_length(void **state)
{
    static const uint8_t widths[16] = { 1, 0, 2, 0, 6, 4, 4, 4, 3, 2, 2, 2 };

    for (unsigned flags = 0; flags < 0x2000; flags++) {
        size_t whole = 4;
        for (int bit = 0; bit < 16; bit++)
            whole += flags >> bit & 1 ? widths[bit] : 0;
        for (size_t length = 0; length <= 36; length += length < 5 ? 1 : 3) {
            const uint8_t filled[36] = { (uint8_t)flags, (uint8_t)(flags >> 8) };
            uint8_t *bytes = exact_copy(filled, length);
            struct cycling_power value = { .has = UNTOUCHED };
            enum decode_result result = cycling_power_decode(bytes, length, &value);

            assert_int_equal(result, length < 4       ? DECODE_SHORT
                                     : length < whole ? DECODE_TRUNCATED
                                                      : DECODE_OK);
            assert_int_equal(value.has == UNTOUCHED, length < 4);
            free(bytes);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_every_field_at_once),
        cmocka_unit_test(test_every_field_cut),
        cmocka_unit_test(test_every_flag_at_every_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
