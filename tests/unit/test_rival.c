/* SPDX-License-Identifier: MIT */
/* Two gateways with one name, told as stories: what is heard at which second, and the state after it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "daemon/broker/rival.h"

#define SECOND 1000000ULL

enum what { END, CONNECTED, GONE, INFO, HEALTH, TIME };

struct step {
    enum what what;
    const char *machine;
    unsigned second;
    enum rival_state state;
};

static bool feed(struct rival *rival, const struct step *step)
{
    uint64_t now_usec = step->second * SECOND;
    switch (step->what) {
    case CONNECTED:
        return rival_connected(rival, now_usec);
    case GONE:
        return rival_disconnected(rival);
    case INFO:
        return rival_info(rival, step->machine, now_usec);
    case HEALTH:
        return rival_health(rival, now_usec);
    case TIME:
        return rival_run(rival, now_usec);
    case END:
        break;
    }
    return false;
}

/* We are machine "m". */
static void tell(const struct step *steps)
{
    struct rival rival;
    rival_init(&rival, "m");
    for (size_t i = 0; steps[i].what != END; i++) {
        enum rival_state before = rival.state;
        bool changed = feed(&rival, &steps[i]);
        if (rival.state != steps[i].state || changed != (before != rival.state))
            fail_msg("step %zu at %u s: state %d, not %d", i, steps[i].second, (int)rival.state,
                     (int)steps[i].state);
        bool speaks = rival.state == RIVAL_ALONE || rival.state == RIVAL_TAKEN_OVER;
        assert_int_equal(rival_may_publish(&rival), speaks);
    }
}

static void test_nobody_was_here_before(void **state)
{
    tell((struct step[]){ { CONNECTED, NULL, 0, RIVAL_LISTENING },
                          { TIME, NULL, 2, RIVAL_LISTENING },
                          { TIME, NULL, 3, RIVAL_ALONE },
                          { TIME, NULL, 1000, RIVAL_ALONE },
                          { 0 } });
}

static void test_we_were_here_before(void **state)
{
    tell((struct step[]){ { CONNECTED, NULL, 0, RIVAL_LISTENING },
                          { INFO, "m", 0, RIVAL_ALONE },
                          { INFO, "m", 1, RIVAL_ALONE },     /* our own coming back */
                          { HEALTH, NULL, 60, RIVAL_ALONE }, /* on 3.1.1, our own too */
                          { 0 } });
}

static void test_another_speaks_here(void **state)
{
    tell((struct step[]){ { CONNECTED, NULL, 0, RIVAL_LISTENING },
                          { INFO, "z", 0, RIVAL_WATCHING },
                          { TIME, NULL, 129, RIVAL_WATCHING },
                          { HEALTH, NULL, 129, RIVAL_PRESENT },
                          { TIME, NULL, 200, RIVAL_PRESENT },
                          { HEALTH, NULL, 250, RIVAL_PRESENT },
                          { TIME, NULL, 379, RIVAL_PRESENT },
                          { TIME, NULL, 380, RIVAL_TAKEN_OVER }, /* it was switched off */
                          { 0 } });
}

static void test_a_reinstalled_machine_takes_its_name_back(void **state)
{
    tell((struct step[]){ { CONNECTED, NULL, 0, RIVAL_LISTENING },
                          { INFO, "a", 1, RIVAL_WATCHING },
                          { TIME, NULL, 130, RIVAL_WATCHING },
                          { TIME, NULL, 131, RIVAL_TAKEN_OVER },
                          { INFO, "m", 131, RIVAL_TAKEN_OVER },
                          { GONE, NULL, 140, RIVAL_OFFLINE },
                          { CONNECTED, NULL, 150, RIVAL_LISTENING },
                          { INFO, "m", 150, RIVAL_ALONE },
                          { 0 } });
}

static void test_both_start_in_one_moment(void **state)
{
    tell((struct step[]){
        { CONNECTED, NULL, 0, RIVAL_LISTENING }, /* the other one is greater: it yields */
        { TIME, NULL, 3, RIVAL_ALONE },
        { INFO, "z", 3, RIVAL_ALONE },
        { 0 } });
    tell((struct step[]){ { CONNECTED, NULL, 0, RIVAL_LISTENING }, /* it is smaller: we yield */
                          { TIME, NULL, 3, RIVAL_ALONE },
                          { INFO, "a", 3, RIVAL_PRESENT },
                          { HEALTH, NULL, 60, RIVAL_PRESENT },
                          { TIME, NULL, 189, RIVAL_PRESENT },
                          { TIME, NULL, 190, RIVAL_TAKEN_OVER },
                          { 0 } });
}

static void test_link_lost_while_watching_begins_anew(void **state)
{
    tell((struct step[]){ { CONNECTED, NULL, 0, RIVAL_LISTENING },
                          { INFO, "a", 0, RIVAL_WATCHING },
                          { GONE, NULL, 100, RIVAL_OFFLINE },
                          { INFO, "a", 101, RIVAL_OFFLINE },
                          { HEALTH, NULL, 101, RIVAL_OFFLINE },
                          { TIME, NULL, 500, RIVAL_OFFLINE },
                          { CONNECTED, NULL, 600, RIVAL_LISTENING },
                          { INFO, "a", 600, RIVAL_WATCHING },
                          { TIME, NULL, 729, RIVAL_WATCHING },
                          { TIME, NULL, 730, RIVAL_TAKEN_OVER },
                          { 0 } });
}

static void test_info_without_a_machine_is_no_rival(void **state)
{
    tell((struct step[]){ { CONNECTED, NULL, 0, RIVAL_LISTENING },
                          { INFO, "", 0, RIVAL_LISTENING },
                          { HEALTH, NULL, 1, RIVAL_LISTENING },
                          { TIME, NULL, 3, RIVAL_ALONE },
                          { 0 } });
}

static void test_sentences(void **state)
{
    struct rival rival;
    char text[200] = "untouched";
    rival_init(&rival, "m");
    assert_false(rival_sentence(&rival, "hall", text, sizeof(text)));
    assert_string_equal(text, "untouched");
    rival_connected(&rival, 0);
    rival_info(&rival, "0123456789abcdef0123456789abcdef0123456789abcdef", 0);
    rival_health(&rival, SECOND);
    assert_true(rival_sentence(&rival, "hall", text, sizeof(text)));
    assert_string_equal(text, "another gateway (machine 01234567) is called 'hall' too: nothing is "
                              "published until one of them gets another Name=");
    char tiny[8];
    assert_true(rival_sentence(&rival, "hall", tiny, sizeof(tiny)));
    assert_int_equal(strlen(tiny), 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nobody_was_here_before),
        cmocka_unit_test(test_we_were_here_before),
        cmocka_unit_test(test_another_speaks_here),
        cmocka_unit_test(test_a_reinstalled_machine_takes_its_name_back),
        cmocka_unit_test(test_both_start_in_one_moment),
        cmocka_unit_test(test_link_lost_while_watching_begins_anew),
        cmocka_unit_test(test_info_without_a_machine_is_no_rival),
        cmocka_unit_test(test_sentences),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
