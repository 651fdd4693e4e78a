/* SPDX-License-Identifier: MIT */
/* What is said of a session: what may be said, kept as text and read again, also when somebody else wrote it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "lib/note.h"

static struct note of(double effort, const char *surface, const char *shoes)
{
    struct note note;

    note_init(&note);
    note.effort = effort;
    snprintf(note.surface, sizeof(note.surface), "%s", surface);
    snprintf(note.shoes, sizeof(note.shoes), "%s", shoes);
    return note;
}

static void hold(const struct note *note, double effort, const char *surface, const char *shoes)
{
    assert_true(note->effort == effort || (isnan(note->effort) && isnan(effort)));
    assert_string_equal(note->surface, surface);
    assert_string_equal(note->shoes, shoes);
}

static void test_what_may_be_said(void **state)
{
    static const struct {
        double effort;
        const char *surface, *shoes;
        bool valid;
    } rows[] = {
        { 0, "", "", true },
        { 10, "trail", "", true },
        { 7.5, "treadmill", "blue ones", true },
        { NAN, "", "", true },
        { NAN, "", "Schuhe, größer", true },
        { 7.25, "", "", false },
        { -0.5, "", "", false },
        { 10.5, "", "", false },
        { INFINITY, "", "", false },
        { NAN, "lava", "", false },
        { NAN, "", "a\nb", false },
        { NAN, "", "a\x80", false },
        { NAN, "", "0123456789012345678901234567890123456789", true },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct note note = of(rows[i].effort, rows[i].surface, rows[i].shoes);

        if (note_is_valid(&note) != rows[i].valid)
            fail_msg("row %zu", i);
    }
}

static void test_only_what_is_named_is_changed(void **state)
{
    struct note note = of(4, "road", "red"), said = of(NAN, "sand", "");

    note_change(&note, &said, NOTE_SURFACE);
    hold(&note, 4, "sand", "red");
    note_change(&note, &said, NOTE_EFFORT);
    hold(&note, NAN, "sand", "red");
    assert_false(note_is_empty(&note));
    note_change(&note, &(struct note){ .effort = NAN }, NOTE_SURFACE | NOTE_SHOES);
    assert_true(note_is_empty(&note));
}

static void test_it_is_read_as_it_was_written(void **state)
{
    static const char longest[] = "0123456789012345678901234567890123456789";
    const struct note notes[] = { of(7.5, "trail", "blue ones"), of(NAN, "", ""), of(0, "", ""),
                                  of(9.5, "treadmill", longest), of(NAN, "", " 2 ") };
    char text[NOTE_TEXT_MAX];
    struct note read;

    for (size_t i = 0; i < sizeof(notes) / sizeof(notes[0]); i++) {
        note_format(&notes[i], text);
        note_parse(&read, text);
        hold(&read, notes[i].effort, notes[i].surface, notes[i].shoes);
        assert_int_equal(note_digest(&read), note_digest(&notes[i]));
    }
    assert_int_not_equal(note_digest(&notes[0]), note_digest(&notes[1]));
}

static void test_of_what_somebody_else_wrote_the_good_lines_count(void **state)
{
    struct note note;
    char line[400];

    note_parse(&note,
               "effort 11\neffort 3x\nsurface lava\nshoes \nweather rain\neffort 6\n\nshoes a");
    hold(&note, 6, "", "a");
    note_parse(&note, "effort\nsurface\nshoes\x01 a\n\n\n");
    hold(&note, NAN, "", "");
    memset(line, 'x', sizeof(line) - 1);
    line[sizeof(line) - 1] = '\0';
    memcpy(line, "shoes ", 6);
    note_parse(&note, line);
    hold(&note, NAN, "", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_may_be_said),
        cmocka_unit_test(test_only_what_is_named_is_changed),
        cmocka_unit_test(test_it_is_read_as_it_was_written),
        cmocka_unit_test(test_of_what_somebody_else_wrote_the_good_lines_count),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
