/* SPDX-License-Identifier: MIT */
/* What came in is read again: one after the other, behind all else, and never what was changed meanwhile.
 * The store and the reading are played here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "daemon/import/rework.h"
#include "daemon/memory.h"

struct intake {
    int unused;
};

static struct {
    struct conf conf;
    struct owners owners;
    struct rework rework;
    bool others;       /* something else is under way */
    char said[200];    /* in order: what was asked, begun, stored, told */
    char outdated[10]; /* the rows, by letter: A read with other settings, a compared with others */
    struct store_outdated_question question;
    bool asked;
    struct intake intake;
    bool reading;
    struct result result;
    const struct intake_parts *parts;
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

/* ---- the store, the reading and the rest ------------------------------------------------------- */

int store_find_outdated(struct store *store, const struct store_outdated_question *question)
{
    char text[16];

    assert_false(f.asked);
    assert_int_equal(question->n_readers, 1);
    assert_string_equal(question->readers[0].runner, "anna");
    assert_int_equal(question->readers[0].read_with, 7);
    f.question = *question;
    f.asked = true;
    snprintf(text, sizeof(text), "ask>%d", (int)question->after);
    say(text);
    return 0;
}

int store_put_import(struct store *store, const struct store_imported *imported,
                     store_committed committed, void *userdata)
{
    assert_true(imported->again);
    assert_int_equal(imported->n_events, 0); /* nothing is told of one */
    assert_int_equal(imported->n_levels, imported->n_sessions);
    say(imported->n_sessions > 0 ? "put" : "leave");
    return 0;
}

int intake_again(struct intake **ret, const struct intake_parts *parts,
                 const struct store_outdated *was)
{
    char text[16];

    assert_false(f.reading);
    f.parts = parts;
    f.reading = true;
    snprintf(text, sizeof(text), "read:%.1s", was->import.name);
    say(text);
    *ret = &f.intake;
    return 0;
}

struct intake *intake_free(struct intake *intake)
{
    if (intake)
        f.reading = false;
    return NULL;
}

const struct result *intake_result(const struct intake *intake)
{
    return &f.result;
}

uint64_t owners_read_with(const struct owners *owners, const char *owner)
{
    return 7;
}

bool kept_has(void *state_dir, const char *runner, const char *hash)
{
    return true;
}

void memory_give_back(void)
{
}

static bool may_begin(void *userdata)
{
    return !f.others && !rework_is_busy(&f.rework);
}

static void on_idle(void *userdata)
{
    if (may_begin(userdata))
        rework_go_on(&f.rework);
}

static void on_result(void *userdata, const struct result *result)
{
    say("tell");
}

static void on_end(void *userdata)
{
    say("end");
}

static const struct rework_callbacks callbacks = { may_begin, on_idle, on_result, on_end };

static struct choice *choice; /* of nothing that was put into it */

static int begin_all(void **state)
{
    return choice_new(&choice);
}

static int end_all(void **state)
{
    choice = choice_free(choice);
    return 0;
}

static int begin(void **state)
{
    const struct intake_parts parts = { .owners = &f.owners,
                                        .state_dir = "here",
                                        .choice = choice };

    memset(&f, 0, sizeof(f));
    f.conf.n_runners = 1;
    snprintf(f.conf.runners[0].id, sizeof(f.conf.runners[0].id), "anna");
    f.owners.conf = &f.conf;
    rework_init(&f.rework, &parts, NULL, &callbacks, NULL);
    return 0;
}

/* ---- what happens ------------------------------------------------------------------------------ */

/* As the store answers what was asked; rows behind the last are asked for once more. */
static void answer(void)
{
    struct store_outdated outdated = { .at = f.question.after };
    size_t at = (size_t)f.question.after;

    assert_true(f.asked);
    f.asked = false;
    while (f.outdated[at] == '.')
        at++;
    outdated.found = f.outdated[at];
    outdated.end = !outdated.found;
    outdated.at = (int64_t)at + outdated.found;
    outdated.settings = f.outdated[at] >= 'A' && f.outdated[at] <= 'Z';
    snprintf(outdated.import.name, sizeof(outdated.import.name), "%c", f.outdated[at]);
    snprintf(outdated.import.hash, sizeof(outdated.import.hash), "%c", f.outdated[at]);
    f.question.done(f.question.userdata, 0, &outdated);
}

static void end_reading(enum intake_outcome outcome, int error)
{
    assert_true(f.reading);
    if (outcome == INTAKE_OK && f.result.import.verdict != STORE_REFUSED)
        f.outdated[f.rework.at - 1] = '.';
    f.parts->done(f.parts->userdata, outcome, error);
}

static void want(const char *outdated)
{
    f.result = (struct result){ .n_sessions = 1 };
    snprintf(f.outdated, sizeof(f.outdated), "%s", outdated);
    rework_want(&f.rework);
    rework_go_on(&f.rework);
}

/* ---- situations -------------------------------------------------------------------------------- */

static void test_nothing_is_outdated(void **state)
{
    rework_go_on(&f.rework);
    assert_said("");
    want("..");
    answer();
    assert_said("ask>0");
    rework_go_on(&f.rework);
    assert_said("");
}

static void test_one_after_the_other(void **state)
{
    want("ab");
    answer();
    rework_go_on(&f.rework); /* whoever asks for more */
    assert_said("ask>0 read:a");
    end_reading(INTAKE_OK, 0);
    assert_said("put tell ask>1");
    answer();
    end_reading(INTAKE_OK, 0);
    answer();
    assert_said("read:b put tell ask>2 end");
    assert_false(f.asked);
}

/* By other settings one may have been run otherwise, which is what later ones are compared with. */
static void test_what_settings_change_is_looked_at_once_more(void **state)
{
    want("A");
    answer();
    end_reading(INTAKE_OK, 0);
    answer();
    assert_said("ask>0 read:A put tell ask>1 ask>0");
    f.outdated[0] = 'a';
    answer();
    end_reading(INTAKE_OK, 0);
    answer();
    assert_said("read:a put tell ask>1 end");
}

static void test_a_file_that_has_come_goes_first(void **state)
{
    want("a");
    f.others = true;
    answer();
    assert_said("ask>0");
    f.others = false;
    on_idle(NULL);
    answer();
    assert_said("ask>0 read:a");
}

static void test_something_changes_on_the_way(void **state)
{
    want(".a");
    answer();
    rework_want(&f.rework);
    end_reading(INTAKE_OK, 0);
    answer();
    assert_said("ask>0 read:a put tell ask>2 ask>0");
    answer();
    assert_said("end");
}

static void test_its_session_is_discarded_while_it_is_read(void **state)
{
    want("ab");
    answer();
    rework_forget(&f.rework, "b");
    assert_true(f.reading);
    rework_forget(&f.rework, "a");
    assert_false(f.reading);
    assert_said("ask>0 read:a");
    on_idle(NULL);
    answer();
    end_reading(INTAKE_OK, 0);
    answer();
    assert_said("ask>1 read:b put tell ask>2 ask>0");
    answer();
    assert_said("read:a");
}

static void test_its_session_is_discarded_while_it_is_asked_for(void **state)
{
    want("a");
    rework_forget(&f.rework, "a");
    answer();
    assert_said("ask>0 ask>0"); /* that answer was older than the discard */
    answer();
    assert_said("read:a");
}

static void test_what_cannot_be_read(void **state)
{
    static const struct {
        const char *label, *said;
        enum intake_outcome outcome;
        int error;
        bool refused, passes;
    } rows[] = {
        { "another bytes", "leave ask>1", INTAKE_E_FAILED, COPY_E_DAMAGED, false, false },
        { "a disk that fails", "ask>1", INTAKE_E_FAILED, -EIO, false, false },
        { "our folder", "ask>1", INTAKE_E_DISK, -EACCES, false, false },
        { "this reader refuses it", "leave ask>1", INTAKE_OK, 0, true, false },
        { "no process for it", "ask>1", INTAKE_OK, 0, true, true },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        begin(NULL);
        want("a");
        answer();
        f.said[0] = '\0';
        f.result.import.verdict = rows[i].refused ? STORE_REFUSED : STORE_IMPORTED;
        f.result.import.passes = rows[i].passes;
        end_reading(rows[i].outcome, rows[i].error);
        if (strcmp(f.said, rows[i].said) != 0)
            fail_msg("%s: %s", rows[i].label, f.said);
        answer();
        rework_go_on(&f.rework); /* not before something changes */
        assert_false(f.asked);
    }
}

static void test_a_store_that_does_not_answer(void **state)
{
    static const struct store_outdated nothing;

    want("a");
    f.asked = false;
    f.question.done(f.question.userdata, -EROFS, &nothing);
    rework_go_on(&f.rework);
    assert_said("ask>0");
    want("a"); /* and later it does */
    answer();
    assert_said("ask>0 read:a");
}

static void test_the_end(void **state)
{
    want("ab");
    answer();
    rework_stop(&f.rework);
    assert_false(f.reading);
    rework_go_on(&f.rework);
    assert_said("ask>0 read:a");
    begin(NULL);
    want("ab");
    rework_stop(&f.rework);
    answer(); /* the worker still has it */
    assert_said("ask>0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_nothing_is_outdated, begin),
        cmocka_unit_test_setup(test_one_after_the_other, begin),
        cmocka_unit_test_setup(test_what_settings_change_is_looked_at_once_more, begin),
        cmocka_unit_test_setup(test_a_file_that_has_come_goes_first, begin),
        cmocka_unit_test_setup(test_something_changes_on_the_way, begin),
        cmocka_unit_test_setup(test_its_session_is_discarded_while_it_is_read, begin),
        cmocka_unit_test_setup(test_its_session_is_discarded_while_it_is_asked_for, begin),
        cmocka_unit_test_setup(test_what_cannot_be_read, begin),
        cmocka_unit_test_setup(test_a_store_that_does_not_answer, begin),
        cmocka_unit_test_setup(test_the_end, begin),
    };

    return cmocka_run_group_tests(tests, begin_all, end_all);
}
