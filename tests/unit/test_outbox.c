/* SPDX-License-Identifier: MIT */
/* The outbox against a broker and a store that only write down what they are told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "daemon/broker/outbox.h"

#define SECOND 1000000ULL
#define DAY    (86400 * 1000000LL)
#define WALL   (20000 * DAY)

struct fake {
    struct outbox *outbox;
    char log[4096]; /* "send a1; delivered a1; ..." */
    struct {
        char id[40];
        uint64_t cookie;
    } sent[64];
    size_t n_sent;
    int send_result;
    char private_letter; /* of the ids of what is not to be told */
    size_t n_dropped;
    char first_dropped[40];
    int64_t
        run_wall_usec; /* 0: who is told does not have it run; as a full store has by way of health */
};

static void note(struct fake *fake, const char *word, const char *id)
{
    size_t n = strlen(fake->log);
    snprintf(fake->log + n, sizeof(fake->log) - n, "%s%s %s", n ? "; " : "", word, id);
}

static void run_meanwhile(struct fake *fake)
{
    if (fake->run_wall_usec)
        outbox_run(fake->outbox, fake->run_wall_usec, 2 * SECOND);
}

static int fake_send(void *userdata, const struct store_event *event, uint64_t cookie)
{
    struct fake *fake = userdata;
    if (fake->send_result < 0 || event->id[0] == fake->private_letter)
        return fake->send_result < 0 ? fake->send_result : OUTBOX_NOT_TOLD;
    assert_true(outbox_owns(cookie));
    note(fake, "send", event->id);
    size_t at = fake->n_sent++ % 64;
    snprintf(fake->sent[at].id, sizeof(fake->sent[at].id), "%s", event->id);
    fake->sent[at].cookie = cookie;
    run_meanwhile(fake);
    return 0;
}

static void fake_delivered(void *userdata, const char *id)
{
    run_meanwhile(userdata);
    note(userdata, "delivered", id);
}

static void fake_refused(void *userdata, const struct store_event *event, int reason)
{
    char word[32];
    snprintf(word, sizeof(word), "refused(%d,%d,%x)", event->tries, event->refused,
             (unsigned)reason);
    run_meanwhile(userdata);
    note(userdata, word, event->id);
}

static void fake_dropped(void *userdata, const char *id)
{
    struct fake *fake = userdata;
    if (fake->n_dropped++ == 0)
        snprintf(fake->first_dropped, sizeof(fake->first_dropped), "%s", id);
    run_meanwhile(fake);
}

static int setup(void **state)
{
    static struct fake fake;
    static const struct outbox_callbacks callbacks = { fake_send, fake_delivered, fake_refused,
                                                       fake_dropped };
    memset(&fake, 0, sizeof(fake));
    *state = &fake;
    return outbox_new(&fake.outbox, &callbacks, &fake);
}

static int teardown(void **state)
{
    struct fake *fake = *state;
    outbox_free(fake->outbox);
    return 0;
}

static struct store_event event(const char *id, const char *runner)
{
    static char body[] = "{\"a\":1}";
    struct store_event event = { .kind = EVENT_SESSION_END, .at_usec = WALL, .body = body };
    snprintf(event.id, sizeof(event.id), "%s", id);
    snprintf(event.runner, sizeof(event.runner), "%s", runner);
    return event;
}

static void add(struct fake *fake, const char *id, const char *runner)
{
    struct store_event row = event(id, runner);
    assert_int_equal(outbox_add(fake->outbox, &row, 1, WALL, SECOND), 0);
}

/* Answers the newest try of the row; `now` in seconds */
static void answer(struct fake *fake, const char *id, enum mqtt_result result, uint64_t now)
{
    for (size_t i = fake->n_sent; i-- > 0;)
        if (strcmp(fake->sent[i % 64].id, id) == 0) {
            outbox_answer(fake->outbox, fake->sent[i % 64].cookie, result, 0x87, now * SECOND);
            return;
        }
    fail_msg("%s was never sent", id);
}

static void expect(struct fake *fake, const char *log)
{
    assert_string_equal(fake->log, log);
    fake->log[0] = '\0';
}

static void test_rows_of_one_runner_go_one_after_the_other(void **state)
{
    struct fake *fake = *state;
    add(fake, "a1", "anna");
    add(fake, "a2", "anna");
    expect(fake, "");
    outbox_set_online(fake->outbox, true, SECOND);
    expect(fake, "send a1");
    answer(fake, "a1", MQTT_DONE, 2);
    expect(fake, "delivered a1; send a2");
    answer(fake, "a2", MQTT_DONE, 3);
    expect(fake, "delivered a2");
    assert_int_equal(outbox_waiting(fake->outbox), 0);
    assert_int_equal(outbox_next_usec(fake->outbox), OUTBOX_NEVER);
}

static void test_what_is_not_to_be_told_any_more_is_gone_and_the_next_one_goes(void **state)
{
    struct fake *fake = *state;
    fake->private_letter = 'p';
    add(fake, "p1", "anna");
    add(fake, "p2", "anna");
    add(fake, "a1", "anna");
    add(fake, "p3", "anna");
    outbox_set_online(fake->outbox, true, SECOND);
    expect(fake, "delivered p1; delivered p2; send a1");
    answer(fake, "a1", MQTT_DONE, 2);
    expect(fake, "delivered a1; delivered p3");
    add(fake, "p4", "anna");
    expect(fake, "delivered p4");
    assert_int_equal(outbox_waiting(fake->outbox), 0);
    assert_int_equal(outbox_next_usec(fake->outbox), OUTBOX_NEVER);
    fake->private_letter = '\0';
    add(fake, "a2", "anna");
    expect(fake, "send a2");
}

static void test_runners_do_not_wait_for_each_other(void **state)
{
    struct fake *fake = *state;
    outbox_set_online(fake->outbox, true, SECOND);
    add(fake, "a1", "anna");
    add(fake, "a2", "anna");
    add(fake, "b1", "ben");
    add(fake, "n1", "");
    expect(fake, "send a1; send b1; send n1");
    answer(fake, "b1", MQTT_DONE, 2);
    expect(fake, "delivered b1");
}

static void test_lost_rows_go_again_under_the_same_id(void **state)
{
    struct fake *fake = *state;
    outbox_set_online(fake->outbox, true, SECOND);
    add(fake, "a1", "anna");
    add(fake, "a2", "anna");
    outbox_set_online(fake->outbox, false, 2 * SECOND);
    answer(fake, "a1", MQTT_LOST, 2);
    expect(fake, "send a1");
    assert_int_equal(outbox_waiting(fake->outbox), 2);
    assert_int_equal(outbox_next_usec(fake->outbox), OUTBOX_NEVER);
    outbox_set_online(fake->outbox, true, 3 * SECOND);
    expect(fake, "send a1");
    answer(fake, "a1", MQTT_DONE, 4);
    expect(fake, "delivered a1; send a2");
}

static void test_lost_while_online_goes_again_by_time(void **state)
{
    struct fake *fake = *state;
    outbox_set_online(fake->outbox, true, SECOND);
    add(fake, "a1", "anna");
    answer(fake, "a1", MQTT_LOST, 2);
    assert_int_equal(outbox_next_usec(fake->outbox), 2 * SECOND + OUTBOX_RETRY_USEC);
    outbox_run(fake->outbox, WALL, 7 * SECOND);
    expect(fake, "send a1; send a1");
}

static void test_answer_for_an_older_try_changes_nothing(void **state)
{
    struct fake *fake = *state;
    outbox_set_online(fake->outbox, true, SECOND);
    add(fake, "a1", "anna");
    uint64_t old = fake->sent[0].cookie;
    answer(fake, "a1", MQTT_LOST, 2);
    outbox_run(fake->outbox, WALL, 10 * SECOND);
    expect(fake, "send a1; send a1");
    outbox_answer(fake->outbox, old, MQTT_DONE, 0, 10 * SECOND);
    outbox_answer(fake->outbox, 12345, MQTT_DONE, 0, 10 * SECOND);
    expect(fake, "");
    assert_int_equal(outbox_waiting(fake->outbox), 1);
}

static void test_refused_three_times_is_marked_and_holds_up_nobody(void **state)
{
    struct fake *fake = *state;
    outbox_set_online(fake->outbox, true, SECOND);
    add(fake, "a1", "anna");
    add(fake, "a2", "anna");
    answer(fake, "a1", MQTT_REFUSED, 10);
    expect(fake, "send a1; refused(1,0,87) a1");
    assert_int_equal(outbox_next_usec(fake->outbox), 15 * SECOND);
    outbox_run(fake->outbox, WALL, 14 * SECOND);
    expect(fake, "");
    outbox_run(fake->outbox, WALL, 15 * SECOND);
    answer(fake, "a1", MQTT_REFUSED, 15);
    outbox_run(fake->outbox, WALL, 20 * SECOND);
    answer(fake, "a1", MQTT_REFUSED, 20);
    expect(fake, "send a1; refused(2,0,87) a1; send a1; refused(3,1,87) a1; send a2");
    assert_int_equal(outbox_waiting(fake->outbox), 1);
    assert_int_equal(outbox_refused(fake->outbox), 1);
    answer(fake, "a2", MQTT_DONE, 21);
    expect(fake, "delivered a2");
}

static void test_tries_of_an_earlier_life_count(void **state)
{
    struct fake *fake = *state;
    struct store_event rows[2] = { event("a1", "anna"), event("a2", "anna") };
    rows[0].refused = true;
    rows[0].tries = 3;
    rows[1].tries = 2;
    outbox_set_online(fake->outbox, true, SECOND);
    assert_int_equal(outbox_add(fake->outbox, rows, 2, WALL, SECOND), 0);
    assert_int_equal(outbox_refused(fake->outbox), 1);
    answer(fake, "a2", MQTT_REFUSED, 2);
    expect(fake, "send a2; refused(3,1,87) a2");
}

static void link_anew(struct fake *fake, uint64_t now)
{
    outbox_set_online(fake->outbox, false, now * SECOND);
    outbox_set_online(fake->outbox, true, now * SECOND);
}

static void load_refused(struct fake *fake)
{
    struct store_event rows[] = { event("a1", "anna"), event("a2", "anna"), event("a3", "anna"),
                                  event("b1", "ben") };
    for (size_t i = 0; i < 2; i++) {
        rows[i].refused = true;
        rows[i].tries = 3;
    }
    assert_int_equal(outbox_load(fake->outbox, rows, 4), 0);
}

/* An access rule that was mended heals what it broke, and one that was not costs one try a link. */
static void test_what_was_refused_is_tried_once_over_each_new_link(void **state)
{
    struct fake *fake = *state;
    load_refused(fake);
    link_anew(fake, 1);
    expect(fake, "send b1; send a1");
    assert_int_equal(outbox_refused(fake->outbox), 2); /* until it is heard of */
    answer(fake, "a1", MQTT_REFUSED, 2);
    expect(fake, "send a3"); /* known, and of no use to say again */
    answer(fake, "a3", MQTT_DONE, 3);
    expect(fake, "delivered a3");
    assert_int_equal(outbox_refused(fake->outbox), 2);
    outbox_run(fake->outbox, WALL, 1000 * SECOND);
    expect(fake, "");
    answer(fake, "b1", MQTT_DONE, 1001);
    link_anew(fake, 2000);
    expect(fake, "delivered b1; send a1");
    answer(fake, "a1", MQTT_DONE, 2001);
    expect(fake, "delivered a1; send a2");
    answer(fake, "a2", MQTT_DONE, 2002);
    expect(fake, "delivered a2");
    assert_int_equal(outbox_refused(fake->outbox), 0);
    assert_int_equal(outbox_waiting(fake->outbox), 0);
}

static void test_what_was_refused_and_is_lost_waits_for_the_next_link(void **state)
{
    struct fake *fake = *state;
    load_refused(fake);
    link_anew(fake, 1);
    answer(fake, "a1", MQTT_LOST, 2);
    fake->log[0] = '\0';
    link_anew(fake, 3);
    expect(fake, "send b1; send a1");
    link_anew(fake, 4); /* with no answer at all */
    expect(fake, "send b1; send a1");
    answer(fake, "a1", MQTT_DONE, 5);
    expect(fake, "delivered a1; send a2");
    assert_int_equal(outbox_refused(fake->outbox), 1);
}

/* Nobody heard of it: that says nothing of the next one, which may go by now. */
static void test_what_was_refused_and_is_not_to_be_told_does_not_end_the_tries(void **state)
{
    struct fake *fake = *state;
    struct store_event rows[] = { event("p1", "anna"), event("a1", "anna"), event("p2", "anna"),
                                  event("p3", "anna"), event("a2", "anna"), event("a3", "anna") };
    for (size_t i = 0; i < 5; i++) {
        rows[i].refused = true;
        rows[i].tries = 3;
    }
    assert_int_equal(outbox_load(fake->outbox, rows, 6), 0);
    fake->private_letter = 'p';
    link_anew(fake, 1);
    expect(fake, "delivered p1; send a1");
    answer(fake, "a1", MQTT_DONE, 2);
    expect(fake, "delivered a1; delivered p2; delivered p3; send a2");
    answer(fake, "a2", MQTT_DONE, 3);
    expect(fake, "delivered a2; send a3");
    assert_int_equal(outbox_refused(fake->outbox), 0);
    assert_int_equal(outbox_waiting(fake->outbox), 1);
}

static void test_held_while_the_clock_is_unset(void **state)
{
    struct fake *fake = *state;
    struct store_event row = event("a1", "anna");
    row.at_usec = 0;
    outbox_hold(fake->outbox, true, SECOND);
    outbox_set_online(fake->outbox, true, SECOND);
    assert_int_equal(outbox_add(fake->outbox, &row, 1, 0, SECOND), 0);
    outbox_run(fake->outbox, 0, 100 * SECOND);
    expect(fake, "");
    outbox_hold(fake->outbox, false, 101 * SECOND);
    expect(fake, "send a1");
}

static void test_no_room_at_the_broker_is_tried_again(void **state)
{
    struct fake *fake = *state;
    fake->send_result = -ENOBUFS;
    outbox_set_online(fake->outbox, true, SECOND);
    add(fake, "a1", "anna");
    assert_int_equal(outbox_next_usec(fake->outbox), SECOND + OUTBOX_RETRY_USEC);
    fake->send_result = 0;
    outbox_run(fake->outbox, WALL, 6 * SECOND);
    expect(fake, "send a1");
}

static void fill(struct fake *fake, int from, int to, enum event_kind kind)
{
    for (int i = from; i < to; i++) {
        char id[16];
        snprintf(id, sizeof(id), "%d", i);
        struct store_event row = event(id, "anna");
        row.kind = kind;
        assert_int_equal(outbox_add(fake->outbox, &row, 1, WALL, SECOND), 0);
    }
}

static void test_the_oldest_go_first_when_there_are_too_many(void **state)
{
    struct fake *fake = *state;
    fill(fake, 0, 10, EVENT_ALERT);
    fill(fake, 10, STORE_EVENTS_MAX, EVENT_CUE);
    assert_int_equal(fake->n_dropped, 0);
    fill(fake, STORE_EVENTS_MAX, STORE_EVENTS_MAX + 1, EVENT_CUE);
    assert_int_equal(fake->n_dropped, 1);
    assert_string_equal(fake->first_dropped, "10"); /* the ten before are alerts */
    assert_int_equal(outbox_dropped(fake->outbox), 1);
    assert_int_equal(outbox_waiting(fake->outbox), STORE_EVENTS_MAX);
}

static void test_alerts_go_when_there_is_nothing_else(void **state)
{
    struct fake *fake = *state;
    fill(fake, 0, STORE_EVENTS_MAX + 2, EVENT_ALERT);
    assert_int_equal(fake->n_dropped, 2);
    assert_string_equal(fake->first_dropped, "0");
}

static void test_refused_rows_go_before_all_others(void **state)
{
    struct fake *fake = *state;
    fill(fake, 0, STORE_EVENTS_MAX - 1, EVENT_CUE);
    struct store_event row = event("refused", "ben");
    row.refused = true;
    assert_int_equal(outbox_add(fake->outbox, &row, 1, WALL, SECOND), 0);
    fill(fake, STORE_EVENTS_MAX, STORE_EVENTS_MAX + 1, EVENT_CUE);
    assert_string_equal(fake->first_dropped, "refused");
    assert_int_equal(outbox_refused(fake->outbox), 0);
}

static void test_a_row_on_its_way_is_not_dropped(void **state)
{
    struct fake *fake = *state;
    outbox_set_online(fake->outbox, true, SECOND);
    fill(fake, 0, STORE_EVENTS_MAX + 1, EVENT_CUE);
    assert_string_equal(fake->first_dropped, "1");
    answer(fake, "0", MQTT_DONE, 2);
    expect(fake, "send 0; delivered 0; send 2");
}

static void test_ninety_days(void **state)
{
    struct fake *fake = *state;
    struct store_event rows[3] = { event("old", "anna"), event("young", "anna"),
                                   event("undated", "anna") };
    rows[0].at_usec = WALL - 90 * DAY - 1;
    rows[1].at_usec = WALL - 90 * DAY;
    rows[2].at_usec = 0;
    assert_int_equal(outbox_load(fake->outbox, rows, 3), 0);
    outbox_run(fake->outbox, 0, SECOND);
    assert_int_equal(fake->n_dropped, 0); /* nobody knows what time it is */
    outbox_hold(fake->outbox, true, SECOND);
    outbox_run(fake->outbox, WALL, SECOND);
    assert_int_equal(fake->n_dropped, 0);
    outbox_hold(fake->outbox, false, SECOND);
    outbox_run(fake->outbox, WALL, SECOND);
    assert_int_equal(fake->n_dropped, 1);
    assert_string_equal(fake->first_dropped, "old");
    outbox_run(fake->outbox, WALL + 1, SECOND);
    assert_int_equal(fake->n_dropped, 2);
    outbox_run(fake->outbox, WALL + 1000 * DAY, SECOND);
    assert_int_equal(outbox_waiting(fake->outbox), 1);
}

/* It was dated by a clock that was behind, or long before it was told: it has not waited for that. */
static void test_ninety_days_are_waited_whatever_the_date(void **state)
{
    struct fake *fake = *state;
    struct store_event row = event("old", "anna");
    row.at_usec = WALL - 200 * DAY;
    assert_int_equal(outbox_add(fake->outbox, &row, 1, WALL, SECOND), 0);
    outbox_run(fake->outbox, WALL + 89 * DAY, SECOND + 89 * DAY);
    assert_int_equal(fake->n_dropped, 0);
    outbox_run(fake->outbox, WALL + 90 * DAY, SECOND + 90 * DAY);
    assert_int_equal(fake->n_dropped, 1);
}

/* ---- run by whom it tells ------------------------------------------------------------------------ */

static void load_old(struct fake *fake, size_t n)
{
    struct store_event rows[3] = { event("old1", "anna"), event("old2", "anna"),
                                   event("old3", "anna") };
    for (size_t i = 0; i < n; i++)
        rows[i].at_usec = WALL - 91 * DAY;
    assert_int_equal(outbox_load(fake->outbox, rows, n), 0);
    outbox_set_online(fake->outbox, true, SECOND);
    expect(fake, "send old1");
    fake->run_wall_usec = WALL;
}

static void test_run_while_an_old_row_is_told_delivered(void **state)
{
    struct fake *fake = *state;
    load_old(fake, 1);
    answer(fake, "old1", MQTT_DONE, 2);
    expect(fake, "delivered old1");
    assert_int_equal(fake->n_dropped, 0);
    assert_int_equal(outbox_waiting(fake->outbox), 0);
}

static void test_run_while_an_old_row_is_told_dropped(void **state)
{
    struct fake *fake = *state;
    load_old(fake, 3);
    outbox_run(fake->outbox, WALL, 2 * SECOND); /* the first is on its way */
    assert_int_equal(fake->n_dropped, 2);
    assert_int_equal(outbox_dropped(fake->outbox), 2);
    assert_int_equal(outbox_waiting(fake->outbox), 1);
    answer(fake, "old1", MQTT_DONE, 3);
    expect(fake, "delivered old1");
}

static void test_run_while_told_drops_before_more_is_sent(void **state)
{
    struct fake *fake = *state;
    load_old(fake, 3);
    answer(fake, "old1", MQTT_DONE, 2);
    expect(fake, "delivered old1");
    assert_int_equal(fake->n_dropped, 2);
    assert_int_equal(outbox_waiting(fake->outbox), 0);
}

static void test_run_while_told_sends_nothing_twice(void **state)
{
    struct fake *fake = *state;
    fake->run_wall_usec = WALL;
    outbox_set_online(fake->outbox, true, SECOND);
    add(fake, "a1", "anna");
    add(fake, "a2", "anna");
    add(fake, "b1", "ben");
    answer(fake, "a1", MQTT_DONE, 2);
    answer(fake, "b1", MQTT_REFUSED, 2);
    expect(fake, "send a1; send b1; delivered a1; send a2; refused(1,0,87) b1");
}

static void test_run_while_told_of_too_many(void **state)
{
    struct fake *fake = *state;
    fake->run_wall_usec = WALL;
    fill(fake, 0, STORE_EVENTS_MAX + 2, EVENT_CUE);
    assert_int_equal(fake->n_dropped, 2);
    assert_int_equal(outbox_waiting(fake->outbox), STORE_EVENTS_MAX);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_rows_of_one_runner_go_one_after_the_other),
        TEST(test_what_is_not_to_be_told_any_more_is_gone_and_the_next_one_goes),
        TEST(test_runners_do_not_wait_for_each_other),
        TEST(test_lost_rows_go_again_under_the_same_id),
        TEST(test_lost_while_online_goes_again_by_time),
        TEST(test_answer_for_an_older_try_changes_nothing),
        TEST(test_refused_three_times_is_marked_and_holds_up_nobody),
        TEST(test_tries_of_an_earlier_life_count),
        TEST(test_what_was_refused_is_tried_once_over_each_new_link),
        TEST(test_what_was_refused_and_is_lost_waits_for_the_next_link),
        TEST(test_what_was_refused_and_is_not_to_be_told_does_not_end_the_tries),
        TEST(test_held_while_the_clock_is_unset),
        TEST(test_no_room_at_the_broker_is_tried_again),
        TEST(test_the_oldest_go_first_when_there_are_too_many),
        TEST(test_alerts_go_when_there_is_nothing_else),
        TEST(test_refused_rows_go_before_all_others),
        TEST(test_a_row_on_its_way_is_not_dropped),
        TEST(test_ninety_days),
        TEST(test_ninety_days_are_waited_whatever_the_date),
        TEST(test_run_while_an_old_row_is_told_delivered),
        TEST(test_run_while_an_old_row_is_told_dropped),
        TEST(test_run_while_told_drops_before_more_is_sent),
        TEST(test_run_while_told_sends_nothing_twice),
        TEST(test_run_while_told_of_too_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
