/* SPDX-License-Identifier: MIT */
/* The doctor's tables and the parts of it that ask nobody. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "daemon/doctor/bluez_version.h"
#include "daemon/doctor/folder.h"
#include "daemon/doctor/inbox.h"
#include "daemon/doctor/private.h"
#include "daemon/doctor/wifi.h"

#define N(rows) (sizeof(rows) / sizeof(*(rows)))

/* ---- the tables ---- */

static void test_every_row_is_whole(void **state)
{
    for (size_t i = 0; i < CHECKS; i++) {
        assert_non_null(doctor_checks[i].id);
        assert_non_null(doctor_checks[i].what);
        assert_non_null(doctor_checks[i].how);
    }
    for (size_t i = 0; i < DOCTOR_LINES; i++) {
        const struct doctor_line_row *row = &doctor_lines[i];

        assert_non_null(row->id);
        print_message("%s\n", row->id);
        if (row->mark == DOCTOR_WARN || row->mark == DOCTOR_FAIL)
            assert_non_null(row->cure);
        if (row->mark == DOCTOR_OK)
            assert_null(row->cure);
        if (row->cure) { /* a sentence, with one gap at most */
            const char *gap = strstr(row->cure, "{}");

            assert_int_equal(row->cure[strlen(row->cure) - 1], '.');
            assert_true(!gap || !strstr(gap + 2, "{}"));
            assert_true(strlen(row->cure) + 100 < DOCTOR_CURE_MAX);
        }
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(row->id, doctor_lines[k].id);
    }
}

/* ---- what is said ---- */

static struct doctor_finding last;

static void take(void *userdata, const struct doctor_finding *finding)
{
    last = *finding;
}

static void test_a_cure_names_what_it_is_about(void **state)
{
    struct doctor doctor = { .tell = take };

    assert_true(doctor_is_silent(&doctor, CHECK_DISK));
    doctor_say(&doctor, DISK_OPEN, "/var/lib/x", "%s is open", "/var/lib/x");
    assert_string_equal(last.found, "/var/lib/x is open");
    assert_string_equal(last.cure, "Keep heart rates to yourself: 'sudo chmod 0700 /var/lib/x'.");
    assert_false(doctor_is_silent(&doctor, CHECK_DISK));
    doctor_say(&doctor, DISK_ROOM, NULL, "a\nline\033[2J and \xff");
    assert_string_equal(last.found, "a?line?[2J and ?");
    assert_string_equal(last.cure, "");
}

/* ---- the disk ---- */

static void test_room_on_the_disk(void **state)
{
    static const struct {
        const char *line;
        uint64_t free_mb, free_inodes;
        bool has_inodes, read_only;
    } rows[] = {
        { "disk-room", 500, 1000, true, false },      { "disk-low", 499, 1000, true, false },
        { "disk-low", 64, 1000, true, false },        { "disk-full", 63, 1000, true, false },
        { "disk-full", 5000, 10, true, false },       { "disk-room", 5000, 0, false, false },
        { "disk-read-only", 5000, 1000, true, true }, { "disk-read-only", 0, 0, true, true },
    };
    for (size_t i = 0; i < N(rows); i++)
        assert_string_equal(
            doctor_lines[folder_judge_room(rows[i].free_mb * 1000000, rows[i].free_inodes,
                                           rows[i].has_inodes, rows[i].read_only)]
                .id,
            rows[i].line);
}

/* ---- rights ---- */

static void test_rights_by_mode(void **state)
{
    static const struct person anna = { true, 1000, { 1000, 50 }, 2 }, root = { true, 0, { 0 }, 1 };
    static const struct {
        const char *label;
        const struct person *person;
        unsigned uid, gid, mode;
        int want;
        bool may;
    } rows[] = {
        { "owner reads", &anna, 1000, 1, 0400, R_OK, true },
        { "owner shut out where others may", &anna, 1000, 1, 0077, R_OK, false },
        { "by a group of hers", &anna, 1, 50, 0050, R_OK | X_OK, true },
        { "the group may less than others", &anna, 1, 50, 0007, R_OK, false },
        { "others", &anna, 1, 1, 0005, R_OK | X_OK, true },
        { "others, who may not write", &anna, 1, 1, 0005, R_OK | W_OK, false },
        { "only in", &anna, 1, 1, 0001, X_OK, true },
        { "nobody but root", &root, 1, 1, 0000, R_OK | W_OK, true },
    };
    for (size_t i = 0; i < N(rows); i++) {
        print_message("%s\n", rows[i].label);
        assert_int_equal(
            rights_by_mode(rows[i].person, rows[i].uid, rows[i].gid, rows[i].mode, rows[i].want),
            rows[i].may);
    }
}

static void test_the_way_to_a_path(void **state)
{
    struct person me = { .known = true, .uid = geteuid() }, nobody = { 0 };
    char part[64];
    int error;

    assert_int_equal(rights_along(&me, "/proc/self", R_OK | X_OK, part, sizeof(part), &error),
                     RIGHT_YES);
    assert_int_equal(rights_along(&me, "/no such/folder", R_OK, part, sizeof(part), &error),
                     RIGHT_UNKNOWN);
    assert_string_equal(part, "/no such");
    assert_true(error < 0);
    assert_int_equal(rights_along(&nobody, "/", R_OK, part, sizeof(part), &error), RIGHT_UNKNOWN);
    assert_int_equal(error, 0);
}

/* ---- bluetoothd ---- */

static void test_versions(void **state)
{
    static const struct {
        const char *text;
        bool sound;
        unsigned major, minor;
    } rows[] = {
        { "5.66-1+deb12u2", true, 5, 66 },
        { "5.82", true, 5, 82 },
        { "5.9~rc1", true, 5, 9 },
        { "bluetoothd", false, 0, 0 },
        { "", false, 0, 0 },
        { "5", false, 0, 0 },
        { "5.", false, 0, 0 },
        { "5.12345", false, 0, 0 },
    };
    for (size_t i = 0; i < N(rows); i++) {
        unsigned major = 0, minor = 0;

        print_message("'%s'\n", rows[i].text);
        assert_int_equal(bluez_version_parse(rows[i].text, &major, &minor), rows[i].sound);
        assert_int_equal(major, rows[i].major);
        assert_int_equal(minor, rows[i].minor);
    }
}

static size_t count_bugs(unsigned major, unsigned minor, bool hurts)
{
    const struct bluez_bug *bug;
    size_t n = 0;

    for (size_t i = 0; (bug = bluez_bug_of(major, minor, i)); i++) {
        assert_non_null(bug->what);
        assert_non_null(bug->source);
        n += bug->hurts == hurts;
    }
    return n;
}

static void test_what_is_known_of_a_version(void **state)
{
    assert_int_equal(count_bugs(5, 66, true), 0); /* Debian 12's and 13's */
    assert_int_equal(count_bugs(5, 82, true), 0);
    assert_int_equal(count_bugs(5, 66, false), 1);
    assert_int_equal(count_bugs(5, 82, false), 2);
    assert_int_equal(count_bugs(5, 64, true), 1);
    assert_int_equal(count_bugs(4, 101, true), 1);
    assert_int_equal(count_bugs(5, 84, true) + count_bugs(5, 84, false), 0);
    assert_int_equal(count_bugs(6, 0, true) + count_bugs(6, 0, false), 0);
}

/* ---- Wi-Fi ---- */

static void test_channels(void **state)
{
    static const struct {
        int32_t mantissa;
        int exponent, mhz;
    } rows[] = {
        { 2437, 6, 2437 }, { 24370, 5, 2437 }, { 5180, 6, 5180 }, { 518, 7, 5180 },
        { 6, 0, 2437 },    { 14, 0, 2484 },    { 36, 0, 5180 },   { 0, 0, 0 },
        { -5, 0, 0 },      { 1, 99, 0 },       { 2437, 0, 0 },    { 2147483647, 9, 0 },
    };
    for (size_t i = 0; i < N(rows); i++) {
        print_message("%d e%d\n", rows[i].mantissa, rows[i].exponent);
        assert_int_equal(wifi_mhz_of(rows[i].mantissa, rows[i].exponent), rows[i].mhz);
    }
    assert_int_equal(wifi_mhz("no such interface"), 0);
}

/* ---- the sandbox ---- */

static void test_the_sandbox(void **state)
{
    json_t *unit =
        json_pack("{s:s, s:s, s:b, s:[s,s], s:[[s,s,b,i]]}", "ProtectHome", "yes", "ProtectSystem",
                  "strict", "PrivateTmp", 1, "ReadWritePaths", "-/srv/in", "/opt/", "BindPaths",
                  "/home/pi/Sync", "/srv/bound/anna", false, 0);
    static const struct {
        const char *folder;
        const char *hider;
        bool read_only;
    } rows[] = {
        { "/srv/in", NULL, false },        { "/srv/in/anna", NULL, false },
        { "/srv/inbox", NULL, true },      { "/opt/x", NULL, false },
        { "/mnt/stick", NULL, true },      { "/home/pi/Sync", "ProtectHome", true },
        { "/homes/pi", NULL, true },       { "/srv/bound/anna", NULL, false },
        { "/root", "ProtectHome", true },  { "/run/user/1000/gvfs", "ProtectHome", true },
        { "/tmp/in", "PrivateTmp", true }, { "/var/tmp", "PrivateTmp", true },
    };
    char source[64] = "";

    for (size_t i = 0; i < N(rows); i++) {
        print_message("%s\n", rows[i].folder);
        const char *hider = inbox_hider(unit, rows[i].folder);

        assert_string_equal(hider ? hider : "none", rows[i].hider ? rows[i].hider : "none");
        assert_int_equal(inbox_is_read_only(unit, rows[i].folder), rows[i].read_only);
        assert_null(inbox_hider(NULL, rows[i].folder));
        assert_false(inbox_is_read_only(NULL, rows[i].folder));
    }
    assert_true(inbox_bound(unit, "/srv/bound/anna", source, sizeof(source)));
    assert_string_equal(source, "/home/pi/Sync");
    assert_false(inbox_bound(unit, "/srv/bound", source, sizeof(source)));
    json_decref(unit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_row_is_whole),
        cmocka_unit_test(test_a_cure_names_what_it_is_about),
        cmocka_unit_test(test_room_on_the_disk),
        cmocka_unit_test(test_rights_by_mode),
        cmocka_unit_test(test_the_way_to_a_path),
        cmocka_unit_test(test_versions),
        cmocka_unit_test(test_what_is_known_of_a_version),
        cmocka_unit_test(test_channels),
        cmocka_unit_test(test_the_sandbox),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
