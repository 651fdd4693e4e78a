/* SPDX-License-Identifier: MIT */
/* Rows of options as getopt_long() takes them, and as a person reads them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/main_program.h"
#include "daemon/program.h"
#include "daemon/stridectl/program.h"

static const struct program *const programs[] = { &main_program, &stridectl_program };
#define N(a) (sizeof(a) / sizeof((a)[0]))

static void test_getopt_knows_each_option_by_its_code(void **state)
{
    struct program_getopt known;

    for (size_t p = 0; p < N(programs); p++) {
        const struct program_option *rows = programs[p]->options;
        size_t n = 0;

        program_getopt(programs[p], "+", &known);
        for (; rows[n].name; n++) {
            assert_string_equal(known.options[n].name, rows[n].name);
            assert_int_equal(known.options[n].val, rows[n].code);
            for (size_t other = 0; other < n; other++) {
                assert_int_not_equal(rows[other].code, rows[n].code);
                assert_string_not_equal(rows[other].name, rows[n].name);
            }
        }
        assert_null(known.options[n].name);
        assert_int_equal(known.letters[0], '+');
    }
}

static void test_letters_say_what_they_take(void **state)
{
    static const struct program_option options[] = {
        { .name = "all", .code = 'a', .has_letter = true },
        { .name = "by", .argument = "X", .code = 'b', .has_letter = true },
        { .name = "or",
          .argument = "X",
          .argument_optional = true,
          .code = 'o',
          .has_letter = true },
        { .name = "long", .argument = "X", .code = 'l' },
        { .name = NULL },
    };
    const struct program program = { .options = options };
    struct program_getopt known;

    program_getopt(&program, "", &known);
    assert_string_equal(known.letters, "ab:o::");
    assert_int_equal(known.options[2].has_arg, optional_argument);
    assert_int_equal(known.options[3].has_arg, required_argument);
}

static void test_an_option_is_found_by_both_of_its_forms(void **state)
{
    const struct program_option *runner = program_option_of(&stridectl_program, "--runner");

    assert_non_null(runner);
    assert_ptr_equal(program_option_of(&stridectl_program, "-r"), runner);
    assert_null(program_option_of(&stridectl_program, "runner"));
    assert_null(program_option_of(&stridectl_program, "--runner=anna"));
    assert_null(program_option_of(&stridectl_program, "--runne"));
    assert_null(program_option_of(&stridectl_program, "-"));
    assert_null(program_option_of(&main_program, "-c")); /* its code is no letter */
}

static void test_help_fits_a_terminal_and_has_each_row(void **state)
{
    for (size_t p = 0; p < N(programs); p++) {
        char *told = NULL;
        size_t size;
        FILE *to = open_memstream(&told, &size);

        program_print_options(programs[p], to, PROGRAM_COLUMNS);
        program_print_statuses(programs[p], to, PROGRAM_COLUMNS);
        fclose(to);
        for (const struct program_option *o = programs[p]->options; o->name; o++) {
            char name[40];

            snprintf(name, sizeof(name), "--%s", o->name);
            assert_int_equal(strstr(told, name) != NULL, !o->hidden);
        }
        for (char *line = strtok(told, "\n"); line; line = strtok(NULL, "\n"))
            assert_true(strlen(line) < 80);
        free(told);
    }
}

static void test_a_status_of_many_is_shown_as_such(void **state)
{
    const struct program_status one = { 3, "x", NULL }, many = { 128, "x", "128+N" };
    char text[PROGRAM_STATUS_MAX], *told = NULL;
    size_t size;
    FILE *to = open_memstream(&told, &size);

    assert_string_equal(program_status_text(&one, text), "3");
    assert_string_equal(program_status_text(&many, text), "128+N");
    program_print_statuses(&stridectl_program, to, PROGRAM_COLUMNS);
    fclose(to);
    assert_non_null(strstr(told, "128+N `export` or `import` was"));
    free(told);
}

static void test_the_beginning_of_one_name_alone_is_meant(void **state)
{
    const struct program_option *runner = program_option_of(&stridectl_program, "--runner");

    assert_ptr_equal(program_option_meant(&stridectl_program, "runner"), runner);
    assert_ptr_equal(program_option_meant(&stridectl_program, "r"), runner);
    assert_null(program_option_meant(&stridectl_program, "f")); /* full, force, from */
    assert_null(program_option_meant(&stridectl_program, "runners"));
    assert_null(program_option_meant(&stridectl_program, "")); /* of each */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_getopt_knows_each_option_by_its_code),
        cmocka_unit_test(test_letters_say_what_they_take),
        cmocka_unit_test(test_an_option_is_found_by_both_of_its_forms),
        cmocka_unit_test(test_a_status_of_many_is_shown_as_such),
        cmocka_unit_test(test_the_beginning_of_one_name_alone_is_meant),
        cmocka_unit_test(test_help_fits_a_terminal_and_has_each_row),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
