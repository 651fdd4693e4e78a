/* SPDX-License-Identifier: MIT */
/* A file that a person names is found in a real folder, and its end is told to who waits, however long that takes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>
#include "daemon/import/asked.h"
#include "disk_fixture.h"
#include "fake_clock.h"

static struct {
    struct disk_fixture disk;
    struct asked *asked;
    char said[200]; /* in order */
} f;

static void say(const char *word)
{
    size_t at = strlen(f.said);

    snprintf(f.said + at, sizeof(f.said) - at, "%s%s", at ? " " : "", word);
}

static void assert_said(const char *expected)
{
    assert_string_equal(f.said, expected);
    f.said[0] = '\0';
}

static void on_found(void *finder)
{
    say("found");
}

static void on_done(void *userdata, const struct asked_answer *answer)
{
    say(answer->code ? answer->code : "through");
}

static int begin(void **state)
{
    memset(&f, 0, sizeof(f));
    disk_fixture_init(&f.disk);
    assert_int_equal(mkdir(disk_path(&f.disk, "anna"), 0750), 0);
    return 0;
}

static int end(void **state)
{
    f.asked = asked_free(f.asked);
    disk_fixture_done(&f.disk);
    return 0;
}

static void ask(const char *name)
{
    const struct asked_where where = { .folder = f.disk.dir, .runner = "anna", .name = name };

    assert_return_code(asked_new(&f.asked, f.disk.worker, &where, on_found, NULL, on_done, NULL),
                       0);
    disk_fixture_settle(&f.disk);
}

static void ask_for_a_run(void)
{
    disk_write(&f.disk, "anna/run.fit", "a run", 5);
    ask("run.fit");
    assert_said("found");
    assert_int_equal(asked_file(f.asked)->size, 5);
    asked_begun(f.asked);
}

static void end_it(void)
{
    asked_answer(f.asked, &(struct asked_answer){ .hash = "" });
}

static void test_one_that_is_through_in_time_is_told_once(void **state)
{
    ask_for_a_run();
    end_it();
    assert_said("through");
    fake_clock_advance(ASKED_USEC);
    end_it();
    assert_said("");
}

static void test_one_that_is_not_there(void **state)
{
    ask("run.fit");
    assert_said("not_found");
    fake_clock_advance(ASKED_USEC);
    assert_said("");
}

static void test_who_was_told_that_it_takes_longer_is_told_its_end(void **state)
{
    ask_for_a_run();
    fake_clock_advance(ASKED_USEC);
    assert_said("under_way");
    end_it();
    assert_said("through");
    end_it();
    assert_said("");
}

static void test_who_asks_again_has_limits_anew(void **state)
{
    ask_for_a_run();
    assert_false(asked_again(f.asked, "run.fit")); /* somebody waits */
    fake_clock_advance(ASKED_USEC);
    assert_said("under_way");
    assert_false(asked_again(f.asked, "other.fit"));
    assert_true(asked_again(f.asked, "run.fit"));
    fake_clock_advance(ASKED_USEC - 1);
    assert_said("");
    fake_clock_advance(1);
    assert_said("under_way");
    assert_true(asked_again(f.asked, "run.fit"));
    end_it();
    assert_said("through");
    fake_clock_advance(ASKED_USEC);
    assert_said("");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_one_that_is_through_in_time_is_told_once),
        TEST(test_one_that_is_not_there),
        TEST(test_who_was_told_that_it_takes_longer_is_told_its_end),
        TEST(test_who_asks_again_has_limits_anew),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
