/* SPDX-License-Identifier: MIT */
/* The live screen: what it shows of a household, and what it does not claim to know. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdbool.h>
#include "daemon/stridectl/watch_screen.h"
#include "tests/unit/printed.h"

#define HOUSE(units, problems, runners, sessions, live)                                            \
    "{\"gateway\":\"hall\",\"version\":\"1.2\",\"units\":\"" units "\",\"runners\":" runners       \
    ",\"sessions\":" sessions ",\"live\":" live                                                    \
    ",\"health\":{\"t\":\"2026-11-22T12:47:10Z\",\"clock\":\"synced\",\"problems\":" problems "}}"
#define SESSION(id, runner)                                                                        \
    "{\"id\":\"" id "\",\"runner\":" runner ",\"kind\":\"run\",\"state\":\"running\"}"
#define LIVE(id, runner, left)                                                                     \
    "{\"runner\":" runner ",\"live\":{\"session\":\"" id "\",\"elapsed_s\":3725.4,"                \
    "\"moving_s\":59.7,\"distance_m\":10250.4,\"pace_s_per_km\":256,\"cadence_spm\":180.4,"        \
    "\"heart_rate_bpm\":null,\"zone\":null,\"trimp\":null,\"grade_pct\":-8.0,\"steps\":516,"       \
    "\"downhill_drop_m\":0,\"ascent_m\":null,\"power_w\":240,\"temperature_c\":null,"              \
    "\"left_today\":" left "}}"
#define LEFT                                                                                       \
    "{\"distance_m\":3200,\"moving_s\":1200,\"downhill_drop_m\":0,\"run_distance_m\":2100,"        \
    "\"run_descent_m\":null}"

static const char sensors[] =
    "{\"sensors\":[{\"name\":\"pod\",\"kind\":\"pod\",\"runner\":\"anna\",\"state\":\"streaming\","
    "\"battery_pct\":87,\"reason\":\"subscribed\"},{\"name\":\"strap\",\"kind\":\"strap\","
    "\"runner\":\"ben\",\"state\":\"absent\",\"battery_pct\":null,\"reason\":\"not heard yet\"},"
    "{\"name\":\"belt\",\"kind\":\"belt\",\"runner\":\"auto\",\"state\":\"silent\","
    "\"battery_pct\":null,\"reason\":\"no packet for 10 s\"}]}";
static const char weeks[] =
    "{\"ben\":{\"week\":{\"measures\":{\"distance_m\":{\"left_today\":4100},"
    "\"moving_s\":{\"left_today\":null},\"downhill_drop_m\":{\"left_today\":35}}}}}";

static void check(const char *status, const char *runner, int columns, bool utf8,
                  const char *expected)
{
    json_t *parts[] = { status ? json_of(status) : NULL, json_of(sensors), json_of(weeks) };

    look_at(columns, false, utf8);
    print_begin();
    watch_draw(&(struct watch_view){
        .status = parts[0], .sensors = parts[1], .weeks = parts[2], .runner = runner });
    assert_printed(expected);
    for (size_t i = 0; i < 3; i++)
        json_decref(parts[i]);
}

static void test_who_runs_has_figures_and_who_does_not_has_what_is_left(void **state)
{
    check(HOUSE("metric", "[]", "[\"anna\",\"ben\"]", "[" SESSION("s-0", "\"anna\"") "]",
                "[" LIVE("s-0", "\"anna\"", LEFT) "]"),
          NULL, 80, true,
          "gateway     hall, strided 1.2, clock synced: 2026-11-22 12:47 UTC\n"
          "\n"
          "SENSOR  KIND   RUNNER  STATE      BATTERY/%  REASON\n"
          "pod     pod    anna    streaming         87  subscribed\n"
          "strap   strap  ben     absent             -  not heard yet\n"
          "belt    belt   auto    silent             -  no packet for 10 s\n"
          "\n"
          "anna  running  s-0\n"
          "  pace              4:16 /km      heart rate               -\n"
          "  cadence            180 spm      zone                     -\n"
          "  distance          10.25 km      heart load               -\n"
          "  elapsed            1:02:05      grade               -8.0 %\n"
          "  moving                1:00      descent                0 m\n"
          "  steps                  516      ascent                   -\n"
          "  power                240 W\n"
          "  left today  distance 3.2 km, time 0:20 h, descent 0 m, distance of this run\n"
          "              2.1 km\n"
          "\n"
          "ben  no session\n"
          "  left today  distance 4.1 km, descent 35 m\n"
          "\n"
          "q ends it\n");
}

static void test_one_runner_alone_in_miles(void **state)
{
    check(HOUSE("imperial", "[\"the adapter is off: bluetoothctl power on\"]", "[\"anna\",\"ben\"]",
                "[" SESSION("s-0", "\"anna\"") "]", "[" LIVE("s-0", "\"anna\"", LEFT) "]"),
          "anna", 60, true,
          "gateway     hall, strided 1.2, clock synced:\n"
          "            2026-11-22 12:47 UTC\n"
          "problem     the adapter is off: bluetoothctl power on\n"
          "\n"
          "SENSOR  KIND  RUNNER  STATE      BATTERY/%  REASON\n"
          "pod     pod   anna    streaming         87  subscribed\n"
          "belt    belt  auto    silent             -  no packet for 1…\n"
          "\n"
          "anna  running  s-0\n"
          "  pace              6:52 /mi      heart rate               -\n"
          "  cadence            180 spm      zone                     -\n"
          "  distance           6.37 mi      heart load               -\n"
          "  elapsed            1:02:05      grade               -8.0 %\n"
          "  moving                1:00      descent               0 ft\n"
          "  steps                  516      ascent                   -\n"
          "  power                240 W\n"
          "  left today  distance 2.0 mi, time 0:20 h, descent 0 ft,\n"
          "              distance of this run 1.3 mi\n"
          "\n"
          "q ends it\n");
}

static void test_a_session_that_is_nobodys_has_no_day(void **state)
{
    check(HOUSE("metric", "[]", "[]", "[" SESSION("s-1", "null") "]",
                "[" LIVE("s-1", "null", "{}") "]"),
          NULL, 100, true,
          "gateway     hall, strided 1.2, clock synced: 2026-11-22 12:47 UTC\n"
          "\n"
          "SENSOR  KIND   RUNNER  STATE      BATTERY/%  REASON\n"
          "pod     pod    anna    streaming         87  subscribed\n"
          "strap   strap  ben     absent             -  not heard yet\n"
          "belt    belt   auto    silent             -  no packet for 10 s\n"
          "\n"
          "nobody's yet  running  s-1\n"
          "  pace              4:16 /km      heart rate               -      cadence            "
          "180 spm\n"
          "  zone                     -      distance          10.25 km      heart load            "
          "   -\n"
          "  elapsed            1:02:05      grade               -8.0 %      moving                "
          "1:00\n"
          "  descent                0 m      steps                  516      ascent                "
          "   -\n"
          "  power                240 W\n"
          "\n"
          "q ends it\n");
}

static void test_what_is_not_answered_is_not_known(void **state)
{
    check(NULL, NULL, 80, true,
          "waiting for strided\n"
          "\n"
          "q ends it\n");
    look_at(80, false, true);
    print_begin();
    watch_draw(&(struct watch_view){ .error = "strided does not run (systemctl status strided)." });
    assert_printed("strided does not run (systemctl status strided).\n\nq ends it\n");
    /* a session whose second is not there yet */
    check(HOUSE("metric", "[]", "[\"anna\"]", "[" SESSION("s-0", "\"anna\"") "]", "[]"), "anna", 40,
          true,
          "gateway     hall, strided 1.2, clock\n"
          "            synced: 2026-11-22 12:47 UTC\n"
          "\n"
          "SENSOR  STATE      BATTERY/%  REASON\n"
          "pod     streaming         87  subscribed\n"
          "belt    silent             -  no packet…\n"
          "\n"
          "anna  running  s-0\n"
          "  pace                     -\n"
          "  heart rate               -\n"
          "  cadence                  -\n"
          "  zone                     -\n"
          "  distance                 -\n"
          "  heart load               -\n"
          "  elapsed                  -\n"
          "  grade                    -\n"
          "  moving                   -\n"
          "  descent                  -\n"
          "  steps                    -\n"
          "  ascent                   -\n"
          "  left today  not known; what is\n"
          "              missing: stridectl week\n"
          "\n"
          "q ends it\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_runs_has_figures_and_who_does_not_has_what_is_left),
        cmocka_unit_test(test_one_runner_alone_in_miles),
        cmocka_unit_test(test_a_session_that_is_nobodys_has_no_day),
        cmocka_unit_test(test_what_is_not_answered_is_not_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
