/* SPDX-License-Identifier: MIT */
/* The week and the weeks before it, drawn on terminals of several widths. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdbool.h>
#include "daemon/stridectl/tables.h"
#include "daemon/stridectl/text.h"
#include "tests/unit/printed.h"

#define MEASURE(total, reference, limit, left, frees, verdict, coverage)                           \
    "{\"total\":" total ",\"reference\":" reference ",\"limit\":" limit ",\"left_today\":" left    \
    ",\"frees_tomorrow\":" frees ",\"verdict\":\"" verdict "\",\"coverage_pct\":" coverage "}"
#define WEEK(units, far, long, drop, downhill)                                                     \
    "{\"runner\":\"anna\",\"units\":\"" units "\",\"week\":{\"day\":\"2027-03-10\",\"measures\":"  \
    "{\"distance_m\":" far                                                                         \
    ",\"moving_s\":" long ",\"downhill_drop_m\":" drop ",\"downhill_distance_m\":" downhill        \
                          "},\"walked\":{\"distance_m\":1200,\"moving_s\":900,"                    \
                          "\"downhill_drop_m\":null,\"downhill_distance_m\":null}}}"

static const char *const usual_week =
    WEEK("metric", MEASURE("28500", "25000", "27500", "0", "0", "caution", "null"),
         MEASURE("10260", "9000", "9900", "0", "1800", "caution", "null"),
         MEASURE("342", "300", "350", "8", "0", "ok", "100"),
         MEASURE("9985", "5250", "5775", "0", "0", "warning", "100"));
static const char *const new_week = WEEK(
    "imperial", MEASURE("8046.72", "null", "null", "null", "null", "insufficient_history", "null"),
    MEASURE("null", "null", "null", "null", "null", "insufficient_data", "null"),
    MEASURE("30.48", "null", "null", "null", "null", "insufficient_data", "62"),
    MEASURE("0", "null", "null", "null", "null", "insufficient_data", "90"));

static void check(void (*print)(const json_t *data), const char *text, int columns, bool utf8,
                  const char *expected)
{
    json_t *data = json_of(text);

    look_at(columns, false, utf8);
    print_begin();
    print(data);
    assert_printed(expected);
    json_decref(data);
}

static void test_the_week_against_what_is_usual_and_the_limit(void **state)
{
    check(stridectl_print_week, usual_week, 80, true,
          "The week to 10 Mar 2027                   ╎ usual   ┃ limit\n"
          "distance  █████████████████████████████████████╎██┃█·······  28.5 km  caution\n"
          "time      █████████████████████████████████████╎██┃█·······   2:51 h  caution\n"
          "descent   ███████████████████████████████████╎███·┃········    342 m  ok\n"
          "downhill  █████████████████████████╎██┃████████████████████  10.0 km  warning\n"
          "\n"
          "WEEK         DONE  USUAL  LIMIT  LEFT TODAY  OUT TOMORROW  VERDICT\n"
          "running/km   28.5   25.0   27.5         0.0           0.0  caution\n"
          "running/h    2:51   2:30   2:45        0:00          0:30  caution\n"
          "descent/m     342    300    350           8             0  ok\n"
          "downhill/km  10.0    5.2    5.8         0.0           0.0  warning\n"
          "\n"
          "Walked besides: 1.2 km; their descent is not known.\n"
          "Why, and when to see a doctor whatever is said here: stridectl explain RULE\n");
}

static void test_a_narrow_terminal_has_a_short_bar(void **state)
{
    check(stridectl_print_week, usual_week, 50, false,
          "The week to 10 Mar 2027  | usual   ! limit\n"
          "distance  ##############|!#..  28.5 km  caution\n"
          "time      ##############|!#..   2:51 h  caution\n"
          "descent   #############|#!...    342 m  ok\n"
          "downhill  #########|!########  10.0 km  warning\n"
          "\n"
          "WEEK         DONE  USUAL  LIMIT  LEFT TODAY  VERDICT\n"
          "running/km   28.5   25.0   27.5         0.0  caution\n"
          "running/h    2:51   2:30   2:45        0:00  caution\n"
          "descent/m     342    300    350           8  ok\n"
          "downhill/km  10.0    5.2    5.8         0.0  warning\n"
          "\n"
          "Walked besides: 1.2 km; their descent is not\n"
          "known.\n"
          "Why, and when to see a doctor whatever is said\n"
          "here: stridectl explain RULE\n");
}

static void test_a_pipe_has_the_bars_of_a_usual_terminal(void **state)
{
    json_t *data = json_of(usual_week);

    look_at(80, false, true);
    print_begin();
    stridectl_print_week(data);
    char *wide = strdup(print_end());

    look_at(0, false, true);
    print_begin();
    stridectl_print_week(data);
    assert_printed(wide);
    free(wide);
    json_decref(data);
}

static void test_without_a_verdict_it_says_what_is_missing(void **state)
{
    check(stridectl_print_week, new_week, 70, true,
          "The week to 10 Mar 2027         ╎ usual   ┃ limit\n"
          "distance  ·······································   5.0 mi  no verdict\n"
          "time      ·······································        -  no verdict\n"
          "descent   ·······································   100 ft  no verdict\n"
          "downhill  ·······································   0.0 mi  no verdict\n"
          "\n"
          "WEEK         DONE  USUAL  LIMIT  LEFT TODAY  OUT TOMORROW  VERDICT\n"
          "running/mi    5.0  -      -      -           -             insufficie…\n"
          "running/h       -  -      -      -           -             insufficie…\n"
          "descent/ft    100  -      -      -           -             insufficie…\n"
          "downhill/mi   0.0  -      -      -           -             insufficie…\n"
          "\n"
          "No verdict on distance: it takes 14 days on record, and two weeks that\n"
          "are known.\n"
          "No verdict on time: a session of these days does not tell how long it\n"
          "was.\n"
          "No verdict on descent: 62 % of the distance has altitude, and it takes\n"
          "80 %.\n"
          "No verdict on downhill: a session of these days does not tell how far\n"
          "it was.\n"
          "Walked besides: 0.7 mi; their descent is not known.\n"
          "Why, and when to see a doctor whatever is said here: stridectl explain\n"
          "RULE\n");
}

static void test_verdicts_have_their_colours(void **state)
{
    json_t *data = json_of(usual_week);

    look_at(80, true, true);
    print_begin();
    stridectl_print_week(data);
    const char *text = print_end();

    assert_non_null(strstr(text, "\x1b[33mcaution\x1b[0m"));
    assert_non_null(strstr(text, "\x1b[32mok\x1b[0m"));
    assert_non_null(strstr(text, "\x1b[31mwarning\x1b[0m"));
    json_decref(data);
}

static const char weeks[] =
    "{\"units\":\"metric\",\"day\":\"2026-11-22\",\"weeks\":["
    "{\"week\":\"2026-W44\",\"start\":\"2026-10-26\",\"runs\":3,\"distance_m\":24500,\"moving_s\":"
    "9060,\"downhill_drop_m\":210,\"ascent_m\":220,\"longest_run_m\":10100,\"walked_m\":0},"
    "{\"week\":\"2026-W45\",\"start\":\"2026-11-02\",\"runs\":0,\"distance_m\":0,\"moving_s\":0,"
    "\"downhill_drop_m\":0,\"ascent_m\":0,\"longest_run_m\":null,\"walked_m\":13000},"
    "{\"week\":\"2026-W46\",\"start\":\"2026-11-09\",\"runs\":12,\"distance_m\":102000.4,\"moving_"
    "s\":39660,\"downhill_drop_m\":null,\"ascent_m\":null,\"longest_run_m\":31000,\"walked_m\":0},"
    "{\"week\":\"2026-W47\",\"start\":\"2026-11-16\",\"runs\":1,\"distance_m\":40,\"moving_s\":15,"
    "\"downhill_drop_m\":1240,\"ascent_m\":220,\"longest_run_m\":40,\"walked_m\":0}]}";

static void test_weeks_are_bars_beside_their_figures(void **state)
{
    check(stridectl_print_history, weeks, 100, true,
          "WEEK      RUNS  RUNNING/km             TIME/h  DESCENT/m             ASCENT/m  "
          "LONGEST/km  WALKED/km\n"
          "2026-W44     3  ███▋             24.5    2:31  ██▌              210       220        "
          "10.1        0.0\n"
          "2026-W45     0                    0.0    0:00                     0         0           "
          "-       13.0\n"
          "2026-W46    12  ███████████████ 102.0   11:01                     -         -        "
          "31.0        0.0\n"
          "2026-W47     1  ▏                 0.0    0:00  ███████████████ 1240       220         "
          "0.0        0.0\n"
          "\n"
          "The last one is this week so far, to 22 Nov 2026.\n");
}

static void test_a_narrow_terminal_has_fewer_figures_and_still_its_bars(void **state)
{
    check(stridectl_print_history, weeks, 60, true,
          "WEEK      RUNS  RUNNING/km             DESCENT/m\n"
          "2026-W44     3  ███▋             24.5  ██▌              210\n"
          "2026-W45     0                    0.0                     0\n"
          "2026-W46    12  ███████████████ 102.0                     -\n"
          "2026-W47     1  ▏                 0.0  ███████████████ 1240\n"
          "\n"
          "The last one is this week so far, to 22 Nov 2026.\n");
    check(stridectl_print_history, weeks, 40, false,
          "WEEK      RUNNING/km      DESCENT/m\n"
          "2026-W44  ##        24.5  #         210\n"
          "2026-W45             0.0              0\n"
          "2026-W46  ######## 102.0              -\n"
          "2026-W47  #          0.0  ######## 1240\n"
          "\n"
          "The last one is this week so far, to 22\n"
          "Nov 2026.\n");
}

static void test_no_line_of_it_is_wider_than_the_terminal(void **state)
{
    json_t *data = json_of(weeks);

    for (int columns = 36; columns < 160; columns++) {
        look_at(columns, false, true);
        print_begin();
        stridectl_print_history(data);
        for (const char *line = print_end(); *line; line += strcspn(line, "\n") + 1) {
            char *one = strndup(line, strcspn(line, "\n"));

            if (text_columns(one) > columns)
                fail_msg("%d: %s", columns, one);
            free(one);
        }
    }
    json_decref(data);
}

static void test_before_the_first_session_there_is_a_sentence(void **state)
{
    check(stridectl_print_history, "{\"units\":\"metric\",\"weeks\":[]}", 80, true,
          "There is no session yet.\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_week_against_what_is_usual_and_the_limit),
        cmocka_unit_test(test_a_narrow_terminal_has_a_short_bar),
        cmocka_unit_test(test_a_pipe_has_the_bars_of_a_usual_terminal),
        cmocka_unit_test(test_without_a_verdict_it_says_what_is_missing),
        cmocka_unit_test(test_verdicts_have_their_colours),
        cmocka_unit_test(test_weeks_are_bars_beside_their_figures),
        cmocka_unit_test(test_a_narrow_terminal_has_fewer_figures_and_still_its_bars),
        cmocka_unit_test(test_no_line_of_it_is_wider_than_the_terminal),
        cmocka_unit_test(test_before_the_first_session_there_is_a_sentence),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
