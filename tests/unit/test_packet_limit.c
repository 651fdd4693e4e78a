/* SPDX-License-Identifier: MIT */
/* How large a packet a broker takes, by its word and by the links that break. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "daemon/broker/packet_limit.h"

#define S 1000000ULL

static void sizes_are_those_on_the_wire(void **state)
{
    static const struct {
        const char *label;
        struct mqtt_publish message;
        bool v311;
        size_t size;
    } rows[] = {
        { "3.1.1, QoS 0", { .topic = "t", .length = 10 }, true, 2 + 3 + 10 },
        { "3.1.1, QoS 1", { .topic = "t", .length = 10, .qos = 1 }, true, 2 + 3 + 2 + 10 },
        { "5", { .topic = "t", .length = 10, .qos = 1 }, false, 2 + 3 + 2 + 1 + 10 },
        { "with properties",
          { .topic = "t",
            .length = 10,
            .expiry_s = 9,
            .correlation_data = (const uint8_t *)"ab",
            .correlation_length = 2 },
          false,
          2 + 3 + 1 + 5 + 5 + 10 },
        { "the last with one byte of length", { .topic = "t", .length = 124 }, true, 2 + 127 },
        { "the first with two", { .topic = "t", .length = 125 }, true, 3 + 128 },
        { "as Mosquitto counts", { .topic = "t", .length = 7991, .qos = 1 }, false, 8000 },
        { "the first with three", { .topic = "t", .length = 16381 }, true, 4 + 16384 },
        { "the first with four", { .topic = "t", .length = 2097149 }, true, 5 + 2097152 },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (packet_limit_size(&rows[i].message, rows[i].v311) != rows[i].size)
            fail_msg("%s", rows[i].label);
}

static void its_word_holds_for_a_link(void **state)
{
    struct packet_limit limit = { 0 };

    packet_limit_connected(&limit, 8000);
    assert_int_equal(packet_limit_now(&limit, S), 8000);
    packet_limit_connected(&limit, 0);
    assert_true(packet_limit_now(&limit, S) == SIZE_MAX);
}

enum {
    LARGE = PACKET_LIMIT_TOO_LARGE,
    NONE = PACKET_LIMIT_NO_WORD,
    SAID = PACKET_LIMIT_OTHER_WORD
};

static const struct situation {
    const char *label;
    struct link {
        size_t taken, passed, largest; /* bytes; 0: none */
        uint64_t waited_usec;          /* the largest */
        int word;
        size_t expected;
    } links[6]; /* up to one with nothing at all */
    size_t limit;
} situations[] = {
    { "by its word, at once", { { 0, 0, 13000, S, LARGE, 13000 } }, 12999 },
    { "the largest first, then the next",
      { { 0, 0, 13000, S, LARGE, 13000 }, { 0, 0, 9000, S, LARGE, 9000 } },
      8999 },
    { "by its word, of what is small: that can't be meant", { { 9, 0, 300, S, LARGE, 0 } }, 0 },
    { "by its word, and nothing was there", { { 9, 0, 0, S, LARGE, 0 } }, 0 },
    { "three without a word",
      { { 0, 0, 13000, S, NONE, 13000 },
        { 0, 0, 13000, S, NONE, 13000 },
        { 0, 0, 13000, S, NONE, 13000 } },
      12999 },
    { "the next one is found at once",
      { { 0, 0, 13000, S, NONE, 13000 },
        { 0, 0, 13000, S, NONE, 13000 },
        { 0, 0, 13000, S, NONE, 13000 },
        { 700, 0, 9000, S, NONE, 9000 } },
      8999 },
    { "a link that broke for another reason: the broker may have been mended",
      { { 0, 0, 13000, S, NONE, 13000 },
        { 0, 0, 13000, S, NONE, 13000 },
        { 0, 0, 13000, S, NONE, 13000 },
        { 700, 0, 0, S, NONE, 0 } },
      0 },
    { "and was not",
      { { 0, 0, 13000, S, NONE, 13000 },
        { 0, 0, 13000, S, NONE, 13000 },
        { 0, 0, 13000, S, NONE, 13000 },
        { 700, 0, 0, S, SAID, 0 },
        { 700, 0, 13000, S, NONE, 13000 } },
      12999 },
    { "and was",
      { { 0, 0, 13000, S, NONE, 13000 },
        { 0, 0, 13000, S, NONE, 13000 },
        { 0, 0, 13000, S, NONE, 13000 },
        { 700, 0, 0, S, SAID, 0 },
        { 13000, 0, 0, S, SAID, 0 },
        { 700, 0, 13000, S, NONE, 13000 } },
      0 },
    { "two without a word",
      { { 0, 0, 13000, S, NONE, 13000 }, { 0, 0, 13000, S, NONE, 13000 } },
      0 },
    { "three, and it went through between them",
      { { 0, 0, 13000, S, NONE, 13000 },
        { 0, 0, 13000, S, NONE, 13000 },
        { 13000, 0, 0, S, NONE, 0 },
        { 0, 0, 13000, S, NONE, 13000 } },
      0 },
    { "as large as one that went through",
      { { 13000, 0, 13000, S, NONE, 0 },
        { 13000, 0, 13000, S, NONE, 0 },
        { 13000, 0, 13000, S, NONE, 0 } },
      0 },
    { "nothing large on its way",
      { { 0, 0, 4095, S, NONE, 0 }, { 0, 0, 4095, S, NONE, 0 }, { 0, 0, 4095, S, NONE, 0 } },
      0 },
    { "large ones that waited for long: it is the network",
      { { 0, 0, 13000, 5 * S, NONE, 0 },
        { 0, 0, 13000, 5 * S, NONE, 0 },
        { 0, 0, 13000, 5 * S, NONE, 0 } },
      0 },
    { "ended for another reason",
      { { 0, 0, 13000, S, SAID, 0 }, { 0, 0, 13000, S, SAID, 0 }, { 0, 0, 13000, S, SAID, 0 } },
      0 },
    { "of those that nobody acknowledges",
      { { 0, 5000, 0, S, NONE, 5000 },
        { 0, 5000, 0, S, NONE, 5000 },
        { 0, 5000, 0, S, NONE, 5000 } },
      4999 },
};

static uint64_t play(struct packet_limit *limit, const struct situation *one)
{
    uint64_t now_usec = 100 * S;

    for (size_t i = 0; i < 6 && one->links[i].waited_usec; i++) {
        const struct link *link = &one->links[i];

        packet_limit_connected(limit, 0);
        if (link->taken)
            packet_limit_taken(limit, link->taken);
        if (link->passed)
            packet_limit_unanswered(limit, link->passed, now_usec);
        now_usec += link->waited_usec;
        if (packet_limit_lost(limit, (enum packet_limit_word)link->word, link->largest,
                              now_usec - link->waited_usec, now_usec) != link->expected)
            fail_msg("%s, link %zu", one->label, i + 1);
    }
    packet_limit_connected(limit, 0);
    return now_usec;
}

static void links_that_break_tell(void **state)
{
    for (size_t i = 0; i < sizeof(situations) / sizeof(situations[0]); i++) {
        struct packet_limit limit = { 0 };
        uint64_t now_usec = play(&limit, &situations[i]);
        size_t expected = situations[i].limit ? situations[i].limit : SIZE_MAX;

        if (packet_limit_now(&limit, now_usec) != expected)
            fail_msg("%s", situations[i].label);
    }
}

static void what_they_told_is_tried_again_after_a_day(void **state)
{
    struct packet_limit limit = { 0 };

    packet_limit_connected(&limit, 0);
    (void)packet_limit_lost(&limit, PACKET_LIMIT_TOO_LARGE, 13000, 0, S);
    packet_limit_connected(&limit, 20000);
    assert_int_equal(packet_limit_now(&limit, PACKET_LIMIT_KEPT_USEC), 12999);
    assert_int_equal(packet_limit_now(&limit, S + PACKET_LIMIT_KEPT_USEC), 20000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_are_those_on_the_wire),
        cmocka_unit_test(its_word_holds_for_a_link),
        cmocka_unit_test(links_that_break_tell),
        cmocka_unit_test(what_they_told_is_tried_again_after_a_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
