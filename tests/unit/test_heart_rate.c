/* SPDX-License-Identifier: MIT */
#include "hex.h"
#include "lib/gatt/heart_rate.h"

#define CONTACT_UNSUPPORTED HEART_RATE_CONTACT_UNSUPPORTED
#define CONTACT_NONE        HEART_RATE_CONTACT_NONE
#define CONTACT_YES         HEART_RATE_CONTACT_YES

static const struct row {
    const char *label, *hex;
    enum decode_result result;
    struct heart_rate value;
} rows[] = {
    { "narrow rate, nothing else", "00 48", DECODE_OK, { .bpm = 72 } },
    { "wide rate", "01 2c01", DECODE_OK, { .bpm = 300 } },
    { "contact bit without support means nothing", "02 48", DECODE_OK, { .bpm = 72 } },
    { "contact supported, none", "04 54", DECODE_OK, { .contact = CONTACT_NONE, .bpm = 84 } },
    { "contact supported, contact", "06 54", DECODE_OK, { .contact = CONTACT_YES, .bpm = 84 } },
    { "one RR",
      "16 78 0002",
      DECODE_OK,
      { .has = HEART_RATE_RR, .contact = CONTACT_YES, .bpm = 120, .rr_1024 = { 512 }, .n_rr = 1 } },
    { "RR flag and no RR", "10 78", DECODE_OK, { .has = HEART_RATE_RR, .bpm = 120 } },
    { "energy moves the RR",
      "18 78 0100 0002 0302",
      DECODE_OK,
      { .has = HEART_RATE_RR | HEART_RATE_ENERGY,
        .bpm = 120,
        .energy_kj = 1,
        .rr_1024 = { 512, 515 },
        .n_rr = 2 } },
    { "wide rate, energy, RR",
      "1f 7800 ffff 0002",
      DECODE_OK,
      { .has = HEART_RATE_RR | HEART_RATE_ENERGY,
        .contact = CONTACT_YES,
        .bpm = 120,
        .energy_kj = 65535,
        .rr_1024 = { 512 },
        .n_rr = 1 } },
    { "odd byte at the end",
      "10 78 0002 03",
      DECODE_TRUNCATED,
      { .has = HEART_RATE_RR, .bpm = 120, .rr_1024 = { 512 }, .n_rr = 1 } },
    { "energy cut: no beat is read from its half", "18 78 01", DECODE_TRUNCATED, { .bpm = 120 } },
    { "bytes nobody promised", "00 78 112233", DECODE_OK, { .bpm = 120 } },
    { "reserved flags", "e0 78", DECODE_OK, { .bpm = 120 } },
    { "empty", "", DECODE_SHORT, { 0 } },
    { "flags only", "00", DECODE_SHORT, { 0 } },
    { "half a wide rate", "01 78", DECODE_SHORT, { 0 } },
};

static void test_rows(void **state)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct packet packet = packet_of(rows[i].hex);
        uint8_t *bytes = exact_copy(packet.bytes, packet.length);
        struct heart_rate value, untouched;
        enum decode_result result;

        memset(&value, 0x5A, sizeof value);
        untouched = value;
        result = heart_rate_decode(bytes, packet.length, &value);
        if (result != rows[i].result)
            fail_msg("%s: %s", rows[i].label, decode_result_name(result));
        if (memcmp(&value, result == DECODE_SHORT ? &untouched : &rows[i].value, sizeof value) != 0)
            fail_msg("%s: other values", rows[i].label);
        free(bytes);
    }
}

static void test_many_beats_fill_and_overflow(void **state)
{
    struct packet packet = packet_of("10 3c");
    struct heart_rate value;

    for (int i = 0; i < SAMPLE_RR_MAX; i++) {
        packet.bytes[packet.length++] = (uint8_t)i;
        packet.bytes[packet.length++] = 4;
    }
    assert_int_equal(heart_rate_decode(packet.bytes, packet.length, &value), DECODE_OK);
    assert_int_equal(value.n_rr, SAMPLE_RR_MAX);
    assert_int_equal(value.rr_1024[SAMPLE_RR_MAX - 1], 1024 + SAMPLE_RR_MAX - 1);
    packet.length += 2;
    assert_int_equal(heart_rate_decode(packet.bytes, packet.length, &value), DECODE_TRUNCATED);
    assert_int_equal(value.n_rr, SAMPLE_RR_MAX);
}

static void test_every_flag_at_every_length(void **state)
{
    for (unsigned flags = 0; flags < 256; flags++) {
        for (size_t length = 0; length < 24; length++) {
            uint8_t filled[24];
            uint8_t *bytes;
            struct heart_rate value = { .n_rr = -1 };
            enum decode_result result;

            memset(filled, 0x81, sizeof filled);
            filled[0] = (uint8_t)flags;
            bytes = exact_copy(filled, length);
            result = heart_rate_decode(bytes, length, &value);
            assert_int_equal(result == DECODE_SHORT, length < (flags & 1 ? 3u : 2u));
            assert_int_equal(value.n_rr == -1, result == DECODE_SHORT);
            free(bytes);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_many_beats_fill_and_overflow),
        cmocka_unit_test(test_every_flag_at_every_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
