/* SPDX-License-Identifier: MIT */
/* Who the gateway is, on a machine with an id and on one without: then a random id is kept. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <systemd/sd-id128.h>
#include <unistd.h>
#include "daemon/identity.h"
#include "daemon/log.h"

#define ID_MAX 40
#define OWN    "00112233445566778899aabbccddeeff"

/* ---- the machine and the log, as the test wants them ---- */

static bool machine_has_id;
static int warnings;

int __wrap_sd_id128_get_machine_app_specific(sd_id128_t application, sd_id128_t *ret);
int __wrap_sd_id128_get_machine_app_specific(sd_id128_t application, sd_id128_t *ret)
{
    if (!machine_has_id)
        return -ENOMEDIUM;
    return sd_id128_from_string(OWN, ret);
}

void log_full(int level, const char *const *fields, const char *format, ...)
{
    warnings++;
}

/* ---- a state folder ---- */

static char folder[] = "/tmp/strided-identity-XXXXXX";
static char kept[64];

static int begin(void **state)
{
    memcpy(folder + sizeof folder - 7, "XXXXXX", 6);
    machine_has_id = false;
    warnings = 0;
    if (!mkdtemp(folder))
        return -1;
    snprintf(kept, sizeof kept, "%s/machine-id", folder);
    return 0;
}

static int end(void **state)
{
    unlink(kept);
    return rmdir(folder);
}

static void write_kept(const char *text)
{
    FILE *f = fopen(kept, "w");
    assert_non_null(f);
    fputs(text, f);
    assert_int_equal(fclose(f), 0);
}

static void assert_is_id(const char *id)
{
    assert_int_equal(strlen(id), 32);
    assert_int_equal(strspn(id, "0123456789abcdef"), 32);
    assert_string_not_equal(id, "00000000000000000000000000000000");
}

/* ---- the tests ---- */

static void test_the_machines_own_id_needs_no_file(void **state)
{
    char id[ID_MAX];
    machine_has_id = true;
    identity_read(id, sizeof id, folder);
    assert_string_equal(id, OWN);
    assert_int_not_equal(access(kept, F_OK), 0);
}

static void test_without_one_a_random_id_is_kept(void **state)
{
    char id[ID_MAX], again[ID_MAX], other[ID_MAX];
    identity_read(id, sizeof id, folder);
    assert_is_id(id);
    identity_read(again, sizeof again, folder);
    assert_string_equal(again, id);
    assert_int_equal(unlink(kept), 0);
    identity_read(other, sizeof other, folder);
    assert_string_not_equal(other, id);
    assert_int_equal(warnings, 0);
}

static void test_a_damaged_file_is_made_anew(void **state)
{
    static const char *const damaged[] = { "", "0011", "not an id, but as long as one is....",
                                           "00112233445566778899aabbccddeef\n" };
    for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++) {
        char id[ID_MAX], again[ID_MAX];
        print_message("\"%s\"\n", damaged[i]);
        write_kept(damaged[i]);
        identity_read(id, sizeof id, folder);
        assert_is_id(id);
        identity_read(again, sizeof again, folder);
        assert_string_equal(again, id);
    }
}

static void test_a_file_with_a_newline_is_as_good(void **state)
{
    char id[ID_MAX];
    write_kept(OWN "\n");
    identity_read(id, sizeof id, folder);
    assert_string_equal(id, OWN);
}

/* Somebody who may write into the folder shall not choose which file we write over. */
static void test_a_link_is_not_followed_and_it_is_said_that_nothing_is_kept(void **state)
{
    char id[ID_MAX], target[80];
    snprintf(target, sizeof target, "%s/elsewhere", folder);
    assert_int_equal(symlink(target, kept), 0);
    identity_read(id, sizeof id, folder);
    assert_is_id(id);
    assert_int_not_equal(access(target, F_OK), 0);
    assert_int_equal(warnings, 1);
}

static void test_a_folder_that_is_not_there_is_said(void **state)
{
    char id[ID_MAX];
    identity_read(id, sizeof id, "/nonexistent/strided");
    assert_is_id(id);
    assert_int_equal(warnings, 1);
}

static void test_who_only_looks_keeps_nothing(void **state)
{
    char id[ID_MAX] = "as it was";
    assert_false(identity_find(id, sizeof id, folder));
    assert_string_equal(id, "as it was");
    assert_int_not_equal(access(kept, F_OK), 0);
    write_kept("not an id, but as long as one is....");
    assert_false(identity_find(id, sizeof id, folder));
    write_kept(OWN "\n");
    assert_true(identity_find(id, sizeof id, folder));
    assert_string_equal(id, OWN);
    machine_has_id = true;
    assert_true(identity_find(id, sizeof id, "/nonexistent/strided"));
    assert_string_equal(id, OWN);
    assert_int_equal(warnings, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_the_machines_own_id_needs_no_file, begin, end),
        cmocka_unit_test_setup_teardown(test_without_one_a_random_id_is_kept, begin, end),
        cmocka_unit_test_setup_teardown(test_a_damaged_file_is_made_anew, begin, end),
        cmocka_unit_test_setup_teardown(test_a_file_with_a_newline_is_as_good, begin, end),
        cmocka_unit_test_setup_teardown(
            test_a_link_is_not_followed_and_it_is_said_that_nothing_is_kept, begin, end),
        cmocka_unit_test_setup_teardown(test_a_folder_that_is_not_there_is_said, begin, end),
        cmocka_unit_test_setup_teardown(test_who_only_looks_keeps_nothing, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
