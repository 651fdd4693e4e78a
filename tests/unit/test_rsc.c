/* SPDX-License-Identifier: MIT */
#include "hex.h"
#include "lib/gatt/rsc.h"

static const struct row {
    const char *label, *hex;
    enum decode_result result;
    struct rsc value;
} rows[] = {
    { "all fields",
      "07 0003 54 d600 3c000000",
      DECODE_OK,
      { .has = RSC_STRIDE_LENGTH | RSC_TOTAL_DISTANCE,
        .running = true,
        .speed_256 = 768,
        .cadence = 84,
        .stride_length_cm = 214,
        .total_distance_dm = 60 } },
    { "mandatory only", "00 9101 bb", DECODE_OK, { .speed_256 = 401, .cadence = 187 } },
    { "distance without stride",
      "02 0005 50 ffff0001",
      DECODE_OK,
      { .has = RSC_TOTAL_DISTANCE,
        .speed_256 = 1280,
        .cadence = 80,
        .total_distance_dm = 16842751 } },
    { "distance with its top bit",
      "02 0000 00 ffffffff",
      DECODE_OK,
      { .has = RSC_TOTAL_DISTANCE, .total_distance_dm = UINT32_MAX } },
    { "stride cut", "03 0003 54 d6", DECODE_TRUNCATED, { .speed_256 = 768, .cadence = 84 } },
    { "distance cut after the stride",
      "03 0003 54 d600 3c0000",
      DECODE_TRUNCATED,
      { .has = RSC_STRIDE_LENGTH, .speed_256 = 768, .cadence = 84, .stride_length_cm = 214 } },
    { "reserved flags and bytes behind",
      "f8 0003 54 aabb",
      DECODE_OK,
      { .speed_256 = 768, .cadence = 84 } },
    { "cadence cut", "00 0003", DECODE_SHORT, { 0 } },
    { "speed cut", "07 00", DECODE_SHORT, { 0 } },
    { "flags only", "07", DECODE_SHORT, { 0 } },
    { "empty", "", DECODE_SHORT, { 0 } },
};

static void assert_rsc_equal(const char *label, const struct rsc *a, const struct rsc *b)
{
    if (a->has != b->has || a->running != b->running || a->speed_256 != b->speed_256 ||
        a->cadence != b->cadence || a->total_distance_dm != b->total_distance_dm ||
        a->stride_length_cm != b->stride_length_cm)
        fail_msg("%s: other values", label);
}

static void test_rows(void **state)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct rsc untouched = { .has = 99,
                                       .running = true,
                                       .speed_256 = 1,
                                       .cadence = 2,
                                       .stride_length_cm = 3,
                                       .total_distance_dm = 4 };
        struct packet packet = packet_of(rows[i].hex);
        uint8_t *bytes = exact_copy(packet.bytes, packet.length);
        struct rsc value = untouched;
        enum decode_result result = rsc_decode(bytes, packet.length, &value);

        if (result != rows[i].result)
            fail_msg("%s: %s", rows[i].label, decode_result_name(result));
        assert_rsc_equal(rows[i].label, &value,
                         result == DECODE_SHORT ? &untouched : &rows[i].value);
        free(bytes);
    }
}

static void test_every_flag_at_every_length(void **state)
{
    for (unsigned flags = 0; flags < 256; flags++) {
        size_t whole = 4 + (flags & 1 ? 2u : 0u) + (flags & 2 ? 4u : 0u);
        for (size_t length = 0; length < 14; length++) {
            uint8_t filled[14] = { 0 };
            uint8_t *bytes;
            struct rsc value = { .has = 99 };
            enum decode_result result;

            filled[0] = (uint8_t)flags;
            bytes = exact_copy(filled, length);
            result = rsc_decode(bytes, length, &value);
            assert_int_equal(result, length < 4       ? DECODE_SHORT
                                     : length < whole ? DECODE_TRUNCATED
                                                      : DECODE_OK);
            assert_int_equal(value.has == 99, length < 4);
            free(bytes);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_every_flag_at_every_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
