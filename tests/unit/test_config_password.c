/* SPDX-License-Identifier: MIT */
/* Where the password may be, what is none, and that it is told nobody. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>
#include "config_fixture.h"
#include "daemon/util.h"

static void test_passwords(void **state)
{
    static const struct {
        const char *label, *text, *password;
        mode_t mode;
        size_t errors, warnings;
    } rows[] = {
        { "as it should be", "s3cret\n", "s3cret", 0600, 0, 0 },
        { "no newline", "s3cret", "s3cret", 0400, 0, 0 },
        { "from DOS, with blanks inside", " s3 cret \r\n", " s3 cret ", 0600, 0, 0 },
        { "others may read it", "s3cret\n", "s3cret", 0644, 0, 1 },
        { "empty", "", NULL, 0600, 1, 0 },
        { "only a newline", "\n", NULL, 0600, 1, 0 },
        { "two lines", "s3cret\nmore\n", NULL, 0600, 1, 0 },
    };
    char text[256];

    snprintf(text, sizeof(text), "[MQTT]\nUsername=u\nPasswordFile=%s\n", at("password"));
    put("x.conf", text);
    for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
        char *password;
        print_message("%s\n", rows[i].label);
        remove(at("password"));
        put("password", rows[i].text);
        assert_int_equal(chmod(at("password"), rows[i].mode), 0);
        load(fixture.file);
        assert_int_equal(fixture.config->problems.n, 0);
        assert_int_equal(config_read_password(fixture.config, &password), 0);
        assert_int_equal(fixture.config->problems.errors, rows[i].errors);
        assert_int_equal(fixture.config->problems.n, rows[i].errors + rows[i].warnings);
        assert_int_equal(!password, !rows[i].password);
        if (password)
            assert_string_equal(password, rows[i].password);
        for (size_t k = 0; k < fixture.config->problems.n; k++)
            assert_null(strstr(fixture.config->problems.items[k].text, "s3cret"));
        config_password_free(password);
    }
}

static void test_a_missing_password_file(void **state)
{
    char *password;

    put("x.conf", "[MQTT]\nUsername=u\nPasswordFile=/nonexistent/x\n");
    load(fixture.file);
    assert_int_equal(config_read_password(fixture.config, &password), 0);
    assert_null(password);
    assert_int_equal(fixture.config->problems.errors, 1);
    assert_string_equal(fixture.config->problems.items[0].file, fixture.file);
    assert_int_equal(fixture.config->problems.items[0].line, 3);
    assert_non_null(strstr(fixture.config->problems.items[0].text, "PasswordFile=/nonexistent/x"));
}

static void test_the_credential_of_systemd(void **state)
{
    char *password;

    put("mqtt-password", "from-systemd\n");
    setenv("CREDENTIALS_DIRECTORY", fixture.folder, 1);
    put("x.conf", "[MQTT]\nUsername=u\n");
    load(fixture.file);
    assert_int_equal(config_read_password(fixture.config, &password), 0);
    assert_string_equal(password, "from-systemd");
    config_password_free(password);

    put("x.conf", ""); /* nobody to log in as */
    load(fixture.file);
    assert_int_equal(config_read_password(fixture.config, &password), 0);
    assert_null(password);

    remove(at("mqtt-password")); /* other credentials, not ours */
    put("x.conf", "[MQTT]\nUsername=u\n");
    load(fixture.file);
    assert_int_equal(config_read_password(fixture.config, &password), 0);
    assert_null(password);
    assert_int_equal(fixture.config->problems.n, 0);
}

static void test_a_credential_that_cannot_be_one(void **state)
{
    static char text[CONFIG_PASSWORD_MAX + 2];
    char *password;

    memset(text, 'x', CONFIG_PASSWORD_MAX + 1);
    put("mqtt-password", text);
    setenv("CREDENTIALS_DIRECTORY", fixture.folder, 1);
    put("x.conf", "[MQTT]\nUsername=u\n");
    load(fixture.file);
    assert_int_equal(config_read_password(fixture.config, &password), 0);
    assert_null(password);
    assert_int_equal(fixture.config->problems.errors, 1);
    assert_string_equal(fixture.config->problems.items[0].file, at("mqtt-password"));
    assert_non_null(strstr(fixture.config->problems.items[0].text, "1024 bytes"));

    text[CONFIG_PASSWORD_MAX] = '\0'; /* as long as one may be */
    put("mqtt-password", text);
    load(fixture.file);
    assert_int_equal(config_read_password(fixture.config, &password), 0);
    assert_string_equal(password, text);
    config_password_free(password);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(test_passwords),
        WITH_FOLDER(test_a_missing_password_file),
        WITH_FOLDER(test_the_credential_of_systemd),
        WITH_FOLDER(test_a_credential_that_cannot_be_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
