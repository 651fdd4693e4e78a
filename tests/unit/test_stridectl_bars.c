/* SPDX-License-Identifier: MIT */
/* Bars never tell of a limit that was not passed, and never hide one that was; and how far it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <math.h>
#include <pty.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "daemon/stridectl/bars.h"
#include "daemon/stridectl/progress.h"
#include "daemon/stridectl/text.h"
#include "daemon/util.h"
#include "tests/unit/printed.h"

/* ---- measures ----------------------------------------------------------------------------------- */

static void check_measure(double value, double usual, double limit, int columns,
                          const char *expected)
{
    char bar[BAR_BYTES_MAX];

    bar_of_measure(bar, value, usual, limit, columns);
    if (strcmp(bar, expected) != 0)
        fail_msg("%g of %g, %g: %s and not %s", value, usual, limit, bar, expected);
}

static void test_marks_and_fill_of_a_plain_case(void **state)
{
    look_at(80, false, true);
    check_measure(0, 70, 100, 10, "·····╎··┃·");
    check_measure(40, 70, 100, 10, "███··╎··┃·");
    check_measure(59, 70, 100, 10, "████·╎··┃·");
    check_measure(60, 70, 100, 10, "█████╎··┃·");
    check_measure(70, 70, 100, 10, "█████╎··┃·");
    check_measure(71, 70, 100, 10, "█████╎█·┃·");
    check_measure(100, 70, 100, 10, "█████╎██┃·");
    check_measure(100.1, 70, 100, 10, "█████╎██┃█");
    check_measure(500, 70, 100, 10, "█╎┃███████");
    look_at(80, false, false);
    check_measure(100.1, 70, 100, 10, "#####|##!#");
}

static void test_what_is_not_known_is_not_drawn(void **state)
{
    look_at(80, false, true);
    check_measure(NAN, NAN, NAN, 5, "·····");
    check_measure(0, NAN, NAN, 5, "·····");
    check_measure(3, NAN, NAN, 5, "█████");
    check_measure(NAN, 100, 200, 12, "·····╎····┃·");
    check_measure(10, 0, 50, 12, "╎█········┃·"); /* none in the weeks before */
    check_measure(10, 0, 50, 0, "");
    check_measure(10, 0, 50, -3, "");
}

static int count(const char *bar, const char *sign)
{
    int n = 0;

    for (; (bar = strstr(bar, sign)); bar += strlen(sign))
        n++;
    return n;
}

static void test_the_limit_is_passed_in_the_bar_when_it_is_passed(void **state)
{
    static const double limits[] = { 50, 168, 20700.5 };
    static const double shares[] = { 0,      0.3,  0.5, 0.9,  0.99, 0.9999, 1,
                                     1.0001, 1.01, 1.2, 1.21, 2,    50 };
    char bar[BAR_BYTES_MAX];

    look_at(80, false, true);
    for (int columns = 8; columns <= BAR_COLUMNS_MAX; columns += 3)
        for (size_t l = 0; l < ELEMENTSOF(limits); l++)
            for (size_t s = 0; s < ELEMENTSOF(shares); s++) {
                bar_of_measure(bar, shares[s] * limits[l], 0.7 * limits[l], limits[l], columns);
                assert_int_equal(text_columns(bar), columns);
                assert_int_equal(count(bar, bar_limit()), 1);
                if ((count(strstr(bar, bar_limit()), "█") > 0) != (shares[s] > 1))
                    fail_msg("%g times the limit of %g in %d: %s", shares[s], limits[l], columns,
                             bar);
            }
}

static void test_more_is_never_shown_as_less(void **state)
{
    char bar[BAR_BYTES_MAX];

    look_at(80, false, true);
    for (int columns = 8; columns < 60; columns++)
        for (int value = 0, before = 0; value <= 200; value++) {
            bar_of_measure(bar, value, 118, 168, columns);
            assert_true(count(bar, "█") >= before);
            before = count(bar, "█");
        }
}

/* ---- shares ------------------------------------------------------------------------------------- */

static void test_a_share_is_drawn_to_an_eighth_of_a_cell(void **state)
{
    static const struct {
        bool utf8;
        double share;
        const char *bar;
    } rows[] = {
        { true, 0, "    " },       { true, 0.5, "██  " },     { true, 1, "████" },
        { true, 0.53125, "██▏ " }, { true, 0.96875, "███▉" }, { true, 0.0001, "▏   " },
        { true, 7, "████" },       { true, -1, "    " },      { true, NAN, "    " },
        { false, 0.5, "##  " },    { false, 0.0001, "#   " }, { false, 1, "####" },
    };
    char bar[BAR_BYTES_MAX];

    for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
        look_at(80, false, rows[i].utf8);
        bar_of_share(bar, rows[i].share, 4);
        assert_string_equal(bar, rows[i].bar);
    }
}

/* ---- progress ----------------------------------------------------------------------------------- */

/* stderr is a terminal of so many columns while `run` runs; what it wrote there in ret. 0: none. */
static void on_terminal(int columns, void (*run)(void), char ret[2000])
{
    struct winsize size = { .ws_row = 24, .ws_col = (unsigned short)columns };
    int kept = dup(STDERR_FILENO), master = -1, slave = -1;
    ssize_t n = 0, more;

    if (columns)
        assert_int_equal(openpty(&master, &slave, NULL, NULL, &size), 0);
    else
        slave = open("/dev/null", O_WRONLY | O_CLOEXEC);
    dup2(slave, STDERR_FILENO);
    run();
    fflush(stderr);
    dup2(kept, STDERR_FILENO);
    close(slave); /* after the last byte the other end is told of an error */
    while (columns && (more = read(master, ret + n, 1999 - (size_t)n)) > 0)
        n += more;
    if (columns)
        close(master);
    ret[n] = '\0';
    close(kept);
}

static void half_of_it(void)
{
    struct progress progress;

    progress_begin(&progress, "everything.json");
    for (int i = 0; i <= 100; i++)
        progress_at(&progress, 50, 100); /* looks the same: is drawn once */
    progress_end(&progress);
    progress_end(&progress);
}

static void nobody_knows_of_how_many(void)
{
    struct progress progress;

    progress_begin(&progress, "跑步\x1b[2J");
    progress_at(&progress, 3, 0);
    progress_end(&progress);
}

static void nothing_at_all(void)
{
    struct progress progress;

    progress_begin(&progress, "runs");
    progress_end(&progress);
    progress_end(NULL);
}

static void test_progress_is_a_line_on_a_terminal_and_nothing_elsewhere(void **state)
{
    char said[2000];

    if (getenv("MESON_EXE_WRAPPER")) {
        print_message("skipped: below an emulator there are no terminals\n");
        skip();
    }
    setenv("TERM", "xterm", 1);
    look_at(0, false, true);
    on_terminal(80, half_of_it, said);
    assert_string_equal(said, "\reverything.json  ██████████████                 50 %  50 of 100"
                              "\x1b[K\r\x1b[K");
    on_terminal(30, half_of_it, said);
    assert_string_equal(said, "\reverything.json   50 %  50 o…\x1b[K\r\x1b[K");
    on_terminal(80, nobody_knows_of_how_many, said);
    assert_string_equal(said, "\r跑步?[2J  3\x1b[K\r\x1b[K");
    on_terminal(80, nothing_at_all, said);
    assert_string_equal(said, "");
    on_terminal(0, half_of_it, said);
    assert_string_equal(said, "");
    setenv("TERM", "dumb", 1);
    on_terminal(80, half_of_it, said);
    assert_string_equal(said, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_marks_and_fill_of_a_plain_case),
        cmocka_unit_test(test_what_is_not_known_is_not_drawn),
        cmocka_unit_test(test_the_limit_is_passed_in_the_bar_when_it_is_passed),
        cmocka_unit_test(test_more_is_never_shown_as_less),
        cmocka_unit_test(test_a_share_is_drawn_to_an_eighth_of_a_cell),
        cmocka_unit_test(test_progress_is_a_line_on_a_terminal_and_nothing_elsewhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
