/* SPDX-License-Identifier: MIT */
/* assigned.conf: what commands bound, as a person or a bad disk left it. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include "config_fixture.h"

#define POD   "[Sensor pod]\nAddress=C0:DE:00:00:00:01\nRunner=anna\n"
#define STRAP "[Sensor strap]\nAddress=C0:DE:00:00:00:02\nRunner=anna\n"

static const struct row {
    const char *label, *file, *assigned;
    const char *sensors; /* that are there then, in order */
    unsigned line;       /* of the first warning; 0: there is none */
    const char *said;
} rows[] = {
    { "sound", "[Runner anna]\n", POD STRAP, "pod strap", 0, "" },
    { "empty", "[Runner anna]\n", "", "", 0, "" },
    { "no address", "[Runner anna]\n", "[Sensor pod]\nRunner=anna\n" STRAP, "strap", 1,
      "[Sensor pod] has no Address=; allowed: an address such as" },
    { "a bad address", "[Runner anna]\n", "[Sensor pod]\nAddress=C0:DE\nRunner=anna\n" STRAP,
      "strap", 2, "Address=C0:DE is not allowed; allowed: an address such as" },
    { "two mistakes in one, and another sensor before it", "[Runner anna]\n",
      STRAP "[Sensor pod]\nAddress=here\nFactr=1\n", "strap", 5, "Address=here is not allowed" },
    { "a runner that is gone is nobody else", "[Runner anna]\n",
      "[Sensor pod]\nAddress=C0:DE:00:00:00:01\nRunner=ben\n" STRAP, "strap", 3,
      "Runner=ben of [Sensor pod] is no runner; allowed: auto, anna" },
    { "a line above all sections", "[Runner anna]\n", "\x01\xff\n" POD, "pod", 1,
      "the line is not UTF-8" },
    { "a section there is not", "[Runner anna]\n", "[Senser pod]\nAddress=x\n" STRAP, "strap", 1,
      "unknown section [Senser pod]" },
    { "a device that a file gives another name",
      "[Runner anna]\n[Sensor foot]\nAddress=C0:DE:00:00:00:01\n", POD STRAP, "strap foot", 2,
      "Address=C0:DE:00:00:00:01 is that of [Sensor foot] of " },
    { "the same device twice", "[Runner anna]\n",
      POD "[Sensor foot]\nAddress=C0:DE:00:00:00:01\nRunner=anna\n", "pod", 5,
      "Address=C0:DE:00:00:00:01 of [Sensor foot] is already that of [Sensor pod]" },
    { "the file wins, and the mistake is no matter", "[Runner anna]\n" POD,
      "[Sensor pod]\nAddress=C0:DE:00:00:00:07\n", "pod", 0, "" },
    { "sections of other kinds", "[Runner anna]\n", "[Runner ben]\nMaxHeartRate=1\n" POD, "pod", 2,
      "MaxHeartRate=1 is not allowed" },
};

static void list_sensors(char ret[200])
{
    const struct conf *conf = &fixture.config->conf;
    size_t length = 0;

    ret[0] = '\0';
    for (size_t i = 0; i < conf->n_sensors; i++)
        length += (size_t)snprintf(ret + length, 200 - length, "%s%s", i ? " " : "",
                                   conf->sensors[i].name);
}

static void test_a_section_with_a_mistake_is_left_out_and_the_rest_holds(void **state)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct row *row = &rows[i];
        char sensors[200];

        print_message("%s\n", row->label);
        put("x.conf", row->file);
        put("state/assigned.conf", row->assigned);
        load(fixture.file);
        const struct conf_problems *problems = &fixture.config->problems;
        assert_int_equal(problems->errors, 0);
        list_sensors(sensors);
        assert_string_equal(sensors, row->sensors);
        assert_int_equal(problems->n > 0, row->line > 0);
        assert_int_equal(fixture.config->left_out[0] != '\0', row->line > 0);
        if (row->line == 0)
            continue;
        assert_string_equal(problems->items[0].file, at("state/assigned.conf"));
        assert_int_equal(problems->items[0].line, row->line);
        if (!strstr(problems->items[0].text, row->said))
            fail_msg("%s", problems->items[0].text);
        assert_non_null(strstr(problems->items[0].text, "is not used"));
        assert_true(problems->items[0].warning);
        assert_non_null(strstr(fixture.config->left_out, row->said));
    }
}

static void test_a_mistake_of_another_file_still_keeps_us_down(void **state)
{
    put("x.conf", "[Gateway]\nUnits=x\n[Runner anna]\n");
    put("state/assigned.conf", "[Sensor pod]\nAddress=here\n" STRAP);
    load(fixture.file);
    assert_int_equal(fixture.config->problems.errors, 1);
    assert_int_equal(fixture.config->problems.n, 2);
}

static void test_what_is_no_such_file_at_all_is_left_out_whole(void **state)
{
    FILE *out = fopen(at("state/assigned.conf"), "we");

    put("x.conf", "[Gateway]\nName=hall\n[Runner anna]\n");
    for (size_t i = 0; i < 200000; i++)
        assert_true(fputs("junk\n", out) >= 0);
    assert_true(fputs(POD, out) >= 0);
    assert_int_equal(fclose(out), 0);
    load(fixture.file);
    assert_int_equal(fixture.config->problems.errors, 0);
    assert_int_equal(fixture.config->conf.n_sensors, 0);
    assert_string_equal(fixture.config->conf.gateway, "hall");
    assert_int_equal(fixture.config->problems.n, 1);
    assert_non_null(strstr(fixture.config->problems.items[0].text, "nothing of it is used"));
}

static void test_what_cannot_be_read_is_a_warning(void **state)
{
    put("x.conf", "[Runner anna]\n" STRAP);
    assert_int_equal(mkdir(at("state/assigned.conf"), 0700), 0);
    load(fixture.file);
    assert_int_equal(fixture.config->problems.errors, 0);
    assert_int_equal(fixture.config->problems.n, 1);
    assert_true(fixture.config->problems.items[0].warning);
    assert_int_equal(fixture.config->conf.n_sensors, 1);
    assert_int_equal(rmdir(at("state/assigned.conf")), 0);
    put("state/assigned.conf", "");
    assert_int_equal(truncate(at("state/assigned.conf"), CONFIG_SIZE_MAX + 1), 0);
    load(fixture.file);
    assert_int_equal(fixture.config->problems.errors, 0);
    assert_non_null(strstr(fixture.config->problems.items[0].text, "too large"));
}

static void test_what_it_would_be(void **state)
{
    put("x.conf", "[Runner anna]\n");
    put("state/assigned.conf", POD);
    assert_int_equal(
        config_load_with(&fixture.config, fixture.file, fixture.state_dir, STRAP, strlen(STRAP)),
        0);
    assert_int_equal(fixture.config->conf.n_sensors, 1);
    assert_string_equal(fixture.config->conf.sensors[0].name, "strap");
    assert_string_equal(conf_origin_file(&fixture.config->origins,
                                         conf_origin_find(&fixture.config->origins,
                                                          CONF_SECTION_SENSOR, 0, "Address")),
                        at("state/assigned.conf"));
}

static void test_it_is_written_whole_or_not_at_all(void **state)
{
    char *text;
    size_t length;

    assert_int_equal(config_read_assigned(fixture.state_dir, &text, &length), 0);
    assert_int_equal(length, 0);
    free(text);
    assert_int_equal(config_write_assigned(fixture.state_dir, POD, strlen(POD)), 0);
    assert_int_equal(config_write_assigned(fixture.state_dir, STRAP, strlen(STRAP)), 0);
    assert_int_equal(config_read_assigned(fixture.state_dir, &text, &length), 0);
    assert_string_equal(text, STRAP);
    free(text);
    assert_int_equal(access(at("state/assigned.conf.new"), F_OK), -1);
    assert_int_equal(config_write_assigned("/nonexistent", POD, strlen(POD)), -ENOENT);

    /* the name is taken by what is no file: what stood there stands, and nothing is left lying about */
    assert_int_equal(unlink(at("state/assigned.conf")), 0);
    assert_int_equal(mkdir(at("state/assigned.conf"), 0700), 0);
    assert_int_equal(config_write_assigned(fixture.state_dir, POD, strlen(POD)), -EISDIR);
    assert_int_equal(access(at("state/assigned.conf.new"), F_OK), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(test_a_section_with_a_mistake_is_left_out_and_the_rest_holds),
        WITH_FOLDER(test_a_mistake_of_another_file_still_keeps_us_down),
        WITH_FOLDER(test_what_is_no_such_file_at_all_is_left_out_whole),
        WITH_FOLDER(test_what_cannot_be_read_is_a_warning),
        WITH_FOLDER(test_what_it_would_be),
        WITH_FOLDER(test_it_is_written_whole_or_not_at_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
