/* SPDX-License-Identifier: MIT */
/* Links that break, and whether another gateway with our identity is behind it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "daemon/broker/twin.h"

#define S 1000000ULL

enum { KICK, DROP, SAID, AWAY }; /* taken over; no word; another word; and a connect that failed */

static const struct situation {
    const char *label;
    struct {
        int what;
        unsigned up_s, at_s; /* of a link that stood from up_s to at_s */
        bool expected;
    } losses[6]; /* up to at_s 0 */
} situations[] = {
    { "two that kick each other off",
      { { KICK, 1, 2, false }, { KICK, 3, 4, false }, { KICK, 6, 9, true } } },
    { "a first kick after a day, then as above",
      { { KICK, 0, 86400, false }, { KICK, 86401, 86402, false }, { KICK, 86404, 86408, true } } },
    { "kicks that are far apart",
      { { KICK, 99, 100, false }, { KICK, 199, 200, false }, { KICK, 400, 401, false } } },
    { "kicks that just are not",
      { { KICK, 99, 100, false }, { KICK, 199, 200, false }, { KICK, 399, 400, true } } },
    { "a link that held for five minutes between kicks",
      { { KICK, 1, 2, false },
        { KICK, 3, 4, false },
        { SAID, 5, 305, false },
        { KICK, 306, 307, false } } },
    { "off, back, and kicked at once, as often as it comes",
      { { KICK, 1, 2, false },
        { KICK, 3, 4, false },
        { KICK, 5, 6, true },
        { KICK, 906, 907, true },
        { KICK, 1807, 1900, true } } },
    { "off, back, and let be",
      { { KICK, 1, 2, false },
        { KICK, 3, 4, false },
        { KICK, 5, 6, true },
        { KICK, 906, 1206, false },
        { KICK, 1207, 1208, false },
        { KICK, 1209, 1210, true } } },
    { "links that break as soon as they stand, and nobody says why",
      { { DROP, 1, 2, false }, { DROP, 3, 5, false }, { DROP, 9, 13, true } } },
    { "links that held for a while",
      { { DROP, 1, 6, false }, { DROP, 7, 12, false }, { DROP, 13, 18, false } } },
    { "a broker that says why it ends them",
      { { SAID, 1, 2, false }, { SAID, 3, 4, false }, { SAID, 5, 6, false } } },
    { "a broker that starts again and again",
      { { DROP, 1, 2, false },
        { AWAY, 0, 3, false },
        { DROP, 4, 5, false },
        { AWAY, 0, 6, false },
        { DROP, 7, 8, false },
        { DROP, 9, 10, false } } },
};

static bool happens(struct twin *twin, int what, unsigned up_s, unsigned at_s)
{
    static const enum twin_word words[] = {
        [KICK] = TWIN_TAKEN_OVER, [DROP] = TWIN_NO_WORD, [SAID] = TWIN_OTHER_WORD
    };

    if (what != AWAY)
        return twin_lost(twin, words[what], (at_s - up_s) * S, at_s * S);
    twin_not_connected(twin);
    return false;
}

static void links_that_break_tell_of_a_twin(void **state)
{
    for (size_t i = 0; i < sizeof(situations) / sizeof(situations[0]); i++) {
        const struct situation *situation = &situations[i];
        struct twin twin = { 0 };

        for (size_t n = 0; n < 6 && situation->losses[n].at_s; n++)
            if (happens(&twin, situation->losses[n].what, situation->losses[n].up_s,
                        situation->losses[n].at_s) != situation->losses[n].expected)
                fail_msg("%s: loss %zu", situation->label, n + 1);
    }
}

/* What a broker sends last is lost when we write to what it has closed. */
static void a_word_that_was_said_once_stands_until_a_link_holds(void **state)
{
    struct twin twin = { 0 };

    assert_false(happens(&twin, KICK, 1, 2));
    assert_true(twin.told);
    assert_false(happens(&twin, DROP, 3, 4));
    assert_true(happens(&twin, DROP, 5, 6));
    assert_true(twin.told);
    assert_false(happens(&twin, SAID, 7, 307));
    assert_false(twin.told);
    assert_false(happens(&twin, DROP, 308, 309));
    assert_false(happens(&twin, DROP, 310, 311));
    assert_true(happens(&twin, DROP, 312, 313));
    assert_false(twin.told);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(links_that_break_tell_of_a_twin),
        cmocka_unit_test(a_word_that_was_said_once_stands_until_a_link_holds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
