/* SPDX-License-Identifier: MIT */
/* Whatever stands in a text of a table comes out of troff as it is, and never as a command. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/pages/troff.h"

static void test_characters(void **state)
{
    static const struct {
        const char *label, *text, *expected;
    } rows[] = {
        { "nothing", "", "" },
        { "words", "two  words ", "two words\n" },
        { "a dot in front", ".so /etc/passwd", "\\&.so /etc/passwd\n" },
        { "a dot in bold in front", "`.part` files", "\\fB.part\\fP files\n" },
        { "a quote in front", "'tis", "\\(aqtis\n" },
        { "quotes", "say \"it's\"", "say \\(dqit\\(aqs\\(dq\n" },
        { "a backslash", "C:\\new \\fB", "C:\\(rsnew \\(rsfB\n" },
        { "what a typographer would change", "~/a^b", "\\(ti/a\\(hab\n" },
        { "a hyphen", "heart-rate", "heart-rate\n" },
        { "a minus, and an option", "-45 to 45, --scan", "\\-45 to 45, \\-\\-scan\n" },
        { "typed as it is", "`--state-dir`", "\\fB\\-\\-state\\-dir\\fP\n" },
        { "over two words", "`strided --scan` shows", "\\fBstrided \\-\\-scan\\fP shows\n" },
        { "a place", "FILE is {FILE}", "FILE is \\fIFILE\\fP\n" },
        { "braces that are none", "{s:o} { x }", "{s:o} { x }\n" },
        { "typed braces", "`{FILE}`", "\\fB{FILE}\\fP\n" },
        { "beyond ASCII", "5 \xc2\xb5m, \xf0\x9f\x91\x9f", "5 \\[u00B5]m, \\[u1F45F]\n" },
        { "not UTF-8", "a\xff", "a\xff\n" },
        { "sentences", "One. Two, e.g. three. `four`.", "One.\nTwo, e.g. three.\n\\fBfour\\fP.\n" },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char *told = NULL;
        size_t size;
        struct troff page = { .to = open_memstream(&told, &size), .headed = true };

        troff_paragraph(&page, rows[i].text);
        fclose(page.to);
        if (strcmp(told, rows[i].expected) != 0)
            fail_msg("%s: %s", rows[i].label, told);
        free(told);
    }
}

static void test_no_line_is_too_long_for_mandoc(void **state)
{
    char text[600] = "", *told = NULL;
    size_t size;
    struct troff page = { .to = open_memstream(&told, &size) };

    for (int i = 0; i < 60; i++) /* each is four times as long as it looks */
        strcat(text, i % 7 ? "`--a-b` " : "'.' ");
    troff_paragraph(&page, text);
    fclose(page.to);
    for (char *line = strtok(told, "\n"); line; line = strtok(NULL, "\n")) {
        assert_true(strlen(line) <= 80);
        assert_true(line[0] != '.' || strcmp(line, ".PP") == 0);
        assert_int_not_equal(line[0], '\'');
    }
    free(told);
}

static void test_an_example_stays_as_it_is(void **state)
{
    char *told = NULL;
    size_t size;
    struct troff page = { .to = open_memstream(&told, &size) };

    troff_example(&page, "[Sensor pod-1]\n.x={NAME} `y`\n\nz=\\n\n");
    fclose(page.to);
    assert_string_equal(told, ".PP\n.RS 4\n.EX\n[Sensor pod\\-1]\n\\&.x={NAME} \\(gay\\(ga\n\n"
                              "z=\\(rsn\n.EE\n.nh\n.RE\n");
    free(told);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_characters),
        cmocka_unit_test(test_no_line_is_too_long_for_mandoc),
        cmocka_unit_test(test_an_example_stays_as_it_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
