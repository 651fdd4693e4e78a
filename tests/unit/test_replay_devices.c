/* SPDX-License-Identifier: MIT */
/* What a recording tells of its sensors, as the messages of their topics: lines in, lines out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "daemon/replay/devices.h"
#include "daemon/util.h"

#define HEAD                                                                                       \
    "A 0123456789abcdef0123456789abcdef 100000000 1795221600000000 synced\n"                       \
    "R anna - 0 190 50 - -\n"                                                                      \
    "S 0 pod C0:DE:00:00:00:00 auto 1 -\n"

/* What is printed of the lines. */
static char *play(const char *lines, bool text)
{
    static struct devices devices;
    char *said = NULL;
    size_t length;
    struct print print = { .out = open_memstream(&said, &length), .text = text, .gateway = "hall" };

    assert_non_null(print.out);
    devices_init(&devices, &print);
    for (const char *line = lines; *line;) {
        struct record record;
        size_t n = strcspn(line, "\n");

        assert_int_equal(recording_parse(line, n, true, &record), RECORDING_OK);
        devices_feed(&devices, &record);
        line += n + (line[n] == '\n');
    }
    devices_end(&devices);
    fclose(print.out);
    return said;
}

/* Each part in its order. */
static void assert_says(const char *lines, const char *const *parts, size_t n)
{
    _cleanup_free_ char *said = play(lines, false);
    const char *at = said;

    for (size_t i = 0; i < n; i++) {
        const char *found = strstr(at, parts[i]);

        if (!found)
            fail_msg("no '%s' in\n%s", parts[i], at);
        at = found + 1;
    }
}

#define SAYS(lines, ...)                                                                           \
    assert_says(lines, (const char *const[]){ __VA_ARGS__ },                                       \
                ELEMENTSOF(((const char *const[]){ __VA_ARGS__ })))

static void test_a_link_that_drops_and_comes_again(void **state)
{
    SAYS(HEAD "L 101000000 0 up\nN 102000000 0 2a53 060003ac00000000\nL 103000000 0 down\n"
              "L 109000000 0 up\nN 110000000 0 2a53 060003ac1e000000\n",
         "strided/hall/sensor/pod {\"name\":\"pod\"", "\"state\":\"streaming\"", "\"drops\":0",
         "\"state\":\"absent\",\"reason\":\"its link went down: lost, or let go\"", "\"drops\":1",
         "\"last_seen\":\"2026-11-21T00:40:03Z\"", "\"state\":\"streaming\",\"reason\":null",
         "\"drops\":1");
}

static void test_packets_that_make_no_sense_are_counted(void **state)
{
    /* cut within what must be there; cut within what it promised; and another characteristic */
    SAYS(HEAD "N 102000000 0 2a53 06\nN 103000000 0 2a37 06\nN 104000000 0 2a53 030003ac64\n"
              "N 105000000 0 2a19 64\n",
         "\"malformed\":2,\"truncated\":1");
}

static void test_silence_is_told_when_time_has_passed(void **state)
{
    SAYS(HEAD "S 1 strap C0:DE:00:00:00:01 auto 1 s\n"
              "N 102000000 0 2a53 060003ac00000000\nN 111000000 1 2a37 0096\n"
              "N 113000000 1 2a37 0096\n",
         "\"name\":\"pod\",\"kind\":\"pod\",\"runner\":\"anna\"", "\"state\":\"streaming\"",
         "\"name\":\"strap\",\"kind\":\"strap\"", "\"name\":\"pod\"",
         "\"state\":\"silent\",\"reason\":\"subscribed, but no packets for 10 s\"");
}

static void test_what_is_not_known_is_null(void **state)
{
    static const char lines[] = "A 0123456789abcdef0123456789abcdef 100000000 0 unset\n"
                                "S 0 pod C0:DE:00:00:00:00 auto 1 -\n";

    SAYS(lines,
         "\"kind\":null,\"runner\":null,\"address\":\"C0:DE:00:00:00:00\",\"state\":\"absent\","
         "\"reason\":\"not heard yet\",\"battery_pct\":null,\"manufacturer\":null,\"model\":null,"
         "\"firmware\":null,\"cadence_unit\":null,\"drops\":0,\"malformed\":0,\"truncated\":0,"
         "\"last_seen\":null}");
}

static void test_a_machine_that_went_off_is_no_drop(void **state)
{
    SAYS(HEAD "N 102000000 0 2a53 060003ac00000000\n"
              "A fedcba9876543210fedcba9876543210 5000000 1795221700000000 synced\n"
              "N 6000000 0 2a53 060003ac1e000000\n",
         "\"state\":\"streaming\"", "\"state\":\"absent\",\"reason\":\"not heard since",
         "\"drops\":0", "\"state\":\"streaming\"", "\"drops\":0",
         "\"last_seen\":\"2026-11-21T00:41:41Z\"");
}

static void test_figures_are_told_once_a_minute_and_at_the_end(void **state)
{
    char lines[16384] = HEAD;
    size_t n = 0;

    for (unsigned t = 0; t <= 150; t++)
        snprintf(lines + strlen(lines), sizeof(lines) - strlen(lines), "N %u000000 0 2a37 06\n",
                 102 + t);
    _cleanup_free_ char *said = play(lines, false);
    for (const char *at = said; (at = strchr(at, '\n')); at++)
        n++;
    assert_int_equal(n, 4); /* first, two minutes, end */
    _cleanup_free_ char *text = play(lines, true);
    assert_string_equal(text, "sensor name=pod kind=strap runner=anna state=streaming drops=0 "
                              "malformed=151 truncated=0\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_link_that_drops_and_comes_again),
        cmocka_unit_test(test_packets_that_make_no_sense_are_counted),
        cmocka_unit_test(test_silence_is_told_when_time_has_passed),
        cmocka_unit_test(test_what_is_not_known_is_null),
        cmocka_unit_test(test_a_machine_that_went_off_is_no_drop),
        cmocka_unit_test(test_figures_are_told_once_a_minute_and_at_the_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
