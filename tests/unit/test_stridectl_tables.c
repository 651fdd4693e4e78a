/* SPDX-License-Identifier: MIT */
/* Tables on terminals of several widths, with texts that are wide, long, and not to be trusted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdbool.h>
#include "daemon/stridectl/tables.h"
#include "daemon/stridectl/text.h"
#include "daemon/util.h"
#include "tests/unit/printed.h"

/* ---- text --------------------------------------------------------------------------------------- */

static void test_characters_take_the_columns_that_a_terminal_gives_them(void **state)
{
    static const struct {
        const char *text;
        int columns;
    } rows[] = {
        { "", 0 },  { "pod", 3 },      { "größe", 5 },    { "跑步", 4 }, { "e\u0301", 1 },
        { "🏃", 2 }, { "\x1b[31m", 5 }, { "\xff\xfe", 2 }, { "ａ", 2 },   { "a\u200bb", 2 },
    };

    look_at(80, false, true);
    for (size_t i = 0; i < ELEMENTSOF(rows); i++)
        if (text_columns(rows[i].text) != rows[i].columns)
            fail_msg("%s: %d columns", rows[i].text, text_columns(rows[i].text));
}

static void test_a_text_is_cut_between_characters_and_never_too_long(void **state)
{
    static const struct {
        bool utf8;
        const char *text;
        int columns;
        const char *shown;
    } rows[] = {
        { true, "Schrittmesser", 0, "Schrittmesser" },
        { true, "Schrittmesser", 13, "Schrittmesser" },
        { true, "Schrittmesser", 12, "Schrittmess…" },
        { true, "größer", 4, "grö…" },
        { true, "größer", 1, "…" },
        { true, "跑步机跑步机", 12, "跑步机跑步机" },
        { true, "跑步机跑步机", 8, "跑步机…" },
        { true, "跑步机跑步机", 6, "跑步…" }, /* the third would end in the seventh column */
        { true, "e\u0301e\u0301e\u0301", 2, "e\u0301…" },
        { false, "Schrittmesser", 12, "Schrittme..." },
        { false, "Schrittmesser", 2, "Sc" },
        { false, "größer", 0, "gr??er" },
        { true, "\x1b]0;mine\x07pod", 0, "?]0;mine?pod" },
        { true,
          "a\xc2\x9b"
          "31mb",
          0, "a?31mb" }, /* a control sequence begins so, too */
        { true, "fdp.\u202etif", 0, "fdp.?tif" },
        { true, "a\nb\tc\x7f", 0, "a?b?c?" },
        { true, "a\xff\xe2\x80", 0, "a???" },
    };

    for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
        look_at(80, false, rows[i].utf8);
        char *shown = text_fit(rows[i].text, rows[i].columns);

        assert_string_equal(shown, rows[i].shown);
        free(shown);
    }
}

static void test_lines_end_between_words(void **state)
{
    look_at(80, false, true);
    print_begin();
    text_print("  Eins zwei drei  Donaudampfschifffahrt größer: 跑步 x ", 12, 2, "* ");
    assert_string_equal(print_end(), "* Eins zwei\n"
                                     "  drei\n"
                                     "  Donaudampfschifffahrt\n"
                                     "  größer:\n"
                                     "  跑步 x\n");
    print_begin();
    text_print("of 5 205 runners 30 to 100 % longer", 12, 0, ""); /* a figure stays whole */
    assert_string_equal(print_end(), "of 5 205\n"
                                     "runners 30\n"
                                     "to 100 %\n"
                                     "longer\n");
    print_begin();
    text_print("", 12, 0, "");
    text_print("   ", 12, 4, "");
    assert_string_equal(print_end(), "");
}

/* ---- tables ------------------------------------------------------------------------------------- */

static const struct column columns[] = {
    { "name", "SENSOR", 6 },  { "kind", "KIND", .spare = 2 },  { "state", "STATE" },
    { "battery", "BATTERY" }, { "of", "ADDRESS", .spare = 3 }, { "reason", "REASON" },
    { NULL, NULL },
};
static const char sensors[] =
    "[{\"name\":\"pod\",\"kind\":\"pod\",\"state\":\"streaming\",\"battery\":7,"
    "  \"of\":\"C4:5D:A1:07:1E:42\",\"reason\":\"subscribed\"},"
    " {\"name\":\"跑步机-im-Keller\",\"kind\":\"belt\",\"state\":\"unavailable\",\"battery\":null,"
    "  \"of\":null,\"reason\":\"the adapter is off: bluetoothctl power on\"},"
    " {\"name\":\"strap\",\"kind\":\"strap\",\"state\":\"absent\",\"battery\":100,"
    "  \"of\":\"F0:9E:4A:3B:22:B7\",\"reason\":null}]";

static void check_table(int width, bool colour, const char *rows, const char *expected)
{
    json_t *json = json_of(rows);

    look_at(width, colour, true);
    print_begin();
    stridectl_print_table(json, columns);
    assert_string_equal(print_end(), expected);
    json_decref(json);
}

static void test_a_pipe_gets_all_of_it(void **state)
{
    check_table(0, false, sensors,
                "SENSOR            KIND   STATE        BATTERY  ADDRESS            REASON\n"
                "pod               pod    streaming          7  C4:5D:A1:07:1E:42  subscribed\n"
                "跑步机-im-Keller  belt   unavailable        -  -                  "
                "the adapter is off: bluetoothctl power on\n"
                "strap             strap  absent           100  F0:9E:4A:3B:22:B7  -\n");
}

static void test_a_table_fits_by_cutting_the_longest_cells(void **state)
{
    check_table(90, false, sensors,
                "SENSOR            KIND   STATE        BATTERY  ADDRESS            REASON\n"
                "pod               pod    streaming          7  C4:5D:A1:07:1E:42  subscribed\n"
                "跑步机-im-Keller  belt   unavailable        -  -                  the adapter is "
                "off: blu…\n"
                "strap             strap  absent           100  F0:9E:4A:3B:22:B7  -\n");
}

static void test_then_by_leaving_out_what_can_be_spared(void **state)
{
    check_table(60, false, sensors,
                "SENSOR          KIND   STATE        BATTERY  REASON\n"
                "pod             pod    streaming          7  subscribed\n"
                "跑步机-im-Kel…  belt   unavailable        -  the adapter is…\n"
                "strap           strap  absent           100  -\n");
    check_table(40, false, sensors,
                "SENSOR  STATE        BATTERY  REASON\n"
                "pod     streaming          7  subscribed\n"
                "跑步…   unavailable        -  the adapt…\n"
                "strap   absent           100  -\n");
}

/* In columns, that of every line of a text. */
static void check_widths(const char *text, int width)
{
    while (*text) {
        size_t length = strcspn(text, "\n");
        char line[400];

        snprintf(line, sizeof(line), "%.*s", (int)length, text);
        if (text_columns(line) > width)
            fail_msg("%d columns for %d: %s", text_columns(line), width, line);
        text += length + 1;
    }
}

static void test_no_line_is_wider_than_the_terminal(void **state)
{
    json_t *json = json_of(sensors);

    for (int width = 40; width < 140; width++) {
        look_at(width, false, true);
        print_begin();
        stridectl_print_table(json, columns);
        check_widths(print_end(), width);
    }
    json_decref(json);
}

static void test_an_empty_table_is_its_head(void **state)
{
    check_table(0, false, "[]", "SENSOR  KIND  STATE  BATTERY  ADDRESS  REASON\n");
}

static void test_what_a_sensor_calls_itself_moves_no_cursor(void **state)
{
    check_table(0, false, "[{\"name\":\"\\u001b[2Jpod\",\"kind\":\"a\\nb\"}]",
                "SENSOR   KIND  STATE  BATTERY  ADDRESS  REASON\n"
                "?[2Jpod  a?b   -      -        -        -\n");
}

static void test_states_are_coloured_and_nothing_else_moves(void **state)
{
    check_table(0, true,
                "[{\"name\":\"ok\",\"state\":\"streaming\"},{\"name\":\"b\",\"state\":\"absent\"},"
                " {\"name\":\"c\",\"state\":\"unavailable\"}]",
                "\x1b[1mSENSOR\x1b[0m  \x1b[1mKIND\x1b[0m  \x1b[1mSTATE\x1b[0m        "
                "\x1b[1mBATTERY\x1b[0m  \x1b[1mADDRESS\x1b[0m  \x1b[1mREASON\x1b[0m\n"
                "ok      -     \x1b[32mstreaming\x1b[0m    -        -        -\n"
                "b       -     \x1b[2mabsent\x1b[0m       -        -        -\n"
                "c       -     \x1b[31munavailable\x1b[0m  -        -        -\n");
}

static void test_an_answer_without_a_form_has_a_line_for_each_name(void **state)
{
    json_t *data =
        json_pack("{s:s, s:i, s:n, s:s}", "runner", "anna\x1b[2J", "without_heart_load", 3,
                  "strain", "about", "means of the daily load, as others reckon them too");

    look_at(46, false, true);
    print_begin();
    stridectl_print("load", data);
    assert_printed("runner              anna?[2J\n"
                   "without_heart_load  3\n"
                   "strain              -\n"
                   "about               means of the daily load,\n"
                   "                    as others reckon them too\n");
    json_decref(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_characters_take_the_columns_that_a_terminal_gives_them),
        cmocka_unit_test(test_a_text_is_cut_between_characters_and_never_too_long),
        cmocka_unit_test(test_lines_end_between_words),
        cmocka_unit_test(test_a_pipe_gets_all_of_it),
        cmocka_unit_test(test_a_table_fits_by_cutting_the_longest_cells),
        cmocka_unit_test(test_then_by_leaving_out_what_can_be_spared),
        cmocka_unit_test(test_no_line_is_wider_than_the_terminal),
        cmocka_unit_test(test_an_empty_table_is_its_head),
        cmocka_unit_test(test_what_a_sensor_calls_itself_moves_no_cursor),
        cmocka_unit_test(test_states_are_coloured_and_nothing_else_moves),
        cmocka_unit_test(test_an_answer_without_a_form_has_a_line_for_each_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
