/* SPDX-License-Identifier: MIT */
/* Files on a disk: which are read, in which order, and what is said of those that cannot be. */
#include <errno.h>
#include <fcntl.h>
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

#define SENSOR "[Sensor pod]\nAddress=C0:DE:00:00:00:01\n"

static void test_order_of_the_files(void **state)
{
    put("state/assigned.conf", SENSOR "Factor=1.1\nGrace=1\n");
    put("x.conf", "[Sensor pod]\nFactor=1.2\nIdleTimeout=20\n");
    assert_int_equal(mkdir(at("x.conf.d"), 0700), 0);
    put("x.conf.d/20-b.conf", "[Sensor pod]\nFactor=1.4\n");
    put("x.conf.d/10-a.conf", "[Sensor pod]\nFactor=1.3\nIdleTimeout=30\n");
    put("x.conf.d/30.conf~", "[Sensor pod]\nFactor=1.5\n");
    put("x.conf.d/.40.conf", "[Sensor pod]\nFactor=1.6\n");
    put("x.conf.d/README", "nonsense\n");
    load(fixture.file);
    assert_int_equal(fixture.config->problems.n, 0);
    assert_true(fixture.config->conf.sensors[0].factor == 1.4);
    assert_int_equal(fixture.config->conf.sensors[0].grace_usec, 1000000);
    assert_int_equal(fixture.config->conf.sensors[0].idle_timeout_usec, 30000000);
}

static void test_a_named_file_that_is_missing(void **state)
{
    load(fixture.file);
    assert_int_equal(fixture.config->problems.errors, 1);
    assert_string_equal(fixture.config->problems.items[0].file, fixture.file);
    assert_non_null(strstr(fixture.config->problems.items[0].text, "cannot be read"));
}

static void test_no_state_folder(void **state)
{
    put("x.conf", "");
    fixture.config = config_free(fixture.config);
    assert_int_equal(config_load(&fixture.config, fixture.file, NULL), 0);
    assert_int_equal(fixture.config->problems.n, 0);
    fixture.config = config_free(fixture.config);
    assert_int_equal(config_load(&fixture.config, fixture.file, "/nonexistent"), 0);
    assert_int_equal(fixture.config->problems.n, 0);
}

static void test_things_that_are_no_files(void **state)
{
    put("x.conf", "");
    assert_int_equal(mkdir(at("x.conf.d"), 0700), 0);
    assert_int_equal(mkdir(at("x.conf.d/a.conf"), 0700), 0);
    assert_int_equal(mkfifo(at("x.conf.d/b.conf"), 0600), 0); /* must not hold us up */
    assert_int_equal(symlink("nowhere", at("x.conf.d/c.conf")), 0);
    put("good", "[Gateway]\nUnits=imperial\n");
    assert_int_equal(symlink("../good", at("x.conf.d/d.conf")), 0);
    load(fixture.file);
    assert_int_equal(fixture.config->problems.errors, 3);
    assert_int_equal(fixture.config->conf.units, CONF_UNITS_IMPERIAL);
}

static void test_a_file_that_is_too_large(void **state)
{
    put("x.conf", "");
    assert_int_equal(truncate(fixture.file, CONFIG_SIZE_MAX + 1), 0);
    load(fixture.file);
    assert_int_equal(fixture.config->problems.errors, 1);
    assert_non_null(strstr(fixture.config->problems.items[0].text, "1048576"));
}

static void test_a_file_we_may_not_read(void **state)
{
    put("x.conf", "");
    assert_int_equal(chmod(fixture.file, 0), 0);
    if (access(fixture.file, R_OK) == 0) {
        print_message("skipped: nothing is unreadable for root\n");
        skip();
    }
    load(fixture.file);
    assert_int_equal(fixture.config->problems.errors, 1);
    assert_non_null(strstr(fixture.config->problems.items[0].text, "Permission denied"));
}

static void test_time_zones_must_be_there(void **state)
{
    put("x.conf", "[Runner a]\nTimeZone=UTC\n[Runner b]\nTimeZone=Europe/Atlantis\n[Runner c]\n");
    if (access("/usr/share/zoneinfo/UTC", R_OK) != 0) {
        print_message("skipped: no zone database on this machine\n");
        skip();
    }
    load(fixture.file);
    assert_int_equal(fixture.config->problems.n, 1);
    assert_int_equal(fixture.config->problems.items[0].line, 4);
    assert_non_null(strstr(fixture.config->problems.items[0].text, "Europe/Atlantis"));
}

static void test_a_missing_file_of_certificates(void **state)
{
    char text[256];

    put("x.conf", "[MQTT]\nCaFile=/nonexistent/x\nUri=mqtts://h\n[Gateway]\nUnits=x\n");
    load(fixture.file);
    assert_int_equal(fixture.config->problems.errors, 2);
    assert_int_equal(fixture.config->problems.items[0].line, 2); /* before what the parser found */
    assert_non_null(strstr(fixture.config->problems.items[0].text, "CaFile=/nonexistent/x"));

    snprintf(text, sizeof(text), "[MQTT]\nUri=mqtts://h\nCaFile=%s\n",
             fixture.folder); /* no file */
    put("x.conf", text);
    load(fixture.file);
    assert_int_equal(fixture.config->problems.errors, 1);

    snprintf(text, sizeof(text), "[MQTT]\nUri=mqtts://h\nCaFile=%s\n", at("ca.crt"));
    put("x.conf", text);
    put("ca.crt", "certificates\n");
    load(fixture.file);
    assert_int_equal(fixture.config->problems.n, 0);
}

static int run_check(void)
{
    return config_check_print(fixture.file, fixture.state_dir);
}

static int run_take(void)
{
    struct config *taken = NULL;
    char *password = NULL;
    int r = config_take(&taken, &password, fixture.file, fixture.state_dir);

    assert_true(r == CONFIG_OK ? taken != NULL : taken == NULL && password == NULL);
    config_free(taken);
    config_password_free(password);
    return r;
}

/* What it writes to stdout and stderr, and what it says. */
static int capture(int (*run)(void), char *out, char *err, size_t size)
{
    const char *names[] = { "out", "err" };
    int saved[2], status;

    fflush(NULL);
    for (int i = 0; i < 2; i++) {
        int fd = open(at(names[i]), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
        saved[i] = dup(i + 1);
        assert_true(fd >= 0 && saved[i] >= 0 && dup2(fd, i + 1) >= 0);
        close(fd);
    }
    status = run();
    fflush(NULL);
    for (int i = 0; i < 2; i++) {
        FILE *in = fopen(at(names[i]), "re");
        char *text = i == 0 ? out : err;
        dup2(saved[i], i + 1);
        close(saved[i]);
        text[fread(text, 1, size - 1, in)] = '\0';
        fclose(in);
    }
    return status;
}

/* "KIND" once, at its beginning, and |words| directly behind the name of the folder. */
static bool is_one_line(const char *text, const char *kind, const char *words)
{
    const char *end = strchr(text, '\n');

    print_message("%s", text);
    return end && end[1] == '\0' && strncmp(text, kind, strlen(kind)) == 0 &&
           !strstr(text + strlen(kind), kind) && strstr(text, words);
}

static void test_check_config(void **state)
{
    static char out[65536], err[65536];
    char text[256];

    snprintf(text, sizeof(text), "[MQTT]\nUsername=u\nPasswordFile=%s\n", at("password"));
    put("x.conf", text);
    put("password", "s3cret\n");
    assert_int_equal(chmod(at("password"), 0600), 0);
    assert_int_equal(capture(run_check, out, err, sizeof(out)), 0);
    assert_non_null(strstr(out, "Username=u\n"));
    assert_non_null(strstr(out, "found, not shown"));
    assert_null(strstr(out, "s3cret"));
    assert_string_equal(err, "");

    put("x.conf", "[Gateway]\nUnits=x\nFoo=y\n");
    assert_int_equal(capture(run_check, out, err, sizeof(out)), 1);
    assert_non_null(strstr(out, "Units=metric\n"));
    assert_non_null(strstr(err, "x.conf:2: Units=x"));
    assert_non_null(strstr(err, "x.conf:3: unknown key Foo="));

    put("x.conf", "[MQTT]\nUri=mqtt://h\nCaFile=/x\n"); /* a warning refuses nothing */
    assert_int_equal(capture(run_check, out, err, sizeof(out)), 0);
    assert_true(is_one_line(err, "warning: ", "x.conf:3: CaFile="));
}

static void test_taken_to_be_run_with(void **state)
{
    static char out[65536], err[65536];

    put("x.conf", "[MQTT]\nUri=mqtt://h\n" SENSOR);
    assert_int_equal(capture(run_take, out, err, sizeof(out)), CONFIG_OK);
    assert_string_equal(err, "");

    put("x.conf", "[MQTT]\nUri=mqtt://h\nCaFile=/x\n" SENSOR);
    assert_int_equal(capture(run_take, out, err, sizeof(out)), CONFIG_OK);
    assert_true(is_one_line(err, "warning: ", "x.conf:3: CaFile="));

    put("x.conf", "[Gateway]\nUnits=x\n");
    assert_int_equal(capture(run_take, out, err, sizeof(out)), CONFIG_E_UNSOUND);
    assert_true(is_one_line(err, "error: ", "x.conf:2: Units=x"));
    assert_string_equal(out, "");

    put("x.conf", "");
    assert_int_equal(capture(run_take, out, err, sizeof(out)), CONFIG_OK);
    assert_string_equal(err,
                        "info: no broker is set (Uri= in [MQTT]): runs are recorded, nothing is "
                        "published\n"
                        "info: no sensor is configured: strided --scan shows them\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(test_order_of_the_files),
        WITH_FOLDER(test_a_named_file_that_is_missing),
        WITH_FOLDER(test_no_state_folder),
        WITH_FOLDER(test_things_that_are_no_files),
        WITH_FOLDER(test_a_file_that_is_too_large),
        WITH_FOLDER(test_a_file_we_may_not_read),
        WITH_FOLDER(test_time_zones_must_be_there),
        WITH_FOLDER(test_a_missing_file_of_certificates),
        WITH_FOLDER(test_check_config),
        WITH_FOLDER(test_taken_to_be_run_with),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
