/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include "lib/terrain/source.h"
#include "close.h"

static struct terrain_says said(double belt, double hand, double baro, double gps, double conf)
{
    struct terrain_says says;

    terrain_says_nothing(&says);
    says.value[TERRAIN_BELT] = belt;
    says.value[TERRAIN_INCLINE] = hand;
    says.value[TERRAIN_BAROMETER] = baro;
    says.value[TERRAIN_GPS] = gps;
    says.value[TERRAIN_CONFIGURED] = conf;
    return says;
}

static void test_who_is_believed(void **state)
{
    static const struct {
        const char *label;
        bool indoors;
        double belt, hand, baro, gps, conf;
        enum terrain_source source;
    } rows[] = {
        { "nobody", false, NAN, NAN, NAN, NAN, NAN, TERRAIN_NONE },
        { "the belt", false, 4, 2, 100, 90, 0, TERRAIN_BELT },
        { "a level belt", false, 0, 2, 100, 90, 0, TERRAIN_BELT },
        { "a person", false, NAN, 2, 100, 90, 0, TERRAIN_INCLINE },
        { "a barometer", false, NAN, NAN, 100, 90, 0, TERRAIN_BAROMETER },
        { "satellites", false, NAN, NAN, NAN, 90, 0, TERRAIN_GPS },
        { "configured", false, NAN, NAN, NAN, NAN, 0, TERRAIN_CONFIGURED },
        { "no height under a roof", true, NAN, NAN, 100, 90, NAN, TERRAIN_NONE },
        { "configured under a roof", true, NAN, NAN, 100, 90, 0, TERRAIN_CONFIGURED },
        { "a belt of 60 % is an error", false, 60, NAN, 100, NAN, NAN, TERRAIN_BAROMETER },
        { "a height of 20 km is an error", false, NAN, NAN, 20000, 90, NAN, TERRAIN_GPS },
        { "infinite", false, INFINITY, -INFINITY, INFINITY, INFINITY, INFINITY, TERRAIN_NONE },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct terrain_says says =
            said(rows[i].belt, rows[i].hand, rows[i].baro, rows[i].gps, rows[i].conf);
        struct terrain_chooser chooser;

        print_message("%s\n", rows[i].label);
        terrain_chooser_init(&chooser, rows[i].indoors);
        assert_int_equal(terrain_choose(&chooser, 0, &says), rows[i].source);
    }
}

static void test_a_height_is_waited_for_and_a_better_source_is_not(void **state)
{
    struct terrain_says baro = said(NAN, NAN, 100, 90, 0), gps = said(NAN, NAN, NAN, 90, 0),
                        nothing = said(NAN, NAN, NAN, NAN, NAN), belt = said(1, NAN, 100, 90, 0);
    struct terrain_chooser chooser;

    terrain_chooser_init(&chooser, false);
    assert_int_equal(terrain_choose(&chooser, 0, &gps), TERRAIN_GPS);
    assert_int_equal(terrain_choose(&chooser, 1, &baro), TERRAIN_BAROMETER);
    assert_int_equal(terrain_choose(&chooser, 20, &gps), TERRAIN_BAROMETER);
    assert_int_equal(terrain_choose(&chooser, 31, &nothing), TERRAIN_BAROMETER);
    assert_int_equal(terrain_choose(&chooser, 31.1, &gps), TERRAIN_GPS);
    assert_int_equal(terrain_choose(&chooser, 32, &baro), TERRAIN_BAROMETER);
    assert_int_equal(terrain_choose(&chooser, 33, &belt), TERRAIN_BELT);
    /* that was a roof */
    assert_int_equal(terrain_choose(&chooser, 34, &baro), TERRAIN_CONFIGURED);
    assert_int_equal(terrain_choose(&chooser, 35, &nothing), TERRAIN_NONE);
}

static void test_a_grade_of_its_own_is_not_waited_for(void **state)
{
    struct terrain_says hand = said(NAN, 3, NAN, NAN, 0), conf = said(NAN, NAN, NAN, NAN, 0);
    struct terrain_chooser chooser;

    terrain_chooser_init(&chooser, false);
    assert_int_equal(terrain_choose(&chooser, 0, &hand), TERRAIN_INCLINE);
    assert_int_equal(terrain_choose(&chooser, 1, &conf), TERRAIN_CONFIGURED);
}

static void test_each_source_has_a_name_of_its_own(void **state)
{
    assert_string_equal(terrain_source_name(TERRAIN_NONE), "");
    for (int i = 1; i < TERRAIN_SOURCES; i++)
        for (int j = 0; j < i; j++)
            assert_string_not_equal(terrain_source_name((enum terrain_source)i),
                                    terrain_source_name((enum terrain_source)j));
    assert_false(terrain_source_is_fine(TERRAIN_GPS));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_is_believed),
        cmocka_unit_test(test_a_height_is_waited_for_and_a_better_source_is_not),
        cmocka_unit_test(test_a_grade_of_its_own_is_not_waited_for),
        cmocka_unit_test(test_each_source_has_a_name_of_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
