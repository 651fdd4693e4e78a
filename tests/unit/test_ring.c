/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include "hex.h"
#include "lib/training/ring.h"

#define S UINT64_C(1000000)

static struct ring *new_ring(size_t n_sensors)
{
    struct ring *ring = calloc(1, sizeof(*ring));

    assert_non_null(ring);
    ring_reset(ring, n_sensors);
    return ring;
}

static struct ring_entry entry_of(uint64_t t_usec, size_t sensor, uint8_t length)
{
    struct ring_entry entry = {
        .t_usec = t_usec, .sensor = sensor, .uuid = 0x2a53, .length = length
    };

    for (size_t i = 0; i < length; i++)
        entry.bytes[i] = (uint8_t)(t_usec + i);
    return entry;
}

static void test_an_empty_one_has_nothing(void **state)
{
    struct ring *ring = new_ring(2);
    struct ring_entry entry = { .uuid = 77 };
    size_t cursor = 0;

    assert_false(ring_next(ring, 0, &cursor, &entry));
    assert_int_equal(entry.uuid, 77);
    free(ring);
}

static void test_one_that_was_never_given_room_keeps_nothing(void **state)
{
    struct ring *ring = calloc(1, sizeof(*ring));
    struct ring_entry entry = entry_of(1, 0, 4);
    size_t cursor = 0;

    ring_push(ring, &entry);
    assert_false(ring_next(ring, 0, &cursor, &entry));
    free(ring);
}

static void test_since_when_is_told_and_order_is_kept(void **state)
{
    struct ring *ring = new_ring(2);
    struct ring_entry entry;
    size_t cursor = 0;

    for (uint64_t t = 1; t <= 9; t++) {
        entry = entry_of(t * S, t % 3, (uint8_t)t);
        ring_push(ring, &entry);
    }
    for (uint64_t t = 4; t <= 9; t++) {
        struct ring_entry expected = entry_of(t * S, t % 3, (uint8_t)t);

        assert_true(ring_next(ring, 4 * S, &cursor, &entry));
        assert_int_equal(entry.t_usec, expected.t_usec);
        assert_int_equal(entry.sensor, expected.sensor);
        assert_int_equal(entry.uuid, 0x2a53);
        assert_int_equal(entry.length, expected.length);
        assert_memory_equal(entry.bytes, expected.bytes, expected.length);
    }
    assert_false(ring_next(ring, 4 * S, &cursor, &entry));
    free(ring);
}

/* How far back n_sensors go that each send `length` bytes `hz` times a second. */
static double kept_s(size_t n_sensors, unsigned hz, uint8_t length)
{
    struct ring *ring = new_ring(n_sensors);
    uint64_t period = S / hz, t = S, previous = 0;
    struct ring_entry entry;
    size_t cursor = 0;
    double kept;

    for (unsigned tick = 0; tick < 300 * hz; tick++, t += period)
        for (size_t sensor = 0; sensor < n_sensors; sensor++) {
            entry = entry_of(t, sensor, length);
            ring_push(ring, &entry);
        }
    assert_true(ring_next(ring, 0, &cursor, &entry));
    kept = (double)(t - entry.t_usec) / (double)S;
    do { /* whole, and none out of order, wherever the end of the room falls */
        struct ring_entry expected = entry_of(entry.t_usec, entry.sensor, length);

        assert_true(entry.t_usec >= previous);
        assert_memory_equal(entry.bytes, expected.bytes, length);
        previous = entry.t_usec;
    } while (ring_next(ring, 0, &cursor, &entry));
    free(ring);
    return kept;
}

static void test_two_minutes_are_kept_whatever_streams(void **state)
{
    static const struct {
        const char *label;
        size_t n_sensors;
        unsigned hz;
        uint8_t length;
    } rows[] = {
        { "a pod and a strap", 2, 1, 8 },
        { "two at 50 Hz", 2, 50, 12 },
        { "two at 50 Hz, heart rate with RR", 2, 50, 20 },
        { "a belt, a pod and a strap", 3, 4, 20 },
        { "200 at 4 Hz", 200, 4, 16 },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        double kept = kept_s(rows[i].n_sensors, rows[i].hz, rows[i].length);

        if (kept < 120)
            fail_msg("%s: %.1f s", rows[i].label, kept);
    }
}

/* Sensors 0, 1, 2 become 2, none, 0 of so many. */
static void check_renumbered(unsigned seconds, size_t n_sensors)
{
    static const size_t there[] = { 2, RING_NO_SENSOR, 0 };
    struct ring *ring = new_ring(3);
    struct ring_entry entry;
    uint64_t previous = 0;
    size_t cursor = 0, seen = 0;

    for (unsigned t = 1; t <= seconds * 50; t++)
        for (size_t sensor = 0; sensor < 3; sensor++) {
            entry = entry_of(t * (S / 50), sensor, (uint8_t)(8 + t % 13));
            ring_push(ring, &entry);
        }
    ring_renumber(ring, there, 3, n_sensors);
    while (ring_next(ring, 0, &cursor, &entry)) {
        size_t was = 2 - entry.sensor;
        struct ring_entry expected = entry_of(entry.t_usec, was, entry.length);

        assert_true(entry.sensor == 0 || entry.sensor == 2);
        assert_true(entry.t_usec >= previous);
        assert_memory_equal(entry.bytes, expected.bytes, entry.length);
        previous = entry.t_usec;
        seen++;
    }
    assert_int_equal(previous, seconds * S);
    assert_true(seen >= (seconds < 60 ? seconds * 100 : 6000));
    entry = entry_of(seconds * S + S, 2, 20); /* and it goes on */
    ring_push(ring, &entry);
    cursor = 0;
    assert_true(ring_next(ring, seconds * S + S, &cursor, &entry));
    free(ring);
}

static void test_sensors_that_get_other_numbers_keep_their_packets(void **state)
{
    static const unsigned seconds[] = { 1, 20, 130, 500 }; /* the last two went round the end */
    static const size_t n_sensors[] = { 3, 1, 9, CONF_SENSORS_MAX };

    for (size_t i = 0; i < 4; i++)
        for (size_t n = 0; n < 4; n++)
            check_renumbered(seconds[i], n_sensors[n]);
}

static void test_a_ring_without_a_packet_is_renumbered_too(void **state)
{
    struct ring *ring = calloc(1, sizeof(*ring)), *other = new_ring(2);
    struct ring_entry entry = entry_of(S, 1, 4);
    size_t cursor = 0;

    assert_non_null(ring);
    ring_renumber(ring, NULL, 0, 2);
    assert_int_equal(ring->size, other->size);
    ring_push(ring, &entry);
    assert_true(ring_next(ring, 0, &cursor, &entry));
    free(ring);
    free(other);
}

static void test_the_longest_packets_go_round_the_end(void **state)
{
    assert_true(kept_s(1, 20, RECORDING_BYTES_MAX) > 60);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_empty_one_has_nothing),
        cmocka_unit_test(test_one_that_was_never_given_room_keeps_nothing),
        cmocka_unit_test(test_since_when_is_told_and_order_is_kept),
        cmocka_unit_test(test_two_minutes_are_kept_whatever_streams),
        cmocka_unit_test(test_sensors_that_get_other_numbers_keep_their_packets),
        cmocka_unit_test(test_a_ring_without_a_packet_is_renumbered_too),
        cmocka_unit_test(test_the_longest_packets_go_round_the_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
