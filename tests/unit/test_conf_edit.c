/* SPDX-License-Identifier: MIT */
/* A sensor's section changed in the middle of what a person wrote. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include "lib/conf_edit.h"

#define NEW "C0:DE:00:00:00:09"

static struct {
    char text[2048];
    size_t length;
} out;

static void write_out(void *userdata, const char *text, size_t length)
{
    assert_true(out.length + length < sizeof(out.text));
    memcpy(out.text + out.length, text, length);
    out.length += length;
    out.text[out.length] = '\0';
}

static const struct row {
    const char *label, *before, *runner, *set, *dropped;
} rows[] = {
    { "nothing there", "", "anna", "[Sensor pod]\nAddress=" NEW "\nRunner=anna\n", "" },
    { "behind others, a line apart", "[Sensor strap]\nAddress=A\n", "anna",
      "[Sensor strap]\nAddress=A\n\n[Sensor pod]\nAddress=" NEW "\nRunner=anna\n",
      "[Sensor strap]\nAddress=A\n" },
    { "apart already", "# mine\n\n", "auto",
      "# mine\n\n[Sensor pod]\nAddress=" NEW "\nRunner=auto\n", "# mine\n\n" },
    { "a last line without its end", "[Sensor strap]\nAddress=A", "anna",
      "[Sensor strap]\nAddress=A\n\n[Sensor pod]\nAddress=" NEW "\nRunner=anna\n",
      "[Sensor strap]\nAddress=A" },
    { "what else is said of it stays", "[Sensor pod]\n# of the left shoe\nAddress=A\nFactor=1.02\n",
      NULL, "[Sensor pod]\nAddress=" NEW "\n# of the left shoe\nFactor=1.02\n", "" },
    { "whose it is stays, when that is not said", "[Sensor pod]\nRunner=ben\n Address = A \n", NULL,
      "[Sensor pod]\nAddress=" NEW "\nRunner=ben\n", "" },
    { "others have such keys too",
      "[Sensor strap]\nAddress=A\nRunner=ben\n[Sensor pod]\nAddress=B\nRunner=ben\n[Sensor podx]\n"
      "Address=C\n",
      "anna",
      "[Sensor strap]\nAddress=A\nRunner=ben\n[Sensor pod]\nAddress=" NEW
      "\nRunner=anna\n[Sensor podx]\nAddress=C\n",
      "[Sensor strap]\nAddress=A\nRunner=ben\n[Sensor podx]\nAddress=C\n" },
    { "twice, and the last would win",
      "[Sensor pod]\nAddress=A\n[Runner anna]\n[Sensor pod]\nAddress=B\nGrace=0\n", "anna",
      "[Sensor pod]\nAddress=" NEW "\nRunner=anna\n[Runner anna]\n[Sensor pod]\nGrace=0\n",
      "[Runner anna]\n" },
    { "as the parser bears it", " [ Sensor \t pod ] \r\nAddress=A\n[Sensor pod\nAddress=B\n",
      "anna", " [ Sensor \t pod ] \r\nAddress=" NEW "\nRunner=anna\n[Sensor pod\n", "" },
    { "near it, and not it", "[Sensorpod]\n[sensor pod]\n[Sensor po]\n[Sensor]\n[]\n[\nAddress=A\n",
      "anna",
      "[Sensorpod]\n[sensor pod]\n[Sensor po]\n[Sensor]\n[]\n[\nAddress=A\n\n[Sensor "
      "pod]\nAddress=" NEW "\nRunner=anna\n",
      "[Sensorpod]\n[sensor pod]\n[Sensor po]\n[Sensor]\n[]\n[\nAddress=A\n" },
    { "keys that begin like it", "[Sensor pod]\nAddresses=1\nRunnerUp=x\nAddress\n", "anna",
      "[Sensor pod]\nAddress=" NEW "\nRunner=anna\nAddresses=1\nRunnerUp=x\nAddress\n", "" },
};

static void test_one_section_changes_and_the_rest_stays(void **state)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct row *row = &rows[i];

        out.length = 0;
        conf_edit_set_sensor(row->before, strlen(row->before), "pod", NEW, row->runner, write_out,
                             NULL);
        if (strcmp(out.text, row->set) != 0)
            fail_msg("%s: set to\n%s", row->label, out.text);
        assert_true(conf_edit_has_sensor(out.text, out.length, "pod"));
        /* said again, it is as it is */
        char before[2048];
        size_t length = out.length;
        memcpy(before, out.text, length);
        out.length = 0;
        conf_edit_set_sensor(before, length, "pod", NEW, row->runner, write_out, NULL);
        if (strcmp(out.text, row->set) != 0)
            fail_msg("%s: set again to\n%s", row->label, out.text);
    }
}

static void test_a_section_goes_and_nothing_else(void **state)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        out.length = 0;
        out.text[0] = '\0';
        conf_edit_drop_sensor(rows[i].before, strlen(rows[i].before), "pod", write_out, NULL);
        if (strcmp(out.text, rows[i].dropped) != 0)
            fail_msg("%s: dropped to\n%s", rows[i].label, out.text);
        assert_false(conf_edit_has_sensor(out.text, out.length, "pod"));
    }
}

static void test_bytes_that_are_no_text_stay_as_they_are(void **state)
{
    static const char before[] =
        "\0\xff[x\n[Sensor strap]\nAddress=\0\n[Sensor pod]\nAddress=\0A\n\0";

    out.length = 0;
    conf_edit_set_sensor(before, sizeof(before) - 1, "pod", NEW, NULL, write_out, NULL);
    assert_int_equal(out.length, sizeof(before) - 1 + strlen(NEW) - 2);
    assert_memory_equal(out.text, before, 29);
    assert_non_null(memmem(out.text, out.length, "[Sensor pod]\nAddress=" NEW "\n\0", 40));
}

static void test_which_section_a_line_is_of(void **state)
{
    static const char text[] = "# 1\nx=2\n[Sensor pod]\nAddress=4\n\n[Sensor strap]\nAddress=7";
    static const struct {
        unsigned line;
        const char *section;
    } lines[] = {
        { 1, "# 1\n" },
        { 2, "x=2\n" },
        { 3, "[Sensor pod]\nAddress=4\n\n" },
        { 4, "[Sensor pod]\nAddress=4\n\n" },
        { 5, "[Sensor pod]\nAddress=4\n\n" },
        { 6, "[Sensor strap]\nAddress=7" },
        { 7, "[Sensor strap]\nAddress=7" },
    };

    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        size_t from, to;

        conf_edit_section_at(text, strlen(text), lines[i].line, &from, &to);
        if (to - from != strlen(lines[i].section) ||
            memcmp(text + from, lines[i].section, to - from) != 0)
            fail_msg("line %u: %.*s", lines[i].line, (int)(to - from), text + from);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_section_changes_and_the_rest_stays),
        cmocka_unit_test(test_a_section_goes_and_nothing_else),
        cmocka_unit_test(test_bytes_that_are_no_text_stay_as_they_are),
        cmocka_unit_test(test_which_section_a_line_is_of),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
